//! What wakes the app again and again, or asks to be left out of saving power.

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::facts::{ExprKind, Literal};
use crate::rules::manifests::declared;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "power", doc: include_str!("../../../rules/power/BatteryLife.md"), check };

const CONNECTIVITY: &str = "android.net.conn.CONNECTIVITY_CHANGE";
const PICTURES: [&str; 3] = [
    "android.hardware.action.NEW_PICTURE",
    "android.hardware.action.NEW_VIDEO",
    "com.android.camera.NEW_PICTURE",
];
const EXEMPTION: &str = "android.settings.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS";
const EXEMPTION_CONSTANT: &str = "ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for component in declared(cx) {
        let target = component.module.target_sdk.level;
        if component.merged.is_none() {
            continue;
        }
        for action in component.decl.filters.iter().flat_map(|filter| &filter.actions) {
            let text = action.text.as_str();
            let receiver = component.decl.kind == ComponentKind::Receiver;
            let (message, help) = if text == CONNECTIVITY && receiver && target >= 24 {
                (
                    "CONNECTIVITY_CHANGE is not delivered to receivers of the manifest since Android 7",
                    "enqueue work with a network constraint (Constraints.Builder().setRequiredNetworkType()), or register a \
                     NetworkCallback while the app is visible",
                )
            } else if PICTURES.contains(&text) {
                (
                    "NEW_PICTURE and NEW_VIDEO are not sent since Android 7",
                    "enqueue work that is triggered by a content URI: Constraints.Builder().addContentUriTrigger(MediaStore…)",
                )
            } else if text == EXEMPTION && target >= 23 {
                (
                    "most apps must not ask to be left out of battery optimizations: Google Play forbids it except for a few uses",
                    EXEMPTION_HELP,
                )
            } else {
                continue;
            };
            let class = component.merged.and_then(|merged| merged.class).unwrap_or(component.decl.name.text);
            acc.report(Place { file: component.file, span: action.span })
                .message(message)
                .label("costs battery or does nothing")
                .help(help)
                .symbol(format!("component {class}"))
                .key(text);
        }
    }
    exemptions_in_code(cx, acc);
}

const EXEMPTION_HELP: &str = "rely on WorkManager, high-priority messages or a foreground service; if the app really needs it, open \
     ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS and let the user choose";

/// `Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS`, or its text.
fn exemptions_in_code(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let constant = Name::new(EXEMPTION_CONSTANT);
    let named = memchr::memmem::Finder::new("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS");
    for (file, project) in cx.model.project.files() {
        let Some(facts) = project.facts.as_ref().filter(|_| project.in_scope) else { continue };
        if named.find(project.text.text.as_bytes()).is_none()
            || cx.model.project.module_of(file).target_sdk.level < 23
        {
            continue;
        }
        for expr in &facts.exprs {
            let names = match &expr.kind {
                ExprKind::Member { name, .. } => *name == constant,
                ExprKind::Name(name) => {
                    *name == constant
                        && facts.imports.iter().any(|it| it.path.starts_with("android.provider"))
                }
                ExprKind::Literal(Literal::String(text)) => *text == EXEMPTION,
                _ => false,
            };
            if !names {
                continue;
            }
            let place = Place { file, span: expr.span };
            let symbol = cx.model.function_at(place).map(|function| cx.model.symbol(function));
            acc.report(place)
                .message(
                    "most apps must not ask to be left out of battery optimizations: Google Play forbids it except for a few uses",
                )
                .label("asks for an exemption")
                .help(EXEMPTION_HELP)
                .symbol(symbol.unwrap_or_default())
                .key(EXEMPTION_CONSTANT);
        }
    }
}
