//! Edits that take an id out of a suppression: the id, then the annotation, then an import that nothing needs any
//! more. Works on the text around the place alone.

use crate::base::{SourceText, Span};
use crate::findings::suppress::Idle;
use crate::findings::{Edit, Fix, Safety};

use crate::rules::prelude::*;

/// None where the text is not as expected, such as a constant instead of the id.
pub(super) fn remove(idle: &Idle, text: &SourceText) -> Option<Fix> {
    let text = text.text.as_str();
    let edit = |span: Span| Edit { place: Place { span, ..idle.whole }, text: String::new() };
    let mut edits = Vec::new();
    let title = if idle.alone {
        edits.extend(unneeded_import(text, idle.whole.span).map(edit));
        edits.push(edit(whole(text, idle.whole.span)?));
        "remove the suppression".to_owned()
    } else {
        edits.push(edit(one_word(text, idle)?));
        format!("remove `{}` from the suppression", idle.word)
    };
    Some(Fix { title, safety: Safety::Safe, edits })
}

/// The suppression with the white space that would be left: the line if it stands alone on it.
fn whole(text: &str, span: Span) -> Option<Span> {
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    let written = text.get(start..end)?;
    if !written.starts_with(['@', '/', '#', '<']) {
        // The value of `tools:ignore`: name and quotes belong to it.
        let before = text.get(..start)?.trim_end_matches(['"', '\'']);
        start = before.strip_suffix("tools:ignore=")?.trim_end().len();
        return Some(Span::new(start, end + 1));
    }
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(end..)?;
    let line_end = rest.find('\n').map_or(text.len(), |at| end + at + 1);
    let after = text.get(end..line_end)?.trim();
    let alone = text.get(line_start..start)?.trim().is_empty();
    // A reason beside it goes with it.
    if alone && (after.is_empty() || after.starts_with("//")) {
        return Some(Span::new(line_start, line_end));
    }
    if after.is_empty() {
        start = text.get(..start)?.trim_end().len();
    } else {
        end += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }
    Some(Span::new(start, end))
}

/// The id with its quotes and one comma.
fn one_word(text: &str, idle: &Idle) -> Option<Span> {
    let span = idle.word_span(text);
    if span == idle.whole.span {
        return None;
    }
    let quoted = |at: usize| text.get(at..at + 1) == Some("\"");
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    let annotation = text.get(idle.whole.span.range())?.starts_with('@');
    if annotation {
        // One string may hold several ids.
        if quoted(start.checked_sub(1)?) && quoted(end) {
            (start, end) = (start - 1, end + 1);
        } else if quoted(start - 1) || quoted(end) {
            let inner = text.get(..start)?.trim_end().strip_suffix(',').map(str::len);
            return Some(match inner {
                Some(comma) => Span::new(comma, end),
                None => Span::new(start, end + after_comma(text.get(end..)?)?),
            });
        }
    }
    let rest = text.get(end..)?;
    if let Some(more) = after_comma(rest) {
        return Some(Span::new(start, end + more));
    }
    let before = text.get(..start)?.trim_end().strip_suffix(',')?;
    Some(Span::new(before.len(), end))
}

/// Length of a comma and the white space after it, if the text begins with one.
fn after_comma(text: &str) -> Option<usize> {
    let rest = text.trim_start().strip_prefix(',')?.trim_start();
    Some(text.len() - rest.len())
}

/// The import of `SuppressLint` when the annotation at `span` is its only use.
fn unneeded_import(text: &str, span: Span) -> Option<Span> {
    const IMPORT: &str = "import android.annotation.SuppressLint";
    if !text.get(span.range())?.starts_with("@SuppressLint") || text.matches("SuppressLint").count() != 2 {
        return None;
    }
    let start = text.find(IMPORT)?;
    let end = text.get(start..)?.find('\n').map_or(text.len(), |at| start + at + 1);
    text.get(start + IMPORT.len()..end)?.trim().trim_matches(';').is_empty().then(|| Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Name;
    use crate::findings::FileId;
    use crate::findings::suppress::IdleReason;

    /// The text without `word` of the suppression `whole`.
    fn without(text: &str, whole: &str, word: &str, alone: bool) -> String {
        let at = text.find(whole).unwrap();
        let whole = Place { file: FileId(0), span: Span::new(at, at + whole.len()) };
        let idle = Idle { whole, word: Name::new(word), why: IdleReason::HidesNothing, alone };
        let mut edits = remove(&idle, &SourceText::new(text.to_owned())).unwrap().edits;
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span));
        let mut text = text.to_owned();
        edits.iter().for_each(|edit| text.replace_range(edit.place.span.range(), &edit.text));
        text
    }

    #[test]
    fn annotations() {
        let text = "import android.annotation.SuppressLint\n\nclass A {\n    @SuppressLint(\"One\") // why\n    fun f() {}\n}\n";
        assert_eq!(without(text, "@SuppressLint(\"One\")", "One", true), "\nclass A {\n    fun f() {}\n}\n");
        let text = "@Suppress(\"One\") fun f() {}\n";
        assert_eq!(without(text, "@Suppress(\"One\")", "One", true), "fun f() {}\n");
        for (before, after) in [
            ("@Suppress(\"One\", \"Two\")", "@Suppress(\"Two\")"),
            ("@Suppress(\"Two\", \"One\")", "@Suppress(\"Two\")"),
            ("@SuppressWarnings({\"Two\", \"One\"})", "@SuppressWarnings({\"Two\"})"),
            ("@SuppressLint(\"One,Two\")", "@SuppressLint(\"Two\")"),
            ("@SuppressLint(\"Two, One\")", "@SuppressLint(\"Two\")"),
        ] {
            assert_eq!(
                without(&format!("{before} fun f()"), before, "One", false),
                format!("{after} fun f()")
            );
        }
    }

    #[test]
    fn comments_and_attributes() {
        assert_eq!(
            without("a()\n  //noinspection One\nb()\n", "//noinspection One", "One", true),
            "a()\nb()\n"
        );
        let two = "//noinspection One,Two why";
        assert_eq!(without(two, two, "One", false), "//noinspection Two why");
        assert_eq!(without(two, two, "Two", false), "//noinspection One why");
        assert_eq!(without("<a b=\"c\" tools:ignore=\"One\" />", "One", "One", true), "<a b=\"c\" />");
        assert_eq!(
            without("<a tools:ignore=\"One,Two\"/>", "One,Two", "Two", false),
            "<a tools:ignore=\"One\"/>"
        );
    }
}
