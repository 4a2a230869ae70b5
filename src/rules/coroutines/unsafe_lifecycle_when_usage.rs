//! Views touched in `finally` of a block that only runs while the lifecycle is at a state.

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FileFacts};
use crate::flow::graph::Run;
use crate::flow::path::call_name;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/UnsafeLifecycleWhenUsage.md"),
    check,
};

/// Source: developer.android.com/reference/kotlin/androidx/lifecycle/package-summary
const PAUSING: [&str; 7] = [
    "whenCreated",
    "whenStarted",
    "whenResumed",
    "whenStateAtLeast",
    "launchWhenCreated",
    "launchWhenStarted",
    "launchWhenResumed",
];
/// Calls followed from the block.
const MAX_CALLS: usize = 3;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = rustc_hash::FxHashSet::default();
    for (_, site) in cx.model.all_sites() {
        let pausing = PAUSING.contains(&site.name.as_str())
            && site.api.is_some_and(|api| api.class.starts_with("androidx.lifecycle"));
        if !pausing {
            continue;
        }
        for arg in &site.args {
            for block in cx.model.functions_of(&arg.callable, None) {
                for function in reached(cx, block) {
                    for id in unsafe_touches(cx, function) {
                        if seen.insert(id) {
                            report(cx, acc, site, cx.model.site(id));
                        }
                    }
                }
            }
        }
    }
}

/// The block, its lambdas in place, and what they call in place a few calls away.
fn reached(cx: &Context<'_>, block: FnId) -> Vec<FnId> {
    let mut all = vec![(block, 0)];
    let mut at = 0;
    while at < all.len() {
        let (function, depth) = all[at];
        at += 1;
        for edge in cx.flow.graph.from(function) {
            let deeper = depth + usize::from(!cx.model.is_lambda(edge.to));
            if edge.run == Run::Here
                && edge.certainty > Confidence::Low
                && deeper <= MAX_CALLS
                && !all.iter().any(|(known, _)| *known == edge.to)
            {
                all.push((edge.to, deeper));
            }
        }
    }
    all.into_iter().map(|(function, _)| function).collect()
}

/// Calls on views in the `finally` of a `try` that suspends, without a check of the lifecycle's state.
fn unsafe_touches(cx: &Context<'_>, function: FnId) -> Vec<SiteId> {
    let file = cx.model.symbols.fn_file(function);
    let facts = cx.model.facts(file);
    let mut found = Vec::new();
    for tried in cx.model.tries_in(function) {
        let Some(finally) = tried.finally else { continue };
        if cx.model.suspensions(file, tried.body, |_| true).is_empty() {
            continue;
        }
        let span = facts[finally].span;
        let unchecked = |id: &SiteId| !checked(facts, finally, cx.model.site(*id).span, 0);
        let inside = sites_in(cx, function, span).into_iter().filter(unchecked).collect::<Vec<_>>();
        found.extend(inside.iter().copied().filter(|id| touches_view(cx, *id)));
        // What helpers of the project do to views.
        let helpers = inside.iter().filter(|id| !touches_view(cx, **id));
        let helpers = helpers.flat_map(|id| cx.model.site(*id).targets.iter().map(|target| target.function));
        for helper in helpers.filter(|helper| !cx.model.is_lambda(*helper)) {
            let touched = sites_in(cx, helper, cx.model.function(helper).span);
            found.extend(touched.into_iter().filter(|id| touches_view(cx, *id)));
        }
    }
    found
}

/// Calls in a part of a function, with those of its lambdas that run in place.
fn sites_in(cx: &Context<'_>, function: FnId, span: Span) -> Vec<SiteId> {
    let mut functions = vec![function];
    let mut at = 0;
    while at < functions.len() {
        let edges = cx.flow.graph.from(functions[at]).iter();
        let lambdas = edges.filter(|edge| edge.run == Run::Here && cx.model.is_lambda(edge.to));
        let inside = lambdas.map(|edge| edge.to).filter(|to| {
            cx.model.code_around(*to) == cx.model.code_around(function)
                && span.contains(cx.model.function(*to).span)
        });
        let new: Vec<FnId> = inside.filter(|to| !functions.contains(to)).collect();
        functions.extend(new);
        at += 1;
    }
    let all = functions.iter().flat_map(|it| cx.model.sites_of[it.index()].iter().copied());
    all.filter(|id| span.contains(cx.model.site(*id).span)).collect()
}

fn touches_view(cx: &Context<'_>, id: SiteId) -> bool {
    let on = cx.model.site(id).receiver_type.as_ref().and_then(|ty| ty.upper());
    on.is_some_and(|ty| cx.model.inherits(ty.class, "android.view.View"))
}

/// Is the place inside a branch of a condition that asks `isAtLeast`?
fn checked(facts: &FileFacts, expr: ExprId, at: Span, depth: u16) -> bool {
    if depth > 600 || !facts[expr].span.contains(at) {
        return false;
    }
    if let ExprKind::If { condition, then: Some(then), .. } = &facts[expr].kind
        && facts[*then].span.contains(at)
        && asks(facts, *condition, 0)
    {
        return true;
    }
    let mut found = false;
    facts[expr].kind.each_child(|child| found = found || checked(facts, child, at, depth + 1));
    found
}

fn asks(facts: &FileFacts, expr: ExprId, depth: u16) -> bool {
    if let ExprKind::Call(call) = &facts[expr].kind
        && call.name == "isAtLeast"
    {
        return true;
    }
    let mut found = false;
    if depth < 600 {
        facts[expr].kind.each_child(|child| found = found || asks(facts, child, depth + 1));
    }
    found
}

fn report(cx: &Context<'_>, acc: &mut Findings<'_>, block: &CallSite, touch: &CallSite) {
    let step = Step {
        role: StepRole::Cause,
        place: block.point(),
        message: format!("{} cancels its block when the lifecycle is destroyed", block.name),
        symbol: cx.model.symbol(block.function),
    };
    acc.report(touch.point())
        .message(format!(
            "{} in finally of {}: when the lifecycle is destroyed this runs, too, and the view is gone",
            call_name(cx.model, touch),
            block.name
        ))
        .label("the view may be gone")
        .help("ask first: if (lifecycle.currentState.isAtLeast(Lifecycle.State.STARTED)) { … }; better, use repeatOnLifecycle()")
        .symbol(cx.model.symbol(touch.function))
        .key(call_name(cx.model, touch))
        .steps(vec![step]);
}
