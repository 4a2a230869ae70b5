//! Where a value comes from: the one thing that a local or a private field is ever given.

use crate::base::Name;
use crate::catalog::Guard;
use crate::facts::{ExprId, ExprKind, Modifiers};
use crate::findings::Place;
use crate::model::Declared;

use super::conditions::{Conditions, Test, guard_test};

/// Names that one value is followed through.
const MAX_NAMES: u8 = 4;

impl<'m> Conditions<'m> {
    /// The expression that makes the value of this one, and the function it stands in.
    pub(super) fn origin(&self, value: ExprId) -> (Conditions<'m>, ExprId) {
        let mut at = (self.within(self.function), value);
        for _ in 0..MAX_NAMES {
            let (here, value) = &at;
            let next = match &here.facts[*value].kind {
                ExprKind::NotNull(inner) | ExprKind::Cast { value: inner, .. } => {
                    Some((here.within(here.function), *inner))
                }
                ExprKind::Name(name) => here.named_origin(*value, *name),
                ExprKind::Member { receiver, name, .. }
                    if matches!(here.facts[*receiver].kind, ExprKind::This(None)) =>
                {
                    here.field_origin(*name)
                }
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    fn named_origin(&self, value: ExprId, name: Name) -> Option<(Conditions<'m>, ExprId)> {
        match self.model.declared(self.function, self.facts[value].span, name) {
            Declared::Local { function, local, .. } => {
                let within = self.model.function(function).span;
                let given = match local.init {
                    Some(init) => {
                        let fixed = self.model.assignments(self.file, name, within).next().is_none();
                        Some(init).filter(|_| fixed)
                    }
                    None => self.model.only_assigned(self.file, name, within),
                };
                Some((self.within(function), given?))
            }
            Declared::Other => None,
            Declared::Outside => self.field_origin(name),
        }
    }

    /// What a field is given that only its file can assign, and does once.
    fn field_origin(&self, name: Name) -> Option<(Conditions<'m>, ExprId)> {
        let property = self.model.visible_property(self.function, name)?;
        let decl = self.model.property(property);
        let file = self.model.symbols.prop_file(property);
        let owner = self.model.symbols.type_id(file, decl.owner?);
        let fixed = !decl.modifiers.contains(Modifiers::MUTABLE);
        if decl.getter.is_some() || !fixed && !decl.modifiers.contains(Modifiers::PRIVATE) {
            return None;
        }
        let given = match decl.initializer {
            Some(init) => Some(init).filter(|_| !self.model.is_reassigned(property)),
            None => self.model.only_assigned(file, name, self.model.type_decl(owner).span),
        }?;
        let place = Place { file, span: self.model.facts(file)[given].span };
        let there = self.model.function_at(place).or(self.model.symbols.info(owner).initializer)?;
        Some((self.within(there), given))
    }

    /// What a value being there proves, where the catalogue knows when a call gives one.
    fn given_by_guard(&self, value: ExprId) -> Option<&'static Guard> {
        let (here, made) = self.origin(value);
        let site = here.model.site(here.model.site_at(here.file, made)?);
        let api = site.api?;
        here.guard(api.member, Some(api.class), made)
    }

    /// `file.parentFile != null`: what a value being there proves, and what if it is not.
    pub(super) fn presence(&self, value: ExprId) -> Option<Test> {
        self.given_by_guard(value).map(guard_test)
    }
}
