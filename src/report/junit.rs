//! JUnit's XML for dashboards of build servers: a suite for each module, a failed case for each finding, one that
//! passed when there is none.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::findings::Judged;

use super::words::{numbered_way, with_way};
use super::xml::Escaped;
use super::{Format, Report};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut by_module: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for judged in report.written(Format::Junit) {
        let module = report.file(judged.shown_place().file).map_or("", |it| it.module.as_str());
        by_module.entry(module).or_default().push(judged);
    }
    let failures: usize = by_module.values().map(Vec::len).sum();
    let seconds = report.elapsed.map_or(0.0, |it| it.as_secs_f64());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"worklint\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.3}\">",
        failures.max(1)
    )?;
    if by_module.is_empty() {
        writeln!(
            out,
            "  <testsuite name=\"worklint\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">"
        )?;
        writeln!(out, "    <testcase name=\"no findings\" classname=\"worklint\" time=\"0\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    for (module, findings) in by_module {
        let count = findings.len();
        let name = if module.is_empty() { "worklint" } else { module };
        let counts = format!("tests=\"{count}\" failures=\"{count}\" errors=\"0\" skipped=\"0\" time=\"0\"");
        writeln!(out, "  <testsuite name=\"{}\" {counts}>", Escaped(name))?;
        for judged in findings {
            case(report, judged, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(report: &Report, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let Some(spot) = report.spot(judged.shown_place()) else { return Ok(()) };
    let finding = &judged.finding;
    let path = Escaped(&spot.path);
    let (line, column) = (spot.start.line, spot.start.column);
    writeln!(
        out,
        "    <testcase name=\"{} {path}:{line}:{column}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\" time=\"0\">",
        finding.rule
    )?;
    let message = with_way(report, judged);
    let mut text = format!(
        "{}:{line}:{column}: {} {}: {}",
        spot.path,
        finding.severity.word(),
        finding.rule,
        finding.message
    );
    for step in numbered_way(judged, report, |spot| spot.path.clone()) {
        text.push('\n');
        text.push_str(&step);
    }
    text.push_str(&format!("\nhelp: {}", finding.help));
    // The text is between tags: line breaks stay.
    let text: Vec<String> = text.lines().map(|line| Escaped(line).to_string()).collect();
    let kind = format!("{} ({})", finding.rule, finding.severity.word());
    writeln!(
        out,
        "      <failure message=\"{}\" type=\"{}\">{}</failure>",
        Escaped(&message),
        Escaped(&kind),
        text.join("\n")
    )?;
    writeln!(out, "    </testcase>")
}
