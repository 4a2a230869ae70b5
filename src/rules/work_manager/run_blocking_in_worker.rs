//! `runBlocking` in a worker: the thread is held and cancellation is lost.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/RunBlockingInWorker.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let blocks = site
            .api
            .is_some_and(|api| api.member == "runBlocking" && api.class.starts_with("kotlinx.coroutines"));
        let Some(owner) = cx.model.owner_of(site.function).filter(|_| blocks) else { continue };
        let class = cx.model.symbols.info(owner).qualified;
        if !cx.model.inherits(class, "androidx.work.ListenableWorker") {
            continue;
        }
        let root = cx.model.root_function(site.function);
        let coroutine = cx.model.inherits(class, "androidx.work.CoroutineWorker");
        // Factories and other statics of the class are no part of its run.
        if matches!(cx.model.function(root).name.as_str(), "onStopped" | "<clinit>") {
            continue;
        }
        let name = cx.model.display_type(owner);
        acc.report(site.point())
            .message(if coroutine {
                format!("runBlocking in {name} holds a thread of the dispatcher and does not stop when the work is stopped")
            } else {
                format!("runBlocking in {name}: the coroutine goes on when the work is stopped")
            })
            .label("not stopped with the worker")
            .help(if coroutine {
                "call the suspend function directly: doWork() is suspending already"
            } else {
                "extend CoroutineWorker and call the suspend function from its doWork()"
            })
            .symbol(cx.model.symbol(site.function))
            .key("runBlocking");
    }
}
