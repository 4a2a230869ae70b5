//! The catalogue names what exists: every entry of a class that the signatures cover names one of its members.

use worklint::base::Name;
use worklint::catalog::{Catalog, Overloads, load};
use worklint::signatures::{ClassKind, MemberSignature, Signatures, Ty};

/// Entries that are right although the signatures lack the member, with the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("java.io.InputStream", "asSource", "extension of kotlinx-io, which is not covered"),
    ("okhttp3.Call", "await", "extension of several libraries"),
    ("android.content.Context", "imageLoader", "extension of Coil, which is not covered"),
];

struct Check {
    signatures: &'static Signatures,
    catalog: &'static Catalog,
    wrong: Vec<String>,
    checked: usize,
}

impl Check {
    fn covers(&self, class: Name) -> bool {
        self.signatures.exists(self.catalog.canonical(class))
    }

    /// The class and its supertypes; the enclosing class of a companion does not count.
    fn ancestors(&self, class: Name) -> Vec<Name> {
        let mut all = vec![self.catalog.canonical(class)];
        let mut at = 0;
        while at < all.len() {
            if let Some(signature) = self.signatures.class(all[at]) {
                for name in signature.supertypes.iter().filter_map(Ty::class_name) {
                    if !all.contains(&name) {
                        all.push(name);
                    }
                }
            }
            at += 1;
        }
        let object = Name::new("java.lang.Object");
        if !all.contains(&object) {
            all.push(object);
        }
        all
    }

