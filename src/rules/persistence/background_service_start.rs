//! `startService` on a way that begins in the background.

use crate::flow::background::Trigger;
use crate::flow::guards::catches;
use crate::rules::prelude::*;
use crate::rules::shared::{START_REFUSED, target_sdk};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/BackgroundServiceStart.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let starts = site.api.is_some_and(|api| {
            api.member == "startService" && cx.model.inherits(api.class, "android.content.Context")
        });
        if !starts || target_sdk(cx, site) < 26 {
            continue;
        }
        let Some((path, trigger)) = cx.flow.background.path(site.function) else { continue };
        let guarded = cx.flow.guards.below_level(cx.model, site.function, site.span, 26)
            || catches(cx.model, site.function, site.span, &START_REFUSED);
        if guarded {
            continue;
        }
        let why = match trigger {
            Trigger::Broadcast | Trigger::ExemptBroadcast => "a broadcast",
            Trigger::InexactAlarm => "an inexact alarm",
            Trigger::Background => "background work",
        };
        let mut steps = path.steps(cx.model);
        if let Some(first) = steps.first_mut() {
            first.message = format!("runs in the background ({why})");
        }
        let from_ui = cx.flow.background.reached_from_ui(site.function);
        let confidence = if from_ui { Confidence::Medium } else { Confidence::High };
        acc.report(site.point())
            .message(format!(
                "startService from the background: {} leads here, and Android 8 throws IllegalStateException",
                path.entry.name(cx.model)
            ))
            .label("not allowed from the background")
            .help("enqueue a OneTimeWorkRequest of WorkManager instead of starting a service")
            .symbol(cx.model.symbol(site.function))
            .key("startService")
            .confidence(confidence.min(path.certainty))
            .steps(steps);
    }
}
