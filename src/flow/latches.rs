//! Latches that the waiting thread counts down itself before it waits.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::findings::Confidence;
use crate::model::{CallSite, FnId, Model, PropId};

use super::graph::{Graph, Run};

/// Functions looked at on the way to the count.
const LIMIT: usize = 512;

/// Does a latch of a property get counted down by code that the waiting function calls in place: a listener that is run
/// synchronously?
pub fn counts_down_itself(model: &Model, graph: &Graph, site: &CallSite) -> bool {
    let latch = |class| model.inherits(class, "java.util.concurrent.CountDownLatch");
    let waits = site.name == "await" && site.api.is_some_and(|api| latch(api.class));
    let Some(property) = property(site).filter(|_| waits) else { return false };
    let counts: FxHashSet<FnId> = model
        .sites_of_members(&["countDown"])
        .filter(|(_, it)| self::property(it) == Some(property))
        .map(|(_, it)| it.function)
        .collect();
    let mut seen: FxHashSet<FnId> = FxHashSet::default();
    let mut open = VecDeque::from([site.function]);
    // Nearest first: far away nearly everything is reached.
    while let Some(at) = open.pop_front() {
        if counts.contains(&at) {
            return true;
        }
        if seen.len() >= LIMIT || !seen.insert(at) {
            continue;
        }
        let in_place =
            graph.from(at).iter().filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low);
        open.extend(in_place.map(|edge| edge.to));
    }
    false
}

fn property(site: &CallSite) -> Option<PropId> {
    site.receiver_facts.as_ref().and_then(|facts| facts.property)
}
