//! `startService` on a way that begins in the background.

use crate::base::Name;
use crate::flow::background::Trigger;
use crate::flow::services::{How, Started};
use crate::rules::prelude::*;
use crate::rules::shared::{background_confidence, background_steps, refusal_is_handled, target_sdk};
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/BackgroundServiceStart.md"),
    check,
};

/// What the service does with a start.
fn service_code(cx: &Context<'_>, start: &Started) -> Vec<FnId> {
    let Some(service) = start.service else { return Vec::new() };
    let names = ["onHandleIntent", "onHandleWork", "onStartCommand", "onStart"].map(Name::new);
    names.into_iter().flat_map(|name| cx.model.methods_named(service, name)).collect()
}

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut last = None;
    for start in cx.flow.services.starts.iter().filter(|start| start.how == How::Plain) {
        let site = cx.model.site(start.site);
        if last.replace(start.site) == Some(start.site) || target_sdk(cx, site) < 26 {
            continue;
        }
        let background = &cx.flow.background;
        let way = background
            .limited(cx.model, &cx.flow.guards, start.site)
            .or_else(|| background.exempt(cx.model, &cx.flow.guards, start));
        let Some((path, trigger)) = way else { continue };
        // Messages and exact alarms give some seconds, and minutes pass until an app that was left counts as idle.
        let allowed = matches!(trigger, Trigger::ExactAlarm | Trigger::Leaving | Trigger::Message);
        if allowed || refusal_is_handled(cx, &path, site, 26) {
            continue;
        }
        acc.report(site.point())
            .message(format!(
                "startService from the background: {} leads here, and Android 8 throws IllegalStateException",
                path.entry.name(cx.model)
            ))
            .label("not allowed from the background")
            .help("enqueue a OneTimeWorkRequest of WorkManager instead of starting a service")
            .symbol(cx.model.symbol(site.function))
            .key("startService")
            .confidence(background_confidence(cx, &path, trigger, site))
            .sketch(worker(cx, &Job { bodies: &service_code(cx, start), site, when: When::Soon }))
            .steps(background_steps(cx, &path, trigger));
    }
}
