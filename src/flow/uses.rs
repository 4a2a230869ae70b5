//! What becomes of the value of an expression, what a function gives back, and under which conditions a place is
//! reached, as far as one body tells.

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, Literal};
use crate::model::{FnId, Model};

/// Nesting that is followed; deeper code is generated.
const MAX_DEPTH: u16 = 600;

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is a statement: nobody looks at the value.
    Dropped,
    /// The receiver of this call.
    Receiver(ExprId),
    /// Into a local variable of this name.
    Local(Name),
    /// Returned, assigned, handed on, tested.
    Elsewhere,
}

/// Where the value of an expression of the function goes.
pub fn use_of(model: &Model, function: FnId, value: ExprId) -> Use {
    let facts = model.facts(model.symbols.fn_file(function));
    let Some(body) = model.function(function).body else { return Use::Elsewhere };
    let Some(parent) = parent(facts, body, value) else { return Use::Elsewhere };
    match &facts[parent].kind {
        ExprKind::Call(call) if call.receiver == Some(value) => Use::Receiver(parent),
        ExprKind::Local(local) if local.init == Some(value) => Use::Local(local.name),
        ExprKind::Assign { target, op: None, value: assigned } if *assigned == value => {
            match facts[*target].kind {
                ExprKind::Name(name) if is_local(facts, body, name) => Use::Local(name),
                _ => Use::Elsewhere,
            }
        }
        // What was in the variable before is not used.
        ExprKind::Assign { target, op: None, .. } if *target == value => Use::Dropped,
        // The last expression of a lambda or an expression body is its value.
        ExprKind::Block(statements) if parent == body && statements.last() == Some(&value) => {
            let decl = model.function(function);
            if decl.expression_body || model.is_lambda(function) { Use::Elsewhere } else { Use::Dropped }
        }
        ExprKind::Block(statements) if statements.last() != Some(&value) => Use::Dropped,
        ExprKind::Block(_) => Use::Elsewhere,
        ExprKind::NotNull(_) | ExprKind::Cast { .. } => use_of(model, function, parent),
        _ => Use::Elsewhere,
    }
}

fn is_local(facts: &FileFacts, body: ExprId, name: Name) -> bool {
    let mut found = false;
    each(facts, body, &mut |id| {
        found |= matches!(&facts[id].kind, ExprKind::Local(local) if local.name == name);
    });
    found
}

/// The expression around another one.
pub fn parent(facts: &FileFacts, body: ExprId, of: ExprId) -> Option<ExprId> {
    let mut at = body;
    for _ in 0..MAX_DEPTH {
        let mut next = None;
        let mut found = false;
        facts[at].kind.each_child(|child| {
            found |= child == of;
            if next.is_none() && facts[child].span.contains(facts[of].span) {
                next = Some(child);
            }
        });
        if found {
            return Some(at);
        }
        at = next?;
    }
    None
}

/// Every mention of a local name in a body, lambdas left out, with what is done to it there.
pub fn mentions(model: &Model, function: FnId, name: Name) -> Vec<Use> {
    mentions_at(model, function, name).into_iter().map(|(_, used)| used).collect()
}

/// The same with the places.
pub fn mentions_at(model: &Model, function: FnId, name: Name) -> Vec<(ExprId, Use)> {
    let facts = model.facts(model.symbols.fn_file(function));
    let mut found = Vec::new();
    if let Some(body) = model.function(function).body {
        each(facts, body, &mut |id| {
            if facts[id].kind == ExprKind::Name(name) {
                found.push((id, use_of(model, function, id)));
            }
        });
    }
    found
}

/// Do lambdas, local functions or anonymous classes inside the function mention the name?
pub fn captured(model: &Model, function: FnId, name: Name) -> bool {
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    let around = model.function(function).span;
    facts.functions.iter().enumerate().any(|(at, inner)| {
        let local = crate::facts::FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        if !around.contains(inner.span) || model.symbols.fn_id(file, local) == function {
            return false;
        }
        let mut mentioned = false;
        if let Some(body) = inner.body {
            each(facts, body, &mut |id| mentioned |= facts[id].kind == ExprKind::Name(name));
        }
        mentioned
    })
}

/// Visits an expression and all below it, but not into lambdas.
pub fn each(facts: &FileFacts, id: ExprId, visit: &mut impl FnMut(ExprId)) {
    each_at(facts, id, visit, 0);
}

