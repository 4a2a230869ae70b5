//! Repairs for what the grammar cannot read: newer syntax and its own gaps. A construct is blanked or respelled to
//! the same length, so that every offset stays; names and constants are read from the original text.
//!
//! Only broken files come here. What was removed but means something is found again while lowering: a `when`
//! guard (`Lower::blanked_guard`), `suspend` before a lambda.

use tree_sitter::{Node, Tree};

use crate::base::Name;
use crate::facts::ExprId;

use super::kinds::Kind;
use super::lower::Lower;
use super::scan::{Scan, Shape, Token, scan};

/// Words that are modifiers before a declaration and names anywhere else.
const MODIFIERS: [&str; 20] = [
    "open",
    "private",
    "public",
    "internal",
    "protected",
    "infix",
    "inline",
    "operator",
    "override",
    "final",
    "abstract",
    "external",
    "const",
    "sealed",
    "lateinit",
    "tailrec",
    "vararg",
    "noinline",
    "crossinline",
    "inner",
];

/// Longest `when` guard, in tokens.
const MAX_GUARD: usize = 400;

/// A mended text with the fewest errors we can reach, and its tree.
pub(super) fn mend(text: &str, tree: Tree) -> (String, Tree) {
    let scan = scan(text);
    let mut best = (text.to_owned(), tree);
    let mut errors = error_bytes(best.1.root_node());
    let stages: [&[Rule]; 3] = [&GENERAL, &[blank_comments, close_members], &[accessor_annotations]];
    for rules in stages {
        let mut bytes = best.0.clone().into_bytes();
        for rule in rules {
            rule(&scan, &mut bytes);
        }
        let Ok(mended) = String::from_utf8(bytes) else { continue };
        if mended == best.0 {
            continue;
        }
        let Some(tree) = super::tree_again(&mended, (&best.0, &best.1)) else { continue };
        let left = error_bytes(tree.root_node());
        if left < errors {
            (best, errors) = ((mended, tree), left);
        }
        if errors == 0 {
            break;
        }
    }
    best
}

type Rule = fn(&Scan<'_>, &mut [u8]);

const GENERAL: [Rule; 11] = [
    dollar_strings,
    empty_lists,
    trailing_commas,
    contexts,
    suspend_lambdas,
    backing_fields,
    guards,
    modifiers_as_names,
    accessors_on_the_line,
    accessors_as_names,
    annotated_types,
];

/// Bytes in `ERROR` nodes; a missing token counts as one.
fn error_bytes(root: Node<'_>) -> usize {
    let mut cursor = root.walk();
    let mut bytes = 0;
    loop {
        let node = cursor.node();
        if node.is_error() {
            bytes += (node.end_byte() - node.start_byte()).max(1);
        } else if node.is_missing() {
            bytes += 1;
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return bytes;
            }
        }
    }
}

/// Overwrites with spaces, line breaks stay.
pub(super) fn blank(bytes: &mut [u8], start: usize, end: usize) {
    for byte in bytes.get_mut(start..end).unwrap_or(&mut []) {
        if !byte.is_ascii_whitespace() {
            *byte = b' ';
        }
    }
}

/// Makes a word a name; the original text keeps the real one.
fn rename(bytes: &mut [u8], token: &Token<'_>) {
    if let Some(first) = bytes.get_mut(token.start) {
        *first = b'_';
    }
}

fn text_at<'s>(scan: &Scan<'s>, index: usize) -> &'s str {
    scan.tokens.get(index).map_or("", |token| token.text)
}

fn before<'s>(scan: &Scan<'s>, index: usize) -> &'s str {
    index.checked_sub(1).map_or("", |index| text_at(scan, index))
}

