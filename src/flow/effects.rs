//! What project functions do with code that is given to them: run it here, hand it on to a thread or to another
//! function, or keep it in a listener.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::graph::{Cx, Handing, Run, handings, runs_elsewhere};
use crate::catalog::Background;
use crate::findings::Confidence;
use crate::model::{CallSite, Callable, FnId, SiteId, Thread};

pub(super) type Handings = SmallVec<[Handing; 2]>;
/// What functions do with their parameters that are code.
pub(super) type Effects = FxHashMap<(FnId, u16), Handings>;

/// Rounds after which parameters handed on and on are given up.
const MAX_ROUNDS: usize = 8;

/// What project functions do with a parameter: what was found of every function that may run.
pub(super) fn project_handings(
    cx: &Cx<'_>,
    site: &CallSite,
    at: usize,
    declared: FnId,
    effects: &Effects,
) -> Handings {
    let model = cx.model;
    let mut found = Handings::new();
    let decl = model.function(declared);
    let Some(param) = param_of(decl, site, at) else { return found };
    let param = u16::try_from(param).unwrap_or(u16::MAX);
    // One of several implementations is no more certain to run the code than it is to be called.
    let functions = site.targets.iter().map(|target| (target.function, target.certainty));
    for (function, certainty) in functions.chain([(declared, Confidence::High)]) {
        for handing in effects.get(&(function, param)).into_iter().flatten() {
            let handing = Handing { certainty: handing.certainty.min(certainty), ..*handing };
            let handing = at_call(cx, site, function, handing);
            if !found.contains(&handing) {
                found.push(handing);
            }
        }
    }
    // Lambdas of composables are UI callbacks whatever is done with them.
    let elsewhere = found.iter().any(|handing| matches!(handing.run, Run::On(_)));
    if !elsewhere && model.annotated(declared, "Composable") {
        found.push(Handing { background: Background::No, ..Handing::new(Run::On(Thread::Main)) });
    }
    found
}

/// With the threads put in that a call gives to the function, or to the declaration that it names.
pub(super) fn at_call(cx: &Cx<'_>, site: &CallSite, function: FnId, mut handing: Handing) -> Handing {
    // A context that says nothing leaves it to the scope, which may be given as well.
    for _ in 0..2 {
        if let Run::Given(given) = handing.run
            && (given.function == function || site.declared == Some(given.function))
        {
            let (run, sure) = cx.threads.at(cx.model, site, given);
            handing = Handing { run, certainty: handing.certainty.min(sure), ..handing };
        }
    }
    handing
}

/// The parameter that an argument is given for.
pub(super) fn param_of(decl: &crate::facts::FunctionDecl, site: &CallSite, at: usize) -> Option<usize> {
    let arg = &site.args[at];
    if let Some(name) = arg.name {
        return decl.params.iter().position(|param| param.name == name);
    }
    if arg.trailing {
        return decl.params.len().checked_sub(1);
    }
    Some(at.min(decl.params.len().checked_sub(1)?))
}

/// Fixed point over parameters that are code: invoked here, handed on to a thread, or to another function.
pub(super) fn effects(cx: &Cx<'_>) -> Effects {
    let model = cx.model;
    // Sites that invoke or hand on a parameter, with the parameter.
    let mut uses: Vec<(SiteId, FnId, u16, Option<usize>)> = Vec::new();
    for (id, site) in model.all_sites() {
        let handed = site.args.iter().enumerate().map(|(at, arg)| (&arg.callable, Some(at)));
        for (callable, at) in std::iter::once((&site.invokes, None)).chain(handed) {
            for part in callable.parts() {
                if let Callable::Param(function, index) = part {
                    uses.push((id, *function, *index, at));
                }
            }
        }
    }
    let mut effects = Effects::default();
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for (id, function, index, argument) in &uses {
            let site = model.site(*id);
            let handed = match argument {
                None => SmallVec::from_slice(&[Handing::new(Run::Here)]),
                Some(at) => handings(cx, *id, *at, &effects),
            };
            if handed.is_empty() {
                continue;
            }
            let checked = cx.guards.thread(site.function, site.span);
            for outer in relation(cx, site.function, *function, &effects, 0) {
                for inner in &handed {
                    let mut handing = compose(outer, *inner);
                    if handing.run == Run::Here && runs_elsewhere(model, *function) {
                        handing.run = Run::On(Thread::Worker);
                    }
                    if inner.run == Run::Here {
                        handing.only = handing.only.or(checked);
                    }
                    let known = effects.entry((*function, *index)).or_default();
                    if !known.contains(&handing) && known.len() < 6 {
                        known.push(handing);
                        changed = true;
                    }
                }
            }
        }
        if !changed {
            break;
        }
    }
    effects
}

