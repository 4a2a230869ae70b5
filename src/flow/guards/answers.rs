//! What is known after statements, and what the answer of a function or of a value computed in several steps proves.

use crate::base::{Name, Span};
use crate::facts::{Arm, BinaryOp, ExprId, ExprKind, Literal};
use crate::model::{Declared, FnId};

use super::conditions::{CALL, Conditions, MAX_DEPTH, Test, either};
use super::{Fact, Facts};

/// Implementations that one question is followed to.
const MAX_TARGETS: usize = 8;
/// Statements of a function that only checks.
const MAX_CHECKS: usize = 3;
/// Assignments that a local is followed through.
const MAX_ASSIGNED: usize = 4;

/// What a condition of several steps proves; a side that is none never comes about.
#[derive(Clone)]
pub(super) struct Answer {
    yes: Option<Facts>,
    no: Option<Facts>,
}

impl Answer {
    fn of(test: Test) -> Answer {
        Answer { yes: Some(test.then), no: Some(test.otherwise) }
    }

    fn never() -> Answer {
        Answer { yes: None, no: None }
    }

    fn truth(truth: bool) -> Answer {
        let side = |it: bool| it.then(Facts::new);
        Answer { yes: side(truth), no: side(!truth) }
    }

    /// Reached only where these are true.
    fn knowing(self, known: &Facts) -> Answer {
        let with = |side: Facts| known.iter().cloned().chain(side).collect();
        Answer { yes: self.yes.map(with), no: self.no.map(with) }
    }

    fn or(self, other: Answer) -> Answer {
        Answer { yes: joined(self.yes, other.yes), no: joined(self.no, other.no) }
    }

    pub(super) fn test(self) -> Test {
        Test { then: self.yes.unwrap_or_default(), otherwise: self.no.unwrap_or_default() }
    }
}

/// One of two ways was taken, as far as they can be.
fn joined(one: Option<Facts>, other: Option<Facts>) -> Option<Facts> {
    match (one, other) {
        (Some(one), Some(other)) => Some(either(&one, &other)),
        (one, other) => one.or(other),
    }
}

/// What statements return, and what is known behind them if control gets there.
struct Ran {
    answer: Answer,
    after: Option<Facts>,
}

