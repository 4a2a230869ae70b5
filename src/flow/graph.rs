//! The call graph: which function leads to which other one, by which call, and where the other one runs.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::effects::{Effects, Handings, code_given, compose, effects, escapes, project_handings};
use super::guards::Guards;
use super::operators::Chains;
use super::registered::given_thread;
use super::stream_params::StreamParams;
use super::thread_params::{Given, ThreadParams};
use crate::base::Name;
use crate::catalog::{Background, COMPOSABLE, Dispatch, DispatchArg, Entry, TableSet, ThreadWord};
use crate::facts::{Annotation, ExprKind, Language};
use crate::findings::Confidence;
use crate::model::{
    ArgValue, CallSite, Callable, FnId, Model, SiteId, SiteKind, Thread, ThreadTarget, ThreadValue, Type,
};

/// Where the code at the end of an edge runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Run {
    /// On the thread of the caller, while the caller waits or suspends.
    Here,
    On(Thread),
    /// Some time, on a thread that is not known.
    Somewhere,
    /// On the thread that callers give. Edges of the graph say which.
    Given(Given),
}

#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub from: FnId,
    pub to: FnId,
    pub site: SiteId,
    pub run: Run,
    pub certainty: Confidence,
    pub background: Background,
    /// A check inside the callee lets its code run on the main thread only (true), or on any other only (false).
    pub only: Option<bool>,
}

/// One way a callee runs code given to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handing {
    pub run: Run,
    pub certainty: Confidence,
    pub background: Background,
    pub only: Option<bool>,
}

impl Handing {
    pub fn new(run: Run) -> Handing {
        Handing { run, certainty: Confidence::High, background: Background::Maybe, only: None }
    }
}

/// Lambdas that may stand for one functional interface and still say something of a call on it.
const FEW_LAMBDAS: usize = 24;

/// What the graph is built from.
pub(super) struct Cx<'m> {
    pub(super) model: &'m Model,
    pub(super) guards: &'m Guards,
    chains: Chains,
    pub(super) threads: ThreadParams,
    /// Lambdas by the functional interface of the project that they implement.
    lambdas: FxHashMap<Name, Vec<FnId>>,
    /// Where functions run a parameter of theirs.
    pub(super) invoked: FxHashMap<(FnId, u16), Vec<SiteId>>,
}

impl<'m> Cx<'m> {
    fn new(model: &'m Model, guards: &'m Guards) -> Cx<'m> {
        let mut lambdas: FxHashMap<Name, Vec<FnId>> = FxHashMap::default();
        let mut all: Vec<(&FnId, &Type)> = model.lambda_types.iter().collect();
        all.sort_by_key(|(id, _)| **id);
        for (id, ty) in all {
            if model.symbols.type_named(ty.class).is_some() {
                lambdas.entry(ty.class).or_default().push(*id);
            }
        }
        let mut invoked: FxHashMap<(FnId, u16), Vec<SiteId>> = FxHashMap::default();
        for (id, site) in model.all_sites() {
            for part in site.invokes.parts() {
                if let Callable::Param(function, index) = part {
                    invoked.entry((*function, *index)).or_default().push(id);
                }
            }
        }
        let (chains, threads) = (Chains::new(model), ThreadParams::new(model));
        Cx { model, guards, chains, threads, lambdas, invoked }
    }

    /// Lambdas that a call of an interface's single method may run.
    fn lambdas_of(&self, site: &CallSite) -> &[FnId] {
        let declared = site.declared.filter(|declared| self.model.function(*declared).body.is_none());
        let Some(owner) = declared.and_then(|declared| self.model.owner_of(declared)) else { return &[] };
        self.lambdas.get(&self.model.symbols.info(owner).qualified).map_or(&[], Vec::as_slice)
    }
}

pub struct Graph {
    /// Sorted by origin.
    pub edges: Vec<Edge>,
    starts: Vec<u32>,
    /// Indices into `edges`, sorted by target.
    incoming: Vec<u32>,
    incoming_starts: Vec<u32>,
}

