//! Types that code passes and the manifest does not have, and types that the platform does not know.

use super::services::{Passed, element_step, helper_steps};
use crate::flow::services::{Going, service_entries};
use crate::model::service_types::{bits_of, type_named, words};
use crate::model::{Component, Module};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceTypeMismatch.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for going in &cx.flow.services.going {
        let class = cx.model.symbols.info(going.service).qualified;
        if let Some((module, component)) = service_entries(cx.model, class).into_iter().next() {
            compare(cx, acc, going, module, component);
        }
    }
    for module in cx.model.project.modules.iter().filter(|module| module.is_application) {
        module.manifest.components.iter().for_each(|component| unknown(acc, component));
    }
}

fn compare(cx: &Context<'_>, acc: &mut Findings<'_>, going: &Going, module: &Module, component: &Component) {
    let site = cx.model.site(going.site);
    let declared = match &component.foreground_types {
        Some((names, _)) => match bits_of(names) {
            Some(bits) => bits,
            // A placeholder or a mistake: not known here.
            None => return,
        },
        None => 0,
    };
    let target = module.target_sdk.level;
    // ForegroundServiceType says that there is no type at all.
    if component.foreground_types.is_none() && target >= 34 {
        return;
    }
    let name = cx.model.display_type(going.service);
    let lacking = match Passed::at(site) {
        Passed::Exactly(0) if target >= 34 => {
            acc.report(site.point())
                .message(format!(
                    "{name} goes to the foreground with type none: InvalidForegroundServiceTypeException on Android 14"
                ))
                .label("no type")
                .help(format!(
                    "pass the type of the manifest ({}), or leave the argument away, which means the same",
                    words(declared)
                ))
                .symbol(cx.model.symbol(site.function))
                .key(format!("{} none", cx.model.symbols.info(going.service).qualified))
                .steps(helper_steps(cx, going));
            return;
        }
        Passed::Exactly(bits) => bits & !declared,
        // One of several: wrong only if none of them fits.
        Passed::OneOf(bits) if bits & declared == 0 => bits,
        _ => 0,
    };
    if lacking == 0 {
        return;
    }
    let mut steps = helper_steps(cx, going);
    steps.push(element_step(
        cx,
        going.service,
        component,
        if declared == 0 {
            format!("{name} is declared without foregroundServiceType")
        } else {
            format!("{name} is declared with {}", words(declared))
        },
    ));
    acc.report(site.point())
        .message(format!(
            "{name} goes to the foreground as {}, but its <service> declares {}: IllegalArgumentException",
            words(lacking),
            if declared == 0 { "no type".to_owned() } else { words(declared) }
        ))
        .label("not in the manifest")
        .help("pass a type that android:foregroundServiceType has, or add the type there with its permission")
        .symbol(cx.model.symbol(site.function))
        .key(format!("{} {}", cx.model.symbols.info(going.service).qualified, words(lacking)))
        .steps(steps);
}

/// A name that is no type: the app does not even build, or a tool of the build replaces it.
fn unknown(acc: &mut Findings<'_>, component: &Component) {
    let Some((names, place)) = &component.foreground_types else { return };
    for name in names {
        let replaced = name.contains("${") || name.starts_with('@') || name.starts_with("0x");
        if type_named(name).is_some() || replaced || name.chars().all(|letter| letter.is_ascii_digit()) {
            continue;
        }
        acc.report(*place)
            .message(format!("{name} is no foreground service type"))
            .label("unknown type")
            .help("take one of the types that developer.android.com lists, in this spelling: dataSync, mediaPlayback, location, …")
            .symbol(format!("service {}", component.class.map_or("?", |class| class.as_str())))
            .key(format!("unknown {name}"));
    }
}
