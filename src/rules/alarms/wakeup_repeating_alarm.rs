//! Repeating alarms that wake the device each time.

use crate::findings::Fix;
use crate::rules::fixes::{arg_place, replace};
use crate::rules::prelude::*;
use crate::rules::shared::alarm_sites;

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/WakeupRepeatingAlarm.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        if !matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating") {
            continue;
        }
        let Some(kind) =
            site.arg(0, Some("type")).and_then(|arg| arg.symbol()).filter(|kind| kind.ends_with("_WAKEUP"))
        else {
            continue;
        };
        let quiet = kind.last().trim_end_matches("_WAKEUP");
        let draft = acc
            .report(site.point())
            .message(format!("{} with {} wakes the device every time", site.name, kind.last()))
            .label("wakes the device repeatedly")
            .help(format!(
                "use {quiet}, which waits for the next wake-up, or a PeriodicWorkRequest of WorkManager"
            ))
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
        if let Some(fix) = without_wakeup(cx, site) {
            draft.fix(fix);
        }
    }
}

/// `RTC_WAKEUP` → `RTC`.
fn without_wakeup(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    let place = arg_place(cx.model, site, 0)?;
    let text = cx.model.project.file(site.file).text.slice(place.span).strip_suffix("_WAKEUP")?;
    Some(replace("wait for the next wake-up", place, text))
}