pub(super) fn compose(outer: Handing, inner: Handing) -> Handing {
    let certainty = outer.certainty.min(inner.certainty);
    let run = if inner.run == Run::Here { outer.run } else { inner.run };
    let background = if inner.run == Run::Here { outer.background } else { inner.background };
    let only = if inner.run == Run::Here { outer.only.or(inner.only) } else { inner.only };
    Handing { run, certainty, background, only }
}

/// How a lambda inside `function` runs relative to it; the function itself runs here.
pub(super) fn relation(cx: &Cx<'_>, inner: FnId, function: FnId, effects: &Effects, depth: u8) -> Handings {
    let model = cx.model;
    if inner == function {
        return SmallVec::from_slice(&[Handing::new(Run::Here)]);
    }
    let mut found = Handings::new();
    let Some(parent) = model.parent_function(inner) else {
        // A method of an anonymous object inside: it runs when whoever holds the object says so.
        found.push(Handing { certainty: Confidence::Medium, ..Handing::new(Run::Somewhere) });
        return found;
    };
    if depth > 8 {
        return found;
    }
    let outer = relation(cx, parent, function, effects, depth + 1);
    let mut handed = false;
    for id in &model.sites_of[parent.index()] {
        let site = model.site(*id);
        for (at, arg) in site.args.iter().enumerate() {
            if !arg.callable.holds(inner) {
                continue;
            }
            handed = true;
            for handing in handings(cx, *id, at, effects) {
                found.extend(outer.iter().map(|outer| compose(*outer, handing)));
            }
        }
    }
    if !handed && !outer.is_empty() {
        // Returned or kept: whoever gets it runs it.
        found.push(Handing { certainty: Confidence::Medium, ..Handing::new(Run::Somewhere) });
    }
    found
}

/// The code that an operator's lambda runs, of a function that makes a stream from code: `fun <T> load(fetch: suspend () ->
/// T) = flow { emit(fetch()) }`, called at `by`; and how the lambda runs it.
pub(super) fn code_given(cx: &Cx<'_>, effects: &Effects, by: SiteId, lambda: FnId) -> Vec<(FnId, Handing)> {
    let model = cx.model;
    let site = model.site(by);
    let around = model.root_function(lambda);
    let mut found = Vec::new();
    for (at, arg) in site.args.iter().enumerate() {
        let code = model.code_of(&arg.callable);
        let Some(param) = param_of(model.function(around), site, at).filter(|_| !code.is_empty()) else {
            continue;
        };
        let param = (around, u16::try_from(param).unwrap_or(u16::MAX));
        for invoking in cx.invoked.get(&param).into_iter().flatten() {
            let site = model.site(*invoking);
            for handing in relation(cx, site.function, lambda, effects, 0) {
                if handing.run != Run::Somewhere {
                    found.extend(code.iter().map(|to| (*to, handing)));
                }
            }
        }
    }
    found
}

/// Is it a parameter used by a listener or lambda that outlives the call it was given in, so that no call decides where
/// it runs: `fun onText(f: () -> Unit) = addTextChangedListener(object : TextWatcher { … f() … })`?
pub(super) fn escapes(cx: &Cx<'_>, site: &CallSite, callable: &Callable, effects: &Effects) -> bool {
    let Callable::Param(function, _) = callable else { return false };
    site.function != *function
        && relation(cx, site.function, *function, effects, 0).iter().all(|it| it.run == Run::Somewhere)
}
