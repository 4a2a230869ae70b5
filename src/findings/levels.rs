//! Severities that depend on where a finding is, and what is not to be reported there: overrides of the project's
//! configuration, then `lint.xml` and Gradle's `lint` blocks. What a rule has everywhere is the selection's business.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::finding::{Confidence, Severity};
use super::judged::{Hidden, Judged, SuppressedBy};
use super::lint::LintConfig;
use super::rule_meta::RuleMeta;

/// Everything that depends on paths. Later overrides win.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    pub overrides: Vec<Override>,
    /// Rules whose severity nothing in the project may change, because the command line gives it.
    pub fixed: BTreeSet<&'static str>,
    /// Rules whose severity the configuration gives for the whole project: `lint.xml` does not change it.
    pub configured: BTreeSet<&'static str>,
    /// Rules that are on only where an override says so.
    pub only_overridden: BTreeSet<&'static str>,
    /// Lowest confidence, and those of single rules.
    pub confidence: Option<Confidence>,
    pub rule_confidence: Vec<(&'static str, Confidence)>,
    /// `lint.xml` and Gradle's blocks do not count.
    pub without_lint: bool,
}

/// What the configuration says for some paths.
#[derive(Clone, Debug)]
pub struct Override {
    /// Matched against paths relative to `dir`.
    pub paths: GlobSet,
    /// The directory of the configuration; absolute.
    pub dir: PathBuf,
    /// `None` for off.
    pub rules: Vec<(&'static str, Option<Severity>)>,
    pub by: SuppressedBy,
}

/// Where a finding is.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The analysed root; absolute.
    pub root: &'a Path,
    /// Relative to the root, with `/`.
    pub path: &'a str,
    pub module: usize,
}

impl Levels {
    /// The lowest confidence that findings of a rule may have.
    pub fn least(&self, rule: &str) -> Confidence {
        let own = self.rule_confidence.iter().rfind(|(id, _)| *id == rule).map(|(_, least)| *least);
        own.or(self.confidence).unwrap_or(Confidence::Low)
    }

    /// Sets the severity of a finding or hides it. False: the finding does not exist, as if its rule were off.
    pub fn apply(&self, judged: &mut Judged, rule: &RuleMeta, spot: Spot<'_>, lint: &LintConfig) -> bool {
        if judged.finding.confidence < self.least(rule.id) {
            return false;
        }
        let overridden = self.overridden(rule, spot);
        if overridden.is_none() && self.only_overridden.contains(rule.id) {
            return false;
        }
        let found = match overridden {
            // What is off there is hidden even if the command line gives another severity.
            Some((None, by)) => Some((None, by.clone())),
            _ if self.fixed.contains(rule.id) => None,
            Some((Some(severity), by)) => Some((Some(severity), by.clone())),
            None if self.without_lint || self.configured.contains(rule.id) => None,
            None => lint.verdict(rule, spot.path, spot.module, &judged.finding.message),
        };
        match found {
            Some((Some(severity), _)) => judged.finding.severity = severity,
            Some((None, by)) if judged.hidden.is_none() => judged.hidden = Some(Hidden::Suppressed(by)),
            _ => {}
        }
        true
    }

    fn overridden(&self, rule: &RuleMeta, spot: Spot<'_>) -> Option<(Option<Severity>, &SuppressedBy)> {
        self.overrides.iter().rev().find_map(|it| {
            let level = it.rules.iter().rfind(|(id, _)| *id == rule.id)?.1;
            let absolute = spot.root.join(spot.path);
            let below = absolute.strip_prefix(&it.dir).ok()?;
            it.paths.is_match(below).then_some((level, &it.by))
        })
    }
}