/// The index of the bracket closing the one at `open`.
fn closing(scan: &Scan<'_>, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in scan.tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// `$$"…"`: the prefix goes, single `$` become plain text, `$$name` becomes `$name`.
fn dollar_strings(scan: &Scan<'_>, bytes: &mut [u8]) {
    for string in &scan.dollar_strings {
        blank(bytes, string.start, string.start + string.dollars);
        let mut run = 0;
        for at in string.start + string.dollars..string.end {
            if bytes.get(at) == Some(&b'$') {
                run += 1;
                continue;
            }
            // The last `$` of a run that is long enough starts an expression.
            let keep = usize::from(run >= string.dollars);
            for dollar in bytes.get_mut(at - run..at - keep.min(run)).unwrap_or(&mut []) {
                *dollar = b'_';
            }
            run = 0;
        }
    }
}

/// `@Database(entities = [])`: the grammar wants an element; an empty text says as little.
fn empty_lists(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        let next = scan.tokens.get(index + 1).filter(|next| next.text == "]");
        if let Some(next) = next
            && token.text == "["
            && matches!(before(scan, index), "=" | "(" | ",")
        {
            bytes[token.start] = b'"';
            bytes[next.start] = b'"';
        }
    }
}

/// `Map<A, B,>`, `a[b,]`.
fn trailing_commas(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text == "," && matches!(text_at(scan, index + 1), ">" | "]") {
            blank(bytes, token.start, token.end);
        }
    }
}

/// `context(a: A) fun f()`.
fn contexts(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text != "context" || text_at(scan, index + 1) != "(" {
            continue;
        }
        let Some(close) = closing(scan, index + 1) else { continue };
        let Some(end) = scan.tokens.get(close) else { continue };
        let next = text_at(scan, close + 1);
        let declares = MODIFIERS.contains(&next)
            || matches!(
                next,
                "fun" | "val" | "var" | "class" | "interface" | "object" | "suspend" | "data" | "@"
            );
        let is_type = next == "(" && before(scan, index) == ":";
        if declares || is_type {
            blank(bytes, token.start, end.end);
        }
    }
}

/// `suspend { }`, `suspend fun() { }` as expressions.
fn suspend_lambdas(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text == "suspend" {
            let next = text_at(scan, index + 1);
            if next == "{" || next == "fun" && text_at(scan, index + 2) == "(" {
                blank(bytes, token.start, token.end);
            }
        }
    }
}

/// `val state: Flow<T>` / `field = MutableFlow()`: the backing field's value becomes the property's.
fn backing_fields(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text != "field" || !token.line_start {
            continue;
        }
        let header = scan.tokens.get(index.saturating_sub(60)..index).unwrap_or(&[]).iter().rev();
        let mut header =
            header.map(|token| token.text).take_while(|text| !matches!(*text, "{" | "}" | "=" | ";"));
        if !header.any(|text| text == "val" || text == "var") {
            continue;
        }
        match text_at(scan, index + 1) {
            "=" => blank(bytes, token.start, token.end),
            // `field: Type = value`.
            ":" => {
                let assign = (index..index + 60).find(|at| text_at(scan, *at) == "=");
                if let Some(assign) = assign.and_then(|assign| scan.tokens.get(assign)) {
                    blank(bytes, token.start, assign.start);
                }
            }
            _ => {}
        }
    }
}

/// `is A if condition ->`, `else if condition ->`.
fn guards(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text != "if" || token.shape != Shape::Word {
            continue;
        }
        let Some(last) = index.checked_sub(1).and_then(|last| scan.tokens.get(last)) else { continue };
        let word =
            last.shape == Shape::Word && !matches!(last.text, "return" | "in" | "is" | "throw" | "else");
        let ends_condition =
            word || last.shape == Shape::Literal || matches!(last.text, ")" | ">" | "?" | "]" | "else" | "}");
        if !ends_condition || last.text == "}" && token.line_start {
            continue;
        }
        if let Some(arrow) = guard_end(scan, index + 1) {
            blank(bytes, token.start, arrow);
        }
    }
}

