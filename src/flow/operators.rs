//! Reactive chains: where the lambdas of Rx and Flow operators run. A chain is followed from the call that consumes it
//! back to its source, through locals, fields and functions that return it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{FlowOp, LambdaRunsOn, ObjectKind, Switches, TableSet};
use crate::model::{
    ArgValue, CallSite, Callable, FnId, Model, ObjectValue, SiteId, Thread, ThreadTarget, Type,
};

use super::graph::{Handing, Run, run_of, word_run};

/// Chains longer than this are not followed.
const MAX_CHAIN: usize = 64;
/// Sources that one chain is followed back to.
const MAX_CHAINS: usize = 16;

/// A chain, source first. The last call consumes it, or is as far as the chain can be seen.
pub(super) struct Chain<'m> {
    pub(super) calls: Vec<&'m CallSite>,
    /// Of calls in functions that take code: the call that gave it.
    given: Vec<Option<SiteId>>,
    /// Who consumes the chain; nobody in sight if none.
    pub(super) consumer: Option<FnId>,
    /// The source is in sight: it is no parameter and comes from no unknown code.
    whole: bool,
}

/// How operators run the code given to them, by the call of the operator.
#[derive(Default)]
pub struct Chains {
    handings: FxHashMap<SiteId, Vec<Consumed>>,
    /// Lambdas of operators of which is known in each chain who gave the code that they run.
    told: FxHashSet<FnId>,
}

/// How an operator's code runs in one chain.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Consumed {
    /// The function that consumes the chain.
    pub(super) consumer: FnId,
    /// The call to show on a path.
    pub(super) shown: SiteId,
    pub(super) handing: Handing,
    /// The call that gave the code which the operator's code runs.
    pub(super) given: Option<SiteId>,
}

impl Chains {
    pub fn new(model: &Model) -> Chains {
        let mut chains = Chains::default();
        for (id, site) in model.all_sites() {
            if !consumes(model, site) {
                continue;
            }
            for mut chain in chains_of(model, site.receiver_object()) {
                chain.calls.push(site);
                chain.consumer = Some(site.function);
                chains.add(model, &chain, id);
            }
        }
        // What a lambda of an operator gives back is consumed where the lambda runs (`flatMap`, `defer`).
        let mut inner: Vec<(&FnId, &Arc<ObjectValue>)> = model.lambda_objects.iter().collect();
        inner.sort_by_key(|(function, _)| **function);
        for (function, object) in inner {
            for mut chain in chains_of(model, Some(object.as_ref())) {
                let last = chain.calls.last().and_then(|last| model.site_at(last.file, last.expr));
                let Some(last) = last else { continue };
                chain.consumer = Some(*function);
                chains.add(model, &chain, last);
            }
        }
        let told = chains.handings.iter().filter(|(_, all)| all.iter().all(|it| it.given.is_some()));
        let args = told.flat_map(|(id, _)| &model.site(*id).args);
        chains.told = args.flat_map(|arg| model.functions_of(&arg.callable, None)).collect();
        chains
    }

    fn add(&mut self, model: &Model, chain: &Chain<'_>, at: SiteId) {
        let Some(consumer) = chain.consumer else { return };
        code_of(model, chain, chain.calls.len(), &mut |id, handing, given| {
            let shown = if model.site(id).function == consumer { id } else { at };
            let consumed = Consumed { consumer, shown, handing, given };
            let known = self.handings.entry(id).or_default();
            if known.len() < MAX_CHAIN && !known.contains(&consumed) {
                known.push(consumed);
            }
        });
    }

    /// Where an operator's code runs in each chain that it is part of. None: no chain with the call is consumed in sight.
    pub(super) fn of(&self, site: SiteId) -> Option<&[Consumed]> {
        self.handings.get(&site).map(Vec::as_slice)
    }

    /// Is it known of each chain that runs this lambda which code it was given?
    pub(super) fn tells_code_of(&self, lambda: FnId) -> bool {
        self.told.contains(&lambda)
    }
}

/// How the first calls of a chain run code given to them, and the streams that they are given, seen from the consumer.
pub(super) fn code_of(
    model: &Model,
    chain: &Chain<'_>,
    first: usize,
    found: &mut dyn FnMut(SiteId, Handing, Option<SiteId>),
) {
    code_in(model, chain, first, Run::Here, 0, found);
}

