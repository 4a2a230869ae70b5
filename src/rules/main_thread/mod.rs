//! Blocking work reachable on the main thread.

mod apply_shared_pref;
mod bitmap_on_main_thread;
mod blocking_in_suspend;
mod crypto_on_main_thread;
mod database_on_main_thread;
mod disk_on_main_thread;
mod heavy_parsing_on_main_thread;
mod inference_on_main_thread;
mod ipc_on_main_thread;
mod lock_contention_on_main_thread;
mod network_on_main_thread;
mod run_blocking_on_main_thread;
mod subscribe_on_main;
mod wait_on_main_thread;
mod wrong_thread;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &apply_shared_pref::RULE,
    &bitmap_on_main_thread::RULE,
    &blocking_in_suspend::RULE,
    &crypto_on_main_thread::RULE,
    &database_on_main_thread::RULE,
    &disk_on_main_thread::RULE,
    &heavy_parsing_on_main_thread::RULE,
    &inference_on_main_thread::RULE,
    &ipc_on_main_thread::RULE,
    &lock_contention_on_main_thread::RULE,
    &network_on_main_thread::RULE,
    &run_blocking_on_main_thread::RULE,
    &subscribe_on_main::RULE,
    &wait_on_main_thread::RULE,
    &wrong_thread::RULE,
];
