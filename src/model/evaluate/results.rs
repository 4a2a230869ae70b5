//! Results of project functions and values of properties, inferred where they are not declared.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::Name;
use crate::catalog::ObjectKind;
use crate::facts::{ExprId, ExprKind, FunctionKind, Literal, Modifiers};

use super::super::ids::{FnId, PropId};
use super::super::objects::{ObjectValue, RECEIVER};
use super::super::scope::TypeScope;
use super::super::ty::Type;
use super::super::value::{Held, Object, ThreadTarget, ThreadValue, Value};
use super::draft::SiteDraft;
use super::objects::MAX_EITHER;
use super::{Pending, Walker};

impl<'c> Walker<'c> {
    /// The value of the whole call.
    pub(super) fn call_result(
        &mut self,
        draft: &mut SiteDraft,
        lambda: Option<Value>,
        expected: Option<&Type>,
    ) -> Value {
        if let Some(declared) = draft.declared
            && draft.created.is_none()
        {
            let bindings = self.call_bindings(draft, declared);
            let receiver = draft.receiver.ty.clone();
            let mut value = self.result_of(declared, receiver.as_ref(), &bindings, Some(draft));
            if value.ty.as_ref().is_none_or(Type::is_variable)
                && let Some(expected) = expected
            {
                value.ty = Some(expected.clone());
            }
            return value;
        }
        if let Some(function) = &draft.function_type {
            return Value::maybe(function.result().cloned());
        }
        if draft.api.is_some() {
            return self.library_result(draft, lambda.as_ref());
        }
        if draft.created.is_some() {
            let mut value = Value::maybe(draft.result.clone());
            value.callable = self.created_callable(draft);
            return self.inferred_arguments(draft, value);
        }
        Value::maybe(draft.result.clone())
    }

    /// An instance of a project class is code when the class is; a functional interface is its lambda.
    fn created_callable(&self, draft: &SiteDraft) -> super::super::value::Callable {
        use super::super::value::Callable;
        let Some(id) = draft.created.and_then(|class| self.core.symbols.type_named(class)) else {
            return Callable::None;
        };
        if self.core.symbols.info(id).kind == crate::facts::TypeKind::Interface {
            return draft.values.first().map(|value| value.callable.clone()).unwrap_or_default();
        }
        Callable::Object(id)
    }

    /// Type arguments of a created project class from its constructor's arguments (`Box(file)`: `Box<File>`).
    fn inferred_arguments(&mut self, draft: &SiteDraft, mut value: Value) -> Value {
        let Some(ty) = &mut value.ty else { return value };
        let Some(id) = self.core.symbols.type_named(ty.class) else { return value };
        let params = self.core.symbols.info(id).params.clone();
        if params.is_empty() || !ty.args.is_empty() {
            return value;
        }
        if let Some(constructor) = draft.declared {
            let bindings = self.argument_bindings(draft, constructor);
            let bound =
                |param: &Name| bindings.iter().find(|(name, _)| name == param).map(|(_, ty)| ty.clone());
            ty.args = params
                .iter()
                .map(|param| bound(param).unwrap_or_else(|| Type::unresolved("unknown")))
                .collect();
        }
        value
    }

    /// What the type parameters of a callee and of its receiver's class are at a call.
    pub(super) fn call_bindings(&self, draft: &SiteDraft, callee: FnId) -> Vec<(Name, Type)> {
        let mut bindings = Vec::new();
        if let Some(owner) = self.core.owner_of(callee)
            && let Some(receiver) = &draft.receiver.ty
        {
            bindings.extend(self.core.bindings(receiver, owner));
        }
        let decl = self.core.function(callee);
        if decl.type_params.is_empty() && decl.kind != FunctionKind::Constructor {
            return bindings;
        }
        let explicit = decl.type_params.iter().map(|param| param.name).zip(draft.type_args.iter().cloned());
        bindings.extend(explicit);
        bindings.extend(self.argument_bindings(draft, callee));
        bindings
    }

    fn argument_bindings(&self, draft: &SiteDraft, callee: FnId) -> Vec<(Name, Type)> {
        let mut bindings = Vec::new();
        let decl = self.core.function(callee);
        let scope = self.core.scope_of(callee);
        if let (Some(declared), Some(given)) = (&decl.receiver, &draft.receiver.ty) {
            self.unify(&self.core.resolve_type(scope, declared), given, &mut bindings);
        }
        for (at, value) in draft.values.iter().enumerate() {
            let Some(given) = &value.ty else { continue };
            let Some(param) = self.param_of(decl, &draft.args, at) else { continue };
            let Some(declared) = decl.params.get(param).and_then(|param| param.ty.as_ref()) else { continue };
            self.unify(&self.core.resolve_type(scope, declared), given, &mut bindings);
        }
        bindings
    }

