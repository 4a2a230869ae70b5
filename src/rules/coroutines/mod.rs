//! Coroutines used right.

mod coroutine_creation_during_composition;
mod flow_collected_without_lifecycle;
mod inject_dispatcher;
mod main_scope_usage;
mod redundant_suspend_modifier;
mod repeat_on_lifecycle_wrong_usage;
mod run_blocking_in_suspend;
mod sleep_instead_of_delay;
mod suspend_fun_in_finally_section;
mod suspend_fun_swallowed_cancellation;
mod suspend_fun_with_coroutine_scope_receiver;
mod suspend_fun_with_flow_return_type;
mod unsafe_lifecycle_when_usage;
mod unsafe_repeat_on_lifecycle_detector;

use super::Rule;
use super::prelude::*;

pub(super) static RULES: &[&Rule] = &[
    &coroutine_creation_during_composition::RULE,
    &flow_collected_without_lifecycle::RULE,
    &inject_dispatcher::RULE,
    &main_scope_usage::RULE,
    &redundant_suspend_modifier::RULE,
    &repeat_on_lifecycle_wrong_usage::RULE,
    &run_blocking_in_suspend::RULE,
    &sleep_instead_of_delay::RULE,
    &suspend_fun_in_finally_section::RULE,
    &suspend_fun_swallowed_cancellation::RULE,
    &suspend_fun_with_coroutine_scope_receiver::RULE,
    &suspend_fun_with_flow_return_type::RULE,
    &unsafe_lifecycle_when_usage::RULE,
    &unsafe_repeat_on_lifecycle_detector::RULE,
];

fn is_repeat_on_lifecycle(site: &CallSite) -> bool {
    site.name == "repeatOnLifecycle"
        && site.api.is_some_and(|api| api.class.starts_with("androidx.lifecycle"))
}

/// A callback of the framework and the calls from it on.
fn call_steps(cx: &Context<'_>, callback: FnId, calls: &[(SiteId, FnId)]) -> Vec<Step> {
    let first = Step {
        role: StepRole::Entry,
        place: cx.model.fn_place(callback),
        message: "the framework calls this".to_owned(),
        symbol: cx.model.symbol(callback),
    };
    let calls = calls.iter().filter(|(_, to)| !cx.model.is_lambda(*to)).map(|(site, to)| {
        let site = cx.model.site(*site);
        Step {
            role: StepRole::Call,
            place: site.point(),
            message: format!("calls {}", cx.model.display(*to)),
            symbol: cx.model.symbol(site.function),
        }
    });
    std::iter::once(first).chain(calls).collect()
}
