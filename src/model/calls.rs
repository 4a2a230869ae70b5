//! Call sites: every call, creation and property access of the project, resolved as far as types allow.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::facts::ExprId;
use crate::findings::{Confidence, FileId, Place};

use super::ids::{FnId, PropId};
use super::intents::IntentValue;
use super::objects::ObjectValue;
use super::ty::Type;
use super::value::{Callable, Const, ThreadValue};

/// One call site.
#[derive(Clone, Debug)]
pub struct CallSite {
    pub file: FileId,
    /// The innermost function whose body contains it.
    pub function: FnId,
    pub expr: ExprId,
    /// The whole call expression, receiver included.
    pub span: Span,
    /// The name called.
    pub name_span: Span,
    pub name: Name,
    pub kind: SiteKind,
    pub receiver: Option<ExprId>,
    pub receiver_type: Option<Type>,
    /// What is known of the receiver beyond its type.
    pub receiver_facts: Option<Box<ArgFacts>>,
    /// Code that the receiver holds (`Thread { }.start()`).
    pub receiver_code: Callable,
    /// The library member called, when the receiver's type is (or inherits from) a library class.
    pub api: Option<Api>,
    /// Project functions that may run.
    pub targets: SmallVec<[Target; 1]>,
    /// The project declaration that the call names, with or without body.
    pub declared: Option<FnId>,
    pub args: Vec<ArgValue>,
    pub result: Option<Type>,
    /// The result is used: assigned, returned, passed on, tested.
    pub used: bool,
    /// The lambda parameter or function-typed property that is invoked here.
    pub invokes: Callable,
    /// Is what is called a suspend function? None: nothing says so.
    pub suspends: Option<bool>,
}

impl SiteKind {
    /// Is it nothing that stands there, but what the language does?
    pub fn is_implied(self) -> bool {
        matches!(self, SiteKind::FirstUse | SiteKind::Close | SiteKind::SuperConstructor | SiteKind::Injected)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    Call,
    /// A constructor call; `api.member` is `<init>`.
    Create,
    /// Property or field read; a getter or lazy delegate may run.
    Read,
    /// Property write; a setter may run.
    Write,
    /// A class, object or file may be used for the first time here, which runs its static initialisers.
    FirstUse,
    /// What `: Base(…)` gives to the constructor of a base class.
    SuperConstructor,
    /// What injection makes for a parameter or field.
    Injected,
    /// A resource is closed at the end of `use { }` or `try (…) { }`.
    Close,
}

/// A library member. `class` is the static class the lookup starts from: a library class, a facade, or the package
/// of a top-level function that the catalogue does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Api {
    pub class: Name,
    pub member: Name,
    /// Called on the class, not on an instance.
    pub is_static: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub function: FnId,
    pub certainty: Confidence,
}

/// An argument with what is known of its value.
#[derive(Clone, Debug)]
pub struct ArgValue {
    pub name: Option<Name>,
    pub value: ExprId,
    pub ty: Option<Type>,
    pub callable: Callable,
    pub trailing: bool,
    pub facts: Option<Box<ArgFacts>>,
}

/// The rarer facts of a value.
#[derive(Clone, Debug, Default)]
pub struct ArgFacts {
    pub constant: Option<Const>,
    pub flags: Option<i64>,
    pub thread: Option<ThreadValue>,
    pub in_memory: bool,
    /// How it was made, as it was at the call.
    pub object: Option<Arc<ObjectValue>>,
    pub symbol: Option<Name>,
    pub property: Option<PropId>,
    /// A class literal or reified type argument: the class named.
    pub class_literal: Option<Name>,
}

/// The class that a value of type `Class<…>` stands for.
pub(super) fn class_literal(ty: &Type) -> Option<Name> {
    let class = Some(ty).filter(|ty| ty.class == "java.lang.Class")?.args.first()?.upper()?;
    (!class.is_unresolved()).then_some(class.class)
}

impl ArgValue {
    pub fn constant(&self) -> Option<Const> {
        self.facts.as_ref().and_then(|facts| facts.constant)
    }

    /// Of one of several integer constants: all their bits.
    pub fn flags(&self) -> Option<i64> {
        self.facts.as_ref().and_then(|facts| facts.flags)
    }

    pub fn thread(&self) -> Option<ThreadValue> {
        self.facts.as_ref().and_then(|facts| facts.thread)
    }

    pub fn object(&self) -> Option<&ObjectValue> {
        self.facts.as_ref().and_then(|facts| facts.object.as_deref())
    }

    pub fn intent(&self) -> Option<IntentValue> {
        self.object().and_then(IntentValue::of)
    }

    /// Puts types in for type parameters.
    pub(super) fn substitute(&mut self, bindings: &[(Name, Type)]) {
        let Some(ty) = &mut self.ty else { return };
        *ty = ty.substitute(bindings);
        if let Some(class) = class_literal(ty) {
            self.facts.get_or_insert_default().class_literal = Some(class);
        }
    }

    pub fn symbol(&self) -> Option<Name> {
        self.facts.as_ref().and_then(|facts| facts.symbol)
    }

    pub fn class_literal(&self) -> Option<Name> {
        self.facts.as_ref().and_then(|facts| facts.class_literal)
    }
}

impl CallSite {
    pub fn place(&self) -> Place {
        Place { file: self.file, span: self.span }
    }

    /// The call without its receiver chain, for pointing at: from the name to the end.
    pub fn point(&self) -> Place {
        Place {
            file: self.file,
            span: Span { start: self.name_span.start, end: self.span.end.max(self.name_span.end) },
        }
    }

    /// Argument by Kotlin name, else by position (negative: from the end).
    pub fn arg(&self, position: i32, name: Option<&str>) -> Option<&ArgValue> {
        if let Some(named) =
            name.and_then(|name| self.args.iter().find(|arg| arg.name.is_some_and(|it| it == name)))
        {
            return Some(named);
        }
        let index =
            if position < 0 { self.args.len() as i64 + i64::from(position) } else { i64::from(position) };
        let arg = usize::try_from(index).ok().and_then(|index| self.args.get(index))?;
        (arg.name.is_none() || name.is_none()).then_some(arg)
    }

    pub fn receiver_object(&self) -> Option<&ObjectValue> {
        self.receiver_facts.as_ref().and_then(|facts| facts.object.as_deref())
    }

    pub fn receiver_thread(&self) -> Option<ThreadValue> {
        self.receiver_facts.as_ref().and_then(|facts| facts.thread)
    }
}
