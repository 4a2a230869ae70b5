//! Suppressions in comments: `//noinspection Id,Id reason`, `@noinspection Id` in KDoc.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Suppression, SuppressionForm};

use super::kinds::Kind;
use super::lower::{Lower, span};

const WORD: &str = "noinspection";

impl<'t> Lower<'t> {
    pub(super) fn comment_suppressions(&mut self, root: Node<'t>) {
        // The original text: mending may have blanked comments.
        for (at, _) in self.original.match_indices(WORD) {
            let Some(comment) = root.descendant_for_byte_range(at, at + WORD.len()) else { continue };
            if !Kind::of(comment).is_comment() {
                continue;
            }
            let text = self.original.get(comment.byte_range()).unwrap_or("");
            let before = text.get(..at.saturating_sub(comment.start_byte())).unwrap_or("");
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let lead = before.get(line_start..).unwrap_or("");
            if !lead.chars().all(|it| matches!(it, '/' | '*' | '@' | ' ' | '\t')) {
                continue;
            }
            let rest = text.get(before.len() + WORD.len()..).unwrap_or("");
            let rest = rest.lines().next().unwrap_or("").trim_end_matches("*/");
            let (ids, reason) = ids_and_reason(rest);
            if !ids.is_empty() {
                let scope = self.next_statement(root, comment.end_byte()).unwrap_or(span(comment));
                let form = SuppressionForm::Comment;
                self.facts.suppressions.push(Suppression { form, ids, scope, span: span(comment), reason });
            }
        }
    }

    /// The largest node that begins where the code after `offset` begins: a statement, declaration or argument.
    fn next_statement(&self, root: Node<'t>, offset: usize) -> Option<Span> {
        let mut at = offset;
        let mut node = loop {
            let rest = self.text.get(at..)?;
            at += rest.len() - rest.trim_start().len();
            let node = root
                .descendant_for_byte_range(at, at + 1)
                .filter(|node| node.start_byte() < self.text.len())?;
            if !Kind::of(node).is_comment() {
                break node;
            }
            at = node.end_byte().max(at + 1);
        };
        if !node.is_named() {
            if matches!(Kind::of(node), Kind::CloseBrace | Kind::CloseParen) {
                return None;
            }
            node = node.parent()?;
        }
        while let Some(parent) = node.parent() {
            let container =
                matches!(Kind::of(parent), Kind::SourceFile | Kind::Block | Kind::ClassBody | Kind::EnumBody);
            if container || parent.start_byte() != node.start_byte() {
                break;
            }
            node = parent;
        }
        Some(span(node))
    }
}

/// `A, B because of it`: ids are separated by commas, what follows is the reason.
fn ids_and_reason(text: &str) -> (Vec<Name>, Option<String>) {
    let mut rest = text.trim();
    let mut ids = Vec::new();
    loop {
        let end = rest
            .find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.' | '-' | ':')))
            .unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        if id.is_empty() {
            break;
        }
        ids.push(Name::new(id));
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    let reason = rest.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, '-' | ':'));
    (ids, (!reason.is_empty()).then(|| reason.to_owned()))
}

impl<'t> Lower<'t> {
    /// Before a top-level function the grammar may read `@SuppressLint("Id")` as an annotated expression in
    /// parentheses: it belongs to the declaration that follows.
    pub(super) fn stray_suppressions(&mut self, root: Node<'t>) {
        let mut at = root.named_child(0);
        while let Some(node) = at {
            at = node.next_named_sibling();
            let Some(next) = at.filter(|_| node.kind() == "annotated_expression") else { continue };
            let text = self.text_of(node);
            let name = text.trim_start_matches('@').split('(').next().unwrap_or("").trim();
            if !matches!(name, "SuppressLint" | "Suppress" | "SuppressWarnings") {
                continue;
            }
            let ids: Vec<Name> = text.split('"').skip(1).step_by(2).map(Name::new).collect();
            let (scope, span) = (span(next), span(node));
            self.facts.suppressions.retain(|it| it.span.start != span.start);
            self.facts.suppressions.push(Suppression {
                form: SuppressionForm::Annotation,
                ids,
                scope,
                span,
                reason: None,
            });
        }
    }
}
