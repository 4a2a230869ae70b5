//! Code that asks for one kind of thread and is reached on the other.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::catalog::{Confined, TableSet};
use crate::facts::FunctionKind;
use crate::flow::Path;
use crate::flow::graph::Run;
use crate::flow::path::call_name;
use crate::flow::promises::{promise_at, promise_of};
use crate::model::{SiteKind, Thread, Type};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/WrongThread.md"), check };

/// The kind of thread that annotations ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Main,
    /// The main thread, or another with a Looper.
    Looper,
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

/// Whose code runs on a thread with a Looper.
const LOOPERS: [&str; 3] = ["android.os.Handler", "android.os.HandlerThread", "android.app.IntentService"];

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
    // One finding for the views and the like that a function changes.
    let mut seen = FxHashSet::default();
    for (id, site) in cx.model.all_sites() {
        let Some(confined) = confined(cx, site) else { continue };
        // Where a function asks for the main thread itself, its callers are to blame.
        if seen.contains(&site.function) || wants(cx, site.function) == Some(Wants::Main) {
            continue;
        }
        let fails = |path: &Path| {
            path.certainty == Confidence::High && !(confined.looper && has_looper(cx, path, site))
        };
        let wanted = if confined.looper { Wants::Looper } else { Wants::Main };
        if let Some(path) = way(cx, id, wanted).filter(fails) {
            seen.insert(site.function);
            report(cx, acc, site, &call_name(cx.model, site), wanted, &path, Confidence::High);
        }
    }
}

/// The way there on the thread that is wrong.
fn way(cx: &Context<'_>, site: SiteId, wants: Wants) -> Option<Path> {
    let reach = match wants {
        Wants::Main | Wants::Looper => &cx.flow.worker,
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

/// What the catalogue says of a call that only the main thread may make.
fn confined(cx: &Context<'_>, site: &CallSite) -> Option<&'static Confined> {
    // What the app's own class overrides may only remember something.
    let api = site.api.filter(|api| cx.model.symbols.type_named(api.class).is_none())?;
    if !matches!(site.kind, SiteKind::Call | SiteKind::Write | SiteKind::Create) {
        return None;
    }
    let entry = cx.model.nearest_in(TableSet::CONFINED, api.class, api.member, |class| {
        cx.model.catalog.confined(class, api.member).first().copied()
    })?;
    let count = u8::try_from(site.args.len()).unwrap_or(u8::MAX);
    let first = site.args.first().and_then(|arg| arg.ty.as_ref()).and_then(Type::upper);
    let fits = first.is_some_and(|ty| entry.arg0_type.iter().any(|it| cx.model.inherits(ty.class, it)));
    let applies = !entry.except.contains(&api.member)
        && (entry.arity.is_empty() || entry.arity.contains(&count))
        && (entry.arg0_type.is_empty() || fits);
    applies.then_some(entry)
}

/// Does the thread at the end of a path have a Looper, like that of a HandlerThread, or one that was prepared on the way?
fn has_looper(cx: &Context<'_>, path: &Path, site: &CallSite) -> bool {
    let prepared = |site: &CallSite| cx.model.prepares_looper(site.function, site.span);
    if prepared(site) || path.calls.iter().any(|(id, _)| prepared(cx.model.site(*id))) {
        return true;
    }
    let of_handler = |class: Name| LOOPERS.iter().any(|it| cx.model.inherits(class, it));
    let by_call = |site: SiteId| cx.model.site(site).api.is_some_and(|api| of_handler(api.class));
    path.entry.class.is_some_and(of_handler)
        || path.entry.site.is_some_and(by_call)
        || path.calls.iter().any(|(site, _)| by_call(*site))
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
        Wants::Looper => (
            "needs a thread with a Looper",
            "a worker thread",
            "switch to the main thread: withContext(Dispatchers.Main), runOnUiThread { }",
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
