//! Work sites: constructs that start background work, what they run, and how long that may take.

use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::catalog::{Persistence, TableSet, Work};
use crate::facts::{ExprId, ExprKind, FileFacts, Literal, LoopKind, Modifiers, TypeRef};
use crate::model::{CallSite, Callable, Const, FnId, LaunchScope, Model, SiteId, SiteKind, Type, TypeId};

use super::Flow;
use super::arguments::Call;
use super::background::Forward;
use super::graph::Run;
use super::services::Services;

/// Work over this is long-running. Source: developer.android.com/develop/background-work/background-tasks
pub const LONG_RUNNING_MS: i64 = 10 * 60 * 1000;
/// The shortest period WorkManager takes.
pub const PERIODIC_MS: i64 = 15 * 60 * 1000;
/// Calls followed from the start of work to what it does.
const DEPTH: u32 = 8;

/// A place that starts work of the process: lost when the process ends.
pub struct WorkSite {
    pub site: SiteId,
    pub entry: &'static Work,
    /// The code that runs, as far as it is known.
    pub body: SmallVec<[FnId; 2]>,
    /// Asked for by several rules.
    long: OnceLock<Option<LongRunning>>,
}

impl WorkSite {
    /// Evidence that the work runs long, see [`long_running`].
    pub fn long_running(&self, model: &Model, flow: &Flow) -> Option<&LongRunning> {
        self.long.get_or_init(|| long_running(model, flow, &self.body)).as_ref()
    }
}

/// Evidence that work runs long.
pub struct LongRunning {
    pub function: FnId,
    pub span: Span,
    /// `loops without end and does network I/O`.
    pub why: String,
    /// Constant pause, between rounds or the only one, in milliseconds, if there is one.
    pub pause: Option<i64>,
    /// It loops; else it waits once.
    pub repeats: bool,
    pub calls: Vec<(SiteId, FnId)>,
}

/// All places that start impersistent work, in order.
pub(super) fn impersistent_work(model: &Model, services: &Services) -> Vec<WorkSite> {
    let mut found = Vec::new();
    let mut wrappers: Vec<(FnId, u16, &'static Work)> = Vec::new();
    for (id, site) in model.all_sites() {
        let Some(api) = site.api else { continue };
        let entry = model.nearest_in(TableSet::WORK, api.class, api.member, |class| {
            model.catalog.work(class, api.member).iter().next()
        });
        let Some(entry) = entry.filter(|entry| entry.persistence == Persistence::Impersistent) else {
            continue;
        };
        if ends_with_another(model, site) {
            continue;
        }
        if in_foreground_service(model, services, site.function) {
            continue;
        }
        let body = body_of(model, site);
        if !body.is_empty() {
            found.push(WorkSite { site: id, entry, body, long: OnceLock::new() });
        }
        if let Some((wrapper, param)) = handed_on(model, site) {
            wrappers.push((wrapper, param, entry));
        }
    }
    through_wrappers(model, services, &wrappers, &mut found);
    found.sort_by_key(|work| work.site);
    found
}

/// Work of a scope that ends with its screen, or with what waits for it, is theirs.
pub fn ends_with_another(model: &Model, site: &CallSite) -> bool {
    const OF_ANOTHER: [&str; 5] = ["view-model", "lifecycle", "composition", "call", "worker-run"];
    scope_lifetime(model, site).is_some_and(|it| OF_ANOTHER.contains(&it.as_str()))
}

/// Pauses in endless loops of a helper's work, for each caller that says how long they are: `fun every(pause: Duration) =
/// scope.launch { while (true) { …; delay(pause) } }`.
pub fn given_pauses<'m>(model: &'m Model, work: &WorkSite) -> Vec<Call<'m>> {
    let helper = model.root_function(model.site(work.site).function);
    let mut found = Vec::new();
    for function in work.body.iter().filter(|it| model.root_function(**it) == helper) {
        let loops = endless_loops(model, *function);
        for site in model.sites_of[function.index()].iter().map(|id| model.site(*id)) {
            if loops.iter().any(|it| it.contains(site.span)) && pause_of(model, site) == Some(None) {
                found.extend(Call::by_callers(model, site, &[site.args.first()]));
            }
        }
    }
    found.extend(work.body.iter().flat_map(|function| pauses_of_helpers(model, *function)));
    found
}

