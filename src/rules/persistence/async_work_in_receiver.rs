//! Work that a receiver starts and does not wait for.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::facts::{ExprId, ExprKind, FileFacts, TypeKind, TypeRef};
use crate::flow::background::Forward;
use crate::flow::graph::Run;
use crate::flow::in_place::subscribes_elsewhere;
use crate::flow::path::call_name;
use crate::flow::uses::each;
use crate::flow::work::{WorkSite, answers_by_callback, body_of, pause_of};
use crate::model::broadcasts::is_withheld;
use crate::model::{Declared, SiteKind, Thread, ThreadTarget, TypeId};
use crate::rules::prelude::*;
use crate::rules::sketch::{Job, When, worker};

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/AsyncWorkInReceiver.md"),
    check,
};

const RECEIVER: &str = "android.content.BroadcastReceiver";
const PENDING: &str = "android.content.BroadcastReceiver.PendingResult";
/// Callbacks of a receiver and of a widget's provider.
const CALLBACKS: [&str; 7] = [
    "onReceive",
    "onUpdate",
    "onDeleted",
    "onEnabled",
    "onDisabled",
    "onAppWidgetOptionsChanged",
    "onRestored",
];
/// Source: developer.android.com/reference/android/content/BroadcastReceiver#goAsync()
const KEPT_MS: i64 = 10_000;
/// From this targetSdk on implicit broadcasts are withheld from receivers of the manifest.
const WITHHOLDS: u32 = 26;
/// Calls followed in place.
const LIMIT: usize = 3;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut work: Option<FxHashMap<FnId, Vec<&WorkSite>>> = None;
    let mut seen = FxHashSet::default();
    for at in 0..cx.model.symbols.types.len() {
        let class = TypeId::new(at);
        let info = cx.model.symbols.info(class);
        if !cx.model.inherits(info.qualified, RECEIVER) || !is_made_by_the_system(cx, class) {
            continue;
        }
        let work = work.get_or_insert_with(|| {
            let mut by_function: FxHashMap<FnId, Vec<&WorkSite>> = FxHashMap::default();
            for found in cx.flow.work.iter() {
                by_function.entry(cx.model.site(found.site).function).or_default().push(found);
            }
            by_function
        });
        // None of a receiver that is disabled, or that the app takes out of its library's manifest.
        let is_entry = |callback: &&FnId| cx.flow.entries.iter().any(|it| it.function == **callback);
        let callbacks = CALLBACKS.iter().filter_map(|name| info.methods.get(&Name::new(name))).flatten();
        for callback in callbacks.filter(is_entry) {
            let run = InPlace::new(cx, *callback);
            judge(cx, acc, &mut seen, &run, work);
        }
    }
}

/// Does the system make the receiver for each broadcast, so that nothing else keeps the process? Those that code makes
/// and registers live with a component.
fn is_made_by_the_system(cx: &Context<'_>, class: TypeId) -> bool {
    let named = |class: TypeId| {
        let info = cx.model.symbols.info(class);
        let in_manifest = cx.model.project.modules.iter().any(|module| {
            module.manifest.components_of(info.qualified).any(|it| it.kind == ComponentKind::Receiver)
        });
        in_manifest || cx.model.inherits(info.qualified, "android.appwidget.AppWidgetProvider")
    };
    let info = cx.model.symbols.info(class);
    if info.kind == TypeKind::Anonymous {
        return false;
    }
    named(class) || cx.model.all_subtypes(class).into_iter().any(named)
}

/// What runs before a callback returns, with the way there.
struct InPlace {
    start: FnId,
    /// Broadcasts that receivers of the manifest never get come to those that code registers, which live with a component.
    withheld: bool,
    from: FxHashMap<FnId, Option<(FnId, SiteId)>>,
    order: Vec<FnId>,
}

