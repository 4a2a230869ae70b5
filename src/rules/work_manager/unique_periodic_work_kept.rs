//! Periodic work whose interval can change, but whose policy keeps the old request.

use crate::flow::uses::parameter;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/UniquePeriodicWorkKept.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let unique = site.api.is_some_and(|api| {
            api.member == "enqueueUniquePeriodicWork"
                && cx.model.inherits(api.class, "androidx.work.WorkManager")
        });
        let keeps = site.arg(1, None).and_then(|arg| arg.symbol()).is_some_and(|it| it.last() == "KEEP");
        if !unique || !keeps {
            continue;
        }
        let Some(made) = site
            .arg(2, None)
            .and_then(|arg| arg.object())
            .filter(|object| object.class.starts_with("androidx.work.PeriodicWorkRequest"))
            .and_then(|object| object.root().made.as_ref())
        else {
            continue;
        };
        // The interval is the caller's to choose: a parameter of the function that schedules.
        let interval = made.args.iter().find(|arg| {
            arg.class_literal().is_none()
                && arg.constant().is_none()
                && arg.symbol().is_none()
                && made.file == site.file
                && given(cx, site, made, arg.value).is_some_and(|value| mentions_parameter(cx, site, value))
        });
        if interval.is_none() || cancels(cx, site) {
            continue;
        }
        acc.report(site.point())
            .message("the interval comes from a parameter, but KEEP leaves work that is already scheduled at its old interval")
            .label("a new interval is ignored")
            .help("use ExistingPeriodicWorkPolicy.UPDATE: it takes over the new interval and lets a running worker finish")
            .symbol(cx.model.symbol(site.function))
            .key("enqueueUniquePeriodicWork KEEP")
            .steps([Step {
                role: StepRole::Cause,
                place: made.place(),
                message: "the interval is not constant".to_owned(),
                symbol: cx.model.symbol(site.function),
            }]);
    }
}

/// The value as the scheduling function writes it: what it hands to the helper that makes the request, or itself.
fn given(
    cx: &Context<'_>,
    site: &CallSite,
    made: &crate::model::ObjectCall,
    value: crate::facts::ExprId,
) -> Option<crate::facts::ExprId> {
    let maker = cx.model.site(cx.model.site_at(made.file, made.expr)?).function;
    if maker == site.function {
        return Some(value);
    }
    let position = parameter(cx.model, maker, value)?;
    let name = cx.model.function(maker).params[position].name;
    let mut calls = cx.model.sites_of[site.function.index()].iter().map(|id| cx.model.site(*id));
    let call = calls.find(|call| call.declared == Some(maker))?;
    call.arg(i32::try_from(position).ok()?, Some(&name)).map(|arg| arg.value)
}

/// Is the value a number parameter of the scheduling function, perhaps converted?
fn mentions_parameter(cx: &Context<'_>, site: &CallSite, value: crate::facts::ExprId) -> bool {
    let facts = cx.model.facts(site.file);
    let mut found = false;
    crate::flow::uses::each(facts, value, &mut |id| {
        let position = parameter(cx.model, site.function, id);
        found |= position.is_some_and(|at| {
            let ty = cx.model.function(site.function).params[at].ty.as_ref();
            ty.is_some_and(|ty| matches!(ty.name.last(), "Int" | "Long" | "Integer" | "Duration"))
        });
    });
    found
}

/// Is the old work cancelled in the same function?
fn cancels(cx: &Context<'_>, site: &CallSite) -> bool {
    cx.model.sites_of[site.function.index()].iter().any(|id| {
        let other = cx.model.site(*id);
        other.name.starts_with("cancel")
            && other.api.is_some_and(|api| cx.model.inherits(api.class, "androidx.work.WorkManager"))
    })
}
