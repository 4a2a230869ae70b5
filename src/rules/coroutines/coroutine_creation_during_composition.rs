//! Coroutines started while a composition is built.

use crate::model::LaunchScope;
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
        if !cx.model.in_composition(site.function) || !(launches_flow || launches(cx, site)) {
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

/// `launch`, or a function of the project that does it in a scope which the call brings. Of a composable it is reported in
/// there.
fn launches(cx: &Context<'_>, site: &CallSite) -> bool {
    let composable = site.declared.is_some_and(|declared| cx.model.annotated(declared, "Composable"));
    !composable && cx.model.launch(site).is_some_and(|launch| launch.scope != LaunchScope::Own)
}
