//! What `lint.xml` files and Gradle's `lint { }` blocks say about rules that share their ids with worklint's: which
//! severity, and where nothing is to be reported. As Android Lint reads them: for a severity the nearest file going
//! up decides, in one file an exact id before `all`; an ignored path or pattern holds wherever it is on the way up.

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

use crate::base::Name;
use crate::base::problem::ProblemKind;
use crate::base::{Problem, SourceText, Span};
use crate::facts::lint::{LintFacts, LintIssue};
use crate::facts::manifest::Value;

use super::finding::Severity;
use super::judged::{SuppressedBy, SuppressionKind};
use super::rule_meta::RuleMeta;

/// A `lint.xml` with where it lies.
#[derive(Clone, Copy, Debug)]
pub struct LintFile<'a> {
    /// Relative to the analysed root, with `/`; files around it start with `../`.
    pub path: &'a str,
    pub text: &'a SourceText,
    pub facts: &'a LintFacts,
}

/// What one word of a `lint { }` block sets for a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradleLint {
    /// `disable`, `ignore`, `error`, `fatal`, `warning`, `informational`.
    pub word: Name,
    pub ids: Vec<Name>,
    /// The build file, relative to the analysed root.
    pub path: String,
    /// One-based.
    pub line: u32,
}

/// The settings of all files, nearest first.
#[derive(Debug, Default)]
pub struct LintConfig {
    files: Vec<ReadFile>,
    /// By module.
    modules: Vec<Vec<GradleLint>>,
}

#[derive(Debug)]
struct ReadFile {
    path: String,
    /// The directory it lies in; empty for the root, `..` above it.
    dir: String,
    issues: Vec<Issue>,
}

#[derive(Debug)]
struct Issue {
    /// In lower case.
    ids: Vec<String>,
    level: Option<Level>,
    paths: Vec<IgnoredPath>,
    patterns: Vec<Regex>,
    line: u32,
}

#[derive(Debug)]
struct IgnoredPath {
    text: String,
    glob: Option<GlobMatcher>,
}

/// A severity that a setting gives; `None` means that nothing is reported.
pub type Level = Option<Severity>;

impl LintConfig {
    /// Reads what all files say. Patterns that are no regular expressions are problems.
    pub fn new<'a>(
        files: impl IntoIterator<Item = LintFile<'a>>,
        modules: Vec<Vec<GradleLint>>,
    ) -> (LintConfig, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut files: Vec<ReadFile> = files.into_iter().map(|file| read(&file, &mut problems)).collect();
        // The deeper a directory, the nearer it is to what lies in it.
        files.sort_by_key(|file| std::cmp::Reverse((depth(&file.dir), file.dir.clone())));
        (LintConfig { files, modules }, problems)
    }

    /// What is set for a rule's finding, and by what.
    pub fn verdict(
        &self,
        rule: &RuleMeta,
        path: &str,
        module: usize,
        message: &str,
    ) -> Option<(Level, SuppressedBy)> {
        // The last word on an id counts.
        let gradle = self.modules.get(module).into_iter().flatten().rev();
        if let Some(found) = gradle.into_iter().find_map(|it| it.verdict(rule)) {
            return Some(found);
        }
        let around = || self.files.iter().filter(|file| covers(&file.dir, path));
        for file in around() {
            let ignoring = file.issues.iter().filter(|it| it.means(rule) || it.means_all());
            if let Some(issue) = ignoring.into_iter().find(|it| it.ignores(&file.dir, path, message)) {
                return Some((None, file.by(issue)));
            }
        }
        around().find_map(|file| {
            let exact = file.issues.iter().rfind(|it| it.level.is_some() && it.means(rule));
            let issue =
                exact.or_else(|| file.issues.iter().rfind(|it| it.level.is_some() && it.means_all()))?;
            Some((issue.level?, file.by(issue)))
        })
    }
}

impl GradleLint {
    fn verdict(&self, rule: &RuleMeta) -> Option<(Level, SuppressedBy)> {
        let means = self.ids.iter().any(|id| is_rule(&id.to_ascii_lowercase(), rule));
        let level = means.then(|| level(&self.word)).flatten()?;
        let by = SuppressedBy {
            kind: SuppressionKind::Gradle,
            path: self.path.clone(),
            line: self.line,
            reason: None,
        };
        Some((level, by))
    }
}

impl ReadFile {
    fn by(&self, issue: &Issue) -> SuppressedBy {
        SuppressedBy {
            kind: SuppressionKind::LintXml,
            path: self.path.clone(),
            line: issue.line,
            reason: None,
        }
    }
}

