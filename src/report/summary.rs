//! The lines on stderr after the findings: counts, what is hidden, what was not understood.

use std::io::{self, Write};

use crate::base::Problem;
use crate::base::problem::ProblemKind;

use super::words::{count, printable};
use super::{Format, Report, Style};

/// Errors of the analysis first, then the counts, then what they leave out.
pub fn write_summary(report: &Report, format: Format, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let cost = |it: &&Problem| matches!(it.kind, ProblemKind::Panic | ProblemKind::Unreadable);
    for problem in report.problems.iter().filter(cost) {
        write_problem(report, problem, out)?;
    }
    let dot = style.pick(" · ", " - ");
    let mut parts = vec![counts(report)];
    parts.push(scope(report));
    let hidden = report.summary.suppressed;
    if report.summary.findings() == 0 && hidden > 0 {
        parts.push(format!("{hidden} suppressed"));
    }
    parts.extend(report.elapsed.map(|it| format!("{:.2} s", it.as_secs_f64())));
    writeln!(out, "{}", parts.join(dot))?;
    if report.summary.findings() > 0 && hidden > 0 {
        let shown = report.findings.iter().any(|it| it.hidden.is_some());
        writeln!(out, "{}: {hidden} suppressed", if shown { "not counted" } else { "hidden" })?;
    }
    let beyond = report.findings.len().saturating_sub(style.max_findings);
    if format.is_text() && beyond > 0 {
        let all = report.findings.len();
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
pub fn write_problem(report: &Report, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let word = match problem.kind {
        ProblemKind::Panic | ProblemKind::Unreadable => "error",
        ProblemKind::Syntax => "warning",
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

fn scope(report: &Report) -> String {
    let files = count(report.summary.files, "file");
    match report.summary.modules {
        0 => files,
        modules => format!("{files} in {}", count(modules, "module")),
    }
}
