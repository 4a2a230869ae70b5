//! Mutable PendingIntents around intents that any app may answer.

use super::pending_intents::{flags_from, pending_intents};
use crate::base::Name;
use crate::facts::{ExprId, ExprKind};
use crate::findings::Severity;
use crate::flow::uses::mentions;
use crate::model::{Declared, ObjectValue, SiteKind};
use crate::rules::prelude::*;
use crate::rules::shared::target_sdk;

pub(super) static RULE: Rule = Rule {
    group: "alarms",
    doc: include_str!("../../../rules/alarms/MutableImplicitPendingIntent.md"),
    check,
};

/// From here on it throws. Source: developer.android.com/about/versions/14/behavior-changes-14
const REFUSED: u32 = 34;
/// `FLAG_MUTABLE` came with this level; what only older devices do is mutable anyway.
const NAMED: u32 = 31;
const INTENT: &str = "android.content.Intent";
/// Values inside values that are looked into.
const MAX_DEPTH: u8 = 6;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (site, position) in pending_intents(cx) {
        let target = target_sdk(cx, site);
        if target < 23 {
            continue;
        }
        let level = if target >= REFUSED { REFUSED } else { NAMED };
        if cx.flow.guards.below_level(cx.model, site.function, site.span, level) {
            continue;
        }
        let flags = flags_from(cx, site, position, level);
        if !flags.has("FLAG_MUTABLE") || flags.may_have("FLAG_NO_CREATE") {
            continue;
        }
        let Some(intent) = site.args.get(2) else { continue };
        let implicit = match intent.object() {
            Some(object) if !is_one_of_several(cx, site, intent.value) => is_implicit(object),
            _ => any_implicit(cx, site, intent.value, 0),
        };
        if !implicit {
            continue;
        }
        let throws = target >= REFUSED;
        acc.report(site.point())
            .message(if throws {
                "a mutable PendingIntent around an implicit intent: Android 14 throws IllegalArgumentException"
            } else {
                "a mutable PendingIntent around an implicit intent: any app may fill it in and redirect it"
            })
            .label("mutable, and the intent names no component")
            .help("use FLAG_IMMUTABLE, or make the intent explicit with setClass(), setComponent() or setPackage()")
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str())
            .severity(if throws { Severity::Error } else { Severity::Warning });
    }
}

/// `if (x) Intent("a") else Intent("b")`, or a local that holds this and is used nowhere else.
fn is_one_of_several(cx: &Context<'_>, site: &CallSite, value: ExprId) -> bool {
    let facts = cx.model.facts(site.file);
    match &facts[value].kind {
        ExprKind::If { .. } | ExprKind::When { .. } => true,
        ExprKind::Name(name) => {
            let declared = cx.model.declared(site.function, facts[value].span, *name);
            let Declared::Local { function, local, .. } = declared else { return false };
            let chosen =
                |init: ExprId| matches!(facts[init].kind, ExprKind::If { .. } | ExprKind::When { .. });
            local.init.is_some_and(chosen) && mentions(cx.model, function, *name).len() == 1
        }
        _ => false,
    }
}

/// Is one of the values that an expression may be, or of the elements of an array or list, implicit, as far as it is
/// written here or in a local?
fn any_implicit(cx: &Context<'_>, site: &CallSite, value: ExprId, depth: u8) -> bool {
    let facts = cx.model.facts(site.file);
    if depth > MAX_DEPTH {
        return false;
    }
    match &facts[value].kind {
        ExprKind::Name(name) => {
            let declared = cx.model.declared(site.function, facts[value].span, *name);
            let Declared::Local { function, local, .. } = declared else { return false };
            let scope = cx.model.function(function).span;
            if cx.model.assignments(site.file, *name, scope).next().is_some() {
                return false;
            }
            local.init.is_some_and(|value| any_implicit(cx, site, value, depth + 1))
                || is_added_implicit(cx, site, *name)
        }
        ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => {
            any_implicit(cx, site, *then, depth + 1) || any_implicit(cx, site, *otherwise, depth + 1)
        }
        ExprKind::When { arms, .. } => arms.iter().any(|arm| any_implicit(cx, site, arm.body, depth + 1)),
        ExprKind::Block(items) => items.last().is_some_and(|last| any_implicit(cx, site, *last, depth + 1)),
        ExprKind::Array(elements) => elements.iter().any(|element| is_made_implicit(cx, site, *element)),
        ExprKind::Call(call) if call.name.ends_with("rrayOf") || call.name.ends_with("istOf") => {
            let made = cx.model.site_at(site.file, value).map(|id| cx.model.site(id));
            made.is_some_and(|made| made.args.iter().any(|arg| arg.object().is_some_and(is_implicit)))
        }
        // `listOf(…).toTypedArray()`
        ExprKind::Call(call) if call.name.starts_with("to") => {
            call.receiver.is_some_and(|list| any_implicit(cx, site, list, depth + 1))
        }
        ExprKind::Call(_) => is_made_implicit(cx, site, value),
        _ => false,
    }
}

/// `list.add(new Intent("action"))`
fn is_added_implicit(cx: &Context<'_>, site: &CallSite, list: Name) -> bool {
    let facts = cx.model.facts(site.file);
    let sites = cx.model.sites_of[site.function.index()].iter().map(|id| cx.model.site(*id));
    sites.filter(|it| it.name == "add" && it.span.start < site.span.start).any(|it| {
        let ExprKind::Call(call) = &facts[it.expr].kind else { return false };
        let on = call.receiver.is_some_and(|receiver| facts[receiver].kind == ExprKind::Name(list));
        on && it.args.iter().any(|arg| arg.object().is_some_and(is_implicit))
    })
}

/// `new Intent("action")` as an element.
fn is_made_implicit(cx: &Context<'_>, site: &CallSite, element: ExprId) -> bool {
    let Some(made) = cx.model.site_at(site.file, element).map(|id| cx.model.site(id)) else { return false };
    let intent = made.kind == SiteKind::Create
        && made.api.is_some_and(|api| api.class == INTENT && made.args.len() <= 1);
    intent
        && made.args.iter().all(|arg| {
            arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "java.lang.String")
        })
}

/// Is everything known of the intent, and nothing of it names who gets it?
fn is_implicit(intent: &ObjectValue) -> bool {
    const NAMES: [&str; 6] =
        ["setClass", "setClassName", "setComponent", "setPackage", "setSelector", "fillIn"];
    if intent.class != INTENT || !intent.is_whole() {
        return false;
    }
    let made = intent.root().made.as_ref().filter(|made| made.member == "<init>");
    let Some(made) = made else { return false };
    // A copy names what its original does.
    if let [original] = made.args.as_slice()
        && original.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == INTENT)
    {
        let names = intent.all_calls().any(|call| NAMES.contains(&call.member.as_str()));
        return !names && original.object().is_some_and(is_implicit);
    }
    let explicit = made.args.iter().any(|arg| arg.class_literal().is_some() || arg.object().is_some())
        // `Intent(context, class)`, with a class that is not known.
        || made.args.iter().any(|arg| {
            arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "java.lang.Class")
        });
    !explicit && !intent.all_calls().any(|call| NAMES.contains(&call.member.as_str()))
}
