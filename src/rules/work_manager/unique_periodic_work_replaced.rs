//! Unique work that is replaced again with every start of the app, so that it is cancelled before it gets its turn.

use crate::findings::Fix;
use crate::flow::arguments::Call;
use crate::flow::requests::Request;
use crate::flow::starts::{Start, is_once, start_of_function};
use crate::flow::uses::conditions_around;
use crate::rules::fixes::{arg_place, replace};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/UniquePeriodicWorkReplaced.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (id, site) in cx.model.all_sites() {
        let Some(api) = site.api.filter(|api| cx.model.inherits(api.class, "androidx.work.WorkManager"))
        else {
            continue;
        };
        let periodic = match api.member.as_str() {
            "enqueueUniquePeriodicWork" => true,
            "enqueueUniqueWork" | "beginUniqueWork" => false,
            _ => continue,
        };
        let direct = Call::itself(cx.model, site);
        judge(cx, acc, &direct, id, periodic);
        for call in Call::by_callers(cx.model, site, &[site.arg(1, None)]) {
            judge(cx, acc, &call, id, periodic);
        }
    }
}

fn judge(cx: &Context<'_>, acc: &mut Findings<'_>, call: &Call<'_>, id: SiteId, periodic: bool) {
    let site = call.site;
    let policy = call.symbol(site.arg(1, None));
    let Some(policy) = policy.filter(|it| matches!(it.last(), "REPLACE" | "CANCEL_AND_REENQUEUE")) else {
        return;
    };
    let (id, shown) = call.caller.unwrap_or((id, site));
    if is_once(cx.model, shown.function, id) || asks_for_state(cx, site) || asks_for_state(cx, shown) {
        return;
    }
    // One-time work for a point in time is meant to be set anew.
    let request = site.arg(2, None).and_then(|arg| arg.object()).and_then(|it| Request::of(cx.model, it));
    if !periodic && request.is_some_and(|request| request.delay().is_some()) {
        return;
    }
    let Some((path, start)) = start_of_function(cx.model, cx.flow, shown.function) else { return };
    // One-time work of a screen is meant to start over with the screen.
    if !periodic && start != Start::Process {
        return;
    }
    let what = if periodic { "periodic work" } else { "unique work" };
    let instead = match periodic {
        true => "use ExistingPeriodicWorkPolicy.UPDATE (takes over changes and keeps the period) or KEEP",
        false => "use ExistingWorkPolicy.KEEP, or APPEND_OR_REPLACE if every request has to run",
    };
    let mut steps = path.steps(cx.model);
    steps.extend(call.caller.map(|_| Step {
        role: StepRole::Cause,
        place: site.point(),
        message: "takes the policy from its caller".to_owned(),
        symbol: cx.model.symbol(site.function),
    }));
    let draft = acc
        .report(shown.point())
        .message(format!(
            "{what} is replaced with {} at {}: running work is cancelled and its turn begins anew",
            policy.last(),
            start.words()
        ))
        .label("cancels and starts over each time")
        .help(instead)
        .symbol(cx.model.symbol(shown.function))
        .key(site.name.as_str())
        .confidence(path.certainty)
        .steps(steps);
    if call.caller.is_none()
        && let Some(fix) = kept(cx, site, periodic)
    {
        draft.fix(fix);
    }
}

/// Does a condition around the call look at the state of the work?
fn asks_for_state(cx: &Context<'_>, site: &CallSite) -> bool {
    let facts = cx.model.facts(site.file);
    conditions_around(cx.model, site.function, site.span).into_iter().any(|condition| {
        let text = cx.model.project.slice(Place { file: site.file, span: facts[condition].span });
        text.contains("isFinished") || text.to_lowercase().contains("workinfo")
    })
}

/// `UPDATE` for periodic work, `KEEP` for the rest.
fn kept(cx: &Context<'_>, site: &CallSite, periodic: bool) -> Option<Fix> {
    let place = arg_place(cx.model, site, 1)?;
    let text = cx.model.project.file(site.file).text.slice(place.span);
    let policy = ["CANCEL_AND_REENQUEUE", "REPLACE"].into_iter().find(|it| text.ends_with(it))?;
    let text = format!("{}{}", text.strip_suffix(policy)?, if periodic { "UPDATE" } else { "KEEP" });
    Some(replace("leave running work alone", place, text))
}
