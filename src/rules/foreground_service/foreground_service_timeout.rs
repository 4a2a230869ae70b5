//! Foreground services whose time the system limits, without `onTimeout` that stops them.

use rustc_hash::FxHashSet;

use super::services::{class_place, element_step, entry_of, runs_itself, types_of};
use crate::base::Name;
use crate::flow::background::Forward;
use crate::model::TypeId;
use crate::model::service_types::{types_in, words};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceTimeout.md"),
    check,
};

/// Calls followed from `onTimeout` to a stop.
const DEPTH: u32 = 8;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (service, _) in cx.flow.services.foreground() {
        if runs_itself(cx, service) {
            continue;
        }
        let Some((module, component)) = entry_of(cx, service) else { continue };
        let Some(types) = types_of(cx, service, component) else { continue };
        let target = module.target_sdk.level;
        let limited: i64 = types_in(types)
            .filter(|ty| ty.timeout.is_some_and(|level| level <= target))
            // Together with another type this one counts for nothing.
            .filter(|ty| ty.name != "shortService" || types == ty.bit)
            .map(|ty| ty.bit)
            .sum();
        if limited == 0 {
            continue;
        }
        let short = words(limited) == "shortService";
        let params = if short { 1 } else { 2 };
        let name = cx.model.display_type(service);
        let callback = if short { "onTimeout(int)" } else { "onTimeout(int, int)" };
        let methods = cx.model.methods_named(service, Name::new("onTimeout"));
        let own = methods.into_iter().find(|it| cx.model.function(*it).params.len() == params);
        let (place, why) = match own {
            None => (class_place(cx, service), format!("has no {callback}")),
            Some(own) if !stops(cx, service, own) => {
                (cx.model.fn_place(own), format!("does not stop in {callback}"))
            }
            Some(_) => continue,
        };
        let limit = if short { "about three minutes" } else { "six hours in a day" };
        let result = if short { "an ANR" } else { "a crash" };
        acc.report(place)
            .message(format!(
                "{name} is a {} foreground service and {why}: after {limit} Android asks it to stop, and not stopping is {result}",
                words(limited)
            ))
            .label("does not stop when its time is over")
            .help(if short {
                "override onTimeout(startId), save what is needed and call stopSelf()"
            } else {
                "override onTimeout(startId, fgsType) and call stopSelf() there; work that may take that long is WorkManager's or \
                 a user-initiated data transfer job's"
            })
            .symbol(cx.model.symbols.info(service).qualified.as_str())
            .key("onTimeout")
            .steps([element_step(
                cx,
                service,
                component,
                format!("declared as {}", words(limited)),
            )]);
    }
}

/// Does the callback lead to a stop of the service?
fn stops(cx: &Context<'_>, service: TypeId, callback: FnId) -> bool {
    let sites: FxHashSet<FnId> = cx
        .flow
        .services
        .stops
        .iter()
        .filter(|(_, services)| services.is_empty() || services.contains(&service))
        .map(|(id, _)| cx.model.site(*id).function)
        .collect();
    let forward = Forward::new(&cx.flow.graph, &[callback], DEPTH);
    forward.functions().iter().any(|function| sites.contains(function))
}
