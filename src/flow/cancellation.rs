//! Does a `catch` let a coroutine's cancellation go on?

use crate::base::Name;
use crate::facts::{Arm, BinaryOp, Call, ExprId, ExprKind, FileFacts, TypeRef, UnaryOp};
use crate::model::{FnId, Model, SiteId, Type};

/// Nesting, and helpers called with the exception, that are followed.
const MAX_DEPTH: u8 = 40;
const MAX_HELPERS: u8 = 2;

/// `CancellationException` and what it is on the JVM.
/// Source: kotlinlang.org/api/core/kotlin-stdlib/kotlin.coroutines.cancellation/-cancellation-exception/
const CATCHING: [&str; 8] = [
    "kotlinx.coroutines.CancellationException",
    "kotlin.coroutines.cancellation.CancellationException",
    "java.util.concurrent.CancellationException",
    "java.lang.IllegalStateException",
    "java.lang.RuntimeException",
    "java.lang.Exception",
    "java.lang.Throwable",
    "kotlin.Throwable",
];

/// A caught exception: the function that catches it, and its name there.
#[derive(Clone, Copy, Debug)]
pub struct Caught {
    pub function: FnId,
    pub name: Option<Name>,
}

/// Does a clause of this type catch cancellation?
pub fn catches_cancellation(ty: &Type) -> bool {
    let last = ty.class.strip_prefix('?').unwrap_or(&ty.class);
    CATCHING.contains(&ty.class.as_str()) || last == "CancellationException"
}

/// Does this code, given the exception, throw cancellation on or notice it (`ensureActive()`) whenever it gets one?
pub fn lets_through(model: &Model, caught: Caught, body: ExprId) -> bool {
    let file = model.symbols.fn_file(caught.function);
    Judge { model, facts: model.facts(file), caught, helpers: 0 }.passes(body, 0)
}

/// What a condition is, given cancellation.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tell {
    truth: bool,
    /// It asks about cancellation; else about something that cancellation is not.
    apart: bool,
}

struct Judge<'m> {
    model: &'m Model,
    facts: &'m FileFacts,
    caught: Caught,
    helpers: u8,
}

