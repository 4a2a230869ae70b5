//! Follows objects whose making matters (intents, builders, streams) through a body: every call on one is added to
//! what is known of it, whichever local, receiver or lambda parameter stands for it.

use std::sync::Arc;

use crate::base::Name;
use crate::catalog::ObjectKind;
use crate::facts::{ExprId, ExprKind, FunctionDecl};

use super::super::calls::ArgValue;
use super::super::ids::{FnId, PropId};
use super::super::objects::{ObjectCall, ObjectValue, Origin, RECEIVER};
use super::super::ty::Type;
use super::super::value::{Callable, Held, Object, Value};
use super::Walker;
use super::draft::SiteDraft;

/// Calls remembered of one object; generated code can make thousands.
const MAX_CALLS: usize = 96;
/// Links of a chain (`from`) that are followed and substituted.
const MAX_HISTORY: usize = 64;

/// Implementations whose streams are told apart.
pub(super) const MAX_EITHER: usize = 8;

/// The objects of one walk.
#[derive(Default)]
pub(super) struct Heap {
    objects: Vec<Arc<ObjectValue>>,
    /// Nesting of branches where each came to be.
    depths: Vec<u16>,
    /// Parameters of the function being walked that are objects.
    params: Vec<u32>,
}

/// What a function does to the objects its parameters are.
pub(crate) type ParamObjects = Box<[Arc<ObjectValue>]>;

impl<'c> Walker<'c> {
    /// How objects of a class are followed, if at all.
    pub(super) fn object_kind(&self, class: Name) -> Option<ObjectKind> {
        self.core.lineage(class).object
    }

    fn add_object(&mut self, object: Arc<ObjectValue>) -> Object {
        let id = u32::try_from(self.heap.objects.len()).unwrap_or(u32::MAX);
        self.heap.objects.push(object);
        self.heap.depths.push(self.depth);
        Object { held: Held::Live(id), sure: true }
    }

    /// The object as it is now.
    pub(super) fn snapshot(&self, object: &Object) -> Arc<ObjectValue> {
        let now = match &object.held {
            Held::Live(id) => &self.heap.objects[*id as usize],
            Held::Kept(object) => object,
        };
        if object.sure || now.partial {
            return Arc::clone(now);
        }
        Arc::new(ObjectValue { partial: true, ..(**now).clone() })
    }

    /// A value that may leave this walk.
    pub(super) fn kept(&self, mut value: Value) -> Value {
        if let Some(object) = &mut value.object {
            object.held = Held::Kept(self.snapshot(object));
        }
        value
    }

    /// A value that came from another walk: what happens to it here is no one else's.
    pub(super) fn taken(&mut self, mut value: Value) -> Value {
        if let Some(Object { held: Held::Kept(object), sure }) = value.object.take() {
            value.object = Some(Object { sure, ..self.add_object(object) });
        }
        value
    }

    /// An object of a followed class of which nothing is known yet.
    pub(super) fn unknown_object(&mut self, value: &mut Value, origin: Origin) {
        if value.object.is_some() {
            return;
        }
        let Some(class) = value.class() else { return };
        if self.object_kind(class).is_none() {
            return;
        }
        let object = ObjectValue::unknown(class, origin);
        let object = self.add_object(Arc::new(object));
        if let (Origin::Param(..), Held::Live(id)) = (origin, &object.held) {
            self.heap.params.push(*id);
        }
        value.object = Some(object);
    }

    /// The object that several implementations give: the only one, or for streams one of them.
    pub(super) fn either(&self, class: Name, mut objects: Vec<Arc<ObjectValue>>) -> Option<Object> {
        if objects.len() > 1 {
            if self.object_kind(class) != Some(ObjectKind::Stream) || objects.len() > MAX_EITHER {
                return None;
            }
            objects = vec![Arc::new(ObjectValue {
                either: objects,
                ..ObjectValue::unknown(class, Origin::Elsewhere)
            })];
        }
        objects.pop().map(|object| Object { held: Held::Kept(object), sure: true })
    }

