//! One order for all reports, whatever the number of threads; duplicates become one.

use std::cmp::Reverse;

use super::finding::Finding;
use super::judged::Judged;

/// Merges findings of one rule at one place; sorted by rule and place.
pub fn merge(mut findings: Vec<Finding>) -> Vec<Finding> {
    // The best of each place first: what is kept must not depend on which thread was faster.
    findings.sort_by(|a, b| place_order(a).cmp(&place_order(b)));
    findings.dedup_by(|later, kept| {
        let same = later.rule == kept.rule && later.place == kept.place;
        if same {
            kept.also_from.append(&mut later.also_from);
            kept.also_from.sort();
            kept.also_from.dedup();
        }
        same
    });
    findings
}

/// Sorts as reports do: severity, path, line, column, rule, key.
///
/// Files are numbered in the order of their paths and spans in the order of lines and columns, so ids stand for both.
pub fn sort(findings: &mut [Judged]) {
    findings.sort_by(|a, b| report_order(&a.finding).cmp(&report_order(&b.finding)));
}

fn place_order(it: &Finding) -> impl Ord + '_ {
    let best = (Reverse(it.severity), Reverse(it.confidence), it.steps.len());
    let places: Vec<_> = it.steps.iter().map(|step| step.place).collect();
    (it.rule, it.place, best, places, (&it.key, &it.message, &it.symbol, &it.also_from))
}

fn report_order(it: &Finding) -> impl Ord + '_ {
    (Reverse(it.severity), it.place.file, it.place.span.start, it.rule, &it.key, it.place.span.end)
}

#[cfg(test)]
mod tests {
    use super::super::finding::{Confidence, Severity, testing::finding};
    use super::*;

    #[test]
    fn severity_then_place_then_rule() {
        let mut warning = finding("A", 0, 0..1);
        warning.severity = Severity::Warning;
        let all = vec![finding("B", 1, 5..6), warning, finding("A", 1, 5..6), finding("A", 1, 2..9)];
        let mut all: Vec<Judged> = merge(all).into_iter().map(Judged::from).collect();
        sort(&mut all);
        let place = |it: &Finding| (it.rule, it.place.file.0, it.place.span.start);
        let order: Vec<_> = all.iter().map(|it| place(&it.finding)).collect();
        assert_eq!(order, [("A", 1, 2), ("A", 1, 5), ("B", 1, 5), ("A", 0, 0)]);
    }

    #[test]
    fn duplicates_become_the_best_one() {
        let (mut sure, mut unsure) = (finding("A", 0, 0..1), finding("A", 0, 0..1));
        sure.also_from = vec!["C.c".into(), "B.b".into()];
        unsure.confidence = Confidence::Low;
        unsure.also_from = vec!["A.a".into(), "B.b".into()];
        let expected = merge(vec![sure.clone(), unsure.clone()]);
        assert_eq!(expected, merge(vec![unsure, sure]));
        assert_eq!(expected.len(), 1);
        assert_eq!(expected[0].confidence, Confidence::High);
        assert_eq!(expected[0].also_from, ["A.a", "B.b", "C.c"]);
    }
}
