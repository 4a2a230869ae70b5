//! Periodic work more often than WorkManager runs it.

use crate::base::Span;
use crate::findings::Fix;
use crate::flow::work::PERIODIC_MS;
use crate::rules::fixes::{arg_place, replace};
use crate::rules::prelude::*;
use crate::rules::shared::{counted_millis, millis_in_unit};

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
        let named = |at: i32, name: &str| site.arg(first + at, Some(name));
        let flex = if with_units {
            counted_millis(named(2, "flexTimeInterval"), named(3, "flexTimeIntervalUnit"))
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
        let interval = counted_millis(named(0, "repeatInterval"), named(1, "repeatIntervalTimeUnit"));
        let Some(interval) = interval.filter(|interval| *interval < PERIODIC_MS) else {
            continue;
        };
        let draft = acc
            .report(site.point())
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
        if let Some(fix) = shortest(cx, site, first) {
            draft.fix(fix);
        }
    }
}

/// `15, TimeUnit.MINUTES` for a count and its unit.
fn shortest(cx: &Context<'_>, site: &CallSite, first: i32) -> Option<Fix> {
    let at = usize::try_from(first).ok()?;
    let counted =
        site.args.get(at)?.name.is_none() && matches!(site.args.get(at)?.constant()?, Const::Int(_));
    let count = arg_place(cx.model, site, at)?;
    let unit = arg_place(cx.model, site, at + 1)?;
    let text = cx.model.project.file(site.file).text.slice(unit.span);
    let owner = text.rfind('.').map_or("", |dot| &text[..=dot]);
    let span = Span { start: count.span.start, end: unit.span.end };
    let place = Place { file: site.file, span };
    counted.then(|| replace("take the shortest interval", place, format!("15, {owner}MINUTES")))
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
