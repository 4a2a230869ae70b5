//! Errors of use: what is wrong and where, the nearest valid value, one line of help.

use std::fmt;
use std::io;

use crate::findings::select::SelectError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    Usage(UseError),
    Output(io::Error),
}

/// Something the user can put right.
#[derive(Debug)]
pub(super) struct UseError {
    what: String,
    help: String,
}

impl UseError {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> UseError {
        UseError { what: what.into(), help: help.into() }
    }

    /// A word of an option (or command) that names no rule.
    pub(super) fn select(place: &str, error: &SelectError) -> UseError {
        let help = match error {
            SelectError::Unknown { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`? `worklint rules` lists all rules and groups")
            }
            SelectError::Unknown { nearest: None, .. } => {
                "`worklint rules` lists all rules and groups".to_owned()
            }
            SelectError::TwoSeverities { .. } => {
                "give each rule one severity; an id wins over its group".to_owned()
            }
        };
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        UseError::new(format!("{place}{error}"), help)
    }
}

impl fmt::Display for UseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        writeln!(f, "  help: {}", self.help)
    }
}

impl From<UseError> for Failure {
    fn from(error: UseError) -> Failure {
        Failure::Usage(error)
    }
}