impl Graph {
    pub fn new(model: &Model, guards: &Guards) -> Graph {
        let cx = &Cx::new(model, guards);
        let effects = effects(cx);
        let streams = StreamParams::new(cx, &effects);
        let mut edges: Vec<Edge> = (0..model.sites.len())
            .into_par_iter()
            .flat_map_iter(|at| site_edges(cx, SiteId::new(at), &effects, &streams))
            .collect();
        // What only debug builds have calls nothing of users, and is called by nothing of theirs.
        edges.retain(|edge| !model.is_of_debug_build(edge.from) && !model.is_of_debug_build(edge.to));
        edges.retain(|edge| !guards.never(model, edge.from, model.site(edge.site).span));
        edges.par_sort_by_key(|edge| (edge.from, edge.site, edge.to, edge.run));
        let count = model.symbols.function_count();
        let starts = offsets(count, edges.iter().map(|edge| edge.from));
        let mut incoming: Vec<u32> =
            (0..edges.len()).map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        incoming.sort_by_key(|at| (edges[*at as usize].to, *at));
        let incoming_starts = offsets(count, incoming.iter().map(|at| edges[*at as usize].to));
        Graph { edges, starts, incoming, incoming_starts }
    }

    /// Edges out of a function.
    pub fn from(&self, function: FnId) -> &[Edge] {
        &self.edges[self.starts[function.index()] as usize..self.starts[function.index() + 1] as usize]
    }

    /// Edges into a function.
    pub fn to(&self, function: FnId) -> impl Iterator<Item = &Edge> {
        let range = self.incoming_starts[function.index()] as usize
            ..self.incoming_starts[function.index() + 1] as usize;
        self.incoming[range].iter().map(|at| &self.edges[*at as usize])
    }
}

/// Start offsets of sorted groups.
fn offsets(count: usize, groups: impl Iterator<Item = FnId>) -> Vec<u32> {
    let mut starts = vec![0u32; count + 1];
    for group in groups {
        starts[group.index() + 1] += 1;
    }
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    starts
}

fn site_edges(cx: &Cx<'_>, id: SiteId, effects: &Effects, streams: &StreamParams) -> Vec<Edge> {
    let model = cx.model;
    let site = model.site(id);
    let from = site.function;
    let mut edges = Vec::new();
    // Code of reactive operators runs where their chain is consumed.
    let mut chained: Vec<Edge> = Vec::new();
    let mut add = |to: FnId, handing: Handing| {
        for Handing { run, certainty, background, only } in settled(cx, handing) {
            edges.push(Edge { from, to, site: id, run, certainty, background, only });
        }
    };
    for target in &site.targets {
        let run = if runs_elsewhere(model, target.function) { Run::On(Thread::Worker) } else { Run::Here };
        add(target.function, Handing { certainty: target.certainty, ..Handing::new(run) });
    }
    let mut invoked = false;
    for part in site.invokes.parts() {
        let certainty = if part.is_exact() { Confidence::High } else { Confidence::Medium };
        let functions = match escapes(cx, site, part, effects) && !told_by_chains(cx, site, part) {
            true => model.functions_given(part, Some(site.name)),
            false => model.functions_of(part, Some(site.name)),
        };
        invoked |= !functions.is_empty() || matches!(part, Callable::Param(..));
        for to in functions {
            add(to, Handing { certainty, ..Handing::new(Run::Here) });
        }
    }
    if !invoked {
        let lambdas = cx.lambdas_of(site);
        let certainty = if lambdas.len() <= FEW_LAMBDAS { Confidence::Medium } else { Confidence::Low };
        for to in lambdas {
            add(*to, Handing { certainty, ..Handing::new(Run::Here) });
        }
    }
    for at in 0..site.args.len() {
        let arg = &site.args[at];
        if arg.callable.is_none() {
            continue;
        }
        if let Some(consumed) = cx.chains.of(id) {
            for consumed in consumed {
                for to in model.functions_of(&arg.callable, None) {
                    let code = consumed.given.into_iter().flat_map(|by| code_given(cx, effects, by, to));
                    let code = code.map(|(to, inner)| (to, compose(consumed.handing, inner)));
                    for (to, handing) in std::iter::once((to, consumed.handing)).chain(code) {
                        for Handing { run, certainty, background, only } in settled(cx, handing) {
                            let (from, site) = (consumed.consumer, consumed.shown);
                            chained.push(Edge { from, to, site, run, certainty, background, only });
                        }
                    }
                }
            }
            continue;
        }
        let handings = handings(cx, id, at, effects);
        if handings.is_empty() {
            continue;
        }
        let escaping = arg.callable.parts().iter().filter(|part| escapes(cx, site, part, effects));
        let escaped = escaping.flat_map(|part| model.functions_given(part, None));
        let code: SmallVec<[FnId; 4]> =
            code_of(model, site, &arg.callable).into_iter().chain(escaped).collect();
        for handing in handings {
            for to in &code {
                add(*to, handing);
            }
        }
    }
    for handing in receiver_handings(model, site) {
        for to in code_of(model, site, &site.receiver_code) {
            add(to, handing);
        }
    }
    for (operator, handing, given) in streams.code(cx, site) {
        for arg in &model.site(operator).args {
            for to in model.functions_of(&arg.callable, None) {
                add(to, handing);
                for (to, inner) in given.into_iter().flat_map(|by| code_given(cx, effects, by, to)) {
                    add(to, compose(handing, inner));
                }
            }
        }
    }
    if let Some(to) = broadcast_to(model, site) {
        add(to, Handing::new(Run::On(Thread::Main)));
    }
    edges.extend(chained);
    edges
}

