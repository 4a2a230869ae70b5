//! `CancellationException` caught and not thrown on.

use crate::facts::{Catch, ExprId, ExprKind, FileFacts, Try};
use crate::findings::{Edit, FileId};
use crate::flow::cancellable::may_be_cancelled;
use crate::flow::cancellation::may_throw;
use crate::flow::path::call_name;
use crate::flow::swallowing::{is_run_catching, result_lets_through, swallowed_by, swallowing_clause};
use crate::model::LambdaRole;
use crate::rules::fixes::{fix_unsafely, import};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/SuspendFunSwallowedCancellation.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for function in cx.model.all_functions() {
        if !cx.model.in_coroutine(function) || cx.model.shielded(function) {
            continue;
        }
        for tried in cx.model.tries_in(function) {
            check_try(cx, acc, function, tried);
        }
    }
    for (_, site) in cx.model.all_sites() {
        if is_run_catching(site) {
            if !cx.model.shielded(site.function) {
                check_run_catching(cx, acc, site);
            }
        } else {
            check_helper(cx, acc, site);
        }
    }
}

fn check_try(cx: &Context<'_>, acc: &mut Findings<'_>, function: FnId, tried: &Try) {
    let file = cx.model.symbols.fn_file(function);
    let Some(catch) = swallowing_clause(cx.model, function, tried) else { return };
    let Some(step) = first_suspension(cx, file, tried.body) else { return };
    let facts = cx.model.facts(file);
    let written = catch.types.first().map_or("Exception", |ty| ty.name.last());
    let at = catch.types.first().map_or(facts[catch.body].span, |ty| ty.span);
    let mut draft = acc
        .report(Place { file, span: at })
        .message(format!("catch ({written}) swallows CancellationException: the cancelled coroutine goes on"))
        .label("takes cancellation as well")
        .help(format!(
            "throw it on first: if ({0} is CancellationException) throw {0}; or catch only what the call throws",
            if catch.name == "_" { "e" } else { catch.name.as_str() }
        ))
        .symbol(cx.model.symbol(function))
        .key(format!("catch {written}"))
        .confidence(match harmless(cx, function, tried, catch) || !may_be_cancelled(cx.model, &cx.flow.graph, function) {
            true => Confidence::Low,
            false => Confidence::High,
        })
        .steps(vec![step]);
    if catch.name != "_"
        && let Some(fix) = rethrow(cx, file, catch)
    {
        draft = draft.fix(fix);
    }
    let _ = draft;
}

/// Nothing comes after: the `try` is the last thing of a coroutine of its own, so that it ends either way.
fn harmless(cx: &Context<'_>, function: FnId, tried: &Try, catch: &Catch) -> bool {
    let facts = cx.model.facts(cx.model.symbols.fn_file(function));
    let code = cx.model.code_around(function);
    let is_last = |it: &ExprKind| matches!(it, ExprKind::Try(it) if std::ptr::eq(&**it, tried));
    let leaves = match &facts[catch.body].kind {
        ExprKind::Block(items) => items.last().copied().is_some_and(|last| {
            // `return@launch`
            matches!(facts[last].kind, ExprKind::Return { label: Some(_), .. })
        }),
        _ => false,
    };
    let body = cx.model.function(code).body;
    ends_by_itself(cx, code) && (leaves || body.is_some_and(|body| ends_with(facts, body, &is_last, 0)))
}

/// Code whose end brings cancellation to light all the same: of a coroutine of its own, or of a scope that throws it on.
fn ends_by_itself(cx: &Context<'_>, code: FnId) -> bool {
    const SCOPES: [&str; 5] =
        ["withContext", "coroutineScope", "supervisorScope", "withTimeout", "withTimeoutOrNull"];
    let Some((site, _)) = cx.model.taker(code) else { return false };
    let site = cx.model.site(site);
    let scope = site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"))
        && SCOPES.contains(&site.name.as_str());
    scope || cx.model.starts_coroutine(site)
}

/// Is something the last thing that happens in an expression, on its own branch at least?
fn ends_with(facts: &FileFacts, expr: ExprId, is_it: &impl Fn(&ExprKind) -> bool, depth: u8) -> bool {
    let deeper = |id: ExprId| depth < 32 && ends_with(facts, id, is_it, depth + 1);
    if is_it(&facts[expr].kind) {
        return true;
    }
    match &facts[expr].kind {
        ExprKind::Block(items) => items.last().copied().is_some_and(deeper),
        ExprKind::If { then, otherwise, .. } => then.iter().chain(otherwise).copied().any(deeper),
        ExprKind::When { arms, .. } => arms.iter().any(|arm| deeper(arm.body)),
        // `value?.let { try { … } }`.
        ExprKind::Call(call) if matches!(call.name.as_str(), "let" | "run" | "also" | "apply" | "with") => {
            match call.args.last().map(|arg| &facts[arg.value].kind) {
                Some(ExprKind::Lambda(lambda)) if facts[*lambda].body.is_some_and(deeper) => true,
                _ => call.receiver.is_some_and(deeper),
            }
        }
        // `runCatching { … }.onFailure { … }`
        ExprKind::Call(call) => call.receiver.is_some_and(deeper),
        _ => false,
    }
}

