//! Alarms more frequent or sooner than the platform allows.

use crate::facts::{ExprId, ExprKind};
use crate::model::Declared;
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, millis};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/ShortAlarm.md"), check };

/// Shorter repeat intervals are raised to this. Source: android.app.AlarmManager, Android Lint's ShortAlarm.
const SHORTEST_INTERVAL_MS: i64 = 60_000;
/// Triggers nearer than this are moved. Same source.
const SHORTEST_AHEAD_MS: i64 = 5_000;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        let ahead = match trigger(cx, site) {
            Some(Const::AfterNow(ahead) | Const::Int(ahead)) => Some(ahead),
            _ => None,
        };
        if let Some(ahead) = ahead.filter(|ahead| (1..SHORTEST_AHEAD_MS).contains(ahead)) {
            acc.report(site.point())
                .message(format!("alarm {ahead} ms ahead: the system moves it to 5 seconds"))
                .label("less than 5 seconds ahead")
                .help("use delay() in a coroutine or Handler.postDelayed() for something that soon")
                .symbol(cx.model.symbol(site.function))
                .key(site.name.as_str());
            continue;
        }
        if !matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating") {
            continue;
        }
        let Some(interval) = millis(site, 2).filter(|interval| (0..SHORTEST_INTERVAL_MS).contains(interval))
        else {
            continue;
        };
        acc.report(site.point())
            .message(format!("repeating alarm every {interval} ms: the system raises the interval to 60 seconds"))
            .label("interval under 60 seconds")
            .help(
                "while the app is visible use a coroutine with delay() or Handler.postDelayed(); for work every 15 minutes \
                 or more use a PeriodicWorkRequest",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
    }
}

/// The time an alarm is set for.
fn trigger(cx: &Context<'_>, site: &CallSite) -> Option<Const> {
    // AlarmManagerCompat takes the manager first.
    let compat = site.api.is_some_and(|api| api.class == "androidx.core.app.AlarmManagerCompat");
    match (site.name.as_str(), compat) {
        ("setAlarmClock", false) => {
            let info = made_at(cx, site, site.arg(0, None)?.value)?;
            info.api.filter(|api| api.class == "android.app.AlarmManager.AlarmClockInfo")?;
            info.arg(0, None)?.constant()
        }
        ("setAlarmClock", true) => site.arg(1, None)?.constant(),
        (_, true) => site.arg(2, None)?.constant(),
        (_, false) => site.arg(1, None)?.constant(),
    }
}

/// The call that makes a value, here or where its local is declared.
fn made_at<'c>(cx: &Context<'c>, site: &CallSite, value: ExprId) -> Option<&'c CallSite> {
    let facts = cx.model.facts(site.file);
    let made = match &facts[value].kind {
        ExprKind::Name(name) => match cx.model.declared(site.function, facts[value].span, *name) {
            Declared::Local { local, .. } => local.init?,
            _ => return None,
        },
        _ => value,
    };
    cx.model.site_at(site.file, made).map(|id| cx.model.site(id))
}
