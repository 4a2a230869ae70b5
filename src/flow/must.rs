//! Does every path through a function pass a certain call before it leaves? Callees that run in place are looked into,
//! calls on `this` go to the class that is asked about, and conditions are cut where they are known.
//!
//! A path here is optimistic where nothing is known: a call on something that may be null is made, a lambda that may
//! run in place runs, and state that the object keeps itself is as it has to be.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::{Name, Span};
use crate::facts::{Arm, BinaryOp, Call, ExprId, ExprKind, FileFacts, Loop, LoopKind, Try};
use crate::findings::{Confidence, FileId, Place};
use crate::model::{FnId, Model, SiteId, TypeId};

use super::Flow;
use super::given::{Asked, Given, Verdict};
use super::graph::Run;

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
    let ways = walk.function(function, OPEN);
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
    known: FxHashMap<(FnId, Ways), Ways>,
    bodies: usize,
    /// Conditions around that are about the object's own state or the Intent's content.
    soft: u32,
    /// Conditions of any kind around, those of callers too.
    conditions: u32,
}

impl<'a> Walk<'a> {
    /// Ways after a call of the function.
    fn function(&mut self, function: FnId, ways: Ways) -> Ways {
        if ways & MISSING == 0 || !self.relevant.0.contains(&function) {
            return if self.frames.is_empty() { self.whole(function, ways) } else { ways };
        }
        if let Some(known) = self.known.get(&(function, ways)) {
            return *known;
        }
        let recursive = self.frames.iter().any(|frame| frame.function == function);
        if recursive || self.frames.len() >= MAX_DEPTH || self.bodies >= MAX_BODIES {
            return ways;
        }
        let result = self.whole(function, ways);
        self.known.insert((function, ways), result);
        result
    }

    fn whole(&mut self, function: FnId, ways: Ways) -> Ways {
        self.bodies += 1;
        let decl = self.model.function(function);
        let Some(body) = decl.body else { return ways };
        let outermost = self.frames.is_empty();
        let soft = std::mem::take(&mut self.soft);
        self.frames.push(Frame {
            function,
            file: self.model.symbols.fn_file(function),
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

    /// What a condition is for the Intent given, and which branch no device takes or needs.
    fn condition(&self, condition: ExprId) -> (Verdict, [bool; 2], bool) {
        let function = self.here();
        let asked = Asked::new(self.model, function, self.question.given);
        let (then, otherwise) = self.flow.guards.branches(self.model, function, condition);
        let below = self.question.needless_below;
        let needless = |facts: &[super::guards::Fact]| {
            facts.iter().any(|fact| matches!(fact, super::guards::Fact::Below(level) if *level <= below))
        };
        let matched = asked.names_action(condition);
        (asked.verdict(condition), [needless(&then), needless(&otherwise)], matched)
    }

    fn branches(
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

    fn arms(&mut self, subject: Option<ExprId>, arms: &[Arm], ways: Ways, depth: u16) -> Ways {
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
            let (verdict, matched) = if is_else {
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

    fn looped(&mut self, it: &Loop, ways: Ways, depth: u16) -> Ways {
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

    fn tried(&mut self, it: &Try, ways: Ways, depth: u16) -> Ways {
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

    fn elvis(&mut self, left: ExprId, right: ExprId, ways: Ways, depth: u16) -> Ways {
        let first = self.eval(left, ways, depth);
        let function = self.here();
        let asked = Asked::new(self.model, function, self.question.given);
        if self.question.given.absent && asked.is_of_intent(left) {
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

    /// The call itself, after its receiver and arguments.
    fn call(&mut self, id: ExprId, call: Option<&Call>, ways: Ways) -> Ways {
        if ways & MISSING == 0 {
            return ways;
        }
        let (file, function) = {
            let frame = self.frames.last().expect("inside of a function");
            (frame.file, frame.function)
        };
        let Some(site) = self.model.site_at(file, id) else {
            // Code that nobody knows, given the object itself, may do what is asked for.
            let given = call.is_some_and(|call| {
                let facts = self.facts();
                call.args.iter().any(|arg| matches!(facts[arg.value].kind, ExprKind::This(None)))
            });
            return if given { passed(ways) } else { ways };
        };
        if self.question.before.contains(&site) && ways & PASSED == 0 && self.conditions == 0 {
            self.answer.early.push(site);
        }
        if self.question.goals.contains(&site) {
            self.answer.made.push(site);
            return passed(ways);
        }
        self.callees(site, function, ways)
    }

    fn callees(&mut self, site: SiteId, function: FnId, ways: Ways) -> Ways {
        let model = self.model;
        let edges = self.flow.graph.from(function);
        let first = edges.partition_point(|edge| edge.site < site);
        let own = edges[first..].iter().take_while(|edge| edge.site == site);
        let mut targets: Vec<FnId> = Vec::new();
        let mut lambdas: Vec<FnId> = Vec::new();
        for edge in own {
            let runs_at_once = edge.run != Run::Here && self.starts_at_once(site);
            if !in_place(edge) && !runs_at_once {
                continue;
            }
            if model.is_lambda(edge.to) { lambdas.push(edge.to) } else { targets.push(edge.to) }
        }
        self.devirtualise(site, &mut targets);
        let mut ways = ways;
        if !targets.is_empty() {
            let before = ways;
            ways = targets.iter().fold(NONE, |all, target| all | self.function(*target, before));
        }
        for lambda in lambdas {
            let after = self.function(lambda, ways);
            ways = if after & MISSING == 0 { after } else { ways | after };
        }
        ways
    }

    /// `lifecycleScope.launch { }` on the main thread runs until it first suspends.
    fn starts_at_once(&self, site: SiteId) -> bool {
        let site = self.model.site(site);
        let lifetime = site.receiver_thread().and_then(|thread| thread.lifetime);
        site.name == "launch" && lifetime.is_some_and(|it| it == "lifecycle")
    }

    /// Calls on `this` run the methods of the class that is asked about.
    fn devirtualise(&self, site: SiteId, targets: &mut Vec<FnId>) {
        let Some(class) = self.question.class else { return };
        let model = self.model;
        let site = model.site(site);
        let facts = self.facts();
        let on_this = match site.receiver {
            None => true,
            Some(receiver) => matches!(facts[receiver].kind, ExprKind::This(None)),
        };
        let (Some(declared), true) = (site.declared, on_this) else { return };
        let qualified = model.symbols.info(class).qualified;
        let owner = model.owner_of(declared).map(|owner| model.symbols.info(owner).qualified);
        if !owner.is_some_and(|owner| model.lineage(qualified).all.contains(&owner)) {
            return;
        }
        let params = model.function(declared).params.len();
        let name: Name = model.function(declared).name;
        let methods = model.all_methods_named(qualified, name);
        let own = methods.into_iter().find(|it| {
            let decl = model.function(*it);
            decl.params.len() == params && decl.body.is_some()
        });
        if let Some(own) = own {
            *targets = vec![own];
        }
    }
}

fn passed(ways: Ways) -> Ways {
    if ways == NONE { NONE } else { PASSED }
}

fn is_known_action(given: &Given) -> bool {
    given.absent || given.action != super::given::Known::Unknown
}
