//! Foreground services: who may start them, what the manifest must say, and what they owe the system.

mod boot_foreground_service;
mod foreground_service_from_background;
mod foreground_service_not_stopped;
mod foreground_service_permission;
mod foreground_service_timeout;
mod foreground_service_type;
mod foreground_service_type_mismatch;
mod launch_activity_from_notification;
mod notification_id0;
mod notification_trampoline;
mod notifications;
mod replaceable_foreground_service;
mod services;
mod specify_foreground_service_type;
mod start_foreground_missing;
mod sticky_foreground_service;
mod while_in_use_from_background;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &boot_foreground_service::RULE,
    &foreground_service_from_background::RULE,
    &foreground_service_not_stopped::RULE,
    &foreground_service_permission::RULE,
    &foreground_service_timeout::RULE,
    &foreground_service_type::RULE,
    &foreground_service_type_mismatch::RULE,
    &launch_activity_from_notification::RULE,
    &notification_id0::RULE,
    &notification_trampoline::RULE,
    &replaceable_foreground_service::RULE,
    &specify_foreground_service_type::RULE,
    &start_foreground_missing::RULE,
    &sticky_foreground_service::RULE,
    &while_in_use_from_background::RULE,
];
