//! PendingIntents that notifications get, and what the receivers and services behind them do.

use crate::base::Name;
use crate::flow::graph::Run;
use crate::model::{IntentValue, PendingKind, TypeId};
use crate::rules::prelude::*;

/// Calls followed from a receiver or service to the screen it opens.
const DEPTH: usize = 6;

/// A PendingIntent for a receiver or a service, where a notification gets it.
pub(super) struct Given {
    pub(super) site: SiteId,
    pub(super) intent: IntentValue,
}

/// The project's class behind a PendingIntent.
pub(super) struct Behind {
    pub(super) class: TypeId,
    /// The call that opens a screen, with the calls on the way to it.
    pub(super) opens: Option<(SiteId, Vec<(SiteId, FnId)>)>,
}

/// Where builders of notifications, of the platform and of androidx, get a PendingIntent that is no activity's.
pub(super) fn given(cx: &Context<'_>) -> Vec<Given> {
    let mut found = Vec::new();
    for (id, site) in cx.model.all_sites() {
        if !matches!(
            site.name.as_str(),
            "setContentIntent" | "setFullScreenIntent" | "addAction" | "<init>" | "Builder" | "Action"
        ) {
            continue;
        }
        let Some(api) = site.api.filter(|api| takes(cx, api.class)) else { continue };
        if api.member == "build" {
            continue;
        }
        for intent in site.args.iter().filter_map(|arg| arg.intent()) {
            if matches!(
                intent.pending,
                Some(PendingKind::Broadcast | PendingKind::Service | PendingKind::ForegroundService)
            ) {
                found.push(Given { site: id, intent });
            }
        }
    }
    found
}

fn takes(cx: &Context<'_>, class: Name) -> bool {
    const BUILDERS: [&str; 6] = [
        "androidx.core.app.NotificationCompat.Builder",
        "android.app.Notification.Builder",
        "androidx.core.app.NotificationCompat.Action",
        "androidx.core.app.NotificationCompat.Action.Builder",
        "android.app.Notification.Action",
        "android.app.Notification.Action.Builder",
    ];
    BUILDERS.iter().any(|builder| cx.model.inherits(class, builder))
}

/// The class of the project that the PendingIntent starts, with the screen it opens at once.
pub(super) fn target(cx: &Context<'_>, intent: &IntentValue) -> Option<Behind> {
    let class = cx.model.symbols.type_named(intent.component?)?;
    let names: &[&str] = match intent.pending {
        Some(PendingKind::Broadcast) => &["onReceive"],
        _ => &["onStartCommand", "onStart", "onHandleIntent"],
    };
    let starts: Vec<FnId> =
        names.iter().flat_map(|name| cx.model.methods_named(class, Name::new(name))).collect();
    Some(Behind { class, opens: opens(cx, &starts) })
}

/// The nearest `startActivity` that runs in place.
fn opens(cx: &Context<'_>, starts: &[FnId]) -> Option<(SiteId, Vec<(SiteId, FnId)>)> {
    let mut queue: std::collections::VecDeque<(FnId, Vec<(SiteId, FnId)>)> =
        starts.iter().map(|start| (*start, Vec::new())).collect();
    let mut seen: rustc_hash::FxHashSet<FnId> = starts.iter().copied().collect();
    while let Some((at, calls)) = queue.pop_front() {
        let opening = cx.model.sites_of[at.index()].iter().find(|id| {
            let site = cx.model.site(**id);
            matches!(site.name.as_str(), "startActivity" | "startActivities")
                && site.api.is_some_and(|api| {
                    cx.model.inherits(api.class, "android.content.Context")
                        || api.class == "androidx.core.content.ContextCompat"
                })
        });
        if let Some(opening) = opening {
            return Some((*opening, calls));
        }
        if calls.len() >= DEPTH {
            continue;
        }
        for edge in cx.flow.graph.from(at) {
            if edge.run == Run::Here && edge.certainty > Confidence::Low && seen.insert(edge.to) {
                let mut calls = calls.clone();
                calls.push((edge.site, edge.to));
                queue.push_back((edge.to, calls));
            }
        }
    }
    None
}