    /// One value or the other; of two streams the result may be either.
    pub(super) fn joined(&mut self, first: Value, second: Value) -> Value {
        let streams = match (&first.object, &second.object, first.class()) {
            (Some(one), Some(other), Some(class)) if self.object_kind(class) == Some(ObjectKind::Stream) => {
                Some((class, vec![self.snapshot(one), self.snapshot(other)]))
            }
            _ => None,
        };
        let mut value = first.join(second);
        if let Some((class, objects)) = streams
            && !Arc::ptr_eq(&objects[0], &objects[1])
            && let Some(Object { held: Held::Kept(object), .. }) = self.either(class, objects)
        {
            value.object = Some(self.add_object(object));
        }
        value
    }

    /// Parameters that were changed, at the end of a function.
    pub(super) fn param_objects(&self) -> ParamObjects {
        let objects = self.heap.params.iter().map(|id| &self.heap.objects[*id as usize]);
        objects.filter(|object| !object.calls.is_empty()).cloned().collect()
    }

    /// Notes a library call on, or that gives, an object; the value is the call's result.
    pub(super) fn track(&mut self, draft: &SiteDraft, value: &mut Value) {
        let Some(api) = draft.api else { return };
        let receiver_kind = match (draft.created, draft.receiver.class()) {
            (None, Some(class)) => self.object_kind(class),
            _ => None,
        };
        let Some(kind) = receiver_kind else {
            if let Some(class) = value.class()
                && value.object.is_none()
                && self.object_kind(class).is_some()
            {
                let made = self.object_call(draft, api.class);
                self.made(value, class, made, None);
            }
            return;
        };
        let call = self.object_call(draft, api.class);
        let mut receiver = draft.receiver.clone();
        self.unknown_object(&mut receiver, Origin::Elsewhere);
        let (Some(object), Some(receiver_class)) = (receiver.object.clone(), receiver.class()) else {
            return;
        };
        if value.ty.is_none() && self.continues(kind, draft) {
            value.ty.clone_from(&receiver.ty);
        }
        let result = value.class().filter(|class| self.object_kind(*class).is_some());
        if kind != ObjectKind::Mutable {
            if let Some(class) = result.filter(|_| value.object.is_none()) {
                let before = self.snapshot(&object);
                self.made(value, class, call, Some(before));
            }
            return;
        }
        match result {
            Some(class) if !self.related(class, receiver_class) => {
                let before = self.snapshot(&object);
                self.made(value, class, call, Some(before));
            }
            _ => {
                self.append(&object, call);
                if result.is_some() {
                    value.object = Some(object);
                }
            }
        }
    }

    /// Does a call whose result nobody knows go on with its receiver? Builders' setters do, and operators of streams.
    fn continues(&self, kind: ObjectKind, draft: &SiteDraft) -> bool {
        match kind {
            ObjectKind::Mutable => {
                let setters = ["set", "add", "put", "keep", "clear"];
                setters.iter().any(|prefix| draft.name.starts_with(prefix))
            }
            ObjectKind::Value | ObjectKind::Stream | ObjectKind::Callback => false,
        }
    }

    fn related(&self, first: Name, second: Name) -> bool {
        first == second
            || self.core.lineage(first).all.contains(&second)
            || self.core.lineage(second).all.contains(&first)
    }

    fn made(&mut self, value: &mut Value, class: Name, made: ObjectCall, from: Option<Arc<ObjectValue>>) {
        let deep = from.as_ref().is_some_and(|from| from.history().nth(MAX_HISTORY).is_some());
        let object = ObjectValue {
            class,
            origin: Origin::Made,
            made: Some(made),
            from: from.filter(|_| !deep),
            calls: Vec::new(),
            partial: deep,
            either: Vec::new(),
        };
        value.object = Some(self.add_object(Arc::new(object)));
    }

