//! The text of one file and its lines.

use std::sync::OnceLock;

use memchr::memchr_iter;

use super::span::Span;

/// A file's text with the byte offsets of its lines, which few files are ever asked for.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    pub text: String,
    line_starts: OnceLock<Vec<u32>>,
}

/// One-based line and column; columns count UTF-16 units, as SARIF and the JSON report do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl SourceText {
    pub fn new(text: String) -> SourceText {
        SourceText { text, line_starts: OnceLock::new() }
    }

    /// Number of lines; a trailing line break does not start another one.
    pub fn lines(&self) -> usize {
        let breaks = memchr_iter(b'\n', self.text.as_bytes()).count();
        breaks + usize::from(!self.text.is_empty() && !self.text.ends_with('\n'))
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(breaks.map(|at| Span::new(at + 1, at + 1).start)).collect()
        })
    }

    /// One-based line of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        let after = self.line_starts().partition_point(|start| *start <= offset);
        u32::try_from(after).unwrap_or(u32::MAX)
    }

    pub fn position(&self, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_starts().get(line as usize - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        // A byte order mark keeps the offsets of the file on disk, but no editor counts it as a column.
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let column = before.chars().map(char::len_utf16).sum::<usize>() + 1;
        Position { line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// The same with columns that count bytes.
    pub fn byte_position(&self, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_starts().get(line as usize - 1).copied().unwrap_or(0);
        Position { line, column: offset.saturating_sub(start) + 1 }
    }

    /// The text of a line, one-based, without its line break; empty when there is no such line.
    pub fn line_text(&self, line: u32) -> &str {
        let at = (line as usize).saturating_sub(1);
        let Some(start) = self.line_starts().get(at) else { return "" };
        let end = self.line_starts().get(at + 1).map_or(self.text.len(), |end| *end as usize);
        let text = self.text.get(*start as usize..end).unwrap_or("");
        text.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}')
    }

    /// The text of a span, empty when the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}
