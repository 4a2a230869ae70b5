//! Drafts of call sites become call sites.

use crate::facts::{Arg, ExprId, ExprKind};

use super::super::calls::{ArgFacts, ArgValue, CallSite, SiteKind, class_literal};
use super::super::value::{Callable, Source, Value};
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    pub(super) fn record(&mut self, draft: SiteDraft) {
        if self.unreached {
            return;
        }
        let Some(record) = &mut self.record else { return };
        let Some(expr) = self.facts.exprs.get(draft.expr.0 as usize) else { return };
        if draft.kind == SiteKind::Call || draft.kind == SiteKind::Create {
            record.calls_total += 1;
            record.calls_resolved += usize::from(draft.resolved() || draft.function_type.is_some());
        }
        let suspends = self.suspends(&draft);
        if !draft.resolved() && suspends != Some(true) && !self.takes_by_name(&draft) {
            return;
        }
        let name_span = match &expr.kind {
            ExprKind::Call(call) => call.name_span,
            ExprKind::Member { name_span, .. } => *name_span,
            _ => expr.span,
        };
        let names = draft.args.iter().map(Some).chain(std::iter::repeat(None));
        let args = draft.values.into_iter().zip(names);
        let args = args.map(|(value, arg)| self.arg_value(value, arg, draft.expr)).collect();
        let receiver_facts = self.arg_facts(&draft.receiver);
        let Some(record) = &mut self.record else { return };
        record.sites.push(CallSite {
            file: self.file,
            function: self.function,
            expr: draft.expr,
            span: expr.span,
            name_span,
            name: draft.name,
            kind: draft.kind,
            receiver: draft.receiver_expr,
            receiver_facts,
            receiver_code: draft.receiver.callable,
            receiver_type: draft.receiver.ty,
            api: draft.api,
            targets: self.core.of_variants(self.file, draft.targets),
            declared: draft.declared,
            args,
            result: draft.result,
            used: draft.used,
            invokes: draft.invokes,
            suspends,
        });
    }

    /// Does the name alone say what a call of something unknown does with the code it is given?
    fn takes_by_name(&self, draft: &SiteDraft) -> bool {
        draft.values.iter().any(|value| !value.callable.is_none())
            && self.core.catalog.lambda_parameters().iter().any(|it| it.is_called(&draft.name))
    }

    /// Is what a call runs a suspend function, as far as declarations and signatures tell?
    fn suspends(&self, draft: &SiteDraft) -> Option<bool> {
        if draft.kind != SiteKind::Call {
            return Some(false);
        }
        if let Some(shape) = draft.function_type.as_ref().and_then(|ty| ty.shape) {
            return Some(shape.suspend);
        }
        if let Some(declared) = draft.declared {
            return Some(self.core.is_suspend(declared));
        }
        match &draft.invokes {
            Callable::Functions(functions) => Some(functions.iter().any(|it| self.core.is_suspend(*it))),
            _ => draft.suspends.get(),
        }
    }

    /// A value as an argument; `call` stands in where no argument is written (indices, assigned values).
    pub(super) fn arg_value(&self, value: Value, arg: Option<&Arg>, call: ExprId) -> ArgValue {
        ArgValue {
            name: arg.and_then(|arg| arg.name),
            value: arg.map_or(call, |arg| arg.value),
            trailing: arg.is_some_and(|arg| arg.trailing),
            facts: self.arg_facts(&value),
            callable: value.callable,
            ty: value.ty,
        }
    }

    pub(super) fn arg_facts(&self, value: &Value) -> Option<Box<ArgFacts>> {
        let facts = ArgFacts {
            constant: value.constant,
            flags: value.flags,
            thread: value.thread,
            in_memory: value.source == Source::Memory,
            object: value.object.as_ref().map(|object| self.snapshot(object)),
            symbol: value.symbol,
            property: value.property,
            class_literal: value.ty.as_ref().and_then(class_literal),
        };
        let rare = facts.constant.is_some()
            || facts.flags.is_some()
            || facts.thread.is_some()
            || facts.in_memory
            || facts.object.is_some()
            || facts.symbol.is_some()
            || facts.property.is_some()
            || facts.class_literal.is_some();
        rare.then(|| Box::new(facts))
    }
}
