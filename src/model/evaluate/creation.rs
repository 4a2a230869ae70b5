//! What is created by a call: constructors, initialisers, functional interfaces made from lambdas.

use crate::base::Name;
use crate::facts::{Arg, ExprId, ExprKind, TypeKind, TypeRef};
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
        let class = self.class_named(name)?;
        let same_package = self.core.symbols.functions_by_name.contains_key(&imports.package.join(name));
        // `fun Foo()` beside an interface Foo is a factory function.
        let interface = self
            .core
            .symbols
            .type_named(class)
            .is_some_and(|id| self.core.symbols.info(id).kind == TypeKind::Interface);
        // An import of something composable looks like a class: not known, so it is a function if a package holds it.
        let unknown = !self.core.is_class(class) && is_package(class.qualifier());
        (!(same_package && (interface || unknown))).then_some(class)
    }

    /// The class that a simple name means here.
    pub(super) fn class_named(&self, name: Name) -> Option<Name> {
        let local = self.core.local_class(self.scope(), name);
        local.or_else(|| self.core.resolve_class(self.file, self.owner, name))
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
        if info.kind == TypeKind::Object {
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
        if constructors.is_empty() {
            self.unwritten_constructor(draft, class);
        }
        self.initializers(draft, class);
    }

    /// A class without constructors runs the one without parameters of its base class.
    fn unwritten_constructor(&self, draft: &mut SiteDraft, class: Name) {
        let bases = &self.core.lineage(class).all;
        let classes = bases.iter().filter_map(|base| self.core.symbols.type_named(*base));
        let written = classes
            .filter(|id| self.core.symbols.info(*id).kind != TypeKind::Interface)
            .find(|id| !self.core.symbols.info(*id).constructors.is_empty());
        let targets = written.and_then(|id| self.empty_constructor(id));
        draft.targets.extend(targets.map(|function| Target { function, certainty: Confidence::High }));
    }

    /// The constructor of a class that takes nothing, if it has a body.
    fn empty_constructor(&self, class: TypeId) -> Option<FnId> {
        let constructors = self.core.symbols.info(class).constructors.iter().copied();
        let mut empty = constructors.filter(|it| {
            let decl = self.core.function(*it);
            decl.body.is_some() && decl.params.iter().all(|param| param.default.is_some())
        });
        empty.next()
    }

    /// A constructor whose body does not begin with `this(…)` or `super(…)` begins with `super()`.
    pub(super) fn unwritten_super(&mut self, body: ExprId) {
        let facts = self.facts;
        let first = match &facts[body].kind {
            ExprKind::Block(items) => items.first().copied(),
            _ => None,
        };
        let delegates = first.is_some_and(|first| match &facts[first].kind {
            ExprKind::Call(call) => call.receiver.is_none() && matches!(call.name.as_str(), "this" | "super"),
            _ => false,
        });
        let Some(owner) = self.owner.filter(|_| !delegates && self.record.is_some()) else { return };
        let supertypes = &self.core.symbols.info(owner).supertypes;
        let bases = supertypes.iter().filter_map(|base| self.core.symbols.type_named(base.class));
        let Some(base) = bases.into_iter().find(|id| self.core.symbols.info(*id).kind != TypeKind::Interface)
        else {
            return;
        };
        let class = self.core.symbols.info(base).qualified;
        let mut draft = SiteDraft::new(body, Name::new(class.last()), Value::default());
        draft.kind = SiteKind::SuperConstructor;
        match self.core.symbols.info(base).constructors.is_empty() {
            true => self.unwritten_constructor(&mut draft, class),
            false => {
                let empty = self.empty_constructor(base);
                draft.targets.extend(empty.map(|function| Target { function, certainty: Confidence::High }));
            }
        }
        if !draft.targets.is_empty() {
            self.record(draft);
        }
    }

    fn companion_invoke(&mut self, draft: &mut SiteDraft, class: Name) -> bool {
        let name = std::mem::replace(&mut draft.name, Name::new("invoke"));
        let found = self.companion_call(draft, class);
        if !found {
            draft.name = name;
        }
        found
    }

    /// Creating an object runs the initialisers of its class and of its project superclasses, and what `: Base()` calls.
    fn initializers(&self, draft: &mut SiteDraft, class: Name) {
        for ancestor in &self.core.lineage(class).all {
            for id in self.core.symbols.types_by_name.get(ancestor).into_iter().flatten() {
                let info = self.core.symbols.info(*id);
                if info.kind == TypeKind::Interface {
                    continue;
                }
                let function = info.initializer.or_else(|| self.core.hands_up(*id));
                let functions = function.into_iter().chain(self.constructor_of_base(*id));
                for function in functions {
                    if draft.targets.iter().all(|known| known.function != function) {
                        draft.targets.push(Target { function, certainty: Confidence::High });
                    }
                }
            }
        }
    }

    /// What `: Base()` without arguments calls.
    fn constructor_of_base(&self, class: TypeId) -> Option<FnId> {
        let supertypes = &self.core.type_decl(class).supertypes;
        let at = supertypes.iter().position(|it| it.args.as_ref().is_some_and(Vec::is_empty))?;
        let base = self.core.symbols.info(class).supertypes.get(at)?.class;
        self.empty_constructor(self.core.symbols.type_named(base)?)
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
            let written = draft.declared.filter(|it| self.core.function(*it).body.is_some());
            draft.targets.extend(written.map(|function| Target { function, certainty: Confidence::High }));
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
