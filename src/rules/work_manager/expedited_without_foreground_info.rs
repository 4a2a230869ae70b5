//! Expedited workers that cannot show the notification they need below Android 12.

use rustc_hash::FxHashSet;

use super::expedited_work_constraints::pointed;
use super::workers::overrides;
use crate::base::Name;
use crate::facts::{ExprKind, Modifiers};
use crate::flow::requests::requests;
use crate::flow::uses::{conditions_around, parameter};
use crate::model::{ObjectCall, TypeId};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/ExpeditedWithoutForegroundInfo.md"),
    check,
};

/// Below this level expedited work runs as a foreground service. Source: androidx.work.WorkRequest.Builder.setExpedited.
const EXPEDITED_JOBS: u32 = 31;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (id, request) in requests(cx.model) {
        let Some(expedited) = request.expedited() else { continue };
        let site = cx.model.site(id);
        // The call may stand in a lambda: `apply { if (SDK_INT >= S) setExpedited(…) }`.
        let called = cx.model.site_at(expedited.file, expedited.expr);
        let function = called.map_or(site.function, |it| cx.model.site(it).function);
        let module = cx.model.project.module_of(expedited.file);
        if module.min_sdk.level >= EXPEDITED_JOBS
            || cx.flow.guards.from_level(cx.model, function, expedited.span, EXPEDITED_JOBS)
        {
            continue;
        }
        let workers: Vec<TypeId> = match request.worker().and_then(|class| cx.model.symbols.type_named(class))
        {
            Some(worker) => vec![worker],
            None => given_workers(cx, request.object.root().made.as_ref(), expedited),
        };
        let Some(worker) = workers.into_iter().find(|worker| lacks_info(cx, *worker)) else { continue };
        if !seen.insert(expedited.place()) {
            continue;
        }
        let name = cx.model.display_type(worker);
        let decl = cx.model.type_decl(worker);
        let place = Place { file: cx.model.symbols.info(worker).file, span: decl.name_span };
        let method =
            if overrides_async(cx, worker) { "getForegroundInfoAsync()" } else { "getForegroundInfo()" };
        acc.report(pointed(cx, expedited))
            .message(format!(
                "{name} is expedited without {method}: below Android 12 it fails with IllegalStateException (minSdk {})",
                module.min_sdk.level
            ))
            .label("needs a notification below Android 12")
            .help(format!("override {method} in {name} and return a ForegroundInfo with a notification"))
            .symbol(cx.model.symbol(site.function))
            .key(format!("setExpedited {name}"))
            .steps([Step {
                role: StepRole::Declaration,
                place,
                message: format!("{name} does not override {method}"),
                symbol: cx.model.symbols.info(worker).qualified.to_string(),
            }]);
    }
}

fn lacks_info(cx: &Context<'_>, worker: TypeId) -> bool {
    let class = cx.model.symbols.info(worker).qualified;
    cx.model.inherits(class, "androidx.work.ListenableWorker")
        && !cx.model.type_decl(worker).modifiers.contains(Modifiers::ABSTRACT)
        && !overrides(cx, worker, "getForegroundInfo")
        && !overrides(cx, worker, "getForegroundInfoAsync")
        // A base class of a library may bring one.
        && !cx.model.lineage(class).library.iter().any(|it| {
            !it.starts_with("androidx.work.") && !matches!(it.as_str(), "java.lang.Object" | "kotlin.Any")
        })
}

/// Workers that are no coroutines and do not extend `Worker` have the asynchronous form only.
fn overrides_async(cx: &Context<'_>, worker: TypeId) -> bool {
    let class = cx.model.symbols.info(worker).qualified;
    !["androidx.work.Worker", "androidx.work.CoroutineWorker", "androidx.work.RxWorker"]
        .iter()
        .any(|it| cx.model.inherits(class, it))
}

/// The workers that callers name for a request built from a parameter, where they ask for it to be expedited.
fn given_workers(cx: &Context<'_>, made: Option<&ObjectCall>, expedited: &ObjectCall) -> Vec<TypeId> {
    let Some(made) = made else { return Vec::new() };
    let Some(function) = cx.model.site_at(made.file, made.expr).map(|it| cx.model.site(it).function) else {
        return Vec::new();
    };
    let decl = cx.model.function(function);
    let Some(position) = made.args.first().and_then(|arg| parameter(cx.model, function, arg.value)) else {
        return Vec::new();
    };
    // `if (expedited) builder.setExpedited(…)` is what some callers ask for.
    let facts = cx.model.facts(made.file);
    let flag = conditions_around(cx.model, function, expedited.span).into_iter().find_map(|condition| {
        match facts[condition].kind {
            ExprKind::Name(_) => parameter(cx.model, function, condition),
            _ => None,
        }
    });
    let mut found = Vec::new();
    for (_, caller) in cx.model.all_sites().filter(|(_, it)| it.declared == Some(function)) {
        let given = |at: usize| {
            let name: Name = decl.params[at].name;
            caller.arg(i32::try_from(at).unwrap_or(i32::MAX), Some(&name))
        };
        if let Some(flag) = flag
            && given(flag).is_none_or(|arg| arg.constant() == Some(Const::Bool(false)))
        {
            continue;
        }
        let class = given(position).and_then(|arg| arg.class_literal());
        found.extend(class.and_then(|class| cx.model.symbols.type_named(class)));
    }
    found
}
