//! How names are written in the compact form: as numbers of a table, so that each distinct text is stored and
//! interned once. Serde has no context to hand down, so the table of the (de)serialisation under way is kept per
//! thread; `load.rs` is the only one to set it.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::Name;

#[derive(Default)]
struct Strings {
    names: Vec<Name>,
    numbers: FxHashMap<Name, u32>,
}

thread_local! {
    static STRINGS: RefCell<Strings> = RefCell::default();
}

/// Runs `write` with an empty table and returns what it gave and the names it met, in order.
pub(super) fn collecting<T>(write: impl FnOnce() -> T) -> (T, Vec<Name>) {
    STRINGS.take();
    let written = write();
    (written, STRINGS.take().names)
}

/// Runs `read` with the given table.
pub(super) fn with_names<T>(names: Vec<Name>, read: impl FnOnce() -> T) -> T {
    STRINGS.set(Strings { names, numbers: FxHashMap::default() });
    let found = read();
    STRINGS.take();
    found
}

/// A name, as its number.
struct Numbered(Name);

impl Serialize for Numbered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = STRINGS.with_borrow_mut(|strings| {
            let next = u32::try_from(strings.names.len()).expect("fewer than 2³² names");
            *strings.numbers.entry(self.0).or_insert_with(|| {
                strings.names.push(self.0);
                next
            })
        });
        serializer.serialize_u32(number)
    }
}

impl<'de> Deserialize<'de> for Numbered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Numbered, D::Error> {
        let number = u32::deserialize(deserializer)?;
        let name = STRINGS.with_borrow(|strings| strings.names.get(number as usize).copied());
        name.map(Numbered).ok_or_else(|| de::Error::custom("a name beyond the table"))
    }
}

/// Fields made of names.
pub(super) trait Packed: Sized {
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl Packed for Name {
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Numbered(*self).serialize(serializer)
    }

    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        Numbered::deserialize(deserializer).map(|it| it.0)
    }
}

impl Packed for Option<Name> {
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map(Numbered).serialize(serializer)
    }

    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Name>, D::Error> {
        Ok(Option::<Numbered>::deserialize(deserializer)?.map(|it| it.0))
    }
}

impl Packed for Vec<Name> {
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|name| Numbered(*name)))
    }

    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Name>, D::Error> {
        Ok(Vec::<Numbered>::deserialize(deserializer)?.into_iter().map(|it| it.0).collect())
    }
}

/// For `#[serde(with = "pack")]`.
pub(super) fn serialize<T: Packed, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
    field.pack(serializer)
}

/// For `#[serde(with = "pack")]`.
pub(super) fn deserialize<'de, T: Packed, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::unpack(deserializer)
}
