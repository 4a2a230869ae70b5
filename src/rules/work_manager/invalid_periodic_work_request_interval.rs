//! Periodic work more often than WorkManager runs it.

use crate::base::Span;
use crate::findings::Fix;
use crate::flow::arguments::Call;
use crate::flow::work::PERIODIC_MS;
use crate::model::ArgValue;
use crate::rules::fixes::{arg_place, replace};
use crate::rules::prelude::*;

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
        if judge(cx, acc, &Call::itself(cx.model, site), first) {
            continue;
        }
        let args: Vec<Option<&ArgValue>> = site.args.iter().map(Some).collect();
        for call in Call::by_callers(cx.model, site, &args) {
            judge(cx, acc, &call, first);
        }
    }
}

/// Reports a request, if it is too frequent.
fn judge(cx: &Context<'_>, acc: &mut Findings<'_>, call: &Call<'_>, first: i32) -> bool {
    let site = call.site;
    let named = |at: i32, name: &str| site.arg(first + at, Some(name));
    let flex = if site.args.len() > 3 {
        call.counted(named(2, "flexTimeInterval"), named(3, "flexTimeIntervalUnit"))
    } else {
        call.millis_in_unit(first + 1, -1)
    };
    let shown = call.shown();
    if let Some(flex) = flex.filter(|flex| *flex < FLEX_MS) {
        acc.report(shown.point())
            .message(format!("flex of {} seconds: WorkManager raises it to 5 minutes", flex / 1000))
            .label("flex under 5 minutes")
            .help(
                "use 5 minutes or more (PeriodicWorkRequest.MIN_PERIODIC_FLEX_MILLIS), or leave the flex out",
            )
            .symbol(cx.model.symbol(shown.function))
            .key("PeriodicWorkRequest flex")
            .steps(request_step(cx, call));
        return true;
    }
    let interval = call.counted(named(0, "repeatInterval"), named(1, "repeatIntervalTimeUnit"));
    let Some(interval) = interval.filter(|interval| *interval < PERIODIC_MS) else { return false };
    let draft = acc
        .report(shown.point())
        .message(format!(
            "periodic work every {} seconds: WorkManager raises the interval to 15 minutes",
            interval / 1000
        ))
        .label("interval under 15 minutes")
        .help(
            "use 15 minutes or more (PeriodicWorkRequest.MIN_PERIODIC_INTERVAL_MILLIS); for anything more frequent while the \
             app is visible use a coroutine",
        )
        .symbol(cx.model.symbol(shown.function))
        .key("PeriodicWorkRequest")
        .steps(request_step(cx, call));
    if call.caller.is_none()
        && let Some(fix) = shortest(cx, site, first)
    {
        draft.fix(fix);
    }
    true
}

/// Where a helper makes the request of which its caller says how often.
fn request_step(cx: &Context<'_>, call: &Call<'_>) -> Option<Step> {
    call.caller.map(|_| Step {
        role: StepRole::Cause,
        place: call.site.point(),
        message: "makes the request".to_owned(),
        symbol: cx.model.symbol(call.site.function),
    })
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
