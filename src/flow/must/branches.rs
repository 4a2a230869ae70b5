//! Ways through conditions, loops and `try`.

use crate::base::Span;
use crate::facts::{Arm, ExprId, ExprKind, Loop, LoopKind, Try};
use crate::model::SiteId;

use super::super::given::{Asked, Given, Known, Verdict};
use super::super::guards::Fact;
use super::{LoopFrame, MATCHED, MISSING, NONE, OPEN, PASSED, Walk, Ways, in_place, passed};

impl<'a> Walk<'a> {
    /// What a condition is for the Intent given, and which branch no device takes or needs.
    fn condition(&self, condition: ExprId) -> (Verdict, [bool; 2], bool) {
        let function = self.here();
        let asked = Asked::new(self.model, function, self.question.given);
        let (then, otherwise) = self.flow.guards.branches(self.model, function, condition);
        let below = self.question.needless_below;
        let needless =
            |facts: &[Fact]| facts.iter().any(|fact| matches!(fact, Fact::Below(level) if *level <= below));
        let matched = asked.names_action(condition);
        let verdict = self.refuted(&then, &otherwise).unwrap_or_else(|| asked.verdict(condition));
        (verdict, [needless(&then), needless(&otherwise)], matched)
    }

    /// Which way a condition goes by what is known of parameters.
    fn refuted(&self, then: &[Fact], otherwise: &[Fact]) -> Option<Verdict> {
        let known = &self.frames.last()?.bounds;
        let never = |facts: &[Fact]| facts.iter().any(|fact| fact.is_refuted(known));
        match (never(then), never(otherwise)) {
            (true, false) => Some(Verdict::False),
            (false, true) => Some(Verdict::True),
            _ => None,
        }
    }

