//! A finding: what is wrong, where, by which path, and what to do instead.

use crate::base::Span;

use super::fix::Fix;

/// Index of a file in the analysed project (sources, manifests and Gradle files in one table, sorted by path).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A span in one of the project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: FileId,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    /// The word used in reports and rule pages.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure the analysis is. A path is as certain as its weakest edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    /// The word used in reports and rule pages.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// What a step of a finding's path is, as in the JSON report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepRole {
    Entry,
    Call,
    Sink,
    Cause,
    Declaration,
    Other,
}

impl StepRole {
    /// The word used in the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            StepRole::Entry => "entry",
            StepRole::Call => "call",
            StepRole::Sink => "sink",
            StepRole::Cause => "cause",
            StepRole::Declaration => "declaration",
            StepRole::Other => "other",
        }
    }
}

/// A place on the way to the finding, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub role: StepRole,
    pub place: Place,
    /// What happens here: `the framework calls this on the main thread`, `calls FeedRepository.latest`.
    pub message: String,
    /// Qualified name of the enclosing declaration.
    pub symbol: String,
}

/// Ready code for what the help says, with the project's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// `kotlin` or `java`.
    pub language: &'static str,
    /// Lines without indentation of their own.
    pub code: String,
}

/// One defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    /// Primary location.
    pub place: Place,
    /// What is wrong, specific, without final stop.
    pub message: String,
    /// What to do instead, naming the API.
    pub help: String,
    /// Short words for the primary location's label in the `full` report: `waits for the network`.
    pub label: String,
    /// Qualified name of the declaration around the primary location, for XML the element path.
    pub symbol: String,
    /// Rule-specific part of the fingerprint: blocking API, action, service class. No lines, no paths.
    pub key: String,
    /// The way here, entry first; the primary location is not repeated.
    pub steps: Vec<Step>,
    /// Further entries that reach the same place, as short names (`SyncReceiver.onReceive`), sorted.
    pub also_from: Vec<String>,
    pub fix: Option<Fix>,
    /// How what the help says may look.
    pub sketch: Option<Sketch>,
}

#[cfg(test)]
pub(crate) mod testing {
    use std::ops::Range;

    use super::*;

    /// A finding with nothing but a place.
    pub(crate) fn finding(rule: &'static str, file: u32, span: Range<usize>) -> Finding {
        Finding {
            rule,
            severity: Severity::Error,
            confidence: Confidence::High,
            place: Place { file: FileId(file), span: Span::new(span.start, span.end) },
            message: "message".into(),
            help: "help".into(),
            label: String::new(),
            symbol: String::new(),
            key: String::new(),
            steps: Vec::new(),
            also_from: Vec::new(),
            fix: None,
            sketch: None,
        }
    }

    /// A rule with nothing but a name.
    pub(crate) fn meta(id: &'static str, group: &'static str) -> crate::findings::RuleMeta {
        crate::findings::RuleMeta {
            id,
            group,
            summary: "summary",
            severity: Severity::Error,
            confidence: Confidence::High,
            fix: "none",
            since: "0.1.0",
            shared: false,
            default_on: true,
            sources: Vec::new(),
            aliases: Vec::new(),
            gates: Vec::new(),
            body: "",
        }
    }

    pub(crate) fn step(role: StepRole, file: u32, span: Range<usize>) -> Step {
        let place = Place { file: FileId(file), span: Span::new(span.start, span.end) };
        Step { role, place, message: String::new(), symbol: String::new() }
    }
}
