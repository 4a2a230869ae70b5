//! Broadcast receivers: what the manifest and registrations must say to be right.

mod implicit_broadcast_receiver;
mod intent_filter_exported_receiver;
mod unspecified_register_receiver_flag;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &implicit_broadcast_receiver::RULE,
    &intent_filter_exported_receiver::RULE,
    &unspecified_register_receiver_flag::RULE,
];
