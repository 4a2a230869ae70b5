//! Streams that functions of the project are given: `fun <T> observe(flow: Flow<T>)` collects what its callers made, so
//! that the code of their operators runs where it collects.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::effects::{Effects, at_call, compose, param_of, relation};
use super::graph::{Cx, Handing, Run, runs_elsewhere};
use super::operators::{chains_of, code_of, consumes};
use crate::findings::Confidence;
use crate::model::objects::{Origin, RECEIVER};
use crate::model::{CallSite, FnId, Model, ObjectValue, SiteId, Thread};

/// Functions that hand a stream on to each other.
const MAX_HANDED_ON: usize = 4;
/// Ways in which one parameter is consumed that are told apart.
const MAX_WAYS: usize = 8;
/// Operators between a parameter and the call that consumes it.
const MAX_CALLS: usize = 64;

/// A parameter, or the extension receiver, of a function.
type Param = (FnId, u16);

/// How a stream that a function is given is consumed.
#[derive(Clone, PartialEq)]
struct Consumed {
    /// The calls from the parameter on. The last one consumes.
    calls: Vec<SiteId>,
    consumer: FnId,
    /// Where the consumer runs, seen from the function that has the parameter.
    around: Handing,
}

/// What the functions of a project consume of what they are given.
#[derive(Default)]
pub(super) struct StreamParams(FxHashMap<Param, Vec<Consumed>>);

impl StreamParams {
    pub(super) fn new(cx: &Cx<'_>, effects: &Effects) -> StreamParams {
        let model = cx.model;
        let mut params = StreamParams::default();
        for (id, site) in model.all_sites() {
            if !consumes(model, site) {
                continue;
            }
            let Some((param, mut calls)) = site.receiver_object().and_then(|it| from_param(model, it)) else {
                continue;
            };
            calls.push(id);
            for around in seen_from(cx, site, param.0, effects) {
                params.add(param, Consumed { calls: calls.clone(), consumer: site.function, around });
            }
        }
        if params.0.is_empty() {
            return params;
        }
        // Those that a function hands on to another one.
        let mut handed: Vec<(&CallSite, Param, Vec<SiteId>, &ObjectValue)> = Vec::new();
        for (_, site) in model.all_sites() {
            if site.declared.is_none() {
                continue;
            }
            for object in streams(site) {
                if let Some((param, calls)) = from_param(model, object) {
                    handed.push((site, param, calls, object));
                }
            }
        }
        for _ in 0..MAX_HANDED_ON {
            let mut more = Vec::new();
            for (site, param, calls, object) in &handed {
                for (_, inner) in params.given(cx, site, object) {
                    let calls: Vec<SiteId> = calls.iter().chain(&inner.calls).copied().collect();
                    for outer in seen_from(cx, site, param.0, effects) {
                        let around = compose(outer, inner.around);
                        let consumed = Consumed { calls: calls.clone(), consumer: inner.consumer, around };
                        more.push((*param, consumed));
                    }
                }
            }
            let mut changed = false;
            for (param, consumed) in more {
                changed |= params.add(param, consumed);
            }
            if !changed {
                break;
            }
        }
        params
    }

    fn add(&mut self, param: Param, consumed: Consumed) -> bool {
        if consumed.around.run == Run::Somewhere || consumed.calls.len() > MAX_CALLS {
            return false;
        }
        let known = self.0.entry(param).or_default();
        let new = known.len() < MAX_WAYS && !known.contains(&consumed);
        if new {
            known.push(consumed);
        }
        new
    }

    /// How the callees of a site consume this stream, seen from the site; with the callee.
    fn given(&self, cx: &Cx<'_>, site: &CallSite, object: &ObjectValue) -> Vec<(FnId, Consumed)> {
        let mut found: Vec<(FnId, Consumed)> = Vec::new();
        let targets = site.targets.iter().map(|target| (target.function, target.certainty));
        for (function, certainty) in targets.chain(site.declared.map(|it| (it, Confidence::High))) {
            for index in positions(cx.model, site, function, object) {
                for consumed in self.0.get(&(function, index)).into_iter().flatten() {
                    let around = at_call(cx, site, function, consumed.around);
                    let around = Handing { certainty: around.certainty.min(certainty), ..around };
                    let consumed = Consumed { around, ..consumed.clone() };
                    if found.iter().all(|(_, known)| *known != consumed) {
                        found.push((function, consumed));
                    }
                }
            }
        }
        found
    }

    /// The code of the streams given at a site, how it runs, seen from there, and the call that gave code to it in turn.
    pub(super) fn code(&self, cx: &Cx<'_>, site: &CallSite) -> Vec<(SiteId, Handing, Option<SiteId>)> {
        let model = cx.model;
        let mut found = Vec::new();
        if self.0.is_empty() || site.declared.is_none() {
            return found;
        }
        let around = model.root_function(site.function);
        for object in streams(site) {
            for (function, consumed) in self.given(cx, site, object) {
                for mut chain in chains_of(model, Some(object)) {
                    let own = chain.calls.len();
                    chain.calls.extend(consumed.calls.iter().map(|id| model.site(*id)));
                    chain.consumer = Some(consumed.consumer);
                    code_of(model, &chain, own, &mut |id, handing, given| {
                        let handing = at_call(cx, site, function, compose(consumed.around, handing));
                        // A dispatcher that a function in between got says nothing here.
                        let other = matches!(handing.run, Run::Given(it) if it.function != around);
                        if !other && handing.run != Run::Somewhere && !found.contains(&(id, handing, given)) {
                            found.push((id, handing, given));
                        }
                    });
                }
            }
        }
        found
    }
}

/// The parameter that a stream comes from, with what was called on it.
fn from_param(model: &Model, object: &ObjectValue) -> Option<(Param, Vec<SiteId>)> {
    let root = object.root();
    let Origin::Param(function, index) = root.origin else { return None };
    if root.made.is_some() || !root.either.is_empty() {
        return None;
    }
    let chain = chains_of(model, Some(object)).swap_remove(0);
    let calls = chain.calls.iter().filter_map(|call| model.site_at(call.file, call.expr));
    Some(((function, index), calls.collect()))
}

/// How the function of a site runs, seen from the one around it that has the parameter.
fn seen_from(
    cx: &Cx<'_>,
    site: &CallSite,
    function: FnId,
    effects: &Effects,
) -> impl Iterator<Item = Handing> + use<> {
    let checked = cx.guards.thread(site.function, site.span);
    let elsewhere = runs_elsewhere(cx.model, function);
    relation(cx, site.function, function, effects, 0).into_iter().map(move |mut around| {
        if around.run == Run::Here {
            around.only = around.only.or(checked);
            if elsewhere {
                around.run = Run::On(Thread::Worker);
            }
        }
        around
    })
}

fn streams(site: &CallSite) -> impl Iterator<Item = &ObjectValue> {
    site.args.iter().filter_map(|arg| arg.object()).chain(site.receiver_object())
}

/// The parameters of a function that are given this object of the site.
fn positions(model: &Model, site: &CallSite, function: FnId, object: &ObjectValue) -> SmallVec<[u16; 2]> {
    let decl = model.function(function);
    let is_it = |given: Option<&ObjectValue>| given.is_some_and(|given| std::ptr::eq(given, object));
    let args = (0..site.args.len()).filter(|at| is_it(site.args[*at].object()));
    let args = args.filter_map(|at| u16::try_from(param_of(decl, site, at)?).ok());
    let receiver = (decl.receiver.is_some() && is_it(site.receiver_object())).then_some(RECEIVER);
    args.chain(receiver).collect()
}
