//! Declarations that several flavours or build types have, each in its source set: which of them a call means.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;
use crate::discover::source_sets;
use crate::facts::{FunctionDecl, TypeRef};
use crate::findings::FileId;

use super::calls::Target;
use super::core::Core;
use super::ids::{FnId, PropId, TypeId};
use super::project::ProjectFile;

/// Variants that one call is followed to.
const MAX_VARIANTS: usize = 8;

/// Functions that stand in other source sets of the module as well: all of them, in order of paths.
pub(super) type Variants = FxHashMap<FnId, SmallVec<[FnId; 2]>>;

impl Core {
    pub(super) fn collect_variants(&mut self) {
        let mut found = Variants::default();
        for types in several(self.symbols.types_by_name.values().map(SmallVec::as_slice)) {
            for id in types {
                let file = self.file_of(*id);
                let others = types.iter().filter(|it| self.is_variant(file, self.file_of(**it)));
                others.for_each(|other| self.pair_members(*id, *other, &mut found));
            }
        }
        for functions in several(self.symbols.functions_by_name.values().map(SmallVec::as_slice)) {
            functions.iter().for_each(|id| self.pair(*id, functions, &mut found));
        }
        for all in several(self.symbols.properties_by_name.values().map(SmallVec::as_slice)) {
            for id in all {
                let file = self.symbols.prop_file(*id);
                let others = all.iter().filter(|it| self.is_variant(file, self.symbols.prop_file(**it)));
                others.for_each(|other| self.pair_accessors(*id, *other, &mut found));
            }
        }
        let ordered = found.into_iter().map(|(id, mut others)| {
            others.push(id);
            others.sort_unstable();
            others.dedup();
            (id, others)
        });
        self.variants = ordered.collect();
    }

    fn file_of(&self, id: TypeId) -> FileId {
        self.symbols.info(id).file
    }

    /// Do the files stand in different source sets of one module, neither in one that all variants share?
    fn is_variant(&self, first: FileId, second: FileId) -> bool {
        let (first, second) = (self.project.file(first), self.project.file(second));
        let own = |file: &ProjectFile| !file.is_shared() && !source_sets::is_test(&file.source_set, &[]);
        first.module == second.module
            && first.source_set != second.source_set
            && own(first)
            && own(second)
            && !first.generated
            && !second.generated
    }

    fn pair_members(&self, first: TypeId, second: TypeId, found: &mut Variants) {
        let (first, second) = (self.symbols.info(first), self.symbols.info(second));
        let mut methods: Vec<FnId> = first.methods.values().flatten().copied().collect();
        methods.sort_unstable();
        for id in methods {
            if let Some(others) = second.methods.get(&self.function(id).name) {
                self.pair(id, others, found);
            }
        }
        first.constructors.iter().for_each(|id| self.pair(*id, &second.constructors, found));
        let initializers =
            [(first.initializer, second.initializer), (first.static_initializer, second.static_initializer)];
        for (id, other) in initializers {
            if let (Some(id), Some(other)) = (id, other) {
                found.entry(id).or_default().push(other);
            }
        }
        let mut properties: Vec<PropId> = first.properties.values().copied().collect();
        properties.sort_unstable();
        for id in properties {
            if let Some(other) = second.properties.get(&self.property(id).name) {
                self.pair_accessors(id, *other, found);
            }
        }
    }

    fn pair_accessors(&self, first: PropId, second: PropId, found: &mut Variants) {
        let (decl, other) = (self.property(first), self.property(second));
        if written(decl.receiver.as_ref()) != written(other.receiver.as_ref()) {
            return;
        }
        for (accessor, variant) in [(decl.getter, other.getter), (decl.setter, other.setter)] {
            if let (Some(accessor), Some(variant)) = (accessor, variant) {
                let id = self.symbols.fn_id(self.symbols.prop_file(first), accessor);
                let variant = self.symbols.fn_id(self.symbols.prop_file(second), variant);
                found.entry(id).or_default().push(variant);
            }
        }
    }

