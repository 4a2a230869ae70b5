//! Suspend functions that hold the thread of whoever calls them.

use crate::base::Span;
use crate::catalog::Cost;
use crate::facts::FunctionKind;
use crate::findings::{Edit, Fix};
use crate::flow::coroutines::coroutine_above;
use crate::flow::graph::runs_elsewhere;
use crate::rules::fixes::{fix_unsafely, import};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "main-thread",
    doc: include_str!("../../../rules/main-thread/BlockingInSuspend.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = rustc_hash::FxHashSet::default();
    for call in &cx.flow.blocking {
        let site = cx.model.site(call.site);
        let minor = call.cost == Cost::Minor || call.kind == "parse";
        if minor || call.rule.is_some() || call.certainty == Confidence::Low {
            continue;
        }
        // What is known to run on main is reported with its path; what is known to run on workers is right.
        if cx.flow.main.contains(site.function) || cx.flow.worker.contains(site.function) {
            continue;
        }
        let Some(above) = coroutine_above(cx.model, &cx.flow.graph, site.function) else { continue };
        let code = cx.model.code_around(above.from);
        let decl = cx.model.function(code);
        // Lambdas run where they are taken to; only functions promise to be safe for every caller.
        let suspends = decl.kind == FunctionKind::Function && cx.model.is_suspend(code);
        let elsewhere = cx.flow.worker.contains(code) || runs_elsewhere(cx.model, code);
        if !suspends || elsewhere || !seen.insert((code, call.kind)) {
            continue;
        }
        let draft = acc
            .report(site.point())
            .message(format!(
                "{} is a suspend function, but {} {} on its caller's thread",
                cx.model.display(code),
                call.api,
                call.does
            ))
            .label(call.does.as_str())
            .help("do it in withContext(Dispatchers.IO) { … }, so that the function may be called from any thread")
            .symbol(cx.model.symbol(site.function))
            .key(format!("{} {}", cx.model.display(code), call.api))
            .confidence(above.certainty.min(call.certainty))
            .steps(above.steps(cx.model));
        if cx.model.code_around(site.function) == code {
            draft.fix(moved(cx, site, &call.kind));
        }
    }
}

/// The call in `withContext`.
fn moved(cx: &Context<'_>, site: &CallSite, kind: &str) -> Fix {
    let computes = matches!(kind, "bitmap" | "machine-learning" | "crypto");
    let dispatcher = if computes { "Dispatchers.Default" } else { "Dispatchers.IO" };
    let insert = |at: u32, text: String| Edit {
        place: Place { file: site.file, span: Span { start: at, end: at } },
        text,
    };
    let mut edits = vec![
        insert(site.span.start, format!("withContext({dispatcher}) {{ ")),
        insert(site.span.end, " }".to_owned()),
    ];
    for path in ["kotlinx.coroutines.Dispatchers", "kotlinx.coroutines.withContext"] {
        edits.extend(import(cx.model, site.file, path));
    }
    fix_unsafely(&format!("do it on {dispatcher}"), edits)
}
