//! The result, ready to be written: `Report` holds everything a format needs, a format is one file.
//!
//! Knows no rule and no project: paths, positions and words only.

mod concise;
mod full;
mod json;
mod snippet;
mod summary;
mod words;

use std::io::{self, Write};
use std::time::Duration;

use crate::base::problem::ProblemKind;
use crate::base::{Problem, SourceText};
use crate::findings::{FileId, Finding, Judged, RuleMeta, Severity};

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
    /// In order; suppressed ones only if they were asked for.
    pub findings: Vec<Judged>,
    /// The rules that ran, sorted by id.
    pub rules: Vec<&'static RuleMeta>,
    pub problems: Vec<Problem>,
    pub summary: Summary,
    /// None when reports have to be the same byte for byte.
    pub elapsed: Option<Duration>,
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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files analysed.
    pub files: usize,
    pub modules: usize,
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Findings hidden by suppressions.
    pub suppressed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Full,
    Concise,
    Json,
}

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub color: bool,
    /// Else plain ASCII in everything but quoted source text.
    pub unicode: bool,
    pub width: usize,
    /// Findings written by text formats; the summary names the rest.
    pub max_findings: usize,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Full, Format::Concise, Format::Json];

    pub fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Json => "json",
        }
    }

    /// For people: limited by `Style::max_findings`.
    pub fn is_text(self) -> bool {
        self != Format::Json
    }
}

pub fn render(report: &Report, format: Format, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    match format {
        Format::Full => full::render(report, out, style),
        Format::Concise => concise::render(report, out, style),
        Format::Json => json::render(report, out),
    }
}

impl Report {
    /// Nothing was left out for an error: every file could be read and no analysis stopped.
    pub fn complete(&self) -> bool {
        !self.problems.iter().any(|it| matches!(it.kind, ProblemKind::Panic | ProblemKind::Unreadable))
    }

    fn file(&self, id: FileId) -> Option<&SourceView> {
        self.files.get(id.0 as usize)
    }

    fn rule(&self, finding: &Finding) -> Option<&'static RuleMeta> {
        self.rules.iter().copied().find(|rule| rule.id == finding.rule)
    }

    /// Where the platform documents what is wrong: the first source of the rule's page.
    fn url(&self, finding: &Finding) -> Option<&'static str> {
        self.rule(finding)?.sources.first().copied()
    }

    /// A path as it is written in text, so that terminals and editors find the file.
    fn shown_path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
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

impl Summary {
    pub fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
    }

    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

impl Style {
    /// The character, or what stands for it in plain ASCII.
    fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}
