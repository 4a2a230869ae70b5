//! `Thread.sleep` in a coroutine.

use crate::facts::Modifiers;
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
        if !sleeps || !in_coroutine(cx, site.function) {
            continue;
        }
        acc.report(site.point())
            .message("Thread.sleep in a coroutine holds the thread that other coroutines wait for")
            .label("blocks instead of suspending")
            .help("use delay(): it suspends the coroutine and frees the thread")
            .symbol(cx.model.symbol(site.function))
            .key("Thread.sleep");
    }
}

/// A suspend function, or a lambda handed straight to a coroutine builder.
fn in_coroutine(cx: &Context<'_>, function: FnId) -> bool {
    let decl = cx.model.function(function);
    if decl.modifiers.contains(Modifiers::SUSPEND) {
        return true;
    }
    if !cx.model.is_lambda(function) {
        return false;
    }
    cx.flow.graph.to(function).any(|edge| {
        let site = cx.model.site(edge.site);
        if let Some(declared) = site.declared {
            return takes_coroutine(cx, site, declared, function);
        }
        let Some(api) = site.api else { return false };
        let flow = cx.model.nearest(api.class, |class| cx.model.catalog.flow(class, api.member));
        if flow.is_some() && api.class.starts_with("kotlinx.coroutines.") {
            return true;
        }
        let builder = cx.model.nearest(api.class, |class| {
            cx.model.catalog.dispatches(class, api.member).iter().find(|dispatch| dispatch.suspend)
        });
        match builder {
            // In place inside a coroutine: `repeat(3) { }`, `use { }`.
            None => {
                let inline = cx
                    .model
                    .nearest(api.class, |class| cx.model.catalog.inline(class, api.member).first().copied());
                inline.is_some_and(|inline| inline.deferred.is_none()) && in_coroutine(cx, edge.from)
            }
            Some(_) => true,
        }
    })
}

/// Is the parameter that takes this lambda a suspend function type?
fn takes_coroutine(cx: &Context<'_>, site: &CallSite, declared: FnId, lambda: FnId) -> bool {
    let decl = cx.model.function(declared);
    let at = site.args.iter().position(|arg| match &arg.callable {
        crate::model::Callable::Functions(functions) => functions.contains(&lambda),
        _ => false,
    });
    let Some(arg) = at.map(|at| &site.args[at]) else { return false };
    let named = arg.name.and_then(|name| decl.params.iter().find(|param| param.name == name));
    let param =
        named.or_else(|| if arg.trailing { decl.params.last() } else { decl.params.get(at.unwrap_or(0)) });
    let ty = param
        .and_then(|param| param.ty.as_ref())
        .map(|ty| cx.model.resolve_type(cx.model.scope_of(declared), ty));
    ty.is_some_and(|ty| ty.shape.is_some_and(|shape| shape.suspend))
}
