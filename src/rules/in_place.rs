//! What a method of an object runs before it returns.

use std::collections::VecDeque;

use crate::flow::graph::{Edge, Run};
use crate::model::{SiteKind, TypeId};
use crate::rules::prelude::*;

/// The method and what it calls in place, so many calls deep, on an object of exactly this class.
pub(super) fn in_place(cx: &Context<'_>, class: TypeId, method: FnId, depth: u32) -> Vec<FnId> {
    in_place_from(cx, class, vec![method], depth)
}

/// The same from several functions on, nearest first, so that no long way takes the depth from a short one.
pub(super) fn in_place_from(cx: &Context<'_>, class: TypeId, starts: Vec<FnId>, depth: u32) -> Vec<FnId> {
    let mut open: VecDeque<(FnId, u32)> = starts.iter().map(|start| (*start, 0)).collect();
    let mut found = starts;
    while let Some((at, calls)) = open.pop_front() {
        if calls >= depth {
            continue;
        }
        for edge in calls_in_place(cx, class, at) {
            if !found.contains(&edge.to) {
                found.push(edge.to);
                open.push_back((edge.to, calls + 1));
            }
        }
    }
    found
}

/// What a function calls in place; on the object itself only what its class has, not what siblings override.
pub(super) fn calls_in_place<'c>(cx: &Context<'c>, class: TypeId, function: FnId) -> Vec<&'c Edge> {
    let qualified = cx.model.symbols.info(class).qualified;
    let owner = cx.model.owner_of(cx.model.root_function(function));
    let own = owner.is_some_and(|owner| {
        owner == class || cx.model.inherits(qualified, &cx.model.symbols.info(owner).qualified)
    });
    let known = if own { cx.flow.guards.of_class(cx.model, function, class) } else { Default::default() };
    let edges = cx.flow.graph.from(function).iter();
    let here = edges.filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low);
    // Objects and what is injected belong to the app: what they start as they are made is none of the caller's work.
    let made =
        |edge: &&Edge| matches!(cx.model.site(edge.site).kind, SiteKind::FirstUse | SiteKind::Injected);
    let here = here.filter(|edge| !made(edge));
    let leads = |edge: &&Edge| !cx.flow.guards.misses(cx.model, cx.model.site(edge.site), edge.to, &known);
    here.filter(leads).collect()
}
