//! From text to facts, one file at a time; the only layer that knows grammars, quick-xml and TOML.

pub mod aidl;
pub mod catalog_toml;
mod declare;
pub mod gradle;
pub mod java;
pub mod kotlin;
pub mod layout;
pub mod lint_xml;
pub mod manifest;
pub mod parsed;
pub mod properties;
pub mod sqldelight;
pub mod suppressions;
mod words;
mod xml;

pub use parsed::{FileKind, Parsed, parse_file};

use crate::base::problem::ProblemKind;
use crate::base::{Problem, Span};

/// A problem at a span of a text that is at hand.
pub(crate) fn problem_at(
    kind: ProblemKind,
    path: &str,
    text: &str,
    span: Option<Span>,
    message: String,
) -> Problem {
    let line = span.map(|span| {
        let before = text.as_bytes().iter().take(span.start as usize).filter(|byte| **byte == b'\n').count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    });
    Problem { kind, path: path.to_owned(), span, line, message }
}
