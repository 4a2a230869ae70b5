//! What lambdas get: `this`, parameters, and the interface they stand for.

use crate::base::Name;
use crate::catalog::{TableSet, TypeExpr};
use crate::facts::{ExprId, ExprKind, FunctionId, Language, Modifiers};
use crate::signatures::{MemberFlags, Ty};

use super::super::coroutines::LambdaRole;
use super::super::scope::TypeScope;
use super::super::ty::Type;
use super::super::value::{Callable, Source, ThreadTarget, ThreadValue, Value};
use super::accessors::LAZY;
use super::composables::ComposableLambda;
use super::draft::SiteDraft;
use super::executors::EXECUTOR;
use super::signatures::{is_complete, more_exact};
use super::{LocalValue, Receiver, Walker};

/// What is known of a lambda before its body is walked.
#[derive(Clone, Default)]
pub(super) struct Expectation {
    pub(super) receiver: Option<Value>,
    pub(super) params: Vec<Value>,
    /// The functional interface it implements.
    pub(super) sam: Option<Type>,
    /// The value of its last expression matters.
    pub(super) used: bool,
    /// The type that it has to give.
    pub(super) result: Option<Type>,
    /// It runs exactly once, before the call that takes it returns.
    pub(super) in_place: bool,
    /// What its code is part of.
    pub(super) role: LambdaRole,
    /// Certainly no parameter: `it` is that of a lambda around.
    pub(super) takes_nothing: bool,
    /// It is the last lambda of a composable function of a library: content, or a list of items.
    pub(super) describes_ui: bool,
}

/// A functional interface, seen from a concrete type.
pub(super) struct SamShape {
    pub(super) method: Name,
    pub(super) params: Vec<Type>,
    /// The method is a suspend function.
    pub(super) suspend: bool,
    /// It gives nothing back.
    pub(super) unit: bool,
    pub(super) result: Option<Type>,
}

impl<'c> Walker<'c> {
    /// The single method of a functional interface, with the type's arguments put in.
    pub(super) fn sam_of(&self, ty: &Type) -> Option<SamShape> {
        if let Some(id) = self.core.symbols.type_named(ty.class) {
            let info = self.core.symbols.info(id);
            if info.kind != crate::facts::TypeKind::Interface {
                return None;
            }
            let mut abstract_methods = info
                .methods
                .values()
                .flatten()
                .filter(|method| self.core.function(**method).modifiers.contains(Modifiers::ABSTRACT));
            let (method, others) = (*abstract_methods.next()?, abstract_methods.next());
            if others.is_some() || !info.properties.is_empty() {
                return None;
            }
            let decl = self.core.function(method);
            let bindings = self.core.bindings(ty, id);
            let scope = self.core.scope_of(method);
            let params = decl
                .params
                .iter()
                .map(|param| match &param.ty {
                    Some(ty) => self.core.resolve_type(scope, ty).substitute(&bindings),
                    None => Type::unresolved("parameter"),
                })
                .collect();
            let suspend = decl.modifiers.contains(Modifiers::SUSPEND);
            let unit = decl.result.as_ref().is_none_or(|result| result.name == "Unit");
            let result = decl.result.as_ref().filter(|_| !unit);
            let result = result.map(|result| self.core.resolve_type(scope, result).substitute(&bindings));
            return Some(SamShape { method: decl.name, params, suspend, unit, result });
        }
        if let Some(sam) = self.core.catalog.sam(ty.class) {
            let params = sam.parameters.iter().map(|param| self.sam_parameter(param, ty)).collect();
            let known = self.core.signatures.single_abstract_method(ty.class);
            let unit = known.is_some_and(|sam| is_unit(&sam.method.result));
            let result = self.core.library_sam(ty).filter(|_| !unit);
            let result = result.map(|(sam, bindings)| self.core.library_type(&sam.method.result, &bindings));
            return Some(SamShape { method: sam.method, params, suspend: false, unit, result });
        }
        let (sam, bindings) = self.core.library_sam(ty)?;
        let params = sam.method.params.iter().map(|param| self.core.library_type(&param.ty, &bindings));
        let suspend = sam.method.flags.contains(MemberFlags::SUSPEND);
        let unit = is_unit(&sam.method.result);
        let result = (!unit).then(|| self.core.library_type(&sam.method.result, &bindings));
        Some(SamShape { method: sam.method.name, params: params.collect(), suspend, unit, result })
    }