/// The same of suspend helpers that the work calls: `scope.launch { every(1.hours) { … } }`.
fn pauses_of_helpers(model: &Model, function: FnId) -> Vec<Call<'_>> {
    let mut found = Vec::new();
    for id in &model.sites_of[function.index()] {
        let Some(helper) = model.site(*id).declared.filter(|it| model.is_suspend(*it)) else { continue };
        let loops = endless_loops(model, helper);
        for pause in model.sites_of[helper.index()].iter().map(|id| model.site(*id)) {
            if loops.iter().any(|it| it.contains(pause.span)) && pause_of(model, pause) == Some(None) {
                let calls = Call::by_callers(model, pause, &[pause.args.first()]);
                let here = |call: &Call<'_>| call.caller.is_some_and(|(caller, _)| caller == *id);
                found.extend(calls.into_iter().filter(here));
            }
        }
    }
    found
}

/// The parameter of the function around that a call starts as work: `fun inBackground(block) = GlobalScope.launch(IO,
/// block = block)`, `= GlobalScope.launch { block() }`.
fn handed_on(model: &Model, site: &CallSite) -> Option<(FnId, u16)> {
    let of_param = |callable: &Callable| {
        callable.parts().iter().find_map(|part| match part {
            Callable::Param(function, index) if *function == site.function => Some((*function, *index)),
            _ => None,
        })
    };
    let direct = site.args.iter().find_map(|arg| of_param(&arg.callable));
    direct.or_else(|| {
        let body = *body_of(model, site).first()?;
        match model.sites_of[body.index()].as_slice() {
            [only] => of_param(&model.site(*only).invokes),
            _ => None,
        }
    })
}

