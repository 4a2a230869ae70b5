//! Threads of executors and handlers of the project's own classes: `class MainExecutor : Executor { … handler.post(r) }`,
//! `class MainHandler : Handler(Looper.getMainLooper())`.

use crate::base::{Name, Span};
use crate::catalog::TableSet;
use crate::facts::{Arg, Expr, ExprId, ExprKind, FunctionKind};

use super::super::ids::{FnId, TypeId};
use super::super::value::{Thread, ThreadTarget, ThreadValue};
use super::Walker;
use super::draft::SiteDraft;
use super::library::word_target;

const EXECUTOR: &str = "java.util.concurrent.Executor";
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

    /// Where `execute` has its command run: by what it hands it to, else by itself.
    fn thread_of_execute(&mut self, execute: FnId) -> Option<ThreadValue> {
        let file = self.core.symbols.fn_file(execute);
        let facts = self.core.facts(file);
        let decl = self.core.function(execute);
        let (command, within) = (decl.params[0].name, facts[decl.body?].span);
        let is_command = |id: &ExprId| is_name(&facts[*id], command);
        let named: Vec<Span> =
            facts.exprs.iter().filter(|it| is_name(it, command)).map(|it| it.span).collect();
        let mentions = |arg: &Arg| named.iter().any(|name| facts[arg.value].span.contains(*name));
        let mut handed = Vec::new();
        let mut in_place = Vec::new();
        for expr in facts.exprs.iter().filter(|expr| within.contains(expr.span)) {
            let ExprKind::Call(call) = &expr.kind else { continue };
            match call.receiver {
                Some(receiver) if is_command(&receiver) && call.name == "run" => in_place.push(expr.span),
                Some(receiver) if call.args.iter().any(mentions) => handed.push((expr.span, Some(receiver))),
                None if call.name == "Thread" && call.args.iter().any(mentions) => {
                    handed.push((expr.span, None));
                }
                _ => {}
            }
        }
        let owner = self.core.owner_of(execute);
        let mut found: Option<ThreadValue> = None;
        for (_, receiver) in &handed {
            let thread = match receiver {
                Some(receiver) => {
                    let thread =
                        self.in_class(file, owner, |walker| walker.eval(*receiver, true, None).thread);
                    let Some(thread) = thread else { continue };
                    thread
                }
                None => ThreadValue::on(ThreadTarget::On(Thread::Worker)),
            };
            if found.is_some_and(|other| other.target != thread.target) {
                return Some(ThreadValue::on(ThreadTarget::Unknown));
            }
            found = Some(thread);
        }
        let inside = |place: &Span| handed.iter().any(|(span, _)| span.contains(*place));
        // `if (isMainThread()) command.run() else handler.post(command)` is the handler's thread.
        found.or_else(|| {
            let here = in_place.iter().any(|place| !inside(place)) && handed.is_empty();
            here.then(|| ThreadValue::on(ThreadTarget::Caller))
        })
    }

    /// By the looper that it is made with, or that its class hands up.
    fn thread_of_handler(&mut self, id: TypeId, draft: &SiteDraft) -> Option<ThreadValue> {
        if let Some(given) = draft.values.iter().find_map(|value| value.thread) {
            return Some(given);
        }
        let file = self.core.symbols.info(id).file;
        let facts = self.core.facts(file);
        let supertypes = &self.core.type_decl(id).supertypes;
        let base = supertypes.iter().find_map(|it| it.args.as_deref()).filter(|args| !args.is_empty());
        let constructors = self.core.symbols.info(id).constructors.iter().copied();
        let bodies = constructors.filter_map(|it| self.core.function(it).body);
        let handed = base.or_else(|| bodies.into_iter().find_map(|body| facts.super_arguments(body)))?;
        let values: Vec<ExprId> = handed.iter().map(|arg| arg.value).collect();
        self.in_class(file, Some(id), |walker| {
            values.into_iter().find_map(|value| walker.eval(value, true, None).thread)
        })
    }
}

fn is_name(expr: &Expr, name: Name) -> bool {
    matches!(&expr.kind, ExprKind::Name(it) if *it == name)
}