    /// A library interface that a lambda may stand for.
    fn is_functional(&self, class: Name) -> bool {
        self.core.catalog.sam(class).is_some() || self.core.signatures.single_abstract_method(class).is_some()
    }

    fn sam_parameter(&self, param: &TypeExpr, ty: &Type) -> Type {
        if let Some(index) = param.name.strip_prefix('$').and_then(|index| index.parse::<usize>().ok()) {
            return ty.args.get(index).cloned().unwrap_or_else(|| Type::unresolved("parameter"));
        }
        let args = param.args.iter().map(|arg| self.sam_parameter(arg, ty)).collect();
        Type::with(param.name, args)
    }

    /// Walks the lambda arguments of a call in the light of its callee. The value is that of the last lambda.
    pub(super) fn lambda_arguments(&mut self, draft: &mut SiteDraft) -> Option<Value> {
        let mut last = None;
        for at in 0..draft.args.len() {
            if self.is_made_of_lambdas(draft.args[at].value) {
                let expected = self.argument_type(draft, at);
                draft.values[at] = self.eval(draft.args[at].value, true, expected.as_ref());
                continue;
            }
            let ExprKind::Lambda(lambda) = self.facts[draft.args[at].value].kind else {
                self.elements_run(draft, at);
                last = self.reference_runs(draft, at).or(last);
                self.reference_stands_for(draft, at);
                continue;
            };
            let mut expectation = self.expectation(draft, at);
            // `jobs.forEach { it() }`: the elements hold what the collection holds.
            if draft.declared.is_none() && self.keeps_code(draft.receiver.ty.as_ref()) {
                for param in &mut expectation.params {
                    let holds = self.takes_code(param.ty.as_ref()) || self.keeps_code(param.ty.as_ref());
                    if param.callable.is_none() && holds {
                        param.callable = draft.receiver.callable.clone();
                    }
                }
            }
            let result = self.walk_lambda(lambda, &expectation, draft.name);
            let function = self.core.symbols.fn_id(self.file, lambda);
            let params =
                expectation.params.iter().map(|value| value.ty.clone().unwrap_or_else(unknown)).collect();
            let receiver = expectation.receiver.as_ref().and_then(|value| value.ty.clone());
            let suspend = self.facts[lambda].modifiers.contains(Modifiers::SUSPEND);
            let result_type = result.ty.clone().unwrap_or_else(unknown);
            let ty =
                expectation.sam.unwrap_or_else(|| Type::function(receiver, params, result_type, suspend));
            draft.values[at] =
                Value { ty: Some(ty), callable: Callable::function(function), ..Value::default() };
            last = Some(result);
        }
        last
    }

    /// The type that a callee wants an argument to be.
    fn argument_type(&mut self, draft: &SiteDraft, at: usize) -> Option<Type> {
        let Some(declared) = draft.declared else { return self.library_parameter_type(draft, at) };
        let decl = self.core.function(declared);
        let param = self.param_of(decl, &draft.args, at).and_then(|index| decl.params.get(index))?;
        let ty = self.core.resolve_type(self.core.scope_of(declared), param.ty.as_ref()?);
        Some(ty.substitute(&self.call_bindings(draft, declared)))
    }

    pub(super) fn expectation(&mut self, draft: &SiteDraft, at: usize) -> Expectation {
        if let Some(declared) = draft.declared {
            return self.project_expectation(draft, declared, at);
        }
        if let Some(function) = &draft.function_type {
            let declared = if draft.args.get(at).is_some_and(|arg| arg.trailing) {
                function.params().last()
            } else {
                function.params().get(at)
            };
            return declared.cloned().map(|declared| self.typed_expectation(&declared)).unwrap_or_default();
        }
        if let Some(class) = draft.created
            && draft.api.is_none()
        {
            return self.typed_expectation(&Type::class(class));
        }
        let ComposableLambda { role, takes_nothing, describes_ui } = self.composable_lambda(draft, at);
        let Some(api) = draft.api else {
            return Expectation { used: true, role, takes_nothing, describes_ui, ..Expectation::default() };
        };
        if let Some(created) = draft.created
            && draft.args.len() == 1
        {
            let ty = draft.result.clone().unwrap_or_else(|| Type::class(created));
            let sam = self.sam_of(&ty);
            if sam.is_some() {
                return self.typed_expectation(&ty);
            }
        }
        let expectation = self.library_expectation(draft, at, api.class, api.member);
        let role = match role {
            LambdaRole::Unknown => expectation.role,
            role => role,
        };
        let takes_nothing = takes_nothing || expectation.takes_nothing;
        Expectation { role, takes_nothing, describes_ui, ..expectation }
    }

