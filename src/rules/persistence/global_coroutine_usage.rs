//! Coroutines in GlobalScope.

use crate::facts::Language;
use crate::findings::{Edit, Fix};
use crate::model::Callable;
use crate::rules::fixes::{fix_unsafely, import};
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
        let draft = acc
            .report(site.point())
            .message(format!("GlobalScope.{} outlives its caller and dies with the process", site.name))
            .label("belongs to nobody")
            .help(
                "launch in viewModelScope, lifecycleScope or a scope of your own that is cancelled; work that must finish belongs \
                 to WorkManager",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str())
            .steps(callers(cx, site));
        if let Some(fix) = scoped(cx, site) {
            draft.fix(fix);
        }
    }
}

/// The scope of the view model or screen around.
fn scoped(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    let facts = cx.model.facts(site.file);
    let place = Place { file: site.file, span: facts[site.receiver?].span };
    let owner = cx.model.symbols.info(cx.model.owner_of(site.function)?).qualified;
    let (scope, path) = if cx.model.inherits(owner, "androidx.lifecycle.ViewModel") {
        ("viewModelScope", "androidx.lifecycle.viewModelScope")
    } else if cx.model.inherits(owner, "androidx.lifecycle.LifecycleOwner") {
        ("lifecycleScope", "androidx.lifecycle.lifecycleScope")
    } else {
        return None;
    };
    let mut edits = vec![Edit { place, text: scope.to_owned() }];
    edits.extend(import(cx.model, site.file, path));
    (facts.language == Language::Kotlin).then(|| fix_unsafely("end with what it belongs to", edits))
}

/// Callers shown of a helper that starts what they give it.
const MAX_CALLERS: usize = 40;

/// `fun launchIO(block) = GlobalScope.launch(block = block)`: whoever calls it starts a coroutine of nobody.
fn callers(cx: &Context<'_>, site: &CallSite) -> Vec<Step> {
    let helper = site.args.iter().find_map(|arg| match arg.callable {
        Callable::Param(function, _) => Some(function),
        _ => None,
    });
    let Some(helper) = helper else { return Vec::new() };
    let calls = cx.flow.graph.to(helper).map(|edge| cx.model.site(edge.site)).take(MAX_CALLERS);
    let step = |call: &CallSite| Step {
        role: StepRole::Cause,
        place: call.point(),
        message: format!("starts its work by {}", cx.model.display(helper)),
        symbol: cx.model.symbol(call.function),
    };
    calls.map(step).collect()
}
