//! The catalogue's answers as values: result types, threads, in-memory streams.

use crate::base::Name;
use crate::catalog::{Inline, TableSet, ThreadWord, TypeExpr, WrapperArg};
use crate::facts::{Annotation, ExprKind};

use super::super::ids::FnId;
use super::super::ty::Type;
use super::super::value::{Callable, Const, Source, Thread, ThreadTarget, ThreadValue, Value};
use super::accessors::LAZY;
use super::draft::SiteDraft;
use super::signatures::more_exact;
use super::{Walker, constants};

impl<'c> Walker<'c> {
    /// A catalogue type without variables.
    pub(super) fn plain_type(&self, expr: &TypeExpr) -> Option<Type> {
        if expr.name.starts_with('$') {
            return None;
        }
        let args =
            expr.args.iter().map(|arg| self.plain_type(arg).unwrap_or_else(|| Type::unresolved("unknown")));
        Some(Type::with(self.core.catalog.canonical(expr.name), args.collect()))
    }

    /// A catalogue type at a call.
    pub(super) fn catalog_type(
        &self,
        expr: &TypeExpr,
        receiver: &Value,
        class: Name,
        values: &[Value],
        type_args: &[Type],
        lambda: Option<&Value>,
    ) -> Option<Type> {
        let Some(variable) = expr.name.strip_prefix('$') else {
            let eval = |arg: &TypeExpr| {
                self.catalog_type(arg, receiver, class, values, type_args, lambda)
                    .unwrap_or_else(|| Type::unresolved("unknown"))
            };
            return Some(Type::with(
                self.core.catalog.canonical(expr.name),
                expr.args.iter().map(eval).collect(),
            ));
        };
        match variable {
            "recv" => receiver.ty.clone(),
            "lambda" => lambda.and_then(|value| value.ty.clone()).or_else(|| {
                values.iter().rev().find_map(|value| value.ty.as_ref().and_then(|ty| ty.result().cloned()))
            }),
            "T" => type_args.first().cloned().or_else(|| {
                let literal =
                    |value: &Value| value.ty.as_ref().filter(|ty| ty.class == "java.lang.Class").cloned();
                let given = values.iter().find_map(literal).and_then(|ty| ty.args.into_iter().next());
                let bound =
                    || self.catalog_type(expr.args.first()?, receiver, class, values, type_args, lambda);
                given.or_else(bound)
            }),
            _ => {
                if let Some(index) = variable.strip_prefix('T') {
                    let given = type_args.get(index.parse::<usize>().ok()?).cloned();
                    let bound =
                        || self.catalog_type(expr.args.first()?, receiver, class, values, type_args, lambda);
                    return given.or_else(bound);
                }
                if let Some(path) = variable.strip_prefix("args") {
                    let inner = path.strip_prefix('.').map(str::parse::<usize>).transpose().ok()?;
                    let types = values.iter().filter_map(|value| value.ty.as_ref());
                    let types = types.filter_map(|ty| match inner {
                        Some(index) => ty.upper()?.args.get(index),
                        None => Some(ty),
                    });
                    return self.in_common(types);
                }
                if let Some(path) = variable.strip_prefix("arg") {
                    let mut parts = path.split('.');
                    let index: usize = parts.next()?.parse().ok()?;
                    let mut ty = values.get(index)?.ty.clone()?;
                    for part in parts {
                        let index: usize = part.parse().ok()?;
                        ty = ty.args.get(index)?.clone();
                    }
                    return Some(ty);
                }
                let index: usize = variable.parse().ok()?;
                let ty = receiver.ty.as_ref()?.upper()?;
                let seen = self.core.as_super(ty, class).filter(|seen| !seen.args.is_empty());
                seen.unwrap_or_else(|| ty.clone()).args.get(index).cloned()
            }
        }
    }