impl InPlace {
    fn new(cx: &Context<'_>, start: FnId) -> InPlace {
        let withheld = cx.model.module_of_fn(start).target_sdk.level >= WITHHOLDS;
        let mut run = InPlace { start, withheld, from: FxHashMap::default(), order: vec![start] };
        run.from.insert(start, None);
        let mut depths = vec![0];
        let mut at = 0;
        while at < run.order.len() {
            let (function, depth) = (run.order[at], depths[at]);
            at += 1;
            if depth >= LIMIT {
                continue;
            }
            for edge in cx.flow.graph.from(function) {
                // What objects do when they are first made they do for the whole process.
                let makes = cx.model.function(edge.to).name == "<init>";
                let sure = edge.run == Run::Here && edge.certainty > Confidence::Low && !makes;
                if sure && !run.from.contains_key(&edge.to) && run.comes(cx, cx.model.site(edge.site)) {
                    run.from.insert(edge.to, Some((function, edge.site)));
                    run.order.push(edge.to);
                    depths.push(depth + 1);
                }
            }
        }
        run
    }

    fn sites<'c>(&'c self, cx: &'c Context<'_>) -> impl Iterator<Item = (SiteId, &'c CallSite)> {
        self.order
            .iter()
            .flat_map(|function| &cx.model.sites_of[function.index()])
            .map(|id| (*id, cx.model.site(*id)))
            .filter(|(_, site)| self.comes(cx, site))
    }

    /// Is the call made for a broadcast that the system delivers?
    fn comes(&self, cx: &Context<'_>, site: &CallSite) -> bool {
        !(self.withheld && cx.flow.guards.only_for(cx.model, site.function, site.span, is_withheld))
    }

    /// Calls from the callback to a function.
    fn distance(&self, to: FnId) -> usize {
        let mut calls = 0;
        let mut at = to;
        while let Some(Some((from, _))) = self.from.get(&at) {
            calls += 1;
            at = *from;
        }
        calls
    }

    fn steps(&self, cx: &Context<'_>, to: FnId) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = to;
        while let Some(Some((from, site))) = self.from.get(&at) {
            let site = cx.model.site(*site);
            if !cx.model.is_lambda(at) {
                steps.push(Step {
                    role: StepRole::Call,
                    place: site.point(),
                    message: format!("calls {}", cx.model.display(at)),
                    symbol: cx.model.symbol(site.function),
                });
            }
            at = *from;
        }
        steps.push(Step {
            role: StepRole::Entry,
            place: cx.model.fn_place(self.start),
            message: "the system calls this on the main thread and may end the process when it returns"
                .to_owned(),
            symbol: cx.model.symbol(self.start),
        });
        steps.reverse();
        steps
    }
}

fn judge(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    seen: &mut FxHashSet<Place>,
    run: &InPlace,
    work: &FxHashMap<FnId, Vec<&WorkSite>>,
) {
    let started: Vec<&WorkSite> = run
        .order
        .iter()
        .filter_map(|function| work.get(function))
        .flatten()
        .copied()
        .filter(|work| run.comes(cx, cx.model.site(work.site)))
        .filter(|work| leaves_the_callback(cx, cx.model.site(work.site)) && takes_time(cx, work))
        .collect();
    let kept = run.sites(cx).find(|(_, site)| {
        site.name == "goAsync" && site.api.is_some_and(|api| cx.model.inherits(api.class, RECEIVER))
    });
    let Some((_, kept)) = kept else {
        let mut sites: Vec<&CallSite> = started.iter().map(|work| cx.model.site(work.site)).collect();
        let unawaited = |site: &&CallSite| answers_by_callback(cx.model, site) || subscribes_elsewhere(site);
        sites.extend(run.sites(cx).map(|(_, site)| site).filter(unawaited));
        sites.retain(|site| seen.insert(site.point()));
        // Of a callback with several branches the nearest one is shown, with the others.
        sites.sort_by_key(|site| (run.distance(site.function), site.file, site.span.start));
        if let Some((first, others)) = sites.split_first() {
            report_lost(cx, acc, run, first, others);
        }
        return;
    };
    let finishes = |site: &CallSite| {
        site.name == "finish" && site.api.is_some_and(|api| cx.model.inherits(api.class, PENDING))
    };
    let mut all = cx.model.all_sites().filter(|(_, site)| finishes(site)).peekable();
    let references = references_to_finish(cx);
    if all.peek().is_none() {
        if references.is_empty() && seen.insert(kept.point()) {
            report_unfinished(cx, acc, kept);
        }
        return;
    }
    let forward = Forward::new(&cx.flow.graph, &[run.start], 8);
    let reached: Vec<&CallSite> =
        all.map(|(_, site)| site).filter(|site| forward.functions().contains(&site.function)).collect();
    // Whoever gets `result::finish` calls it when it likes.
    if references.iter().any(|it| forward.functions().contains(it)) {
        return;
    }
    let at_once = |site: &&&CallSite| run.from.contains_key(&site.function);
    let before = reached.iter().find(at_once).filter(|_| reached.iter().all(|site| at_once(&site)));
    if let (Some(finish), Some(first)) = (before, started.first()) {
        if seen.insert(finish.point()) {
            report_early(cx, acc, finish, cx.model.site(first.site));
        }
        return;
    }
    for work in started {
        if let Some((pause, millis)) = long_pause(cx, work)
            && seen.insert(kept.point())
        {
            report_long(cx, acc, kept, pause, millis);
        }
    }
}

