//! Kotlin source to facts. Knows the tree-sitter grammar (kotlin-ng 1.1) and where it differs from the language;
//! knows nothing of other files.
//!
//! `mend` repairs what the grammar cannot read, `soft` what it reads as something else; `decl`, `function`, `expr`,
//! `chain`, `control`, `types` and `literal` lower the tree, `recover` lowers what errors left of it, `directives` reads
//! suppressions in comments.

mod chain;
mod control;
mod decl;
mod directives;
mod expr;
mod function;
mod generic;
mod kinds;
mod literal;
mod lower;
mod mend;
mod modifiers;
mod recover;
mod scan;
mod soft;
mod types;

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;

use tree_sitter::{InputEdit, ParseOptions, ParseState, Parser, Point, Range, Tree};

use crate::base::Span;
use crate::facts::{FileFacts, Language};
use crate::syntax::suppressions::resolve_constants;

use self::lower::Lower;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Everything one Kotlin file says. Never fails: what is not understood is in `problems`.
pub fn parse(text: &str, path: &str) -> FileFacts {
    let Some(tree) = tree_of(text) else {
        let mut facts = FileFacts::new(Language::Kotlin);
        facts.broken = true;
        facts.problems.push(recover::problem_at(
            text,
            path,
            Span::new(0, text.len()),
            "the parser gave up on this file",
        ));
        return facts;
    };
    let (mut readable, mut tree, mut lost) = soft::readable(Cow::Borrowed(text), tree);
    let broken = tree.root_node().has_error();
    if broken {
        let (mended, better) = mend::mend(&readable, tree);
        let more;
        (readable, tree, more) = soft::readable(Cow::Owned(mended), better);
        lost.extend(more);
    }
    let mut facts = lower(&readable, text, &tree, path, &lost);
    facts.broken = broken;
    facts
}

/// Time and errors of one file's parse, for measuring.
pub fn bare_parse(text: &str) -> bool {
    tree_of(text).is_some_and(|tree| !tree.root_node().has_error())
}

fn lower<'t>(
    text: &'t str,
    original: &'t str,
    tree: &'t Tree,
    path: &str,
    lost: &'t [soft::Lost],
) -> FileFacts {
    let mut lower = Lower::new(text, original, tree);
    let root = tree.root_node();
    lower.lost = lost;
    // About one expression for 26 bytes of text; growing in steps would copy them all again.
    lower.facts.exprs.reserve(text.len() / 26);
    lower.file(root);
    lower.comment_suppressions(root);
    lower.stray_suppressions(root);
    resolve_constants(&mut lower.facts);
    lower.problems(root, path);
    lower.facts.shrink();
    lower.facts
}

fn tree_of(text: &str) -> Option<Tree> {
    tree_within(text, 0, text.len(), None)
}

/// The tree of a stretch of a text, at its place.
fn tree_of_part(text: &str, from: usize, to: usize) -> Option<Tree> {
    tree_within(text, from, to, None)
}

/// The tree of a text that was respelled to the same length, line breaks in their places. What did not change is taken
/// from the tree that it had before.
fn tree_again(text: &str, before: (&str, &Tree)) -> Option<Tree> {
    let (old, tree) = before;
    let mut tree = tree.clone();
    let (bytes, old) = (text.as_bytes(), old.as_bytes());
    let (mut row, mut line, mut at) = (0, 0, 0);
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && old.get(at) != Some(&bytes[at]) {
            at += 1;
        }
        if at > start {
            let end = Point::new(row, at - line);
            tree.edit(&InputEdit {
                start_byte: start,
                old_end_byte: at,
                new_end_byte: at,
                start_position: Point::new(row, start - line),
                old_end_position: end,
                new_end_position: end,
            });
        } else {
            if bytes[at] == b'\n' {
                (row, line) = (row + 1, at + 1);
            }
            at += 1;
        }
    }
    tree_within(text, 0, text.len(), Some(&tree))
}

/// None when the parser gives up: its work per byte is bounded, since error recovery can be very slow.
fn tree_within(text: &str, from: usize, to: usize, edited: Option<&Tree>) -> Option<Tree> {
    let bytes = text.as_bytes().get(..to)?;
    let mut left = 10_000 + to.saturating_sub(from) / 2;
    let mut progress = |_: &ParseState| match left.checked_sub(1) {
        Some(less) => {
            left = less;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    // The grammar's scanner looks for white space without looking for the end of the file (it hangs after a final
    // `@Name`), so every file gets a final line break.
    let mut read = |at: usize, _: Point| match bytes.get(at..) {
        Some(rest) if !rest.is_empty() => rest,
        Some(_) if !bytes.ends_with(b"\n") => b"\n",
        _ => b"",
    };
    PARSER.with_borrow_mut(|slot| {
        let parser = slot.get_or_insert_with(|| {
            let mut parser = Parser::new();
            // Fails only for a grammar of another ABI, which the lock file excludes.
            let _ = parser.set_language(&tree_sitter_kotlin_ng::LANGUAGE.into());
            parser
        });
        let end = bytes.len() + usize::from(!bytes.ends_with(b"\n"));
        let part = Range {
            start_byte: from,
            end_byte: end,
            start_point: Point::new(0, from),
            end_point: Point::new(0, end),
        };
        let parts: &[Range] = if from > 0 { &[part] } else { &[] };
        parser.set_included_ranges(parts).ok()?;
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree = parser.parse_with_options(&mut read, edited, Some(options));
        if tree.is_none() {
            parser.reset();
        }
        tree
    })
}
