//! `lint.xml`: which issues a project ignores where.

use crate::base::problem::ProblemKind;
use crate::base::{Problem, Span};
use crate::facts::lint::{LintFacts, LintIssue};

use super::manifest::list;
use super::problem_at;
use super::xml::{self, Tag, Visitor};

/// Reads a `lint.xml`; of a broken one everything before the error.
pub fn parse(text: &str, path: &str) -> (LintFacts, Vec<Problem>) {
    let mut reader = Reader::default();
    let broken = xml::read(text, &mut reader);
    let problems = broken.map(|broken| {
        let message = format!("broken XML: {}", broken.message);
        problem_at(ProblemKind::Syntax, path, text, Some(broken.span), message)
    });
    (reader.facts, problems.into_iter().collect())
}

#[derive(Default)]
struct Reader {
    facts: LintFacts,
    /// Per open element: it is an issue.
    open: Vec<bool>,
}

impl Visitor for Reader {
    fn start(&mut self, tag: &Tag<'_>) {
        let inner = self.open.last().copied().unwrap_or(false);
        let mut is_issue = false;
        if tag.name == "issue" {
            let ids = tag.attribute("id").map(list).unwrap_or_default();
            let severity = tag.attribute("severity").cloned();
            self.facts.issues.push(LintIssue {
                ids,
                severity,
                clients: tag.attribute("in").cloned(),
                ignored_paths: Vec::new(),
                ignored_patterns: Vec::new(),
                span: tag.span,
            });
            is_issue = true;
        } else if inner
            && tag.name == "ignore"
            && let Some(issue) = self.facts.issues.last_mut()
        {
            issue.ignored_paths.extend(tag.attribute("path").cloned());
            issue.ignored_patterns.extend(tag.attribute("regexp").cloned());
        }
        self.open.push(is_issue);
    }

    fn end(&mut self, element: Span) {
        if self.open.pop() == Some(true)
            && let Some(issue) = self.facts.issues.last_mut()
        {
            issue.span = element;
        }
    }
}
