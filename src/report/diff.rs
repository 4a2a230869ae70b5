//! A fix as lines that go and lines that come, by file.

use crate::findings::{Edit, FileId, Fix};

use super::Report;

/// Lines of one file that a fix changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) file: FileId,
    /// One-based line of the first one that goes.
    pub(super) line: u32,
    pub(super) removed: Vec<String>,
    pub(super) added: Vec<String>,
}

/// The hunks of a fix, by file and line. Edits on the same or neighbouring lines share one.
pub(super) fn hunks(report: &Report, fix: &Fix) -> Vec<Hunk> {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|it| (it.place.file, it.place.span));
    let mut groups: Vec<Vec<&Edit>> = Vec::new();
    let lines = |edit: &Edit| {
        let text = &report.file(edit.place.file)?.text;
        Some((text.line(edit.place.span.start), text.line(edit.place.span.end)))
    };
    for edit in edits {
        let Some((first, _)) = lines(edit) else { continue };
        let near = groups.last().and_then(|group| group.last()).is_some_and(|last| {
            last.place.file == edit.place.file && lines(last).is_some_and(|(_, end)| first <= end + 1)
        });
        match groups.last_mut().filter(|_| near) {
            Some(group) => group.push(edit),
            None => groups.push(vec![edit]),
        }
    }
    groups.iter().filter_map(|group| hunk(report, group)).collect()
}

fn hunk(report: &Report, edits: &[&Edit]) -> Option<Hunk> {
    let (first, last) = (edits.first()?, edits.last()?);
    let text = &report.file(first.place.file)?.text;
    let line = text.line(first.place.span.start);
    let source = text.text.as_str();
    let start = source.get(..first.place.span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let last_end = last.place.span.end as usize;
    // An edit that takes whole lines ends where the next line begins, which stays.
    let whole = last_end > start && source.get(..last_end)?.ends_with('\n') && last.text.is_empty();
    let end = if whole {
        last_end
    } else {
        source.get(last_end..)?.find('\n').map_or(source.len(), |at| last_end + at)
    };
    let mut new = String::new();
    let mut at = start;
    for edit in edits {
        new.push_str(source.get(at..edit.place.span.start as usize)?);
        new.push_str(&edit.text);
        at = edit.place.span.end as usize;
    }
    new.push_str(source.get(at..end)?);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (removed, added) = (lines(source.get(start..end)?), lines(&new));
    Some(Hunk { file: first.place.file, line, removed, added })
}

#[cfg(test)]
mod tests {
    use super::super::SourceView;
    use super::*;
    use crate::base::{SourceText, Span};
    use crate::findings::{Place, Safety};

    #[test]
    fn edits_as_lines() {
        let source = "one\ntwo two\nthree\nfour\nfive\n";
        let text = SourceText::new(source.to_owned());
        let files = vec![SourceView { path: "a.kt".into(), module: String::new(), text }];
        let report = Report { files, ..Report::default() };
        let edit = |words: &str, text: &str| {
            let at = source.find(words).unwrap();
            let place = Place { file: FileId(0), span: Span::new(at, at + words.len()) };
            Edit { place, text: text.to_owned() }
        };
        let of = |edits: Vec<Edit>| {
            let fix = Fix { title: "t".into(), safety: Safety::Safe, edits };
            let hunks = hunks(&report, &fix).into_iter();
            hunks.map(|it| (it.line, it.removed.join("|"), it.added.join("|"))).collect::<Vec<_>>()
        };
        assert_eq!(of(vec![edit("four\n", "")]), [(4, "four".into(), String::new())]);
        assert_eq!(of(vec![edit("two", "2")]), [(2, "two two".into(), "2 two".into())]);
        assert_eq!(
            of(vec![edit("three", "3"), edit("one", "1"), edit("two", "2\n2")]),
            [(1, "one|two two|three".into(), "1|2|2 two|3".into())]
        );
        assert_eq!(of(vec![edit("five", "5"), edit("one", "1")]).len(), 2);
    }
}
