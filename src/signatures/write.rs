//! Writes the compact form: the same declarations give the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::base::Name;

use super::bytes::{put_number, put_section, put_text, put_u32, write_names};
use super::container::{MAGIC, NO_RECORD};
use super::record::*;
use super::signature::*;

/// Blocks are inflated whole: smaller ones cost less to touch, larger ones pack better.
const BLOCK: usize = 32 * 1024;

/// The compact form of declarations. Of two classes of one name the first counts.
pub fn write(declarations: &Declarations) -> Vec<u8> {
    let mut classes: BTreeMap<Name, &Declared> = BTreeMap::new();
    for declared in &declarations.classes {
        classes.entry(declared.class.name).or_insert(declared);
    }
    let aliases: BTreeMap<Name, Name> = declarations.aliases.iter().copied().collect();
    let mut names: BTreeSet<Name> = classes.keys().copied().collect();
    names.extend(aliases.values());
    for declared in classes.values() {
        visit_declared(declared, &mut |class| {
            names.insert(class);
        });
    }
    let names: Vec<Name> = names.into_iter().collect();
    let numbers: FxHashMap<Name, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let (records, blocks) = blocks(&classes, &names, &numbers);

    let mut out = MAGIC.to_vec();
    put_section(&mut out, declarations.sources.join("\n").as_bytes());
    put_section(&mut out, &write_names(&names.iter().map(Name::as_str).collect::<Vec<_>>()));
    put_section(&mut out, &records);
    put_section(&mut out, &write_names(&aliases.keys().map(Name::as_str).collect::<Vec<_>>()));
    let targets = aliases.values().flat_map(|name| (numbers[name] as u16).to_le_bytes());
    put_section(&mut out, &targets.collect::<Vec<u8>>());
    top_level(&mut out, &classes, &numbers);
    put_section(&mut out, &blocks.0);
    put_section(&mut out, &blocks.1);
    out
}

/// Do source files name this member without its class? Members of facades, and extensions in objects, when imported.
fn is_top_level(class: &ClassSignature, member: &MemberSignature) -> bool {
    match class.kind {
        ClassKind::Facade => true,
        ClassKind::Object => member.receiver.is_some(),
        _ => false,
    }
}

/// The table from simple names of top-level declarations to their facades.
fn top_level(out: &mut Vec<u8>, classes: &BTreeMap<Name, &Declared>, numbers: &FxHashMap<Name, usize>) {
    let mut found: BTreeMap<Name, BTreeSet<usize>> = BTreeMap::new();
    for (name, declared) in classes {
        for member in declared.members.iter().filter(|member| is_top_level(&declared.class, member)) {
            found.entry(member.name).or_default().insert(numbers[name]);
        }
    }
    let (mut index, mut facades) = (Vec::new(), Vec::new());
    for numbers in found.values() {
        put_u32(&mut index, facades.len());
        put_number(&mut facades, numbers.len());
        numbers.iter().for_each(|number| put_number(&mut facades, *number));
    }
    put_section(out, &write_names(&found.keys().map(Name::as_str).collect::<Vec<_>>()));
    put_section(out, &index);
    put_section(out, &facades);
}

/// Where each name's record lies (block and place, 16 bits each), and the blocks: index and data.
fn blocks(
    classes: &BTreeMap<Name, &Declared>,
    names: &[Name],
    numbers: &FxHashMap<Name, usize>,
) -> (Vec<u8>, (Vec<u8>, Vec<u8>)) {
    let mut places: FxHashMap<Name, (usize, usize)> = FxHashMap::default();
    let (mut index, mut data) = (Vec::new(), Vec::new());
    let all: Vec<(Name, &Declared)> = classes.iter().map(|(name, declared)| (*name, *declared)).collect();
    let mut rest = all.as_slice();
    let mut block = 0;
    while !rest.is_empty() {
        let (taken, raw, offsets) = fill_block(rest, numbers);
        for ((name, _), offset) in rest.iter().zip(offsets) {
            places.insert(*name, (block, offset));
        }
        let packed = miniz_oxide::deflate::compress_to_vec(&raw, 10);
        put_u32(&mut index, data.len());
        put_u32(&mut index, raw.len());
        data.extend(packed);
        block += 1;
        rest = &rest[taken..];
    }
    let mut records = Vec::new();
    for name in names {
        let (block, offset) = places.get(name).copied().unwrap_or((NO_RECORD, 0));
        for number in [block, offset] {
            let number = u16::try_from(number).expect("blocks are small and few");
            records.extend_from_slice(&number.to_le_bytes());
        }
    }
    (records, (index, data))
}