    /// From the declared type of a project function's parameter.
    fn project_expectation(
        &mut self,
        draft: &SiteDraft,
        declared: super::super::ids::FnId,
        at: usize,
    ) -> Expectation {
        let decl = self.core.function(declared);
        let Some(param) = self.param_of(decl, &draft.args, at).and_then(|index| decl.params.get(index))
        else {
            return Expectation::default();
        };
        let Some(ty) = &param.ty else { return Expectation::default() };
        let ty = self.core.resolve_type(self.core.scope_of(declared), ty);
        let bindings = self.call_bindings(draft, declared);
        let runs_here = decl.modifiers.contains(Modifiers::INLINE)
            && !param.modifiers.intersects(Modifiers::NOINLINE | Modifiers::CROSSINLINE);
        let expectation = self.typed_expectation(&ty.substitute(&bindings));
        let role = match expectation.role {
            LambdaRole::Plain if runs_here => LambdaRole::InPlace,
            role => role,
        };
        Expectation { in_place: runs_here, role, ..expectation }
    }

    /// From a type: a function type or a functional interface.
    pub(super) fn typed_expectation(&self, ty: &Type) -> Expectation {
        let Some(ty) = ty.upper() else { return Expectation::default() };
        if ty.is_function() {
            let unit = ty.result().is_none_or(|result| result.class == "kotlin.Unit");
            return Expectation {
                receiver: ty.receiver().map(|ty| self.lambda_receiver(ty.clone())),
                params: ty.params().iter().cloned().map(Value::typed).collect(),
                sam: None,
                used: !unit,
                result: ty.result().filter(|result| !unit && is_complete(result)).cloned(),
                in_place: false,
                role: LambdaRole::of_function(ty),
                takes_nothing: ty.params().is_empty(),
                describes_ui: false,
            };
        }
        match self.sam_of(ty) {
            Some(sam) => Expectation {
                receiver: None,
                takes_nothing: sam.params.is_empty(),
                params: sam.params.into_iter().map(Value::typed).collect(),
                sam: Some(ty.clone()),
                used: !sam.unit,
                result: sam.result.filter(is_complete),
                in_place: false,
                role: if sam.suspend { LambdaRole::Suspending } else { LambdaRole::Plain },
                describes_ui: false,
            },
            None => Expectation { used: true, ..Expectation::default() },
        }
    }

    /// `this` of a lambda; a coroutine's own scope runs children where it runs itself.
    fn lambda_receiver(&self, ty: Type) -> Value {
        let scope = self.core.inherits(ty.class, "kotlinx.coroutines.CoroutineScope");
        let thread = scope.then(|| ThreadValue::on(ThreadTarget::Caller));
        Value { ty: Some(ty), thread, ..Value::default() }
    }

