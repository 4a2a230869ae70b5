//! A rule page's front matter, parsed: the only place of a rule's metadata.
//!
//! The page starts with `---`, then flat `key: value` lines, then `---`:
//! ```text
//! ---
//! id: NetworkOnMainThread
//! group: main-thread
//! summary: Network I/O that some path reaches on the main thread
//! severity: error
//! confidence: high
//! fix: none
//! since: 0.1.0
//! lint: no            (yes when the id means the same as Android Lint's or androidx's check)
//! default: on         (off: only with --select)
//! sources: https://… https://…
//! aliases: OldName    (may be left out: other ids that suppressions may name)
//! ---
//! ```

use std::collections::BTreeMap;
use std::fmt;

use super::finding::{Confidence, Severity};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    pub id: &'static str,
    pub group: &'static str,
    /// One line, without final stop.
    pub summary: &'static str,
    pub severity: Severity,
    /// The usual confidence of its findings; a finding may have less.
    pub confidence: Confidence,
    /// `none`, `safe`, `unsafe` or `display-only`.
    pub fix: &'static str,
    pub since: &'static str,
    /// Shares its id and meaning with a check of Android Lint, androidx or detekt.
    pub shared: bool,
    pub default_on: bool,
    pub sources: Vec<&'static str>,
    /// Earlier names of the rule, which suppressions may still have.
    pub aliases: Vec<&'static str>,
    /// The Markdown after the front matter.
    pub body: &'static str,
}

/// What is wrong with a page's front matter, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaError {
    pub line: usize,
    pub message: String,
}

impl fmt::Display for MetaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for MetaError {}

const KEYS: [&str; 11] = [
    "id",
    "group",
    "summary",
    "severity",
    "confidence",
    "fix",
    "since",
    "lint",
    "default",
    "sources",
    "aliases",
];

impl RuleMeta {
    /// Reads a rule page. Every key but `aliases` is required, once; `sources` takes one or more URLs.
    pub fn parse(page: &'static str) -> Result<RuleMeta, MetaError> {
        let (fields, body) = Fields::read(page)?;
        let meta = RuleMeta {
            id: fields.id()?,
            group: fields.group()?,
            summary: fields.summary()?,
            severity: fields.word(
                "severity",
                &[Severity::Error, Severity::Warning, Severity::Info],
                |it| it.word(),
            )?,
            confidence: fields.word(
                "confidence",
                &[Confidence::High, Confidence::Medium, Confidence::Low],
                |it| it.word(),
            )?,
            fix: fields.word("fix", &["none", "safe", "unsafe", "display-only"], |it| it)?,
            since: fields.since()?,
            shared: fields.word("lint", &["yes", "no"], |it| it)? == "yes",
            default_on: fields.word("default", &["on", "off"], |it| it)? == "on",
            sources: fields.sources()?,
            aliases: fields.aliases(),
            body,
        };
        Ok(meta)
    }
}

/// The lines between the two `---`, by key.
struct Fields {
    values: BTreeMap<&'static str, (usize, &'static str)>,
    /// Line of the closing `---`.
    end: usize,
}

