//! Flows collected for a screen that may not be visible.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind};
use crate::findings::{Edit, Fix};
use crate::flow::graph::Run;
use crate::flow::queries::is_query;
use crate::model::{Callable, LambdaRole, LaunchScope, ObjectCall};
use crate::rules::fixes::{fix_unsafely, import};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/FlowCollectedWithoutLifecycle.md"),
    check,
};

/// Suspend helpers between the coroutine and the call that collects.
const MAX_HELPERS: usize = 3;
/// Callbacks in which a screen sets itself up.
const SET_UP: [&str; 10] = [
    "onCreate",
    "onPostCreate",
    "onStart",
    "onResume",
    "onCreateView",
    "onViewCreated",
    "onActivityCreated",
    "onViewStateRestored",
    "onAttach",
    "onAttachedToWindow",
];
const OWNER: &str = "androidx.lifecycle.LifecycleOwner";
const SCREENS: [&str; 4] =
    ["android.app.Activity", "androidx.fragment.app.Fragment", "android.view.View", "android.app.Dialog"];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let Some(api) = site.api else { continue };
        match api.member.as_str() {
            "collect" | "collectLatest" | "collectIndexed"
                if api.class.starts_with("kotlinx.coroutines.flow") || on_flow(cx, site) =>
            {
                collected(cx, acc, site);
            }
            "launchIn" if api.class.starts_with("kotlinx.coroutines") => launched(cx, acc, site),
            "collectAsState" if on_flow(cx, site) && site.declared.is_none() => composed(cx, acc, site),
            _ => {}
        }
    }
}

fn on_flow(cx: &Context<'_>, site: &CallSite) -> bool {
    let ty = site.receiver_type.as_ref().and_then(|ty| ty.upper());
    ty.is_some_and(|ty| cx.model.inherits(ty.class, "kotlinx.coroutines.flow.Flow"))
}

/// `collect` in a coroutine of `lifecycleScope`.
fn collected(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    if follows_lifecycle(cx, site) || ends_itself(cx, site) || is_bounded(cx, site) {
        return;
    }
    let mut calls = Vec::new();
    let Some(launch) = launch_around(cx, site.function, &mut calls) else { return };
    let launch = cx.model.site(launch);
    let Some(screen) = screen(cx, launch.function) else { return };
    if !goes_on(cx, site) && !sets_up(cx, launch.function, 0) {
        return;
    }
    let mut steps = vec![Step {
        role: StepRole::Entry,
        place: launch.point(),
        message: format!("this coroutine runs until {} is destroyed", screen.name),
        symbol: cx.model.symbol(launch.function),
    }];
    steps.extend(calls.iter().map(|(call, to)| {
        let call = cx.model.site(*call);
        Step {
            role: StepRole::Call,
            place: call.point(),
            message: format!("calls {}", cx.model.display(*to)),
            symbol: cx.model.symbol(call.function),
        }
    }));
    let draft = acc
        .report(site.point())
        .message(format!(
            "{} goes on while {} is stopped: the flow keeps working for a screen that nobody sees",
            site.name,
            screen.name
        ))
        .label("not tied to the visible lifecycle")
        .help("wrap it in repeatOnLifecycle(Lifecycle.State.STARTED) { … }, or put flowWithLifecycle(lifecycle) before it")
        .symbol(cx.model.symbol(site.function))
        .key(site.name.as_str())
        .steps(steps);
    if let Some(fix) = with_lifecycle(cx, site, &screen) {
        draft.fix(fix);
    }
}

/// `collect { if (it) { …; this@launch.cancel() } }`: it waits for one value.
fn ends_itself(cx: &Context<'_>, site: &CallSite) -> bool {
    let facts = cx.model.facts(site.file);
    let collector = site.args.iter().map(|arg| &facts[arg.value].kind).find_map(|kind| match kind {
        ExprKind::Lambda(lambda) => Some(facts[*lambda].span),
        _ => None,
    });
    let Some(around) = collector else { return false };
    facts.exprs.iter().filter(|expr| around.contains(expr.span)).any(|expr| match &expr.kind {
        ExprKind::Call(call) if call.name == "cancel" => {
            call.receiver.is_none_or(|receiver| matches!(facts[receiver].kind, ExprKind::This(_)))
        }
        _ => false,
    })
}

