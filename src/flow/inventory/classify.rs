//! Which kind of work something is, and why.

use crate::base::Name;
use crate::catalog::{Persistence as PersistenceWord, UrgencyWord};
use crate::facts::Language;
use crate::facts::manifest::ComponentKind;
use crate::findings::{Confidence, Place};
use crate::model::{CallSite, Const, FnId, Model};

use super::super::Flow;
use super::super::background::{Forward, is_alarm_class};
use super::super::work::{LONG_RUNNING_MS, PERIODIC_MS, long_running, minutes, scope_lifetime};
use super::{Found, Item, Persistence, Urgency, is_impersistent};

/// Calls followed from the start of work to what it does.
const DEPTH: u32 = 8;

/// Types of foreground services that the platform's guide wants to be services.
/// Source: developer.android.com/develop/background-work/services/fgs/service-types
const KEPT_TYPES: [&str; 9] = [
    "mediaPlayback",
    "location",
    "phoneCall",
    "camera",
    "microphone",
    "mediaProjection",
    "connectedDevice",
    "health",
    "remoteMessaging",
];

pub(super) fn judge(
    model: &Model,
    flow: &Flow,
    found: &Found<'_>,
    place: Place,
    symbol: String,
    what: String,
    api: String,
) -> Item {
    let mut reasons = Vec::new();
    let persistence = persistence(model, found, &mut reasons);
    let stated = flow.stated.of(model, found.site, &found.body);
    let (urgency, certainty) = match stated {
        Some((urgency, name)) => {
            reasons.push(format!("worklint.toml says so of {name}"));
            (urgency, Confidence::High)
        }
        None => urgency(model, flow, found, &mut reasons),
    };
    let alarm = found.site.and_then(|site| site.api).is_some_and(|api| is_alarm_class(model, api.class));
    let clock = alarm && is_clock(model, flow, found);
    if clock {
        let timer = found.site.is_some_and(is_timer);
        let why = if timer { "an exact timer" } else { "an exact moment that the user sees" };
        reasons.insert(0, why.to_owned());
    }
    let kept = is_kept_service(model, found);
    if let Some(ty) = kept {
        reasons.push(format!("a foreground service of type {ty}"));
    }
    let dying = persistence == Persistence::Impersistent && urgency != Urgency::Immediate;
    let deprecated = found.entry.deprecated_since;
    if let Some(since) = deprecated {
        reasons.push(format!("deprecated: {since}"));
    }
    let unclear = is_unclear(found, alarm);
    if unclear {
        reasons.push("what it starts is not in sight".to_owned());
    }
    let other = alarm && !clock || dying && kept.is_none() && !clock;
    let change = deprecated.is_some() || other && !unclear;
    if let Some(from) = origin(model, flow, found) {
        reasons.push(from);
    }
    let recommended = if change && (deprecated.is_none() || dying) {
        recommended(persistence, urgency, found.language).to_owned()
    } else {
        found.entry.recommended.to_string()
    };
    Item { place, symbol, what, api, persistence, urgency, certainty, reasons, recommended, change }
}

/// Is it not known what an exact alarm or a start of a service leads to? It may be what they are for.
fn is_unclear(found: &Found<'_>, alarm: bool) -> bool {
    let Some(site) = found.site else { return false };
    let repeats = matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating");
    let service = matches!(site.name.as_str(), "startService" | "startForegroundService");
    alarm && !repeats && found.body.is_empty() || service && found.component.is_none()
}

/// What the platform's table has in each cell.
/// Source: developer.android.com/develop/background-work/background-tasks
fn recommended(persistence: Persistence, urgency: Urgency, language: Language) -> &'static str {
    match (persistence, urgency, language) {
        (Persistence::Persistent, Urgency::Immediate, _) => {
            "WorkManager: OneTimeWorkRequest with setExpedited()"
        }
        (_, Urgency::LongRunning, _) => "WorkManager: a worker with setForeground()",
        (_, Urgency::Deferrable, _) => {
            "WorkManager: PeriodicWorkRequest, or OneTimeWorkRequest with constraints"
        }
        (Persistence::Impersistent, Urgency::Immediate, Language::Kotlin) => "coroutines",
        (Persistence::Impersistent, Urgency::Immediate, Language::Java) => "Executors, RxJava or Guava",
    }
}

