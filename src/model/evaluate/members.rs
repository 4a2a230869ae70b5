//! Calls that the project's own declarations do not explain: members, extensions and functions of libraries.

use crate::base::Name;
use crate::catalog::{TableSet, TopLevel};
use crate::facts::{ExprId, ExprKind, Language};
use crate::signatures::{MemberSignature, Ty};

use super::super::calls::Api;
use super::super::ids::FnId;
use super::super::scope::KOTLIN_DEFAULTS;
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// A member of a library class that the catalogue knows.
    pub(super) fn known_library_call(&self, draft: &mut SiteDraft, receiver: &Value, ty: &Type) -> bool {
        if self.member_of_object(draft) {
            return true;
        }
        if ty.is_unresolved() || ty.is_function() {
            return false;
        }
        // Results are filed under the receiver's class for extension functions as well: where more than the result
        // is known of a visible extension, that is the callee.
        let member = self.knows_member(ty.class, draft.name);
        if !member && self.library_extension(draft, receiver, ty) {
            return true;
        }
        if !member && !self.knows_result(ty.class, draft.name) && !self.has_library_member(ty.class, draft) {
            return false;
        }
        let is_static = receiver.reference.is_some();
        draft.api = Some(Api { class: ty.class, member: draft.name, is_static });
        true
    }

    fn knows_member(&self, class: Name, member: Name) -> bool {
        let catalog = self.core.catalog;
        let tables = TableSet::BLOCKING
            | TableSet::DISPATCHES
            | TableSet::SET_BY
            | TableSet::WORK
            | TableSet::FLOWS
            | TableSet::INLINES
            | TableSet::THREADS;
        let known = |class: Name| {
            let known = !catalog.blocking(class, member).is_empty()
                || !catalog.dispatches(class, member).is_empty()
                || !catalog.set_by(class, member).is_empty()
                || !catalog.work(class, member).is_empty()
                || catalog.flow(class, member).is_some()
                || !catalog.inline(class, member).is_empty()
                || catalog.dispatcher(class.join(member)).is_some();
            known.then_some(())
        };
        self.core.nearest_in(tables, class, member, known).is_some()
    }

    fn knows_result(&self, class: Name, member: Name) -> bool {
        let returns = |class| self.core.catalog.returns(class, member);
        self.core.nearest_in(TableSet::RETURNS, class, member, returns).is_some()
    }

    /// `receiver.name(…)` that no project declaration explains.
    pub(super) fn library_call(&mut self, draft: &mut SiteDraft, receiver: Value, ty: &Type) {
        // Who imports `postDelayed` by name means the extension: the member takes no code last.
        let imports = &self.core.imports[self.file.0 as usize];
        let meant = draft.args.last().is_some_and(|arg| arg.trailing)
            && draft.args.len() > 1
            && imports.named.contains_key(&draft.name);
        if meant && self.library_extension(draft, &receiver, ty) {
            draft.receiver = receiver;
            return;
        }
        if self.known_library_call(draft, &receiver, ty) {
            draft.receiver = receiver;
            return;
        }
        if self.library_extension(draft, &receiver, ty) {
            draft.receiver = receiver;
            return;
        }
        if self.facts.language == Language::Kotlin
            && let Some(facade) = self.library_facade(draft, Some(ty))
        {
            draft.api = Some(Api { class: facade, member: draft.name, is_static: true });
            draft.receiver = receiver;
            return;
        }
        if !ty.is_unresolved() && !ty.is_function() {
            let project = self.core.symbols.types_by_name.contains_key(&ty.class);
            let library = !project || !self.core.lineage(ty.class).library.is_empty();
            if library {
                draft.api = Some(Api { class: ty.class, member: draft.name, is_static: false });
            }
        }
        draft.receiver = receiver;
        if draft.api.is_none() {
            self.by_import_only(draft);
        }
    }

    /// A catalogued extension function visible here whose receiver fits.
    pub(super) fn library_extension(&self, draft: &mut SiteDraft, receiver: &Value, ty: &Type) -> bool {
        // Java calls no extension on a receiver: `function.apply(x)` is its own.
        if self.facts.language == Language::Java {
            return false;
        }
        let functions = self.core.catalog.functions(draft.name);
        let found = functions.iter().find(|function| {
            let fits = function.receiver.is_some_and(|declared| {
                declared == "*" || ty.upper().is_some_and(|ty| self.core.inherits(ty.class, &declared))
            });
            fits && self.sees(function, draft.name) && self.may_take(function, draft)
        });
        let Some(function) = found else { return false };
        draft.api = Some(Api { class: function.facade, member: draft.name, is_static: true });
        if receiver.ty.is_none() {
            draft.receiver = receiver.clone();
        }
        true
    }

    /// Could the function be called so? `run()` is none of Kotlin's `run { }`. Other parameters may have defaults that the
    /// signature does not know.
    fn may_take(&self, function: &TopLevel, draft: &SiteDraft) -> bool {
        if !draft.args.is_empty() {
            return true;
        }
        let needs_code = |it: &MemberSignature| {
            it.params.last().is_some_and(|param| !param.default && matches!(param.ty, Ty::Function(_)))
        };
        let package = function.facade.qualifier();
        let all = self.core.signatures.top_level(draft.name);
        let mut known =
            all.iter().filter(|it| it.facade.qualifier() == package).flat_map(|it| it.members).peekable();
        known.peek().is_none() || known.any(|it| !needs_code(it))
    }

    /// Is the library function imported here, explicitly, by star, or by default?
    fn sees(&self, function: &TopLevel, name: Name) -> bool {
        let imports = &self.core.imports[self.file.0 as usize];
        let path = function.package.join(name);
        let named = |paths: &Vec<Name>| paths.contains(&path) || paths.contains(&function.facade.join(name));
        imports.named.get(&name).is_some_and(named)
            || imports.stars.contains(&function.package)
            || imports.stars.contains(&function.facade)
            || KOTLIN_DEFAULTS.contains(&function.package.as_str())
    }

    /// The receiver's type is unknown: only an explicitly imported extension function can be told.
    pub(super) fn by_import_only(&mut self, draft: &mut SiteDraft) {
        let imports = &self.core.imports[self.file.0 as usize];
        let Some(paths) = imports.named.get(&draft.name).cloned() else {
            if !self.extension_of_unknown(draft) {
                self.by_any_extension(draft);
            }
            return;
        };
        let mut functions: Vec<FnId> = Vec::new();
        for path in &paths {
            self.functions_at(*path, &mut functions);
        }
        // Without the receiver's type the choice is likely, no more.
        if self.choose_likely(draft, &functions) {
            return;
        }
        let known = self
            .core
            .catalog
            .functions(draft.name)
            .iter()
            .find(|it| it.receiver.is_some() && paths.contains(&it.package.join(draft.name)));
        let class = match known {
            Some(function) => Some(function.facade),
            // A library's that nobody catalogued: what is imported by a small name is a function.
            None if draft.api.is_some() => None,
            None => paths
                .iter()
                .find(|path| self.is_unknown_function(**path))
                .map(|path| Name::new(path.qualifier())),
        };
        if let Some(class) = class {
            draft.api = Some(Api { class, member: draft.name, is_static: true });
        }
    }

    fn is_unknown_function(&self, path: Name) -> bool {
        let owner = Name::new(path.qualifier());
        self.facts.language == Language::Kotlin
            && !self.core.symbols.packages.contains(&owner)
            && !self.core.is_class(path)
            && !self.core.is_class(owner)
            && !owner.last().starts_with(|first: char| first.is_uppercase())
    }

    /// Scope functions work on anything.
    fn by_any_extension(&self, draft: &mut SiteDraft) {
        let any = self
            .core
            .catalog
            .functions(draft.name)
            .iter()
            .find(|it| it.receiver.is_some_and(|receiver| receiver == "*") && self.sees(it, draft.name));
        if let Some(function) = any.or_else(|| self.collection_operator(draft)) {
            draft.api = Some(Api { class: function.facade, member: draft.name, is_static: true });
        } else {
            self.by_imported_library(draft);
        }
    }

    /// `client.signIn().addOnSuccessListener { }`: a name that says enough in a file that uses the library.
    fn by_imported_library(&self, draft: &mut SiteDraft) {
        let imports = &self.core.imports[self.file.0 as usize];
        let uses = |prefix: &Name| {
            let mut paths = imports.named.values().flatten().chain(&imports.stars);
            paths.any(|path| path.starts_with(prefix.as_str()))
        };
        let all = self.core.catalog.dispatches_by_import(draft.name);
        if let Some(known) = all.iter().find(|it| it.imports.iter().any(uses)) {
            draft.api = Some(Api { class: known.class, member: draft.name, is_static: false });
        }
    }

    /// `rows.map { }`, `rows.forEach { }` on something unknown: in Kotlin most likely a collection, as long as the file
    /// imports no library that calls its own operators so.
    fn collection_operator(&self, draft: &SiteDraft) -> Option<&'static TopLevel> {
        const OTHERS: [&str; 6] =
            ["io.reactivex", "rx.", "reactor.", "java.util.stream", "java.util.Optional", "arrow."];
        let imports = &self.core.imports[self.file.0 as usize];
        let code = draft.args.last().is_some_and(|arg| arg.trailing);
        if imports.language != Some(Language::Kotlin) || !code {
            return None;
        }
        let mut imported = imports.named.values().flatten().chain(&imports.stars);
        if imported.any(|path| OTHERS.iter().any(|other| path.starts_with(other))) {
            return None;
        }
        let functions = self.core.catalog.functions(draft.name);
        functions.iter().find(|it| it.package == "kotlin.collections" && it.receiver.is_some())
    }

    /// `copy(…)` of a data class.
    pub(super) fn data_copy(&self, draft: &mut SiteDraft, receiver: &Value, class: Name) -> bool {
        let data =
            draft.name == "copy"
                && self.core.symbols.type_named(class).is_some_and(|id| {
                    self.core.type_decl(id).modifiers.contains(crate::facts::Modifiers::DATA)
                });
        if data {
            draft.result.clone_from(&receiver.ty);
            let class = self.core.symbols.type_named(class).map(|id| self.core.symbols.info(id));
            draft.declared = class.and_then(|info| info.constructors.first().copied());
        }
        data
    }

    pub(super) fn enum_member(&self, draft: &mut SiteDraft, class: Name) -> bool {
        let Some(id) = self.core.symbols.type_named(class) else { return false };
        if self.core.symbols.info(id).kind != crate::facts::TypeKind::Enum {
            return false;
        }
        let result = match draft.name.as_str() {
            "values" => Type::with(Name::new("kotlin.Array"), vec![Type::class(class)]),
            "valueOf" => Type::class(class),
            _ => return false,
        };
        draft.result = Some(result);
        true
    }

    /// `R.string.title`: a number of generated code.
    fn is_resource(&self, expr: ExprId) -> bool {
        match &self.facts[expr].kind {
            ExprKind::Member { receiver, .. } => self.is_resource(*receiver),
            ExprKind::Name(name) => *name == "R",
            _ => false,
        }
    }

    /// Is the function imported by name from a library, and given something that the member of a receiver may not take?
    /// `getString(Res.string.title)` of Compose resources in an activity.
    pub(super) fn names_import(&self, draft: &SiteDraft) -> bool {
        let imports = &self.core.imports[self.file.0 as usize];
        let library = |path: &Name| {
            let owner = Name::new(path.qualifier());
            !self.core.symbols.functions_by_name.contains_key(path)
                && !self.core.is_class(*path)
                && !self.core.is_class(owner)
        };
        let unknown = |value: &Value| value.ty.as_ref().is_none_or(Type::is_unresolved);
        imports.language == Some(Language::Kotlin)
            && imports.named.get(&draft.name).is_some_and(|paths| paths.iter().any(library))
            && draft
                .args
                .iter()
                .zip(&draft.values)
                .any(|(arg, value)| unknown(value) && !self.is_resource(arg.value))
    }

    /// A top-level library function: catalogued, or at least imported by name.
    pub(super) fn library_function(&self, draft: &mut SiteDraft) -> bool {
        let name = draft.name;
        let functions = self.core.catalog.functions(name);
        let plain = functions.iter().find(|it| it.receiver.is_none() && self.sees(it, name));
        if let Some(function) = plain {
            draft.api = Some(Api { class: function.facade, member: name, is_static: true });
            return true;
        }
        if let Some(facade) = self.library_facade(draft, None) {
            draft.api = Some(Api { class: facade, member: name, is_static: true });
            return true;
        }
        let imports = &self.core.imports[self.file.0 as usize];
        let Some(path) = imports.named.get(&name).and_then(|paths| paths.first()) else {
            return self.star_static(draft) || self.star_composable(draft);
        };
        if self.core.symbols.functions_by_name.contains_key(path) {
            return false;
        }
        // An extension imported by name and called on an implicit receiver, or a function nobody catalogued.
        let extension = functions.iter().find(|it| it.package.join(name) == *path);
        let class = extension.map_or_else(|| Name::new(path.qualifier()), |it| it.facade);
        draft.api = Some(Api { class, member: Name::new(path.last()), is_static: true });
        true
    }

    /// A static method of a class whose members are all imported: `import static android.app.PendingIntent.*`.
    fn star_static(&self, draft: &mut SiteDraft) -> bool {
        let imports = &self.core.imports[self.file.0 as usize];
        let has = |class: &&Name| {
            class.last().starts_with(|first: char| first.is_uppercase())
                && self.core.signatures.members(**class, draft.name).iter().any(|member| {
                    member.is_static() && !member.is_property() && member.takes(draft.args.len())
                })
        };
        let Some(class) = imports.stars.iter().find(has) else { return false };
        draft.api = Some(Api { class: *class, member: draft.name, is_static: true });
        true
    }

    /// Java's `wait()`, which everything has.
    fn member_of_object(&self, draft: &mut SiteDraft) -> bool {
        let waits = draft.name == "wait" && draft.args.len() <= 2 && self.facts.language == Language::Java;
        if waits {
            draft.api =
                Some(Api { class: Name::new("java.lang.Object"), member: draft.name, is_static: false });
        }
        waits
    }

    /// An unknown name called without receiver in a class that extends a library class: its inherited method.
    pub(super) fn member_of_library_base(&mut self, draft: &mut SiteDraft, _expected: Option<&Type>) {
        let found = self.receivers.iter().rev().find_map(|receiver| {
            let class = receiver.value.class()?;
            let project = self.core.symbols.types_by_name.contains_key(&class);
            let library =
                !class.starts_with('?') && (!project || !self.core.lineage(class).library.is_empty());
            library.then(|| (class, receiver.value.clone()))
        });
        if let Some((class, receiver)) = found {
            draft.api = Some(Api { class, member: draft.name, is_static: false });
            draft.receiver = receiver;
        }
        self.member_of_object(draft);
    }
}