/// Functions in which `finish` of a pending result is referred to: `doFinally(result::finish)`.
fn references_to_finish(cx: &Context<'_>) -> Vec<FnId> {
    let files = cx.model.project.files().filter_map(|(id, file)| Some((id, file.facts.as_ref()?)));
    let mut found = Vec::new();
    for (file, facts) in files {
        for expr in &facts.exprs {
            let ExprKind::FunctionRef { receiver: Some(receiver), name } = &expr.kind else { continue };
            if *name == "finish"
                && let Some(function) = cx.model.function_at(Place { file, span: expr.span })
                && is_pending(cx, function, *receiver)
            {
                found.push(function);
            }
        }
    }
    found
}

/// Is it what `goAsync()` gave, here or as a parameter or property?
fn is_pending(cx: &Context<'_>, function: FnId, value: ExprId) -> bool {
    let facts = cx.model.facts(cx.model.symbols.fn_file(function));
    let made = |facts: &FileFacts, value: ExprId| {
        let mut found = false;
        each(facts, value, &mut |id| {
            found |= matches!(&facts[id].kind, ExprKind::Call(call) if call.name == "goAsync");
        });
        found
    };
    let typed = |ty: &Option<TypeRef>| ty.as_ref().is_some_and(|ty| ty.name.last() == "PendingResult");
    let ExprKind::Name(name) = facts[value].kind else { return made(facts, value) };
    match cx.model.declared(function, facts[value].span, name) {
        Declared::Local { local, .. } => typed(&local.ty) || local.init.is_some_and(|init| made(facts, init)),
        Declared::Other => std::iter::successors(Some(function), |id| cx.model.parent_function(*id))
            .flat_map(|id| &cx.model.function(id).params)
            .any(|param| param.name == name && typed(&param.ty)),
        Declared::Outside => cx.model.visible_property(function, name).is_some_and(|property| {
            let decl = cx.model.property(property);
            let there = cx.model.facts(cx.model.symbols.prop_file(property));
            typed(&decl.ty) || decl.initializer.is_some_and(|init| made(there, init))
        }),
    }
}

/// Code posted to the main thread runs at once after the callback; everything else takes its time.
fn leaves_the_callback(cx: &Context<'_>, site: &CallSite) -> bool {
    let Some(api) = site.api else { return true };
    const POSTS: [&str; 4] = [
        "android.os.Handler",
        "android.view.View",
        "android.content.Context",
        "androidx.core.content.ContextCompat",
    ];
    let executes = api.member == "execute" && cx.model.inherits(api.class, "java.util.concurrent.Executor");
    let on_main = site.receiver_thread().is_some_and(|it| it.target == ThreadTarget::On(Thread::Main));
    site.kind == SiteKind::Call
        && !(executes && on_main)
        && !POSTS.iter().any(|class| cx.model.inherits(api.class, class))
}

