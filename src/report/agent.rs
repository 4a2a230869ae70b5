//! One line per finding for coding agents: what, where, by which way, what to do. No colour, no decoration.

use std::io::{self, Write};

use super::words::{numbered_way, printable, with_way};
use super::{Format, Report, Style};

pub(super) fn render(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    for judged in report.written(Format::Agent).take(style.max_findings) {
        let finding = &judged.finding;
        let Some(spot) = report.spot(judged.shown_place()) else { continue };
        let path = report.shown_path(&spot.view.path);
        let message = with_way(report, judged);
        let line = format!(
            "{path}:{}:{}: {} {}: {message}{} help: {}",
            spot.start.line,
            spot.start.column,
            finding.severity.word(),
            finding.rule,
            super::words::marked(judged),
            finding.help
        );
        writeln!(out, "{}", printable(&line))?;
        for step in numbered_way(judged, report, |spot| report.shown_path(&spot.view.path)) {
            writeln!(out, "  {}", printable(&step))?;
        }
    }
    Ok(())
}
