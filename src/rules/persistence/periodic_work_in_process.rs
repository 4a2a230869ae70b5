//! Timers, executors and loops of the process with periods that WorkManager is made for.

use rustc_hash::FxHashSet;

use crate::facts::{ExprId, ExprKind};
use crate::flow::arguments::Call;
use crate::flow::background::Forward;
use crate::flow::graph::Run;
use crate::flow::path::call_name;
use crate::flow::uses::conditions_around;
use crate::flow::work::{PERIODIC_MS, body_of, ends_with_another, given_pauses, minutes};
use crate::model::ArgValue;
use crate::rules::prelude::*;
use crate::rules::shared::stated_immediate;
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/PeriodicWorkInProcess.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (_, site) in cx.model.sites_of_members(&REPEAT) {
        let direct = Call::itself(cx.model, site);
        if period(cx, &direct).is_some() {
            repeated(cx, acc, &mut seen, &direct);
            continue;
        }
        let args: Vec<Option<&ArgValue>> = site.args.iter().map(Some).collect();
        for call in Call::by_callers(cx.model, site, &args) {
            repeated(cx, acc, &mut seen, &call);
        }
    }
    for work in cx.flow.work.iter() {
        let site = cx.model.site(work.site);
        if stated_immediate(cx, site, &work.body) {
            continue;
        }
        for call in given_pauses(cx.model, work) {
            paused(cx, acc, &mut seen, &call);
        }
        let found = work.long_running(cx.model, cx.flow).filter(|found| found.repeats);
        let Some(found) = found else { continue };
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
        report(cx, acc, site, pause, &body_of(cx.model, site), vec![step]);
    }
}

/// A call that repeats something with a long constant period.
fn repeated(cx: &Context<'_>, acc: &mut Findings<'_>, seen: &mut FxHashSet<Place>, call: &Call<'_>) {
    let long = period(cx, call).filter(|period| *period >= PERIODIC_MS && *period < i64::MAX / 2);
    let bodies = body_of(cx.model, call.site);
    let Some(period) = long.filter(|_| !stated_immediate(cx, call.shown(), &bodies)) else { return };
    if seen.insert(call.shown().point()) {
        report(cx, acc, call.shown(), period, &bodies, repeats_here(cx, call));
    }
}

/// A loop of a helper whose caller says how long it pauses.
fn paused(cx: &Context<'_>, acc: &mut Findings<'_>, seen: &mut FxHashSet<Place>, call: &Call<'_>) {
    let Some((_, caller)) = call.caller else { return };
    let long = call.millis(0).filter(|pause| *pause >= PERIODIC_MS && *pause < i64::MAX / 2);
    let bodies = body_of(cx.model, caller);
    let Some(pause) = long.filter(|_| !stated_immediate(cx, caller, &bodies)) else { return };
    if !ends_with_another(cx.model, caller) && seen.insert(caller.point()) {
        report(cx, acc, caller, pause, &bodies, repeats_here(cx, call));
    }
}

/// Where a helper repeats what its caller says how often.
fn repeats_here(cx: &Context<'_>, call: &Call<'_>) -> Vec<Step> {
    let step = call.caller.map(|_| Step {
        role: StepRole::Cause,
        place: call.site.point(),
        message: "repeats it".to_owned(),
        symbol: cx.model.symbol(call.site.function),
    });
    step.into_iter().collect()
}

const SCHEDULED: &str = "java.util.concurrent.ScheduledExecutorService";
const HANDLERS: [&str; 2] = ["android.os.Handler", "android.os.Handler.Callback"];
/// Calls between code that is posted and the call that posts it again.
const CALLS: u32 = 3;
/// What repeats something, by name.
const REPEAT: [&str; 9] = [
    "schedule",
    "scheduleAtFixedRate",
    "scheduleWithFixedDelay",
    "fixedRateTimer",
    "timer",
    "interval",
    "postDelayed",
    "sendEmptyMessageDelayed",
    "sendMessageDelayed",
];

