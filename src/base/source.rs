//! The text of one file and its lines.

use super::span::Span;

/// A file's text with the byte offsets of its lines.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    pub text: String,
    line_starts: Vec<u32>,
}

/// One-based line and column; columns count UTF-16 units, as SARIF and the JSON report do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl SourceText {
    pub fn new(text: String) -> SourceText {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts =
            std::iter::once(0).chain(newlines.map(|(at, _)| Span::new(at + 1, at + 1).start)).collect();
        SourceText { text, line_starts }
    }

    /// Number of lines; a trailing line break does not start another one.
    pub fn lines(&self) -> usize {
        self.line_starts.len() - usize::from(self.text.is_empty() || self.text.ends_with('\n'))
    }

    /// One-based line of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        let after = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(after).unwrap_or(u32::MAX)
    }

    pub fn position(&self, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_starts.get(line as usize - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        // A byte order mark keeps the offsets of the file on disk, but no editor counts it as a column.
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let column = before.chars().map(char::len_utf16).sum::<usize>() + 1;
        Position { line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// The text of a span, empty when the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}
