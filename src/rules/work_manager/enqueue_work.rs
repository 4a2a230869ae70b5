//! Chains of work that are built and never enqueued.

use crate::base::Span;
use crate::facts::ExprKind;
use crate::flow::uses::{Use, captured, mentions, use_of};
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
        Use::Elsewhere => true,
        Use::Receiver(call) => call_goes_on(cx, site, call),
        Use::Local(name) => {
            captured(cx.model, site.function, name)
                || mentions(cx.model, site.function, name).into_iter().any(|used| match used {
                    // `chain = chain.then(next)` by itself leads nowhere.
                    Use::Receiver(call) if call == site.expr => false,
                    Use::Receiver(call) => call_goes_on(cx, site, call),
                    Use::Dropped => false,
                    Use::Local(_) | Use::Elsewhere => true,
                })
        }
    }
}

/// Only looking at a chain does not run it.
fn call_goes_on(cx: &Context<'_>, site: &CallSite, call: crate::facts::ExprId) -> bool {
    const LOOKS: [&str; 3] = ["getWorkInfos", "getWorkInfosLiveData", "toString"];
    match &cx.model.facts(site.file)[call].kind {
        ExprKind::Call(call) => !LOOKS.contains(&call.name.as_str()),
        _ => true,
    }
}
