//! Operators that the project defines (`operator fun plus`): the calls they mean.

use crate::base::Name;
use crate::facts::{Arg, BinaryOp, ExprId, Language, UnaryOp};

use super::super::calls::{Api, SiteKind};
use super::super::ids::FnId;
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

/// Names of operator functions. Source: kotlinlang.org/docs/operator-overloading.html
pub(in super::super) const OPERATORS: [&str; 24] = [
    "plus",
    "minus",
    "times",
    "div",
    "rem",
    "rangeTo",
    "rangeUntil",
    "contains",
    "compareTo",
    "plusAssign",
    "minusAssign",
    "timesAssign",
    "divAssign",
    "remAssign",
    "not",
    "unaryMinus",
    "unaryPlus",
    "inc",
    "dec",
    "iterator",
    "next",
    "hasNext",
    "get",
    "set",
];

impl<'c> Walker<'c> {
    /// `left op right`.
    pub(super) fn binary_operator(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        left: (&Value, ExprId),
        right: (&Value, ExprId),
    ) -> Option<Value> {
        let name = match op {
            BinaryOp::Add => "plus",
            BinaryOp::Sub => "minus",
            BinaryOp::Mul => "times",
            BinaryOp::Div => "div",
            BinaryOp::Rem => "rem",
            BinaryOp::Range => "rangeTo",
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => "compareTo",
            BinaryOp::In | BinaryOp::NotIn => return self.operator(id, "contains", right, Some(left)),
            _ => return None,
        };
        self.operator(id, name, left, Some(right))
    }

    /// `target op= value`: `plusAssign`, else `plus`.
    pub(super) fn assigning_operator(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        left: (&Value, ExprId),
        right: (&Value, ExprId),
    ) -> Option<Value> {
        let [assigning, _] = assigning_names(op)?;
        self.operator(id, assigning, left, Some(right)).or_else(|| self.binary_operator(id, op, left, right))
    }

    /// The target of `target op= value`, if an operator of the project may take it.
    pub(super) fn operand_of_assignment(&mut self, op: BinaryOp, target: ExprId) -> Option<Value> {
        let core = self.core;
        let names: Vec<Name> =
            assigning_names(op)?.iter().filter_map(|name| core.operators.get(name)).copied().collect();
        if names.is_empty() || self.facts.language != Language::Kotlin {
            return None;
        }
        // Only looked at: what is called in the target is recorded when the assignment is walked.
        let record = self.record.take();
        let before = self.eval(target, true, None);
        self.record = record;
        let ty = before.ty.as_ref().and_then(Type::upper).filter(|ty| !ty.is_function())?.clone();
        let takes = |name: &Name| {
            !core.all_methods_named(ty.class, *name).is_empty()
                || self.visible_functions(*name).iter().any(|function| {
                    let receiver = core.function(*function).receiver.as_ref();
                    let receiver = receiver.map(|it| core.resolve_type(core.scope_of(*function), it));
                    receiver.is_some_and(|receiver| self.accepts(&receiver, &ty))
                })
        };
        names.iter().any(takes).then_some(before)
    }

    pub(super) fn unary_operator(
        &mut self,
        id: ExprId,
        op: UnaryOp,
        operand: (&Value, ExprId),
    ) -> Option<Value> {
        let name = match op {
            UnaryOp::Not => "not",
            UnaryOp::Minus => "unaryMinus",
            UnaryOp::Plus => "unaryPlus",
            UnaryOp::Increment => "inc",
            UnaryOp::Decrement => "dec",
            UnaryOp::BitNot => return None,
        };
        self.operator(id, name, operand, None)
    }

    /// `for (x in iterated)`: what makes the iterator, and, if that does not suspend, what asks it.
    pub(super) fn iterating(&mut self, id: ExprId, iterated: &Value, expr: ExprId) {
        let class = iterated.class();
        if class.is_some_and(|class| self.core.inherits(class, "kotlinx.coroutines.channels.ReceiveChannel"))
        {
            let mut draft = SiteDraft::new(id, Name::new("hasNext"), Value::default());
            let class = Name::new("kotlinx.coroutines.channels.ChannelIterator");
            draft.api = Some(Api { class, member: draft.name, is_static: false });
            draft.suspends.set(Some(true));
            self.record(draft);
            return;
        }
        let Some(iterator) = self.operator(id, "iterator", (iterated, expr), None) else { return };
        for name in ["next", "hasNext"] {
            self.operator(id, name, (&iterator, expr), None);
        }
    }

    /// The call that an operator means, if a function of the project defines it.
    fn operator(
        &mut self,
        id: ExprId,
        name: &str,
        receiver: (&Value, ExprId),
        arg: Option<(&Value, ExprId)>,
    ) -> Option<Value> {
        let name = *self.core.operators.get(name)?;
        if self.facts.language != Language::Kotlin {
            return None;
        }
        let (receiver, receiver_expr) = receiver;
        let ty = receiver.ty.as_ref().and_then(Type::upper).filter(|ty| !ty.is_function())?.clone();
        let mut draft = SiteDraft::new(id, name, Value::default());
        draft.kind = SiteKind::Call;
        draft.receiver_expr = Some(receiver_expr);
        if let Some((value, expr)) = arg {
            draft.args.push(Arg { name: None, value: expr, trailing: false });
            draft.values.push(value.clone());
        }
        let mut methods: Vec<FnId> = self.core.all_methods_named(ty.class, name).into_vec();
        methods.retain(|method| self.core.function(*method).receiver.is_none());
        let found = !methods.is_empty() && self.choose(&mut draft, &methods, Some(ty.class), false);
        if !found && !self.project_extension(&mut draft, &ty) {
            return None;
        }
        draft.receiver = receiver.clone();
        Some(self.finish(draft, None))
    }
}

/// `plusAssign` and `plus` for `+=`.
fn assigning_names(op: BinaryOp) -> Option<[&'static str; 2]> {
    Some(match op {
        BinaryOp::Add => ["plusAssign", "plus"],
        BinaryOp::Sub => ["minusAssign", "minus"],
        BinaryOp::Mul => ["timesAssign", "times"],
        BinaryOp::Div => ["divAssign", "div"],
        BinaryOp::Rem => ["remAssign", "rem"],
        _ => return None,
    })
}
