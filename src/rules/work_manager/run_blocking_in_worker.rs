//! `runBlocking` in a worker: the thread is held and cancellation is lost.

use crate::base::Span;
use crate::findings::{Edit, Fix};
use crate::model::TypeId;
use crate::rules::fixes::{import, without_blocking};
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
        let draft = acc
            .report(site.point())
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
        let fix = if cx.model.in_coroutine(site.function) {
            without_blocking(cx.model, site)
        } else {
            as_coroutine(cx, owner, site)
        };
        if let Some(fix) = fix {
            draft.fix(fix);
        }
    }
}

/// A `Worker` whose `doWork` blocks itself, as a `CoroutineWorker`.
fn as_coroutine(cx: &Context<'_>, owner: TypeId, site: &CallSite) -> Option<Fix> {
    let decl = cx.model.function(site.function);
    if decl.name != "doWork" || cx.model.owner_of(site.function) != Some(owner) {
        return None;
    }
    let mut fix = without_blocking(cx.model, site)?;
    let text = &cx.model.project.file(site.file).text;
    let base = cx.model.type_decl(owner).supertypes.iter().find(|it| it.ty.name.last() == "Worker")?;
    let start = decl.name_span.start.checked_sub("fun ".len().try_into().ok()?)?;
    let keyword = Span { start, end: decl.name_span.start };
    if text.slice(keyword) != "fun " || text.slice(base.ty.span) != "Worker" {
        return None;
    }
    let edit = |span, text: &str| Edit { place: Place { file: site.file, span }, text: text.to_owned() };
    fix.edits.push(edit(base.ty.span, "CoroutineWorker"));
    fix.edits.push(edit(Span { start, end: start }, "suspend "));
    fix.edits.extend(import(cx.model, site.file, "androidx.work.CoroutineWorker"));
    fix.title = "make it a CoroutineWorker".to_owned();
    Some(fix)
}
