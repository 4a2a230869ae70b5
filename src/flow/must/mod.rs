//! Does every path through a function pass a certain call before it leaves? Callees that run in place are looked into,
//! calls on `this` go to the class that is asked about, and conditions are cut where they are known.
//!
//! A path here is optimistic where nothing is known: a call on something that may be null is made, a lambda that may
//! run in place runs, and state that the object keeps itself is as it has to be.

mod branches;
mod calls;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Span;
use crate::facts::{BinaryOp, ExprId, ExprKind, FileFacts};
use crate::findings::{Confidence, FileId, Place};
use crate::model::{FnId, Model, SiteId, TypeId};

use super::Flow;
use super::given::Given;
use super::graph::Run;
use super::guards::Bounds;

/// Functions inside of functions that are followed.
const MAX_DEPTH: usize = 24;
/// Function bodies walked for one answer.
const MAX_BODIES: usize = 4_000;
/// Nesting of expressions that is followed.
const MAX_NESTING: u16 = 600;

/// Ways that reach a point, as a set.
type Ways = u8;
/// None: the point is not reached.
const NONE: Ways = 0;
/// The call was not passed yet.
const OPEN: Ways = 1;
/// It was passed.
const PASSED: Ways = 2;
/// It was not passed, in code for the very action given.
const MATCHED: Ways = 4;
/// It was not passed, because of state that the object keeps itself: an early return that knows what it does, unless
/// other ways lack the call, too.
const TRUSTED: Ways = 8;
const MISSING: Ways = OPEN | MATCHED;

/// What is asked.
pub struct Question<'q> {
    /// Calls of which one has to be passed.
    pub goals: &'q FxHashSet<SiteId>,
    /// Calls that must not come before.
    pub before: &'q FxHashSet<SiteId>,
    /// The class whose methods run on `this`.
    pub class: Option<TypeId>,
    pub given: &'q Given,
    /// Devices below this level need no call.
    pub needless_below: u32,
    /// A failed call counts as passed where its exception is caught.
    pub failing_counts: bool,
    /// Code that nobody knows makes the call if it is given the object itself.
    pub unknown_counts: bool,
}

/// What was found about one function.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Where paths leave the function without the call, in order.
    pub exits: Vec<Exit>,
    /// The calls that are made on some path.
    pub made: Vec<SiteId>,
    /// Calls of `before` that every path makes while the call is missing.
    pub early: Vec<SiteId>,
    /// Can the function be left with the call passed, with it missing?
    passed: bool,
    missing: bool,
}

impl Answer {
    /// Every path passes the call.
    pub fn always(&self) -> bool {
        self.passed && !self.missing
    }

    /// No path passes the call.
    pub fn never(&self) -> bool {
        self.made.is_empty()
    }
}

/// One place where a path leaves.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    pub place: Place,
    /// In code for the very action given.
    pub matched: bool,
}

/// Functions from which calls are reached in place: only these have to be walked.
pub struct Relevant(FxHashSet<FnId>);

impl Relevant {
    pub fn new(model: &Model, flow: &Flow, calls: &FxHashSet<SiteId>) -> Relevant {
        let mut seen: FxHashSet<FnId> = FxHashSet::default();
        let mut open: Vec<FnId> = calls.iter().map(|id| model.site(*id).function).collect();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            open.extend(flow.graph.to(at).filter(|edge| in_place(edge)).map(|edge| edge.from));
            // A lambda that runs in place is walked with the function around it.
            open.extend(model.parent_function(at));
        }
        Relevant(seen)
    }
}

fn in_place(edge: &super::graph::Edge) -> bool {
    edge.run == Run::Here && edge.certainty > Confidence::Low
}

