//! Annotations of GitHub Actions, as workflow commands. GitHub shows ten errors, warnings and notices of a step; what
//! is beyond goes into one notice that counts it.

use std::fmt;
use std::io::{self, Write};

use crate::findings::{Judged, Severity};

use super::words::{anchored, distance};
use super::{Format, Report};

/// Annotations of one kind that GitHub shows for a step.
const SHOWN: usize = 10;

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let of = |severity: Severity| -> Vec<&Judged> {
        report.written(Format::Github).filter(|it| it.finding.severity == severity).collect()
    };
    let [errors, warnings, infos] = [Severity::Error, Severity::Warning, Severity::Info].map(of);
    let beyond = |number: usize, shown: usize| number.saturating_sub(shown);
    let mut notices = SHOWN;
    if beyond(errors.len(), SHOWN) + beyond(warnings.len(), SHOWN) + beyond(infos.len(), SHOWN) > 0 {
        // One place is for the notice below.
        notices -= 1;
    }
    let hidden = beyond(errors.len(), SHOWN) + beyond(warnings.len(), SHOWN) + beyond(infos.len(), notices);
    for (command, findings, shown) in
        [("error", errors, SHOWN), ("warning", warnings, SHOWN), ("notice", infos, notices)]
    {
        for judged in findings.into_iter().take(shown) {
            annotation(report, command, judged, out)?;
        }
    }
    if hidden > 0 {
        let more = super::words::count(hidden, "more finding");
        writeln!(out, "::notice title=worklint::and {more}, see the summary and the log")?;
    }
    Ok(())
}

fn annotation(report: &Report, command: &str, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let Some(spot) = report.spot(judged.shown_place()) else { return Ok(()) };
    let finding = &judged.finding;
    write!(
        out,
        "::{command} file={},line={},endLine={}",
        Property(&spot.path),
        spot.start.line,
        spot.end.line
    )?;
    // GitHub takes columns only within one line.
    if spot.start.line == spot.end.line {
        write!(out, ",col={},endColumn={}", spot.start.column, spot.end.column)?;
    }
    let mut message = finding.message.clone();
    message.extend(distance(finding).map(|it| format!(" [{it}]")));
    message.extend(anchored(report, judged).map(|it| format!("\nhere: {it}")));
    message.push_str(&format!("\nhelp: {}", finding.help));
    writeln!(out, ",title=worklint{} {}::{}", Property(":"), Property(finding.rule), Data(&message))
}

/// The text after `::`.
struct Data<'t>(&'t str);

/// The value of a property.
struct Property<'t>(&'t str);

fn escape(text: &str, property: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for letter in text.chars() {
        match letter {
            '\r' => f.write_str("%0D")?,
            '\n' => f.write_str("%0A")?,
            // It would act on the terminal that shows the log.
            _ if letter.is_control() => f.write_str("\u{fffd}")?,
            '%' => f.write_str("%25")?,
            ':' if property => f.write_str("%3A")?,
            ',' if property => f.write_str("%2C")?,
            _ => write!(f, "{letter}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, false, f)
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, true, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_the_runner_reads_them() {
        for (text, data, property) in [
            ("plain", "plain", "plain"),
            ("50% off", "50%25 off", "50%25 off"),
            ("a\nb\r\nc", "a%0Ab%0D%0Ac", "a%0Ab%0D%0Ac"),
            ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
            ("%0A", "%250A", "%250A"),
            ("::error::x", "::error::x", "%3A%3Aerror%3A%3Ax"),
            ("漢字 𝒳", "漢字 𝒳", "漢字 𝒳"),
        ] {
            assert_eq!(
                (Data(text).to_string().as_str(), Property(text).to_string().as_str()),
                (data, property)
            );
        }
    }
}
