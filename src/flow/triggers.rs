//! Entry points in the background, and what brings them to run: which broadcast, alarm, message, worker.

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::catalog::Background as Word;
use crate::facts::manifest::ComponentKind;
use crate::findings::Confidence;
use crate::model::{CallSite, Callable, Const, FnId, Model, PendingKind, Thread, TypeId};

use super::class_params::intents_given;
use super::entries::EntryPoint;
use super::graph::{Edge, Graph};
use super::guards::{Guards, Sent};

/// Broadcasts whose receivers may start foreground services from the background, that of the device's start apart.
/// Source: developer.android.com/develop/background-work/services/fgs/restrictions-bg-start
const EXEMPT_ACTIONS: [&str; 7] = [
    "android.intent.action.LOCKED_BOOT_COMPLETED",
    "android.intent.action.MY_PACKAGE_REPLACED",
    "android.intent.action.TIMEZONE_CHANGED",
    "android.intent.action.TIME_SET",
    "android.intent.action.LOCALE_CHANGED",
    "android.nfc.action.TRANSACTION_DETECTED",
    "android.app.action.SCHEDULE_EXACT_ALARM_PERMISSION_STATE_CHANGED",
];

/// Actions that come with an exemption of their own, or with one that only running shows.
const LIKELY_EXEMPT: [&str; 5] = [
    // Vendors' own kind of a device's start.
    "android.intent.action.QUICKBOOT_POWERON",
    "android.intent.action.MEDIA_BUTTON",
    "android.bluetooth.",
    "android.provider.Telephony.",
    "android.app.action.DEVICE_ADMIN",
];

/// Messages, whose receivers are put on the temporary allowlist for some seconds.
/// Source: developer.android.com/about/versions/oreo/background
const MESSAGES: [&str; 5] = [
    "android.provider.Telephony.SMS_RECEIVED",
    "android.provider.Telephony.SMS_DELIVER",
    "android.provider.Telephony.WAP_PUSH_RECEIVED",
    "android.provider.Telephony.WAP_PUSH_DELIVER",
    "android.intent.action.DATA_SMS_RECEIVED",
];

/// Implicit broadcasts that do not reach receivers in the manifest from targetSdk 26 on, by the beginning of their names.
/// Source: developer.android.com/develop/background-work/background-tasks/broadcasts/broadcast-exceptions
const NEVER_DELIVERED: [&str; 16] = [
    "android.net.conn.",
    "android.net.wifi.",
    "android.net.nsd.",
    "android.intent.action.ACTION_POWER_",
    "android.intent.action.BATTERY_",
    "android.intent.action.USER_PRESENT",
    "android.intent.action.SCREEN_",
    "android.intent.action.PACKAGE_ADDED",
    "android.intent.action.PACKAGE_CHANGED",
    "android.intent.action.PACKAGE_REMOVED",
    "android.intent.action.PACKAGE_REPLACED",
    "android.intent.action.HEADSET_PLUG",
    "android.intent.action.DEVICE_STORAGE_",
    "android.intent.action.DREAMING_",
    "android.hardware.action.NEW_",
    "android.os.action.",
];

const BOOT: &str = "android.intent.action.BOOT_COMPLETED";

/// Why a component runs in the background, as far as manifest and intents show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A broadcast of the system or another app that gives no right to start foreground services.
    Broadcast,
    /// An alarm that is not exact.
    InexactAlarm,
    /// A worker, job or sync adapter.
    Background,
    /// A push message, of whatever priority.
    Push,
    /// The process starts, for whatever reason.
    Creation,
    /// A screen goes away.
    Leaving,
    /// A delay after which the app may have been left.
    Delay,
    /// The device starts.
    Boot,
    /// An exact alarm.
    ExactAlarm,
    /// Another broadcast that comes with the right to start a foreground service, but not an ordinary one.
    ExemptBroadcast,
    /// A text or multimedia message, which allows any service for some seconds.
    Message,
}

impl Trigger {
    /// Gives no right to start foreground services.
    pub fn is_limited(self) -> bool {
        matches!(self, Trigger::Broadcast | Trigger::InexactAlarm | Trigger::Background | Trigger::Push)
    }

    /// Runs in the background at times.
    pub fn is_uncertain(self) -> bool {
        matches!(self, Trigger::Creation | Trigger::Leaving | Trigger::Delay)
    }

    /// Gives the right to start foreground services.
    pub fn is_exempt(self) -> bool {
        !self.is_limited() && !self.is_uncertain()
    }

