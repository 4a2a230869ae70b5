//! Reactive chains: where the lambdas of Rx and Flow operators run, as far as one expression shows it.

use crate::catalog::{FlowOp, LambdaRunsOn, Switches, TableSet};
use crate::model::{CallSite, Model, ThreadTarget};

use super::graph::{Handing, Run, run_of, word_run};
use crate::catalog::Background;
use crate::findings::Confidence;

/// Chains longer than this are not followed.
const MAX_CHAIN: usize = 64;

fn operator(model: &Model, site: &CallSite) -> Option<&'static FlowOp> {
    let api = site.api?;
    model.nearest_in(TableSet::FLOWS, api.class, api.member, |class| model.catalog.flow(class, api.member))
}

/// How an operator runs the code given to it; none if the call is no operator.
pub(super) fn handing(model: &Model, site: &CallSite) -> Option<Handing> {
    let operator_here = operator(model, site)?;
    let upstream = upstream(model, site);
    let downstream = downstream(model, site);
    let run = match operator_here.lambda_runs_on {
        Some(LambdaRunsOn::Main) => match context(site, operator_here) {
            Some(target) => run_of(target),
            None => operator_here.default_thread.map_or(Run::On(crate::model::Thread::Main), word_run),
        },
        Some(LambdaRunsOn::Collector) => collector(model, site, &downstream),
        Some(LambdaRunsOn::Subscriber) => subscriber(model, &upstream, &downstream),
        Some(LambdaRunsOn::Upstream) => observer(model, &upstream, &downstream, site),
        None => match operator_here.default_thread {
            Some(word) => word_run(word),
            None => Run::Somewhere,
        },
    };
    Some(Handing { run, certainty: Confidence::High, background: Background::Maybe })
}

/// Calls before this one in the chain, nearest first.
fn upstream<'m>(model: &'m Model, site: &CallSite) -> Vec<&'m CallSite> {
    let mut found = Vec::new();
    let mut at = site.receiver;
    while let Some(expr) = at
        && found.len() < MAX_CHAIN
    {
        let Some(id) = model.site_at(site.file, expr) else { break };
        let call = model.site(id);
        found.push(call);
        at = call.receiver;
    }
    found
}

/// Calls after this one in the chain, nearest first.
fn downstream<'m>(model: &'m Model, site: &CallSite) -> Vec<&'m CallSite> {
    let mut found: Vec<&'m CallSite> = Vec::new();
    let mut at = site.expr;
    let sites = &model.sites_of[site.function.index()];
    while found.len() < MAX_CHAIN {
        let next = sites.iter().map(|id| model.site(*id)).find(|other| other.receiver == Some(at));
        let Some(next) = next else { break };
        found.push(next);
        at = next.expr;
    }
    found
}

/// The thread an operator's scheduler, dispatcher or scope argument stands for.
fn context(site: &CallSite, operator: &FlowOp) -> Option<ThreadTarget> {
    let arg = site.arg(i32::from(operator.context_arg?), None)?;
    let is_code = arg.ty.as_ref().is_some_and(crate::model::Type::is_function);
    if is_code {
        return None;
    }
    Some(arg.thread().map_or(ThreadTarget::Unknown, |thread| thread.target))
}

/// Flow: the nearest `flowOn` downstream decides, else who collects.
fn collector(model: &Model, site: &CallSite, downstream: &[&CallSite]) -> Run {
    let own = operator(model, site);
    if own.is_some_and(|operator| operator.terminal) {
        return Run::Here;
    }
    for call in downstream {
        let Some(operator) = operator(model, call) else { continue };
        match operator.switches {
            Some(Switches::Upstream | Switches::All) => {
                return context(call, operator).map_or(Run::Somewhere, run_of);
            }
            _ if operator.lambda_runs_on == Some(LambdaRunsOn::Main) => {
                return context(call, operator).map_or(Run::On(crate::model::Thread::Main), run_of);
            }
            _ if operator.terminal => return Run::Here,
            _ => {}
        }
    }
    Run::Somewhere
}

/// Rx sources: the first `subscribeOn`, else whoever subscribes; without a subscription in sight nobody knows.
fn subscriber(model: &Model, upstream: &[&CallSite], downstream: &[&CallSite]) -> Run {
    for call in upstream.iter().rev().chain(downstream) {
        let Some(operator) = operator(model, call) else { continue };
        if operator.switches == Some(Switches::Upstream) {
            return context(call, operator).map_or(Run::Somewhere, run_of);
        }
    }
    let subscribed = downstream.iter().any(|call| ends_chain(model, call));
    if subscribed { Run::Here } else { Run::Somewhere }
}

/// Rx operators and observers: the nearest `observeOn` before, or the default thread of a timer, else as the source.
fn observer(model: &Model, upstream: &[&CallSite], downstream: &[&CallSite], site: &CallSite) -> Run {
    for call in upstream {
        let Some(operator) = operator(model, call) else { continue };
        if operator.switches == Some(Switches::Downstream) {
            return match context(call, operator) {
                Some(target) => run_of(target),
                None => operator.default_thread.map_or(Run::Somewhere, word_run),
            };
        }
        if let Some(word) = operator.default_thread
            && operator.switches.is_none()
        {
            return match context(call, operator) {
                Some(target) => run_of(target),
                None => word_run(word),
            };
        }
    }
    let whole: Vec<&CallSite> = downstream.iter().copied().chain([site]).collect();
    let source_known = upstream.last().is_some_and(|source| {
        operator(model, source)
            .is_some_and(|operator| operator.lambda_runs_on == Some(LambdaRunsOn::Subscriber))
    });
    match subscriber(model, upstream, &whole) {
        // A source that is not in sight may deliver on any thread.
        Run::Here if !source_known => Run::Somewhere,
        run => run,
    }
}

fn ends_chain(model: &Model, call: &CallSite) -> bool {
    operator(model, call).is_some_and(|operator| operator.terminal) || call.name.starts_with("blocking")
}