    /// The nearest type that all of these are; of unrelated ones the first.
    pub(super) fn in_common<'t>(&self, types: impl Iterator<Item = &'t Type>) -> Option<Type> {
        const EVERYBODYS: [&str; 5] = [
            "java.lang.Object",
            "kotlin.Any",
            "java.lang.Comparable",
            "java.io.Serializable",
            "java.lang.Enum",
        ];
        let mut common: Option<Type> = None;
        for ty in types.filter(|ty| !ty.is_unresolved() && ty.class != "kotlin.Nothing") {
            let Some(known) = &common else {
                common = Some(ty.clone());
                continue;
            };
            let (Some(own), Some(other)) = (known.upper(), ty.upper()) else { continue };
            if self.core.inherits(other.class, &own.class) || own.is_function() {
                continue;
            }
            let lineage = self.core.lineage(own.class);
            let above = lineage.all.iter().copied().filter(|class| !EVERYBODYS.contains(&class.as_str()));
            let shared = above.into_iter().find(|class| self.core.inherits(other.class, class));
            if let Some(ty) = shared.and_then(|class| self.core.as_super(own, class)) {
                common = Some(ty);
            }
        }
        common
    }

    /// The result of a catalogued member.
    pub(super) fn catalog_result(
        &self,
        receiver: &Value,
        class: Name,
        member: Name,
        values: &[Value],
        type_args: Option<&[Type]>,
        lambda: Option<&Value>,
    ) -> Value {
        let returns = self.core.nearest_in(TableSet::RETURNS, class, member, |class| {
            self.core.catalog.returns(class, member).map(|ty| (class, ty))
        });
        let ty = returns.and_then(|(class, expr)| {
            self.catalog_type(expr, receiver, class, values, type_args.unwrap_or(&[]), lambda)
        });
        let mut value = Value::maybe(ty);
        // `remember { { save() } }`, `remember { Dispatchers.IO }`
        if let (Some(lambda), true) = (lambda, returns.is_some_and(|(_, expr)| expr.name == "$lambda")) {
            let ty = value.ty.as_ref();
            if self.takes_code(ty) || self.keeps_code(ty) {
                value.callable = lambda.callable.clone();
            }
            value.thread = lambda.thread.filter(|_| value.class().is_some_and(|it| self.is_thread_like(it)));
        }
        value
    }

    /// A library call's result with everything known of it.
    pub(super) fn library_result(&mut self, draft: &SiteDraft, lambda: Option<&Value>) -> Value {
        let Some(api) = draft.api else { return Value::default() };
        if let Some(value) = self.constant_call(draft) {
            return value;
        }
        let mut value = self.catalog_result(
            &draft.receiver,
            api.class,
            api.member,
            &draft.values,
            Some(&draft.type_args),
            lambda,
        );
        // Signatures of the platform leave type parameters of methods out: `findViewById<TextView>(id)`.
        let named = value.ty.is_some() && value.ty.as_ref() == draft.type_args.first();
        if !named {
            value.ty = more_exact(self.library_call_type(draft, lambda), value.ty);
        }
        let inline = self.core.nearest_in(TableSet::INLINES, api.class, api.member, |class| {
            self.core.catalog.inline(class, api.member).first().copied()
        });
        let gives_lambda = inline.and_then(|it| it.returns.as_ref()).is_some_and(|it| it.name == "$lambda");
        let made = if lambda.is_none() && gives_lambda { self.transformed(draft) } else { None };
        let lambda = lambda.or(made.as_ref());
        if let Some(returns) = inline.and_then(|inline| inline.returns.as_ref()) {
            match returns.name.as_str() {
                "$recv" => value = draft.receiver.clone(),
                "$lambda" if lambda.is_some() || value.ty.is_none() => {
                    value = lambda.cloned().unwrap_or_default();
                }
                "$arg0" => value = draft.values.first().cloned().unwrap_or_default(),
                _ if value.ty.is_none() => {
                    value.ty = self.catalog_type(
                        returns,
                        &draft.receiver,
                        api.class,
                        &draft.values,
                        &draft.type_args,
                        lambda,
                    );
                }
                _ => {}
            }
        }
        if value.class().is_some_and(|class| class == LAZY) && value.object.is_none() {
            // What the delegate reads later.
            value.object = lambda.and_then(|lambda| lambda.object.clone());
            value.thread = lambda.and_then(|lambda| lambda.thread);
        }
        if let Some(created) = draft.created {
            let inferred = self.created_library_type(draft, lambda);
            value.ty = inferred.or_else(|| draft.result.clone()).or_else(|| Some(Type::class(created)));
            self.holds_code(draft, &mut value);
            value.thread = draft
                .args
                .last()
                .and_then(|code| self.thread_as_executor(created, code.value))
                .or(value.thread);
        } else if value.ty.is_none() {
            value.ty = self.service_type(draft).or_else(|| {
                let class = draft.receiver.class()?;
                let type_args = Some(draft.type_args.as_slice());
                self.catalog_result(&draft.receiver, class, api.member, &draft.values, type_args, lambda).ty
            });
        }
        value.thread = self.call_thread(draft).or(value.thread);
        // `rememberCoroutineScope { Dispatchers.IO }`
        if let (Some(scope), Some(given)) = (&mut value.thread, lambda.and_then(|lambda| lambda.thread))
            && scope.lifetime.is_some()
            && given.target != ThreadTarget::Inherit
        {
            scope.target = given.target;
        }
        match self.source_of_result(draft, &value) {
            Source::Unknown => {}
            known => value.source = known,
        }
        if inline.is_some_and(Inline::keeps_code) {
            value.callable = self.made_of_code(draft);
        } else if value.class().is_some_and(|class| class == LAZY)
            || inline.is_some_and(|inline| inline.deferred.is_some_and(|when| when == "on-write"))
        {
            value.callable = self.deferred_code(draft);
        } else if value.callable.is_none() {
            value.callable = self.kept_code(draft, &value);
        }
        self.put_code(draft);
        // `intent.let { … }` is no call of the intent's own.
        let in_place = inline.and_then(|inline| inline.returns.as_ref()).is_some_and(|returns| {
            returns.name.starts_with('$') && (returns.name != "$lambda" || lambda.is_some())
        });
        if in_place {
            self.changed_by_others(draft);
        } else {
            self.track(draft, &mut value);
        }
        value
    }

    /// A comparator and its like: the result is the code that the call is given, and that of its receiver.
    fn made_of_code(&self, draft: &SiteDraft) -> Callable {
        let all = draft.values.iter().chain(std::iter::once(&draft.receiver));
        all.fold(Callable::None, |code, value| code.or(value.callable.clone()))
    }

    /// The block of `lazy { }`; of `lazy { load() }` that only calls what a parameter holds, that.
    fn deferred_code(&self, draft: &SiteDraft) -> Callable {
        let Some(code) = draft.values.last().map(|value| value.callable.clone()) else {
            return Callable::None;
        };
        let ExprKind::Lambda(lambda) = self.facts[draft.args[draft.args.len() - 1].value].kind else {
            return code;
        };
        let only = self.facts[lambda].body.and_then(|body| match &self.facts[body].kind {
            ExprKind::Block(items) if items.len() == 1 => items.first().copied(),
            ExprKind::Call(_) => Some(body),
            _ => None,
        });
        let called = only.and_then(|only| match &self.facts[only].kind {
            ExprKind::Call(call) if call.receiver.is_none() && call.args.is_empty() => self.local(call.name),
            _ => None,
        });
        match called.map(|local| &local.value.callable) {
            Some(held @ Callable::Param(..)) => held.clone(),
            _ => code,
        }
    }

    /// An object made from code (`Runnable { }`, `Thread { }`, `FutureTask(callable)`) holds that code.
    fn holds_code(&self, draft: &SiteDraft, value: &mut Value) {
        if let Some(code) = draft.values.iter().find(|value| !value.callable.is_none()) {
            value.callable = code.callable.clone();
        }
    }

    /// `getSystemService(Context.ALARM_SERVICE)`.
    fn service_type(&self, draft: &SiteDraft) -> Option<Type> {
        if draft.name != "getSystemService" {
            return None;
        }
        if let Some(ty) = draft.type_args.first() {
            return Some(ty.clone());
        }
        let literal = draft
            .values
            .iter()
            .filter_map(|value| value.ty.as_ref())
            .find(|ty| ty.class == "java.lang.Class");
        if let Some(class) = literal.and_then(|ty| ty.args.first()) {
            return Some(class.clone());
        }
        let constant = draft.values.iter().find_map(|value| value.symbol)?;
        self.core.catalog.service(constant.last()).map(Type::class)
    }

    /// Does the qualified name stand for a dispatcher or scope?
    pub(super) fn names_thread(&self, symbol: Name) -> bool {
        self.core.catalog.dispatcher(symbol).is_some() || self.core.catalog.scope(symbol).is_some()
    }

    /// A library symbol as a value: its thread or constant, if it has one.
    pub(super) fn symbol_value(&self, symbol: Name) -> Value {
        if let Some(constant) = constants::library_constant(&symbol) {
            return Value { symbol: Some(symbol), ..Value::constant(constant) };
        }
        if let Some(dispatcher) = self.core.catalog.dispatcher(symbol) {
            let thread = word_target(dispatcher.thread).map(|target| ThreadValue {
                target,
                likely: dispatcher.likely,
                lifetime: None,
            });
            return Value { thread, symbol: Some(symbol), ..Value::default() };
        }
        if let Some(scope) = self.core.catalog.scope(symbol) {
            let target = word_target(scope.dispatcher).unwrap_or(ThreadTarget::Unknown);
            let thread = ThreadValue { target, likely: scope.likely, lifetime: Some(scope.lifetime) };
            let ty = Some(Type::of("kotlinx.coroutines.CoroutineScope"));
            return Value { ty, thread: Some(thread), symbol: Some(symbol), ..Value::default() };
        }
        Value::default()
    }

    /// A call that makes or names a dispatcher, executor, handler, scheduler or scope.
    fn call_thread(&self, draft: &SiteDraft) -> Option<ThreadValue> {
        let api = draft.api?;
        let package = Name::new(api.class.qualifier()).join(api.member);
        let of_class = |class: Name| {
            let symbol = class.join(api.member);
            self.names_thread(symbol).then_some(symbol)
        };
        let symbol = self
            .core
            .nearest_in(TableSet::THREADS, api.class, api.member, of_class)
            .or_else(|| self.names_thread(package).then_some(package))
            .or_else(|| (api.member == "<init>" && self.names_thread(api.class)).then_some(api.class))?;
        if let Some(dispatcher) = self.core.catalog.dispatcher(symbol) {
            if dispatcher.thread != ThreadWord::Operand {
                let target = word_target(dispatcher.thread)?;
                return Some(ThreadValue { target, likely: dispatcher.likely, lifetime: None });
            }
            let operand = match dispatcher.of.as_ref().map(|of| of.as_str()) {
                Some("receiver") => draft.receiver.thread,
                Some("looper") => self.looper_thread(draft),
                Some(index) => match index.parse::<usize>() {
                    Ok(index) => draft.values.get(index).and_then(|value| value.thread),
                    Err(_) => draft.values.iter().find_map(|value| value.thread),
                },
                None => None,
            };
            return Some(operand.unwrap_or(ThreadValue::on(ThreadTarget::Unknown)));
        }
        let scope = self.core.catalog.scope(symbol)?;
        let lifetime = Some(scope.lifetime);
        let target = match scope.dispatcher {
            ThreadWord::DispatcherArg => {
                let given = draft.values.iter().find_map(|value| value.thread).map(|thread| thread.target);
                match given {
                    Some(ThreadTarget::Inherit) | None if draft.receiver.thread.is_none() => {
                        // A context argument that could not be understood may hold any dispatcher.
                        let understood =
                            given.is_some() || draft.values.iter().all(|value| value.ty.is_some());
                        if understood { ThreadTarget::On(Thread::Worker) } else { ThreadTarget::Unknown }
                    }
                    Some(ThreadTarget::Inherit) | None => draft.receiver.thread?.target,
                    Some(target) => target,
                }
            }
            word => word_target(word).unwrap_or(ThreadTarget::Unknown),
        };
        Some(ThreadValue { target, likely: scope.likely, lifetime })
    }

    /// The thread of a Looper argument. Without one it is the creating thread's, which is the main thread nearly always:
    /// others have no looper unless they made one.
    fn looper_thread(&self, draft: &SiteDraft) -> Option<ThreadValue> {
        let is_looper = |value: &&Value| {
            value.class().is_some_and(|class| self.core.inherits(class, "android.os.Looper"))
        };
        if let Some(looper) = draft.values.iter().find(is_looper) {
            return looper.thread;
        }
        if self.core.prepares_looper(self.function, self.facts[draft.expr].span) {
            return Some(ThreadValue::on(ThreadTarget::On(Thread::Worker)));
        }
        let known = draft.values.iter().all(|value| value.ty.is_some());
        let owner = self.owner.map(|owner| self.core.symbols.info(owner).qualified);
        let thread = owner.is_some_and(|owner| self.core.inherits(owner, "java.lang.Thread"));
        (known && !thread)
            .then(|| ThreadValue { likely: true, ..ThreadValue::on(ThreadTarget::On(Thread::Main)) })
    }

    /// `dispatcher.immediate`, `lazyHandler.value`, `scope.coroutineContext`: the property of an operand.
    pub(super) fn operand_thread(&self, receiver: &Value, name: Name) -> Option<ThreadValue> {
        match name.as_str() {
            "immediate" => receiver.thread,
            "value" if receiver.class().is_some_and(|class| class == LAZY) => receiver.thread,
            "coroutineContext" => match receiver.thread {
                None => Some(ThreadValue::on(ThreadTarget::Caller)),
                known => known,
            },
            _ => None,
        }
    }

    pub(super) fn thread_by_name(&self, name: Name) -> Option<ThreadValue> {
        let dispatcher = self.core.catalog.dispatcher_pattern(&name)?;
        let target = word_target(dispatcher.thread)?;
        Some(ThreadValue { target, likely: true, lifetime: None })
    }

    /// Adds what a qualifier, a provider, or as last resort the name says of an injected or unexplained value.
    pub(super) fn injected(&mut self, mut value: Value, annotations: &[Annotation], name: Name) -> Value {
        if value.thread.is_some_and(|thread| thread.target != ThreadTarget::Unknown) {
            return value;
        }
        let Some(class) = value.class() else { return value };
        if !self.is_thread_like(class) {
            return value;
        }
        value.thread = self
            .qualified_thread(annotations)
            .or_else(|| self.provided_thread(annotations, class))
            .or_else(|| self.pattern_thread(class, name))
            .or(value.thread);
        value
    }

    /// Dispatchers, executors, handlers, schedulers, scopes: values that say where code runs.
    pub(super) fn is_thread_like(&self, class: Name) -> bool {
        const ROOTS: [&str; 10] = [
            "kotlin.coroutines.CoroutineContext",
            "kotlinx.coroutines.CoroutineDispatcher",
            "kotlinx.coroutines.CoroutineScope",
            "java.util.concurrent.Executor",
            "android.os.Handler",
            "android.os.Looper",
            "io.reactivex.rxjava3.core.Scheduler",
            "io.reactivex.Scheduler",
            "rx.Scheduler",
            "androidx.lifecycle.LifecycleCoroutineScope",
        ];
        ROOTS.iter().any(|root| class == *root)
            || self.core.lineage(class).all.iter().any(|it| ROOTS.contains(&it.as_str()))
    }

    fn qualified_thread(&self, annotations: &[Annotation]) -> Option<ThreadValue> {
        annotations.iter().find_map(|annotation| {
            let class = self.core.resolve_dotted(self.file, self.owner, annotation.name);
            let catalog = self.core.catalog;
            let name = class.unwrap_or(annotation.name);
            // `@Dispatcher(NiaDispatchers.IO)` is filed as `Dispatcher(IO)`.
            let argument = annotation.args.first().and_then(|arg| self.last_name(arg.value));
            let dispatcher = match argument {
                Some(argument) => {
                    catalog.dispatcher_annotation(Name::new(&format!("{}({argument})", name.last())))
                }
                None => catalog.dispatcher_annotation(name),
            };
            let found = dispatcher.map(|dispatcher| (dispatcher.thread, dispatcher.likely, None));
            let found = found.or_else(|| {
                catalog
                    .scope_annotation(name)
                    .map(|scope| (scope.dispatcher, scope.likely, Some(scope.lifetime)))
            });
            let (word, likely, lifetime) = found?;
            Some(ThreadValue { target: word_target(word)?, likely, lifetime })
        })
    }

    /// The last segment of a name in an annotation's argument.
    fn last_name(&self, id: crate::facts::ExprId) -> Option<Name> {
        match &self.facts.exprs.get(id.0 as usize)?.kind {
            crate::facts::ExprKind::Name(name) | crate::facts::ExprKind::Member { name, .. } => Some(*name),
            _ => None,
        }
    }

    /// The thread of what the providers with the same qualifiers and result make, if they agree.
    fn provided_thread(&mut self, annotations: &[Annotation], class: Name) -> Option<ThreadValue> {
        let mut threads = self
            .core
            .provided(self.file, class, annotations, false)
            .into_iter()
            .filter_map(|provider| self.thread_from(provider))
            .collect::<Vec<_>>()
            .into_iter();
        let first = threads.next()?;
        threads.all(|other| other.target == first.target).then_some(first)
    }

    /// The thread of what a provider makes; its parameters are injected themselves.
    fn thread_from(&mut self, provider: FnId) -> Option<ThreadValue> {
        let made = self.function_value(provider).thread?;
        let ThreadTarget::Param(function, index) = made.target else { return Some(made) };
        if function != provider {
            return None;
        }
        let given = self.core.thread_of_param(function, index)?;
        Some(ThreadValue {
            lifetime: made.lifetime.or(given.lifetime),
            likely: made.likely || given.likely,
            ..given
        })
    }

    fn pattern_thread(&self, class: Name, name: Name) -> Option<ThreadValue> {
        if self.core.inherits(class, "kotlinx.coroutines.CoroutineScope") {
            let scope = self.core.catalog.scope_pattern(&name)?;
            let target = word_target(scope.dispatcher).unwrap_or(ThreadTarget::Unknown);
            return Some(ThreadValue { target, likely: true, lifetime: Some(scope.lifetime) });
        }
        self.thread_by_name(name)
    }

    /// Streams over memory, and wrappers of such.
    fn source_of_result(&self, draft: &SiteDraft, value: &Value) -> Source {
        let Some(api) = draft.api else { return Source::Unknown };
        let catalog = self.core.catalog;
        let wrapped = match catalog.wrapper(api.class, api.member) {
            Some(WrapperArg::Index(index)) => draft.values.get(usize::from(index)).map(source_of),
            Some(WrapperArg::Receiver) => Some(source_of(&draft.receiver)),
            None => None,
        };
        if wrapped == Some(Source::Connection) {
            return Source::Connection;
        }
        let gives = |class| catalog.in_memory_result(class, api.member).then_some(());
        let in_memory = value.class().is_some_and(|class| catalog.in_memory_type(class))
            || self.core.nearest_in(TableSet::IN_MEMORY, api.class, api.member, gives).is_some();
        if in_memory { Source::Memory } else { wrapped.unwrap_or_default() }
    }

    /// What generated code gives that has read everything before it comes back: Retrofit's bodies.
    pub(super) fn source_of_generated(&self, function: FnId, value: &Value) -> Source {
        let decl = self.core.function(function);
        if decl.body.is_some() || decl.annotations.is_empty() {
            return Source::Unknown;
        }
        let file = self.core.symbols.fn_file(function);
        let named = decl.annotations.iter().filter_map(|it| self.core.resolve_dotted(file, None, it.name));
        let annotations: Vec<Name> = named.collect();
        let mut entries = annotations.iter().flat_map(|it| self.core.catalog.generated(*it));
        let reads = entries.find_map(|entry| Some((entry, entry.in_memory_unless?)));
        let Some((entry, unless)) = reads else { return Source::Unknown };
        if annotations.contains(&unless) {
            return Source::Connection;
        }
        // A call that is still to be made.
        match value.class().is_some_and(|class| entry.non_blocking_return.contains(&class)) {
            true => Source::Unknown,
            false => Source::Memory,
        }
    }
}

/// Text itself is in memory, too (`Scanner(string)`).
fn source_of(value: &Value) -> Source {
    if matches!(value.constant, Some(Const::Str(_))) { Source::Memory } else { value.source }
}

/// A catalogue word that names a thread by itself.
pub(super) fn word_target(word: ThreadWord) -> Option<ThreadTarget> {
    Some(match word {
        ThreadWord::Main => ThreadTarget::On(Thread::Main),
        ThreadWord::Worker => ThreadTarget::On(Thread::Worker),
        ThreadWord::Binder => ThreadTarget::On(Thread::Binder),
        ThreadWord::Caller => ThreadTarget::Caller,
        ThreadWord::Inherit => ThreadTarget::Inherit,
        ThreadWord::Unknown => ThreadTarget::Unknown,
        _ => return None,
    })
}
