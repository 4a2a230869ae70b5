//! `MainScope()`.

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
        acc.report(site.point())
            .message(
                "MainScope() is bound to no lifecycle and runs on the real main dispatcher, in tests as well",
            )
            .label("belongs to nobody")
            .help("use viewModelScope or lifecycleScope, or take a CoroutineScope as a parameter")
            .symbol(cx.model.symbol(site.function))
            .key("MainScope");
    }
}
