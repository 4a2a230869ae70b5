//! Names of types in a file: imports, nesting, same package, star imports, the languages' default imports.

use rustc_hash::FxHashMap;

use crate::base::{Memo, Name};
use crate::facts::{Language, TypeRef};
use crate::findings::FileId;

use super::Core;
use super::ids::{FnId, PropId, TypeId};
use super::ty::Type;

/// Functions and classes inside each other that a local class is looked for in.
const MAX_NESTING: u8 = 32;

/// Packages every Kotlin file imports.
pub(crate) const KOTLIN_DEFAULTS: [&str; 10] = [
    "kotlin",
    "kotlin.annotation",
    "kotlin.collections",
    "kotlin.comparisons",
    "kotlin.io",
    "kotlin.ranges",
    "kotlin.sequences",
    "kotlin.text",
    "java.lang",
    "kotlin.jvm",
];

/// Classes of the default packages that the catalogue has no reason to mention.
const KOTLIN_BUILTINS: &[(&str, &[&str])] = &[
    (
        "kotlin",
        &[
            "Int",
            "Long",
            "Short",
            "Byte",
            "Float",
            "Double",
            "Boolean",
            "Char",
            "Unit",
            "Nothing",
            "Any",
            "String",
            "Array",
            "IntArray",
            "LongArray",
            "ByteArray",
            "FloatArray",
            "DoubleArray",
            "BooleanArray",
            "CharArray",
            "Throwable",
            "Pair",
            "Triple",
            "Result",
            "Lazy",
            "Number",
            "Enum",
            "Comparable",
            "UInt",
            "ULong",
            "Function",
        ],
    ),
    (
        "kotlin.collections",
        &[
            "List",
            "MutableList",
            "Set",
            "MutableSet",
            "Map",
            "MutableMap",
            "Collection",
            "MutableCollection",
            "Iterable",
            "MutableIterable",
            "Iterator",
            "ArrayDeque",
        ],
    ),
    ("kotlin.sequences", &["Sequence"]),
    ("kotlin.text", &["Regex", "StringBuilder"]),
];

const JAVA_LANG: &[&str] = &[
    "String",
    "Object",
    "Integer",
    "Long",
    "Short",
    "Byte",
    "Float",
    "Double",
    "Boolean",
    "Character",
    "Number",
    "Math",
    "System",
    "Thread",
    "Runnable",
    "Exception",
    "RuntimeException",
    "Throwable",
    "Error",
    "Class",
    "Iterable",
    "Comparable",
    "CharSequence",
    "StringBuilder",
    "StringBuffer",
    "Void",
    "Process",
    "ProcessBuilder",
    "Runtime",
    "ThreadLocal",
    "AutoCloseable",
    "Cloneable",
    "Enum",
    "InterruptedException",
    "IllegalStateException",
    "IllegalArgumentException",
    "SecurityException",
    "NullPointerException",
    "UnsupportedOperationException",
    "ClassLoader",
    "Override",
    "Deprecated",
    "SuppressWarnings",
    "FunctionalInterface",
    "OutOfMemoryError",
];

/// What a file imports, by name.
#[derive(Debug, Default)]
pub struct Imports {
    pub language: Option<Language>,
    pub package: Name,
    /// Alias to imported qualified names (a class and functions may share a name).
    pub named: FxHashMap<Name, Vec<Name>>,
    /// Packages and classes imported with `.*`.
    pub stars: Vec<Name>,
    /// Classes that simple names mean in this file, nesting aside.
    pub(super) classes: Memo<Name, Option<Name>>,
}

/// Where a type name stands.
#[derive(Clone, Copy, Debug)]
pub struct TypeScope {
    pub file: FileId,
    pub owner: Option<TypeId>,
    pub function: Option<FnId>,
}

impl Core {
    /// Qualified class of a simple name seen from a file and the types around it.
    pub fn resolve_class(&self, file: FileId, owner: Option<TypeId>, name: Name) -> Option<Name> {
        match owner {
            Some(owner) => self.class_in(owner, name, || self.class_around(file, owner, name)),
            None => self.class_of_file(file, name),
        }
    }

    fn class_around(&self, file: FileId, owner: TypeId, name: Name) -> Option<Name> {
        let mut around = Some(owner);
        while let Some(id) = around {
            if let Some(found) = self.nested_class(id, name, 0) {
                return Some(found);
            }
            let info = self.symbols.info(id);
            if info.qualified.last() == name.as_str() {
                return Some(info.qualified);
            }
            if let Some(found) = info.companion.and_then(|it| self.nested_class(it, name, 0)) {
                return Some(found);
            }
            around = info.owner;
        }
        self.class_of_file(file, name)
    }

    fn class_of_file(&self, file: FileId, name: Name) -> Option<Name> {
        self.imports[file.0 as usize].classes.get(name, || self.resolve_in_file(file, name))
    }

