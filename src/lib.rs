//! worklint: is this app's background work right?
//!
//! The layers in pipeline order; ARCHITECTURE.md tells what each knows and may import. The library's modules are
//! public for the binary, the tests and the benches; they are no stable API.

pub mod base;
pub mod catalog;
pub mod cli;
pub mod discover;
pub mod facts;
pub mod findings;
pub mod flow;
pub mod model;
pub mod pipeline;
pub mod report;
pub mod rules;
pub mod signatures;
pub mod syntax;
