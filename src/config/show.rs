//! Settings in words: each value with the layer that gave it, and the file that `config init` writes.

use std::fmt::Write as _;
use std::path::Path;

use crate::findings::RuleMeta;

use super::file::{FailOn, Switch, Urgency};
use super::resolve::{Set, Settings};

/// A commented `worklint.toml` in which nothing is set; a test reads it.
pub const TEMPLATE: &str = r#"# Settings of worklint. Everything below is the default: uncomment what is to differ.
# `worklint config schema` describes the format, `worklint config show` what holds and why.
version = 1

# extends = "../worklint.toml"      # settings of that file hold where this one is silent

[project]
# exclude = ["**/legacy/**"]        # globs relative to this file
# tests = false                     # also src/test, src/androidTest, testFixtures
# generated = false
# sdk-levels = { min = 24, target = 36 }   # for modules whose Gradle files do not say them

[rules]
# preset = "recommended"            # recommended, strict (warnings as errors), all, none
# deny = []                         # errors; ids or groups, as `worklint rules` lists them
# warn = []                         # warnings
# info = []
# allow = []                        # off
# android-lint-overlap = "on"       # off: leave out rules that Android Lint, androidx or detekt have, too

# [rules.DatabaseOnMainThread]
# severity = "error"                # error, warning, info, off
# confidence = "medium"             # high, medium, low: from this certainty upward
# exclude = ["**/migration/**"]

# [[overrides]]
# paths = ["benchmark/**"]
# rules = { main-thread = "info" }

[catalog]
# files = ["config/worklint-catalog.toml"]   # the project's own APIs, in the tables of rules/catalog

[work]
# "com.example.sync.*" = "deferrable"       # immediate, long-running, deferrable: by class or API

[suppressions]
# annotations = ["SuppressLint", "Suppress", "SuppressWarnings"]
# comments = ["noinspection"]
# lint-xml = true                   # honour lint.xml and Gradle's lint blocks
# require-reason = false
# unused = "warn"                   # off, warn, error

[baseline]
# file = "worklint-baseline.json"
# stale = "warn"                    # off, warn, error

[output]
# format = "full"
# fail-on = "error"                 # error, warning, info, never
# max-warnings = 100
"#;

/// Every setting, one a line: key, value, where it comes from.
pub fn show(settings: &Settings, metas: &[RuleMeta], base: &Path) -> String {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let mut row =
        |key: &str, value: String, origin: &str| rows.push((key.to_owned(), value, origin.to_owned()));
    let file = |path: &Path| path.strip_prefix(base).unwrap_or(path).display().to_string();
    let exclude = settings.exclude.value.as_ref().map_or(Vec::new(), |it| it.patterns.clone());
    row("project.exclude", list(&exclude), &settings.exclude.origin);
    row("project.tests", settings.tests.value.to_string(), &settings.tests.origin);
    row("project.generated", settings.generated.value.to_string(), &settings.generated.origin);
    row("project.sdk-levels.min", optional(&settings.min_sdk), &settings.min_sdk.origin);
    row("project.sdk-levels.target", optional(&settings.target_sdk), &settings.target_sdk.origin);
    for meta in metas {
        let Some(rule) = settings.rules.get(meta.id) else { continue };
        let severity = match (rule.value.on, rule.value.severity) {
            (false, _) => "off",
            (true, None) => meta.severity.word(),
            (true, Some(severity)) => severity.word(),
        };
        let only =
            if settings.levels.only_overridden.contains(meta.id) { " (only in overrides)" } else { "" };
        row(&format!("rules.{}.severity", meta.id), format!("{severity}{only}"), &rule.origin);
    }
    for (id, confidence) in &settings.levels.rule_confidence {
        row(&format!("rules.{id}.confidence"), confidence.word().to_owned(), "configuration");
    }
    for over in &settings.levels.overrides {
        let levels =
            over.rules.iter().map(|(id, level)| format!("{id} = {}", level.map_or("off", |it| it.word())));
        let origin = format!("{}:{}", over.by.path, over.by.line);
        row("overrides", levels.collect::<Vec<_>>().join(", "), &origin);
    }
    let catalog: Vec<String> = settings.catalog.value.iter().map(|it| file(&it.path)).collect();
    row("catalog.files", list(&catalog), &settings.catalog.origin);
    for (name, urgency) in &settings.work {
        row(&format!("work.{name}"), word(urgency.value).to_owned(), &urgency.origin);
    }
    let accepted = &settings.accepted;
    row("suppressions.annotations", list(&accepted.value.annotations), &accepted.origin);
    let comments = if accepted.value.comments { vec!["noinspection".to_owned()] } else { Vec::new() };
    row("suppressions.comments", list(&comments), &accepted.origin);
    row("suppressions.lint-xml", settings.lint_xml.value.to_string(), &settings.lint_xml.origin);
    row("suppressions.unused", switch(settings.unused.value).to_owned(), &settings.unused.origin);
    let baseline =
        settings.baseline.value.as_deref().map_or("worklint-baseline.json, if it exists".to_owned(), file);
    row("baseline.file", baseline, &settings.baseline.origin);
    row("baseline.stale", switch(settings.stale.value).to_owned(), &settings.stale.origin);
    row("output.format", settings.format.value.clone(), &settings.format.origin);
    row("output.fail-on", fail_on(settings.fail_on.value).to_owned(), &settings.fail_on.origin);
    row("output.max-warnings", optional(&settings.max_warnings), &settings.max_warnings.origin);
    let widths = [width(rows.iter().map(|it| &it.0)), width(rows.iter().map(|it| &it.1))];
    let mut text = String::new();
    for (key, value, origin) in rows {
        let _ = writeln!(text, "{key:a$}  {value:b$}  {origin}", a = widths[0], b = widths[1]);
    }
    text
}

fn width<'t>(texts: impl Iterator<Item = &'t String>) -> usize {
    texts.map(|it| it.chars().count()).max().unwrap_or(0).min(48)
}

fn list(words: &[String]) -> String {
    format!("[{}]", words.join(", "))
}

fn optional<T: ToString>(set: &Set<Option<T>>) -> String {
    set.value.as_ref().map_or_else(|| "unset".to_owned(), T::to_string)
}

fn word(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Immediate => "immediate",
        Urgency::LongRunning => "long-running",
        Urgency::Deferrable => "deferrable",
    }
}

fn switch(value: Switch) -> &'static str {
    match value {
        Switch::Off => "off",
        Switch::Warn => "warn",
        Switch::Error => "error",
    }
}

fn fail_on(value: FailOn) -> &'static str {
    match value {
        FailOn::Error => "error",
        FailOn::Warning => "warning",
        FailOn::Info => "info",
        FailOn::Never => "never",
    }
}
