//! `JobInfo`s that `build()` or `schedule()` refuses, or that are changed silently.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::flow::work::{PERIODIC_MS, minutes};
use crate::model::{ObjectCall, ObjectValue};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "work-manager", doc: include_str!("../../../rules/work-manager/InvalidJobInfo.md"), check };

/// Pairs that `build()` refuses together, with what to say. Source: android.app.job.JobInfo.Builder.
const REFUSED: [(&str, &str, &str); 14] = [
    ("setPeriodic", "setOverrideDeadline", "a periodic job cannot have a deadline"),
    ("setPeriodic", "setMinimumLatency", "a periodic job cannot have a minimum latency"),
    ("setPeriodic", "addTriggerContentUri", "a periodic job cannot wait for a content URI"),
    ("setPersisted", "addTriggerContentUri", "a persisted job cannot wait for a content URI"),
    ("setRequiresDeviceIdle", "setBackoffCriteria", "a job for an idle device has no back-off"),
    ("setExpedited", "setPeriodic", "an expedited job cannot be periodic"),
    ("setExpedited", "setMinimumLatency", "an expedited job cannot have a delay"),
    ("setExpedited", "setOverrideDeadline", "an expedited job cannot have a deadline"),
    ("setExpedited", "setRequiresCharging", "an expedited job cannot wait for charging"),
    ("setExpedited", "setRequiresDeviceIdle", "an expedited job cannot wait for an idle device"),
    ("setExpedited", "setRequiresBatteryNotLow", "an expedited job cannot wait for the battery"),
    ("setUserInitiated", "setPeriodic", "a user-initiated job cannot be periodic"),
    ("setUserInitiated", "setMinimumLatency", "a user-initiated job cannot have a delay"),
    ("setUserInitiated", "setOverrideDeadline", "a user-initiated job cannot have a deadline"),
];
/// Shorter flex windows are raised. Source: as above.
const FLEX_MS: i64 = 5 * 60 * 1000;
/// From here on jobs without any constraint are accepted. Source: as above.
const UNCONSTRAINED: u32 = 28;
/// What counts as a constraint. Source: as above.
const CONSTRAINTS: [&str; 12] = [
    "setRequiredNetworkType",
    "setRequiredNetwork",
    "setRequiresCharging",
    "setRequiresDeviceIdle",
    "setRequiresBatteryNotLow",
    "setRequiresStorageNotLow",
    "setMinimumLatency",
    "setOverrideDeadline",
    "setPeriodic",
    "addTriggerContentUri",
    "setExpedited",
    "setUserInitiated",
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (_, site) in cx.model.all_sites() {
        let builds = site
            .api
            .is_some_and(|api| api.member == "build" && api.class == "android.app.job.JobInfo.Builder");
        let Some(object) = site.receiver_object().filter(|_| builds) else { continue };
        refused(cx, acc, site, object, &mut seen);
        raised(cx, acc, site, object, &mut seen);
        permission(cx, acc, site, object, &mut seen);
        if object.is_whole()
            && cx.model.project.module_of(site.file).min_sdk.level < UNCONSTRAINED
            && !object.all_calls().any(|call| CONSTRAINTS.contains(&call.member.as_str()))
            && seen.insert(site.point())
        {
            acc.report(site.point())
                .message("build() throws IllegalArgumentException below Android 9: the job has no constraint")
                .label("no constraint")
                .help("give the job a network type, a latency, a deadline or another constraint")
                .symbol(cx.model.symbol(site.function))
                .key("JobInfo without constraint");
        }
    }
}

/// The call, unless it switches something off.
fn on<'o>(object: &'o ObjectValue, member: &str) -> Option<&'o ObjectCall> {
    let call = object.call(member)?;
    let off = call.args.first().and_then(|arg| arg.constant()) == Some(Const::Bool(false))
        || call
            .args
            .first()
            .is_some_and(|arg| arg.symbol().is_some_and(|it| it.last() == "NETWORK_TYPE_NONE"));
    (!off).then_some(call)
}

