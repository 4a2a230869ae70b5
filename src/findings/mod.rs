//! The result's vocabulary, and what is done to findings: selection, suppression, order, fingerprints. Knows no rule.

pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod judged;
pub mod levels;
pub mod lint;
pub mod order;
pub mod rule_meta;
pub mod select;
pub mod suppress;

pub use finding::*;
pub use fix::{Edit, Fix, Safety};
pub use judged::*;
pub use rule_meta::RuleMeta;
pub use select::Selection;