    /// What triggers it, for messages.
    pub fn words(self) -> &'static str {
        match self {
            Trigger::Broadcast | Trigger::ExemptBroadcast | Trigger::Message => "a broadcast",
            Trigger::InexactAlarm => "an inexact alarm",
            Trigger::Background => "background work",
            Trigger::Push => "a push message, which may be of normal priority",
            Trigger::Creation => "the start of the process, for whatever reason",
            Trigger::Leaving => "a screen that goes away",
            Trigger::Delay => "after a delay, when the app may have been left",
            Trigger::Boot => "the start of the device",
            Trigger::ExactAlarm => "an exact alarm",
        }
    }

    /// How sure it is that the app is in the background then, without a right to start foreground services.
    pub fn certainty(self) -> Confidence {
        match self {
            Trigger::Push | Trigger::Creation | Trigger::Leaving | Trigger::Delay => Confidence::Medium,
            _ => Confidence::High,
        }
    }
}

/// An entry point that runs in the background.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) entry: EntryPoint,
    pub(super) trigger: Trigger,
    /// Actions of the broadcasts that are meant; empty: whatever comes.
    pub(super) actions: Vec<Name>,
    /// The Intent that comes, where the app makes it itself.
    pub(super) given: Option<Sent>,
}

impl Source {
    /// What the Intent says that comes.
    pub(super) fn sent(&self) -> Sent {
        match &self.given {
            Some(sent) => sent.clone(),
            None => Sent::with_actions(&self.actions),
        }
    }
}

/// All entry points in the background. One may be there for several reasons.
pub(super) fn sources(model: &Model, graph: &Graph, guards: &Guards, entries: &[EntryPoint]) -> Vec<Source> {
    let alarms = alarm_targets(model, graph, guards);
    let registered = registered_by_process(model);
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.site.is_none()) {
        for (trigger, actions) in triggers(model, entry, &registered) {
            found.push(Source { entry: entry.clone(), trigger, actions, given: None });
        }
        for (trigger, sent) in fired(model, entry, &alarms) {
            found.push(Source { entry: entry.clone(), trigger, actions: Vec::new(), given: Some(sent) });
        }
    }
    found.extend(graph.edges.iter().filter(|edge| waits_long(model.site(edge.site))).map(delayed));
    found
}

/// Code that a handler runs after a long delay.
fn delayed(edge: &Edge) -> Source {
    let entry = EntryPoint {
        function: edge.to,
        thread: Thread::Main,
        background: Word::Maybe,
        certainty: edge.certainty,
        class: None,
        site: Some(edge.site),
    };
    Source { entry, trigger: Trigger::Delay, actions: Vec::new(), given: None }
}

/// Longer than an app may start foreground services after it was left, by far.
const LONG_DELAY_MS: i64 = 10_000;

/// `handler.postDelayed(code, 60_000)`.
fn waits_long(site: &CallSite) -> bool {
    let delay = || site.arg(1, Some("delayMillis")).or_else(|| site.arg(1, Some("delayInMillis")));
    site.name == "postDelayed"
        && delay().and_then(|arg| arg.constant()).is_some_and(|delay| match delay {
            Const::Int(millis) | Const::Duration(millis) => millis >= LONG_DELAY_MS,
            _ => false,
        })
}

type Triggers = Vec<(Trigger, Vec<Name>)>;

/// Alarms that fire a receiver of the manifest, with what their Intents say.
fn fired(model: &Model, entry: &EntryPoint, alarms: &Alarms) -> Vec<(Trigger, Sent)> {
    let (Some(class), Some(owner)) = (entry.class, model.owner_of(entry.function)) else {
        return Vec::new();
    };
    let updates = model.inherits(class, "android.appwidget.AppWidgetProvider")
        && model.function(entry.function).name != "onReceive";
    let receiver = model.symbols.info(owner).qualified;
    let Some(all) = alarms.get(&receiver).filter(|_| !updates) else { return Vec::new() };
    let mut declared = model.project.modules.iter().flat_map(|it| it.manifest.components_of(receiver));
    if !declared.any(|it| it.kind == ComponentKind::Receiver) || asks_for_events(model, entry.function) {
        return Vec::new();
    }
    let trigger = |exact: bool| if exact { Trigger::ExactAlarm } else { Trigger::InexactAlarm };
    all.iter().map(|(sent, exact)| (trigger(*exact), sent.clone())).collect()
}

