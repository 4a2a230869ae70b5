//! Severities that depend on where a finding is, and what is not to be reported there: overrides of the project's
//! configuration, then `lint.xml` and Gradle's `lint` blocks. What a rule has everywhere is the selection's business.

use std::collections::BTreeSet;

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
    /// Matched against paths relative to `base`.
    pub paths: GlobSet,
    /// What stands before the paths of the analysed root to make them relative to the configuration's directory:
    /// empty, or ends with `/`.
    pub prefix: String,
    /// `None` for off.
    pub rules: Vec<(&'static str, Option<Severity>)>,
    pub by: SuppressedBy,
}

impl Levels {
    /// Sets the severity of a finding or hides it. False: the finding does not exist, as if its rule were off.
    pub fn apply(
        &self,
        judged: &mut Judged,
        rule: &RuleMeta,
        path: &str,
        module: usize,
        lint: &LintConfig,
    ) -> bool {
        let least = self.rule_confidence.iter().rfind(|(id, _)| *id == rule.id).map(|(_, least)| *least);
        if least.or(self.confidence).is_some_and(|least| judged.finding.confidence < least) {
            return false;
        }
        let overridden = self.overridden(rule, path);
        if overridden.is_none() && self.only_overridden.contains(rule.id) {
            return false;
        }
        let found = match overridden {
            // What is off there is hidden even if the command line gives another severity.
            Some((None, by)) => Some((None, by.clone())),
            _ if self.fixed.contains(rule.id) => None,
            Some((Some(severity), by)) => Some((Some(severity), by.clone())),
            None if self.without_lint || self.configured.contains(rule.id) => None,
            None => lint.verdict(rule, path, module, &judged.finding.message),
        };
        match found {
            Some((Some(severity), _)) => judged.finding.severity = severity,
            Some((None, by)) if judged.hidden.is_none() => judged.hidden = Some(Hidden::Suppressed(by)),
            _ => {}
        }
        true
    }

    fn overridden(&self, rule: &RuleMeta, path: &str) -> Option<(Option<Severity>, &SuppressedBy)> {
        self.overrides.iter().rev().find_map(|it| {
            let level = it.rules.iter().rfind(|(id, _)| *id == rule.id)?.1;
            it.paths.is_match(format!("{}{path}", it.prefix)).then_some((level, &it.by))
        })
    }
}
