//! Checkstyle's XML, which Jenkins, Danger and reviewdog read: errors by file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::findings::Judged;

use super::words::with_way;
use super::xml::Escaped;
use super::{Format, Report};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut by_file: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
    for judged in report.written(Format::Checkstyle) {
        if let Some(spot) = report.spot(judged.shown_place()) {
            by_file.entry(spot.path).or_default().push(judged);
        }
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"8.0\">")?;
    for (path, findings) in by_file {
        writeln!(out, "  <file name=\"{}\">", Escaped(&path))?;
        for judged in findings {
            error(report, judged, out)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn error(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let Some(spot) = report.spot(judged.shown_place()) else { return Ok(()) };
    let finding = &judged.finding;
    writeln!(
        out,
        "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"worklint.{}\"/>",
        spot.start.line,
        spot.start.column,
        finding.severity.word(),
        Escaped(&with_way(report, judged)),
        finding.rule
    )
}