impl Issue {
    fn means(&self, rule: &RuleMeta) -> bool {
        self.ids.iter().any(|id| is_rule(id, rule))
    }

    fn means_all(&self) -> bool {
        self.ids.iter().any(|id| id == "all")
    }

    fn ignores(&self, dir: &str, path: &str, message: &str) -> bool {
        let below =
            if dir.is_empty() || is_above(dir) { path } else { path.get(dir.len() + 1..).unwrap_or(path) };
        self.paths.iter().any(|ignored| ignored.holds(below))
            || self.patterns.iter().any(|pattern| {
                // `.*/x` is meant for absolute paths.
                pattern.is_match(message) || pattern.is_match(path) || pattern.is_match(&format!("/{path}"))
            })
    }
}

impl IgnoredPath {
    fn holds(&self, path: &str) -> bool {
        let is_prefix = path
            .strip_prefix(self.text.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.text.is_empty());
        is_prefix || self.glob.as_ref().is_some_and(|glob| glob.is_match(path))
    }
}

fn is_rule(id: &str, rule: &RuleMeta) -> bool {
    let id = id.strip_prefix("worklint:").unwrap_or(id);
    id.eq_ignore_ascii_case(rule.id)
        || id.eq_ignore_ascii_case(rule.group)
        || rule.aliases.iter().any(|alias| id.eq_ignore_ascii_case(alias))
}

/// None: the word sets no severity.
fn level(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ignore" | "disable" | "hide" | "hidden" | "off" => None,
        "informational" | "information" | "info" => Some(Severity::Info),
        "warning" => Some(Severity::Warning),
        "error" | "fatal" => Some(Severity::Error),
        _ => return None,
    })
}

fn read(file: &LintFile<'_>, problems: &mut Vec<Problem>) -> ReadFile {
    let dir = file.path.rfind('/').map_or("", |at| &file.path[..at]).to_owned();
    let mut issues = Vec::new();
    for issue in file.facts.issues.iter().filter(|issue| is_for_us(issue)) {
        let mut patterns = Vec::new();
        for pattern in &issue.ignored_patterns {
            match Regex::new(&pattern.text) {
                Ok(regex) => patterns.push(regex),
                Err(_) => problems.push(bad_pattern(file, pattern)),
            }
        }
        issues.push(Issue {
            ids: issue.ids.iter().map(|id| id.to_ascii_lowercase()).collect(),
            level: issue.severity.as_ref().and_then(|it| level(&it.text)),
            paths: issue.ignored_paths.iter().map(|path| ignored(&path.text)).collect(),
            patterns,
            line: file.text.line(issue.span.start),
        });
    }
    ReadFile { path: file.path.to_owned(), dir, issues }
}

/// `in="gradle,!studio"`: what is said for other clients only is not for us.
fn is_for_us(issue: &LintIssue) -> bool {
    let Some(clients) = &issue.clients else { return true };
    let ours = |client: &str| matches!(client, "gradle" | "cli" | "worklint");
    let mut named = false;
    for client in clients.text.split(',').map(str::trim) {
        match client.strip_prefix('!') {
            Some(other) if ours(other) => return false,
            Some(_) => {}
            None if ours(client) => return true,
            None => named = true,
        }
    }
    !named
}

fn bad_pattern(file: &LintFile<'_>, pattern: &Value) -> Problem {
    let span: Span = pattern.span;
    Problem {
        kind: ProblemKind::Syntax,
        path: file.path.to_owned(),
        span: Some(span),
        line: Some(file.text.line(span.start)),
        message: format!("`{}` is no regular expression that worklint can read", pattern.text),
    }
}

fn ignored(text: &str) -> IgnoredPath {
    let text = text.replace('\\', "/");
    let glob =
        text.contains('*').then(|| GlobBuilder::new(&text).literal_separator(false).build().ok()).flatten();
    let text = text.trim_end_matches('/').trim_start_matches("./").to_owned();
    IgnoredPath { text, glob: glob.map(|it| it.compile_matcher()) }
}

/// A directory around the root.
fn is_above(dir: &str) -> bool {
    !dir.is_empty() && dir.split('/').all(|part| part == "..")
}

