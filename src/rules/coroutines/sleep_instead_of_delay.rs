//! `Thread.sleep` in a coroutine.

use crate::facts::ExprKind;
use crate::findings::{Edit, Fix};
use crate::rules::fixes::{fix_unsafely, import};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/SleepInsteadOfDelay.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let sleeps = site.api.is_some_and(|api| {
            api.member == "sleep"
                && matches!(
                    api.class.as_str(),
                    "java.lang.Thread" | "android.os.SystemClock" | "java.util.concurrent.TimeUnit"
                )
        });
        if !(sleeps || refers_to_sleep(cx, site)) || !cx.model.in_coroutine(site.function) {
            continue;
        }
        let draft = acc
            .report(site.point())
            .message("Thread.sleep in a coroutine holds the thread that other coroutines wait for")
            .label("blocks instead of suspending")
            .help("use delay(): it suspends the coroutine and frees the thread")
            .symbol(cx.model.symbol(site.function))
            .key("Thread.sleep");
        if let Some(fix) = delaying(cx, site) {
            draft.fix(fix);
        }
    }
}

/// `Thread.sleep(millis)` → `delay(millis)`.
fn delaying(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    let of_millis = site.api.is_some_and(|api| api.class != "java.util.concurrent.TimeUnit");
    let [millis] = site.args.as_slice() else { return None };
    if !of_millis || site.name != "sleep" {
        return None;
    }
    let given =
        cx.model.project.slice(Place { file: site.file, span: cx.model.facts(site.file)[millis.value].span });
    let mut edits = vec![Edit { place: site.place(), text: format!("delay({given})") }];
    edits.extend(import(cx.model, site.file, "kotlinx.coroutines.delay"));
    Some(fix_unsafely("suspend with delay", edits))
}

/// `times.forEach(Thread::sleep)`.
fn refers_to_sleep(cx: &Context<'_>, site: &CallSite) -> bool {
    // References to library functions have no type.
    let mut unknown = site.args.iter().filter(|arg| arg.ty.is_none() && arg.facts.is_none()).peekable();
    if unknown.peek().is_none() {
        return false;
    }
    let facts = cx.model.facts(site.file);
    unknown.any(|arg| match facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind) {
        // One that is run in place is a call of its own.
        Some(ExprKind::FunctionRef { .. }) if cx.model.site_at(site.file, arg.value).is_some() => false,
        Some(ExprKind::FunctionRef { receiver: Some(receiver), name }) if *name == "sleep" => {
            let ExprKind::Name(class) = facts[*receiver].kind else { return false };
            let class = cx.model.resolve_class(site.file, None, class);
            class.is_some_and(|class| matches!(class.as_str(), "java.lang.Thread" | "android.os.SystemClock"))
        }
        _ => false,
    })
}
