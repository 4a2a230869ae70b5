//! What a condition being true, or false, proves.

use std::cell::Cell;
use std::rc::Rc;

use crate::base::Name;
use crate::catalog::{Guard, Proof};
use crate::facts::{BinaryOp, Call, ExprId, ExprKind, FileFacts, FunctionKind, Literal, UnaryOp};
use crate::findings::FileId;
use crate::model::{Declared, FnId, Model};

use super::levels::from;
use super::tracked::while_visible;
use super::{Fact, Facts};

/// Steps, one inside the other, that a condition is followed through.
pub(super) const MAX_DEPTH: u16 = 64;
/// Looking into a helper or a local counts as so many.
pub(super) const CALL: u16 = 12;

/// What a condition proves.
#[derive(Clone, Default)]
pub(super) struct Test {
    pub(super) then: Facts,
    pub(super) otherwise: Facts,
}

impl Test {
    pub(super) fn is_empty(&self) -> bool {
        self.then.is_empty() && self.otherwise.is_empty()
    }

    pub(super) fn negated(self) -> Test {
        Test { then: self.otherwise, otherwise: self.then }
    }

    /// One of the two holds.
    pub(super) fn or(self, other: Test) -> Test {
        let then = either(&self.then, &other.then);
        let otherwise = self.otherwise.into_iter().chain(other.otherwise).collect();
        Test { then, otherwise }
    }

    pub(super) fn of(then: Option<Fact>, otherwise: Option<Fact>) -> Test {
        Test { then: then.into_iter().collect(), otherwise: otherwise.into_iter().collect() }
    }
}

/// What is true whichever of the two is. What is granted by the system without asking below a level is as good as proven
/// there.
pub(super) fn either(one: &Facts, other: &Facts) -> Facts {
    // A side that never comes about decides nothing.
    let never = Fact::Known(Proof::Never);
    match (one.contains(&never), other.contains(&never)) {
        (true, false) => return other.clone(),
        (false, true) => return one.clone(),
        _ => {}
    }
    let granted = |fact: &Fact| match fact {
        Fact::Known(Proof::ExactAlarms) => Some(31),
        Fact::Known(Proof::BatteryExempt) => Some(23),
        _ => None,
    };
    let holds = |fact: &Fact, there: &Facts| {
        there.contains(fact)
            || match fact {
                // Below 29 is below 31 as well.
                Fact::Below(level) => {
                    there.iter().any(|it| matches!(it, Fact::Below(below) if below <= level))
                }
                Fact::From(level) => there.iter().any(|it| matches!(it, Fact::From(from) if from >= level)),
                _ => granted(fact).is_some_and(|level| {
                    there.iter().any(|it| matches!(it, Fact::Below(below) if *below <= level))
                }),
            }
    };
    let mut both: Facts = one.iter().filter(|fact| holds(fact, other)).cloned().collect();
    both.extend(other.iter().filter(|fact| !one.contains(fact) && holds(fact, one)).cloned());
    // `mode == A || mode == B`.
    for (one, other) in one.iter().flat_map(|one| other.iter().map(move |other| (one, other))) {
        if let (Fact::Param(one), Fact::Param(other)) = (one, other)
            && one != other
            && let Some(bound) = one.or(other)
        {
            both.push(Fact::Param(bound));
        }
    }
    both
}

/// Conditions of one function.
pub(super) struct Conditions<'m> {
    pub(super) model: &'m Model,
    pub(super) file: FileId,
    pub(super) facts: &'m FileFacts,
    pub(super) function: FnId,
    /// Helpers that the question of the moment may still look into.
    left: Rc<Cell<u16>>,
}

/// Helpers, in all, that one condition is followed into: generated parsers ask dozens of each other.
const MAX_HELPERS: u16 = 24;

impl<'m> Conditions<'m> {
    pub(super) fn of(model: &'m Model, function: FnId) -> Conditions<'m> {
        let file = model.symbols.fn_file(function);
        Conditions { model, file, facts: model.facts(file), function, left: Rc::new(Cell::new(MAX_HELPERS)) }
    }

    pub(super) fn test(&self, condition: ExprId) -> Test {
        self.begin();
        self.test_at(condition, 0)
    }

    /// A new question.
    pub(super) fn begin(&self) {
        self.left.set(MAX_HELPERS);
    }

    /// May the question look into one more helper?
    pub(super) fn spend(&self) -> bool {
        let left = self.left.get().checked_sub(1);
        left.inspect(|left| self.left.set(*left)).is_some()
    }

    /// Has the question taken more than it may?
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// The same question in another function.
    pub(super) fn within(&self, function: FnId) -> Conditions<'m> {
        Conditions { left: Rc::clone(&self.left), ..Conditions::of(self.model, function) }
    }

