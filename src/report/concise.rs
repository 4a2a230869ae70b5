//! One line per finding, for editors and greps: `path:line:col: error Rule: message [3 calls from Activity.onResume]`.

use std::io::{self, Write};

use super::words::{distance, printable};
use super::{Report, Style};
use crate::findings::Judged;

pub(super) fn render(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    for reported in report.findings.iter().take(style.max_findings) {
        line(report, reported, out)?;
    }
    Ok(())
}

fn line(report: &Report, reported: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let finding = &reported.finding;
    let Some(file) = report.file(finding.place.file) else { return Ok(()) };
    let at = file.text.position(finding.place.span.start);
    let path = printable(&report.shown_path(&file.path));
    write!(out, "{path}:{}:{}: {} {}: ", at.line, at.column, finding.severity.word(), finding.rule)?;
    write!(out, "{}", printable(&finding.message))?;
    if let Some(distance) = distance(finding) {
        write!(out, " [{}]", printable(&distance))?;
    }
    if reported.hidden.is_some() {
        write!(out, " [suppressed]")?;
    }
    writeln!(out)
}
