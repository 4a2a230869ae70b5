//! Simple names, `this`, member access, assignments, callable references.

use crate::base::Name;
use crate::catalog::TableSet;
use crate::facts::{ExprId, ExprKind, FunctionKind, Language, Modifiers, TypeKind};

use smallvec::SmallVec;

use super::super::calls::{Api, SiteKind, class_literal};
use super::super::ids::{FnId, PropId};
use super::super::scope::KOTLIN_DEFAULTS;
use super::super::ty::Type;
use super::super::value::{Callable, Const, Reference, Value};
use super::accessors::LAZY;
use super::draft::SiteDraft;
use super::signatures::more_exact;
use super::{Receiver, Walker};

/// Overriding methods that a reference may mean.
const MAX_OVERRIDING: usize = 8;

impl<'c> Walker<'c> {
    pub(super) fn this(&mut self, label: Option<Name>) -> Value {
        let found = match label {
            Some(label) => self.receivers.iter().rev().find(|receiver| receiver.label == *label.last()),
            None => self.receivers.last(),
        };
        found.map(|receiver| receiver.value.clone()).unwrap_or_default()
    }

    /// A simple name: local, member of an implicit receiver, top-level property, type, package.
    pub(super) fn name(&mut self, id: ExprId, name: Name) -> Value {
        if let Some(local) = self.local(name) {
            return local.value.clone();
        }
        for at in (0..self.receivers.len()).rev() {
            if let Some(value) = self.member_of_receiver(id, at, name) {
                return value;
            }
        }
        if let Some(value) = self.top_level_property(id, name) {
            return value;
        }
        if let Some(value) = self.library_constant(name) {
            return value;
        }
        if let Some(class) = self.class_named(name) {
            return self.class_value(class);
        }
        if let Some(value) = self.static_import(id, name) {
            return value;
        }
        // A member that an implicit library receiver may have (`lifecycleScope`, `intent`, `resources`).
        for at in (0..self.receivers.len()).rev() {
            let receiver = self.receivers[at].value.clone();
            if let Some(value) = self.library_property(id, &receiver, name, None) {
                return value;
            }
        }
        if let Some(value) = self.imported_property(name) {
            return value;
        }
        Value { reference: Some(Reference::Package(name)), ..Value::default() }
    }

    /// A class named in an expression: an object is its only instance, others are references.
    pub(super) fn class_value(&mut self, class: Name) -> Value {
        if let Some(id) = self.core.symbols.type_named(class)
            && matches!(self.core.symbols.info(id).kind, TypeKind::Object | TypeKind::Companion)
        {
            let mut value = Value::typed(Type::class(class));
            value.callable = Callable::Object(id);
            value.reference = Some(Reference::Class(class));
            value.thread = self.thread_of_object(id);
            return value;
        }
        Value { reference: Some(Reference::Class(class)), symbol: Some(class), ..self.symbol_value(class) }
    }

    fn member_of_receiver(&mut self, id: ExprId, at: usize, name: Name) -> Option<Value> {
        let receiver: Receiver = self.receivers[at].clone();
        let class = receiver.value.class()?;
        if let Some(property) = self.core.property_named(class, name) {
            return Some(self.read_property(id, property, Some(&receiver.value)));
        }
        if receiver.is_class {
            for companion in self.core.companions(class) {
                let companion = self.core.symbols.info(companion).qualified;
                if let Some(property) = self.core.property_named(companion, name) {
                    return Some(self.read_property(id, property, None));
                }
            }
        }
        if let Some(entries) = self.enum_entries(class, name) {
            return Some(entries);
        }
        if let Some(value) = self.synthetic_getter(id, &receiver.value, name) {
            return Some(value);
        }
        let ty = receiver.value.ty.clone()?;
        self.extension_property(id, &ty, name)
    }

    /// `entries` of an enum class, also in its companion.
    fn enum_entries(&self, class: Name, name: Name) -> Option<Value> {
        if name != "entries" {
            return None;
        }
        let mut id = self.core.symbols.type_named(class)?;
        if self.core.symbols.info(id).kind == TypeKind::Companion {
            id = self.core.symbols.type_named(Name::new(class.qualifier()))?;
        }
        let info = self.core.symbols.info(id);
        let list = || Type::with(Name::new("java.util.List"), vec![Type::class(info.qualified)]);
        (info.kind == TypeKind::Enum).then(|| Value::typed(list()))
    }

