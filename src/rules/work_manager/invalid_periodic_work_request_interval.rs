//! Periodic work more often than WorkManager runs it.

use crate::flow::work::PERIODIC_MS;
use crate::rules::prelude::*;
use crate::rules::shared::millis_in_unit;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/InvalidPeriodicWorkRequestInterval.md"),
    check,
};

/// Shorter flex intervals are raised. Source: androidx.work.PeriodicWorkRequest.
const FLEX_MS: i64 = 5 * 60 * 1000;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let Some(first) = interval_position(site) else { continue };
        let with_units = site.args.len() > 3;
        let flex = if with_units {
            millis_in_unit(site, first + 2, first + 3)
        } else {
            millis_in_unit(site, first + 1, -1)
        };
        if let Some(flex) = flex.filter(|flex| *flex < FLEX_MS) {
            acc.report(site.point())
                .message(format!("flex of {} seconds: WorkManager raises it to 5 minutes", flex / 1000))
                .label("flex under 5 minutes")
                .help("use 5 minutes or more (PeriodicWorkRequest.MIN_PERIODIC_FLEX_MILLIS), or leave the flex out")
                .symbol(cx.model.symbol(site.function))
                .key("PeriodicWorkRequest flex");
            continue;
        }
        let Some(interval) =
            millis_in_unit(site, first, first + 1).filter(|interval| *interval < PERIODIC_MS)
        else {
            continue;
        };
        acc.report(site.point())
            .message(format!(
                "periodic work every {} seconds: WorkManager raises the interval to 15 minutes",
                interval / 1000
            ))
            .label("interval under 15 minutes")
            .help(
                "use 15 minutes or more (PeriodicWorkRequest.MIN_PERIODIC_INTERVAL_MILLIS); for anything more frequent while the \
                 app is visible use a coroutine",
            )
            .symbol(cx.model.symbol(site.function))
            .key("PeriodicWorkRequest");
    }
}

/// Where the repeat interval stands: after the worker's class in Java's builder, first in the ktx function.
fn interval_position(site: &CallSite) -> Option<i32> {
    let api = site.api?;
    if api.class == "androidx.work.PeriodicWorkRequest.Builder" && api.member == "<init>" {
        return Some(1);
    }
    let ktx = site.name == "PeriodicWorkRequestBuilder"
        && (api.class.starts_with("androidx.work.") || api.class == "androidx.work");
    ktx.then_some(0)
}
