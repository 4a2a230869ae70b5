//! Constructs for background work that are deprecated or retired, each with what replaces it.

use crate::base::Name;
use crate::catalog::{TableSet, Work};
use crate::facts::TypeKind;
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/DeprecatedBackgroundApi.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for at in 0..cx.model.symbols.types.len() {
        let id = TypeId::new(at);
        let Some((base, entry)) = deprecated_base(cx, id) else { continue };
        let info = cx.model.symbols.info(id);
        let decl = cx.model.type_decl(id);
        let span = if info.kind == TypeKind::Anonymous {
            decl.supertypes.first().map(|it| it.ty.span)
        } else {
            None
        };
        let name = cx.model.display_type(id);
        let place = Place { file: info.file, span: span.unwrap_or(decl.name_span) };
        report(acc, place, base.last(), entry, info.qualified.to_string(), &name);
    }
    for (_, site) in cx.model.all_sites() {
        let Some(api) = site.api.filter(|api| api.member != "<init>") else { continue };
        let entry = cx.model.nearest_in(TableSet::WORK, api.class, api.member, |class| {
            cx.model.catalog.work(class, api.member).iter().copied().find(|it| it.deprecated_since.is_some())
        });
        let Some(entry) = entry else { continue };
        // What is started through an object of a class of the project is reported at that class.
        if entry.subclass && !api.is_static && api.member != "enqueueWork" {
            continue;
        }
        let member = format!("{}.{}", entry.api.last(), api.member);
        report(acc, site.point(), &member, entry, cx.model.symbol(site.function), &member);
    }
}

fn report(acc: &mut Findings<'_>, place: Place, what: &str, entry: &Work, symbol: String, key: &str) {
    let since = entry.deprecated_since.map(|it| it.to_string()).unwrap_or_default();
    let state = match since.strip_prefix("API ") {
        Some(level) => format!("deprecated since API level {level}"),
        None if since.starts_with("androidx") || since.starts_with("support") => {
            format!("deprecated in {since}")
        }
        None => since,
    };
    acc.report(place)
        .message(format!("{what} is {state}"))
        .label("deprecated")
        .help(format!("use {}", entry.recommended))
        .symbol(symbol)
        .key(key);
}

/// The deprecated library class that a type of the project extends itself, not through another type of the project.
fn deprecated_base(cx: &Context<'_>, id: TypeId) -> Option<(Name, &'static Work)> {
    let supertypes = &cx.model.symbols.info(id).supertypes;
    supertypes.iter().find_map(|supertype| {
        if cx.model.symbols.type_named(supertype.class).is_some() {
            return None;
        }
        let lineage = cx.model.lineage(supertype.class);
        let entry = lineage.all.iter().find_map(|class| {
            let own = cx.model.catalog.work_base(*class)?;
            own.deprecated_since.is_some().then_some(own)
        })?;
        Some((entry.api, entry))
    })
}
