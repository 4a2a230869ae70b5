//! Locks: where one is held, and what else happens meanwhile.

use rustc_hash::FxHashMap;

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionId, Modifiers};
use crate::findings::{Confidence, FileId, Place};
use crate::model::{CallSite, FnId, Model, PropId, SiteId, Thread, TypeId};

use super::Flow;
use super::graph::Run;
use super::guards::Bounds;

/// Calls followed while a lock is held.
const DEPTH: usize = 8;
/// Ways into a function, told apart by what its parameters hold, are kept up to this number.
const MAX_WAYS: usize = 4;

/// What is locked. Locks of different objects of a class are taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    /// `this` of a class.
    Instance(TypeId),
    /// The class object.
    Class(TypeId),
    Field(PropId),
}

/// A part of a function in which a lock is held.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub lock: Lock,
    pub function: FnId,
    pub region: Span,
    /// What takes it: the block, the call, or the function's name.
    pub place: Place,
    /// Others may read meanwhile: the reading half of a read-write lock.
    pub shared: bool,
}

/// A call that holds its thread while a lock is held.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Index into `Flow::blocking`.
    pub call: usize,
    /// Calls from the region to it.
    pub way: Vec<(SiteId, FnId)>,
}

/// Every region of the project in which a lock is held.
pub fn held(model: &Model) -> Vec<Held> {
    let mut found = Vec::new();
    for (file, project_file) in model.project.files() {
        let Some(facts) = &project_file.facts else { continue };
        for (at, decl) in facts.functions.iter().enumerate() {
            let function = model.symbols.fn_id(file, FunctionId(u32::try_from(at).unwrap_or(u32::MAX)));
            if decl.modifiers.contains(Modifiers::SYNCHRONIZED)
                && let Some(owner) = model.owner_of(function)
            {
                let is_static = decl.modifiers.contains(Modifiers::STATIC);
                let lock = if is_static { Lock::Class(owner) } else { Lock::Instance(owner) };
                let place = Place { file, span: decl.name_span };
                found.push(Held { lock, function, region: decl.span, place, shared: false });
            }
        }
        blocks_of(model, file, facts, &mut found);
    }
    found
}

/// `synchronized` blocks and `withLock`.
fn blocks_of(model: &Model, file: FileId, facts: &FileFacts, found: &mut Vec<Held>) {
    for (at, expr) in facts.exprs.iter().enumerate() {
        let id = ExprId(u32::try_from(at).unwrap_or(u32::MAX));
        let span = expr.span;
        let (lock, region, end) = match &expr.kind {
            ExprKind::Synchronized { lock, body } => (*lock, facts[*body].span, facts[*lock].span.end),
            ExprKind::Call(call) => match (call.name.as_str(), call.receiver) {
                ("synchronized", None) if call.args.len() == 2 => {
                    (call.args[0].value, facts[call.args[1].value].span, call.name_span.end)
                }
                // A coroutine's mutex holds no thread.
                ("withLock" | "read" | "write", Some(receiver)) if call.args.len() == 1 => {
                    if !is_lock(model, file, id) {
                        continue;
                    }
                    (receiver, facts[call.args[0].value].span, call.name_span.end)
                }
                // Until it is let go, or to the end of the function.
                ("lock" | "lockInterruptibly", Some(receiver)) if call.args.is_empty() => {
                    if !is_lock(model, file, id) {
                        continue;
                    }
                    let Some(region) = until_unlocked(model, file, facts, span, receiver) else { continue };
                    (receiver, region, call.name_span.end)
                }
                _ => continue,
            },
            _ => continue,
        };
        let place = Place { file, span: Span { start: span.start, end: end.max(span.start + 1) } };
        let Some(function) = model.function_at(Place { file, span }) else { continue };
        let text = model.project.slice(Place { file, span: facts[lock].span });
        let shared =
            text.contains("readLock") || matches!(&expr.kind, ExprKind::Call(call) if call.name == "read");
        if let Some(lock) = lock_of(model, function, lock) {
            found.push(Held { lock, function, region, place, shared });
        }
    }
}

