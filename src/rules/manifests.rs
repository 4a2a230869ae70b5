//! Components as the manifests of the project declare them, with what merging makes of them.

use crate::base::Name;
use crate::facts::manifest::{ComponentDecl, ComponentKind};
use crate::findings::FileId;
use crate::model::project::{Component, Module};

use super::Context;

/// One element of one manifest.
pub(super) struct Declared<'c> {
    pub(super) file: FileId,
    pub(super) module: &'c Module,
    pub(super) decl: &'c ComponentDecl,
    /// Of an application that has the module, else of the module itself; none if it is removed there.
    pub(super) merged: Option<&'c Component>,
}

/// Every component element of manifests that are in scope, in the order of files.
pub(super) fn declared<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = Declared<'c>> {
    let project = &cx.model.project;
    let files = project.files().filter(|(_, file)| file.in_scope);
    files.filter_map(|(id, file)| Some((id, file, file.manifest.as_ref()?))).flat_map(
        move |(id, file, facts)| {
            let module = project.module(file.module);
            let package = module.namespace.or(facts.package.as_ref().map(|value| value.text));
            facts.components.iter().map(move |decl| {
                let name = qualified(package, decl.name.text);
                let own = |module: &'c Module| {
                    let named = |it: &&Component| {
                        it.kind == decl.kind && matches_name(it, decl.kind, name, decl.name.text)
                    };
                    module.manifest.components.iter().find(named)
                };
                let applications = module.applications.iter().map(|id| project.module(*id));
                let merged = applications.chain([module]).find_map(own);
                Declared { file: id, module, decl, merged }
            })
        },
    )
}

fn matches_name(component: &Component, kind: ComponentKind, name: Name, written: Name) -> bool {
    match kind {
        // An alias is known by its own name, which only the attribute has.
        ComponentKind::ActivityAlias => component
            .attributes
            .iter()
            .any(|(key, value)| *key == "android:name" && (value.text == written || value.text == name)),
        _ => component.class == Some(name),
    }
}

/// `.Receiver` and `Receiver` belong to the package.
fn qualified(package: Option<Name>, name: Name) -> Name {
    match (package, name.strip_prefix('.')) {
        (Some(package), Some(relative)) => nested(package.join(Name::new(relative))),
        (Some(package), None) if !name.contains('.') => nested(package.join(name)),
        _ => nested(name),
    }
}

/// Nested classes with a dot, as sources name them.
fn nested(class: Name) -> Name {
    if class.contains('$') { Name::new(&class.replace('$', ".")) } else { class }
}
