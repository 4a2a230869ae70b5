//! What takes the cancellation of code that runs in place: clauses, `runCatching`, inline functions of the project that have
//! one of them.

use crate::base::{Name, Span};
use crate::facts::{Catch, ExprId, ExprKind, FileFacts, FunctionId, Modifiers, Try};
use crate::findings::{FileId, Place};
use crate::model::{ArgValue, CallSite, Callable, FnId, LambdaRole, Model, SiteId};

use super::cancellation::{Caught, catches_cancellation, lets_through};
use super::effects::param_of;

/// Inline functions, one handing its code to the next.
const MAX_HELPERS: u8 = 3;

/// Where the cancellation of some code ends.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub place: Place,
    pub function: FnId,
    /// The clause, if it is one.
    clause: Option<ExprId>,
}

/// Kotlin's own.
pub fn is_run_catching(site: &CallSite) -> bool {
    site.name == "runCatching" && site.api.is_some_and(|api| api.class.starts_with("kotlin."))
}

/// The clause of a `try` that gets cancellation and keeps it.
pub fn swallowing_clause<'t>(model: &Model, function: FnId, tried: &'t Try) -> Option<&'t Catch> {
    let scope = model.scope_of(function);
    let takes =
        |catch: &&Catch| catch.types.iter().any(|ty| catches_cancellation(&model.resolve_type(scope, ty)));
    let catch = tried.catches.iter().find(takes)?;
    let caught = Caught { function, name: Some(catch.name) };
    (!lets_through(model, caught, catch.body)).then_some(catch)
}

/// Where an inline function of the project takes the cancellation of the code that a call gives it as one of its arguments.
/// Nowhere if it goes on, or if what the call does with the result or in another lambda throws it on.
pub fn swallowed_by(model: &Model, site: &CallSite, at: usize) -> Option<Taken> {
    swallowed_at(model, site, at, 0)
}

fn swallowed_at(model: &Model, site: &CallSite, at: usize, depth: u8) -> Option<Taken> {
    let declared = site.declared?;
    let decl = model.function(declared);
    if depth >= MAX_HELPERS || !decl.modifiers.contains(Modifiers::INLINE) {
        return None;
    }
    let index = param_of(decl, site, at)?;
    // Code that suspends by its type is judged where it is called.
    if decl.params[index].ty.as_ref()?.function.as_ref().is_none_or(|ty| ty.suspend) {
        return None;
    }
    let is_param = |callable: &Callable, index: usize| matches!(callable, Callable::Param(of, at) if *of == declared && usize::from(*at) == index);
    let of_param = |callable: &Callable| is_param(callable, index);
    let taken = inside(model, declared).find_map(|function| {
        model.sites_of[function.index()].iter().find_map(|id| {
            let run = model.site(*id);
            let handed = run.args.iter().position(|arg| of_param(&arg.callable));
            let by_call = match handed {
                Some(_) if is_run_catching(run) => kept_result(model, run),
                Some(at) => swallowed_at(model, run, at, depth + 1),
                None if of_param(&run.invokes) => None,
                None => return None,
            };
            by_call.or_else(|| taken_around(model, function, run.span, depth))
        })
    })?;
    // The result brings it out at the call.
    let is_result =
        site.result.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "kotlin.Result");
    if is_result && result_lets_through(model, site) {
        return None;
    }
    // The clause asks the caller: `catch (e: Exception) { onError(e) }`.
    let asked = |id: &SiteId, index: usize| {
        let inner = model.site(*id);
        let within = taken.clause.is_some_and(|body| model.facts(inner.file)[body].span.contains(inner.span));
        within && is_param(&inner.invokes, index)
    };
    let answered = site.args.iter().enumerate().any(|(at, arg)| {
        let Some(other) = param_of(decl, site, at).filter(|other| *other != index) else { return false };
        model.sites_of[taken.function.index()].iter().any(|id| asked(id, other))
            && lambda_lets_through(model, site.file, arg.value)
    });
    (!answered).then_some(taken)
}

