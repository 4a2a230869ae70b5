//! Code that is called although no interface says so: lambdas given to some callees, methods called by reflection.

use serde::{Deserialize, Serialize};

use crate::base::Name;

use super::entry::{Background, ThreadWord};
use super::{glob, pack};

/// What marks composable functions; also the class of functions in a composition that nobody knows.
pub const COMPOSABLE: &str = "androidx.compose.runtime.Composable";

/// `[[lambda_parameter]]`: lambdas given to such callees are callbacks although no interface is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LambdaParameter {
    #[serde(with = "pack")]
    pub callee_annotation: Option<Name>,
    /// Package prefixes ending with a dot, or whole packages.
    #[serde(with = "pack")]
    pub callee_package: Vec<Name>,
    /// Names of functions (`set*Button`) that take such lambdas by convention, whatever their class is;
    /// asked only where nothing else is known of the call.
    #[serde(with = "pack")]
    pub callee_name: Vec<Name>,
    /// Parameter names as patterns with `*` (prefix, suffix or whole); empty: any.
    #[serde(with = "pack")]
    pub names: Vec<Name>,
    pub thread: ThreadWord,
    pub background: Background,
    /// Parameters (patterns as in `names`) whose lambdas are composable content.
    #[serde(with = "pack")]
    pub composable: Vec<Name>,
    /// Parameters (patterns as in `names`) whose lambdas take nothing.
    #[serde(with = "pack")]
    pub without_parameter: Vec<Name>,
    /// Functions with a lower-case name whose last lambda is composable content.
    #[serde(with = "pack")]
    pub composable_functions: Vec<Name>,
    /// Functions with an upper-case name whose last lambda is not.
    #[serde(with = "pack")]
    pub not_composable: Vec<Name>,
    /// Functions that run their lambda in place, as part of the composition around.
    #[serde(with = "pack")]
    pub in_composition: Vec<Name>,
}

impl LambdaParameter {
    /// Do functions of this name take such lambdas by convention?
    pub fn is_called(&self, name: &str) -> bool {
        self.callee_name.iter().any(|pattern| glob::matches(pattern, name))
    }

    /// Is what a parameter of this name takes composable content?
    pub fn composes(&self, parameter: &str) -> bool {
        self.composable.iter().any(|pattern| glob::matches(pattern, parameter))
    }

    /// Does the lambda for a parameter of this name take nothing?
    pub fn gives_nothing(&self, parameter: &str) -> bool {
        self.without_parameter.iter().any(|pattern| glob::matches(pattern, parameter))
    }

    /// Is a class, facade or package one of those whose functions take such lambdas?
    pub fn covers(&self, path: &str) -> bool {
        self.callee_package.iter().any(|package| {
            let whole = package.trim_end_matches('.');
            path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// `[[named_callback]]`: methods called by reflection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedCallback {
    /// Exact names or globs.
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    /// `registers:class.method`: the object passes itself to that method; `layout:onClick`: a layout's attribute
    /// names the method.
    #[serde(with = "pack")]
    pub when: Name,
    pub thread: ThreadWord,
    pub background: Background,
}
