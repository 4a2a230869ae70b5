//! The result, ready to be written: `Report` holds everything a format needs, a format is one file.
//!
//! Knows no rule and no project: paths, positions and words only.

mod agent;
mod android_lint;
mod checkstyle;
mod concise;
mod diff;
mod full;
mod github;
mod gitlab;
mod grouped;
mod html;
pub mod inventory;
mod json;
mod junit;
mod markdown;
mod rdjson;
mod sarif;
mod snippet;
mod style;
mod summary;
mod words;
mod xml;

use std::io::{self, Write};
use std::time::Duration;

use crate::base::problem::ProblemKind;
use crate::base::source::Position;
use crate::base::{Problem, SourceText};
use crate::findings::{Change, FileId, Finding, Hidden, Judged, Place, RuleMeta, Severity};

pub use style::Style;
pub use summary::{write_problem, write_summary};

/// Everything that is known when the analysis is over.
#[derive(Debug, Default)]
pub struct Report {
    /// The analysed root seen from the repository's root, `.` for the root itself.
    pub root: String,
    /// What stands before paths so that they are relative to the working directory: empty, or ends with `/`.
    pub prefix: String,
    /// `FileId` indexes it.
    pub files: Vec<SourceView>,
    /// All, in order; hidden ones too.
    pub findings: Vec<Judged>,
    /// Which hidden findings are written, marked, by formats that can.
    pub include: Include,
    /// The rules that ran, sorted by id.
    pub rules: Vec<RunRule>,
    pub problems: Vec<Problem>,
    pub summary: Summary,
    /// None when reports have to be the same byte for byte.
    pub elapsed: Option<Duration>,
    /// Address before paths from the repository's root; ends with `/`.
    pub link_base: Option<String>,
    /// There is a baseline, so what it does not hide is new.
    pub has_baseline: bool,
    /// What changes were looked at since, in words: `origin/main`, `staged lines`.
    pub changed_since: Option<String>,
}

/// A file of the project, as far as reports need it.
#[derive(Debug, Default)]
pub struct SourceView {
    /// Relative to the analysed root, with `/`.
    pub path: String,
    /// `:feature:sync`; empty when unknown.
    pub module: String,
    pub text: SourceText,
}

/// A rule of the run.
#[derive(Clone, Copy, Debug)]
pub struct RunRule {
    pub meta: &'static RuleMeta,
    /// What its findings have unless something else is said for a path.
    pub severity: Severity,
}

/// Hidden findings that are written all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    pub suppressed: bool,
    pub baseline: bool,
}

/// Counts of what is not hidden and, if changes were asked for, has to do with them; and of what is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files analysed.
    pub files: usize,
    pub modules: usize,
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Findings with a fix, and with a safe one.
    pub fixable: usize,
    pub safely_fixable: usize,
    /// Findings hidden by suppressions.
    pub suppressed: usize,
    /// Findings hidden by the baseline.
    pub baseline: usize,
    /// Entries of the baseline that match nothing any more.
    pub stale: usize,
    /// Findings that have nothing to do with the changed lines.
    pub outside: usize,
}

/// Where a finding or step is, as files want it.
pub(crate) struct Spot<'r> {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) view: &'r SourceView,
    pub(crate) start: Position,
    /// One past the end.
    pub(crate) end: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Full,
    Concise,
    Grouped,
    Agent,
    Json,
    JsonLines,
    Sarif,
    Github,
    Gitlab,
    Checkstyle,
    Junit,
    Rdjson,
    AndroidLint,
    Markdown,
    Html,
}

impl Format {
    pub const ALL: [Format; 15] = [
        Format::Full,
        Format::Concise,
        Format::Grouped,
        Format::Agent,
        Format::Json,
        Format::JsonLines,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Checkstyle,
        Format::Junit,
        Format::Rdjson,
        Format::AndroidLint,
        Format::Markdown,
        Format::Html,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Grouped => "grouped",
            Format::Agent => "agent",
            Format::Json => "json",
            Format::JsonLines => "json-lines",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Checkstyle => "checkstyle",
            Format::Junit => "junit",
            Format::Rdjson => "rdjson",
            Format::AndroidLint => "android-lint",
            Format::Markdown => "markdown",
            Format::Html => "html",
        }
    }

    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|it| it.name() == name)
    }

    /// For people: limited by `Style::max_findings`.
    pub fn is_text(self) -> bool {
        matches!(self, Format::Full | Format::Concise | Format::Grouped | Format::Agent)
    }

    /// Can say that a finding is hidden.
    pub fn marks_hidden(self) -> bool {
        self.is_text() || matches!(self, Format::Json | Format::JsonLines | Format::Sarif | Format::Html)
    }

    /// Holds everything whatever lines were changed, because its reader compares by itself.
    pub fn is_complete(self) -> bool {
        matches!(self, Format::Json | Format::JsonLines | Format::Sarif | Format::Gitlab)
    }
}

