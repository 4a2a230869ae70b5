//! What suppressions leave of a rule's findings. A suppressed entry or call is no way to a finding: the rule is asked
//! again as if it were not there, and what it then still reports is reported by another way.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::findings::suppress::Suppressions;
use crate::findings::{Finding, Hidden, Judged, Place, RuleMeta, order};
use crate::flow::Flow;
use crate::model::FnId;

use super::Context;

/// The answers of flow without what a set of suppressions cuts, computed when first asked for.
pub(super) struct Detours<'s> {
    suppressions: &'s Suppressions,
    /// By the words that cut, since many rules are meant by the same ones (`all`); none where they cut no way.
    flows: FxHashMap<Vec<u32>, OnceLock<Option<Flow>>>,
}

impl<'s> Detours<'s> {
    pub(super) fn new(suppressions: &'s Suppressions, rules: &[&RuleMeta]) -> Detours<'s> {
        let words = rules.iter().map(|rule| suppressions.words_for(rule)).filter(|words| !words.is_empty());
        Detours { suppressions, flows: words.map(|words| (words, OnceLock::new())).collect() }
    }

    /// Runs a rule by `check` and hides what is suppressed.
    pub(super) fn judge(
        &self,
        cx: &Context<'_>,
        rule: &RuleMeta,
        check: impl Fn(&Context<'_>) -> Vec<Finding>,
    ) -> Vec<Judged> {
        let found = order::merge(check(cx));
        // Nothing is left of nothing.
        let flow = self.flows.get(&self.suppressions.words_for(rule)).filter(|_| !found.is_empty());
        let Some(flow) = flow else { return found.into_iter().map(Judged::from).collect() };
        let cut = |place: Place| self.suppressions.covers(place, rule);
        let flow = flow.get_or_init(|| cx.flow.has_any(cx.model, cut).then(|| cx.flow.around(cx.model, cut)));
        let again = match flow {
            Some(flow) => order::merge(check(&Context { flow, ..*cx })),
            None => found.clone(),
        };
        let mut left: FxHashMap<Place, Finding> =
            again.into_iter().map(|finding| (finding.place, finding)).collect();
        found.into_iter().map(|finding| self.one(cx, rule, left.remove(&finding.place), finding)).collect()
    }

    fn one(&self, cx: &Context<'_>, rule: &RuleMeta, left: Option<Finding>, finding: Finding) -> Judged {
        let goals: Vec<FnId> = cx.model.function_at(finding.place).into_iter().collect();
        let ways = cx.flow.steps_to(cx.model, &goals);
        // A suppression of any way to here has its use, even if other ways are left.
        ways.iter().for_each(|place| self.suppressions.mark(*place, rule));
        let detour = left.is_some();
        let finding = left.unwrap_or(finding);
        let by = self.suppressions.hide(&finding, rule);
        let by = by.or_else(|| if detour { None } else { self.suppressions.first(&ways, rule) });
        Judged { hidden: by.map(Hidden::Suppressed), ..Judged::from(finding) }
    }
}
