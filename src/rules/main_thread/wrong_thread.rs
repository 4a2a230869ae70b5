//! Code that asks for one kind of thread and is reached on the other.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::FunctionKind;
use crate::flow::Path;
use crate::flow::graph::Run;
use crate::flow::path::call_name;
use crate::flow::promises::{promise_at, promise_of};
use crate::model::{SiteKind, Thread};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/WrongThread.md"), check };

/// The kind of thread that annotations ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Main,
    Worker,
}

impl Wants {
    fn of(thread: Thread) -> Wants {
        match thread {
            Thread::Main => Wants::Main,
            _ => Wants::Worker,
        }
    }
}

/// Methods of views that any thread may call. Source: developer.android.com/reference/android/view/View
const ANY_THREAD: [&str; 9] = [
    "post",
    "postDelayed",
    "postOnAnimation",
    "postOnAnimationDelayed",
    "postInvalidate",
    "postInvalidateDelayed",
    "postInvalidateOnAnimation",
    "removeCallbacks",
    "setTag",
];
/// What changes a view: setters and these.
const CHANGES: [&str; 10] = [
    "addView",
    "removeView",
    "removeViewAt",
    "removeAllViews",
    "invalidate",
    "requestLayout",
    "requestFocus",
    "clearFocus",
    "startAnimation",
    "performClick",
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        let Some(wants) = wants(cx, function) else { continue };
        let mut callers = FxHashSet::default();
        for edge in cx.flow.graph.to(function) {
            let site = cx.model.site(edge.site);
            // The caller says the same of itself, or is code of this function.
            if edge.run != Run::Here || edge.certainty == Confidence::Low || edge.from == function {
                continue;
            }
            if callers.contains(&edge.from) {
                continue;
            }
            let way = way(cx, edge.site, wants);
            if let Some(path) = way.filter(|path| path.certainty > Confidence::Low) {
                callers.insert(edge.from);
                report(cx, acc, site, &cx.model.display(function), wants, &path, edge.certainty);
            }
        }
    }
    // One finding for the views that a function changes.
    let mut seen = FxHashSet::default();
    for (id, site) in cx.model.all_sites() {
        // Where a function asks for the main thread itself, its callers are to blame.
        if !changes_view(cx, site)
            || seen.contains(&site.function)
            || wants(cx, site.function) == Some(Wants::Main)
        {
            continue;
        }
        if let Some(path) = way(cx, id, Wants::Main).filter(|path| path.certainty == Confidence::High) {
            seen.insert(site.function);
            report(cx, acc, site, &call_name(cx.model, site), Wants::Main, &path, Confidence::High);
        }
    }
}

/// The way there on the thread that is wrong.
fn way(cx: &Context<'_>, site: SiteId, wants: Wants) -> Option<Path> {
    let reach = match wants {
        Wants::Main => &cx.flow.worker,
        Wants::Worker => &cx.flow.main,
    };
    reach.path_to(cx.model, &cx.flow.guards, site)
}

/// What the annotations of a function, of what it overrides, or of its class ask for; lambdas ask for nothing.
fn wants(cx: &Context<'_>, function: FnId) -> Option<Wants> {
    if cx.model.is_lambda(function) {
        return None;
    }
    let decl = cx.model.function(function);
    let file = cx.model.symbols.fn_file(function);
    // `@get:WorkerThread val size`
    let accessor = decl.property.and_then(|property| {
        let target = if decl.kind == FunctionKind::Setter { "set" } else { "get" };
        promise_at(&cx.model.facts(file)[property].annotations, target)
    });
    if let Some(own) = promise_of(&decl.annotations).or(accessor) {
        return own.map(Wants::of);
    }
    let owner = cx.model.owner_of(function)?;
    let class = cx.model.symbols.info(owner).qualified;
    let inherited = cx.model.all_methods_named(class, decl.name).into_iter().find_map(|other| {
        let other = cx.model.function(other);
        if other.params.len() == decl.params.len() { promise_of(&other.annotations) } else { None }
    });
    if let Some(inherited) = inherited {
        return inherited.map(Wants::of);
    }
    let named = decl.parent.is_none() && decl.kind == FunctionKind::Function;
    let classes = cx.model.lineage(class);
    let on_class = classes.all.iter().filter_map(|name| cx.model.symbols.type_named(*name));
    on_class
        .filter(|_| named)
        .find_map(|id| promise_of(&cx.model.type_decl(id).annotations))
        .flatten()
        .map(Wants::of)
}

fn changes_view(cx: &Context<'_>, site: &CallSite) -> bool {
    let name = site.name.as_str();
    let changes = (name.starts_with("set") || CHANGES.contains(&name)) && !ANY_THREAD.contains(&name);
    let called = matches!(site.kind, SiteKind::Call | SiteKind::Write);
    changes
        && called
        && site.api.is_some_and(|api| {
            let view = |class: Name| cx.model.inherits(class, "android.view.View");
            // A setter of the app's own view may only remember something.
            view(api.class) && cx.model.symbols.type_named(api.class).is_none()
        })
}

fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    callee: &str,
    wants: Wants,
    path: &Path,
    certainty: Confidence,
) {
    let (asks, on, help) = match wants {
        Wants::Main => (
            "belongs to the main thread",
            "a worker thread",
            "switch first: withContext(Dispatchers.Main), view.post { }, runOnUiThread { }",
        ),
        Wants::Worker => (
            "asks for a worker thread",
            "the main thread",
            "call it from withContext(Dispatchers.IO), an executor or a worker",
        ),
    };
    acc.report(site.point())
        .message(format!("{callee} {asks}, but is reached on {on}"))
        .label(format!("reached on {on}"))
        .help(help)
        .symbol(cx.model.symbol(site.function))
        .key(callee)
        .confidence(path.certainty.min(certainty))
        .steps(path.steps(cx.model));
}
