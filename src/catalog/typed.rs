//! One conversion per table: a row of the TOML to its typed entry.

use crate::base::Name;

use super::convert::*;
use super::entry::*;
use super::raw;

impl Convert for raw::InMemory {
    type Typed = InMemory;

    fn convert(self, cx: &Cx) -> Converted<InMemory> {
        Ok(InMemory {
            types: cx.classes(&self.types)?,
            returned_by: cx.members(&self.returned_by)?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
        })
    }
}

impl Convert for raw::Blocking {
    type Typed = Blocking;

    fn convert(self, cx: &Cx) -> Converted<Blocking> {
        if self.timeout_arg.is_some() == (self.timeout_unit.is_none() && self.unit_arg.is_none()) {
            return Err("`timeout_arg` and its unit (`timeout_unit` or `unit_arg`) go together".to_owned());
        }
        Ok(Blocking {
            class: cx.class(&self.class)?,
            methods: methods(&self.methods, "methods")?,
            kind: Name::new(&self.kind),
            cost: word("cost", &self.cost, COSTS)?,
            strictmode: self.strictmode,
            instead: name(self.instead.as_ref()),
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            toplevel: self.toplevel,
            overloads: Overloads {
                arity: self.arity,
                min_args: self.min_args,
                max_args: self.max_args,
                arg0_type: cx.classes(&self.arg0_type)?,
            },
            when_arg: self.when_arg.map(when_arg),
            resolves_host: self.resolves_host,
            made_with: name(self.made_with.as_ref()),
            timeout_arg: self.timeout_arg,
            timeout_unit: word_option(
                "timeout_unit",
                self.timeout_unit.as_ref(),
                &[("ms", Name::new("ms")), ("ns", Name::new("ns")), ("receiver", Name::new("receiver"))],
            )?,
            unit_arg: self.unit_arg,
            minor_with: name(self.minor_with.as_ref()),
            first_use: self.first_use,
            low: low(self.confidence.as_ref())?,
            rule: name(self.rule.as_ref()),
        })
    }
}

fn when_arg(when: raw::WhenArg) -> WhenArg {
    let value = match when.value {
        raw::Constant::Bool(value) => value.to_string(),
        raw::Constant::Integer(value) => value.to_string(),
        raw::Constant::Text(value) => value,
    };
    WhenArg { name: Name::new(&when.name), position: when.position, value: Name::new(&value) }
}

impl Convert for raw::Entry {
    type Typed = Entry;

    fn convert(self, cx: &Cx) -> Converted<Entry> {
        if self.class.is_some() == self.annotation.is_some() {
            return Err("an [[entry]] has either `class` and `methods`, or `annotation`".to_owned());
        }
        let rethread = ["handler", "executor", "looper"];
        if let Some(word) = self.rethread.iter().find(|word| !rethread.contains(&word.as_str())) {
            return Err(format!("`{word}` in `rethread` must be one of: {}", rethread.join(", ")));
        }
        Ok(Entry {
            methods: if self.class.is_some() { methods(&self.methods, "methods")? } else { Vec::new() },
            class: cx.class_option(self.class.as_ref())?,
            annotation: cx.class_option(self.annotation.as_ref())?,
            annotation_arg: name(self.annotation_arg.as_ref()),
            thread: word("thread", &self.thread, PLACES)?,
            background: word("background", &self.background, BACKGROUNDS)?,
            since: self.since,
            set_by: cx.members(&self.set_by)?,
            rethread: names(&self.rethread),
            low: low(self.confidence.as_ref())?,
        })
    }
}

impl Convert for raw::LambdaParameter {
    type Typed = LambdaParameter;

    fn convert(self, cx: &Cx) -> Converted<LambdaParameter> {
        if self.callee_annotation.is_none() && self.callee_package.is_empty() && self.callee_name.is_empty() {
            return Err(
                "a [[lambda_parameter]] needs `callee_annotation`, `callee_package` or `callee_name`"
                    .to_owned(),
            );
        }
        Ok(LambdaParameter {
            callee_annotation: cx.class_option(self.callee_annotation.as_ref())?,
            callee_package: names(&self.callee_package),
            callee_name: names(&self.callee_name),
            names: names(&self.names),
            thread: word("thread", &self.thread, PLACES)?,
            background: word("background", &self.background, BACKGROUNDS)?,
            composable: names(&self.composable),
            without_parameter: names(&self.without_parameter),
            composable_functions: names(&self.composable_functions),
            not_composable: names(&self.not_composable),
            in_composition: names(&self.in_composition),
        })
    }
}

