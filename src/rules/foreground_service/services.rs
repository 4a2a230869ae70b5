//! What the rules about foreground services look up together: types in code and manifest, what weakens a finding, words.

use crate::flow::services::{Going, service_entries};
use crate::model::service_types::{TYPES_OF_MANIFEST, bits_of};
use crate::model::{ArgValue, Component, Module, TypeId};
use crate::rules::prelude::*;

/// The types that a call passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// No argument, or the constant for those of the manifest.
    Manifest,
    /// These bits.
    Exactly(i64),
    /// One of several values with these bits.
    OneOf(i64),
    Unknown,
}

impl Passed {
    pub(super) fn of(arg: Option<&ArgValue>) -> Passed {
        let Some(arg) = arg else { return Passed::Manifest };
        match (arg.constant(), arg.flags()) {
            (Some(Const::Int(TYPES_OF_MANIFEST)), _) => Passed::Manifest,
            (Some(Const::Int(bits)), _) => Passed::Exactly(bits),
            (_, Some(bits)) => Passed::OneOf(bits),
            _ => Passed::Unknown,
        }
    }

    /// What `startForeground` passes.
    pub(super) fn at(site: &CallSite) -> Passed {
        let compat = site.api.is_some_and(|api| api.class == "androidx.core.app.ServiceCompat");
        Passed::of(site.arg(if compat { 3 } else { 2 }, Some("foregroundServiceType")))
    }
}

/// The types that a service has when it goes to the foreground: those that its calls pass, else those of its element.
/// None where that is not known.
pub(super) fn types_of(cx: &Context<'_>, service: TypeId, component: &Component) -> Option<i64> {
    let declared = match &component.foreground_types {
        Some((names, _)) => bits_of(names)?,
        None => 0,
    };
    let mut bits = 0;
    for going in cx.flow.services.going_of(service) {
        match Passed::at(cx.model.site(going.site)) {
            // What the manifest does not have cannot come.
            Passed::Exactly(passed) | Passed::OneOf(passed) => bits |= passed & declared,
            Passed::Manifest | Passed::Unknown => bits |= declared,
        }
    }
    Some(if bits == 0 { declared } else { bits })
}

/// The element of a service that counts: of an application, if there is one.
pub(super) fn entry_of<'c>(cx: &'c Context<'_>, service: TypeId) -> Option<(&'c Module, &'c Component)> {
    service_entries(cx.model, cx.model.symbols.info(service).qualified).into_iter().next()
}

/// The way a service hands itself to the helper that makes the call.
pub(super) fn helper_steps(cx: &Context<'_>, going: &Going) -> Vec<Step> {
    going.helpers.iter().map(|id| call_step(cx, *id, "hands the service on")).collect()
}

/// A call as a step.
pub(super) fn call_step(cx: &Context<'_>, id: SiteId, message: &str) -> Step {
    let site = cx.model.site(id);
    Step {
        role: StepRole::Call,
        place: site.point(),
        message: message.to_owned(),
        symbol: cx.model.symbol(site.function),
    }
}

/// A `<service>` element as a step.
pub(super) fn element_step(
    cx: &Context<'_>,
    service: TypeId,
    component: &Component,
    message: String,
) -> Step {
    let class = cx.model.symbols.info(service).qualified;
    Step {
        role: StepRole::Declaration,
        place: component.foreground_types.as_ref().map_or(component.place, |(_, place)| *place),
        message,
        symbol: format!("service {class}"),
    }
}

/// The class's own name.
pub(super) fn class_place(cx: &Context<'_>, service: TypeId) -> Place {
    let info = cx.model.symbols.info(service);
    Place { file: info.file, span: cx.model.type_decl(service).name_span }
}

/// Library classes that run a service's foreground state themselves, or that the system runs: their subclasses have no
/// start and stop of their own to get wrong.
pub(super) fn runs_itself(cx: &Context<'_>, service: TypeId) -> bool {
    const PLAIN: [&str; 7] = [
        "android.app.Service",
        "android.app.IntentService",
        "androidx.lifecycle.LifecycleService",
        "androidx.media.MediaBrowserServiceCompat",
        "android.service.media.MediaBrowserService",
        "dagger.android.DaggerService",
        "dagger.android.DaggerIntentService",
    ];
    let lineage = cx.model.lineage(cx.model.symbols.info(service).qualified);
    // A superclass that could not be resolved may do anything.
    lineage.library.iter().any(|class| {
        let plain = PLAIN.contains(&class.as_str());
        class.starts_with('?') || !plain && cx.model.inherits(*class, "android.app.Service")
    })
}

/// Library classes that bring a service to the foreground themselves, or that are not known.
pub(super) fn goes_itself(cx: &Context<'_>, service: TypeId) -> bool {
    const THEMSELVES: [&str; 4] =
        ["?", "androidx.media3.", "com.google.android.exoplayer2.", "androidx.work."];
    let lineage = cx.model.lineage(cx.model.symbols.info(service).qualified);
    lineage.library.iter().any(|class| THEMSELVES.iter().any(|prefix| class.starts_with(prefix)))
}

/// What may let the app start foreground services from the background all the same, for the help; only running shows
/// whether it does.
pub(super) fn may_be_exempt(cx: &Context<'_>, site: &CallSite) -> Option<&'static str> {
    let module = cx.model.project.module_of(site.file);
    let applications = module.applications.iter().map(|id| cx.model.project.module(*id));
    let has = |name: &str| {
        module.manifest.permission(name).is_some()
            || applications.clone().any(|it| it.manifest.permission(name).is_some())
    };
    let companion = [
        "android.permission.REQUEST_COMPANION_START_FOREGROUND_SERVICES_FROM_BACKGROUND",
        "android.permission.REQUEST_COMPANION_RUN_IN_BACKGROUND",
    ];
    if companion.iter().any(|name| has(name)) {
        Some("it is allowed only while a companion device is associated")
    } else if has("android.permission.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS") {
        Some("it is allowed only for users who switched battery optimisation off for the app")
    } else if has("android.permission.SYSTEM_ALERT_WINDOW") {
        Some(if module.target_sdk.level >= 35 {
            "it is allowed only while an overlay window of the app is showing"
        } else {
            "it is allowed only for users who let the app draw over other apps"
        })
    } else {
        None
    }
}
