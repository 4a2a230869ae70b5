//! Foreground services without the permissions they need in the merged manifest.

use rustc_hash::FxHashSet;

use crate::facts::manifest::ComponentKind;
use crate::flow::services::service_entries;
use crate::model::service_types::{ServiceType, type_named};
use crate::model::{Component, Module};
use crate::rules::fixes;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServicePermission.md"),
    check,
};

/// Marks an element that was looked at.
const TYPES: &str = "types";
const BASE: &str = "android.permission.FOREGROUND_SERVICE";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (service, going) in cx.flow.services.foreground() {
        let class = cx.model.symbols.info(service).qualified;
        for (module, component) in service_entries(cx.model, class) {
            if !module.is_application || module.manifest.incomplete {
                continue;
            }
            let call = cx.model.site(going.site).point();
            if module.target_sdk.level >= 28
                && module.manifest.permission(BASE).is_none()
                && seen.insert((call, BASE))
            {
                report(acc, module, component, call, &[BASE], "startForeground", 28);
            }
            if module.target_sdk.level >= 34 {
                by_type(acc, &mut seen, module, component);
            }
        }
    }
    // A typed service is meant for the foreground even when its class is not in the sources.
    for module in cx.model.project.modules.iter().filter(|module| module.is_application) {
        if module.target_sdk.level < 34 || module.manifest.incomplete {
            continue;
        }
        for component in &module.manifest.components {
            by_type(acc, &mut seen, module, component);
        }
    }
}

fn by_type(
    acc: &mut Findings<'_>,
    seen: &mut FxHashSet<(Place, &'static str)>,
    module: &Module,
    component: &Component,
) {
    let Some((names, place)) = &component.foreground_types else { return };
    if component.kind != ComponentKind::Service || !seen.insert((*place, TYPES)) {
        return;
    }
    // One that ends below Android 14 (`maxSdkVersion`) is not there when it is asked for.
    let has = |permission: &str| {
        module.manifest.permission(permission).is_some_and(|it| it.max_sdk.is_none_or(|max| max >= 34))
    };
    let mut missing: Vec<&'static str> = Vec::new();
    let mut types: Vec<&'static str> = Vec::new();
    for ty in names.iter().filter_map(|name| type_named(name)) {
        let before = missing.len();
        missing.extend(ty.permission.filter(|permission| !has(permission)));
        let none = !ty.any_of.iter().any(|permission| has(permission)) && !is_exempt(module, ty);
        missing.extend(ty.any_of.first().filter(|_| none));
        if missing.len() > before {
            types.push(ty.name);
        }
    }
    if !missing.is_empty() {
        report(acc, module, component, *place, &missing, &types.join(" and "), 34);
    }
}

/// Dialers need no permission of their own for calls, and USB devices are permitted one by one.
fn is_exempt(module: &Module, ty: &ServiceType) -> bool {
    let handles = |action: &str| {
        let filters = module.manifest.components.iter().flat_map(|it| &it.filters);
        filters.flat_map(|filter| &filter.actions).any(|it| it.text == action)
    };
    match ty.name {
        "phoneCall" => handles("android.telecom.InCallService"),
        "connectedDevice" => handles("android.hardware.usb.action.USB_DEVICE_ATTACHED"),
        _ => false,
    }
}

fn report(
    acc: &mut Findings<'_>,
    module: &Module,
    component: &Component,
    place: Place,
    permissions: &[&str],
    what: &str,
    level: u32,
) {
    let class = component.class.map_or("service", |class| class.last());
    let short: Vec<&str> =
        permissions.iter().map(|it| it.trim_start_matches("android.permission.")).collect();
    let elements: Vec<String> =
        permissions.iter().map(|it| format!("<uses-permission android:name=\"{it}\"/>")).collect();
    let draft = acc
        .report(place)
        .message(format!(
            "{class}: {what} needs {}, which the merged manifest does not declare (targetSdk {level}+)",
            permissions.join(" and ")
        ))
        .label(format!("needs {}", short.join(", ")))
        .help(format!("add {} to the manifest", elements.join(" and ")))
        .symbol(format!("service {}", component.class.map_or("?", |class| class.as_str())))
        .key(format!("{class} {}", permissions.join(" ")));
    if let Some(fix) = fixes::permissions([&module.manifest], permissions) {
        draft.fix(fix);
    }
}
