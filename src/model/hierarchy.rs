//! Supertypes and members: project classes first, then what signatures and catalogue know of library classes.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;
use crate::catalog::{ObjectKind, TableSet};
use crate::facts::{Modifiers, TypeKind};
use crate::findings::Confidence;

use super::calls::Target;
use super::core::Core;
use super::delegation::Delegate;
use super::ids::{FnId, PropId, TypeId};
use super::ty::Type;

/// Longest chain of supertypes followed; more is a cycle or a mistake.
const MAX_ANCESTORS: usize = 64;
/// Overrides up to this number are likely to be meant; among more each single one is a guess.
const FEW_OVERRIDES: usize = 16;

/// A class with all its supertypes, nearest first.
#[derive(Debug)]
pub struct Lineage {
    /// The class itself first; project and library classes.
    pub all: Box<[Name]>,
    /// Those of them that the project does not declare.
    pub library: Box<[Name]>,
    /// The declarations of the others, in order.
    pub project: Box<[TypeId]>,
    /// How its objects are followed, if at all.
    pub object: Option<ObjectKind>,
    /// Its objects are code of several methods, and nothing else that is followed (as subjects of Rx are).
    pub callback: bool,
    /// Tables of the catalogue that have name patterns for one of them.
    globs: TableSet,
}

/// What one thread found out about classes. Asked more often than anything else, so that a table for all threads, and
/// its locks, would be what they wait for.
#[derive(Default)]
struct Known {
    /// Number of the core that it is about.
    core: usize,
    lineages: FxHashMap<Name, Rc<Lineage>>,
    /// What simple names mean in a type.
    classes: FxHashMap<(TypeId, Name), Option<Name>>,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

impl Core {
    fn known<T>(&self, ask: impl FnOnce(&mut Known) -> T) -> T {
        KNOWN.with_borrow_mut(|known| {
            if known.core != self.number {
                *known = Known { core: self.number, ..Known::default() };
            }
            ask(known)
        })
    }

    /// What a simple name means in a type, worked out once.
    pub(super) fn class_in(
        &self,
        owner: TypeId,
        name: Name,
        find: impl FnOnce() -> Option<Name>,
    ) -> Option<Name> {
        if let Some(known) = self.known(|known| known.classes.get(&(owner, name)).copied()) {
            return known;
        }
        let found = find();
        self.known(|known| known.classes.insert((owner, name), found));
        found
    }

    /// The class and all its supertypes, remembered.
    pub fn lineage(&self, class: Name) -> Rc<Lineage> {
        if let Some(known) = self.known(|known| known.lineages.get(&class).cloned()) {
            return known;
        }
        let all = self.collect_ancestors(class);
        let library = all.iter().filter(|name| !self.symbols.types_by_name.contains_key(*name)).copied();
        let project = all.iter().filter_map(|name| self.symbols.types_by_name.get(name)).flatten().copied();
        let globs = all.iter().fold(TableSet::empty(), |set, name| set | self.catalog.globs_of(*name));
        let kinds = || all.iter().filter_map(|name| self.catalog.object(*name));
        let object = kinds().find(|kind| *kind != ObjectKind::Callback);
        let callback = object.is_none() && kinds().next().is_some();
        let (library, project) = (library.collect(), project.collect());
        let all = all.into_boxed_slice();
        let lineage = Rc::new(Lineage { object, callback, library, project, globs, all });
        self.known(|known| known.lineages.insert(class, Rc::clone(&lineage)));
        lineage
    }

    /// The class and all its supertypes, nearest first: those in the project with their direct library supertypes,
    /// then what these inherit.
    fn collect_ancestors(&self, class: Name) -> Vec<Name> {
        let mut all = vec![self.catalog.canonical(class)];
        let mut roots: Vec<Name> = Vec::new();
        let mut at = 0;
        while at < all.len() && all.len() < MAX_ANCESTORS {
            let class = all[at];
            at += 1;
            let Some(ids) = self.symbols.types_by_name.get(&class) else {
                roots.push(class);
                continue;
            };
            for id in ids {
                self.symbols.info(*id).supertypes.iter().for_each(|supertype| add(&mut all, supertype.class));
            }
        }
        let mut at = 0;
        while at < roots.len() && all.len() < MAX_ANCESTORS {
            let root = roots[at];
            at += 1;
            if self.signatures.exists(root) {
                self.signatures.ancestors(root).for_each(|name| add(&mut all, name));
            } else {
                for name in self.catalog.supertypes(root) {
                    add(&mut all, *name);
                    add(&mut roots, *name);
                }
            }
        }
        all
    }

    /// Is the class the other one, or does it inherit from it?
    pub fn inherits(&self, class: Name, ancestor: &str) -> bool {
        // Names compare by address, texts do not.
        let ancestor = Name::new(ancestor);
        class == ancestor || self.lineage(class).all.contains(&ancestor)
    }

    /// The first answer of the class or its nearest supertype.
    pub fn nearest<T>(&self, class: Name, mut ask: impl FnMut(Name) -> Option<T>) -> Option<T> {
        if let Some(found) = ask(class) {
            return Some(found);
        }
        self.lineage(class).all.iter().skip(1).find_map(|class| ask(*class))
    }

