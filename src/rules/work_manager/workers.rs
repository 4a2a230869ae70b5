//! Worker and job classes of the project.

use crate::base::Name;
use crate::facts::{Modifiers, TypeKind};
use crate::model::TypeId;
use crate::rules::prelude::*;

/// Classes of the project below a library class that can be made, in order.
pub(super) fn concrete(cx: &Context<'_>, base: &str) -> Vec<TypeId> {
    let all = (0..cx.model.symbols.types.len()).map(TypeId::new);
    all.filter(|id| {
        let info = cx.model.symbols.info(*id);
        let decl = cx.model.type_decl(*id);
        matches!(info.kind, TypeKind::Class | TypeKind::Anonymous)
            && !decl.modifiers.intersects(Modifiers::ABSTRACT | Modifiers::SEALED)
            && cx.model.inherits(info.qualified, base)
    })
    .collect()
}

/// The class's own methods of a name, or those of its nearest supertype in the project.
pub(super) fn methods(cx: &Context<'_>, class: TypeId, name: &str) -> Vec<FnId> {
    cx.model.methods_named(class, Name::new(name)).into_iter().collect()
}

/// Does the class or a supertype in the project have a method or (Kotlin) property of this getter's name?
pub(super) fn overrides(cx: &Context<'_>, class: TypeId, name: &str) -> bool {
    methods(cx, class, name).iter().any(|id| cx.model.function(*id).body.is_some())
}

/// Where a class is named.
pub(super) fn name_place(cx: &Context<'_>, class: TypeId) -> Place {
    Place { file: cx.model.symbols.info(class).file, span: cx.model.type_decl(class).name_span }
}

/// The function that does a worker's work: `doWork`, `createWork` or `startWork` of the class or its project supertypes.
pub(super) fn work_of(cx: &Context<'_>, class: TypeId) -> Vec<FnId> {
    let found = ["doWork", "createWork", "startWork"].iter().flat_map(|name| methods(cx, class, name));
    found.filter(|id| cx.model.function(*id).body.is_some()).collect()
}

/// Is a library member called anywhere in the project?
pub(super) fn calls_anywhere(cx: &Context<'_>, class: &str, member: &str) -> bool {
    cx.model.all_sites().any(|(_, site)| {
        site.api.is_some_and(|api| api.member == member && cx.model.inherits(api.class, class))
    })
}

/// Does any file of the project import WorkManager?
pub(super) fn uses_work_manager(cx: &Context<'_>) -> bool {
    cx.model.project.files.iter().filter_map(|file| file.facts.as_ref()).any(|facts| {
        facts.imports.iter().any(|import| import.path.starts_with("androidx.work."))
            || facts.imports.iter().any(|import| import.star && import.path == "androidx.work")
    }) || cx
        .model
        .all_sites()
        .any(|(_, site)| site.api.is_some_and(|api| api.class.starts_with("androidx.work.")))
}