impl Judge<'_> {
    fn passes(&self, id: ExprId, depth: u8) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        let deeper = |id: ExprId| self.passes(id, depth + 1);
        match &self.facts[id].kind {
            ExprKind::Block(items) => {
                for item in items {
                    if deeper(*item) {
                        return true;
                    }
                    // Another value by this name from here on.
                    if let ExprKind::Local(local) = &self.facts[*item].kind
                        && Some(local.name) == self.caught.name
                    {
                        return false;
                    }
                    if matches!(self.facts[*item].kind, ExprKind::Return { .. } | ExprKind::Throw(_)) {
                        return false;
                    }
                }
                false
            }
            ExprKind::Throw(value) => self.gives(*value, depth),
            ExprKind::If { condition, then, otherwise } => {
                let branch = |it: &Option<ExprId>| it.is_some_and(deeper);
                match self.tells(*condition) {
                    // Told apart, whatever is done with it: somebody thought of cancellation.
                    Some(Tell { truth: true, apart: true }) => {
                        branch(then) || otherwise.is_some() || then.is_some_and(|it| self.returns(it))
                    }
                    Some(Tell { truth: true, .. }) => branch(then),
                    Some(Tell { truth: false, .. }) => branch(otherwise),
                    None => branch(then) && branch(otherwise),
                }
            }
            ExprKind::When { subject, arms, .. } => self.arm(*subject, arms).is_some_and(deeper),
            // Takes what its block throws.
            ExprKind::Call(call) if call.name == "runCatching" => false,
            ExprKind::Call(call) => {
                self.notices(id)
                    || self.helps(id)
                    || call.receiver.is_some_and(deeper)
                    || call.args.iter().any(|arg| deeper(arg.value) || self.lambda_passes(arg.value, depth))
            }
            // `e as? IOException ?: throw e`
            ExprKind::Binary { op: BinaryOp::Elvis, left, right } => {
                deeper(*left)
                    || matches!(&self.facts[*left].kind, ExprKind::Cast { value, ty, safe: true }
                        if self.is_caught(*value) && !may_be_cancellation(ty) && deeper(*right))
            }
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, .. } => deeper(*left),
            ExprKind::Binary { left, right, .. } => deeper(*left) || deeper(*right),
            ExprKind::Template(parts) => parts.iter().any(|part| deeper(*part)),
            ExprKind::Assign { value, .. } | ExprKind::Cast { value, .. } | ExprKind::NotNull(value) => {
                deeper(*value)
            }
            ExprKind::Member { receiver, .. } => deeper(*receiver),
            ExprKind::Try(it) => deeper(it.body) && it.catches.is_empty() || it.finally.is_some_and(deeper),
            ExprKind::Local(local) => local.init.is_some_and(deeper),
            ExprKind::Return { value: Some(value), .. } => deeper(*value),
            _ => false,
        }
    }

    /// Does a call throw `CancellationException` at once in a cancelled coroutine: `ensureActive()`, `delay()`, a function of
    /// the project that makes such a call whatever happens?
    fn notices(&self, id: ExprId) -> bool {
        let ExprKind::Call(call) = &self.facts[id].kind else { return false };
        if matches!(call.name.as_str(), "ensureActive" | "yield") {
            return true;
        }
        let file = self.model.symbols.fn_file(self.caught.function);
        self.model.site_at(file, id).is_some_and(|site| throws_when_cancelled(self.model, site, self.helpers))
    }

    /// Is such a call the first thing of some code that can suspend, on every way?
    fn begins_with_notice(&self, id: ExprId, depth: u8) -> bool {
        let deeper = |id: ExprId| depth < MAX_DEPTH && self.begins_with_notice(id, depth + 1);
        match &self.facts[id].kind {
            ExprKind::Block(items) => {
                for item in items {
                    if deeper(*item) {
                        return true;
                    }
                    if !matches!(
                        self.facts[*item].kind,
                        ExprKind::Local(_) | ExprKind::Call(_) | ExprKind::Assign { .. }
                    ) {
                        return false;
                    }
                }
                false
            }
            ExprKind::Call(call) => self.notices(id) || call.receiver.is_some_and(deeper),
            ExprKind::Local(local) => local.init.is_some_and(deeper),
            ExprKind::Return { value: Some(value), .. } => deeper(*value),
            _ => false,
        }
    }

    fn returns(&self, id: ExprId) -> bool {
        match &self.facts[id].kind {
            ExprKind::Return { .. } => true,
            ExprKind::Block(items) => items.last().is_some_and(|last| self.returns(*last)),
            _ => false,
        }
    }

    /// Code that a scope function runs in place: `e.let { if (it is CancellationException) throw it }`.
    fn lambda_passes(&self, value: ExprId, depth: u8) -> bool {
        let ExprKind::Lambda(local) = self.facts[value].kind else { return false };
        let function = self.model.symbols.fn_id(self.model.symbols.fn_file(self.caught.function), local);
        let in_place = self.model.lambda_role(function) == crate::model::LambdaRole::InPlace;
        self.facts[local].body.is_some_and(|body| in_place && self.passes(body, depth + 1))
    }

    /// The caught exception, cast or not; the lambda's own name for it counts, too.
    fn is_caught(&self, value: ExprId) -> bool {
        match &self.facts[value].kind {
            ExprKind::Name(name) => Some(*name) == self.caught.name || *name == "it",
            ExprKind::Cast { value, .. } | ExprKind::NotNull(value) => self.is_caught(*value),
            ExprKind::This(_) => true,
            _ => false,
        }
    }

    /// Is what is thrown the exception itself, if it is cancellation: `throw if (e is CancellationException) e else Failed(e)`?
    fn gives(&self, value: ExprId, depth: u8) -> bool {
        let deeper = |id: ExprId| depth < MAX_DEPTH && self.gives(id, depth + 1);
        if self.is_caught(value) || self.passes(value, depth + 1) {
            return true;
        }
        match &self.facts[value].kind {
            ExprKind::If { condition, then: Some(then), otherwise: Some(otherwise) } => {
                match self.tells(*condition) {
                    Some(tell) => deeper(if tell.truth { *then } else { *otherwise }),
                    None => deeper(*then) && deeper(*otherwise),
                }
            }
            ExprKind::When { subject, arms, .. } => self.arm(*subject, arms).is_some_and(deeper),
            ExprKind::Block(items) => {
                for item in items {
                    if let ExprKind::If { condition, then, otherwise } = &self.facts[*item].kind
                        && let Some(tell) = self.tells(*condition)
                        && let Some(branch) = if tell.truth { *then } else { *otherwise }
                        && self.returns(branch)
                    {
                        return deeper(branch);
                    }
                }
                items.last().copied().is_some_and(deeper)
            }
            ExprKind::Return { value: Some(value), .. } => deeper(*value),
            ExprKind::Call(_) => self.helper(value).is_some_and(|(judge, body)| judge.gives(body, 0)),
            _ => false,
        }
    }

    /// What a condition says of cancellation (`e is CancellationException`).
    fn tells(&self, condition: ExprId) -> Option<Tell> {
        match &self.facts[condition].kind {
            ExprKind::TypeTest { ty, negated, .. } if takes_cancellation(ty) => {
                Some(Tell { truth: !negated, apart: true })
            }
            ExprKind::TypeTest { value, ty, negated, .. } if self.is_caught(*value) => {
                (!may_be_cancellation(ty)).then_some(Tell { truth: *negated, apart: false })
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => {
                self.tells(*operand).map(|it| Tell { truth: !it.truth, ..it })
            }
            ExprKind::Binary { op: op @ (BinaryOp::Or | BinaryOp::And), left, right } => {
                // What decides alone: true of `||`, false of `&&`.
                let decides = *op == BinaryOp::Or;
                let (left, right) = (self.tells(*left), self.tells(*right));
                let deciding = |it: &Option<Tell>| it.is_some_and(|it| it.truth == decides);
                match (left, right) {
                    (Some(one), Some(other)) if deciding(&left) == deciding(&right) => {
                        Some(Tell { apart: one.apart || other.apart, ..one })
                    }
                    _ if deciding(&left) => left,
                    _ if deciding(&right) => right,
                    (Some(one), Some(_)) => Some(one),
                    // Whether the other is true as well: what was asked of cancellation counts.
                    (Some(one), None) | (None, Some(one)) => Some(one).filter(|it| it.apart),
                    (None, None) => None,
                }
            }
            // `if (!isActive) throw e`: asked whether the coroutine was cancelled.
            ExprKind::Name(name) | ExprKind::Member { name, .. } => match name.as_str() {
                "isActive" => Some(Tell { truth: false, apart: true }),
                "isCancelled" => Some(Tell { truth: true, apart: true }),
                _ => None,
            },
            ExprKind::Call(_) => {
                let (judge, body) = self.helper(condition)?;
                judge.tells(result(judge.facts, body)?)
            }
            _ => None,
        }
    }

    /// The arm that cancellation takes.
    fn arm(&self, subject: Option<ExprId>, arms: &[Arm]) -> Option<ExprId> {
        let takes = |arm: &&Arm| {
            arm.conditions.is_empty()
                || arm.conditions.iter().any(|condition| match &self.facts[*condition].kind {
                    ExprKind::TypeTest { ty, negated, .. } if subject.is_some() => {
                        let catching =
                            CATCHING.iter().any(|it| it.ends_with(&format!(".{}", ty.name.last())));
                        catching && !negated
                    }
                    _ => self.tells(*condition).is_some_and(|it| it.truth),
                })
        };
        arms.iter().find(takes).map(|arm| arm.body)
    }

    /// A function of the project that is given the exception and throws cancellation on, or one whose name says so.
    fn helps(&self, id: ExprId) -> bool {
        let file = self.model.symbols.fn_file(self.caught.function);
        let ExprKind::Call(call) = &self.facts[id].kind else { return false };
        if !self.is_given(id, call) {
            return false;
        }
        if self.model.site_at(file, id).and_then(|id| self.model.site(id).declared).is_none() {
            let name = call.name.to_lowercase();
            return name.contains("cancel") && name.contains("throw");
        }
        self.helper(id).is_some_and(|(judge, body)| judge.passes(body, 0))
    }

    /// Does a call get the exception: as receiver, written or not, or as an argument?
    fn is_given(&self, id: ExprId, call: &Call) -> bool {
        let on_it = match call.receiver {
            Some(receiver) => self.is_caught(receiver),
            // `isFatal()` in an extension of the exception.
            None => {
                let file = self.model.symbols.fn_file(self.caught.function);
                let declared = self.model.site_at(file, id).and_then(|id| self.model.site(id).declared);
                self.caught.name.is_none()
                    && self.is_extension(self.caught.function)
                    && declared.is_some_and(|declared| self.is_extension(declared))
            }
        };
        on_it || call.args.iter().any(|arg| self.is_caught(arg.value))
    }

    fn is_extension(&self, function: FnId) -> bool {
        self.model.function(function).receiver.is_some()
    }

    /// A function of the project that is given the exception, with its body.
    fn helper(&self, id: ExprId) -> Option<(Judge<'_>, ExprId)> {
        let file = self.model.symbols.fn_file(self.caught.function);
        let ExprKind::Call(call) = &self.facts[id].kind else { return None };
        let at = call.args.iter().position(|arg| self.is_caught(arg.value));
        if self.helpers >= MAX_HELPERS || !self.is_given(id, call) {
            return None;
        }
        let declared = self.model.site(self.model.site_at(file, id)?).declared?;
        let decl = self.model.function(declared);
        let name = at.and_then(|at| decl.params.get(at)).map(|param| param.name);
        let caught = Caught { function: declared, name };
        let facts = self.model.facts(self.model.symbols.fn_file(declared));
        Some((Judge { model: self.model, facts, caught, helpers: self.helpers + 1 }, decl.body?))
    }
}

