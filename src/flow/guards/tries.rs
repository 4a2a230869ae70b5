//! What a `try` around a place takes.

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FileFacts};
use crate::model::{FnId, Model};

/// Is the place inside a `try` that catches one of these exceptions (simple names), or in `runCatching`? A `try` around a
/// lambda counts, because lambdas mostly run in place.
pub fn catches(model: &Model, function: FnId, at: Span, takes: &[&str]) -> bool {
    let facts = model.facts(model.symbols.fn_file(function));
    let mut outer = Some(function);
    while let Some(id) = outer {
        if let Some(body) = model.function(id).body
            && caught(facts, body, at, takes, 0)
        {
            return true;
        }
        outer = model.parent_function(id);
    }
    false
}

fn caught(facts: &FileFacts, id: ExprId, at: Span, takes: &[&str], depth: u16) -> bool {
    if depth > 600 || !facts[id].span.contains(at) {
        return false;
    }
    if let ExprKind::Try(it) = &facts[id].kind
        && facts[it.body].span.contains(at)
        && it.catches.iter().flat_map(|catch| &catch.types).any(|ty| takes.contains(&ty.name.last()))
    {
        return true;
    }
    if let ExprKind::Call(call) = &facts[id].kind
        && call.name == "runCatching"
    {
        return true;
    }
    let mut found = false;
    facts[id].kind.each_child(|child| found = found || caught(facts, child, at, takes, depth + 1));
    found
}
