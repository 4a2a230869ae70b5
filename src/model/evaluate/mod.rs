//! Walks bodies with the types of their locals, evaluates every expression as far as it can be known, and records
//! call sites. Run once per file to record, and again on single functions or initialisers to infer their values.

mod accessors;
mod branches;
mod calls;
mod collections;
mod composables;
mod constants;
mod creation;
mod draft;
mod executors;
mod expr;
mod extensions;
mod implied;
mod lambdas;
mod library;
mod members;
mod names;
mod objects;
mod operators;
mod overloads;
mod properties;
mod property_values;
mod reach;
mod record;
mod references;
mod results;
mod scopes;
mod signatures;
mod statics;
mod transformers;

use std::sync::Arc;

pub(super) use objects::ParamObjects;
pub(super) use operators::OPERATORS;

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::{ExprId, FileFacts, FunctionId, FunctionKind, Param, TypeDeclId, TypeKind};
use crate::findings::FileId;

use super::calls::CallSite;
use super::core::Core;
use super::coroutines::LambdaRole;
use super::ids::{FnId, PropId, TypeId};
use super::objects::{ObjectValue, Origin, RECEIVER};
use super::scope::TypeScope;
use super::ty::Type;
use super::value::{Callable, Held, Object, Source, ThreadTarget, ThreadValue, Value};

/// Nested inferences (a result that needs another result that needs …) beyond this are given up.
const MAX_INFERENCE_DEPTH: usize = 12;

/// What walking a file recorded.
#[derive(Default)]
pub struct Recorded {
    pub sites: Vec<CallSite>,
    pub property_values: Vec<(PropId, Callable)>,
    /// Followed objects that are assigned to properties.
    pub property_objects: Vec<(PropId, Arc<ObjectValue>)>,
    pub param_values: Vec<((FnId, u16), Callable)>,
    pub lambda_types: Vec<(FnId, Type)>,
    pub lambda_objects: Vec<(FnId, Arc<ObjectValue>)>,
    /// Code that functions and lambdas give back.
    pub code_given: Vec<(FnId, Callable)>,
    pub lambda_roles: Vec<(FnId, LambdaRole)>,
    /// Functions with the initialisers that a use in them may run.
    pub first_uses: FxHashSet<(FnId, FnId)>,
    pub calls_total: usize,
    pub calls_resolved: usize,
}

/// Inferences under way, so that recursion ends; `cut` says that one was given up.
#[derive(Default)]
pub(super) struct Trail {
    pending: Vec<Pending>,
    cut: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Function(FnId),
    Property(PropId),
    /// The delegate of a class that is a coroutine scope.
    Scope(TypeId),
}

/// A local variable, parameter, or local function.
#[derive(Clone)]
struct LocalValue {
    name: Name,
    value: Value,
}

/// An implicit `this`.
#[derive(Clone)]
struct Receiver {
    value: Value,
    /// Name after `this@`: a class or the function a lambda is given to.
    label: Name,
    /// The class body's own `this`, not that of a lambda or extension.
    is_class: bool,
}

pub(super) struct Walker<'c> {
    core: &'c Core,
    file: FileId,
    facts: &'c FileFacts,
    function: FnId,
    owner: Option<TypeId>,
    locals: Vec<LocalValue>,
    receivers: Vec<Receiver>,
    record: Option<Recorded>,
    trail: Trail,
    heap: objects::Heap,
    /// Branches, loops and deferred lambdas around the expression being walked.
    depth: u16,
    /// The expression being walked is part of a composition.
    composing: bool,
    /// It stands in the content of a composable function, or in what builds a list of items there.
    describing: bool,
    /// What is being walked never runs.
    unreached: bool,
    /// The last condition that is always the same.
    settled: Option<(ExprId, bool)>,
    /// Values returned from the function being walked.
    returns: Vec<Value>,
    /// The type that it declares to return.
    promised: Option<Type>,
    /// Member functions of local and anonymous types, walked where the type stands.
    members: std::rc::Rc<Vec<Vec<FunctionId>>>,
}

/// Walks everything in a file and records.
pub fn walk_file(core: &Core, file: FileId) -> Recorded {
    let facts = core.facts(file);
    let members = std::rc::Rc::new(members_of_types(facts));
    let mut record = Recorded::default();
    // Every fifth expression is a call.
    record.sites.reserve(facts.exprs.len() / 5);
    core.injections(file, &mut record.sites);
    for (at, decl) in facts.functions.iter().enumerate() {
        let local = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        let lambda = matches!(decl.kind, FunctionKind::Lambda | FunctionKind::AnonymousFunction);
        if lambda || decl.parent.is_some() || decl.owner.is_some_and(|owner| is_local(facts, owner)) {
            continue;
        }
        let mut walker = Walker::new(core, core.symbols.fn_id(file, local), std::rc::Rc::clone(&members));
        walker.record = Some(record);
        walker.walk_function(local);
        record = walker.record.unwrap_or_default();
    }
    record
}