    /// `nearest` for what one table of the catalogue says of a member. Nearly all members of nearly all classes are in
    /// no table, which is known at once.
    pub fn nearest_in<T>(
        &self,
        table: TableSet,
        class: Name,
        member: Name,
        ask: impl FnMut(Name) -> Option<T>,
    ) -> Option<T> {
        if self.may_know(table, class, &[member]) { self.nearest(class, ask) } else { None }
    }

    /// Could one of the tables have an entry for one of these members of the class or its supertypes?
    pub fn may_know(&self, tables: TableSet, class: Name, members: &[Name]) -> bool {
        members.iter().any(|member| self.catalog.tables_naming(*member).intersects(tables))
            || self.lineage(class).globs.intersects(tables)
    }

    /// The type seen as one of its supertypes, with type arguments carried along.
    pub fn as_super(&self, ty: &Type, class: Name) -> Option<Type> {
        self.as_super_at(ty, class, 0)
    }

    pub(super) fn as_super_at(&self, ty: &Type, class: Name, depth: u8) -> Option<Type> {
        if ty.class == class {
            return Some(ty.clone());
        }
        if depth > 16 {
            return None;
        }
        if let Some(ids) = self.symbols.types_by_name.get(&ty.class) {
            return ids.iter().find_map(|id| {
                let info = self.symbols.info(*id);
                let bindings: Vec<(Name, Type)> =
                    info.params.iter().copied().zip(ty.args.iter().cloned()).collect();
                info.supertypes.iter().find_map(|supertype| {
                    self.as_super_at(&supertype.substitute(&bindings), class, depth + 1)
                })
            });
        }
        self.library_as_super(ty, class, depth)
    }

    /// The nearest type that both are; the first where nothing but Object is common.
    pub fn common_supertype(&self, first: &Type, second: &Type) -> Type {
        if first.class == second.class || first.is_function() || second.is_function() {
            return first.clone();
        }
        let other = self.lineage(second.class);
        let lineage = self.lineage(first.class);
        let common = lineage.all.iter().find(|class| other.all.contains(class));
        match common.filter(|class| **class != "java.lang.Object" && **class != "kotlin.Any") {
            Some(class) => self.as_super(first, *class).unwrap_or_else(|| Type::class(*class)),
            None => first.clone(),
        }
    }

    /// Bindings of a class's type parameters as a receiver of this type has them.
    pub fn bindings(&self, receiver: &Type, class: TypeId) -> Vec<(Name, Type)> {
        let info = self.symbols.info(class);
        if info.params.is_empty() {
            return Vec::new();
        }
        let Some(seen) = self.as_super(receiver, info.qualified) else { return Vec::new() };
        info.params.iter().copied().zip(seen.args).collect()
    }

    /// Methods of this name in a project class, else in its nearest project supertype.
    pub fn methods_named(&self, class: TypeId, name: Name) -> SmallVec<[FnId; 2]> {
        let mut found: SmallVec<[FnId; 2]> = SmallVec::new();
        let mut nearest = None;
        for id in &self.lineage(self.symbols.info(class).qualified).project {
            let info = self.symbols.info(*id);
            // Source sets may declare a class several times.
            if nearest.is_some_and(|nearest| nearest != info.qualified) {
                break;
            }
            if let Some(methods) = info.methods.get(&name) {
                found.extend_from_slice(methods);
                nearest = Some(info.qualified);
            }
        }
        found
    }

    /// All methods of this name in the class and its project supertypes, nearest first; overridden ones too.
    pub fn all_methods_named(&self, class: Name, name: Name) -> SmallVec<[FnId; 4]> {
        let mut found = SmallVec::new();
        for id in &self.lineage(class).project {
            if let Some(methods) = self.symbols.info(*id).methods.get(&name) {
                found.extend_from_slice(methods);
            }
        }
        found
    }

    /// A property or field of the class or its project supertypes.
    pub fn property_named(&self, class: Name, name: Name) -> Option<PropId> {
        let lineage = self.lineage(class);
        lineage.project.iter().find_map(|id| self.symbols.info(*id).properties.get(&name).copied())
    }

    /// Companions of the class and its project supertypes.
    pub fn companions(&self, class: Name) -> SmallVec<[TypeId; 2]> {
        let lineage = self.lineage(class);
        lineage.project.iter().filter_map(|id| self.symbols.info(*id).companion).collect()
    }

    /// Every project subtype, transitively, nearest first.
    pub fn all_subtypes(&self, class: TypeId) -> SmallVec<[TypeId; 8]> {
        let mut all: SmallVec<[TypeId; 8]> = SmallVec::new();
        let mut at = 0;
        all.extend(self.subtypes.get(&class).into_iter().flatten().copied());
        while at < all.len() {
            for id in self.subtypes.get(&all[at]).into_iter().flatten() {
                if !all.contains(id) {
                    all.push(*id);
                }
            }
            at += 1;
        }
        all
    }

