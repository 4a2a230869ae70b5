//! Which rules run and how severe they are: ids and groups as a user writes them, turned into a selection.

use std::collections::BTreeMap;
use std::fmt;

use super::finding::Severity;
use super::rule_meta::RuleMeta;

/// What a user asked for, words as written. Severities: `None` turns the rule off.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub only: Vec<String>,
    pub select: Vec<String>,
    pub extend_select: Vec<String>,
    pub ignore: Vec<String>,
    pub severities: Vec<(Option<Severity>, String)>,
}

/// The rules of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Rules that run; with the severity that was asked for, if any.
    rules: BTreeMap<&'static str, Option<Severity>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectError {
    /// No rule or group has this name.
    Unknown { word: String, nearest: Option<&'static str> },
    /// One rule is given two severities by words of the same rank.
    TwoSeverities { rule: &'static str, first: &'static str, second: &'static str },
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectError::Unknown { word, .. } => write!(f, "no rule or group is called `{word}`"),
            SelectError::TwoSeverities { rule, first, second } => {
                write!(f, "`{rule}` is given two severities: {first} and {second}")
            }
        }
    }
}

impl std::error::Error for SelectError {}

impl Selection {
    pub fn new(metas: &'static [RuleMeta], wanted: &Wanted) -> Result<Selection, SelectError> {
        let mut rules: BTreeMap<&'static str, Option<Severity>> = BTreeMap::new();
        let first = if wanted.only.is_empty() { &wanted.select } else { &wanted.only };
        if first.is_empty() {
            rules.extend(metas.iter().filter(|meta| meta.default_on).map(|meta| (meta.id, None)));
        }
        for word in first.iter().chain(&wanted.extend_select) {
            rules.extend(find(metas, word)?.into_iter().map(|meta| (meta.id, None)));
        }
        for word in &wanted.ignore {
            for meta in find(metas, word)? {
                rules.remove(meta.id);
            }
        }
        for (id, level) in severities(metas, &wanted.severities)? {
            match (level, rules.get_mut(id)) {
                (None, _) => drop(rules.remove(id)),
                (Some(severity), Some(rule)) => *rule = Some(severity),
                (Some(_), None) => {}
            }
        }
        Ok(Selection { rules })
    }

    pub fn contains(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }

    /// The severity asked for, which wins over the rule's own.
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.rules.get(rule).copied().flatten()
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// A rule named by its id wins over its group.
fn severities(
    metas: &'static [RuleMeta],
    wanted: &[(Option<Severity>, String)],
) -> Result<BTreeMap<&'static str, Option<Severity>>, SelectError> {
    let mut by_rank = [BTreeMap::new(), BTreeMap::new()];
    for (level, word) in wanted {
        let found = find(metas, word)?;
        let is_id = found.iter().any(|meta| plain(meta.id) == plain(word));
        let known: &mut BTreeMap<&'static str, Option<Severity>> = &mut by_rank[usize::from(is_id)];
        for meta in found {
            let before = *known.entry(meta.id).or_insert(*level);
            if before != *level {
                let name = |level: Option<Severity>| level.map_or("off", Severity::word);
                let (first, second) = (name(before), name(*level));
                return Err(SelectError::TwoSeverities { rule: meta.id, first, second });
            }
        }
    }
    let [mut groups, ids] = by_rank;
    groups.extend(ids);
    Ok(groups)
}

/// The rules that a word means: an id, or all of a group.
pub fn find(metas: &'static [RuleMeta], word: &str) -> Result<Vec<&'static RuleMeta>, SelectError> {
    let wanted = plain(word);
    let ids: Vec<_> = metas.iter().filter(|meta| plain(meta.id) == wanted).collect();
    if !ids.is_empty() {
        return Ok(ids);
    }
    let group: Vec<_> = metas.iter().filter(|meta| plain(meta.group) == wanted).collect();
    if !group.is_empty() {
        return Ok(group);
    }
    let names = metas.iter().flat_map(|meta| [meta.id, meta.group]);
    Err(SelectError::Unknown { word: word.to_owned(), nearest: nearest(word, names) })
}

/// The name most like a word, if any is.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(word);
    let likeness = |name: &str| strsim::jaro_winkler(&wanted, &plain(name));
    names
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

/// `ExactAlarm`, `exact-alarm` and `EXACT_ALARM` are one.
fn plain(word: &str) -> String {
    word.trim().chars().filter(|it| !matches!(it, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Confidence;
    use super::*;

    fn metas() -> &'static [RuleMeta] {
        let meta = |id: &'static str, group: &'static str, default_on| RuleMeta {
            id,
            group,
            summary: "",
            severity: Severity::Error,
            confidence: Confidence::High,
            fix: "none",
            since: "0.1.0",
            shared: false,
            default_on,
            sources: Vec::new(),
            aliases: Vec::new(),
            body: "",
        };
        let all = vec![
            meta("DiskOnMainThread", "main-thread", true),
            meta("ExactAlarm", "alarms", true),
            meta("HeavyParsing", "main-thread", false),
            meta("ShortAlarm", "alarms", true),
        ];
        Box::leak(all.into_boxed_slice())
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|it| (*it).to_owned()).collect()
    }

    fn ids(wanted: &Wanted) -> Vec<&'static str> {
        Selection::new(metas(), wanted).unwrap().rules.into_keys().collect()
    }

    #[test]
    fn what_runs() {
        let default = Wanted::default();
        assert_eq!(ids(&default), ["DiskOnMainThread", "ExactAlarm", "ShortAlarm"]);
        let wanted =
            Wanted { select: words(&["ALARMS"]), ignore: words(&["short-alarm"]), ..Wanted::default() };
        assert_eq!(ids(&wanted), ["ExactAlarm"]);
        let wanted = Wanted { extend_select: words(&["heavy-parsing"]), ..Wanted::default() };
        assert_eq!(ids(&wanted).len(), 4);
        let wanted = Wanted { only: words(&["main-thread"]), ..Wanted::default() };
        assert_eq!(ids(&wanted), ["DiskOnMainThread", "HeavyParsing"]);
        let off = (None, "alarms".to_owned());
        assert_eq!(ids(&Wanted { severities: vec![off], ..Wanted::default() }), ["DiskOnMainThread"]);
    }

    #[test]
    fn an_id_wins_over_its_group() {
        let severities = vec![(Some(Severity::Info), "ExactAlarm".to_owned()), (None, "alarms".to_owned())];
        let found = Selection::new(metas(), &Wanted { severities, ..Wanted::default() }).unwrap();
        assert_eq!(found.severity("ExactAlarm"), Some(Severity::Info));
        assert!(!found.contains("ShortAlarm"));
        let severities =
            vec![(Some(Severity::Info), "ExactAlarm".to_owned()), (None, "exact-alarm".to_owned())];
        let error = Selection::new(metas(), &Wanted { severities, ..Wanted::default() }).unwrap_err();
        assert_eq!(error.to_string(), "`ExactAlarm` is given two severities: info and off");
    }

    #[test]
    fn unknown_words() {
        let nearest = |word: &str| match find(metas(), word) {
            Err(SelectError::Unknown { nearest, .. }) => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(nearest("ExactAlarn"), Some("ExactAlarm"));
        assert_eq!(nearest("main-tread"), Some("main-thread"));
        assert_eq!(nearest("xyz"), None);
    }
}
