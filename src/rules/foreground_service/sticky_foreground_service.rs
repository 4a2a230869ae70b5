//! Sticky services that go to the foreground when the system makes them anew, in the background.

use rustc_hash::FxHashSet;

use super::services::{call_step, class_place, entry_of, may_be_exempt, runs_itself};
use crate::base::Name;
use crate::facts::ExprKind;
use crate::flow::given::Given;
use crate::flow::guards::catches;
use crate::flow::must::{Question, Relevant, ask};
use crate::flow::services::Going;
use crate::flow::uses::results;
use crate::model::TypeId;
use crate::rules::prelude::*;
use crate::rules::shared::{START_REFUSED, target_sdk};

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/StickyForegroundService.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let services = &cx.flow.services;
    let goals: FxHashSet<SiteId> = services.going.iter().map(|going| going.site).collect();
    let relevant = Relevant::new(cx.model, cx.flow, &goals);
    for (service, first) in services.foreground() {
        let site = cx.model.site(first.site);
        if target_sdk(cx, site) < 31 || runs_itself(cx, service) || entry_of(cx, service).is_none() {
            continue;
        }
        let Some((place, word)) = sticky(cx, service) else { continue };
        let Some(going) = reached(cx, service, &goals, &relevant) else { continue };
        let name = cx.model.display_type(service);
        let exempt = may_be_exempt(cx, site);
        let mut steps = super::services::helper_steps(cx, going);
        steps.push(call_step(cx, going.site, "startForeground is not allowed then"));
        let help = "return START_NOT_STICKY and leave what has to survive to WorkManager, or catch the exception around \
                    startForeground() and call stopSelf()";
        acc.report(place)
            .message(format!(
                "{word} has Android make {name} anew in the background after the process was killed, where its startForeground \
                 throws ForegroundServiceStartNotAllowedException"
            ))
            .label("sticky")
            .help(match exempt {
                Some(exempt) => format!("{help} ({exempt})"),
                None => help.to_owned(),
            })
            .symbol(cx.model.symbols.info(service).qualified.as_str())
            .key(word)
            .confidence(if exempt.is_some() { Confidence::Medium } else { Confidence::High })
            .steps(steps);
    }
}

/// Where `onStartCommand` says that the system shall make the service anew.
fn sticky(cx: &Context<'_>, service: TypeId) -> Option<(Place, &'static str)> {
    let methods = cx.model.methods_named(service, Name::new("onStartCommand"));
    let Some(command) = methods.into_iter().find(|it| cx.model.function(*it).body.is_some()) else {
        // Without an override Service's own answer counts, if the service is started at all.
        let started = cx.flow.services.starts_of(service).next().is_some();
        let stops_itself =
            cx.model.inherits(cx.model.symbols.info(service).qualified, "android.app.IntentService");
        return (started && !stops_itself)
            .then(|| (class_place(cx, service), "the default of onStartCommand"));
    };
    let file = cx.model.symbols.fn_file(command);
    let facts = cx.model.facts(file);
    let inherited = |id: crate::facts::ExprId| {
        let ExprKind::Call(call) = &facts[id].kind else { return false };
        let on_super =
            call.receiver.is_some_and(|receiver| matches!(facts[receiver].kind, ExprKind::Super(_)));
        let own = cx.model.site_at(file, id).is_some_and(|id| !cx.model.site(id).targets.is_empty());
        on_super && call.name == "onStartCommand" && !own
    };
    results(cx.model, command).into_iter().find_map(|id| {
        let word = match &facts[id].kind {
            ExprKind::Name(name) | ExprKind::Member { name, .. } => match name.as_str() {
                "START_STICKY" => "START_STICKY",
                "START_REDELIVER_INTENT" => "START_REDELIVER_INTENT",
                "START_STICKY_COMPATIBILITY" => "START_STICKY_COMPATIBILITY",
                _ => return None,
            },
            _ if inherited(id) => "super.onStartCommand",
            _ => return None,
        };
        Some((Place { file, span: facts[id].span }, word))
    })
}

/// A call that goes to the foreground when no Intent comes, and whose exception nobody takes.
fn reached<'c>(
    cx: &'c Context<'_>,
    service: TypeId,
    goals: &FxHashSet<SiteId>,
    relevant: &Relevant,
) -> Option<&'c Going> {
    let given = Given::none();
    let nothing = FxHashSet::default();
    cx.flow.services.going_of(service).find(|going| {
        let at = |id: SiteId| {
            let site = cx.model.site(id);
            catches(cx.model, site.function, site.span, &START_REFUSED)
        };
        if at(going.site) || going.helpers.iter().any(|helper| at(*helper)) {
            return false;
        }
        let only: FxHashSet<SiteId> = std::iter::once(going.site).collect();
        let question = Question {
            goals: &only,
            before: &nothing,
            class: Some(service),
            given: &given,
            needless_below: 0,
            failing_counts: true,
            unknown_counts: false,
        };
        debug_assert!(goals.contains(&going.site));
        ["onCreate", "onStartCommand"].iter().any(|name| {
            let methods = cx.model.methods_named(service, Name::new(name));
            methods.into_iter().any(|it| !ask(cx.model, cx.flow, relevant, &question, it).never())
        })
    })
}
