//! Long-running and deferrable work that dies with the process.

mod async_work_in_receiver;
mod async_work_in_worker;
mod background_service_start;
mod deprecated_background_api;
mod discouraged_api;
mod global_coroutine_usage;
mod impersistent_deferrable_work;
mod impersistent_long_running_work;
mod periodic_work_in_process;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &async_work_in_receiver::RULE,
    &async_work_in_worker::RULE,
    &background_service_start::RULE,
    &deprecated_background_api::RULE,
    &discouraged_api::RULE,
    &global_coroutine_usage::RULE,
    &impersistent_deferrable_work::RULE,
    &impersistent_long_running_work::RULE,
    &periodic_work_in_process::RULE,
];