fn persistence(model: &Model, found: &Found<'_>, reasons: &mut Vec<String>) -> Persistence {
    match found.entry.persistence {
        PersistenceWord::Persistent => Persistence::Persistent,
        PersistenceWord::Impersistent => Persistence::Impersistent,
        PersistenceWord::Depends => {
            let Some(site) = found.site else { return Persistence::Impersistent };
            if site.api.is_some_and(|api| is_alarm_class(model, api.class)) {
                let pending = site.args.iter().any(|arg| arg.intent().is_some_and(|it| it.pending.is_some()));
                let module = model.project.module_of(site.file);
                let restarts = module.applications.iter().any(|app| restarts(model, *app));
                reasons.push(
                    match (pending, restarts) {
                        (true, true) => "the app has a receiver for BOOT_COMPLETED",
                        (true, false) => "lost when the device restarts",
                        (false, _) => "the target is not in sight",
                    }
                    .to_owned(),
                );
                return if pending && restarts { Persistence::Persistent } else { Persistence::Impersistent };
            }
            let job = site.args.iter().find_map(|arg| arg.object()).and_then(|it| it.call("setPersisted"));
            let persisted = job.is_some_and(|call| {
                call.args.first().and_then(|arg| arg.constant()) != Some(Const::Bool(false))
            });
            reasons.push(
                if persisted { "setPersisted(true)" } else { "survives the process, not a restart" }
                    .to_owned(),
            );
            if persisted { Persistence::Persistent } else { Persistence::Impersistent }
        }
    }
}

fn restarts(model: &Model, app: crate::model::project::ModuleId) -> bool {
    let manifest = &model.project.module(app).manifest;
    manifest.components.iter().any(|it| {
        it.kind == ComponentKind::Receiver
            && it
                .filters
                .iter()
                .flat_map(|filter| &filter.actions)
                .any(|action| action.text.ends_with("BOOT_COMPLETED"))
    })
}

fn urgency(
    model: &Model,
    flow: &Flow,
    found: &Found<'_>,
    reasons: &mut Vec<String>,
) -> (Urgency, Confidence) {
    if let Some(request) = &found.request {
        if request.periodic {
            reasons.push("periodic".to_owned());
            return (Urgency::Deferrable, Confidence::High);
        }
        if request.expedited().is_some() {
            reasons.push("expedited".to_owned());
            return (Urgency::Immediate, Confidence::High);
        }
    }
    if goes_to_foreground(model, flow, &found.body) && !is_impersistent(found.entry) {
        reasons.push("its worker calls setForeground()".to_owned());
        return (Urgency::LongRunning, Confidence::High);
    }
    if let Some(request) = &found.request {
        let waits = [
            ("an initial delay", request.delay().is_some()),
            ("waits for charging", request.constraint("Charging").is_some()),
            ("waits for an idle device", request.constraint("DeviceIdle").is_some()),
            ("waits for a battery that is not low", request.constraint("BatteryNotLow").is_some()),
            ("waits for free storage", request.constraint("StorageNotLow").is_some()),
            ("waits for changes below a content URI", request.content_trigger().is_some()),
            ("waits for an unmetered network", request.unmetered()),
        ];
        if let Some((why, _)) = waits.into_iter().find(|(_, holds)| *holds) {
            reasons.push(why.to_owned());
            return (Urgency::Deferrable, Confidence::High);
        }
        reasons.push("one-time, without a delay".to_owned());
        return (Urgency::Immediate, Confidence::Medium);
    }
    match found.entry.urgency {
        UrgencyWord::Immediate => return (Urgency::Immediate, Confidence::High),
        UrgencyWord::LongRunning => return (Urgency::LongRunning, Confidence::High),
        UrgencyWord::Deferrable | UrgencyWord::Depends => {}
    }
    if let Some(found) = long_running(model, flow, &found.body) {
        if let Some(pause) = found.pause.filter(|pause| *pause >= PERIODIC_MS) {
            reasons.push(format!("repeats every {}", minutes(pause)));
            return (Urgency::Deferrable, Confidence::High);
        }
        reasons.push(found.why);
        return (Urgency::LongRunning, Confidence::Medium);
    }
    if let Some(time) = longest_time(found) {
        if time >= PERIODIC_MS {
            reasons.push(format!("a delay or period of {}", minutes(time)));
            return (Urgency::Deferrable, Confidence::High);
        }
        if time < LONG_RUNNING_MS {
            reasons.push(format!("a delay or period of {}", minutes(time)));
            return (Urgency::Immediate, Confidence::High);
        }
    }
    if found.entry.urgency == UrgencyWord::Deferrable && !is_impersistent(found.entry) {
        return (Urgency::Deferrable, Confidence::High);
    }
    let alarm = found.site.and_then(|site| site.api).is_some_and(|api| is_alarm_class(model, api.class));
    if alarm {
        return (Urgency::Deferrable, Confidence::Medium);
    }
    let lifetime = found.site.and_then(|site| scope_lifetime(model, site));
    if lifetime.is_some_and(|it| matches!(it.as_str(), "call" | "worker-run")) {
        reasons.push("ends with the code around it".to_owned());
        return (Urgency::Immediate, Confidence::High);
    }
    if found.site.is_some_and(|site| is_awaited(model, site)) {
        reasons.push("ends with the code around it".to_owned());
        return (Urgency::Immediate, Confidence::Medium);
    }
    if only_enqueues(model, flow, &found.body) {
        reasons.push("only enqueues work".to_owned());
        return (Urgency::Immediate, Confidence::High);
    }
    match named(model, found).filter(|_| may_take_time(model, flow, &found.body)) {
        Some((urgency, word)) => {
            // A name alone does not tell whether someone waits for it; what starts it does.
            let waited = lifetime.is_none_or(|it| it != "process")
                && found.function.is_none_or(|it| flow.background.path(it).is_none());
            reasons.push(match waited {
                true => format!("named `{word}`, but nothing in the background starts it"),
                false => format!("named `{word}`"),
            });
            (if waited { Urgency::Immediate } else { urgency }, Confidence::Low)
        }
        None => (Urgency::Immediate, Confidence::Medium),
    }
}

