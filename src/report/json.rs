//! JSON, version 1: the contract with scripts. The schema is `docs/json-v1.schema.json`.
//!
//! The structs here belong to this format: fields may be added within a version, never removed or renamed.

use std::io::{self, Write};

use serde::Serialize;

use crate::base::Problem;
use crate::base::problem::ProblemKind;
use crate::findings::fingerprint::fingerprint;
use crate::findings::{Hidden, Judged, Place, Step};

use super::Report;

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: Tool { name: "worklint", version: env!("CARGO_PKG_VERSION") },
        root: &report.root,
        findings: report.findings.iter().filter_map(|it| finding(report, it)).collect(),
        notifications: report.problems.iter().map(notification).collect(),
        summary: summary(report),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    tool: Tool,
    root: &'r str,
    findings: Vec<JsonFinding<'r>>,
    notifications: Vec<Notification<'r>>,
    summary: JsonSummary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonFinding<'r> {
    rule: &'r str,
    severity: &'static str,
    confidence: &'static str,
    #[serde(flatten)]
    at: Range<'r>,
    message: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    help: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'r str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    module: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    symbol: &'r str,
    fingerprint: String,
    status: &'static str,
    related: Vec<Related<'r>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also_from: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<Suppression<'r>>,
    /// No rule offers fixes yet.
    fix: Option<()>,
}

/// Lines and columns are one-based, columns in UTF-16 units, `endColumn` is one past the end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Range<'r> {
    path: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Related<'r> {
    role: &'static str,
    #[serde(flatten)]
    at: Range<'r>,
    message: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    symbol: &'r str,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    path: &'r str,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

#[derive(Serialize)]
struct Notification<'r> {
    level: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonSummary {
    files: usize,
    modules: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    /// There are no baselines yet, so nothing is hidden by one.
    baseline: usize,
    suppressed: usize,
    /// This format is never cut.
    truncated: usize,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<u128>,
}

fn finding<'r>(report: &'r Report, reported: &'r Judged) -> Option<JsonFinding<'r>> {
    let finding = &reported.finding;
    Some(JsonFinding {
        rule: finding.rule,
        severity: finding.severity.word(),
        confidence: finding.confidence.word(),
        at: range(report, finding.place)?,
        message: &finding.message,
        help: &finding.help,
        url: report.url(finding),
        module: &report.file(finding.place.file)?.module,
        symbol: &finding.symbol,
        fingerprint: fingerprint(finding),
        status: if reported.hidden.is_some() { "suppressed" } else { "new" },
        related: finding.steps.iter().filter_map(|step| related(report, step)).collect(),
        also_from: &finding.also_from,
        suppression: reported.hidden.as_ref().map(|hidden| match hidden {
            Hidden::Suppressed(by) => Suppression {
                kind: by.kind.word(),
                path: &by.path,
                line: by.line,
                reason: by.reason.as_deref(),
            },
        }),
        fix: None,
    })
}

fn related<'r>(report: &'r Report, step: &'r Step) -> Option<Related<'r>> {
    let at = range(report, step.place)?;
    Some(Related { role: step.role.word(), at, message: &step.message, symbol: &step.symbol })
}

fn range(report: &Report, place: Place) -> Option<Range<'_>> {
    let file = report.file(place.file)?;
    let (start, end) = (file.text.position(place.span.start), file.text.position(place.span.end));
    Some(Range {
        path: &file.path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}

fn notification(problem: &Problem) -> Notification<'_> {
    let level = match problem.kind {
        ProblemKind::Panic | ProblemKind::Unreadable => "error",
        ProblemKind::Syntax => "warning",
        ProblemKind::Assumed => "info",
    };
    Notification { level, message: &problem.message, path: &problem.path, line: problem.line }
}

fn summary(report: &Report) -> JsonSummary {
    let summary = report.summary;
    JsonSummary {
        files: summary.files,
        modules: summary.modules,
        errors: summary.errors,
        warnings: summary.warnings,
        infos: summary.infos,
        baseline: 0,
        suppressed: summary.suppressed,
        truncated: 0,
        complete: report.complete(),
        elapsed_ms: report.elapsed.map(|it| it.as_millis()),
    }
}
