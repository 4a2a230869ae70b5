//! Foreground services started on a way that begins in the background.

use crate::facts::ExprKind;
use crate::flow::Path;
use crate::flow::background::{Trigger, is_exact};
use crate::flow::guards::handler;
use crate::flow::path::call_name;
use crate::flow::services::How;
use crate::flow::uses::each;
use crate::model::PendingKind;
use crate::rules::prelude::*;
use crate::rules::shared::{
    START_REFUSED, alarm_sites, background_confidence, background_steps, refusal_is_handled, target_sdk,
};

use super::services::may_be_exempt;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceFromBackground.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let services = &cx.flow.services;
    let mut sites: Vec<SiteId> =
        services.starts.iter().filter(|start| start.how == How::Foreground).map(|start| start.site).collect();
    sites.extend(services.going.iter().map(|going| going.site));
    sites.dedup();
    for id in sites {
        let site = cx.model.site(id);
        if let Some((path, trigger)) = refused(cx, id)
            && !refusal_is_handled(cx, &path, site, 31)
        {
            let help = "enqueue a OneTimeWorkRequest (setExpedited() if it cannot wait) and call setForeground() in the \
                        worker only if it runs long";
            report(cx, acc, site, &path, trigger, "", help);
        }
    }
    for id in services.promotions.iter().copied() {
        let site = cx.model.site(id);
        let Some((path, trigger)) = refused(cx, id) else { continue };
        let Some(lost) = worker_fails(cx, &path, site) else { continue };
        let help = "use setExpedited() with getForegroundInfo() for short important work, or catch the exception around \
                    setForeground() alone and go on as ordinary work";
        report(cx, acc, site, &path, trigger, if lost { ", which makes the work fail" } else { "" }, help);
    }
    alarms(cx, acc);
}

/// The way by which a start is refused.
fn refused(cx: &Context<'_>, id: SiteId) -> Option<(Path, Trigger)> {
    if target_sdk(cx, cx.model.site(id)) < 31 {
        return None;
    }
    cx.flow.background.limited(cx.model, &cx.flow.guards, id)
}

fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    path: &Path,
    trigger: Trigger,
    result: &str,
    help: &str,
) {
    let exempt = may_be_exempt(cx, site);
    let confidence = background_confidence(cx, path, trigger, site);
    let confidence = if exempt.is_some() { confidence.min(Confidence::Medium) } else { confidence };
    let name = call_name(cx.model, site);
    acc.report(site.point())
        .message(format!(
            "{name} from the background: {} leads here, and Android 12 refuses it with ForegroundServiceStartNotAllowedException\
             {result}",
            path.entry.name(cx.model)
        ))
        .label("not allowed from the background")
        .help(match exempt {
            Some(exempt) => format!("{help} ({exempt})"),
            None => help.to_owned(),
        })
        .symbol(cx.model.symbol(site.function))
        .key(name)
        .confidence(confidence)
        .steps(background_steps(cx, path, trigger));
}

/// Does the worker fail when it may not go to the foreground? Some(true): by a catch around the whole work. None where it
/// goes on without.
fn worker_fails(cx: &Context<'_>, path: &Path, site: &CallSite) -> Option<bool> {
    let on_the_way = path.calls.iter().rev().map(|(call, _)| cx.model.site(*call));
    for at in std::iter::once(site).chain(on_the_way) {
        if cx.flow.guards.below_level(cx.model, at.function, at.span, 31) {
            return None;
        }
        let Some(handler) = handler(cx.model, at.function, at.span, &START_REFUSED) else { continue };
        let facts = cx.model.facts(cx.model.symbols.fn_file(handler.function));
        let mut gives_up = false;
        if let Some(body) = handler.body {
            each(facts, body, &mut |id| match &facts[id].kind {
                ExprKind::Call(call) => gives_up |= matches!(call.name.as_str(), "failure" | "retry"),
                ExprKind::Throw(_) => gives_up = true,
                _ => {}
            });
        }
        return gives_up.then_some(true);
    }
    Some(false)
}

/// Inexact alarms that start a foreground service themselves.
fn alarms(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in alarm_sites(cx) {
        let member = site.api.map(|api| api.member);
        if target_sdk(cx, site) < 31 || member.is_some_and(is_exact) {
            continue;
        }
        let starts = site
            .args
            .iter()
            .filter_map(|arg| arg.intent())
            .any(|intent| intent.pending == Some(PendingKind::ForegroundService));
        if !starts || cx.flow.guards.below_level(cx.model, site.function, site.span, 31) {
            continue;
        }
        acc.report(site.point())
            .message(
                "an inexact alarm starts a foreground service: it fires in the background, where Android 12 does not allow that",
            )
            .label("fires in the background")
            .help(
                "enqueue a OneTimeWorkRequest with setInitialDelay(), or use an exact alarm if the user chose the moment",
            )
            .symbol(cx.model.symbol(site.function))
            .key(call_name(cx.model, site));
    }
}
