//! What would mend a finding: edits with a title and how far they can be trusted.

use super::finding::Place;

/// How sure it is that the code after a fix does what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// The rule guarantees what the program does afterwards.
    Safe,
    /// Threads or timing change: to be read before it is applied.
    Unsafe,
    /// A sketch that cannot be applied.
    DisplayOnly,
}

impl Safety {
    /// The word used in reports and rule pages.
    pub fn word(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
            Safety::DisplayOnly => "display-only",
        }
    }
}

/// A text in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub place: Place,
    pub text: String,
}

/// Edits that belong together, at least one; they do not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: `remove the suppression`.
    pub title: String,
    pub safety: Safety,
    pub edits: Vec<Edit>,
}
