//! One test binary, a module per promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod action;
mod architecture;
mod baseline;
mod catalog;
mod changed;
mod cli;
mod config;
mod discover;
mod fixes;
mod formats;
mod gradle;
mod inventory;
mod java;
mod java_robustness;
mod kotlin;
mod kotlin_broken;
mod lowering;
mod manifest;
mod rules;
mod sdk;
mod signatures;
mod signatures_catalog;
mod sketches;
mod support;
mod suppressions;
mod trees;