/// Is a parameter that runs in the code of an operator known from the chains that this is part of?
fn told_by_chains(cx: &Cx<'_>, site: &CallSite, code: &Callable) -> bool {
    let Callable::Param(function, _) = code else { return false };
    let around = std::iter::successors(Some(site.function), |it| cx.model.parent_function(*it));
    around.take_while(|it| it != function).any(|it| cx.chains.tells_code_of(it))
}

/// With the threads that callers give put in.
fn settled(cx: &Cx<'_>, handing: Handing) -> Handings {
    let Run::Given(given) = handing.run else { return SmallVec::from_slice(&[handing]) };
    let runs = cx.threads.anywhere(cx.model, given);
    runs.into_iter()
        .map(|(run, certainty)| Handing { run, certainty: handing.certainty.min(certainty), ..handing })
        .collect()
}

/// `sendBroadcast(Intent(this, SyncReceiver::class.java))`: the receiver of the project that it is for.
fn broadcast_to(model: &Model, site: &CallSite) -> Option<FnId> {
    const SENDS: [&str; 4] =
        ["sendBroadcast", "sendOrderedBroadcast", "sendBroadcastAsUser", "sendOrderedBroadcastAsUser"];
    if !SENDS.contains(&site.name.as_str()) || site.declared.is_some() {
        return None;
    }
    let class = site.args.first()?.intent()?.component?;
    if !model.inherits(class, "android.content.BroadcastReceiver") {
        return None;
    }
    let receives = model.all_methods_named(class, Name::new("onReceive"));
    receives.into_iter().find(|id| model.function(*id).body.is_some())
}

/// Is what is delegated to a local variable: `val file by lazy { … }`?
fn is_local_delegate(model: &Model, site: &CallSite) -> bool {
    let facts = model.facts(site.file);
    let Some(body) = model.function(site.function).body else { return false };
    let mut found = false;
    super::uses::each(facts, body, &mut |id| {
        found |= matches!(&facts[id].kind, ExprKind::Local(local) if local.delegate == Some(site.expr));
    });
    found
}

/// Does generated code run the body of this suspend function on a thread of its own: `@Transaction` of a Room DAO?
pub fn runs_elsewhere(model: &Model, function: FnId) -> bool {
    let decl = model.function(function);
    if decl.annotations.is_empty() || decl.body.is_none() || !model.is_suspend(function) {
        return false;
    }
    let file = model.symbols.fn_file(function);
    let resolve = |annotations: &[Annotation]| -> Vec<Name> {
        annotations.iter().filter_map(|it| model.resolve_dotted(file, None, it.name)).collect()
    };
    let Some(owner) = model.owner_of(function) else { return false };
    let own = resolve(&decl.annotations);
    resolve(&model.type_decl(owner).annotations)
        .into_iter()
        .flat_map(|name| model.catalog.generated(name))
        .any(|entry| entry.suspend_bodies_on_worker.iter().any(|it| own.contains(it)))
}

