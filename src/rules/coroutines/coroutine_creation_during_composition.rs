//! Coroutines started while a composition is built.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/CoroutineCreationDuringComposition.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let launches_flow = site.name == "launchIn"
            && site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
        if !(launches_flow || cx.model.starts_coroutine(site)) || !cx.model.in_composition(site.function) {
            continue;
        }
        acc.report(site.point())
            .message(format!("{} in composition starts a coroutine with every recomposition", site.name))
            .label("runs while the composition is built")
            .help(
                "start it in LaunchedEffect(key) { … }, or from an event handler with rememberCoroutineScope(); collect flows \
                 with collectAsStateWithLifecycle()",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
    }
}
