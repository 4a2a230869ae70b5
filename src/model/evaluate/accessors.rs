//! What runs when a property is read or written: accessors and delegates, its own and those of overriding properties.

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, Modifiers};
use crate::findings::Confidence;

use super::super::calls::Target;
use super::super::delegation::Delegate;
use super::super::ids::{FnId, PropId};
use super::super::value::{Callable, Value};
use super::Walker;

/// What `lazy { }` gives.
pub(super) const LAZY: &str = "kotlin.Lazy";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl<'c> Walker<'c> {
    /// What the property itself runs: its accessor, or that of its delegate.
    pub(super) fn own_accessor(&mut self, property: PropId, access: Access) -> SmallVec<[Target; 1]> {
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        let (accessor, makers, operator, certainty) = match access {
            // A lazy value is made once, which may have been before.
            Access::Read => (decl.getter, &["lazy"][..], "getValue", Confidence::Medium),
            Access::Write => (decl.setter, &["observable", "vetoable"][..], "setValue", Confidence::High),
        };
        let one = |function, certainty| SmallVec::from_elem(Target { function, certainty }, 1);
        if let Some(accessor) = accessor {
            return one(self.core.symbols.fn_id(file, accessor), Confidence::High);
        }
        match self.delegate_lambda(property, makers) {
            Some(lambda) => one(lambda, certainty),
            None => self.delegate_targets(property, operator),
        }
    }

    /// The same of properties in subtypes that override an open or abstract one.
    pub(super) fn overriding_accessors(
        &mut self,
        property: PropId,
        receiver: Option<&Value>,
        access: Access,
    ) -> Vec<Target> {
        let decl = self.core.property(property);
        let Some(owner) = self.owner_of_property(property) else { return Vec::new() };
        if decl.modifiers.intersects(Modifiers::FINAL | Modifiers::PRIVATE | Modifiers::STATIC) {
            return Vec::new();
        }
        let top = receiver
            .filter(|_| decl.receiver.is_none())
            .and_then(Value::class)
            .and_then(|class| self.core.symbols.type_named(class))
            .unwrap_or(owner);
        let subtypes = self.core.all_subtypes(top);
        let certainty = if subtypes.len() <= 1 { Confidence::High } else { Confidence::Medium };
        let overriding = |class| match decl.receiver {
            None => self.core.symbols.info(class).properties.get(&decl.name).copied(),
            Some(_) => self.core.symbols.member_extension(class, decl.name),
        };
        let mut all: Vec<PropId> = subtypes.into_iter().filter_map(overriding).collect();
        let delegates = self.core.delegates_behind(owner, Delegate { class: top, exact: false }, |class| {
            overriding(class).is_some()
        });
        for delegate in delegates {
            let class = self.core.symbols.info(delegate.class).qualified;
            all.extend(self.core.property_named(class, decl.name));
            if !delegate.exact {
                all.extend(self.core.all_subtypes(delegate.class).into_iter().filter_map(overriding));
            }
        }
        let mut targets: Vec<Target> = Vec::new();
        for target in all.into_iter().flat_map(|it| self.own_accessor(it, access)) {
            // Several properties may have a delegate of one class.
            if !targets.iter().any(|known| known.function == target.function) {
                targets.push(Target { certainty: certainty.min(target.certainty), ..target });
            }
        }
        targets
    }

    /// `super.mode` means that one property, whatever overrides it.
    pub(super) fn is_of_super(&self, id: ExprId) -> bool {
        let receiver = match self.facts.exprs.get(id.0 as usize).map(|expr| &expr.kind) {
            Some(ExprKind::Member { receiver, .. }) => *receiver,
            _ => return false,
        };
        matches!(self.facts[receiver].kind, ExprKind::Super(_))
    }

    /// The property that a name after `super.` means.
    pub(super) fn super_property(&self, name: Name) -> Option<PropId> {
        let class = self.receivers.iter().rev().find(|it| it.is_class)?.value.class()?;
        let supertypes = &self.core.symbols.info(self.core.symbols.type_named(class)?).supertypes;
        supertypes.iter().find_map(|supertype| self.core.property_named(supertype.class, name))
    }

    /// The block of `by lazy { }`, or of another function of the library that makes delegates.
    fn delegate_lambda(&self, property: PropId, makers: &[&str]) -> Option<FnId> {
        let file = self.core.symbols.prop_file(property);
        let facts = self.core.facts(file);
        let ExprKind::Call(call) = &facts[self.core.property(property).delegate?].kind else { return None };
        if !makers.contains(&call.name.as_str()) {
            return None;
        }
        match facts[call.args.last()?.value].kind {
            ExprKind::Lambda(lambda) => Some(self.core.symbols.fn_id(file, lambda)),
            _ => None,
        }
    }

    /// The code that a delegate of the library runs when the property is read or written, and that it was given elsewhere:
    /// `by lazy(::load)`, `by unsafeLazy { }` of the project, `by Delegates.observable(x, ::changed)`.
    pub(super) fn delegate_code(&mut self, property: PropId, access: Access) -> Callable {
        let Some(delegate) = self.core.property(property).delegate.filter(|_| self.record.is_some()) else {
            return Callable::None;
        };
        let (class, code) = self.delegate_of(property);
        let file = self.core.symbols.prop_file(property);
        let is_it = match access {
            Access::Read => class.is_some_and(|class| class == LAZY),
            Access::Write => match &self.core.facts(file)[delegate].kind {
                ExprKind::Call(call) => matches!(call.name.as_str(), "observable" | "vetoable"),
                _ => false,
            },
        };
        if is_it { code } else { Callable::None }
    }

    /// What a property's delegate runs when it is read or written: `getValue`, `setValue` of a class of the project, or the
    /// lambda that `ReadOnlyProperty { … }` is made of.
    fn delegate_targets(&mut self, property: PropId, operator: &str) -> SmallVec<[Target; 1]> {
        let mut targets = SmallVec::new();
        if self.record.is_none() || self.core.property(property).delegate.is_none() {
            return targets;
        }
        let (class, code) = self.delegate_of(property);
        let Some(class) = class else { return targets };
        let method = self.core.all_methods_named(class, Name::new(operator)).into_iter().next();
        if let Some(method) = method {
            return self.core.dispatch_targets(method, Some(class), false);
        }
        if let Callable::Functions(functions) = code
            && class == "kotlin.properties.ReadOnlyProperty"
            && operator == "getValue"
        {
            targets.extend(
                functions.into_iter().map(|function| Target { function, certainty: Confidence::High }),
            );
        }
        targets
    }

    /// The class of a property's delegate, and the code that it is.
    fn delegate_of(&mut self, property: PropId) -> (Option<Name>, Callable) {
        if let Some(known) = self.core.delegates.get(&property) {
            return known.clone();
        }
        let Some(delegate) = self.core.property(property).delegate else { return Default::default() };
        let file = self.core.symbols.prop_file(property);
        let owner = self.owner_of_property(property);
        let value = self.in_class(file, owner, |walker| {
            let value = walker.eval(delegate, true, None);
            walker.kept(value)
        });
        let found = (value.class(), value.callable);
        self.core.delegates.insert(property, found.clone());
        found
    }
}