/// Writes one format.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, format: Format, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    match format {
        Format::Full => full::render(report, out, style),
        Format::Concise => concise::render(report, out, style),
        Format::Grouped => grouped::render(report, out, style),
        Format::Agent => agent::render(report, out, style),
        Format::Json => json::render(report, out),
        Format::JsonLines => json::render_lines(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Github => github::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Checkstyle => checkstyle::render(report, out),
        Format::Junit => junit::render(report, out),
        Format::Rdjson => rdjson::render(report, out),
        Format::AndroidLint => android_lint::render(report, out),
        Format::Markdown => markdown::render(report, out),
        Format::Html => html::render(report, out),
    }
}

impl Report {
    /// Nothing was left out for an error: every file could be read and no analysis stopped.
    pub fn complete(&self) -> bool {
        !self.problems.iter().any(|it| matches!(it.kind, ProblemKind::Panic | ProblemKind::Unreadable))
    }

    /// The findings that a format writes, in order.
    pub fn written(&self, format: Format) -> impl Iterator<Item = &Judged> {
        self.findings.iter().filter(move |judged| {
            let shown = match judged.hidden {
                None => true,
                Some(Hidden::Suppressed(_)) => self.include.suppressed && format.marks_hidden(),
                Some(Hidden::Baseline { .. }) => self.include.baseline && format.marks_hidden(),
            };
            shown && (judged.change != Change::Outside || format.is_complete())
        })
    }

    fn file(&self, id: FileId) -> Option<&SourceView> {
        self.files.get(id.0 as usize)
    }

    fn spot(&self, place: Place) -> Option<Spot<'_>> {
        let view = self.file(place.file)?;
        Some(Spot {
            path: self.from_repository(&view.path),
            view,
            start: view.text.position(place.span.start),
            end: view.text.position(place.span.end),
        })
    }

    fn rule(&self, finding: &Finding) -> Option<&'static RuleMeta> {
        self.rules.iter().map(|rule| rule.meta).find(|rule| rule.id == finding.rule)
    }

    /// Where the platform documents what is wrong: the first source of the rule's page.
    fn url(&self, finding: &Finding) -> Option<&'static str> {
        self.rule(finding)?.sources.first().copied()
    }

    /// A path as it is written in text, so that terminals and editors find the file.
    fn shown_path(&self, path: &str) -> String {
        // `../` of the root's surroundings and the prefix cancel each other out.
        lexical(&format!("{}{path}", self.prefix))
    }

    /// A path of the analysed root seen from the repository's root.
    pub fn from_repository(&self, path: &str) -> String {
        if self.root == "." || self.root.is_empty() {
            path.to_owned()
        } else {
            lexical(&format!("{}/{path}", self.root))
        }
    }

    /// Files with parts that were not understood.
    fn partly_understood(&self) -> usize {
        let mut paths: Vec<_> = self
            .problems
            .iter()
            .filter(|it| it.kind == ProblemKind::Syntax)
            .map(|it| it.path.as_str())
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths.len()
    }
}

/// Without `a/..`.
fn lexical(path: &str) -> String {
    if !path.contains("../") {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("..", Some(last)) if !last.is_empty() && *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

impl Summary {
    /// Counts everything in a list of findings.
    pub fn of(findings: &[Judged]) -> Summary {
        let mut summary = Summary::default();
        for judged in findings {
            match &judged.hidden {
                Some(Hidden::Suppressed(_)) => summary.suppressed += 1,
                Some(Hidden::Baseline { .. }) => summary.baseline += 1,
                None if judged.change == Change::Outside => summary.outside += 1,
                None => summary.count(&judged.finding),
            }
        }
        summary
    }

    fn count(&mut self, finding: &Finding) {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
        if let Some(fix) = &finding.fix {
            self.fixable += 1;
            self.safely_fixable += usize::from(fix.safety == crate::findings::Safety::Safe);
        }
    }

    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_seen_from_elsewhere() {
        let report = Report { root: "a/b".into(), prefix: "../b/".into(), ..Report::default() };
        assert_eq!(report.from_repository("x/Y.kt"), "a/b/x/Y.kt");
        assert_eq!(report.from_repository("../c/Y.kt"), "a/c/Y.kt");
        assert_eq!(report.from_repository("../../../Y.kt"), "../Y.kt");
        assert_eq!(report.shown_path("x/Y.kt"), "../b/x/Y.kt");
        assert_eq!(report.shown_path("../c/Y.kt"), "../c/Y.kt");
    }
}
