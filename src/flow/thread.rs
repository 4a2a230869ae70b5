//! Which functions may run on a thread, and the best way there: most certain first, then shortest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::findings::{Confidence, Place};
use crate::model::{FnId, Model, SiteId, Thread};

use super::entries::EntryPoint;
use super::graph::{Graph, Run};
use super::guards::Guards;
use super::path::Path;

/// How a function is reached best.
#[derive(Clone, Copy, Debug)]
struct Best {
    certainty: Confidence,
    from: Option<(FnId, SiteId)>,
    entry: u32,
}

/// Functions that may run on one thread.
pub struct Reach {
    thread: Thread,
    best: Vec<Option<Best>>,
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
            best: vec![None; model.symbols.function_count()],
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
                None::<(FnId, SiteId)>,
            )));
        }
        while let Some(Reverse((unsure, distance, function, entry, from))) = queue.pop() {
            if reach.best[function.index()].is_some() {
                continue;
            }
            reach.best[function.index()] = Some(Best { certainty: confidence(unsure), from, entry });
            for edge in graph.from(function) {
                if edge.run != Run::Here || reach.best[edge.to.index()].is_some() {
                    continue;
                }
                if edge.only.is_some_and(|main| main != (thread == Thread::Main)) {
                    continue;
                }
                let site = model.site(edge.site);
                if !guards.allows(function, site.span, thread) || cut(site.point()) {
                    continue;
                }
                let unsure = unsure.max(uncertainty(edge.certainty));
                queue.push(Reverse((unsure, distance + 1, edge.to, entry, Some((function, edge.site)))));
            }
        }
        reach
    }

    pub fn thread(&self) -> Thread {
        self.thread
    }

    /// May the function run on the thread?
    pub fn contains(&self, function: FnId) -> bool {
        self.best[function.index()].is_some()
    }

    /// The best way to a function.
    pub fn path(&self, function: FnId) -> Option<Path> {
        let best = self.best[function.index()]?;
        let mut calls = Vec::new();
        let mut at = function;
        while let Some((from, site)) = self.best[at.index()].and_then(|best| best.from) {
            calls.push((site, at));
            at = from;
        }
        calls.reverse();
        let entry = self.entries.get(best.entry as usize)?.clone();
        Some(Path { entry, calls, certainty: best.certainty })
    }

    /// The best way to a call site.
    pub fn path_to(&self, model: &Model, guards: &Guards, site: SiteId) -> Option<Path> {
        let site = model.site(site);
        if !guards.allows(site.function, site.span, self.thread) {
            return None;
        }
        self.path(site.function)
    }

    /// Entries, and calls in place, that lie on any way to one of `goals`.
    pub fn steps_to(&self, model: &Model, graph: &Graph, goals: &[FnId]) -> Vec<Place> {
        let mut seen = vec![false; self.best.len()];
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
        let own = self.best[function.index()].and_then(|best| self.entries.get(best.entry as usize));
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
                if !names.contains(&name) {
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
