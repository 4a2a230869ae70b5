//! What could not be read or understood: counted, shown, never fatal.

use super::Span;

/// How much of the analysis a problem costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The file or directory could not be read or decoded; nothing of it was analysed.
    Unreadable,
    /// Left out or read in another way for a good reason: a link that leads back, a file too large for a source, text
    /// in another encoding. Told once, no failure.
    Noted,
    /// The file is analysed, but parts of it were not understood.
    Syntax,
    /// The analysis of this file stopped at an internal error.
    Panic,
    /// A fact was assumed because the project does not say it (SDK level, module, placeholder).
    Assumed,
}

/// Something the analysis could not do, where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Path relative to the analysed root, with `/`.
    pub path: String,
    /// Where in the file, if anywhere.
    pub span: Option<Span>,
    /// One-based line of `span`, known even when the text is not kept.
    pub line: Option<u32>,
    /// One sentence, without a final stop.
    pub message: String,
}
