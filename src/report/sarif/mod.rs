//! SARIF 2.1.0 as code scanning wants it: one run, all rules with their pages, one-line regions, UTF-16 columns, relative
//! addresses, the identity that GitHub computes itself, the way as a code flow.
//!
//! Always complete: code scanning compares with the target branch by itself, and would take what is left out for fixed.

mod line_hash;
mod log;
mod rules;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::base::problem::ProblemKind;
use crate::base::{Problem, SourceText, Span};
use crate::findings::fingerprint::fingerprint;
use crate::findings::{Edit, FileId, Finding, Hidden, Judged, Place, Severity, StepRole};

use super::words::{count, distance, short};
use super::{Format, Report};

use log::{
    Artifact, ArtifactChange, CodeFlow, Driver, Fix, FlowStep, Id, Invocation, Location, Log,
    LogicalLocation, Notification, PhysicalLocation, Region, Replacement, Run, SarifResult, Suppression,
    Text, ThreadFlow, Tool,
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const BASE: &str = "%SRCROOT%";
/// Code scanning shows no more of a run.
const MAX_RESULTS: usize = 5_000;
/// Places of a way that are written; the middle of longer ones is left out.
const MAX_STEPS: usize = 100;
const MAX_NOTIFICATIONS: usize = 200;
const SHOWN_ENTRIES: usize = 3;

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &log(report))?;
    writeln!(out)
}

