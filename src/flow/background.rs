//! May this run while no activity is visible? The ways from entry points in the background (`triggers.rs`) over all
//! edges, asynchronous ones too.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::catalog::{Background as Word, Proof};
use crate::findings::{Confidence, Place};
use crate::model::{FnId, Model, SiteId};

use super::actions::actions_at;
use super::entries::EntryPoint;
use super::given::same_action;
use super::graph::{Edge, Graph, Run};
use super::guards::Guards;
use super::path::Path;
use super::triggers::{Source, sources};

pub use super::triggers::{Trigger, is_alarm_class, is_exact};

/// Calls between the end of a screen, or of a delay, and what is certainly done then.
const NEAR: usize = 2;

#[derive(Clone, Copy, Debug)]
struct Step {
    from: Option<(FnId, SiteId)>,
    source: u32,
    certainty: Confidence,
}

/// The ways from entry points of one kind.
struct Spread {
    steps: Vec<Option<Step>>,
    sources: Vec<Source>,
    /// Only what runs at once: later the app may be in another state.
    at_once: bool,
}

/// What may run in the background, and what the visible UI reaches.
pub struct Background {
    /// From entries without any right to start foreground services.
    limited: Spread,
    /// From entries that run in the background at times.
    uncertain: Spread,
    /// From the start of the device.
    boot: Spread,
    /// From other entries that come with the right to start foreground services.
    exempt: Spread,
    visible: Vec<bool>,
}

impl Background {
    pub fn new(model: &Model, graph: &Graph, guards: &Guards, entries: &[EntryPoint]) -> Background {
        Background::around(model, graph, guards, entries, |_| false)
    }

    /// As if the entries and calls that are `cut` were not there.
    pub fn around(
        model: &Model,
        graph: &Graph,
        guards: &Guards,
        entries: &[EntryPoint],
        cut: impl Fn(Place) -> bool,
    ) -> Background {
        let mut all = sources(model, graph, guards, entries);
        all.retain(|source| !cut(source.entry.place(model)));
        let spread = |wanted: fn(Trigger) -> bool, at_once: bool| {
            let own = all.iter().filter(|source| wanted(source.trigger)).cloned().collect();
            Spread::new(model, graph, guards, own, at_once, &cut)
        };
        Background {
            limited: spread(Trigger::is_limited, false),
            uncertain: spread(Trigger::is_uncertain, true),
            boot: spread(|trigger| trigger == Trigger::Boot, false),
            exempt: spread(|trigger| trigger.is_exempt() && trigger != Trigger::Boot, false),
            visible: visible(model, graph, entries),
        }
    }

    fn all(&self) -> [&Spread; 4] {
        [&self.limited, &self.uncertain, &self.boot, &self.exempt]
    }

    /// Where the ways begin.
    pub(super) fn entries(&self) -> impl Iterator<Item = &EntryPoint> {
        self.all().into_iter().flat_map(|spread| &spread.sources).map(|source| &source.entry)
    }

    /// The way from a background entry to a function, with what triggers it: without any right to start foreground
    /// services if there is such a way.
    pub fn path(&self, function: FnId) -> Option<(Path, Trigger)> {
        self.all().into_iter().find_map(|spread| spread.path(function))
    }

    /// The way to a call from an entry that gives no right to start foreground services.
    pub fn limited(&self, model: &Model, site: SiteId) -> Option<(Path, Trigger)> {
        self.limited.path_to(model, site).or_else(|| {
            let (path, trigger) = self.uncertain.path_to(model, site)?;
            // What a screen or a delay leads to over many calls is hardly meant for that.
            let near = trigger == Trigger::Creation || path.calls.len() <= NEAR;
            near.then_some((path, trigger))
        })
    }

    /// The way to a call from the start of the device.
    pub fn from_boot(&self, model: &Model, site: SiteId) -> Option<(Path, Trigger)> {
        self.boot.path_to(model, site)
    }

    /// The way to a call from any entry in the background that may start foreground services.
    pub fn exempt(&self, model: &Model, site: SiteId) -> Option<(Path, Trigger)> {
        [&self.boot, &self.exempt].into_iter().find_map(|spread| spread.path_to(model, site))
    }

    /// Entries and calls that lie on any way to one of `goals`.
    pub fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        self.all().into_iter().flat_map(|spread| spread.steps_to(model, graph, goals)).collect()
    }

    /// Does code of the visible UI reach the function as well?
    pub fn reached_from_ui(&self, function: FnId) -> bool {
        self.visible[function.index()]
    }
}