/// The constant period of a call that repeats something in this process.
fn period(cx: &Context<'_>, call: &Call<'_>) -> Option<i64> {
    let site = call.site;
    let api = site.api?;
    let is = |class: &str| cx.model.inherits(api.class, class);
    let in_kotlin = api.class.starts_with("kotlin.concurrent");
    let code_last = site.args.last().is_some_and(|arg| arg.trailing);
    match api.member.as_str() {
        // Kotlin's own take the code last.
        "schedule" | "scheduleAtFixedRate" if is("java.util.Timer") || in_kotlin => match code_last {
            true => {
                call.millis(1).filter(|_| site.args.len() > 2).or_else(|| again(cx, site, call.millis(0)))
            }
            false => call.millis(2).or_else(|| again(cx, site, call.millis(1))),
        },
        "schedule" if is(SCHEDULED) => again(cx, site, call.millis_in_unit(1, 2)),
        "scheduleAtFixedRate" | "scheduleWithFixedDelay" if is(SCHEDULED) => call.millis_in_unit(2, 3),
        "fixedRateTimer" | "timer" if in_kotlin => match call.constant(site.arg(3, Some("period")))? {
            Const::Int(value) => Some(value),
            _ => None,
        },
        "interval" if api.class.starts_with("io.reactivex") => {
            // `(period, unit)`, `(delay, period, unit)`, either with a scheduler.
            let is_unit = |arg: &ArgValue| matches!(call.constant(Some(arg)), Some(Const::Unit(_)));
            let unit = site.args.iter().position(is_unit)?;
            let unit = i32::try_from(unit).ok()?;
            call.millis_in_unit(unit - 1, unit)
        }
        "postDelayed" if api.class == "androidx.core.os.HandlerCompat" => again(cx, site, call.millis(3)),
        "postDelayed" if is("android.os.Handler") || api.class.starts_with("androidx.core.os") => {
            again(cx, site, call.millis(if code_last { 0 } else { 1 }))
        }
        "sendEmptyMessageDelayed" | "sendMessageDelayed" if is("android.os.Handler") => {
            call.millis(1).filter(|_| sends_again(cx, site))
        }
        _ => None,
    }
}

/// The delay of a call whose code leads back to it.
fn again(cx: &Context<'_>, site: &CallSite, delay: Option<i64>) -> Option<i64> {
    delay.filter(|delay| *delay >= PERIODIC_MS && reposts(cx, site))
}

/// Does the posted code lead back to this call?
fn reposts(cx: &Context<'_>, site: &CallSite) -> bool {
    let bodies = body_of(cx.model, site);
    !bodies.is_empty() && Forward::new(&cx.flow.graph, &bodies, CALLS).functions().contains(&site.function)
}

/// Is it what handles the message that sends it again? Not in a branch for another one.
fn sends_again(cx: &Context<'_>, site: &CallSite) -> bool {
    let handles = |function: FnId| {
        let class = cx.model.owner_of(function).map(|owner| cx.model.symbols.info(owner).qualified);
        cx.model.function(function).name == "handleMessage"
            && class.is_some_and(|class| HANDLERS.iter().any(|base| cx.model.inherits(class, base)))
    };
    let facts = cx.model.facts(site.file);
    let text = |id: ExprId| cx.model.project.slice(Place { file: site.file, span: facts[id].span });
    let last = |id: ExprId| text(id).rsplit('.').next().unwrap_or_default().trim();
    let is_constant =
        |name: &&str| name.starts_with(|first: char| first.is_uppercase() || first.is_numeric());
    let Some(message) = site.args.first().map(|arg| arg.value) else { return false };
    // `obtainMessage(MSG_SYNC)`, `Message.obtain(msg)`
    let sent: Vec<&str> = match &facts[message].kind {
        ExprKind::Call(call) => call.args.iter().map(|arg| last(arg.value)).filter(is_constant).collect(),
        _ => Some(last(message)).filter(is_constant).into_iter().collect(),
    };
    let conditions = conditions_around(cx.model, site.function, site.span);
    let handled = conditions.iter().map(|condition| match &facts[*condition].kind {
        ExprKind::Binary { right, .. } => last(*right),
        _ => last(*condition),
    });
    let handled: Vec<&str> = handled.filter(is_constant).collect();
    if !sent.is_empty() && !handled.is_empty() && !handled.iter().any(|it| sent.contains(it)) {
        return false;
    }
    let mut open = vec![(site.function, 0)];
    while let Some((function, depth)) = open.pop() {
        if handles(function) {
            return true;
        }
        if depth < CALLS {
            let here = cx.flow.graph.to(function).filter(|edge| edge.run == Run::Here);
            open.extend(here.map(|edge| (edge.from, depth + 1)));
        }
    }
    false
}

fn report(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    site: &CallSite,
    period: i64,
    bodies: &[FnId],
    steps: Vec<Step>,
) {
    let every = minutes(period);
    acc.report(site.point())
        .message(format!(
            "{} repeats every {every} in this process only: it stops when the process ends",
            call_name(cx.model, site)
        ))
        .label("lost when the process ends")
        .help(format!("enqueue a PeriodicWorkRequest every {every} with enqueueUniquePeriodicWork()"))
        .symbol(cx.model.symbol(site.function))
        .key(call_name(cx.model, site))
        .sketch(worker(cx, &Job { bodies, site, when: When::Every(period) }))
        .steps(steps);
}
