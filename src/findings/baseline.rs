//! Findings that are known and not to be fixed now: one file for the whole repository, one entry a line, without line
//! numbers, absolute paths or dates, so that it merges and reads well.
//!
//! An entry is found again by its fingerprint, as often as it says. What then is left has further chances, in this order:
//! the class was renamed or moved to another package within its file (rule, path, key and the function's own name are
//! the same); the function was renamed (one entry and one finding of a rule, path and key are left); the file is gone,
//! and a file of the same name or in the same directory has the function.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::finding::Finding;
use super::fingerprint::fingerprint;
use super::judged::{Hidden, Judged};

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// In any order; written sorted.
    pub entries: Vec<Entry>,
}

/// Findings of one rule in one declaration that have the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub rule: String,
    /// From the repository's root, with `/`.
    pub path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    pub fingerprint: String,
    #[serde(default = "one")]
    pub count: usize,
    /// Why it is not fixed, in somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What somebody or a newer version wrote; kept.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

/// Why a baseline cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// One-based, when a line is to blame.
    pub line: Option<usize>,
    pub message: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BaselineError {}

/// What became of a baseline's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// By entry: how many findings it hides.
    pub used: Vec<usize>,
    /// By entry: indices of the findings that it hides.
    pub findings: Vec<Vec<usize>>,
}

impl Baseline {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it is no JSON of this form, or of a version that is not known.
    pub fn read(text: &str) -> Result<Baseline, BaselineError> {
        let document: Document = serde_json::from_str(text).map_err(|error| BaselineError {
            line: (error.line() > 0).then_some(error.line()),
            message: error.to_string(),
        })?;
        match document.version {
            1 => Ok(Baseline { entries: document.findings }),
            other => Err(BaselineError {
                line: Some(1),
                message: format!("version {other} is unknown to this worklint, which reads version 1"),
            }),
        }
    }

    /// Writes it, sorted, one entry a line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|it| (&it.path, &it.rule, &it.symbol, &it.key, &it.fingerprint));
        write!(out, "{{\"version\":1,\"findings\":[")?;
        for (at, entry) in entries.iter().enumerate() {
            writeln!(out, "{}", if at == 0 { "" } else { "," })?;
            serde_json::to_writer(&mut *out, entry)?;
        }
        writeln!(out, "\n]}}")
    }

    /// A baseline of findings; `path` gives each one's path from the repository's root.
    pub fn of<'f>(
        findings: impl IntoIterator<Item = &'f Finding>,
        path: impl Fn(&Finding) -> String,
    ) -> Baseline {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for finding in findings {
            let fingerprint = fingerprint(finding);
            entries.entry(fingerprint.clone()).and_modify(|it| it.count += 1).or_insert_with(|| Entry {
                rule: finding.rule.to_owned(),
                path: path(finding),
                symbol: finding.symbol.clone(),
                key: finding.key.clone(),
                fingerprint,
                count: 1,
                reason: None,
                more: Map::new(),
            });
        }
        Baseline { entries: entries.into_values().collect() }
    }

    /// Hides what the entries stand for. Findings have to be in the order of reports; suppressed ones are left alone.
    /// `path` gives a finding's path from the repository's root, `there` says whether the repository still has a file.
    pub fn apply(
        &self,
        findings: &mut [Judged],
        path: impl Fn(&Finding) -> String,
        there: impl Fn(&str) -> bool,
    ) -> Matched {
        let mut matched =
            Matched { used: vec![0; self.entries.len()], findings: vec![Vec::new(); self.entries.len()] };
        let mut by_fingerprint: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            by_fingerprint.entry(&entry.fingerprint).or_default().push(at);
        }
        let mut left = Vec::new();
        for at in 0..findings.len() {
            if findings[at].hidden.is_some() {
                continue;
            }
            let known = by_fingerprint.get(fingerprint(&findings[at].finding).as_str()).into_iter().flatten();
            match known.copied().find(|entry| matched.used[*entry] < self.entries[*entry].count) {
                Some(entry) => self.hide(findings, at, entry, &mut matched),
                None => left.push(at),
            }
        }
        for chance in [Chance::Class, Chance::Function, Chance::FileName, Chance::Directory] {
            left.retain(|at| findings[*at].hidden.is_none());
            self.try_again(chance, findings, &left, (&path, &there), &mut matched);
        }
        matched
    }

    fn try_again(
        &self,
        chance: Chance,
        findings: &mut [Judged],
        left: &[usize],
        (path, there): (&impl Fn(&Finding) -> String, &impl Fn(&str) -> bool),
        matched: &mut Matched,
    ) {
        /// What has the same name and is left over.
        #[derive(Default)]
        struct Namesakes {
            entries: Vec<usize>,
            findings: Vec<usize>,
        }
        let mut namesakes: BTreeMap<[String; 4], Namesakes> = BTreeMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            if matched.used[at] == entry.count || (chance.moves_file() && there(&entry.path)) {
                continue;
            }
            let name = chance.name(&entry.rule, &entry.key, &entry.path, &entry.symbol);
            let missing = std::iter::repeat_n(at, entry.count - matched.used[at]);
            namesakes.entry(name).or_default().entries.extend(missing);
        }
        for at in left {
            let finding = &findings[*at].finding;
            let name = chance.name(finding.rule, &finding.key, &path(finding), &finding.symbol);
            if let Some(namesakes) = namesakes.get_mut(&name) {
                namesakes.findings.push(*at);
            }
        }
        for Namesakes { entries, findings: left } in namesakes.into_values() {
            // Better to show all than to hide the wrong one.
            if chance == Chance::Function && (entries.len(), left.len()) != (1, 1) {
                continue;
            }
            for (entry, at) in entries.into_iter().zip(left) {
                self.hide(findings, at, entry, matched);
            }
        }
    }

    fn hide(&self, findings: &mut [Judged], at: usize, entry: usize, matched: &mut Matched) {
        matched.used[entry] += 1;
        matched.findings[entry].push(at);
        findings[at].hidden = Some(Hidden::Baseline { reason: self.entries[entry].reason.clone() });
    }

    /// Without what matches nothing any more. `judged` says whether an entry could be matched at all by this run.
    pub fn pruned(&self, matched: &Matched, judged: impl Fn(&Entry) -> bool) -> Baseline {
        let entries = self.entries.iter().zip(&matched.used).filter_map(|(entry, used)| {
            let count = if judged(entry) { (*used).min(entry.count) } else { entry.count };
            (count > 0).then(|| Entry { count, ..entry.clone() })
        });
        Baseline { entries: entries.collect() }
    }
}