    /// The class of this name that is declared in the body of the function or of one around it.
    pub(super) fn local_class(&self, scope: TypeScope, name: Name) -> Option<Name> {
        let declared = self.symbols.local_types.get(&(scope.file, name))?;
        let in_body = |class: TypeId| {
            self.type_decl(class).function.map(|it| self.symbols.fn_id(self.symbols.info(class).file, it))
        };
        // Members of a local class see what its function declares.
        let of_class = |class: TypeId| {
            std::iter::successors(Some(class), |class| self.symbols.info(*class).owner).find_map(in_body)
        };
        let mut around = scope.function.or_else(|| of_class(scope.owner?));
        for _ in 0..MAX_NESTING {
            let function = around?;
            if let Some(class) = declared.iter().find(|class| in_body(**class) == Some(function)) {
                return Some(self.symbols.info(*class).qualified);
            }
            around = self.parent_function(function).or_else(|| of_class(self.owner_of(function)?));
        }
        None
    }

    /// The property that a simple name means in a function: a member of the types around it or of their companions, one
    /// of the file's package, an imported one. Locals are not looked at.
    pub fn visible_property(&self, function: FnId, name: Name) -> Option<PropId> {
        let file = self.symbols.fn_file(function);
        let mut around = self.owner_of(function);
        while let Some(id) = around {
            let info = self.symbols.info(id);
            if let Some(found) = self.property_of(info.qualified, name) {
                return Some(found);
            }
            around = info.owner;
        }
        let imports = &self.imports[file.0 as usize];
        let named = imports.named.get(&name).into_iter().flatten().copied();
        for path in named.chain([imports.package.join(name)]) {
            if let Some(found) = self.symbols.properties_by_name.get(&path).and_then(|all| all.first()) {
                return Some(*found);
            }
            if let Some(found) = self.property_of(Name::new(path.qualifier()), name) {
                return Some(found);
            }
        }
        let starred = |star: &Name| self.symbols.properties_by_name.get(&star.join(name))?.first().copied();
        imports.stars.iter().find_map(|star| starred(star).or_else(|| self.property_of(*star, name)))
    }

    /// A property of a project class or of its companions.
    pub fn property_of(&self, class: Name, name: Name) -> Option<PropId> {
        self.property_named(class, name).or_else(|| {
            let companions = self.companions(class);
            companions.into_iter().find_map(|it| self.property_named(self.symbols.info(it).qualified, name))
        })
    }

    /// A class nested in a type or in one of its supertypes.
    pub fn nested_class(&self, id: TypeId, name: Name, depth: u8) -> Option<Name> {
        let info = self.symbols.info(id);
        if let Some(nested) = info.nested.get(&name) {
            return Some(self.symbols.info(*nested).qualified);
        }
        if depth > 8 {
            return None;
        }
        info.supertypes.iter().find_map(|supertype| match self.symbols.type_named(supertype.class) {
            Some(parent) if parent != id => self.nested_class(parent, name, depth + 1),
            Some(_) => None,
            None => self.nested_library_class(supertype.class, name),
        })
    }

    fn resolve_in_file(&self, file: FileId, name: Name) -> Option<Name> {
        let imports = &self.imports[file.0 as usize];
        if let Some(paths) = imports.named.get(&name) {
            let class = paths.iter().find(|path| {
                self.is_class(**path) || path.last().starts_with(|first: char| first.is_uppercase())
            });
            if let Some(class) = class {
                return Some(self.canonical(*class));
            }
        }
        let same_package = imports.package.join(name);
        if self.is_project_class(same_package) {
            return Some(same_package);
        }
        for star in &imports.stars {
            let candidate = star.join(name);
            if self.is_class(candidate) {
                return Some(self.canonical(candidate));
            }
        }
        // A library's own package, where a project puts a class beside the library's.
        if self.is_class(same_package) {
            return Some(self.canonical(same_package));
        }
        self.resolve_default(imports.language, name)
    }

    fn resolve_default(&self, language: Option<Language>, name: Name) -> Option<Name> {
        if language == Some(Language::Kotlin) {
            for (package, names) in KOTLIN_BUILTINS {
                if names.contains(&name.as_str()) {
                    return Some(self.catalog.canonical(Name::new(package).join(name)));
                }
            }
            let known = KOTLIN_DEFAULTS
                .iter()
                .map(|package| self.canonical(Name::new(package).join(name)))
                .find(|it| self.is_library_class(*it));
            if known.is_some() {
                return known;
            }
        } else if let Some(primitive) = KOTLIN_BUILTINS[0].1.iter().find(|it| **it == name.as_str()) {
            // Java primitives arrive under Kotlin's names; java.lang has classes of some of these names.
            if !JAVA_LANG.contains(primitive) || matches!(*primitive, "Int" | "Unit") {
                return Some(self.catalog.canonical(Name::new("kotlin").join(Name::new(primitive))));
            }
        }
        let lang = Name::new("java.lang").join(name);
        (JAVA_LANG.contains(&name.as_str()) || self.is_library_class(lang)).then_some(lang)
    }

    /// What a simple name is imported as by name.
    pub fn imported_as(&self, file: FileId, name: Name) -> Option<Name> {
        self.imports[file.0 as usize].named.get(&name)?.first().copied()
    }