/// Library functions that look at the job before they do anything.
/// Source: kotlinlang.org/api/kotlinx.coroutines/kotlinx-coroutines-core/kotlinx.coroutines/with-context.html
const NOTICING: [&str; 4] = ["withContext", "delay", "yield", "ensureActive"];

fn throws_when_cancelled(model: &Model, site: SiteId, helpers: u8) -> bool {
    let site = model.site(site);
    if let Some(api) = site.api.filter(|api| api.class.starts_with("kotlinx.coroutines")) {
        return NOTICING.contains(&api.member.as_str()) && !model.shields_from_cancellation(site);
    }
    !site.targets.is_empty()
        && helpers < MAX_HELPERS
        && site.suspends == Some(true)
        && site.targets.iter().all(|target| {
            let facts = model.facts(model.symbols.fn_file(target.function));
            let caught = Caught { function: target.function, name: None };
            let judge = Judge { model, facts, caught, helpers: helpers + 1 };
            // Not `throw it`, which would be another exception here.
            let body = model.function(target.function).body;
            body.is_some_and(|body| judge.begins_with_notice(body, 0))
        })
}

/// May the call throw `CancellationException`? Not if every suspending call in it stands in a `try` that takes it.
pub fn may_throw(model: &Model, site: SiteId) -> bool {
    may_throw_at(model, site, MAX_CALLS)
}

