//! One finding as a card: what, where, by which way with its source lines, what to do, how to suppress.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::findings::fingerprint::fingerprint;
use crate::findings::{Hidden, Judged, Place};

use super::super::Report;
use super::super::diff::hunks;
use super::super::sarif::encoded;
use super::super::words::{anchored, call_path, count, suppression};
use super::highlight;
use super::shell::Escaped;

/// Up to so many findings show their ways at once.
pub(super) const OPEN: usize = 10;
/// Lines around the one that is meant.
const CONTEXT: u32 = 1;

pub(super) fn module<'r>(report: &'r Report, judged: &Judged) -> &'r str {
    report.file(judged.finding.place.file).map_or("", |it| it.module.as_str())
}

pub(super) fn card(
    report: &Report,
    judged: &Judged,
    open: bool,
    ids: &mut BTreeMap<String, usize>,
) -> String {
    let finding = &judged.finding;
    let Some(spot) = report.spot(judged.shown_place()) else { return String::new() };
    let place = format!("{}:{}:{}", spot.path, spot.start.line, spot.start.column);
    let severity = finding.severity.word();
    let id = own_id(judged, ids);
    let mut html = String::new();
    let words = format!("{} {} {place} {} {}", finding.rule, finding.message, finding.symbol, finding.help)
        .to_lowercase();
    let _ = writeln!(
        html,
        "<article id=\"{id}\" class=\"is-{severity}\" data-entry data-severity=\"{severity}\" data-rule=\"{}\" data-module=\"{}\" data-text=\"{}\">",
        finding.rule,
        Escaped(module(report, judged)),
        Escaped(&words)
    );
    let mark = match &judged.hidden {
        None => "",
        Some(Hidden::Suppressed(_)) => " <span class=\"chip hiddenby\">suppressed</span>",
        Some(Hidden::Baseline { .. }) => " <span class=\"chip hiddenby\">in the baseline</span>",
    };
    let _ = writeln!(
        html,
        "<h3><span class=\"chip {severity}\">{severity}</span>{mark} <span class=\"message\">{}</span></h3>",
        Escaped(&finding.message)
    );
    let _ = writeln!(
        html,
        "<p class=\"place\"><a class=\"rule\" href=\"#rule-{}\">{}</a> {}</p>",
        finding.rule,
        finding.rule,
        linked(report, &spot.path, &place, spot.start.line)
    );
    if let Some(words) = anchored(report, judged) {
        let _ = writeln!(html, "<p>Changed here: {}</p>", Escaped(&words));
    }
    html.push_str(&way(report, judged, open));
    let _ = writeln!(html, "<p class=\"help\"><strong>Help:</strong> {}</p>", Escaped(&finding.help));
    html.push_str(&sketch(judged));
    html.push_str(&also_from(judged));
    html.push_str(&fix(report, judged));
    html.push_str(&actions(report, judged, &id));
    html.push_str("</article>\n");
    html
}

/// Stays the same between reports, so that links to it do.
fn own_id(judged: &Judged, ids: &mut BTreeMap<String, usize>) -> String {
    let id = format!("f-{}", fingerprint(&judged.finding).trim_start_matches("v1:"));
    let number = ids.entry(id.clone()).or_default();
    *number += 1;
    if *number == 1 { id } else { format!("{id}-{number}") }
}

fn linked(report: &Report, path: &str, text: &str, line: u32) -> String {
    match &report.link_base {
        Some(base) => format!("<a href=\"{}{}#L{line}\">{}</a>", Escaped(base), encoded(path), Escaped(text)),
        None => Escaped(text).to_string(),
    }
}

fn way(report: &Report, judged: &Judged, open: bool) -> String {
    let finding = &judged.finding;
    let label = if finding.label.is_empty() { "here" } else { finding.label.as_str() };
    let steps = finding.steps.iter().map(|step| (step.place, step.message.as_str()));
    let all: Vec<(Place, &str)> = steps.chain([(finding.place, label)]).collect();
    let title = match all.len() {
        1 => "The place".to_owned(),
        number => format!("The way, in {}:", count(number, "step")),
    };
    let names = call_path(finding).filter(|names| names.len() > 1).map(|names| diagram(&names));
    let open = if open { " open" } else { "" };
    let mut html = format!(
        "<details{open}><summary>{title}{}</summary>\n<ol class=\"way\">\n",
        names.unwrap_or_default()
    );
    for (number, (place, message)) in all.iter().enumerate() {
        let Some(spot) = report.spot(*place) else { continue };
        let last = if number + 1 == all.len() { " class=\"last\"" } else { "" };
        let text = format!("{}:{}", spot.path, spot.start.line);
        let _ = writeln!(
            html,
            "<li{last}><span class=\"number\" aria-hidden=\"true\">{}</span><p>{} <span class=\"place\">{}</span></p>",
            number + 1,
            Escaped(message),
            linked(report, &spot.path, &text, spot.start.line)
        );
        html.push_str(&snippet(report, *place, number + 1));
        html.push_str("</li>\n");
    }
    html.push_str("</ol></details>\n");
    html
}