    /// The same question in another file, where names mean what they mean in this function.
    pub(super) fn in_file(&self, file: FileId) -> Conditions<'m> {
        Conditions { file, facts: self.model.facts(file), ..self.within(self.function) }
    }

    pub(super) fn test_at(&self, condition: ExprId, depth: u16) -> Test {
        if depth > MAX_DEPTH {
            return Test::default();
        }
        match &self.facts[condition].kind {
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.test_at(*operand, depth + 1).negated(),
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                let (left, right) = (self.test_at(*left, depth + 1), self.test_at(*right, depth + 1));
                let otherwise = left.clone().negated().or(right.clone().negated()).then;
                let then = left.then.into_iter().chain(right.then).collect();
                Test { then, otherwise }
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right } => {
                self.test_at(*left, depth + 1).or(self.test_at(*right, depth + 1))
            }
            ExprKind::If { then: Some(_), otherwise: Some(_), .. }
            | ExprKind::When { .. }
            | ExprKind::Try(_)
            | ExprKind::Block(_)
            | ExprKind::Return { value: Some(_), .. } => self.answer(condition, depth).test(),
            ExprKind::Call(call) if call.name == "not" && call.args.is_empty() && call.receiver.is_some() => {
                let operand = call.receiver.map(|receiver| self.test_at(receiver, depth + 1));
                operand.unwrap_or_default().negated()
            }
            ExprKind::Binary { op: BinaryOp::In, left, right } => self.is_in(*left, *right),
            ExprKind::Binary { op: BinaryOp::NotIn, left, right } => self.is_in(*left, *right).negated(),
            ExprKind::Binary { op, left, right } => self.comparison(*op, *left, *right, depth),
            ExprKind::Call(call) if call.name == "equals" && call.args.len() == 1 => match call.receiver {
                Some(receiver) => self.comparison(BinaryOp::Eq, receiver, call.args[0].value, depth),
                None => Test::default(),
            },
            ExprKind::Name(name) => self.named(condition, *name, depth),
            ExprKind::Call(call) if call.args.len() == 2 && self.is_equals(call) => {
                self.comparison(BinaryOp::Eq, call.args[0].value, call.args[1].value, depth)
            }
            ExprKind::Call(_) | ExprKind::Member { .. } => {
                let about = self.starts_with(condition).or_else(|| self.asks_truth(condition));
                about.unwrap_or_else(|| self.asked(condition, depth))
            }
            _ => Test::default(),
        }
    }

    /// `TextUtils.equals(a, b)`, `Objects.equals(a, b)`.
    fn is_equals(&self, call: &Call) -> bool {
        let of_class = call.receiver.and_then(|receiver| self.written(receiver));
        call.name == "equals"
            && of_class.is_some_and(|class| class.starts_with(|first: char| first.is_uppercase()))
    }

    /// A local that holds a condition, a property, or a name on its own.
    fn named(&self, condition: ExprId, name: Name, depth: u16) -> Test {
        if self.is_local(condition, name) {
            let test = self.local(condition, name, depth).unwrap_or_default();
            return if test.is_empty() { self.asks_truth(condition).unwrap_or_default() } else { test };
        }
        if let Some(test) = self.asks_truth(condition) {
            return test;
        }
        let test = self.asked(condition, depth);
        if !test.is_empty() {
            return test;
        }
        let property = self.model.visible_property(self.function, name);
        property.map(|property| self.held(property)).unwrap_or_default()
    }

    /// What an arm of a `when` with a subject says of it: a parameter, or a condition.
    pub(super) fn arm_of(&self, subject: ExprId, condition: ExprId, depth: u16) -> Option<Test> {
        if let ExprKind::Literal(Literal::Bool(truth)) = self.facts[condition].kind {
            let test = self.test_at(subject, depth + 1);
            return Some(if truth { test } else { test.negated() });
        }
        match &self.facts[condition].kind {
            ExprKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, left, .. } if *left == subject => {
                Some(self.test_at(condition, depth + 1))
            }
            _ => {
                let level = self.level_comparison(BinaryOp::Eq, subject, condition);
                Some(level).filter(|it| !it.is_empty()).or_else(|| self.equal_to(subject, condition))
            }
        }
    }

    /// `action in setOf(A, B)`, `SDK_INT in 24..32`.
    fn is_in(&self, value: ExprId, all: ExprId) -> Test {
        self.level_range(value, all).or_else(|| self.one_of(value, all)).unwrap_or_default()
    }

    /// Does the name mean a local here?
    fn is_local(&self, at: ExprId, name: Name) -> bool {
        matches!(self.model.declared(self.function, self.facts[at].span, name), Declared::Local { .. })
    }

    /// A call or property that answers a question: of the catalogue, or of the project by what it returns.
    fn asked(&self, condition: ExprId, depth: u16) -> Test {
        if let Some(id) = self.model.site_at(self.file, condition) {
            let site = self.model.site(id);
            if let Some(api) = site.api
                && let Some(guard) = self.guard(api.member, Some(api.class), condition)
            {
                return guard_test(guard);
            }
            let targets: Vec<FnId> = site.targets.iter().map(|target| target.function).collect();
            let test = self.asked_of(site.declared, &targets, depth + CALL);
            if !test.is_empty() {
                return test;
            }
        }
        let (name, receiver) = match &self.facts[condition].kind {
            ExprKind::Call(call) => (call.name, call.receiver),
            ExprKind::Member { name, receiver, .. } => (*name, Some(*receiver)),
            ExprKind::Name(name) => (*name, None),
            _ => return Test::default(),
        };
        let class = receiver.and_then(|receiver| self.written(receiver));
        let known = self.guard(name, class, condition).map(guard_test);
        known.or_else(|| self.tracked(condition)).or_else(|| self.held_there(condition)).unwrap_or_default()
    }

    /// A flag of an observer that follows whether the app is visible.
    fn tracked(&self, condition: ExprId) -> Option<Test> {
        let property = match &self.facts[condition].kind {
            ExprKind::Name(name) => self.model.visible_property(self.function, *name)?,
            ExprKind::Member { receiver, name, .. } => {
                let ExprKind::Name(class) = self.facts[*receiver].kind else { return None };
                let class =
                    self.model.resolve_dotted(self.file, self.model.owner_of(self.function), class)?;
                self.model.property_of(class, *name)?
            }
            _ => return None,
        };
        let test = Test::of(Some(Fact::Known(Proof::Visible)), None);
        Some(if while_visible(self.model, property)? { test } else { test.negated() })
    }

    /// What a project function or getter that answers a question proves.
    pub(super) fn inside(&self, function: FnId, depth: u16) -> Test {
        let decl = self.model.function(function);
        let annotated = decl.annotations.iter().find(|it| it.name.last() == "ChecksSdkIntAtLeast");
        if !self.spend() {
            return Test::default();
        }
        let conditions = self.within(function);
        if let Some(annotation) = annotated
            && let Some(level) = annotation.args.first().and_then(|arg| conditions.level(arg.value))
        {
            return Test::of(Some(Fact::From(level)), Some(Fact::Below(level)));
        }
        let asks = match &decl.result {
            Some(ty) => ty.name.last().eq_ignore_ascii_case("boolean"),
            None => decl.expression_body || decl.kind != FunctionKind::Function,
        };
        match decl.body {
            Some(body) if asks => conditions.answer(body, depth).test(),
            _ => Test::default(),
        }
    }

    /// The catalogue's guard for a member, of a class if one is known.
    pub(super) fn guard(
        &self,
        member: Name,
        class: Option<Name>,
        condition: ExprId,
    ) -> Option<&'static Guard> {
        let guards = self.model.catalog.guards_named(member);
        guards.iter().copied().find(|guard| {
            let named = guard.call.iter().any(|call| {
                let (owner, name) = (call.qualifier(), call.last());
                member == *name && self.is_class(owner, class)
            });
            named
                && guard.receiver.is_none_or(|receiver| self.comes_from(condition, receiver))
                && guard.own.is_none_or(|own| self.is_of_own(condition, own))
                && guard.argument.is_none_or(|argument| self.is_given(condition, argument))
        })
    }

    /// Is the constant the first argument of a call?
    fn is_given(&self, condition: ExprId, constant: Name) -> bool {
        let ExprKind::Call(call) = &self.facts[condition].kind else { return false };
        let given = call.args.first().and_then(|arg| self.written(arg.value));
        given.is_some_and(|given| given == *constant.last())
    }

    /// Do the receivers begin with this member of the object itself?
    fn is_of_own(&self, condition: ExprId, member: Name) -> bool {
        let mut at = condition;
        loop {
            let receiver = match &self.facts[at].kind {
                ExprKind::Call(call) => call.receiver,
                ExprKind::Member { receiver, .. } => Some(*receiver),
                _ => None,
            };
            match receiver {
                Some(receiver) if !matches!(self.facts[receiver].kind, ExprKind::This(_)) => at = receiver,
                _ => break,
            }
        }
        let mut around = self.model.owner_of(self.function);
        let mut is_one = false;
        while let Some(class) = around {
            let info = self.model.symbols.info(class);
            is_one |= self.model.inherits(info.qualified, member.qualifier());
            around = info.owner;
        }
        is_one && self.written_like(at, member)
    }

    /// `*` is any class, `*Utils` any whose simple name ends so, else the class or a supertype of it.
    fn is_class(&self, pattern: &str, class: Option<Name>) -> bool {
        match pattern.strip_prefix('*') {
            Some("") => true,
            Some(suffix) => class.is_some_and(|class| class.last().ends_with(suffix)),
            None => class.is_some_and(|class| self.model.inherits(class, pattern)),
        }
    }

    /// Is the receiver of a condition the result of this `class.member`?
    fn comes_from(&self, condition: ExprId, source: Name) -> bool {
        let receiver = match &self.facts[condition].kind {
            ExprKind::Call(call) => call.receiver,
            ExprKind::Member { receiver, .. } => Some(*receiver),
            _ => None,
        };
        receiver.is_some_and(|receiver| {
            let (here, made) = self.origin(receiver);
            self.is_member(receiver, source) || here.is_member(made, source)
        })
    }

    /// Is the expression this `class.member`, in call or property syntax?
    fn is_member(&self, expr: ExprId, member: Name) -> bool {
        if let ExprKind::NotNull(inner) = self.facts[expr].kind {
            return self.is_member(inner, member);
        }
        self.written_like(expr, member)
            && self
                .model
                .site_at(self.file, expr)
                .and_then(|id| self.model.site(id).api)
                .is_none_or(|api| self.model.inherits(api.class, member.qualifier()))
    }

    /// Has it the name of the member, in call or property syntax?
    fn written_like(&self, expr: ExprId, member: Name) -> bool {
        let written = match &self.facts[expr].kind {
            ExprKind::Call(call) => call.name,
            ExprKind::Member { name, .. } | ExprKind::Name(name) => *name,
            _ => return false,
        };
        let name = member.last();
        // `getName` is read as `name`, too.
        let is_property = |rest: &str| {
            let mut letters = rest.chars();
            let first = letters.next().into_iter().flat_map(char::to_lowercase);
            written.chars().eq(first.chain(letters))
        };
        written == *name || name.strip_prefix("get").is_some_and(is_property)
    }

    fn comparison(&self, op: BinaryOp, left: ExprId, right: ExprId, depth: u16) -> Test {
        let test = self.level_comparison(op, left, right);
        if !test.is_empty() {
            return test;
        }
        let equal = match op {
            BinaryOp::Eq | BinaryOp::Same => true,
            BinaryOp::Ne | BinaryOp::NotSame => false,
            _ => return Test::default(),
        };
        let test = self.equality(left, right, depth);
        if equal { test } else { test.negated() }
    }

    fn equality(&self, left: ExprId, right: ExprId, depth: u16) -> Test {
        for (value, literal) in [(left, right), (right, left)] {
            if let ExprKind::Literal(Literal::Bool(truth)) = self.facts[literal].kind {
                let test = self.test_at(value, depth);
                return if truth { test } else { test.negated() };
            }
            let is_null = self.facts[literal].kind == ExprKind::Literal(Literal::Null);
            if let Some(test) = self.presence(value).filter(|_| is_null) {
                return test.negated();
            }
            if let Some(test) = self.equal_to(value, literal) {
                return test;
            }
        }
        let mut about_thread = false;
        for guard in self.model.catalog.guards() {
            let [first, second] = guard.compares.as_slice() else { continue };
            let sides = |a: ExprId, b: ExprId| {
                self.is_member(a, *first)
                    && self.is_member(b, *second)
                    && guard.own.is_none_or(|own| self.is_of_own(a, own))
            };
            if sides(left, right) || sides(right, left) {
                return guard_test(guard);
            }
            let tells_thread = guard.then == Some(Proof::Main);
            about_thread |=
                tells_thread && (self.mentions(left, *first, 0) || self.mentions(right, *first, 0));
        }
        // Compared with one certain thread, and not the main one: `Thread.currentThread() == worker`.
        let main = Name::new("android.os.Looper.getMainLooper");
        if about_thread && !self.mentions(left, main, 0) && !self.mentions(right, main, 0) {
            return Test::of(Some(Fact::Known(Proof::Worker)), None);
        }
        Test::default()
    }

    /// Does the expression ask this member somewhere on its chain of receivers?
    fn mentions(&self, expr: ExprId, member: Name, depth: u8) -> bool {
        if self.is_member(expr, member) {
            return true;
        }
        let receiver = match &self.facts[expr].kind {
            ExprKind::Call(call) => call.receiver,
            ExprKind::Member { receiver, .. } => Some(*receiver),
            ExprKind::NotNull(inner) => Some(*inner),
            _ => None,
        };
        depth < 8 && receiver.is_some_and(|receiver| self.mentions(receiver, member, depth + 1))
    }

    /// The last segment of a receiver as written.
    fn written(&self, expr: ExprId) -> Option<Name> {
        match &self.facts[expr].kind {
            ExprKind::Name(name) | ExprKind::Member { name, .. } => Some(*name),
            _ => None,
        }
    }
}

pub(super) fn guard_test(guard: &Guard) -> Test {
    match guard.from {
        Some(level) => from(level),
        None => Test::of(guard.then.map(Fact::Known), guard.otherwise.map(Fact::Known)),
    }
}
