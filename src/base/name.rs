//! Interned names: identifiers and dotted qualified names.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use rustc_hash::{FxHashMap, FxHasher};
use ustr::Ustr;

/// An interned string: one word, compared by address, ordered by text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name(Ustr);

impl Hash for Name {
    /// By address: the interner's own hash would have to be read from where the text lies.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.as_char_ptr().addr());
    }
}

/// Names seen lately by this thread, at the slot their hash chooses: the table of all names takes a lock.
const RECENT: usize = 1 << 11;

thread_local! {
    static NAMES: [Cell<Option<Ustr>>; RECENT] = const { [const { Cell::new(None) }; RECENT] };
}

impl Name {
    pub fn new(text: &str) -> Name {
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let at = hasher.finish() as usize % RECENT;
        NAMES.with(|names| match names[at].get() {
            Some(known) if known.as_str() == text => Name(known),
            _ => {
                let name = Ustr::from(text);
                names[at].set(Some(name));
                Name(name)
            }
        })
    }

    pub fn as_str(&self) -> &'static str {
        self.0.as_str()
    }

    /// The part after the last dot.
    pub fn last(self) -> &'static str {
        let text = self.as_str();
        memchr::memrchr(b'.', text.as_bytes()).map_or(text, |dot| &text[dot + 1..])
    }

    /// The part before the last dot, empty when there is none.
    pub fn qualifier(self) -> &'static str {
        let text = self.as_str();
        memchr::memrchr(b'.', text.as_bytes()).map_or("", |dot| &text[..dot])
    }

    /// `self.member`, or `member` alone when `self` is empty.
    pub fn join(self, member: Name) -> Name {
        if self.is_empty() {
            return member;
        }
        JOINED.with_borrow_mut(|known| {
            *known
                .entry((self, member))
                .or_insert_with(|| Name::new(&[self.as_str(), ".", member.as_str()].concat()))
        })
    }
}

thread_local! {
    /// Qualified names are put together far more often than new ones appear, and the interner takes a lock.
    static JOINED: RefCell<FxHashMap<(Name, Name), Name>> = RefCell::default();
}

impl Default for Name {
    fn default() -> Name {
        Name::new("")
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Name, E> {
                Ok(Name::new(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
