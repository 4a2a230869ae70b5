//! What may be known of a value, and which knowledge excludes which other.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::Name;
use crate::model::FnId;

/// Constants that are remembered as alternatives.
const MAX_AMONG: usize = 24;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    Null,
    NotNull,
    Is(Key),
    Not(Key),
    /// This, or null.
    OrNull(Key),
    /// One of these, which are sorted.
    Among(Arc<[Key]>),
    Starts(Name),
    NotStarts(Name),
}

/// A constant that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Text(Name),
    /// A text of which only the end is known: `"${BuildConfig.APPLICATION_ID}.SYNC"`.
    Ending(Name),
    Int(i64),
    Bool(bool),
    /// A constant known by its name alone: of an enum.
    Symbol(Name),
}

/// What of a parameter something is known of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Whole,
    /// Of an Intent: its action.
    Action,
    /// Of an Intent: the extra with this key; null if there is none.
    Extra(Name),
}

/// A parameter of a function and what it, or a part of it, holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    pub function: FnId,
    pub param: u16,
    pub part: Part,
    pub held: Held,
}

/// What is known of parameters, and of `this`, on a way through the program.
pub type Bounds = SmallVec<[Bound; 2]>;

impl Key {
    /// Are the two the same, as far as they are known?
    fn is_same(self, other: Key) -> bool {
        match (self, other) {
            (Key::Text(text), Key::Ending(end)) | (Key::Ending(end), Key::Text(text)) => {
                text.ends_with(end.as_str())
            }
            (one, other) => one == other,
        }
    }

    /// Are the two certainly different values?
    fn differs(self, other: Key) -> bool {
        match (self, other) {
            (Key::Text(text), Key::Ending(end)) | (Key::Ending(end), Key::Text(text)) => {
                !text.ends_with(end.as_str())
            }
            (Key::Ending(one), Key::Ending(other)) => {
                !one.ends_with(other.as_str()) && !other.ends_with(one.as_str())
            }
            (one, other) => std::mem::discriminant(&one) == std::mem::discriminant(&other) && one != other,
        }
    }
}

impl Held {
    pub(super) const TRUE: Held = Held::Is(Key::Bool(true));
    pub(super) const FALSE: Held = Held::Is(Key::Bool(false));

    /// How much it leaves open.
    pub(super) fn choices(&self) -> u8 {
        match self {
            Held::Null | Held::Is(_) => 0,
            Held::Among(_) | Held::Starts(_) => 1,
            Held::OrNull(_) => 2,
            Held::NotNull => 3,
            Held::Not(_) | Held::NotStarts(_) => 4,
        }
    }

    /// Is it impossible that both are true?
    pub(super) fn excludes(&self, other: &Held) -> bool {
        use Held::{Among, Is, Not, NotNull, NotStarts, Null, OrNull, Starts};
        match (self, other) {
            (Among(keys), other) | (other, Among(keys)) => keys.iter().all(|key| Is(*key).excludes(other)),
            (OrNull(key), other) | (other, OrNull(key)) => Is(*key).excludes(other) && Null.excludes(other),
            (Null, Null | Not(_) | NotStarts(_)) | (Not(_) | NotStarts(_), Null) => false,
            (Null, _) | (_, Null) => true,
            (Is(one), Is(other)) => one.differs(*other),
            (Is(one), Not(other)) | (Not(other), Is(one)) => one.is_same(*other),
            (Is(Key::Text(text)), Starts(prefix)) | (Starts(prefix), Is(Key::Text(text))) => {
                !text.starts_with(prefix.as_str())
            }
            (Is(Key::Text(text)), NotStarts(prefix)) | (NotStarts(prefix), Is(Key::Text(text))) => {
                text.starts_with(prefix.as_str())
            }
            (NotNull | Is(_) | Not(_) | Starts(_) | NotStarts(_), _) => false,
        }
    }

    /// The constants of which it is one.
    pub(super) fn keys(&self) -> &[Key] {
        match self {
            Held::Is(key) => std::slice::from_ref(key),
            Held::Among(keys) => keys,
            _ => &[],
        }
    }

    /// One of these constants; none if there are too many, or none.
    pub(super) fn among(mut keys: Vec<Key>) -> Option<Held> {
        keys.sort_unstable();
        keys.dedup();
        match keys.as_slice() {
            [] => None,
            [only] => Some(Held::Is(*only)),
            _ => (keys.len() <= MAX_AMONG).then(|| Held::Among(keys.into())),
        }
    }
}

impl Bound {
    /// Are both about the same, so that one may exclude the other?
    pub(super) fn is_about(&self, other: &Bound) -> bool {
        self.function == other.function && self.param == other.param && self.part == other.part
    }

    /// One of the two holds.
    pub(super) fn or(&self, other: &Bound) -> Option<Bound> {
        let (one, two) = (self.held.keys(), other.held.keys());
        if !self.is_about(other) || one.is_empty() || two.is_empty() {
            return None;
        }
        let held = Held::among(one.iter().chain(two).copied().collect())?;
        Some(Bound { held, ..self.clone() })
    }
}
