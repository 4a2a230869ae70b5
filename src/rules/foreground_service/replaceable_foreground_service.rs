//! Foreground services for work that is none of those a foreground service is meant for.

use super::services::{call_step, class_place, element_step, entry_of, runs_itself, types_of};
use crate::base::Name;
use crate::catalog::{Persistence, TableSet};
use crate::flow::background::Forward;
use crate::flow::services::{How, Started};
use crate::model::service_types::{types_in, words};
use crate::model::{Component, Module, TypeId};
use crate::rules::prelude::*;
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ReplaceableForegroundService.md"),
    check,
};

/// Calls followed from the service's callbacks to what it does.
const DEPTH: u32 = 10;

/// Types of work that only a foreground service of the app itself can do.
/// Source: developer.android.com/develop/background-work/services/fgs/service-types
const LEGITIMATE: [&str; 12] = [
    "camera",
    "connectedDevice",
    "health",
    "location",
    "mediaPlayback",
    "mediaProjection",
    "microphone",
    "phoneCall",
    "remoteMessaging",
    "shortService",
    "specialUse",
    "systemExempted",
];

/// Classes whose use tells such work, by the beginning of their names.
const SIGNS: [&str; 36] = [
    "android.media.AudioManager",
    "android.media.AudioFocusRequest",
    "android.media.SoundPool",
    "android.media.ToneGenerator",
    "android.os.Vibrator",
    "android.app.usage.",
    "android.media.MediaPlayer",
    "android.media.session.",
    "android.support.v4.media.session.",
    "androidx.media.",
    "androidx.media3.",
    "com.google.android.exoplayer2.",
    "android.media.AudioTrack",
    "android.media.AudioRecord",
    "android.media.MediaRecorder",
    "android.media.projection.",
    "android.media.Ringtone",
    "android.speech.",
    "android.hardware.camera2.",
    "androidx.camera.",
    "android.location.",
    "com.google.android.gms.location.",
    "android.hardware.SensorManager",
    "android.bluetooth.",
    "android.hardware.usb.",
    "android.net.VpnService",
    "android.net.wifi.p2p.",
    "android.net.nsd.",
    "com.google.android.gms.cast.",
    "com.google.android.gms.nearby.",
    "android.telecom.",
    "androidx.core.telecom.",
    "org.webrtc.",
    "java.net.ServerSocket",
    "android.view.WindowManager",
    "android.telephony.TelephonyManager",
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (service, _) in cx.flow.services.foreground() {
        if runs_itself(cx, service) {
            continue;
        }
        let Some((module, component)) = entry_of(cx, service) else { continue };
        let Some(types) = types_of(cx, service, component) else { continue };
        if types_in(types).any(|ty| LEGITIMATE.contains(&ty.name)) || has_legitimate_use(cx, service) {
            continue;
        }
        let starts: Vec<&Started> = cx.flow.services.starts_of(service).collect();
        let in_background = starts.iter().copied().find(|start| {
            matches!(start.how, How::Foreground | How::Plain)
                && cx.flow.background.limited(cx.model, &cx.flow.guards, start.site).is_some()
        });
        let Some(kind) = kind_of(cx, service, types, in_background.is_some()) else { continue };
        report(cx, acc, service, &starts, in_background, module, component, kind);
    }
}

/// What the service seems to be for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Upload, download, import or export that the user waits for.
    Transfer,
    /// Anything that may run later as well.
    Deferrable,
}

fn kind_of(cx: &Context<'_>, service: TypeId, types: i64, in_background: bool) -> Option<Kind> {
    const TRANSFER: [&str; 6] = ["download", "upload", "transfer", "import", "export", "restore"];
    const DEFERRABLE: [&str; 8] =
        ["sync", "refresh", "update", "backup", "cleanup", "fetch", "migrat", "index"];
    let name = cx.model.symbols.info(service).qualified.last().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let data_sync = types_in(types).any(|ty| ty.name == "dataSync" || ty.name == "mediaProcessing");
    if says(&TRANSFER) {
        Some(Kind::Transfer)
    } else if data_sync || in_background || says(&DEFERRABLE) {
        Some(Kind::Deferrable)
    } else {
        None
    }
}

