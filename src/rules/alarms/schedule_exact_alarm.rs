//! Exact alarms that are set without asking whether they are allowed.

use crate::catalog::Proof;
use crate::flow::guards::catches;
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
fn is_checked(cx: &Context<'_>, function: FnId, at: crate::base::Span, depth: u32) -> bool {
    const TAKES: [&str; 4] = ["SecurityException", "RuntimeException", "Exception", "Throwable"];
    let guards = &cx.flow.guards;
    if guards.proves(cx.model, function, at, Proof::ExactAlarms)
        || guards.below_level(cx.model, function, at, 31)
        || catches(cx.model, function, at, &TAKES)
    {
        return true;
    }
    if depth >= DEPTH {
        return false;
    }
    let mut callers = cx.flow.graph.to(function).filter(|edge| edge.certainty > Confidence::Low).peekable();
    callers.peek().is_some()
        && callers.all(|edge| is_checked(cx, edge.from, cx.model.site(edge.site).span, depth + 1))
}
