//! Foreground services that nobody stops, and failures after which one goes on for ever.

use rustc_hash::FxHashSet;

use super::services::{class_place, entry_of, runs_itself};
use crate::facts::{ExprId, ExprKind, FileFacts, Try};
use crate::flow::background::Forward;
use crate::flow::given::Given;
use crate::flow::graph::Run;
use crate::flow::must::{Question, Relevant, ask};
use crate::flow::services::How;
use crate::flow::uses::each;
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceNotStopped.md"),
    check,
};

/// Calls followed from a catch to a stop.
const DEPTH: u32 = 8;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let services = &cx.flow.services;
    // A stop of a service that is not known may be any service's.
    let of_references = || services.stop_references.iter().map(|(_, of)| of);
    let any = services.stops.iter().map(|(_, of)| of).chain(of_references()).any(Vec::is_empty);
    for (service, going) in services.foreground() {
        let class = cx.model.symbols.info(service).qualified;
        if runs_itself(cx, service)
            || cx.model.inherits(class, "android.app.IntentService")
            || entry_of(cx, service).is_none()
        {
            continue;
        }
        // One that is only bound goes with its last client.
        let started = services.starts_of(service).next().is_some()
            || services.starts.iter().any(|it| it.service.is_none());
        let stops: Vec<SiteId> =
            services.stops.iter().filter(|(_, of)| of.contains(&service)).map(|(id, _)| *id).collect();
        if stops.is_empty() {
            let referred = of_references().any(|of| of.contains(&service));
            if started
                && !any
                && !referred
                && services.starts_of(service).any(|start| start.how != How::PendingPlain)
            {
                never(cx, acc, service, going.site);
            }
            continue;
        }
        for id in with_helpers(cx, &stops) {
            after_failure(cx, acc, service, id);
        }
    }
}

fn never(cx: &Context<'_>, acc: &mut Findings<'_>, service: TypeId, going: SiteId) {
    let name = cx.model.display_type(service);
    acc.report(class_place(cx, service))
        .message(format!("{name} goes to the foreground, and nothing ever stops it: it holds the process and its notification for ever"))
        .label("no stopSelf, stopForeground or stopService")
        .help("call stopForeground(STOP_FOREGROUND_REMOVE) and stopSelf(startId) when the work is done, and when it failed")
        .symbol(cx.model.symbols.info(service).qualified.as_str())
        .key("never stopped")
        .steps([super::services::call_step(cx, going, "goes to the foreground")]);
}

/// Calls that stop the service, and calls of helpers that always do.
fn with_helpers(cx: &Context<'_>, stops: &[SiteId]) -> Vec<SiteId> {
    let goals: FxHashSet<SiteId> = stops.iter().copied().collect();
    let (nothing, given) = (FxHashSet::default(), Given::default());
    let question = Question {
        goals: &goals,
        before: &nothing,
        class: None,
        given: &given,
        needless_below: 0,
        failing_counts: true,
        unknown_counts: false,
    };
    let relevant = Relevant::new(cx.model, cx.flow, &goals);
    let mut found = stops.to_vec();
    for id in stops {
        let helper = cx.model.site(*id).function;
        if cx.model.is_lambda(helper) || !ask(cx.model, cx.flow, &relevant, &question, helper).always() {
            continue;
        }
        let calls = cx.flow.graph.to(helper).filter(|edge| edge.run == Run::Here);
        found.extend(calls.map(|edge| edge.site));
    }
    found.sort();
    found.dedup();
    found
}

/// A `catch` around a stop that does not stop itself.
fn after_failure(cx: &Context<'_>, acc: &mut Findings<'_>, service: TypeId, stop: SiteId) {
    let site = cx.model.site(stop);
    // Stopping in the callbacks of the end needs no second way.
    let root = cx.model.root_function(site.function);
    if matches!(cx.model.function(root).name.as_str(), "onDestroy" | "onTimeout" | "onTaskRemoved") {
        return;
    }
    let facts = cx.model.facts(site.file);
    let Some(body) = cx.model.function(site.function).body else { return };
    let Some(it) = try_around(facts, body, site) else { return };
    if it.finally.is_some_and(|finally| has_stop(cx, facts, service, site.function, finally)) {
        return;
    }
    let stops_later = cx.flow.services.stops.iter().any(|(id, _)| {
        let other = cx.model.site(*id);
        other.function == site.function && other.span.start > facts[it.body].span.end
    });
    if stops_later {
        return;
    }
    let quiet = it.catches.iter().find(|catch| {
        catch.types.iter().any(|ty| matches!(ty.name.last(), "Exception" | "Throwable" | "IOException"))
            && !has_stop(cx, facts, service, site.function, catch.body)
    });
    let Some(catch) = quiet else { return };
    let name = cx.model.display_type(service);
    let place = Place { file: site.file, span: facts[catch.body].span };
    acc.report(place)
        .message(format!(
            "{name} stops when its work is done, but not after this failure: it stays in the foreground for ever"
        ))
        .label("does not stop")
        .help("move stopForeground() and stopSelf(startId) into a finally block")
        .symbol(cx.model.symbol(site.function))
        .key("not stopped after a failure")
        .confidence(Confidence::Medium)
        .steps([super::services::call_step(cx, stop, "stops only here")]);
}

/// The innermost `try` whose body has the call.
fn try_around<'f>(facts: &'f FileFacts, body: ExprId, site: &CallSite) -> Option<&'f Try> {
    let mut found = None;
    each(facts, body, &mut |id| {
        if let ExprKind::Try(it) = &facts[id].kind
            && facts[it.body].span.contains(site.span)
        {
            found = Some(it.as_ref());
        }
    });
    found
}

/// Does code stop the service, throw, or leave to code that does?
fn has_stop(cx: &Context<'_>, facts: &FileFacts, service: TypeId, function: FnId, code: ExprId) -> bool {
    let span = facts[code].span;
    let mut throws = false;
    each(facts, code, &mut |id| throws |= matches!(facts[id].kind, ExprKind::Throw(_)));
    if throws {
        return true;
    }
    let stop = |id: &SiteId| {
        let known = cx.flow.services.stops.iter().find(|(stop, _)| stop == id);
        known.is_some_and(|(_, of)| of.is_empty() || of.contains(&service))
    };
    let inside = |id: &SiteId| span.contains(cx.model.site(*id).span);
    if cx.model.sites_of[function.index()].iter().filter(|id| inside(id)).any(stop) {
        return true;
    }
    let starts: Vec<FnId> =
        cx.flow.graph.from(function).iter().filter(|edge| inside(&edge.site)).map(|edge| edge.to).collect();
    let forward = Forward::new(&cx.flow.graph, &starts, DEPTH);
    let referred = cx.flow.services.stop_references.iter().any(|(place, of)| {
        place.file == cx.model.symbols.fn_file(function)
            && span.contains(place.span)
            && (of.is_empty() || of.contains(&service))
    });
    referred || forward.functions().iter().any(|it| cx.model.sites_of[it.index()].iter().any(stop))
}
