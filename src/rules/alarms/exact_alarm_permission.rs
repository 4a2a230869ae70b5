//! Exact alarms without a permission for them in the merged manifest.

use crate::flow::guards::catches;
use crate::rules::fixes::permissions;
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, is_exact, manifests_of, takes_listener, target_sdk};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/ExactAlarmPermission.md"), check };

const PERMISSIONS: [&str; 2] =
    ["android.permission.SCHEDULE_EXACT_ALARM", "android.permission.USE_EXACT_ALARM"];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        if !is_exact(site) || target_sdk(cx, site) < 31 || takes_listener(cx, site) {
            continue;
        }
        const TAKES: [&str; 4] = ["SecurityException", "RuntimeException", "Exception", "Throwable"];
        let guards = &cx.flow.guards;
        if guards.below_level(cx.model, site.function, site.span, 31)
            || catches(cx.model, site.function, site.span, &TAKES)
        {
            continue;
        }
        let manifests = manifests_of(cx, site.file);
        let known = manifests.iter().any(|manifest| manifest.present)
            && !manifests.iter().any(|manifest| manifest.incomplete);
        let granted = manifests
            .iter()
            .any(|manifest| PERMISSIONS.iter().any(|permission| manifest.permission(permission).is_some()));
        if !known || granted {
            continue;
        }
        let draft = acc
            .report(site.point())
            .message(format!("{} throws SecurityException: the manifest asks for no exact-alarm permission", site.name))
            .label("needs SCHEDULE_EXACT_ALARM or USE_EXACT_ALARM")
            .help(
                "declare <uses-permission android:name=\"android.permission.SCHEDULE_EXACT_ALARM\"/> and check \
                 canScheduleExactAlarms(), or use setWindow()/setAndAllowWhileIdle(); background work belongs to WorkManager",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
        if let Some(fix) = permissions(manifests.iter().copied(), &PERMISSIONS[..1]) {
            draft.fix(fix);
        }
    }
}