impl Core {
    /// The result type of a function, inferred where it is not written.
    pub fn inferred_result(&self, function: FnId) -> Option<Type> {
        let file = self.symbols.fn_file(function);
        let members = std::rc::Rc::new(members_of_types(self.facts(file)));
        Walker::new(self, function, members).function_value(function).ty
    }

    /// The thread that an expression beside a method of a class stands for, as far as members tell.
    pub fn thread_beside(&self, method: FnId, expr: ExprId) -> Option<ThreadValue> {
        let file = self.symbols.fn_file(method);
        let members = std::rc::Rc::new(members_of_types(self.facts(file)));
        Walker::new(self, method, members).eval(expr, true, None).thread
    }

    /// The type of an expression in a function, as far as it does not come from local variables.
    pub(super) fn type_within(&self, function: FnId, expr: ExprId) -> Option<Type> {
        let file = self.symbols.fn_file(function);
        let members = std::rc::Rc::new(members_of_types(self.facts(file)));
        Walker::new(self, function, members).eval(expr, true, None).ty
    }
}

/// Is the type local or anonymous, or inside such a one?
fn is_local(facts: &FileFacts, id: TypeDeclId) -> bool {
    let mut at = Some(id);
    while let Some(id) = at {
        let decl = &facts[id];
        if decl.function.is_some() || decl.kind == TypeKind::Anonymous {
            return true;
        }
        at = decl.owner;
    }
    false
}