    /// Kotlin's `x.name` meaning a method `getName()`, or `isName()`, of a Java class of the project.
    fn synthetic_getter(&mut self, id: ExprId, receiver: &Value, name: Name) -> Option<Value> {
        if self.facts.language != Language::Kotlin || name.starts_with(|first: char| first.is_uppercase()) {
            return None;
        }
        let class = receiver.class()?;
        let is_getter = |method: &FnId| {
            let decl = self.core.function(*method);
            let declared = self.core.facts(self.core.symbols.fn_file(*method)).language;
            decl.params.is_empty()
                && (declared == Language::Java || decl.modifiers.contains(Modifiers::OVERRIDE))
        };
        let find = |getter: Name| self.core.all_methods_named(class, getter).into_iter().find(is_getter);
        let is = || find(name).filter(|_| name.starts_with("is"));
        let method = find(accessor("get", &name)).or_else(is)?;
        let getter = self.core.function(method).name;
        let targets = self.core.dispatch_targets(method, Some(class), false);
        let value = self.result_of(method, receiver.ty.as_ref(), &[], None);
        let mut draft = SiteDraft::read(id, getter, receiver.clone());
        draft.targets = targets;
        draft.declared = Some(method);
        draft.result = value.ty.clone();
        self.record(draft);
        Some(value)
    }

    fn top_level_property(&mut self, id: ExprId, name: Name) -> Option<Value> {
        let property = self
            .visible_properties(name)
            .into_iter()
            .find(|it| self.core.property(*it).receiver.is_none())?;
        Some(self.read_property(id, property, None))
    }

    /// Top-level properties a simple name may mean here, by explicit import, package, star import.
    pub(super) fn visible_properties(&self, name: Name) -> SmallVec<[PropId; 2]> {
        if !self.core.symbols.top_level_names.contains(&name)
            && !self.core.imports[self.file.0 as usize].named.contains_key(&name)
        {
            return SmallVec::new();
        }
        let imports = &self.core.imports[self.file.0 as usize];
        let named = imports.named.get(&name).into_iter().flatten().copied();
        let packages = std::iter::once(imports.package).chain(imports.stars.iter().copied());
        let paths = named.chain(packages.map(|package| package.join(name)));
        paths.filter_map(|path| self.core.symbols.properties_by_name.get(&path)).flatten().copied().collect()
    }

    /// `import a.B.CONSTANT`, `import static a.B.*`.
    fn static_import(&mut self, id: ExprId, name: Name) -> Option<Value> {
        let imports = &self.core.imports[self.file.0 as usize];
        let named = imports
            .named
            .get(&name)
            .into_iter()
            .flatten()
            .map(|path| (Name::new(path.qualifier()), path.last()));
        let starred = imports.stars.iter().map(|star| (*star, name.as_str()));
        let candidates: Vec<(Name, &str)> = named.chain(starred).collect();
        candidates.into_iter().find_map(|(class, member)| {
            if self.core.symbols.type_named(class).is_some() {
                return self.static_member(id, class, Name::new(member));
            }
            // A package's own: an extension is the business of its receiver.
            if !self.core.is_class(class) {
                return None;
            }
            let symbol = class.join(Name::new(member));
            let mut value = self.symbol_value(symbol);
            if value.ty.is_none() {
                value.ty = self.library_property_type(None, class, Name::new(member));
            }
            (value.thread.is_some() || value.constant.is_some() || value.ty.is_some())
                .then(|| Value { symbol: Some(symbol), ..value })
        })
    }

