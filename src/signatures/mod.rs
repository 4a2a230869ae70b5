//! Signatures of the platform and of common libraries: which classes there are, what they inherit, which members they
//! have and of which types. Facts of public API only; what a call does (blocks, hands code on) is the catalogue's.
//!
//! The binary embeds two compact files: `platform.bin`, generated from published packages, and `handwritten.bin`, made
//! of `rules/signatures/*.txt`. Nothing is read before it is asked for, and then once.

mod bytes;
mod container;
mod lookup;
mod record;
mod signature;
mod text;
mod write;

pub use lookup::{Members, Signatures, SingleMethod, TopLevel};
pub use signature::*;
pub use text::{TextError, parse};
pub use write::write;