/// Calls of a project's own wrappers, with the code that they give. A scope that the caller brings decides as one of a
/// call of its own would.
fn through_wrappers(
    model: &Model,
    services: &Services,
    wrappers: &[(FnId, u16, &'static Work)],
    found: &mut Vec<WorkSite>,
) {
    if wrappers.is_empty() {
        return;
    }
    for (id, site) in model.all_sites() {
        let Some(declared) = site.declared else { continue };
        let Some((_, param, entry)) = wrappers.iter().find(|(wrapper, ..)| *wrapper == declared) else {
            continue;
        };
        let lifetime = site.receiver_thread().and_then(|thread| thread.lifetime);
        let brought = model.function(declared).receiver.is_some();
        if brought && lifetime.is_none_or(|it| it != "process")
            || in_foreground_service(model, services, site.function)
        {
            continue;
        }
        let Some(name) = model.function(declared).params.get(usize::from(*param)).map(|it| it.name) else {
            continue;
        };
        let arg =
            site.args.iter().find(|arg| arg.trailing).or_else(|| site.arg(i32::from(*param), Some(&name)));
        let body = arg.map(|arg| model.functions_of(&arg.callable, None)).unwrap_or_default();
        if !body.is_empty() {
            found.push(WorkSite { site: id, entry, body, long: OnceLock::new() });
        }
    }
}

/// The lifetime of the scope that a call starts work in; of a child coroutine that of the coroutine around. `call`: the
/// code around waits for it.
pub fn scope_lifetime(model: &Model, site: &CallSite) -> Option<Name> {
    if let Some(lifetime) = site.receiver_thread().and_then(|thread| thread.lifetime) {
        return Some(lifetime);
    }
    let launch = model.launch(site)?;
    match launch.scope {
        LaunchScope::Receiver if site.receiver.is_none() => {}
        LaunchScope::Receiver => return None,
        LaunchScope::Argument(at) => return site.args[at].thread().and_then(|thread| thread.lifetime),
        LaunchScope::Own => {
            let builder = model.site(launch.builder);
            return builder.receiver_thread().and_then(|thread| thread.lifetime);
        }
    }
    let code = model.code_around(site.function);
    let (taker, _) = model.taker(code)?;
    let taker = model.site(taker);
    let coroutine = taker.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
    match taker.name.as_str() {
        "coroutineScope" | "supervisorScope" | "withContext" | "withTimeout" | "withTimeoutOrNull"
        | "runBlocking" | "channelFlow" | "callbackFlow"
            if coroutine =>
        {
            Some(Name::new("call"))
        }
        _ if model.starts_coroutine(taker) => scope_lifetime(model, taker),
        _ => None,
    }
}

/// Is the scope of a call one that its class gets when it is made, and not from the coroutine that makes it?
pub fn is_handed_in(model: &Model, site: &CallSite) -> bool {
    let Some(property) = site.receiver_facts.as_ref().and_then(|facts| facts.property) else { return false };
    let decl = model.property(property);
    let of_scope = site
        .receiver_type
        .as_ref()
        .and_then(Type::upper)
        .is_some_and(|ty| model.inherits(ty.class, "kotlinx.coroutines.CoroutineScope"));
    let file = model.symbols.prop_file(property);
    let facts = model.facts(file);
    let given = decl.initializer.is_none_or(|value| matches!(facts[value].kind, ExprKind::Name(_)));
    let Some(owner) = decl.owner.filter(|_| of_scope && given) else { return false };
    let owner = model.symbols.type_id(file, owner);
    let made = |site: &&CallSite| {
        site.kind == SiteKind::Create
            && site.declared.and_then(|it| model.owner_of(it)).is_some_and(|class| class == owner)
    };
    let mut makers = model.all_sites().map(|(_, site)| site).filter(made);
    !makers.any(|maker| {
        let facts = model.facts(maker.file);
        model.in_coroutine(maker.function)
            || maker.args.iter().any(|arg| {
                facts.exprs.get(arg.value.0 as usize).is_some_and(|it| matches!(it.kind, ExprKind::This(_)))
            })
    })
}

/// A service that goes to the foreground, itself or by its base class or a helper, keeps the process: its work is not lost.
/// A base class is judged by all that extend it.
fn in_foreground_service(model: &Model, services: &Services, function: FnId) -> bool {
    let Some(owner) = model.owner_of(function) else { return false };
    let class = model.symbols.info(owner).qualified;
    let names_it = || {
        model.symbols.info(owner).methods.values().flatten().any(|method| {
            model.sites_of[method.index()].iter().any(|site| model.site(*site).name == "startForeground")
        })
    };
    let is_made = |id: &TypeId| !model.type_decl(*id).modifiers.contains(Modifiers::ABSTRACT);
    let mut made = std::iter::once(owner).chain(model.all_subtypes(owner)).filter(is_made).peekable();
    model.inherits(class, "android.app.Service")
        && (names_it()
            || made.peek().is_some() && made.all(|service| services.going_of(service).next().is_some()))
}

/// A network call that answers by callback, so that nobody waits for it.
pub fn answers_by_callback(model: &Model, site: &CallSite) -> bool {
    site.api.is_some_and(|api| {
        api.member == "enqueue"
            && ["okhttp3.Call", "retrofit2.Call"].iter().any(|class| model.inherits(api.class, class))
    })
}

/// The code a site hands over, or that its receiver is.
pub fn body_of(model: &Model, site: &CallSite) -> SmallVec<[FnId; 2]> {
    let run = ["run", "call", "doInBackground", "invoke"].map(Name::new);
    let code = |callable: &Callable| -> SmallVec<[FnId; 2]> {
        match callable {
            Callable::Object(_) => {
                run.iter().flat_map(|name| model.functions_of(callable, Some(*name))).collect()
            }
            other => model.functions_of(other, None),
        }
    };
    let mut body: SmallVec<[FnId; 2]> = site.args.iter().flat_map(|arg| code(&arg.callable)).collect();
    if body.is_empty() {
        body = code(&site.receiver_code);
    }
    body
}

/// Signs that the body loops without end around I/O or pauses, or waits over ten minutes.
pub fn long_running(model: &Model, flow: &Flow, body: &[FnId]) -> Option<LongRunning> {
    let forward = Forward::new(&flow.graph, body, DEPTH);
    for function in forward.functions() {
        let calls = forward.calls(*function);
        // What another construct runs is that construct's work.
        let own = calls.iter().all(|(site, to)| !model.is_lambda(*to) || same_work(model, *site));
        if !own {
            continue;
        }
        if let Some(found) = endless_loop(model, flow, *function) {
            let (span, why, pause) = found;
            return Some(LongRunning { function: *function, span, why, pause, repeats: true, calls });
        }
        if let Some((span, millis)) = long_pause(model, *function) {
            let why = format!("waits {}", minutes(millis));
            let repeats = repeats(model, flow, *function, span, &calls);
            return Some(LongRunning { function: *function, span, why, pause: Some(millis), repeats, calls });
        }
    }
    None
}

/// Is the place, or a call on the way there, in a loop that ends only when told to, or does the function call itself?
fn repeats(model: &Model, flow: &Flow, function: FnId, span: Span, calls: &[(SiteId, FnId)]) -> bool {
    let in_loop = |function: FnId, place: Span| {
        let around = model.function(function).span;
        let facts = model.facts(model.symbols.fn_file(function));
        facts.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Loop(it) => {
                let bounded =
                    it.kind == LoopKind::ForEach || it.kind == LoopKind::For && it.condition.is_some();
                !bounded && around.contains(expr.span) && expr.span.contains(place)
            }
            _ => false,
        })
    };
    let again = || flow.graph.from(function).iter().any(|edge| edge.to == function && edge.run == Run::Here);
    let on_the_way = |(site, _): &(SiteId, FnId)| {
        let site = model.site(*site);
        in_loop(site.function, site.span)
    };
    in_loop(function, span) || again() || calls.iter().any(on_the_way)
}