    pub fn is_project_class(&self, name: Name) -> bool {
        self.symbols.types_by_name.contains_key(&name) || self.symbols.aliases.contains_key(&name)
    }

    pub fn is_class(&self, name: Name) -> bool {
        self.is_project_class(name) || self.is_library_class(name) || self.symbols.facades.contains_key(&name)
    }

    /// Qualified class of a dotted name as written (`Outer.Inner`, `java.io.File`).
    pub fn resolve_dotted(&self, file: FileId, owner: Option<TypeId>, name: Name) -> Option<Name> {
        let Some((first, rest)) = name.as_str().split_once('.') else {
            return self.resolve_class(file, owner, name);
        };
        let Some(mut class) = self.resolve_class(file, owner, Name::new(first)) else {
            // A package: the name is qualified already.
            return (self.is_class(name) || first.starts_with(|first: char| first.is_lowercase()))
                .then(|| self.catalog.canonical(name));
        };
        for segment in rest.split('.') {
            let segment = Name::new(segment);
            let nested = match self.symbols.type_named(class) {
                Some(id) => self.nested_class(id, segment, 0),
                None => self.nested_library_class(class, segment),
            };
            class = nested.unwrap_or_else(|| self.catalog.canonical(class.join(segment)));
        }
        Some(class)
    }

    /// The type a written type means.
    pub fn resolve_type(&self, scope: TypeScope, ty: &TypeRef) -> Type {
        self.resolve_type_at(scope, ty, 0)
    }

    fn resolve_type_at(&self, scope: TypeScope, ty: &TypeRef, depth: u8) -> Type {
        if depth > 12 {
            return Type::unresolved(&ty.name);
        }
        let resolve = |ty: &TypeRef| self.resolve_type_at(scope, ty, depth + 1);
        if let Some(function) = &ty.function {
            let receiver = function.receiver.as_ref().map(resolve);
            let params = function.params.iter().map(resolve).collect();
            let mut resolved = Type::function(receiver, params, resolve(&function.result), function.suspend);
            if let Some(shape) = &mut resolved.shape {
                shape.composable = ty.annotations.iter().any(|annotation| annotation.last() == "Composable");
            }
            return resolved;
        }
        if let Some(bound) = self.type_parameter(scope, ty.name) {
            let bound = bound.map(|(scope, bound)| self.resolve_type_at(scope, bound, depth + 1));
            return Type::variable(ty.name, bound);
        }
        let args: Vec<Type> = ty.args.iter().map(resolve).collect();
        let class = self.local_class(scope, ty.name);
        let Some(class) = class.or_else(|| self.resolve_dotted(scope.file, scope.owner, ty.name)) else {
            return Type { class: Name::new(&format!("?{}", ty.name)), args, shape: None };
        };
        match self.symbols.aliases.get(&class) {
            Some((file, at)) if !self.symbols.types_by_name.contains_key(&class) => {
                let Some(alias) =
                    self.project.file(*file).facts.as_ref().and_then(|facts| facts.aliases.get(*at))
                else {
                    return Type::class(class);
                };
                let target = self.resolve_type_at(
                    TypeScope { file: *file, owner: None, function: None },
                    &alias.target,
                    depth + 1,
                );
                let bindings: Vec<(Name, Type)> =
                    alias.params.iter().map(|param| param.name).zip(args).collect();
                self.bind_alias(target, &bindings)
            }
            _ => Type::with(class, args),
        }
    }

    /// Parameters of a type alias are no type parameters of its file, so they arrive unresolved.
    fn bind_alias(&self, ty: Type, bindings: &[(Name, Type)]) -> Type {
        if ty.is_unresolved()
            && let Some((_, bound)) = bindings.iter().find(|(name, _)| *name == ty.class.as_str()[1..])
        {
            return bound.clone();
        }
        let args = ty.args.into_iter().map(|arg| self.bind_alias(arg, bindings)).collect();
        Type { class: ty.class, args, shape: ty.shape }
    }

    /// Is the name a type parameter here, and of which bound?
    fn type_parameter(&self, scope: TypeScope, name: Name) -> Option<Option<(TypeScope, &TypeRef)>> {
        let mut function = scope.function;
        while let Some(id) = function {
            let decl = self.function(id);
            if let Some(param) = decl.type_params.iter().find(|param| param.name == name) {
                let inner = TypeScope { function: None, ..scope };
                return Some(
                    param.bound.as_ref().filter(|bound| bound.name != name).map(|bound| (inner, bound)),
                );
            }
            function = self.parent_function(id);
        }
        let mut owner = scope.owner;
        while let Some(id) = owner {
            let decl = self.symbols.declaration(&self.project, id);
            if let Some(param) = decl.params.iter().find(|param| param.name == name) {
                let inner = TypeScope { owner: Some(id), function: None, ..scope };
                let bound = param.bound.as_ref().filter(|bound| bound.name != name);
                return Some(bound.map(|bound| (inner, bound)));
            }
            owner = self.symbols.info(id).owner;
        }
        None
    }
}