/// Calls, one inside the other, that are looked into.
const MAX_CALLS: u8 = 3;

fn may_throw_at(model: &Model, site: SiteId, depth: u8) -> bool {
    let call = model.site(site);
    // A `Result` brings out later what was caught in it.
    let keeps = call.result.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "kotlin.Result");
    if call.api.is_some() || call.targets.is_empty() || depth == 0 || keeps {
        return true;
    }
    call.targets.iter().any(|target| {
        let function = target.function;
        let Some(body) = model.function(function).body else { return true };
        // Code that the function is given may suspend as well.
        if model
            .function(function)
            .params
            .iter()
            .any(|it| it.ty.as_ref().is_some_and(|ty| ty.function.is_some()))
        {
            return true;
        }
        let file = model.symbols.fn_file(function);
        let tries = model.tries_in(function);
        let found = model.suspensions(file, body, |_| true);
        if found.is_empty() {
            return !model.never_suspends(function);
        }
        let swallowed = |at: crate::base::Span| {
            tries.iter().any(|tried| {
                let facts = model.facts(file);
                let scope = model.scope_of(function);
                facts[tried.body].span.contains(at)
                    && tried.catches.iter().any(|catch| {
                        let takes = |ty| catches_cancellation(&model.resolve_type(scope, ty));
                        let caught = Caught { function, name: Some(catch.name) };
                        catch.types.iter().any(takes) && !lets_through(model, caught, catch.body)
                    })
            })
        };
        found.iter().any(|it| {
            !swallowed(model.site(it.site).span)
                && !model.shields_from_cancellation(model.site(it.site))
                && may_throw_at(model, it.site, depth - 1)
        })
    })
}

/// What a function of one expression gives back.
fn result(facts: &FileFacts, body: ExprId) -> Option<ExprId> {
    match &facts[body].kind {
        ExprKind::Block(items) => match items.as_slice() {
            [only] => result(facts, *only),
            _ => None,
        },
        ExprKind::Return { value, .. } => *value,
        _ => Some(body),
    }
}

/// Is the class one of those that cancellation is?
fn may_be_cancellation(ty: &TypeRef) -> bool {
    CATCHING.iter().any(|it| Name::new(it).last() == ty.name.last())
}

fn takes_cancellation(ty: &TypeRef) -> bool {
    ty.name.last() == "CancellationException"
}