    /// A stream that a property of a constructor is given.
    pub(super) fn hold_stream(&mut self, property: PropId, value: &Value) {
        let stream = value.class().and_then(|class| self.object_kind(class)) == Some(ObjectKind::Stream);
        if let (Some(object), true, true) = (&value.object, stream, self.record.is_some()) {
            let object = self.snapshot(object);
            if let Some(record) = &mut self.record {
                record.property_objects.push((property, object));
            }
        }
    }

    fn append(&mut self, object: &Object, mut call: ObjectCall) {
        let Held::Live(id) = object.held else { return };
        let depth = self.heap.depths[id as usize];
        call.conditional |= self.depth > depth || !object.sure;
        let object = Arc::make_mut(&mut self.heap.objects[id as usize]);
        if object.calls.len() < MAX_CALLS {
            object.calls.push(call);
        } else {
            object.partial = true;
        }
    }

    /// `builder.apply(block)` with code that callers bring: what it does to the object is not known here.
    pub(super) fn changed_by_others(&mut self, draft: &SiteDraft) {
        let others = |part: &Callable| matches!(part, Callable::Param(..) | Callable::Property(_));
        let brought = |value: &Value| value.callable.parts().iter().any(others);
        if !draft.values.iter().any(brought) {
            return;
        }
        let given = draft.values.iter().chain([&draft.receiver]);
        for object in given.filter_map(|value| value.object.as_ref()) {
            if let Held::Live(id) = object.held {
                Arc::make_mut(&mut self.heap.objects[id as usize]).partial = true;
            }
        }
    }

    fn object_call(&self, draft: &SiteDraft, class: Name) -> ObjectCall {
        let span = self.facts.exprs.get(draft.expr.0 as usize).map(|expr| expr.span).unwrap_or_default();
        let names = draft.args.iter().map(Some).chain(std::iter::repeat(None));
        let args = draft.values.iter().zip(names);
        let args = args.map(|(value, arg)| self.arg_value(value.clone(), arg, draft.expr)).collect();
        let member = if draft.created.is_some() { Name::new("<init>") } else { draft.name };
        ObjectCall {
            class,
            member,
            args,
            type_args: draft.type_args.clone(),
            file: self.file,
            expr: draft.expr,
            span,
            given_by: None,
            conditional: false,
        }
    }

    /// `builder.name = value` on an object, as a call of the setter.
    pub(super) fn track_assignment(
        &mut self,
        id: ExprId,
        receiver: &Value,
        name: Name,
        (value, given): (&Value, ExprId),
    ) {
        let (Some(object), Some(class)) = (&receiver.object, receiver.class()) else { return };
        let span = self.facts.exprs.get(id.0 as usize).map(|expr| expr.span).unwrap_or_default();
        let call = ObjectCall {
            class,
            member: super::names::accessor("set", &name),
            args: vec![self.arg_value(value.clone(), None, given)],
            type_args: Vec::new(),
            file: self.file,
            expr: id,
            span,
            given_by: None,
            conditional: false,
        };
        self.append(&object.clone(), call);
    }

    /// What a project function does to the objects given to it, and which of them it gives back.
    pub(super) fn through_function(&mut self, function: FnId, draft: &SiteDraft, value: &mut Value) {
        let changes = self.core.param_objects[function.index()].get();
        for changed in changes.into_iter().flatten() {
            let Some(given) = self.given_object(changed.origin, function, draft) else { continue };
            for call in &changed.calls {
                let with = self.with_given_args(call, function, draft, 0);
                self.append(&given, with.unwrap_or_else(|| call.clone()));
            }
        }
        let Some(Object { held: Held::Kept(object), sure }) = value.object.take() else { return };
        if let (Origin::Param(of, _), None) = (object.origin, &object.made)
            && of == function
        {
            value.object = self
                .given_object(object.origin, function, draft)
                .map(|given| Object { sure: given.sure && sure, ..given });
            if value.object.is_none() {
                value.object = Some(self.add_object(object));
            }
            return;
        }
        let object = self.with_given(&object, function, draft, 0);
        value.object = Some(Object { sure, ..self.add_object(object) });
    }

