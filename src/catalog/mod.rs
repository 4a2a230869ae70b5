//! What worklint knows of the platform and of libraries: `rules/catalog/*.toml` as typed, indexed entries.

pub mod entry;
pub mod index;
pub mod load;
pub mod project;
pub mod source;

mod build;
mod callbacks;
mod convert;
mod glob;
mod members;
mod pack;
mod raw;
mod typed;
mod work;

pub use entry::*;
pub use index::{Catalog, TableSet, TopLevel};
pub use load::Tables;