impl Spread {
    fn new(
        model: &Model,
        graph: &Graph,
        guards: &Guards,
        sources: Vec<Source>,
        at_once: bool,
        cut: &impl Fn(Place) -> bool,
    ) -> Spread {
        let mut spread = Spread { steps: Vec::new(), sources, at_once };
        if !spread.sources.is_empty() {
            spread.steps = vec![None; model.symbols.function_count()];
            spread.run(model, graph, guards, cut);
        }
        spread
    }

    fn step(&self, function: FnId) -> Option<Step> {
        self.steps.get(function.index()).copied().flatten()
    }

    fn run(&mut self, model: &Model, graph: &Graph, guards: &Guards, cut: &impl Fn(Place) -> bool) {
        for least in [Confidence::High, Confidence::Medium] {
            let mut queue: VecDeque<FnId> = VecDeque::new();
            if least == Confidence::High {
                for (at, source) in self.sources.iter().enumerate() {
                    let function = source.entry.function;
                    let at = u32::try_from(at).unwrap_or(u32::MAX);
                    let slot = &mut self.steps[function.index()];
                    if slot.is_none() {
                        *slot = Some(Step { from: None, source: at, certainty: Confidence::High });
                        queue.push_back(function);
                    }
                }
            } else {
                queue.extend((0..self.steps.len()).filter(|at| self.steps[*at].is_some()).map(FnId::new));
            }
            while let Some(function) = queue.pop_front() {
                let Some(step) = self.steps[function.index()] else { continue };
                for edge in graph.from(function) {
                    if edge.certainty < least
                        || self.steps[edge.to.index()].is_some()
                        || !self.follows(model, guards, step, edge)
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

    fn follows(&self, model: &Model, guards: &Guards, step: Step, edge: &Edge) -> bool {
        let unsure = edge.run == Run::Somewhere && edge.certainty == Confidence::Low;
        // A listener registered on the way belongs to the UI, not to this run.
        let listener = edge.background == Word::No && edge.run != Run::Here;
        if unsure || listener || self.at_once && edge.run != Run::Here {
            return false;
        }
        let site = model.site(edge.site);
        let checked = [Proof::Visible, Proof::HighPriority]
            .into_iter()
            .any(|proof| guards.proves(model, site.function, site.span, proof));
        !checked && (step.from.is_some() || self.comes(model, step, edge.site))
    }

    /// Does a call in an entry run for what triggers it, by the tests of the action around it?
    fn comes(&self, model: &Model, step: Step, site: SiteId) -> bool {
        let Some(source) = self.sources.get(step.source as usize) else { return true };
        if source.actions.is_empty() {
            return true;
        }
        let tested = actions_at(model, model.site(site).function, site);
        tested.is_none_or(|tested| {
            tested.iter().any(|tested| source.actions.iter().any(|action| same_action(action, tested)))
        })
    }

    fn path(&self, function: FnId) -> Option<(Path, Trigger)> {
        let step = self.step(function)?;
        let mut calls = Vec::new();
        let mut at = function;
        while let Some((from, site)) = self.step(at).and_then(|step| step.from) {
            calls.push((site, at));
            at = from;
        }
        calls.reverse();
        let source = self.sources.get(step.source as usize)?;
        Some((Path { entry: source.entry.clone(), calls, certainty: step.certainty }, source.trigger))
    }

    fn path_to(&self, model: &Model, site: SiteId) -> Option<(Path, Trigger)> {
        let function = model.site(site).function;
        let step = self.step(function)?;
        if step.from.is_none() && !self.comes(model, step, site) {
            return None;
        }
        self.path(function)
    }

    fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        if self.steps.is_empty() {
            return places;
        }
        let mut seen = vec![false; self.steps.len()];
        let mut open: Vec<FnId> = goals.iter().copied().filter(|goal| self.step(*goal).is_some()).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at.index()], true) {
                continue;
            }
            for edge in graph.to(at).filter(|edge| self.step(edge.from).is_some()) {
                places.push(model.site(edge.site).point());
                open.push(edge.from);
            }
        }
        let sources = self.sources.iter().filter(|source| seen[source.entry.function.index()]);
        places.extend(sources.map(|source| source.entry.place(model)));
        places
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
