//! Alarms: only for exact moments the user cares about.

mod alarm_for_background_work;
mod exact_alarm_permission;
mod short_alarm;
mod wakeup_repeating_alarm;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &alarm_for_background_work::RULE,
    &exact_alarm_permission::RULE,
    &short_alarm::RULE,
    &wakeup_repeating_alarm::RULE,
];
