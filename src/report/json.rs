//! JSON, version 1: the contract with scripts. The schema is `docs/json-v1.schema.json`. As lines, every line is an
//! object with a `type`: the findings and notifications first, the summary last.
//!
//! The structs here belong to this format: fields may be added within a version, never removed or renamed.

use std::io::{self, Write};

use serde::Serialize;

use crate::base::Problem;
use crate::base::problem::ProblemKind;
use crate::findings::fingerprint::fingerprint;
use crate::findings::{Anchor, Change, Fix, Hidden, Judged, Place, Step};

use super::{Format, Report};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: TOOL,
        root: &report.root,
        findings: report.written(Format::Json).filter_map(|it| finding(report, it)).collect(),
        notifications: report.problems.iter().map(notification).collect(),
        summary: summary(report),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

pub(super) fn render_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |value: &Line<'_>| -> io::Result<()> {
        serde_json::to_writer(&mut *out, value)?;
        writeln!(out)
    };
    for judged in report.written(Format::JsonLines) {
        if let Some(finding) = finding(report, judged) {
            line(&Line::Finding(Box::new(finding)))?;
        }
    }
    for problem in &report.problems {
        line(&Line::Notification(notification(problem)))?;
    }
    line(&Line::Summary(LastLine { version: 1, tool: TOOL, root: &report.root, summary: summary(report) }))
}

const TOOL: Tool = Tool { name: "worklint", version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'r> {
    Finding(Box<JsonFinding<'r>>),
    Notification(Notification<'r>),
    Summary(LastLine<'r>),
}

#[derive(Serialize)]
struct LastLine<'r> {
    version: u32,
    tool: Tool,
    root: &'r str,
    #[serde(flatten)]
    summary: JsonSummary,
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
    /// Only when changes were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_diff: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<Related<'r>>,
    related: Vec<Related<'r>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also_from: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<Suppression<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sketch: Option<JsonSketch<'r>>,
    fix: Option<JsonFix<'r>>,
}

#[derive(Serialize)]
struct JsonSketch<'r> {
    language: &'static str,
    code: &'r str,
}

#[derive(Serialize)]
struct JsonFix<'r> {
    title: &'r str,
    safety: &'static str,
    edits: Vec<JsonEdit<'r>>,
}

#[derive(Serialize)]
struct JsonEdit<'r> {
    #[serde(flatten)]
    at: Range<'r>,
    text: &'r str,
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
    baseline: usize,
    suppressed: usize,
    stale: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside_diff: Option<usize>,
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
        status: match &reported.hidden {
            None => "new",
            Some(Hidden::Suppressed(_)) => "suppressed",
            Some(Hidden::Baseline { .. }) => "baseline",
        },
        in_diff: match reported.change {
            Change::Unasked => None,
            Change::Outside => Some(false),
            Change::Inside(_) => Some(true),
        },
        anchor: match &reported.change {
            Change::Inside(it) => anchor(report, it),
            Change::Unasked | Change::Outside => None,
        },
        related: finding.steps.iter().filter_map(|step| related(report, step)).collect(),
        also_from: &finding.also_from,
        suppression: reported.hidden.as_ref().and_then(|hidden| match hidden {
            Hidden::Suppressed(by) => Some(Suppression {
                kind: by.kind.word(),
                path: &by.path,
                line: by.line,
                reason: by.reason.as_deref(),
            }),
            Hidden::Baseline { .. } => None,
        }),
        sketch: finding.sketch.as_ref().map(|it| JsonSketch { language: it.language, code: &it.code }),
        fix: finding.fix.as_ref().map(|it| fix(report, it)),
    })
}

fn related<'r>(report: &'r Report, step: &'r Step) -> Option<Related<'r>> {
    let at = range(report, step.place)?;
    Some(Related { role: step.role.word(), at, message: &step.message, symbol: &step.symbol })
}

fn anchor<'r>(report: &'r Report, anchor: &'r Anchor) -> Option<Related<'r>> {
    let at = range(report, anchor.place)?;
    Some(Related { role: anchor.role.word(), at, message: &anchor.message, symbol: "" })
}

fn fix<'r>(report: &'r Report, fix: &'r Fix) -> JsonFix<'r> {
    let edits = fix
        .edits
        .iter()
        .filter_map(|edit| Some(JsonEdit { at: range(report, edit.place)?, text: &edit.text }));
    JsonFix { title: &fix.title, safety: fix.safety.word(), edits: edits.collect() }
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
        ProblemKind::Noted | ProblemKind::Syntax => "warning",
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
        baseline: summary.baseline,
        suppressed: summary.suppressed,
        stale: summary.stale,
        outside_diff: report.changed_since.is_some().then_some(summary.outside),
        truncated: 0,
        complete: report.complete(),
        elapsed_ms: report.elapsed.map(|it| it.as_millis()),
    }
}
