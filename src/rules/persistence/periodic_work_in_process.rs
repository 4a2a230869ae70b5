//! Timers, executors and loops of the process with periods that WorkManager is made for.

use rustc_hash::FxHashSet;

use crate::flow::path::call_name;
use crate::flow::work::{PERIODIC_MS, body_of, minutes};
use crate::rules::prelude::*;
use crate::rules::shared::{millis, millis_in_unit, stated_immediate};
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/PeriodicWorkInProcess.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (_, site) in cx.model.sites_of_members(&REPEAT) {
        if let Some(period) =
            period(cx, site).filter(|period| *period >= PERIODIC_MS && *period < i64::MAX / 2)
            && !stated_immediate(cx, site, &body_of(cx.model, site))
        {
            seen.insert(site.point());
            report(cx, acc, site, period, Vec::new());
        }
    }
    for work in cx.flow.work.iter() {
        let site = cx.model.site(work.site);
        if stated_immediate(cx, site, &work.body) {
            continue;
        }
        let Some(found) = work.long_running(cx.model, cx.flow) else { continue };
        let Some(pause) = found.pause.filter(|pause| *pause >= PERIODIC_MS) else { continue };
        if !seen.insert(site.point()) {
            continue;
        }
        let step = Step {
            role: StepRole::Cause,
            place: Place { file: cx.model.symbols.fn_file(found.function), span: found.span },
            message: found.why.clone(),
            symbol: cx.model.symbol(found.function),
        };
        report(cx, acc, site, pause, vec![step]);
    }
}

/// What repeats something, by name.
const REPEAT: [&str; 7] = [
    "schedule",
    "scheduleAtFixedRate",
    "scheduleWithFixedDelay",
    "fixedRateTimer",
    "timer",
    "interval",
    "postDelayed",
];

/// The constant period of a call that repeats something in this process.
fn period(cx: &Context<'_>, site: &CallSite) -> Option<i64> {
    let api = site.api?;
    let is = |class: &str| cx.model.inherits(api.class, class);
    match api.member.as_str() {
        "schedule" | "scheduleAtFixedRate" if is("java.util.Timer") => millis(site, 2),
        "scheduleAtFixedRate" | "scheduleWithFixedDelay"
            if is("java.util.concurrent.ScheduledExecutorService") =>
        {
            millis_in_unit(site, 2, 3)
        }
        "fixedRateTimer" | "timer" if api.class.starts_with("kotlin.concurrent") => {
            site.args.iter().find(|arg| arg.name.is_some_and(|name| name == "period")).and_then(|arg| {
                match arg.constant()? {
                    Const::Int(value) => Some(value),
                    _ => None,
                }
            })
        }
        "interval" if api.class.starts_with("io.reactivex") => {
            if site.args.len() >= 3 {
                millis_in_unit(site, 1, 2)
            } else {
                millis_in_unit(site, 0, 1)
            }
        }
        "postDelayed" if is("android.os.Handler") => {
            let delay = millis(site, 1)?;
            reposts(cx, site).then_some(delay)
        }
        _ => None,
    }
}

/// Does the posted code lead back to this call?
fn reposts(cx: &Context<'_>, site: &CallSite) -> bool {
    let Some(arg) = site.args.first() else { return false };
    let run = Some(crate::base::Name::new("run"));
    let bodies = match arg.callable {
        crate::model::Callable::Object(_) => cx.model.functions_of(&arg.callable, run),
        _ => cx.model.functions_of(&arg.callable, None),
    };
    // Inside the code itself, or posted again by what it calls.
    bodies.contains(&site.function)
        || bodies.iter().any(|body| cx.flow.graph.from(*body).iter().any(|edge| edge.to == site.function))
}

fn report(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite, period: i64, steps: Vec<Step>) {
    let every = minutes(period);
    let bodies = body_of(cx.model, site);
    acc.report(site.point())
        .message(format!(
            "{} repeats every {every} in this process only: it stops when the process ends",
            call_name(cx.model, site)
        ))
        .label("lost when the process ends")
        .help(format!("enqueue a PeriodicWorkRequest every {every} with enqueueUniquePeriodicWork()"))
        .symbol(cx.model.symbol(site.function))
        .key(call_name(cx.model, site))
        .sketch(worker(cx, &Job { bodies: &bodies, site, when: When::Every(period) }))
        .steps(steps);
}
