//! Alarms whose target syncs, uploads, refreshes or cleans up instead of telling the user something at that moment.

use super::targets::in_work_manager;
use super::targets::{Work, alarm_work, replacement, steps};
use crate::flow::work::minutes;
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, millis};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/AlarmForBackgroundWork.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        let repeats = matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating");
        // Alarm clocks are the user's; exact alarms have a rule of their own.
        if !repeats && !matches!(site.name.as_str(), "set" | "setWindow") {
            continue;
        }
        let alarm = alarm_work(cx, site);
        let interval = if repeats { millis(site, 2) } else { None };
        match &alarm.work {
            // What the user sees at that moment is what alarms are for, if no network is involved.
            Some(_) if alarm.visible && !alarm.network => {}
            Some(Work { does, api, .. }) => {
                acc.report(site.point())
                    .message(format!("alarm for background work: its target {does} ({api})"))
                    .label("alarms are for moments the user asked for")
                    .help(replacement(interval))
                    .symbol(cx.model.symbol(site.function))
                    .key(site.name.as_str())
                    .confidence(if alarm.visible { Confidence::Medium } else { Confidence::High })
                    .sketch(in_work_manager(cx, site, &alarm, interval))
                    .steps(steps(cx, &alarm));
            }
            None if repeats && !alarm.visible => {
                let every =
                    interval.map(|interval| format!(" every {}", minutes(interval))).unwrap_or_default();
                acc.report(site.point())
                    .message(format!(
                        "repeating alarm{every}: periodic background work belongs to WorkManager"
                    ))
                    .label("repeats without showing the user anything")
                    .help(replacement(interval))
                    .symbol(cx.model.symbol(site.function))
                    .key(site.name.as_str())
                    .confidence(if alarm.starts.is_empty() { Confidence::Medium } else { Confidence::High });
            }
            None => {}
        }
    }
}