/// As many classes as one block takes, at least one: their number, the block's bytes, the place of each.
fn fill_block(
    classes: &[(Name, &Declared)],
    numbers: &FxHashMap<Name, usize>,
) -> (usize, Vec<u8>, Vec<usize>) {
    // Members' size is close to that of their encoding without tables.
    let mut taken = 0;
    let mut size = 0;
    for (_, declared) in classes {
        size += declared.members.iter().map(|it| it.name.len() + 4 + 3 * it.params.len()).sum::<usize>() + 16;
        if taken > 0 && size > BLOCK {
            break;
        }
        taken += 1;
    }
    let mut types = Frequencies::default();
    let mut texts = Frequencies::default();
    for (_, declared) in &classes[..taken] {
        visit_declared(declared, &mut |class| types.add(class));
        visit_texts(declared, &mut |text| texts.add(text));
    }
    let (types, texts) = (types.ranked(), texts.ranked());
    let mut out = Vec::new();
    put_number(&mut out, types.len());
    types.iter().for_each(|name| put_number(&mut out, numbers[name]));
    put_number(&mut out, texts.len());
    texts.iter().for_each(|text| put_text(&mut out, text));
    let rank = |list: &[Name]| list.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut writer = RecordWriter { out, types: rank(&types), texts: rank(&texts), variables: Vec::new() };
    let offsets = classes[..taken].iter().map(|(_, declared)| writer.record(declared)).collect();
    (taken, writer.out, offsets)
}

/// Names by how often they occur: frequent ones get short numbers.
#[derive(Default)]
struct Frequencies(BTreeMap<Name, usize>);

impl Frequencies {
    fn add(&mut self, name: Name) {
        *self.0.entry(name).or_default() += 1;
    }

    fn ranked(self) -> Vec<Name> {
        let mut all: Vec<(Name, usize)> = self.0.into_iter().collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        all.into_iter().map(|(name, _)| name).collect()
    }
}

fn visit_type(ty: &Ty, visit: &mut impl FnMut(Name)) {
    match ty {
        Ty::Class(name, args) => {
            visit(*name);
            args.iter().for_each(|arg| visit_type(arg, visit));
        }
        Ty::Function(function) => {
            let all = function.receiver.iter().chain(&function.params).chain([&function.result]);
            all.for_each(|ty| visit_type(ty, visit));
        }
        Ty::Variable(_) | Ty::Star => {}
    }
}

fn visit_declared(declared: &Declared, visit: &mut impl FnMut(Name)) {
    let class = &declared.class;
    class.params.iter().flat_map(|param| &param.bounds).for_each(|ty| visit_type(ty, visit));
    class.supertypes.iter().for_each(|ty| visit_type(ty, visit));
    for member in &declared.members {
        member.type_params.iter().flat_map(|param| &param.bounds).for_each(|ty| visit_type(ty, visit));
        member.receiver.iter().for_each(|ty| visit_type(ty, visit));
        member.params.iter().for_each(|param| visit_type(&param.ty, visit));
        if member.kind != MemberKind::Constructor {
            visit_type(&member.result, visit);
        }
    }
}

fn visit_texts(declared: &Declared, visit: &mut impl FnMut(Name)) {
    declared.class.companion.into_iter().for_each(&mut *visit);
    declared.class.params.iter().for_each(|param| visit(param.name));
    for member in &declared.members {
        member.type_params.iter().for_each(|param| visit(param.name));
        member.params.iter().filter_map(|param| param.name).for_each(&mut *visit);
    }
}

struct RecordWriter {
    out: Vec<u8>,
    types: FxHashMap<Name, usize>,
    texts: FxHashMap<Name, usize>,
    variables: Vec<Name>,
}

