//! A notification whose receiver or service opens a screen.

use rustc_hash::FxHashSet;

use super::notifications::{Screens, given};
use crate::flow::given::Known;
use crate::flow::path::call_name;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/NotificationTrampoline.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let screens = Screens::new(cx);
    // Several callers may give a helper the same.
    let mut seen = FxHashSet::default();
    for given in given(cx) {
        let Some(found) = screens.target(cx, &given) else { continue };
        let Some((opens, calls)) = found.opens else { continue };
        if !seen.insert((given.site, found.class)) {
            continue;
        }
        let site = cx.model.site(given.site);
        let opening = cx.model.site(opens);
        let name = cx.model.display_type(found.class);
        let mut steps = Vec::new();
        steps.extend(given.from.map(|id| {
            let from = cx.model.site(id);
            Step {
                role: StepRole::Cause,
                place: from.point(),
                message: "gives the PendingIntent".to_owned(),
                symbol: cx.model.symbol(from.function),
            }
        }));
        for id in calls.iter().map(|(id, _)| *id).chain([opens]) {
            let step = cx.model.site(id);
            steps.push(Step {
                role: StepRole::Call,
                place: step.point(),
                message: format!("calls {}", call_name(cx.model, step)),
                symbol: cx.model.symbol(step.function),
            });
        }
        acc.report(site.point())
            .message(format!(
                "the notification starts {name}, which opens a screen with {}: Android 12 blocks such trampolines",
                call_name(cx.model, opening)
            ))
            .label("leads to a screen over a detour")
            .help("give the notification PendingIntent.getActivity() for that screen, and do the rest of the work there")
            .symbol(cx.model.symbol(site.function))
            .confidence(match given.sent.action {
                Known::Is(_) => Confidence::High,
                Known::Unknown => Confidence::Medium,
            })
            .key(format!("{} {name}", site.name))
            .steps(steps);
    }
}
