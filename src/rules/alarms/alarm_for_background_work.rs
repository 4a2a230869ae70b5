//! Alarms whose target syncs, uploads, refreshes or cleans up instead of telling the user something at that moment.

use crate::flow::background::Forward;
use crate::flow::path::call_name;
use crate::flow::work::{PERIODIC_MS, minutes};
use crate::model::{IntentValue, PendingKind};
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, millis};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/AlarmForBackgroundWork.md"), check };

/// Calls followed from the alarm's target.
const DEPTH: u32 = 10;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        if site.name == "setAlarmClock" {
            continue;
        }
        let repeats = matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating");
        let intent = site.args.iter().find_map(|arg| arg.intent()).filter(|intent| intent.pending.is_some());
        let starts = intent.map(|intent| targets(cx, &intent)).unwrap_or_default();
        let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
        let visible = shows_something(cx, &forward);
        let work = heavy(cx, &forward);
        let interval = if repeats { millis(site, 2) } else { None };
        match work {
            // What the user sees at that moment is what alarms are for, if no network is involved.
            Some((_, _, ref does, _)) if visible && !does.contains("network") => {}
            Some((function, work_site, does, name)) => {
                let mut steps = Vec::new();
                if let Some(start) = starts.first() {
                    steps.push(Step {
                        role: StepRole::Entry,
                        place: cx.model.fn_place(*start),
                        message: "the alarm fires this".to_owned(),
                        symbol: cx.model.symbol(*start),
                    });
                }
                for (call, to) in forward.calls(function) {
                    let call = cx.model.site(call);
                    steps.push(Step {
                        role: StepRole::Call,
                        place: call.point(),
                        message: format!("leads to {}", cx.model.display(to)),
                        symbol: cx.model.symbol(call.function),
                    });
                }
                steps.push(Step {
                    role: StepRole::Cause,
                    place: cx.model.site(work_site).point(),
                    message: format!("{name} {does}"),
                    symbol: cx.model.symbol(function),
                });
                acc.report(site.point())
                    .message(format!("alarm for background work: its target {does} ({name})"))
                    .label("alarms are for moments the user asked for")
                    .help(replacement(interval))
                    .symbol(cx.model.symbol(site.function))
                    .key(site.name.as_str())
                    .confidence(if visible { Confidence::Medium } else { Confidence::High })
                    .steps(steps);
            }
            None if repeats && !visible => {
                let every =
                    interval.map(|interval| format!(" every {}", minutes(interval))).unwrap_or_default();
                acc.report(site.point())
                    .message(format!(
                        "repeating alarm{every}: periodic background work belongs to WorkManager"
                    ))
                    .label("repeats without showing the user anything")
                    .help(replacement(interval))
                    .symbol(cx.model.symbol(site.function))
                    .key(site.name.as_str())
                    .confidence(if starts.is_empty() { Confidence::Medium } else { Confidence::High });
            }
            None => {}
        }
    }
}

fn replacement(interval: Option<i64>) -> String {
    match interval {
        Some(interval) if interval >= PERIODIC_MS => format!(
            "enqueue a PeriodicWorkRequest every {} with enqueueUniquePeriodicWork() and the constraints the work needs",
            minutes(interval)
        ),
        _ => "use WorkManager: a PeriodicWorkRequest (15 minutes or more), or a OneTimeWorkRequest with setInitialDelay() \
              and constraints, enqueued as unique work"
            .to_owned(),
    }
}

/// What the PendingIntent's component runs.
fn targets(cx: &Context<'_>, intent: &IntentValue) -> Vec<FnId> {
    let Some(class) = intent.component.and_then(|component| cx.model.symbols.type_named(component)) else {
        return Vec::new();
    };
    let names: &[&str] = match intent.pending {
        Some(PendingKind::Broadcast) => &["onReceive"],
        Some(PendingKind::Service | PendingKind::ForegroundService) => {
            &["onStartCommand", "onHandleIntent", "onHandleWork", "onStart", "onCreate"]
        }
        _ => return Vec::new(),
    };
    names.iter().flat_map(|name| cx.model.methods_named(class, crate::base::Name::new(name))).collect()
}

/// Does the target notify, ring, vibrate, open a screen or update a widget?
fn shows_something(cx: &Context<'_>, forward: &Forward) -> bool {
    forward.functions().iter().flat_map(|function| &cx.model.sites_of[function.index()]).any(|id| {
        let site = cx.model.site(*id);
        let Some(api) = site.api else { return false };
        let class = api.class;
        match api.member.as_str() {
            "notify" => class.last().starts_with("NotificationManager"),
            "startActivity" | "setContentView" => true,
            "start" | "play" => matches!(class.last(), "MediaPlayer" | "Ringtone"),
            "vibrate" => class.last() == "Vibrator",
            "updateAppWidget" | "notifyAppWidgetViewDataChanged" => class.last() == "AppWidgetManager",
            "setDefaultNightMode" | "setNightMode" => true,
            _ => false,
        }
    })
}

/// The first call on the way that does real work: network, database writes, worker enqueueing.
fn heavy(cx: &Context<'_>, forward: &Forward) -> Option<(FnId, SiteId, String, String)> {
    for function in forward.functions() {
        let sites = &cx.model.sites_of[function.index()];
        let enqueues = sites.iter().find(|id| {
            cx.model.site(**id).api.is_some_and(|api| {
                cx.model.inherits(api.class, "androidx.work.WorkManager") && api.member.starts_with("enqueue")
            })
        });
        if let Some(id) = enqueues {
            let name = call_name(cx.model, cx.model.site(*id));
            return Some((*function, *id, "only enqueues work".to_owned(), name));
        }
    }
    let reached: rustc_hash::FxHashSet<FnId> = forward.functions().iter().copied().collect();
    let found = cx.flow.blocking.iter().filter(|call| {
        call.kind == "network"
            && reached.contains(&cx.model.site(call.site).function)
            && call.certainty > Confidence::Low
    });
    let first = found.min_by_key(|call| {
        let function = cx.model.site(call.site).function;
        (forward.calls(function).len(), call.site)
    })?;
    Some((cx.model.site(first.site).function, first.site, first.does.to_string(), first.api.clone()))
}