impl RecordWriter {
    /// Returns where the record begins.
    fn record(&mut self, declared: &Declared) -> usize {
        let offset = self.out.len();
        let class = &declared.class;
        let kind = ClassKind::ALL.iter().position(|(kind, _)| *kind == class.kind).unwrap_or(0) as u8;
        let bits = [
            (class.is_abstract, ABSTRACT),
            (class.is_final, FINAL),
            (class.deprecated, DEPRECATED),
            (class.companion.is_some(), COMPANION),
            (class.since > 0, SINCE),
        ];
        self.out.push(bits.iter().filter(|(set, _)| *set).fold(kind, |head, (_, bit)| head | bit));
        if class.since > 0 {
            self.out.push(class.since);
        }
        if let Some(companion) = class.companion {
            self.text(companion);
        }
        self.variables.clear();
        self.type_params(&class.params);
        self.types(&class.supertypes);
        let mut members: BTreeMap<Name, Vec<&MemberSignature>> = BTreeMap::new();
        for member in &declared.members {
            members.entry(member.name).or_default().push(member);
        }
        put_number(&mut self.out, members.len());
        for (name, members) in members {
            let before = std::mem::take(&mut self.out);
            members.into_iter().for_each(|member| self.member(member));
            let part = std::mem::replace(&mut self.out, before);
            put_text(&mut self.out, &name);
            put_number(&mut self.out, part.len());
            self.out.extend(part);
        }
        offset
    }

    fn member(&mut self, member: &MemberSignature) {
        let scope = self.variables.len();
        let kind = MemberKind::ALL.iter().position(|(kind, _)| *kind == member.kind).unwrap_or(0) as u8;
        let extras = u8::from(member.since > 0) * EXTRA_SINCE
            + u8::from(!member.type_params.is_empty()) * EXTRA_TYPE_PARAMS
            + u8::from(member.receiver.is_some()) * EXTRA_RECEIVER;
        self.out.push(kind | member.flags.bits() << 2 | if extras > 0 { EXTRAS } else { 0 });
        if extras > 0 {
            self.out.push(extras);
        }
        if member.since > 0 {
            self.out.push(member.since);
        }
        if !member.type_params.is_empty() {
            self.type_params(&member.type_params);
        }
        if let Some(receiver) = &member.receiver {
            self.ty(receiver);
        }
        if !member.is_property() {
            self.params(&member.params);
        }
        if member.kind != MemberKind::Constructor {
            self.ty(&member.result);
        }
        self.variables.truncate(scope);
    }

    fn params(&mut self, params: &[Parameter]) {
        let plain = params.iter().all(|it| it.name.is_none() && !it.vararg && !it.default);
        put_number(&mut self.out, params.len() << 1 | usize::from(!plain));
        for param in params {
            if !plain {
                let bits = u8::from(param.vararg) * VARARG
                    + u8::from(param.default) * DEFAULT
                    + u8::from(param.name.is_some()) * NAMED;
                self.out.push(bits);
                param.name.into_iter().for_each(|name| self.text(name));
            }
            self.ty(&param.ty);
        }
    }

    fn type_params(&mut self, params: &[TypeParam]) {
        put_number(&mut self.out, params.len());
        params.iter().for_each(|param| self.text(param.name));
        self.variables.extend(params.iter().map(|param| param.name));
        params.iter().for_each(|param| self.types(&param.bounds));
    }

    fn types(&mut self, types: &[Ty]) {
        put_number(&mut self.out, types.len());
        types.iter().for_each(|ty| self.ty(ty));
    }

    fn ty(&mut self, ty: &Ty) {
        match ty {
            Ty::Star => put_number(&mut self.out, STAR),
            Ty::Function(function) => {
                put_number(&mut self.out, FUNCTION);
                let receiver = u8::from(function.receiver.is_some()) * RECEIVER;
                self.out.push(receiver + u8::from(function.suspend) * SUSPEND);
                function.receiver.iter().for_each(|ty| self.ty(ty));
                self.types(&function.params);
                self.ty(&function.result);
            }
            Ty::Variable(name) => {
                put_number(&mut self.out, VARIABLE);
                let at = self.variables.iter().rposition(|it| it == name).expect("variables are in scope");
                put_number(&mut self.out, at);
            }
            Ty::Class(name, args) => {
                put_number(&mut self.out, CLASSES + (self.types[name] << 1 | usize::from(!args.is_empty())));
                if !args.is_empty() {
                    self.types(args);
                }
            }
        }
    }

    fn text(&mut self, text: Name) {
        put_number(&mut self.out, self.texts[&text]);
    }
}
