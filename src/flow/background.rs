//! May this run while no activity is visible? Entry points in the background, and the ways from them over all
//! edges, asynchronous ones too.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::catalog::Background as Word;
use crate::facts::manifest::ComponentKind;
use crate::findings::{Confidence, Place};
use crate::model::{FnId, Model, PendingKind, SiteId};

use super::entries::EntryPoint;
use super::graph::{Graph, Run};
use super::path::Path;

/// Broadcasts whose receivers may start foreground services from the background.
/// Source: developer.android.com/develop/background-work/services/fgs/restrictions-bg-start
const EXEMPT_ACTIONS: [&str; 8] = [
    "android.intent.action.BOOT_COMPLETED",
    "android.intent.action.LOCKED_BOOT_COMPLETED",
    "android.intent.action.MY_PACKAGE_REPLACED",
    "android.intent.action.TIMEZONE_CHANGED",
    "android.intent.action.TIME_SET",
    "android.intent.action.LOCALE_CHANGED",
    "android.nfc.action.TRANSACTION_DETECTED",
    "android.app.action.SCHEDULE_EXACT_ALARM_PERMISSION_STATE_CHANGED",
];

/// Actions that come with an exemption of their own, or with one that only running shows.
const LIKELY_EXEMPT: [&str; 3] =
    ["android.intent.action.MEDIA_BUTTON", "android.bluetooth.", "android.provider.Telephony.SMS"];

/// Why a component runs in the background, as far as manifest and intents show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A broadcast of the system or another app that gives no right to start foreground services.
    Broadcast,
    /// A broadcast that comes with the right to start a foreground service, but not an ordinary one.
    ExemptBroadcast,
    /// An alarm that is not exact.
    InexactAlarm,
    /// A worker, job, sync adapter or push message.
    Background,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    from: Option<(FnId, SiteId)>,
    source: u32,
    certainty: Confidence,
}

/// What may run in the background, and what the visible UI reaches.
pub struct Background {
    steps: Vec<Option<Step>>,
    sources: Vec<(EntryPoint, Trigger)>,
    visible: Vec<bool>,
}

impl Background {
    pub fn new(model: &Model, graph: &Graph, entries: &[EntryPoint]) -> Background {
        Background::around(model, graph, entries, |_| false)
    }

    /// As if the entries and calls that are `cut` were not there.
    pub fn around(
        model: &Model,
        graph: &Graph,
        entries: &[EntryPoint],
        cut: impl Fn(Place) -> bool,
    ) -> Background {
        let alarms = alarm_targets(model);
        let sources: Vec<(EntryPoint, Trigger)> = entries
            .iter()
            .filter(|entry| entry.site.is_none() && !cut(entry.place(model)))
            .filter_map(|entry| Some((entry.clone(), trigger(model, entry, &alarms)?)))
            .collect();
        let mut background = Background {
            steps: vec![None; model.symbols.function_count()],
            visible: visible(model, graph, entries),
            sources,
        };
        background.spread(model, graph, cut);
        background
    }

    fn spread(&mut self, model: &Model, graph: &Graph, cut: impl Fn(Place) -> bool) {
        for least in [Confidence::High, Confidence::Medium] {
            let mut queue: VecDeque<FnId> = VecDeque::new();
            if least == Confidence::High {
                for (at, (entry, _)) in self.sources.iter().enumerate() {
                    let source = u32::try_from(at).unwrap_or(u32::MAX);
                    let slot = &mut self.steps[entry.function.index()];
                    if slot.is_none() {
                        *slot = Some(Step { from: None, source, certainty: Confidence::High });
                        queue.push_back(entry.function);
                    }
                }
            } else {
                queue.extend((0..self.steps.len()).filter(|at| self.steps[*at].is_some()).map(FnId::new));
            }
            while let Some(function) = queue.pop_front() {
                let Some(step) = self.steps[function.index()] else { continue };
                for edge in graph.from(function) {
                    let unsure = edge.run == Run::Somewhere && edge.certainty == Confidence::Low;
                    if unsure || edge.certainty < least || self.steps[edge.to.index()].is_some() {
                        continue;
                    }
                    // A listener registered on the way belongs to the UI, not to this run.
                    if edge.background == Word::No && edge.run != Run::Here
                        || cut(model.site(edge.site).point())
                    {
                        continue;
                    }
                    self.steps[edge.to.index()] = Some(Step {
                        from: Some((function, edge.site)),
                        source: step.source,
                        certainty: step.certainty.min(edge.certainty).min(least),
                    });
                    queue.push_back(edge.to);
                }
            }
        }
    }

