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

use crate::model::Model;

pub use blocking::BlockingCall;
pub use path::Path;

/// Everything computed over the call graph.
pub struct Flow {
    pub graph: graph::Graph,
    pub entries: Vec<entries::EntryPoint>,
    pub main: thread::Reach,
    pub blocking: Vec<BlockingCall>,
    pub background: background::Background,
    pub guards: guards::Guards,
}

impl Flow {
    pub fn new(model: &Model) -> Flow {
        let guards = guards::Guards::new(model);
        let blocking = blocking::blocking_calls(model);
        let graph = graph::Graph::new(model);
        let entries = entries::entry_points(model, &graph);
        let main = thread::Reach::new(model, &graph, &entries, &guards, crate::model::Thread::Main);
        let background = background::Background::new(model, &graph, &entries);
        Flow { graph, entries, main, blocking, background, guards }
    }
}
