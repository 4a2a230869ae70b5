//! What is created by a call: constructors, initialisers, functional interfaces made from lambdas.

use crate::base::Name;
use crate::facts::{Arg, ExprId, TypeRef};
use crate::findings::Confidence;

use super::super::calls::{Api, SiteKind, Target};
use super::super::ids::{FnId, TypeId};
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// The class a call by this name creates, unless an explicit import makes the name a function.
    pub(super) fn class_to_create(&self, name: Name) -> Option<Name> {
        let imports = &self.core.imports[self.file.0 as usize];
        let function = imports.named.get(&name).is_some_and(|paths| {
            paths.iter().any(|path| {
                self.core.symbols.functions_by_name.contains_key(path) && !self.core.is_project_class(*path)
            }) || (paths.iter().all(|path| !self.core.is_class(*path)) && self.imports_function(name, paths))
        });
        if function {
            return None;
        }
        let class = self.core.resolve_class(self.file, self.owner, name)?;
        let same_package = self.core.symbols.functions_by_name.contains_key(&imports.package.join(name));
        // `fun Foo()` beside an interface Foo is a factory function.
        let interface = self
            .core
            .symbols
            .type_named(class)
            .is_some_and(|id| self.core.symbols.info(id).kind == crate::facts::TypeKind::Interface);
        // An import of something composable looks like a class: not known, so it is a function if a package holds it.
        let unknown = !self.core.is_class(class) && is_package(class.qualifier());
        (!(same_package && (interface || unknown))).then_some(class)
    }

    /// Is one of the paths, as Kotlin or as Java (`import static`) writes it, that of a library's function?
    fn imports_function(&self, name: Name, paths: &[Name]) -> bool {
        let functions = self.core.catalog.functions(name);
        let of = |it: &crate::catalog::TopLevel| {
            paths.contains(&it.package.join(name)) || paths.contains(&it.facade.join(name))
        };
        functions.iter().any(of)
    }

    /// `Foo(…)`: a constructor, a functional interface made from a lambda, or an object's `invoke`.
    pub(super) fn create(&mut self, draft: &mut SiteDraft, class: Name) {
        let class = self.resolve_alias(class);
        draft.kind = SiteKind::Create;
        draft.created = Some(class);
        let args = std::mem::take(&mut draft.type_args);
        draft.result = Some(Type::with(class, args));
        let Some(ids) = self.core.symbols.types_by_name.get(&class) else {
            draft.api = Some(Api { class, member: Name::new("<init>"), is_static: true });
            return;
        };
        let id = ids[0];
        let info = self.core.symbols.info(id);
        if info.kind == crate::facts::TypeKind::Object {
            draft.kind = SiteKind::Call;
            draft.result = None;
            draft.name = Name::new("invoke");
            let methods = self.core.methods_named(id, draft.name);
            self.choose(draft, &methods, None, true);
            return;
        }
        let constructors: Vec<FnId> = info.constructors.to_vec();
        if let Some(chosen) = self.pick(&constructors, draft) {
            draft.declared = Some(chosen);
            if self.core.function(chosen).body.is_some() {
                draft.targets.push(Target { function: chosen, certainty: Confidence::High });
            }
        } else if self.companion_invoke(draft, class) {
            draft.kind = SiteKind::Call;
            draft.result = None;
            draft.created = None;
            return;
        }
        self.initializers(draft, class);
    }

    fn companion_invoke(&mut self, draft: &mut SiteDraft, class: Name) -> bool {
        let name = std::mem::replace(&mut draft.name, Name::new("invoke"));
        let found = self.companion_call(draft, class);
        if !found {
            draft.name = name;
        }
        found
    }

    /// Creating an object runs the initialisers of its class and of its project superclasses.
    fn initializers(&self, draft: &mut SiteDraft, class: Name) {
        for ancestor in &self.core.lineage(class).all {
            for id in self.core.symbols.types_by_name.get(ancestor).into_iter().flatten() {
                let info = self.core.symbols.info(*id);
                if info.kind == crate::facts::TypeKind::Interface {
                    continue;
                }
                let function = info.initializer.or_else(|| self.core.hands_up(*id));
                if let Some(function) =
                    function.filter(|it| draft.targets.iter().all(|known| known.function != *it))
                {
                    draft.targets.push(Target { function, certainty: Confidence::High });
                }
            }
        }
    }

    /// `: Base(args)`: what the constructor of a base class of the project is given.
    pub(super) fn super_constructor(&mut self, ty: &TypeRef, args: &[Arg]) {
        let class = self.core.resolve_type(self.scope(), ty).class;
        let mut draft = SiteDraft::new(args[0].value, Name::new(class.last()), Value::default());
        draft.kind = SiteKind::SuperConstructor;
        draft.args = args.to_vec();
        draft.values = self.arguments(args);
        if let Some(id) = self.core.symbols.type_named(class) {
            let constructors: Vec<FnId> = self.core.symbols.info(id).constructors.to_vec();
            draft.declared = self.pick(&constructors, &draft);
        } else {
            // Lambdas stand for what a library's constructor asks for.
            self.create(&mut draft, class);
        }
        self.lambda_arguments(&mut draft);
        self.keep_code(&draft);
        if draft.declared.is_some() {
            self.record(draft);
        }
    }

    /// Initialisers of an object expression and of its base classes run where it stands.
    pub(super) fn initialized(&mut self, expr: ExprId, object: TypeId) {
        if self.record.is_none() {
            return;
        }
        let info = self.core.symbols.info(object);
        let name = info.supertypes.first().map_or("object", |base| base.class.last());
        let mut draft = SiteDraft::new(expr, Name::new(name), Value::default());
        draft.kind = SiteKind::Create;
        let class = info.qualified;
        self.initializers(&mut draft, class);
        if !draft.targets.is_empty() {
            self.record(draft);
        }
    }

    fn resolve_alias(&self, class: Name) -> Name {
        let Some((file, at)) = self.core.symbols.aliases.get(&class) else { return class };
        if self.core.symbols.types_by_name.contains_key(&class) {
            return class;
        }
        let Some(alias) = self.core.facts(*file).aliases.get(*at) else { return class };
        let scope = super::super::scope::TypeScope { file: *file, owner: None, function: None };
        self.core.resolve_type(scope, &alias.target).class
    }

    /// `this(…)`, `super(…)` in a constructor.
    pub(super) fn delegate_constructor(&mut self, draft: &mut SiteDraft) {
        let Some(owner) = self.owner else { return };
        let info = self.core.symbols.info(owner);
        if draft.name == "this" {
            let constructors: Vec<FnId> =
                info.constructors.iter().copied().filter(|id| *id != self.function).collect();
            if let Some(chosen) = self.pick(&constructors, draft)
                && self.core.function(chosen).body.is_some()
            {
                draft.declared = Some(chosen);
                draft.targets.push(Target { function: chosen, certainty: Confidence::High });
            }
            return;
        }
        let parents: Vec<TypeId> = info
            .supertypes
            .iter()
            .filter_map(|supertype| self.core.symbols.type_named(supertype.class))
            .collect();
        for parent in parents {
            let constructors: Vec<FnId> = self.core.symbols.info(parent).constructors.to_vec();
            if let Some(chosen) = self.pick(&constructors, draft)
                && self.core.function(chosen).body.is_some()
            {
                draft.declared = Some(chosen);
                draft.targets.push(Target { function: chosen, certainty: Confidence::High });
            }
        }
    }
}

/// Lower-case throughout: a package rather than a class.
fn is_package(path: &str) -> bool {
    !path.is_empty() && path.split('.').all(|part| !part.starts_with(|first: char| first.is_uppercase()))
}