/// Does the code around wait for the end of what it hands to an executor or thread?
fn is_awaited(model: &Model, site: &CallSite) -> bool {
    model.sites_of[site.function.index()].iter().map(|id| model.site(*id)).any(|other| {
        other.span.start > site.span.start
            && matches!(other.name.as_str(), "awaitTermination" | "join" | "await" | "awaitAll" | "invokeAll")
            && other.api.is_some()
    })
}

/// Does the body hand its work to WorkManager and do nothing slow itself?
fn only_enqueues(model: &Model, flow: &Flow, body: &[FnId]) -> bool {
    let forward = Forward::new(&flow.graph, body, DEPTH);
    let functions = forward.functions();
    let enqueues = functions.iter().flat_map(|it| &model.sites_of[it.index()]).any(|id| {
        let site = model.site(*id);
        site.name.starts_with("enqueue")
            && site.api.is_some_and(|api| model.inherits(api.class, "androidx.work.WorkManager"))
    });
    enqueues
        && !flow.blocking.iter().any(|call| {
            matches!(call.kind.as_str(), "network" | "archive")
                && functions.contains(&model.site(call.site).function)
        })
}

/// May it take more than a moment: network, files, something out of sight, or nothing known at all?
fn may_take_time(model: &Model, flow: &Flow, body: &[FnId]) -> bool {
    let forward = Forward::new(&flow.graph, body, DEPTH);
    let functions = forward.functions();
    let slow = flow.blocking.iter().any(|call| {
        matches!(call.kind.as_str(), "network" | "disk-read" | "disk-write" | "archive" | "bitmap")
            && functions.contains(&model.site(call.site).function)
    });
    let unknown = functions.iter().flat_map(|it| &model.sites_of[it.index()]).any(|id| {
        let site = model.site(*id);
        site.targets.is_empty() && site.api.is_none() && site.invokes.is_none()
    });
    let suspends = functions.iter().flat_map(|it| &model.sites_of[it.index()]).any(|id| {
        let site = model.site(*id);
        site.suspends == Some(true) && site.targets.is_empty()
    });
    body.is_empty() || slow || unknown || suspends
}

/// Does the work call `setForeground` or `startForeground`?
fn goes_to_foreground(model: &Model, flow: &Flow, body: &[FnId]) -> bool {
    let forward = Forward::new(&flow.graph, body, DEPTH);
    forward
        .functions()
        .iter()
        .flat_map(|it| &model.sites_of[it.index()])
        .any(|id| matches!(model.site(*id).name.as_str(), "setForeground" | "setForegroundAsync"))
}

