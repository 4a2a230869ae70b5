//! Declarations that the grammar reads as something else without an error.
//!
//! At the top of a file, `@Qualifier annotation class Io` is the infix call `annotation class Io` to it, and
//! `@Tag("x") fun f()` the annotated expression `("x")` before `fun f()`. In `class A : B by b { … }` the class body is
//! a lambda given to `b`. The text is respelled without the annotations or the `by b`, and what is lost is found again
//! here, by name.

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
    /// `by name` after the supertype before `start`.
    Delegate { start: usize, end: usize, name: Name },
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
    for (start, end) in delegates(text, root) {
        let name = Name::new(text.get(start..end).unwrap_or_default().trim_start_matches("by").trim());
        let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
        super::mend::blank(bytes, start, end);
        lost.push(Lost::Delegate { start, end, name });
    }
    for statement in root.children(&mut cursor) {
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
        super::mend::blank(bytes, statement.start_byte(), infix.start_byte());
        lost.push(Lost::Annotations { end: infix.start_byte(), names });
    }
    Some((String::from_utf8(bytes?).ok()?, lost))
}

/// Where `by delegate` stands before a class body that was taken for its lambda.
fn delegates(text: &str, root: Node<'_>) -> Vec<(usize, usize)> {
    let body = |at: usize| {
        let by = root.descendant_for_byte_range(at, at + 2).filter(|it| it.kind() == "by")?;
        let delegation = by.parent().filter(|it| it.kind() == "explicit_delegation")?;
        let call = last_child(delegation).filter(|it| it.kind() == "call_expression")?;
        let lambda = last_child(call).filter(|it| it.kind() == "annotated_lambda")?;
        Some((at, lambda.start_byte()))
    };
    memchr::memmem::find_iter(text.as_bytes(), "by ").filter_map(body).collect()
}

fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    node.child(node.child_count().checked_sub(1)?)
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
