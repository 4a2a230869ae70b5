//! `suspend` on functions that never suspend.

use crate::facts::{FunctionKind, Modifiers, TypeKind};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/RedundantSuspendModifier.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        let decl = cx.model.function(function);
        if decl.kind != FunctionKind::Function || !cx.model.is_suspend(function) || decl.body.is_none() {
            continue;
        }
        let bound = Modifiers::OVERRIDE
            | Modifiers::ABSTRACT
            | Modifiers::ACTUAL
            | Modifiers::EXPECT
            | Modifiers::OPERATOR;
        let owner = cx.model.owner_of(function).map(|owner| cx.model.symbols.info(owner).kind);
        // Members may be overridden by what suspends, unless they are final.
        let open = owner.is_some() && decl.parent.is_none() && !decl.modifiers.contains(Modifiers::FINAL);
        let may_be_overridden = owner == Some(TypeKind::Interface)
            || open && !decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::STATIC);
        if decl.modifiers.intersects(bound)
            || may_be_overridden
            || has_twin(cx, function)
            || !cx.model.never_suspends(function)
        {
            continue;
        }
        acc.report(cx.model.fn_place(function))
            .message(format!("{} never suspends: suspend is redundant", decl.name))
            .label("calls no suspend function")
            .help("drop suspend, so that any code may call it; or do its blocking work in withContext(Dispatchers.IO) { … }")
            .symbol(cx.model.symbol(function))
            .key(decl.name.as_str());
    }
}

/// Another variant declares the same class or function, and there it may suspend.
fn has_twin(cx: &Context<'_>, function: FnId) -> bool {
    let symbols = &cx.model.symbols;
    match cx.model.owner_of(function) {
        Some(owner) => {
            symbols.types_by_name.get(&symbols.info(owner).qualified).is_some_and(|all| all.len() > 1)
        }
        None => {
            let package = cx.model.facts(symbols.fn_file(function)).package;
            let name = package.join(cx.model.function(function).name);
            symbols.functions_by_name.get(&name).is_some_and(|all| all.len() > 1)
        }
    }
}