/// Walks a function and everything it runs in place.
pub fn ask(
    model: &Model,
    flow: &Flow,
    relevant: &Relevant,
    question: &Question<'_>,
    function: FnId,
) -> Answer {
    let mut walk = Walk {
        model,
        flow,
        relevant,
        question,
        answer: Answer::default(),
        frames: Vec::new(),
        known: FxHashMap::default(),
        bodies: 0,
        soft: 0,
        conditions: 0,
    };
    let arriving = flow.guards.arriving(model, function, &question.given.sent);
    let ways = walk.function(function, arriving, OPEN);
    let mut answer = walk.answer;
    answer.passed = ways & PASSED != 0;
    answer.missing = ways & MISSING != 0;
    answer.made.sort();
    answer.made.dedup();
    answer.early.sort();
    answer.early.dedup();
    answer.exits.sort_by_key(|exit| exit.place);
    answer
}

struct Frame {
    function: FnId,
    file: FileId,
    /// What is known of parameters.
    bounds: Bounds,
    /// Ways that leave by `return`.
    returned: Ways,
    loops: Vec<LoopFrame>,
    /// The value of the last expression is the function's.
    is_lambda: bool,
}

#[derive(Default)]
struct LoopFrame {
    left: Ways,
    continued: Ways,
}

struct Walk<'a> {
    model: &'a Model,
    flow: &'a Flow,
    relevant: &'a Relevant,
    question: &'a Question<'a>,
    answer: Answer,
    frames: Vec<Frame>,
    known: FxHashMap<(FnId, Bounds, Ways), Ways>,
    bodies: usize,
    /// Conditions around that are about the object's own state or the Intent's content.
    soft: u32,
    /// Conditions of any kind around, those of callers too.
    conditions: u32,
}

impl<'a> Walk<'a> {
    /// Ways after a call of the function.
    fn function(&mut self, function: FnId, bounds: Bounds, ways: Ways) -> Ways {
        // A lambda may leave the function around it, whatever it calls.
        let matters = self.relevant.0.contains(&function) || self.model.is_lambda(function);
        if ways & MISSING == 0 || !matters {
            return if self.frames.is_empty() { self.whole(function, bounds, ways) } else { ways };
        }
        let key = (function, bounds.clone(), ways);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let recursive = self.frames.iter().any(|frame| frame.function == function);
        if recursive || self.frames.len() >= MAX_DEPTH || self.bodies >= MAX_BODIES {
            return ways;
        }
        let result = self.whole(function, bounds, ways);
        self.known.insert(key, result);
        result
    }

    fn whole(&mut self, function: FnId, bounds: Bounds, ways: Ways) -> Ways {
        self.bodies += 1;
        let decl = self.model.function(function);
        let Some(body) = decl.body else { return ways };
        let outermost = self.frames.is_empty();
        let soft = std::mem::take(&mut self.soft);
        self.frames.push(Frame {
            function,
            file: self.model.symbols.fn_file(function),
            bounds,
            returned: NONE,
            loops: Vec::new(),
            is_lambda: self.model.is_lambda(function),
        });
        let end = self.eval(body, ways, 0);
        self.soft = soft;
        let frame = self.frames.pop().expect("pushed above");
        if outermost && end & MISSING != 0 {
            let at = decl.span.end.saturating_sub(1);
            let span = match self.last_of(function, body) {
                Some(last) => last,
                None => Span { start: at, end: decl.span.end },
            };
            self.answer
                .exits
                .push(Exit { place: Place { file: frame.file, span }, matched: end & MATCHED != 0 });
        }
        let all = frame.returned | end;
        match (all & TRUSTED != 0, all & MISSING == 0, outermost) {
            (false, ..) => all,
            (true, true, _) => all & !TRUSTED | PASSED,
            (true, false, true) => all & !TRUSTED,
            (true, false, false) => all & !TRUSTED | OPEN,
        }
    }

    /// How the function around was left so far.
    fn left_so_far(&self) -> Ways {
        let named = self.frames.iter().rev().find(|frame| !frame.is_lambda);
        named.or(self.frames.first()).map_or(NONE, |frame| frame.returned)
    }