impl Conditions<'_> {
    /// What is known where a statement ended normally.
    pub(super) fn after(&self, statement: ExprId) -> Facts {
        self.begin();
        match &self.facts[statement].kind {
            ExprKind::If { .. } | ExprKind::When { .. } | ExprKind::Try(_) | ExprKind::Block(_) => {
                // Only a way that ends early leaves something to know.
                if !self.has_exit(statement, 0) {
                    return Facts::new();
                }
                self.run(&[statement], Facts::new(), 0).after.unwrap_or_default()
            }
            _ => self.proven_by(statement, 0),
        }
    }

    fn has_exit(&self, id: ExprId, depth: u16) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if let ExprKind::Return { .. } | ExprKind::Throw(_) | ExprKind::Break | ExprKind::Continue =
            self.facts[id].kind
        {
            return true;
        }
        let mut found = self.never_returns(id);
        self.facts[id].kind.each_child(|child| found = found || self.has_exit(child, depth + 1));
        found
    }

    /// `error("…")` and whatever else gives `Nothing`.
    fn never_returns(&self, id: ExprId) -> bool {
        let ExprKind::Call(_) = &self.facts[id].kind else { return false };
        let site = self.model.site_at(self.file, id).map(|id| self.model.site(id));
        let result = site.and_then(|site| site.result.as_ref());
        result.is_some_and(|ty| ty.class == "kotlin.Nothing")
    }

    /// Does control never get past this expression?
    pub(super) fn leaves(&self, id: ExprId) -> bool {
        match &self.facts[id].kind {
            ExprKind::Block(items) => items.last().is_some_and(|last| self.leaves(*last)),
            ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => {
                self.leaves(*then) && self.leaves(*otherwise)
            }
            _ => self.facts.leaves(id) || self.never_returns(id),
        }
    }

    /// What the value of an expression proves, where that takes more than one condition.
    pub(super) fn answer(&self, value: ExprId, depth: u16) -> Answer {
        if depth > MAX_DEPTH {
            return Answer::of(Test::default());
        }
        match &self.facts[value].kind {
            ExprKind::Literal(Literal::Bool(truth)) => Answer::truth(*truth),
            ExprKind::Return { value: Some(value), .. } => self.answer(*value, depth),
            ExprKind::Return { value: None, .. } | ExprKind::Throw(_) => Answer::never(),
            ExprKind::Block(items) => match items.split_last() {
                Some((last, before)) => {
                    let ran = self.run(before, Facts::new(), depth + 1);
                    match ran.after {
                        Some(known) => ran.answer.or(self.answer(*last, depth + 1).knowing(&known)),
                        None => ran.answer,
                    }
                }
                None => Answer::of(Test::default()),
            },
            ExprKind::If { condition, then: Some(then), otherwise } => {
                let test = self.test_at(*condition, depth + 1);
                let yes = self.answer(*then, depth + 1).knowing(&test.then);
                match otherwise {
                    Some(otherwise) => yes.or(self.answer(*otherwise, depth + 1).knowing(&test.otherwise)),
                    None => yes,
                }
            }
            ExprKind::When { subject, arms, .. } => {
                let mut before = Facts::new();
                let mut all = Answer::never();
                for arm in arms {
                    let (here, otherwise) = self.arm(*subject, arm, &before, depth + 1);
                    all = all.or(self.answer(arm.body, depth + 1).knowing(&here));
                    before = otherwise;
                }
                all
            }
            ExprKind::Try(it) => {
                let caught = it.catches.iter().map(|catch| self.answer(catch.body, depth + 1));
                caught.fold(self.answer(it.body, depth + 1), Answer::or)
            }
            _ => Answer::of(self.test_at(value, depth)),
        }
    }

    /// What is known in an arm of a `when`, and behind it if it is not taken.
    fn arm(&self, subject: Option<ExprId>, arm: &Arm, before: &Facts, depth: u16) -> (Facts, Facts) {
        let test = self.arm_within(subject, arm, depth);
        let with = |facts: Facts| before.iter().cloned().chain(facts).collect();
        (with(test.then), with(test.otherwise))
    }

    /// Runs statements one after the other.
    fn run(&self, items: &[ExprId], mut known: Facts, depth: u16) -> Ran {
        let mut answer = Answer::never();
        if depth > MAX_DEPTH {
            return Ran { answer: Answer::of(Test::default()), after: Some(Facts::new()) };
        }
        for item in items {
            if self.is_spent() {
                return Ran { answer: Answer::of(Test::default()), after: Some(Facts::new()) };
            }
            let after = match &self.facts[*item].kind {
                ExprKind::Return { value, .. } => {
                    if let Some(value) = value {
                        answer = answer.or(self.answer(*value, depth + 1).knowing(&known));
                    }
                    None
                }
                ExprKind::Throw(_) | ExprKind::Break | ExprKind::Continue => None,
                ExprKind::Call(_) if self.never_returns(*item) => None,
                ExprKind::Block(inner) => {
                    let ran = self.run(inner, known, depth + 1);
                    answer = answer.or(ran.answer);
                    ran.after
                }
                ExprKind::If { condition, then, otherwise } => {
                    let test = self.test_at(*condition, depth + 1);
                    let side = |code: &Option<ExprId>, proven: Facts| {
                        let known: Facts = known.iter().cloned().chain(proven).collect();
                        self.run(code.as_slice(), known, depth + 1)
                    };
                    let (yes, no) = (side(then, test.then), side(otherwise, test.otherwise));
                    answer = answer.or(yes.answer).or(no.answer);
                    joined(yes.after, no.after)
                }
                ExprKind::When { subject, arms, .. } => {
                    let mut before = known;
                    let mut after = None;
                    for arm in arms {
                        let (here, otherwise) = self.arm(*subject, arm, &before, depth + 1);
                        let ran = self.run(&[arm.body], here, depth + 1);
                        answer = answer.or(ran.answer);
                        after = joined(after, ran.after);
                        before = otherwise;
                    }
                    // Without `else` none of them may be taken.
                    match arms.last() {
                        Some(last) if last.conditions.is_empty() => after,
                        _ => joined(after, Some(before)),
                    }
                }
                ExprKind::Try(it) => {
                    let body = self.run(&[it.body], known.clone(), depth + 1);
                    answer = answer.or(body.answer);
                    let mut after = body.after;
                    for catch in &it.catches {
                        let caught = self.run(&[catch.body], known.clone(), depth + 1);
                        answer = answer.or(caught.answer);
                        after = joined(after, caught.after);
                    }
                    after
                }
                _ => {
                    answer = self.returned_in(*item, &known, answer, depth + 1);
                    known.extend(self.proven_by(*item, depth + 1));
                    Some(known)
                }
            };
            match after {
                Some(after) => known = after,
                None => return Ran { answer, after: None },
            }
        }
        Ran { answer, after: Some(known) }
    }

    /// `x ?: return false`, a loop that returns.
    fn returned_in(&self, id: ExprId, known: &Facts, mut answer: Answer, depth: u16) -> Answer {
        if depth > MAX_DEPTH {
            return answer.or(Answer::of(Test::default()));
        }
        if let ExprKind::Return { value, .. } = &self.facts[id].kind {
            return match value {
                Some(value) => answer.or(self.answer(*value, depth + 1).knowing(known)),
                None => answer,
            };
        }
        let mut children = Vec::new();
        self.facts[id].kind.each_child(|child| children.push(child));
        for child in children {
            answer = self.returned_in(child, known, answer, depth + 1);
        }
        answer
    }

    /// What a function of the project that answers a question proves; of one without body, what all that stand in for
    /// it prove.
    pub(super) fn asked_of(&self, declared: Option<FnId>, targets: &[FnId], depth: u16) -> Test {
        let has_body = |id: &FnId| self.model.function(*id).body.is_some();
        if let Some(declared) = declared.filter(has_body) {
            return self.inside(declared, depth);
        }
        if targets.is_empty() || targets.len() > MAX_TARGETS || !targets.iter().all(has_body) {
            return declared.map(|declared| self.inside(declared, depth)).unwrap_or_default();
        }
        let all = targets.iter().map(|target| Answer::of(self.inside(*target, depth)));
        all.fold(Answer::never(), Answer::or).test()
    }

    /// What a local that holds a condition proves at a place.
    pub(super) fn local(&self, at: ExprId, name: Name, depth: u16) -> Option<Test> {
        if depth + CALL > MAX_DEPTH {
            return None;
        }
        let place = self.facts[at].span;
        let Declared::Local { function, local, block } = self.model.declared(self.function, place, name)
        else {
            return None;
        };
        let around = self.model.function(function).span;
        let assigned: Vec<Span> = self.model.assignments(self.file, name, around).collect();
        if assigned.is_empty() {
            let there = self.within(function);
            return Some(there.test_at(local.init?, depth + CALL));
        }
        // `var ok = true; if (…) ok = …`: every assignment has to be one of the steps between.
        if assigned.len() > MAX_ASSIGNED || assigned.iter().any(|it| it.start > place.start) {
            return None;
        }
        let mut value = Held { name, left: assigned, answer: None };
        if let Some(init) = local.init {
            value.answer = Some(self.answer(init, depth + CALL));
        }
        for step in &block[1..] {
            self.step(*step, &mut value, depth + CALL);
        }
        value.answer.filter(|_| value.left.is_empty()).map(Answer::test)
    }

    /// Carries the value of a local over one statement.
    fn step(&self, id: ExprId, value: &mut Held, depth: u16) {
        let around = self.facts[id].span;
        if depth > MAX_DEPTH || !value.left.iter().any(|it| around.contains(*it)) {
            return;
        }
        match &self.facts[id].kind {
            ExprKind::Assign { target, op: None, value: given }
                if self.facts[*target].kind == ExprKind::Name(value.name) =>
            {
                value.answer = Some(self.answer(*given, depth + 1));
                value.left.retain(|it| *it != around);
            }
            ExprKind::Block(items) => {
                for item in items {
                    self.step(*item, value, depth + 1);
                }
            }
            ExprKind::If { condition, then, otherwise } => {
                let test = self.test_at(*condition, depth + 1);
                let before = value.answer.clone();
                let mut side = |code: &Option<ExprId>, known: &Facts| {
                    value.answer.clone_from(&before);
                    if let Some(code) = code {
                        self.step(*code, value, depth + 1);
                    }
                    let left = code.is_some_and(|code| self.leaves(code));
                    value.answer.take().filter(|_| !left).map(|it| it.knowing(known))
                };
                let (yes, no) = (side(then, &test.then), side(otherwise, &test.otherwise));
                value.answer = match (yes, no) {
                    (Some(yes), Some(no)) => Some(yes.or(no)),
                    (yes, no) => yes.or(no),
                };
            }
            _ => {}
        }
    }

    /// `val it = value ?: return`, `value ?: return`: the value is there.
    fn past_elvis(&self, value: ExprId) -> Facts {
        match &self.facts[value].kind {
            ExprKind::Binary { op: BinaryOp::Elvis, left, right } if self.leaves(*right) => {
                self.not_null(*left).into_iter().chain(self.taken(*left)).collect()
            }
            _ => Facts::new(),
        }
    }

    /// `manager.takeIf { it.canScheduleExactAlarms() }`, where it gives something.
    pub(super) fn taken(&self, value: ExprId) -> Facts {
        let ExprKind::Call(call) = &self.facts[value].kind else { return Facts::new() };
        let (Some(lambda), true) = (call.args.first(), call.args.len() == 1) else { return Facts::new() };
        let ExprKind::Lambda(lambda) = self.facts[lambda.value].kind else { return Facts::new() };
        let test = || self.inside(self.model.symbols.fn_id(self.file, lambda), 0);
        match call.name.as_str() {
            "takeIf" => test().then,
            "takeUnless" => test().otherwise,
            _ => Facts::new(),
        }
    }

    /// What a single step proves for all that follows it.
    fn proven_by(&self, item: ExprId, depth: u16) -> Facts {
        match &self.facts[item].kind {
            ExprKind::Local(local) => local.init.map(|init| self.past_elvis(init)).unwrap_or_default(),
            ExprKind::Binary { op: BinaryOp::Elvis, .. } => self.past_elvis(item),
            ExprKind::Call(call) => {
                let checks =
                    matches!(call.name.as_str(), "check" | "require" | "checkState" | "checkArgument");
                match call.args.first() {
                    Some(condition) if checks => self.test_at(condition.value, depth + 1).then,
                    _ => self.checked_by(item, depth + CALL),
                }
            }
            _ => Facts::new(),
        }
    }
}