    /// A library's top-level property that is named like a class: `LocalContext`.
    fn library_constant(&mut self, name: Name) -> Option<Value> {
        let known = self.core.catalog.functions(name);
        if known.is_empty() || !name.starts_with(|first: char| first.is_uppercase()) {
            return None;
        }
        let imports = &self.core.imports[self.file.0 as usize];
        let named = imports.named.get(&name).into_iter().flatten().map(|path| path.qualifier());
        let mut packages = named.chain(imports.stars.iter().map(|star| star.as_str()));
        let ty = packages.find_map(|package| {
            let facade = known.iter().find(|it| it.facade.qualifier() == package)?.facade;
            self.core.catalog.returns(facade, name)
        })?;
        Some(Value::maybe(self.plain_type(ty)))
    }

    /// A library's top-level or extension property by explicit import: known by its symbol.
    fn imported_property(&mut self, name: Name) -> Option<Value> {
        let imports = &self.core.imports[self.file.0 as usize];
        let path = imports.named.get(&name)?.first().copied()?;
        let mut value = self.symbol_value(path);
        if value.ty.is_none() {
            value.ty = self.library_extension_property(None, name);
        }
        Some(Value { symbol: Some(path), ..value })
    }

    /// `receiver.name` without call.
    pub(super) fn member(&mut self, id: ExprId, receiver: ExprId, name: Name) -> Value {
        if matches!(self.facts[receiver].kind, ExprKind::Super(_)) {
            return self.super_member(id, name);
        }
        let literal = self.is_class_literal(receiver);
        let receiver = self.eval(receiver, true, None);
        if matches!(name.as_str(), "name" | "canonicalName")
            && let Some(class) = receiver.ty.as_ref().filter(|_| literal).and_then(class_literal)
        {
            return Value::constant(Const::Str(class));
        }
        match receiver.reference {
            Some(Reference::Package(package)) => return self.qualified(package.join(name)),
            Some(Reference::Class(class)) => {
                if let Some(value) = self.static_member(id, class, name) {
                    return value;
                }
            }
            None => {}
        }
        if name == "class" {
            return Value::typed(Type::with(Name::new("java.lang.Class"), receiver.ty.into_iter().collect()));
        }
        self.instance_member(id, &receiver, name)
    }

    /// `T::class.java`, `T.class`; of `javaClass` the object decides.
    pub(super) fn is_class_literal(&self, expr: ExprId) -> bool {
        match &self.facts[expr].kind {
            ExprKind::ClassLiteral(_) => true,
            ExprKind::Member { receiver, name, .. } if *name == "java" => self.is_class_literal(*receiver),
            _ => false,
        }
    }

    fn super_member(&mut self, id: ExprId, name: Name) -> Value {
        let value = self.this(None);
        match self.super_property(name) {
            Some(property) => self.read_property(id, property, Some(&value)),
            None => self.instance_member(id, &value, name),
        }
    }

    fn qualified(&mut self, path: Name) -> Value {
        if self.core.is_class(path) || path.last().starts_with(|first: char| first.is_uppercase()) {
            return self.class_value(self.core.catalog.canonical(path));
        }
        if let Some(property) = self.core.symbols.properties_by_name.get(&path).and_then(|all| all.first()) {
            return self.read_property(ExprId(u32::MAX), *property, None);
        }
        Value { reference: Some(Reference::Package(path)), ..Value::default() }
    }

    fn static_member(&mut self, id: ExprId, class: Name, name: Name) -> Option<Value> {
        if let Some(ty) = self.core.symbols.type_named(class) {
            if let Some(nested) = self.core.nested_class(ty, name, 0) {
                return Some(self.class_value(nested));
            }
            if let Some(property) = self.core.property_named(class, name) {
                return Some(self.read_property(id, property, None));
            }
            // How Java names a Kotlin object.
            if name == "INSTANCE" && self.core.symbols.info(ty).kind == TypeKind::Object {
                return Some(self.class_value(class));
            }
            for companion in self.core.companions(class) {
                let info = self.core.symbols.info(companion);
                if info.qualified.last() == name.as_str() {
                    return Some(self.class_value(info.qualified));
                }
                if let Some(property) = self.core.property_named(info.qualified, name) {
                    return Some(self.read_property(id, property, None));
                }
            }
            return self.enum_entries(class, name);
        }
        let symbol = self.core.catalog.canonical(class.join(name));
        // `Dispatchers.Main` has members, but is a value.
        let nested = self.core.nested_library_class(class, name).filter(|_| !self.names_thread(symbol));
        if let Some(nested) = nested {
            return Some(self.class_value(nested));
        }
        let mut value = self.symbol_value(symbol);
        value.symbol = Some(symbol);
        if value.ty.is_none() {
            let catalogued = self.core.catalog.returns(class, name).and_then(|ty| self.plain_type(ty));
            value.ty = more_exact(self.library_property_type(None, class, name), catalogued);
        }
        if value.ty.is_none() && value.thread.is_none() && value.constant.is_none() {
            let looks_nested = name.starts_with(|first: char| first.is_uppercase())
                && name.chars().any(|letter| letter.is_lowercase());
            if looks_nested {
                return Some(self.class_value(symbol));
            }
        }
        Some(value)
    }