    /// An expression body's value is its exit.
    fn last_of(&self, function: FnId, body: ExprId) -> Option<Span> {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        match &facts[body].kind {
            ExprKind::Block(items) if self.model.function(function).expression_body => {
                items.last().map(|last| facts[*last].span)
            }
            _ => None,
        }
    }

    fn facts(&self) -> &'a FileFacts {
        let file = self.frames.last().expect("inside of a function").file;
        self.model.facts(file)
    }

    fn here(&self) -> FnId {
        self.frames.last().expect("inside of a function").function
    }

    fn eval(&mut self, id: ExprId, ways: Ways, depth: u16) -> Ways {
        if ways == NONE || depth > MAX_NESTING {
            return ways;
        }
        let facts = self.facts();
        let next = depth + 1;
        match &facts[id].kind {
            ExprKind::Block(items) => items.iter().fold(ways, |ways, item| self.eval(*item, ways, next)),
            ExprKind::If { condition, then, otherwise } => {
                self.branches(*condition, *then, *otherwise, ways, next)
            }
            ExprKind::When { subject, arms, .. } => self.arms(*subject, arms, ways, next),
            ExprKind::Loop(it) => self.looped(it, ways, next),
            ExprKind::Try(it) => self.tried(it, ways, next),
            ExprKind::Return { value, label } => {
                let ways = value.map_or(ways, |value| self.eval(value, ways, next));
                self.returned(id, ways, label.is_some());
                NONE
            }
            ExprKind::Throw(value) => {
                self.eval(*value, ways, next);
                NONE
            }
            ExprKind::Break | ExprKind::Continue => {
                let left = matches!(facts[id].kind, ExprKind::Break);
                if let Some(frame) = self.frames.last_mut().and_then(|frame| frame.loops.last_mut()) {
                    if left {
                        frame.left |= ways;
                    } else {
                        frame.continued |= ways;
                    }
                    return NONE;
                }
                ways
            }
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right } => {
                let first = self.eval(*left, ways, next);
                self.conditions += 1;
                let second = self.eval(*right, first, next);
                self.conditions -= 1;
                first | second
            }
            ExprKind::Binary { op: BinaryOp::Elvis, left, right } => self.elvis(*left, *right, ways, next),
            ExprKind::Call(call) => {
                let receiver = call.receiver.map_or(ways, |receiver| self.eval(receiver, ways, next));
                if call.safe && call.receiver.is_some_and(|receiver| self.is_absent(receiver)) {
                    return receiver;
                }
                let given = call.args.iter().fold(receiver, |ways, arg| self.eval(arg.value, ways, next));
                self.call(id, Some(call), given)
            }
            kind @ ExprKind::Invoke { .. } => {
                let mut ways = ways;
                kind.each_child(|child| ways = self.eval(child, ways, next));
                self.call(id, None, ways)
            }
            kind @ (ExprKind::Member { .. } | ExprKind::Name(_)) => {
                let mut ways = ways;
                kind.each_child(|child| ways = self.eval(child, ways, next));
                self.call(id, None, ways)
            }
            kind => {
                let mut ways = ways;
                kind.each_child(|child| ways = self.eval(child, ways, next));
                ways
            }
        }
    }

    fn returned(&mut self, id: ExprId, ways: Ways, labelled: bool) {
        // A bare `return` in a lambda leaves the function around it.
        let at = match labelled {
            true => self.frames.len() - 1,
            false => self.frames.iter().rposition(|frame| !frame.is_lambda).unwrap_or(0),
        };
        let span = self.facts()[id].span;
        let file = self.frames.last().expect("inside of a function").file;
        if self.soft > 0 && ways & OPEN != 0 && ways & MATCHED == 0 {
            self.frames[at].returned |= ways & !OPEN | TRUSTED;
            return;
        }
        if at == 0 && ways & MISSING != 0 {
            let matched = ways & MATCHED != 0;
            self.answer.exits.push(Exit { place: Place { file, span }, matched });
        }
        self.frames[at].returned |= ways;
    }
}

fn passed(ways: Ways) -> Ways {
    if ways == NONE { NONE } else { PASSED }
}