    /// Binds type parameters in `declared` so that it becomes `given`.
    fn unify(&self, declared: &Type, given: &Type, bindings: &mut Vec<(Name, Type)>) {
        if given.is_unresolved() {
            return;
        }
        if declared.is_variable() {
            let name = Name::new(&declared.class.as_str()[1..]);
            match bindings.iter_mut().find(|(known, _)| *known == name) {
                // `listOf(Circle, Square)` is a list of what both are.
                Some((_, known)) => *known = self.core.common_supertype(known, given),
                None => bindings.push((name, given.clone())),
            }
            return;
        }
        if declared.is_function() && given.is_function() {
            if let (Some(declared), Some(given)) = (declared.result(), given.result()) {
                self.unify(declared, given, bindings);
            }
            return;
        }
        if declared.args.is_empty() {
            return;
        }
        let seen = if given.class == declared.class {
            Some(given.clone())
        } else {
            self.core.as_super(given, declared.class)
        };
        for (declared, given) in declared.args.iter().zip(seen.into_iter().flat_map(|seen| seen.args)) {
            self.unify(declared, &given, bindings);
        }
    }

    /// The value a project function returns, seen from a call.
    pub(super) fn result_of(
        &mut self,
        function: FnId,
        receiver: Option<&Type>,
        bindings: &[(Name, Type)],
        draft: Option<&SiteDraft>,
    ) -> Value {
        let mut value = self.function_value(function);
        let mut all: Vec<(Name, Type)> = bindings.to_vec();
        if let (Some(owner), Some(receiver)) = (self.core.owner_of(function), receiver) {
            all.extend(self.core.bindings(receiver, owner));
        }
        value.ty = value.ty.map(|ty| ty.substitute(&all));
        let mut source = function;
        if value.object.is_none() {
            let class = value.class();
            let targets = class.map(|class| self.implementations(function, class)).unwrap_or_default();
            if let [only] = targets.as_slice() {
                source = *only;
            }
            let objects = targets.into_iter().filter_map(|it| kept(self.function_value(it).object)).collect();
            value.object = class.and_then(|class| self.either(class, objects));
        }
        super::objects::substituted(&mut value, &all);
        match draft {
            Some(draft) => self.through_function(source, draft, &mut value),
            None => value = self.taken(value),
        }
        if let Some(ThreadValue { target: ThreadTarget::Param(of, index), .. }) = value.thread
            && of == function
        {
            value.thread = self.thread_given(function, index, draft);
        }
        // A parameter handed through keeps what the caller gave (`fun intent(x: Intent) = x.apply { }`).
        if let super::super::value::Callable::Param(of, index) = value.callable
            && of == function
        {
            value.callable = draft
                .and_then(|draft| draft.values.get(usize::from(index)))
                .map(|value| value.callable.clone())
                .unwrap_or_default();
        }
        if value.thread.is_none()
            && value.class().is_some_and(|class| self.is_thread_like(class))
            && self.core.function(function).body.is_none()
        {
            value.thread = self.implemented_thread(function);
        }
        value
    }

    /// The thread that a call gives for a parameter.
    fn thread_given(&self, function: FnId, index: u16, draft: Option<&SiteDraft>) -> Option<ThreadValue> {
        let draft = draft?;
        if index == RECEIVER {
            return draft.receiver.thread;
        }
        let decl = self.core.function(function);
        let given = (0..draft.values.len())
            .find(|at| self.param_of(decl, &draft.args, *at) == Some(usize::from(index)));
        match given {
            Some(at) => draft.values[at].thread,
            None => self.core.thread_of_param(function, index),
        }
    }

    /// The functions that run for a declaration without body whose result, of this class, is followed.
    fn implementations(&self, function: FnId, class: Name) -> SmallVec<[FnId; 2]> {
        let Some(kind) = self.object_kind(class) else { return SmallVec::new() };
        let most = if kind == ObjectKind::Stream { MAX_EITHER } else { 1 };
        if self.core.function(function).body.is_some() {
            return SmallVec::new();
        }
        let targets = self.core.dispatch_targets(function, None, false);
        let few = targets.len() <= most;
        targets.iter().filter(|_| few).map(|target| target.function).collect()
    }