    /// Notes the functions that stand for this one in other source sets: of the same parameters, or the only one there
    /// with as many.
    fn pair(&self, id: FnId, candidates: &[FnId], found: &mut Variants) {
        let decl = self.function(id);
        let file = self.symbols.fn_file(id);
        let fits = |other: &&FnId| {
            let candidate = self.function(**other);
            self.is_variant(file, self.symbols.fn_file(**other))
                && candidate.params.len() == decl.params.len()
                && written(candidate.receiver.as_ref()) == written(decl.receiver.as_ref())
        };
        let candidates: SmallVec<[FnId; 4]> = candidates.iter().filter(fits).copied().collect();
        let set = |id: FnId| self.project.file(self.symbols.fn_file(id)).source_set;
        let mut sets: SmallVec<[Name; 4]> = SmallVec::new();
        for candidate in &candidates {
            let variant_set = set(*candidate);
            if sets.contains(&variant_set) {
                continue;
            }
            sets.push(variant_set);
            let there = || candidates.iter().copied().filter(|it| set(*it) == variant_set);
            let same = there().find(|it| same_params(decl, self.function(*it)));
            let only = || there().next().filter(|_| there().count() == 1);
            if let Some(variant) = same.or_else(only) {
                found.entry(id).or_default().push(variant);
            }
        }
    }

    /// The function with those that stand for it in other source sets.
    pub(super) fn variants_of(&self, function: FnId) -> SmallVec<[FnId; 2]> {
        self.variants.get(&function).cloned().unwrap_or_else(|| SmallVec::from_elem(function, 1))
    }

    /// Targets as code of this file means them: of several variants that of its own source set, else each that users
    /// get.
    pub(super) fn of_variants(&self, file: FileId, targets: SmallVec<[Target; 1]>) -> SmallVec<[Target; 1]> {
        if self.variants.is_empty() || targets.iter().all(|it| !self.variants.contains_key(&it.function)) {
            return targets;
        }
        let caller = self.project.file(file);
        let mut chosen: SmallVec<[Target; 1]> = SmallVec::new();
        for target in targets {
            let all = self.variants.get(&target.function).map_or(&[][..], SmallVec::as_slice);
            let at = |id: &FnId| self.project.file(self.symbols.fn_file(*id));
            let here = |id: &&FnId| {
                let variant = at(id);
                // `playRelease` is a variant of `play`.
                variant.module == caller.module && caller.source_set.starts_with(variant.source_set.as_str())
            };
            let own = all.iter().filter(here).max_by_key(|id| at(id).source_set.len()).copied();
            let meant: SmallVec<[FnId; 4]> = match own {
                Some(own) => SmallVec::from_elem(own, 1),
                None => {
                    all.iter().filter(|id| !at(id).is_of_debug_build()).take(MAX_VARIANTS).copied().collect()
                }
            };
            let meant = if meant.is_empty() { SmallVec::from_elem(target.function, 1) } else { meant };
            for function in meant {
                if !chosen.iter().any(|known| known.function == function) {
                    chosen.push(Target { function, ..target });
                }
            }
        }
        chosen
    }
}

/// Names that are declared more than once, in order of their first declarations.
fn several<'s, T: Ord>(all: impl Iterator<Item = &'s [T]>) -> Vec<&'s [T]> {
    let mut found: Vec<&[T]> = all.filter(|all| all.len() > 1).collect();
    found.sort_unstable();
    found
}

fn same_params(first: &FunctionDecl, second: &FunctionDecl) -> bool {
    let mut params = first.params.iter().zip(&second.params);
    params.all(|(first, second)| written(first.ty.as_ref()) == written(second.ty.as_ref()))
}

/// A type as it is written, without its package.
fn written(ty: Option<&TypeRef>) -> Option<&str> {
    ty.map(|ty| ty.name.last())
}