impl Fields {
    fn read(page: &'static str) -> Result<(Fields, &'static str), MetaError> {
        let mut lines = page.split_inclusive('\n');
        let mut read = lines.next().unwrap_or("").len();
        if page[..read].trim_end() != "---" {
            return Err(error(1, "a rule page starts with `---`"));
        }
        let mut values: BTreeMap<&'static str, (usize, &'static str)> = BTreeMap::new();
        for (at, line) in lines.enumerate() {
            let number = at + 2;
            read += line.len();
            let line = line.trim();
            if line == "---" {
                return Ok((Fields { values, end: number }, page[read..].trim_start()));
            }
            let Some((key, value)) = line.split_once(':') else {
                return Err(error(number, format!("`{line}` is not `key: value`")));
            };
            let Some(key) = KEYS.into_iter().find(|known| *known == key.trim()) else {
                return Err(error(
                    number,
                    format!("unknown key `{}`; the keys are {}", key.trim(), KEYS.join(", ")),
                ));
            };
            if let Some((first, _)) = values.insert(key, (number, value.trim())) {
                return Err(error(number, format!("`{key}` is already in line {first}")));
            }
        }
        Err(error(page.lines().count(), "the front matter has no closing `---`"))
    }

    fn get(&self, key: &'static str) -> Result<(usize, &'static str), MetaError> {
        match self.values.get(key) {
            Some((line, "")) => Err(error(*line, format!("`{key}` has no value"))),
            Some(found) => Ok(*found),
            None => Err(error(self.end, format!("`{key}` is missing"))),
        }
    }

    fn word<T: Copy>(
        &self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, MetaError> {
        let (line, value) = self.get(key)?;
        all.iter().copied().find(|it| name(*it) == value).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|it| name(*it)).collect();
            error(line, format!("`{key}` is one of {}, not `{value}`", names.join(", ")))
        })
    }

    fn id(&self) -> Result<&'static str, MetaError> {
        let (line, id) = self.get("id")?;
        let camel = id.starts_with(|it: char| it.is_ascii_uppercase())
            && id.bytes().all(|it| it.is_ascii_alphanumeric());
        if camel { Ok(id) } else { Err(error(line, format!("`{id}` is not CamelCase"))) }
    }

    fn group(&self) -> Result<&'static str, MetaError> {
        let (line, group) = self.get("group")?;
        let kebab = group.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        if kebab { Ok(group) } else { Err(error(line, format!("`{group}` is not lower case with hyphens"))) }
    }

    fn summary(&self) -> Result<&'static str, MetaError> {
        let (line, summary) = self.get("summary")?;
        if summary.ends_with('.') { Err(error(line, "the summary has no final stop")) } else { Ok(summary) }
    }

    fn since(&self) -> Result<&'static str, MetaError> {
        let (line, since) = self.get("since")?;
        let numbers: Vec<_> = since.split('.').map(str::parse::<u32>).collect();
        if numbers.len() == 3 && numbers.iter().all(Result::is_ok) {
            Ok(since)
        } else {
            Err(error(line, format!("`{since}` is not a version such as 0.1.0")))
        }
    }

    fn aliases(&self) -> Vec<&'static str> {
        self.values.get("aliases").map_or(Vec::new(), |(_, names)| names.split_whitespace().collect())
    }

    fn sources(&self) -> Result<Vec<&'static str>, MetaError> {
        let (line, sources) = self.get("sources")?;
        let sources: Vec<_> = sources.split_whitespace().collect();
        match sources.iter().find(|it| !it.starts_with("https://")) {
            Some(other) => Err(error(line, format!("`{other}` is not an https URL"))),
            None => Ok(sources),
        }
    }
}

fn error(line: usize, message: impl Into<String>) -> MetaError {
    MetaError { line, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\nid: SomeRule\ngroup: main-thread\nsummary: Something: it blocks\nseverity: warning\n\
        confidence: high\nfix: none\nsince: 0.1.0\nlint: yes\ndefault: off\nsources: https://a.b/c https://d.e\n---\n\n## Why\n";

    fn parse(page: String) -> Result<RuleMeta, MetaError> {
        RuleMeta::parse(Box::leak(page.into_boxed_str()))
    }

    #[test]
    fn a_page_is_read() {
        let meta = RuleMeta::parse(PAGE).unwrap();
        assert_eq!((meta.id, meta.group, meta.summary), ("SomeRule", "main-thread", "Something: it blocks"));
        assert_eq!((meta.severity, meta.confidence), (Severity::Warning, Confidence::High));
        assert!(meta.shared && !meta.default_on);
        assert_eq!(meta.sources, ["https://a.b/c", "https://d.e"]);
        assert_eq!(meta.body, "## Why\n");
        assert_eq!(parse(PAGE.replace('\n', "\r\n")).unwrap().sources, meta.sources);
    }

    #[test]
    fn errors_name_the_line() {
        let message = |page: String| parse(page).unwrap_err().to_string();
        assert_eq!(message("# Rule\n".into()), "line 1: a rule page starts with `---`");
        assert_eq!(message(PAGE.replace("fix: none\n", "")), "line 11: `fix` is missing");
        assert_eq!(
            message(PAGE.replace("fix: none", "fix: maybe")),
            "line 7: `fix` is one of none, safe, unsafe, display-only, not `maybe`"
        );
        assert_eq!(message(PAGE.replace("since", "group")), "line 8: `group` is already in line 3");
        assert_eq!(message(PAGE.replace("SomeRule", "some-rule")), "line 2: `some-rule` is not CamelCase");
        assert!(
            message(PAGE.replace("fix:", "fixes:"))
                .starts_with("line 7: unknown key `fixes`; the keys are id,")
        );
        assert_eq!(message("---\nid: A\n".into()), "line 2: the front matter has no closing `---`");
    }
}
