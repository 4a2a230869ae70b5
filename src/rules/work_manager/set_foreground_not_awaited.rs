//! `setForegroundAsync` whose future nobody waits for.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/SetForegroundNotAwaited.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let class =
            site.api.filter(|api| api.member == "setForegroundAsync" && !site.used).map(|api| api.class);
        let Some(class) = class.filter(|class| cx.model.inherits(*class, "androidx.work.ListenableWorker"))
        else {
            continue;
        };
        let coroutine = cx.model.inherits(class, "androidx.work.CoroutineWorker");
        acc.report(site.point())
            .message("nobody waits for setForegroundAsync: its failure is lost, and the work may end before it takes effect")
            .label("result is dropped")
            .help(if coroutine {
                "call the suspending setForeground() instead"
            } else {
                "call get() on the future (doWork() runs on a worker thread), or extend CoroutineWorker and call setForeground()"
            })
            .symbol(cx.model.symbol(site.function))
            .key("setForegroundAsync");
    }
}
