//! Runs the selected rules in parallel. A rule that panics loses its findings, not the run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::base::Problem;
use crate::base::problem::ProblemKind;
use crate::facts::ExprKind;
use crate::findings::levels::Levels;
use crate::findings::suppress::Suppressions;
use crate::findings::{Finding, Judged, RuleMeta, Selection, order};

use super::quiet::Detours;
use super::{Context, Findings, Rule};

/// What a run of the rules gave.
#[derive(Debug, Default)]
pub struct Ran {
    /// Merged and in the order of reports.
    pub findings: Vec<Judged>,
    /// Rules that stopped at an internal error.
    pub problems: Vec<Problem>,
    /// Time per rule, in the order of ids.
    pub times: Vec<(&'static str, Duration)>,
}

/// Runs what the selection holds, on the current thread pool.
pub fn run(cx: &Context<'_>, selection: &Selection, levels: &Levels, suppressions: &Suppressions) -> Ran {
    run_these(super::all(), super::metas(), cx, selection, levels, suppressions)
}

fn run_these(
    rules: &[&'static Rule],
    metas: &'static [RuleMeta],
    cx: &Context<'_>,
    selection: &Selection,
    levels: &Levels,
    suppressions: &Suppressions,
) -> Ran {
    let selected: Vec<_> = rules.iter().zip(metas).filter(|(_, meta)| selection.contains(meta.id)).collect();
    // Rules about suppressions need to know what the others had hidden.
    let (last, first): (Vec<_>, Vec<_>) =
        selected.into_iter().partition(|(rule, _)| rule.group == "suppressions");
    let mut ran = Ran::default();
    for rules in [first, last] {
        let metas: Vec<&RuleMeta> = rules.iter().map(|(_, meta)| *meta).collect();
        let detours = Detours::new(suppressions, &metas);
        let one = |(rule, meta): &(&&'static Rule, &'static RuleMeta)| {
            let start = Instant::now();
            let found = catch_unwind(AssertUnwindSafe(|| {
                detours.judge(cx, meta, |cx| {
                    let mut acc = Findings::new(meta, selection, levels.least(meta.id), suppressions);
                    (rule.check)(cx, &mut acc);
                    let mut found = acc.finish();
                    found.iter_mut().for_each(|finding| drop_on_reference(cx, finding));
                    found
                })
            }));
            (meta.id, start.elapsed(), found)
        };
        let results: Vec<_> = rules.par_iter().map(one).collect();
        for (id, time, found) in results {
            ran.times.push((id, time));
            match found {
                Ok(found) => ran.findings.extend(found),
                Err(_) => ran.problems.push(stopped(id)),
            }
        }
    }
    ran.times.sort_by_key(|(id, _)| *id);
    order::sort(&mut ran.findings);
    ran
}

/// Fixes rewrite calls; a reference (`File::delete`) is none.
fn drop_on_reference(cx: &Context<'_>, finding: &mut Finding) {
    let place = finding.place;
    let facts = cx.model.project.files.get(place.file.0 as usize).and_then(|file| file.facts.as_ref());
    if finding.fix.is_none() {
        return;
    }
    let refers = |expr: &crate::facts::Expr| {
        matches!(expr.kind, ExprKind::FunctionRef { .. }) && expr.span == place.span
    };
    if facts.is_some_and(|facts| facts.exprs.iter().any(refers)) {
        finding.fix = None;
    }
}

fn stopped(id: &str) -> Problem {
    Problem {
        kind: ProblemKind::Panic,
        path: String::new(),
        span: None,
        line: None,
        message: format!("the rule {id} stopped at an internal error, its findings are missing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;
    use crate::catalog::Catalog;
    use crate::findings::select::{self, Wanted};
    use crate::findings::{Confidence, FileId, Place, Severity};
    use crate::flow::Flow;
    use crate::model::{Core, Model, Project};

    fn place(at: usize) -> Place {
        Place { file: FileId(0), span: Span::new(at, at + 1) }
    }

    static GOOD: Rule = Rule {
        group: "g",
        doc: "---\nid: Good\ngroup: g\nsummary: S\nseverity: warning\nconfidence: medium\nfix: none\nsince: 0.1.0\n\
            lint: no\ndefault: on\nsources: https://a.b\n---\n",
        check: |_, acc| {
            acc.report(place(9)).message("second").help("do").key("k");
            let first =
                acc.report(place(3)).message("first").help("do").key("k").confidence(Confidence::High);
            first.severity(Severity::Error).also_from(["B.b".to_owned(), "A.a".to_owned()]);
        },
    };

    static PANICS: Rule = Rule {
        group: "g",
        doc: "---\nid: Panics\ngroup: g\nsummary: S\nseverity: error\nconfidence: high\nfix: none\nsince: 0.1.0\n\
            lint: no\ndefault: on\nsources: https://a.b\n---\n",
        check: |_, acc| {
            acc.report(place(0)).message("no help, so this is a bug").key("k");
        },
    };

    fn run_both(wanted: &Wanted) -> Ran {
        let metas = Vec::leak([&GOOD, &PANICS].map(|rule| RuleMeta::parse(rule.doc).unwrap()).to_vec());
        let selection = Selection::new(metas, &select::defaults(metas), wanted).unwrap();
        let model = Model::new(Core::new(Project::default(), Catalog::embedded()));
        let flow = Flow::new(&model);
        let cx = Context { model: &model, flow: &flow };
        run_these(&[&GOOD, &PANICS], metas, &cx, &selection, &Levels::default(), &Suppressions::default())
    }

    #[test]
    fn findings_are_ordered_and_worded_by_their_rule() {
        let ran = run_both(&Wanted { only: vec!["good".into()], ..Wanted::default() });
        let found: Vec<_> = ran
            .findings
            .iter()
            .map(|it| &it.finding)
            .map(|it| (it.rule, it.message.as_str(), it.severity))
            .collect();
        assert_eq!(found, [("Good", "first", Severity::Error), ("Good", "second", Severity::Warning)]);
        assert_eq!(ran.findings[0].finding.confidence, Confidence::Medium, "never more than the rule's own");
        assert_eq!(ran.findings[0].finding.also_from, ["A.a", "B.b"]);
        assert_eq!(ran.times.len(), 1);
    }

    #[test]
    fn the_users_severity_wins() {
        let severities = vec![(Some(Severity::Info), "Good".into())];
        let ran = run_both(&Wanted { ignore: vec!["panics".into()], severities, ..Wanted::default() });
        assert!(ran.findings.iter().all(|it| it.finding.severity == Severity::Info));
    }

    #[test]
    #[cfg(debug_assertions)]
    fn a_rule_that_panics_loses_only_its_own() {
        let ran = run_both(&Wanted::default());
        assert_eq!(ran.findings.len(), 2);
        assert_eq!(ran.problems.len(), 1);
        assert!(ran.problems[0].message.contains("Panics"));
    }
}
