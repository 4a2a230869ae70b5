//! Calls on classes, their companions, and Kotlin files as Java sees them.

use smallvec::SmallVec;

use crate::base::Name;
use crate::findings::FileId;

use super::super::calls::Api;
use super::super::ids::FnId;
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::calls::property_of_getter;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// `Class.name(…)`.
    pub(super) fn static_call(&mut self, draft: &mut SiteDraft, class: Name, receiver: Value) {
        let Some(id) = self.core.symbols.type_named(class) else {
            if self.facade_call(draft, class) {
                return;
            }
            if let Some(nested) = self.core.nested_library_class(class, draft.name) {
                return self.create(draft, nested);
            }
            draft.api = Some(Api { class, member: draft.name, is_static: true });
            draft.receiver = receiver;
            // An extension of a library's object (`Injekt.get<T>()`) has to be imported.
            if self.core.imports[self.file.0 as usize].named.contains_key(&draft.name) {
                self.by_import_only(draft);
            }
            return;
        };
        let methods = self.core.all_methods_named(class, draft.name);
        if !methods.is_empty() && self.choose(draft, &methods, None, true) {
            return;
        }
        if self.companion_call(draft, class) || self.enum_member(draft, class) {
            return;
        }
        if let Some(nested) = self.core.nested_class(id, draft.name, 0) {
            return self.create(draft, nested);
        }
        if let Some(property) = self.core.property_named(class, draft.name) {
            let value = self.read_property(draft.expr, property, None);
            return self.invoke_value(draft, value);
        }
        for companion in self.core.companions(class) {
            let qualified = self.core.symbols.info(companion).qualified;
            if let Some(property) = self.core.property_named(qualified, draft.name) {
                let value = self.read_property(draft.expr, property, None);
                return self.invoke_value(draft, value);
            }
            if self.core.symbols.info(companion).supertypes.is_empty() {
                continue;
            }
            let ty = Type::class(qualified);
            if self.project_extension(draft, &ty) {
                return;
            }
        }
        // A static method inherited from a library class, or `Companion.invoke`.
        let library = self.core.lineage(class).library.first().copied();
        draft.api = library.map(|class| Api { class, member: draft.name, is_static: true });
    }

    /// `StringsKt.shorten(text)`: Java calling what stands in a Kotlin file outside of classes.
    fn facade_call(&mut self, draft: &mut SiteDraft, class: Name) -> bool {
        let Some(files) = self.core.symbols.facades.get(&class).cloned() else { return false };
        let (plain, extensions): (Vec<FnId>, Vec<FnId>) = self
            .functions_in(&files, draft.name)
            .into_iter()
            .partition(|id| self.core.function(*id).receiver.is_none());
        if self.choose(draft, &plain, None, true) {
            return true;
        }
        if !extensions.is_empty() && !draft.args.is_empty() {
            // Java gives the receiver as first argument.
            let (arg, receiver) = (draft.args.remove(0), draft.values.remove(0));
            if self.choose(draft, &extensions, None, true) {
                draft.receiver_expr = Some(arg.value);
                draft.receiver = receiver;
                return true;
            }
            draft.args.insert(0, arg);
            draft.values.insert(0, receiver);
        }
        let property = property_of_getter(&draft.name).filter(|_| draft.args.is_empty());
        let package = Name::new(class.qualifier());
        let found = property.and_then(|name| {
            let all = self.core.symbols.properties_by_name.get(&package.join(name))?;
            all.iter().copied().find(|id| files.contains(&self.core.symbols.prop_file(*id)))
        });
        if let Some(property) = found {
            draft.result = self.read_property(draft.expr, property, None).ty;
        }
        found.is_some()
    }

    /// Functions of this name in Kotlin files, outside of classes.
    pub(super) fn functions_in(&self, files: &[FileId], name: Name) -> Vec<FnId> {
        let packages = files.iter().map(|file| self.core.facts(*file).package);
        let mut packages: SmallVec<[Name; 2]> = packages.collect();
        packages.dedup();
        let named = packages.iter().filter_map(|it| self.core.symbols.functions_by_name.get(&it.join(name)));
        named.flatten().copied().filter(|id| files.contains(&self.core.symbols.fn_file(*id))).collect()
    }
}
