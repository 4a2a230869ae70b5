//! Expedited requests with settings that expedited work must not have.

use rustc_hash::FxHashSet;

use crate::flow::requests::{Asked, Request, requests};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/ExpeditedWorkConstraints.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (id, request) in requests(cx.model) {
        let Some(expedited) = request.expedited() else { continue };
        let Some((what, asked)) = conflict(&request) else { continue };
        // Two calls under conditions of their own may exclude each other.
        let confidence = match asked {
            Some(asked) if expedited.conditional && !asked.sure => Confidence::Low,
            Some(asked) if expedited.conditional || !asked.sure => Confidence::Medium,
            _ => Confidence::High,
        };
        if !seen.insert(pointed(cx, expedited)) {
            continue;
        }
        let symbol = cx.model.symbol(cx.model.site(id).function);
        let steps = asked.map(|asked| Step {
            role: StepRole::Cause,
            place: pointed(cx, asked.call),
            message: what.to_owned(),
            symbol: symbol.clone(),
        });
        let throws = match what {
            "periodic work" => {
                "build() throws IllegalArgumentException: periodic work cannot be expedited".to_owned()
            }
            what => format!("build() throws IllegalArgumentException: expedited work cannot have {what}"),
        };
        acc.report(pointed(cx, expedited))
            .message(throws)
            .label("not allowed here")
            .help(if request.periodic {
                "leave setExpedited() out, or enqueue a OneTimeWorkRequest for what has to run at once"
            } else {
                "expedited work takes network and storage constraints only: drop either setExpedited() or the other setting"
            })
            .symbol(symbol)
            .key(format!("setExpedited {what}"))
            .confidence(confidence)
            .steps(steps);
    }
}

/// The call from its name on.
pub(super) fn pointed(cx: &Context<'_>, call: &crate::model::ObjectCall) -> Place {
    cx.model.site_at(call.file, call.expr).map_or(call.place(), |site| cx.model.site(site).point())
}

fn conflict<'m>(request: &Request<'m>) -> Option<(&'static str, Option<Asked<'m>>)> {
    if request.periodic {
        return Some(("periodic work", None));
    }
    let constraints = [
        ("Charging", "a charging constraint"),
        ("DeviceIdle", "an idle constraint"),
        ("BatteryNotLow", "a battery constraint"),
    ];
    let mut found: Vec<(&str, Asked<'m>)> = Vec::new();
    found.extend(request.delay().map(|asked| ("an initial delay", asked)));
    found.extend(constraints.into_iter().filter_map(|(what, says)| Some((says, request.constraint(what)?))));
    found.extend(request.content_trigger().map(|asked| ("a content trigger", asked)));
    found.sort_by_key(|(_, asked)| !asked.sure);
    found.first().map(|(what, asked)| (*what, Some(*asked)))
}