/// `flow.take(1).collect { }` ends by itself.
fn is_bounded(cx: &Context<'_>, site: &CallSite) -> bool {
    site.receiver_object().is_some_and(|flow| flow.all_calls().any(|call| call.member == "take"))
        || site.receiver.is_some_and(|receiver| cx.model.chain_names(site.function, receiver, &["take"]))
}

/// `launchIn(lifecycleScope)`.
fn launched(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    let Some(scope) = site.args.first() else { return };
    let screen_scope = scope.thread().and_then(|thread| thread.lifetime).is_some_and(|it| it == "lifecycle");
    if !screen_scope || follows_lifecycle(cx, site) || is_bounded(cx, site) {
        return;
    }
    let Some(screen) = screen(cx, site.function) else { return };
    if !goes_on(cx, site) && !sets_up(cx, site.function, 0) {
        return;
    }
    let draft = acc
        .report(site.point())
        .message(format!(
            "launchIn collects while {} is stopped: the flow keeps working for a screen that nobody sees",
            screen.name
        ))
        .label("not tied to the visible lifecycle")
        .help(
            "put flowWithLifecycle(lifecycle) after the source of the flow, before operators that remember (drop, \
             distinctUntilChanged)",
        )
        .symbol(cx.model.symbol(site.function))
        .key("launchIn");
    if let Some(fix) = with_lifecycle(cx, site, &screen) {
        draft.fix(fix);
    }
}

/// `collectAsState()` of something that works while it is collected.
fn composed(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    let source_set = cx.model.project.file(site.file).source_set;
    let shared = ["common", "desktop", "ios", "jvm", "native", "js", "wasm"];
    // Widgets have no lifecycle of a screen.
    let glance = cx.model.facts(site.file).imports.iter().any(|it| it.path.starts_with("androidx.glance"));
    if glance
        || shared.iter().any(|prefix| source_set.starts_with(prefix))
        || follows_lifecycle(cx, site)
        || !works(cx, site)
    {
        return;
    }
    let place = Place { file: site.file, span: site.name_span };
    let mut edits = vec![Edit { place, text: "collectAsStateWithLifecycle".to_owned() }];
    edits.extend(import(cx.model, site.file, "androidx.lifecycle.compose.collectAsStateWithLifecycle"));
    acc.report(site.point())
        .message("collectAsState keeps the flow working while the app is in the background")
        .label("not tied to the visible lifecycle")
        .help("use collectAsStateWithLifecycle() of androidx.lifecycle:lifecycle-runtime-compose")
        .symbol(cx.model.symbol(site.function))
        .key("collectAsState")
        .confidence(Confidence::Medium)
        .fix(fix_unsafely("collect with the lifecycle", edits));
}

/// Is `flowWithLifecycle` or the like in the chain?
fn follows_lifecycle(cx: &Context<'_>, site: &CallSite) -> bool {
    const FOLLOWS: [&str; 2] = ["flowWithLifecycle", "flowWhenStarted"];
    let in_history = site
        .receiver_object()
        .is_some_and(|object| object.all_calls().any(|call| FOLLOWS.contains(&call.member.as_str())));
    in_history
        || site.receiver.is_some_and(|receiver| cx.model.chain_names(site.function, receiver, &FOLLOWS))
}