    /// The way from a background entry to a function, with what triggers it.
    pub fn path(&self, function: FnId) -> Option<(Path, Trigger)> {
        let step = self.steps[function.index()]?;
        let mut calls = Vec::new();
        let mut at = function;
        while let Some((from, site)) = self.steps[at.index()].and_then(|step| step.from) {
            calls.push((site, at));
            at = from;
        }
        calls.reverse();
        let (entry, trigger) = self.sources.get(step.source as usize)?;
        Some((Path { entry: entry.clone(), calls, certainty: step.certainty }, *trigger))
    }

    /// Entries and calls that lie on any way to one of `goals`.
    pub fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        let mut seen = vec![false; self.steps.len()];
        let mut open: Vec<FnId> =
            goals.iter().copied().filter(|goal| self.steps[goal.index()].is_some()).collect();
        let mut places: Vec<Place> = Vec::new();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at.index()], true) {
                continue;
            }
            for edge in graph.to(at).filter(|edge| self.steps[edge.from.index()].is_some()) {
                places.push(model.site(edge.site).point());
                open.push(edge.from);
            }
        }
        let sources = self.sources.iter().filter(|(entry, _)| seen[entry.function.index()]);
        places.extend(sources.map(|(entry, _)| entry.place(model)));
        places
    }

    /// Does code of the visible UI reach the function as well?
    pub fn reached_from_ui(&self, function: FnId) -> bool {
        self.visible[function.index()]
    }
}

fn visible(model: &Model, graph: &Graph, entries: &[EntryPoint]) -> Vec<bool> {
    let mut seen = vec![false; model.symbols.function_count()];
    let mut open: Vec<FnId> =
        entries.iter().filter(|entry| entry.background == Word::No).map(|entry| entry.function).collect();
    while let Some(function) = open.pop() {
        if std::mem::replace(&mut seen[function.index()], true) {
            continue;
        }
        open.extend(
            graph.from(function).iter().filter(|edge| edge.certainty > Confidence::Low).map(|edge| edge.to),
        );
    }
    seen
}

/// What brings an entry point to run in the background without any right to start foreground services.
fn trigger(model: &Model, entry: &EntryPoint, alarms: &FxHashMap<Name, bool>) -> Option<Trigger> {
    let class = entry.class?;
    let owner = model.owner_of(entry.function)?;
    let qualified = model.symbols.info(owner).qualified;
    // Updates come by broadcast; only clicks on a widget are the user's.
    if model.inherits(class, "android.appwidget.AppWidgetProvider")
        && model.function(entry.function).name != "onReceive"
    {
        let declared = model
            .project
            .modules
            .iter()
            .any(|module| module.manifest.components_of(qualified).next().is_some());
        return declared.then_some(Trigger::Broadcast);
    }
    if model.inherits(class, "android.content.BroadcastReceiver") {
        return receiver_trigger(model, qualified, alarms);
    }
    const BACKGROUND: [&str; 5] = [
        "androidx.work.ListenableWorker",
        "android.app.job.JobService",
        "android.content.AbstractThreadedSyncAdapter",
        "androidx.core.app.JobIntentService",
        "com.google.firebase.messaging.FirebaseMessagingService",
    ];
    let background = BACKGROUND.iter().any(|base| model.inherits(class, base));
    (background && entry.background == Word::Yes).then_some(Trigger::Background)
}

