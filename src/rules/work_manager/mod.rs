//! WorkManager and JobScheduler used right.

mod bad_configuration_provider;
mod bad_periodic_work_request_enqueue;
mod blocking_in_start_work;
mod enqueue_work;
mod expedited_without_foreground_info;
mod expedited_work_constraints;
mod idle_battery_charging_constraints;
mod invalid_job_info;
mod invalid_periodic_work_request_interval;
mod job_never_finished;
mod job_scheduler_service;
mod long_running_worker_without_foreground;
mod remove_work_manager_initializer;
mod run_blocking_in_worker;
mod set_foreground_not_awaited;
mod specify_job_scheduler_id_range;
mod unique_periodic_work_kept;
mod unique_periodic_work_replaced;
mod use_rx_set_progress2;
mod worker_has_a_public_modifier;
mod worker_ignores_stop;
mod workers;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &bad_configuration_provider::RULE,
    &bad_periodic_work_request_enqueue::RULE,
    &blocking_in_start_work::RULE,
    &enqueue_work::RULE,
    &expedited_without_foreground_info::RULE,
    &expedited_work_constraints::RULE,
    &idle_battery_charging_constraints::RULE,
    &invalid_job_info::RULE,
    &invalid_periodic_work_request_interval::RULE,
    &job_never_finished::RULE,
    &job_scheduler_service::RULE,
    &long_running_worker_without_foreground::RULE,
    &remove_work_manager_initializer::RULE,
    &run_blocking_in_worker::RULE,
    &set_foreground_not_awaited::RULE,
    &specify_job_scheduler_id_range::RULE,
    &unique_periodic_work_kept::RULE,
    &unique_periodic_work_replaced::RULE,
    &use_rx_set_progress2::RULE,
    &worker_has_a_public_modifier::RULE,
    &worker_ignores_stop::RULE,
];
