//! Threads of executors and handlers of the project's own classes: `class MainExecutor : Executor { … handler.post(r) }`,
//! `class MainHandler : Handler(Looper.getMainLooper())`.

use crate::base::{Name, Span};
use crate::catalog::{TableSet, ThreadWord};
use crate::facts::{Arg, Expr, ExprId, ExprKind, FileFacts, FunctionId, FunctionKind};

use super::super::ids::{FnId, TypeId};
use super::super::value::{Thread, ThreadTarget, ThreadValue, Value};
use super::Walker;
use super::draft::SiteDraft;
use super::library::word_target;

pub(super) const EXECUTOR: &str = "java.util.concurrent.Executor";
const HANDLER: &str = "android.os.Handler";

impl<'c> Walker<'c> {
    /// The thread that an object made here stands for: by what its class does with the code it is given, or by its base
    /// class.
    pub(super) fn created_thread(&mut self, draft: &SiteDraft) -> Option<ThreadValue> {
        let class = draft.created?;
        let id = self.core.symbols.type_named(class)?;
        let thread = if self.core.inherits(class, HANDLER) {
            self.thread_of_handler(id, draft)
        } else if self.core.inherits(class, EXECUTOR) {
            self.thread_of_executor(id)
        } else {
            None
        }?;
        match thread.target {
            ThreadTarget::Param(constructor, index) if self.is_constructor_of(constructor, id) => {
                self.thread_given(constructor, index, Some(draft))
            }
            _ => Some(thread),
        }
    }

    /// The thread of an `object` that is an executor or a handler.
    pub(super) fn thread_of_object(&mut self, id: TypeId) -> Option<ThreadValue> {
        let class = self.core.symbols.info(id).qualified;
        self.core.inherits(class, EXECUTOR).then(|| self.thread_of_executor(id)).flatten()
    }

    fn is_constructor_of(&self, function: FnId, class: TypeId) -> bool {
        let decl = self.core.function(function);
        self.core.owner_of(function) == Some(class)
            && matches!(decl.kind, FunctionKind::Constructor | FunctionKind::Initializer)
    }

    fn thread_of_executor(&mut self, id: TypeId) -> Option<ThreadValue> {
        let own = self.core.methods_named(id, Name::new("execute"));
        let written = own.into_iter().find(|it| {
            let decl = self.core.function(*it);
            decl.body.is_some() && decl.params.len() == 1
        });
        match written {
            Some(execute) => self.thread_of_execute(execute),
            None => self.thread_of_base(self.core.symbols.info(id).qualified),
        }
    }

    /// Of `class Pool : ThreadPoolExecutor(…)`.
    fn thread_of_base(&self, class: Name) -> Option<ThreadValue> {
        let init = Name::new("<init>");
        let of_class = |class: Name| self.core.catalog.dispatcher(class.join(init));
        let dispatcher = self.core.nearest_in(TableSet::THREADS, class, init, of_class)?;
        let target = word_target(dispatcher.thread)?;
        Some(ThreadValue { target, likely: dispatcher.likely, lifetime: None })
    }

    /// Where `execute` has its command run.
    fn thread_of_execute(&mut self, execute: FnId) -> Option<ThreadValue> {
        let file = self.core.symbols.fn_file(execute);
        let facts = self.core.facts(file);
        let decl = self.core.function(execute);
        let commands = Commands::of(facts, facts[decl.body?].span, decl.params[0].name);
        let owner = self.core.owner_of(execute);
        self.in_class(file, owner, |walker| walker.thread_of_commands(&commands))
    }

    /// The same of an executor that is a lambda: `Executor { handler.post(it) }`.
    pub(super) fn thread_of_lambda(&mut self, local: FunctionId) -> Option<ThreadValue> {
        let decl = &self.facts[local];
        let command = decl.params.first().map_or(Name::new("it"), |param| param.name);
        let commands = Commands::of(self.facts, self.facts[decl.body?].span, command);
        self.quietly(|walker| walker.thread_of_commands(&commands))
    }

