//! Foreground services: who may start them, and what the manifest must say.

mod foreground_service_from_background;
mod foreground_service_permission;
mod foreground_service_type;
mod services;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &foreground_service_from_background::RULE,
    &foreground_service_permission::RULE,
    &foreground_service_type::RULE,
];
