//! The inventory of background work, ready to be written.

mod html;
mod json;
mod markdown;
mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};

/// One piece of work, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `:feature:sync`; empty when unknown.
    pub module: String,
    /// Relative to the analysed root, with `/`.
    pub path: String,
    pub line: u32,
    /// Where it is started.
    pub symbol: String,
    /// What runs; empty when it is not in sight.
    pub what: String,
    pub api: String,
    /// `persistent`, `impersistent`.
    pub persistence: &'static str,
    /// `immediate`, `long-running`, `deferrable`.
    pub urgency: &'static str,
    /// `high`, `medium`, `low`.
    pub certainty: &'static str,
    pub reasons: Vec<String>,
    pub recommended: String,
    /// It should be something else.
    pub change: bool,
}

/// All work of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Name of the analysed directory.
    pub root: String,
    pub files: usize,
    pub modules: usize,
    /// By path and line.
    pub rows: Vec<Row>,
}

/// Urgencies in the order of the platform's table.
pub(super) const URGENCIES: [&str; 3] = ["immediate", "long-running", "deferrable"];
pub(super) const PERSISTENCES: [&str; 2] = ["persistent", "impersistent"];

/// What the platform's guide has for each kind.
/// Source: developer.android.com/develop/background-work/background-tasks
pub(super) fn guide(urgency: &str, persistence: &str) -> &'static str {
    match (urgency, persistence) {
        ("immediate", "persistent") => "WorkManager, expedited",
        ("immediate", _) => "coroutines (Java: executors, RxJava, Guava)",
        ("long-running", "persistent") => "WorkManager with setForeground()",
        ("deferrable", "persistent") => "WorkManager, periodic or with constraints",
        _ => "not recommended: use WorkManager",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    Markdown,
    Html,
}

/// How many there are of each kind, and how many of them should change.
pub(super) fn cells(rows: &[Row]) -> BTreeMap<(&'static str, &'static str), (usize, usize)> {
    let mut cells = BTreeMap::new();
    for row in rows {
        let cell: &mut (usize, usize) = cells.entry((row.urgency, row.persistence)).or_default();
        cell.0 += 1;
        cell.1 += usize::from(row.change);
    }
    cells
}

/// `12 pieces of background work in 3 modules, 4 to change`.
pub(super) fn summary(inventory: &Inventory) -> String {
    let change = inventory.rows.iter().filter(|row| row.change).count();
    let s = |number: usize| if number == 1 { "" } else { "s" };
    format!(
        "{} piece{} of background work in {} file{} of {} module{}, {change} to change",
        inventory.rows.len(),
        s(inventory.rows.len()),
        inventory.files,
        s(inventory.files),
        inventory.modules,
        s(inventory.modules)
    )
}

/// Writes the inventory.
///
/// # Errors
/// Those of `out`.
pub fn write(inventory: &Inventory, format: Format, color: bool, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(inventory, color, out),
        Format::Json => json::write(inventory, out),
        Format::Markdown => markdown::write(inventory, out),
        Format::Html => html::write(inventory, out),
    }
}