fn each_at(facts: &FileFacts, id: ExprId, visit: &mut impl FnMut(ExprId), depth: u16) {
    if depth > MAX_DEPTH {
        return;
    }
    visit(id);
    facts[id].kind.each_child(|child| each_at(facts, child, visit, depth + 1));
}

/// The values a function may return: of `return` and of an expression body, `if` and `when` taken apart.
pub fn results(model: &Model, function: FnId) -> Vec<ExprId> {
    let facts = model.facts(model.symbols.fn_file(function));
    let decl = model.function(function);
    let Some(body) = decl.body else { return Vec::new() };
    let mut found = Vec::new();
    each(facts, body, &mut |id| {
        if let ExprKind::Return { value: Some(value), .. } = facts[id].kind {
            branches(facts, value, &mut found, 0);
        }
    });
    if let ExprKind::Block(statements) = &facts[body].kind
        && (decl.expression_body || model.is_lambda(function))
        && let Some(last) = statements.last()
    {
        branches(facts, *last, &mut found, 0);
    }
    found
}

/// The values an expression may have.
fn branches(facts: &FileFacts, id: ExprId, found: &mut Vec<ExprId>, depth: u16) {
    if depth > MAX_DEPTH {
        return;
    }
    match &facts[id].kind {
        ExprKind::If { then, otherwise, .. } => {
            then.iter().chain(otherwise).for_each(|branch| branches(facts, *branch, found, depth + 1));
        }
        ExprKind::When { arms, .. } => {
            arms.iter().for_each(|arm| branches(facts, arm.body, found, depth + 1));
        }
        ExprKind::Try(it) => {
            branches(facts, it.body, found, depth + 1);
            it.catches.iter().for_each(|catch| branches(facts, catch.body, found, depth + 1));
        }
        ExprKind::Block(statements) => {
            if let Some(last) = statements.last() {
                branches(facts, *last, found, depth + 1);
            }
        }
        ExprKind::Return { .. } => {}
        _ => found.push(id),
    }
}

/// Does the function return this literal on some way?
pub fn returns_literal(model: &Model, function: FnId, literal: bool) -> bool {
    let facts = model.facts(model.symbols.fn_file(function));
    results(model, function)
        .iter()
        .any(|value| facts[*value].kind == ExprKind::Literal(Literal::Bool(literal)))
}

/// The conditions of `if`s, `when` arms and loops around a place of the function, in the function alone.
pub fn conditions_around(model: &Model, function: FnId, place: Span) -> Vec<ExprId> {
    let facts = model.facts(model.symbols.fn_file(function));
    let mut found = Vec::new();
    let Some(mut at) = model.function(function).body else { return found };
    for _ in 0..MAX_DEPTH {
        match &facts[at].kind {
            ExprKind::If { condition, .. } if !facts[*condition].span.contains(place) => {
                found.push(*condition);
            }
            ExprKind::When { subject, arms, .. } => {
                let arm = arms.iter().find(|arm| facts[arm.body].span.contains(place));
                found
                    .extend(arm.into_iter().flat_map(|arm| arm.conditions.iter().chain(&arm.guard)).copied());
                found.extend(subject.filter(|_| arm.is_some()));
            }
            ExprKind::Loop(it) if it.body.is_some_and(|body| facts[body].span.contains(place)) => {
                found.extend(it.condition);
            }
            _ => {}
        }
        let mut next = None;
        facts[at].kind.each_child(|child| {
            if next.is_none() && facts[child].span.contains(place) {
                next = Some(child);
            }
        });
        match next {
            Some(child) => at = child,
            None => break,
        }
    }
    found
}

/// Do two places stand on different branches of one `if`?
pub fn are_alternatives(model: &Model, function: FnId, one: Span, other: Span) -> bool {
    let facts = model.facts(model.symbols.fn_file(function));
    let within = |id: &ExprId, place: Span| facts[*id].span.contains(place);
    facts.exprs.iter().any(|expr| match &expr.kind {
        ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => {
            (within(then, one) && within(otherwise, other)) || (within(then, other) && within(otherwise, one))
        }
        _ => false,
    })
}

/// The parameter of the function that an expression is, as position.
pub fn parameter(model: &Model, function: FnId, value: ExprId) -> Option<usize> {
    let facts = model.facts(model.symbols.fn_file(function));
    let ExprKind::Name(name) = facts[value].kind else { return None };
    model.function(function).params.iter().position(|param| param.name == name)
}