    /// Members of this name, as Kotlin or Java would write it: own, inherited, of the companion, extensions.
    fn members(&self, class: Name, name: Name) -> Vec<&'static MemberSignature> {
        let ancestors = self.ancestors(class);
        let mut found = Vec::new();
        for class in &ancestors {
            let companion = self.signatures.class(*class).and_then(|it| it.companion);
            let classes = [Some(*class), companion.map(|it| class.join(it))];
            for class in classes.into_iter().flatten() {
                for name in spellings(name) {
                    found.extend(self.signatures.members(class, name));
                }
            }
        }
        if found.is_empty() {
            let extensions = self.signatures.top_level(name).into_iter().flat_map(|it| it.members);
            found.extend(extensions.filter(|it| {
                it.receiver
                    .as_ref()
                    .is_some_and(|receiver| self.accepts(receiver, &it.type_params, &ancestors))
            }));
        }
        found
    }

    fn accepts(&self, receiver: &Ty, params: &[worklint::signatures::TypeParam], ancestors: &[Name]) -> bool {
        match receiver {
            Ty::Class(name, _) => ancestors.contains(name),
            Ty::Variable(name) => params
                .iter()
                .filter(|param| param.name == *name)
                .flat_map(|param| &param.bounds)
                .all(|bound| bound.class_name().is_none_or(|bound| ancestors.contains(&bound))),
            _ => true,
        }
    }

    fn member(&mut self, table: &str, class: Name, name: Name, extension_on: Option<Name>) {
        let class = self.catalog.canonical(class);
        if !self.covers(class)
            || name.contains('*')
            || EXCEPTIONS.iter().any(|(known, member, _)| class == *known && name == *member)
        {
            return;
        }
        self.checked += 1;
        let found = self.declared(class, name, extension_on);
        if found.is_empty() && !self.of_sibling(class, name) {
            let on = extension_on.map(|on| format!(" on {on}")).unwrap_or_default();
            self.wrong.push(format!("{table}: {class}.{name}{on}"));
        }
    }

    /// Operators of reactive types are stated for all of them together; one of them has it.
    fn of_sibling(&self, class: Name, name: Name) -> bool {
        const SIBLINGS: [&str; 5] = ["Observable", "Flowable", "Single", "Maybe", "Completable"];
        class.starts_with("io.reactivex.")
            && SIBLINGS.contains(&class.last())
            && SIBLINGS.iter().any(|sibling| {
                !self.members(Name::new(class.qualifier()).join(Name::new(sibling)), name).is_empty()
            })
    }

    fn declared(&self, class: Name, name: Name, extension_on: Option<Name>) -> Vec<&'static MemberSignature> {
        let mut found = self.members(class, name);
        let package = class.qualifier();
        let same_package = |it: &worklint::signatures::TopLevel<'_>| it.facade.qualifier() == package;
        let facade = self.signatures.class(class).is_some_and(|it| it.kind == ClassKind::Facade);
        if facade {
            // A function is filed under any facade of its package: that is what an import names.
            let all = self.signatures.top_level(name).into_iter().filter(same_package);
            found.extend(all.flat_map(|it| it.members));
        }
        if facade && let Some(on) = extension_on.filter(|on| *on != "*") {
            let ancestors = self.ancestors(on);
            found.retain(|it| {
                it.receiver
                    .as_ref()
                    .is_some_and(|receiver| self.accepts(receiver, &it.type_params, &ancestors))
            });
        }
        found
    }

    /// For each condition on overloads, some overload of one of the methods.
    fn overloads(
        &mut self,
        class: Name,
        methods: &[Name],
        extension_on: Option<Name>,
        overloads: &Overloads,
    ) {
        let class = self.catalog.canonical(class);
        if !self.covers(class) || methods.iter().any(|method| method.contains('*')) {
            return;
        }
        let found: Vec<_> =
            methods.iter().flat_map(|method| self.declared(class, *method, extension_on)).collect();
        if found.iter().all(|it| it.is_property()) {
            return;
        }
        for arity in &overloads.arity {
            if !found.iter().any(|it| it.takes(usize::from(*arity))) {
                self.wrong.push(format!("blocking: {class}.{methods:?} take no {arity} arguments"));
            }
        }
        for wanted in &overloads.arg0_type {
            let wanted = self.catalog.canonical(*wanted);
            let fits = |it: &MemberSignature| match it.params.first().map(|param| &param.ty) {
                Some(Ty::Class(name, _)) => {
                    *name == wanted
                        || self.ancestors(*name).contains(&wanted)
                        || self.ancestors(wanted).contains(name)
                }
                Some(_) => true,
                None => false,
            };
            if !found.iter().any(|it| fits(it)) {
                self.wrong.push(format!("blocking: {class}.{methods:?} take no {wanted}"));
            }
        }
    }

    /// `class.member`, or a class alone for its constructor.
    fn path(&mut self, table: &str, path: Name, extension_on: Option<Name>) {
        let class = Name::new(path.qualifier());
        if self.covers(class) && !self.covers(path) {
            self.member(table, class, Name::new(path.last()), extension_on);
        }
    }
}

/// `getX`, `isX` and `setX` may be the property `x`; `x` may be `getX`, `isX`.
fn spellings(name: Name) -> Vec<Name> {
    let mut all = vec![name];
    for prefix in ["get", "set", "is"] {
        if let Some(rest) = name.strip_prefix(prefix)
            && rest.starts_with(|first: char| first.is_uppercase())
        {
            all.push(Name::new(&format!("{}{}", rest[..1].to_lowercase(), &rest[1..])));
        }
    }
    if name.starts_with(|first: char| first.is_lowercase()) {
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        all.extend(["get", "is", "set"].map(|prefix| Name::new(&format!("{prefix}{capital}"))));
    }
    all
}

