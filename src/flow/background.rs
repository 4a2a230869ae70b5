//! May this run while no activity is visible? The ways from entry points in the background (`triggers.rs`) over all
//! edges, asynchronous ones too.

use std::collections::VecDeque;

use crate::catalog::{Background as Word, Proof};
use crate::findings::{Confidence, Place};
use crate::model::{FnId, Model, SiteId};

use super::actions::actions_at;
use super::entries::EntryPoint;
use super::given::same_action;
use super::graph::{Edge, Graph, Run};
use super::guards::{Bound, Bounds, Guards};
use super::path::Path;
use super::services::Started;
use super::triggers::{Source, sources};
use super::ways::{Way, Ways};

pub use super::triggers::{Trigger, is_alarm_class, is_exact};

/// Calls between the end of a screen, or of a delay, and what is certainly done then.
const NEAR: usize = 2;

/// What belongs to a way.
#[derive(Clone, Copy, Debug)]
struct Step {
    source: u32,
    certainty: Confidence,
}

/// The ways from entry points of one kind.
struct Spread {
    ways: Ways,
    /// One for each way.
    steps: Vec<Step>,
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
    pub fn limited(&self, model: &Model, guards: &Guards, site: SiteId) -> Option<(Path, Trigger)> {
        self.limited.path_to(model, guards, site).or_else(|| {
            let (path, trigger) = self.uncertain.path_to(model, guards, site)?;
            // What a screen or a delay leads to over many calls is hardly meant for that.
            let near = trigger == Trigger::Creation || path.calls.len() <= NEAR;
            near.then_some((path, trigger))
        })
    }

    /// The way from the start of the device to a call that starts a service.
    pub fn from_boot(&self, model: &Model, guards: &Guards, start: &Started) -> Option<(Path, Trigger)> {
        self.boot.path_over(model, guards, start)
    }

    /// The way to such a call from any entry in the background that may start foreground services.
    pub fn exempt(&self, model: &Model, guards: &Guards, start: &Started) -> Option<(Path, Trigger)> {
        [&self.boot, &self.exempt].into_iter().find_map(|spread| spread.path_over(model, guards, start))
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
        let mut spread = Spread { ways: Ways::default(), steps: Vec::new(), sources, at_once };
        spread.run(model, graph, guards, cut);
        spread
    }

    fn run(&mut self, model: &Model, graph: &Graph, guards: &Guards, cut: &impl Fn(Place) -> bool) {
        for least in [Confidence::High, Confidence::Medium] {
            let mut queue: VecDeque<u32> = VecDeque::new();
            if least == Confidence::High {
                for at in 0..self.sources.len() {
                    let source = &self.sources[at];
                    let function = source.entry.function;
                    let known = guards.arriving(model, function, &source.sent());
                    let step =
                        Step { source: u32::try_from(at).unwrap_or(u32::MAX), certainty: Confidence::High };
                    queue.extend(self.add(Way { function, known, from: None }, step));
                }
            } else {
                let mut ways: Vec<u32> =
                    (0..self.ways.len()).filter_map(|way| u32::try_from(way).ok()).collect();
                ways.sort_by_key(|way| self.ways.get(*way).function);
                queue.extend(ways);
            }
            while let Some(way) = queue.pop_front() {
                let step = self.steps[way as usize];
                for edge in graph.from(self.ways.get(way).function) {
                    if edge.certainty < least || self.ways.covers(edge.to, &[]) {
                        continue;
                    }
                    let site = model.site(edge.site);
                    let own = &self.ways.get(way).known;
                    let known = guards.bind(model, site, edge.to, own);
                    if self.ways.covers(edge.to, &known)
                        || guards.contradicts(model, site.function, site.span, own)
                        || !self.follows(model, guards, way, edge)
                        || cut(site.point())
                    {
                        continue;
                    }
                    let certainty = step.certainty.min(edge.certainty).min(least);
                    let next = Way { function: edge.to, known, from: Some((way, edge.site)) };
                    queue.extend(self.add(next, Step { certainty, ..step }));
                }
            }
        }
    }

    fn add(&mut self, way: Way, step: Step) -> Option<u32> {
        let at = self.ways.add(way)?;
        self.steps.push(step);
        Some(at)
    }

    fn follows(&self, model: &Model, guards: &Guards, way: u32, edge: &Edge) -> bool {
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
        !checked && self.comes(model, way, edge.site)
    }

    /// Does a call in an entry run for what triggers it, by the tests of the action around it?
    fn comes(&self, model: &Model, way: u32, site: SiteId) -> bool {
        let source = self.sources.get(self.steps[way as usize].source as usize);
        let first = self.ways.get(way).from.is_none();
        let Some(source) = source.filter(|source| first && !source.actions.is_empty()) else { return true };
        let tested = actions_at(model, model.site(site).function, site);
        tested.is_none_or(|tested| {
            tested.iter().any(|tested| source.actions.iter().any(|action| same_action(action, tested)))
        })
    }

    fn path(&self, function: FnId) -> Option<(Path, Trigger)> {
        self.way_path(*self.ways.of(function).first()?)
    }

    fn way_path(&self, way: u32) -> Option<(Path, Trigger)> {
        let step = self.steps[way as usize];
        let source = self.sources.get(step.source as usize)?;
        let calls = self.ways.calls(way);
        Some((Path { entry: source.entry.clone(), calls, certainty: step.certainty }, source.trigger))
    }

