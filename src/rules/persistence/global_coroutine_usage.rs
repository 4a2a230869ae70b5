//! Coroutines in GlobalScope.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/GlobalCoroutineUsage.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let builder = site.api.is_some_and(|api| {
            matches!(api.member.as_str(), "launch" | "async") && api.class.starts_with("kotlinx.coroutines")
        });
        let is_global = |symbol: crate::base::Name| symbol.starts_with("kotlinx.coroutines.GlobalScope");
        // Java hands the scope over as the first argument.
        let global = site.receiver_facts.as_ref().and_then(|facts| facts.symbol).is_some_and(is_global)
            || site.args.first().and_then(|arg| arg.symbol()).is_some_and(is_global);
        if !builder || !global {
            continue;
        }
        acc.report(site.point())
            .message(format!("GlobalScope.{} outlives its caller and dies with the process", site.name))
            .label("belongs to nobody")
            .help(
                "launch in viewModelScope, lifecycleScope or a scope of your own that is cancelled; work that must finish belongs \
                 to WorkManager",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
    }
}
