//! Service classes that go to the foreground, and their manifest entries.

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::model::TypeId;
use crate::model::project::{Component, Module};
use crate::rules::prelude::*;

/// `startForeground` of Service and ServiceCompat.
pub(super) fn is_start_foreground(cx: &Context<'_>, site: &CallSite) -> bool {
    site.api.is_some_and(|api| {
        api.member == "startForeground"
            && (cx.model.inherits(api.class, "android.app.Service")
                || api.class == "androidx.core.app.ServiceCompat")
    })
}

/// Project services and the sites where they, their base classes or their own helpers go to the foreground.
pub(super) fn foreground_services(cx: &Context<'_>) -> Vec<(TypeId, SiteId)> {
    let mut found = Vec::new();
    let sites: Vec<(SiteId, &CallSite)> =
        cx.model.all_sites().filter(|(_, site)| is_start_foreground(cx, site)).collect();
    for at in 0..cx.model.symbols.types.len() {
        let id = TypeId::new(at);
        let class = cx.model.symbols.info(id).qualified;
        if !cx.model.inherits(class, "android.app.Service") {
            continue;
        }
        let ancestors = cx.model.lineage(class);
        let own = sites.iter().find(|(_, site)| {
            let around = cx.model.owner_of(site.function).map(|owner| outermost(cx, owner));
            around.is_some_and(|around| ancestors.all.contains(&cx.model.symbols.info(around).qualified))
        });
        if let Some((site, _)) = own {
            found.push((id, *site));
        }
    }
    found
}

/// The named class around an anonymous one or a companion.
fn outermost(cx: &Context<'_>, id: TypeId) -> TypeId {
    use crate::facts::TypeKind;
    let mut at = id;
    while matches!(cx.model.symbols.info(at).kind, TypeKind::Anonymous | TypeKind::Companion) {
        match cx.model.symbols.info(at).owner {
            Some(owner) => at = owner,
            None => break,
        }
    }
    at
}

/// The `<service>` elements of a class, with the module whose merged manifest has them: applications first.
pub(super) fn entries<'c>(cx: &'c Context<'_>, class: Name) -> Vec<(&'c Module, &'c Component)> {
    let modules = &cx.model.project.modules;
    let of = |applications: bool| {
        modules.iter().filter(move |module| module.is_application == applications).flat_map(move |module| {
            let own = module.manifest.components_of(class).filter(|it| it.kind == ComponentKind::Service);
            own.map(move |component| (module, component))
        })
    };
    let mut found: Vec<(&Module, &Component)> = of(true).collect();
    if found.is_empty() {
        found = of(false).collect();
    }
    found
}