/// `around`: where the chain is consumed, seen from its consumer.
fn code_in(
    model: &Model,
    chain: &Chain<'_>,
    first: usize,
    around: Run,
    depth: u8,
    found: &mut dyn FnMut(SiteId, Handing, Option<SiteId>),
) {
    for (index, site) in chain.calls.iter().enumerate().take(first) {
        // `first.andThen(second)` subscribes to the second where the first ends.
        let streams = site.args.iter().filter_map(|arg| arg.object().filter(|_| depth < 4));
        for mut inner in streams.flat_map(|stream| chains_of(model, Some(stream))) {
            inner.consumer = chain.consumer;
            let run = within(joined(model, chain, index), around);
            if !inner.calls.is_empty() && run != Run::Somewhere {
                code_in(model, &inner, inner.calls.len(), run, depth + 1, found);
            }
        }
        if site.args.iter().all(|arg| arg.callable.is_none()) {
            continue;
        }
        let Some(mut handing) = handing_in(model, chain, index) else { continue };
        handing.run = within(handing.run, around);
        if let Some(id) = model.site_at(site.file, site.expr) {
            found(id, handing, chain.given.get(index).copied().flatten());
        }
    }
}

fn within(run: Run, around: Run) -> Run {
    if run == Run::Here { around } else { run }
}

pub(super) fn operator(model: &Model, site: &CallSite) -> Option<&'static FlowOp> {
    let api = site.api?;
    model.nearest_in(TableSet::FLOWS, api.class, api.member, |class| model.catalog.flow(class, api.member))
}

/// Does a call consume the stream that it is made on?
pub(super) fn consumes(model: &Model, site: &CallSite) -> bool {
    operator(model, site).is_some_and(|operator| {
        operator.terminal
            || operator.lambda_runs_on == Some(LambdaRunsOn::Main)
            || site.name.starts_with("blocking")
    })
}

/// How an operator runs its code when nothing consumes its chain in sight; none if the call is no operator.
pub(super) fn handing(model: &Model, site: &CallSite) -> Option<Handing> {
    operator(model, site)?;
    let mut chain = chains_of(model, site.receiver_object()).swap_remove(0);
    chain.calls.push(site);
    handing_in(model, &chain, chain.calls.len() - 1)
}

/// The calls that may have made a stream, source first: one chain for each implementation that it may come from.
pub(super) fn chains_of<'m>(model: &'m Model, object: Option<&'m ObjectValue>) -> Vec<Chain<'m>> {
    let mut calls = Vec::new();
    let mut given = Vec::new();
    let mut whole = false;
    let mut either: &[Arc<ObjectValue>] = &[];
    for link in object.into_iter().flat_map(ObjectValue::history).take(MAX_CHAIN) {
        whole = !link.partial;
        either = &link.either;
        let Some(made) = &link.made else {
            whole = false;
            continue;
        };
        if model.lineage(link.class).object != Some(ObjectKind::Stream) {
            continue;
        }
        if let Some(id) = model.site_at(made.file, made.expr) {
            calls.push(model.site(id));
            let by = made.given_by.and_then(|(file, expr)| model.site_at(file, expr));
            given.push(by.filter(|by| gives_exactly(model.site(*by))));
        }
    }
    calls.reverse();
    given.reverse();
    if either.is_empty() {
        return vec![Chain { calls, given, consumer: None, whole }];
    }
    let sources = either.iter().flat_map(|source| chains_of(model, Some(source)));
    let follow = |source: Chain<'m>| Chain {
        calls: [source.calls, calls.clone()].concat(),
        given: [source.given, given.clone()].concat(),
        ..source
    };
    sources.take(MAX_CHAINS).map(follow).collect()
}

/// Is all the code that a call gives written there?
fn gives_exactly(site: &CallSite) -> bool {
    let exact = |part: &Callable| matches!(part, Callable::Functions(_) | Callable::Object(_));
    site.args.iter().all(|arg| arg.callable.parts().iter().all(exact))
}

/// How the call at an index of a chain runs its code.
fn handing_in(model: &Model, chain: &Chain<'_>, index: usize) -> Option<Handing> {
    let site = chain.calls[index];
    let operator = operator(model, site)?;
    let run = match operator.lambda_runs_on {
        Some(LambdaRunsOn::Main) => match context(model, site, operator) {
            Some(target) => run_of(target),
            None => operator.default_thread.map_or(Run::On(Thread::Main), word_run),
        },
        Some(LambdaRunsOn::Collector) => collector(model, chain, index),
        Some(LambdaRunsOn::Subscriber) => subscriber(model, chain),
        Some(LambdaRunsOn::Upstream) => observer(model, chain, index),
        None => match operator.default_thread {
            Some(word) => word_run(word),
            None => Run::Somewhere,
        },
    };
    Some(Handing::new(run))
}

/// The thread an operator's scheduler, dispatcher or scope argument stands for.
fn context(model: &Model, site: &CallSite, operator: &FlowOp) -> Option<ThreadTarget> {
    let arg = match operator.context_arg {
        Some(position) => site.arg(i32::from(position), None)?,
        // `interval(period, unit, scheduler)`, `interval(delay, period, unit, scheduler)`: whatever else is given, a
        // scheduler comes last.
        None => {
            site.args.last().filter(|arg| operator.default_thread.is_some() && is_scheduler(model, arg))?
        }
    };
    let is_code = arg.ty.as_ref().is_some_and(Type::is_function);
    if is_code {
        return None;
    }
    Some(arg.thread().map_or(ThreadTarget::Unknown, |thread| thread.target))
}