impl Matched {
    /// Entries that stand for more than was found, with how much more.
    pub fn stale<'b>(
        &self,
        baseline: &'b Baseline,
        judged: impl Fn(&Entry) -> bool,
    ) -> impl Iterator<Item = (&'b Entry, usize)> {
        let pairs = baseline.entries.iter().zip(self.used.clone());
        pairs
            .filter(move |(entry, used)| judged(entry) && *used < entry.count)
            .map(|(entry, used)| (entry, entry.count - used))
    }
}

/// What may have been renamed or moved, when a fingerprint is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chance {
    /// The class or package, within the file.
    Class,
    /// The function, within the file.
    Function,
    /// The file to another directory, and with it the package.
    FileName,
    /// The file within its directory, and with it the class.
    Directory,
}

impl Chance {
    fn moves_file(self) -> bool {
        matches!(self, Chance::FileName | Chance::Directory)
    }

    /// What an entry and a finding have to have in common.
    fn name(self, rule: &str, key: &str, path: &str, symbol: &str) -> [String; 4] {
        let function = symbol.rsplit('.').next().unwrap_or(symbol);
        let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
        let (place, function) = match self {
            Chance::Class => (path, function),
            Chance::Function => (path, ""),
            Chance::FileName => (file, function),
            Chance::Directory => (directory, function),
        };
        [rule, key, place, function].map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing;
    use super::*;

    fn finding(rule: &'static str, file: u32, symbol: &str, key: &str, at: usize) -> Finding {
        let mut finding = testing::finding(rule, file, at..at + 1);
        (finding.symbol, finding.key) = (symbol.into(), key.into());
        finding
    }

    fn path(finding: &Finding) -> String {
        format!("{}.kt", finding.place.file.0)
    }

    fn baseline(findings: &[Finding]) -> Baseline {
        Baseline::of(findings, path)
    }

    /// Which findings are new, and how many entries are stale.
    fn check(baseline: &Baseline, findings: &[Finding]) -> (Vec<usize>, usize) {
        let mut judged: Vec<Judged> = findings.iter().cloned().map(Judged::from).collect();
        let present: Vec<String> = findings.iter().map(path).collect();
        let matched = baseline.apply(&mut judged, path, |it| present.iter().any(|path| path == it));
        let new = judged.iter().enumerate().filter(|(_, it)| it.hidden.is_none()).map(|(at, _)| at).collect();
        (new, matched.stale(baseline, |_| true).count())
    }

    #[test]
    fn what_moves_stays_known() {
        let before = [finding("A", 0, "x.C.f", "read", 10), finding("A", 0, "x.C.g", "read", 20)];
        let known = baseline(&before);
        assert_eq!(check(&known, &before), (vec![], 0));
        let moved = [finding("A", 7, "x.C.f", "read", 500), finding("A", 7, "x.C.g", "read", 520)];
        assert_eq!(check(&known, &moved), (vec![], 0));
        assert_eq!(check(&known, &before[..1]), (vec![], 1));
        let other = [before[0].clone(), before[1].clone(), finding("B", 0, "x.C.g", "read", 20)];
        assert_eq!(check(&known, &other), (vec![2], 0));
    }

    #[test]
    fn a_second_one_of_the_same_kind_is_new() {
        let twice = [finding("A", 0, "x.C.f", "read", 10), finding("A", 0, "x.C.f", "read", 20)];
        assert_eq!(check(&baseline(&twice[..1]), &twice), (vec![1], 0));
        let known = baseline(&twice);
        assert_eq!(known.entries.len(), 1);
        assert_eq!(check(&known, &twice), (vec![], 0));
        assert_eq!(check(&known, &twice[..1]), (vec![], 1));
        let mut judged = vec![Judged::from(twice[0].clone())];
        let matched = known.apply(&mut judged, path, |_| true);
        assert_eq!(known.pruned(&matched, |_| true).entries[0].count, 1);
        assert_eq!(known.pruned(&matched, |_| false), known);
    }

    #[test]
    fn renamed_functions_have_a_second_chance() {
        let known = baseline(&[finding("A", 0, "x.C.f", "read", 10), finding("A", 0, "x.C.g", "write", 20)]);
        let renamed = [finding("A", 0, "x.C.load", "read", 10), finding("A", 0, "x.C.g", "write", 20)];
        assert_eq!(check(&known, &renamed), (vec![], 0));
        // Two that could be meant: better to show both.
        let unclear = [finding("A", 0, "x.C.load", "read", 10), finding("A", 0, "x.C.save", "read", 15)];
        assert_eq!(check(&known, &unclear), (vec![0, 1], 2));
    }

    #[test]
    fn renamed_classes_and_moved_files_have_chances_too() {
        let of = |file, symbol: &str| finding("A", file, symbol, "read", 10);
        let known = baseline(&[of(0, "x.C.f"), of(0, "x.C.f"), of(0, "x.C.g"), of(2, "x.D.f")]);
        // The class, in the same file: by function, as many as there were.
        let renamed =
            [of(0, "x.New.f"), of(0, "x.New.f"), of(0, "x.New.f"), of(0, "x.New.g"), of(2, "x.D.f")];
        assert_eq!(check(&known, &renamed), (vec![2], 0));
        // The file and its class, in the same directory.
        let moved = [of(1, "x.New.f"), of(1, "x.New.f"), of(1, "x.New.g"), of(1, "x.New.h"), of(2, "x.D.f")];
        assert_eq!(check(&known, &moved), (vec![3], 0));
        // The old file is still there: what is in the new one is new.
        let copied = [of(0, "x.C.g"), of(1, "x.New.f"), of(2, "x.D.f")];
        assert_eq!(check(&known, &copied), (vec![1], 1));
    }

    #[test]
    fn names_of_chances() {
        let name = |chance: Chance, path: &str| chance.name("A", "read", path, "x.C.f").join(" ");
        assert_eq!(name(Chance::Class, "a/b/C.kt"), "A read a/b/C.kt f");
        assert_eq!(name(Chance::Function, "a/b/C.kt"), "A read a/b/C.kt ");
        assert_eq!(name(Chance::FileName, "a/b/C.kt"), "A read C.kt f");
        assert_eq!(name(Chance::Directory, "a/b/C.kt"), "A read a/b f");
        assert_eq!(name(Chance::Directory, "C.kt"), "A read  f");
    }

    #[test]
    fn the_file() {
        let mut known = baseline(&[
            finding("B", 0, "x.f", "k\"", 1),
            finding("A", 1, "", "", 1),
            finding("A", 0, "x.f", "k", 1),
        ]);
        known.entries[0].reason = Some("ticket 812".to_owned());
        known.entries[0].more.insert("owner".to_owned(), Value::from("core"));
        let mut text = Vec::new();
        known.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let starts: Vec<_> = text.lines().map(|line| line.chars().take(26).collect::<String>()).collect();
        assert_eq!(
            starts,
            [
                "{\"version\":1,\"findings\":[",
                "{\"rule\":\"A\",\"path\":\"0.kt\",",
                "{\"rule\":\"B\",\"path\":\"0.kt\",",
                "{\"rule\":\"A\",\"path\":\"1.kt\",",
                "]}"
            ]
        );
        let mut read = Baseline::read(&text).unwrap();
        read.entries.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        known.entries.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        assert_eq!(read, known);
        let mut empty = Vec::new();
        Baseline::default().write(&mut empty).unwrap();
        assert_eq!(Baseline::read(std::str::from_utf8(&empty).unwrap()), Ok(Baseline::default()));
    }

    #[test]
    fn broken_files() {
        let error = |text: &str| Baseline::read(text).unwrap_err();
        assert_eq!(error("{\"version\":1,\n\"findings\":[{}]}").line, Some(2));
        assert!(error("{\"version\":2,\"findings\":[]}").message.contains("version 2"));
        assert!(error("").line.is_some());
    }
}
