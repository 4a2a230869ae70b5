//! What an alarm's target does: alarm → PendingIntent → receiver or service → code.

use crate::base::Name;
use crate::findings::Sketch;
use crate::flow::background::Forward;
use crate::flow::class_params::intents_given;
use crate::flow::guards::{Bounds, Sent};
use crate::flow::outside::{is_seen, network_later};
use crate::flow::path::call_name;
use crate::flow::requests::Request;
use crate::flow::work::{PERIODIC_MS, minutes};
use crate::model::{Callable, IntentValue, PendingKind, Type, TypeId};
use crate::rules::prelude::*;
use crate::rules::sketch::{Job, When, worker};

/// Calls followed from the alarm's target.
const DEPTH: u32 = 10;

/// An alarm's target, as far as it is known.
pub(super) struct AlarmWork {
    /// Functions that run when the alarm fires.
    pub(super) starts: Vec<FnId>,
    forward: Forward,
    /// The user sees, hears or feels something of it, or of the workers that it enqueues.
    pub(super) visible: bool,
    /// It reaches the network, or the workers do.
    pub(super) network: bool,
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
    let pending = site.args.iter().filter_map(|arg| arg.object());
    let pending = pending.into_iter().find(|it| it.class == "android.app.PendingIntent");
    let intents = pending.map(|it| intents_given(cx.model, &cx.flow.graph, site.function, it));
    let mut starts: Vec<Vec<Start>> =
        intents.into_iter().flatten().map(|(intent, sent)| targets(cx, site, &intent, &sent)).collect();
    if pending.is_none() {
        starts.push(listeners(cx, site));
    }
    starts.retain(|starts| !starts.is_empty());
    starts.sort();
    starts.dedup();
    let mut all: Vec<AlarmWork> = starts.into_iter().map(|starts| work_from(cx, starts)).collect();
    // One that callers hand over and that works out of sight is enough.
    all.sort_by_key(|it| (it.work.is_none() || it.visible, it.work.is_none() || !it.network, !it.visible));
    all.into_iter().next().unwrap_or_else(|| work_from(cx, Vec::new()))
}

/// What an `OnAlarmListener` runs that is given instead of a PendingIntent.
fn listeners(cx: &Context<'_>, site: &CallSite) -> Vec<Start> {
    const LISTENER: &str = "android.app.AlarmManager.OnAlarmListener";
    let model = cx.model;
    let of_class = |class: TypeId| model.methods_named(class, Name::new("onAlarm")).to_vec();
    let of_code = |code: &Callable| match code {
        Callable::Functions(functions) => functions.to_vec(),
        Callable::Object(class) => of_class(*class),
        _ => Vec::new(),
    };
    let held = |code: &Callable| match code {
        Callable::Property(property) => {
            let values = model.property_values.get(property).into_iter().flatten();
            values.flat_map(|value| value.parts().iter().flat_map(of_code)).collect()
        }
        code => of_code(code),
    };
    let mut functions: Vec<FnId> = Vec::new();
    for arg in &site.args {
        let class = arg.ty.as_ref().and_then(Type::upper).map(|ty| ty.class);
        let named = class.filter(|class| model.inherits(*class, LISTENER));
        let by_code: Vec<FnId> = arg.callable.parts().iter().flat_map(held).collect();
        let lambda = arg.ty.as_ref().is_some_and(Type::is_function);
        if named.is_some() || lambda {
            functions.extend(by_code);
        }
        if functions.is_empty()
            && let Some(class) = named.and_then(|class| model.symbols.type_named(class))
        {
            functions.extend(of_class(class));
        }
    }
    functions.sort_unstable();
    functions.dedup();
    functions.into_iter().map(|function| (function, Bounds::new())).collect()
}

/// A function that runs, and what is known of the Intent that it gets.
type Start = (FnId, Bounds);

fn work_from(cx: &Context<'_>, starts: Vec<Start>) -> AlarmWork {
    let forward = forward(cx, &starts);
    let workers = Forward::new(&cx.flow.graph, &workers(cx, &forward), DEPTH);
    let visible = shows_something(cx, &forward) || shows_something(cx, &workers);
    let network = [&forward, &workers].into_iter().any(|way| reaches_network(cx, way).is_some());
    let work = heavy(cx, &forward);
    let starts = starts.into_iter().map(|(start, _)| start).collect();
    AlarmWork { starts, forward, visible, network, work }
}

fn forward(cx: &Context<'_>, starts: &[Start]) -> Forward {
    Forward::knowing(cx.model, &cx.flow.graph, &cx.flow.guards, starts.iter().cloned(), DEPTH)
}

