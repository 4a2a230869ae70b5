//! A finding after everything that decides whether it is shown: suppressions, baseline, changed lines.

use super::finding::Finding;

/// A finding and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub finding: Finding,
    /// Why it is not shown; none when it is.
    pub hidden: Option<Hidden>,
}

impl From<Finding> for Judged {
    fn from(finding: Finding) -> Judged {
        Judged { finding, hidden: None }
    }
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    Suppressed(SuppressedBy),
}

/// The suppression that hides a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressedBy {
    pub kind: SuppressionKind,
    /// File of the suppression, relative to the analysed root, with `/`.
    pub path: String,
    /// One-based.
    pub line: u32,
    pub reason: Option<String>,
}

/// Where suppressions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionKind {
    Annotation,
    Comment,
    XmlAttribute,
    LintXml,
    Gradle,
    Config,
}

impl SuppressionKind {
    /// The word used in the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            SuppressionKind::Annotation => "annotation",
            SuppressionKind::Comment => "comment",
            SuppressionKind::XmlAttribute => "xml-attribute",
            SuppressionKind::LintXml => "lint-xml",
            SuppressionKind::Gradle => "gradle",
            SuppressionKind::Config => "config",
        }
    }

    /// In the reported code itself, as SARIF tells apart.
    pub fn in_source(self) -> bool {
        matches!(self, SuppressionKind::Annotation | SuppressionKind::Comment | SuppressionKind::XmlAttribute)
    }
}
