//! Draws a diagnostic as one path over several files, which miette's own graphical handler cannot: it puts the
//! message between header and source, one source per diagnostic, and related ones below as errors of their own.
//!
//! A miette `ReportHandler` like any other: what it draws is the diagnostic with its related ones in order. Those with
//! a source are sections, those with a code are `= code: text` notes, the others are gaps in the path.

use std::fmt;

use miette::{Diagnostic, GraphicalTheme, LabeledSpan, ReportHandler, Severity, SourceCode};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Style;

const TAB: usize = 4;
/// What stays visible before a label when a line is too long for the terminal.
const CONTEXT: usize = 24;

pub(super) struct PathHandler {
    theme: GraphicalTheme,
    unicode: bool,
    width: usize,
}

/// A diagnostic with the handler that draws it.
pub(super) struct Drawn<'d> {
    pub(super) diagnostic: &'d dyn Diagnostic,
    pub(super) handler: &'d PathHandler,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.diagnostic, f)
    }
}

/// A label on its line, columns as drawn.
struct Mark {
    /// One-based.
    line: usize,
    /// UTF-16 column, one-based, for the section's title.
    column: usize,
    text: String,
    /// Drawn columns of the underlined part.
    from: usize,
    to: usize,
    label: String,
    primary: bool,
}

/// Width of the line numbers and how to draw the bar beside them.
struct Gutter {
    width: usize,
    bar: char,
}

impl PathHandler {
    pub(super) fn new(style: &Style) -> PathHandler {
        let mut theme = match (style.unicode, style.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        };
        if style.color {
            let styles = &mut theme.styles;
            (styles.error, styles.warning) = (styles.error.bold(), styles.warning.bold());
        }
        PathHandler { theme, unicode: style.unicode, width: style.width.max(40) }
    }
}

impl ReportHandler for PathHandler {
    fn debug(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header(diagnostic, f)?;
        let parts: Vec<_> = diagnostic.related().into_iter().flatten().collect();
        let marks: Vec<_> = parts.iter().map(|part| marks(*part)).collect();
        let widest = marks.iter().flatten().map(|mark| mark.line.to_string().len()).max().unwrap_or(1);
        let gutter = Gutter { width: widest, bar: if self.unicode { '│' } else { '|' } };
        let mut corner = if self.unicode { "┌─" } else { "-->" };
        for (part, marks) in parts.iter().zip(&marks) {
            if part.source_code().is_some() {
                self.section(*part, marks, &gutter, corner, f)?;
                corner = if self.unicode { "├─" } else { "-->" };
            } else if let Some(name) = part.code() {
                self.note(&name.to_string(), &part.to_string(), &gutter, f)?;
            } else {
                writeln!(f, "{:w$} {} {part}", "", self.faint(gutter.bar), w = gutter.width)?;
            }
        }
        Ok(())
    }
}

impl PathHandler {
    fn header(&self, diagnostic: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let styles = &self.theme.styles;
        let (word, style) = match diagnostic.severity() {
            Some(Severity::Error) | None => ("error", styles.error),
            Some(Severity::Warning) => ("warning", styles.warning),
            Some(Severity::Advice) => ("info", styles.advice),
        };
        let code = diagnostic.code().map(|code| format!("[{code}]")).unwrap_or_default();
        writeln!(f, "{}: {diagnostic}", style.style(format!("{word}{code}")))
    }

    fn section(
        &self,
        part: &dyn Diagnostic,
        marks: &[Mark],
        gutter: &Gutter,
        corner: &str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let space = " ".repeat(gutter.width + 1);
        let bar = self.faint(gutter.bar);
        // The primary place if it is here, else the first of the path.
        match marks.iter().find(|it| it.primary).or(marks.first()) {
            Some(at) => {
                let title = format!("{part}:{}:{}", at.line, at.column);
                writeln!(f, "{space}{} {}", self.faint(corner), self.theme.styles.link.style(title))?;
            }
            None => return writeln!(f, "{space}{} {part}", self.faint(corner)),
        }
        writeln!(f, "{space}{bar}")?;
        let mut by_line: Vec<&Mark> = marks.iter().collect();
        by_line.sort_by_key(|it| (it.line, it.from));
        let mut last = None;
        for marks in by_line.chunk_by(|a, b| a.line == b.line) {
            let Some(first) = marks.first() else { continue };
            if last.is_some_and(|last| last + 1 < first.line) {
                let dots = if self.unicode { "·" } else { "." };
                writeln!(f, "{space}{}", self.faint(dots))?;
            }
            last = Some(first.line);
            self.line(marks, first, gutter, f)?;
        }
        writeln!(f, "{space}{bar}")
    }

