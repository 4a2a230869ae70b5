//! Alarms that nobody sets again after the device has started.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::flow::background::Forward;
use crate::model::PendingKind;
use crate::model::project::{Module, ModuleId};
use crate::rules::prelude::*;
use crate::rules::shared::{alarm_sites, takes_listener};

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/AlarmsLostOnReboot.md"), check };

/// Calls followed from a boot receiver.
const DEPTH: u32 = 14;
/// Alarms sooner than this are over before anyone starts the device again.
const SOON_MS: i64 = 60 * 60 * 1000;
const BOOT: [&str; 4] = [
    "android.intent.action.BOOT_COMPLETED",
    "android.intent.action.LOCKED_BOOT_COMPLETED",
    "android.intent.action.QUICKBOOT_POWERON",
    "android.intent.action.MY_PACKAGE_REPLACED",
];

/// What the boot receivers of an app come to.
enum Boot {
    /// There is none.
    None,
    /// It leads to these functions.
    Reaches(FxHashSet<FnId>),
    /// It hands over to a service, worker or unknown code, which may do anything.
    Opaque,
}

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut apps: FxHashMap<ModuleId, Boot> = FxHashMap::default();
    let mut seen: FxHashSet<(ModuleId, Name)> = FxHashSet::default();
    for (_, site) in alarm_sites(cx) {
        if takes_listener(cx, site) || is_soon(site) || is_timer(site) {
            continue;
        }
        let intent = site.args.iter().find_map(|arg| arg.intent());
        // Screens are opened for the one who is looking.
        let Some(intent) = intent.filter(|it| !matches!(it.pending, None | Some(PendingKind::Activity)))
        else {
            continue;
        };
        let target = cx.model.component_of(site.file, &intent);
        let Some(target) = target.filter(|it| cx.model.symbols.type_named(*it).is_some()) else {
            continue;
        };
        let module = cx.model.project.module_of(site.file);
        for app in &module.applications {
            let manifest = &cx.model.project.module(*app).manifest;
            if manifest.incomplete || !manifest.present {
                continue;
            }
            let boot = apps.entry(*app).or_insert_with(|| boot_of(cx, cx.model.project.module(*app)));
            let lost = match boot {
                Boot::None => "the app has no receiver for BOOT_COMPLETED",
                Boot::Reaches(functions) if !functions.contains(&site.function) => {
                    "no receiver for BOOT_COMPLETED leads here"
                }
                _ => continue,
            };
            if !seen.insert((*app, target)) {
                continue;
            }
            acc.report(site.point())
                .message(format!("this alarm for {} is lost when the device restarts: {lost}", target.last()))
                .label("not set again after a restart")
                .help(
                    "add a receiver for android.intent.action.BOOT_COMPLETED (permission RECEIVE_BOOT_COMPLETED) that sets it \
                     again; work of WorkManager survives restarts by itself",
                )
                .symbol(cx.model.symbol(site.function))
                .key(target.as_str())
                .confidence(Confidence::Medium);
        }
    }
}

/// `now + 5000`.
fn is_soon(site: &CallSite) -> bool {
    let ahead = site.args.iter().find_map(|arg| match arg.constant() {
        Some(Const::AfterNow(millis)) => Some(millis),
        _ => None,
    });
    ahead.is_some_and(|millis| millis < SOON_MS)
}

/// Counted from the start of the device, once: a timer, which ends with it.
fn is_timer(site: &CallSite) -> bool {
    let once = !matches!(site.name.as_str(), "setRepeating" | "setInexactRepeating");
    let kind = site.arg(0, None).and_then(|arg| arg.symbol());
    once && kind.is_some_and(|it| it.last().starts_with("ELAPSED_REALTIME"))
}

fn boot_of(cx: &Context<'_>, app: &Module) -> Boot {
    let says_boot = |component: &&crate::model::project::Component| {
        component.kind == ComponentKind::Receiver
            && component.filters.iter().flat_map(|it| &it.actions).any(|it| BOOT.contains(&it.text.as_str()))
    };
    let receivers: Vec<Option<Name>> =
        app.manifest.components.iter().filter(says_boot).map(|it| it.class).collect();
    if receivers.is_empty() {
        return Boot::None;
    }
    let mut starts = Vec::new();
    for class in receivers {
        let Some(id) = class.and_then(|class| cx.model.symbols.type_named(class)) else {
            return Boot::Opaque;
        };
        starts.extend(cx.model.methods_named(id, Name::new("onReceive")));
    }
    let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
    let hands_over = forward.functions().iter().flat_map(|it| &cx.model.sites_of[it.index()]).any(|id| {
        let site = cx.model.site(*id);
        // The project's own `schedule()` was followed.
        let followed = site.targets.iter().any(|target| target.certainty > Confidence::Low);
        !followed
            && (site.name.starts_with("enqueue")
                || matches!(
                    site.name.as_str(),
                    "startService"
                        | "startForegroundService"
                        | "startWakefulService"
                        | "sendBroadcast"
                        | "schedule"
                        | "startActivity"
                ))
    });
    let sets = forward.functions().iter().flat_map(|it| &cx.model.sites_of[it.index()]).any(|id| {
        let site = cx.model.site(*id);
        site.api.is_some_and(|api| crate::flow::background::is_alarm_class(cx.model, api.class))
    });
    if hands_over || !sets && starts.is_empty() {
        return Boot::Opaque;
    }
    Boot::Reaches(forward.functions().iter().copied().collect())
}