    /// Evaluates again what is recorded already.
    fn quietly<T>(&mut self, run: impl FnOnce(&mut Walker<'c>) -> T) -> T {
        let record = self.record.take();
        let result = run(self);
        self.record = record;
        result
    }

    /// The executor that code becomes where one is wanted.
    pub(super) fn thread_as_executor(&mut self, wanted: Name, code: ExprId) -> Option<ThreadValue> {
        match self.facts[code].kind {
            _ if wanted != EXECUTOR => None,
            ExprKind::Lambda(local) => self.thread_of_lambda(local),
            ExprKind::FunctionRef { receiver: None, name } => self.thread_of_own_call(name),
            ExprKind::FunctionRef { receiver: Some(receiver), name } => {
                let receiver = self.quietly(|walker| walker.eval(receiver, true, None));
                self.thread_of_call(&receiver, name)
            }
            _ => None,
        }
    }

    /// By what a command is handed to, else by itself.
    fn thread_of_commands(&mut self, commands: &Commands) -> Option<ThreadValue> {
        let mut found: Option<ThreadValue> = None;
        for (_, receiver, name) in &commands.handed {
            let thread = match receiver {
                Some(receiver) => {
                    let receiver = self.eval(*receiver, true, None);
                    self.thread_of_call(&receiver, *name)
                }
                None if *name == "Thread" => Some(ThreadValue::on(ThreadTarget::On(Thread::Worker))),
                None => self.thread_of_own_call(*name),
            };
            let Some(thread) = thread else { continue };
            if found.is_some_and(|other| other.target != thread.target) {
                return Some(ThreadValue::on(ThreadTarget::Unknown));
            }
            found = Some(thread);
        }
        // `if (isMainThread()) command.run() else handler.post(command)` is the handler's thread.
        let here = !commands.in_place.is_empty() && commands.handed.is_empty();
        found.or_else(|| here.then(|| ThreadValue::on(ThreadTarget::Caller)))
    }

    /// `runOnUiThread(command)`, `post(command)` of an object around.
    fn thread_of_own_call(&self, name: Name) -> Option<ThreadValue> {
        self.receivers.iter().rev().find_map(|receiver| self.thread_of_call(&receiver.value, name))
    }

    /// `handler.post(command)`, `view.post(command)`.
    fn thread_of_call(&self, receiver: &Value, name: Name) -> Option<ThreadValue> {
        let class = receiver.class()?;
        let dispatches = |class| self.core.catalog.dispatches(class, name).first().copied();
        let entry = self.core.nearest_in(TableSet::DISPATCHES, class, name, dispatches);
        match entry?.thread {
            ThreadWord::Receiver => receiver.thread,
            word => word_target(word).map(ThreadValue::on),
        }
    }

    /// By the looper that it is made with, or that its class hands up.
    fn thread_of_handler(&mut self, id: TypeId, draft: &SiteDraft) -> Option<ThreadValue> {
        if let Some(given) = draft.values.iter().find_map(|value| value.thread) {
            return Some(given);
        }
        let file = self.core.symbols.info(id).file;
        let handed = self.core.base_arguments(id)?;
        let values: Vec<ExprId> = handed.iter().map(|arg| arg.value).collect();
        self.in_class(file, Some(id), |walker| {
            values.into_iter().find_map(|value| walker.eval(value, true, None).thread)
        })
    }
}

/// What the body of an executor does with the command that it is given.
struct Commands {
    /// Calls that get it: place, receiver, name.
    handed: Vec<(Span, Option<ExprId>, Name)>,
    /// Calls of its `run`, outside of those.
    in_place: Vec<Span>,
}

impl Commands {
    fn of(facts: &FileFacts, within: Span, command: Name) -> Commands {
        let is_command = |id: &ExprId| is_name(&facts[*id], command);
        let inside = facts.exprs.iter().filter(|expr| within.contains(expr.span));
        let named: Vec<Span> = inside.clone().filter(|it| is_name(it, command)).map(|it| it.span).collect();
        let mentions = |arg: &Arg| named.iter().any(|name| facts[arg.value].span.contains(*name));
        let mut commands = Commands { handed: Vec::new(), in_place: Vec::new() };
        for expr in inside {
            let ExprKind::Call(call) = &expr.kind else { continue };
            match call.receiver {
                Some(receiver) if is_command(&receiver) && call.name == "run" => {
                    commands.in_place.push(expr.span);
                }
                receiver if call.args.iter().any(mentions) => {
                    commands.handed.push((expr.span, receiver, call.name));
                }
                _ => {}
            }
        }
        let handed = &commands.handed;
        commands.in_place.retain(|place| !handed.iter().any(|(span, ..)| span.contains(*place)));
        commands
    }
}

fn is_name(expr: &Expr, name: Name) -> bool {
    matches!(&expr.kind, ExprKind::Name(it) if *it == name)
}
