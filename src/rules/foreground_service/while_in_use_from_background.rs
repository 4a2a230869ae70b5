//! Foreground services with camera, microphone or location, started on a way that may start others.

use super::services::{element_step, entry_of, types_of};
use crate::flow::guards::catches;
use crate::flow::path::call_name;
use crate::flow::services::How;
use crate::model::service_types::{types_in, words};
use crate::rules::prelude::*;
use crate::rules::shared::{background_confidence, background_steps, target_sdk};

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/WhileInUseFromBackground.md"),
    check,
};

const TAKES: [&str; 4] = ["SecurityException", "RuntimeException", "Exception", "Throwable"];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut last = None;
    for start in cx.flow.services.starts.iter().filter(|start| start.how == How::Foreground) {
        let site = cx.model.site(start.site);
        let target = target_sdk(cx, site);
        let Some(service) = start.service.filter(|_| last != Some(start.site) && target >= 34) else {
            continue;
        };
        let Some((path, trigger)) = cx.flow.background.exempt(cx.model, &cx.flow.guards, start) else {
            continue;
        };
        let Some((module, component)) = entry_of(cx, service) else { continue };
        let Some(types) = types_of(cx, service, component) else { continue };
        let may_always =
            module.manifest.permission("android.permission.ACCESS_BACKGROUND_LOCATION").is_some();
        let from_boot = cx.flow.background.from_boot(cx.model, &cx.flow.guards, start).is_some();
        let bound: i64 = types_in(types)
            .filter(|ty| ty.while_in_use && !(ty.name == "location" && may_always))
            // What may not start at all with the device is BootForegroundService's.
            .filter(|ty| !from_boot || ty.not_from_boot.is_none_or(|level| level > target))
            .map(|ty| ty.bit)
            .sum();
        if bound == 0 || is_caught(cx, service) {
            continue;
        }
        if cx.flow.guards.below_level(cx.model, site.function, site.span, 34) {
            continue;
        }
        last = Some(start.site);
        let name = cx.model.display_type(service);
        let mut steps = background_steps(cx, &path, trigger);
        steps.push(element_step(cx, service, component, format!("{name} is of type {}", words(bound))));
        acc.report(site.point())
            .message(format!(
                "{name} needs {} while in use, but {} starts it in the background: SecurityException on Android 14, whatever \
                 permission was granted",
                words(bound),
                path.entry.name(cx.model)
            ))
            .label("no while-in-use permission in the background")
            .help(if bound & 8 != 0 {
                "start it from a visible screen or a notification that the user taps, or declare ACCESS_BACKGROUND_LOCATION and \
                 ask for it"
            } else {
                "start it from a visible screen, or from a notification that the user taps"
            })
            .symbol(cx.model.symbol(site.function))
            .key(format!("{} {name}", call_name(cx.model, site)))
            .confidence(background_confidence(cx, &path, trigger, site))
            .steps(steps);
    }
}

/// Does the service take the exception wherever it goes to the foreground?
fn is_caught(cx: &Context<'_>, service: crate::model::TypeId) -> bool {
    let mut sites = cx.flow.services.going_of(service).peekable();
    sites.peek().is_some()
        && sites.all(|going| {
            let at = |id: SiteId| {
                let site = cx.model.site(id);
                catches(cx.model, site.function, site.span, &TAKES)
            };
            at(going.site) || going.helpers.iter().any(|helper| at(*helper))
        })
}