/// Where the guard that starts at a token ends: right before `->` of the same arm.
fn guard_end(scan: &Scan<'_>, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for index in from..from + MAX_GUARD {
        let token = scan.tokens.get(index)?;
        if depth == 0 {
            let continues = |text: &str| {
                matches!(
                    text,
                    "&&" | "||"
                        | "."
                        | "?."
                        | "?:"
                        | "->"
                        | "=="
                        | "!="
                        | "<"
                        | ">"
                        | "("
                        | "in"
                        | "is"
                        | "!"
                )
            };
            let ends = token.line_start && !continues(token.text) && !continues(before(scan, index));
            match token.text {
                "->" => return Some(token.start),
                "else" | "return" | "=" | ";" | "val" | "var" => return None,
                _ if ends => return None,
                _ => {}
            }
        }
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// `open()`, `private = x`: modifiers stand before words and annotations only.
fn modifiers_as_names(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.shape != Shape::Word || !MODIFIERS.contains(&token.text) || before(scan, index) == "@" {
            continue;
        }
        let next = scan.tokens.get(index + 1);
        let modifies =
            next.is_some_and(|next| next.shape == Shape::Word && next.text != "in" || next.text == "@");
        let is_name = matches!(before(scan, index), "val" | "var" | "fun" | "." | "?.");
        if !modifies || is_name {
            rename(bytes, token);
        }
    }
}

/// `var count = 0; private set`: without the semicolon the accessor belongs to the property.
fn accessors_on_the_line(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate().filter(|(_, token)| token.text == ";") {
        let hidden = matches!(text_at(scan, index + 1), "private" | "protected" | "internal");
        let word = if hidden { index + 2 } else { index + 1 };
        let accessor = matches!(text_at(scan, word), "get" | "set")
            && match text_at(scan, word + 1) {
                "(" => closing(scan, word + 1)
                    .is_some_and(|end| matches!(text_at(scan, end + 1), "=" | "{" | ":")),
                _ => hidden,
            };
        if accessor {
            blank(bytes, token.start, token.end);
        }
    }
}

/// `get<T>()`, `set(index, value)`, `get?.x` after a local variable are no accessors.
fn accessors_as_names(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if !matches!(token.text, "get" | "set") || matches!(before(scan, index), "@" | "fun") {
            continue;
        }
        let is_name = match text_at(scan, index + 1) {
            "(" => {
                let close = closing(scan, index + 1);
                let after = close.map_or("", |close| text_at(scan, close + 1));
                !matches!(after, "=" | "{" | ":")
            }
            "<" | "?." | "." | "=" | "!!" | "[" | "==" | "!=" | ")" | "," | "?:" | ":" | "+=" | "-=" => true,
            _ => matches!(before(scan, index), "val" | "var"),
        };
        if is_name
            && !(before(scan, index) == "@" || text_at(scan, index + 1) == ":" && before(scan, index) == "@")
        {
            rename(bytes, token);
        }
    }
}

/// `@Composable (A.() -> Unit)`: the grammar takes the parentheses for the annotation's arguments.
fn annotated_types(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        let (Some(name), Some(open)) = (scan.tokens.get(index + 1), scan.tokens.get(index + 2)) else {
            continue;
        };
        if token.text != "@" || open.text != "(" || name.shape != Shape::Word || open.start == name.end {
            continue;
        }
        let Some(close) = closing(scan, index + 2) else { continue };
        let inside = scan.tokens.get(index + 2..close).unwrap_or(&[]);
        if inside.iter().any(|token| token.text == "->") && !inside.iter().any(|token| token.text == "{") {
            blank(bytes, token.start, name.end);
        }
    }
}

/// Comments in places where the grammar allows none.
fn blank_comments(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (start, end) in &scan.comments {
        let directive =
            bytes.get(*start..*end).is_some_and(|text| text.windows(12).any(|it| it == b"noinspection"));
        if !directive {
            blank(bytes, *start, *end);
        }
    }
}

/// `class A { fun f() = 1 }` on one line: the grammar wants a separator before `}`.
fn close_members(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text != "{" || !(opens_type(scan, index) || opens_entry(scan, index)) {
            continue;
        }
        let Some(close) = closing(scan, index).and_then(|close| scan.tokens.get(close)) else { continue };
        let space = close.start.checked_sub(1).and_then(|at| bytes.get_mut(at));
        if let Some(space) = space.filter(|space| **space == b' ')
            && !close.line_start
            && index + 1 < scan.tokens.len()
        {
            *space = b';';
        }
    }
}