/// The functions that run when a value is handed over: of an object the method its dispatch names.
fn code_of(model: &Model, site: &CallSite, callable: &Callable) -> SmallVec<[FnId; 2]> {
    if callable.parts().iter().all(|part| matches!(part, Callable::Functions(_) | Callable::Param(..))) {
        return model.functions_of(callable, None);
    }
    let named = dispatches(model, site).first().and_then(|dispatch| dispatch.runs);
    let names: SmallVec<[Name; 4]> = match named {
        Some(runs) if runs.last() == "*" => {
            let entries = model.catalog.class_entries(Name::new(runs.qualifier()));
            entries.iter().flat_map(|entry| entry.methods.iter().copied()).collect()
        }
        Some(runs) => SmallVec::from_slice(&[Name::new(runs.last())]),
        None => return model.code_of(callable),
    };
    let mut found: SmallVec<[FnId; 2]> = SmallVec::new();
    for function in names.into_iter().flat_map(|name| model.functions_of(callable, Some(name))) {
        if !found.contains(&function) {
            found.push(function);
        }
    }
    found
}

fn dispatches(model: &Model, site: &CallSite) -> Vec<&'static Dispatch> {
    let Some(api) = site.api else { return Vec::new() };
    let found = model.nearest_in(TableSet::DISPATCHES, api.class, api.member, |class| {
        let entries = model.catalog.dispatches(class, api.member);
        (!entries.is_empty()).then(|| entries.to_vec())
    });
    found.unwrap_or_default()
}

/// How the callee of a site runs the code in argument `at`.
pub(super) fn handings(cx: &Cx<'_>, id: SiteId, at: usize, effects: &Effects) -> Handings {
    let model = cx.model;
    let site = model.site(id);
    let mut found = Handings::new();
    if let Some(declared) = site.declared {
        return project_handings(cx, site, at, declared, effects);
    }
    let Some(api) = site.api else {
        found.extend(conventional_handing(model, site, at));
        return found;
    };
    let arg = &site.args[at];
    let count = site.args.len();
    for dispatch in dispatches(model, site) {
        let few = dispatch.min_args.is_some_and(|least| usize::from(least) > count);
        if few || !takes(dispatch, at, count, arg.trailing) {
            continue;
        }
        found.push(dispatch_handing(model, site, dispatch, Some(at)));
        return found;
    }
    if let Some(consumed) = cx.chains.of(id) {
        let here = consumed.iter().filter(|consumed| consumed.consumer == site.function);
        found.extend(here.map(|consumed| consumed.handing));
        return found;
    }
    if let Some(handing) = super::operators::handing(model, site) {
        found.push(handing);
        return found;
    }
    let catalog = model.catalog;
    let inline = model.nearest_in(TableSet::INLINES, api.class, api.member, |class| {
        catalog.inline(class, api.member).first().copied()
    });
    if let Some(inline) = inline {
        // Deferred code runs where its result is first used, which is followed there or not at all. Sequences are used
        // where they are made as a rule.
        let certainty = if inline.deferred.is_some() { Confidence::Medium } else { Confidence::High };
        let here = inline.deferred.is_none_or(|when| {
            when == "terminal-operation" || (when == "first-access" && is_local_delegate(model, site))
        });
        found.push(Handing { certainty, ..Handing::new(if here { Run::Here } else { Run::Somewhere }) });
        return found;
    }
    let listener = model.nearest_in(TableSet::SET_BY, api.class, api.member, |class| {
        let entries = catalog.set_by(class, api.member);
        (!entries.is_empty()).then_some(entries)
    });
    if let Some(entries) = listener {
        if arg.callable.is_object() {
            // Its methods are entry points through the interface they implement.
            return found;
        }
        found.push(listener_handing(model, site, at, entries[0]));
        return found;
    }
    if let Some(entry) = typed_listener(model, site, arg) {
        found.push(listener_handing(model, site, at, entry));
        return found;
    }
    let composable =
        site.kind == SiteKind::Create && !model.is_class(api.class) && model.in_composition(site.function);
    for parameter in catalog.lambda_parameters() {
        let known = parameter.covers(&api.class);
        if known || composable && !parameter.composable.is_empty() {
            // Of what nobody knows in a composition it is only likely.
            let certainty =
                if known && api.class != COMPOSABLE { Confidence::High } else { Confidence::Medium };
            let handing = Handing::new(word_run(parameter.thread));
            found.push(Handing { background: parameter.background, certainty, ..handing });
            return found;
        }
    }
    if site.kind == SiteKind::Create {
        // Code kept by an object runs when something is done with the object.
        return found;
    }
    if let Some(handing) = conventional_handing(model, site, at) {
        found.push(handing);
        return found;
    }
    // An object given to unknown code is no callback by that; what it implements makes its methods entry points.
    if !arg.callable.is_object() {
        found.push(Handing { certainty: Confidence::Low, ..Handing::new(Run::Somewhere) });
    }
    found
}

