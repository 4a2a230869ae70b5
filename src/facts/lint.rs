//! What one `lint.xml` says about issues. Which files it covers is decided by where it lies.

use crate::base::{Name, Span};

use super::manifest::Value;

/// One `lint.xml`, issues in file order.
#[derive(Clone, Debug, Default)]
pub struct LintFacts {
    pub issues: Vec<LintIssue>,
}

/// `<issue id="A,B" severity="ignore"> <ignore path="src/x"/> <ignore regexp="…"/> </issue>`.
#[derive(Clone, Debug)]
pub struct LintIssue {
    /// Ids, split at commas; `all` means every issue.
    pub ids: Vec<Name>,
    /// `ignore`, `informational`, `warning`, `error`, `fatal` as written.
    pub severity: Option<Value>,
    /// `in`: the tools it is meant for, separated by commas, `!` before those that it is not meant for.
    pub clients: Option<Value>,
    /// Globs or paths of `<ignore path=…/>`, relative to the file's directory.
    pub ignored_paths: Vec<Value>,
    /// Regular expressions of `<ignore regexp=…/>`, matched against path and message.
    pub ignored_patterns: Vec<Value>,
    /// The whole element.
    pub span: Span,
}