impl Convert for raw::NamedCallback {
    type Typed = NamedCallback;

    fn convert(self, _: &Cx) -> Converted<NamedCallback> {
        if !self.when.starts_with("registers:") && !self.when.starts_with("layout:") {
            return Err("`when` must be registers:class.method or layout:attribute".to_owned());
        }
        Ok(NamedCallback {
            methods: methods(&self.methods, "methods")?,
            when: Name::new(&self.when),
            thread: word("thread", &self.thread, PLACES)?,
            background: word("background", &self.background, BACKGROUNDS)?,
        })
    }
}

impl Convert for raw::Assertion {
    type Typed = Assertion;

    fn convert(self, _: &Cx) -> Converted<Assertion> {
        Ok(Assertion { call: names(&self.call), thread: word("thread", &self.thread, PLACES)? })
    }
}

impl Convert for raw::Guard {
    type Typed = Guard;

    fn convert(self, cx: &Cx) -> Converted<Guard> {
        if self.call.is_empty() == self.compares.is_empty() {
            return Err("a [[guard]] has either `call` or `compares`".to_owned());
        }
        if !matches!(self.compares.len(), 0 | 2) {
            return Err("`compares` needs two calls".to_owned());
        }
        Ok(Guard {
            call: names(&self.call),
            receiver: self.receiver.map(|receiver| cx.member(&receiver)).transpose()?,
            own: self.own.map(|own| cx.member(&own)).transpose()?,
            argument: self.argument.map(|argument| cx.member(&argument)).transpose()?,
            compares: cx.members(&self.compares)?,
            then: word_option("then", self.then.as_ref(), PROOFS)?,
            otherwise: word_option("otherwise", self.otherwise.as_ref(), PROOFS)?,
            from: self.from,
        })
    }
}

impl Convert for raw::Dispatch {
    type Typed = Dispatch;

    fn convert(self, cx: &Cx) -> Converted<Dispatch> {
        let arg = match self.arg {
            None => return Err("a [[dispatch]] needs `arg`".to_owned()),
            Some(raw::IndexOrWord::Index(at)) => DispatchArg::Index(at),
            Some(raw::IndexOrWord::Word(text)) => word(
                "arg",
                &text,
                &[
                    ("trailing-lambda", DispatchArg::TrailingLambda),
                    ("any-lambda", DispatchArg::AnyLambda),
                    ("last-lambda", DispatchArg::LastLambda),
                    ("receiver", DispatchArg::Receiver),
                ],
            )?,
        };
        let thread = word("thread", &self.thread, THREADS)?;
        let position = match thread {
            ThreadWord::DispatcherArg => self.context_arg,
            ThreadWord::ExecutorArg | ThreadWord::HandlerArg => self.executor_arg,
            _ => Some(0),
        };
        if position.is_none() {
            return Err(format!("`thread = \"{}\"` needs the argument's position", self.thread));
        }
        Ok(Dispatch {
            class: cx.class(&self.class)?,
            methods: methods(&self.methods, "methods")?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            toplevel: self.toplevel,
            arg,
            thread,
            fallback: word_option("fallback", self.fallback.as_ref(), THREADS)?,
            context_arg: self.context_arg,
            executor_arg: self.executor_arg,
            blocking_until_done: self.blocking_until_done,
            suspend: self.suspend,
            runs: self.runs.map(|runs| cx.member(&runs)).transpose()?,
            min_args: self.min_args,
            imports: names(&self.imports),
            low: low(self.confidence.as_ref())?,
        })
    }
}

impl Convert for raw::Dispatcher {
    type Typed = Dispatcher;

