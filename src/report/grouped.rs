//! Findings below the file they are in, one line each.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::findings::{Judged, Severity};

use super::words::{anchored, distance, marked, printable};
use super::{Format, Report, Style};

pub(super) fn render(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let mut by_file: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
    for judged in report.written(Format::Grouped).take(style.max_findings) {
        if let Some(file) = report.file(judged.shown_place().file) {
            by_file.entry(report.shown_path(&file.path)).or_default().push(judged);
        }
    }
    for (path, mut findings) in by_file {
        writeln!(out, "{}", style.bold(&printable(&path)))?;
        findings.sort_by_key(|it| it.shown_place().span.start);
        let rows: Vec<[String; 4]> = findings.iter().filter_map(|it| row(report, it)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for (row, judged) in rows.iter().zip(&findings) {
            let severity = style.severity(judged.finding.severity, &format!("{:w$}", row[1], w = widths[1]));
            writeln!(
                out,
                "  {:>a$}  {severity}  {:c$}  {}",
                row[0],
                row[2],
                row[3],
                a = widths[0],
                c = widths[2]
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn row(report: &Report, judged: &Judged) -> Option<[String; 4]> {
    let at = report.spot(judged.shown_place())?.start;
    let finding = &judged.finding;
    let mut message = finding.message.clone();
    message.extend(distance(finding).map(|it| format!(" [{it}]")));
    message.extend(anchored(report, judged).map(|it| format!(" [here: {it}]")));
    message.push_str(marked(judged));
    let place = format!("{}:{}", at.line, at.column);
    Some([place, severity(finding.severity).to_owned(), finding.rule.to_owned(), printable(&message)])
}

fn severity(severity: Severity) -> &'static str {
    severity.word()
}
