//! Exact alarms that are set without asking whether they are allowed.

use crate::base::{Name, Span};
use crate::catalog::Proof;
use crate::facts::{ExprId, ExprKind};
use crate::flow::guards::catches;
use crate::flow::uses::{Use, captured, mentions};
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, is_exact, manifests_of, takes_listener, target_sdk};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/ScheduleExactAlarm.md"), check };

const REVOCABLE: &str = "android.permission.SCHEDULE_EXACT_ALARM";
const FIXED: &str = "android.permission.USE_EXACT_ALARM";
/// Callers that are looked into for the check.
const DEPTH: u32 = 4;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        if !is_exact(site) || target_sdk(cx, site) < 31 || takes_listener(cx, site) {
            continue;
        }
        let manifests = manifests_of(cx, site.file);
        let asked = manifests.iter().any(|it| it.permission(REVOCABLE).is_some());
        let fixed = manifests.iter().any(|it| it.permission(FIXED).is_some());
        // Without either permission the call fails anyway: a rule of its own.
        if !asked || fixed || is_checked(cx, site.function, site.span, 0) {
            continue;
        }
        acc.report(site.point())
            .message(format!(
                "{} throws SecurityException where the user has not allowed exact alarms, which is the default on Android 14",
                site.name
            ))
            .label("not checked with canScheduleExactAlarms()")
            .help(
                "ask AlarmManager.canScheduleExactAlarms() first and fall back to setWindow() or setAndAllowWhileIdle(), or \
                 catch SecurityException; background work belongs to WorkManager",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
    }
}

/// Does a check or a `catch` on every way guard the place? Callers count, if all of them check.
fn is_checked(cx: &Context<'_>, function: FnId, at: Span, depth: u32) -> bool {
    if is_guarded(cx, function, at) || is_run_guarded(cx, function) {
        return true;
    }
    if depth >= DEPTH {
        return false;
    }
    let mut callers = cx.flow.graph.to(function).filter(|edge| edge.certainty > Confidence::Low).peekable();
    callers.peek().is_some()
        && callers.all(|edge| is_checked(cx, edge.from, cx.model.site(edge.site).span, depth + 1))
}

fn is_guarded(cx: &Context<'_>, function: FnId, at: Span) -> bool {
    const TAKES: [&str; 4] = ["SecurityException", "RuntimeException", "Exception", "Throwable"];
    let guards = &cx.flow.guards;
    guards.proves(cx.model, function, at, Proof::ExactAlarms)
        || guards.below_level(cx.model, function, at, 31)
        || catches(cx.model, function, at, &TAKES)
}

/// `ifExact { … }`: is the code in a lambda that a helper runs behind its own check, and nowhere else?
fn is_run_guarded(cx: &Context<'_>, function: FnId) -> bool {
    let lambdas = std::iter::successors(Some(function), |id| cx.model.parent_function(*id));
    lambdas.filter(|id| cx.model.is_lambda(*id)).any(|lambda| {
        let Some((taker, at)) = cx.model.taker(lambda) else { return false };
        let taker = cx.model.site(taker);
        let Some(helper) = taker.declared.filter(|it| cx.model.function(*it).body.is_some()) else {
            return false;
        };
        let params = &cx.model.function(helper).params;
        let arg = &taker.args[at];
        let param = match arg.name {
            Some(name) => Some(name),
            None if arg.trailing => params.last().map(|it| it.name),
            None => params.get(at).map(|it| it.name),
        };
        param.is_some_and(|param| runs_guarded(cx, helper, param))
    })
}

fn runs_guarded(cx: &Context<'_>, helper: FnId, param: Name) -> bool {
    let facts = cx.model.facts(cx.model.symbols.fn_file(helper));
    let is_param = |id: &ExprId| facts[*id].kind == ExprKind::Name(param);
    let mut runs =
        facts.exprs.iter().filter(|expr| cx.model.function(helper).span.contains(expr.span)).filter_map(
            |expr| match &expr.kind {
                ExprKind::Call(call) => {
                    let own = call.receiver.is_none() && call.name == param;
                    (own || call.receiver.is_some_and(|it| is_param(&it))).then_some(expr.span)
                }
                _ => None,
            },
        );
    let handed_on = mentions(cx.model, helper, param).iter().any(|it| !matches!(it, Use::Receiver(_)));
    let Some(first) = runs.next().filter(|_| !handed_on && !captured(cx.model, helper, param)) else {
        return false;
    };
    std::iter::once(first).chain(runs).all(|span| is_guarded(cx, helper, span))
}
