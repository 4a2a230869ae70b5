//! Which functions may run on a thread, and the best way there: most certain first, then shortest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use smallvec::SmallVec;

use crate::findings::{Confidence, Place};
use crate::model::{FnId, Model, SiteId, Thread};

use super::entries::EntryPoint;
use super::graph::{Graph, Run};
use super::guards::{Bound, Bounds, Guards, forget_this};
use super::path::Path;

/// Ways into a function, told apart by what is known of parameters, are kept up to this number.
const MAX_WAYS: usize = 16;
/// Of these ways so many may be of certain classes.
const MAX_CLASSES: usize = 4;

/// A way into a function that is the best for what is known of parameters on it.
#[derive(Clone, Debug)]
struct Way {
    function: FnId,
    known: Bounds,
    certainty: Confidence,
    /// Index of the way to the caller, and its call.
    from: Option<(u32, SiteId)>,
    entry: u32,
}

/// Functions that may run on one thread.
pub struct Reach {
    thread: Thread,
    /// In the order found: most certain first, then shortest.
    ways: Vec<Way>,
    /// Of each function, in the same order.
    ways_of: Vec<SmallVec<[u32; 1]>>,
    entries: Vec<EntryPoint>,
}

impl Reach {
    pub fn new(
        model: &Model,
        graph: &Graph,
        entries: &[EntryPoint],
        guards: &Guards,
        thread: Thread,
    ) -> Reach {
        Reach::around(model, graph, entries, guards, thread, |_| false)
    }

