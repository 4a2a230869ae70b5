//! Words everyone may use: spans, names, source text, problems. Imports nothing of ours.

pub mod name;
pub mod problem;
pub mod source;
pub mod span;

pub use name::Name;
pub use problem::Problem;
pub use source::SourceText;
pub use span::Span;
