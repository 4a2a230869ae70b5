//! Groovy and Kotlin build scripts as text: no Gradle, no evaluation. What a script says by computing is not seen;
//! what it says by writing it down is, through helper functions, `ext` values and convention plugins as well.

mod collect;
mod cursor;
mod scan;
mod token;
mod value;

use crate::facts::gradle::{BuildScript, SettingsScript};

/// Reads `build.gradle(.kts)`, scripts applied from it, and the Kotlin, Java and Groovy files of convention plugins.
pub fn parse_build(text: &str) -> BuildScript {
    scan::scan(text).0
}

/// Reads `settings.gradle(.kts)`.
pub fn parse_settings(text: &str) -> SettingsScript {
    scan::scan(text).1
}
