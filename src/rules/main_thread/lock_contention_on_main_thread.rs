//! The main thread takes a lock that other code holds while it blocks.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::flow::locks::{Blocks, Held, Lock, blocks_while, held};
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
                blocks_while(cx.model, cx.flow, region, &KINDS).map(|blocks| (region, blocks))
            });
        let Some((slow, blocks)) = slow else { continue };
        // Whoever blocks on the main thread itself is reported for that, and waits for the lock at most as long.
        let waits = |main: &&&Held| {
            let same = main.function == slow.function && main.region == slow.region;
            let both_read = main.shared && slow.shared;
            !(same || both_read) && blocks_while(cx.model, cx.flow, main, &KINDS).is_none()
        };
        let waiting: Vec<&Held> = mains.iter().filter(waits).copied().collect();
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