/// Does a site run its lambda as part of the same work (in place, or on another dispatcher while waiting)?
fn same_work(model: &Model, site: SiteId) -> bool {
    let site = model.site(site);
    let Some(api) = site.api else { return true };
    model
        .nearest_in(TableSet::WORK, api.class, api.member, |class| {
            model.catalog.work(class, api.member).iter().next()
        })
        .is_none()
}

/// `15 minutes`, `2 hours`.
pub fn minutes(millis: i64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        0 if millis < 1000 => format!("{millis} ms"),
        0 if millis < 2000 => "1 second".to_owned(),
        0 => format!("{} seconds", millis / 1000),
        1 => "1 minute".to_owned(),
        _ if minutes % 60 == 0 && minutes == 60 => "1 hour".to_owned(),
        _ if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        _ => format!("{minutes} minutes"),
    }
}

/// A pause: `delay`, `Thread.sleep`, `SystemClock.sleep`, with its length if constant.
pub fn pause_of(model: &Model, site: &CallSite) -> Option<Option<i64>> {
    let api = site.api?;
    let pauses = (api.member == "delay" && api.class.starts_with("kotlinx.coroutines"))
        || (api.member == "sleep"
            && (api.class == "android.os.SystemClock"
                || api.class == "java.util.concurrent.TimeUnit"
                || model.inherits(api.class, "java.lang.Thread")));
    pauses.then(|| {
        let constant = site.args.first()?.constant()?;
        let unit = site.receiver_facts.as_ref().and_then(|facts| facts.constant);
        match (constant, unit) {
            (Const::Int(count), Some(Const::Unit(nanos))) => {
                i64::try_from(i128::from(count) * i128::from(nanos) / 1_000_000).ok()
            }
            (Const::Int(millis) | Const::Duration(millis), _) => Some(millis),
            _ => None,
        }
    })
}

fn long_pause(model: &Model, function: FnId) -> Option<(Span, i64)> {
    model.sites_of[function.index()].iter().find_map(|id| {
        let site = model.site(*id);
        let millis = pause_of(model, site).flatten()?;
        (millis > LONG_RUNNING_MS && millis < i64::MAX / 2).then_some((site.span, millis))
    })
}

/// An endless loop in the function that does I/O or pauses long, directly or a few calls away.
fn endless_loop(model: &Model, flow: &Flow, function: FnId) -> Option<(Span, String, Option<i64>)> {
    let loops = endless_loops(model, function);
    for span in loops {
        let inside = |site: &CallSite| span.contains(site.span);
        let sites = &model.sites_of[function.index()];
        let pause = sites
            .iter()
            .map(|id| model.site(*id))
            .filter(|site| inside(site))
            .find_map(|site| pause_of(model, site));
        // What the loop does: the functions called inside it, and blocking calls in place.
        let mut starts: Vec<FnId> = Vec::new();
        for edge in flow.graph.from(function) {
            if inside(model.site(edge.site)) {
                starts.push(edge.to);
            }
        }
        let reached = Forward::new(&flow.graph, &starts, DEPTH);
        let heavy = flow.blocking.iter().find(|call| {
            let site = model.site(call.site);
            let here = site.function == function && inside(site);
            (here || reached.functions().contains(&site.function)) && is_io(&call.kind)
        });
        match (heavy, pause) {
            (Some(call), pause) => {
                let why = format!("loops without end and {} ({})", call.does, call.api);
                return Some((span, why, pause.flatten()));
            }
            (None, Some(Some(millis))) if millis >= PERIODIC_MS => {
                return Some((
                    span,
                    format!("loops without end with a pause of {}", minutes(millis)),
                    Some(millis),
                ));
            }
            _ => {}
        }
    }
    None
}