fn triggers(model: &Model, entry: &EntryPoint, registered: &FxHashMap<TypeId, Vec<Name>>) -> Triggers {
    let one = |trigger: Trigger| vec![(trigger, Vec::new())];
    let (Some(class), Some(owner)) = (entry.class, model.owner_of(entry.function)) else {
        return Vec::new();
    };
    let qualified = model.symbols.info(owner).qualified;
    let method = model.function(entry.function).name;
    let is = |base: &str| model.inherits(class, base);
    // Updates come by broadcast; only clicks on a widget are the user's.
    if is("android.appwidget.AppWidgetProvider") && method != "onReceive" {
        let mut modules = model.project.modules.iter();
        let declared = modules.any(|module| module.manifest.components_of(qualified).next().is_some());
        return if declared { one(Trigger::Broadcast) } else { Vec::new() };
    }
    if is("android.content.BroadcastReceiver") {
        let mut found = receiver_triggers(model, qualified, entry.function);
        if let Some(actions) = registered.get(&owner) {
            found.push((Trigger::Broadcast, actions.clone()));
        }
        return found;
    }
    if is("android.app.Application") && matches!(method.as_str(), "onCreate" | "attachBaseContext")
        || is("android.content.ContentProvider") && method == "onCreate"
        || is("androidx.startup.Initializer") && method == "create"
    {
        return one(Trigger::Creation);
    }
    let screen = ["android.app.Activity", "androidx.fragment.app.Fragment", "android.app.Fragment"];
    if matches!(method.as_str(), "onStop" | "onDestroy") && screen.iter().any(|base| is(base)) {
        return one(Trigger::Leaving);
    }
    if entry.background != Word::Yes {
        return Vec::new();
    }
    if is("com.google.firebase.messaging.FirebaseMessagingService") {
        return one(if method == "onMessageReceived" { Trigger::Push } else { Trigger::Background });
    }
    if is("android.companion.CompanionDeviceService") {
        const GRANTS: [&str; 2] = [
            "android.permission.REQUEST_COMPANION_START_FOREGROUND_SERVICES_FROM_BACKGROUND",
            "android.permission.REQUEST_COMPANION_RUN_IN_BACKGROUND",
        ];
        let manifest = &model.module_of_fn(entry.function).manifest;
        let granted = GRANTS.iter().any(|permission| manifest.permission(permission).is_some());
        return if granted { Vec::new() } else { one(Trigger::Background) };
    }
    if is("android.service.quicksettings.TileService") {
        let unasked = matches!(method.as_str(), "onStartListening" | "onTileAdded");
        return if unasked { one(Trigger::Background) } else { Vec::new() };
    }
    const BACKGROUND: [&str; 4] = [
        "androidx.work.ListenableWorker",
        "android.app.job.JobService",
        "android.content.AbstractThreadedSyncAdapter",
        "androidx.core.app.JobIntentService",
    ];
    if BACKGROUND.iter().any(|base| is(base)) { one(Trigger::Background) } else { Vec::new() }
}

fn receiver_triggers(model: &Model, class: Name, function: FnId) -> Triggers {
    let mut found = Triggers::new();
    let mut plain: Vec<Name> = Vec::new();
    let mut exempt: Vec<Name> = Vec::new();
    let mut messages: Vec<Name> = Vec::new();
    for module in &model.project.modules {
        let limited = module.target_sdk.level >= 26;
        for component in module.manifest.components_of(class) {
            if component.kind != ComponentKind::Receiver {
                continue;
            }
            let actions = component.filters.iter().flat_map(|filter| &filter.actions);
            for action in actions.map(|action| action.text) {
                let known = EXEMPT_ACTIONS.contains(&action.as_str())
                    || LIKELY_EXEMPT.iter().any(|prefix| action.starts_with(prefix));
                if action == BOOT {
                    if !found.iter().any(|(trigger, _)| *trigger == Trigger::Boot) {
                        found.push((Trigger::Boot, vec![action]));
                    }
                } else if MESSAGES.contains(&action.as_str()) {
                    messages.push(action);
                } else if known {
                    exempt.push(action);
                } else if action.starts_with("android.")
                    && !action.starts_with("android.appwidget.")
                    && !(limited && NEVER_DELIVERED.iter().any(|prefix| action.starts_with(prefix)))
                {
                    plain.push(action);
                }
            }
        }
    }
    // Events of geofences and of changed activities give the right, whatever else is declared.
    if asks_for_events(model, function) {
        return vec![(Trigger::ExemptBroadcast, Vec::new())];
    }
    if !plain.is_empty() {
        found.push((Trigger::Broadcast, plain));
    }
    if !exempt.is_empty() {
        found.push((Trigger::ExemptBroadcast, exempt));
    }
    if !messages.is_empty() {
        found.push((Trigger::Message, messages));
    }
    found
}

