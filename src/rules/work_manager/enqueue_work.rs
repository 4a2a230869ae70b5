//! Chains of work that are built and never enqueued.

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind};
use crate::flow::uses::{Use, captured, each, mentions_at, parent, use_of};
use crate::rules::fixes::replace;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "work-manager", doc: include_str!("../../../rules/work-manager/EnqueueWork.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.sites_of_members(&["beginWith", "beginUniqueWork", "then", "combine"]) {
        let chain = site.api.is_some_and(|api| {
            cx.model.inherits(api.class, "androidx.work.WorkContinuation")
                || cx.model.inherits(api.class, "androidx.work.WorkManager")
                || api.class == "androidx.work.WorkContinuation.Companion"
        });
        if !chain {
            continue;
        }
        let used = if site.used { use_of(cx.model, site.function, site.expr) } else { Use::Dropped };
        if goes_on(cx, site, used) {
            continue;
        }
        let draft = acc
            .report(site.point())
            .message(format!("the chain of work from {} is never enqueued, so none of it runs", site.name))
            .label("never enqueued")
            .help("call enqueue() on the WorkContinuation")
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
        if used == Use::Dropped {
            let at = site.span.end;
            let place = Place { file: site.file, span: Span { start: at, end: at } };
            draft.fix(replace("enqueue the chain", place, ".enqueue()"));
        }
    }
}

/// Does the continuation reach `enqueue`, another continuation, or code that may enqueue it?
fn goes_on(cx: &Context<'_>, site: &CallSite, used: Use) -> bool {
    match used {
        Use::Dropped => false,
        Use::Elsewhere => !is_shown(cx, site, site.expr),
        Use::Receiver(call) => call_goes_on(cx, site, call),
        Use::Local(name) => {
            captured(cx.model, site.function, name)
                || mentions_at(cx.model, site.function, name).into_iter().any(|(at, used)| match used {
                    // `chain = chain.then(next)` by itself leads nowhere, and what came before is not this chain.
                    Use::Receiver(call) if call == site.expr || is_before(cx, site, call) => false,
                    Use::Receiver(call) => call_goes_on(cx, site, call),
                    Use::Dropped => false,
                    Use::Elsewhere => !is_shown(cx, site, at),
                    Use::Local(_) => true,
                })
        }
    }
}

/// A step of the chain before this one.
fn is_before(cx: &Context<'_>, site: &CallSite, call: ExprId) -> bool {
    let facts = cx.model.facts(site.file);
    facts[call].span.end <= site.span.start
        && matches!(&facts[call].kind, ExprKind::Call(call) if call.name == "then")
}

/// `"built $chain"`, `chain.workInfos`: only looking at a chain does not run it.
fn is_shown(cx: &Context<'_>, site: &CallSite, value: ExprId) -> bool {
    const LOOKS: [&str; 3] = ["workInfos", "workInfosLiveData", "workInfosFlow"];
    let facts = cx.model.facts(site.file);
    let body = cx.model.function(site.function).body;
    match body.and_then(|body| parent(facts, body, value)).map(|it| &facts[it].kind) {
        Some(ExprKind::Template(_)) => true,
        Some(ExprKind::Member { name, .. }) => LOOKS.contains(&name.as_str()),
        _ => false,
    }
}

fn call_goes_on(cx: &Context<'_>, site: &CallSite, call: ExprId) -> bool {
    const LOOKS: [&str; 4] = ["getWorkInfos", "getWorkInfosLiveData", "getWorkInfosFlow", "toString"];
    let facts = cx.model.facts(site.file);
    let ExprKind::Call(it) = &facts[call].kind else { return true };
    // `.also { Log.d(TAG, "built") }` gives the chain back and does nothing with it.
    if it.name == "also"
        && let Some(ExprKind::Lambda(lambda)) = it.args.last().map(|arg| &facts[arg.value].kind)
    {
        let lambda = &facts[*lambda];
        let name = lambda.params.first().map_or_else(|| Name::new("it"), |param| param.name);
        let mut named = false;
        if let Some(body) = lambda.body {
            each(facts, body, &mut |id| {
                named |=
                    facts[id].kind == ExprKind::Name(name) || matches!(facts[id].kind, ExprKind::Lambda(_));
            });
        }
        return named || use_of(cx.model, site.function, call) != Use::Dropped;
    }
    !LOOKS.contains(&it.name.as_str())
}