    /// `dispatchers.io()`: what the implementations return, else what the name says.
    fn implemented_thread(&mut self, function: FnId) -> Option<super::super::value::ThreadValue> {
        let targets = self.core.dispatch_targets(function, None, false);
        let mut threads = targets.iter().filter_map(|target| self.function_value(target.function).thread);
        let first = threads.next();
        let agreed = first.filter(|first| threads.all(|other| other.target == first.target));
        agreed.or_else(|| self.thread_by_name(self.core.function(function).name))
    }

    /// Memoised value of a function's result, independent of the caller.
    pub(super) fn function_value(&mut self, function: FnId) -> Value {
        if let Some(known) = self.core.results[function.index()].get() {
            return known.clone();
        }
        let pending = Pending::Function(function);
        if self.trail.pending.contains(&pending) || self.trail.pending.len() >= super::MAX_INFERENCE_DEPTH {
            self.trail.cut = true;
            return self.declared_result(function);
        }
        let outer_cut = std::mem::take(&mut self.trail.cut);
        self.trail.pending.push(pending);
        let value = self.infer_function(function);
        self.trail.pending.pop();
        if !self.trail.cut || self.trail.pending.is_empty() {
            let _ = self.core.results[function.index()].set(value.clone());
        }
        self.trail.cut |= outer_cut;
        value
    }

    fn declared_result(&self, function: FnId) -> Value {
        let decl = self.core.function(function);
        let declared =
            decl.result.as_ref().map(|ty| self.core.resolve_type(self.core.scope_of(function), ty));
        // A block body without declared result returns nothing.
        let unit = || {
            (!decl.expression_body && decl.kind == FunctionKind::Function).then(|| Type::of("kotlin.Unit"))
        };
        Value::maybe(declared.or_else(unit))
    }

    fn infer_function(&mut self, function: FnId) -> Value {
        let declared = self.declared_result(function);
        let decl = self.core.function(function);
        let worth = match declared.ty.as_ref() {
            None => true,
            Some(ty) => {
                self.worth_following(ty, decl.expression_body)
                    || self.takes_objects(function)
                    || self.gives_object(function)
            }
        };
        if decl.body.is_none() || !worth || self.core.is_lambda(function) {
            return self.named_thread(declared, function);
        }
        let local = self.core.symbols.fn_local(function);
        // Functions inside other bodies would need their surroundings: those are only seen when recorded.
        if decl.parent.is_some() {
            return declared;
        }
        let (mut value, objects) = self.elsewhere(function, |walker| {
            let value = walker.walk_function(local);
            (walker.kept(value), walker.param_objects())
        });
        let _ = self.core.param_objects[function.index()].set(objects);
        if declared.ty.is_some() {
            value.ty = declared.ty;
        }
        value.reference = None;
        self.named_thread(value, function)
    }

    /// Does the function end by giving back an object expression or a lambda?
    fn gives_object(&self, function: FnId) -> bool {
        let facts = self.core.facts(self.core.symbols.fn_file(function));
        let last = |id: ExprId| match &facts[id].kind {
            ExprKind::Block(items) => items.last().copied().unwrap_or(id),
            _ => id,
        };
        let Some(body) = self.core.function(function).body else { return false };
        let value = match &facts[last(body)].kind {
            ExprKind::Return { value: Some(value), .. } => *value,
            _ => last(body),
        };
        matches!(facts[value].kind, ExprKind::Object(_) | ExprKind::Lambda(_))
    }

    /// Has the function a parameter or receiver that is followed?
    fn takes_objects(&self, function: FnId) -> bool {
        let decl = self.core.function(function);
        let scope = self.core.scope_of(function);
        let types = decl.params.iter().filter_map(|param| param.ty.as_ref()).chain(&decl.receiver);
        types.filter(|ty| ty.function.is_none()).any(|ty| {
            let ty = self.core.resolve_type(scope, ty);
            ty.upper()
                .is_some_and(|ty| self.object_kind(ty.class).is_some_and(|kind| kind == ObjectKind::Mutable))
        })
    }

    fn named_thread(&mut self, value: Value, function: FnId) -> Value {
        let decl = self.core.function(function);
        if decl.body.is_some() && value.thread.is_none() {
            return self.injected(value, &decl.annotations, decl.name);
        }
        value
    }

    /// Types whose values say more than the type: threads, intents, code, streams; constants of expression bodies.
    fn worth_following(&self, ty: &Type, expression: bool) -> bool {
        let Some(ty) = ty.upper() else { return false };
        if ty.is_function() {
            return true;
        }
        if self.is_thread_like(ty.class) {
            return true;
        }
        self.object_kind(ty.class).is_some()
            || ty.class == "java.lang.Runnable"
            || (expression && is_plain(ty))
            || self.sam_of(ty).is_some()
    }