#[test]
fn entries_name_what_exists() {
    let tables: &'static load::Tables = Box::leak(Box::new(load::expand(load::COMPACT).expect("compact")));
    let catalog = Catalog::embedded();
    let mut check = Check { signatures: Signatures::embedded(), catalog, wrong: Vec::new(), checked: 0 };
    for it in &tables.blocking {
        it.methods.iter().for_each(|method| check.member("blocking", it.class, *method, it.extension_on));
        check.overloads(it.class, &it.methods, it.extension_on, &it.overloads);
    }
    for it in &tables.wrappers {
        check.path("wrapper", it.name, it.extension_on);
    }
    for it in &tables.in_memory {
        it.returned_by.iter().for_each(|path| check.path("in_memory", *path, it.extension_on));
    }
    for it in &tables.entries {
        for method in it.class.iter().flat_map(|class| it.methods.iter().map(move |method| (*class, *method)))
        {
            check.member("entry", method.0, method.1, None);
        }
        it.set_by.iter().for_each(|path| check.path("entry.set_by", *path, None));
    }
    for it in &tables.dispatches {
        it.methods.iter().for_each(|method| check.member("dispatch", it.class, *method, it.extension_on));
        it.runs.iter().for_each(|path| check.path("dispatch.runs", *path, None));
    }
    for it in &tables.dispatchers {
        it.expression.iter().for_each(|path| check.path("dispatcher", *path, it.extension_on));
    }
    for it in &tables.scopes {
        it.expression.iter().for_each(|path| check.path("scope", *path, it.extension_on));
    }
    for it in &tables.inlines {
        it.functions.iter().for_each(|function| check.member("inline", it.class, *function, it.extension_on));
    }
    for it in &tables.flows {
        it.functions.iter().for_each(|function| check.member("flow", it.class, *function, it.extension_on));
    }
    for it in tables.returns.iter().chain(&tables.delegates) {
        check.member("returns", it.class, it.member, it.extension_on);
    }
    for it in &tables.sams {
        check.member("sam", it.interface, it.method, None);
    }
    for it in &tables.lambdas {
        check.member("lambda", it.class, it.member, it.extension_on);
    }
    for it in &tables.work {
        it.methods.iter().for_each(|method| check.member("work", it.api, *method, None));
    }
    for it in &tables.types {
        let class = catalog.canonical(it.class);
        if check.covers(class) {
            let known = check.ancestors(class);
            for supertype in it.supertypes.iter().map(|it| catalog.canonical(*it)) {
                if check.covers(supertype) && !known.contains(&supertype) {
                    check.wrong.push(format!("type: {class} is no {supertype}"));
                }
            }
        }
    }
    assert!(check.checked > 3000, "only {} entries are covered", check.checked);
    let count = check.wrong.len();
    assert!(count == 0, "{count} of {} entries name nothing:\n{}", check.checked, check.wrong.join("\n"));
}

/// Classes in packages that are covered whole exist.
#[test]
fn classes_exist() {
    let tables = load::expand(load::COMPACT).expect("compact");
    let signatures = Signatures::embedded();
    let catalog = Catalog::embedded();
    const WHOLE: &[&str] =
        &["java.", "android.", "kotlin.", "okhttp3.", "okio.", "retrofit2.", "io.reactivex.rxjava3."];
    let mut classes: Vec<Name> = Vec::new();
    classes.extend(tables.blocking.iter().map(|it| it.class));
    classes.extend(tables.entries.iter().filter_map(|it| it.class));
    classes.extend(tables.dispatches.iter().map(|it| it.class));
    classes.extend(tables.inlines.iter().map(|it| it.class));
    classes.extend(tables.flows.iter().map(|it| it.class));
    classes.extend(tables.types.iter().flat_map(|it| it.supertypes.iter().copied().chain([it.class])));
    classes.extend(tables.returns.iter().map(|it| it.class));
    classes.extend(tables.sams.iter().map(|it| it.interface));
    classes.sort_unstable();
    classes.dedup();
    let missing = |class: &Name| {
        let class = catalog.canonical(*class);
        WHOLE.iter().any(|prefix| class.starts_with(prefix)) && !signatures.exists(class)
    };
    let missing: Vec<String> = classes.iter().filter(|class| missing(class)).map(Name::to_string).collect();
    assert!(missing.is_empty(), "{} classes do not exist:\n{}", missing.len(), missing.join("\n"));
}
