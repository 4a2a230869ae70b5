//! Foreground services started on a way that begins in the background.

use crate::flow::background::Trigger;
use crate::flow::guards::catches;
use crate::flow::path::call_name;
use crate::rules::prelude::*;
use crate::rules::shared::{START_REFUSED, target_sdk};

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceFromBackground.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        if !starts_foreground(cx, site) || target_sdk(cx, site) < 31 {
            continue;
        }
        let Some((path, trigger)) = cx.flow.background.path(site.function) else { continue };
        if trigger == Trigger::ExemptBroadcast {
            continue;
        }
        let guarded = cx.flow.guards.below_level(cx.model, site.function, site.span, 31)
            || catches(cx.model, site.function, site.span, &START_REFUSED)
            || path.calls.iter().any(|(call, _)| {
                let call = cx.model.site(*call);
                cx.flow.guards.below_level(cx.model, call.function, call.span, 31)
                    || catches(cx.model, call.function, call.span, &START_REFUSED)
            });
        if guarded {
            continue;
        }
        let from_ui = cx.flow.background.reached_from_ui(site.function);
        let why = match trigger {
            Trigger::Broadcast | Trigger::ExemptBroadcast => "a broadcast",
            Trigger::InexactAlarm => "an inexact alarm",
            Trigger::Background => "background work",
        };
        let mut steps = path.steps(cx.model);
        if let Some(first) = steps.first_mut() {
            first.message = format!("runs in the background ({why})");
        }
        let confidence = if from_ui { Confidence::Medium } else { Confidence::High };
        let worker = site.name.starts_with("setForeground");
        acc.report(site.point())
            .message(format!(
                "{} from the background: {} leads here, and Android 12 throws ForegroundServiceStartNotAllowedException",
                call_name(cx.model, site),
                path.entry.name(cx.model)
            ))
            .label("not allowed from the background")
            .help(if worker {
                "use setExpedited() with getForegroundInfo() for short important work, or catch the exception and go on as \
                 ordinary work"
            } else {
                "enqueue a OneTimeWorkRequest (setExpedited() if it cannot wait) and call setForeground() in the worker only if \
                 it runs long"
            })
            .symbol(cx.model.symbol(site.function))
            .key(call_name(cx.model, site))
            .confidence(confidence.min(path.certainty))
            .steps(steps);
    }
}

fn starts_foreground(cx: &Context<'_>, site: &CallSite) -> bool {
    site.api.is_some_and(|api| match api.member.as_str() {
        "startForegroundService" => {
            cx.model.inherits(api.class, "android.content.Context")
                || api.class == "androidx.core.content.ContextCompat"
        }
        "setForeground" | "setForegroundAsync" => {
            cx.model.inherits(api.class, "androidx.work.ListenableWorker")
        }
        _ => false,
    })
}