fn log(report: &Report) -> Log {
    let groups = by_line(report);
    let beyond = groups.len().saturating_sub(MAX_RESULTS);
    let mut hashes = Hashes { report, files: HashMap::new() };
    let results =
        groups.iter().take(MAX_RESULTS).filter_map(|group| result(report, group, &mut hashes)).collect();
    let mut notifications: Vec<Notification> =
        report.problems.iter().take(MAX_NOTIFICATIONS).map(|it| notification(report, it)).collect();
    let silent = report.problems.len().saturating_sub(MAX_NOTIFICATIONS);
    if silent > 0 {
        notifications
            .push(note("note", format!("{} of this kind are left out.", count(silent, "more notification"))));
    }
    if beyond > 0 {
        let text = format!("{} beyond the first {MAX_RESULTS} are left out.", count(beyond, "result"));
        notifications.push(note("warning", text));
    }
    let driver = Driver {
        name: "worklint",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: report.rules.iter().map(rules::rule).collect(),
    };
    let invocation =
        Invocation { execution_successful: report.complete(), tool_execution_notifications: notifications };
    let run = Run {
        tool: Tool { driver },
        invocations: [invocation],
        // The category ends at the last slash.
        automation_details: Id { id: "worklint/" },
        original_uri_base_ids: json!({BASE: {"description": {"text": "Root of the analysed repository."}}}),
        column_kind: "utf16CodeUnits",
        results,
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

/// Findings with the others of the same rule on the same line: code scanning would take them for one.
fn by_line(report: &Report) -> Vec<Vec<&Judged>> {
    let mut groups: Vec<Vec<&Judged>> = Vec::new();
    let mut at: BTreeMap<(&str, FileId, u32, bool), usize> = BTreeMap::new();
    for judged in report.written(Format::Sarif) {
        let place = judged.finding.place;
        let Some(view) = report.file(place.file) else { continue };
        let line = view.text.line(place.span.start);
        let key = (judged.finding.rule, place.file, line, judged.hidden.is_some());
        match at.get(&key) {
            Some(group) => groups[*group].push(judged),
            None => {
                at.insert(key, groups.len());
                groups.push(vec![judged]);
            }
        }
    }
    groups
}

fn result(report: &Report, group: &[&Judged], hashes: &mut Hashes<'_>) -> Option<SarifResult> {
    let (judged, others) = group.split_first()?;
    let finding = &judged.finding;
    let rule_index = report.rules.iter().position(|rule| rule.meta.id == finding.rule)?;
    let mut location = location(report, finding.place, true)?;
    if !finding.symbol.is_empty() {
        let is_element = finding.symbol.contains('/');
        let kind = if is_element { "element" } else { "function" };
        location.logical_locations =
            vec![LogicalLocation { fully_qualified_name: finding.symbol.clone(), kind }];
    }
    let mut related: Vec<Location> = finding
        .steps
        .iter()
        .take(MAX_STEPS)
        .filter_map(|step| Some(with_message(location_of(report, step.place)?, &step.message)))
        .collect();
    related.extend(others.iter().filter_map(|other| {
        let text = format!("also on this line: {}", other.finding.message);
        Some(with_message(location_of(report, other.finding.place)?, &text))
    }));
    for (location, id) in related.iter_mut().zip(1..) {
        location.id = Some(id);
    }
    let line = report.file(finding.place.file)?.text.line(finding.place.span.start);
    let fingerprint = fingerprint(finding);
    let mut fingerprints = json!({"worklint/v1": fingerprint.trim_start_matches("v1:")});
    if let (Some(hash), Value::Object(map)) = (hashes.of(finding.place.file, line), &mut fingerprints) {
        map.insert("primaryLocationLineHash".to_owned(), Value::from(hash));
    }
    let marks = report.include.suppressed || report.include.baseline;
    Some(SarifResult {
        rule_id: finding.rule,
        rule_index,
        level: level(finding.severity),
        message: Text { text: message(finding, !related.is_empty()) },
        locations: [location],
        related_locations: related,
        code_flows: code_flow(report, finding).into_iter().collect(),
        partial_fingerprints: fingerprints,
        fixes: finding.fix.as_ref().and_then(|it| fix(report, it)).into_iter().collect(),
        suppressions: suppression(judged).into_iter().collect(),
        baseline_state: match judged.hidden {
            _ if !marks || !report.has_baseline => None,
            Some(Hidden::Baseline { .. }) => Some("unchanged"),
            _ => Some("new"),
        },
        properties: json!({"confidence": finding.confidence.word()}),
    })
}

/// The first sentence stands alone; the entry is a link to the first related location.
fn message(finding: &Finding, has_related: bool) -> String {
    let mut text = format!("{}.", escaped(&finding.message));
    let entry = finding.steps.first().filter(|step| step.role == StepRole::Entry && has_related);
    if let (Some(entry), Some(_)) = (entry, distance(finding)) {
        let calls = finding.steps.iter().filter(|it| it.role == StepRole::Call).count() + 1;
        let name = escaped(short(&entry.symbol));
        text.push_str(&format!(" It is reached from [{name}](1) in {}.", count(calls, "call")));
    }
    if !finding.also_from.is_empty() {
        let shown: Vec<String> = finding.also_from.iter().take(SHOWN_ENTRIES).map(|it| escaped(it)).collect();
        let more = finding.also_from.len().saturating_sub(SHOWN_ENTRIES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!(" Also reached from {}{more}.", shown.join(", ")));
    }
    if !finding.help.is_empty() {
        text.push_str(&format!(" {}", sentence(&finding.help)));
    }
    text
}

/// Brackets would become links.
fn escaped(text: &str) -> String {
    text.replace('[', "\\[").replace(']', "\\]")
}

fn code_flow(report: &Report, finding: &Finding) -> Option<CodeFlow> {
    finding.steps.first()?;
    let mut level = 0;
    let mut steps = Vec::new();
    for step in &finding.steps {
        if let Some(location) = location_of(report, step.place) {
            steps.push(flow_step(with_message(location, &step.message), level));
        }
        level += usize::from(step.role == StepRole::Call);
    }
    let last = if finding.label.is_empty() { &finding.message } else { &finding.label };
    steps.push(flow_step(with_message(location(report, finding.place, true)?, last), level));
    let left_out = steps.len().saturating_sub(MAX_STEPS);
    if left_out > 0 {
        let middle = MAX_STEPS / 2;
        let mut gone = steps.drain(middle..middle + left_out + 1);
        let gap = gone.next();
        drop(gone);
        if let Some(mut gap) = gap {
            let text = format!("{} left out", count(left_out + 1, "step"));
            gap.location.message = Some(Text { text });
            steps.insert(middle, gap);
        }
    }
    for at in [0, steps.len() - 1] {
        steps[at].importance = "essential";
    }
    Some(CodeFlow { thread_flows: [ThreadFlow { locations: steps }] })
}

fn flow_step(location: Location, nesting_level: usize) -> FlowStep {
    FlowStep { nesting_level, importance: "important", location }
}

fn fix(report: &Report, fix: &crate::findings::Fix) -> Option<Fix> {
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        by_file.entry(edit.place.file).or_default().push(edit);
    }
    let changes: Vec<ArtifactChange> = by_file
        .into_iter()
        .filter_map(|(file, edits)| {
            let view = report.file(file)?;
            let replacement = |edit: &&Edit| Replacement {
                deleted_region: region(&view.text, edit.place.span),
                inserted_content: Text { text: edit.text.clone() },
            };
            let artifact_location = artifact(&report.from_repository(&view.path));
            Some(ArtifactChange { artifact_location, replacements: edits.iter().map(replacement).collect() })
        })
        .collect();
    // The schema wants one replacement at least.
    (!changes.is_empty()).then(|| Fix {
        description: Text { text: sentence(&fix.title) },
        artifact_changes: changes,
        properties: json!({"safety": fix.safety.word()}),
    })
}

fn suppression(judged: &Judged) -> Option<Suppression> {
    Some(match judged.hidden.as_ref()? {
        Hidden::Suppressed(by) => Suppression {
            kind: if by.kind.in_source() { "inSource" } else { "external" },
            justification: by.reason.clone(),
        },
        Hidden::Baseline { reason } => {
            let justification = reason.clone().unwrap_or_else(|| "known: in the baseline".to_owned());
            Suppression { kind: "external", justification: Some(justification) }
        }
    })
}

fn location_of(report: &Report, place: Place) -> Option<Location> {
    location(report, place, false)
}

/// `one_line`: cut at the end of the first line, since a pull request shows only regions that are changed whole.
fn location(report: &Report, place: Place, one_line: bool) -> Option<Location> {
    let view = report.file(place.file)?;
    let mut region = region(&view.text, place.span);
    if one_line && region.end_line != region.start_line {
        let line = view.text.line_text(region.start_line);
        region.end_line = region.start_line;
        region.end_column = u32::try_from(line.encode_utf16().count() + 1).unwrap_or(u32::MAX);
    }
    let artifact_location = artifact(&report.from_repository(&view.path));
    Some(Location {
        id: None,
        physical_location: PhysicalLocation { artifact_location, region: Some(region) },
        logical_locations: Vec::new(),
        message: None,
    })
}

fn with_message(mut location: Location, text: &str) -> Location {
    // Empty strings count as missing.
    location.message = (!text.is_empty()).then(|| Text { text: escaped(text) });
    location
}

fn region(text: &SourceText, span: Span) -> Region {
    let (start, end) = (text.position(span.start), text.position(span.end.max(span.start)));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn artifact(path: &str) -> Artifact {
    Artifact { uri: encoded(path), uri_base_id: BASE }
}

/// A path as a relative address: all but plain letters as bytes.
pub(super) fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn notification(report: &Report, problem: &Problem) -> Notification {
    let level = match problem.kind {
        ProblemKind::Panic | ProblemKind::Unreadable => "error",
        ProblemKind::Syntax | ProblemKind::Noted => "warning",
        ProblemKind::Assumed => "note",
    };
    let mut notification = note(level, sentence(&problem.message));
    if !problem.path.is_empty() {
        let region = problem.line.map(|line| Region {
            start_line: line,
            start_column: 1,
            end_line: line,
            end_column: 1,
        });
        let artifact_location = artifact(&report.from_repository(&problem.path));
        notification.locations.push(Location {
            id: None,
            physical_location: PhysicalLocation { artifact_location, region },
            logical_locations: Vec::new(),
            message: None,
        });
    }
    notification
}

fn note(level: &'static str, text: String) -> Notification {
    Notification { level, message: Text { text }, locations: Vec::new() }
}

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let word = text.split(' ').next().unwrap_or("");
    let mut letters = text.chars();
    match letters.next() {
        // A name stays as it is.
        Some(first) if word.chars().all(|it| it.is_lowercase() || it == ':') => {
            escaped(&format!("{}{}.", first.to_uppercase(), letters.as_str()))
        }
        _ => escaped(&format!("{text}.")),
    }
}

/// Line hashes of the files that have results, computed once.
struct Hashes<'r> {
    report: &'r Report,
    files: HashMap<FileId, Vec<String>>,
}

impl Hashes<'_> {
    fn of(&mut self, file: FileId, line: u32) -> Option<String> {
        let view = self.report.file(file)?;
        let hashes = self.files.entry(file).or_insert_with(|| line_hash::line_hashes(&view.text.text));
        hashes.get((line as usize).checked_sub(1)?).cloned()
    }
}