/// The function and the lambdas in it.
pub(super) fn inside(model: &Model, function: FnId) -> impl Iterator<Item = FnId> + '_ {
    let file = model.symbols.fn_file(function);
    let all = (0..model.facts(file).functions.len())
        .map(move |at| model.symbols.fn_id(file, FunctionId(u32::try_from(at).unwrap_or(u32::MAX))));
    all.filter(move |it| model.root_function(*it) == function)
}

/// What takes cancellation around a place, as far as it is part of the function.
fn taken_around(model: &Model, function: FnId, span: Span, depth: u8) -> Option<Taken> {
    let (mut function, mut span) = (function, span);
    loop {
        let facts = model.facts(model.symbols.fn_file(function));
        let clause = model
            .tries_in(function)
            .into_iter()
            .rev()
            .filter(|tried| facts[tried.body].span.contains(span))
            .find_map(|tried| swallowing_clause(model, function, tried));
        if let Some(catch) = clause {
            let span = catch.types.first().map_or(facts[catch.body].span, |ty| ty.span);
            let place = Place { file: model.symbols.fn_file(function), span };
            return Some(Taken { place, function, clause: Some(catch.body) });
        }
        if !model.is_lambda(function) || model.lambda_role(function) != LambdaRole::InPlace {
            return None;
        }
        let (id, at) = model.taker(function)?;
        let taker = model.site(id);
        let by_call = match is_run_catching(taker) {
            true => kept_result(model, taker),
            false => swallowed_at(model, taker, at, depth + 1),
        };
        if by_call.is_some() {
            return by_call;
        }
        (function, span) = (taker.function, taker.span);
    }
}

/// A `runCatching` whose result is not asked for cancellation.
fn kept_result(model: &Model, site: &CallSite) -> Option<Taken> {
    (!result_lets_through(model, site)).then(|| Taken {
        place: site.point(),
        function: site.function,
        clause: None,
    })
}

/// Does what is done with the result throw cancellation on?
pub fn result_lets_through(model: &Model, site: &CallSite) -> bool {
    let facts = model.facts(site.file);
    let around = model.function(site.function).body;
    let kept = around.and_then(|body| kept_in(facts, body, site.expr, 0));
    let mut results = vec![site.expr];
    let mut at = 0;
    while at < results.len() && results.len() < 64 {
        let result = results[at];
        at += 1;
        for id in &model.sites_of[site.function.index()] {
            let next = model.site(*id);
            let on_result = next.receiver.is_some_and(|receiver| {
                receiver == result
                    || matches!((&facts[receiver].kind, kept), (ExprKind::Name(name), Some(local)) if *name == local)
            });
            if !on_result || results.contains(&next.expr) {
                continue;
            }
            results.push(next.expr);
            let name = next.name.to_lowercase();
            if next.name == "getOrThrow"
                || name.contains("throw") && name.contains("cancel")
                || next.declared.is_some_and(|helper| extension_lets_through(model, helper, 0))
                || next.args.iter().any(|arg| {
                    lambda_lets_through(model, site.file, arg.value)
                        || reference_lets_through(model, site.file, arg)
                })
            {
                return true;
            }
        }
    }
    let body = model.function(site.function).body;
    body.is_some_and(|body| later_lets_through(model, site, body))
}

/// Extensions that one calls of another.
const MAX_EXTENSIONS: u8 = 3;