/// The header before a brace belongs to a class, interface or object.
fn opens_type(scan: &Scan<'_>, brace: usize) -> bool {
    let mut depth = 0_usize;
    for token in scan.tokens.get(brace.saturating_sub(200)..brace).unwrap_or(&[]).iter().rev() {
        match token.text {
            ")" => depth += 1,
            "(" if depth == 0 => return false,
            "(" => depth -= 1,
            _ if depth > 0 => {}
            "class" | "interface" | "object" => return true,
            "{" | "}" | ";" | "=" | "->" | "fun" | "val" | "var" | "if" | "when" | "for" | "while"
            | "return" => {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// The brace is the body of an enum's entry: `enum class Op { READ { … }, WRITE(2) { … } }`.
fn opens_entry(scan: &Scan<'_>, brace: usize) -> bool {
    let mut depth = 0_usize;
    for at in (brace.saturating_sub(4000)..brace).rev() {
        match text_at(scan, at) {
            ")" | "}" => depth += 1,
            "{" if depth == 0 => return opens_enum(scan, at),
            "(" if depth == 0 => return false,
            "(" | "{" => depth -= 1,
            _ if depth > 0 => {}
            ";" | "=" | "->" | "fun" | "val" | "var" | "class" | "object" | "interface" | "init" => {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// The header before a brace is an enum's.
fn opens_enum(scan: &Scan<'_>, brace: usize) -> bool {
    let header = scan.tokens.get(brace.saturating_sub(200)..brace).unwrap_or(&[]);
    let class = header.iter().rposition(|token| token.text == "class");
    class.and_then(|at| at.checked_sub(1)).is_some_and(|at| header[at].text == "enum")
        && opens_type(scan, brace)
}

/// `val x` / `@Composable` / `get() = …`: the annotation goes.
fn accessor_annotations(scan: &Scan<'_>, bytes: &mut [u8]) {
    for (index, token) in scan.tokens.iter().enumerate() {
        if token.text != "@" || !token.line_start {
            continue;
        }
        let mut after = index + 2;
        if text_at(scan, after) == "(" {
            let Some(close) = closing(scan, after) else { continue };
            after = close + 1;
        }
        if matches!(text_at(scan, after), "get" | "set")
            && text_at(scan, after + 1) == "("
            && let Some(last) = scan.tokens.get(after - 1)
        {
            blank(bytes, token.start, last.end);
        }
    }
}

impl<'t> Lower<'t> {
    /// The guard that mending removed from a `when` arm whose conditions lie in this range.
    pub(super) fn blanked_guard(&mut self, from: usize, to: usize) -> Option<ExprId> {
        if std::ptr::eq(self.text, self.original) {
            return None;
        }
        let (now, was) = (self.text.get(from..to)?, self.original.get(from..to)?);
        let conditions = now.trim_end().len();
        let removed = was.get(conditions..)?;
        let condition = removed.trim_start().strip_prefix("if")?;
        let start = to - condition.len();
        self.piece(start, to)
    }

    /// Lowers a stretch of the original text as an expression of its own, at its place.
    fn piece(&mut self, from: usize, to: usize) -> Option<ExprId> {
        let tree = super::tree_of_part(self.original, from, to)?;
        let mut inner = Lower::new(self.original, self.original, &tree);
        inner.depth = self.depth + 1;
        (inner.owner, inner.function) = (self.owner, self.function);
        (inner.initializer, inner.static_initializer) = (self.initializer, self.static_initializer);
        std::mem::swap(&mut inner.facts, &mut self.facts);
        let kids = inner.kids(tree.root_node());
        let expression = kids.iter().find(|(kind, _)| kind.is_expression() && *kind != Kind::Error);
        let id = expression.map(|(_, node)| inner.expr(*node));
        std::mem::swap(&mut inner.facts, &mut self.facts);
        (self.initializer, self.static_initializer) = (inner.initializer, inner.static_initializer);
        id
    }

    /// The annotation that mending removed before a parenthesised type.
    pub(super) fn blanked_annotation(&self, offset: usize) -> Option<Name> {
        if std::ptr::eq(self.text, self.original) {
            return None;
        }
        let was = self.original.get(..offset)?.trim_end();
        let start = was.rfind(|it: char| !(it.is_alphanumeric() || it == '_'))?;
        let removed = was.get(start..)?;
        let name = removed.strip_prefix('@').filter(|name| !name.is_empty())?;
        self.text.get(start..was.len())?.trim().is_empty().then(|| Name::new(name))
    }
}
