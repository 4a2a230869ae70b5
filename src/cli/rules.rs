//! `worklint rules`: all rules, as a table or as JSON.

use serde::Serialize;

use crate::findings::RuleMeta;

use super::args::{ListFormat, RulesArgs};
use super::error::Failure;
use super::{Exit, write_out};

#[derive(Serialize)]
struct Row {
    id: &'static str,
    group: &'static str,
    summary: &'static str,
    severity: &'static str,
    confidence: &'static str,
    fix: &'static str,
    since: &'static str,
    default: bool,
    /// Shares its id with a check of Android Lint, androidx or detekt.
    shared: bool,
    sources: &'static [&'static str],
}

pub(super) fn run(args: &RulesArgs) -> Result<Exit, Failure> {
    let rows: Vec<Row> = crate::rules::metas().iter().map(row).collect();
    match args.format {
        ListFormat::Text => write_out(|out| out.write_all(table(&rows).as_bytes()))?,
        ListFormat::Json => write_out(|out| {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)
        })?,
    }
    Ok(Exit::Clean)
}

fn row(meta: &'static RuleMeta) -> Row {
    Row {
        id: meta.id,
        group: meta.group,
        summary: meta.summary,
        severity: meta.severity.word(),
        confidence: meta.confidence.word(),
        fix: meta.fix,
        since: meta.since,
        default: meta.default_on,
        shared: meta.shared,
        sources: &meta.sources,
    }
}

/// Columns as wide as their widest cell; no colour, so that it can be cut and grepped.
fn table(rows: &[Row]) -> String {
    let head = ["rule", "group", "severity", "confidence", "fix", "since", "default"];
    let mut cells = vec![head];
    cells.extend(rows.iter().map(|it| {
        let default = if it.default { "on" } else { "off" };
        [it.id, it.group, it.severity, it.confidence, it.fix, it.since, default]
    }));
    let widths =
        std::array::from_fn::<usize, 7, _>(|at| cells.iter().map(|row| row[at].len()).max().unwrap_or(0));
    let mut text = String::new();
    for row in cells {
        let line: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}
