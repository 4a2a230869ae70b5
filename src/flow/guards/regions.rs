//! Which parts of a function a check dominates: branches, what follows an early return or an assertion, the right side
//! of `&&` and `||`.

use crate::base::Span;
use crate::catalog::{Proof, ThreadWord};
use crate::facts::{Arm, BinaryOp, ExprId, ExprKind, LoopKind};
use crate::model::{FnId, Model, Thread};

use super::conditions::{Conditions, Test};
use super::{Fact, Region};

/// Nesting that is still followed.
const MAX_DEPTH: u16 = 600;

/// What was found in one function.
pub(super) struct Found {
    pub(super) function: FnId,
    pub(super) regions: Vec<Region>,
    pub(super) asserted: Option<Thread>,
}

pub(super) fn of_function(model: &Model, function: FnId) -> Option<Found> {
    let body = model.function(function).body?;
    let mut walk = Walk {
        cx: Conditions::of(model, function),
        found: Found { function, regions: Vec::new(), asserted: None },
        outermost: body,
    };
    walk.visit(body, 0);
    (!walk.found.regions.is_empty() || walk.found.asserted.is_some()).then_some(walk.found)
}

struct Walk<'m> {
    cx: Conditions<'m>,
    found: Found,
    /// The function's own block.
    outermost: ExprId,
}

impl Walk<'_> {
    fn visit(&mut self, id: ExprId, depth: u16) {
        if depth > MAX_DEPTH {
            return;
        }
        let facts = self.cx.facts;
        match &facts[id].kind {
            ExprKind::Block(items) => self.block(id, items),
            ExprKind::If { condition, then, otherwise } => {
                let test = self.cx.test(*condition);
                self.branches(&test, *then, *otherwise);
            }
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
                let test = self.cx.test(*left);
                let known = if *op == BinaryOp::And { &test.then } else { &test.otherwise };
                self.mark(facts[*right].span, known);
            }
            ExprKind::When { subject: None, arms, .. } => self.arms(arms),
            ExprKind::When { subject: Some(subject), arms, .. } => self.choices(*subject, arms),
            ExprKind::Call(call) if call.safe => {
                if let Some(receiver) = call.receiver {
                    self.mark(facts[id].span, &self.cx.not_null(receiver));
                    self.cx.begin();
                    self.mark(facts[id].span, &self.cx.taken(receiver));
                }
            }
            ExprKind::Loop(it) if it.kind == LoopKind::While => {
                if let (Some(condition), Some(body)) = (it.condition, it.body) {
                    let test = self.cx.test(condition);
                    self.mark(facts[body].span, &test.then);
                }
            }
            _ => {}
        }
        facts[id].kind.each_child(|child| self.visit(child, depth + 1));
    }

    fn mark(&mut self, place: Span, known: &[Fact]) {
        self.found.regions.extend(known.iter().map(|fact| Region { place, fact: fact.clone() }));
    }

    fn branches(&mut self, test: &Test, then: Option<ExprId>, otherwise: Option<ExprId>) {
        let facts = self.cx.facts;
        if let Some(then) = then {
            self.mark(facts[then].span, &test.then);
        }
        if let Some(otherwise) = otherwise {
            self.mark(facts[otherwise].span, &test.otherwise);
        }
    }

    /// `when { a -> …; b -> …; else -> … }`: an arm is reached when those before it are not.
    fn arms(&mut self, arms: &[Arm]) {
        let facts = self.cx.facts;
        let mut before: Vec<Fact> = Vec::new();
        for arm in arms {
            let body = facts[arm.body].span;
            self.mark(body, &before);
            let test = self.cx.arm_test(None, arm);
            self.mark(body, &test.then);
            before.extend(test.otherwise);
        }
    }

    /// `when (mode) { FAST -> …; else -> … }`, `switch`: what a parameter is on each arm.
    fn choices(&mut self, subject: ExprId, arms: &[Arm]) {
        let facts = self.cx.facts;
        let mut before: Vec<Fact> = Vec::new();
        for (at, arm) in arms.iter().enumerate() {
            let body = facts[arm.body].span;
            // Another value may come in from the arm above.
            if at > 0 && self.cx.model.falls_through(self.cx.file, &arms[at - 1]) {
                return;
            }
            let test = self.cx.arm_test(Some(subject), arm);
            if arm.conditions.is_empty() {
                self.mark(body, &before);
            }
            self.mark(body, &test.then);
            before.extend(test.otherwise);
        }
    }

    /// What a statement proves for the rest of its block.
    fn block(&mut self, id: ExprId, items: &[ExprId]) {
        let facts = self.cx.facts;
        let end = facts[id].span.end;
        for item in items {
            let rest = Span { start: facts[*item].span.end, end };
            let known = self.cx.after(*item);
            self.mark(rest, &known);
            if matches!(facts[*item].kind, ExprKind::Call(_))
                && let Some(thread) = self.assertion(*item)
            {
                let proof = if thread == Thread::Main { Proof::Main } else { Proof::Worker };
                self.mark(rest, &[Fact::Known(proof)]);
                if id == self.outermost {
                    self.found.asserted = self.found.asserted.or(Some(thread));
                }
            }
        }
    }

    /// `ThreadUtils.assertMainThread()`.
    fn assertion(&self, call: ExprId) -> Option<Thread> {
        let ExprKind::Call(it) = &self.cx.facts[call].kind else { return None };
        let model = self.cx.model;
        let entries = model.catalog.assertions_named(it.name);
        if entries.is_empty() {
            return None;
        }
        let site = model.site_at(self.cx.file, call).map(|id| model.site(id));
        let class = site.and_then(|site| {
            let owner = site.declared.and_then(|declared| model.owner_of(declared));
            site.api.map(|api| api.class).or(owner.map(|owner| model.symbols.info(owner).qualified))
        });
        let fits = |pattern: &str| match pattern.strip_prefix('*') {
            Some("") => true,
            Some(suffix) => class.is_some_and(|class| class.last().ends_with(suffix)),
            None => class.is_some_and(|class| model.inherits(class, pattern)),
        };
        let entry = entries.iter().find(|entry| {
            entry.call.iter().any(|it_call| it_call.last() == it.name.as_str() && fits(it_call.qualifier()))
        })?;
        match entry.thread {
            ThreadWord::Main => Some(Thread::Main),
            ThreadWord::Worker => Some(Thread::Worker),
            _ => None,
        }
    }
}
