//! WorkManager used right.

mod invalid_periodic_work_request_interval;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[&invalid_periodic_work_request_interval::RULE];
