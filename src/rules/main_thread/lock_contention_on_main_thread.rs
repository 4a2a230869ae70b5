//! The main thread takes a lock that other code holds while it blocks.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Span;
use crate::facts::{Expr, ExprKind};
use crate::flow::Path;
use crate::flow::graph::Run;
use crate::flow::locks::{Blocks, Held, Lock, blocks_while, held};
use crate::model::Thread;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "main-thread",
    doc: include_str!("../../../rules/main-thread/LockContentionOnMainThread.md"),
    check,
};

/// What takes so long that waiting for it shows.
const KINDS: [&str; 9] =
    ["network", "database", "wait", "device", "coroutine", "sleep", "process", "bitmap", "archive"];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut by_lock: FxHashMap<Lock, Vec<Held>> = FxHashMap::default();
    for region in held(cx.model) {
        by_lock.entry(region.lock).or_default().push(region);
    }
    let mut locks: Vec<(Lock, Vec<Held>)> =
        by_lock.into_iter().filter(|(_, regions)| regions.len() > 1).collect();
    locks.sort_by_key(|(lock, _)| *lock);
    let mut seen = FxHashSet::default();
    for (_, regions) in &locks {
        let on_main = |region: &&Held| {
            cx.flow.main.contains(region.function)
                && cx.flow.guards.thread(region.function, region.place.span) != Some(false)
        };
        let mains: Vec<&Held> = regions.iter().filter(on_main).collect();
        if mains.is_empty() {
            continue;
        }
        let slow =
            regions.iter().filter(|region| cx.flow.worker.contains(region.function)).find_map(|region| {
                blocks_while(cx.model, cx.flow, region, Thread::Worker, &KINDS).map(|blocks| (region, blocks))
            });
        let Some((slow, blocks)) = slow else { continue };
        // Whoever blocks on the main thread itself is reported for that, and waits for the lock at most as long.
        let waits = |main: &&&Held| {
            let same = main.function == slow.function && main.region == slow.region;
            let both_read = main.shared && slow.shared;
            !(same || both_read) && blocks_while(cx.model, cx.flow, main, Thread::Main, &KINDS).is_none()
        };
        // It holds no thread back that the main thread has just waited for.
        let joins =
            |main: &&&Held| cx.flow.main.path(main.function).is_some_and(|path| has_joined(cx, &path));
        let waiting: Vec<&Held> = mains.iter().filter(waits).filter(|it| !joins(it)).copied().collect();
        // One finding a lock: the most certain and shortest way, the others are named.
        let best = waiting.iter().copied().max_by_key(|main| {
            let path = cx.flow.main.path(main.function);
            path.map(|path| {
                (path.certainty, std::cmp::Reverse(path.calls.len()), std::cmp::Reverse(main.place))
            })
        });
        if let Some(main) = best.filter(|main| seen.insert(main.place)) {
            let others = waiting.iter().filter(|it| it.place != main.place);
            let others = others.map(|it| cx.model.display(it.function)).collect();
            report(cx, acc, main, slow, &blocks, others);
        }
    }
}

/// Does the main thread wait for other threads to end on its way, in a function of the way or in one that it calls before?
fn has_joined(cx: &Context<'_>, path: &Path) -> bool {
    let joins = |site: &SiteId| cx.flow.blocking_at(*site).is_some_and(|call| call.api == "Thread.join");
    path.calls.iter().any(|(step, _)| {
        let step = cx.model.site(*step);
        let facts = cx.model.facts(step.file);
        // In a branch that the step is not in, it may not have happened.
        let apart = |expr: &Expr, before: Span| {
            let branches =
                matches!(expr.kind, ExprKind::If { .. } | ExprKind::When { .. } | ExprKind::Lambda(_));
            branches && expr.span.contains(before) && !expr.span.contains(step.span)
        };
        let always = |before: SiteId| {
            let before = cx.model.site(before).span;
            before.end <= step.span.start && !facts.exprs.iter().any(|expr| apart(expr, before))
        };
        let edges = cx.flow.graph.from(step.function).iter().filter(|edge| edge.run == Run::Here);
        let called = edges.filter(|edge| cx.model.sites_of[edge.to.index()].iter().any(joins));
        let own = cx.model.sites_of[step.function.index()].iter().copied().filter(joins);
        own.chain(called.map(|edge| edge.site)).any(always)
    })
}

fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    main: &Held,
    slow: &Held,
    blocks: &Blocks,
    others: Vec<String>,
) {
    let Some(path) = cx.flow.main.path(main.function) else { return };
    let call = &cx.flow.blocking[blocks.call];
    let mut steps = path.steps(cx.model);
    steps.push(Step {
        role: StepRole::Call,
        place: slow.place,
        message: format!("{} holds the same lock on a worker thread", cx.model.display(slow.function)),
        symbol: cx.model.symbol(slow.function),
    });
    for (site, to) in &blocks.way {
        let site = cx.model.site(*site);
        steps.push(Step {
            role: StepRole::Call,
            place: site.point(),
            message: format!("and calls {}", cx.model.display(*to)),
            symbol: cx.model.symbol(site.function),
        });
    }
    let cause = cx.model.site(call.site);
    steps.push(Step {
        role: StepRole::Cause,
        place: cause.point(),
        message: format!("{} {} meanwhile", call.api, call.does),
        symbol: cx.model.symbol(cause.function),
    });
    acc.report(main.place)
        .message(format!(
            "the main thread waits here for a lock that {} holds while it {} ({})",
            cx.model.display(slow.function),
            call.does,
            call.api
        ))
        .label("waits for another thread's work")
        .help("hold the lock only around the shared state and block outside of it, or take the lock on a worker thread")
        .symbol(cx.model.symbol(main.function))
        .key(format!("{} {}", cx.model.display(slow.function), call.api))
        .confidence(path.certainty.min(Confidence::Medium))
        .steps(steps)
        .also_from(others);
}
