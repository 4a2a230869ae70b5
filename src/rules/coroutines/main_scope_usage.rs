//! `MainScope()`.

use crate::base::Name;
use crate::facts::ExprKind;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "coroutines", doc: include_str!("../../../rules/coroutines/MainScopeUsage.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let made = site
            .api
            .is_some_and(|api| api.member == "MainScope" && api.class.starts_with("kotlinx.coroutines"));
        if !made {
            continue;
        }
        report(acc, site.point(), cx.model.symbol(site.function));
    }
    for (file, entry) in cx.model.project.files() {
        let Some(facts) = &entry.facts else { continue };
        for expr in &facts.exprs {
            if let ExprKind::FunctionRef { receiver: None, name } = expr.kind
                && cx.model.imported_as(file, name) == Some(Name::new("kotlinx.coroutines.MainScope"))
            {
                let place = Place { file, span: expr.span };
                let symbol = cx.model.function_at(place).map(|it| cx.model.symbol(it));
                report(acc, place, symbol.unwrap_or_default());
            }
        }
    }
}

fn report(acc: &mut Findings<'_>, place: Place, symbol: String) {
    acc.report(place)
        .message(
            "MainScope() is bound to no lifecycle and runs on the real main dispatcher, in tests as well",
        )
        .label("belongs to nobody")
        .help("use viewModelScope or lifecycleScope, or take a CoroutineScope as a parameter")
        .symbol(symbol)
        .key("MainScope");
}
