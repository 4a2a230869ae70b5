//! Suspend functions that extend CoroutineScope.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/SuspendFunWithCoroutineScopeReceiver.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        let decl = cx.model.function(function);
        let Some(receiver) = decl.receiver.as_ref().filter(|_| cx.model.is_suspend(function)) else {
            continue;
        };
        let receiver = cx.model.resolve_type(cx.model.scope_of(function), receiver);
        if cx.model.is_lambda(function) || receiver.class != "kotlinx.coroutines.CoroutineScope" {
            continue;
        }
        acc.report(cx.model.fn_place(function))
            .message(format!(
                "{} suspends and extends CoroutineScope: which scope its children run in is unclear",
                decl.name
            ))
            .label("suspend, or an extension of CoroutineScope")
            .help("drop suspend where it only launches, or drop the receiver and use coroutineScope { … } inside")
            .symbol(cx.model.symbol(function))
            .key(decl.name.as_str());
    }
}
