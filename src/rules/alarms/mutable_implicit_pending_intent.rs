//! Mutable PendingIntents around intents that any app may answer.

use super::pending_intents::{flags, pending_intents};
use crate::findings::Severity;
use crate::model::ObjectValue;
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
        let implicit = site.args.get(2).and_then(|arg| arg.object()).is_some_and(is_implicit);
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
