//! Which lines a change touches, from the text of `git diff --unified=0`, and which findings those lines concern. Knows
//! no git commands.

use std::collections::BTreeMap;

use crate::base::{SourceText, Span};

use super::finding::{Place, StepRole};
use super::judged::{Anchor, Change, Judged};

/// Changed lines by file, paths relative to the repository's root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedLines {
    files: BTreeMap<String, FileChange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FileChange {
    /// Every line is new.
    Whole,
    /// In order.
    Hunks(Vec<Hunk>),
}

/// Lines of the new version that stand for lines of the old one; one-based. Where nothing is new, `new` is the line
/// after which something is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hunk {
    old: u32,
    old_lines: u32,
    new: u32,
    new_lines: u32,
}

impl ChangedLines {
    /// Reads a diff with `a/` and `b/` before paths and no context lines.
    pub fn parse(diff: &str) -> ChangedLines {
        let mut changed = ChangedLines::default();
        let mut path: Option<String> = None;
        // Lines of the hunk that are still to come: its text may look like a header.
        let mut rest = 0_u32;
        for line in diff.lines() {
            if rest > 0 && line.starts_with(['+', '-']) {
                rest -= 1;
            } else if let Some(name) = line.strip_prefix("+++ ") {
                path = new_path(name);
            } else if let Some(hunk) = line.strip_prefix("@@ ").and_then(hunk) {
                rest = hunk.old_lines + hunk.new_lines;
                let Some(path) = &path else { continue };
                let file = changed.files.entry(path.clone()).or_insert(FileChange::Hunks(Vec::new()));
                if let FileChange::Hunks(hunks) = file {
                    hunks.push(hunk);
                }
            }
        }
        changed
    }

    /// Adds a file that is new as a whole.
    pub fn add_whole(&mut self, path: impl Into<String>) {
        self.files.insert(path.into(), FileChange::Whole);
    }

    /// No line is changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The same lines after another change: `self` leads to a version that `later` starts from.
    #[must_use]
    pub fn carried_through(&self, later: &ChangedLines) -> ChangedLines {
        let mut carried = ChangedLines::default();
        for (path, change) in &self.files {
            let change = match (change, later.files.get(path)) {
                (FileChange::Hunks(hunks), Some(FileChange::Hunks(later))) => {
                    FileChange::Hunks(hunks.iter().map(|hunk| hunk.after(later)).collect())
                }
                (change, _) => change.clone(),
            };
            carried.files.insert(path.clone(), change);
        }
        carried
    }

    /// Is one of the lines from `first` to `last` changed, or something between them gone?
    pub fn touches(&self, path: &str, first: u32, last: u32) -> bool {
        match self.files.get(path) {
            None => false,
            Some(FileChange::Whole) => true,
            Some(FileChange::Hunks(hunks)) => hunks.iter().any(|hunk| match hunk.new_lines {
                0 => first <= hunk.new && hunk.new < last,
                lines => hunk.new <= last && first < hunk.new + lines,
            }),
        }
    }

    /// Marks what the change concerns, at the changed place nearest to what is wrong. `locate` gives a place's path
    /// from the repository's root and its first and last line.
    pub fn mark<'p>(&self, judged: &mut Judged, locate: impl Fn(Place) -> Option<(&'p str, u32, u32)>) {
        let touched =
            |place: Place| locate(place).is_some_and(|(path, first, last)| self.touches(path, first, last));
        let finding = &judged.finding;
        // Fixes reach further than the way to the finding, and a whole declaration is no line of it.
        let step = finding.steps.iter().rev().find(|step| touched(step.place));
        let anchor = if touched(finding.place) {
            Some(Anchor { place: finding.place, message: finding.message.clone(), role: StepRole::Sink })
        } else if let Some(step) = step {
            Some(Anchor { place: step.place, message: step.message.clone(), role: step.role })
        } else {
            let ground = judged.grounds.iter().find(|ground| touched(ground.place));
            ground.map(|it| Anchor { place: it.place, message: it.message.clone(), role: StepRole::Cause })
        };
        judged.change = anchor.map_or(Change::Outside, Change::Inside);
    }
}