    pub(super) fn branches(
        &mut self,
        condition: ExprId,
        then: Option<ExprId>,
        otherwise: Option<ExprId>,
        ways: Ways,
        depth: u16,
    ) -> Ways {
        let ways = self.eval(condition, ways, depth);
        let (verdict, needless, matched) = self.condition(condition);
        let own = verdict == Verdict::Own && !matched;
        let mut first = ways;
        if matched && verdict != Verdict::False {
            first = if first & OPEN != 0 { first & !OPEN | MATCHED } else { first };
        }
        let branch = |walk: &mut Walk<'a>, code: Option<ExprId>, ways: Ways, needless: bool| {
            let ways = if needless { passed(ways) } else { ways };
            walk.soft += u32::from(own);
            walk.conditions += 1;
            let after = code.map_or(ways, |code| walk.eval(code, ways, depth));
            walk.conditions -= 1;
            walk.soft -= u32::from(own);
            after
        };
        let before = self.left_so_far();
        let one = if verdict == Verdict::False { NONE } else { branch(self, then, first, needless[0]) };
        let between = self.left_so_far();
        let two = if verdict == Verdict::True { NONE } else { branch(self, otherwise, ways, needless[1]) };
        if own {
            // One side makes the call: on the other one it was made before.
            let left = |at: Ways, until: Ways| until & !at & PASSED != 0;
            let after = self.left_so_far();
            let makes = |side: Ways, returned: bool| (side == PASSED) || (side == NONE && returned);
            if makes(one, then.is_some() && left(before, between)) {
                return one | passed(two);
            }
            if otherwise.is_some() && makes(two, left(between, after)) {
                return passed(one) | two;
            }
        }
        one | two
    }

    pub(super) fn arms(&mut self, subject: Option<ExprId>, arms: &[Arm], ways: Ways, depth: u16) -> Ways {
        let ways = subject.map_or(ways, |subject| self.eval(subject, ways, depth));
        let function = self.here();
        let given = self.question.given;
        let model = self.model;
        let asked = Asked::new(model, function, given);
        let over_action = subject.is_some_and(|subject| asked.is_action(subject, 0));
        let mut rest = ways;
        let mut after = NONE;
        let mut all_pass = !arms.is_empty();
        let mut has_else = false;
        for arm in arms {
            let is_else = arm.conditions.is_empty();
            has_else |= is_else;
            let (then, otherwise) = self.flow.guards.arm(model, function, subject, arm);
            let told =
                self.refuted(&then, &otherwise).filter(|told| *told == Verdict::False || arm.guard.is_none());
            let (verdict, matched) = if let Some(verdict) = told.filter(|_| !is_else) {
                (verdict, over_action && verdict == Verdict::True)
            } else if is_else {
                (if over_action { Verdict::Own } else { Verdict::Either }, false)
            } else if over_action {
                let verdict = asked.arm(arm);
                (verdict, verdict == Verdict::True)
            } else if subject.is_none() {
                match arm.conditions.as_slice() {
                    [only] => (asked.verdict(*only), asked.names_action(*only)),
                    _ => (Verdict::Either, false),
                }
            } else {
                (Verdict::Either, false)
            };
            if verdict == Verdict::False || rest == NONE {
                continue;
            }
            let mut start = rest;
            for condition in arm.conditions.iter().chain(&arm.guard) {
                start = self.eval(*condition, start, depth);
            }
            if matched && start & OPEN != 0 {
                start = start & !OPEN | MATCHED;
            }
            let own = verdict == Verdict::Own && !matched;
            self.soft += u32::from(own);
            self.conditions += 1;
            let end = self.eval(arm.body, start, depth);
            self.conditions -= 1;
            self.soft -= u32::from(own);
            // What an unknown action does is no one's promise.
            let end = if own && over_action && !is_known_action(given) { passed(end) } else { end };
            all_pass &= end & MISSING == 0;
            after |= end;
            if verdict == Verdict::True || is_else {
                rest = NONE;
            }
        }
        // A `when` whose arms all make the call is taken for exhaustive.
        if !has_else && !all_pass {
            after |= rest;
        }
        after
    }

    pub(super) fn looped(&mut self, it: &Loop, ways: Ways, depth: u16) -> Ways {
        let mut ways = it.init.iter().fold(ways, |ways, init| self.eval(*init, ways, depth));
        if it.kind != LoopKind::DoWhile {
            ways = it.condition.map_or(ways, |condition| self.eval(condition, ways, depth));
        }
        self.frames.last_mut().expect("inside of a function").loops.push(LoopFrame::default());
        self.conditions += 1;
        let mut body = it.body.map_or(ways, |body| self.eval(body, ways, depth));
        self.conditions -= 1;
        for update in &it.update {
            body = self.eval(*update, body, depth);
        }
        let frame = self.frames.last_mut().and_then(|frame| frame.loops.pop()).unwrap_or_default();
        let facts = self.facts();
        let endless = it.kind != LoopKind::ForEach
            && it.condition.is_none_or(|condition| {
                facts[condition].kind == ExprKind::Literal(crate::facts::Literal::Bool(true))
            });
        match (endless, it.kind) {
            (true, _) => frame.left,
            (false, LoopKind::DoWhile) => body | frame.left | frame.continued,
            (false, _) => ways | body | frame.left | frame.continued,
        }
    }

    pub(super) fn tried(&mut self, it: &Try, ways: Ways, depth: u16) -> Ways {
        let ways = it.resources.iter().fold(ways, |ways, resource| self.eval(*resource, ways, depth));
        let body = self.eval(it.body, ways, depth);
        let facts = self.facts();
        let reaches = self.question.failing_counts && self.makes_call(facts[it.body].span);
        let start = if reaches { passed(ways) } else { ways };
        let mut after = body;
        for catch in &it.catches {
            self.conditions += 1;
            after |= self.eval(catch.body, start, depth);
            self.conditions -= 1;
        }
        match it.finally {
            Some(finally) => {
                let result = self.eval(finally, if after == NONE { ways } else { after }, depth);
                if after == NONE { NONE } else { result }
            }
            None => after,
        }
    }

    /// Is the call made, directly or by what runs in place, within this part of the function?
    fn makes_call(&self, span: Span) -> bool {
        let function = self.here();
        let goal = |id: &SiteId| span.contains(self.model.site(*id).span) && self.question.goals.contains(id);
        if self.model.sites_of[function.index()].iter().any(goal) {
            return true;
        }
        self.flow.graph.from(function).iter().any(|edge| {
            in_place(edge)
                && span.contains(self.model.site(edge.site).span)
                && self.relevant.0.contains(&edge.to)
        })
    }

    /// Is it the Intent, or a part of it, where none comes?
    pub(super) fn is_absent(&self, value: ExprId) -> bool {
        let given = self.question.given;
        given.absent && Asked::new(self.model, self.here(), given).is_of_intent(value)
    }

    pub(super) fn elvis(&mut self, left: ExprId, right: ExprId, ways: Ways, depth: u16) -> Ways {
        let first = self.eval(left, ways, depth);
        let function = self.here();
        let asked = Asked::new(self.model, function, self.question.given);
        if self.is_absent(left) {
            return self.eval(right, first, depth);
        }
        if asked.is_intent(left, 0) {
            return first;
        }
        let own = asked.verdict(left) == Verdict::Own;
        self.soft += u32::from(own);
        self.conditions += 1;
        let second = self.eval(right, first, depth);
        self.conditions -= 1;
        self.soft -= u32::from(own);
        first | second
    }
}

fn is_known_action(given: &Given) -> bool {
    given.absent || given.action != Known::Unknown
}