/// From the target to its work.
pub(super) fn steps(cx: &Context<'_>, alarm: &AlarmWork) -> Vec<Step> {
    let mut steps = Vec::new();
    let Some(work) = &alarm.work else { return steps };
    let calls = alarm.forward.calls_to(cx.model, &cx.flow.guards, work.site);
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

/// What the PendingIntent's component runs; services that it starts in turn, and receivers of the app that it sends to, are
/// followed once.
fn targets(cx: &Context<'_>, site: &CallSite, intent: &IntentValue, sent: &Sent) -> Vec<Start> {
    let kind = match intent.pending {
        Some(PendingKind::Broadcast) => Component::Receiver,
        Some(PendingKind::Service | PendingKind::ForegroundService) => Component::Service,
        _ => return Vec::new(),
    };
    let Some(class) = cx.model.component_of(site.file, intent) else { return Vec::new() };
    let mut starts = component_functions(cx, class, kind, sent);
    let forward = forward(cx, &starts);
    for function in forward.functions() {
        for id in made(cx, &forward, *function) {
            let site = cx.model.site(id);
            let kind = match site.name.as_str() {
                "startService" | "startForegroundService" | "startWakefulService" | "enqueueWork" => {
                    Component::Service
                }
                "sendBroadcast" | "sendOrderedBroadcast" => Component::Receiver,
                _ => continue,
            };
            let object =
                site.args.iter().filter_map(|arg| arg.object()).find(|it| IntentValue::of(it).is_some());
            let intent = object.and_then(IntentValue::of);
            let sent = object.map(|object| Sent::of(cx.model, object)).unwrap_or_default();
            let named = intent.and_then(|it| cx.model.component_of(site.file, &it));
            let literal = || site.args.iter().find_map(|arg| arg.class_literal());
            if let Some(class) = named.or_else(literal) {
                for start in component_functions(cx, class, kind, &sent) {
                    if !starts.contains(&start) {
                        starts.push(start);
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

fn component_functions(cx: &Context<'_>, class: Name, kind: Component, sent: &Sent) -> Vec<Start> {
    let Some(class) = cx.model.symbols.type_named(class) else { return Vec::new() };
    let names: &[&str] = match kind {
        Component::Receiver => &["onReceive", "onUpdate"],
        Component::Service => &["onStartCommand", "onHandleIntent", "onHandleWork", "onStart", "onCreate"],
    };
    let functions = names.iter().flat_map(|name| cx.model.methods_named(class, Name::new(name)));
    functions.map(|function| (function, cx.flow.guards.arriving(cx.model, function, sent))).collect()
}

/// The calls of a function reached that are made on some way.
fn made<'c>(
    cx: &'c Context<'_>,
    forward: &'c Forward,
    function: FnId,
) -> impl Iterator<Item = SiteId> + use<'c> {
    let sites = cx.model.sites_of[function.index()].iter().copied();
    sites.filter(|id| forward.makes(cx.model, &cx.flow.guards, *id))
}

/// What the workers run that are enqueued on the way.
fn workers(cx: &Context<'_>, forward: &Forward) -> Vec<FnId> {
    let mut starts = Vec::new();
    for site in calls(cx, forward).filter(|site| is_work_manager(cx, site)) {
        let requests = site.args.iter().filter_map(|arg| Request::of(cx.model, arg.object()?));
        for class in requests.filter_map(|request| request.worker()) {
            let Some(class) = cx.model.symbols.type_named(class) else { continue };
            let names = ["doWork", "startWork", "createWork"];
            starts.extend(names.iter().flat_map(|name| cx.model.methods_named(class, Name::new(name))));
        }
    }
    starts
}

fn calls<'c>(cx: &'c Context<'_>, forward: &'c Forward) -> impl Iterator<Item = &'c CallSite> {
    let sites = forward.functions().iter().flat_map(|function| made(cx, forward, *function));
    sites.map(|id| cx.model.site(id))
}

/// Does the target notify, ring, vibrate, open a screen or update a widget?
fn shows_something(cx: &Context<'_>, forward: &Forward) -> bool {
    calls(cx, forward).any(|site| is_seen(cx.model, site))
}

/// The nearest call on the way that reaches the network, at once or later.
fn reaches_network(cx: &Context<'_>, forward: &Forward) -> Option<Work> {
    let sites = forward.functions().iter().flat_map(|function| made(cx, forward, *function));
    let work = |id: SiteId, does: Name, api: String| {
        let function = cx.model.site(id).function;
        Some(Work { function, site: id, does: does.to_string(), api })
    };
    let found = sites.filter_map(|id| {
        let blocks = cx.flow.blocking_at(id);
        if let Some(call) = blocks.filter(|it| it.kind == "network" && it.certainty > Confidence::Low) {
            return work(id, call.does, call.api.clone());
        }
        let api = network_later(cx.model, cx.model.site(id))?;
        work(id, cx.model.catalog.kind(Name::new("network"))?.does, api)
    });
    found.min_by_key(|it| (forward.calls(it.function).len(), it.site))
}

/// The first call on the way that does real work: network, or else handing over to a scheduler.
fn heavy(cx: &Context<'_>, forward: &Forward) -> Option<Work> {
    let network = reaches_network(cx, forward);
    if network.is_some() {
        return network;
    }
    forward.functions().iter().find_map(|function| {
        let id = made(cx, forward, *function).find(|id| is_scheduler(cx, cx.model.site(*id)))?;
        let api = call_name(cx.model, cx.model.site(id));
        Some(Work { function: *function, site: id, does: "only enqueues work".to_owned(), api })
    })
}

/// Hands work to WorkManager or JobScheduler.
fn is_scheduler(cx: &Context<'_>, site: &CallSite) -> bool {
    is_work_manager(cx, site)
        || site.api.is_some_and(|api| {
            api.member == "schedule" && cx.model.inherits(api.class, "android.app.job.JobScheduler")
        })
}

fn is_work_manager(cx: &Context<'_>, site: &CallSite) -> bool {
    site.api.is_some_and(|api| {
        api.member.starts_with("enqueue") && cx.model.inherits(api.class, "androidx.work.WorkManager")
    })
}
