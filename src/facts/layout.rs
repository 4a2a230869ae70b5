//! What one layout says of code.

use crate::base::{Name, Span};

/// Code that a layout names; the views themselves are declarations of its binding class.
#[derive(Clone, Debug, Default)]
pub struct LayoutFacts {
    /// `tools:context`: the activity that shows it, as written.
    pub context: Option<Name>,
    pub handlers: Vec<Handler>,
}

/// `android:onClick="save"`, or a member that an expression of data binding names (`@{() -> model.save()}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The class of the expression's variable as written; none for a method of the activity.
    pub on: Option<Name>,
    pub member: Name,
    pub span: Span,
}
