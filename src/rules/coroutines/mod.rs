//! Coroutines used right.

mod sleep_instead_of_delay;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[&sleep_instead_of_delay::RULE];
