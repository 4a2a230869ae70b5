//! The report for people: each finding a miette diagnostic, its path drawn over all files by `snippet`.
//!
//! This file says what is shown; how it is drawn is the handler's business.

use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use crate::findings::{Fix, Hidden, Judged, Place, Severity};

use super::diff::hunks;
use super::snippet::{Drawn, PathHandler};
use super::words::{anchored, call_path, count, printable, short, suppression};
use super::{Format, Report, SourceView, Style};

/// Longer paths show the first and the last two places.
const MAX_FRAMES: usize = 6;
const SHOWN_ENTRIES: usize = 3;
const MAX_FIX_LINES: usize = 12;

pub(super) fn render(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let handler = PathHandler::new(style);
    for reported in report.written(Format::Full).take(style.max_findings) {
        let diagnostic = FindingDiagnostic::new(report, reported, style);
        writeln!(out, "{}", Drawn { diagnostic: &diagnostic, handler: &handler })?;
    }
    Ok(())
}

/// A finding as miette sees it: header, then parts in order, as related diagnostics.
#[derive(Debug)]
struct FindingDiagnostic<'r> {
    reported: &'r Judged,
    parts: Vec<Part<'r>>,
}

/// A piece of the report below the header.
#[derive(Debug)]
enum Part<'r> {
    /// Consecutive places of the path in one file.
    Section { source: FileSource<'r>, labels: Vec<LabeledSpan> },
    /// Places left out.
    Gap(String),
    /// `= name: text`.
    Note { name: &'static str, text: String },
}

/// One file with its name; reads single lines only.
#[derive(Clone, Debug)]
struct FileSource<'r> {
    name: String,
    view: &'r SourceView,
}

/// A place of the path with its number.
struct Frame<'r> {
    number: usize,
    place: Place,
    text: &'r str,
    symbol: &'r str,
    primary: bool,
}

impl<'r> FindingDiagnostic<'r> {
    fn new(report: &'r Report, reported: &'r Judged, style: &Style) -> FindingDiagnostic<'r> {
        let mut parts = sections(report, reported, style);
        parts.extend(notes(report, reported, style));
        FindingDiagnostic { reported, parts }
    }
}

fn sections<'r>(report: &'r Report, reported: &'r Judged, style: &Style) -> Vec<Part<'r>> {
    let finding = &reported.finding;
    let steps =
        finding.steps.iter().map(|step| (step.place, step.message.as_str(), step.symbol.as_str(), false));
    let primary = (finding.place, finding.label.as_str(), finding.symbol.as_str(), true);
    let frames = steps.chain([primary]).enumerate();
    let frames: Vec<Frame<'r>> = frames
        .map(|(at, (place, text, symbol, primary))| Frame { number: at + 1, place, text, symbol, primary })
        .collect();
    let numbered = frames.len() > 1;
    let (head, left_out, tail) = match frames.len() {
        ..=MAX_FRAMES => (frames.as_slice(), &[][..], &[][..]),
        all => (&frames[..2], &frames[2..all - 2], &frames[all - 2..]),
    };
    let mut parts = Vec::new();
    add_sections(report, head, numbered, &mut parts);
    if !left_out.is_empty() {
        parts.push(Part::Gap(gap(left_out, style)));
        add_sections(report, tail, numbered, &mut parts);
    }
    parts
}

/// Consecutive frames of one file share a section.
fn add_sections<'r>(report: &'r Report, frames: &[Frame<'r>], numbered: bool, parts: &mut Vec<Part<'r>>) {
    for frames in frames.chunk_by(|a, b| a.place.file == b.place.file) {
        let Some(view) = frames.first().and_then(|it| report.file(it.place.file)) else { continue };
        let source = FileSource { name: printable(&report.shown_path(&view.path)), view };
        let labels = frames.iter().map(|frame| label(frame, numbered)).collect();
        parts.push(Part::Section { source, labels });
    }
}

fn label(frame: &Frame<'_>, numbered: bool) -> LabeledSpan {
    let text = match (numbered, frame.text) {
        (true, "") => format!("{}.", frame.number),
        (true, text) => format!("{}. {}", frame.number, printable(text)),
        (false, text) => printable(text),
    };
    let span = frame.place.span.range();
    let span = SourceSpan::from((span.start, span.len()));
    if frame.primary {
        LabeledSpan::new_primary_with_span(Some(text), span)
    } else {
        LabeledSpan::new_with_span(Some(text), span)
    }
}