/// What a call of nothing known does with a lambda by its name alone: `binding.save.setOnClickListener { }`. A handler or
/// executor given along decides the thread, and nobody says how.
fn conventional_handing(model: &Model, site: &CallSite, at: usize) -> Option<Handing> {
    let object = site.args.get(at)?.callable.is_object();
    if object || site.kind != SiteKind::Call || site.args.iter().any(|arg| arg.thread().is_some()) {
        return None;
    }
    let parameters = model.catalog.lambda_parameters();
    let known = parameters.iter().find(|parameter| parameter.is_called(&site.name))?;
    let handing = Handing::new(word_run(known.thread));
    Some(Handing { background: known.background, certainty: Confidence::Medium, ..handing })
}

/// The callback that a lambda or reference stands for by the type of its parameter. Lambdas whose thread no call decides
/// are entry points already.
fn typed_listener(model: &Model, site: &CallSite, arg: &ArgValue) -> Option<&'static Entry> {
    if arg.callable.is_object() {
        return None;
    }
    let class = arg.ty.as_ref().and_then(Type::upper)?.class;
    let reference = matches!(model.facts(site.file)[arg.value].kind, ExprKind::FunctionRef { .. });
    let told =
        |entry: &&&Entry| !entry.rethread.is_empty() || reference && word_run(entry.thread) != Run::Here;
    model.catalog.class_entries(class).iter().find(told).copied()
}

fn listener_handing(model: &Model, site: &CallSite, at: usize, entry: &Entry) -> Handing {
    let given = given_thread(model, site, at).filter(|_| !entry.rethread.is_empty());
    let run = given.map_or_else(|| word_run(entry.thread), |thread| run_of(thread.target));
    let certainty = match given {
        _ if entry.low => Confidence::Low,
        Some(thread) if thread.likely => Confidence::Medium,
        _ => Confidence::High,
    };
    Handing { certainty, background: entry.background, ..Handing::new(run) }
}

/// `Thread { }.start()`, `task.execute()`: the receiver is the code.
fn receiver_handings(model: &Model, site: &CallSite) -> Handings {
    if site.receiver_code.is_none() {
        return Handings::new();
    }
    let entries = dispatches(model, site);
    let own = entries.iter().filter(|dispatch| dispatch.arg == DispatchArg::Receiver);
    own.map(|dispatch| dispatch_handing(model, site, dispatch, None)).collect()
}

fn takes(dispatch: &Dispatch, at: usize, count: usize, trailing: bool) -> bool {
    match dispatch.arg {
        DispatchArg::Index(index) if index < 0 => {
            count.checked_sub(usize::from(index.unsigned_abs())) == Some(at)
        }
        DispatchArg::Index(index) => usize::from(index.unsigned_abs()) == at,
        DispatchArg::TrailingLambda | DispatchArg::LastLambda => trailing || at + 1 == count,
        DispatchArg::AnyLambda => true,
        DispatchArg::Receiver => false,
    }
}

