//! Suppressions as every language writes them: the words of an annotation, `noinspection` comments and what they
//! cover, constants that stand for ids, reasons. Scopes are Android Lint's.
//!
//! A comment covers every element that begins on the next line with code, with all that is in it; so it covers a
//! statement, a declaration, a link of a call chain or an argument, whichever begins there. It never covers code
//! before it on its own line.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, Literal, Suppression, SuppressionForm};

const WORD: &str = "noinspection";

/// The annotations that suppress, by simple name.
pub(super) fn is_suppressing(annotation: Name) -> bool {
    matches!(annotation.last(), "SuppressLint" | "Suppress" | "SuppressWarnings")
}

/// What the arguments of a suppressing annotation say, in order: ids, and names that stand for ids.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) ids: Vec<Name>,
    pub(super) constants: Vec<Name>,
}

/// Reads string literals and names, also those in `[…]`, `{…}` and `arrayOf(…)`.
pub(super) fn words(facts: &FileFacts, values: impl DoubleEndedIterator<Item = ExprId>) -> Words {
    let mut found = Words::default();
    let mut open: Vec<ExprId> = values.rev().collect();
    while let Some(id) = open.pop() {
        let Some(expr) = facts.exprs.get(id.0 as usize) else { continue };
        match &expr.kind {
            ExprKind::Literal(Literal::String(text)) => found.ids.extend(ids(text)),
            ExprKind::Name(name) | ExprKind::Member { name, .. } => found.constants.push(*name),
            kind => {
                let from = open.len();
                kind.each_child(|child| open.push(child));
                if let Some(added) = open.get_mut(from..) {
                    added.reverse();
                }
            }
        }
    }
    found
}

/// One string may hold several ids.
fn ids(text: &str) -> impl Iterator<Item = Name> {
    text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(Name::new)
}

/// Puts the file's own constants in the place of their names: `const val IO = "DiskOnMainThread"`.
pub(super) fn resolve_constants(facts: &mut FileFacts) {
    let FileFacts { suppressions, properties, exprs, .. } = facts;
    for suppression in suppressions.iter_mut().filter(|it| !it.constants.is_empty()) {
        suppression.constants.retain(|name| {
            let values = properties.iter().filter(|it| it.name == *name).filter_map(|it| it.initializer);
            let mut texts = values.filter_map(|value| match exprs.get(value.0 as usize)?.kind {
                ExprKind::Literal(Literal::String(text)) => Some(text),
                _ => None,
            });
            let found = texts.next();
            suppression.ids.extend(found.iter().flat_map(|text| ids(text)));
            found.is_none()
        });
    }
}

/// A comment that stands on the line where an annotation ends tells why.
pub(super) fn reason_beside(text: &str, annotation: Span) -> Option<String> {
    let rest = text.get(annotation.end as usize..)?.lines().next()?;
    let mut letters = rest.char_indices().peekable();
    let mut quote = None;
    while let Some((at, letter)) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '/') if letters.peek().is_some_and(|(_, next)| matches!(next, '/' | '*')) => {
                let comment = rest.get(at + 2..).unwrap_or("");
                let comment = comment.split("*/").next().unwrap_or("").trim_matches(['/', '*']).trim();
                return (!comment.is_empty() && !comment.starts_with(WORD)).then(|| comment.to_owned());
            }
            _ => {}
        }
    }
    None
}

type IsComment = fn(Node<'_>) -> bool;

/// The comments of a file that suppress, in order. `text` is what the offsets of the tree are of.
pub(super) fn in_comments(text: &str, root: Node<'_>, is_comment: IsComment) -> Vec<Suppression> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), WORD) {
        let comment = root.descendant_for_byte_range(at, at + WORD.len());
        let Some(comment) = comment.filter(|node| is_comment(*node)) else { continue };
        let Some((ids, reason)) = directive(text, comment.start_byte()..comment.end_byte(), at) else {
            continue;
        };
        let span = Span::new(comment.start_byte(), comment.end_byte());
        let scope = scope(text, root, comment, is_comment).unwrap_or(span);
        let (form, word) = (SuppressionForm::Comment, Name::new(WORD));
        found.push(Suppression { form, word, ids, constants: Vec::new(), scope, span, reason });
    }
    found
}

/// Ids and reason, when the word at `at` begins its line of the comment, as a tag of documentation or alone.
fn directive(text: &str, comment: std::ops::Range<usize>, at: usize) -> Option<(Vec<Name>, Option<String>)> {
    let before = text.get(comment.start..at)?;
    let line = before.rsplit('\n').next().unwrap_or("");
    let begins = line.chars().all(|it| matches!(it, '/' | '*' | '@' | ' ' | '\t'));
    // Javadoc tags may follow text.
    let is_tag = before.starts_with("/*") && before.ends_with('@');
    if !(begins || is_tag) {
        return None;
    }
    let rest = text.get(at + WORD.len()..comment.end)?.lines().next()?;
    let rest = rest.trim_end().strip_suffix("*/").unwrap_or(rest);
    rest.starts_with([' ', '\t']).then(|| ids_and_reason(rest)).filter(|(ids, _)| !ids.is_empty())
}

/// `A, B because of it`: ids are separated by commas, what follows is the reason.
pub(super) fn ids_and_reason(text: &str) -> (Vec<Name>, Option<String>) {
    let mut rest = text.trim();
    let mut ids = Vec::new();
    loop {
        let is_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '-' | ':');
        let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
        // `A: because`, `A - because`: the mark is no part of the id.
        let id = rest.get(..end).unwrap_or("").trim_end_matches([':', '-', '.']);
        if id.is_empty() {
            break;
        }
        ids.push(Name::new(id));
        rest = rest.get(id.len()..).unwrap_or("").trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    let reason =
        rest.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, '-' | ':' | '–' | '—' | '.'));
    (ids, (!reason.is_empty()).then(|| reason.to_owned()))
}

