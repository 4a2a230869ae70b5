//! Suspending calls in `finally` that a cancelled coroutine never gets past.

use crate::facts::ExprKind;
use crate::flow::cancellable::may_be_cancelled;
use crate::flow::path::call_name;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/SuspendFunInFinallySection.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        if !cx.model.in_coroutine(function) || cx.model.shielded(function) {
            continue;
        }
        for tried in cx.model.tries_in(function) {
            let Some(finally) = tried.finally else { continue };
            let file = cx.model.symbols.fn_file(function);
            let mut seen = Vec::new();
            collect(cx, file, finally, &mut seen);
            let may = may_be_cancelled(cx.model, &cx.flow.graph, function);
            for id in seen {
                let site = cx.model.site(id);
                acc.report(site.point())
                    .message(format!(
                        "{} suspends in finally: once the coroutine is cancelled it throws at once, and the rest of the \
                         clean-up never runs",
                        call_name(cx.model, site)
                    ))
                    .label("not reached past here after cancellation")
                    .help("run the clean-up in withContext(NonCancellable) { … }")
                    .symbol(cx.model.symbol(site.function))
                    .key(call_name(cx.model, site))
                    .confidence(if may { Confidence::High } else { Confidence::Low });
            }
        }
    }
}

/// Suspending calls that cancellation reaches, in lambdas of suspending calls as well.
fn collect(
    cx: &Context<'_>,
    file: crate::findings::FileId,
    expr: crate::facts::ExprId,
    found: &mut Vec<SiteId>,
) {
    for suspension in cx.model.suspensions(file, expr, |_| true) {
        let site = cx.model.site(suspension.site);
        let shielding = cx.model.shields_from_cancellation(site)
            || site.declared.is_some_and(|declared| cx.model.is_shielding(declared));
        if shielding || cx.model.shielded(site.function) || found.contains(&suspension.site) {
            continue;
        }
        found.push(suspension.site);
        let facts = cx.model.facts(file);
        for arg in &site.args {
            if let Some(ExprKind::Lambda(lambda)) = facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind)
                && let Some(body) = facts[*lambda].body
            {
                collect(cx, file, body, found);
            }
        }
    }
}
