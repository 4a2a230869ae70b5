//! What a `try` around a place takes.

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FileFacts};
use crate::model::{FnId, Model};

/// The code that takes an exception.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The function whose body has the `try`.
    pub function: FnId,
    /// The body of the `catch`; none for `runCatching`.
    pub body: Option<ExprId>,
}

/// Is the place inside a `try` that catches one of these exceptions (simple names), or in `runCatching`? A `try` around a
/// lambda counts, because lambdas mostly run in place.
pub fn catches(model: &Model, function: FnId, at: Span, takes: &[&str]) -> bool {
    handler(model, function, at, takes).is_some()
}

/// The innermost code around a place that takes one of these exceptions.
pub fn handler(model: &Model, function: FnId, at: Span, takes: &[&str]) -> Option<Handler> {
    let facts = model.facts(model.symbols.fn_file(function));
    let mut outer = Some(function);
    while let Some(id) = outer {
        if let Some(body) = model.function(id).body
            && let Some(found) = caught(facts, body, at, takes, 0)
        {
            return Some(Handler { function: id, body: found });
        }
        outer = model.parent_function(id);
    }
    None
}

/// The body of the innermost catch, or none for `runCatching`.
fn caught(facts: &FileFacts, id: ExprId, at: Span, takes: &[&str], depth: u16) -> Option<Option<ExprId>> {
    if depth > 600 || !facts[id].span.contains(at) {
        return None;
    }
    let mut inner = None;
    facts[id].kind.each_child(|child| {
        inner = inner.or_else(|| caught(facts, child, at, takes, depth + 1));
    });
    if inner.is_some() {
        return inner;
    }
    match &facts[id].kind {
        ExprKind::Try(it) if facts[it.body].span.contains(at) => {
            let taking = |ty: &crate::facts::TypeRef| takes.contains(&ty.name.last());
            let catch = it.catches.iter().find(|catch| catch.types.iter().any(taking))?;
            Some(Some(catch.body))
        }
        ExprKind::Call(call) if call.name == "runCatching" => Some(None),
        _ => None,
    }
}

/// Where a place stands in a `catch` of the function: the code that was tried before.
pub fn tried_before(model: &Model, function: FnId, at: Span) -> Option<Span> {
    let facts = model.facts(model.symbols.fn_file(function));
    let tries = |id: ExprId| match &facts[id].kind {
        ExprKind::Try(it) => {
            let caught = it.catches.iter().any(|catch| facts[catch.body].span.contains(at));
            caught.then(|| facts[it.body].span)
        }
        _ => None,
    };
    let mut inner = model.function(function).body;
    let mut found = None;
    while let Some(id) = inner {
        found = tries(id).or(found);
        inner = None;
        facts[id].kind.each_child(|child| {
            if facts[child].span.contains(at) {
                inner = Some(child);
            }
        });
    }
    found
}
