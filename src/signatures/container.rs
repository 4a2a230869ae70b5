//! One compact file: tables of names ahead, classes in blocks that are inflated when one of their classes is asked
//! for. Everything is kept once it was read; look-ups from several threads share it without locks.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::base::Name;

use super::bytes::{Cursor, NameTable, u16_at};
use super::record::{RecordReader, Tables};
use super::signature::*;

pub(super) const MAGIC: &[u8; 4] = b"WLS1";
/// Block of a name that has no record: a type that members mention.
pub(super) const NO_RECORD: usize = 0xffff;
/// No block is larger; anything else is no compact file.
const MAX_BLOCK: usize = 1 << 20;

pub(super) struct Container {
    pub(super) sources: &'static str,
    names: NameTable<'static>,
    records: &'static [u8],
    aliases: NameTable<'static>,
    alias_targets: &'static [u8],
    top_level: NameTable<'static>,
    facade_index: &'static [u8],
    facades: &'static [u8],
    block_index: &'static [u8],
    block_data: &'static [u8],
    interned: Box<[OnceLock<Name>]>,
    classes: Box<[OnceLock<Option<Box<Loaded>>>]>,
    blocks: Box<[OnceLock<Block>]>,
}

/// An inflated block and its tables.
#[derive(Default)]
struct Block {
    bytes: Box<[u8]>,
    types: Vec<usize>,
    texts: Vec<(usize, usize)>,
}

/// A class that was asked for.
pub(super) struct Loaded {
    pub(super) signature: ClassSignature,
    block: usize,
    groups: Vec<Group>,
    /// The single abstract method, by the class that declares it; worked out by `lookup.rs`.
    pub(super) sam: OnceLock<Option<(Name, Name)>>,
    /// The class and its supertypes; worked out by `lookup.rs`.
    pub(super) lineage: OnceLock<Box<[Ancestor]>>,
    /// Classes nested in it or in a supertype, by simple name; worked out by `lookup.rs`.
    pub(super) nested: OnceLock<FxHashMap<Name, Name>>,
}

/// A class in the line of supertypes of another, as one file has it.
#[derive(Clone, Copy)]
pub(super) struct Ancestor {
    pub(super) name: Name,
    /// The file and the number there; none for a class that no file covers.
    pub(super) class: Option<(usize, usize)>,
    pub(super) companion: Option<(usize, usize)>,
}

/// Members of one name.
struct Group {
    /// Place of the name's text and of the members, in the block.
    name: (usize, usize),
    members: (usize, usize),
    decoded: OnceLock<Vec<MemberSignature>>,
}

fn cells<T>(len: usize) -> Box<[OnceLock<T>]> {
    (0..len).map(|_| OnceLock::new()).collect()
}

impl Container {
    /// `None` when the bytes are no compact file.
    pub(super) fn read(bytes: &'static [u8]) -> Option<Container> {
        let mut cursor = Cursor::new(bytes.strip_prefix(MAGIC)?, 0);
        let sources = std::str::from_utf8(cursor.section()?).ok()?;
        let names = NameTable::read(cursor.section()?)?;
        let records = cursor.section()?;
        let aliases = NameTable::read(cursor.section()?)?;
        let alias_targets = cursor.section()?;
        let top_level = NameTable::read(cursor.section()?)?;
        let facade_index = cursor.section()?;
        let facades = cursor.section()?;
        let block_index = cursor.section()?;
        let block_data = cursor.section()?;
        Some(Container {
            sources,
            names,
            records,
            aliases,
            alias_targets,
            top_level,
            facade_index,
            facades,
            block_index,
            block_data,
            interned: cells(names.len),
            classes: cells(names.len),
            blocks: cells(block_index.len() / 8),
        })
    }

    /// The number of a class that has a record.
    pub(super) fn number(&self, name: Name) -> Option<usize> {
        let same = |number: usize| self.class_name(number) == Some(name);
        let number = self.names.find(&name, same)?;
        (u16_at(self.records, number * 2)? != NO_RECORD).then_some(number)
    }

    fn class_name(&self, number: usize) -> Option<Name> {
        let cell = self.interned.get(number)?;
        if let Some(name) = cell.get() {
            return Some(*name);
        }
        let mut text = String::new();
        self.names.name(number, &mut text)?;
        Some(*cell.get_or_init(|| Name::new(&text)))
    }

    pub(super) fn class(&self, name: Name) -> Option<&Loaded> {
        self.loaded(self.number(name)?)
    }

    pub(super) fn loaded(&self, number: usize) -> Option<&Loaded> {
        self.classes[number].get_or_init(|| self.load(number).map(Box::new)).as_deref()
    }

    pub(super) fn alias(&self, name: &str) -> Option<Name> {
        self.class_name(u16_at(self.alias_targets, self.aliases.find_text(name)?)?)
    }

