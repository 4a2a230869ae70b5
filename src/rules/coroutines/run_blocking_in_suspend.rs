//! `runBlocking` inside a coroutine, directly or in a function that a coroutine calls.

use crate::flow::coroutines::coroutine_above;
use crate::rules::fixes::without_blocking;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/RunBlockingInSuspend.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (id, site) in cx.model.all_sites() {
        let blocks = site
            .api
            .is_some_and(|api| api.member == "runBlocking" && api.class.starts_with("kotlinx.coroutines"));
        // In workers it has more to it, which a rule of its own says.
        if !blocks || in_worker(cx, site) {
            continue;
        }
        let Some(above) = coroutine_above(cx.model, &cx.flow.graph, site.function) else { continue };
        let message = match above.calls.is_empty() {
            true => {
                "runBlocking in a coroutine blocks the thread that the coroutine could give back".to_owned()
            }
            false => format!(
                "runBlocking is called from a coroutine ({}) and blocks its thread",
                cx.model.display(above.from)
            ),
        };
        let help = match above.calls.is_empty() {
            true => {
                "call the suspend functions directly; withContext() changes the dispatcher, coroutineScope() waits for children"
            }
            false => {
                "make this function a suspend function and call it as such; keep runBlocking for code that no coroutine calls"
            }
        };
        let draft = acc
            .report(site.point())
            .message(message)
            .label("blocks instead of suspending")
            .help(help)
            .symbol(cx.model.symbol(site.function))
            .key("runBlocking")
            // What never waits takes no thread from anybody.
            .confidence(match cx.flow.blocking_at(id) {
                Some(_) => above.certainty,
                None => Confidence::Low,
            })
            .steps(above.steps(cx.model));
        if above.calls.is_empty()
            && let Some(fix) = without_blocking(cx.model, site)
        {
            draft.fix(fix);
        }
    }
}

fn in_worker(cx: &Context<'_>, site: &CallSite) -> bool {
    let owner = cx.model.owner_of(site.function).map(|owner| cx.model.symbols.info(owner).qualified);
    owner.is_some_and(|owner| cx.model.inherits(owner, "androidx.work.ListenableWorker"))
}
