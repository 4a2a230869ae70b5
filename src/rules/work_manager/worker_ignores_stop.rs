//! Workers that go on after WorkManager has stopped them.

use super::workers::{concrete, methods, overrides};
use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FileFacts};
use crate::flow::background::Forward;
use crate::flow::uses::each;
use crate::model::{Type, TypeId};
use crate::rules::in_place::{calls_in_place, in_place, in_place_from};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/WorkerIgnoresStop.md"),
    check,
};

/// Calls followed from a loop to its network I/O.
const DEPTH: u32 = 6;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = rustc_hash::FxHashSet::default();
    for worker in concrete(cx, "androidx.work.Worker") {
        if overrides(cx, worker, "onStopped") {
            continue;
        }
        for work in methods(cx, worker, "doWork") {
            let run = in_place(cx, worker, work, DEPTH);
            // Code that it only hands on may ask as well; what other workers do says nothing of this one.
            let forward = Forward::new(&cx.flow.graph, &[work], DEPTH);
            let handed = forward.functions().iter().filter(|it| !is_of_another(cx, **it, worker));
            if run.iter().chain(handed).any(|it| asks_to_stop(cx, *it)) {
                continue;
            }
            let own = run.iter().filter(|it| is_own(cx, **it, worker));
            let found = own.copied().find_map(|function| Some((function, heavy_loop(cx, worker, function)?)));
            let Some((function, (span, api))) = found else { continue };
            let place = Place { file: cx.model.symbols.fn_file(function), span };
            if !seen.insert(place) {
                continue;
            }
            let name = cx.model.display_type(worker);
            acc.report(Place { span: head(cx.model.facts(place.file), place), ..place })
                .message(format!("{name} loops around network I/O ({api}) and never asks isStopped: it goes on after it was stopped"))
                .label("goes on when stopped")
                .help("leave the loop when isStopped() is true, or extend CoroutineWorker, whose coroutine is cancelled")
                .symbol(cx.model.symbol(function))
                .key(name);
        }
    }
}

/// Is `isStopped` or `stopReason` mentioned, as call or property?
fn asks_to_stop(cx: &Context<'_>, function: FnId) -> bool {
    const ASKS: [&str; 3] = ["isStopped", "getStopReason", "stopReason"];
    let facts = cx.model.facts(cx.model.symbols.fn_file(function));
    let Some(body) = cx.model.function(function).body else { return false };
    let mut found = false;
    each(facts, body, &mut |id| {
        found |= match &facts[id].kind {
            ExprKind::Name(name) | ExprKind::Member { name, .. } => ASKS.contains(&name.as_str()),
            ExprKind::Call(call) => ASKS.contains(&call.name.as_str()),
            _ => false,
        };
    });
    found
}

/// Is the function the worker's own, or of a class it extends?
fn is_own(cx: &Context<'_>, function: FnId, worker: TypeId) -> bool {
    let owner = cx.model.owner_of(cx.model.root_function(function));
    owner.is_some_and(|owner| {
        let class = cx.model.symbols.info(worker).qualified;
        owner == worker || cx.model.inherits(class, &cx.model.symbols.info(owner).qualified)
    })
}

fn is_of_another(cx: &Context<'_>, function: FnId, worker: TypeId) -> bool {
    let owner = cx.model.owner_of(cx.model.root_function(function));
    let class = owner.map(|owner| cx.model.symbols.info(owner).qualified);
    class.is_some_and(|class| cx.model.inherits(class, "androidx.work.ListenableWorker"))
        && !is_own(cx, function, worker)
}

/// The first line of a loop is enough to point at.
fn head(facts: &FileFacts, place: Place) -> Span {
    let body = facts.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Loop(it) if expr.span == place.span => it.body,
        _ => None,
    });
    let end = body.map_or(place.span.end, |body: ExprId| facts[body].span.start);
    Span { start: place.span.start, end: end.max(place.span.start + 1) }
}

/// Calls that run their code for each element.
const LOOPS: [&str; 11] = [
    "associate",
    "associateWith",
    "flatMap",
    "forEach",
    "forEachIndexed",
    "map",
    "mapIndexed",
    "mapNotNull",
    "onEach",
    "onEachIndexed",
    "repeat",
];

/// A loop whose body does network I/O in place, with the call that does.
fn heavy_loop(cx: &Context<'_>, worker: TypeId, function: FnId) -> Option<(Span, String)> {
    let facts = cx.model.facts(cx.model.symbols.fn_file(function));
    let body = cx.model.function(function).body?;
    let edges = calls_in_place(cx, worker, function);
    // Each loop with the part of the function that is repeated and the functions that are.
    let mut loops: Vec<(Span, Option<Span>, Vec<FnId>)> = Vec::new();
    each(facts, body, &mut |id| {
        if let ExprKind::Loop(it) = &facts[id].kind
            && let Some(body) = it.body
        {
            let inside = facts[body].span;
            let calls = edges.iter().filter(|edge| inside.contains(cx.model.site(edge.site).span));
            loops.push((facts[id].span, Some(inside), calls.map(|edge| edge.to).collect()));
        }
    });
    for id in &cx.model.sites_of[function.index()] {
        let site = cx.model.site(*id);
        let runs = site.api.is_some_and(|api| {
            LOOPS.contains(&api.member.as_str())
                && ["kotlin.", "java.lang.", "java.util."].iter().any(|it| api.class.starts_with(it))
        });
        if runs {
            let calls = edges.iter().filter(|edge| edge.site == *id);
            loops.push((site.name_span, None, calls.map(|edge| edge.to).collect()));
        }
    }
    loops.sort_by_key(|(span, ..)| span.start);
    loops.into_iter().find_map(|(span, inside, starts)| {
        let reached = in_place_from(cx, worker, starts, DEPTH - 1);
        let call = cx.flow.blocking.iter().find(|call| {
            let site = cx.model.site(call.site);
            let here = site.function == function && inside.is_some_and(|inside| inside.contains(site.span));
            call.kind == "network" && (here || reached.contains(&site.function)) && !may_be_a_file(site)
        })?;
        Some((span, call.api.clone()))
    })
}

/// The connection of an URL that nobody cast to HTTP's: `File.toURI().toURL()` gives one as well.
fn may_be_a_file(site: &CallSite) -> bool {
    site.receiver_type.as_ref().and_then(Type::upper).is_some_and(|ty| ty.class == "java.net.URLConnection")
}
