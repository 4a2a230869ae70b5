//! The XML that Android Lint writes, for everything that reads `lint-results.xml`. Every step of a path is a further
//! location with a message.

use std::io::{self, Write};

use crate::base::SourceText;
use crate::findings::{Judged, Severity};

use super::xml::Escaped;
use super::{Format, Report, Spot};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<issues format=\"6\" by=\"worklint {}\">", env!("CARGO_PKG_VERSION"))?;
    for judged in report.written(Format::AndroidLint) {
        writeln!(out)?;
        issue(report, judged, out)?;
    }
    writeln!(out)?;
    writeln!(out, "</issues>")
}

fn issue(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let finding = &judged.finding;
    let Some(spot) = report.spot(judged.shown_place()) else { return Ok(()) };
    let rule = report.rule(finding);
    let (severity, priority) = match finding.severity {
        Severity::Error => ("Error", 8),
        Severity::Warning => ("Warning", 6),
        Severity::Info => ("Information", 3),
    };
    let message = match super::words::anchored(report, judged) {
        Some(words) => format!("{}: {words}", finding.message),
        None => finding.message.clone(),
    };
    let mut attributes = vec![
        ("id", finding.rule.to_owned()),
        ("severity", severity.to_owned()),
        ("message", message),
        ("category", rule.map_or("worklint", |it| it.group).to_owned()),
        ("priority", priority.to_string()),
        ("summary", rule.map_or("", |it| it.summary).to_owned()),
        ("explanation", finding.help.clone()),
    ];
    attributes.extend(report.url(finding).map(|url| ("url", url.to_owned())));
    attributes.extend(report.url(finding).map(|url| ("urls", url.to_owned())));
    let (line, marks) = quoted(&spot.view.text, &spot);
    attributes.extend([("errorLine1", line), ("errorLine2", marks)]);
    writeln!(out, "    <issue")?;
    for (at, (name, value)) in attributes.iter().enumerate() {
        let end = if at + 1 == attributes.len() { ">" } else { "" };
        writeln!(out, "        {name}=\"{}\"{end}", Escaped(value))?;
    }
    location(&spot, None, out)?;
    for step in &finding.steps {
        if let Some(spot) = report.spot(step.place) {
            location(&spot, Some(&step.message), out)?;
        }
    }
    // Shown at a changed step: what is wrong itself is a place, too.
    if judged.shown_place() != finding.place
        && let Some(spot) = report.spot(finding.place)
    {
        location(&spot, Some(&finding.message), out)?;
    }
    writeln!(out, "    </issue>")
}

fn location(spot: &Spot<'_>, message: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "        <location")?;
    if let Some(message) = message {
        writeln!(out, "            message=\"{}\"", Escaped(message))?;
    }
    writeln!(out, "            file=\"{}\"", Escaped(&spot.path))?;
    writeln!(out, "            line=\"{}\"", spot.start.line)?;
    writeln!(out, "            column=\"{}\"/>", spot.start.column)
}

/// The line, and tildes below what is meant.
fn quoted(text: &SourceText, spot: &Spot<'_>) -> (String, String) {
    let line = text.line_text(spot.start.line);
    let columns = |column: u32| column.saturating_sub(1) as usize;
    let end =
        if spot.end.line == spot.start.line { columns(spot.end.column) } else { line.encode_utf16().count() };
    let from = columns(spot.start.column).min(end);
    let blank: String = line.chars().take(from).map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
    (line.to_owned(), format!("{blank}{}", "~".repeat((end - from).max(1))))
}