/// The longest constant delay or period among the arguments, in milliseconds.
fn longest_time(found: &Found<'_>) -> Option<i64> {
    let site = found.site?;
    let timed = ["Delayed", "schedule", "timer", "Timer", "interval"].iter().any(|it| site.name.contains(it));
    let unit = site.args.iter().find_map(|arg| match arg.constant() {
        Some(Const::Unit(nanos)) => Some(nanos),
        _ => None,
    });
    let times = site.args.iter().filter_map(|arg| match arg.constant()? {
        Const::Duration(millis) => Some(millis),
        Const::Int(count) => match unit {
            Some(nanos) => i64::try_from(i128::from(count) * i128::from(nanos) / 1_000_000).ok(),
            None => Some(count),
        },
        _ => None,
    });
    times.max().filter(|_| timed)
}

/// What the names of the work and of what starts it say.
fn named(model: &Model, found: &Found<'_>) -> Option<(Urgency, Name)> {
    let mut names: Vec<String> = Vec::new();
    names.extend(found.component.map(|id| model.display_type(id)));
    names.extend(found.function.map(|id| model.function(model.root_function(id)).name.to_string()));
    let called = found.body.iter().flat_map(|it| &model.sites_of[it.index()]).map(|id| model.site(*id));
    names.extend(called.filter(|site| site.declared.is_some()).map(|site| site.name.to_string()).take(4));
    names.iter().find_map(|name| {
        let words = words(name);
        model.catalog.evidence().iter().find_map(|evidence| {
            let said = |word: &&Name| words.iter().any(|it| it.starts_with(word.as_str()));
            let word = evidence.names.iter().find(said)?;
            match evidence.urgency {
                UrgencyWord::Deferrable => Some((Urgency::Deferrable, *word)),
                UrgencyWord::LongRunning => Some((Urgency::LongRunning, *word)),
                UrgencyWord::Immediate => Some((Urgency::Immediate, *word)),
                UrgencyWord::Depends => None,
            }
        })
    })
}

/// The words of a name in lower case, each with what follows it: `cleanUpCache` gives `cleanupcache`, `upcache`, `cache`.
fn words(name: &str) -> Vec<String> {
    let starts = name.char_indices().filter(|(at, letter)| {
        let before = name.get(..*at).and_then(|it| it.chars().next_back());
        before
            .is_none_or(|before| !before.is_alphanumeric() || before.is_lowercase() && letter.is_uppercase())
    });
    starts.filter_map(|(at, _)| name.get(at..)).map(str::to_lowercase).collect()
}

/// An exact alarm counted from the start of the device: the timer of something that is going on.
fn is_timer(site: &CallSite) -> bool {
    let kind = site.arg(0, None).and_then(|arg| arg.symbol());
    site.name.starts_with("setExact") && kind.is_some_and(|it| it.last().starts_with("ELAPSED_REALTIME"))
}

/// An alarm clock, a timer, or an alarm whose target shows, rings or vibrates.
fn is_clock(model: &Model, flow: &Flow, found: &Found<'_>) -> bool {
    let Some(site) = found.site else { return false };
    if site.name == "setAlarmClock" || is_timer(site) {
        return true;
    }
    if matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating") {
        return false;
    }
    let forward = Forward::new(&flow.graph, &found.body, DEPTH);
    forward.functions().iter().flat_map(|it| &model.sites_of[it.index()]).any(|id| {
        let site = model.site(*id);
        match site.name.as_str() {
            "notify" => site.api.is_some_and(|api| api.class.last().starts_with("NotificationManager")),
            "vibrate" | "startActivity" | "updateAppWidget" => site.api.is_some(),
            _ => false,
        }
    })
}

/// The type of a foreground service that is right as a service.
fn is_kept_service(model: &Model, found: &Found<'_>) -> Option<Name> {
    let class = model.symbols.info(found.component?).qualified;
    let types = model.project.modules.iter().flat_map(|module| module.manifest.components_of(class));
    types
        .filter_map(|component| component.foreground_types.as_ref())
        .flat_map(|(types, _)| types)
        .copied()
        .find(|ty| KEPT_TYPES.contains(&ty.as_str()))
}

/// Who starts it: the UI, or something in the background.
fn origin(model: &Model, flow: &Flow, found: &Found<'_>) -> Option<String> {
    let function = found.function?;
    if let Some((path, _)) = flow.background.path(function) {
        return Some(format!("started by {}", path.entry.name(model)));
    }
    flow.background.reached_from_ui(function).then(|| "started from the UI".to_owned())
}
