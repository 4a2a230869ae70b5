//! Suspend functions that give a flow.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/SuspendFunWithFlowReturnType.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        let decl = cx.model.function(function);
        if cx.model.is_lambda(function) || !cx.model.is_suspend(function) {
            continue;
        }
        let result = match &decl.result {
            Some(result) => Some(cx.model.resolve_type(cx.model.scope_of(function), result)),
            None if decl.expression_body => cx.model.inferred_result(function),
            None => None,
        };
        let is_flow = result.as_ref().and_then(|ty| ty.upper());
        if !is_flow.is_some_and(|ty| cx.model.inherits(ty.class, "kotlinx.coroutines.flow.Flow")) {
            continue;
        }
        acc.report(cx.model.fn_place(function))
            .message(format!(
                "{} suspends and gives a Flow: the caller has to wait before it may collect",
                decl.name
            ))
            .label("a flow needs no suspend")
            .help("drop suspend and move what suspends into the flow: flow { … }, onStart { … }")
            .symbol(cx.model.symbol(function))
            .key(decl.name.as_str());
    }
}