/// The call that starts the coroutine around in a scope of a lifecycle, if nothing between pauses it when the lifecycle
/// is stopped.
fn launch_around(cx: &Context<'_>, function: FnId, calls: &mut Vec<(SiteId, FnId)>) -> Option<SiteId> {
    const PAUSES: [&str; 4] = ["repeatOnLifecycle", "launchWhen", "when", "withStarted"];
    let mut at = cx.model.code_around(function);
    while cx.model.is_lambda(at) {
        let (id, _) = cx.model.taker(at)?;
        let site = cx.model.site(id);
        let of_lifecycle = site.api.is_some_and(|api| api.class.starts_with("androidx.lifecycle"));
        if of_lifecycle && PAUSES.iter().any(|prefix| site.name.starts_with(prefix)) {
            return None;
        }
        if let Some(launch) = cx.model.launch(site).filter(|_| cx.model.starts_coroutine(site)) {
            let thread = match launch.scope {
                LaunchScope::Receiver => {
                    site.receiver_thread().or_else(|| site.args.first().and_then(|arg| arg.thread()))
                }
                LaunchScope::Argument(at) => site.args[at].thread(),
                LaunchScope::Own => cx.model.site(launch.builder).receiver_thread(),
            };
            match thread.and_then(|thread| thread.lifetime) {
                Some(lifetime) if lifetime == "lifecycle" => return Some(id),
                Some(_) => return None,
                // A child of the coroutine around.
                None if launch.scope == LaunchScope::Receiver && site.receiver.is_none() => {}
                None => return None,
            }
        } else if site.suspends != Some(true) {
            return None;
        }
        at = cx.model.code_around(site.function);
    }
    if !cx.model.is_suspend(at) || calls.len() >= MAX_HELPERS {
        return None;
    }
    for edge in cx.flow.graph.to(at).filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low)
    {
        calls.insert(0, (edge.site, at));
        if let Some(found) = launch_around(cx, edge.from, calls) {
            return Some(found);
        }
        calls.remove(0);
    }
    None
}

/// An activity, fragment, dialog or view.
struct Screen {
    class: Name,
    name: String,
    /// The code stands in it.
    own: bool,
}

/// The screen that a function belongs to: as a member, as an extension, or as a helper that is given the owner of a
/// lifecycle, if a screen calls it.
fn screen(cx: &Context<'_>, function: FnId) -> Option<Screen> {
    screen_at(cx, function, 0)
}

fn screen_at(cx: &Context<'_>, function: FnId, depth: usize) -> Option<Screen> {
    let is_screen = |class: Name| SCREENS.iter().any(|screen| cx.model.inherits(class, screen));
    let mut owner = cx.model.owner_of(function);
    while let Some(id) = owner {
        let info = cx.model.symbols.info(id);
        if is_screen(info.qualified) {
            return Some(Screen { class: info.qualified, name: cx.model.display_type(id), own: true });
        }
        owner = info.owner;
    }
    let root = cx.model.root_function(function);
    let decl = cx.model.function(root);
    let class = |ty| cx.model.resolve_type(cx.model.scope_of(root), ty).class;
    let receiver = decl.receiver.as_ref().map(class);
    if let Some(class) = receiver.filter(|class| is_screen(*class)) {
        return Some(Screen { class, name: class.last().to_owned(), own: false });
    }
    let owners = receiver.into_iter().chain(decl.params.iter().filter_map(|it| it.ty.as_ref()).map(class));
    if depth >= MAX_HELPERS || !owners.into_iter().any(|class| cx.model.inherits(class, OWNER)) {
        return None;
    }
    cx.flow
        .graph
        .to(root)
        .filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low)
        .find_map(|edge| screen_at(cx, edge.from, depth + 1))
        .map(|screen| Screen { own: false, ..screen })
}

/// Does the flow never end by itself: shared state, or a property that anyone may collect at any time?
fn goes_on(cx: &Context<'_>, site: &CallSite) -> bool {
    is_shared(cx, site) || site.receiver_facts.as_ref().is_some_and(|facts| facts.property.is_some())
}

fn is_shared(cx: &Context<'_>, site: &CallSite) -> bool {
    let ty = site.receiver_type.as_ref().and_then(|ty| ty.upper());
    ty.is_some_and(|ty| cx.model.inherits(ty.class, "kotlinx.coroutines.flow.SharedFlow"))
}

/// Is the function part of setting the screen up, not of an event?
fn sets_up(cx: &Context<'_>, function: FnId, depth: usize) -> bool {
    let mut at = function;
    while cx.model.is_lambda(at) {
        if cx.model.lambda_role(at) == LambdaRole::Plain {
            return false;
        }
        let Some(parent) = cx.model.parent_function(at) else { return false };
        at = parent;
    }
    let name = cx.model.function(at).name;
    if SET_UP.contains(&name.as_str()) || name == "<init>" {
        return true;
    }
    depth < MAX_HELPERS
        && cx
            .flow
            .graph
            .to(at)
            .filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low)
            .any(|edge| sets_up(cx, edge.from, depth + 1))
}

