//! Words everyone may use: spans, names, source text, problems. Imports nothing of ours.

pub mod memo;
pub mod name;
pub mod problem;
pub mod source;
pub mod span;

pub use memo::Memo;
pub use name::Name;
pub use problem::Problem;
pub use source::SourceText;
pub use span::Span;
