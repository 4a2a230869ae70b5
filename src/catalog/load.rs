//! The compact form of the catalogue in the binary: a table of strings, then the entries that refer to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::Name;

use super::entry::*;
use super::pack;

/// `rules/catalog/catalog.bin`; a test keeps it equal to what the TOML files give.
pub static COMPACT: &[u8] = include_bytes!("../../rules/catalog/catalog.bin");

/// Everything the catalogue's files say, in file order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tables {
    pub kinds: Vec<Kind>,
    pub blocking: Vec<Blocking>,
    pub in_memory: Vec<InMemory>,
    pub wrappers: Vec<Wrapper>,
    pub entries: Vec<Entry>,
    pub lambda_parameters: Vec<LambdaParameter>,
    pub named_callbacks: Vec<NamedCallback>,
    pub assertions: Vec<Assertion>,
    pub guards: Vec<Guard>,
    pub dispatches: Vec<Dispatch>,
    pub dispatchers: Vec<Dispatcher>,
    pub scopes: Vec<Scope>,
    pub inlines: Vec<Inline>,
    pub flows: Vec<FlowOp>,
    pub aliases: Vec<Alias>,
    pub types: Vec<Supertypes>,
    pub returns: Vec<Returns>,
    pub delegates: Vec<Returns>,
    pub services: Vec<Service>,
    pub sams: Vec<Sam>,
    pub lambdas: Vec<LambdaTypes>,
    pub generated: Vec<Generated>,
    pub work: Vec<Work>,
    pub evidence: Vec<Evidence>,
    pub objects: Vec<Object>,
    pub effects: Vec<Effect>,
    pub confined: Vec<Confined>,
}

/// The compact form is not what this version of worklint writes.
#[derive(Debug)]
pub struct NotCompact(postcard::Error);

impl fmt::Display for NotCompact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a compact catalogue: {}", self.0)
    }
}

impl std::error::Error for NotCompact {}

/// Writes the compact form.
///
/// # Errors
/// When postcard cannot represent a value; the entries' types rule that out.
pub fn compact(tables: &Tables) -> Result<Vec<u8>, NotCompact> {
    let (entries, names) = pack::collecting(|| postcard::to_stdvec(tables));
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    let mut bytes = postcard::to_stdvec(&names).map_err(NotCompact)?;
    bytes.extend(entries.map_err(NotCompact)?);
    Ok(bytes)
}

/// Reads the compact form.
///
/// # Errors
/// When the bytes are not a compact form of these very types.
pub fn expand(bytes: &[u8]) -> Result<Tables, NotCompact> {
    let (names, entries) = postcard::take_from_bytes::<Vec<&str>>(bytes).map_err(NotCompact)?;
    let names = names.into_iter().map(Name::new).collect();
    pack::with_names(names, || postcard::from_bytes(entries)).map_err(NotCompact)
}