impl Conditions<'_> {
    /// What a project function sees to that only checks something: `fun mustNotBlock() { if (isMain()) throw … }`.
    fn checked_by(&self, call: ExprId, depth: u16) -> Facts {
        let site = self.model.site_at(self.file, call).map(|id| self.model.site(id));
        let Some(function) = site.and_then(|site| site.declared) else { return Facts::new() };
        let Some(body) = self.model.function(function).body.filter(|_| depth < MAX_DEPTH) else {
            return Facts::new();
        };
        let there = self.within(function);
        let steps = match &there.facts[body].kind {
            ExprKind::Block(items) => items.as_slice(),
            _ => std::slice::from_ref(&body),
        };
        let checks = |step: &ExprId| match &there.facts[*step].kind {
            ExprKind::If { then: Some(then), .. } => there.leaves(*then),
            // `check(…)`, or another function that checks.
            ExprKind::Call(call) => {
                let site = self.model.site_at(there.file, *step).map(|id| self.model.site(id));
                call.receiver.is_none() || site.is_some_and(|site| site.declared.is_some())
            }
            _ => false,
        };
        let returns = steps.iter().any(|step| there.returns(*step, 0));
        let only_checks =
            !steps.is_empty() && steps.len() <= MAX_CHECKS && steps.iter().all(checks) && !returns;
        if !only_checks || !self.spend() {
            return Facts::new();
        }
        let known = there.run(steps, Facts::new(), depth).after.unwrap_or_default();
        known.into_iter().filter(|fact| !matches!(fact, Fact::Param(_))).collect()
    }

    fn returns(&self, id: ExprId, depth: u16) -> bool {
        let mut found = depth > MAX_DEPTH || matches!(self.facts[id].kind, ExprKind::Return { .. });
        self.facts[id].kind.each_child(|child| found = found || self.returns(child, depth + 1));
        found
    }
}

/// A local while its assignments are gone through.
struct Held {
    name: Name,
    /// Assignments not seen yet.
    left: Vec<Span>,
    answer: Option<Answer>,
}