/// Does an extension of Result throw the cancellation that it holds: `fun <T> Result<T>.orCancel() = onFailure { … }`?
fn extension_lets_through(model: &Model, function: FnId, depth: u8) -> bool {
    let decl = model.function(function);
    let of_result = decl.receiver.as_ref().is_some_and(|ty| ty.name.last() == "Result");
    let Some(body) = decl.body.filter(|_| of_result && depth < MAX_EXTENSIONS) else { return false };
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    // `this.map { … }.onFailure { … }`
    let on_this = |site: &CallSite| {
        let mut at = site.receiver;
        while let Some(receiver) = at {
            at = match &facts[receiver].kind {
                ExprKind::This(_) => None,
                ExprKind::Call(call) => call.receiver,
                _ => return false,
            };
        }
        true
    };
    let looks = |site: &CallSite| {
        site.name == "getOrThrow"
            || site.declared.is_some_and(|helper| extension_lets_through(model, helper, depth + 1))
            || site.args.iter().any(|arg| {
                lambda_lets_through(model, file, arg.value) || reference_lets_through(model, file, arg)
            })
    };
    let mut sites = model.sites_of[function.index()].iter().map(|id| model.site(*id));
    sites.any(|site| on_this(site) && looks(site))
        || matches!(&facts[body].kind, ExprKind::Block(items) if statements_let_through(model, function, items))
}

/// `val e = exceptionOrNull(); if (e is CancellationException) throw e`.
fn statements_let_through(model: &Model, function: FnId, items: &[ExprId]) -> bool {
    let facts = model.facts(model.symbols.fn_file(function));
    let mut name = None;
    for item in items {
        if let ExprKind::Local(local) = &facts[*item].kind
            && let Some(init) = local.init
            && matches!(&facts[init].kind, ExprKind::Call(call) if call.name == "exceptionOrNull")
        {
            name = Some(local.name);
        }
        if lets_through(model, Caught { function, name }, *item) {
            return true;
        }
        if matches!(facts[*item].kind, ExprKind::Return { .. } | ExprKind::Throw(_)) {
            return false;
        }
    }
    false
}

/// Does a statement after it look at the job, or throw what the result holds?
fn later_lets_through(model: &Model, site: &CallSite, around: ExprId) -> bool {
    let facts = model.facts(site.file);
    if let ExprKind::Block(items) = &facts[around].kind {
        let after = items.partition_point(|item| facts[*item].span.start < site.span.end);
        if statements_let_through(model, site.function, &items[after..]) {
            return true;
        }
    }
    let mut found = false;
    facts[around].kind.each_child(|child| {
        found = found || facts[child].span.contains(site.span) && later_lets_through(model, site, child);
    });
    found
}

/// The local that is given the value of an expression.
fn kept_in(facts: &FileFacts, expr: ExprId, value: ExprId, depth: u16) -> Option<Name> {
    if depth > 600 || !facts[expr].span.contains(facts[value].span) {
        return None;
    }
    if let ExprKind::Local(local) = &facts[expr].kind
        && local.init.is_some_and(|init| facts[init].span.contains(facts[value].span))
    {
        return Some(local.name);
    }
    let mut found = None;
    facts[expr].kind.each_child(|child| found = found.or_else(|| kept_in(facts, child, value, depth + 1)));
    found
}

fn lambda_lets_through(model: &Model, file: FileId, value: ExprId) -> bool {
    let facts = model.facts(file);
    let ExprKind::Lambda(local) = facts[value].kind else { return false };
    let function = model.symbols.fn_id(file, local);
    if !matches!(model.lambda_role(function), LambdaRole::InPlace | LambdaRole::Unknown | LambdaRole::Plain) {
        return false;
    }
    let name = facts[local].params.first().map_or_else(|| Name::new("it"), |param| param.name);
    let Some(body) = facts[local].body else { return false };
    // `fold(onSuccess, onFailure)`: the first lambda never sees the exception, but throws nothing either.
    lets_through(model, Caught { function, name: Some(name) }, body)
}

/// `.onFailure(::rethrow)`
fn reference_lets_through(model: &Model, file: FileId, arg: &ArgValue) -> bool {
    if !matches!(model.facts(file)[arg.value].kind, ExprKind::FunctionRef { .. }) {
        return false;
    }
    let functions = model.functions_of(&arg.callable, None);
    !functions.is_empty()
        && functions.into_iter().all(|function| {
            let decl = model.function(function);
            let name = decl.params.first().map(|param| param.name);
            decl.body.is_some_and(|body| lets_through(model, Caught { function, name }, body))
        })
}