    fn library_expectation(&self, draft: &SiteDraft, at: usize, class: Name, member: Name) -> Expectation {
        let catalog = self.core.catalog;
        let arity = draft.args.len();
        let inline = self.core.nearest_in(TableSet::INLINES, class, member, |class| {
            let entries = catalog.inline(class, member);
            // `x.run { }` and `run { }` are two functions, and so are those with and without a first argument.
            let on_receiver = draft.receiver_expr.is_some();
            let fits = entries.iter().find(|entry| {
                entry.extension_on.is_some() == on_receiver
                    && (on_receiver || entry.this.is_some() == (arity == 2))
            });
            fits.or(entries.first()).copied()
        });
        if let Some(inline) = inline {
            let value = |expr: &TypeExpr| self.inline_value(expr, draft);
            let ret = inline.returns.as_ref().is_some_and(contains_lambda);
            let mut params: Vec<Value> = inline.it.iter().map(value).collect();
            let has_result = self.complete_parameters(draft, at, &mut params);
            let in_place = inline.deferred.is_none();
            return Expectation {
                role: if in_place { LambdaRole::InPlace } else { LambdaRole::Plain },
                receiver: inline.this.as_ref().map(value),
                takes_nothing: inline.this.is_some() && params.is_empty(),
                params,
                sam: None,
                used: (ret || has_result) && draft.used,
                result: None,
                in_place,
                describes_ui: false,
            };
        }
        if let Some(types) =
            self.core.nearest_in(TableSet::LAMBDAS, class, member, |class| catalog.lambda(class, member))
        {
            let eval = |expr: &TypeExpr| {
                self.catalog_type(expr, &draft.receiver, class, &draft.values, &draft.type_args, None)
            };
            return Expectation {
                receiver: types.receiver.as_ref().and_then(eval).map(|ty| self.lambda_receiver(ty)),
                params: types.parameters.iter().map(|expr| Value::maybe(eval(expr))).collect(),
                takes_nothing: types.receiver.is_some() && types.parameters.is_empty(),
                sam: None,
                used: false,
                result: None,
                in_place: false,
                role: self.catalogued_role(draft, at, class, member),
                describes_ui: false,
            };
        }
        // A listener setter: the lambda is the listener's method.
        let listener = self.core.nearest_in(TableSet::SET_BY, class, member, |class| {
            catalog
                .set_by(class, member)
                .iter()
                .find_map(|entry| entry.class.filter(|it| self.is_functional(*it)))
        });
        if let Some(listener) = listener {
            return self.typed_expectation(&Type::class(listener));
        }
        if let Some(ty) = self.library_parameter_type(draft, at) {
            let role = self.library_role(draft, at);
            return Expectation { role, ..self.typed_expectation(&ty) };
        }
        // Operators of streams, flows and Rx hand the element on.
        let flow = self
            .core
            .nearest_in(TableSet::FLOWS, class, member, |class| catalog.flow(class, member))
            .is_some();
        let element =
            draft.receiver.ty.as_ref().and_then(|ty| if flow { ty.args.first().cloned() } else { None });
        Expectation {
            params: element.into_iter().map(Value::typed).collect(),
            used: true,
            role: self.catalogued_role(draft, at, class, member),
            ..Expectation::default()
        }
    }

    /// What a lambda is part of where the signature says it, or else the catalogue: coroutine builders and operators
    /// of flows take suspending code.
    fn catalogued_role(&self, draft: &SiteDraft, at: usize, class: Name, member: Name) -> LambdaRole {
        let catalog = self.core.catalog;
        match self.library_role(draft, at) {
            LambdaRole::Unknown => {}
            role => return role,
        }
        let suspends = self.core.nearest_in(TableSet::DISPATCHES, class, member, |class| {
            catalog.dispatches(class, member).first().map(|dispatch| dispatch.suspend)
        });
        let flow = || {
            let operator =
                self.core.nearest_in(TableSet::FLOWS, class, member, |class| catalog.flow(class, member));
            operator.is_some() && class.starts_with("kotlinx.coroutines.")
        };
        match suspends {
            Some(true) => LambdaRole::Suspending,
            Some(false) => LambdaRole::Plain,
            None if flow() => LambdaRole::Suspending,
            None => LambdaRole::Unknown,
        }
    }

    /// The catalogue says what a lambda's parameter stands for, the signature how many there are and of which types,
    /// and whether the lambda has a result.
    fn complete_parameters(&self, draft: &SiteDraft, at: usize, params: &mut Vec<Value>) -> bool {
        let Some(ty) = self.library_parameter_type(draft, at) else { return false };
        let declared = self.typed_expectation(&ty);
        if declared.params.len() != params.len() {
            *params = declared.params;
        } else {
            for (param, declared) in params.iter_mut().zip(declared.params) {
                let own = param.ty.take();
                param.ty =
                    if own.as_ref().is_some_and(is_complete) { own } else { more_exact(declared.ty, own) };
            }
        }
        declared.used
    }

