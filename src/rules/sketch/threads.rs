//! The same statement off the main thread.

use crate::facts::{ExprId, ExprKind, FunctionKind, Language};
use crate::findings::Sketch;
use crate::flow::Path;
use crate::model::Type;
use crate::rules::prelude::*;

use super::sketch;
use super::source::{indented, is_in, language, statement_around, statements, text};

/// Statements longer than this are not repeated.
const MAX_LINES: usize = 6;

/// What blocks, moved off the main thread: where the way starts, as far as nothing on it is of the user interface, else
/// in the function that blocks.
pub(in crate::rules) fn off_main(
    cx: &Context<'_>,
    path: &Path,
    call: SiteId,
    computes: bool,
) -> Option<Sketch> {
    let dispatcher = if computes { "Dispatchers.Default" } else { "Dispatchers.IO" };
    let blocking = cx.model.site(call);
    // Lambdas belong to the function around them.
    let calls = path.calls.iter().filter(|(_, to)| !cx.model.is_lambda(*to));
    let called: Vec<(SiteId, FnId)> = calls.copied().collect();
    let mut site = called.first().map_or(blocking, |(site, _)| cx.model.site(*site));
    if called.iter().any(|(_, function)| shows(cx, *function)) || hands_views(cx, site) {
        site = blocking;
    }
    match language(cx, site.file) {
        Language::Kotlin => at_start(cx, site, dispatcher).or_else(|| suspending(cx, blocking, dispatcher)),
        Language::Java => java(cx, site),
    }
}

const UI: [&str; 6] = [
    "android.view.View",
    "android.app.Activity",
    "android.app.Dialog",
    "androidx.fragment.app.Fragment",
    "androidx.recyclerview.widget.RecyclerView.Adapter",
    "androidx.recyclerview.widget.RecyclerView.ViewHolder",
];

/// Is the function part of a screen, which other threads must not touch?
fn shows(cx: &Context<'_>, function: FnId) -> bool {
    UI.iter().any(|class| is_in(cx, function, class)) || cx.model.in_composition(function)
}

fn hands_views(cx: &Context<'_>, site: &CallSite) -> bool {
    let is_ui = |ty: &Type| UI.iter().any(|class| cx.model.inherits(ty.class, class));
    let arguments = site.args.iter().filter_map(|arg| arg.ty.as_ref()?.upper()).any(is_ui);
    // Generated bindings have no type here; callbacks may do anything.
    let text = cx.model.project.file(site.file).text.slice(site.span);
    arguments || text.contains("binding") || site.name.starts_with("on")
}

fn at_start(cx: &Context<'_>, site: &CallSite, dispatcher: &str) -> Option<Sketch> {
    let function = site.function;
    if cx.model.in_coroutine(function) {
        let lines = moved(cx, site, dispatcher)?;
        return Some(sketch(Language::Kotlin, lines));
    }
    let scope = scope(cx, function)?;
    let statement = statement_around(cx, function, site.expr)?;
    let mut lines = vec![format!("{scope}.launch {{")];
    lines.extend(indented(moved(cx, site, dispatcher)?, 4));
    if let Some(name) = local(cx, site, statement) {
        lines.push(format!("    // … what uses {name}"));
    }
    lines.push("}".to_owned());
    Some(sketch(Language::Kotlin, lines))
}

/// Does the fragment's code run while there is a view?
fn has_view(cx: &Context<'_>, function: FnId) -> bool {
    let name = cx.model.function(cx.model.root_function(function)).name;
    !matches!(
        name.as_str(),
        "onAttach" | "onCreate" | "onCreateView" | "onDestroy" | "onDestroyView" | "onDetach" | "<init>"
    )
}

/// The statement with the call in `withContext`.
fn moved(cx: &Context<'_>, site: &CallSite, dispatcher: &str) -> Option<Vec<String>> {
    let facts = cx.model.facts(site.file);
    let statement = statement_around(cx, site.function, site.expr)?;
    let whole = text(cx, site.file, facts[statement].span);
    let call = text(cx, site.file, site.span);
    if whole.len() > MAX_LINES || call.len() > MAX_LINES || whole[0].starts_with('{') {
        return None;
    }
    if call.len() == 1 {
        let (whole, call) = (whole.join("\n"), &call[0]);
        let at = whole.find(call.as_str())?;
        let moved =
            format!("{}withContext({dispatcher}) {{ {call} }}{}", &whole[..at], &whole[at + call.len()..]);
        return Some(moved.lines().map(str::to_owned).collect());
    }
    let mut lines = vec![format!("withContext({dispatcher}) {{")];
    lines.extend(indented(whole, 4));
    lines.push("}".to_owned());
    Some(lines)
}

/// The name that the statement gives to what the call returns.
fn local(cx: &Context<'_>, site: &CallSite, statement: ExprId) -> Option<String> {
    match &cx.model.facts(site.file)[statement].kind {
        ExprKind::Local(local) => Some(local.name.to_string()),
        _ => None,
    }
}