    pub(super) fn instance_member(&mut self, id: ExprId, receiver: &Value, name: Name) -> Value {
        let Some(ty) = receiver.ty.clone() else {
            return self.untyped_member(name);
        };
        // Cast to an interface, it is still what it was declared as.
        if let Some(also) = &receiver.also
            && self.core.property_named(ty.class, name).is_none()
            && self.core.property_named(also.class, name).is_some()
        {
            let declared = Value { ty: Some((**also).clone()), also: None, ..receiver.clone() };
            return self.instance_member(id, &declared, name);
        }
        if let Some(class) = ty.upper().map(|ty| ty.class) {
            if let Some(property) = self.core.property_named(class, name) {
                return self.read_property(id, property, Some(receiver));
            }
            if let Some(value) = self.synthetic_getter(id, receiver, name) {
                return value;
            }
            if let Some(value) = self.extension_property(id, &ty, name) {
                return value;
            }
        }
        if let Some(value) = self.constant_member(receiver, name) {
            return value;
        }
        self.library_property(id, receiver, name, Some(name)).unwrap_or_else(|| self.untyped_member(name))
    }

    /// A member of something unknown: a dispatcher or scope may still be told by its name.
    fn untyped_member(&self, name: Name) -> Value {
        Value { thread: self.thread_by_name(name), ..Value::default() }
    }

    /// Property syntax on a library class: a catalogued property or getter.
    pub(super) fn library_property(
        &mut self,
        id: ExprId,
        receiver: &Value,
        name: Name,
        force: Option<Name>,
    ) -> Option<Value> {
        let ty = receiver.ty.as_ref().and_then(Type::upper)?.clone();
        if ty.is_unresolved() || ty.is_function() {
            return None;
        }
        let getter = accessor("get", &name);
        let names = [name, getter];
        let catalog = self.core.catalog;
        let known = self.member_in(TableSet::RETURNS, ty.class, names, |class, member| {
            catalog.returns(class, member).is_some()
        });
        let blocks = self.member_in(TableSet::BLOCKING, ty.class, names, |class, member| {
            !catalog.blocking(class, member).is_empty()
        });
        let symbol = self.member_in(TableSet::THREADS, ty.class, names, |class, member| {
            self.names_thread(class.join(member))
        });
        let symbol = symbol.map(|(class, member)| class.join(member));
        let asks = names.into_iter().find(|member| catalog.tables_naming(*member).contains(TableSet::GUARDS));
        let extension = self.extension_symbol(name);
        let signature = self
            .library_property_type(Some(&ty), ty.class, name)
            .or_else(|| self.library_extension_property(Some(&ty), name));
        let nothing = known.is_none() && signature.is_none() && blocks.is_none();
        if nothing && symbol.is_none() && extension.is_none() && force.is_none() {
            return None;
        }
        let mut value = match known {
            Some((class, member)) => self.catalog_result(receiver, class, member, &[], None, None),
            None => Value::default(),
        };
        value.ty = more_exact(signature, value.ty);
        if let Some(symbol) = symbol.or(extension) {
            let known = self.symbol_value(symbol);
            value.thread = known.thread;
            value.ty = value.ty.or(known.ty);
            value.symbol = Some(symbol);
        } else {
            value.symbol = Some(ty.class.join(name));
        }
        if value.callable.is_none() {
            value.callable = self.taken_out(receiver, value.ty.as_ref());
        }
        if value.thread.is_none() {
            value.thread = self.operand_thread(receiver, name);
        }
        if value.thread.is_none() && value.ty.is_none() {
            value.thread = self.thread_by_name(name);
        }
        if ty.class == LAZY && name == "value" && !receiver.callable.is_none() {
            let mut draft = SiteDraft::read(id, name, receiver.clone());
            draft.invokes = receiver.callable.clone();
            draft.result = value.ty.clone();
            self.record(draft);
        }
        if let Some(member) = blocks.map(|(_, member)| member).or(asks) {
            let mut draft = SiteDraft::read(id, member, receiver.clone());
            draft.api = Some(Api { class: ty.class, member, is_static: false });
            draft.result = value.ty.clone();
            self.record(draft);
        }
        Some(value)
    }

