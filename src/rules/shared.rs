//! Words and look-ups several rules share.

use rustc_hash::{FxHashMap, FxHashSet};

use super::fixes::{fix_unsafely, import};
use super::prelude::*;
use super::sketch::{off_main, scope, without_run_blocking};
use super::streams::{has_producer, is_given, is_reader, parses_file};
use crate::base::{Name, Span};
use crate::catalog::{Cost, Proof};
use crate::facts::{ExprKind, Language};
use crate::findings::{Edit, FileId, Fix, Sketch};
use crate::flow::background::{Trigger, is_alarm_class};
use crate::flow::entries::EntryPoint;
use crate::flow::guards::catches;
use crate::flow::inventory::Urgency;
use crate::flow::latches::counts_down_itself;
use crate::flow::uses::are_alternatives;
use crate::flow::{BlockingCall, Path};
use crate::model::Type;
use crate::model::project::MergedManifest;

/// Reports the blocking calls of some kinds that a path reaches on the main thread, each once. `minor` takes in calls
/// that cost less than 5 ms as a rule; without it they are findings of low confidence, made if anybody asks for those.
pub(super) fn blocking_on_main(cx: &Context<'_>, acc: &mut Findings<'_>, kinds: &[&str], minor: bool) {
    let mut readers: FxHashSet<FnId> = FxHashSet::default();
    let mut reported: FxHashMap<(FnId, Name), Vec<Span>> = FxHashMap::default();
    let cheap =
        if minor { Some(Confidence::High) } else { acc.wants(Confidence::Low).then_some(Confidence::Low) };
    for call in &cx.flow.blocking {
        let parsed = parses_file(cx, call, kinds);
        let call = parsed.as_ref().unwrap_or(call);
        if !kinds.contains(&call.kind.as_str()) || call.rule.is_some() {
            continue;
        }
        let most = if call.cost == Cost::Minor { cheap } else { Some(Confidence::High) };
        let Some(most) = most else { continue };
        let site = cx.model.site(call.site);
        let function = site.function;
        if call.kind == "wait"
            && (cx.flow.guards.is_done(function, site.span)
                || runs_when_done(cx, site)
                || is_handed_done(cx, site))
        {
            continue;
        }
        // The latch is open already when it comes to waiting.
        let most = match call.kind == "wait" && counts_down_itself(cx.model, &cx.flow.graph, site) {
            true => Confidence::Low,
            false => most,
        };
        // A commit whose result nobody uses should be apply(): a rule of its own.
        if call.kind == "preferences" && !site.used {
            continue;
        }
        // Whoever opens a stream or runs a query is reported there; reading on adds nothing.
        if is_reader(cx, call)
            && (has_producer(cx, function) || is_given(cx, site) || !readers.insert(function))
        {
            continue;
        }
        // `if (resolver != null) resolver.query(…) else client.query(…)` is one thing to do.
        let same = reported.entry((function, site.name)).or_default();
        if same.iter().any(|other| are_alternatives(cx.model, function, *other, site.span)) {
            continue;
        }
        if report_on_main(cx, acc, call, most) {
            same.push(site.span);
        }
    }
}

/// `future.addListener({ future.get() }, executor)`: the listener runs when the future is done.
fn runs_when_done(cx: &Context<'_>, site: &CallSite) -> bool {
    site.name == "get"
        && cx.flow.graph.to(site.function).any(|edge| {
            let outer = cx.model.site(edge.site);
            let future = |class| cx.model.inherits(class, "java.util.concurrent.Future");
            outer.name == "addListener" && outer.api.is_some_and(|api| future(api.class))
        })
}

/// `run(future)` of a callback of `AccountManager`: the future that it is given is done.
fn is_handed_done(cx: &Context<'_>, site: &CallSite) -> bool {
    const CALLBACK: &str = "android.accounts.AccountManagerCallback";
    let model = cx.model;
    let facts = model.facts(site.file);
    // Kotlin reads it as a property.
    let asked = site.receiver.or(match &facts[site.expr].kind {
        ExprKind::Member { receiver, .. } => Some(*receiver),
        _ => None,
    });
    let Some(ExprKind::Name(name)) = asked.map(|it| &facts[it].kind) else { return false };
    let decl = model.function(site.function);
    let stands_for = |ty: &Type| model.inherits(ty.class, CALLBACK);
    let owner = model.owner_of(site.function).filter(|_| decl.name == "run");
    let calls_back = model.lambda_types.get(&site.function).is_some_and(stands_for)
        || owner.is_some_and(|owner| model.inherits(model.symbols.info(owner).qualified, CALLBACK));
    calls_back && decl.params.iter().any(|param| param.name == *name)
}

