//! Entries on constructs that start background work. One struct per TOML table; meanings in
//! `rules/catalog/README.md`.

use serde::{Deserialize, Serialize};

use crate::base::Name;

use super::pack;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Persistence {
    Persistent,
    Impersistent,
    Depends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UrgencyWord {
    Immediate,
    LongRunning,
    Deferrable,
    Depends,
}

/// `[[work]]`: a construct that starts background work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    #[serde(with = "pack")]
    pub api: Name,
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    /// The api is a class to be extended (`match = "subclass"`), not called.
    pub subclass: bool,
    #[serde(with = "pack")]
    pub also: Vec<Name>,
    #[serde(with = "pack")]
    pub request: Option<Name>,
    /// Only if the receiver is a coroutine scope of this lifetime (`Scope::lifetime`).
    #[serde(with = "pack")]
    pub scope_lifetime: Option<Name>,
    pub persistence: Persistence,
    pub urgency: UrgencyWord,
    #[serde(with = "pack")]
    pub recommended: Name,
    #[serde(with = "pack")]
    pub deprecated_since: Option<Name>,
}

/// How calls on an object tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    /// Calls change it: intents, builders.
    Mutable,
    /// It never changes; calls that give an object of the table make a new one from it.
    Value,
    /// As `Value`: a chain of operators of Rx or Flow.
    Stream,
    /// Code of several methods, which run where the call says that takes it: observers. Calls on it tell nothing.
    Callback,
}

/// `[[object]]`: classes of which is remembered how an object was made and what was called on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    #[serde(with = "pack")]
    pub classes: Vec<Name>,
    pub kind: ObjectKind,
}

/// What a call comes to in the world outside, whatever it costs its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EffectKind {
    /// The user sees, hears or feels it.
    Seen,
    /// It reaches the network, later or on a thread of the library.
    Network,
}

/// `[[effect]]`: members that have one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Effect {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    pub is: EffectKind,
    /// Receiver type, where the methods are extensions.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    pub toplevel: bool,
}

/// `[[confined]]`: members that throw, or break something, on any thread but the main one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confined {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    /// Of `methods` not these.
    #[serde(with = "pack")]
    pub except: Vec<Name>,
    /// Only with so many arguments; empty: any.
    pub arity: Vec<u8>,
    /// Only with a first argument of such a type; empty: any.
    #[serde(with = "pack")]
    pub arg0_type: Vec<Name>,
    /// Any thread that has a Looper will do.
    pub looper: bool,
}

/// `[[evidence]]`: words in names that hint at an urgency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub urgency: UrgencyWord,
    /// Lower case.
    #[serde(with = "pack")]
    pub names: Vec<Name>,
}
