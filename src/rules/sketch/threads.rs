//! The same statement off the main thread.

use crate::facts::{ExprId, ExprKind, FunctionKind, Language};
use crate::findings::Sketch;
use crate::flow::Path;
use crate::model::Type;
use crate::rules::prelude::*;

use super::sketch;
use super::source::{indented, is_in, language, statement_around, text};

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
    let scope = if is_in(cx, function, "androidx.lifecycle.ViewModel") {
        "viewModelScope"
    } else if is_in(cx, function, "androidx.fragment.app.Fragment") && has_view(cx, function) {
        "viewLifecycleOwner.lifecycleScope"
    } else if is_in(cx, function, "androidx.lifecycle.LifecycleOwner") {
        "lifecycleScope"
    } else {
        return None;
    };
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

/// The function that blocks, as one that suspends instead.
fn suspending(cx: &Context<'_>, blocking: &CallSite, dispatcher: &str) -> Option<Sketch> {
    let root = cx.model.root_function(blocking.function);
    let decl = cx.model.function(root);
    if language(cx, blocking.file) != Language::Kotlin || decl.kind != FunctionKind::Function {
        return None;
    }
    // What frameworks call cannot be made to suspend.
    if shows(cx, root)
        || decl.modifiers.contains(crate::facts::Modifiers::OVERRIDE)
        || cx.flow.entries_of(root).next().is_some()
    {
        return None;
    }
    let facts = cx.model.facts(blocking.file);
    let body = facts[decl.body?].span;
    // An extension's `this` would be the coroutine's.
    if decl.receiver.is_some() {
        return None;
    }
    let head = crate::base::Span { start: decl.name_span.start, end: body.start };
    let head = cx.model.project.file(blocking.file).text.slice(head);
    let head = head.trim_end().trim_end_matches(['{', '=']).trim_end();
    if head.contains('\n') {
        return None;
    }
    let statements = super::source::statements(cx, root)?;
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
