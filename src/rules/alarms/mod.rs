//! Alarms: only for exact moments the user cares about.

mod alarm_for_background_work;
mod alarms_lost_on_reboot;
mod exact_alarm;
mod exact_alarm_for_deferrable_work;
mod exact_alarm_permission;
mod mutable_implicit_pending_intent;
mod pending_intents;
mod schedule_exact_alarm;
mod short_alarm;
mod targets;
mod unspecified_immutable_flag;
mod wakeup_repeating_alarm;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &alarm_for_background_work::RULE,
    &alarms_lost_on_reboot::RULE,
    &exact_alarm::RULE,
    &exact_alarm_for_deferrable_work::RULE,
    &exact_alarm_permission::RULE,
    &mutable_implicit_pending_intent::RULE,
    &schedule_exact_alarm::RULE,
    &short_alarm::RULE,
    &unspecified_immutable_flag::RULE,
    &wakeup_repeating_alarm::RULE,
];