    fn line(
        &self,
        marks: &[&Mark],
        first: &Mark,
        gutter: &Gutter,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let room = self.width.saturating_sub(gutter.width + 3).max(20);
        let (text, skipped) = self.window(first, room);
        let number = self.theme.styles.linum.style(format!("{:>w$}", first.line, w = gutter.width));
        let bar = self.faint(gutter.bar);
        writeln!(f, "{number} {bar} {text}")?;
        for mark in marks {
            let from = mark.from.saturating_sub(skipped).min(room.saturating_sub(1));
            let to = mark.to.saturating_sub(skipped).clamp(from + 1, room.max(from + 1));
            let (stroke, style) = match mark.primary {
                true => ("^", self.theme.styles.error),
                false => ("-", self.theme.styles.advice),
            };
            let line = stroke.repeat(to - from);
            let label = if mark.label.is_empty() { String::new() } else { format!(" {}", mark.label) };
            writeln!(
                f,
                "{:w$} {bar} {:from$}{}{}",
                "",
                "",
                style.style(line),
                style.style(label),
                w = gutter.width
            )?;
        }
        Ok(())
    }

    /// The part of a line that fits, and how many columns are cut off before it.
    fn window(&self, mark: &Mark, room: usize) -> (String, usize) {
        if mark.text.width() <= room {
            return (mark.text.clone(), 0);
        }
        let dots = if self.unicode { "…" } else { "..." };
        let start = if mark.to.min(mark.from + room / 2) <= room - dots.width() {
            0
        } else {
            mark.from - CONTEXT.min(mark.from)
        };
        let head = if start > 0 { dots } else { "" };
        let (mut column, mut text, mut skipped) = (0, head.to_owned(), 0);
        for letter in mark.text.chars() {
            let width = letter.width().unwrap_or(0);
            if column < start {
                skipped = column + width;
            } else if text.width() + width + dots.width() > room {
                text.push_str(dots);
                break;
            } else {
                text.push(letter);
            }
            column += width;
        }
        (text, skipped.saturating_sub(head.width()))
    }

    fn note(&self, name: &str, text: &str, gutter: &Gutter, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = format!("{:w$} = {name}: ", "", w = gutter.width);
        let rest = " ".repeat(first.width());
        // Long words are links and symbols: cutting them would make them useless.
        let options = textwrap::Options::new(self.width).initial_indent(&rest).subsequent_indent(&rest);
        let options = options.break_words(false).word_separator(textwrap::WordSeparator::AsciiSpace);
        let wrapped = textwrap::fill(text, options);
        let name = self.theme.styles.help.style(name);
        writeln!(f, "{:w$} = {name}: {}", "", wrapped.trim_start(), w = gutter.width)
    }

    fn faint<T: fmt::Display>(&self, text: T) -> String {
        self.theme.styles.linum.style(text).to_string()
    }
}

fn marks(part: &dyn Diagnostic) -> Vec<Mark> {
    let Some(source) = part.source_code() else { return Vec::new() };
    part.labels().into_iter().flatten().filter_map(|label| mark(source, &label)).collect()
}

/// None when the span does not lie in the text.
fn mark(source: &dyn SourceCode, label: &LabeledSpan) -> Option<Mark> {
    let contents = source.read_span(label.inner(), 0, 0).ok()?;
    let line = std::str::from_utf8(contents.data()).ok()?;
    let start = label.offset().checked_sub(contents.span().offset())?.min(line.len());
    // A span over several lines is underlined to the end of its first.
    let end = start.saturating_add(label.len()).min(line.len());
    let text = drawn(line);
    let from = drawn(line.get(..start)?).width();
    let to = drawn(line.get(..end)?).trim_end().width().max(from + 1);
    Some(Mark {
        line: contents.line() + 1,
        column: contents.column() + 1,
        text: text.trim_end().to_owned(),
        from,
        to,
        label: label.label().unwrap_or("").to_owned(),
        primary: label.primary(),
    })
}

/// A line as the terminal shows it: tabs as spaces, nothing that moves the cursor or the direction.
fn drawn(line: &str) -> String {
    super::words::printable(&line.replace('\t', &" ".repeat(TAB)))
}
