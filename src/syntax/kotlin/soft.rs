//! Declarations that the grammar reads as something else without an error.
//!
//! At the top of a file, `@Qualifier annotation class Io` is the infix call `annotation class Io` to it, and
//! `@Tag("x") fun f()` the annotated expression `("x")` before `fun f()`. The text is respelled without the annotations,
//! which are found again here, by name. In `class A : B by b { … }` the class body is a lambda given to `b`; as
//! `class A : B(  b){ … }` it is none.

use std::borrow::Cow;

use tree_sitter::{Node, Tree};

use crate::base::Name;

/// Words that no infix function can be called, but that the grammar takes for one.
const HARD: [&str; 5] = ["class", "object", "interface", "fun", "val"];
/// A respelled declaration may uncover the next one.
const ROUNDS: usize = 6;

/// Something that the tree does not have.
#[derive(Debug)]
pub(super) enum Lost {
    /// Annotations of the declaration that comes after `end`.
    Annotations { end: usize, names: Vec<Name> },
    /// What is spelled as the argument of a supertype's constructor, after this place, is its delegate.
    Delegate { by: usize },
}

/// The text with its declarations made readable, its tree, and the annotations that the tree does not have.
pub(super) fn readable<'t>(mut text: Cow<'t, str>, mut tree: Tree) -> (Cow<'t, str>, Tree, Vec<Lost>) {
    let mut lost = Vec::new();
    for _ in 0..ROUNDS {
        let Some((respelled, found)) = respell(&text, &tree) else { break };
        // Anew: what the grammar reads in two ways would keep the way it was read first.
        let Some(again) = super::tree_of(&respelled) else { break };
        lost.extend(found);
        (text, tree) = (Cow::Owned(respelled), again);
    }
    lost.extend(before_parentheses(&text, &tree));
    (text, tree, lost)
}

fn respell(text: &str, tree: &Tree) -> Option<(String, Vec<Lost>)> {
    let root = tree.root_node();
    let mut cursor = root.walk();
    let mut lost = Vec::new();
    let mut bytes = None;
    for delegate in delegates(text, root) {
        let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
        let Delegate { ty, by, end, body } = delegate;
        if [ty, end].iter().all(|at| bytes[*at].is_ascii_whitespace()) {
            super::mend::blank(bytes, by, by + 2);
            (bytes[ty], bytes[end]) = (b'(', b')');
            lost.push(Lost::Delegate { by });
        } else {
            super::mend::blank(bytes, by, body);
        }
    }
    for statement in root.children(&mut cursor) {
        // `context(api: Api) fun load()` on one line.
        let first = leftmost(statement);
        let is_context = |it: &str| it.starts_with("context") && it.ends_with(')');
        if first.kind() == "call_expression"
            && text.get(first.byte_range()).is_some_and(is_context)
            && declares(statement, text)
        {
            let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
            super::mend::blank(bytes, first.start_byte(), first.end_byte());
            continue;
        }
        // `@Named("x") const val SIZE = 1`.
        let is_assignment = statement.kind() == "assignment";
        let Some(annotated) = (if is_assignment { statement.child(0) } else { Some(statement) }) else {
            continue;
        };
        if annotated.kind() != "annotated_expression" {
            continue;
        }
        let mut names = Vec::new();
        let Some(infix) = below(annotated, text, &mut names).filter(|it| it.kind() == "infix_expression")
        else {
            continue;
        };
        if !declares(infix, text) {
            continue;
        }
        let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
        // The arguments of the last annotation are the first operand to the grammar.
        let first = leftmost(infix);
        let is_args = first.kind() == "parenthesized_expression";
        let end = if is_args { first.end_byte() } else { infix.start_byte() };
        super::mend::blank(bytes, statement.start_byte(), end);
        lost.push(Lost::Annotations { end, names });
    }
    Some((String::from_utf8(bytes?).ok()?, lost))
}

/// `by delegate` before a class body that was taken for its lambda.
struct Delegate {
    /// Where the supertype ends.
    ty: usize,
    by: usize,
    /// Where the delegate ends.
    end: usize,
    body: usize,
}

fn delegates(text: &str, root: Node<'_>) -> Vec<Delegate> {
    let delegate = |at: usize| {
        let by = root.descendant_for_byte_range(at, at + 2).filter(|it| it.kind() == "by")?;
        let delegation = by.parent().filter(|it| it.kind() == "explicit_delegation")?;
        let call = last_child(delegation).filter(|it| it.kind() == "call_expression")?;
        let lambda = last_child(call).filter(|it| it.kind() == "annotated_lambda")?;
        let (ty, callee) = (by.prev_sibling()?, lambda.prev_sibling()?);
        Some(Delegate { ty: ty.end_byte(), by: at, end: callee.end_byte(), body: lambda.start_byte() })
    };
    memchr::memmem::find_iter(text.as_bytes(), "by ").filter_map(delegate).collect()
}

fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    node.child(node.child_count().checked_sub(1)?)
}

/// The first operand of `a b c d e`.
fn leftmost(infix: Node<'_>) -> Node<'_> {
    let mut at = infix;
    while at.kind() == "infix_expression"
        && let Some(left) = at.child(0)
    {
        at = left;
    }
    at
}

/// Is one of the words of `internal annotation class Io` a hard keyword?
fn declares(infix: Node<'_>, text: &str) -> bool {
    let mut at = infix;
    loop {
        let mut cursor = at.walk();
        let hard = |node: Node<'_>| text.get(node.byte_range()).is_some_and(|it| HARD.contains(&it));
        if at.children(&mut cursor).any(hard) {
            return true;
        }
        match at.child(0).filter(|it| it.kind() == "infix_expression") {
            Some(left) => at = left,
            None => return false,
        }
    }
}

/// `@Tag("x")` as a statement before a declaration.
fn before_parentheses(text: &str, tree: &Tree) -> Vec<Lost> {
    let root = tree.root_node();
    let mut cursor = root.walk();
    let statements = root.children(&mut cursor).filter(|it| it.kind() == "annotated_expression");
    let found = statements.filter_map(|statement| {
        let mut names = Vec::new();
        let end = statement.end_byte();
        let parenthesized =
            below(statement, text, &mut names).is_some_and(|it| it.kind() == "parenthesized_expression");
        parenthesized.then_some(Lost::Annotations { end, names })
    });
    found.collect()
}

/// The expression below the annotations of a statement, whose names are collected.
fn below<'t>(statement: Node<'t>, text: &str, names: &mut Vec<Name>) -> Option<Node<'t>> {
    let mut at = statement;
    while at.kind() == "annotated_expression" {
        let mut cursor = at.walk();
        for annotation in at.children(&mut cursor).filter(|it| it.kind() == "annotation") {
            let written = text.get(annotation.byte_range()).unwrap_or_default();
            let name = written.trim_start_matches('@').split(['(', '<']).next().unwrap_or_default().trim();
            // `@file:Name` belongs to the file.
            if !name.is_empty() && !name.contains(':') {
                names.push(Name::new(name));
            }
        }
        at = last_child(at)?;
    }
    Some(at)
}
