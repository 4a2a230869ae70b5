//! Does a `catch` let a coroutine's cancellation go on?

use crate::base::Name;
use crate::facts::{Arm, ExprId, ExprKind, FileFacts, TypeRef};
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
            ExprKind::Throw(value) => self.is_caught(*value),
            ExprKind::If { condition, then, otherwise } => {
                let branch = |it: &Option<ExprId>| it.is_some_and(deeper);
                match self.tells(*condition) {
                    // Told apart, whatever is done with it: somebody thought of cancellation.
                    Some(true) => {
                        branch(then) || otherwise.is_some() || then.is_some_and(|it| self.returns(it))
                    }
                    Some(false) => branch(otherwise),
                    None => branch(then) && branch(otherwise),
                }
            }
            ExprKind::When { subject, arms, .. } => self.arm(*subject, arms).is_some_and(deeper),
            ExprKind::Call(call) => {
                matches!(call.name.as_str(), "ensureActive" | "yield")
                    || self.helps(id)
                    || call.receiver.is_some_and(deeper)
                    || call.args.iter().any(|arg| self.lambda_passes(arg.value, depth))
            }
            ExprKind::Try(it) => deeper(it.body) && it.catches.is_empty() || it.finally.is_some_and(deeper),
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

    /// Is the condition true of cancellation (`e is CancellationException`), or false of it?
    fn tells(&self, condition: ExprId) -> Option<bool> {
        use crate::facts::{BinaryOp, UnaryOp};
        match &self.facts[condition].kind {
            ExprKind::TypeTest { ty, negated, .. } => takes_cancellation(ty).then_some(!negated),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.tells(*operand).map(|it| !it),
            ExprKind::Binary { op: BinaryOp::Or, left, right } => {
                let (left, right) = (self.tells(*left), self.tells(*right));
                if left == Some(true) || right == Some(true) { Some(true) } else { left.and(right) }
            }
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                let (left, right) = (self.tells(*left), self.tells(*right));
                if left == Some(false) || right == Some(false) { Some(false) } else { left.or(right) }
            }
            // `if (!isActive) throw e`: asked whether the coroutine was cancelled.
            ExprKind::Name(name) | ExprKind::Member { name, .. } => match name.as_str() {
                "isActive" => Some(false),
                "isCancelled" => Some(true),
                _ => None,
            },
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
                    _ => self.tells(*condition) == Some(true),
                })
        };
        arms.iter().find(takes).map(|arm| arm.body)
    }

    /// A function of the project that is given the exception and throws cancellation on, or one whose name says so.
    fn helps(&self, id: ExprId) -> bool {
        let file = self.model.symbols.fn_file(self.caught.function);
        let ExprKind::Call(call) = &self.facts[id].kind else { return false };
        let given = call.receiver.is_some_and(|it| self.is_caught(it))
            || call.args.iter().any(|arg| self.is_caught(arg.value));
        if !given {
            return false;
        }
        let Some(declared) = self.model.site_at(file, id).and_then(|id| self.declared(id)) else {
            let name = call.name.to_lowercase();
            return name.contains("cancel") && name.contains("throw");
        };
        let decl = self.model.function(declared);
        let at = call.args.iter().position(|arg| self.is_caught(arg.value));
        let name = at.and_then(|at| decl.params.get(at)).map(|param| param.name);
        let caught = Caught { function: declared, name };
        let facts = self.model.facts(self.model.symbols.fn_file(declared));
        let judge = Judge { model: self.model, facts, caught, helpers: self.helpers + 1 };
        self.helpers < MAX_HELPERS && decl.body.is_some_and(|body| judge.passes(body, 0))
    }

    fn declared(&self, id: SiteId) -> Option<FnId> {
        self.model.site(id).declared
    }
}

fn takes_cancellation(ty: &TypeRef) -> bool {
    ty.name.last() == "CancellationException"
}
