//! Exact or while-idle alarms whose target works instead of telling the user something.

use super::targets::in_work_manager;
use super::targets::{Work, alarm_work, replacement, steps};
use crate::rules::prelude::*;
use crate::rules::shared::alarm_sites;

pub(super) static RULE: Rule = Rule {
    group: "alarms",
    doc: include_str!("../../../rules/alarms/ExactAlarmForDeferrableWork.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        let exact =
            matches!(site.name.as_str(), "setExact" | "setExactAndAllowWhileIdle" | "setAndAllowWhileIdle");
        let Some(work) = Some(site).filter(|_| exact).map(|site| alarm_work(cx, site)) else { continue };
        let Some(Work { does, api, .. }) = &work.work else { continue };
        if work.visible {
            continue;
        }
        let kind = if site.name == "setAndAllowWhileIdle" {
            "an alarm that fires in Doze"
        } else {
            "an exact alarm"
        };
        acc.report(site.point())
            .message(format!("{kind} for work that nobody waits for: its target {does} ({api})"))
            .label("the user sees nothing of this moment")
            .help(replacement(None))
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str())
            .sketch(in_work_manager(cx, site, &work, None))
            .steps(steps(cx, &work));
    }
}