fn receiver_trigger(model: &Model, class: Name, alarms: &FxHashMap<Name, bool>) -> Option<Trigger> {
    let mut declared = false;
    let mut exempt = false;
    for module in &model.project.modules {
        for component in module.manifest.components_of(class) {
            if component.kind != ComponentKind::Receiver {
                continue;
            }
            declared = true;
            let actions: Vec<Name> = component
                .filters
                .iter()
                .flat_map(|filter| filter.actions.iter().map(|action| action.text))
                .collect();
            let widget = actions.iter().any(|action| action.starts_with("android.appwidget."));
            let plain = actions.iter().any(|action| {
                !EXEMPT_ACTIONS.contains(&action.as_str())
                    && !LIKELY_EXEMPT.iter().any(|prefix| action.starts_with(prefix))
                    && action.starts_with("android.")
                    && !action.starts_with("android.appwidget.")
            });
            if plain && !widget {
                return Some(Trigger::Broadcast);
            }
            exempt |= !actions.is_empty() && !widget;
        }
    }
    match alarms.get(&class) {
        Some(false) if declared => Some(Trigger::InexactAlarm),
        _ => exempt.then_some(Trigger::ExemptBroadcast),
    }
}

/// Receiver classes that alarms of the project fire, and whether an exact one does.
fn alarm_targets(model: &Model) -> FxHashMap<Name, bool> {
    let mut targets: FxHashMap<Name, bool> = FxHashMap::default();
    for (_, site) in model.all_sites() {
        let Some(api) = site.api else { continue };
        if !is_alarm_class(model, api.class) || !api.member.starts_with("set") {
            continue;
        }
        let exact =
            api.member.contains("Exact") && !api.member.contains("Inexact") || api.member == "setAlarmClock";
        for arg in &site.args {
            let Some(intent) = arg.intent().filter(|intent| intent.pending == Some(PendingKind::Broadcast))
            else {
                continue;
            };
            if let Some(component) = intent.component {
                let known = targets.entry(component).or_insert(false);
                *known |= exact;
            }
        }
    }
    targets
}

/// AlarmManager or its compat class.
pub fn is_alarm_class(model: &Model, class: Name) -> bool {
    class == "androidx.core.app.AlarmManagerCompat" || model.inherits(class, "android.app.AlarmManager")
}

/// Everything a set of functions leads to over all edges, with the way there. Main-thread listeners of the UI
/// are not followed.
pub struct Forward {
    from: FxHashMap<FnId, Option<(FnId, SiteId)>>,
    order: Vec<FnId>,
}

impl Forward {
    pub fn new(graph: &Graph, starts: &[FnId], limit: u32) -> Forward {
        let mut forward = Forward { from: FxHashMap::default(), order: Vec::new() };
        let mut queue: VecDeque<(FnId, u32)> = VecDeque::new();
        for start in starts {
            forward.from.insert(*start, None);
            queue.push_back((*start, 0));
        }
        while let Some((function, distance)) = queue.pop_front() {
            forward.order.push(function);
            if distance >= limit {
                continue;
            }
            for edge in graph.from(function) {
                let ui = edge.background == Word::No && edge.run != Run::Here;
                if ui || edge.certainty == Confidence::Low || forward.from.contains_key(&edge.to) {
                    continue;
                }
                forward.from.insert(edge.to, Some((function, edge.site)));
                queue.push_back((edge.to, distance + 1));
            }
        }
        forward
    }

    /// Functions reached, nearest first.
    pub fn functions(&self) -> &[FnId] {
        &self.order
    }

    /// Calls on the way to a function.
    pub fn calls(&self, function: FnId) -> Vec<(SiteId, FnId)> {
        let mut calls = Vec::new();
        let mut at = function;
        while let Some(Some((from, site))) = self.from.get(&at) {
            calls.push((*site, at));
            at = *from;
        }
        calls.reverse();
        calls
    }
}
