//! A call site while it is being resolved.

use std::cell::Cell;

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{Arg, ExprId};

use super::super::calls::{Api, SiteKind, Target};
use super::super::ids::FnId;
use super::super::ty::Type;
use super::super::value::{Callable, Value};

/// A call site being put together.
pub(super) struct SiteDraft {
    pub(super) expr: ExprId,
    pub(super) name: Name,
    pub(super) kind: SiteKind,
    pub(super) receiver_expr: Option<ExprId>,
    pub(super) receiver: Value,
    pub(super) api: Option<Api>,
    pub(super) targets: SmallVec<[Target; 1]>,
    /// The project declaration called, with or without body.
    pub(super) declared: Option<FnId>,
    pub(super) args: Vec<Arg>,
    /// Values of `args`, lambdas included once walked.
    pub(super) values: Vec<Value>,
    pub(super) invokes: Callable,
    pub(super) result: Option<Type>,
    pub(super) used: bool,
    /// A function-typed value is called: its type.
    pub(super) function_type: Option<Type>,
    /// A class is created or a functional interface made from a lambda: the class.
    pub(super) created: Option<Name>,
    pub(super) type_args: Vec<Type>,
    /// The type that the value is wanted as.
    pub(super) expected: Option<Type>,
    /// Does the library function called suspend? Known once its signature was looked up.
    pub(super) suspends: Cell<Option<bool>>,
}

impl SiteDraft {
    pub(super) fn new(expr: ExprId, name: Name, receiver: Value) -> SiteDraft {
        SiteDraft {
            expr,
            name,
            kind: SiteKind::Call,
            receiver_expr: None,
            receiver,
            api: None,
            targets: SmallVec::new(),
            declared: None,
            args: Vec::new(),
            values: Vec::new(),
            invokes: Callable::None,
            result: None,
            used: true,
            function_type: None,
            created: None,
            type_args: Vec::new(),
            expected: None,
            suspends: Cell::new(None),
        }
    }

    pub(super) fn read(expr: ExprId, name: Name, receiver: Value) -> SiteDraft {
        SiteDraft { kind: SiteKind::Read, ..SiteDraft::new(expr, name, receiver) }
    }

    pub(super) fn resolved(&self) -> bool {
        self.api.is_some() || self.declared.is_some() || !self.targets.is_empty() || !self.invokes.is_none()
    }
}