    /// As if the entries and calls that are `cut` were not there.
    pub fn around(
        model: &Model,
        graph: &Graph,
        entries: &[EntryPoint],
        guards: &Guards,
        thread: Thread,
        cut: impl Fn(Place) -> bool,
    ) -> Reach {
        let entries = entries.iter().filter(|entry| entry.thread == thread && !cut(entry.place(model)));
        let mut reach = Reach {
            thread,
            ways: Vec::new(),
            ways_of: vec![SmallVec::new(); model.symbols.function_count()],
            entries: entries.cloned().collect(),
        };
        let mut queue = BinaryHeap::new();
        for (at, entry) in reach.entries.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let distance = u32::from(entry.site.is_some());
            // A function that says it wants a worker is not entered on main by a weaker source.
            queue.push(Reverse((
                uncertainty(entry.certainty),
                distance,
                entry.function,
                at,
                None::<(FnId, SiteId, u32)>,
                Bounds::new(),
            )));
        }
        while let Some(Reverse((unsure, distance, function, entry, from, mut known))) = queue.pop() {
            if reach.covers(function, &known) {
                continue;
            }
            // The last one stands for all others.
            if reach.ways_of[function.index()].len() + 1 >= MAX_WAYS {
                known.clear();
            }
            let way = u32::try_from(reach.ways.len()).unwrap_or(u32::MAX);
            reach.ways_of[function.index()].push(way);
            reach.ways.push(Way {
                function,
                known: known.clone(),
                certainty: confidence(unsure),
                from: from.map(|(_, site, way)| (way, site)),
                entry,
            });
            for edge in graph.from(function) {
                if edge.run != Run::Here || edge.only.is_some_and(|main| main != (thread == Thread::Main)) {
                    continue;
                }
                let site = model.site(edge.site);
                let mut bounds = guards.bind(model, site, edge.to, &known);
                // Base classes of many others are looked at once for all the rest.
                if reach.ways_of[edge.to.index()].len() >= MAX_CLASSES {
                    forget_this(&mut bounds);
                }
                if reach.covers(edge.to, &bounds)
                    || !guards.allows(function, site.span, thread)
                    || guards.contradicts(model, function, site.span, &known)
                    || guards.misses(model, site, edge.to, &known)
                    || cut(site.point())
                {
                    continue;
                }
                let unsure = unsure.max(uncertainty(edge.certainty));
                let from = Some((function, edge.site, way));
                queue.push(Reverse((unsure, distance + 1, edge.to, entry, from, bounds)));
            }
        }
        reach
    }

    /// Is a way known already on which no more is known of parameters?
    fn covers(&self, function: FnId, known: &[Bound]) -> bool {
        let ways = &self.ways_of[function.index()];
        ways.len() >= MAX_WAYS
            || ways.iter().any(|way| self.ways[*way as usize].known.iter().all(|bound| known.contains(bound)))
    }

    pub fn thread(&self) -> Thread {
        self.thread
    }

    /// May the function run on the thread?
    pub fn contains(&self, function: FnId) -> bool {
        !self.ways_of[function.index()].is_empty()
    }

    /// What is known of a function's parameters, for each way into it.
    pub fn given(&self, function: FnId) -> impl Iterator<Item = &Bounds> {
        self.ways_of[function.index()].iter().map(|way| &self.ways[*way as usize].known)
    }

    /// The best way to a function.
    pub fn path(&self, function: FnId) -> Option<Path> {
        self.way_path(*self.ways_of[function.index()].first()?)
    }

    fn way_path(&self, way: u32) -> Option<Path> {
        let last = self.ways.get(way as usize)?;
        let mut calls = Vec::new();
        let mut at = last;
        while let Some((from, site)) = at.from {
            calls.push((site, at.function));
            at = self.ways.get(from as usize)?;
        }
        calls.reverse();
        let entry = self.entries.get(last.entry as usize)?.clone();
        Some(Path { entry, calls, certainty: last.certainty })
    }

    /// The best way to a call site.
    pub fn path_to(&self, model: &Model, guards: &Guards, site: SiteId) -> Option<Path> {
        let site = model.site(site);
        if !guards.allows(site.function, site.span, self.thread) {
            return None;
        }
        let ways = self.ways_of[site.function.index()].iter();
        let open = |way: &&u32| {
            let known = &self.ways[**way as usize].known;
            !guards.contradicts(model, site.function, site.span, known)
        };
        self.way_path(*ways.into_iter().find(open)?)
    }

    /// Entries, and calls in place, that lie on any way to one of `goals`.
    pub fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        let mut seen = vec![false; self.ways_of.len()];
        let mut open: Vec<FnId> = goals.iter().copied().filter(|goal| self.contains(*goal)).collect();
        let mut places = Vec::new();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at.index()], true) {
                continue;
            }
            let first = self.entries.partition_point(|entry| entry.function < at);
            let own = self.entries[first..].iter().take_while(|entry| entry.function == at);
            places.extend(own.map(|entry| entry.place(model)));
            for edge in graph.to(at).filter(|edge| edge.run == Run::Here && self.contains(edge.from)) {
                places.push(model.site(edge.site).point());
                open.push(edge.from);
            }
        }
        places
    }

    /// Short names of the other entries that reach a function in place, sorted; at most `limit`.
    pub fn other_entries(&self, model: &Model, graph: &Graph, function: FnId, limit: usize) -> Vec<String> {
        let first = self.ways_of[function.index()].first();
        let own = first.and_then(|way| self.entries.get(self.ways[*way as usize].entry as usize));
        let own_name = own.map(|own| own.name(model));
        let mut seen = rustc_hash::FxHashSet::default();
        let mut open = vec![function];
        let mut names = Vec::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at) || seen.len() > 2_000 {
                continue;
            }
            if let Ok(found) = self.entries.binary_search_by_key(&at, |entry| entry.function)
                && own.is_none_or(|own| own.function != at)
            {
                let name = self.entries[found].name(model);
                if !names.contains(&name) && own_name.as_ref() != Some(&name) {
                    names.push(name);
                }
            }
            open.extend(
                graph
                    .to(at)
                    .filter(|edge| edge.run == Run::Here && self.contains(edge.from))
                    .map(|edge| edge.from),
            );
        }
        names.sort();
        names.truncate(limit);
        names
    }
}

fn uncertainty(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::High => 0,
        Confidence::Medium => 1,
        Confidence::Low => 2,
    }
}

fn confidence(uncertainty: u8) -> Confidence {
    match uncertainty {
        0 => Confidence::High,
        1 => Confidence::Medium,
        _ => Confidence::Low,
    }
}
