//! What one file says, in no particular language. Data only; knows no other file.
//!
//! The same program in Kotlin and in Java gives the same facts, spans apart.

pub mod body;
pub mod decl;
pub mod dump;
pub mod file;
pub mod gradle;
pub mod layout;
pub mod lint;
pub mod manifest;

pub use body::*;
pub use decl::*;
pub use file::*;