/// `code`: the argument that is handed over, if the receiver is not.
fn dispatch_handing(model: &Model, site: &CallSite, dispatch: &Dispatch, code: Option<usize>) -> Handing {
    let argument = |position: Option<u8>, name: &str| -> Option<Option<ThreadValue>> {
        let arg = site.arg(i32::from(position?), Some(name))?;
        // Code at the dispatcher's position means that no dispatcher is given.
        let handed = code.and_then(|at| site.args.get(at)).is_some_and(|code| code.value == arg.value);
        // An activity says how long a listener is wanted, not where it runs.
        let other = |ty: &Type| {
            ty.is_function()
                || dispatch.thread == ThreadWord::ExecutorArg
                    && (model.signatures.exists(ty.class) || model.inherits(ty.class, "android.app.Activity"))
                    && !model.inherits(ty.class, "java.util.concurrent.Executor")
        };
        let is_code = handed || arg.trailing || arg.ty.as_ref().and_then(Type::upper).is_some_and(other);
        (!is_code).then(|| arg.thread())
    };
    let given = match dispatch.thread {
        ThreadWord::DispatcherArg => argument(dispatch.context_arg.or(Some(0)), "context"),
        ThreadWord::ExecutorArg | ThreadWord::HandlerArg => argument(dispatch.executor_arg, "executor"),
        ThreadWord::Receiver => Some(receiver_thread(model, site)),
        word => return finish(dispatch, word_run(word), false),
    };
    let (target, likely) = match given {
        Some(Some(thread)) if thread.target != ThreadTarget::Inherit => (Some(thread.target), thread.likely),
        Some(None) => (Some(ThreadTarget::Unknown), false),
        _ => (None, false),
    };
    let otherwise = || match dispatch.fallback {
        Some(ThreadWord::Scope) => match receiver_thread(model, site) {
            Some(thread) => finish(dispatch, run_of(thread.target), thread.likely),
            None => finish(dispatch, Run::Somewhere, true),
        },
        Some(word) => finish(dispatch, word_run(word), false),
        None => finish(dispatch, Run::Somewhere, true),
    };
    match target {
        Some(ThreadTarget::Param(function, param)) => {
            let given = Given::new(function, param, otherwise().run);
            finish(dispatch, Run::Given(given), likely)
        }
        Some(target) => finish(dispatch, run_of(target), likely),
        None => otherwise(),
    }
}

fn finish(dispatch: &Dispatch, run: Run, likely: bool) -> Handing {
    let certainty = match (dispatch.low, likely) {
        (true, _) => Confidence::Low,
        (false, true) => Confidence::Medium,
        (false, false) => Confidence::High,
    };
    Handing { certainty, ..Handing::new(run) }
}

/// The thread behind a receiver; executor services are pools unless something else is known.
fn receiver_thread(model: &Model, site: &CallSite) -> Option<ThreadValue> {
    site.receiver_thread().or_else(|| {
        let ty = site.receiver_type.as_ref().and_then(Type::upper)?;
        let pool = model.inherits(ty.class, "java.util.concurrent.ExecutorService");
        pool.then(|| ThreadValue { likely: true, ..ThreadValue::on(ThreadTarget::On(Thread::Worker)) })
    })
}

pub(super) fn run_of(target: ThreadTarget) -> Run {
    match target {
        ThreadTarget::On(thread) => Run::On(thread),
        ThreadTarget::Caller | ThreadTarget::Inherit => Run::Here,
        ThreadTarget::Unknown => Run::Somewhere,
        ThreadTarget::Param(function, param) => Run::Given(Given::new(function, param, Run::Somewhere)),
    }
}

pub(super) fn word_run(word: ThreadWord) -> Run {
    match word {
        ThreadWord::Main => Run::On(Thread::Main),
        ThreadWord::Worker => Run::On(Thread::Worker),
        ThreadWord::Binder => Run::On(Thread::Binder),
        ThreadWord::Caller | ThreadWord::Inherit => Run::Here,
        _ => Run::Somewhere,
    }
}

/// Kotlin or Java, for wording.
pub fn language(model: &Model, function: FnId) -> Language {
    model.facts(model.symbols.fn_file(function)).language
}
