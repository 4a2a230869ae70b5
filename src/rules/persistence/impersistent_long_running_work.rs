//! Work of the process that loops without end around I/O or waits over ten minutes.

use rustc_hash::FxHashSet;

use crate::findings::Place;
use crate::flow::cancellable::is_ended;
use crate::flow::path::call_name;
use crate::flow::work::{PERIODIC_MS, given_pauses};
use crate::rules::prelude::*;
use crate::rules::shared::stated_immediate;
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/ImpersistentLongRunningWork.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for work in cx.flow.work.iter() {
        let site = cx.model.site(work.site);
        if stated_immediate(cx, site, &work.body) {
            continue;
        }
        // Whoever ends its scope or executor means it to end with something.
        let holder = site.receiver_facts.as_ref().and_then(|facts| facts.property);
        if holder.is_some_and(|holder| is_ended(cx.model, holder)) {
            continue;
        }
        let Some(found) = work.long_running(cx.model, cx.flow) else { continue };
        // Loops with a long pause are periodic work: a rule of its own. So are those whose callers all say so.
        let given = given_pauses(cx.model, work);
        let all_long = !given.is_empty() && given.iter().all(|it| it.millis(0) >= Some(PERIODIC_MS));
        let periodic = found.repeats && found.pause.is_some_and(|pause| pause >= PERIODIC_MS);
        if all_long || periodic || !seen.insert(site.point()) {
            continue;
        }
        let file = cx.model.symbols.fn_file(found.function);
        let mut steps: Vec<Step> = found
            .calls
            .iter()
            .map(|(call, to)| {
                let call = cx.model.site(*call);
                Step {
                    role: StepRole::Call,
                    place: call.point(),
                    message: format!("leads to {}", cx.model.display(*to)),
                    symbol: cx.model.symbol(call.function),
                }
            })
            .collect();
        steps.push(Step {
            role: StepRole::Cause,
            place: Place { file, span: found.span },
            message: found.why.clone(),
            symbol: cx.model.symbol(found.function),
        });
        acc.report(site.point())
            .message(format!("{} starts long-running work that ends with the process: it {}", call_name(cx.model, site), found.why))
            .label("lost when the process ends")
            .help(
                "make it a long-running worker of WorkManager (CoroutineWorker with setForeground()), or, if it serves only \
                 the visible screen, tie it to lifecycleScope or viewModelScope",
            )
            .symbol(cx.model.symbol(site.function))
            .key(call_name(cx.model, site))
            .confidence(Confidence::Medium)
            .sketch(worker(cx, &Job { bodies: &work.body, site, when: When::Long }))
            .steps(steps);
    }
}