fn members_of_types(facts: &FileFacts) -> Vec<Vec<FunctionId>> {
    let mut members = vec![Vec::new(); facts.types.len()];
    for (at, decl) in facts.functions.iter().enumerate() {
        if let Some(owner) = decl.owner
            && decl.parent.is_none()
            && !matches!(decl.kind, FunctionKind::Lambda | FunctionKind::AnonymousFunction)
        {
            members[owner.0 as usize].push(FunctionId(u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }
    members
}

impl<'c> Walker<'c> {
    fn new(core: &'c Core, function: FnId, members: std::rc::Rc<Vec<Vec<FunctionId>>>) -> Walker<'c> {
        let file = core.symbols.fn_file(function);
        let mut walker = Walker {
            core,
            file,
            facts: core.facts(file),
            function,
            owner: core.owner_of(function),
            locals: Vec::new(),
            receivers: Vec::new(),
            record: None,
            trail: Trail::default(),
            heap: objects::Heap::default(),
            depth: 0,
            composing: false,
            describing: false,
            unreached: false,
            settled: None,
            returns: Vec::new(),
            promised: None,
            members,
        };
        walker.receivers = walker.class_receivers(walker.owner);
        walker
    }

    /// `this` of the type and of the types around it, outermost first.
    fn class_receivers(&mut self, owner: Option<TypeId>) -> Vec<Receiver> {
        let mut receivers = Vec::new();
        let mut at = owner;
        while let Some(id) = at {
            receivers.push(self.class_receiver(id));
            at = self.core.symbols.info(id).owner;
        }
        receivers.reverse();
        receivers
    }

    fn class_receiver(&mut self, id: TypeId) -> Receiver {
        let info = self.core.symbols.info(id);
        let scope = TypeScope { file: info.file, owner: Some(id), function: None };
        let declared = &self.core.type_decl(id).params;
        let variable = |(at, param): (usize, &Name)| {
            let bound = declared.get(at).and_then(|it| it.bound.as_ref());
            let bound = bound.map(|bound| self.core.resolve_type(scope, bound));
            // `T : Any` says nothing.
            Type::variable(
                *param,
                bound.filter(|bound| !matches!(bound.class.as_str(), "kotlin.Any" | "java.lang.Object")),
            )
        };
        let args = info.params.iter().enumerate().map(variable).collect();
        let mut value = Value::typed(Type::with(info.qualified, args));
        value.callable = Callable::Object(id);
        Receiver { value, label: Name::new(info.qualified.last()), is_class: true }
    }

    fn scope(&self) -> TypeScope {
        TypeScope { file: self.file, owner: self.owner, function: Some(self.function) }
    }

    fn walk_function(&mut self, local: FunctionId) -> Value {
        let decl = &self.facts[local];
        let function = self.core.symbols.fn_id(self.file, local);
        let outer = std::mem::replace(&mut self.function, function);
        let outer_returns = std::mem::take(&mut self.returns);
        let locals = self.locals.len();
        let receivers = self.receivers.len();
        // Accessors have the receiver of their property.
        let of_property = || decl.property.and_then(|property| self.facts[property].receiver.as_ref());
        if let Some(receiver) = decl.receiver.as_ref().or_else(of_property) {
            let ty = self.core.resolve_type(self.scope(), receiver);
            let mut value = self.injected(Value::typed(ty), &[], decl.name);
            self.given_thread(function, RECEIVER, &mut value);
            self.unknown_object(&mut value, Origin::Param(function, RECEIVER));
            self.receivers.push(Receiver { value, label: decl.name, is_class: false });
        }
        self.supertype_arguments(decl.kind, decl.owner);
        self.declare_params(function, &decl.params);
        let composing = decl.annotations.iter().any(|it| it.name.last() == "Composable");
        let describing = std::mem::replace(&mut self.describing, composing);
        let composing = std::mem::replace(&mut self.composing, composing);
        let mut result = Value::default();
        let declared = decl.result.as_ref().map(|result| self.core.resolve_type(self.scope(), result));
        let promised = std::mem::replace(&mut self.promised, declared.clone());
        if let Some(body) = decl.body {
            if decl.kind == FunctionKind::Constructor {
                self.unwritten_super(body);
            }
            let value = if decl.expression_body {
                self.expression_body(body, declared.as_ref())
            } else {
                self.eval(body, false, None)
            };
            if decl.expression_body {
                result = value;
            } else if let Some(first) = self.returns.first() {
                let (first, others) = (first.clone(), self.returns.split_off(1));
                result = others.into_iter().fold(first, |all, value| self.joined(all, value));
            }
            if let Some(declared) = declared {
                result.ty = Some(declared);
            }
        }
        self.composing = composing;
        self.describing = describing;
        self.locals.truncate(locals);
        self.receivers.truncate(receivers);
        self.function = outer;
        self.returns = outer_returns;
        self.promised = promised;
        self.gives_code(function, &result.callable);
        result
    }

    /// Notes which code a function or lambda gives back.
    fn gives_code(&mut self, function: FnId, code: &Callable) {
        if let (Some(record), false) = (&mut self.record, code.is_none()) {
            record.code_given.push((function, code.clone()));
        }
    }

    fn expression_body(&mut self, body: ExprId, expected: Option<&Type>) -> Value {
        match &self.facts[body].kind {
            crate::facts::ExprKind::Block(items) => {
                let mut value = Value::default();
                for item in items {
                    value = self.eval(*item, true, expected);
                }
                value
            }
            _ => self.eval(body, true, expected),
        }
    }

    /// Arguments of `: Base(args)` and `by` expressions run with the initialiser or, without one, with the first constructor.
    fn supertype_arguments(&mut self, kind: FunctionKind, owner: Option<TypeDeclId>) {
        let Some(owner) = owner else { return };
        let has_initializer =
            self.members[owner.0 as usize].iter().any(|id| self.facts[*id].kind == FunctionKind::Initializer);
        let runs_here = match kind {
            FunctionKind::Initializer => true,
            FunctionKind::Constructor => !has_initializer,
            _ => false,
        };
        if !runs_here {
            return;
        }
        // Primary constructor parameters are visible to initialisers and supertype arguments.
        self.primary_parameters(owner);
        for supertype in &self.facts[owner].supertypes {
            if let Some(args) = supertype.args.as_deref().filter(|args| !args.is_empty()) {
                self.super_constructor(&supertype.ty, args);
            }
            if let Some(delegate) = supertype.delegate {
                self.eval(delegate, true, None);
            }
        }
    }

    /// Puts the parameters of a primary constructor in scope, for initialisers and property inference.
    fn primary_parameters(&mut self, owner: TypeDeclId) {
        let constructor = self.members[owner.0 as usize]
            .iter()
            .find(|id| self.facts[**id].kind == FunctionKind::Constructor && self.facts[**id].body.is_none())
            .copied();
        if let Some(constructor) = constructor {
            let function = self.core.symbols.fn_id(self.file, constructor);
            self.declare_params(function, &self.facts[constructor].params);
        }
    }

    fn declare_params(&mut self, function: FnId, params: &'c [Param]) {
        for (at, param) in params.iter().enumerate() {
            let ty = param.ty.as_ref().map(|ty| self.core.resolve_type(self.scope(), ty));
            let ty = match ty {
                Some(ty) if param.modifiers.contains(crate::facts::Modifiers::VARARG) => {
                    Some(Type::with(Name::new("kotlin.Array"), vec![ty]))
                }
                other => other,
            };
            let mut value = Value::maybe(ty);
            if self.takes_code(value.ty.as_ref()) || self.keeps_code(value.ty.as_ref()) {
                value.callable = Callable::Param(function, u16::try_from(at).unwrap_or(u16::MAX));
            }
            if let Some(default) = param.default {
                let default = self.eval(default, true, value.ty.clone().as_ref());
                if value.ty.is_none() {
                    value.ty = default.ty;
                }
                value.thread = default.thread;
            }
            let mut value = self.injected(value, &param.annotations, param.name);
            let index = u16::try_from(at).unwrap_or(u16::MAX - 1);
            if let Some(thread) = value.thread {
                self.core.param_threads.insert((function, index), thread);
            }
            self.given_thread(function, index, &mut value);
            self.unknown_object(&mut value, Origin::Param(function, index));
            self.locals.push(LocalValue { name: param.name, value });
        }
    }

    /// Of a dispatcher, scope or executor that is a parameter, callers decide what it stands for.
    pub(super) fn given_thread(&mut self, function: FnId, param: u16, value: &mut Value) {
        let takes =
            matches!(self.core.function(function).kind, FunctionKind::Function | FunctionKind::Constructor);
        if !takes || !value.class().is_some_and(|class| self.is_thread_like(class)) {
            return;
        }
        value.thread = Some(ThreadValue {
            target: ThreadTarget::Param(function, param),
            likely: false,
            lifetime: value.thread.and_then(|thread| thread.lifetime),
        });
    }

    /// May a value of this type be code: a function type, an interface with one method, or an observer?
    fn takes_code(&self, ty: Option<&Type>) -> bool {
        let Some(ty) = ty.and_then(Type::upper) else { return false };
        ty.is_function()
            || ty.class == accessors::LAZY
            || self.sam_of(ty).is_some()
            || self.core.lineage(ty.class).callback
    }

    /// Could it be code, or a collection of it, as far as its type tells?
    fn may_be_code(&self, ty: Option<&Type>) -> bool {
        let open = ty.and_then(Type::upper).is_none_or(Type::is_unresolved);
        open || self.takes_code(ty) || self.keeps_code(ty)
    }

    fn local(&self, name: Name) -> Option<&LocalValue> {
        self.locals.iter().rev().find(|local| local.name == name)
    }

    /// Runs an inference that belongs to another declaration, with a walker of its own there.
    fn elsewhere<T>(&mut self, function: FnId, run: impl FnOnce(&mut Walker<'c>) -> T) -> T {
        let file = self.core.symbols.fn_file(function);
        let members = if file == self.file {
            std::rc::Rc::clone(&self.members)
        } else {
            std::rc::Rc::new(members_of_types(self.core.facts(file)))
        };
        let mut other = Walker::new(self.core, function, members);
        other.trail = std::mem::take(&mut self.trail);
        let result = run(&mut other);
        self.trail = other.trail;
        result
    }
}

/// The first object, if it is not certainly the only one unsurely.
fn joined_object(first: Option<Object>, second: Option<Object>) -> Option<Object> {
    match (first, second) {
        (Some(first), Some(second)) => {
            let same = match (&first.held, &second.held) {
                (Held::Live(a), Held::Live(b)) => a == b,
                (Held::Kept(a), Held::Kept(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            Some(Object { sure: same && first.sure && second.sure, ..first })
        }
        (only, None) | (None, only) => only,
    }
}

impl Value {
    /// The bits of two values that are integers, if they are not the same constant.
    fn joined_flags(&self, other: &Value) -> Option<i64> {
        let same = self.constant.is_some() && self.constant == other.constant;
        if same { None } else { Some(self.bits()? | other.bits()?) }
    }

    /// What is true of both values, types preferring the first.
    pub(super) fn join(self, other: Value) -> Value {
        let flags = self.joined_flags(&other);
        let callable = self.callable.or(other.callable);
        let thread = match (self.thread, other.thread) {
            (Some(first), Some(second)) if first.target != second.target => {
                Some(ThreadValue { target: ThreadTarget::Unknown, likely: true, lifetime: None })
            }
            (first, second) => first.or(second),
        };
        let null = |ty: &Option<Type>| ty.as_ref().is_none_or(|ty| ty.class == "kotlin.Nothing");
        Value {
            ty: if null(&self.ty) { other.ty.or(self.ty) } else { self.ty },
            also: None,
            reference: None,
            constant: if self.constant == other.constant { self.constant } else { None },
            flags,
            callable,
            thread,
            source: if self.source == other.source { self.source } else { Source::Unknown },
            object: joined_object(self.object, other.object),
            symbol: if self.symbol == other.symbol { self.symbol } else { None },
            property: if self.property == other.property { self.property } else { None },
        }
    }
}
