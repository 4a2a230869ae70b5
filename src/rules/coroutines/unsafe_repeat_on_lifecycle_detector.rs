//! `repeatOnLifecycle` with a fragment's own lifecycle where its view's is meant.

use crate::findings::{Edit, Fix};
use crate::flow::graph::Run;
use crate::rules::fixes::fix_unsafely;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/UnsafeRepeatOnLifecycleDetector.md"),
    check,
};

/// Callbacks that run once for every view of a fragment.
const VIEW_CALLBACKS: [&str; 4] =
    ["onCreateView", "onViewCreated", "onActivityCreated", "onViewStateRestored"];
const VIEW_OWNER: [&str; 3] = ["viewLifecycleOwner", "getViewLifecycleOwner", "viewLifecycleOwnerLiveData"];
/// Helpers between the callback and the call.
const MAX_HELPERS: usize = 3;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        if !super::is_repeat_on_lifecycle(site) || on_view(cx, site) {
            continue;
        }
        let mut calls = Vec::new();
        let Some(callback) = callback(cx, site.function, &mut calls) else { continue };
        let draft = acc
            .report(site.point())
            .message(format!(
                "repeatOnLifecycle in {} follows the fragment, not its view: after the view is made again the old block runs on",
                cx.model.display(callback)
            ))
            .label("outlives the view")
            .help("call viewLifecycleOwner.repeatOnLifecycle(…) in viewLifecycleOwner.lifecycleScope")
            .symbol(cx.model.symbol(site.function))
            .key(cx.model.display(callback))
            .steps(super::call_steps(cx, callback, &calls));
        if let Some(fix) = on_view_lifecycle(cx, site) {
            draft.fix(fix);
        }
    }
}

/// Is the call, or a call whose lambda it stands in, made on the view's lifecycle?
fn on_view(cx: &Context<'_>, site: &CallSite) -> bool {
    let named = |site: &CallSite| {
        site.receiver.is_some_and(|receiver| cx.model.chain_names(site.function, receiver, &VIEW_OWNER))
            || site.args.iter().any(|arg| cx.model.chain_names(site.function, arg.value, &VIEW_OWNER))
    };
    named(site) || cx.model.takers(site.function).any(|taker| named(cx.model.site(taker)))
}

/// The view callback of a fragment that the function is, or that leads to it through helpers without naming the view's
/// lifecycle.
fn callback(cx: &Context<'_>, function: FnId, calls: &mut Vec<(SiteId, FnId)>) -> Option<FnId> {
    let root = cx.model.root_function(function);
    let decl = cx.model.function(root);
    let owner = cx.model.owner_of(root).map(|owner| cx.model.symbols.info(owner).qualified);
    if VIEW_CALLBACKS.contains(&decl.name.as_str())
        && let Some(owner) = owner
        && cx.model.inherits(owner, "androidx.fragment.app.Fragment")
    {
        return (!cx.model.inherits(owner, "androidx.fragment.app.DialogFragment")).then_some(root);
    }
    if calls.len() >= MAX_HELPERS {
        return None;
    }
    for edge in cx.flow.graph.to(root) {
        let site = cx.model.site(edge.site);
        if edge.run != Run::Here || edge.certainty == Confidence::Low || on_view(cx, site) {
            continue;
        }
        calls.insert(0, (edge.site, root));
        if let Some(found) = callback(cx, edge.from, calls) {
            return Some(found);
        }
        calls.remove(0);
    }
    None
}

/// `lifecycle.repeatOnLifecycle` and `repeatOnLifecycle` get `viewLifecycleOwner.` ahead.
fn on_view_lifecycle(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    use crate::facts::ExprKind;
    let facts = cx.model.facts(site.file);
    let at = match site.receiver {
        None => site.name_span,
        Some(receiver) => match &facts[receiver].kind {
            ExprKind::Name(name) if *name == "lifecycle" => facts[receiver].span,
            _ => return None,
        },
    };
    let place = Place { file: site.file, span: crate::base::Span { start: at.start, end: at.start } };
    let edits = vec![Edit { place, text: "viewLifecycleOwner.".to_owned() }];
    Some(fix_unsafely("follow the view's lifecycle", edits))
}
