//! One line per finding, for editors and greps: `path:line:col: error Rule: message [3 calls from Activity.onResume]`.

use std::io::{self, Write};

use crate::findings::Judged;

use super::words::{marked, printable, with_way};
use super::{Format, Report, Style};

pub(super) fn render(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    for judged in report.written(Format::Concise).take(style.max_findings) {
        line(report, judged, out, style)?;
    }
    Ok(())
}

fn line(report: &Report, judged: &Judged, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let finding = &judged.finding;
    let Some(spot) = report.spot(judged.shown_place()) else { return Ok(()) };
    let path = printable(&report.shown_path(&spot.view.path));
    let severity = style.severity(finding.severity, finding.severity.word());
    write!(out, "{}:{}:{}: {severity} ", path, spot.start.line, spot.start.column)?;
    let rule = match report.rule(finding) {
        Some(rule) => style.linked(finding.rule, &rule.page()),
        None => finding.rule.to_owned(),
    };
    writeln!(out, "{rule}: {}{}", printable(&with_way(report, judged)), marked(judged))
}
