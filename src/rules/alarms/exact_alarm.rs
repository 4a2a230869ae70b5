//! `USE_EXACT_ALARM` where it does nothing, or where an app store refuses it.

use crate::findings::Severity;
use crate::model::project::Module;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/ExactAlarm.md"), check };

const PERMISSION: &str = "android.permission.USE_EXACT_ALARM";
/// The permission exists from here on. Source: developer.android.com/reference/android/Manifest.permission#USE_EXACT_ALARM
const EXISTS: u32 = 33;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = rustc_hash::FxHashSet::default();
    let modules = &cx.model.project.modules;
    // Manifests of libraries show in the apps that include them.
    let apps = modules.iter().filter(|module| module.is_application || module.applications.is_empty());
    for module in apps {
        let Some(permission) = module.manifest.permission(PERMISSION) else { continue };
        let early = module.target_sdk.level < EXISTS;
        if !early && (!module.is_application || has_purpose(cx, module)) || !seen.insert(permission.place) {
            continue;
        }
        let draft = acc.report(permission.place);
        let draft = if early {
            draft
                .message(format!(
                    "USE_EXACT_ALARM has no effect below targetSdk {EXISTS} (this module targets {})",
                    module.target_sdk.level
                ))
                .label("exists from Android 13 on")
                .help("use SCHEDULE_EXACT_ALARM, with a check of canScheduleExactAlarms(), until targetSdk is 33 or more")
        } else {
            draft
                .message("USE_EXACT_ALARM is for alarm clocks and calendars, and this app shows no sign of being one")
                .label("Google Play refuses it elsewhere")
                .help("use SCHEDULE_EXACT_ALARM, which the user grants, or inexact alarms and WorkManager")
                .severity(Severity::Warning)
                .confidence(Confidence::Medium)
        };
        draft.symbol(format!("uses-permission {PERMISSION}")).key(PERMISSION);
    }
}

/// Signs of an alarm clock, timer, calendar or reminder app.
fn has_purpose(cx: &Context<'_>, module: &Module) -> bool {
    const ACTIONS: [&str; 4] = ["SET_ALARM", "SHOW_ALARMS", "SET_TIMER", "EVENT_REMINDER"];
    const WORDS: [&str; 8] =
        ["alarm", "reminder", "remind", "calendar", "timer", "medication", "prayer", "event"];
    let actions = module.manifest.components.iter().flat_map(|it| &it.filters).flat_map(|it| &it.actions);
    let declared = actions.into_iter().any(|action| ACTIONS.iter().any(|it| action.text.ends_with(it)));
    declared
        || cx.model.all_sites().any(|(_, site)| site.name == "setAlarmClock")
        || cx.model.symbols.types.iter().any(|info| {
            let name = info.qualified.last().to_lowercase();
            WORDS.iter().any(|word| name.contains(word)) && !name.contains("manager")
        })
}
