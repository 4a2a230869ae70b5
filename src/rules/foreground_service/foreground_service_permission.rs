//! Foreground services without the permissions they need in the merged manifest.

use rustc_hash::FxHashSet;

use super::services::{entries, foreground_services};
use crate::model::project::{Component, Module};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServicePermission.md"),
    check,
};

/// Types and the permission each needs besides FOREGROUND_SERVICE, from targetSdk 34 on.
/// Source: developer.android.com/develop/background-work/services/fgs/service-types
const TYPES: [(&str, &str); 13] = [
    ("camera", "android.permission.FOREGROUND_SERVICE_CAMERA"),
    ("connectedDevice", "android.permission.FOREGROUND_SERVICE_CONNECTED_DEVICE"),
    ("dataSync", "android.permission.FOREGROUND_SERVICE_DATA_SYNC"),
    ("health", "android.permission.FOREGROUND_SERVICE_HEALTH"),
    ("location", "android.permission.FOREGROUND_SERVICE_LOCATION"),
    ("mediaPlayback", "android.permission.FOREGROUND_SERVICE_MEDIA_PLAYBACK"),
    ("mediaProcessing", "android.permission.FOREGROUND_SERVICE_MEDIA_PROCESSING"),
    ("mediaProjection", "android.permission.FOREGROUND_SERVICE_MEDIA_PROJECTION"),
    ("microphone", "android.permission.FOREGROUND_SERVICE_MICROPHONE"),
    ("phoneCall", "android.permission.FOREGROUND_SERVICE_PHONE_CALL"),
    ("remoteMessaging", "android.permission.FOREGROUND_SERVICE_REMOTE_MESSAGING"),
    ("specialUse", "android.permission.FOREGROUND_SERVICE_SPECIAL_USE"),
    ("systemExempted", "android.permission.FOREGROUND_SERVICE_SYSTEM_EXEMPTED"),
];
/// Permissions of which a type needs at least one, besides its own.
/// Source: developer.android.com/develop/background-work/services/fgs/service-types
const PREREQUISITES: [(&str, &[&str]); 5] = [
    ("camera", &["android.permission.CAMERA"]),
    ("location", &["android.permission.ACCESS_COARSE_LOCATION", "android.permission.ACCESS_FINE_LOCATION"]),
    ("microphone", &["android.permission.RECORD_AUDIO"]),
    ("phoneCall", &["android.permission.MANAGE_OWN_CALLS"]),
    (
        "connectedDevice",
        &[
            "android.permission.BLUETOOTH_CONNECT",
            "android.permission.BLUETOOTH_ADVERTISE",
            "android.permission.BLUETOOTH_SCAN",
            "android.permission.CHANGE_NETWORK_STATE",
            "android.permission.CHANGE_WIFI_STATE",
            "android.permission.CHANGE_WIFI_MULTICAST_STATE",
            "android.permission.NFC",
            "android.permission.TRANSMIT_IR",
            "android.permission.UWB_RANGING",
        ],
    ),
];
const BASE: &str = "android.permission.FOREGROUND_SERVICE";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (service, site) in foreground_services(cx) {
        let class = cx.model.symbols.info(service).qualified;
        for (module, component) in entries(cx, class) {
            if !module.is_application || module.manifest.incomplete {
                continue;
            }
            let call = cx.model.site(site).point();
            if module.target_sdk.level >= 28
                && module.manifest.permission(BASE).is_none()
                && seen.insert((call, BASE))
            {
                report(acc, component, call, BASE, "startForeground", 28);
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
    let Some((types, place)) = &component.foreground_types else { return };
    for (name, any_of) in PREREQUISITES {
        let declared = types.iter().any(|ty| *ty == name);
        let granted = any_of.iter().any(|permission| module.manifest.permission(permission).is_some());
        if declared && !granted && seen.insert((*place, any_of[0])) {
            report(acc, component, *place, any_of[0], name, 34);
        }
    }
    for (name, permission) in TYPES {
        let declared = types.iter().any(|ty| *ty == name);
        if declared && module.manifest.permission(permission).is_none() && seen.insert((*place, permission)) {
            report(acc, component, *place, permission, name, 34);
        }
    }
}

fn report(
    acc: &mut Findings<'_>,
    component: &Component,
    place: Place,
    permission: &str,
    what: &str,
    level: u32,
) {
    let class = component.class.map_or("service", |class| class.last());
    acc.report(place)
        .message(format!("{class}: {what} needs {permission}, which the merged manifest does not declare (targetSdk {level}+)"))
        .label(format!("needs {}", permission.trim_start_matches("android.permission.")))
        .help(format!("add <uses-permission android:name=\"{permission}\"/> to the manifest"))
        .symbol(format!("service {}", component.class.map_or("?", |class| class.as_str())))
        .key(format!("{class} {permission}"));
}