fn is_io(kind: &str) -> bool {
    matches!(kind, "network" | "database" | "disk-read" | "disk-write" | "archive")
}

/// Spans of loops without a way out in their condition.
pub fn endless_loops(model: &Model, function: FnId) -> Vec<Span> {
    let facts = model.facts(model.symbols.fn_file(function));
    let owner = model.owner_of(function).map(|owner| model.symbols.info(owner).qualified);
    let in_worker = owner.is_some_and(|owner| model.inherits(owner, "androidx.work.ListenableWorker"));
    let mut found = Vec::new();
    if let Some(body) = model.function(function).body {
        collect_loops(facts, body, in_worker, &mut found, 0);
    }
    found
}

fn collect_loops(facts: &FileFacts, id: ExprId, in_worker: bool, found: &mut Vec<Span>, depth: u16) {
    if depth > 600 {
        return;
    }
    let expr = &facts[id];
    if let ExprKind::Loop(it) = &expr.kind {
        let endless = match it.kind {
            LoopKind::ForEach => false,
            LoopKind::For => it.condition.is_none(),
            LoopKind::While | LoopKind::DoWhile => {
                it.condition.is_some_and(|condition| is_endless(facts, condition, in_worker))
            }
        };
        if endless && !it.body.is_some_and(|body| leaves(facts, body, true, 0)) {
            found.push(expr.span);
        }
    }
    expr.kind.each_child(|child| collect_loops(facts, child, in_worker, found, depth + 1));
}

/// `true`, `isActive`, `!isInterrupted`, `!Thread.interrupted()`, `coroutineContext.isActive`; `!isStopped` of a worker.
fn is_endless(facts: &FileFacts, condition: ExprId, in_worker: bool) -> bool {
    let stopped = |name: &str| in_worker && name == "isStopped";
    match &facts[condition].kind {
        ExprKind::Literal(Literal::Bool(truth)) => *truth,
        ExprKind::Name(name) => *name == "isActive",
        ExprKind::Member { name, .. } => *name == "isActive",
        ExprKind::Unary { op: crate::facts::UnaryOp::Not, operand } => match &facts[*operand].kind {
            ExprKind::Call(call) => {
                matches!(call.name.as_str(), "isInterrupted" | "interrupted") || stopped(&call.name)
            }
            ExprKind::Name(name) | ExprKind::Member { name, .. } => *name == "isInterrupted" || stopped(name),
            _ => false,
        },
        ExprKind::Call(call) => call.name == "isActive",
        _ => false,
    }
}

/// Does the body leave the loop by itself, with `return` or its own `break`? What answers an interruption or the end of the
/// coroutine does not: it is how somebody else ends it.
fn leaves(facts: &FileFacts, id: ExprId, own: bool, depth: u16) -> bool {
    if depth > 600 {
        return true;
    }
    let mut found = false;
    let mut visit = |child: ExprId, own: bool| found = found || leaves(facts, child, own, depth + 1);
    match &facts[id].kind {
        ExprKind::Break => return own,
        ExprKind::Return { .. } => return true,
        ExprKind::Try(it) => {
            let ended =
                |ty: &TypeRef| matches!(ty.name.last(), "InterruptedException" | "CancellationException");
            visit(it.body, own);
            for catch in it.catches.iter().filter(|catch| !catch.types.iter().all(ended)) {
                visit(catch.body, own);
            }
            it.finally.into_iter().for_each(|finally| visit(finally, own));
        }
        kind @ ExprKind::Loop(_) => kind.each_child(|child| visit(child, false)),
        kind => kind.each_child(|child| visit(child, own)),
    }
    found
}