    /// The object that a caller passes for a parameter.
    fn given_object(&mut self, origin: Origin, function: FnId, draft: &SiteDraft) -> Option<Object> {
        let Origin::Param(of, index) = origin else { return None };
        if of != function {
            return None;
        }
        if index == RECEIVER {
            return draft.receiver.object.clone();
        }
        let decl: &FunctionDecl = self.core.function(function);
        let at = (0..draft.values.len())
            .find(|at| self.param_of(decl, &draft.args, *at) == Some(usize::from(index)))?;
        draft.values[at].object.clone()
    }

    /// An object that a function made from what it was given, with the caller's object put in.
    fn with_given(
        &mut self,
        object: &Arc<ObjectValue>,
        function: FnId,
        draft: &SiteDraft,
        depth: usize,
    ) -> Arc<ObjectValue> {
        let made = object.made.as_ref().and_then(|made| self.with_given_args(made, function, draft, depth));
        let calls: Vec<Option<ObjectCall>> =
            object.calls.iter().map(|call| self.with_given_args(call, function, draft, depth)).collect();
        let from = object.from.as_ref().filter(|_| depth < MAX_HISTORY).and_then(|from| {
            let given =
                if from.made.is_none() { self.given_object(from.origin, function, draft) } else { None };
            let replaced = match given {
                Some(given) => self.snapshot(&given),
                None => self.with_given(from, function, draft, depth + 1),
            };
            (!Arc::ptr_eq(&replaced, from)).then_some(replaced)
        });
        if made.is_none() && from.is_none() && calls.iter().all(Option::is_none) {
            return Arc::clone(object);
        }
        let mut changed = (**object).clone();
        for (call, given) in changed.calls.iter_mut().zip(calls) {
            *call = given.unwrap_or_else(|| call.clone());
        }
        changed.made = made.or(changed.made);
        changed.from = from.or(changed.from);
        Arc::new(changed)
    }

    /// A call in the life of an object, with what the caller gives in place of the function's parameters.
    fn with_given_args(
        &mut self,
        made: &ObjectCall,
        function: FnId,
        draft: &SiteDraft,
        depth: usize,
    ) -> Option<ObjectCall> {
        let with_code = draft.values.iter().any(|value| !value.callable.is_none());
        let mut changed: Option<ObjectCall> = None;
        if with_code && made.given_by.is_none() && self.is_in(made, function) {
            changed = Some(ObjectCall { given_by: Some((self.file, draft.expr)), ..made.clone() });
        }
        for (at, arg) in made.args.iter().enumerate() {
            let given = match arg.facts.as_ref().and_then(|facts| facts.object.as_ref()) {
                Some(object) if object.made.is_none() => {
                    self.given_object(object.origin, function, draft).map(|given| self.snapshot(&given))
                }
                Some(object) if depth < MAX_HISTORY => {
                    let with = self.with_given(object, function, draft, depth + 1);
                    (!Arc::ptr_eq(&with, object)).then_some(with)
                }
                _ => None,
            };
            if let Some(given) = given {
                let call = changed.get_or_insert_with(|| made.clone());
                call.args[at].facts.get_or_insert_default().object = Some(given);
            } else if let Some(class) = self.given_class(made, arg, function, draft) {
                let call = changed.get_or_insert_with(|| made.clone());
                call.args[at].facts.get_or_insert_default().class_literal = Some(class);
            } else if let Some(value) = self.given_constant(made, arg, function, draft) {
                let facts = self.arg_facts(value);
                let call = changed.get_or_insert_with(|| made.clone());
                call.args[at] = ArgValue { facts, ty: value.ty.clone().or(arg.ty.clone()), ..arg.clone() };
            }
        }
        changed
    }