/// Does collecting the flow cost anything while nobody looks? State that is only held does not.
fn works(cx: &Context<'_>, site: &CallSite) -> bool {
    let Some(object) = site.receiver_object() else {
        let receiver = site.receiver.filter(|_| !is_shared(cx, site));
        return receiver.is_some_and(|value| is_query(cx.model, site.function, value));
    };
    let shares = |member: &str| matches!(member, "stateIn" | "shareIn");
    let mut operators = false;
    for link in object.history() {
        let Some(made) = &link.made else { continue };
        let member = made.member.as_str();
        if shares(member) {
            // Shared for ever, it works whether it is collected or not.
            let started = made.args.iter().filter_map(|arg| arg.symbol());
            return !started
                .into_iter()
                .any(|symbol| symbol.ends_with("Eagerly") || symbol.ends_with("Lazily"));
        }
        operators |= !matches!(
            member,
            "MutableStateFlow" | "MutableSharedFlow" | "asStateFlow" | "asSharedFlow" | "<init>"
        );
    }
    if object.root().made.as_ref().is_some_and(|made| ends(cx, made)) {
        return false;
    }
    let holds = object.root().made.as_ref().is_some_and(|made| made.member.starts_with("Mutable"));
    let state = is_shared(cx, site);
    // A cold flow works for whoever collects it; of other shared state nothing is known.
    !holds && !state && (operators || object.made.is_none())
}

/// Does the flow end by itself: `flowOf(…)`, `flow { }` that neither loops nor collects another one?
fn ends(cx: &Context<'_>, made: &ObjectCall) -> bool {
    match made.member.as_str() {
        "flowOf" | "emptyFlow" | "asFlow" => true,
        "flow" => match made.args.last().map(|arg| &arg.callable) {
            Some(Callable::Functions(bodies)) if !bodies.is_empty() => bodies.iter().all(|body| {
                let goes_on = |site: &CallSite| {
                    site.name.starts_with("collect")
                        || matches!(
                            site.name.as_str(),
                            "emitAll" | "repeat" | "forEach" | "awaitCancellation"
                        )
                };
                let facts = cx.model.facts(cx.model.symbols.fn_file(*body));
                let around = cx.model.function(*body).span;
                let loops = facts
                    .exprs
                    .iter()
                    .any(|it| matches!(it.kind, ExprKind::Loop(_)) && around.contains(it.span));
                !loops && !cx.model.sites_of[body.index()].iter().any(|id| goes_on(cx.model.site(*id)))
            }),
            _ => false,
        },
        _ => false,
    }
}

/// The flow that a chain of operators starts from.
fn source(cx: &Context<'_>, site: &CallSite, receiver: ExprId) -> ExprId {
    let facts = cx.model.facts(site.file);
    let mut at = receiver;
    while let ExprKind::Call(call) = &facts[at].kind {
        let operator = cx
            .model
            .site_at(site.file, at)
            .and_then(|id| cx.model.site(id).api)
            .is_some_and(|api| api.class.starts_with("kotlinx.coroutines.flow"));
        match call.receiver {
            Some(next) if operator => at = next,
            _ => break,
        }
    }
    at
}

/// `.flowWithLifecycle(lifecycle)` after the source: what operators remember is kept while the screen is stopped.
fn with_lifecycle(cx: &Context<'_>, site: &CallSite, screen: &Screen) -> Option<Fix> {
    let receiver = site.receiver.filter(|_| screen.own)?;
    let facts = cx.model.facts(site.file);
    let end = facts[source(cx, site, receiver)].span.end;
    let class = screen.class;
    let fragment = cx.model.inherits(class, "androidx.fragment.app.Fragment");
    if !fragment && !cx.model.inherits(class, "androidx.activity.ComponentActivity") {
        return None;
    }
    let lifecycle = if fragment { "viewLifecycleOwner.lifecycle" } else { "lifecycle" };
    let place = Place { file: site.file, span: crate::base::Span { start: end, end } };
    let mut edits = vec![Edit { place, text: format!(".flowWithLifecycle({lifecycle})") }];
    edits.extend(import(cx.model, site.file, "androidx.lifecycle.flowWithLifecycle"));
    Some(fix_unsafely("collect only while started", edits))
}
