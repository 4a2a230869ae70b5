//! What the signatures say, in the model's terms: supertypes, members and types of library classes.

use std::sync::LazyLock;

use crate::base::Name;
use crate::signatures::{ClassSignature, MemberSignature, Members, SingleMethod, Ty};

use super::core::Core;
use super::ty::Type;

/// Type parameters and what stands for them.
pub(super) type Bindings = Vec<(Name, Type)>;

impl Core {
    /// A class of the platform or of a library, as the catalogue or the signatures know it.
    pub fn is_library_class(&self, name: Name) -> bool {
        self.catalog.knows(name) || self.signatures.exists(name)
    }

    /// The one name of a class that has several.
    pub(super) fn canonical(&self, class: Name) -> Name {
        let canonical = self.catalog.canonical(class);
        if canonical == class { self.signatures.alias(class).unwrap_or(class) } else { canonical }
    }

    /// A class nested in a library class or in a supertype of it.
    pub(super) fn nested_library_class(&self, class: Name, name: Name) -> Option<Name> {
        self.signatures.nested(class, name).or_else(|| {
            let nested = class.join(name);
            self.catalog.knows(nested).then_some(nested)
        })
    }

    /// The library classes that a project class and its project supertypes inherit from directly.
    pub(super) fn library_roots(&self, class: Name) -> &[Name] {
        let Some(id) = self.symbols.type_named(class) else { return &[] };
        self.library_roots[id.index()].get_or_init(|| {
            let lineage = self.lineage(class);
            let all = &lineage.all;
            let project = all.iter().filter_map(|name| self.symbols.types_by_name.get(name)).flatten();
            let supertypes = project.flat_map(|id| &self.symbols.info(*id).supertypes).map(|it| it.class);
            let mut roots: Vec<Name> = Vec::new();
            for root in supertypes.filter(|name| !self.symbols.types_by_name.contains_key(name)) {
                if !roots.contains(&root) {
                    roots.push(root);
                }
            }
            roots.into()
        })
    }

    /// A library type seen as one of its supertypes. Only the way there is followed.
    pub(super) fn library_as_super(&self, ty: &Type, class: Name, depth: u8) -> Option<Type> {
        if let Some(signature) = self.signatures.class(ty.class) {
            let bindings = class_bindings(signature, ty);
            let found = signature.supertypes.iter().find_map(|supertype| {
                let name = supertype.class_name()?;
                if name != class && !self.inherits(name, &class) {
                    return None;
                }
                self.as_super_at(&self.library_type(supertype, &bindings), class, depth + 1)
            });
            if found.is_some() {
                return found;
            }
        }
        self.catalog
            .supertypes(ty.class)
            .iter()
            .find_map(|parent| self.as_super_at(&Type::with(*parent, ty.args.clone()), class, depth + 1))
    }

    /// A type of a signature; what no binding explains is unknown.
    pub(super) fn library_type(&self, ty: &Ty, bindings: &[(Name, Type)]) -> Type {
        match ty {
            Ty::Class(name, args) => {
                Type::with(*name, args.iter().map(|arg| self.library_type(arg, bindings)).collect())
            }
            Ty::Variable(name) => {
                let bound = bindings.iter().find(|(variable, _)| variable == name);
                bound.map_or_else(unknown, |(_, ty)| ty.clone())
            }
            Ty::Function(function) => Type::function(
                function.receiver.as_ref().map(|ty| self.library_type(ty, bindings)),
                function.params.iter().map(|ty| self.library_type(ty, bindings)).collect(),
                self.library_type(&function.result, bindings),
                function.suspend,
            ),
            Ty::Star => unknown(),
        }
    }

    /// Members of this name in the class, its companion, or the nearest library supertype, of which one is wanted.
    pub(super) fn library_members(
        &self,
        class: Name,
        name: &str,
        wanted: impl Fn(&MemberSignature) -> bool,
    ) -> Option<Members<'static>> {
        let signatures = self.signatures;
        if !self.symbols.types_by_name.contains_key(&class) {
            return match signatures.exists(class) {
                true => signatures.find_members(class, name, &wanted),
                false => self.nearest(class, |class| signatures.find_members(class, name, &wanted)),
            };
        }
        let roots = self.library_roots(class);
        roots.iter().find_map(|root| signatures.find_members(*root, name, &wanted))
    }

    /// What the type parameters of a class are, for a value of this type.
    pub(super) fn library_bindings(
        &self,
        receiver: Option<&Type>,
        class: &'static ClassSignature,
    ) -> Bindings {
        if class.params.is_empty() {
            return Vec::new();
        }
        let seen = receiver.and_then(Type::upper).and_then(|ty| self.as_super(ty, class.name));
        seen.map(|ty| class_bindings(class, &ty)).unwrap_or_default()
    }

    /// The method that a lambda given for this library type implements, with the bindings of its class.
    pub(super) fn library_sam(&self, ty: &Type) -> Option<(SingleMethod<'static>, Bindings)> {
        let sam = self.signatures.single_abstract_method(ty.class)?;
        let bindings = self.library_bindings(Some(ty), sam.owner);
        Some((sam, bindings))
    }
}

fn class_bindings(class: &ClassSignature, ty: &Type) -> Bindings {
    class.params.iter().map(|param| param.name).zip(ty.args.iter().cloned()).collect()
}

pub(super) fn unknown() -> Type {
    static UNKNOWN: LazyLock<Name> = LazyLock::new(|| Name::new("?unknown"));
    Type::class(*UNKNOWN)
}
