//! Suppressions in comments, and annotations that the grammar takes for something else: what and how is in
//! `syntax/suppressions.rs`.

use tree_sitter::Node;

use crate::base::Name;
use crate::facts::{Suppression, SuppressionForm};
use crate::syntax::suppressions::{in_comments, is_suppressing, reason_beside};

use super::kinds::Kind;
use super::lower::{Lower, span};

impl<'t> Lower<'t> {
    pub(super) fn comment_suppressions(&mut self, root: Node<'t>) {
        // The original text: mending may have blanked comments.
        let found = in_comments(self.original, root, |node| Kind::of(node).is_comment());
        self.facts.suppressions.extend(found);
    }

    /// On a line of its own the grammar may read `@SuppressLint("Id")` as an annotated expression in parentheses: it
    /// belongs to the declaration or statement that follows.
    pub(super) fn stray_suppressions(&mut self, root: Node<'t>) {
        for at in memchr::memmem::find_iter(self.text.as_bytes(), "@Suppress") {
            let Some(annotation) = root.descendant_for_byte_range(at, at + 1) else { continue };
            let Some(node) = annotated_in_parentheses(annotation, at) else { continue };
            let Some(next) = next_code(node) else { continue };
            let text = self.text_of(node);
            let word = Name::new(text.trim_start_matches('@').split('(').next().unwrap_or("").trim());
            if !is_suppressing(word) {
                continue;
            }
            let ids: Vec<Name> = text.split('"').skip(1).step_by(2).map(Name::new).collect();
            let (scope, span) = (span(next), span(node));
            self.facts.suppressions.retain(|it| it.span.start != span.start);
            self.facts.suppressions.push(Suppression {
                form: SuppressionForm::Annotation,
                word: Name::new(word.last()),
                ids,
                constants: Vec::new(),
                scope,
                span,
                reason: reason_beside(self.original, span),
            });
        }
    }
}

/// The annotated expression that begins at an offset, when nothing but parentheses is annotated.
fn annotated_in_parentheses(from: Node<'_>, start: usize) -> Option<Node<'_>> {
    let mut at = from;
    while Kind::of(at) != Kind::AnnotatedExpression {
        at = at.parent().filter(|parent| parent.start_byte() == start)?;
    }
    let last = u32::try_from(at.named_child_count()).ok()?.checked_sub(1)?;
    (Kind::of(at.named_child(last)?) == Kind::Parenthesized).then_some(at)
}

fn next_code(node: Node<'_>) -> Option<Node<'_>> {
    let mut next = node.next_named_sibling();
    while let Some(node) = next.filter(|node| Kind::of(*node).is_comment()) {
        next = node.next_named_sibling();
    }
    next
}
