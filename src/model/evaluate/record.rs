//! Drafts of call sites become call sites.

use crate::facts::ExprKind;

use super::super::calls::{ArgFacts, ArgValue, CallSite, SiteKind};
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    pub(super) fn record(&mut self, draft: SiteDraft) {
        let Some(record) = &mut self.record else { return };
        let Some(expr) = self.facts.exprs.get(draft.expr.0 as usize) else { return };
        if draft.kind == SiteKind::Call || draft.kind == SiteKind::Create {
            record.calls_total += 1;
            record.calls_resolved += usize::from(draft.resolved() || draft.function_type.is_some());
        }
        if !draft.resolved() {
            return;
        }
        let name_span = match &expr.kind {
            ExprKind::Call(call) => call.name_span,
            ExprKind::Member { name_span, .. } => *name_span,
            _ => expr.span,
        };
        let mut args: Vec<ArgValue> = Vec::with_capacity(draft.args.len());
        let spread = std::iter::repeat_with(|| None);
        let names = draft.args.iter().map(Some).chain(spread);
        for (value, arg) in draft.values.into_iter().zip(names) {
            args.push(ArgValue {
                name: arg.and_then(|arg| arg.name),
                value: arg.map_or(draft.expr, |arg| arg.value),
                trailing: arg.is_some_and(|arg| arg.trailing),
                callable: value.callable.clone(),
                facts: arg_facts(&value),
                ty: value.ty,
            });
        }
        record.sites.push(CallSite {
            file: self.file,
            function: self.function,
            expr: draft.expr,
            span: expr.span,
            name_span,
            name: draft.name,
            kind: draft.kind,
            receiver: draft.receiver_expr,
            receiver_facts: arg_facts(&draft.receiver),
            receiver_code: draft.receiver.callable,
            receiver_type: draft.receiver.ty,
            api: draft.api,
            targets: draft.targets,
            declared: draft.declared,
            args,
            result: draft.result,
            used: draft.used,
            invokes: draft.invokes,
        });
    }
}

fn arg_facts(value: &Value) -> Option<Box<ArgFacts>> {
    let class_literal =
        value.ty.as_ref().filter(|ty| ty.class == "java.lang.Class").and_then(|ty| ty.args.first());
    let facts = ArgFacts {
        constant: value.constant,
        thread: value.thread,
        in_memory: value.in_memory,
        intent: value.intent.clone(),
        symbol: value.symbol,
        property: value.property,
        class_literal: class_literal.and_then(Type::upper).map(|ty| ty.class),
    };
    let rare = facts.constant.is_some()
        || facts.thread.is_some()
        || facts.in_memory
        || facts.intent.is_some()
        || facts.symbol.is_some()
        || facts.property.is_some()
        || facts.class_literal.is_some();
    rare.then(|| Box::new(facts))
}
