//! The built-in catalogue with a project's own entries before it.

use super::index::{Catalog, tables};
use super::source::{SourceError, read_with};

/// Reads the project's files, given as (name, text); their entries come first. Lives as long as the process.
///
/// # Errors
/// The first thing in a file that the schema does not have, or a kind of blocking that no rule reports.
pub fn with_project(files: &[(String, String)]) -> Result<&'static Catalog, SourceError> {
    let built_in = tables();
    let aliases = built_in.aliases.iter().map(|it| (it.name.to_string(), it.is.to_string()));
    let own = read_with(files, aliases)?;
    let known = |kind| built_in.kinds.iter().any(|it| it.id == kind);
    if let Some(unknown) = own.blocking.iter().find(|it| !known(it.kind)) {
        let kinds: Vec<&str> = built_in.kinds.iter().map(|it| it.id.as_str()).collect();
        let (file, line) = place_of(files, &format!("\"{}\"", unknown.kind));
        let message = format!("kind `{}` of {} is none of {}", unknown.kind, unknown.class, kinds.join(", "));
        return Err(SourceError { file, line, message });
    }
    let own = Box::leak(Box::new(own));
    Ok(Box::leak(Box::new(Catalog::new(&[own, built_in]))))
}

/// The first line that holds some words.
fn place_of(files: &[(String, String)], words: &str) -> (String, u32) {
    let found = files.iter().find_map(|(file, text)| {
        let line = text.lines().position(|line| line.contains(words))?;
        Some((file.clone(), u32::try_from(line + 1).unwrap_or(u32::MAX)))
    });
    found.unwrap_or_else(|| (files.first().map(|it| it.0.clone()).unwrap_or_default(), 1))
}
