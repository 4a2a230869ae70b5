//! What dependency injection makes: the classes and provider functions behind a type that is asked for.
//!
//! Source: dagger.dev/dev-guide, developer.android.com/training/dependency-injection/hilt-android

use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::facts::{Annotation, FunctionKind, TypeKind};

use super::core::Core;
use super::ids::{FnId, TypeId};
use super::ty::Type;

/// Constructors that injection may call.
const INJECTABLE: [&str; 2] = ["Inject", "AssistedInject"];

/// What makes an instance of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Maker {
    /// A class with an injectable constructor.
    Class(TypeId),
    /// A function with `@Provides`.
    Provider(FnId),
}

/// Something asked for: a type, and where.
pub struct Wanted {
    pub class: Name,
    pub span: Span,
}

impl Core {
    /// What injection runs for a type that is asked for. Nothing for `Lazy<T>` and `Provider<T>`, which wait.
    pub fn makers(&self, class: Name) -> SmallVec<[Maker; 2]> {
        let mut found: SmallVec<[Maker; 2]> = SmallVec::new();
        let bound = self.bound.get(&class).into_iter().flatten().copied();
        for candidate in std::iter::once(class).chain(bound) {
            let providers = self.providers.get(&candidate).into_iter().flatten();
            let providers = providers.copied().map(Maker::Provider);
            let made = self.symbols.type_named(candidate).filter(|id| self.injectable(*id).is_some());
            for maker in providers.chain(made.map(Maker::Class)) {
                if !found.contains(&maker) {
                    found.push(maker);
                }
            }
        }
        found
    }

    /// The functions that run when a maker is asked.
    pub fn run_by_maker(&self, maker: Maker) -> SmallVec<[FnId; 2]> {
        let id = match maker {
            Maker::Provider(function) => return SmallVec::from_slice(&[function]),
            Maker::Class(id) => id,
        };
        let mut run: SmallVec<[FnId; 2]> = SmallVec::new();
        run.extend(self.injectable(id).filter(|it| self.function(*it).body.is_some()));
        for ancestor in &self.lineage(self.symbols.info(id).qualified).all {
            for id in self.symbols.types_by_name.get(ancestor).into_iter().flatten() {
                let info = self.symbols.info(*id);
                if info.kind != TypeKind::Interface {
                    run.extend(info.initializer.or_else(|| self.hands_up(*id)));
                }
            }
        }
        run
    }

    /// What a maker needs first.
    pub fn needs(&self, maker: Maker) -> Vec<Wanted> {
        let function = match maker {
            Maker::Provider(function) => Some(function),
            Maker::Class(id) => self.injectable(id),
        };
        function.map(|it| self.parameters(it)).unwrap_or_default()
    }

    /// What injection gives to an object that the framework makes: its `@Inject` fields, and what its constructor takes.
    pub fn injected_into(&self, class: TypeId) -> Vec<Wanted> {
        let info = self.symbols.info(class);
        let facts = self.facts(info.file);
        let scope = super::scope::TypeScope { file: info.file, owner: Some(class), function: None };
        let fields = facts.properties.iter().filter(|it| it.owner == Some(info.local));
        let mut wanted: Vec<Wanted> = fields
            .filter(|field| is_injectable(&field.annotations))
            .filter_map(|field| {
                let class = self.resolve_type(scope, field.ty.as_ref()?).class;
                Some(Wanted { class, span: field.name_span })
            })
            .collect();
        wanted.extend(self.injectable(class).map(|it| self.parameters(it)).unwrap_or_default());
        wanted
    }

    /// The constructor that injection calls.
    fn injectable(&self, class: TypeId) -> Option<FnId> {
        let constructors = &self.symbols.info(class).constructors;
        let marked = |it: &&FnId| is_injectable(&self.function(**it).annotations);
        let marked = constructors.iter().find(marked);
        // Metro and kotlin-inject mark the class.
        let whole = || constructors.first().filter(|_| is_injectable(&self.type_decl(class).annotations));
        marked.or_else(whole).copied()
    }

    fn parameters(&self, function: FnId) -> Vec<Wanted> {
        let decl = self.function(function);
        let scope = self.scope_of(function);
        let wanted = |param: &crate::facts::Param| {
            let ty = self.resolve_type(scope, param.ty.as_ref()?);
            Some(Wanted { class: ty.class, span: param.span })
        };
        decl.params.iter().filter_map(wanted).collect()
    }

    /// What `provider.get()` and the `create(…)` of an `@AssistedFactory` run: the makers of their result.
    pub(super) fn made_for(&self, result: &Type) -> SmallVec<[FnId; 2]> {
        let makers = self.makers(result.class);
        makers.into_iter().flat_map(|maker| self.run_by_maker(maker)).collect()
    }

    /// Is it the one method of a factory that injection implements?
    pub(super) fn is_assisted_factory(&self, function: FnId) -> bool {
        let decl = self.function(function);
        let marked = |it: &Annotation| it.name.last() == "AssistedFactory" || it.name.last() == "Factory";
        decl.kind == FunctionKind::Function
            && decl.body.is_none()
            && self
                .owner_of(function)
                .is_some_and(|owner| self.type_decl(owner).annotations.iter().any(marked))
    }
}

fn is_injectable(annotations: &[Annotation]) -> bool {
    annotations.iter().any(|it| INJECTABLE.contains(&it.name.last()))
}