/// `GeofencingEvent.fromIntent`, `ActivityTransitionResult.extractResult` in the receiver.
fn asks_for_events(model: &Model, function: FnId) -> bool {
    model.sites_of[function.index()].iter().any(|id| {
        model.site(*id).api.is_some_and(|api| {
            matches!(api.class.last(), "GeofencingEvent" | "ActivityTransitionResult")
                && matches!(api.member.as_str(), "fromIntent" | "extractResult" | "hasResult")
        })
    })
}

/// Receivers that Application, content providers and initializers register at run time, with their actions: they
/// listen as long as the process lives.
fn registered_by_process(model: &Model) -> FxHashMap<TypeId, Vec<Name>> {
    const LASTING: [&str; 3] =
        ["android.app.Application", "android.content.ContentProvider", "androidx.startup.Initializer"];
    let mut found: FxHashMap<TypeId, Vec<Name>> = FxHashMap::default();
    for (_, site) in model.sites_of_members(&["registerReceiver"]) {
        let Some(owner) = model.owner_of(site.function) else { continue };
        let around = model.symbols.info(owner).qualified;
        if !LASTING.iter().any(|base| model.inherits(around, base)) {
            continue;
        }
        let Some(receiver) = receiver_given(model, site) else { continue };
        let filter = site.args.iter().filter_map(|arg| arg.object());
        let Some(filter) = filter.into_iter().find(|it| it.class == "android.content.IntentFilter") else {
            continue;
        };
        let actions = filter.all_calls().filter_map(|call| call.args.first());
        let actions = actions.filter_map(|arg| match arg.constant() {
            Some(Const::Str(text)) => Some(text),
            _ => arg.symbol(),
        });
        let plain: Vec<Name> = actions
            .filter(|action| action.starts_with("android."))
            .filter(|action| !EXEMPT_ACTIONS.iter().any(|it| super::given::same_action(it, action)))
            .filter(|action| !LIKELY_EXEMPT.iter().any(|it| action.starts_with(it)))
            .collect();
        if !plain.is_empty() {
            found.entry(receiver).or_default().extend(plain);
        }
    }
    found
}

fn receiver_given(model: &Model, site: &CallSite) -> Option<TypeId> {
    site.args.iter().find_map(|arg| {
        let class = match arg.callable {
            Callable::Object(class) => Some(class),
            _ => arg.ty.as_ref().and_then(|ty| ty.upper()).and_then(|ty| model.symbols.type_named(ty.class)),
        }?;
        let receiver =
            model.inherits(model.symbols.info(class).qualified, "android.content.BroadcastReceiver");
        receiver.then_some(class)
    })
}

/// Receiver classes that alarms of the project fire, with what each alarm's Intent says, and whether one for such an
/// Intent is exact.
type Alarms = FxHashMap<Name, Vec<(Sent, bool)>>;

fn alarm_targets(model: &Model, graph: &Graph, guards: &Guards) -> Alarms {
    let mut targets = Alarms::default();
    for (_, site) in model.all_sites() {
        let Some(api) = site.api else { continue };
        if !api.member.starts_with("set") || !is_alarm_class(model, api.class) {
            continue;
        }
        // What only old devices do says nothing of those that limit starts.
        if guards.below_level(model, site.function, site.span, 31) {
            continue;
        }
        let exact = is_exact(api.member);
        let objects = site.args.iter().filter_map(|arg| arg.object());
        let intents = objects.flat_map(|it| intents_given(model, graph, site.function, it));
        for (intent, sent) in intents.filter(|(it, _)| it.pending == Some(PendingKind::Broadcast)) {
            let Some(component) = model.component_of(site.file, &intent) else { continue };
            let all = targets.entry(component).or_default();
            match all.iter_mut().find(|(known, _)| *known == sent) {
                Some((_, known)) => *known |= exact,
                None => all.push((sent, exact)),
            }
        }
    }
    targets
}

/// Is the alarm of this member of AlarmManager exact?
pub fn is_exact(member: Name) -> bool {
    member.contains("Exact") && !member.contains("Inexact") || member == "setAlarmClock"
}

/// AlarmManager or its compat class.
pub fn is_alarm_class(model: &Model, class: Name) -> bool {
    class == "androidx.core.app.AlarmManagerCompat" || model.inherits(class, "android.app.AlarmManager")
}