/// One finding for a blocking call, if the main thread gets there, of a confidence up to `most`; says whether it does.
pub(super) fn report_on_main(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    call: &BlockingCall,
    most: Confidence,
) -> bool {
    let Some(path) = cx.flow.main.path_to(cx.model, &cx.flow.guards, call.site) else { return false };
    // Workers and jobs have a rule of their own.
    let reports = !starts_work(cx, &path.entry);
    if reports {
        report_path(cx, acc, call, &path, most);
    }
    reports
}

/// Callbacks of workers and jobs that run on the main thread and have to return at once.
pub(super) fn starts_work(cx: &Context<'_>, entry: &EntryPoint) -> bool {
    const BASES: [&str; 2] = ["androidx.work.ListenableWorker", "android.app.job.JobService"];
    let method = cx.model.function(entry.function).name;
    matches!(method.as_str(), "startWork" | "createWork" | "onStartJob" | "onStopJob")
        && entry.class.is_some_and(|class| BASES.iter().any(|base| cx.model.inherits(class, base)))
}

/// One finding for a blocking call and the way to it, of a confidence up to `most`.
pub(super) fn report_path(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    call: &BlockingCall,
    path: &Path,
    most: Confidence,
) {
    let site = cx.model.site(call.site);
    let also = cx.flow.main.other_entries(cx.model, &cx.flow.graph, site.function, 20);
    let draft = acc
        .report(site.point())
        .message(format!("{} {} on the main thread", call.api, call.does))
        .label(call.does.as_str())
        .help(format!("move it off the main thread: {}", call.instead))
        .symbol(cx.model.symbol(site.function))
        .key(&call.api)
        .confidence(path.certainty.min(call.certainty).min(most))
        .steps(path.steps(cx.model))
        .sketch(off_main_sketch(cx, call, path))
        .also_from(also);
    if call.kind == "coroutine"
        && let Some(fix) = launched(cx, site)
    {
        draft.fix(fix);
    }
}

/// `runBlocking { }` whose value nobody waits for, in the scope of the view model or screen around.
fn launched(cx: &Context<'_>, site: &CallSite) -> Option<Fix> {
    let text = cx.model.project.file(site.file).text.slice(site.span);
    let scope = scope(cx, site.function).filter(|_| !site.used && !text.contains("@runBlocking"))?;
    if cx.model.facts(site.file).language != Language::Kotlin {
        return None;
    }
    let place = Place { file: site.file, span: site.name_span };
    let mut edits = vec![Edit { place, text: format!("{scope}.launch") }];
    edits.extend(import(cx.model, site.file, "kotlinx.coroutines.launch"));
    let package = if scope == "viewModelScope" { "viewModelScope" } else { "lifecycleScope" };
    edits.extend(import(cx.model, site.file, &format!("androidx.lifecycle.{package}")));
    Some(fix_unsafely(&format!("launch it in {scope}"), edits))
}

fn off_main_sketch(cx: &Context<'_>, call: &BlockingCall, path: &Path) -> Option<Sketch> {
    // What waits on purpose needs another design, not another thread.
    const MOVED: [&str; 10] = [
        "network",
        "disk-read",
        "disk-write",
        "database",
        "preferences",
        "archive",
        "bitmap",
        "machine-learning",
        "crypto",
        "parse",
    ];
    let computes = matches!(call.kind.as_str(), "bitmap" | "machine-learning" | "crypto" | "parse");
    match call.kind.as_str() {
        "coroutine" => without_run_blocking(cx, call.site),
        kind if MOVED.contains(&kind) => off_main(cx, path, call.site, computes),
        _ => None,
    }
}

/// Exceptions (simple names) whose catch takes a refused start of a service.
pub(super) const START_REFUSED: [&str; 7] = [
    "ForegroundServiceStartNotAllowedException",
    "ServiceStartNotAllowedException",
    "BackgroundServiceStartNotAllowedException",
    "IllegalStateException",
    "RuntimeException",
    "Exception",
    "Throwable",
];

