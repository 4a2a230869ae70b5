//! Class delegation: members of `class Cached(inner: Store) : Store by inner` are those of what `inner` is.

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, TypeKind};

use super::calls::Target;
use super::core::Core;
use super::ids::{FnId, TypeId};
use super::scope::TypeScope;

/// Delegates that one member is looked for in; delegates have delegates.
const MAX_DELEGATES: usize = 8;

/// What a supertype is delegated to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Delegate {
    pub(super) class: TypeId,
    /// An object of that very class: `by FileStore(file)`.
    pub(super) exact: bool,
}

impl Core {
    pub(super) fn collect_delegating(&mut self) {
        let ids = (0..self.symbols.types.len()).map(TypeId::new);
        let delegates = |id: &TypeId| self.type_decl(*id).supertypes.iter().any(|it| it.delegate.is_some());
        self.delegating = ids.filter(delegates).collect();
    }

    /// Where members of an interface come from when they are asked of an object of class `top`: from delegates of that
    /// class, its supertypes and subtypes. `overrides` tells classes that have the member themselves.
    pub(super) fn delegates_behind(
        &self,
        interface: TypeId,
        top: Delegate,
        overrides: impl Fn(TypeId) -> bool,
    ) -> SmallVec<[Delegate; 2]> {
        let mut found = SmallVec::new();
        if self.delegating.is_empty() || self.symbols.info(interface).kind != TypeKind::Interface {
            return found;
        }
        let interface = self.symbols.info(interface).qualified;
        let mut open = vec![top];
        while let Some(top) = open.pop() {
            let name = self.symbols.info(top.class).qualified;
            let above = self.lineage(name);
            let concerns = |class: &&TypeId| {
                let class = self.symbols.info(**class).qualified;
                above.all.contains(&class) || !top.exact && self.inherits(class, &name)
            };
            for class in self.delegating.iter().filter(concerns).filter(|class| !overrides(**class)) {
                for delegate in self.delegates_of(*class, interface) {
                    // What dispatch on the class itself leads to is no news.
                    let covered =
                        !top.exact && self.inherits(self.symbols.info(delegate.class).qualified, &name);
                    if !covered && found.len() < MAX_DELEGATES && !found.contains(&delegate) {
                        found.push(delegate);
                        open.push(delegate);
                    }
                }
            }
        }
        found
    }

    /// What a class has the members of an interface from.
    fn delegates_of(&self, class: TypeId, interface: Name) -> Vec<Delegate> {
        let supertypes = self.type_decl(class).supertypes.iter().zip(&self.symbols.info(class).supertypes);
        let of = |(written, ty): (&crate::facts::Supertype, &super::ty::Type)| {
            let expr = written.delegate.filter(|_| self.inherits(ty.class, &interface))?;
            let known = self
                .delegate_class(class, expr)
                .filter(|it| self.inherits(self.symbols.info(it.class).qualified, &ty.class));
            known.or_else(|| Some(Delegate { class: self.symbols.type_named(ty.class)?, exact: false }))
        };
        supertypes.filter_map(of).collect()
    }

    /// The class of `by` expressions as far as it stands there: parameters, objects, creations.
    fn delegate_class(&self, class: TypeId, expr: ExprId) -> Option<Delegate> {
        let info = self.symbols.info(class);
        let named = |name: Name| self.symbols.type_named(self.resolve_class(info.file, Some(class), name)?);
        let exact = |class| Delegate { class, exact: true };
        match &self.facts(info.file)[expr].kind {
            ExprKind::Name(name) => {
                let declared = info.constructors.iter().find_map(|constructor| {
                    let param = self.function(*constructor).params.iter().find(|it| it.name == *name)?;
                    let scope =
                        TypeScope { file: info.file, owner: Some(class), function: Some(*constructor) };
                    Some(self.resolve_type(scope, param.ty.as_ref()?))
                });
                match declared {
                    Some(ty) => {
                        let class = self.symbols.type_named(ty.upper()?.class)?;
                        Some(Delegate { class, exact: false })
                    }
                    None => named(*name).map(exact),
                }
            }
            ExprKind::Call(call) if call.receiver.is_none() => named(call.name).map(exact),
            ExprKind::Object(local) => Some(exact(self.symbols.type_id(info.file, *local))),
            _ => None,
        }
    }

    /// What a call of an interface's method leads to through class delegation.
    pub(super) fn delegated_targets(&self, method: FnId, top: Delegate) -> SmallVec<[Target; 1]> {
        let mut targets: SmallVec<[Target; 1]> = SmallVec::new();
        let Some(owner) = self.owner_of(method) else { return targets };
        let decl = self.function(method);
        let same = |id: &FnId| self.function(*id).params.len() == decl.params.len();
        let overrides = |class: TypeId| {
            self.symbols.info(class).methods.get(&decl.name).is_some_and(|own| own.iter().any(same))
        };
        for delegate in self.delegates_behind(owner, top, overrides) {
            let class = self.symbols.info(delegate.class).qualified;
            let Some(own) = self.all_methods_named(class, decl.name).into_iter().find(same) else { continue };
            for target in self.overridden_targets(own, Some(class), delegate.exact) {
                if self.function(target.function).body.is_some()
                    && !targets.iter().any(|known| known.function == target.function)
                {
                    targets.push(target);
                }
            }
        }
        targets
    }
}
