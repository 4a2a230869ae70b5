//! Results of project functions and values of properties, inferred where they are not declared.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::Name;
use crate::catalog::ObjectKind;
use crate::facts::{ExprId, ExprKind, FunctionKind};

use super::super::ids::FnId;
use super::super::objects::{ObjectValue, RECEIVER};
use super::super::ty::Type;
use super::super::value::{Held, Object, Source, ThreadTarget, ThreadValue, Value};
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
            let mut value = self.library_result(draft, lambda.as_ref());
            value.ty = value.ty.or_else(|| self.asked_for(draft));
            return value;
        }
        if draft.created.is_some() {
            let mut value = Value::maybe(draft.result.clone());
            value.callable = self.created_callable(draft);
            value.thread = self.created_thread(draft);
            return self.inferred_arguments(draft, value);
        }
        Value::maybe(draft.result.clone())
    }

    /// `metroViewModel<FeedViewModel>()` of a library that nobody described: whoever names a view model gets it.
    fn asked_for(&self, draft: &SiteDraft) -> Option<Type> {
        const HOLDERS: [&str; 2] =
            ["androidx.lifecycle.ViewModel", "cafe.adriel.voyager.core.model.ScreenModel"];
        let holds = |ty: &&Type| HOLDERS.iter().any(|holder| self.core.inherits(ty.class, holder));
        draft.type_args.iter().find(holds).cloned()
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
        if value.source == Source::Unknown {
            value.source = self.source_of_generated(function, &value);
        }
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
    pub(super) fn thread_given(
        &self,
        function: FnId,
        index: u16,
        draft: Option<&SiteDraft>,
    ) -> Option<ThreadValue> {
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
        value.constant = value.constant.filter(|constant| self.gives_everywhere(function, *constant));
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
    pub(super) fn worth_following(&self, ty: &Type, expression: bool) -> bool {
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
            || self.takes_code(Some(ty))
            || self.keeps_code(Some(ty))
    }
}

pub(super) fn kept(object: Option<Object>) -> Option<Arc<ObjectValue>> {
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