/// Does the work suspend or block, as far as it is in sight? Nothing in sight may be anything.
fn takes_time(cx: &Context<'_>, work: &WorkSite) -> bool {
    // An observer goes on as long as the process does; nothing is lost with it.
    let observes = work.body.iter().flat_map(|body| &cx.model.sites_of[body.index()]).any(|id| {
        let site = cx.model.site(*id);
        site.name.starts_with("collect") && site.suspends == Some(true)
    });
    if observes {
        return false;
    }
    let forward = Forward::new(&cx.flow.graph, &work.body, 4);
    let mut any = false;
    for function in forward.functions() {
        for id in &cx.model.sites_of[function.index()] {
            let site = cx.model.site(*id);
            any |= site.kind == SiteKind::Call;
            if site.suspends == Some(true)
                || cx.flow.blocking.binary_search_by_key(id, |call| call.site).is_ok()
            {
                return true;
            }
        }
    }
    any && !work.body.is_empty()
}

fn long_pause<'c>(cx: &'c Context<'_>, work: &WorkSite) -> Option<(&'c CallSite, i64)> {
    let forward = Forward::new(&cx.flow.graph, &work.body, 4);
    forward.functions().iter().find_map(|function| {
        cx.model.sites_of[function.index()].iter().find_map(|id| {
            let site = cx.model.site(*id);
            let millis = pause_of(cx.model, site).flatten()?;
            (millis >= KEPT_MS).then_some((site, millis))
        })
    })
}

fn report_lost(
    cx: &Context<'_>,
    acc: &mut Findings<'_>,
    run: &InPlace,
    site: &CallSite,
    others: &[&CallSite],
) {
    let callback = cx.model.display(run.start);
    let mut steps = run.steps(cx, site.function);
    steps.extend(others.iter().map(|other| Step {
        role: StepRole::Cause,
        place: other.point(),
        message: "so is this".to_owned(),
        symbol: cx.model.symbol(other.function),
    }));
    acc.report(site.point())
        .message(format!(
            "{} is started in {callback}, which returns at once: the process may end before the work is done",
            call_name(cx.model, site)
        ))
        .label("nothing waits for it")
        .help(
            "call goAsync() and its finish() when the work is done (within ten seconds), or enqueue a OneTimeWorkRequest of \
             WorkManager",
        )
        .symbol(cx.model.symbol(site.function))
        .key(call_name(cx.model, site))
        .sketch(worker(cx, &Job { bodies: &body_of(cx.model, site), site, when: When::Soon }))
        .steps(steps);
}

fn report_unfinished(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    acc.report(site.point())
        .message(
            "goAsync() without finish(): the broadcast never ends, and the app is blamed for not responding",
        )
        .label("nobody finishes it")
        .help("call finish() on the result in finally, when the work is done")
        .symbol(cx.model.symbol(site.function))
        .key("goAsync without finish");
}

fn report_early(cx: &Context<'_>, acc: &mut Findings<'_>, finish: &CallSite, work: &CallSite) {
    acc.report(finish.point())
        .message(format!(
            "finish() is called before the work that {} started is done: the process may end meanwhile",
            call_name(cx.model, work)
        ))
        .label("too early")
        .help("call finish() at the end of the work, in finally")
        .symbol(cx.model.symbol(finish.function))
        .key("finish before the work")
        .steps(vec![Step {
            role: StepRole::Cause,
            place: work.point(),
            message: "goes on after finish()".to_owned(),
            symbol: cx.model.symbol(work.function),
        }]);
}

fn report_long(cx: &Context<'_>, acc: &mut Findings<'_>, kept: &CallSite, pause: &CallSite, millis: i64) {
    acc.report(kept.point())
        .message(format!(
            "goAsync() is kept for {} seconds and more; a broadcast may take about ten",
            millis / 1_000
        ))
        .label("kept too long")
        .help("enqueue a OneTimeWorkRequest of WorkManager, with setInitialDelay() for the pause")
        .symbol(cx.model.symbol(kept.function))
        .key("goAsync kept")
        .steps(vec![Step {
            role: StepRole::Cause,
            place: pause.point(),
            message: format!("waits {} seconds", millis / 1_000),
            symbol: cx.model.symbol(pause.function),
        }]);
}