    /// The nearest class of which a table knows one of these members, with the member.
    fn member_in(
        &self,
        table: TableSet,
        class: Name,
        members: [Name; 2],
        known: impl Fn(Name, Name) -> bool,
    ) -> Option<(Name, Name)> {
        if !self.core.may_know(table, class, &members) {
            return None;
        }
        let of_class =
            |class| members.into_iter().find(|member| known(class, *member)).map(|member| (class, member));
        self.core.nearest(class, of_class)
    }

    /// Qualified name of a visible library extension property that stands for a thread or scope.
    fn extension_symbol(&self, name: Name) -> Option<Name> {
        let imports = &self.core.imports[self.file.0 as usize];
        if !self.core.catalog.tables_naming(name).contains(TableSet::THREADS) {
            return None;
        }
        let named = imports.named.get(&name).into_iter().flatten().copied();
        let stars = imports.stars.iter().map(|star| star.join(name));
        let defaults = KOTLIN_DEFAULTS.iter().map(|package| Name::new(package).join(name));
        named.chain(stars).chain(defaults).find(|path| self.names_thread(*path))
    }

    pub(super) fn function_reference(&mut self, receiver: Option<ExprId>, name: Name) -> Value {
        let methods = match receiver {
            Some(receiver) => {
                let value = self.eval(receiver, true, None);
                let class = match value.reference {
                    Some(Reference::Class(class)) => Some(class),
                    _ => value.class(),
                };
                let Some(class) = class else { return Value::default() };
                if name == "<init>" {
                    return self.constructor_reference(class);
                }
                let methods = self.core.all_methods_named(class, name);
                let companions = self.core.companions(class);
                let inner = companions.into_iter().flat_map(|it| self.core.methods_named(it, name));
                let mut found: Vec<FnId> = methods.into_iter().take(1).chain(inner).collect();
                if found.is_empty()
                    && let Some(also) = &value.also
                {
                    found = self.core.all_methods_named(also.class, name).into_iter().take(1).collect();
                }
                if found.is_empty() {
                    // `map(Entity::asModel)`: an extension.
                    found = self.extensions_of(name, &Type::class(class));
                    found.truncate(1);
                }
                found
            }
            None => {
                let mut methods: Vec<FnId> = Vec::new();
                for receiver in self.receivers.iter().rev() {
                    if let Some(class) = receiver.value.class() {
                        methods.extend(self.core.all_methods_named(class, name).into_iter().take(1));
                    }
                    if !methods.is_empty() {
                        break;
                    }
                }
                if let Some(local) = self.local(name)
                    && !local.value.callable.is_none()
                {
                    return local.value.clone();
                }
                if methods.is_empty() {
                    methods = self.visible_functions(name);
                    methods.truncate(1);
                }
                methods
            }
        };
        let Some(method) = methods.first().copied() else {
            // `::File`
            let class = self.class_named(name).filter(|it| self.core.is_class(*it));
            let class = class.filter(|_| receiver.is_none() && self.facts.language == Language::Kotlin);
            return class.map(|class| self.constructor_reference(class)).unwrap_or_default();
        };
        let callable = Callable::Functions(methods.iter().flat_map(|method| self.run_by(*method)).collect());
        let decl = self.core.function(method);
        let scope = self.core.scope_of(method);
        let params = decl
            .params
            .iter()
            .filter_map(|param| param.ty.as_ref())
            .map(|ty| self.core.resolve_type(scope, ty));
        let params: Vec<Type> = params.collect();
        let result = self.result_of(method, None, &[], None).ty.unwrap_or_else(|| Type::of("kotlin.Unit"));
        let ty = Type::function(None, params, result, decl.modifiers.contains(Modifiers::SUSPEND));
        Value { ty: Some(ty), callable, ..Value::default() }
    }