/// Does the project itself say that work is immediate?
pub(super) fn stated_immediate(cx: &Context<'_>, site: &CallSite, runs: &[FnId]) -> bool {
    cx.flow.stated.of(cx.model, Some(site), runs).is_some_and(|(urgency, _)| urgency == Urgency::Immediate)
}

/// A call that sets an alarm.
pub(super) fn alarm_sites<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = (SiteId, &'c CallSite)> {
    const SETS: [&str; 8] = [
        "set",
        "setExact",
        "setWindow",
        "setRepeating",
        "setInexactRepeating",
        "setAndAllowWhileIdle",
        "setExactAndAllowWhileIdle",
        "setAlarmClock",
    ];
    let sets = cx.model.sites_of_members(&SETS);
    sets.filter(|(_, site)| site.api.is_some_and(|api| is_alarm_class(cx.model, api.class)))
}

/// Milliseconds of an argument that counts in milliseconds or is a duration.
pub(super) fn millis(site: &CallSite, position: i32) -> Option<i64> {
    match site.arg(position, None)?.constant()? {
        Const::Int(value) | Const::Duration(value) => Some(value),
        _ => None,
    }
}

/// The level that gates behaviour at a call.
pub(super) fn target_sdk(cx: &Context<'_>, site: &CallSite) -> u32 {
    cx.model.project.module_of(site.file).target_sdk.level
}

/// An alarm form that fires at the very moment and needs a permission.
pub(super) fn is_exact(site: &CallSite) -> bool {
    matches!(site.name.as_str(), "setExact" | "setExactAndAllowWhileIdle" | "setAlarmClock")
}

/// The OnAlarmListener forms need no permission.
pub(super) fn takes_listener(cx: &Context<'_>, site: &CallSite) -> bool {
    site.args.iter().any(|arg| {
        arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| {
            ty.is_function() || cx.model.inherits(ty.class, "android.app.AlarmManager.OnAlarmListener")
        })
    })
}

/// The merged manifests that code of a file runs with: of the apps that include it, and its module's own.
pub(super) fn manifests_of<'c>(cx: &'c Context<'_>, file: FileId) -> Vec<&'c MergedManifest> {
    let module = cx.model.project.module_of(file);
    // A library's permission may come from the application that includes it.
    let apps = module.applications.iter().map(|app| cx.model.project.module(*app)).chain([module]);
    apps.map(|module| &module.manifest).collect()
}

/// Is a start that Android refuses taken care of, at the call or on the way there: old devices only, an app known to be
/// visible or exempt, an exception that is caught?
pub(super) fn refusal_is_handled(cx: &Context<'_>, path: &Path, site: &CallSite, level: u32) -> bool {
    const KNOWN: [Proof; 3] = [Proof::Visible, Proof::HighPriority, Proof::BatteryExempt];
    let guards = &cx.flow.guards;
    let at = |function: FnId, span: Span| {
        guards.below_level(cx.model, function, span, level)
            || KNOWN.iter().any(|proof| guards.proves(cx.model, function, span, *proof))
            || catches(cx.model, function, span, &START_REFUSED)
    };
    at(site.function, site.span)
        || path.calls.iter().any(|(call, _)| {
            let call = cx.model.site(*call);
            at(call.function, call.span)
        })
}

/// The way to a place in the background, with the entry worded.
pub(super) fn background_steps(cx: &Context<'_>, path: &Path, trigger: Trigger) -> Vec<Step> {
    let mut steps = path.steps(cx.model);
    if let Some(first) = steps.first_mut() {
        first.message = format!("runs in the background ({})", trigger.words());
    }
    steps
}

/// How sure it is that a way in the background leads to a call: less where the UI gets there as well.
pub(super) fn background_confidence(
    cx: &Context<'_>,
    path: &Path,
    trigger: Trigger,
    site: &CallSite,
) -> Confidence {
    let from_ui = cx.flow.background.reached_from_ui(site.function);
    let state = if from_ui { Confidence::Medium } else { Confidence::High };
    state.min(trigger.certainty()).min(path.certainty)
}