fn is_scheduler(model: &Model, arg: &ArgValue) -> bool {
    const SCHEDULERS: [&str; 3] =
        ["io.reactivex.rxjava3.core.Scheduler", "io.reactivex.Scheduler", "rx.Scheduler"];
    let class = arg.ty.as_ref().and_then(Type::upper).map(|ty| ty.class);
    arg.thread().is_some()
        || class.is_some_and(|class| SCHEDULERS.iter().any(|scheduler| model.inherits(class, scheduler)))
}

/// Flow: the nearest `flowOn` downstream decides, else who collects.
fn collector(model: &Model, chain: &Chain<'_>, index: usize) -> Run {
    if operator(model, chain.calls[index]).is_some_and(|operator| operator.terminal) {
        return Run::Here;
    }
    for call in &chain.calls[index + 1..] {
        let Some(operator) = operator(model, call) else { continue };
        match operator.switches {
            Some(Switches::Upstream | Switches::All) => {
                return context(model, call, operator).map_or(Run::Somewhere, run_of);
            }
            _ if operator.lambda_runs_on == Some(LambdaRunsOn::Main) => {
                return context(model, call, operator).map_or(Run::On(Thread::Main), run_of);
            }
            _ if operator.terminal => return Run::Here,
            _ => {}
        }
    }
    if chain.consumer.is_some() { Run::Here } else { Run::Somewhere }
}

/// Where a call of a chain subscribes to streams that it is given: flows as they are collected (`combine`, `merge`), those
/// of Rx as their source ends (`andThen`).
fn joined(model: &Model, chain: &Chain<'_>, index: usize) -> Run {
    match operator(model, chain.calls[index]).and_then(|operator| operator.lambda_runs_on) {
        Some(LambdaRunsOn::Collector) => collector(model, chain, index),
        _ => observer(model, chain, index),
    }
}

/// Rx sources: the first `subscribeOn`, else whoever subscribes; without a subscription in sight nobody knows.
fn subscriber(model: &Model, chain: &Chain<'_>) -> Run {
    for call in &chain.calls {
        let Some(operator) = operator(model, call) else { continue };
        if matches!(operator.switches, Some(Switches::Upstream | Switches::All)) {
            return context(model, call, operator).map_or(Run::Somewhere, run_of);
        }
    }
    if chain.consumer.is_some() { Run::Here } else { Run::Somewhere }
}

/// Rx operators and observers: the nearest `observeOn` before, or the default thread of a timer, else as the source.
fn observer(model: &Model, chain: &Chain<'_>, index: usize) -> Run {
    for call in chain.calls[..index].iter().rev() {
        let Some(operator) = operator(model, call) else { continue };
        let moves = matches!(operator.switches, Some(Switches::Downstream | Switches::All))
            || (operator.default_thread.is_some() && operator.switches.is_none());
        if moves {
            return match context(model, call, operator) {
                Some(target) => run_of(target),
                None => operator.default_thread.map_or(Run::Somewhere, word_run),
            };
        }
    }
    let source = chain.calls.first().filter(|_| index > 0).and_then(|source| operator(model, source));
    let source_known = chain.whole
        && source.is_some_and(|operator| operator.lambda_runs_on == Some(LambdaRunsOn::Subscriber));
    match subscriber(model, chain) {
        // A source that is not in sight may deliver on any thread.
        Run::Here if !source_known => combined(model, chain).unwrap_or(Run::Somewhere),
        run => run,
    }
}

/// `Single.zip(a, b) { … }`: where the streams that a chain begins with deliver, if it is the same place.
fn combined(model: &Model, chain: &Chain<'_>) -> Option<Run> {
    let first = chain.calls.first()?;
    let streams: Vec<&ObjectValue> = first.args.iter().filter_map(|arg| arg.object()).collect();
    let is_static = first.api.is_some_and(|api| api.is_static) && operator(model, first).is_some();
    if !is_static || streams.is_empty() {
        return None;
    }
    let mut agreed = None;
    for mut inner in streams.into_iter().flat_map(|stream| chains_of(model, Some(stream))) {
        // Of one that combines others in turn nothing is said.
        let source = operator(model, inner.calls.first()?)?;
        if source.lambda_runs_on != Some(LambdaRunsOn::Subscriber) {
            return None;
        }
        inner.consumer = chain.consumer;
        let run = observer(model, &inner, inner.calls.len());
        if agreed.is_some_and(|known| known != run) {
            return None;
        }
        agreed = Some(run);
    }
    agreed
}
