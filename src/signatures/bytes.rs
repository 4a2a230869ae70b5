//! Numbers and texts in the compact files, and sorted tables of names that are found by hash and rebuilt by number.

use xxhash_rust::xxh3::xxh3_64;

/// Names in a group share what they begin with; a name is rebuilt from the beginning of its group.
const GROUP: usize = 16;

/// Reads numbers and texts; past the end there is nothing.
#[derive(Clone)]
pub(super) struct Cursor<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Cursor<'b> {
        Cursor { bytes, at }
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Seven bits a byte, the lower ones first.
    pub(super) fn number(&mut self) -> Option<usize> {
        let mut value = 0usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let found = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(found)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        let len = self.number()?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    pub(super) fn u32(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    }

    /// A part with its length ahead.
    pub(super) fn section(&mut self) -> Option<&'b [u8]> {
        let len = self.u32()?;
        self.take(len)
    }
}

pub(super) fn put_number(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).expect("compact files are small").to_le_bytes());
}

pub(super) fn put_section(out: &mut Vec<u8>, section: &[u8]) {
    put_u32(out, section.len());
    out.extend_from_slice(section);
}

pub(super) fn u16_at(bytes: &[u8], index: usize) -> Option<usize> {
    let at = index * 2;
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], index: usize) -> Option<usize> {
    Cursor::new(bytes, index * 4).u32()
}

/// Sorted names: found by hash, rebuilt by number.
#[derive(Clone, Copy)]
pub(super) struct NameTable<'b> {
    pub(super) len: usize,
    groups: &'b [u8],
    texts: &'b [u8],
    slots: &'b [u8],
    /// One byte of the hash for each slot, so that misses compare nothing.
    marks: &'b [u8],
}

fn mark(hash: u64) -> u8 {
    (hash >> 56) as u8
}

impl<'b> NameTable<'b> {
    pub(super) fn read(section: &'b [u8]) -> Option<NameTable<'b>> {
        let mut cursor = Cursor::new(section, 0);
        let len = cursor.u32()?;
        let table = NameTable {
            len,
            groups: cursor.section()?,
            texts: cursor.section()?,
            slots: cursor.section()?,
            marks: cursor.section()?,
        };
        let sound = table.groups.len() == len.div_ceil(GROUP) * 4
            && table.slots.len() == table.marks.len() * 2
            && table.marks.len().is_power_of_two();
        sound.then_some(table)
    }

    /// Writes the name of this number over what `name` holds.
    pub(super) fn name(&self, number: usize, name: &mut String) -> Option<()> {
        name.clear();
        let mut cursor = Cursor::new(self.texts, u32_at(self.groups, number / GROUP)?);
        for _ in 0..=number % GROUP {
            let shared = cursor.number()?;
            let rest = cursor.text()?;
            if !name.is_char_boundary(shared) {
                return None;
            }
            name.truncate(shared);
            name.push_str(rest);
        }
        Some(())
    }

    /// The number of a name; `same` decides whether a candidate is it.
    pub(super) fn find(&self, name: &str, same: impl Fn(usize) -> bool) -> Option<usize> {
        let hash = xxh3_64(name.as_bytes());
        let mask = self.marks.len() - 1;
        let mut slot = hash as usize & mask;
        for _ in 0..=mask {
            let number = u16_at(self.slots, slot)?.checked_sub(1)?;
            if self.marks[slot] == mark(hash) && same(number) {
                return Some(number);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    /// [`Self::find`] by comparing texts.
    pub(super) fn find_text(&self, name: &str) -> Option<usize> {
        let is_name = |number| {
            let mut text = String::new();
            self.name(number, &mut text).is_some() && text == name
        };
        self.find(name, is_name)
    }
}

/// Writes a table of sorted names.
pub(super) fn write_names(names: &[&str]) -> Vec<u8> {
    assert!(names.len() < usize::from(u16::MAX), "names are numbered with 16 bits");
    let (mut groups, mut texts) = (Vec::new(), Vec::new());
    let mut before = "";
    for (at, name) in names.iter().enumerate() {
        if at % GROUP == 0 {
            put_u32(&mut groups, texts.len());
            before = "";
        }
        let alike = name.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
        let shared = (0..=alike).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
        put_number(&mut texts, shared);
        put_text(&mut texts, &name[shared..]);
        before = name;
    }
    let size = (names.len() * 5 / 4 + 1).next_power_of_two();
    let (mut slots, mut marks) = (vec![0u16; size], vec![0u8; size]);
    for (number, name) in (1..).zip(names) {
        let hash = xxh3_64(name.as_bytes());
        let mut slot = hash as usize & (size - 1);
        while slots[slot] != 0 {
            slot = (slot + 1) & (size - 1);
        }
        slots[slot] = number;
        marks[slot] = mark(hash);
    }
    let slots: Vec<u8> = slots.into_iter().flat_map(u16::to_le_bytes).collect();
    let mut out = Vec::new();
    put_u32(&mut out, names.len());
    for section in [&groups, &texts, &slots, &marks] {
        put_section(&mut out, section);
    }
    out
}