/// Is the receiver of a call a lock that holds its thread?
fn is_lock(model: &Model, file: FileId, call: ExprId) -> bool {
    const LOCKS: [&str; 2] = ["java.util.concurrent.locks.Lock", "java.util.concurrent.locks.ReadWriteLock"];
    let site = model.site_at(file, call).map(|id| model.site(id));
    site.and_then(|site| site.receiver_type.as_ref()?.upper())
        .is_some_and(|ty| LOCKS.iter().any(|lock| model.inherits(ty.class, lock)))
}

/// From a `lock()` to the last `unlock()` of the same lock in the function.
fn until_unlocked(
    model: &Model,
    file: FileId,
    facts: &FileFacts,
    locked: Span,
    receiver: ExprId,
) -> Option<Span> {
    let function = model.function_at(Place { file, span: locked })?;
    let around = model.function(function).span;
    let text = &model.project.file(file).text;
    let name = text.slice(facts[receiver].span);
    let unlocks = facts.exprs.iter().filter(|expr| match &expr.kind {
        ExprKind::Call(call) => {
            call.name == "unlock"
                && around.contains(expr.span)
                && call.receiver.is_some_and(|receiver| text.slice(facts[receiver].span) == name)
        }
        _ => false,
    });
    let end = unlocks.map(|expr| expr.span.start).filter(|at| *at > locked.end).max();
    Some(Span { start: locked.end, end: end.unwrap_or(around.end) })
}

/// The object that an expression locks, if it outlives the call.
fn lock_of(model: &Model, function: FnId, value: ExprId) -> Option<Lock> {
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    let owner = model.owner_of(function);
    match &facts[value].kind {
        ExprKind::This(None) => owner.map(Lock::Instance),
        ExprKind::This(Some(label)) => {
            let mut around = owner;
            while let Some(id) = around {
                let info = model.symbols.info(id);
                if info.qualified.last() == label.last() {
                    return Some(Lock::Instance(id));
                }
                around = info.owner;
            }
            None
        }
        // `javaClass`, `getClass()`.
        ExprKind::Name(name) if *name == "javaClass" => owner.map(Lock::Class),
        ExprKind::Call(call) if call.name == "getClass" && call.receiver.is_none() => owner.map(Lock::Class),
        // The halves of a read-write lock keep each other out.
        ExprKind::Call(call) if matches!(call.name.as_str(), "readLock" | "writeLock") => {
            lock_of(model, function, call.receiver?)
        }
        ExprKind::ClassLiteral(ty) => {
            let class = model.resolve_type(model.scope_of(function), ty).class;
            model.symbols.type_named(class).map(Lock::Class)
        }
        ExprKind::Name(name) => field(model, owner, *name).map(Lock::Field),
        ExprKind::Member { receiver, name, .. } => match &facts[*receiver].kind {
            ExprKind::This(_) => field(model, owner, *name).map(Lock::Field),
            ExprKind::Name(half) if matches!(name.as_str(), "readLock" | "writeLock") => {
                field(model, owner, *half).map(Lock::Field)
            }
            // `Store.LOCK`
            ExprKind::Name(class) => {
                let class = model.resolve_class(file, owner, *class)?;
                field(model, Some(model.symbols.type_named(class)?), *name).map(Lock::Field)
            }
            _ => None,
        },
        _ => None,
    }
}

fn field(model: &Model, owner: Option<TypeId>, name: Name) -> Option<PropId> {
    let mut at = owner;
    while let Some(id) = at {
        let info = model.symbols.info(id);
        let companion = info.companion.map(|it| model.symbols.info(it));
        let own = info.properties.get(&name).or_else(|| companion.and_then(|it| it.properties.get(&name)));
        if let Some(found) = own {
            return Some(*found);
        }
        at = info.owner;
    }
    None
}

