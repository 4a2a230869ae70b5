//! The report as one page: findings as cards with their numbered way, filters, the rules that found something, what was
//! not understood. Readable without script; nothing comes from elsewhere.

mod finding;
mod highlight;
pub(in crate::report) mod shell;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::findings::{Judged, Severity};

use super::words::count;
use super::{Format, Report};

use shell::{Escaped, Page, Part};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<&Judged> = report.written(Format::Html).collect();
    let mut parts =
        vec![Part { id: "findings", title: "Findings".to_owned(), body: cards(report, &findings) }];
    if !findings.is_empty() {
        parts.push(Part { id: "rules", title: "Rules".to_owned(), body: rules(report, &findings) });
    }
    if !report.problems.is_empty() {
        parts.push(Part {
            id: "problems",
            title: "What was not understood".to_owned(),
            body: problems(report),
        });
    }
    let page = Page {
        title: "Background work: worklint report".to_owned(),
        head: head(report),
        filters: (!findings.is_empty()).then(|| filters(report, &findings)),
        parts,
        foot: format!("Written by worklint {}.", env!("CARGO_PKG_VERSION")),
    };
    shell::write(&page, out)
}

fn head(report: &Report) -> String {
    let summary = report.summary;
    let mut html = String::from("<ul class=\"counts\">");
    if summary.findings() == 0 {
        html.push_str("<li>no findings</li>");
    }
    for (number, word) in [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")]
    {
        if number > 0 {
            let _ = write!(html, "<li class=\"{word}\">{}</li>", count(number, word));
        }
    }
    html.push_str("</ul>\n<p>");
    let mut words = vec![count(summary.files, "file")];
    if summary.modules > 0 {
        words.push(count(summary.modules, "module"));
    }
    if summary.baseline > 0 {
        words.push(format!("{} hidden by the baseline", summary.baseline));
    }
    if summary.suppressed > 0 {
        words.push(format!("{} suppressed", summary.suppressed));
    }
    if let Some(since) = report.changed_since.as_ref().filter(|_| summary.outside > 0) {
        words.push(format!("{} not touched by {}", summary.outside, Escaped(since)));
    }
    if summary.stale > 0 {
        words.push(format!("{} stale in the baseline", summary.stale));
    }
    words.extend(report.elapsed.map(|it| format!("{:.2} s", it.as_secs_f64())));
    html.push_str(&words.join(" · "));
    html.push_str("</p>");
    if !report.complete() {
        html.push_str("\n<p><strong>This run is incomplete, there may be more findings.</strong></p>");
    }
    html
}

fn filters(report: &Report, findings: &[&Judged]) -> String {
    let severities: Vec<(&str, usize)> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| (severity, findings.iter().filter(|it| it.finding.severity == severity).count()))
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| (severity.word(), number))
        .collect();
    let counted = |of: &dyn Fn(&Judged) -> String| -> Vec<(String, usize)> {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        findings.iter().for_each(|it| *numbers.entry(of(it)).or_default() += 1);
        numbers.into_iter().collect()
    };
    let mut html = shell::search("Search in findings");
    html.push_str(&shell::boxes("severity", "Severity", &severities));
    let rules = counted(&|it| it.finding.rule.to_owned());
    html.push_str(&shell::choice("rule", "Rule", "All rules", &rules));
    let modules = counted(&|it| finding::module(report, it).to_owned());
    if modules.len() > 1 {
        html.push_str(&shell::choice("module", "Module", "All modules", &modules));
    }
    html
}

fn cards(report: &Report, findings: &[&Judged]) -> String {
    if findings.is_empty() {
        return "<p class=\"nothing\">No findings.</p>".to_owned();
    }
    let mut html =
        String::from("<p class=\"nothing\" id=\"nothing-left\" hidden>No finding matches the filters.</p>\n");
    let open = findings.len() <= finding::OPEN;
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for judged in findings {
        html.push_str(&finding::card(report, judged, open, &mut ids));
    }
    html
}

/// The pages of the rules that found something.
fn rules(report: &Report, findings: &[&Judged]) -> String {
    let mut html = String::new();
    for rule in &report.rules {
        let number = findings.iter().filter(|it| it.finding.rule == rule.meta.id).count();
        if number == 0 {
            continue;
        }
        let _ = writeln!(
            html,
            "<details id=\"rule-{id}\"><summary><strong>{id}</strong>: {} ({})</summary>\n<div class=\"page\">",
            Escaped(rule.meta.summary),
            count(number, "finding"),
            id = rule.meta.id
        );
        // Its headings are below that of this part.
        let events = pulldown_cmark::Parser::new(rule.meta.body).map(|event| match event {
            pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level, id, classes, attrs }) => {
                let level = lower(level);
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level, id, classes, attrs })
            }
            pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Heading(level)) => {
                pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Heading(lower(level)))
            }
            // No HTML of its own.
            pulldown_cmark::Event::Html(text) | pulldown_cmark::Event::InlineHtml(text) => {
                pulldown_cmark::Event::Text(text)
            }
            other => other,
        });
        let mut body = String::new();
        pulldown_cmark::html::push_html(&mut body, events);
        // What scrolls must be reachable by keyboard.
        html.push_str(&body.replace("<pre>", "<pre tabindex=\"0\">"));
        html.push_str("</div></details>\n");
    }
    html
}

fn lower(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel::{H1, H2, H3, H4, H5, H6};
    match level {
        H1 | H2 => H3,
        H3 => H4,
        H4 => H5,
        H5 | H6 => H6,
    }
}

fn problems(report: &Report) -> String {
    let mut html = String::from("<ul>\n");
    for problem in &report.problems {
        let path = report.from_repository(&problem.path);
        let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = if problem.path.is_empty() {
            String::new()
        } else {
            format!("<code>{}{line}</code>: ", Escaped(&path))
        };
        let _ = writeln!(html, "<li>{place}{}</li>", Escaped(&problem.message));
    }
    html.push_str("</ul>");
    html
}
