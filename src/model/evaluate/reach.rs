//! Code that never runs: branches of conditions that are constant, the `default` of a `switch` that names every constant of
//! its enum. What only debug builds run counts as such.

use crate::base::Name;
use crate::facts::{Arm, BinaryOp, ExprId, ExprKind, Language, Modifiers, TypeKind};
use crate::findings::FileId;

use super::super::core::Core;
use super::super::ids::{FnId, PropId};
use super::super::ty::Type;
use super::super::value::{Const, Value};
use super::Walker;

impl Core {
    /// Java's old `case` without `break`; which the facts leave out.
    pub fn falls_through(&self, file: FileId, arm: &Arm) -> bool {
        let facts = self.facts(file);
        if facts.language != Language::Java || facts.leaves(arm.body) {
            return false;
        }
        let text = &self.project.file(file).text;
        let body =
            text.slice(facts[arm.body].span).trim_end_matches(|it: char| it.is_whitespace() || it == '}');
        !body.ends_with("break;")
    }
}

impl<'c> Walker<'c> {
    /// Walks an expression that may never be reached: no call in it is recorded then.
    pub(super) fn eval_if(
        &mut self,
        reached: bool,
        id: ExprId,
        used: bool,
        expected: Option<&Type>,
    ) -> Value {
        let before = self.unreached;
        self.unreached |= !reached;
        let value = self.eval(id, used, expected);
        self.unreached = before;
        value
    }

    /// Does a constant that a property is declared with hold in every build, and in every subclass?
    pub(super) fn holds_everywhere(&self, property: PropId, constant: Const) -> bool {
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        self.is_sure(constant, file, decl.modifiers, decl.owner.is_some())
    }

    /// The same of a constant that a function gives.
    pub(super) fn gives_everywhere(&self, function: FnId, constant: Const) -> bool {
        let decl = self.core.function(function);
        let file = self.core.symbols.fn_file(function);
        self.is_sure(constant, file, decl.modifiers, decl.owner.is_some())
    }

    fn is_sure(&self, constant: Const, file: FileId, modifiers: Modifiers, member: bool) -> bool {
        // A number or text that one flavour replaces is still the best guess; what decides branches has to be sure.
        if !matches!(constant, Const::Bool(_)) {
            return true;
        }
        let same = modifiers.contains(Modifiers::PRIVATE) || self.core.project.file(file).is_shared();
        same && (!member || modifiers.intersects(Modifiers::FINAL | Modifiers::PRIVATE | Modifiers::STATIC))
    }

    /// Do the arms name every constant of the enum that they are about, so that no other arm is taken?
    pub(super) fn names_all(&self, subject: &Value, arms: &[Arm]) -> bool {
        let Some(class) = subject.class().and_then(|class| self.core.symbols.type_named(class)) else {
            return false;
        };
        let info = self.core.symbols.info(class);
        if info.kind != TypeKind::Enum || !self.core.project.file(info.file).is_shared() {
            return false;
        }
        let named = |id: &ExprId| match &self.facts[*id].kind {
            ExprKind::Name(name) => Some(Name::new(name.last())),
            ExprKind::Member { name, .. } => Some(*name),
            _ => None,
        };
        let all: Vec<Name> = arms
            .iter()
            .filter(|arm| arm.guard.is_none())
            .flat_map(|arm| arm.conditions.iter().filter_map(named))
            .collect();
        let mut constants =
            info.properties.iter().filter(|(_, property)| self.core.property(**property).enum_constant);
        !all.is_empty() && constants.all(|(name, _)| all.contains(name))
    }
}

/// The truth of a condition, if it is always the same.
pub(super) fn settled(condition: Option<&Value>) -> Option<bool> {
    match condition?.constant? {
        Const::Bool(truth) => Some(truth),
        _ => None,
    }
}

/// Does the left side alone decide `left && right` or `left || right`?
pub(super) fn decides(op: BinaryOp, left: &Value) -> bool {
    match op {
        BinaryOp::And => settled(Some(left)) == Some(false),
        BinaryOp::Or => settled(Some(left)) == Some(true),
        _ => false,
    }
}