    /// What a property's declaration says of its value.
    pub(super) fn infer_property(&mut self, property: PropId) -> Value {
        let declared = self.declared_property(property);
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        let facts = self.core.facts(file);
        let fixed = !decl.modifiers.contains(Modifiers::MUTABLE);
        let worth = match declared.ty.as_ref() {
            None => true,
            Some(ty) => self.worth_following(ty, fixed) || ty.is_unresolved(),
        };
        let initializer = if worth { decl.initializer.or(decl.delegate) } else { None };
        let mut value = match initializer {
            Some(expr) => {
                let owner = self.owner_of_property(property);
                let is_delegate = decl.initializer.is_none();
                self.in_class(file, owner, |walker| {
                    let expected = declared.ty.clone();
                    let value = if is_delegate {
                        walker.delegated(expr, expected.as_ref())
                    } else {
                        walker.eval(expr, true, expected.as_ref())
                    };
                    walker.kept(value)
                })
            }
            None => Value::default(),
        };
        if let Some(ty) = declared.ty.clone().filter(|ty| value.ty.is_none() || !ty.is_unresolved()) {
            value.ty = Some(ty);
        }
        if !fixed {
            value.constant = None;
            value.flags = None;
            value.in_memory = false;
            value.object = None;
            value.symbol = None;
        }
        let followed = |value: &Value| value.class().is_some_and(|class| self.object_kind(class).is_some());
        if let Some(getter) = decl.getter.filter(|_| value.ty.is_none() || followed(&value)) {
            let getter = self.core.symbols.fn_id(file, getter);
            let result = self.function_value(getter);
            value = Value {
                ty: value.ty.or(result.ty),
                thread: result.thread,
                constant: result.constant,
                object: result.object,
                ..value
            };
        } else if value.object.is_none() && fixed && initializer.is_none() && followed(&value) {
            value.object = self.implemented_property(property, &value);
        }
        value.reference = None;
        let annotations =
            if decl.constructor_parameter { self.parameter_annotations(property) } else { Vec::new() };
        let all: Vec<_> = decl.annotations.iter().cloned().chain(annotations).collect();
        let owner_file = std::mem::replace(&mut self.file, file);
        let own_facts = std::mem::replace(&mut self.facts, facts);
        let mut value = self.injected(value, &all, decl.name);
        self.file = owner_file;
        self.facts = own_facts;
        if value.thread.is_none_or(|thread| thread.target == ThreadTarget::Unknown || thread.likely) {
            value.thread = self.assigned_thread(property, &value).or(value.thread);
            if decl.constructor_parameter
                && let Some((constructor, index)) = self.constructor_parameter(property)
            {
                self.given_thread(constructor, index, &mut value);
            }
        }
        self.unless_overridden(property, &mut value);
        value
    }

    /// A property that subclasses override stands for no thread of its own.
    fn unless_overridden(&mut self, property: PropId, value: &mut Value) {
        let Some(thread) = &mut value.thread else { return };
        let decl = self.core.property(property);
        let Some(owner) = self.owner_of_property(property) else { return };
        if decl.modifiers.intersects(Modifiers::FINAL | Modifiers::PRIVATE | Modifiers::STATIC) {
            return;
        }
        let overridden = |class| {
            let own = self.core.symbols.info(class).properties.get(&decl.name);
            own.is_some_and(|own| *own != property)
        };
        if self.core.all_subtypes(owner).into_iter().any(overridden) {
            thread.target = ThreadTarget::Unknown;
        }
    }

    /// What overriding properties hold, for one without a value of its own.
    fn implemented_property(&mut self, property: PropId, value: &Value) -> Option<Object> {
        let name = self.core.property(property).name;
        let subtypes = self.core.all_subtypes(self.owner_of_property(property)?);
        let of = |class| self.core.symbols.info(class).properties.get(&name).copied();
        let overriding: Vec<PropId> = subtypes.into_iter().filter_map(of).collect();
        let objects = overriding.into_iter().filter_map(|it| kept(self.property_value(it).object)).collect();
        self.either(value.class()?, objects)
    }