    fn inline_value(&self, expr: &TypeExpr, draft: &SiteDraft) -> Value {
        match expr.name.as_str() {
            "$recv" => {
                let code = self.takes_code(draft.receiver.ty.as_ref());
                let callable = if code { draft.receiver.callable.clone() } else { Callable::None };
                Value { callable, ..draft.receiver.clone() }
            }
            "$arg0" => draft.values.first().cloned().unwrap_or_default(),
            "$0" => {
                let element = draft.receiver.ty.as_ref().and_then(|ty| self.element_of(ty));
                Value::maybe(
                    element.or_else(|| draft.receiver.ty.as_ref().and_then(|ty| ty.args.first().cloned())),
                )
            }
            _ => Value::maybe(self.plain_type(expr)),
        }
    }

    /// A lambda that is not an argument: assigned, returned, compared.
    pub(super) fn free_lambda(&mut self, local: FunctionId, expected: Option<&Type>) -> Value {
        let expectation = expected.map(|ty| self.typed_expectation(ty)).unwrap_or_default();
        let result = self.walk_lambda(local, &expectation, Name::default());
        let function = self.core.symbols.fn_id(self.file, local);
        let params =
            expectation.params.iter().map(|value| value.ty.clone().unwrap_or_else(unknown)).collect();
        let ty = match expected {
            Some(expected) if expected.is_function() || expectation.sam.is_some() => expected.clone(),
            _ => Type::function(None, params, result.ty.unwrap_or_else(unknown), false),
        };
        let is_executor = expected.is_some_and(|ty| ty.class == EXECUTOR);
        let thread = if is_executor { self.thread_of_lambda(local) } else { None };
        Value { ty: Some(ty), callable: Callable::function(function), thread, ..Value::default() }
    }

    fn walk_lambda(&mut self, local: FunctionId, expectation: &Expectation, callee: Name) -> Value {
        let facts = self.facts;
        let decl = &facts[local];
        let function = self.core.symbols.fn_id(self.file, local);
        if let Some(sam) = &expectation.sam
            && let Some(record) = &mut self.record
        {
            record.lambda_types.push((function, sam.clone()));
        }
        let outer = std::mem::replace(&mut self.function, function);
        let outer_returns = std::mem::take(&mut self.returns);
        let locals = self.locals.len();
        let receivers = self.receivers.len();
        if let Some(receiver) = &expectation.receiver {
            self.receivers.push(Receiver { value: receiver.clone(), label: callee, is_class: false });
        }
        if decl.params.is_empty() && !expectation.takes_nothing {
            let it = expectation.params.first().cloned().unwrap_or_default();
            self.locals.push(LocalValue { name: Name::new("it"), value: it });
        }
        let scope = TypeScope { file: self.file, owner: self.owner, function: Some(function) };
        for (at, param) in decl.params.iter().enumerate() {
            let declared = param.ty.as_ref().map(|ty| self.core.resolve_type(scope, ty));
            let mut value = expectation.params.get(at).cloned().unwrap_or_default();
            if declared.is_some() {
                value.ty = declared;
            }
            let holds = self.takes_code(value.ty.as_ref()) || self.keeps_code(value.ty.as_ref());
            if holds && value.callable.is_none() {
                value.callable = Callable::Param(function, u16::try_from(at).unwrap_or(u16::MAX));
            }
            self.locals.push(LocalValue { name: param.name, value });
        }
        let role = LambdaRole::written(decl).unwrap_or(expectation.role);
        if let Some(record) = &mut self.record {
            record.lambda_roles.push((function, role));
        }
        let composing = match role {
            LambdaRole::Composable => true,
            LambdaRole::InPlace => self.composing,
            LambdaRole::Plain | LambdaRole::Suspending | LambdaRole::Unknown => false,
        };
        let composing = std::mem::replace(&mut self.composing, composing);
        let describing = match role {
            LambdaRole::InPlace => self.describing,
            role => expectation.describes_ui || role == LambdaRole::Composable,
        };
        let describing = std::mem::replace(&mut self.describing, describing);
        let later = u16::from(!expectation.in_place);
        self.depth += later;
        // In a lambda that Kotlin inlines, `return` leaves the function around.
        let leaves = expectation.in_place && self.facts.language == Language::Kotlin;
        let own = if leaves { self.promised.clone() } else { expectation.result.clone() };
        let promised = std::mem::replace(&mut self.promised, own);
        let result = expectation.result.as_ref();
        let mut value = decl.body.map(|body| self.eval(body, expectation.used, result)).unwrap_or_default();
        self.promised = promised;
        self.depth -= later;
        self.composing = composing;
        self.describing = describing;
        if let Some(returned) = self.returns.first() {
            let all = self.returns.iter().skip(1);
            let callable = all.fold(returned.callable.clone(), |code, it| code.or(it.callable.clone()));
            value = Value { callable, ..returned.clone() };
        }
        self.gives_code(function, &value.callable);
        if let (Some(object), true) = (&value.object, self.record.is_some()) {
            let object = self.snapshot(object);
            if let Some(record) = &mut self.record {
                record.lambda_objects.push((function, object));
            }
        }
        self.locals.truncate(locals);
        self.receivers.truncate(receivers);
        self.function = outer;
        self.returns = outer_returns;
        value
    }