/// `… 3 calls in FeedCache, DiskLru …`
fn gap(frames: &[Frame<'_>], style: &Style) -> String {
    let mut owners: Vec<&str> = Vec::new();
    for frame in frames {
        let symbol = short(frame.symbol);
        let owner = symbol.rsplit_once('.').map_or(symbol, |(owner, _)| owner);
        if !owner.is_empty() && !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    let dots = style.pick("…", "...");
    let more = if owners.len() > SHOWN_ENTRIES { " and others" } else { "" };
    owners.truncate(SHOWN_ENTRIES);
    let calls = count(frames.len(), "call");
    match owners.is_empty() {
        true => format!("{dots} {calls} {dots}"),
        false => format!("{dots} {calls} in {}{more} {dots}", owners.join(", ")),
    }
}

fn notes<'r>(report: &Report, reported: &Judged, style: &Style) -> Vec<Part<'r>> {
    let finding = &reported.finding;
    let mut notes = Vec::new();
    let mut note = |name: &'static str, text: String| notes.push(Part::Note { name, text: printable(&text) });
    if let Some(path) = call_path(finding).filter(|path| path.len() > 1) {
        note("path", path.join(style.pick(" → ", " -> ")));
    }
    if !finding.also_from.is_empty() {
        let shown = finding.also_from.len().min(SHOWN_ENTRIES);
        let mut text = finding.also_from[..shown].join(", ");
        if finding.also_from.len() > shown {
            text.push_str(&format!(" ({} more in --format json)", finding.also_from.len() - shown));
        }
        note("also from", text);
    }
    if let Some(words) = anchored(report, reported) {
        let at = report.spot(reported.shown_place());
        let at = at.map(|it| format!("{}:{}", report.shown_path(&it.view.path), it.start.line));
        let words = words.split(';').next().unwrap_or("").to_owned();
        note("changed", format!("{}: {words}", at.unwrap_or_default()));
    }
    note("help", finding.help.clone());
    if let Some(sketch) = &finding.sketch {
        note("example", String::new());
        for line in sketch.code.lines() {
            note("", line.to_owned());
        }
    }
    if let Some(fix) = &finding.fix {
        note("fix", format!("{} ({})", fix.title, fix.safety.word()));
        for line in fix_lines(report, fix) {
            note("", line);
        }
    }
    match &reported.hidden {
        Some(Hidden::Baseline { reason }) => {
            let reason = reason.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
            note("baseline", format!("known{reason}"));
        }
        Some(Hidden::Suppressed(by)) => {
            let reason = by.reason.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
            let path = report.shown_path(&by.path);
            note("suppressed", format!("{} at {path}:{}{reason}", by.kind.word(), by.line));
        }
        None => {
            let path = report.file(finding.place.file).map_or("", |it| it.path.as_str());
            if let Some(text) = suppression(finding, path) {
                note("suppress", text);
            }
        }
    }
    let page = format!("worklint explain {}", finding.rule);
    note("docs", report.url(finding).map_or(page.clone(), |url| format!("{page}, {url}")));
    notes
}

/// A fix as `12 - old` and `12 + new`.
fn fix_lines(report: &Report, fix: &Fix) -> Vec<String> {
    let mut lines = Vec::new();
    for hunk in hunks(report, fix) {
        let removed = hunk.removed.iter().zip(hunk.line..).map(|(text, line)| format!("{line} - {text}"));
        let added = hunk.added.iter().zip(hunk.line..).map(|(text, line)| format!("{line} + {text}"));
        lines.extend(removed.chain(added));
    }
    if lines.len() > MAX_FIX_LINES {
        let more = lines.len() - MAX_FIX_LINES;
        lines.truncate(MAX_FIX_LINES);
        lines.push(format!("({})", count(more, "more line")));
    }
    lines
}

impl fmt::Display for FindingDiagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.reported.finding.message))
    }
}

impl std::error::Error for FindingDiagnostic<'_> {}

impl Diagnostic for FindingDiagnostic<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.reported.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.reported.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.parts.iter().map(|part| part as &dyn Diagnostic)))
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Section { source, .. } => f.write_str(&source.name),
            Part::Gap(text) | Part::Note { text, .. } => f.write_str(text),
        }
    }
}

impl std::error::Error for Part<'_> {}

impl Diagnostic for Part<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            Part::Note { name, .. } => Some(Box::new(name)),
            Part::Section { .. } | Part::Gap(_) => None,
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            Part::Section { source, .. } => Some(source),
            Part::Gap(_) | Part::Note { .. } => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            Part::Section { labels, .. } => Some(Box::new(labels.iter().cloned())),
            Part::Gap(_) | Part::Note { .. } => None,
        }
    }
}

impl SourceCode for FileSource<'_> {
    /// The line that the span starts in, without its line break. `column` counts UTF-16 units, as everywhere.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.view.text.text.as_str();
        let (Some(before), Some(after)) = (text.get(..span.offset()), text.get(span.offset()..)) else {
            return Err(MietteError::OutOfBounds);
        };
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = span.offset() + after.find('\n').unwrap_or(after.len());
        let line = text[start..end].trim_end_matches('\r');
        let offset = u32::try_from(span.offset()).map_err(|_| MietteError::OutOfBounds)?;
        let at = self.view.text.position(offset);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            line.as_bytes(),
            SourceSpan::from((start, line.len())),
            at.line as usize - 1,
            at.column as usize - 1,
            1,
        )))
    }
}