impl Hunk {
    fn after(self, later: &[Hunk]) -> Hunk {
        let (first, last) = (self.new, self.new + self.new_lines.max(1) - 1);
        let (start, end) = (moved(first, later, false), moved(last, later, true));
        let new_lines = if self.new_lines == 0 { 0 } else { end.saturating_sub(start) + 1 };
        Hunk { new: start, new_lines, ..self }
    }
}

/// Where a line of the old version is in the new one; a line that is replaced becomes the first or last of what
/// replaces it.
fn moved(line: u32, hunks: &[Hunk], to_end: bool) -> u32 {
    let mut shift = 0_i64;
    for hunk in hunks {
        // A hunk without old lines comes after the line it names.
        let before = if hunk.old_lines == 0 { hunk.old < line } else { hunk.old + hunk.old_lines <= line };
        if before {
            shift += i64::from(hunk.new_lines) - i64::from(hunk.old_lines);
        } else if hunk.old_lines > 0 && hunk.old <= line {
            return if to_end { hunk.new + hunk.new_lines.max(1) - 1 } else { hunk.new.max(1) };
        }
    }
    u32::try_from(i64::from(line) + shift).unwrap_or(1).max(1)
}

/// `-3,2 +4 @@ …`.
fn hunk(text: &str) -> Option<Hunk> {
    let mut parts = text.split(' ');
    let mut range = |sign: char| {
        let range = parts.next()?.strip_prefix(sign)?;
        let (start, lines) = range.split_once(',').unwrap_or((range, "1"));
        Some((start.parse::<u32>().ok()?, lines.parse::<u32>().ok()?))
    };
    let ((old, old_lines), (new, new_lines)) = (range('-')?, range('+')?);
    Some(Hunk { old, old_lines, new, new_lines })
}

/// The path of `b/…`; none for `/dev/null`.
fn new_path(name: &str) -> Option<String> {
    // A tab follows names with spaces.
    let name = name.strip_suffix('\t').unwrap_or(name);
    let name = match name.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => unquoted(quoted),
        None => name.to_owned(),
    };
    name.strip_prefix("b/").map(str::to_owned)
}

/// C escapes, as git writes them for names with control characters or quotes.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    value = value * 8 + rest.next().map_or(0, |it| u32::from(it.wrapping_sub(b'0') & 7));
                }
                bytes.push(u8::try_from(value & 255).unwrap_or(b'?'));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// First and last line of what a place says; the block that begins there, such as a lambda's, is code of its own.
