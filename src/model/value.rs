//! What is known of an expression's value without running it: type, constant, the code it holds, the thread it
//! stands for, how an object was made.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::Name;

use super::ids::{FnId, PropId, TypeId};
use super::objects::ObjectValue;
use super::ty::Type;

/// The abstract value of an expression. Default: nothing is known.
#[derive(Clone, Debug, Default)]
pub struct Value {
    pub ty: Option<Type>,
    /// Another type that a check did not take away: `if (it is Other)` where neither inherits from the other.
    pub also: Option<Box<Type>>,
    /// The expression is a class or package name, not a value.
    pub reference: Option<Reference>,
    pub constant: Option<Const>,
    /// Of a value that is one of several integer constants: all their bits.
    pub flags: Option<i64>,
    pub callable: Callable,
    pub thread: Option<ThreadValue>,
    /// Of a stream, reader, cursor or body: what reading it asks.
    pub source: Source,
    /// How it was made, for the classes the catalogue wants followed.
    pub object: Option<Object>,
    /// Qualified name of the library member this is (`kotlinx.coroutines.Dispatchers.IO`).
    pub symbol: Option<Name>,
    /// The property it was read from.
    pub property: Option<PropId>,
}

impl Value {
    pub fn typed(ty: Type) -> Value {
        Value { ty: Some(ty), ..Value::default() }
    }

    pub fn maybe(ty: Option<Type>) -> Value {
        Value { ty, ..Value::default() }
    }

    pub fn constant(constant: Const) -> Value {
        let ty = constant.ty();
        Value { ty, constant: Some(constant), ..Value::default() }
    }

    /// The bits of an integer constant, or of all those that the value may be.
    pub(super) fn bits(&self) -> Option<i64> {
        self.constant.and_then(Const::int).or(self.flags)
    }

    pub fn class(&self) -> Option<Name> {
        self.ty.as_ref().and_then(Type::upper).map(|ty| ty.class)
    }
}

/// What a stream, reader, cursor or body is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    #[default]
    Unknown,
    /// Reading it never blocks.
    Memory,
    /// A connection that is still open, although such values are in memory as a rule.
    Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Class(Name),
    Package(Name),
}

/// A folded constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    Int(i64),
    Float(f64),
    Bool(bool),
    Str(Name),
    /// A span of time in milliseconds: `Duration.ofHours(1)`, `15.minutes`.
    Duration(i64),
    /// A TimeUnit, as nanoseconds per unit.
    Unit(i64),
    /// So many milliseconds after the call (`SystemClock.elapsedRealtime() + 5000`).
    AfterNow(i64),
    Null,
}

impl Const {
    pub fn ty(self) -> Option<Type> {
        Some(Type::of(match self {
            Const::Int(_) => "kotlin.Int",
            Const::Float(_) => "kotlin.Double",
            Const::Bool(_) => "kotlin.Boolean",
            Const::Str(_) => "java.lang.String",
            Const::AfterNow(_) => "kotlin.Long",
            Const::Duration(_) | Const::Null => return None,
            Const::Unit(_) => "java.util.concurrent.TimeUnit",
        }))
    }

    pub fn int(self) -> Option<i64> {
        match self {
            Const::Int(value) => Some(value),
            _ => None,
        }
    }
}

/// Code that a value holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Callable {
    #[default]
    None,
    /// Lambdas, function references: exactly these run when it is called.
    Functions(SmallVec<[FnId; 2]>),
    /// An instance of a project class; its methods run.
    Object(TypeId),
    /// The value of a function's own parameter: whatever callers pass.
    Param(FnId, u16),
    /// The value of a property: whatever was assigned.
    Property(PropId),
    /// What this code gives back when it is called: `loader(path)()`.
    Result(Box<Callable>),
    /// One of these: what branches choose between, what a comparator is made of.
    Either(Vec<Callable>),
}

/// Calls of what a call gave back that are followed.
const MAX_RESULTS: usize = 3;
/// What one value may hold.
const MAX_EITHER: usize = 12;

impl Callable {
    pub fn is_none(&self) -> bool {
        *self == Callable::None
    }

    pub fn function(function: FnId) -> Callable {
        Callable::Functions(SmallVec::from_slice(&[function]))
    }

    /// What calling it gives.
    pub(super) fn result(self) -> Callable {
        let depth = std::iter::successors(Some(&self), |it| match it {
            Callable::Result(inner) => Some(inner.as_ref()),
            _ => None,
        });
        if self.is_none() || depth.count() > MAX_RESULTS {
            Callable::None
        } else {
            Callable::Result(Box::new(self))
        }
    }

    /// The values that it may be one of, none of them a choice itself.
    pub fn parts(&self) -> &[Callable] {
        match self {
            Callable::None => &[],
            Callable::Either(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    /// Is the function itself, lambda or reference, among what it holds?
    pub fn holds(&self, function: FnId) -> bool {
        let is_it = |part: &Callable| matches!(part, Callable::Functions(all) if all.contains(&function));
        self.parts().iter().any(is_it)
    }

    /// Is it nothing but instances of project classes?
    pub fn is_object(&self) -> bool {
        !self.is_none() && self.parts().iter().all(|part| matches!(part, Callable::Object(_)))
    }

    /// Is it known what runs, without asking what was given or kept elsewhere?
    pub fn is_exact(&self) -> bool {
        self.parts().iter().all(|part| match part {
            Callable::Result(inner) => inner.is_exact(),
            part => !matches!(part, Callable::Property(_)),
        })
    }

    /// One or the other.
    pub(super) fn or(self, other: Callable) -> Callable {
        match (self, other) {
            (Callable::None, some) | (some, Callable::None) => some,
            (first, second) if first == second => first,
            (Callable::Functions(mut first), Callable::Functions(second)) => {
                for function in second {
                    if !first.contains(&function) {
                        first.push(function);
                    }
                }
                Callable::Functions(first)
            }
            (first, second) => {
                let mut parts = first.parts().to_vec();
                for part in second.parts() {
                    if parts.len() < MAX_EITHER && !parts.contains(part) {
                        parts.push(part.clone());
                    }
                }
                Callable::Either(parts)
            }
        }
    }
}

/// The threads worklint tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thread {
    Main,
    Worker,
    Binder,
}

/// What a dispatcher, executor, handler, scheduler or coroutine scope does with code given to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadValue {
    pub target: ThreadTarget,
    /// Known by name only.
    pub likely: bool,
    /// Lifetime of a coroutine scope, as the catalogue names it.
    pub lifetime: Option<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadTarget {
    On(Thread),
    /// In place, on the calling thread.
    Caller,
    /// Says nothing of the thread (`Job()`): the surrounding one stays.
    Inherit,
    /// A dispatcher whose thread is not known.
    Unknown,
    /// What callers give for this parameter of the function (`RECEIVER`: its extension receiver).
    Param(FnId, u16),
}

impl ThreadValue {
    pub fn on(target: ThreadTarget) -> ThreadValue {
        ThreadValue { target, likely: false, lifetime: None }
    }
}

/// A followed object, see `objects.rs`.
#[derive(Clone, Debug)]
pub struct Object {
    pub held: Held,
    /// False: one of several objects that the value may be.
    pub sure: bool,
}

#[derive(Clone, Debug)]
pub enum Held {
    /// In the walk under way: what is done to it shows wherever it is named.
    Live(u32),
    /// As it was when it left the walk that made it.
    Kept(Arc<ObjectValue>),
}
