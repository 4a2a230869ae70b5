//! Which coroutine leads to code that does not suspend itself.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::findings::{Confidence, Step, StepRole};
use crate::model::{FnId, Model, SiteId};

use super::graph::{Graph, Run};

/// Calls between the coroutine and the code.
const LIMIT: usize = 8;

/// The nearest coroutine above some code.
#[derive(Clone, Debug)]
pub struct Above {
    /// The function or lambda of the coroutine that makes the first call.
    pub from: FnId,
    /// Calls from there on, first to last; none if the code is the coroutine's own.
    pub calls: Vec<(SiteId, FnId)>,
    pub certainty: Confidence,
}

/// The nearest coroutine whose thread runs the function: itself, or one that calls it in place.
pub fn coroutine_above(model: &Model, graph: &Graph, function: FnId) -> Option<Above> {
    if model.in_coroutine(function) {
        return Some(Above { from: function, calls: Vec::new(), certainty: Confidence::High });
    }
    for least in [Confidence::High, Confidence::Medium] {
        let mut next: FxHashMap<FnId, (SiteId, FnId)> = FxHashMap::default();
        let mut open: VecDeque<(FnId, usize)> = VecDeque::from([(function, 0)]);
        while let Some((at, depth)) = open.pop_front() {
            if depth >= LIMIT {
                continue;
            }
            for edge in graph.to(at) {
                let new = edge.from != function && !next.contains_key(&edge.from);
                let meant_to_block = model.site(edge.site).name == "runInterruptible";
                if edge.run != Run::Here || edge.certainty < least || !new || meant_to_block {
                    continue;
                }
                next.insert(edge.from, (edge.site, at));
                if model.in_coroutine(edge.from) && !of_run_blocking(model, edge.from) {
                    let calls = way(&next, edge.from, function);
                    return Some(Above { from: edge.from, calls, certainty: least });
                }
                open.push_back((edge.from, depth + 1));
            }
        }
    }
    None
}

/// Code that `runBlocking` runs for code that is no coroutine: its thread is blocked already.
fn of_run_blocking(model: &Model, function: FnId) -> bool {
    let taker = model.taker(model.code_around(function)).map(|(site, _)| model.site(site));
    taker.is_some_and(|site| {
        site.api.is_some_and(|api| api.member == "runBlocking" && api.class.starts_with("kotlinx.coroutines"))
            && !model.in_coroutine(site.function)
    })
}

fn way(next: &FxHashMap<FnId, (SiteId, FnId)>, from: FnId, to: FnId) -> Vec<(SiteId, FnId)> {
    let mut calls = Vec::new();
    let mut at = from;
    while at != to && calls.len() <= LIMIT {
        let Some((site, below)) = next.get(&at) else { break };
        calls.push((*site, *below));
        at = *below;
    }
    calls
}

impl Above {
    /// The coroutine and the calls from it on.
    pub fn steps(&self, model: &Model) -> Vec<Step> {
        if self.calls.is_empty() {
            return Vec::new();
        }
        let code = model.code_around(self.from);
        let place = match model.taker(code) {
            Some((site, _)) => model.site(site).point(),
            None => model.fn_place(code),
        };
        let message = "runs in a coroutine".to_owned();
        let mut steps = vec![Step { role: StepRole::Entry, place, message, symbol: model.symbol(code) }];
        for (site, to) in &self.calls {
            let site = model.site(*site);
            let message = match model.is_lambda(*to) {
                true => format!("{} runs this lambda", super::path::call_name(model, site)),
                false => format!("calls {}", model.display(*to)),
            };
            let (role, symbol) = (StepRole::Call, model.symbol(site.function));
            steps.push(Step { role, place: site.point(), message, symbol });
        }
        steps
    }
}