pub fn lines_of(text: &SourceText, span: Span) -> (u32, u32) {
    let first = text.line(span.start);
    let said = text.slice(span).trim_end();
    let opens = |line: &str| line.trim_end().ends_with(['{', '>']) && line.contains(['{', '-']);
    let lines = match said.lines().position(|line| opens(line) && !line.trim_start().starts_with('<')) {
        Some(at) => at,
        None => said.lines().count().saturating_sub(1),
    };
    (first, first.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing::{finding, step};
    use super::*;

    const DIFF: &str = "\
diff --git a/app/A.kt b/app/A.kt
index 1..2 100644
--- a/app/A.kt
+++ b/app/A.kt
@@ -3 +3,2 @@ class A {
-old
+++ b/fake.kt
+@@ -1 +1 @@
@@ -10,2 +11,0 @@ fun gone() {
-one
-two
diff --git a/gone.kt b/gone.kt
--- a/gone.kt
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/old name.kt b/new name.kt
similarity index 90%
rename from old name.kt
rename to new name.kt
--- a/old name.kt
+++ b/new name.kt\t
@@ -0,0 +1,3 @@
+a
+b
+c
\\ No newline at end of file
diff --git \"a/t\\303\\244b\\t.kt\" \"b/t\\303\\244b\\t.kt\"
--- \"a/t\\303\\244b\\t.kt\"
+++ \"b/t\\303\\244b\\t.kt\"
@@ -7 +7 @@
-x
+y
";

    #[test]
    fn diffs() {
        let changed = ChangedLines::parse(DIFF);
        let names: Vec<&str> = changed.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["app/A.kt", "new name.kt", "täb\t.kt"]);
        let lines = |path, range: std::ops::RangeInclusive<u32>| {
            range.filter(|line| changed.touches(path, *line, *line)).collect::<Vec<_>>()
        };
        assert_eq!(lines("app/A.kt", 1..=20), [3, 4]);
        assert_eq!(lines("new name.kt", 1..=20), [1, 2, 3]);
        assert_eq!(lines("täb\t.kt", 1..=20), [7]);
        assert!(changed.touches("app/A.kt", 1, 3) && changed.touches("app/A.kt", 4, 9));
        assert!(!changed.touches("app/A.kt", 5, 10) && !changed.touches("other.kt", 1, 100));
        // Something inside is gone.
        assert!(changed.touches("app/A.kt", 11, 12) && !changed.touches("app/A.kt", 12, 13));
    }

    #[test]
    fn staged_lines_move_with_what_is_not_staged() {
        let staged = ChangedLines::parse("+++ b/A.kt\n@@ -5,0 +6,2 @@\n+a\n+b\n@@ -20 +22 @@\n-c\n+d\n");
        let unstaged = ChangedLines::parse("+++ b/A.kt\n@@ -2,0 +3,10 @@\n@@ -22 +32,2 @@\n");
        let carried = staged.carried_through(&unstaged);
        let lines: Vec<u32> = (1..50).filter(|line| carried.touches("A.kt", *line, *line)).collect();
        assert_eq!(lines, [16, 17, 32, 33]);
    }

    #[test]
    fn a_block_is_code_of_its_own() {
        let lines = |source: &str| {
            let text = SourceText::new(format!("\n{source}\n\n"));
            lines_of(&text, Span::new(1, 1 + source.len()))
        };
        assert_eq!(lines("read()"), (2, 2));
        assert_eq!(lines("read(\n  a,\n  b\n)"), (2, 5));
        assert_eq!(lines("launch(\n  io\n) {\n  a()\n  b()\n}"), (2, 4));
        assert_eq!(lines("launch { x ->\n  a()\n}"), (2, 2));
        assert_eq!(lines("run(() -> {\n  a();\n})"), (2, 2));
        assert_eq!(lines("<service\n  android:name=\".A\"\n  />"), (2, 4));
        assert_eq!(lines("<service>\n</service>"), (2, 3));
        assert_eq!(lines(""), (2, 2));
    }

    #[test]
    fn the_nearest_changed_place_is_the_anchor() {
        let changed =
            ChangedLines::parse("+++ b/1.kt\n@@ -1 +5 @@\n-x\n+y\n+++ b/2.kt\n@@ -1 +7 @@\n-x\n+y\n");
        // Spans are lines here.
        let paths = ["0.kt", "1.kt", "2.kt"];
        let locate = |place: Place| Some((paths[place.file.0 as usize], place.span.start, place.span.end));
        let mark = |mut judged: Judged| {
            changed.mark(&mut judged, locate);
            judged.change
        };
        assert_eq!(mark(finding("A", 0, 5..5).into()), Change::Outside);
        let mut it = finding("A", 0, 5..5);
        it.steps = vec![
            step(StepRole::Entry, 1, 5..5),
            step(StepRole::Call, 2, 6..8),
            step(StepRole::Call, 2, 9..9),
        ];
        let Change::Inside(anchor) = mark(it.clone().into()) else { panic!("the path is changed") };
        assert_eq!((anchor.place, anchor.role), (it.steps[1].place, StepRole::Call));
        it.place = step(StepRole::Sink, 1, 5..5).place;
        let Change::Inside(anchor) = mark(it.into()) else { panic!("the place is changed") };
        assert_eq!(anchor.role, StepRole::Sink);
    }
}
