//! Reviewdog's diagnostic format. Columns count UTF-8 bytes, as it wants them; safe fixes are suggestions.

use std::io::{self, Write};

use serde::Serialize;

use crate::findings::{Judged, Place, Safety, Severity};

use super::words::with_way;
use super::{Format, Report};

#[derive(Serialize)]
struct Document<'r> {
    source: Source,
    diagnostics: Vec<Diagnostic<'r>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'r> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'r>>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Code<'r> {
    value: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'r str>,
}

#[derive(Serialize)]
struct Suggestion<'r> {
    range: Range,
    text: &'r str,
}

#[derive(Serialize)]
struct Related<'r> {
    message: &'r str,
    location: Location,
}

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        source: Source { name: "worklint", url: env!("CARGO_PKG_REPOSITORY") },
        diagnostics: report.written(Format::Rdjson).filter_map(|it| diagnostic(report, it)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn diagnostic<'r>(report: &'r Report, judged: &'r Judged) -> Option<Diagnostic<'r>> {
    let finding = &judged.finding;
    let place = judged.shown_place();
    let fix = finding.fix.as_ref().filter(|fix| fix.safety == Safety::Safe);
    // A suggestion is for the file that the comment is on.
    let here = fix.filter(|fix| fix.edits.iter().all(|edit| edit.place.file == place.file));
    let edits = here.into_iter().flat_map(|fix| &fix.edits);
    let steps = finding.steps.iter().map(|step| (step.message.as_str(), step.place));
    // Shown at a changed step: what is wrong itself is a place, too.
    let sink = (place != finding.place).then_some((finding.message.as_str(), finding.place));
    let related = steps
        .chain(sink)
        .filter_map(|(message, place)| Some(Related { message, location: location(report, place)? }));
    Some(Diagnostic {
        message: format!("{}\nhelp: {}", with_way(report, judged), finding.help),
        location: location(report, place)?,
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: finding.rule, url: report.url(finding) },
        suggestions: edits
            .filter_map(|edit| {
                Some(Suggestion { range: location(report, edit.place)?.range, text: &edit.text })
            })
            .collect(),
        related_locations: related.collect(),
    })
}

fn location(report: &Report, place: Place) -> Option<Location> {
    let spot = report.spot(place)?;
    let bytes = |offset: u32| {
        let at = spot.view.text.byte_position(offset);
        Position { line: at.line, column: at.column }
    };
    let range = Range { start: bytes(place.span.start), end: bytes(place.span.end) };
    Some(Location { path: spot.path, range })
}