    /// Subtypes of classes that are neither the project's nor known.
    pub(super) fn collect_unknown(&mut self) {
        let mut found: FxHashMap<Name, Vec<TypeId>> = FxHashMap::default();
        for at in 0..self.symbols.types.len() {
            let id = TypeId::new(at);
            for supertype in &self.symbols.info(id).supertypes {
                let class = supertype.class;
                if !class.starts_with('?') && !self.is_class(class) {
                    found.entry(class).or_default().push(id);
                }
            }
        }
        self.of_unknown = found;
    }

    /// Methods of the project that a call on an unknown library's interface may lead to: whatever implements it.
    pub fn targets_of_unknown(&self, class: Name, method: Name, args: usize) -> SmallVec<[Target; 1]> {
        /// More say nothing of a single call.
        const MOST: usize = 8;
        let direct = self.of_unknown.get(&class).map_or(&[][..], Vec::as_slice);
        let mut targets: SmallVec<[Target; 1]> = SmallVec::new();
        for id in direct.iter().flat_map(|id| std::iter::once(*id).chain(self.all_subtypes(*id))) {
            for function in self.symbols.info(id).methods.get(&method).into_iter().flatten() {
                let decl = self.function(*function);
                let fits = decl.params.len() == args
                    && decl.body.is_some()
                    && !decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::STATIC);
                if fits && !targets.iter().any(|target| target.function == *function) {
                    targets.push(Target { function: *function, certainty: Confidence::Medium });
                }
            }
        }
        if targets.len() > MOST { SmallVec::new() } else { targets }
    }

    /// What may run when this method is called on a receiver of the static class, delegates of classes included.
    pub fn dispatch_targets(
        &self,
        method: FnId,
        receiver: Option<Name>,
        exact: bool,
    ) -> SmallVec<[Target; 1]> {
        let mut targets = self.overridden_targets(method, receiver, exact);
        let top = receiver.and_then(|class| self.symbols.type_named(class)).or_else(|| self.owner_of(method));
        let Some(class) = top.filter(|_| !self.delegating.is_empty()) else { return targets };
        let delegated = self.delegated_targets(method, Delegate { class, exact });
        if !delegated.is_empty() {
            targets.retain(|target| self.function(target.function).body.is_some());
        }
        for target in delegated {
            if !targets.iter().any(|known| known.function == target.function) {
                targets.push(target);
            }
        }
        targets
    }

    /// The method itself if it has a body, and every override in subtypes of the receiver's class. Certainty falls with
    /// their number.
    pub(super) fn overridden_targets(
        &self,
        method: FnId,
        receiver: Option<Name>,
        exact: bool,
    ) -> SmallVec<[Target; 1]> {
        let decl = self.function(method);
        let mut targets: SmallVec<[Target; 1]> = SmallVec::new();
        let Some(owner) = self.owner_of(method) else {
            targets.push(Target { function: method, certainty: Confidence::High });
            return targets;
        };
        let has_body = decl.body.is_some();
        let closed = exact
            || decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::STATIC)
            || (decl.modifiers.contains(Modifiers::FINAL) && has_body)
            || matches!(
                self.symbols.info(owner).kind,
                TypeKind::Object | TypeKind::Companion | TypeKind::Anonymous
            );
        if has_body || closed {
            targets.push(Target { function: method, certainty: Confidence::High });
        }
        if closed {
            return targets;
        }
        // What implements an interface definition runs in its own process, on a thread of the binder.
        if self.project.file(self.symbols.info(owner).file).generated {
            return targets;
        }
        // Overrides count only below the receiver's static class, when that is a project class.
        let top = receiver.and_then(|class| self.symbols.type_named(class)).unwrap_or(owner);
        let params = decl.params.len();
        for subtype in self.all_subtypes(top) {
            let overrides = self.symbols.info(subtype).methods.get(&decl.name).into_iter().flatten();
            for id in overrides {
                let other = self.function(*id);
                if other.params.len() == params
                    && *id != method
                    && !targets.iter().any(|target| target.function == *id)
                    && other.body.is_some()
                {
                    targets.push(Target { function: *id, certainty: Confidence::High });
                }
            }
        }
        // Dependency injection says which implementations stand behind the interface.
        let bound =
            receiver.or(Some(self.symbols.info(owner).qualified)).and_then(|class| self.bound.get(&class));
        if let Some(bound) = bound {
            let in_bound = |target: &Target| {
                let class = self.owner_of(target.function).map(|owner| self.symbols.info(owner).qualified);
                class.is_some_and(|class| bound.iter().any(|it| self.lineage(*it).all.contains(&class)))
            };
            if targets.iter().any(in_bound) {
                targets.retain(|target| in_bound(target));
            }
        }
        let overridden = targets.len();
        let certainty = match overridden {
            0 | 1 => Confidence::High,
            2..=FEW_OVERRIDES => Confidence::Medium,
            _ => Confidence::Low,
        };
        for target in &mut targets {
            // The declared body itself runs whenever nothing overrides it, so it stays likely.
            target.certainty =
                if target.function == method { Confidence::Medium.max(certainty) } else { certainty };
        }
        targets
    }
}

fn add(all: &mut Vec<Name>, name: Name) {
    if !all.contains(&name) {
        all.push(name);
    }
}
