//! How an object was made and what was called on it: intents, builders and what they build, reactive chains. Which
//! classes are remembered stands in the catalogue (`[[object]]`).

use std::sync::Arc;

use crate::base::{Name, Span};
use crate::facts::ExprId;
use crate::findings::{FileId, Place};

use super::calls::ArgValue;
use super::ids::FnId;
use super::ty::Type;

/// An object of the catalogue's `[[object]]` classes.
#[derive(Clone, Debug)]
pub struct ObjectValue {
    pub class: Name,
    pub origin: Origin,
    /// The constructor, factory, builder's last call or operator that gave it; none if that is not in sight.
    pub made: Option<ObjectCall>,
    /// The builder or the stream before it.
    pub from: Option<Arc<ObjectValue>>,
    /// What was called on it, in order; property assignments as calls of the setter.
    pub calls: Vec<ObjectCall>,
    /// Calls may be missing: it came from code that is not in sight, or is one of several.
    pub partial: bool,
    /// Which ones it may be, if it came from a call or property with several implementations.
    pub either: Vec<Arc<ObjectValue>>,
}

/// Where an object comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made here; `ObjectValue::made` tells how.
    Made,
    /// Whatever callers pass for this parameter of the function; `RECEIVER`: its extension receiver.
    Param(FnId, u16),
    Elsewhere,
}

/// Parameter index of an extension receiver in [`Origin::Param`].
pub const RECEIVER: u16 = u16::MAX;

/// A call in the life of an object.
#[derive(Clone, Debug)]
pub struct ObjectCall {
    /// The static class or facade.
    pub class: Name,
    /// `<init>` for a constructor.
    pub member: Name,
    pub args: Vec<ArgValue>,
    pub type_args: Vec<Type>,
    pub file: FileId,
    /// Expression of the call, in its file.
    pub expr: ExprId,
    pub span: Span,
    /// The call that gave the object back, of the function that makes it from code which that call gives.
    pub given_by: Option<(FileId, ExprId)>,
    /// Made only on some ways through the code after the object was there.
    pub conditional: bool,
}

impl ObjectCall {
    pub fn place(&self) -> Place {
        Place { file: self.file, span: self.span }
    }

    /// Argument by Kotlin name, else by position.
    pub fn arg(&self, position: usize, name: &str) -> Option<&ArgValue> {
        let named = self.args.iter().find(|arg| arg.name.is_some_and(|it| it == name));
        named.or_else(|| self.args.get(position).filter(|arg| arg.name.is_none()))
    }
}

impl ObjectValue {
    /// An object of which only the class is known.
    pub fn unknown(class: Name, origin: Origin) -> ObjectValue {
        ObjectValue {
            class,
            origin,
            made: None,
            from: None,
            calls: Vec::new(),
            partial: true,
            either: Vec::new(),
        }
    }

    /// The object and what it was made from, latest first.
    pub fn history(&self) -> impl Iterator<Item = &ObjectValue> {
        std::iter::successors(Some(self), |it| it.from.as_deref())
    }

    /// Every call that led to it, latest first: those on it, the one that made it, those on its builder, …
    pub fn all_calls(&self) -> impl Iterator<Item = &ObjectCall> {
        self.history().flat_map(|it| it.calls.iter().rev().chain(&it.made))
    }

    /// The latest call of this name.
    pub fn call(&self, member: &str) -> Option<&ObjectCall> {
        self.all_calls().find(|call| call.member == member)
    }

    /// Is everything known that happened to it?
    pub fn is_whole(&self) -> bool {
        self.history().all(|it| !it.partial)
    }

    /// The first object of its history: the builder, the source.
    pub fn root(&self) -> &ObjectValue {
        self.history().last().unwrap_or(self)
    }
}