fn refused(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    object: &ObjectValue,
    seen: &mut FxHashSet<Place>,
) {
    for (first, second, why) in REFUSED {
        let (Some(a), Some(b)) = (on(object, first), on(object, second)) else { continue };
        // Each under a condition of its own: they may exclude each other.
        if a.conditional && b.conditional {
            continue;
        }
        let (earlier, later) = if a.expr < b.expr { (a, b) } else { (b, a) };
        let place = point(cx, later);
        if !seen.insert(place) {
            continue;
        }
        let sure = !a.conditional && !b.conditional && constant(a) && constant(b);
        acc.report(place)
            .message(format!("build() throws IllegalArgumentException: {why}"))
            .label(why)
            .help(format!("drop {first}() or {second}()"))
            .symbol(cx.model.symbol(site.function))
            .key(format!("{first} {second}"))
            .confidence(if sure { Confidence::High } else { Confidence::Medium })
            .steps([Step {
                role: StepRole::Cause,
                place: point(cx, earlier),
                message: format!("{} comes with it", earlier.member),
                symbol: cx.model.symbol(site.function),
            }]);
    }
}

/// A flag is constant or a count anyway.
fn constant(call: &ObjectCall) -> bool {
    let flag = call.member.starts_with("setRequires")
        || matches!(call.member.as_str(), "setPersisted" | "setExpedited" | "setUserInitiated");
    !flag || call.args.first().is_some_and(|arg| arg.constant().is_some())
}

fn point(cx: &Context<'_>, call: &ObjectCall) -> Place {
    cx.model.site_at(call.file, call.expr).map_or(call.place(), |id| cx.model.site(id).point())
}

fn raised(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    object: &ObjectValue,
    seen: &mut FxHashSet<Place>,
) {
    let Some(call) = object.call("setPeriodic") else { return };
    let millis = |at: usize| match call.args.get(at).and_then(|arg| arg.constant()) {
        Some(Const::Int(value) | Const::Duration(value)) => Some(value),
        _ => None,
    };
    let short = [(millis(0), PERIODIC_MS, "period"), (millis(1), FLEX_MS, "flex")];
    for (value, least, what) in short {
        let Some(value) = value.filter(|value| *value < least) else { continue };
        if !seen.insert(point(cx, call)) {
            return;
        }
        acc.report(point(cx, call))
            .message(format!("{what} of {}: JobScheduler raises it to {}", minutes(value), minutes(least)))
            .label(format!("{what} under {}", minutes(least)))
            .help(format!(
                "use {} or more; for anything more frequent while the app is visible use a coroutine",
                minutes(least)
            ))
            .symbol(cx.model.symbol(site.function))
            .key(format!("setPeriodic {what}"));
    }
}

/// A persisted job needs the permission to start with the device.
fn permission(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    object: &ObjectValue,
    seen: &mut FxHashSet<Place>,
) {
    const BOOT: &str = "android.permission.RECEIVE_BOOT_COMPLETED";
    let persisted = object
        .call("setPersisted")
        .filter(|call| call.args.first().and_then(|arg| arg.constant()) == Some(Const::Bool(true)));
    let Some(call) = persisted else { return };
    let module = cx.model.project.module_of(site.file);
    let apps = module.applications.iter().map(|app| cx.model.project.module(*app)).chain([module]);
    let manifests: Vec<_> = apps.map(|module| &module.manifest).collect();
    let known = manifests.iter().any(|it| it.present) && !manifests.iter().any(|it| it.incomplete);
    let granted = manifests.iter().any(|it| it.permission(BOOT).is_some());
    // WorkManager's own manifest brings the permission.
    if !known || granted || super::workers::uses_work_manager(cx) || !seen.insert(point(cx, call)) {
        return;
    }
    acc.report(point(cx, call))
        .message("schedule() throws IllegalArgumentException: a persisted job needs RECEIVE_BOOT_COMPLETED")
        .label("needs RECEIVE_BOOT_COMPLETED")
        .help(format!("add <uses-permission android:name=\"{BOOT}\"/> to the manifest"))
        .symbol(cx.model.symbol(site.function))
        .key(Name::new("setPersisted").as_str());
}