    fn convert(self, cx: &Cx) -> Converted<Dispatcher> {
        let thread = word("thread", &self.thread, THREADS)?;
        let of = self.of.as_deref();
        let operand = of.is_some_and(|of| of == "receiver" || of == "looper" || of.parse::<u8>().is_ok());
        if (thread == ThreadWord::Operand) != operand {
            return Err(
                "`thread = \"operand\"` goes with `of`: \"receiver\", a position, or \"looper\"".to_owned()
            );
        }
        Ok(Dispatcher {
            expression: cx.members(&self.expression)?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            annotation: names(&self.annotation),
            name_pattern: names(&self.name_pattern),
            thread,
            of: of.map(Name::new),
            likely: likely(self.certainty.as_ref())?,
        })
    }
}

impl Convert for raw::Scope {
    type Typed = Scope;

    fn convert(self, cx: &Cx) -> Converted<Scope> {
        Ok(Scope {
            expression: cx.members(&self.expression)?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            annotation: names(&self.annotation),
            name_pattern: names(&self.name_pattern),
            dispatcher: word("dispatcher", &self.dispatcher, THREADS)?,
            lifetime: Name::new(&self.lifetime),
            likely: likely(self.certainty.as_ref())?,
        })
    }
}

impl Convert for raw::Inline {
    type Typed = Inline;

    fn convert(self, cx: &Cx) -> Converted<Inline> {
        Ok(Inline {
            class: cx.class(&self.class)?,
            functions: methods(&self.functions, "functions")?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            it: cx.ty_option(self.it.as_ref())?,
            this: cx.ty_option(self.this.as_ref())?,
            returns: cx.ty_option(self.returns.as_ref())?,
            lock: self.lock,
            deferred: name(self.deferred.as_ref()),
        })
    }
}

impl Convert for raw::Flow {
    type Typed = FlowOp;

    fn convert(self, cx: &Cx) -> Converted<FlowOp> {
        let runs_on = [
            ("collector", LambdaRunsOn::Collector),
            ("subscriber", LambdaRunsOn::Subscriber),
            ("upstream", LambdaRunsOn::Upstream),
            ("main", LambdaRunsOn::Main),
        ];
        let switches = [
            ("upstream", Switches::Upstream),
            ("downstream", Switches::Downstream),
            ("all", Switches::All),
            ("dispose", Switches::Dispose),
        ];
        Ok(FlowOp {
            class: cx.class(&self.class)?,
            functions: methods(&self.functions, "functions")?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            lambda_runs_on: word_option("lambda_runs_on", self.lambda_runs_on.as_ref(), &runs_on)?,
            switches: word_option("switches", self.switches.as_ref(), &switches)?,
            context_arg: self.context_arg,
            default_thread: word_option("default_thread", self.default_thread.as_ref(), PLACES)?,
            terminal: self.terminal,
        })
    }
}

impl Convert for raw::Alias {
    type Typed = Alias;

    fn convert(self, cx: &Cx) -> Converted<Alias> {
        Ok(Alias { name: Name::new(&self.name), is: cx.class(&self.is)? })
    }
}

impl Convert for raw::Type {
    type Typed = Supertypes;

    fn convert(self, cx: &Cx) -> Converted<Supertypes> {
        Ok(Supertypes { class: cx.class(&self.name)?, supertypes: cx.classes(&self.supertypes)? })
    }
}

impl Convert for raw::Returns {
    type Typed = Returns;

    fn convert(self, cx: &Cx) -> Converted<Returns> {
        Ok(Returns {
            class: cx.class(&self.class)?,
            member: Name::new(&self.member),
            ty: cx.ty(&self.r#type)?,
            toplevel: self.toplevel,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
        })
    }
}

impl Convert for raw::Service {
    type Typed = Service;

