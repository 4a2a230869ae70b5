//! A service that goes to the foreground, and whose own `<service>` has no foregroundServiceType.

use rustc_hash::FxHashSet;

use super::services::{Passed, element_step, helper_steps};
use crate::findings::Fix;
use crate::flow::services::{Going, service_entries};
use crate::model::service_types::types_in;
use crate::model::{Component, TypeId};
use crate::rules::fixes::{attribute, fix_unsafely};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceType.md"),
    check,
};

/// From this level on a service without a type may not go to the foreground.
/// Source: developer.android.com/about/versions/14/changes/fgs-types-required
const THROWS: u32 = 34;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for going in &cx.flow.services.going {
        let service = going.service;
        let class = cx.model.symbols.info(service).qualified;
        let call = cx.model.site(going.site);
        // Android 14 is the first that throws.
        let older = cx.flow.guards.below_level(cx.model, call.function, call.span, THROWS);
        for (module, component) in service_entries(cx.model, class) {
            let target = module.target_sdk.level;
            if component.foreground_types.is_some() || target < 29 {
                continue;
            }
            if target >= THROWS {
                if !older && seen.insert((service, call.point())) {
                    missing(cx, acc, service, going, component);
                }
            } else if let Some(asks) = asks_for_location(cx, service)
                && seen.insert((service, cx.model.site(asks).point()))
            {
                without_location(cx, acc, service, asks, component);
            }
        }
    }
}

fn missing(cx: &Context<'_>, acc: &mut Findings<'_>, service: TypeId, going: &Going, component: &Component) {
    let call = cx.model.site(going.site);
    let name = cx.model.display_type(service);
    let mut steps = helper_steps(cx, going);
    steps.push(element_step(
        cx,
        service,
        component,
        format!("{name} is declared without foregroundServiceType"),
    ));
    let draft = acc
        .report(call.point())
        .message(format!(
            "{name} goes to the foreground, but its <service> has no foregroundServiceType: \
             MissingForegroundServiceTypeException from Android 14 on"
        ))
        .label("throws: the manifest gives this service no type")
        .help(
            "add android:foregroundServiceType with the type that fits and its FOREGROUND_SERVICE_… permission; if \
             none of the types fits, the work is probably WorkManager's (setForeground())",
        )
        .symbol(cx.model.symbol(call.function))
        .key(cx.model.symbols.info(service).qualified.as_str())
        .steps(steps);
    if let Some(types) = wanted(cx, service, call) {
        draft.fix(declare(component, &types));
    }
}

/// The types that the call passes, or that the kind of service has.
fn wanted(cx: &Context<'_>, service: TypeId, call: &CallSite) -> Option<String> {
    const PLAYERS: [&str; 3] = [
        "androidx.media3.session.MediaSessionService",
        "androidx.media.MediaBrowserServiceCompat",
        "android.service.media.MediaBrowserService",
    ];
    if let Passed::Exactly(bits) = Passed::at(call)
        && bits > 0
    {
        return Some(types_in(bits).map(|ty| ty.name).collect::<Vec<_>>().join("|"));
    }
    let class = cx.model.symbols.info(service).qualified;
    if PLAYERS.iter().any(|base| cx.model.inherits(class, base)) {
        return Some("mediaPlayback".to_owned());
    }
    asks_for_location(cx, service).map(|_| "location".to_owned())
}

fn declare(component: &Component, types: &str) -> Fix {
    let text = format!("android:foregroundServiceType=\"{types}\"");
    fix_unsafely("declare the type in the manifest", vec![attribute(component, &text)])
}

/// Before all services needed a type, those that use the location did.
fn without_location(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    service: TypeId,
    asks: SiteId,
    component: &Component,
) {
    let call = cx.model.site(asks);
    let name = cx.model.display_type(service);
    let step =
        element_step(cx, service, component, format!("{name} is declared without foregroundServiceType"));
    let draft = acc
        .report(call.point())
        .message(format!(
            "{name} asks for the location in the foreground, but its <service> has no foregroundServiceType: from Android 10 on \
             it gets none while the app is not visible"
        ))
        .label("needs the type location")
        .help("add android:foregroundServiceType=\"location\" to the <service>")
        .symbol(cx.model.symbol(call.function))
        .key(cx.model.symbols.info(service).qualified.as_str())
        .steps([step]);
    draft.fix(declare(component, "location"));
}

/// A call of the service, its base classes or its inner classes that asks for the location.
fn asks_for_location(cx: &Context<'_>, service: TypeId) -> Option<SiteId> {
    let lineage = cx.model.lineage(cx.model.symbols.info(service).qualified);
    cx.model.all_sites().find_map(|(id, site)| {
        let api = site.api?;
        let asks = matches!(
            api.member.as_str(),
            "requestLocationUpdates" | "requestSingleUpdate" | "getCurrentLocation"
        ) && matches!(
            api.class.last(),
            "LocationManager" | "FusedLocationProviderClient" | "LocationManagerCompat"
        );
        let mut around = cx.model.owner_of(site.function).filter(|_| asks);
        while let Some(owner) = around {
            let info = cx.model.symbols.info(owner);
            if lineage.all.contains(&info.qualified) {
                return Some(id);
            }
            around = info.owner;
        }
        None
    })
}
