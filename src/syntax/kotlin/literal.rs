//! Literals: numbers, characters, strings with and without expressions inside.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, Literal};

use super::kinds::Kind;
use super::lower::{Lower, span};

impl<'t> Lower<'t> {
    pub(super) fn number(&mut self, node: Node<'t>) -> ExprId {
        let literal = Literal::Int(int_value(self.text_of(node)));
        self.push(ExprKind::Literal(literal), span(node))
    }

    pub(super) fn float(&mut self, node: Node<'t>) -> ExprId {
        let text = self.text_of(node).replace('_', "");
        let value = text.trim_end_matches(['f', 'F']).parse().unwrap_or(0.0);
        self.push(ExprKind::Literal(Literal::Float(value)), span(node))
    }

    pub(super) fn character(&mut self, node: Node<'t>) -> ExprId {
        let text = self.text_of(node);
        let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text);
        let value = unescape(inner).chars().next().unwrap_or('\0');
        self.push(ExprKind::Literal(Literal::Char(value)), span(node))
    }

    /// The constant parts are what lies between the expressions, read from the text itself.
    pub(super) fn string(&mut self, node: Node<'t>, raw: bool) -> ExprId {
        let quote = if raw { 3 } else { 1 };
        let whole = node.start_byte()..node.end_byte();
        let end = whole.end.saturating_sub(quote).max(whole.start);
        let mut from = (whole.start + quote).min(end);
        let mut parts = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind != Kind::Interpolation {
                continue;
            }
            self.constants(from, child.start_byte(), raw, &mut parts);
            let kids = self.kids(child);
            let inner = kids.iter().find(|(kind, _)| kind.is_expression());
            parts.push(match inner {
                Some((_, inner)) => self.expr(*inner),
                None => self.push(ExprKind::Missing(Vec::new()), span(child)),
            });
            from = child.end_byte();
        }
        self.constants(from, end, raw, &mut parts);
        match parts.as_slice() {
            [] => self.push(ExprKind::Literal(Literal::String(Name::default())), span(node)),
            [only] if self.is_constant(*only) => {
                let only = *only;
                if let Some(expr) = self.facts.exprs.get_mut(only.0 as usize) {
                    expr.span = span(node);
                }
                only
            }
            _ => self.push(ExprKind::Template(parts), span(node)),
        }
    }

    fn is_constant(&self, id: ExprId) -> bool {
        let expr = self.facts.exprs.get(id.0 as usize);
        expr.is_some_and(|expr| matches!(expr.kind, ExprKind::Literal(Literal::String(_))))
    }

    /// Text between `${…}`; the grammar does not see `$name` in strings, so it is found here.
    fn constants(&mut self, from: usize, to: usize, raw: bool, parts: &mut Vec<ExprId>) {
        let text = self.text.get(from..to).unwrap_or("");
        let mut start = 0;
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find(['$', '\\'])) {
            at += found;
            let rest = text.get(at..).unwrap_or("");
            if rest.starts_with('\\') {
                at += 1;
                if !raw {
                    at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                }
                continue;
            }
            let name = name_length(rest.get(1..).unwrap_or(""));
            if name == 0 {
                at += 1;
                continue;
            }
            parts.extend(self.constant(from + start, from + at, raw));
            let (name_start, name_end) = (from + at + 1, from + at + 1 + name);
            let name = self.original.get(name_start..name_end).unwrap_or("").trim_matches('`');
            let kind = if name == "this" { ExprKind::This(None) } else { ExprKind::Name(Name::new(name)) };
            parts.push(self.push(kind, Span::new(name_start, name_end)));
            at = name_end - from;
            start = at;
        }
        parts.extend(self.constant(from + start, to, raw));
    }

    fn constant(&mut self, from: usize, to: usize, raw: bool) -> Option<ExprId> {
        let mut text = self.original.get(from..to)?;
        if self.text.get(from..to).is_some_and(|mended| mended.ends_with('_')) {
            // `$$name` in a multi-dollar string: all but the last `$` were mended away.
            text = text.trim_end_matches('$');
        }
        if text.is_empty() {
            return None;
        }
        let value = if raw { Name::new(text) } else { unescaped(text) };
        Some(self.push(ExprKind::Literal(Literal::String(value)), Span::new(from, to)))
    }
}

/// Length of the identifier a text starts with.
fn name_length(text: &str) -> usize {
    if let Some(quoted) = text.strip_prefix('`') {
        return quoted.find('`').map_or(0, |end| end + 2);
    }
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        return 0;
    }
    text.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(text.len())
}

/// Integers wider than 64 bits wrap; they do not compile anyway.
fn int_value(text: &str) -> i64 {
    let digits = text.trim_end_matches(['l', 'L', 'u', 'U']);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        _ => (10, digits),
    };
    let digits = digits.chars().filter_map(|digit| digit.to_digit(radix));
    let value = digits
        .fold(0_u64, |value, digit| value.wrapping_mul(u64::from(radix)).wrapping_add(u64::from(digit)));
    value.cast_signed()
}

fn unescaped(text: &str) -> Name {
    if text.contains('\\') { Name::new(&unescape(text)) } else { Name::new(text) }
}

/// Decodes `\n`, `\t`, `\u0041`, `\$` …; an unknown escape is the character itself.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(it) = chars.next() {
        if it != '\\' {
            out.push(it);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('u') => {
                let rest = chars.as_str();
                let code = rest.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                if let Some(code) = code {
                    // Halves of surrogate pairs have no character of their own.
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    chars = rest[4..].chars();
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
