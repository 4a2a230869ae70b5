//! Answers to what rules ask: on which threads may this run and by which path; may it run in the background; what
//! blocks; what work is started here.

pub mod background;
pub mod blocking;
pub mod entries;
pub mod graph;
pub mod guards;
pub mod operators;
pub mod path;
pub mod thread;
pub mod work;

use std::sync::Arc;

use crate::findings::Place;
use crate::model::{FnId, Model, Thread};

pub use blocking::BlockingCall;
pub use path::Path;

/// Everything computed over the call graph.
pub struct Flow {
    pub graph: Arc<graph::Graph>,
    pub entries: Vec<entries::EntryPoint>,
    pub main: thread::Reach,
    pub blocking: Vec<BlockingCall>,
    pub background: background::Background,
    pub guards: Arc<guards::Guards>,
}

impl Flow {
    pub fn new(model: &Model) -> Flow {
        let guards = guards::Guards::new(model);
        let blocking = blocking::blocking_calls(model);
        let graph = graph::Graph::new(model);
        let entries = entries::entry_points(model, &graph);
        let main = thread::Reach::new(model, &graph, &entries, &guards, Thread::Main);
        let background = background::Background::new(model, &graph, &entries);
        Flow { graph: Arc::new(graph), entries, main, blocking, background, guards: Arc::new(guards) }
    }

    /// The answers as if the entries and calls that are `cut` were not there: what suppressions leave.
    pub fn around(&self, model: &Model, cut: impl Fn(Place) -> bool) -> Flow {
        let (graph, guards) = (Arc::clone(&self.graph), Arc::clone(&self.guards));
        let main = thread::Reach::around(model, &graph, &self.entries, &guards, Thread::Main, &cut);
        let background = background::Background::around(model, &graph, &self.entries, &cut);
        let (entries, blocking) = (self.entries.clone(), self.blocking.clone());
        Flow { graph, entries, main, blocking, background, guards }
    }

    /// Entries and calls on any way, on the main thread or in the background, to one of `goals`.
    pub fn steps_to(&self, model: &Model, goals: &[FnId]) -> Vec<Place> {
        let mut places = self.main.steps_to(model, &self.graph, goals);
        places.extend(self.background.steps_to(model, &self.graph, goals));
        places
    }
}