/// `fun name() = runBlocking { load() }` as a function that suspends, or what a screen runs, in its scope.
pub(in crate::rules) fn without_run_blocking(cx: &Context<'_>, call: SiteId) -> Option<Sketch> {
    let site = cx.model.site(call);
    let facts = cx.model.facts(site.file);
    let ExprKind::Lambda(code) = facts[site.args.last()?.value].kind else { return None };
    let code = statements(cx, cx.model.symbols.fn_id(site.file, code))?;
    if language(cx, site.file) != Language::Kotlin {
        return None;
    }
    let root = cx.model.root_function(site.function);
    let decl = cx.model.function(root);
    let only = match &facts[decl.body?].kind {
        ExprKind::Block(items) => items.len() == 1 && items[0] == site.expr,
        _ => false,
    };
    if let Some(head) = head(cx, root).filter(|_| only && !shows(cx, root)) {
        return Some(match code.as_slice() {
            [line] => sketch(Language::Kotlin, vec![format!("suspend fun {head} = {line}")]),
            _ => {
                let mut lines = vec![format!("suspend fun {head} = coroutineScope {{")];
                lines.extend(indented(code, 4));
                lines.push("}".to_owned());
                sketch(Language::Kotlin, lines)
            }
        });
    }
    // Only where nobody waits for its value.
    let scope = scope(cx, site.function).filter(|_| !site.used)?;
    let mut lines = vec![format!("{scope}.launch {{")];
    lines.extend(indented(code, 4));
    lines.push("}".to_owned());
    Some(sketch(Language::Kotlin, lines))
}

/// Name, parameters and result of a function that may be made to suspend.
fn head(cx: &Context<'_>, root: FnId) -> Option<String> {
    let decl = cx.model.function(root);
    // What frameworks call cannot, and an extension's `this` would be the coroutine's.
    let fixed = decl.kind != FunctionKind::Function
        || decl.receiver.is_some()
        || decl.modifiers.contains(crate::facts::Modifiers::OVERRIDE)
        || cx.flow.entries_of(root).next().is_some();
    if fixed {
        return None;
    }
    let file = cx.model.symbols.fn_file(root);
    let body = cx.model.facts(file)[decl.body?].span;
    let span = crate::base::Span { start: decl.name_span.start, end: body.start };
    let text = cx.model.project.file(file).text.slice(span);
    let head = text.trim_end().trim_end_matches(['{', '=']).trim_end();
    (!head.contains('\n')).then(|| head.to_owned())
}

/// The scope of the view model or screen around.
pub(in crate::rules) fn scope(cx: &Context<'_>, function: FnId) -> Option<&'static str> {
    if is_in(cx, function, "androidx.lifecycle.ViewModel") {
        Some("viewModelScope")
    } else if is_in(cx, function, "androidx.fragment.app.Fragment") && has_view(cx, function) {
        Some("viewLifecycleOwner.lifecycleScope")
    } else if is_in(cx, function, "androidx.lifecycle.LifecycleOwner") {
        Some("lifecycleScope")
    } else {
        None
    }
}

/// The function that blocks, as one that suspends instead.
fn suspending(cx: &Context<'_>, blocking: &CallSite, dispatcher: &str) -> Option<Sketch> {
    let root = cx.model.root_function(blocking.function);
    if language(cx, blocking.file) != Language::Kotlin || shows(cx, root) {
        return None;
    }
    let head = head(cx, root)?;
    let statements = statements(cx, root)?;
    let mut lines = vec![format!("suspend fun {head} = withContext({dispatcher}) {{")];
    lines.extend(indented(statements.into_iter().map(|line| last_value(&line)), 4));
    lines.push("}".to_owned());
    Some(sketch(Language::Kotlin, lines))
}

/// The value of a lambda is its last expression.
fn last_value(line: &str) -> String {
    match line.strip_prefix("return ") {
        Some(value) => value.to_owned(),
        None => line.replace("return ", "return@withContext "),
    }
}

fn java(cx: &Context<'_>, site: &CallSite) -> Option<Sketch> {
    let facts = cx.model.facts(site.file);
    let statement = statement_around(cx, site.function, site.expr)?;
    let (mut lines, used) = match &facts[statement].kind {
        // `File[] files = dir.listFiles();`, `index.clear();`
        ExprKind::Local(local) => (text(cx, site.file, facts[statement].span), Some(local.name.to_string())),
        _ if statement == site.expr => (text(cx, site.file, facts[statement].span), None),
        // Part of something else: its value alone is made elsewhere.
        _ => {
            let class = site.result.as_ref()?.upper().filter(|ty| !ty.is_unresolved())?.class;
            let mut lines = text(cx, site.file, site.span);
            lines[0].insert_str(0, &format!("{} result = ", class.last()));
            (lines, Some("result".to_owned()))
        }
    };
    if lines.len() > MAX_LINES || lines[0].starts_with("return") {
        return None;
    }
    let mut code = vec![
        "executor.execute(() -> { // an Executor of the app: Executors.newSingleThreadExecutor()".to_owned(),
    ];
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with([';', '}'])) {
        last.push(';');
    }
    code.extend(indented(lines, 4));
    if let Some(name) = used {
        let post = match is_in(cx, site.function, "android.app.Activity") {
            true => "runOnUiThread(() -> {",
            false => "new Handler(Looper.getMainLooper()).post(() -> {",
        };
        code.push(format!("    {post}"));
        code.push(format!("        // … what uses {name}"));
        code.push("    });".to_owned());
    }
    code.push("});".to_owned());
    Some(sketch(Language::Java, code))
}