fn check_run_catching(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    let facts = cx.model.facts(site.file);
    let Some(block) = site.args.last() else { return };
    let ExprKind::Lambda(lambda) = facts[block.value].kind else { return };
    let Some(body) = facts[lambda].body else { return };
    let Some(step) = first_suspension(cx, site.file, body) else { return };
    if result_lets_through(cx.model, site) {
        return;
    }
    acc.report(site.point())
        .message("runCatching around suspending calls swallows CancellationException: the cancelled coroutine goes on")
        .label("takes cancellation as well")
        .help(
            "use try/catch for the exceptions that the call throws, or throw cancellation on: \
             .onFailure { if (it is CancellationException) throw it }",
        )
        .symbol(cx.model.symbol(site.function))
        .key("runCatching")
        .confidence(match is_last(cx, site) || !may_be_cancelled(cx.model, &cx.flow.graph, site.function) {
            true => Confidence::Low,
            false => Confidence::High,
        })
        .steps(vec![step]);
}

/// An inline function of the project that takes the cancellation of the code which it is given.
fn check_helper(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    let facts = cx.model.facts(site.file);
    for (at, arg) in site.args.iter().enumerate() {
        let Some(ExprKind::Lambda(lambda)) = facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind) else {
            continue;
        };
        let function = cx.model.symbols.fn_id(site.file, *lambda);
        let inlined = cx.model.lambda_role(function) == LambdaRole::InPlace;
        if !inlined || !cx.model.in_coroutine(function) || cx.model.shielded(function) {
            continue;
        }
        let Some(taken) = swallowed_by(cx.model, site, at) else { continue };
        let Some(step) = facts[*lambda].body.and_then(|body| first_suspension(cx, site.file, body)) else {
            continue;
        };
        acc.report(site.point())
            .message(format!(
                "{} swallows CancellationException of the suspending calls in its block: the cancelled coroutine goes on",
                call_name(cx.model, site)
            ))
            .label("takes cancellation as well")
            .help(format!(
                "throw it on in {}: if (e is CancellationException) throw e; or catch only what the call throws",
                call_name(cx.model, site)
            ))
            .symbol(cx.model.symbol(site.function))
            .key(call_name(cx.model, site))
            .confidence(match is_last(cx, site) || !may_be_cancelled(cx.model, &cx.flow.graph, site.function) {
                true => Confidence::Low,
                false => Confidence::High,
            })
            .steps([
                step,
                Step {
                    role: StepRole::Cause,
                    place: taken.place,
                    message: "takes it here".to_owned(),
                    symbol: cx.model.symbol(taken.function),
                },
            ]);
        return;
    }
}

/// The last thing of a coroutine of its own, with what is done with the result.
fn is_last(cx: &Context<'_>, site: &CallSite) -> bool {
    let facts = cx.model.facts(site.file);
    let code = cx.model.code_around(site.function);
    let this = &facts[site.expr].kind;
    let is_it = |kind: &ExprKind| std::ptr::eq(kind, this);
    let body = cx.model.function(code).body;
    ends_by_itself(cx, code) && body.is_some_and(|body| ends_with(facts, body, &is_it, 0))
}

/// The first suspending call, as evidence. A `runCatching` or the like inside owns what it runs.
fn first_suspension(cx: &Context<'_>, file: FileId, expr: ExprId) -> Option<Step> {
    let owns = |site: &CallSite| {
        site.name == "runCatching"
            || (0..site.args.len()).any(|at| swallowed_by(cx.model, site, at).is_some())
    };
    let found = cx.model.suspensions(file, expr, |site| !owns(site));
    // `withContext(NonCancellable)` asks its own context, not the coroutine's.
    let mut sites = found.iter().filter(|it| may_throw(cx.model, it.site)).map(|it| cx.model.site(it.site));
    let site = sites.find(|site| !cx.model.shields_from_cancellation(site))?;
    Some(Step {
        role: StepRole::Cause,
        place: site.point(),
        message: format!("{} may be cancelled here", call_name(cx.model, site)),
        symbol: cx.model.symbol(site.function),
    })
}

/// `if (e is CancellationException) throw e` as first statement of the clause.
fn rethrow(cx: &Context<'_>, file: FileId, catch: &Catch) -> Option<crate::findings::Fix> {
    let facts = cx.model.facts(file);
    let body = facts[catch.body].span;
    let text = &cx.model.project.file(file).text;
    let inner = text.slice(body);
    let after_brace = inner.strip_prefix('{')?;
    let indent: String = after_brace.chars().take_while(|letter| letter.is_whitespace()).collect();
    let at = crate::base::Span::new(body.start as usize + 1, body.start as usize + 1);
    let lines = indent.contains('\n');
    let name = catch.name;
    let statement = match lines {
        true => format!("{}if ({name} is CancellationException) throw {name}", last_line(&indent)),
        false => format!(" if ({name} is CancellationException) throw {name};"),
    };
    let mut edits = vec![Edit { place: Place { file, span: at }, text: statement }];
    edits.extend(import(cx.model, file, "kotlin.coroutines.cancellation.CancellationException"));
    Some(fix_unsafely("throw cancellation on", edits))
}

/// A line break and the indentation of the last of some lines.
fn last_line(space: &str) -> String {
    format!("\n{}", space.rsplit('\n').next().unwrap_or_default())
}
