//! PendingIntents that notifications get, and what the receivers and services behind them do.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::flow::arguments::Call;
use crate::flow::background::Forward;
use crate::flow::given::Given as Sent;
use crate::flow::must::{Question, Relevant, ask};
use crate::model::{IntentValue, ObjectValue, PendingKind, TypeId};
use crate::rules::prelude::*;

/// Calls followed to a screen.
const DEPTH: u32 = 24;
/// From this level on trampolines are blocked.
/// Source: developer.android.com/about/versions/12/behavior-changes-12#notification-trampolines
const BLOCKS: u32 = 31;

/// A PendingIntent for a receiver or a service, where a notification gets it.
pub(super) struct Given {
    pub(super) site: SiteId,
    /// The call that brings it, if the function around gets it as a parameter.
    pub(super) from: Option<SiteId>,
    pub(super) intent: IntentValue,
    /// What the Intent inside says.
    pub(super) sent: Sent,
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
        for arg in &site.args {
            let own = arg.object().and_then(|object| Some((pending(object)?, object)));
            if let Some((intent, object)) = own {
                found.push(Given { site: id, from: None, intent, sent: sent(cx, object) });
                continue;
            }
            // A helper that gets it from its callers.
            for call in Call::by_callers(cx.model, site, &[Some(arg)]) {
                let Some(object) = call.object(arg) else { continue };
                let Some(intent) = pending(object) else { continue };
                let from = call.caller.map(|(caller, _)| caller);
                found.push(Given { site: id, from, intent, sent: sent(cx, object) });
            }
        }
    }
    found
}

/// What a PendingIntent that is no activity's names.
fn pending(object: &ObjectValue) -> Option<IntentValue> {
    IntentValue::of(object).filter(|intent| {
        matches!(
            intent.pending,
            Some(PendingKind::Broadcast | PendingKind::Service | PendingKind::ForegroundService)
        )
    })
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

/// The Intent inside of a PendingIntent.
fn sent(cx: &Context<'_>, pending: &ObjectValue) -> Sent {
    let made = pending.made.iter().flat_map(|made| &made.args).filter_map(|arg| arg.object());
    let mut intents = made.filter(|object| object.class == "android.content.Intent");
    intents.next().map(|intent| Sent::of(cx.model, intent)).unwrap_or_default()
}

/// Calls that open screens, and the functions that lead to them.
pub(super) struct Screens {
    calls: FxHashSet<SiteId>,
    relevant: Relevant,
}

impl Screens {
    pub(super) fn new(cx: &Context<'_>) -> Screens {
        let opens = |site: &CallSite| {
            matches!(site.name.as_str(), "startActivity" | "startActivities")
                && site.api.is_some_and(|api| {
                    cx.model.inherits(api.class, "android.content.Context")
                        || api.class == "androidx.core.content.ContextCompat"
                })
                && !cx.flow.guards.below_level(cx.model, site.function, site.span, BLOCKS)
        };
        let calls = cx.model.all_sites().filter(|(_, site)| opens(site)).map(|(id, _)| id).collect();
        let relevant = Relevant::new(cx.model, cx.flow, &calls);
        Screens { calls, relevant }
    }

    /// The class of the project that the PendingIntent starts, with the screen it opens at once.
    pub(super) fn target(&self, cx: &Context<'_>, given: &Given) -> Option<Behind> {
        let class = cx.model.symbols.type_named(given.intent.component?)?;
        let names: &[&str] = match given.intent.pending {
            Some(PendingKind::Broadcast) => &["onReceive"],
            _ => &["onStartCommand", "onStart", "onHandleIntent"],
        };
        let starts = names.iter().flat_map(|name| cx.model.methods_named(class, Name::new(name)));
        let opens = starts.into_iter().find_map(|start| self.opens(cx, class, start, &given.sent));
        Some(Behind { class, opens })
    }

    /// A call that the callback makes for this Intent, with the way there.
    fn opens(
        &self,
        cx: &Context<'_>,
        class: TypeId,
        start: FnId,
        sent: &Sent,
    ) -> Option<(SiteId, Vec<(SiteId, FnId)>)> {
        let nothing = FxHashSet::default();
        let question = Question {
            goals: &self.calls,
            before: &nothing,
            class: Some(class),
            given: sent,
            needless_below: 0,
            failing_counts: false,
            unknown_counts: false,
        };
        let answer = ask(cx.model, cx.flow, &self.relevant, &question, start);
        let first = *answer.made.first()?;
        let guards = &cx.flow.guards;
        let known = guards.arriving(cx.model, start, &sent.sent);
        let way = Forward::in_place(cx.model, &cx.flow.graph, guards, [(start, known)], DEPTH);
        Some((first, way.calls_to(cx.model, guards, first)))
    }
}
