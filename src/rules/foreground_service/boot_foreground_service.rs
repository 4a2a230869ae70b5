//! Foreground services of types that a start of the device may not start.

use super::services::{entry_of, types_of};
use crate::flow::path::call_name;
use crate::flow::services::How;
use crate::model::service_types::{types_in, words};
use crate::rules::prelude::*;
use crate::rules::shared::{background_confidence, background_steps, refusal_is_handled, target_sdk};

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/BootForegroundService.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut last = None;
    for start in cx.flow.services.starts.iter().filter(|start| start.how == How::Foreground) {
        let site = cx.model.site(start.site);
        let Some(service) = start.service.filter(|_| last != Some(start.site)) else { continue };
        let Some((path, trigger)) = cx.flow.background.from_boot(cx.model, &cx.flow.guards, start) else {
            continue;
        };
        let Some((_, component)) = entry_of(cx, service) else { continue };
        let Some(types) = types_of(cx, service, component) else { continue };
        let target = target_sdk(cx, site);
        let barred: i64 = types_in(types)
            .filter(|ty| ty.not_from_boot.is_some_and(|level| level <= target))
            .map(|ty| ty.bit)
            .sum();
        if barred == 0 || refusal_is_handled(cx, &path, site, 35) {
            continue;
        }
        last = Some(start.site);
        let name = cx.model.display_type(service);
        let mut steps = background_steps(cx, &path, trigger);
        let declared = format!("{name} is of type {}", words(barred));
        steps.push(super::services::element_step(cx, service, component, declared));
        acc.report(site.point())
            .message(format!(
                "{name} is a {} foreground service, which BOOT_COMPLETED may not start: \
                 ForegroundServiceStartNotAllowedException on Android 15",
                words(barred)
            ))
            .label("not allowed when the device starts")
            .help(
                "enqueue the work in WorkManager, which keeps it over a restart of the device, or show a notification that lets \
                 the user start the service",
            )
            .symbol(cx.model.symbol(site.function))
            .key(format!("{} {name}", call_name(cx.model, site)))
            .confidence(background_confidence(cx, &path, trigger, site))
            .steps(steps);
    }
}
