//! Pieces of the user's source: statements, bodies, and names made of theirs.

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, Language};
use crate::findings::FileId;
use crate::rules::prelude::*;

/// Statements longer than this say too little in a sketch.
const MAX_LINES: usize = 8;

/// The text of a place, its lines moved to the left together.
pub(super) fn text(cx: &Context<'_>, file: FileId, span: Span) -> Vec<String> {
    let text = &cx.model.project.file(file).text;
    let column = text.byte_position(span.start).column as usize - 1;
    dedented(text.slice(span), column)
}

/// The first line starts in this column of its file.
fn dedented(text: &str, column: usize) -> Vec<String> {
    let space = |line: &str| line.len() - line.trim_start().len();
    let rest = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(space).min();
    let common = rest.unwrap_or(column);
    let first = text.lines().next().unwrap_or_default().trim_start().to_owned();
    let others = text
        .lines()
        .skip(1)
        .map(|line| line.get(common.min(space(line))..).unwrap_or("").trim_end().to_owned());
    std::iter::once(first).chain(others).collect()
}

/// The statements of a function's body, at most so many lines; none if they say too much or nothing.
pub(super) fn statements(cx: &Context<'_>, function: FnId) -> Option<Vec<String>> {
    let file = cx.model.symbols.fn_file(function);
    let facts = cx.model.facts(file);
    let body = cx.model.function(function).body?;
    let ExprKind::Block(items) = &facts[body].kind else { return Some(text(cx, file, facts[body].span)) };
    let (first, last) = (items.first()?, items.last()?);
    let span = Span { start: facts[*first].span.start, end: facts[*last].span.end };
    let mut lines = text(cx, file, span);
    if facts.language == Language::Java
        && let Some(last) = lines.last_mut().filter(|last| !last.ends_with([';', '}']))
    {
        last.push(';');
    }
    (lines.len() <= MAX_LINES && !lines.iter().all(String::is_empty)).then_some(lines)
}

/// The statement of a function around an expression.
pub(super) fn statement_around(cx: &Context<'_>, function: FnId, expr: ExprId) -> Option<ExprId> {
    let facts = cx.model.facts(cx.model.symbols.fn_file(function));
    let place = facts[expr].span;
    let mut at = cx.model.function(function).body?;
    let mut statement = None;
    for _ in 0..600 {
        if let ExprKind::Block(items) = &facts[at].kind {
            statement = items.iter().copied().find(|item| facts[*item].span.contains(place));
            at = statement?;
        }
        let mut next = None;
        facts[at].kind.each_child(|child| {
            if next.is_none() && facts[child].span.contains(place) && child != expr {
                next = Some(child);
            }
        });
        match next {
            Some(child) => at = child,
            None => break,
        }
    }
    statement
}

pub(super) fn indented(lines: impl IntoIterator<Item = String>, by: usize) -> impl Iterator<Item = String> {
    lines
        .into_iter()
        .map(move |line| if line.is_empty() { line } else { format!("{}{line}", " ".repeat(by)) })
}

pub(super) fn language(cx: &Context<'_>, file: FileId) -> Language {
    cx.model.facts(file).language
}

/// `syncNow` → `SyncNow`.
pub(super) fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `SyncNow` → `sync-now`.
pub(super) fn dashed(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// Is the code of an instance of this class, or of one around it?
pub(super) fn is_in(cx: &Context<'_>, function: FnId, class: &str) -> bool {
    let mut owner = cx.model.owner_of(function);
    while let Some(id) = owner {
        let info = cx.model.symbols.info(id);
        if cx.model.inherits(info.qualified, class) {
            return true;
        }
        owner = info.owner;
    }
    false
}

/// What stands for a Context here.
pub(super) fn context(cx: &Context<'_>, function: FnId) -> String {
    let mut at = Some(function);
    while let Some(id) = at {
        let given = cx
            .model
            .function(id)
            .params
            .iter()
            .find(|param| param.ty.as_ref().is_some_and(|ty| ty.name.last() == "Context"));
        if let Some(param) = given {
            return param.name.to_string();
        }
        at = cx.model.parent_function(id);
    }
    if cx.model.owner_of(function).is_some_and(|owner| {
        cx.model.inherits(cx.model.symbols.info(owner).qualified, "android.content.Context")
    }) {
        return "this".to_owned();
    }
    match is_in(cx, function, "androidx.fragment.app.Fragment") {
        true => "requireContext()".to_owned(),
        false => "context".to_owned(),
    }
}
