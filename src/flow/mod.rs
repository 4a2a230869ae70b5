//! Answers to what rules ask: on which threads may this run and by which path; may it run in the background; what
//! blocks; what work is started here.

mod actions;
pub mod arguments;
pub mod background;
pub mod blocking;
pub mod cancellable;
pub mod cancellation;
pub mod class_params;
pub mod coroutines;
mod effects;
pub mod entries;
pub mod flags;
pub mod given;
pub mod graph;
pub mod guards;
mod handlers;
pub mod in_place;
pub mod inventory;
pub mod latches;
mod layouts;
pub mod locks;
pub mod must;
pub mod operators;
pub mod outside;
pub mod path;
pub mod promises;
pub mod queries;
mod registered;
pub mod requests;
pub mod services;
pub mod sources;
pub mod starts;
pub mod stated;
mod stream_params;
pub mod swallowing;
pub mod thread;
mod thread_params;
mod triggers;
pub mod uses;
mod ways;
pub mod why;
pub mod work;

use std::sync::Arc;

use crate::findings::Place;
use crate::model::{FnId, Model, SiteId, Thread};

pub use blocking::BlockingCall;
pub use path::Path;

/// Everything computed over the call graph.
pub struct Flow {
    pub graph: Arc<graph::Graph>,
    pub entries: Vec<entries::EntryPoint>,
    pub main: thread::Reach,
    pub worker: thread::Reach,
    pub blocking: Vec<BlockingCall>,
    pub background: background::Background,
    pub guards: Arc<guards::Guards>,
    pub services: Arc<services::Services>,
    /// Places that start impersistent work, in order.
    pub work: Arc<Vec<work::WorkSite>>,
    /// Kinds of work that the project states itself.
    pub stated: Arc<stated::Stated>,
}

impl Flow {
    /// The blocking call that a site is.
    pub fn blocking_at(&self, site: SiteId) -> Option<&BlockingCall> {
        let at = self.blocking.binary_search_by_key(&site, |call| call.site).ok()?;
        Some(&self.blocking[at])
    }

    pub fn new(model: &Model) -> Flow {
        let (guards, blocking) =
            rayon::join(|| guards::Guards::new(model), || blocking::blocking_calls(model));
        let graph = graph::Graph::new(model, &guards);
        let entries = entries::entry_points(model, &graph, &guards);
        let reach = |thread| thread::Reach::new(model, &graph, &entries, &guards, thread);
        let threads = || rayon::join(|| reach(Thread::Main), || reach(Thread::Worker));
        let others = || {
            let services = services::Services::new(model, &graph, &guards);
            let work = work::impersistent_work(model, &services);
            (
                background::Background::new(model, &graph, &guards, &entries),
                Arc::new(services),
                Arc::new(work),
            )
        };
        let ((main, worker), (background, services, work)) = rayon::join(threads, others);
        let (graph, guards) = (Arc::new(graph), Arc::new(guards));
        let stated = Arc::default();
        Flow { graph, entries, main, worker, blocking, background, guards, services, work, stated }
    }

    /// With kinds of work that the project states itself.
    #[must_use]
    pub fn stating(self, stated: stated::Stated) -> Flow {
        Flow { stated: Arc::new(stated), ..self }
    }

    /// Is an entry or a call of any way one of those that are `cut`?
    pub fn has_any(&self, model: &Model, cut: impl Fn(Place) -> bool) -> bool {
        self.entries.iter().any(|entry| cut(entry.place(model)))
            || self.background.entries().any(|entry| cut(entry.place(model)))
            || self.graph.edges.iter().any(|edge| cut(model.site(edge.site).point()))
    }

    /// The answers as if the entries and calls that are `cut` were not there: what suppressions leave.
    pub fn around(&self, model: &Model, cut: impl Fn(Place) -> bool + Sync) -> Flow {
        let (graph, guards) = (Arc::clone(&self.graph), Arc::clone(&self.guards));
        let reach = |thread| thread::Reach::around(model, &graph, &self.entries, &guards, thread, &cut);
        let (main, worker) = rayon::join(|| reach(Thread::Main), || reach(Thread::Worker));
        let background = background::Background::around(model, &graph, &guards, &self.entries, &cut);
        let (entries, blocking) = (self.entries.clone(), self.blocking.clone());
        let (services, work) = (Arc::clone(&self.services), Arc::clone(&self.work));
        let stated = Arc::clone(&self.stated);
        Flow { graph, entries, main, worker, blocking, background, guards, services, work, stated }
    }

    /// The entry points that are this function.
    pub fn entries_of(&self, function: FnId) -> impl Iterator<Item = &entries::EntryPoint> {
        let first = self.entries.partition_point(|entry| entry.function < function);
        self.entries[first..].iter().take_while(move |entry| entry.function == function)
    }

    /// Entries and calls on any way, on the main thread or in the background, to one of `goals`.
    pub fn steps_to(&self, model: &Model, goals: &[FnId]) -> Vec<Place> {
        let mut places = self.main.steps_to(model, &self.graph, goals);
        places.extend(self.background.steps_to(model, &self.graph, goals));
        places
    }
}
