//! Network work that is started when the app is about to be put away.

use rustc_hash::FxHashSet;

use crate::flow::background::Forward;
use crate::flow::graph::Run;
use crate::flow::path::call_name;
use crate::flow::work::answers_by_callback;
use crate::rules::prelude::*;
use crate::rules::shared::stated_immediate;
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/ImpersistentDeferrableWork.md"),
    check,
};

/// Calls followed back from where work starts, and forward to what it does.
const DEPTH: u32 = 6;
/// The last callbacks before an app's process is cached or ended.
const LEAVING: [(&str, &[&str]); 6] = [
    ("android.app.Activity", &["onStop", "onDestroy", "onUserLeaveHint"]),
    ("androidx.fragment.app.Fragment", &["onStop", "onDestroy", "onDestroyView", "onDetach"]),
    ("androidx.lifecycle.ViewModel", &["onCleared"]),
    ("android.app.Application", &["onTrimMemory", "onTerminate"]),
    // Of the process, or of a screen.
    ("androidx.lifecycle.DefaultLifecycleObserver", &["onStop"]),
    ("android.app.Service", &["onTaskRemoved"]),
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for work in cx.flow.work.iter() {
        let site = cx.model.site(work.site);
        if stated_immediate(cx, site, &work.body) {
            continue;
        }
        let Some(leaving) = leaving(cx, site.function) else { continue };
        let forward = Forward::new(&cx.flow.graph, &work.body, DEPTH);
        let Some((cause, does)) = network(cx, &forward) else { continue };
        if !seen.insert(site.point()) {
            continue;
        }
        let mut steps = vec![entry(cx, leaving)];
        for (call, to) in forward.calls(cx.model.site(cause).function) {
            let call = cx.model.site(call);
            steps.push(Step {
                role: StepRole::Call,
                place: call.point(),
                message: format!("leads to {}", cx.model.display(to)),
                symbol: cx.model.symbol(call.function),
            });
        }
        steps.push(Step {
            role: StepRole::Cause,
            place: cx.model.site(cause).point(),
            message: does,
            symbol: cx.model.symbol(cx.model.site(cause).function),
        });
        report(cx, acc, site, leaving, &work.body, steps);
    }
    for (_, site) in cx.model.all_sites().filter(|(_, site)| answers_by_callback(cx.model, site)) {
        if let Some(leaving) = leaving(cx, site.function)
            && seen.insert(site.point())
        {
            report(cx, acc, site, leaving, &[], vec![entry(cx, leaving)]);
        }
    }
}

fn entry(cx: &Context<'_>, leaving: FnId) -> Step {
    Step {
        role: StepRole::Entry,
        place: cx.model.fn_place(leaving),
        message: "runs when the app is put away".to_owned(),
        symbol: cx.model.symbol(leaving),
    }
}

fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    leaving: FnId,
    bodies: &[FnId],
    steps: Vec<Step>,
) {
    acc.report(site.point())
        .message(format!(
            "{} starts network work in {}, when the process may be frozen or ended any moment",
            call_name(cx.model, site),
            cx.model.display(leaving)
        ))
        .label("may never finish")
        .help(
            "enqueue a OneTimeWorkRequest with a network constraint as unique work: it survives the process and is retried",
        )
        .symbol(cx.model.symbol(site.function))
        .key(call_name(cx.model, site))
        .sketch(worker(cx, &Job { bodies, site, when: When::Now }))
        .steps(steps);
}

/// The callback of leaving that runs the function in place.
fn leaving(cx: &Context<'_>, function: FnId) -> Option<FnId> {
    let mut seen = FxHashSet::default();
    let mut open = vec![(function, 0)];
    while let Some((at, depth)) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let name = cx.model.function(at).name;
        let is_leaving = cx.flow.entries_of(at).filter_map(|entry| entry.class).any(|class| {
            LEAVING
                .iter()
                .any(|(base, names)| names.contains(&name.as_str()) && cx.model.inherits(class, base))
        });
        if is_leaving {
            return Some(at);
        }
        if depth < DEPTH {
            let edges =
                cx.flow.graph.to(at).filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low);
            open.extend(edges.map(|edge| (edge.from, depth + 1)));
        }
    }
    None
}

/// A call on the way that does network I/O, blocking or suspending.
fn network(cx: &Context<'_>, forward: &Forward) -> Option<(SiteId, String)> {
    const HTTP: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HTTP"];
    let reached: FxHashSet<FnId> = forward.functions().iter().copied().collect();
    let blocking = cx.flow.blocking.iter().find(|call| {
        call.kind == "network"
            && call.certainty > Confidence::Low
            && reached.contains(&cx.model.site(call.site).function)
    });
    if let Some(call) = blocking {
        return Some((call.site, format!("{} {}", call.api, call.does)));
    }
    forward.functions().iter().flat_map(|it| &cx.model.sites_of[it.index()]).find_map(|id| {
        let declared = cx.model.site(*id).declared?;
        let annotated =
            cx.model.function(declared).annotations.iter().any(|it| HTTP.contains(&it.name.last()));
        annotated.then(|| (*id, format!("{} does network I/O", cx.model.display(declared))))
    })
}
