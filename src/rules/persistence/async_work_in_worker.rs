//! Workers and jobs that start work elsewhere and say at once that they are done.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;
use crate::facts::Modifiers;
use crate::flow::path::call_name;
use crate::flow::uses::returns_literal;
use crate::flow::work::{WorkSite, answers_by_callback, is_handed_in};
use crate::model::{Thread, ThreadTarget, TypeId};
use crate::rules::in_place::in_place;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "persistence",
    doc: include_str!("../../../rules/persistence/AsyncWorkInWorker.md"),
    check,
};

/// Calls followed in place from the worker's function.
const DEPTH: u32 = 5;
/// Suspend functions of coroutines that wait for what others do.
const AWAITS: [&str; 24] = [
    "acquire",
    "await",
    "awaitAll",
    "collect",
    "collectIndexed",
    "collectLatest",
    "first",
    "firstOrNull",
    "fold",
    "join",
    "joinAll",
    "last",
    "lastOrNull",
    "receive",
    "receiveCatching",
    "reduce",
    "single",
    "singleOrNull",
    "suspendCancellableCoroutine",
    "suspendCoroutine",
    "toCollection",
    "toList",
    "toSet",
    "withLock",
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut started: FxHashMap<FnId, Vec<&WorkSite>> = FxHashMap::default();
    for work in cx.flow.work.iter() {
        started.entry(cx.model.site(work.site).function).or_default().push(work);
    }
    let mut seen = FxHashSet::default();
    for (worker, function) in workers(cx) {
        let here = in_place(cx, worker, function, DEPTH);
        let ids = || here.iter().flat_map(|it| &cx.model.sites_of[it.index()]).copied();
        let sites = || ids().map(|id| cx.model.site(id));
        if ids().any(|id| waits(cx, id)) {
            continue;
        }
        let found =
            here.iter().filter_map(|it| started.get(it)).flatten().map(|work| cx.model.site(work.site));
        let mut found: Vec<&CallSite> = found.filter(|site| !site.used && leaves(cx, site)).collect();
        found.extend(sites().filter(|site| answers_by_callback(cx.model, site)));
        for site in found {
            if !seen.insert(site.point()) {
                continue;
            }
            let name = cx.model.display(function);
            let done = if cx.model.function(function).name == "onStartJob" {
                "returns false"
            } else {
                "returns its result"
            };
            acc.report(site.point())
                .message(format!("{name} {done} while {} still works: the system may stop the process at once", call_name(cx.model, site)))
                .label("nobody waits for this")
                .help(if done == "returns false" {
                    "return true and call jobFinished() when the work is done, or use a CoroutineWorker of WorkManager"
                } else {
                    "do the work in place (doWork() has a thread of its own), or extend CoroutineWorker and call suspend functions"
                })
                .symbol(cx.model.symbol(site.function))
                .key(call_name(cx.model, site))
                .steps([Step {
                    role: StepRole::Entry,
                    place: cx.model.fn_place(function),
                    message: format!("{} is done when this returns", cx.model.display_type(worker)),
                    symbol: cx.model.symbol(function),
                }]);
        }
    }
}

/// Functions whose return says that the work is done, with their class.
fn workers(cx: &Context<'_>) -> Vec<(TypeId, FnId)> {
    let mut found = Vec::new();
    for at in 0..cx.model.symbols.types.len() {
        let id = TypeId::new(at);
        let class = cx.model.symbols.info(id).qualified;
        let is = |base: &str| cx.model.inherits(class, base);
        // What an abstract worker leaves open is judged in its subclasses.
        let modifiers = cx.model.type_decl(id).modifiers;
        if modifiers.intersects(Modifiers::ABSTRACT | Modifiers::SEALED)
            && cx.model.subtypes.contains_key(&id)
        {
            continue;
        }
        let own = |name: &str| cx.model.methods_named(id, Name::new(name));
        if is("androidx.work.Worker") || is("androidx.work.CoroutineWorker") {
            found.extend(own("doWork").into_iter().map(|function| (id, function)));
        } else if is("android.app.job.JobService") {
            let quick = own("onStartJob")
                .into_iter()
                .filter(|it| returns_literal(cx.model, *it, false) && !returns_literal(cx.model, *it, true));
            found.extend(quick.map(|function| (id, function)));
        }
    }
    found
}

/// Does the call wait for something, so that the worker may not be done before its work?
fn waits(cx: &Context<'_>, id: SiteId) -> bool {
    let site = cx.model.site(id);
    let Some(api) = site.api else { return false };
    let blocks = cx.flow.blocking.binary_search_by_key(&id, |call| call.site);
    let kind = blocks.ok().map(|at| cx.flow.blocking[at].kind);
    kind.is_some_and(|kind| matches!(kind.as_str(), "wait" | "coroutine"))
        || api.member.starts_with("blocking")
        || api.member == "runBlocking"
        || AWAITS.contains(&api.member.as_str())
            && ["kotlinx.coroutines", "kotlin.coroutines"].iter().any(|it| api.class.starts_with(it))
}

/// Does the work go on by itself when the caller is done?
fn leaves(cx: &Context<'_>, site: &CallSite) -> bool {
    let Some(api) = site.api else { return false };
    let is = |class: &str| cx.model.inherits(api.class, class);
    // A word to the user interface is no work.
    if site.receiver_thread().is_some_and(|it| it.target == ThreadTarget::On(Thread::Main)) {
        return false;
    }
    if api.class.starts_with("kotlinx.coroutines") {
        // Children of the worker's own coroutine end before it does.
        return match site.receiver_thread().and_then(|thread| thread.lifetime) {
            Some(lifetime) => matches!(lifetime.as_str(), "process" | "custom"),
            None => is_handed_in(cx.model, site),
        };
    }
    if api.member == "subscribe" {
        return site.receiver_object().is_some_and(|chain| chain.call("subscribeOn").is_some());
    }
    is("java.lang.Thread")
        || is("java.util.concurrent.Executor")
        || is("java.util.concurrent.CompletableFuture")
        || is("android.os.AsyncTask")
        || api.class.starts_with("kotlin.concurrent.")
}
