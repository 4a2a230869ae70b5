//! Suppressions themselves. These rules run after all others, when it is known what was hidden.

mod removal;
mod suppression_without_reason;
mod unused_suppression;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[&suppression_without_reason::RULE, &unused_suppression::RULE];
