//! The lines on stderr after the findings: counts, what is hidden, what was not understood.

use std::io::{self, Write};

use crate::base::Problem;
use crate::base::problem::ProblemKind;

use super::words::{count, printable};
use super::{Format, Report, Style};

/// Errors of the analysis and what else belongs to the reading of files first, then the counts, then what they leave out.
///
/// # Errors
/// Those of `out`.
pub fn write_summary(report: &Report, format: Format, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let of_files =
        |it: &&Problem| matches!(it.kind, ProblemKind::Panic | ProblemKind::Unreadable | ProblemKind::Noted);
    for problem in report.problems.iter().filter(of_files) {
        write_problem(report, problem, out)?;
    }
    let dot = style.pick(" · ", " - ");
    let none = report.summary.findings() == 0;
    let mut parts = vec![counts(report)];
    parts.extend(fixable(report));
    parts.push(scope(report));
    let left_out = left_out(report).join(", ");
    if none && !left_out.is_empty() {
        parts.push(format!("hidden: {left_out}"));
    }
    parts.extend(report.elapsed.map(|it| format!("{:.2} s", it.as_secs_f64())));
    writeln!(out, "{}", parts.join(dot))?;
    if !none && !left_out.is_empty() {
        let shown = report.written(format).any(|it| it.hidden.is_some());
        writeln!(out, "{}: {}", if shown { "not counted" } else { "hidden" }, left_out)?;
    }
    if report.summary.stale > 0 {
        let (entries, match_nothing) = match report.summary.stale {
            1 => ("entry", "matches"),
            _ => ("entries", "match"),
        };
        let number = report.summary.stale;
        writeln!(
            out,
            "note: {number} {entries} of the baseline {match_nothing} nothing any more (worklint baseline prune)"
        )?;
    }
    let all = report.written(format).count();
    if format.is_text() && all > style.max_findings {
        writeln!(out, "note: {} of {all} findings shown (--max-findings 0 shows all)", style.max_findings)?;
    }
    let partly = report.partly_understood();
    if partly > 0 {
        let were = if partly == 1 { "was" } else { "were" };
        let files = count(report.summary.files, "file");
        writeln!(out, "note: {partly} of {files} {were} only partly understood (worklint check --stats)")?;
    }
    if !report.complete() {
        writeln!(out, "note: this run is incomplete, there may be more findings")?;
    }
    Ok(())
}

/// `warning: path:line: message`, for `-v` and `--stats` too.
///
/// # Errors
/// Those of `out`.
pub fn write_problem(report: &Report, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let word = match problem.kind {
        ProblemKind::Panic | ProblemKind::Unreadable => "error",
        ProblemKind::Noted | ProblemKind::Syntax => "warning",
        ProblemKind::Assumed => "note",
    };
    write!(out, "{word}: ")?;
    if !problem.path.is_empty() {
        write!(out, "{}:", printable(&report.shown_path(&problem.path)))?;
        if let Some(line) = problem.line {
            write!(out, "{line}:")?;
        }
        write!(out, " ")?;
    }
    writeln!(out, "{}", printable(&problem.message))
}

fn counts(report: &Report) -> String {
    let summary = report.summary;
    if summary.findings() == 0 {
        return "no findings".to_owned();
    }
    let by_severity = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")];
    let named: Vec<_> =
        by_severity.iter().filter(|(number, _)| *number > 0).map(|(n, it)| count(*n, it)).collect();
    format!("{}: {}", count(summary.findings(), "finding"), named.join(", "))
}

fn fixable(report: &Report) -> Option<String> {
    let summary = report.summary;
    (summary.fixable > 0).then(|| format!("{} fixable ({} safe)", summary.fixable, summary.safely_fixable))
}

fn scope(report: &Report) -> String {
    let files = count(report.summary.files, "file");
    match report.summary.modules {
        0 => files,
        modules => format!("{files} in {}", count(modules, "module")),
    }
}

fn left_out(report: &Report) -> Vec<String> {
    let summary = report.summary;
    let mut parts = Vec::new();
    if summary.baseline > 0 {
        parts.push(format!("{} by baseline", summary.baseline));
    }
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    if let Some(since) = report.changed_since.as_ref().filter(|_| summary.outside > 0) {
        parts.push(format!("{} not touched by {since}", summary.outside));
    }
    parts
}
