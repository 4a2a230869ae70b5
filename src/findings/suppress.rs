//! Suppressions written in the code: which findings they hide.
//!
//! A suppression counts when one of its ids means the rule and its scope holds the primary location. On the way there
//! it counts at the entry or at a call only if that is the only way known (`also_from` is empty): flow takes
//! suppressed steps out of its paths by itself, so what arrives here by several entries is still reached by another.

use crate::base::Span;
use crate::facts::{Suppression, SuppressionForm};

use super::finding::{FileId, Finding, Place, StepRole};

/// The suppression that hides a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// `annotation`, `comment` or `xml-attribute`, as in the JSON report.
    pub kind: &'static str,
    /// The annotation, comment or attribute.
    pub place: Place,
    pub reason: Option<String>,
}

/// What hides a finding, if anything. `in_file` gives a file's suppressions.
pub fn hidden_by<'a>(
    finding: &Finding,
    group: &str,
    in_file: impl Fn(FileId) -> &'a [Suppression],
) -> Option<Hidden> {
    let steps = finding.steps.iter().filter(|step| matches!(step.role, StepRole::Entry | StepRole::Call));
    let steps = steps.map(|step| step.place).filter(|_| finding.also_from.is_empty());
    std::iter::once(finding.place).chain(steps).find_map(|place| {
        let mut covering: Vec<_> =
            in_file(place.file).iter().filter(|it| it.scope.contains(place.span)).collect();
        // The innermost says it best.
        covering.sort_by_key(|it| (width(it.scope), it.span));
        let found = covering.into_iter().find(|it| it.ids.iter().any(|id| means(id, finding.rule, group)))?;
        let place = Place { file: place.file, span: found.span };
        let kind = match found.form {
            SuppressionForm::Annotation => "annotation",
            SuppressionForm::Comment => "comment",
            SuppressionForm::Xml => "xml-attribute",
        };
        Some(Hidden { kind, place, reason: found.reason.clone() })
    })
}

/// `Id`, `worklint:Id`, `AndroidLintId` (Studio's prefix), detekt's prefixes, a group, `worklint` or `all`;
/// case does not matter, as with Android Lint.
pub fn means(id: &str, rule: &str, group: &str) -> bool {
    let id = id.trim();
    if id.eq_ignore_ascii_case("all") || id.eq_ignore_ascii_case("worklint") {
        return true;
    }
    let id = ["worklint:", "worklint.", "detekt:", "detekt.", "AndroidLint"]
        .into_iter()
        .find_map(|prefix| {
            let head = id.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| &id[prefix.len()..])
        })
        .unwrap_or(id);
    id.eq_ignore_ascii_case(rule) || id.eq_ignore_ascii_case(group)
}

fn width(span: Span) -> u32 {
    span.end.saturating_sub(span.start)
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing::{finding, step};
    use super::*;
    use crate::base::Name;

    fn suppression(ids: &[&str], scope: std::ops::Range<usize>) -> Suppression {
        Suppression {
            form: SuppressionForm::Annotation,
            ids: ids.iter().map(|id| Name::new(id)).collect(),
            scope: Span::new(scope.start, scope.end),
            span: Span::new(scope.start, scope.start + 1),
            reason: None,
        }
    }

    #[test]
    fn ids_that_mean_a_rule() {
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
            "all",
            "ALL",
        ] {
            assert!(means(id, "ExactAlarm", "alarms"), "{id}");
        }
        for id in ["ExactAlarms", "Exact", "", "android", "AndroidLint", "worklint:", "ünïcödé-wörds"] {
            assert!(!means(id, "ExactAlarm", "alarms"), "{id}");
        }
    }

    #[test]
    fn scopes() {
        let files = [vec![suppression(&["Other", "A"], 10..50), suppression(&["A"], 20..40)], vec![]];
        let in_file = |file: FileId| files[file.0 as usize].as_slice();
        let by = hidden_by(&finding("A", 0, 25..30), "g", in_file).unwrap();
        assert_eq!(by.place.span.start, 20, "the innermost one");
        assert!(hidden_by(&finding("A", 0, 5..30), "g", in_file).is_none());
        assert!(hidden_by(&finding("B", 0, 25..30), "g", in_file).is_none());
        assert!(hidden_by(&finding("A", 1, 25..30), "g", in_file).is_none());
    }

    #[test]
    fn steps_count_when_there_is_no_other_way() {
        let files = [vec![suppression(&["A"], 10..50)], vec![]];
        let in_file = |file: FileId| files[file.0 as usize].as_slice();
        let mut it = finding("A", 1, 0..1);
        it.steps = vec![step(StepRole::Declaration, 0, 20..30)];
        assert!(hidden_by(&it, "g", in_file).is_none());
        it.steps.push(step(StepRole::Entry, 0, 20..30));
        assert!(hidden_by(&it, "g", in_file).is_some());
        it.also_from = vec!["Other.entry".into()];
        assert!(hidden_by(&it, "g", in_file).is_none());
    }
}
