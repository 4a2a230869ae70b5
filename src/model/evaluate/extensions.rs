//! Extensions of the project: top level, members of the classes around and of their companions, imported from objects.
//!
//! Source: kotlinlang.org/docs/extensions.html

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{ExprId, Language};
use crate::findings::Confidence;

use super::super::ids::{FnId, PropId, TypeId};
use super::super::scope::TypeScope;
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// Calls an extension function of the project, members of implicit receivers first.
    pub(super) fn project_extension(&mut self, draft: &mut SiteDraft, receiver: &Type) -> bool {
        let fitting = self.extensions_of(draft.name, receiver);
        self.choose(draft, &fitting, None, true)
    }

    /// The extension functions of this name that a value of the type has here.
    pub(super) fn extensions_of(&self, name: Name, receiver: &Type) -> Vec<FnId> {
        let imported = self.core.imports[self.file.0 as usize].named.contains_key(&name);
        if !imported && !self.core.symbols.function_names.contains(&name) {
            return Vec::new();
        }
        let mut candidates: Vec<FnId> = Vec::new();
        for implicit in self.receivers.iter().rev() {
            let Some(class) = implicit.value.class() else { continue };
            candidates.extend(self.core.all_methods_named(class, name));
            if implicit.is_class {
                let companions = self.core.companions(class);
                candidates.extend(companions.into_iter().flat_map(|it| self.core.methods_named(it, name)));
            }
        }
        candidates.extend(self.visible_functions(name));
        let fits = |id: &FnId| {
            self.core.function(*id).receiver.as_ref().is_some_and(|declared| {
                self.accepts(&self.core.resolve_type(self.core.scope_of(*id), declared), receiver)
            })
        };
        candidates.into_iter().filter(fits).collect()
    }

    /// Of a receiver of which nothing is known: an extension that the project declares right here or imports by name. What a
    /// library's class has itself would hide it, so it is likely, no more.
    pub(super) fn extension_of_unknown(&mut self, draft: &mut SiteDraft) -> bool {
        if self.facts.language != Language::Kotlin || !self.core.symbols.function_names.contains(&draft.name)
        {
            return false;
        }
        let mut near: Vec<FnId> = Vec::new();
        for implicit in self.receivers.iter().rev().filter(|it| it.is_class) {
            let Some(class) = implicit.value.class() else { continue };
            near.extend(self.core.all_methods_named(class, draft.name));
            let companions = self.core.companions(class);
            near.extend(companions.into_iter().flat_map(|it| self.core.methods_named(it, draft.name)));
        }
        let here = self.visible_functions(draft.name);
        near.extend(here.into_iter().filter(|it| self.core.symbols.fn_file(*it) == self.file));
        near.retain(|it| self.core.function(*it).receiver.is_some());
        self.choose_likely(draft, &near)
    }

    /// A call without receiver that nothing else explains, in the lambda of a library that nobody described:
    /// `NavHost(…) { feedScreen() }` with `fun NavGraphBuilder.feedScreen()`.
    pub(super) fn extension_of_builder(&mut self, draft: &mut SiteDraft) -> bool {
        if self.facts.language != Language::Kotlin {
            return false;
        }
        let mut functions = self.visible_functions(draft.name);
        functions.retain(|it| self.core.function(*it).receiver.is_some());
        self.choose_likely(draft, &functions)
    }

    /// As `choose`, but without the receiver's type: likely, no more.
    pub(super) fn choose_likely(&mut self, draft: &mut SiteDraft, functions: &[FnId]) -> bool {
        let chosen = !functions.is_empty() && self.choose(draft, functions, None, true);
        if chosen {
            draft.targets.iter_mut().for_each(|target| target.certainty = Confidence::Medium);
        }
        chosen
    }

    /// Reads an extension property of the project.
    pub(super) fn extension_property(&mut self, id: ExprId, receiver: &Type, name: Name) -> Option<Value> {
        let property = self.extension_property_of(receiver, name)?;
        let value = Value::typed(receiver.clone());
        Some(self.read_property(id, property, Some(&value)))
    }

    /// The extension property of this name that a value of the type has here.
    pub(super) fn extension_property_of(&self, receiver: &Type, name: Name) -> Option<PropId> {
        let members = self.core.symbols.member_extensions.get(&name).into_iter().flatten();
        let mut candidates: SmallVec<[PropId; 2]> =
            members.filter(|(owner, _)| self.sees_members_of(*owner, name)).map(|(_, it)| *it).collect();
        candidates.extend(self.visible_properties(name));
        candidates.into_iter().find(|property| {
            let file = self.core.symbols.prop_file(*property);
            let scope = TypeScope { file, owner: self.owner_of_property(*property), function: None };
            let declared = self.core.property(*property).receiver.as_ref();
            declared.is_some_and(|declared| self.accepts(&self.core.resolve_type(scope, declared), receiver))
        })
    }

    /// May the member of this name be used without saying whose it is: is the class around, the companion of one around, or
    /// the member imported?
    fn sees_members_of(&self, owner: TypeId, name: Name) -> bool {
        let class = self.core.symbols.info(owner).qualified;
        let around = self.receivers.iter().any(|receiver| {
            receiver.value.class().is_some_and(|it| {
                self.core.lineage(it).all.contains(&class)
                    || receiver.is_class && self.core.companions(it).contains(&owner)
            })
        });
        let imported = || {
            let paths = self.core.imports[self.file.0 as usize].named.get(&name);
            paths.into_iter().flatten().any(|path| *path == class.join(name))
        };
        around || imported()
    }
}
