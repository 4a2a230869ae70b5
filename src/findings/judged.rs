//! A finding after everything that decides whether it is shown: suppressions, baseline, changed lines.

use super::finding::{Finding, Place, StepRole};

/// A finding and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub finding: Finding,
    /// Why it is not shown; none when it is.
    pub hidden: Option<Hidden>,
    /// Lines beside its path that make it one, such as the level in a build file that gates its rule.
    pub grounds: Vec<Ground>,
    /// What it has to do with the lines that were changed.
    pub change: Change,
}

/// A line that makes a finding one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub place: Place,
    /// What is said there: `targetSdk is 34`.
    pub message: String,
}

/// What a finding has to do with changed lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// Nobody asked.
    #[default]
    Unasked,
    /// No changed line has to do with it.
    Outside,
    /// A changed line is its place or on its path.
    Inside(Anchor),
}

/// The changed place by which a finding is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub place: Place,
    pub message: String,
    pub role: StepRole,
}

impl From<Finding> for Judged {
    fn from(finding: Finding) -> Judged {
        Judged { finding, hidden: None, grounds: Vec::new(), change: Change::Unasked }
    }
}

impl Judged {
    /// Where people are to look: the changed place if only changes are asked for, else what is wrong itself.
    pub fn shown_place(&self) -> Place {
        match &self.change {
            Change::Inside(anchor) => anchor.place,
            Change::Unasked | Change::Outside => self.finding.place,
        }
    }

    /// Neither hidden nor away from what was changed.
    pub fn counts(&self) -> bool {
        self.hidden.is_none() && self.change != Change::Outside
    }
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    Suppressed(SuppressedBy),
    /// It is in the baseline, for the reason written there.
    Baseline {
        reason: Option<String>,
    },
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