    fn convert(self, cx: &Cx) -> Converted<Service> {
        Ok(Service { constant: Name::new(&self.constant), class: cx.class(&self.r#type)? })
    }
}

impl Convert for raw::Sam {
    type Typed = Sam;

    fn convert(self, cx: &Cx) -> Converted<Sam> {
        Ok(Sam {
            interface: cx.class(&self.name)?,
            method: Name::new(&self.method),
            parameters: cx.types(&self.parameters)?,
        })
    }
}

impl Convert for raw::Lambda {
    type Typed = LambdaTypes;

    fn convert(self, cx: &Cx) -> Converted<LambdaTypes> {
        Ok(LambdaTypes {
            class: cx.class(&self.class)?,
            member: Name::new(&self.member),
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            toplevel: self.toplevel,
            receiver: cx.ty_option(self.receiver.as_ref())?,
            parameters: cx.types(&self.parameters)?,
        })
    }
}

impl Convert for raw::Generated {
    type Typed = Generated;

    fn convert(self, cx: &Cx) -> Converted<Generated> {
        let blocks = word(
            "blocks",
            &self.blocks,
            &[
                ("never", GeneratedBlocks::Never),
                ("unless-async", GeneratedBlocks::UnlessAsync),
                ("always", GeneratedBlocks::Always),
            ],
        )?;
        if blocks != GeneratedBlocks::Never && (self.kind.is_none() || self.cost.is_none()) {
            return Err("generated members that block need `kind` and `cost`".to_owned());
        }
        Ok(Generated {
            name: Name::new(&self.name),
            on_annotation: cx.class_option(self.on_annotation.as_ref())?,
            on_supertype: cx.class_option(self.on_supertype.as_ref())?,
            members_annotated: cx.classes(&self.members_annotated)?,
            non_blocking_return: cx.classes(&self.non_blocking_return)?,
            suspend_bodies_on_worker: cx.classes(&self.suspend_bodies_on_worker)?,
            in_memory_unless: cx.class_option(self.in_memory_unless.as_ref())?,
            blocks,
            kind: name(self.kind.as_ref()),
            cost: word_option("cost", self.cost.as_ref(), COSTS)?.unwrap_or(Cost::Minor),
            instead: name(self.instead.as_ref()),
            low: low(self.confidence.as_ref())?,
        })
    }
}

impl Convert for raw::Work {
    type Typed = Work;

    fn convert(self, cx: &Cx) -> Converted<Work> {
        let persistence = [
            ("persistent", Persistence::Persistent),
            ("impersistent", Persistence::Impersistent),
            ("depends", Persistence::Depends),
        ];
        Ok(Work {
            api: cx.class(&self.api)?,
            methods: names(&self.methods),
            subclass: word_option("match", self.r#match.as_ref(), &[("subclass", true)])?.unwrap_or(false),
            also: cx.classes(&self.also)?,
            request: cx.class_option(self.request.as_ref())?,
            scope_lifetime: name(self.scope_lifetime.as_ref()),
            persistence: word("persistence", &self.persistence, &persistence)?,
            urgency: word("urgency", &self.urgency, URGENCIES)?,
            recommended: Name::new(&self.recommended),
            deprecated_since: name(self.deprecated_since.as_ref()),
        })
    }
}

impl Convert for raw::Object {
    type Typed = Object;

    fn convert(self, cx: &Cx) -> Converted<Object> {
        let kinds = [
            ("mutable", ObjectKind::Mutable),
            ("value", ObjectKind::Value),
            ("stream", ObjectKind::Stream),
            ("callback", ObjectKind::Callback),
        ];
        Ok(Object { classes: cx.classes(&self.classes)?, kind: word("kind", &self.kind, &kinds)? })
    }
}

impl Convert for raw::Evidence {
    type Typed = Evidence;

    fn convert(self, _: &Cx) -> Converted<Evidence> {
        Ok(Evidence { urgency: word("urgency", &self.urgency, URGENCIES)?, names: names(&self.names) })
    }
}

impl Convert for raw::Effect {
    type Typed = Effect;

    fn convert(self, cx: &Cx) -> Converted<Effect> {
        Ok(Effect {
            class: cx.class(&self.class)?,
            methods: methods(&self.methods, "methods")?,
            is: word("is", &self.is, &[("seen", EffectKind::Seen), ("network", EffectKind::Network)])?,
            extension_on: cx.receiver(self.extension_on.as_ref())?,
            toplevel: self.toplevel,
        })
    }
}

impl Convert for raw::Confined {
    type Typed = Confined;

    fn convert(self, cx: &Cx) -> Converted<Confined> {
        Ok(Confined {
            class: cx.class(&self.class)?,
            methods: methods(&self.methods, "methods")?,
            except: names(&self.except),
            arity: self.arity,
            arg0_type: cx.classes(&self.arg0_type)?,
            looper: self.looper,
        })
    }
}