    /// Is the call one in the body of this function?
    fn is_in(&self, made: &ObjectCall, function: FnId) -> bool {
        let around = self.core.function(function).span;
        made.file == self.core.symbols.fn_file(function)
            && around.start <= made.span.start
            && made.span.end <= around.end
    }

    /// The constant that a caller gives for a parameter.
    fn given_constant<'d>(
        &self,
        made: &ObjectCall,
        arg: &ArgValue,
        function: FnId,
        draft: &'d SiteDraft,
    ) -> Option<&'d Value> {
        let file = self.core.symbols.fn_file(function);
        if arg.facts.is_some() || made.file != file {
            return None;
        }
        let ExprKind::Name(name) = self.core.facts(file)[arg.value].kind else { return None };
        let decl: &FunctionDecl = self.core.function(function);
        let index = decl.params.iter().position(|param| param.name == name)?;
        let at = (0..draft.values.len()).find(|at| self.param_of(decl, &draft.args, *at) == Some(index))?;
        let value = &draft.values[at];
        let known = value.constant.is_some() || value.symbol.is_some() || value.property.is_some();
        (known && self.core.assignments(file, name, decl.span).next().is_none()).then_some(value)
    }

    /// The class that a caller gives for a parameter of the type `Class<…>`.
    fn given_class(
        &self,
        made: &ObjectCall,
        arg: &ArgValue,
        function: FnId,
        draft: &SiteDraft,
    ) -> Option<Name> {
        // Of `Class<out Service>` the type tells no more than what the class has to be.
        arg.ty.as_ref().and_then(Type::upper).filter(|ty| ty.class == "java.lang.Class")?;
        if made.file != self.core.symbols.fn_file(function) {
            return None;
        }
        let ExprKind::Name(name) = self.core.facts(made.file)[arg.value].kind else { return None };
        let decl: &FunctionDecl = self.core.function(function);
        let index = decl.params.iter().position(|param| param.name == name)?;
        let at = (0..draft.values.len()).find(|at| self.param_of(decl, &draft.args, *at) == Some(index))?;
        draft.values[at].ty.as_ref().and_then(super::super::calls::class_literal)
    }
}

/// Puts type arguments in for the type parameters of a generic helper (`inline fun <reified T> request()`).
pub(super) fn substituted(value: &mut Value, bindings: &[(Name, Type)]) {
    let Some(Object { held: Held::Kept(object), .. }) = &mut value.object else { return };
    if bindings.is_empty() || !object.history().any(mentions_variables) {
        return;
    }
    *object = substitute(object, bindings, 0);
}

fn mentions_variables(object: &ObjectValue) -> bool {
    fn open(ty: &Type) -> bool {
        ty.is_variable() || ty.args.iter().any(open)
    }
    object.calls.iter().chain(&object.made).any(|call| {
        call.type_args.iter().any(open)
            || call.args.iter().any(|arg: &ArgValue| {
                arg.ty.as_ref().is_some_and(open)
                    || arg.object().is_some_and(|object| object.history().any(mentions_variables))
            })
    })
}

fn substitute(object: &ObjectValue, bindings: &[(Name, Type)], depth: usize) -> Arc<ObjectValue> {
    let call = |call: &ObjectCall| {
        let mut call = call.clone();
        for ty in &mut call.type_args {
            *ty = ty.substitute(bindings);
        }
        for arg in &mut call.args {
            arg.substitute(bindings);
            if let Some(facts) = &mut arg.facts
                && let Some(object) = &mut facts.object
                && depth < MAX_HISTORY
                && object.history().any(mentions_variables)
            {
                *object = substitute(object, bindings, depth + 1);
            }
        }
        call
    };
    let from = object.from.as_ref().map(|from| {
        if depth < MAX_HISTORY { substitute(from, bindings, depth + 1) } else { Arc::clone(from) }
    });
    Arc::new(ObjectValue {
        made: object.made.as_ref().map(call),
        calls: object.calls.iter().map(call).collect(),
        from,
        ..object.clone()
    })
}
