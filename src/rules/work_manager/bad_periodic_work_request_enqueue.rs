//! Periodic work that is not unique: every call adds another one.

use crate::base::{Name, Span};
use crate::findings::{Edit, Fix};
use crate::flow::requests::Request;
use crate::flow::uses::parameter;
use crate::model::ArgValue;
use crate::rules::fixes::{arg_place, fix_unsafely, import};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/BadPeriodicWorkRequestEnqueue.md"),
    check,
};

const PERIODIC: &str = "androidx.work.PeriodicWorkRequest";
const REQUEST: &str = "androidx.work.WorkRequest";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let enqueues = site.api.is_some_and(|api| {
            api.member == "enqueue" && cx.model.inherits(api.class, "androidx.work.WorkManager")
        });
        let Some(arg) = site.args.first().filter(|_| enqueues) else { continue };
        if let Some(sure) = is_periodic(cx, arg) {
            report(cx, acc, site, sure);
            continue;
        }
        // A helper enqueues whatever its callers give it.
        let Some(position) = parameter(cx.model, site.function, arg.value) else { continue };
        let name = cx.model.function(site.function).params[position].name;
        for (_, caller) in cx.model.all_sites().filter(|(_, it)| it.declared == Some(site.function)) {
            let position = i32::try_from(position).unwrap_or(i32::MAX);
            let given = caller.arg(position, Some(&name));
            if given.is_some_and(|arg| is_periodic(cx, arg) == Some(true)) {
                report(cx, acc, caller, true);
            }
        }
    }
}

fn report(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite, sure: bool) {
    let draft = acc
        .report(site.point())
        .message(if sure {
            "periodic work enqueued without a unique name: every call adds one more"
        } else {
            "a list that may hold periodic work is enqueued without a unique name: every call adds one more"
        })
        .label("not unique")
        .help(
            "use enqueueUniquePeriodicWork(name, ExistingPeriodicWorkPolicy.KEEP, request), or UPDATE if the request can \
             change",
        )
        .symbol(cx.model.symbol(site.function))
        .key("enqueue")
        .confidence(if sure { Confidence::High } else { Confidence::Medium });
    if let Some(fix) = unique(cx, site) {
        draft.fix(fix);
    }
}

/// Unique under the name of its worker.
fn unique(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    let [arg] = site.args.as_slice() else { return None };
    let request = Request::of(cx.model, arg.object()?).filter(|request| request.periodic)?;
    if site.api.is_none_or(|api| api.member != "enqueue") {
        return None;
    }
    let worker = request.worker()?;
    let argument = arg_place(cx.model, site, 0)?;
    let start = Span { end: argument.span.start, ..argument.span };
    let name = Place { file: site.file, span: site.name_span };
    let mut edits = vec![
        Edit { place: name, text: "enqueueUniquePeriodicWork".to_owned() },
        Edit {
            place: Place { file: site.file, span: start },
            text: format!("\"{}\", ExistingPeriodicWorkPolicy.KEEP, ", worker.last()),
        },
    ];
    edits.extend(import(cx.model, site.file, "androidx.work.ExistingPeriodicWorkPolicy"));
    Some(fix_unsafely("enqueue it under a name", edits))
}

/// Periodic for sure (true), a list of any requests (false), or neither.
fn is_periodic(cx: &Context<'_>, arg: &ArgValue) -> Option<bool> {
    let is = |class: Name, what: &str| cx.model.inherits(class, what);
    if arg.object().is_some_and(|object| is(object.class, PERIODIC)) {
        return Some(true);
    }
    let ty = arg.ty.as_ref().and_then(|ty| ty.upper())?;
    if is(ty.class, PERIODIC) {
        return Some(true);
    }
    let collection = is(ty.class, "java.lang.Iterable") || is(ty.class, "java.util.Collection");
    let element = ty.args.first().and_then(|ty| ty.upper()).filter(|_| collection)?;
    match element.class {
        class if is(class, PERIODIC) => Some(true),
        class if class == REQUEST => Some(false),
        _ => None,
    }
}