    /// Facades with a top-level declaration of this name.
    pub(super) fn facades(&self, name: &str) -> impl Iterator<Item = Name> + '_ {
        let list = || {
            let at = Cursor::new(self.facade_index, self.top_level.find_text(name)? * 4).u32()?;
            let mut cursor = Cursor::new(self.facades, at);
            let count = cursor.number()?;
            Some((cursor, count))
        };
        let (mut cursor, count) = list().unwrap_or((Cursor::new(&[], 0), 0));
        (0..count).map_while(move |_| cursor.number()).filter_map(|number| self.class_name(number))
    }

    /// Members of this name that the class itself declares.
    pub(super) fn members<'s>(&'s self, class: &'s Loaded, name: &str) -> &'s [MemberSignature] {
        let Some(block) = self.block(class.block) else { return &[] };
        let found = class.groups.binary_search_by(|group| block.slice(group.name).cmp(name.as_bytes()));
        found.map_or(&[], |at| self.decoded(class, block, &class.groups[at], name))
    }

    /// All members, in the order of their names.
    pub(super) fn all_members<'s>(&'s self, class: &'s Loaded) -> impl Iterator<Item = &'s MemberSignature> {
        let block = self.block(class.block);
        class.groups.iter().flat_map(move |group| match block {
            Some(block) => {
                let name = std::str::from_utf8(block.slice(group.name)).unwrap_or_default();
                self.decoded(class, block, group, name)
            }
            None => &[],
        })
    }

    fn decoded<'s>(
        &'s self,
        class: &'s Loaded,
        block: &Block,
        group: &'s Group,
        name: &str,
    ) -> &'s [MemberSignature] {
        group.decoded.get_or_init(|| {
            let (start, len) = group.members;
            let mut reader = RecordReader {
                cursor: Cursor::new(&block.bytes, start),
                tables: &InBlock { container: self, block },
                variables: class.signature.params.iter().map(|param| param.name).collect(),
            };
            reader.members(Name::new(name), start + len).unwrap_or_default()
        })
    }

    fn load(&self, number: usize) -> Option<Loaded> {
        let at = u16_at(self.records, number * 2)?;
        let place = u16_at(self.records, number * 2 + 1)?;
        let block = self.block(at)?;
        let mut reader = RecordReader {
            cursor: Cursor::new(&block.bytes, place),
            tables: &InBlock { container: self, block },
            variables: smallvec::SmallVec::new(),
        };
        let signature = reader.class(self.class_name(number)?)?;
        let mut cursor = reader.cursor;
        let count = cursor.number()?;
        let group = |cursor: &mut Cursor<'_>| {
            let name = (cursor.number()?, cursor.at);
            cursor.take(name.0)?;
            let len = cursor.number()?;
            let members = (cursor.at, len);
            cursor.take(len)?;
            Some(Group { name: (name.1, name.0), members, decoded: OnceLock::new() })
        };
        let groups = (0..count).map(|_| group(&mut cursor)).collect::<Option<Vec<_>>>()?;
        Some(Loaded {
            signature,
            block: at,
            groups,
            sam: OnceLock::new(),
            lineage: OnceLock::new(),
            nested: OnceLock::new(),
        })
    }

    /// Classes directly nested in a class: they follow it in the table.
    pub(super) fn nested(&self, number: usize) -> Vec<Name> {
        let mut found = Vec::new();
        let mut name = String::new();
        let Some(outer) = self.class_name(number) else { return found };
        for next in number + 1..self.names.len {
            let Some(()) = self.names.name(next, &mut name) else { break };
            let Some(rest) = name.strip_prefix(outer.as_str()) else { break };
            let direct = rest.strip_prefix('.').is_some_and(|simple| !simple.contains('.'));
            if direct && u16_at(self.records, next * 2).is_some_and(|it| it != NO_RECORD) {
                found.extend(self.class_name(next));
            }
        }
        found
    }

    fn block(&self, number: usize) -> Option<&Block> {
        let block = self.blocks.get(number)?.get_or_init(|| self.inflate(number).unwrap_or_default());
        Some(block)
    }

    fn inflate(&self, number: usize) -> Option<Block> {
        let mut cursor = Cursor::new(self.block_index, number * 8);
        let (start, len) = (cursor.u32()?, cursor.u32()?);
        let packed = self.block_data.get(start..)?;
        if len > MAX_BLOCK {
            return None;
        }
        let mut bytes = vec![0; len];
        let packed = std::iter::once(packed);
        let done = miniz_oxide::inflate::decompress_slice_iter_to_slice(&mut bytes, packed, false, true);
        if done.ok()? != len {
            return None;
        }
        let mut cursor = Cursor::new(&bytes, 0);
        let count = cursor.number()?;
        let types = (0..count).map(|_| cursor.number()).collect::<Option<_>>()?;
        let count = cursor.number()?;
        let text = |cursor: &mut Cursor<'_>| {
            let len = cursor.number()?;
            let start = cursor.at;
            cursor.take(len).map(|_| (start, len))
        };
        let texts = (0..count).map(|_| text(&mut cursor)).collect::<Option<_>>()?;
        Some(Block { bytes: bytes.into(), types, texts })
    }

    /// Every class that has a record, in the order of names.
    pub(super) fn all(&self) -> impl Iterator<Item = Name> + '_ {
        let has_record = |number: &usize| u16_at(self.records, number * 2).is_some_and(|it| it != NO_RECORD);
        (0..self.names.len).filter(has_record).filter_map(|number| self.class_name(number))
    }

    pub(super) fn all_aliases(&self) -> impl Iterator<Item = (Name, Name)> + '_ {
        (0..self.aliases.len).filter_map(|number| {
            let mut text = String::new();
            self.aliases.name(number, &mut text)?;
            Some((Name::new(&text), self.class_name(u16_at(self.alias_targets, number)?)?))
        })
    }
}

impl Block {
    fn slice(&self, (start, len): (usize, usize)) -> &[u8] {
        self.bytes.get(start..start + len).unwrap_or_default()
    }
}

struct InBlock<'b> {
    container: &'b Container,
    block: &'b Block,
}

impl Tables for InBlock<'_> {
    fn class(&self, number: usize) -> Option<Name> {
        self.container.class_name(*self.block.types.get(number)?)
    }

    fn text(&self, number: usize) -> Option<Name> {
        let place = *self.block.texts.get(number)?;
        std::str::from_utf8(self.block.slice(place)).ok().map(Name::new)
    }
}