    /// What a reference to a method runs: those that override it as well, if they are few.
    fn run_by(&self, method: FnId) -> SmallVec<[FnId; 2]> {
        let targets = self.core.dispatch_targets(method, None, false);
        match targets.len() {
            1..=MAX_OVERRIDING => targets.iter().map(|target| target.function).collect(),
            _ => SmallVec::from_slice(&[method]),
        }
    }

    fn constructor_reference(&self, class: Name) -> Value {
        let made = Type::function(None, Vec::new(), Type::class(class), false);
        let Some(id) = self.core.symbols.type_named(class) else { return Value::typed(made) };
        let info = self.core.symbols.info(id);
        let run = info.constructors.iter().chain(&info.initializer).copied();
        let run = run.filter(|id| {
            let decl = self.core.function(*id);
            decl.body.is_some() || decl.kind == FunctionKind::Initializer
        });
        Value { ty: Some(made), callable: Callable::Functions(run.collect()), ..Value::default() }
    }
}

/// `get` + `name` → `getName`.
pub(super) fn accessor(prefix: &str, name: &str) -> Name {
    let mut letters = name.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    Name::new(&[prefix, &first, letters.as_str()].concat())
}

impl<'c> Walker<'c> {
    /// `cache[key]` of a library class whose `get` runs code of the object itself.
    fn gets_made(&mut self, id: ExprId, get: Name, receiver: &Value, values: &[Value]) {
        let Some(class) = receiver.class().filter(|_| !receiver.callable.is_none()) else { return };
        let runs = self.core.nearest_in(TableSet::DISPATCHES, class, get, |class| {
            self.core.catalog.dispatches(class, get).first().map(|_| class)
        });
        let Some(class) = runs else { return };
        let mut draft = SiteDraft::read(id, get, receiver.clone());
        draft.kind = SiteKind::Call;
        draft.api = Some(Api { class, member: get, is_static: false });
        draft.values = values.to_vec();
        self.record(draft);
    }

    /// `receiver[args]`: an element, or `operator fun get`.
    pub(super) fn index(&mut self, id: ExprId, receiver: ExprId, args: &[ExprId]) -> Value {
        let receiver = self.eval(receiver, true, None);
        let values: Vec<Value> = args.iter().map(|arg| self.eval(*arg, true, None)).collect();
        let Some(ty) = receiver.ty.as_ref().and_then(Type::upper).cloned() else { return Value::default() };
        let get = Name::new("get");
        if let Some(method) = self.core.all_methods_named(ty.class, get).into_iter().next() {
            let value = self.result_of(method, receiver.ty.as_ref(), &[], None);
            let mut draft = SiteDraft::read(id, get, receiver);
            draft.kind = SiteKind::Call;
            draft.targets = self.core.dispatch_targets(method, Some(ty.class), false);
            draft.declared = Some(method);
            draft.values = values;
            draft.result = value.ty.clone();
            self.record(draft);
            return value;
        }
        self.gets_made(id, get, &receiver, &values);
        let code = if self.keeps_code(Some(&ty)) { receiver.callable.clone() } else { Callable::None };
        if self.core.inherits(ty.class, "java.util.Map") && ty.args.len() == 2 {
            return Value { callable: code, ..Value::typed(ty.args[1].clone()) };
        }
        // `ViewModelProvider(this)[Model::class.java]`
        let element = self.element_of(&ty);
        let element =
            element.or_else(|| self.catalog_result(&receiver, ty.class, get, &values, None, None).ty);
        Value { callable: code, ..Value::maybe(element) }
    }
}
