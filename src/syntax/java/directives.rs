//! Suppressions that are comments: `//noinspection Id, Id reason`, `/** @noinspection Id */`.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Suppression, SuppressionForm};

use super::kinds::{Kind, kind};
use super::{Lower, span};

const WORD: &str = "noinspection";

impl<'t> Lower<'t> {
    /// Those of comments follow those of annotations, each in source order.
    pub(super) fn directives(&mut self, root: Node<'t>) {
        let text = self.text;
        for (at, _) in text.match_indices(WORD) {
            let Some(comment) = comment_at(root, at) else { continue };
            let Some((ids, reason)) = directive(text, comment, at) else { continue };
            let scope = scope(comment);
            let form = SuppressionForm::Comment;
            self.facts.suppressions.push(Suppression { form, ids, scope, span: span(comment), reason });
        }
    }
}

fn comment_at(root: Node, at: usize) -> Option<Node> {
    root.descendant_for_byte_range(at, at).filter(|node| kind(*node).is_comment())
}

/// Ids and reason, when the word at `at` begins the comment or is a Javadoc tag.
fn directive(text: &str, comment: Node, at: usize) -> Option<(Vec<Name>, Option<String>)> {
    let before = text.get(comment.start_byte()..at)?;
    let is_first = before.trim_start_matches(['/', '*']).trim().is_empty();
    let is_tag = kind(comment) == Kind::BlockComment && before.ends_with('@');
    if !is_first && !is_tag {
        return None;
    }
    let rest = text.get(at + WORD.len()..comment.end_byte())?;
    let line = rest.lines().next().unwrap_or("");
    if !line.starts_with(char::is_whitespace) {
        return None;
    }
    let mut line = line.trim().strip_suffix("*/").unwrap_or(line.trim()).trim_end();
    let mut ids = Vec::new();
    loop {
        let end =
            line.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-')).unwrap_or(line.len());
        if end == 0 {
            break;
        }
        ids.push(Name::new(&line[..end]));
        line = line[end..].trim_start();
        let Some(more) = line.strip_prefix(',') else { break };
        line = more.trim_start();
    }
    let reason = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—'));
    let reason = if reason.is_empty() { None } else { Some(reason.to_owned()) };
    if ids.is_empty() { None } else { Some((ids, reason)) }
}

/// The statement or declaration a comment stands before; inside one, it covers the whole of it.
fn scope(comment: Node) -> Span {
    let mut at = comment;
    while let Some(parent) = at.parent() {
        let next = next_code(at);
        if let Some(next) = next
            && (is_list(kind(parent)) || is_declaration_or_statement(kind(next)))
        {
            return span(next);
        }
        // At the end of a switch's group a comment speaks of the next group.
        if next.is_none() && is_list(kind(parent)) && kind(parent) != Kind::SwitchGroup {
            return span(comment);
        }
        if next.is_some() && is_declaration_or_statement(kind(parent)) {
            return span(parent);
        }
        at = parent;
    }
    span(comment)
}

fn next_code(node: Node) -> Option<Node> {
    let mut next = node.next_named_sibling();
    while let Some(node) = next.filter(|node| kind(*node).is_comment()) {
        next = node.next_named_sibling();
    }
    next
}

/// Nodes whose children are statements, members, or values that stand on lines of their own.
fn is_list(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Program
            | Kind::Block
            | Kind::ConstructorBody
            | Kind::ClassBody
            | Kind::InterfaceBody
            | Kind::EnumBody
            | Kind::EnumBodyDeclarations
            | Kind::AnnotationTypeBody
            | Kind::SwitchBlock
            | Kind::SwitchGroup
            | Kind::ArgumentList
            | Kind::ArrayInitializer
            | Kind::FormalParameters
            | Kind::Error
    )
}

fn is_declaration_or_statement(kind: Kind) -> bool {
    kind.is_statement() || kind.is_member()
}