    /// What is behind `by expression`.
    pub(super) fn delegated(&mut self, delegate: ExprId, declared: Option<&Type>) -> Value {
        let value = self.eval(delegate, true, None);
        let mut result = Value { source: Source::Unknown, symbol: None, ..value.clone() };
        result.ty = declared.cloned().or_else(|| self.delegate_type(delegate, &value));
        if self.takes_code(result.ty.as_ref()) || self.keeps_code(result.ty.as_ref()) {
            result.callable = self.made_lazily(delegate);
        } else if value.class().is_some_and(|class| class == LAZY) {
            result.callable = Callable::None;
        }
        result
    }

    /// `by lazy { { item -> … } }`: what the block gives.
    fn made_lazily(&self, delegate: ExprId) -> Callable {
        let ExprKind::Call(call) = &self.facts[delegate].kind else { return Callable::None };
        let block = call.args.last().filter(|_| call.name == "lazy").map(|arg| &self.facts[arg.value].kind);
        match block {
            Some(ExprKind::Lambda(block)) => {
                Callable::function(self.core.symbols.fn_id(self.file, *block)).result()
            }
            _ => Callable::None,
        }
    }

    fn delegate_type(&mut self, delegate: ExprId, value: &Value) -> Option<Type> {
        let ExprKind::Call(call) = &self.facts[delegate].kind else {
            return self.library_get_value(value).or_else(|| value.ty.clone());
        };
        let type_args: Vec<Type> =
            call.type_args.iter().map(|ty| self.core.resolve_type(self.scope(), ty)).collect();
        let functions = self.core.catalog.functions(call.name);
        let known = functions.iter().find_map(|it| self.core.catalog.delegate(it.facade, call.name));
        if let Some(known) = known {
            match known.name.as_str() {
                "$T" => return type_args.into_iter().next(),
                "$lambda" => return value.ty.as_ref().and_then(|ty| ty.args.first().cloned()),
                _ => return self.plain_type(known),
            }
        }
        // Any other delegate function with a type argument: `by inject<T>()` of some container.
        type_args.into_iter().next().or_else(|| self.library_get_value(value)).or_else(|| match &value.ty {
            Some(ty) if ty.class == "kotlin.Lazy" => ty.args.first().cloned(),
            Some(ty) => self.delegate_get_value(ty),
            None => None,
        })
    }

    /// What a library's `operator fun State<T>.getValue(…)` gives.
    fn library_get_value(&self, value: &Value) -> Option<Type> {
        let class = value.class()?;
        let member = Name::new("getValue");
        self.catalog_result(value, class, member, &[], None, None).ty
    }

    fn delegate_get_value(&mut self, ty: &Type) -> Option<Type> {
        let class = ty.upper()?.class;
        let method = self.core.all_methods_named(class, Name::new("getValue")).into_iter().next()?;
        self.result_of(method, Some(ty), &[], None).ty
    }
}

fn is_unit(ty: &Ty) -> bool {
    matches!(ty, Ty::Class(name, _) if matches!(name.as_str(), "kotlin.Unit" | "void"))
}

fn unknown() -> Type {
    Type::unresolved("unknown")
}

fn contains_lambda(expr: &TypeExpr) -> bool {
    expr.name == "$lambda" || expr.args.iter().any(contains_lambda)
}
