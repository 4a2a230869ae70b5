//! Suppressions written in the code: which findings they hide, and which of them hide nothing.
//!
//! A suppression counts when one of its ids means the rule and its scope holds the finding's place or a step of its
//! path. Paths that avoid every suppressed step are flow's business; what arrives here with a suppressed step has no
//! other way.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use crate::base::{Name, SourceText, Span};
use crate::facts::{Suppression, SuppressionForm};

use super::finding::{FileId, Finding, Place};
use super::judged::{SuppressedBy, SuppressionKind};
use super::rule_meta::RuleMeta;

/// The group of rules about suppressions themselves.
const ABOUT_SUPPRESSIONS: &str = "suppressions";

/// What a project lets count as a suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Simple names of annotations.
    pub annotations: Vec<String>,
    /// `noinspection` comments.
    pub comments: bool,
}

impl Default for Accepted {
    fn default() -> Accepted {
        let annotations = ["SuppressLint", "Suppress", "SuppressWarnings"].map(str::to_owned).to_vec();
        Accepted { annotations, comments: true }
    }
}

/// One file as suppressions see it.
#[derive(Clone, Copy, Debug)]
pub struct SuppressedFile<'a> {
    pub path: &'a str,
    pub text: &'a SourceText,
    pub suppressions: &'a [Suppression],
    /// Everything in it was understood and is reported on, so that a suppression without effect is one.
    pub whole: bool,
}

/// All suppressions of a project, and which of their ids have hidden something so far.
#[derive(Debug, Default)]
pub struct Suppressions {
    /// By `FileId`.
    files: Vec<Vec<Entry>>,
    words: usize,
}

/// One annotation, comment or attribute.
#[derive(Debug)]
struct Entry {
    scope: Span,
    span: Span,
    by: SuppressedBy,
    words: Vec<Word>,
    whole: bool,
}

