//! Files every entry where `index.rs` looks for it, and gathers what the tables say in passing: which classes exist,
//! which functions are top-level and on what receiver.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;

use super::entry::*;
use super::index::{Catalog, TableSet, TopLevel};
use super::load::Tables;

pub(super) fn index(layers: &[&'static Tables]) -> Catalog {
    let mut builder = Builder::default();
    for tables in layers {
        builder.reserve(tables);
        builder.types(tables);
        builder.blocking(tables);
        builder.entries(tables);
        builder.dispatches(tables);
        builder.expressions(tables);
        builder.in_place(tables);
        builder.work(tables);
    }
    let mut catalog = builder.catalog;
    note_tables(&mut catalog);
    catalog
}

/// Fills `naming` and `globs` from the tables.
fn note_tables(catalog: &mut Catalog) {
    let (mut naming, mut globs) = (FxHashMap::default(), FxHashMap::default());
    let mut note =
        |table: TableSet, names: &mut dyn Iterator<Item = Name>, classes: &mut dyn Iterator<Item = Name>| {
            names.for_each(|name| *naming.entry(name).or_insert(TableSet::empty()) |= table);
            classes.for_each(|class| *globs.entry(class).or_insert(TableSet::empty()) |= table);
        };
    macro_rules! members {
        ($($table:ident $members:ident),*) => {
            $(note(TableSet::$table, &mut catalog.$members.names(), &mut catalog.$members.glob_classes());)*
        };
    }
    members!(
        BLOCKING blocking, ENTRIES entries, SET_BY set_by, DISPATCHES dispatches, INLINES inlines, FLOWS flows,
        RETURNS returns, WORK work, EFFECTS effects, CONFINED confined
    );
    let none = &mut std::iter::empty();
    let last = |name: &Name| Name::new(name.last());
    note(TableSet::THREADS, &mut catalog.dispatchers.keys().chain(catalog.scopes.keys()).map(last), none);
    note(TableSet::GUARDS, &mut catalog.guard_calls.keys().copied(), none);
    note(TableSet::LAMBDAS, &mut catalog.lambdas.keys().map(|(_, member)| *member), none);
    note(TableSet::IN_MEMORY, &mut catalog.memory_results.iter().map(|(_, member)| *member), none);
    catalog.naming = naming;
    catalog.globs = globs;
}

/// What a table says of a function's receiver.
#[derive(Clone, Copy)]
enum Receiver {
    /// Said: the type, or none for a plain function.
    Said(Option<Name>),
    /// The table has no word for it; another one may know better.
    Unsaid,
}

impl Receiver {
    fn of(extension_on: Option<Name>, toplevel: bool) -> Receiver {
        if extension_on.is_some() || toplevel { Receiver::Said(extension_on) } else { Receiver::Unsaid }
    }
}

#[derive(Default)]
struct Builder {
    catalog: Catalog,
    /// Functions listed without a word on their receiver.
    unsaid: FxHashSet<(Name, Name)>,
}

impl Builder {
    fn reserve(&mut self, tables: &Tables) {
        let catalog = &mut self.catalog;
        catalog.known.reserve(tables.types.len() + tables.returns.len());
        catalog.supertypes.reserve(tables.types.len());
        catalog.returns.reserve(tables.returns.len());
        catalog.blocking.reserve(tables.blocking.len() * 4);
        catalog.entries.reserve(tables.entries.len() * 3);
        catalog.set_by.reserve(tables.entries.len());
        catalog.flows.reserve(tables.flows.len() * 8);
    }

    fn types(&mut self, tables: &'static Tables) {
        for it in &tables.aliases {
            self.catalog.aliases.insert(it.name, it.is);
            self.catalog.known.extend([it.name, it.is]);
        }
        for it in &tables.types {
            self.know(it.class);
            self.catalog.known.extend(&it.supertypes);
            insert_first(&mut self.catalog.supertypes, it.class, it.supertypes.as_slice());
        }
        for it in &tables.returns {
            self.know(it.class);
            self.know_type(&it.ty);
            self.catalog.returns.add(it.class, it.member, &it.ty);
            self.maybe_function(it.class, it.member, Receiver::of(it.extension_on, it.toplevel));
        }
        for it in &tables.delegates {
            self.know(it.class);
            self.know_type(&it.ty);
            insert_first(&mut self.catalog.delegates, (it.class, it.member), &it.ty);
            self.maybe_function(it.class, it.member, Receiver::of(it.extension_on, it.toplevel));
        }
        for it in &tables.services {
            self.know(it.class);
            insert_first(&mut self.catalog.services, it.constant, it.class);
        }
        for it in &tables.sams {
            self.know(it.interface);
            it.parameters.iter().for_each(|ty| self.know_type(ty));
            insert_first(&mut self.catalog.sams, it.interface, it);
        }
        for it in &tables.lambdas {
            self.know(it.class);
            it.parameters.iter().chain(&it.receiver).for_each(|ty| self.know_type(ty));
            insert_first(&mut self.catalog.lambdas, (it.class, it.member), it);
            self.maybe_function(it.class, it.member, Receiver::of(it.extension_on, it.toplevel));
        }
    }

    fn blocking(&mut self, tables: &'static Tables) {
        for kind in &tables.kinds {
            insert_first(&mut self.catalog.kinds, kind.id, kind);
        }
        for it in &tables.blocking {
            self.know(it.class);
            self.catalog.known.extend(&it.overloads.arg0_type);
            for method in &it.methods {
                self.catalog.blocking.add(it.class, *method, it);
                self.maybe_function(it.class, *method, Receiver::of(it.extension_on, it.toplevel));
            }
        }
        for it in &tables.in_memory {
            self.catalog.memory_types.extend(&it.types);
            self.catalog.known.extend(&it.types);
            for result in &it.returned_by {
                let (class, member) = split(*result);
                self.know(class);
                self.catalog.memory_results.insert((class, member));
                self.maybe_function(class, member, Receiver::of(it.extension_on, false));
            }
        }
        for it in &tables.wrappers {
            if it.name.last().starts_with(char::is_uppercase) {
                self.know(it.name);
                insert_first(&mut self.catalog.wrappers, (it.name, Name::new("<init>")), it.arg);
            } else {
                let (facade, function) = split(it.name);
                self.know(facade);
                insert_first(&mut self.catalog.wrappers, (facade, function), it.arg);
                self.maybe_function(facade, function, Receiver::of(it.extension_on, false));
            }
        }
        for it in &tables.generated {
            for annotation in it.on_annotation.iter().chain(&it.members_annotated).chain(&it.on_supertype) {
                self.know(*annotation);
            }
            self.catalog.known.extend(&it.non_blocking_return);
            let by_member = it.on_annotation.is_none() && it.on_supertype.is_none();
            let members = it.members_annotated.iter().filter(|_| by_member);
            for annotation in it.on_annotation.iter().chain(members) {
                self.catalog.generated.entry(*annotation).or_default().push(it);
            }
            if let Some(supertype) = &it.on_supertype {
                self.catalog.generated_bases.entry(*supertype).or_default().push(it);
            }
        }
    }

    fn entries(&mut self, tables: &'static Tables) {
        for it in &tables.entries {
            if let Some(class) = it.class {
                self.know(class);
                self.catalog.entry_classes.entry(class).or_default().push(it);
                for method in &it.methods {
                    self.catalog.entries.add(class, *method, it);
                }
            }
            if let Some(annotation) = it.annotation {
                self.know(annotation);
                self.catalog.annotation_entries.entry(annotation).or_default().push(it);
            }
            for setter in &it.set_by {
                let (class, setter) = split(*setter);
                self.know(class);
                self.catalog.set_by.add(class, setter, it);
                self.maybe_function(class, setter, Receiver::Unsaid);
            }
        }
        self.catalog.lambda_parameters.extend_from_slice(&tables.lambda_parameters);
        self.catalog.known.extend(tables.lambda_parameters.iter().filter_map(|it| it.callee_annotation));
        self.catalog.named_callbacks.extend_from_slice(&tables.named_callbacks);
        for it in &tables.assertions {
            for call in &it.call {
                self.catalog.assertions.entry(Name::new(call.last())).or_default().push(it);
            }
        }
        for it in &tables.guards {
            self.catalog.guards.push(it);
            for call in &it.call {
                self.catalog.guard_calls.entry(Name::new(call.last())).or_default().push(it);
            }
        }
    }

    fn dispatches(&mut self, tables: &'static Tables) {
        for it in &tables.dispatches {
            self.know(it.class);
            for method in &it.methods {
                self.catalog.dispatches.add(it.class, *method, it);
                if !it.imports.is_empty() {
                    self.catalog.by_import.entry(*method).or_default().push(it);
                }
                self.maybe_function(it.class, *method, Receiver::of(it.extension_on, it.toplevel));
            }
        }
    }

    fn expressions(&mut self, tables: &'static Tables) {
        for it in &tables.dispatchers {
            for expression in &it.expression {
                insert_first(&mut self.catalog.dispatchers, *expression, it);
                if let Some(imported) = self.expression(*expression, it.extension_on) {
                    insert_first(&mut self.catalog.dispatchers, imported, it);
                }
            }
            for annotation in &it.annotation {
                insert_first(&mut self.catalog.dispatcher_annotations, *annotation, it);
            }
            self.catalog.dispatcher_patterns.extend(it.name_pattern.iter().map(|pattern| (*pattern, it)));
        }
        for it in &tables.scopes {
            for expression in &it.expression {
                insert_first(&mut self.catalog.scopes, *expression, it);
                if let Some(imported) = self.expression(*expression, it.extension_on) {
                    insert_first(&mut self.catalog.scopes, imported, it);
                }
            }
            for annotation in &it.annotation {
                insert_first(&mut self.catalog.scope_annotations, *annotation, it);
            }
            self.catalog.scope_patterns.extend(it.name_pattern.iter().map(|pattern| (*pattern, it)));
        }
    }

    /// `a.b.Class.member`: its class is known; a facade's member is a function, also filed as it is imported.
    fn expression(&mut self, expression: Name, receiver: Option<Name>) -> Option<Name> {
        let (owner, member) = split(expression);
        if owner.last().starts_with(char::is_uppercase) {
            self.know(owner);
        } else if member.starts_with(char::is_uppercase) {
            self.know(expression);
        }
        let facade = is_facade(owner);
        if facade {
            self.function(owner, member, Receiver::Said(receiver));
        }
        facade.then(|| Name::new(owner.qualifier()).join(member))
    }

    fn in_place(&mut self, tables: &'static Tables) {
        for it in &tables.inlines {
            self.know(it.class);
            for function in &it.functions {
                self.catalog.inlines.add(it.class, *function, it);
                if is_facade(it.class) {
                    self.function(it.class, *function, Receiver::Said(it.extension_on));
                }
            }
        }
        for it in &tables.flows {
            self.know(it.class);
            for function in &it.functions {
                self.catalog.flows.add(it.class, *function, it);
                if is_facade(it.class) {
                    self.function(it.class, *function, Receiver::Said(it.extension_on));
                }
            }
        }
    }

    fn work(&mut self, tables: &'static Tables) {
        for it in &tables.work {
            self.know(it.api);
            for method in &it.methods {
                self.catalog.work.add(it.api, *method, it);
                self.maybe_function(it.api, *method, Receiver::Unsaid);
            }
            if it.subclass {
                insert_first(&mut self.catalog.work_bases, it.api, it);
            }
            for also in &it.also {
                if !also.last().starts_with(char::is_uppercase) || is_facade(Name::new(also.qualifier())) {
                    let (class, method) = split(*also);
                    self.know(class);
                    self.catalog.work.add(class, method, it);
                    self.maybe_function(class, method, Receiver::Unsaid);
                    continue;
                }
                self.know(*also);
                it.methods.iter().for_each(|method| self.catalog.work.add(*also, *method, it));
                if it.subclass {
                    insert_first(&mut self.catalog.work_bases, *also, it);
                }
            }
            if let Some(request) = it.request {
                self.know(request);
            }
        }
        self.catalog.evidence.extend_from_slice(&tables.evidence);
        for it in &tables.effects {
            self.know(it.class);
            for method in &it.methods {
                self.catalog.effects.add(it.class, *method, it);
                self.maybe_function(it.class, *method, Receiver::of(it.extension_on, it.toplevel));
            }
        }
        for it in &tables.confined {
            self.know(it.class);
            it.methods.iter().for_each(|method| self.catalog.confined.add(it.class, *method, it));
        }
        for it in &tables.objects {
            for class in &it.classes {
                self.know(*class);
                insert_first(&mut self.catalog.objects, *class, it.kind);
            }
        }
    }

    fn know(&mut self, class: Name) {
        self.catalog.known.insert(class);
    }

    fn know_type(&mut self, ty: &TypeExpr) {
        if ty.name.contains('.') && !ty.name.starts_with('$') {
            self.know(ty.name);
        }
        for arg in &ty.args {
            self.know_type(arg);
        }
    }

    /// A member is a function if its table says so or its class is a facade by its name.
    fn maybe_function(&mut self, class: Name, member: Name, receiver: Receiver) {
        if matches!(receiver, Receiver::Said(_)) || is_facade(class) {
            self.function(class, member, receiver);
        }
    }

    fn function(&mut self, facade: Name, name: Name, receiver: Receiver) {
        let functions = self.catalog.functions.entry(name).or_default();
        let package = Name::new(facade.qualifier());
        match receiver {
            Receiver::Unsaid => {
                if functions.iter().any(|it| it.facade == facade) {
                    return;
                }
                self.unsaid.insert((facade, name));
                functions.push(TopLevel { facade, package, receiver: None });
            }
            Receiver::Said(receiver) => {
                if self.unsaid.remove(&(facade, name)) {
                    functions.retain(|it| it.facade != facade);
                }
                let entry = TopLevel { facade, package, receiver };
                if !functions.contains(&entry) {
                    functions.push(entry);
                }
            }
        }
    }
}

fn insert_first<K: Eq + Hash, V>(map: &mut FxHashMap<K, V>, key: K, value: V) {
    map.entry(key).or_insert(value);
}

/// `a.b.Class.member` → class and member.
fn split(member: Name) -> (Name, Name) {
    (Name::new(member.qualifier()), Name::new(member.last()))
}

/// JVM classes of Kotlin files: `FilesKt`, and the few with a name of their own.
fn is_facade(class: Name) -> bool {
    class.ends_with("Kt")
        || matches!(class.as_str(), "okio.Okio" | "androidx.lifecycle.FlowLiveDataConversions")
}
