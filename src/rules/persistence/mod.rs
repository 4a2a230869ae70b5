//! Long-running and deferrable work that dies with the process.

mod background_service_start;
mod global_coroutine_usage;
mod impersistent_long_running_work;
mod periodic_work_in_process;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &background_service_start::RULE,
    &global_coroutine_usage::RULE,
    &impersistent_long_running_work::RULE,
    &periodic_work_in_process::RULE,
];