/// Does the service, or what it runs, use classes for playback, recording, location, calls, devices, or open a screen
/// when they are done, which a worker cannot?
fn has_legitimate_use(cx: &Context<'_>, service: TypeId) -> bool {
    let class = cx.model.symbols.info(service).qualified;
    let lineage = cx.model.lineage(class);
    let mut starts: Vec<FnId> = Vec::new();
    for name in &lineage.all {
        for id in cx.model.symbols.types_by_name.get(name).into_iter().flatten() {
            let info = cx.model.symbols.info(*id);
            starts.extend(info.methods.values().flatten().copied());
            starts.extend(info.initializer);
            starts.extend(info.constructors.iter().copied());
        }
    }
    starts.sort();
    let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
    // A screen opened at once is what an action of a notification asks for, not what the work leads to.
    let later = |function| forward.calls(function).iter().any(|(_, to)| cx.model.is_lambda(*to));
    forward.functions().iter().flat_map(|function| &cx.model.sites_of[function.index()]).any(|id| {
        let site = cx.model.site(*id);
        site.api.is_some_and(|api| {
            let opens = || cx.model.inherits(api.class, "android.content.Context") && later(site.function);
            SIGNS.iter().any(|sign| api.class.starts_with(sign)) || api.member == "startActivity" && opens()
        })
    })
}

#[expect(clippy::too_many_arguments, reason = "one finding's words")]
fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    service: TypeId,
    starts: &[&Started],
    in_background: Option<&Started>,
    module: &Module,
    component: &Component,
    kind: Kind,
) {
    let name = cx.model.display_type(service);
    let mut steps: Vec<Step> = Vec::new();
    let mut seen = Vec::new();
    for start in in_background.into_iter().chain(starts.iter().copied()) {
        if matches!(start.how, How::Foreground | How::Plain) && !seen.contains(&start.site) {
            seen.push(start.site);
            steps.push(call_step(cx, start.site, &format!("starts {name}")));
        }
    }
    let declared = match &component.foreground_types {
        Some((names, _)) => format!("declared as {}", joined(names)),
        None => "declared without a type".to_owned(),
    };
    steps.push(element_step(cx, service, component, declared));
    if let Some(site) = work_of(cx, service) {
        steps.push(call_step(cx, site, "starts the work that a worker would do"));
    }
    let target = module.target_sdk.level;
    let why = match kind {
        Kind::Transfer => "moves data, which needs no foreground service of its own",
        Kind::Deferrable => "does work that WorkManager would do",
    };
    let help = match kind {
        Kind::Transfer if target >= 34 => {
            "move it into a CoroutineWorker that calls setForeground() while it runs long; a transfer that the user starts from \
             a screen may be a user-initiated data transfer job (JobInfo.Builder.setUserInitiated(true)) from Android 14 on"
        }
        _ => {
            "move it into a CoroutineWorker, enqueued as unique work with the constraints it needs; setExpedited() if it cannot \
             wait, setForeground() while it runs long"
        }
    };
    // Around what the service starts, enqueued where the service is started now.
    let sketch = work_of(cx, service).and_then(|work| {
        let started = Name::new("onStartCommand");
        let bodies = cx.model.methods_named(service, started);
        let site = cx.model.site(starts.first().map_or(work, |start| start.site));
        worker(cx, &Job { bodies: &bodies, site, when: When::Long })
    });
    acc.report(class_place(cx, service))
        .message(format!(
            "{name} is a foreground service that {why}: no playback, tracking, location or call"
        ))
        .label("replaceable")
        .help(help)
        .symbol(cx.model.symbols.info(service).qualified.as_str())
        .key("replaceable")
        .confidence(Confidence::Medium)
        .sketch(sketch)
        .steps(steps);
}

/// Where the service starts its work: the coroutine, thread or executor of its start callback.
fn work_of(cx: &Context<'_>, service: TypeId) -> Option<SiteId> {
    let starts = ["onStartCommand", "onStart", "onCreate"].map(Name::new);
    let methods = starts.into_iter().flat_map(|name| cx.model.methods_named(service, name));
    methods.into_iter().find_map(|method| {
        cx.model.sites_of[method.index()].iter().copied().find(|id| {
            let Some(api) = cx.model.site(*id).api else { return false };
            let entry = cx.model.nearest_in(TableSet::WORK, api.class, api.member, |class| {
                cx.model.catalog.work(class, api.member).first().copied()
            });
            // Another service is that service's work.
            entry.is_some_and(|entry| entry.persistence == Persistence::Impersistent)
                && (api.member != "startService" && api.member != "startForegroundService")
        })
    })
}

fn joined(names: &[Name]) -> String {
    match crate::model::service_types::bits_of(names) {
        Some(bits) => words(bits),
        None => names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("|"),
    }
}
