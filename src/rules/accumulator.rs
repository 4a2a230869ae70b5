//! Where a rule puts its findings. Opened per rule by the driver, so that no rule reports under another's name.

use crate::findings::suppress::Suppressions;
use crate::findings::{Confidence, Finding, Fix, Place, RuleMeta, Selection, Severity, Sketch, Step};

/// The findings of one rule.
pub struct Findings<'r> {
    meta: &'r RuleMeta,
    /// The severity the user asked for; wins over the rule's and the finding's own.
    severity: Option<Severity>,
    /// What is less certain is not shown.
    least: Confidence,
    found: Vec<Finding>,
    /// What runs beside this rule, and what hid its findings: for rules about suppressions.
    pub(super) selection: &'r Selection,
    pub(super) suppressions: &'r Suppressions,
}

/// A finding being worded; it is in the list already.
pub struct Draft<'f> {
    finding: &'f mut Finding,
    fixed_severity: bool,
}

impl<'r> Findings<'r> {
    pub(super) fn new(
        meta: &'r RuleMeta,
        selection: &'r Selection,
        least: Confidence,
        suppressions: &'r Suppressions,
    ) -> Findings<'r> {
        let severity = selection.severity(meta.id);
        Findings { meta, severity, least, found: Vec::new(), selection, suppressions }
    }

    /// Are findings of such confidence shown? Saves the work for those that are not.
    pub fn wants(&self, confidence: Confidence) -> bool {
        self.least <= confidence
    }

    /// Starts a finding; `message` and `help` have to follow.
    pub fn report(&mut self, place: Place) -> Draft<'_> {
        self.found.push(Finding {
            rule: self.meta.id,
            severity: self.severity.unwrap_or(self.meta.severity),
            confidence: self.meta.confidence,
            place,
            message: String::new(),
            help: String::new(),
            label: String::new(),
            symbol: String::new(),
            key: String::new(),
            steps: Vec::new(),
            also_from: Vec::new(),
            fix: None,
            sketch: None,
        });
        let last = self.found.len() - 1;
        Draft { finding: &mut self.found[last], fixed_severity: self.severity.is_some() }
    }

    /// Hands the findings over. One without words is a bug of the rule: tests stop at it, users still see the place.
    pub(super) fn finish(self) -> Vec<Finding> {
        for finding in &self.found {
            debug_assert!(!finding.message.is_empty(), "{} reports without a message", finding.rule);
            debug_assert!(
                !finding.help.is_empty(),
                "{} reports without help: {}",
                finding.rule,
                finding.message
            );
            debug_assert!(
                !finding.message.ends_with('.'),
                "{}: `{}` ends in a stop",
                finding.rule,
                finding.message
            );
            debug_assert!(
                !finding.key.is_empty(),
                "{} reports without a key: {}",
                finding.rule,
                finding.message
            );
        }
        self.found
    }
}

impl Draft<'_> {
    /// What is wrong, specific, without final stop.
    pub fn message(self, text: impl Into<String>) -> Self {
        self.finding.message = text.into();
        self
    }

    /// What to do instead, naming the API.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.finding.help = text.into();
        self
    }

    /// Short words below the primary location.
    pub fn label(self, text: impl Into<String>) -> Self {
        self.finding.label = text.into();
        self
    }

    /// The rule's part of the fingerprint.
    pub fn key(self, text: impl Into<String>) -> Self {
        self.finding.key = text.into();
        self
    }

    /// Qualified name of the declaration around the primary location, for XML the element path.
    pub fn symbol(self, text: impl Into<String>) -> Self {
        self.finding.symbol = text.into();
        self
    }

    /// Never more than the rule usually has.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.finding.confidence = self.finding.confidence.min(confidence);
        self
    }

    /// Another severity than the rule's own, where the user did not ask for one.
    pub fn severity(self, severity: Severity) -> Self {
        if !self.fixed_severity {
            self.finding.severity = severity;
        }
        self
    }

    /// The way here, entry first.
    pub fn steps(self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.finding.steps = steps.into_iter().collect();
        self
    }

    /// What would mend it.
    pub fn fix(self, fix: Fix) -> Self {
        self.finding.fix = Some(fix);
        self
    }

    /// How what the help says may look, if that is known.
    pub fn sketch(self, sketch: Option<Sketch>) -> Self {
        self.finding.sketch = sketch;
        self
    }

    /// Further entries that reach the same place, as short names.
    pub fn also_from(self, names: impl IntoIterator<Item = String>) -> Self {
        self.finding.also_from = names.into_iter().collect();
        self.finding.also_from.sort();
        self.finding.also_from.dedup();
        self
    }
}