/// The nearest call of some kinds that holds the thread while it holds the lock.
pub fn blocks_while(
    model: &Model,
    flow: &Flow,
    held: &Held,
    thread: Thread,
    kinds: &[&str],
) -> Option<Blocks> {
    let file = model.symbols.fn_file(held.function);
    let inside = |site: SiteId| {
        let site = model.site(site);
        site.file == file && held.region.contains(site.span)
    };
    let wanted = |at: &usize| {
        let call = &flow.blocking[*at];
        // Waiting on a lock or its condition lets go of it; of another one it does not.
        let site = model.site(call.site);
        let own = |site: &CallSite| match site.receiver {
            Some(receiver) => lock_of(model, site.function, receiver).is_none_or(|lock| lock == held.lock),
            None => true,
        };
        let lets_go = call.api == "Object.wait" && own(site) || call.api.starts_with("Condition.await");
        kinds.contains(&call.kind.as_str()) && call.certainty > Confidence::Low && !lets_go
    };
    let candidates: Vec<usize> = (0..flow.blocking.len()).filter(wanted).collect();
    let around = functions_around(model, flow, held);
    let reach = if thread == Thread::Main { &flow.main } else { &flow.worker };
    let mut starts = Vec::new();
    for function in around {
        let start = |known: &Bounds| Way { function, thread, known: known.clone(), calls: Vec::new() };
        starts.extend(reach.given(function).map(start));
    }
    let here = |at: &usize| {
        let id = flow.blocking[*at].site;
        let site = model.site(id);
        let open = |way: &Way| way.function == site.function && is_open(model, flow, way, site);
        inside(id) && starts.iter().any(open)
    };
    if let Some(call) = candidates.iter().copied().find(here) {
        return Some(Blocks { call, way: Vec::new() });
    }
    // What functions called inside do while their caller waits.
    let mut seen: FxHashMap<FnId, Vec<Bounds>> = FxHashMap::default();
    let mut open = Vec::new();
    for start in &starts {
        open.extend(called(model, flow, start, inside));
    }
    let mut next = 0;
    while let Some(way) = open.get(next).cloned() {
        next += 1;
        let ways = seen.entry(way.function).or_default();
        let covered = ways.iter().any(|known| known.iter().all(|bound| way.known.contains(bound)));
        if covered || ways.len() >= MAX_WAYS || way.calls.len() > DEPTH {
            continue;
        }
        ways.push(way.known.clone());
        let here = candidates.iter().copied().find(|at| {
            let site = model.site(flow.blocking[*at].site);
            site.function == way.function && is_open(model, flow, &way, site)
        });
        if let Some(call) = here {
            return Some(Blocks { call, way: way.calls });
        }
        open.extend(called(model, flow, &way, |_| true));
    }
    None
}

/// A way from a region to a function that is called in it.
#[derive(Clone)]
struct Way {
    function: FnId,
    thread: Thread,
    /// What its parameters hold then.
    known: Bounds,
    calls: Vec<(SiteId, FnId)>,
}

/// What a function calls in place when it was come to by a way.
fn called(model: &Model, flow: &Flow, way: &Way, wanted: impl Fn(SiteId) -> bool) -> Vec<Way> {
    let mut ways = Vec::new();
    for edge in flow.graph.from(way.function).iter().filter(|edge| in_place(edge) && wanted(edge.site)) {
        let site = model.site(edge.site);
        if !is_open(model, flow, way, site) || flow.guards.misses(model, site, edge.to, &way.known) {
            continue;
        }
        let known = flow.guards.bind(model, site, edge.to, &way.known);
        let mut calls = way.calls.clone();
        calls.push((edge.site, edge.to));
        ways.push(Way { function: edge.to, known, calls, ..*way });
    }
    ways
}

/// Can a call of the function be reached when it was come to by a way?
fn is_open(model: &Model, flow: &Flow, way: &Way, site: &CallSite) -> bool {
    flow.guards.allows(way.function, site.span, way.thread)
        && !flow.guards.contradicts(model, way.function, site.span, &way.known)
}

fn in_place(edge: &super::graph::Edge) -> bool {
    edge.run == Run::Here && edge.certainty > Confidence::Low
}

/// The function of a region and the lambdas inside of it that run in place.
fn functions_around(model: &Model, flow: &Flow, held: &Held) -> Vec<FnId> {
    let file = model.symbols.fn_file(held.function);
    let mut found = vec![held.function];
    let mut next = 0;
    while let Some(function) = found.get(next).copied() {
        next += 1;
        for edge in flow.graph.from(function).iter().filter(|edge| in_place(edge)) {
            let inner = model.is_lambda(edge.to)
                && model.symbols.fn_file(edge.to) == file
                && held.region.contains(model.function(edge.to).span);
            if inner && !found.contains(&edge.to) {
                found.push(edge.to);
            }
        }
    }
    found
}