/// Everything that begins on the next line with code, comments skipped; none when nothing but brackets does.
fn scope(text: &str, root: Node<'_>, comment: Node<'_>, is_comment: IsComment) -> Option<Span> {
    let first = next_code(text, root, comment.end_byte(), is_comment)?;
    let line_end = text.get(first..)?.find('\n').map_or(text.len(), |at| first + at);
    let (mut at, mut end, mut named) = (first, first, false);
    while at < line_end {
        let mut node = root.descendant_for_byte_range(at, at + 1)?;
        while let Some(parent) = node.parent() {
            // The file begins with its first declaration.
            if parent.start_byte() < first || parent.parent().is_none() {
                break;
            }
            node = parent;
        }
        named |= node.is_named();
        end = node.end_byte().max(at + 1);
        match next_code(text, root, end, is_comment) {
            Some(next) => at = next,
            None => break,
        }
    }
    named.then(|| Span::new(first, end))
}

/// The first byte at or after `from` that is neither white space nor part of a comment.
fn next_code(text: &str, root: Node<'_>, from: usize, is_comment: IsComment) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        if at >= text.len() {
            return None;
        }
        let node = root.descendant_for_byte_range(at, at + 1)?;
        if !is_comment(node) {
            return Some(at);
        }
        at = node.end_byte().max(at + 1);
    }
}

/// `//noinspection Id` and `#noinspection Id` in build files: the next line with code, to the end of the block that
/// begins there.
pub fn in_plain_text(text: &str) -> Vec<Suppression> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), WORD) {
        let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let end = text.get(at..).and_then(|it| it.find('\n')).map_or(text.len(), |it| at + it);
        let lead = text.get(start..at).unwrap_or("");
        let comment = start + lead.find(['/', '#']).unwrap_or(lead.len());
        let begins =
            lead.contains(['/', '#']) && lead.chars().all(|it| matches!(it, '/' | '#' | '*' | ' ' | '\t'));
        let rest = text.get(at + WORD.len()..end).unwrap_or("").trim_end().trim_end_matches("*/");
        let (ids, reason) = ids_and_reason(rest);
        if !begins || !rest.starts_with([' ', '\t']) || ids.is_empty() {
            continue;
        }
        let (form, word, span) = (SuppressionForm::Comment, Name::new(WORD), Span::new(comment, end));
        let scope = plain_scope(text, end).unwrap_or(span);
        found.push(Suppression { form, word, ids, constants: Vec::new(), scope, span, reason });
    }
    found
}

fn plain_scope(text: &str, from: usize) -> Option<Span> {
    let mut start = from;
    loop {
        let rest = text.get(start..)?;
        start += rest.len() - rest.trim_start().len();
        let line = text.get(start..)?.lines().next()?;
        if !line.starts_with("//") && !line.starts_with('#') {
            break;
        }
        start += line.len();
    }
    let mut depth = 0_i32;
    let mut end = start;
    for line in text.get(start..)?.split_inclusive('\n') {
        let opened = line.matches(['{', '(', '[']).count();
        let closed = line.matches(['}', ')', ']']).count();
        depth += i32::try_from(opened).unwrap_or(0) - i32::try_from(closed).unwrap_or(0);
        end += line.len();
        if depth <= 0 {
            break;
        }
    }
    Some(Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_after_noinspection() {
        let read = |text: &str| {
            let (ids, reason) = ids_and_reason(text);
            (ids.iter().map(|it| it.as_str()).collect::<Vec<_>>().join("+"), reason.unwrap_or_default())
        };
        assert_eq!(read(" A"), ("A".to_owned(), String::new()));
        assert_eq!(
            read(" A,B , worklint:C - since 2024"),
            ("A+B+worklint:C".to_owned(), "since 2024".to_owned())
        );
        assert_eq!(read(" A: ticket 812"), ("A".to_owned(), "ticket 812".to_owned()));
        assert_eq!(read(" A because of B"), ("A".to_owned(), "because of B".to_owned()));
        assert_eq!(read(" — why"), (String::new(), "why".to_owned()));
    }

    #[test]
    fn reasons_beside_annotations() {
        let beside = |text: &str| {
            let end = text.find(')').map_or(0, |at| at + 1);
            reason_beside(text, Span::new(0, end))
        };
        assert_eq!(beside("@S(1) // ticket 812\nfun f()"), Some("ticket 812".to_owned()));
        assert_eq!(beside("@S(1) /* small file */ fun f() {"), Some("small file".to_owned()));
        assert_eq!(beside("@S(1) fun f() = url(\"https://a\") // tiny"), Some("tiny".to_owned()));
        assert_eq!(beside("@S(1)\n// another line\nfun f()"), None);
        assert_eq!(beside("@S(1) //noinspection Other\nfun f()"), None);
    }

    #[test]
    fn build_files() {
        let text = "android {\n  //noinspection OldTargetApi, Ours by contract\n\n  defaultConfig {\n    targetSdk 28\n  }\n  x\n}\n";
        let found = in_plain_text(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].ids, ["OldTargetApi", "Ours"]);
        assert_eq!(found[0].reason.as_deref(), Some("by contract"));
        assert_eq!(&text[found[0].scope.range()], "defaultConfig {\n    targetSdk 28\n  }\n");
        let toml = "[versions]\n#noinspection A\ntarget = \"28\"\nmin = \"21\" # noinspection B\n";
        let found = in_plain_text(toml);
        assert_eq!(found.len(), 1);
        assert_eq!(&toml[found[0].scope.range()], "target = \"28\"\n");
    }
}
