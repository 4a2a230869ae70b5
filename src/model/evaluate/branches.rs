//! Branches: what a condition proves of types and values in them, and which of them are reached.

use crate::base::Name;
use crate::facts::{Arm, BinaryOp, ExprId, ExprKind, UnaryOp};

use super::super::ty::Type;
use super::super::value::Value;
use super::{LocalValue, Walker, reach};

impl<'c> Walker<'c> {
    /// `when`, `switch`.
    pub(super) fn choice(
        &mut self,
        subject: Option<ExprId>,
        binding: Option<Name>,
        arms: &[Arm],
        used: bool,
        expected: Option<&Type>,
    ) -> Value {
        let mark = self.locals.len();
        let subject_value = subject.map(|subject| self.eval(subject, true, None));
        if let (Some(name), Some(value)) = (binding, &subject_value) {
            self.locals.push(LocalValue { name, value: value.clone() });
        }
        let mut result: Option<Value> = None;
        let all = subject_value.as_ref().is_some_and(|subject| self.names_all(subject, arms));
        // A condition of an arm before is always true.
        let mut taken = false;
        self.depth += 1;
        for (at, arm) in arms.iter().enumerate() {
            let mark = self.locals.len();
            let falls = || at > 0 && self.core.falls_through(self.file, &arms[at - 1]);
            let mut reached = !taken && (!all || !arm.conditions.is_empty() || falls());
            for condition in arm.conditions.iter().chain(&arm.guard) {
                let value = self.eval(*condition, true, None);
                if subject.is_none() && arm.conditions.len() == 1 && arm.guard.is_none() {
                    reached &= reach::settled(Some(&value)) != Some(false);
                    taken |= reach::settled(Some(&value)) == Some(true);
                }
                self.refine(*condition, true);
                // `when (val result = load()) { is Ok -> result.data … }`
                if let (Some(name), ExprKind::TypeTest { value, ty, negated: false, .. }) =
                    (binding, &self.facts[*condition].kind)
                    && Some(*value) == subject
                {
                    let ty = self.core.resolve_type(self.scope(), ty);
                    self.narrow(name, ty);
                }
            }
            let value = self.eval_if(reached, arm.body, used, expected);
            self.locals.truncate(mark);
            if !reached {
                continue;
            }
            result = Some(match result {
                Some(all) => self.joined(all, value),
                None => value,
            });
        }
        self.depth -= 1;
        self.locals.truncate(mark);
        result.unwrap_or_default()
    }

    /// Gives names the types that a condition being true (or false) proves.
    pub(super) fn refine(&mut self, condition: ExprId, truth: bool) {
        match &self.facts[condition].kind {
            ExprKind::TypeTest { value, ty, negated, .. } if *negated != truth => {
                if let ExprKind::Name(name) = self.facts[*value].kind {
                    let ty = self.core.resolve_type(self.scope(), ty);
                    self.narrow(name, ty);
                }
            }
            ExprKind::Binary { op: BinaryOp::And, left, right } if truth => {
                self.refine(*left, true);
                self.refine(*right, true);
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right } if !truth => {
                self.refine(*left, false);
                self.refine(*right, false);
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.refine(*operand, !truth),
            _ => {}
        }
    }

    /// Shadows a name by itself with a better type.
    pub(super) fn narrow(&mut self, name: Name, ty: Type) {
        let mut value = self.local(name).map(|local| local.value.clone()).unwrap_or_default();
        let ty = self.with_arguments(ty, value.ty.as_ref());
        // `model as Errors` of a model that is known to be one says nothing new.
        if value
            .ty
            .as_ref()
            .is_some_and(|old| old.class != ty.class && self.core.inherits(old.class, &ty.class))
        {
            return;
        }
        let declared = value.ty.take().filter(|old| {
            let unrelated = |a: &Type, b: &Type| !self.core.inherits(a.class, &b.class);
            let known = |ty: &Type| !ty.is_unresolved() && !ty.is_variable() && !ty.is_function();
            known(old) && known(&ty) && unrelated(old, &ty) && unrelated(&ty, old)
        });
        value.also = declared.map(Box::new);
        value.ty = Some(ty);
        self.locals.push(LocalValue { name, value });
    }

    /// `is Ok` of a `Result<File>` where `Ok<T> : Result<T>`: an `Ok<File>`.
    fn with_arguments(&self, ty: Type, old: Option<&Type>) -> Type {
        let known = old.and_then(Type::upper).filter(|old| !old.args.is_empty() && ty.args.is_empty());
        let owner = known.and_then(|old| self.core.symbols.type_named(old.class));
        let (Some(old), Some(owner), Some(id)) = (known, owner, self.core.symbols.type_named(ty.class))
        else {
            return ty;
        };
        let params = &self.core.symbols.info(id).params;
        if params.is_empty() {
            return ty;
        }
        let open: Vec<Type> = params.iter().map(|param| Type::variable(*param, None)).collect();
        let seen = self.core.bindings(&Type::with(ty.class, open.clone()), owner);
        let given = |variable: &Type| {
            let at = self.core.symbols.info(owner).params.iter().position(|param| {
                seen.iter().any(|(name, bound)| name == param && bound.class == variable.class)
            });
            at.and_then(|at| old.args.get(at)).cloned()
        };
        let args = open.iter().map(|it| given(it).unwrap_or_else(|| Type::unresolved("unknown")));
        Type::with(ty.class, args.collect())
    }

    /// `if`, `?:`.
    pub(super) fn branch(
        &mut self,
        condition: ExprId,
        then: Option<ExprId>,
        otherwise: Option<ExprId>,
        used: bool,
        expected: Option<&Type>,
    ) -> Value {
        let mark = self.locals.len();
        let value = self.eval(condition, true, None);
        let settled = reach::settled(Some(&value));
        self.refine(condition, true);
        self.depth += 1;
        let first = then.map(|then| self.eval_if(settled != Some(false), then, used, expected));
        self.locals.truncate(mark);
        self.refine(condition, false);
        let second =
            otherwise.map(|otherwise| self.eval_if(settled != Some(true), otherwise, used, expected));
        self.depth -= 1;
        self.locals.truncate(mark);
        self.settled = settled.map(|truth| (condition, truth));
        match (first, second) {
            (Some(first), Some(_)) if settled == Some(true) => first,
            (Some(_), Some(second)) if settled == Some(false) => second,
            (Some(first), Some(second)) => self.joined(first, second),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => Value::default(),
        }
    }
}