/// The way as boxes in a row: where it starts, what is called, what is wrong.
fn diagram(names: &[&str]) -> String {
    let mut html = String::from(" <span class=\"names\">");
    for (at, name) in names.iter().enumerate() {
        let class = match at {
            0 => "node first",
            _ if at + 1 == names.len() => "node last",
            _ => "node",
        };
        if at > 0 {
            html.push_str("<span class=\"arrow\">→</span>");
        }
        let _ = write!(html, "<code class=\"{class}\">{}</code>", Escaped(name));
    }
    html.push_str("</span>");
    html
}

/// The line that is meant, with those around it.
fn snippet(report: &Report, place: Place, number: usize) -> String {
    let Some(view) = report.file(place.file) else { return String::new() };
    let text = &view.text;
    let line = text.line(place.span.start);
    let last = u32::try_from(text.lines()).unwrap_or(u32::MAX).max(line);
    let lines = line.saturating_sub(CONTEXT).max(1)..=(line + CONTEXT).min(last);
    let indent = indent(lines.clone().map(|at| text.line_text(at)));
    let mut html =
        format!("<pre class=\"source\" tabindex=\"0\" aria-label=\"Source of step {number}\"><code>");
    for at in lines {
        let source = text.line_text(at).get(indent..).unwrap_or("");
        let here = at == line;
        let marked = here.then(|| {
            let column = text.byte_position(place.span.start).column as usize - 1;
            // A byte order mark is no part of the line.
            let mark = if at == 1 && text.text.starts_with('\u{feff}') { 3 } else { 0 };
            let column = column.saturating_sub(mark + indent);
            column..column + (place.span.end - place.span.start) as usize
        });
        let class = if here { "no here" } else { "no" };
        let _ = writeln!(
            html,
            "<span class=\"{class}\">{at}</span>{}",
            highlight::line(source, &view.path, marked)
        );
    }
    html.push_str("</code></pre>");
    html
}

/// Bytes of white space that all lines begin with: on a small screen there is no room for them.
fn indent<'t>(lines: impl Iterator<Item = &'t str>) -> usize {
    let mut common: Option<&str> = None;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let own = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let shared = common.map_or(own, |common| {
            let same = common.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
            &own[..same]
        });
        common = Some(shared);
    }
    common.map_or(0, str::len)
}

fn sketch(judged: &Judged) -> String {
    let Some(sketch) = &judged.finding.sketch else { return String::new() };
    let file = if sketch.language == "java" { "A.java" } else { "A.kt" };
    let mut html = String::from(
        "<details><summary>How that may look</summary>\n<pre class=\"source\" tabindex=\"0\" aria-label=\"Example\"><code>",
    );
    for line in sketch.code.lines() {
        let _ = writeln!(html, "{}", highlight::line(line, file, None));
    }
    html.push_str("</code></pre></details>\n");
    html
}

fn also_from(judged: &Judged) -> String {
    let also = &judged.finding.also_from;
    if also.is_empty() {
        return String::new();
    }
    let names: Vec<String> = also.iter().map(|it| format!("<code>{}</code>", Escaped(it))).collect();
    format!("<p>Also reached from {}.</p>\n", names.join(", "))
}

fn fix(report: &Report, judged: &Judged) -> String {
    let Some(fix) = &judged.finding.fix else { return String::new() };
    let mut html = format!(
        "<details><summary>Fix ({}): {}</summary>\n<pre class=\"diff\" tabindex=\"0\" aria-label=\"Fix\"><code>",
        fix.safety.word(),
        Escaped(&fix.title)
    );
    for hunk in hunks(report, fix) {
        if let Some(view) = report.file(hunk.file) {
            let _ = writeln!(html, "{}:{}", Escaped(&report.from_repository(&view.path)), hunk.line);
        }
        for line in &hunk.removed {
            let _ = write!(html, "<span class=\"gone\">- {}</span>", Escaped(line));
        }
        for line in &hunk.added {
            let _ = write!(html, "<span class=\"come\">+ {}</span>", Escaped(line));
        }
    }
    html.push_str("</code></pre></details>\n");
    html
}

fn actions(report: &Report, judged: &Judged, id: &str) -> String {
    let finding = &judged.finding;
    let mut html = String::new();
    match &judged.hidden {
        Some(Hidden::Suppressed(by)) => {
            let reason = by.reason.as_ref().map(|it| format!(": {}", Escaped(it))).unwrap_or_default();
            let path = report.from_repository(&by.path);
            let _ = writeln!(
                html,
                "<p>Suppressed by {} at <code>{}:{}</code>{reason}</p>",
                by.kind.word(),
                Escaped(&path),
                by.line
            );
        }
        Some(Hidden::Baseline { reason: Some(reason) }) => {
            let _ = writeln!(html, "<p>In the baseline: {}</p>", Escaped(reason));
        }
        Some(Hidden::Baseline { reason: None }) => {}
        None => {
            let path = report.file(finding.place.file).map_or("", |it| it.path.as_str());
            let Some(text) = suppression(finding, path) else { return html };
            let (copied, place) = text.split_once(" on ").unwrap_or((&text, ""));
            let _ = writeln!(
                html,
                "<p class=\"actions\"><span>Suppress: <code>{}</code></span> \
                 <button type=\"button\" class=\"js-only\" data-copy=\"{}\" aria-label=\"Copy the suppression of {}\">Copy</button> \
                 <a href=\"#{id}\" aria-label=\"Link to this finding\">Link</a></p>",
                Escaped(&text),
                Escaped(copied),
                Escaped(if place.is_empty() { finding.rule } else { place })
            );
        }
    }
    html
}
