//! Resolution of calls: local functions, members, extensions, top-level functions, constructors, library members.

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{Arg, Call, ExprId, ExprKind, FunctionKind, Language};

use super::super::calls::{Api, SiteKind};
use super::super::ids::{FnId, PropId};
use super::super::ty::Type;
use super::super::value::{Callable, Reference, Value};
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    pub(super) fn call(&mut self, id: ExprId, call: &'c Call, used: bool, expected: Option<&Type>) -> Value {
        let (receiver, super_call) = match call.receiver {
            Some(receiver) => {
                let is_super = matches!(self.facts[receiver].kind, ExprKind::Super(_));
                (Some(self.eval(receiver, true, None)), is_super)
            }
            None => (None, false),
        };
        let values = self.arguments(&call.args);
        let mut draft = SiteDraft::new(id, self.own_name(call.name), Value::default());
        draft.receiver_expr = call.receiver;
        draft.args.clone_from(&call.args);
        draft.used = used;
        draft.type_args = call.type_args.iter().map(|ty| self.core.resolve_type(self.scope(), ty)).collect();
        draft.values = values;
        draft.expected = expected.filter(|ty| !ty.is_variable() && !ty.is_unresolved()).cloned();
        match receiver {
            Some(receiver) => self.resolve_on(&mut draft, receiver, super_call),
            None => self.resolve_free(&mut draft, expected),
        }
        self.finish(draft, expected)
    }

    /// What a library calls a function that is imported under another name.
    fn own_name(&self, name: Name) -> Name {
        let paths = self.core.imports[self.file.0 as usize].named.get(&name);
        let renamed = paths.into_iter().flatten().find(|path| {
            let function = |it: &crate::catalog::TopLevel| it.package == *path.qualifier();
            path.last() != name.as_str()
                && (path.last().starts_with(|first: char| first.is_lowercase())
                    || self.core.catalog.functions(Name::new(path.last())).iter().any(function))
                && !self.core.symbols.functions_by_name.contains_key(*path)
                && self.core.symbols.type_named(Name::new(path.qualifier())).is_none()
        });
        renamed.map_or(name, |path| Name::new(path.last()))
    }

    /// `expression(args)`.
    pub(super) fn invoke(&mut self, id: ExprId, callee: ExprId, args: &'c [Arg], used: bool) -> Value {
        let callee = self.eval(callee, true, None);
        let values = self.arguments(args);
        let mut draft = SiteDraft::new(id, Name::new("invoke"), Value::default());
        draft.args = args.to_vec();
        draft.values = values;
        draft.used = used;
        self.invoke_value(&mut draft, callee);
        self.finish(draft, None)
    }

    /// Evaluates arguments; lambdas, and what is made of lambdas alone, wait until the callee says what they get.
    pub(super) fn arguments(&mut self, args: &[Arg]) -> Vec<Value> {
        args.iter()
            .map(|arg| match self.facts[arg.value].kind {
                ExprKind::Lambda(_) => Value::default(),
                _ if self.is_made_of_lambdas(arg.value) => Value::default(),
                _ => self.eval(arg.value, true, None),
            })
            .collect()
    }

    /// `compareBy { … }`, `Comparator { a, b -> … }`: code whose parameters are what the code around it wants.
    pub(super) fn is_made_of_lambdas(&self, id: ExprId) -> bool {
        let ExprKind::Call(call) = &self.facts[id].kind else { return false };
        let lambda = |arg: &Arg| matches!(self.facts[arg.value].kind, ExprKind::Lambda(_));
        let plain = call.receiver.is_none() && call.type_args.is_empty();
        if !plain || call.args.is_empty() || !call.args.iter().all(lambda) || self.local(call.name).is_some()
        {
            return false;
        }
        if call.name.starts_with(|first: char| first.is_uppercase()) {
            let interface =
                |class: Name| self.sam_of(&Type::class(class)).is_some_and(|sam| !sam.params.is_empty());
            return call.args.len() == 1 && self.class_to_create(call.name).is_some_and(interface);
        }
        let keeps = |it: &crate::catalog::TopLevel| self.core.keeps_code_given(it.facade, call.name);
        self.core.catalog.functions(call.name).iter().any(keeps)
            && !self.core.symbols.function_names.contains(&call.name)
    }

    /// Calls the code a value holds: a function type, or `operator fun invoke`.
    pub(super) fn invoke_value(&mut self, draft: &mut SiteDraft, callee: Value) {
        if callee.ty.as_ref().and_then(Type::upper).is_some_and(Type::is_function)
            || !callee.callable.is_none()
        {
            // `operator fun invoke` of the object, or of the interface that the code stands for: its result is known.
            let invoke = Name::new("invoke");
            let class = callee
                .ty
                .as_ref()
                .and_then(Type::upper)
                .and_then(|ty| self.core.symbols.type_named(ty.class));
            let operators = match (&callee.callable, class) {
                (Callable::Object(class), _) => self.core.methods_named(*class, invoke),
                (_, Some(class)) => self.core.methods_named(class, invoke),
                _ => SmallVec::new(),
            };
            if operators.is_empty() {
                draft.function_type = callee.ty.clone().filter(Type::is_function);
                draft.invokes = callee.callable.clone();
                draft.receiver = callee;
                return;
            }
        }
        draft.name = Name::new("invoke");
        self.resolve_on(draft, callee, false);
    }

    /// `receiver.name(…)`.
    pub(super) fn resolve_on(&mut self, draft: &mut SiteDraft, receiver: Value, super_call: bool) {
        match receiver.reference {
            Some(Reference::Package(package)) => {
                let path = package.join(draft.name);
                let is_function = |it: &&crate::catalog::TopLevel| it.package == package;
                let known = self.core.catalog.functions(draft.name).iter().find(is_function);
                if let Some(known) = known.filter(|_| !self.core.is_class(path)) {
                    draft.api = Some(Api { class: known.facade, member: draft.name, is_static: true });
                    return;
                }
                if self.core.is_class(path) || path.last().starts_with(|first: char| first.is_uppercase()) {
                    return self.create(draft, self.core.catalog.canonical(path));
                }
                if let Some(functions) = self.core.symbols.functions_by_name.get(&path) {
                    let functions = functions.to_vec();
                    self.choose(draft, &functions, None, true);
                } else if package.contains('.') {
                    draft.api = Some(Api { class: package, member: draft.name, is_static: true });
                }
                return;
            }
            // An object is an instance as well.
            Some(Reference::Class(class)) if receiver.ty.is_none() => {
                return self.static_call(draft, class, receiver);
            }
            Some(Reference::Class(_)) | None => {}
        }
        let Some(ty) = receiver.ty.clone() else {
            if !receiver.callable.is_none() && is_invocation(&draft.name) {
                draft.invokes = receiver.callable.clone();
            }
            if !self.extension_value(draft) {
                draft.receiver = receiver;
                self.by_import_only(draft);
            }
            return;
        };
        let Some(upper) = ty.upper().cloned() else {
            if !self.extension_value(draft) {
                draft.receiver = receiver;
                self.by_import_only(draft);
            }
            return;
        };
        if upper.is_function() {
            if is_invocation(&draft.name) {
                draft.function_type = Some(upper);
                draft.invokes = receiver.callable.clone();
                draft.receiver = receiver;
                return;
            }
        } else {
            self.runs_receiver(draft, &receiver, &upper);
            let name = draft.name;
            if self.member_call(draft, &receiver, upper.class, super_call) {
                // Of `holder.provider()` the receiver is what the property holds.
                if draft.name == name {
                    draft.receiver = receiver;
                }
                return;
            }
            if let Some(also) = receiver.also.clone()
                && !self.has_library_member(upper.class, draft)
                && self.member_call(draft, &Value::typed((*also).clone()), also.class, super_call)
            {
                draft.receiver = Value { ty: Some(*also), also: None, ..receiver };
                return;
            }
        }
        if self.extension_value(draft) {
            return;
        }
        if self.project_extension(draft, &ty) {
            draft.receiver = receiver;
            return;
        }
        if self.calls_what_is_kept(draft, &receiver, upper.class) {
            return;
        }
        self.library_call(draft, receiver, &upper);
    }

    /// `entry.value()`, `pair.second()`: a property of a library class, which keeps code, is called.
    fn calls_what_is_kept(&mut self, draft: &mut SiteDraft, receiver: &Value, class: Name) -> bool {
        if !self.keeps_code(receiver.ty.as_ref()) || self.has_library_member(class, draft) {
            return false;
        }
        let held = self.library_property(draft.expr, receiver, draft.name, None);
        let code = held.filter(|it| it.ty.as_ref().and_then(Type::upper).is_some_and(Type::is_function));
        let Some(code) = code else { return false };
        self.invoke_value(draft, code);
        true
    }

    /// `builder.block()`: a local, parameter or property of a function type with receiver is called.
    fn extension_value(&mut self, draft: &mut SiteDraft) -> bool {
        let takes_receiver = |value: &Value| {
            let ty = value.ty.as_ref().and_then(Type::upper);
            ty.is_some_and(|ty| ty.is_function() && ty.receiver().is_some())
        };
        if let Some(local) = self.local(draft.name) {
            let value = local.value.clone();
            if takes_receiver(&value) {
                self.invoke_value(draft, value);
                return true;
            }
            return false;
        }
        for at in (0..self.receivers.len()).rev() {
            let Some(class) = self.receivers[at].value.class() else { continue };
            let Some(property) = self.core.property_named(class, draft.name) else { continue };
            let declared = self.declared_property(property);
            if takes_receiver(&declared) {
                let receiver = self.receivers[at].value.clone();
                let value = self.read_property(draft.expr, property, Some(&receiver));
                self.invoke_value(draft, value);
                return true;
            }
            return false;
        }
        false
    }

    /// `runnable.run()`, `listener.onClick(view)` on a value of which it is known what code it holds.
    fn runs_receiver(&self, draft: &mut SiteDraft, receiver: &Value, ty: &Type) {
        // Of the project's own interfaces dispatch tells which methods of objects run.
        let own = receiver.callable.is_object() && self.core.symbols.type_named(ty.class).is_some();
        if receiver.callable.is_none() || own {
            return;
        }
        if self.sam_of(ty).is_some_and(|sam| sam.method == draft.name) {
            draft.invokes = receiver.callable.clone();
        }
    }

    /// A project method (or invocable property) of the class or its supertypes.
    fn member_call(
        &mut self,
        draft: &mut SiteDraft,
        receiver: &Value,
        class: Name,
        super_call: bool,
    ) -> bool {
        let mut methods = self.core.all_methods_named(class, draft.name);
        if super_call && let Some(owner) = self.owner {
            methods.retain(|method| self.core.owner_of(*method) != Some(owner));
        }
        let methods: Vec<FnId> =
            methods.into_iter().filter(|method| self.core.function(*method).receiver.is_none()).collect();
        if !methods.is_empty() && self.choose(draft, &methods, Some(class), super_call) {
            return true;
        }
        if self.enum_member(draft, class) || self.data_copy(draft, receiver, class) {
            return true;
        }
        // A property that holds code, or Java calling a Kotlin property's accessor.
        let called = self.core.property_named(class, draft.name);
        if let Some(property) = called.filter(|it| !self.initializes(*it, draft.expr)) {
            let value = self.read_property(draft.expr, property, Some(receiver));
            self.invoke_value(draft, value);
            return draft.resolved() || draft.function_type.is_some();
        }
        if draft.args.is_empty()
            && let Some(property) = property_of_getter(&draft.name)
            && let Some(property) = self.core.property_named(class, property)
        {
            let value = self.read_property(draft.expr, property, Some(receiver));
            draft.result = value.ty;
            return true;
        }
        if let [value] = draft.values.as_slice()
            && let Some(property) = property_of_setter(&draft.name)
            && let Some(property) = self.core.property_named(class, property)
            && self.facts.language == Language::Java
        {
            let value = value.clone();
            self.write_property(draft.expr, property, Some(receiver.clone()), value);
            draft.result = Some(Type::of("kotlin.Unit"));
            return true;
        }
        false
    }

    /// `val form = form { … }`: what makes a property is not what it is.
    fn initializes(&self, property: PropId, expr: ExprId) -> bool {
        let initializer = self.core.property(property).initializer;
        self.core.symbols.prop_file(property) == self.file
            && initializer.is_some_and(|it| self.facts[it].span.contains(self.facts[expr].span))
    }

    /// Picks among candidates; true if one fits.
    pub(super) fn choose(
        &mut self,
        draft: &mut SiteDraft,
        candidates: &[FnId],
        class: Option<Name>,
        exact: bool,
    ) -> bool {
        let Some(chosen) = self.pick(candidates, draft) else { return false };
        draft.declared = Some(chosen);
        draft.targets = self.core.dispatch_targets(chosen, class, exact);
        true
    }

    /// May a value of the second type be given where the first is declared? Type parameters accept anything.
    pub(super) fn accepts(&self, declared: &Type, given: &Type) -> bool {
        let Some(declared) = declared.upper() else { return true };
        let Some(given) = given.upper() else { return true };
        if declared.is_unresolved() || given.is_unresolved() {
            return declared.class == given.class;
        }
        if declared.is_function() || given.is_function() {
            return declared.is_function() == given.is_function();
        }
        declared.class == "java.lang.Object" || self.core.inherits(given.class, &declared.class)
    }

    /// Top-level functions a simple name may mean here.
    pub(super) fn visible_functions(&self, name: Name) -> Vec<FnId> {
        let imports = &self.core.imports[self.file.0 as usize];
        if !self.core.symbols.function_names.contains(&name) && !imports.named.contains_key(&name) {
            return Vec::new();
        }
        let named = imports.named.get(&name).into_iter().flatten().copied();
        let packages = std::iter::once(imports.package).chain(imports.stars.iter().copied());
        let paths: SmallVec<[Name; 8]> = named.chain(packages.map(|package| package.join(name))).collect();
        let mut found: Vec<FnId> = Vec::new();
        for path in paths {
            self.functions_at(path, &mut found);
        }
        found
    }

    /// Functions that a qualified name means, in files, in objects, companions and Java classes.
    pub(super) fn functions_at(&self, path: Name, found: &mut Vec<FnId>) {
        if let Some(functions) = self.core.symbols.functions_by_name.get(&path) {
            found.extend_from_slice(functions);
        } else if let Some(files) = self.core.symbols.facades.get(&Name::new(path.qualifier())) {
            found.extend(self.functions_in(files, Name::new(path.last())));
        } else if let Some(class) = self.core.symbols.type_named(Name::new(path.qualifier())) {
            // Imported member of an object, companion, or Java class.
            found.extend(self.core.methods_named(class, Name::new(path.last())));
            for companion in self.core.companions(self.core.symbols.info(class).qualified) {
                found.extend(self.core.methods_named(companion, Name::new(path.last())));
            }
        }
    }

    /// `name(…)` without receiver.
    fn resolve_free(&mut self, draft: &mut SiteDraft, expected: Option<&Type>) {
        let name = draft.name;
        if name == "this" || name == "super" {
            return self.delegate_constructor(draft);
        }
        // Java's variables and methods have names of their own.
        let local = self.local(name).filter(|_| self.facts.language == Language::Kotlin);
        if let Some(value) = local.map(|local| local.value.clone())
            && self.may_be_called(&value)
        {
            return self.invoke_value(draft, value);
        }
        let uppercase = name.starts_with(|first: char| first.is_uppercase());
        if uppercase && let Some(class) = self.class_to_create(name) {
            return self.create(draft, class);
        }
        let imported = self.names_import(draft);
        for at in (0..self.receivers.len()).rev() {
            let receiver = self.receivers[at].clone();
            let Some(ty) = receiver.value.ty.as_ref().and_then(Type::upper).cloned() else { continue };
            if ty.is_function() {
                continue;
            }
            let found = self.member_call(draft, &receiver.value, ty.class, false)
                || self.companion_call(draft, ty.class)
                || (!self.has_library_member(ty.class, draft) && self.project_extension(draft, &ty))
                || (!imported
                    && !self.means_own(draft, &ty, at)
                    && self.known_library_call(draft, &receiver.value, &ty));
            if found {
                if draft.name == name {
                    draft.receiver = receiver.value;
                }
                return;
            }
        }
        let functions: Vec<FnId> = self.visible_functions(name);
        let plain: Vec<FnId> =
            functions.iter().copied().filter(|id| self.core.function(*id).receiver.is_none()).collect();
        if self.choose(draft, &plain, None, true) {
            return;
        }
        for at in (0..self.receivers.len()).rev() {
            let receiver = self.receivers[at].value.clone();
            let Some(ty) = receiver.ty.clone() else { continue };
            if self.project_extension(draft, &ty) || self.library_extension(draft, &receiver, &ty) {
                draft.receiver = receiver;
                return;
            }
        }
        if self.library_function(draft) {
            return;
        }
        if let Some(class) = self.class_to_create(name) {
            return self.create(draft, class);
        }
        self.top_level_invocable(draft);
        if !draft.resolved() && !self.extension_of_builder(draft) {
            self.member_of_library_base(draft, expected);
            self.of_unknown_scope(draft);
        }
    }

    /// Could a value be called? Not a list that has the name of a function, say.
    fn may_be_called(&self, value: &Value) -> bool {
        let Some(class) = value.ty.as_ref().and_then(Type::upper).filter(|ty| !ty.is_function()) else {
            return true;
        };
        let invoke = Name::new("invoke");
        !value.callable.is_none()
            || !self.core.signatures.exists(class.class)
            || self.core.library_members(class.class, &invoke, |it| !it.is_property()).is_some()
            || !self.visible_functions(invoke).is_empty()
    }

    /// Is the name one of the project's, and not known to be a member of the library class that is the receiver?
    /// `AlertDialog.Builder(this).apply { … save() … }`
    fn means_own(&self, draft: &SiteDraft, ty: &Type, receiver: usize) -> bool {
        let name = draft.name;
        let has = |class: Name| !self.core.all_methods_named(class, name).is_empty();
        !self.has_library_member(ty.class, draft)
            && (self.receivers[..receiver].iter().any(|it| it.value.class().is_some_and(has))
                || !self.visible_functions(name).is_empty())
    }

    pub(super) fn companion_call(&mut self, draft: &mut SiteDraft, class: Name) -> bool {
        for companion in self.core.companions(class) {
            let methods = self.core.methods_named(companion, draft.name);
            if !methods.is_empty() && self.choose(draft, &methods, None, true) {
                // `companion object : SingletonHolder<Manager, Context>(::Manager)` says what its members give.
                let info = self.core.symbols.info(companion);
                if draft.receiver.ty.is_none() && !info.supertypes.is_empty() {
                    draft.receiver.ty = Some(Type::class(info.qualified));
                }
                return true;
            }
        }
        false
    }

    fn top_level_invocable(&mut self, draft: &mut SiteDraft) {
        let value = self.name(draft.expr, draft.name);
        let known = value.ty.is_some() || !value.callable.is_none();
        if value.reference.is_none() && known && self.may_be_called(&value) {
            self.invoke_value(draft, value);
        }
    }

    /// Walks the lambda arguments, computes the result, records.
    pub(super) fn finish(&mut self, mut draft: SiteDraft, expected: Option<&Type>) -> Value {
        let lambda = self.lambda_arguments(&mut draft);
        let mut value = self.call_result(&mut draft, lambda, expected);
        if value.callable.is_none() && !draft.invokes.is_none() && self.may_be_code(value.ty.as_ref()) {
            value.callable = draft.invokes.clone().result();
        }
        if let Some(api) = draft.api
            && draft.kind == SiteKind::Call
            && draft.targets.is_empty()
            && !api.is_static
        {
            draft.targets = self.core.targets_of_unknown(api.class, draft.name, draft.args.len());
        }
        if self.record.is_some() && draft.kind == SiteKind::Call && draft.targets.is_empty() {
            draft.targets = self.core.injected_by(draft.api, draft.declared, &draft.receiver);
            if draft.targets.is_empty() {
                let known = value.ty.as_ref().filter(|ty| !ty.is_variable()).or(expected);
                let wanted = draft.type_args.first().or(known);
                draft.targets = self.core.located_by(draft.api, self.file, &draft.args, wanted);
            }
        }
        if draft.result.is_none() {
            draft.result = value.ty.clone();
        }
        if value.ty.is_none() {
            value.ty = draft.result.clone();
        }
        if self.record.is_some()
            && draft.receiver.thread.is_none()
            && let Some(scope) = draft.receiver.class().and_then(|class| self.core.symbols.type_named(class))
        {
            draft.receiver.thread = self.own_scope(scope);
        }
        self.keep_code(&draft);
        if draft.name == "use" && draft.api.is_some_and(|api| api.class.starts_with("kotlin.")) {
            self.closes(draft.expr, Some(&draft.receiver));
        }
        self.use_by_call(&draft);
        self.record(draft);
        value
    }

    /// Notes which code a project function is given.
    pub(super) fn keep_code(&mut self, draft: &SiteDraft) {
        let Some(declared) = draft.declared.filter(|_| self.record.is_some()) else { return };
        let decl = self.core.function(declared);
        for (at, value) in draft.values.iter().enumerate() {
            if value.callable.is_none() {
                continue;
            }
            let Some(param) = self.param_of(decl, &draft.args, at) else { continue };
            let at = u16::try_from(param).unwrap_or(u16::MAX);
            if let Some(record) = &mut self.record {
                for function in self.core.variants_of(declared) {
                    record.param_values.push(((function, at), value.callable.clone()));
                }
            }
        }
        self.keep_constructor_code(draft);
    }

    /// Code given to a constructor parameter that is a property is held by that property.
    fn keep_constructor_code(&mut self, draft: &SiteDraft) {
        let Some(constructor) = draft.declared else { return };
        let decl = self.core.function(constructor);
        if decl.kind != FunctionKind::Constructor {
            return;
        }
        let Some(owner) = self.core.owner_of(constructor) else { return };
        for (at, value) in draft.values.iter().enumerate() {
            let Some(param) = self.param_of(decl, &draft.args, at) else { continue };
            let name = decl.params[param].name;
            if let Some(property) = self.core.symbols.info(owner).properties.get(&name).copied()
                && self.core.property(property).constructor_parameter
            {
                self.hold(property, value.callable.clone());
                self.hold_stream(property, value);
            }
        }
    }
}

fn is_invocation(name: &str) -> bool {
    matches!(name, "invoke" | "call" | "run" | "accept" | "apply" | "get" | "test" | "execute")
}

/// `getName` → `name`, `isOpen` → `isOpen`.
pub(super) fn property_of_getter(name: &str) -> Option<Name> {
    if name.starts_with("is") {
        return Some(Name::new(name));
    }
    let rest =
        name.strip_prefix("get").filter(|rest| rest.starts_with(|first: char| first.is_uppercase()))?;
    let mut letters = rest.chars();
    let first = letters.next()?.to_lowercase().to_string();
    Some(Name::new(&format!("{first}{}", letters.as_str())))
}

/// `setName` → `name`.
fn property_of_setter(name: &str) -> Option<Name> {
    let rest =
        name.strip_prefix("set").filter(|rest| rest.starts_with(|first: char| first.is_uppercase()))?;
    property_of_getter(&format!("get{rest}"))
}