    /// `handler = Handler(Looper.getMainLooper())` in some function of the class: what all calls that the property is
    /// assigned agree on.
    fn assigned_thread(&mut self, property: PropId, value: &Value) -> Option<ThreadValue> {
        let decl = self.core.property(property);
        let class = value.class()?;
        if decl.initializer.is_some_and(|it| !self.is_null(property, it)) || !self.is_thread_like(class) {
            return None;
        }
        let file = self.core.symbols.prop_file(property);
        let owner = self.owner_of_property(property)?;
        let within = self.core.type_decl(owner).span;
        let facts = self.core.facts(file);
        let calls = self.core.assigned_calls(file, decl.name)?;
        let mut agreed: Option<ThreadValue> = None;
        for call in calls.iter().filter(|call| within.contains(facts[**call].span)) {
            let thread = self.in_class(file, Some(owner), |walker| walker.eval(*call, true, None).thread)?;
            if agreed.is_some_and(|other| other.target != thread.target) {
                return None;
            }
            agreed = Some(thread);
        }
        agreed
    }

    /// The parameter of the primary constructor that a property is.
    fn constructor_parameter(&self, property: PropId) -> Option<(FnId, u16)> {
        let name = self.core.property(property).name;
        let constructors = &self.core.symbols.info(self.owner_of_property(property)?).constructors;
        constructors.iter().find_map(|id| {
            let at = self.core.function(*id).params.iter().position(|param| param.name == name)?;
            Some((*id, u16::try_from(at).ok()?))
        })
    }

    fn is_null(&self, property: PropId, initializer: ExprId) -> bool {
        let facts = self.core.facts(self.core.symbols.prop_file(property));
        matches!(facts[initializer].kind, ExprKind::Literal(Literal::Null))
    }

    /// Annotations of the constructor parameter a property comes from.
    fn parameter_annotations(&self, property: PropId) -> Vec<crate::facts::Annotation> {
        let name = self.core.property(property).name;
        let Some(owner) = self.owner_of_property(property) else { return Vec::new() };
        let constructors = &self.core.symbols.info(owner).constructors;
        let params = constructors.iter().flat_map(|id| &self.core.function(*id).params);
        params
            .filter(|param| param.name == name)
            .flat_map(|param| param.annotations.iter().cloned())
            .collect()
    }

    /// Runs in the body of a class (or at top level) of some file.
    fn in_class<T>(
        &mut self,
        file: crate::findings::FileId,
        owner: Option<super::super::ids::TypeId>,
        run: impl FnOnce(&mut Walker<'c>) -> T,
    ) -> T {
        let facts = self.core.facts(file);
        let members = if file == self.file {
            std::rc::Rc::clone(&self.members)
        } else {
            std::rc::Rc::new(super::members_of_types(facts))
        };
        let mut other = Walker {
            core: self.core,
            file,
            facts,
            function: self.function,
            owner,
            locals: Vec::new(),
            receivers: Vec::new(),
            record: None,
            trail: std::mem::take(&mut self.trail),
            heap: super::objects::Heap::default(),
            depth: 0,
            composing: false,
            returns: Vec::new(),
            members,
        };
        other.receivers = other.class_receivers(owner);
        if let Some(owner) = owner {
            let local = self.core.symbols.info(owner).local;
            // Its own scope, so that type parameters of the function asking do not leak in.
            if let Some(initializer) = self.core.symbols.info(owner).initializer {
                other.function = initializer;
            }
            other.primary_parameters(local);
        }
        let result = run(&mut other);
        self.trail = other.trail;
        result
    }
}

impl<'c> Walker<'c> {
    /// Declared type and nothing else, for a property whose value is being inferred already.
    pub(super) fn declared_property(&self, property: PropId) -> Value {
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        let scope = TypeScope { file, owner: self.owner_of_property(property), function: None };
        Value::maybe(decl.ty.as_ref().map(|ty| self.core.resolve_type(scope, ty)))
    }
}

fn kept(object: Option<Object>) -> Option<Arc<ObjectValue>> {
    match object?.held {
        Held::Kept(object) => Some(object),
        Held::Live(_) => None,
    }
}

/// Numbers, strings, spans of time: types whose constants are folded.
fn is_plain(ty: &Type) -> bool {
    matches!(
        ty.class.as_str(),
        "kotlin.Int"
            | "kotlin.Long"
            | "kotlin.Double"
            | "kotlin.Float"
            | "kotlin.Boolean"
            | "java.lang.String"
            | "java.lang.Boolean"
            | "java.lang.Integer"
            | "java.lang.Long"
            | "java.time.Duration"
            | "kotlin.time.Duration"
            | "java.util.concurrent.TimeUnit"
    )
}
