//! What an alarm's target does: alarm → PendingIntent → receiver or service → code.

use crate::base::Name;
use crate::findings::Sketch;
use crate::flow::background::Forward;
use crate::flow::path::call_name;
use crate::flow::work::{PERIODIC_MS, minutes};
use crate::model::{IntentValue, PendingKind};
use crate::rules::prelude::*;
use crate::rules::sketch::{Job, When, worker};

/// Calls followed from the alarm's target.
const DEPTH: u32 = 10;

/// An alarm's target, as far as it is known.
pub(super) struct AlarmWork {
    /// Functions that run when the alarm fires.
    pub(super) starts: Vec<FnId>,
    forward: Forward,
    /// The user sees, hears or feels something of it.
    pub(super) visible: bool,
    pub(super) work: Option<Work>,
}

/// The first real work on the way.
pub(super) struct Work {
    function: FnId,
    site: SiteId,
    /// `does network I/O`.
    pub(super) does: String,
    pub(super) api: String,
}

pub(super) fn alarm_work(cx: &Context<'_>, site: &CallSite) -> AlarmWork {
    let intent = site.args.iter().find_map(|arg| arg.intent()).filter(|intent| intent.pending.is_some());
    let starts = intent.map(|intent| targets(cx, &intent)).unwrap_or_default();
    let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
    let visible = shows_something(cx, &forward);
    let work = heavy(cx, &forward);
    AlarmWork { starts, forward, visible, work }
}

/// From the target to its work.
pub(super) fn steps(cx: &Context<'_>, alarm: &AlarmWork) -> Vec<Step> {
    let mut steps = Vec::new();
    let Some(work) = &alarm.work else { return steps };
    let calls = alarm.forward.calls(work.function);
    let first = calls.first().map_or(work.function, |(call, _)| cx.model.site(*call).function);
    let start = alarm.starts.iter().copied().find(|start| *start == first).or(alarm.starts.first().copied());
    if let Some(start) = start {
        steps.push(Step {
            role: StepRole::Entry,
            place: cx.model.fn_place(start),
            message: "the alarm fires this".to_owned(),
            symbol: cx.model.symbol(start),
        });
    }
    for (call, to) in calls {
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
        place: cx.model.site(work.site).point(),
        message: format!("{} {}", work.api, work.does),
        symbol: cx.model.symbol(work.function),
    });
    steps
}

/// The target's code as work, with the interval found.
pub(super) fn in_work_manager(
    cx: &Context<'_>,
    site: &CallSite,
    alarm: &AlarmWork,
    interval: Option<i64>,
) -> Option<Sketch> {
    let when = match interval {
        Some(interval) => When::Every(interval),
        None => match site.arg(1, None).and_then(|arg| arg.constant()) {
            Some(Const::AfterNow(millis)) => When::After(millis),
            _ => When::Now,
        },
    };
    worker(cx, &Job { bodies: &alarm.starts, site, when })
}

/// What to use instead of an alarm, with the interval found.
pub(super) fn replacement(interval: Option<i64>) -> String {
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

/// What the PendingIntent's component runs; services that it starts in turn are followed once.
fn targets(cx: &Context<'_>, intent: &IntentValue) -> Vec<FnId> {
    let kind = match intent.pending {
        Some(PendingKind::Broadcast) => Component::Receiver,
        Some(PendingKind::Service | PendingKind::ForegroundService) => Component::Service,
        _ => return Vec::new(),
    };
    let Some(class) = intent.component else { return Vec::new() };
    let mut starts = component_functions(cx, class, kind);
    let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
    for function in forward.functions() {
        for id in &cx.model.sites_of[function.index()] {
            let site = cx.model.site(*id);
            let starts_service = matches!(
                site.name.as_str(),
                "startService" | "startForegroundService" | "startWakefulService" | "enqueueWork"
            );
            let intent = site.args.iter().find_map(|arg| arg.intent()).and_then(|it| it.component);
            let literal = || site.args.iter().find_map(|arg| arg.class_literal());
            if let Some(class) = intent.or_else(literal).filter(|_| starts_service) {
                for function in component_functions(cx, class, Component::Service) {
                    if !starts.contains(&function) {
                        starts.push(function);
                    }
                }
            }
        }
    }
    starts
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Component {
    Receiver,
    Service,
}

fn component_functions(cx: &Context<'_>, class: Name, kind: Component) -> Vec<FnId> {
    let Some(class) = cx.model.symbols.type_named(class) else { return Vec::new() };
    let names: &[&str] = match kind {
        Component::Receiver => &["onReceive", "onUpdate"],
        Component::Service => &["onStartCommand", "onHandleIntent", "onHandleWork", "onStart", "onCreate"],
    };
    names.iter().flat_map(|name| cx.model.methods_named(class, Name::new(name))).collect()
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

/// The first call on the way that does real work: network, or else handing over to a scheduler.
fn heavy(cx: &Context<'_>, forward: &Forward) -> Option<Work> {
    let reached: rustc_hash::FxHashSet<FnId> = forward.functions().iter().copied().collect();
    let network = cx.flow.blocking.iter().filter(|call| {
        call.kind == "network"
            && reached.contains(&cx.model.site(call.site).function)
            && call.certainty > Confidence::Low
    });
    let nearest = network.min_by_key(|call| {
        let function = cx.model.site(call.site).function;
        (forward.calls(function).len(), call.site)
    });
    if let Some(call) = nearest {
        return Some(Work {
            function: cx.model.site(call.site).function,
            site: call.site,
            does: call.does.to_string(),
            api: call.api.clone(),
        });
    }
    forward.functions().iter().find_map(|function| {
        let sites = &cx.model.sites_of[function.index()];
        let id = *sites.iter().find(|id| is_scheduler(cx, cx.model.site(**id)))?;
        let api = call_name(cx.model, cx.model.site(id));
        Some(Work { function: *function, site: id, does: "only enqueues work".to_owned(), api })
    })
}

/// Hands work to WorkManager or JobScheduler.
fn is_scheduler(cx: &Context<'_>, site: &CallSite) -> bool {
    site.api.is_some_and(|api| {
        let is = |class: &str| cx.model.inherits(api.class, class);
        is("androidx.work.WorkManager") && api.member.starts_with("enqueue")
            || is("android.app.job.JobScheduler") && api.member == "schedule"
    })
}
