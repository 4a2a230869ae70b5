//! Jobs that say they go on and never say that they are done.

use super::workers::{concrete, methods};
use crate::flow::background::Forward;
use crate::flow::uses::returns_literal;
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/JobNeverFinished.md"),
    check,
};

/// Calls followed from `onStartJob`.
const DEPTH: u32 = 10;
const JOB: &str = "android.app.job.JobService";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let finishing: Vec<FnId> = cx
        .model
        .all_sites()
        .filter(|(_, site)| site.name == "jobFinished")
        .map(|(_, site)| site.function)
        .collect();
    let mut seen = rustc_hash::FxHashSet::default();
    for job in concrete(cx, JOB) {
        for start in methods(cx, job, "onStartJob") {
            if !returns_literal(cx.model, start, true)
                || finishes(cx, job, start, &finishing)
                || !seen.insert(start)
            {
                continue;
            }
            let name = cx.model.display_type(job);
            acc.report(cx.model.fn_place(start))
                .message(format!("{name}.onStartJob returns true, but nothing calls jobFinished: the job runs into its timeout"))
                .label("says the job goes on")
                .help(
                    "call jobFinished(params, false) when the work is done (on failures, too), or return false if it is done \
                     already; a worker of WorkManager needs neither",
                )
                .symbol(cx.model.symbol(start))
                .key(name);
        }
    }
}

/// Does the job's class, code inside of it, or code it leads to, finish it?
fn finishes(cx: &Context<'_>, job: TypeId, start: FnId, finishing: &[FnId]) -> bool {
    let class = cx.model.symbols.info(job).qualified;
    let lineage = cx.model.lineage(class);
    let inside = |function: FnId| {
        let mut owner = cx.model.owner_of(function);
        while let Some(id) = owner {
            if lineage.all.contains(&cx.model.symbols.info(id).qualified) {
                return true;
            }
            owner = cx.model.symbols.info(id).owner;
        }
        false
    };
    if finishing.iter().any(|function| inside(*function)) {
        return true;
    }
    // The service or its parameters may be handed to other classes.
    let forward = Forward::new(&cx.flow.graph, &[start], DEPTH);
    finishing.iter().any(|function| forward.functions().contains(function))
}
