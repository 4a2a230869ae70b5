//! What a method of an object runs before it returns.

use crate::flow::graph::Run;
use crate::model::TypeId;
use crate::rules::prelude::*;

/// The method and what it calls in place, so many calls deep, on an object of exactly this class: what siblings of the
/// class override is left out.
pub(super) fn in_place(cx: &Context<'_>, class: TypeId, method: FnId, depth: u32) -> Vec<FnId> {
    let qualified = cx.model.symbols.info(class).qualified;
    let is_own = |function: FnId| {
        let owner = cx.model.owner_of(cx.model.root_function(function));
        owner.is_some_and(|owner| {
            owner == class || cx.model.inherits(qualified, &cx.model.symbols.info(owner).qualified)
        })
    };
    let mut found = vec![method];
    let mut open = vec![(method, 0)];
    while let Some((at, calls)) = open.pop() {
        if calls >= depth {
            continue;
        }
        let known =
            if is_own(at) { cx.flow.guards.of_class(cx.model, at, class) } else { Default::default() };
        for edge in cx.flow.graph.from(at) {
            let runs = edge.run == Run::Here && edge.certainty > Confidence::Low;
            if runs
                && !found.contains(&edge.to)
                && !cx.flow.guards.misses(cx.model, cx.model.site(edge.site), edge.to, &known)
            {
                found.push(edge.to);
                open.push((edge.to, calls + 1));
            }
        }
    }
    found
}
