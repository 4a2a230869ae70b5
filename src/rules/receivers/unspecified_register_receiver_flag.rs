//! Receivers registered in code without saying whether other apps may send to them.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, Language};
use crate::findings::{Edit, Fix, Severity};
use crate::model::ObjectValue;
use crate::model::broadcasts::{action_of, is_protected};
use crate::rules::fixes::{fix_unsafely, import};
use crate::rules::prelude::*;
use crate::rules::shared::target_sdk;

pub(super) static RULE: Rule = Rule {
    group: "receivers",
    doc: include_str!("../../../rules/receivers/UnspecifiedRegisterReceiverFlag.md"),
    check,
};

/// The level from which the flag is demanded. Source: developer.android.com/about/versions/14/behavior-changes-14
const DEMANDED: u32 = 34;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.sites_of_members(&["registerReceiver"]) {
        let registers = site.api.is_some_and(|api| cx.model.inherits(api.class, "android.content.Context"));
        let (Some(receiver), Some(filter)) = (site.args.first(), site.args.get(1)) else { continue };
        if !registers || receiver.constant() == Some(Const::Null) || says(cx, site) {
            continue;
        }
        if cx.flow.guards.below_level(cx.model, site.function, site.span, DEMANDED) {
            continue;
        }
        let actions = actions(cx, filter);
        let open = actions.known.iter().find(|action| is_protected(action) == Some(false));
        // What only the system sends needs no flag; of an action that nobody knows nothing can be said.
        if open.is_none() && (!actions.known.is_empty() || actions.whole) {
            continue;
        }
        let demanded = target_sdk(cx, site) >= DEMANDED && open.is_some();
        let what = match open {
            Some(action) => format!("for {action}"),
            None => "for actions that are not in sight".to_owned(),
        };
        let draft = acc
            .report(site.point())
            .message(match demanded {
                true => format!(
                    "registerReceiver {what} without RECEIVER_EXPORTED or RECEIVER_NOT_EXPORTED throws SecurityException from \
                     Android 14 on"
                ),
                false => format!("registerReceiver {what} without RECEIVER_EXPORTED or RECEIVER_NOT_EXPORTED"),
            })
            .label("may other apps send to it?")
            .help(
                "use ContextCompat.registerReceiver(context, receiver, filter, ContextCompat.RECEIVER_NOT_EXPORTED), or \
                 RECEIVER_EXPORTED if other apps send the broadcast",
            )
            .symbol(cx.model.symbol(site.function))
            .key("registerReceiver")
            .severity(if demanded { Severity::Error } else { Severity::Warning })
            .confidence(if open.is_some() { Confidence::High } else { Confidence::Medium });
        if let Some(fix) = not_exported(cx, site) {
            draft.fix(fix);
        }
    }
}

/// Does an argument say it, or may it, for all that is known?
fn says(cx: &Context<'_>, site: &CallSite) -> bool {
    let flags = match site.args.len() {
        3 | 5 => &site.args[site.args.len() - 1],
        _ => return false,
    };
    if site.args.len() == 3 && flags.ty.as_ref().is_some_and(|ty| ty.class == "java.lang.String") {
        return false;
    }
    let bits = RECEIVER_EXPORTED | RECEIVER_NOT_EXPORTED;
    match flags.constant() {
        Some(Const::Int(flags)) => flags & bits != 0,
        _ => !only_others(cx, site, flags.value, 0),
    }
}

/// Source: android.content.Context
const RECEIVER_EXPORTED: i64 = 2;
const RECEIVER_NOT_EXPORTED: i64 = 4;

/// Are the flags made of nothing but flags that say something else?
fn only_others(cx: &Context<'_>, site: &CallSite, expr: ExprId, depth: u8) -> bool {
    let facts = cx.model.facts(site.file);
    match &facts[expr].kind {
        ExprKind::Name(name) | ExprKind::Member { name, .. } => *name == "RECEIVER_VISIBLE_TO_INSTANT_APPS",
        ExprKind::Binary { left, right, .. } if depth < 8 => {
            only_others(cx, site, *left, depth + 1) && only_others(cx, site, *right, depth + 1)
        }
        _ => false,
    }
}

/// Actions of a filter.
struct Actions {
    known: Vec<Name>,
    /// There are no others.
    whole: bool,
}

fn actions(cx: &Context<'_>, filter: &crate::model::ArgValue) -> Actions {
    let mut actions = match filter.object() {
        Some(object) => of_object(object),
        None => Actions { known: Vec::new(), whole: false },
    };
    // A filter kept in a property gets its actions wherever the property is named.
    let property = filter.facts.as_ref().and_then(|facts| facts.property);
    if let Some(property) = property {
        let assigned = cx.model.property_objects.get(&property);
        // What it starts with, if anything, was looked at above.
        let bare = cx.model.property(property).initializer.is_none();
        actions.whole |= bare && assigned.is_some();
        for object in assigned.into_iter().flatten() {
            let of_object = of_object(object);
            actions.whole &= of_object.whole;
            actions.known.extend(of_object.known);
        }
        for (_, site) in cx.model.sites_of_members(&["addAction"]) {
            let same = site.receiver_facts.as_ref().is_some_and(|facts| facts.property == Some(property));
            match site.args.first().filter(|_| same).map(action_of) {
                Some(Some(action)) => actions.known.push(action),
                Some(None) => actions.whole = false,
                None => {}
            }
        }
    }
    actions
}

fn of_object(object: &ObjectValue) -> Actions {
    let mut actions = Actions { known: Vec::new(), whole: object.is_whole() };
    for call in object.all_calls() {
        let names = match call.member.as_str() {
            "addAction" => call.args.first(),
            // `IntentFilter(action)`, `IntentFilter(other)`.
            "<init>" => match call.args.first() {
                Some(arg) if arg.object().is_some() => {
                    let copied = arg.object().map(of_object);
                    actions.known.extend(copied.into_iter().flat_map(|it| it.known));
                    None
                }
                first => first,
            },
            _ => None,
        };
        match names.map(action_of) {
            Some(Some(action)) => actions.known.push(action),
            Some(None) => actions.whole = false,
            None => {}
        }
    }
    actions
}

/// `context.registerReceiver(r, f)` → `ContextCompat.registerReceiver(context, r, f, RECEIVER_NOT_EXPORTED)`.
fn not_exported(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    if site.args.len() != 2 {
        return None;
    }
    let facts = cx.model.facts(site.file);
    let text = &cx.model.project.file(site.file).text;
    let context = match site.receiver {
        Some(receiver) => text.slice(facts[receiver].span).to_owned(),
        // Only where `this` is the context.
        None => {
            let owner = cx.model.owner_of(site.function)?;
            let class = cx.model.symbols.info(owner).qualified;
            if !cx.model.inherits(class, "android.content.Context") {
                return None;
            }
            "this".to_owned()
        }
    };
    let given: Vec<&str> = site.args.iter().map(|arg| text.slice(facts[arg.value].span)).collect();
    let call = format!(
        "ContextCompat.registerReceiver({context}, {}, ContextCompat.RECEIVER_NOT_EXPORTED)",
        given.join(", ")
    );
    let safe_call = facts.language == Language::Kotlin && text.slice(site.span).contains("?.");
    if safe_call {
        return None;
    }
    let mut edits = vec![Edit { place: site.place(), text: call }];
    edits.extend(import(cx.model, site.file, "androidx.core.content.ContextCompat"));
    Some(fix_unsafely("register it for this app alone", edits))
}
