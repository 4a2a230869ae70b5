//! Mutable PendingIntents around intents that any app may answer.

use super::pending_intents::{flags, pending_intents};
use crate::base::Name;
use crate::facts::{ExprId, ExprKind, FileFacts};
use crate::findings::Severity;
use crate::flow::uses::each;
use crate::model::{ObjectValue, SiteKind};
use crate::rules::prelude::*;
use crate::rules::shared::target_sdk;

pub(super) static RULE: Rule = Rule {
    group: "alarms",
    doc: include_str!("../../../rules/alarms/MutableImplicitPendingIntent.md"),
    check,
};

/// From here on it throws. Source: developer.android.com/about/versions/14/behavior-changes-14
const REFUSED: u32 = 34;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (site, position) in pending_intents(cx) {
        let target = target_sdk(cx, site);
        if target < 23 {
            continue;
        }
        let flags = flags(cx, site, position);
        if !flags.has("FLAG_MUTABLE") || flags.may_have("FLAG_NO_CREATE") {
            continue;
        }
        let Some(intent) = site.args.get(2) else { continue };
        let implicit = match intent.object() {
            Some(intent) => is_implicit(intent),
            None => any_implicit(cx, site, intent.value, 0),
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

/// Is one of the elements of an array or list implicit, as far as it is written here or in a local?
fn any_implicit(cx: &Context<'_>, site: &CallSite, list: ExprId, depth: u8) -> bool {
    let facts = cx.model.facts(site.file);
    match &facts[list].kind {
        ExprKind::Name(name) if depth == 0 => {
            initializer(facts, cx.model.function(site.function).body, *name)
                .is_some_and(|value| any_implicit(cx, site, value, 1))
        }
        ExprKind::Array(elements) => elements.iter().any(|element| is_made_implicit(cx, site, *element)),
        ExprKind::Call(call) if call.name.ends_with("rrayOf") || call.name.ends_with("istOf") => {
            let made = cx.model.site_at(site.file, list).map(|id| cx.model.site(id));
            made.is_some_and(|made| made.args.iter().any(|arg| arg.object().is_some_and(is_implicit)))
        }
        // `listOf(…).toTypedArray()`
        ExprKind::Call(call) if call.name.starts_with("to") => {
            call.receiver.is_some_and(|list| any_implicit(cx, site, list, depth))
        }
        _ => false,
    }
}

/// `new Intent("action")` as an element.
fn is_made_implicit(cx: &Context<'_>, site: &CallSite, element: ExprId) -> bool {
    let Some(made) = cx.model.site_at(site.file, element).map(|id| cx.model.site(id)) else { return false };
    let intent = made.kind == SiteKind::Create
        && made.api.is_some_and(|api| api.class == "android.content.Intent" && made.args.len() <= 1);
    intent
        && made.args.iter().all(|arg| {
            arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "java.lang.String")
        })
}

/// What a local variable of the body is set to at its declaration.
fn initializer(facts: &FileFacts, body: Option<ExprId>, name: Name) -> Option<ExprId> {
    let mut found = None;
    each(facts, body?, &mut |id| {
        if let ExprKind::Local(local) = &facts[id].kind
            && local.name == name
        {
            found = local.init;
        }
    });
    found
}

/// Is everything known of the intent, and nothing of it names who gets it?
fn is_implicit(intent: &ObjectValue) -> bool {
    const NAMES: [&str; 4] = ["setClass", "setClassName", "setComponent", "setPackage"];
    if intent.class != "android.content.Intent" || !intent.is_whole() {
        return false;
    }
    let made = intent.root().made.as_ref().filter(|made| made.member == "<init>");
    let Some(made) = made else { return false };
    let explicit = made.args.iter().any(|arg| arg.class_literal().is_some() || arg.object().is_some())
        // `Intent(context, class)`, with a class that is not known.
        || made.args.iter().any(|arg| {
            arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "java.lang.Class")
        });
    !explicit && !intent.all_calls().any(|call| NAMES.contains(&call.member.as_str()))
}