    fn path_to(&self, model: &Model, guards: &Guards, site: SiteId) -> Option<(Path, Trigger)> {
        let at = model.site(site);
        let open = |way: &&u32| {
            self.comes(model, **way, site)
                && !guards.contradicts(model, at.function, at.span, &self.ways.get(**way).known)
        };
        self.way_path(*self.ways.of(at.function).iter().find(open)?)
    }

    /// The way to a call that starts a service over the calls that hand over which service it is: others reach the same
    /// helper with other services.
    fn path_over(&self, model: &Model, guards: &Guards, start: &Started) -> Option<(Path, Trigger)> {
        let found = self.path_to(model, guards, start.site)?;
        let Some(outermost) = start.helpers.first() else { return Some(found) };
        let passes = |helper: &SiteId| found.0.calls.iter().any(|(call, _)| call == helper);
        if start.helpers.iter().all(passes) {
            return Some(found);
        }
        let (mut path, trigger) = self.path_to(model, guards, *outermost)?;
        for helper in &start.helpers {
            let site = model.site(*helper);
            let target = site.declared.or_else(|| Some(site.targets.first()?.function))?;
            path.calls.push((*helper, target));
        }
        path.certainty = path.certainty.min(found.0.certainty);
        Some((path, trigger))
    }

    fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        if self.steps.is_empty() {
            return places;
        }
        let reached = |function: FnId| !self.ways.of(function).is_empty();
        let mut seen = vec![false; model.symbols.function_count()];
        let mut open: Vec<FnId> = goals.iter().copied().filter(|goal| reached(*goal)).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at.index()], true) {
                continue;
            }
            for edge in graph.to(at).filter(|edge| reached(edge.from)) {
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
#[derive(Default)]
pub struct Forward {
    ways: Ways,
    order: Vec<FnId>,
}

impl Forward {
    pub fn new(graph: &Graph, starts: &[FnId], limit: u32) -> Forward {
        let starts = starts.iter().map(|start| (*start, Bounds::new()));
        Forward::following(graph, starts, limit, |_, _| Some(Bounds::new()))
    }

    /// The same where something is known of the parameters of the starts.
    pub fn knowing(
        model: &Model,
        graph: &Graph,
        guards: &Guards,
        starts: impl IntoIterator<Item = (FnId, Bounds)>,
        limit: u32,
    ) -> Forward {
        Forward::following(graph, starts, limit, |edge, known| Forward::step(model, guards, edge, known))
    }

    /// Only what runs in place, before the start returns.
    pub fn in_place(
        model: &Model,
        graph: &Graph,
        guards: &Guards,
        starts: impl IntoIterator<Item = (FnId, Bounds)>,
        limit: u32,
    ) -> Forward {
        Forward::following(graph, starts, limit, |edge, known| {
            Forward::step(model, guards, edge, known).filter(|_| edge.run == Run::Here)
        })
    }

    /// What is known behind an edge; none if what is known before rules it out.
    fn step(model: &Model, guards: &Guards, edge: &Edge, known: &[Bound]) -> Option<Bounds> {
        let site = model.site(edge.site);
        let never = guards.contradicts(model, site.function, site.span, known);
        (!never).then(|| guards.bind(model, site, edge.to, known))
    }

    /// `bind`: what is known where an edge leads to; none if it is not taken.
    fn following(
        graph: &Graph,
        starts: impl IntoIterator<Item = (FnId, Bounds)>,
        limit: u32,
        bind: impl Fn(&Edge, &[Bound]) -> Option<Bounds>,
    ) -> Forward {
        let mut forward = Forward::default();
        let mut queue: VecDeque<(u32, u32)> = VecDeque::new();
        for (function, known) in starts {
            queue.extend(forward.ways.add(Way { function, known, from: None }).map(|way| (way, 0)));
        }
        while let Some((way, distance)) = queue.pop_front() {
            let function = forward.ways.get(way).function;
            if forward.ways.of(function).first() == Some(&way) {
                forward.order.push(function);
            }
            if distance >= limit {
                continue;
            }
            for edge in graph.from(function) {
                let ui = edge.background == Word::No && edge.run != Run::Here;
                if ui || edge.certainty == Confidence::Low {
                    continue;
                }
                let Some(known) = bind(edge, &forward.ways.get(way).known) else { continue };
                let next = Way { function: edge.to, known, from: Some((way, edge.site)) };
                queue.extend(forward.ways.add(next).map(|way| (way, distance + 1)));
            }
        }
        forward
    }

    /// Functions reached, nearest first.
    pub fn functions(&self) -> &[FnId] {
        &self.order
    }

    /// Is the call, of a function reached, made on one of the ways?
    pub fn makes(&self, model: &Model, guards: &Guards, site: SiteId) -> bool {
        self.ways.to(model, guards, site).is_some()
    }

    /// Calls on the way to a function.
    pub fn calls(&self, function: FnId) -> Vec<(SiteId, FnId)> {
        self.ways.of(function).first().map(|way| self.ways.calls(*way)).unwrap_or_default()
    }

    /// Calls on the way to a call.
    pub fn calls_to(&self, model: &Model, guards: &Guards, site: SiteId) -> Vec<(SiteId, FnId)> {
        self.ways.to(model, guards, site).map(|way| self.ways.calls(way)).unwrap_or_default()
    }
}
