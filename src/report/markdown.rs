//! Markdown for job summaries and comments: counts, a table by rule, then each finding with its way in `<details>`.
//! Stays below the size that GitHub takes for a step's summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::findings::{Judged, Severity};

use super::diff::hunks;
use super::words::{anchored, count, distance, printable};
use super::{Format, Report};

/// GitHub takes 1 MiB for the summary of a step.
const MAX_BYTES: usize = 1_000_000;

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = head(report);
    let findings: Vec<&Judged> = report.written(Format::Markdown).collect();
    let mut left = findings.len();
    for judged in findings {
        let entry = entry(report, judged);
        if text.len() + entry.len() + 200 > MAX_BYTES {
            let more = count(left, "more finding");
            let _ = writeln!(text, "\nand {more}, left out because of the size of this summary.");
            break;
        }
        text.push_str(&entry);
        left -= 1;
    }
    out.write_all(text.as_bytes())
}

fn head(report: &Report) -> String {
    let summary = report.summary;
    let mut text = String::from("## worklint: background work\n\n");
    let files = count(summary.files, "file");
    let scope =
        if summary.modules > 0 { format!("{files} in {}", count(summary.modules, "module")) } else { files };
    let what = match summary.findings() {
        0 => "**No findings**".to_owned(),
        number => format!(
            "**{}**: {}, {}, {}",
            count(number, "finding"),
            count(summary.errors, "error"),
            count(summary.warnings, "warning"),
            count(summary.infos, "info")
        ),
    };
    let _ = writeln!(text, "{what} in {scope}.");
    let mut hidden = Vec::new();
    if summary.baseline > 0 {
        hidden.push(format!("{} hidden by the baseline", summary.baseline));
    }
    if summary.suppressed > 0 {
        hidden.push(format!("{} suppressed", summary.suppressed));
    }
    if let Some(since) = report.changed_since.as_ref().filter(|_| summary.outside > 0) {
        hidden.push(format!("{} not touched by {}", summary.outside, escaped(since)));
    }
    if summary.stale > 0 {
        hidden.push(format!("{} stale in the baseline", summary.stale));
    }
    if !hidden.is_empty() {
        let _ = writeln!(text, "\nBeside these: {}.", hidden.join(", "));
    }
    if !report.complete() {
        let _ = writeln!(text, "\n> [!WARNING]\n> This run is incomplete, there may be more findings.");
    }
    text.push_str(&table(report));
    text
}

fn table(report: &Report) -> String {
    let mut rows: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for judged in report.written(Format::Markdown) {
        let column = match judged.finding.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        rows.entry(judged.finding.rule).or_default()[column] += 1;
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n| rule | errors | warnings | infos |\n|---|--:|--:|--:|\n");
    for (id, counts) in rows {
        let page = report.rules.iter().find(|rule| rule.meta.id == id).map(|rule| rule.meta.page());
        let name = page.map_or(id.to_owned(), |page| format!("[{id}]({page})"));
        let cell = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        let [errors, warnings, infos] = counts.map(cell);
        let _ = writeln!(text, "| {name} | {errors} | {warnings} | {infos} |");
    }
    text.push('\n');
    text
}

fn entry(report: &Report, judged: &Judged) -> String {
    let finding = &judged.finding;
    let Some(spot) = report.spot(judged.shown_place()) else { return String::new() };
    let mut text = String::from("<details><summary>");
    let place = format!("{}:{}", spot.path, spot.start.line);
    let way = distance(finding).map(|it| format!(" [{it}]")).unwrap_or_default();
    let _ = writeln!(
        text,
        "<b>{}</b> {}: {}{} <code>{}</code></summary>\n",
        finding.severity.word(),
        finding.rule,
        html(&finding.message),
        html(&way),
        html(&place)
    );
    let linked = |path: &str, line: u32| match &report.link_base {
        Some(base) => format!("[{}:{line}]({base}{}#L{line})", escaped(path), super::sarif::encoded(path)),
        None => format!("`{}:{line}`", path.replace('`', "'")),
    };
    let _ = writeln!(text, "{}\n", linked(&spot.path, spot.start.line));
    if let Some(words) = anchored(report, judged) {
        let _ = writeln!(text, "Changed here: {}\n", escaped(&words));
    }
    let steps = finding.steps.iter().map(|step| (step.place, step.message.as_str()));
    let label = if finding.label.is_empty() { finding.message.as_str() } else { finding.label.as_str() };
    if !finding.steps.is_empty() {
        for ((place, message), number) in steps.chain([(finding.place, label)]).zip(1..) {
            let Some(spot) = report.spot(place) else { continue };
            let line = spot.view.text.line_text(spot.start.line).trim();
            let _ = writeln!(text, "{number}. {}: {}", linked(&spot.path, spot.start.line), escaped(message));
            let _ = writeln!(text, "   {}", code(line));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "**Help:** {}\n", escaped(&finding.help));
    if let Some(sketch) = &finding.sketch {
        let _ = writeln!(text, "```{}", sketch.language);
        for line in sketch.code.lines() {
            let _ = writeln!(text, "{}", fenced(line));
        }
        text.push_str("```\n\n");
    }
    if let Some(fix) = &finding.fix {
        let _ = writeln!(text, "**Fix** ({}): {}\n\n```diff", fix.safety.word(), escaped(&fix.title));
        for hunk in hunks(report, fix) {
            for line in &hunk.removed {
                let _ = writeln!(text, "-{}", fenced(line));
            }
            for line in &hunk.added {
                let _ = writeln!(text, "+{}", fenced(line));
            }
        }
        text.push_str("```\n\n");
    }
    text.push_str("</details>\n");
    text
}

/// Text that Markdown and HTML leave as it is.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in printable(text).chars() {
        if letter == '@' {
            // An annotation is nobody's name.
            out.push_str("@<!-- -->");
        } else if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!') {
            out.push('\\');
            out.push(letter);
        } else {
            out.push_str(&html(letter.encode_utf8(&mut [0; 4])));
        }
    }
    out
}

fn html(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Code in a line, fenced by more backticks than it holds.
fn code(line: &str) -> String {
    let line = printable(line);
    let longest = line.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    format!("{fence} {line} {fence}")
}

/// A line in a fenced block, which it must not close.
fn fenced(line: &str) -> String {
    printable(&line.replace("```", "'''"))
}