/// An id as written.
#[derive(Debug)]
struct Word {
    /// Number of the word in the project.
    number: u32,
    text: Name,
    meaning: Meaning,
    /// Only worklint can be meant, so that without effect the word is of no use to anybody.
    ours: bool,
    used: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// `all`, `worklint`.
    Everything,
    Group(&'static str),
    Rule(&'static str),
    /// An id of another tool, or of none.
    Foreign,
}

/// A word of a suppression that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The annotation, comment or attribute.
    pub whole: Place,
    pub word: Name,
    pub why: IdleReason,
    /// No other word of the suppression is left without it.
    pub alone: bool,
}

impl Idle {
    /// Where the word stands in the file's text; the whole suppression when it does not stand there as such.
    pub fn word_span(&self, text: &str) -> Span {
        let (whole, word) = (self.whole.span, self.word.as_str());
        let written = text.get(whole.range()).unwrap_or("");
        let is_part =
            |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | ':' | '.'));
        let mut found = written.match_indices(word).filter(|(at, _)| {
            let before = written.get(..*at).and_then(|it| it.chars().next_back());
            let after = written.get(at + word.len()..).and_then(|it| it.chars().next());
            !is_part(before) && !is_part(after)
        });
        found.next().map_or(whole, |(at, _)| {
            let start = whole.start as usize + at;
            Span::new(start, start + word.len())
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdleReason {
    /// A rule or group that reports nothing there.
    HidesNothing,
    /// Nothing of worklint has this name.
    Unknown { nearest: Option<&'static str> },
}

impl Suppressions {
    /// Files in the order of their ids.
    pub fn new<'a>(
        files: impl IntoIterator<Item = SuppressedFile<'a>>,
        metas: &'static [RuleMeta],
        accepted: &Accepted,
    ) -> Suppressions {
        let known = Known::new(metas);
        let mut words = 0;
        let files = files
            .into_iter()
            .map(|file| {
                let counting = file.suppressions.iter().filter(|it| accepted.counts(it));
                counting.map(|it| entry(&file, it, &known, &mut words)).collect()
            })
            .collect();
        Suppressions { files, words: words as usize }
    }

    /// The words that mean a rule, by number; none when nothing suppresses it.
    pub fn words_for(&self, rule: &RuleMeta) -> Vec<u32> {
        if self.words == 0 {
            return Vec::new();
        }
        let words = self.files.iter().flatten().flat_map(|entry| &entry.words);
        words.filter(|word| word.means(rule)).map(|word| word.number).collect()
    }

    /// Does a suppression cover the place?
    pub fn covers(&self, place: Place, rule: &RuleMeta) -> bool {
        self.covering(place).any(|entry| entry.words.iter().any(|word| word.means(rule)))
    }

    /// Remembers that the suppressions around a place are of use for a rule.
    pub fn mark(&self, place: Place, rule: &RuleMeta) {
        for entry in self.covering(place) {
            for word in entry.words.iter().filter(|word| word.means(rule)) {
                word.used.store(true, Ordering::Relaxed);
            }
        }
    }

    /// What hides a finding, if anything; remembers the use.
    pub fn hide(&self, finding: &Finding, rule: &RuleMeta) -> Option<SuppressedBy> {
        let places = std::iter::once(finding.place).chain(finding.steps.iter().map(|step| step.place));
        let mut by = None;
        for place in places {
            let found = self.innermost(place, rule);
            if found.is_some() {
                self.mark(place, rule);
            }
            by = by.or(found);
        }
        by.cloned()
    }

    /// The first suppression that covers one of several places.
    pub fn first(&self, places: &[Place], rule: &RuleMeta) -> Option<SuppressedBy> {
        let mut all: Vec<&SuppressedBy> = places.iter().filter_map(|it| self.innermost(*it, rule)).collect();
        all.sort_by_key(|by| (&by.path, by.line));
        all.first().copied().cloned()
    }

    /// Words that only worklint can be meant with and that have no effect, given what `ran`. A word for several rules
    /// is idle when those that run by default ran; `Some(false)`: the rule may need it, none: it does not matter.
    pub fn idle(&self, metas: &'static [RuleMeta], ran: impl Fn(&RuleMeta) -> Option<bool>) -> Vec<Idle> {
        let mut found = Vec::new();
        for (at, entries) in self.files.iter().enumerate() {
            let file = FileId(u32::try_from(at).unwrap_or(u32::MAX));
            for entry in entries.iter().filter(|it| it.whole) {
                for word in entry.words.iter().filter(|word| word.ours && !word.used.load(Ordering::Relaxed))
                {
                    let why = match word.meaning {
                        Meaning::Foreign => {
                            IdleReason::Unknown { nearest: nearest(metas, word.text.as_str()) }
                        }
                        Meaning::Rule(id) => match metas.iter().find(|it| it.id == id).and_then(&ran) {
                            Some(true) => IdleReason::HidesNothing,
                            _ => continue,
                        },
                        Meaning::Everything | Meaning::Group(_) => {
                            let meant = metas.iter().filter(|it| it.default_on && word.means(it));
                            match meant.filter_map(&ran).all(|ran| ran) {
                                true => IdleReason::HidesNothing,
                                false => continue,
                            }
                        }
                    };
                    let whole = Place { file, span: entry.span };
                    let alone = entry.words.len() == 1;
                    found.push(Idle { whole, word: word.text, why, alone });
                }
            }
        }
        found
    }

    /// Suppressions of ours that could tell a reason and do not.
    pub fn without_reason(&self) -> Vec<Place> {
        let mut found = Vec::new();
        for (at, entries) in self.files.iter().enumerate() {
            let file = FileId(u32::try_from(at).unwrap_or(u32::MAX));
            let silent = |entry: &&Entry| {
                let ours = entry.words.iter().any(|word| word.meaning != Meaning::Foreign);
                let able = entry.by.kind != SuppressionKind::XmlAttribute;
                ours && able && entry.by.reason.is_none()
            };
            found.extend(entries.iter().filter(silent).map(|entry| Place { file, span: entry.span }));
        }
        found
    }

    fn covering(&self, place: Place) -> impl Iterator<Item = &Entry> {
        let entries = self.files.get(place.file.0 as usize).map_or(&[][..], Vec::as_slice);
        entries.iter().filter(move |entry| entry.scope.contains(place.span))
    }

    /// The innermost says it best.
    fn innermost(&self, place: Place, rule: &RuleMeta) -> Option<&SuppressedBy> {
        let meaning = self.covering(place).filter(|entry| entry.words.iter().any(|word| word.means(rule)));
        let width = |span: Span| span.end.saturating_sub(span.start);
        meaning.min_by_key(|entry| (width(entry.scope), entry.span)).map(|entry| &entry.by)
    }
}

impl Accepted {
    fn counts(&self, suppression: &Suppression) -> bool {
        match suppression.form {
            SuppressionForm::Annotation => self.annotations.iter().any(|it| *it == *suppression.word),
            SuppressionForm::Comment => self.comments,
            SuppressionForm::Xml => true,
        }
    }
}

fn entry(file: &SuppressedFile<'_>, suppression: &Suppression, known: &Known, words: &mut u32) -> Entry {
    let kind = match suppression.form {
        SuppressionForm::Annotation => SuppressionKind::Annotation,
        SuppressionForm::Comment => SuppressionKind::Comment,
        SuppressionForm::Xml => SuppressionKind::XmlAttribute,
    };
    let word = |(text, meaning, ours): (Name, Meaning, bool)| {
        let number = *words;
        *words += 1;
        Word { number, text, meaning, ours, used: AtomicBool::new(false) }
    };
    let ids = suppression.ids.iter().map(|id| {
        let (meaning, ours) = known.meaning_of(*id);
        (*id, meaning, ours)
    });
    // Android Lint finds ids anywhere in the rest of a comment's line.
    let comment = suppression.reason.as_deref().filter(|_| suppression.form == SuppressionForm::Comment);
    let later =
        comment.into_iter().flat_map(|text| text.split(|it: char| !it.is_alphanumeric() && it != '_'));
    let later = later.filter(|word| word.len() > 4).filter_map(|word| {
        known.rules.get(&plain(word)).map(|meta| (Name::new(word), Meaning::Rule(meta.id), false))
    });
    Entry {
        scope: suppression.scope,
        span: suppression.span,
        words: ids.chain(later).map(word).collect(),
        by: SuppressedBy {
            kind,
            path: file.path.to_owned(),
            line: file.text.line(suppression.span.start),
            reason: suppression.reason.clone(),
        },
        whole: file.whole && suppression.constants.is_empty(),
    }
}

impl Word {
    fn means(&self, rule: &RuleMeta) -> bool {
        match self.meaning {
            // What is said about suppressions is not hidden by the one that it is said about.
            Meaning::Everything => rule.group != ABOUT_SUPPRESSIONS,
            Meaning::Group(group) => group == rule.group,
            Meaning::Rule(id) => id == rule.id,
            Meaning::Foreign => false,
        }
    }
}

/// Ids, aliases and groups in lower case.
struct Known {
    rules: FxHashMap<String, &'static RuleMeta>,
    groups: FxHashMap<String, &'static str>,
    /// What ids mean that were asked for: projects write the same few again and again.
    asked: RefCell<FxHashMap<Name, (Meaning, bool)>>,
}

impl Known {
    fn new(metas: &'static [RuleMeta]) -> Known {
        let (rules, groups, asked) = (FxHashMap::default(), FxHashMap::default(), RefCell::default());
        let mut known = Known { rules, groups, asked };
        for meta in metas {
            known.rules.insert(plain(meta.id), meta);
            known.rules.extend(meta.aliases.iter().map(|alias| (plain(alias), meta)));
            known.groups.insert(plain(meta.group), meta.group);
        }
        known
    }

    fn meaning_of(&self, id: Name) -> (Meaning, bool) {
        *self.asked.borrow_mut().entry(id).or_insert_with(|| self.meaning(&id))
    }

    /// What an id means, and whether it can only be meant for worklint. Case does not matter, as with Android Lint.
    fn meaning(&self, id: &str) -> (Meaning, bool) {
        let (prefix, rest) = split_prefix(id.trim());
        let own = prefix == Prefix::Own;
        let rest = plain(rest);
        if prefix == Prefix::None && rest == "all" {
            return (Meaning::Everything, false);
        }
        if prefix == Prefix::None && rest == "worklint" || own && rest == "all" {
            return (Meaning::Everything, true);
        }
        if let Some(meta) = self.rules.get(&rest) {
            let alias = plain(meta.id) != rest;
            return (Meaning::Rule(meta.id), own || prefix == Prefix::None && !meta.shared && !alias);
        }
        match self.groups.get(&rest) {
            // Groups have common names: detekt has a `coroutines`, too.
            Some(group) => (Meaning::Group(group), own),
            None => (Meaning::Foreign, own || prefix == Prefix::None && self.is_misspelt(&rest)),
        }
    }

    /// So near to an id of ours that no other tool's can be meant.
    fn is_misspelt(&self, id: &str) -> bool {
        id.len() > 12
            && self.rules.iter().any(|(known, meta)| {
                !meta.shared && known.len().abs_diff(id.len()) <= 2 && strsim::osa_distance(known, id) <= 2
            })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    None,
    /// `worklint:`.
    Own,
    /// Android Studio's `AndroidLint`, detekt's `detekt:`.
    Other,
}

fn split_prefix(id: &str) -> (Prefix, &str) {
    let prefixes = [
        ("worklint:", Prefix::Own),
        ("worklint.", Prefix::Own),
        ("detekt:", Prefix::Other),
        ("detekt.", Prefix::Other),
        ("AndroidLint", Prefix::Other),
    ];
    let found = prefixes.into_iter().find_map(|(text, prefix)| {
        let head = id.get(..text.len())?;
        let rest = id.get(text.len()..).filter(|rest| !rest.is_empty())?;
        head.eq_ignore_ascii_case(text).then_some((prefix, rest))
    });
    found.unwrap_or((Prefix::None, id))
}

fn nearest(metas: &'static [RuleMeta], word: &str) -> Option<&'static str> {
    super::select::nearest(split_prefix(word).1, metas.iter().flat_map(|meta| [meta.id, meta.group]))
}

fn plain(word: &str) -> String {
    word.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing::{finding, step};
    use super::super::finding::{StepRole, testing};
    use super::*;

    fn suppression(ids: &[&str], scope: std::ops::Range<usize>) -> Suppression {
        Suppression {
            form: SuppressionForm::Annotation,
            word: Name::new("SuppressLint"),
            ids: ids.iter().map(|id| Name::new(id)).collect(),
            constants: Vec::new(),
            scope: Span::new(scope.start, scope.end),
            span: Span::new(scope.start, scope.start + 1),
            reason: None,
        }
    }

    /// `ExactAlarm` is shared with Android Lint, `ShortWork` is not, and was called `OldName`.
    fn metas() -> &'static [RuleMeta] {
        let mut metas = vec![testing::meta("ExactAlarm", "alarms"), testing::meta("ShortWork", "coroutines")];
        metas[0].shared = true;
        metas[1].aliases = vec!["OldName"];
        Box::leak(metas.into_boxed_slice())
    }

    fn all(files: &[Vec<Suppression>]) -> Suppressions {
        let text = SourceText::new("1\n2\n3\n".repeat(20));
        let file = |suppressions| SuppressedFile { path: "a.kt", text: &text, suppressions, whole: true };
        Suppressions::new(files.iter().map(|it| file(it.as_slice())), metas(), &Accepted::default())
    }

    #[test]
    fn ids_that_mean_a_rule() {
        let known = Known::new(metas());
        let means = |id: &str| match known.meaning(id).0 {
            Meaning::Everything => true,
            Meaning::Rule(rule) => rule == "ExactAlarm",
            Meaning::Group(group) => group == "alarms",
            Meaning::Foreign => false,
        };
        for id in [
            "ExactAlarm",
            "exactalarm",
            "worklint:ExactAlarm",
            "Worklint:exactAlarm",
            "AndroidLintExactAlarm",
            "detekt:ExactAlarm",
            "alarms",
            "worklint:alarms",
            "worklint",
            "worklint:all",
            "all",
            "ALL",
        ] {
            assert!(means(id), "{id}");
        }
        for id in
            ["ExactAlarms", "Exact", "", "android", "AndroidLint", "worklint:", "ünïcödé-wörds", "ShortWork"]
        {
            assert!(!means(id), "{id}");
        }
        assert_eq!(known.meaning("OldName"), (Meaning::Rule("ShortWork"), false));
    }

    #[test]
    fn whose_an_id_is() {
        let known = Known::new(metas());
        let ours = |id: &str| known.meaning(id).1;
        assert!(
            ours("ShortWork") && ours("worklint:ExactAlarm") && ours("worklint:Nonsense") && ours("worklint")
        );
        assert!(!ours("ExactAlarm") && !ours("all") && !ours("coroutines") && !ours("Nonsense"));
    }

    #[test]
    fn scopes() {
        let found = all(&[
            vec![suppression(&["Other", "ShortWork"], 10..50), suppression(&["ShortWork"], 20..40)],
            vec![],
        ]);
        let (alarm, work) = (&metas()[0], &metas()[1]);
        let by = found.hide(&finding("ShortWork", 0, 25..30), work).unwrap();
        assert_eq!(by.line, 11, "the innermost one");
        assert_eq!(found.hide(&finding("ShortWork", 0, 5..30), work), None);
        assert_eq!(found.hide(&finding("ExactAlarm", 0, 25..30), alarm), None);
        assert_eq!(found.hide(&finding("ShortWork", 1, 25..30), work), None);
        assert_eq!(found.words_for(work).len(), 2);
        assert!(found.words_for(alarm).is_empty());
    }

    #[test]
    fn steps_count() {
        let found = all(&[vec![suppression(&["ShortWork"], 10..50)], vec![]]);
        let mut it = finding("ShortWork", 1, 0..1);
        assert_eq!(found.hide(&it, &metas()[1]), None);
        it.steps = vec![step(StepRole::Entry, 0, 20..30)];
        assert!(found.hide(&it, &metas()[1]).is_some());
    }

    #[test]
    fn words_without_effect() {
        let ids = ["ShortWork", "ExactAlarm", "Foreign", "worklint:ShortWrk"];
        let found = all(&[vec![suppression(&ids, 10..50), suppression(&["ShortWork"], 60..70)]]);
        let idle = |ran: bool| {
            let all = found.idle(metas(), |_| Some(ran));
            all.into_iter().map(|it| (it.word.as_str(), it.whole.span.start, it.alone)).collect::<Vec<_>>()
        };
        assert_eq!(
            idle(true),
            [("ShortWork", 10, false), ("worklint:ShortWrk", 10, false), ("ShortWork", 60, true)]
        );
        assert_eq!(idle(false), [("worklint:ShortWrk", 10, false)], "a rule that did not run may need it");
        found.hide(&finding("ShortWork", 0, 20..30), &metas()[1]);
        assert_eq!(idle(true).len(), 2);
    }

    #[test]
    fn lint_finds_ids_in_the_rest_of_the_line() {
        let mut comment = suppression(&["Other"], 10..50);
        comment.form = SuppressionForm::Comment;
        comment.reason = Some("and ShortWork, all fine".to_owned());
        let found = all(&[vec![comment]]);
        assert!(found.covers(finding("ShortWork", 0, 20..30).place, &metas()[1]));
        assert!(!found.covers(finding("ExactAlarm", 0, 20..30).place, &metas()[0]));
    }
}