fn covers(dir: &str, path: &str) -> bool {
    dir.is_empty() && !path.starts_with("../")
        || is_above(dir)
        || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

fn depth(dir: &str) -> i32 {
    let parts = || dir.split('/').filter(|it| !it.is_empty());
    let up = i32::try_from(parts().filter(|it| *it == "..").count()).unwrap_or(i32::MAX);
    if is_above(dir) { -up } else { i32::try_from(parts().count()).unwrap_or(i32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing::meta;
    use super::*;

    fn issue(ids: &[&str], severity: Option<&str>) -> LintIssue {
        LintIssue {
            ids: ids.iter().map(|id| Name::new(id)).collect(),
            severity: severity.map(value),
            clients: None,
            ignored_paths: Vec::new(),
            ignored_patterns: Vec::new(),
            span: Span::new(0, 1),
        }
    }

    fn value(text: &str) -> Value {
        Value { text: Name::new(text), span: Span::new(0, 1) }
    }

    fn config(files: &[(&str, Vec<LintIssue>)]) -> LintConfig {
        let text = SourceText::new("<lint/>".to_owned());
        let facts: Vec<_> =
            files.iter().map(|(path, issues)| (*path, LintFacts { issues: issues.clone() })).collect();
        let files = facts.iter().map(|(path, facts)| LintFile { path, text: &text, facts });
        let (config, problems) = LintConfig::new(files, vec![Vec::new()]);
        assert!(problems.is_empty());
        config
    }

    fn level_of(config: &LintConfig, path: &str) -> Option<Level> {
        config.verdict(&meta("ExactAlarm", "alarms"), path, 0, "the message").map(|it| it.0)
    }

    #[test]
    fn the_nearest_file_decides() {
        let config = config(&[
            (
                "lint.xml",
                vec![issue(&["ExactAlarm", "Other"], Some("error")), issue(&["all"], Some("warning"))],
            ),
            ("../lint.xml", vec![issue(&["exactalarm"], Some("informational"))]),
            ("app/lint.xml", vec![issue(&["all"], Some("ignore"))]),
            ("app/src/lint.xml", vec![issue(&["Other"], Some("fatal"))]),
        ]);
        assert_eq!(level_of(&config, "lib/A.kt"), Some(Some(Severity::Error)), "an id before all");
        assert_eq!(level_of(&config, "app/A.kt"), Some(None));
        assert_eq!(level_of(&config, "app/src/A.kt"), Some(None));
        assert_eq!(level_of(&config, "application/A.kt"), Some(Some(Severity::Error)));
    }

    #[test]
    fn ignored_paths_and_patterns() {
        let mut paths = issue(&["ExactAlarm"], Some("error"));
        paths.ignored_paths = vec![value("src/old"), value("src/**/Gen*.kt")];
        let mut patterns = issue(&["ExactAlarm"], None);
        patterns.ignored_patterns = vec![value(".*/legacy/.*"), value("other message")];
        let config = config(&[("app/lint.xml", vec![paths]), ("lint.xml", vec![patterns])]);
        for path in
            ["app/src/old/A.kt", "app/src/old", "app/src/a/b/GenA.kt", "legacy/A.kt", "app/x/legacy/A.kt"]
        {
            assert_eq!(level_of(&config, path), Some(None), "{path}");
        }
        assert_eq!(level_of(&config, "app/src/older/A.kt"), Some(Some(Severity::Error)));
        assert_eq!(level_of(&config, "src/old/A.kt"), None);
    }

    #[test]
    fn other_clients() {
        let level = |clients: &str| {
            let mut it = issue(&["ExactAlarm"], Some("ignore"));
            it.clients = Some(value(clients));
            level_of(&config(&[("lint.xml", vec![it])]), "A.kt")
        };
        assert_eq!([level("studio"), level("!gradle"), level("studio, !cli")], [None, None, None]);
        assert_eq!([level("gradle,studio"), level("!studio"), level("cli")], [Some(None); 3]);
    }

    #[test]
    fn gradle_comes_first() {
        let gradle = |word: &str| GradleLint {
            word: Name::new(word),
            ids: vec![Name::new("ExactAlarm")],
            path: "build.gradle".to_owned(),
            line: 3,
        };
        let (mut config, _) = LintConfig::new([], vec![vec![gradle("error"), gradle("disable")], Vec::new()]);
        assert_eq!(level_of(&config, "A.kt"), Some(None));
        config.modules[0].truncate(1);
        assert_eq!(level_of(&config, "A.kt"), Some(Some(Severity::Error)));
        assert!(config.verdict(&meta("ExactAlarm", "alarms"), "A.kt", 1, "").is_none());
    }
}
