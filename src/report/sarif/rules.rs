//! A rule's page as code scanning shows it.

use serde_json::json;

use crate::findings::{Confidence, RuleMeta, Severity};

use super::super::RunRule;
use super::log::{Help, Level, Rule, Text};

/// Code scanning shows no more of a description.
const MAX_DESCRIPTION: usize = 1_024;

pub(super) fn rule(rule: &RunRule) -> Rule {
    let meta = rule.meta;
    let summary = format!("{}.", meta.summary);
    let why = section(meta.body, "Why");
    let first = why.split("\n\n").next().unwrap_or("").trim();
    let full = if first.is_empty() { summary.clone() } else { plain(first) };
    let suppress = format!(
        "Suppress with @SuppressLint(\"{id}\"), //noinspection {id} or tools:ignore=\"{id}\".",
        id = meta.id
    );
    let page = meta.page();
    Rule {
        id: meta.id,
        short_description: Text { text: cut(&summary) },
        full_description: Text { text: cut(&full) },
        help: Help {
            text: format!("{}\n\n{suppress}\n\n{page}", plain(why.trim())),
            markdown: markdown(meta, &page),
        },
        help_uri: page,
        default_configuration: Level { level: super::level(rule.severity) },
        properties: json!({
            "tags": ["android", "background-work", meta.group],
            "precision": match meta.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            "problem.severity": match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        }),
    }
}

fn markdown(meta: &RuleMeta, page: &str) -> String {
    let mut text = meta.body.trim().to_owned();
    if section(meta.body, "Suppressing").is_empty() {
        text.push_str(&format!(
            "\n\n## Suppressing\n\n`@SuppressLint(\"{id}\")` or `@Suppress(\"{id}\")` on an enclosing declaration, \
             `//noinspection {id}` on the line before, `tools:ignore=\"{id}\"` in XML.",
            id = meta.id
        ));
    }
    text.push_str(&format!("\n\n[The page of this rule]({page})\n"));
    text
}

/// What stands below `## name`.
fn section<'t>(body: &'t str, name: &str) -> &'t str {
    let Some(at) = body.find(&format!("## {name}\n")) else { return "" };
    let rest = body[at..].split_once('\n').map_or("", |(_, rest)| rest);
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// Markdown's marks mean nothing in plain text.
fn plain(text: &str) -> String {
    text.replace('`', "").replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_DESCRIPTION {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MAX_DESCRIPTION - 1).collect();
    format!("{kept}…")
}
