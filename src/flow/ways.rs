//! Ways into functions, told apart by what is known of parameters on them.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::model::{FnId, Model, SiteId};

use super::guards::{Bound, Bounds, Guards};

/// Ways into one function that are kept.
const MAX_WAYS: usize = 8;

/// A way into a function.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) function: FnId,
    pub(super) known: Bounds,
    /// The way to the caller, and its call.
    pub(super) from: Option<(u32, SiteId)>,
}

/// All ways found, in their order.
#[derive(Default)]
pub(super) struct Ways {
    all: Vec<Way>,
    of: FxHashMap<FnId, SmallVec<[u32; 1]>>,
}

impl Ways {
    /// Adds a way, unless one is known on which no more is known of parameters. The last one stands for all others.
    pub(super) fn add(&mut self, mut way: Way) -> Option<u32> {
        let at = u32::try_from(self.all.len()).ok()?;
        if self.covers(way.function, &way.known) {
            return None;
        }
        let own = self.of.entry(way.function).or_default();
        if own.len() + 1 >= MAX_WAYS {
            way.known.clear();
        }
        own.push(at);
        self.all.push(way);
        Some(at)
    }

    pub(super) fn covers(&self, function: FnId, known: &[Bound]) -> bool {
        let Some(ways) = self.of.get(&function) else { return false };
        ways.iter().any(|way| self.get(*way).known.iter().all(|bound| known.contains(bound)))
    }

    pub(super) fn get(&self, way: u32) -> &Way {
        &self.all[way as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Ways into a function, the first one first.
    pub(super) fn of(&self, function: FnId) -> &[u32] {
        self.of.get(&function).map_or(&[], |ways| ways.as_slice())
    }

    /// The first way into the function of a call that leads to the call.
    pub(super) fn to(&self, model: &Model, guards: &Guards, site: SiteId) -> Option<u32> {
        let site = model.site(site);
        let open = |way: &&u32| !guards.contradicts(model, site.function, site.span, &self.get(**way).known);
        self.of(site.function).iter().find(open).copied()
    }

    /// The calls of a way, each with the function it leads to.
    pub(super) fn calls(&self, way: u32) -> Vec<(SiteId, FnId)> {
        let mut calls = Vec::new();
        let mut at = self.get(way);
        while let Some((from, site)) = at.from {
            calls.push((site, at.function));
            at = self.get(from);
        }
        calls.reverse();
        calls
    }
}
