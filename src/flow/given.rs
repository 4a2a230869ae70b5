//! What conditions on an Intent say when it is known which Intents come: their action, their extras, or that there is
//! none. Other conditions are told apart by what they are about.

use crate::base::Name;
use crate::facts::{Arm, BinaryOp, ExprId, ExprKind, FileFacts, Literal, Param, UnaryOp};
use crate::model::{ArgValue, Const, FnId, Model, ObjectValue};

use super::guards::Sent;

/// Locals that stand for other locals are followed this far.
const MAX_DEPTH: u8 = 4;

/// An Intent as it is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    pub action: Known<Option<Name>>,
    /// Extras with constant values.
    pub extras: Vec<(Name, Const)>,
    /// Every extra is in `extras`, or has a value that is not constant.
    pub keys: Vec<Name>,
    pub whole: bool,
    /// No Intent comes: a sticky service is made anew.
    pub absent: bool,
    /// The same for what checks of parameters ask.
    pub sent: Sent,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known<T> {
    Is(T),
    #[default]
    Unknown,
}

/// What a condition is for the Intent given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    True,
    False,
    /// It depends on the Intent or on state that the class itself keeps, which the ones who start it know.
    Own,
    /// Anything else may be either way.
    Either,
}

impl Given {
    /// The Intent of an object as far as it is known.
    pub fn of(model: &Model, object: &ObjectValue) -> Given {
        let whole = object.is_whole();
        let mut given = Given {
            whole,
            action: action_of(model, object),
            sent: Sent::of(model, object),
            ..Given::default()
        };
        for call in object.all_calls() {
            match call.member.as_str() {
                "putExtra" => {
                    let key = call.args.first().and_then(|arg| arg.constant());
                    let Some(Const::Str(key)) = key else {
                        given.whole = false;
                        continue;
                    };
                    given.keys.push(key);
                    let value = call.args.get(1).and_then(|arg| arg.constant());
                    if let Some(value) = value.filter(|_| !call.conditional) {
                        given.extras.push((key, value));
                    }
                }
                "putExtras" | "replaceExtras" | "fillIn" => given.whole = false,
                _ => {}
            }
        }
        given
    }

    /// The start of a service that the system makes anew.
    pub fn none() -> Given {
        Given { absent: true, sent: Sent::none(), ..Given::default() }
    }
}

/// The action that an Intent is sent with.
fn action_of(model: &Model, object: &ObjectValue) -> Known<Option<Name>> {
    let read = |arg: &ArgValue| match arg.constant() {
        Some(Const::Str(text)) => Known::Is(Some(text)),
        Some(Const::Null) => Known::Is(None),
        _ => {
            let property = arg.facts.as_ref().and_then(|facts| facts.property);
            let text = property.and_then(|property| text_of(model, property, 0));
            let symbol = || arg.symbol().filter(|symbol| symbol.last().contains("ACTION"));
            text.or_else(symbol).map_or(Known::Unknown, |text| Known::Is(Some(text)))
        }
    };
    match action_set(object) {
        Known::Is(Some(arg)) => read(arg),
        Known::Is(None) => Known::Is(None),
        Known::Unknown => Known::Unknown,
    }
}

/// The argument that sets the action of an Intent, or that it has none.
pub(super) fn action_set(object: &ObjectValue) -> Known<Option<&ArgValue>> {
    if let Some(set) = object.calls.iter().rev().find(|call| call.member == "setAction") {
        return match set.args.first() {
            Some(arg) if !set.conditional => Known::Is(Some(arg)),
            _ => Known::Unknown,
        };
    }
    let Some(made) = &object.made else { return Known::Unknown };
    // `Intent(action)`, `Intent(action, uri)`, `Intent(action, uri, context, class)`; other constructors name a component or
    // copy an Intent.
    let first = made.args.first().filter(|arg| {
        let is_text =
            arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == "java.lang.String");
        matches!(made.args.len(), 1 | 2 | 4)
            && (is_text || arg.constant().is_some() || arg.symbol().is_some())
    });
    match first {
        Some(first) if first.class_literal().is_none() => Known::Is(Some(first)),
        _ if made.args.iter().any(|arg| arg.intent().is_some()) => Known::Unknown,
        _ if object.is_whole() => Known::Is(None),
        _ => Known::Unknown,
    }
}

/// Conditions of one function, where an Intent is given.
#[derive(Clone, Copy)]
pub struct Asked<'m> {
    model: &'m Model,
    pub(super) facts: &'m FileFacts,
    function: FnId,
    given: &'m Given,
}

impl<'m> Asked<'m> {
    pub fn new(model: &'m Model, function: FnId, given: &'m Given) -> Asked<'m> {
        Asked { model, facts: model.facts(model.symbols.fn_file(function)), function, given }
    }

    /// What a condition is.
    pub fn verdict(&self, condition: ExprId) -> Verdict {
        self.verdict_at(condition, 0)
    }

    fn verdict_at(&self, condition: ExprId, depth: u8) -> Verdict {
        use Verdict::{Either, False, Own, True};
        if depth > 24 {
            return Either;
        }
        match &self.facts[condition].kind {
            ExprKind::Literal(Literal::Bool(truth)) => truth_of(*truth),
            ExprKind::Unary { op: UnaryOp::Not, operand } => not(self.verdict_at(*operand, depth + 1)),
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
                let (left, right) = (self.verdict_at(*left, depth + 1), self.verdict_at(*right, depth + 1));
                let decides = truth_of(*op == BinaryOp::Or);
                match (left, right) {
                    (one, other) if one == decides || other == decides => decides,
                    (True | False, other) | (other, True | False) => other,
                    (Own, Own) => Own,
                    _ => Either,
                }
            }
            ExprKind::Binary { op: op @ (BinaryOp::Eq | BinaryOp::Ne), left, right }
            | ExprKind::Binary { op: op @ (BinaryOp::Same | BinaryOp::NotSame), left, right } => {
                let equal = self.equality(*left, *right);
                if matches!(op, BinaryOp::Ne | BinaryOp::NotSame) { not(equal) } else { equal }
            }
            ExprKind::Binary { left, right, .. } if self.is_own(*left, 0) && self.is_own(*right, 0) => Own,
            ExprKind::Call(call) if call.name == "equals" && call.args.len() == 1 => match call.receiver {
                Some(receiver) => self.equality(receiver, call.args[0].value),
                None => Either,
            },
            ExprKind::Call(call) if call.name == "equals" && call.args.len() == 2 => {
                self.equality(call.args[0].value, call.args[1].value)
            }
            ExprKind::Call(call)
                if matches!(call.name.as_str(), "getBooleanExtra" | "hasExtra")
                    && call.receiver.is_some_and(|it| self.is_intent(it, 0)) =>
            {
                self.extra(condition)
            }
            _ if self.is_own(condition, 0) => Own,
            _ => Either,
        }
    }

    /// Is the condition a test of the action that comes out true for the Intent given?
    pub fn names_action(&self, condition: ExprId) -> bool {
        match &self.facts[condition].kind {
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                self.names_action(*left) || self.names_action(*right)
            }
            ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Same, left, right } => {
                self.about_action(*left, *right) && self.equality(*left, *right) == Verdict::True
            }
            ExprKind::Call(call) if call.name == "equals" => {
                let sides = match (call.receiver, call.args.as_slice()) {
                    (_, [first, second]) => Some((first.value, second.value)),
                    (Some(receiver), [only]) => Some((receiver, only.value)),
                    _ => None,
                };
                sides.is_some_and(|(left, right)| {
                    self.about_action(left, right) && self.equality(left, right) == Verdict::True
                })
            }
            _ => false,
        }
    }

    fn about_action(&self, left: ExprId, right: ExprId) -> bool {
        let names = |it: ExprId| self.constant(it, 0).is_some_and(|it| matches!(it, Text::Is(_)));
        self.is_action(left, 0) && names(right) || self.is_action(right, 0) && names(left)
    }

    /// Is the value the Intent's action?
    pub fn is_action(&self, value: ExprId, depth: u8) -> bool {
        match &self.facts[value].kind {
            ExprKind::Member { receiver, name, .. } => *name == "action" && self.is_intent(*receiver, depth),
            ExprKind::Call(call) if call.name == "getAction" => {
                call.receiver.is_some_and(|receiver| self.is_intent(receiver, depth))
            }
            ExprKind::NotNull(inner) => self.is_action(*inner, depth),
            ExprKind::Binary { op: BinaryOp::Elvis, left, .. } => self.is_action(*left, depth),
            ExprKind::Name(name) if depth < MAX_DEPTH => match self.local(*name) {
                Some(init) => self.is_action(init, depth + 1),
                None => *name == "action" && self.is_this_intent(depth),
            },
            _ => false,
        }
    }

    /// A parameter of the function or of one around it.
    fn param(&self, name: Name) -> Option<&'m Param> {
        let mut at = Some(self.function);
        while let Some(function) = at {
            let found = self.model.function(function).params.iter().find(|param| param.name == name);
            if found.is_some() {
                return found;
            }
            at = self.model.parent_function(function);
        }
        None
    }

    /// What a scope function gives to the lambda that this is: `intent?.let { … }`, `with(intent) { … }`; with the
    /// function around, and whether the lambda calls it `this`.
    fn subject(&self) -> Option<(Asked<'m>, ExprId, bool)> {
        if !self.model.is_lambda(self.function) {
            return None;
        }
        let parent = self.model.parent_function(self.function)?;
        let body = self.model.function(parent).body?;
        let file = self.model.symbols.fn_file(self.function);
        let mut found = None;
        super::uses::each(self.facts, body, &mut |id| {
            let ExprKind::Call(call) = &self.facts[id].kind else { return };
            let gives = call.args.last().is_some_and(|arg| match self.facts[arg.value].kind {
                ExprKind::Lambda(lambda) => self.model.symbols.fn_id(file, lambda) == self.function,
                _ => false,
            });
            if gives {
                found = match (call.name.as_str(), call.receiver) {
                    ("let" | "also", Some(receiver)) => Some((receiver, false)),
                    ("apply" | "run", Some(receiver)) => Some((receiver, true)),
                    ("with", None) => call.args.first().map(|arg| (arg.value, true)),
                    _ => None,
                };
            }
        });
        let (subject, is_this) = found?;
        Some((Asked { function: parent, ..*self }, subject, is_this))
    }

    /// Is the name what the lambda calls what it is given?
    fn names_subject(&self, name: Name) -> bool {
        match self.model.function(self.function).params.as_slice() {
            [] => name == "it",
            [only] => only.name == name,
            _ => false,
        }
    }

    fn is_this_intent(&self, depth: u8) -> bool {
        match self.subject() {
            Some((around, subject, true)) => around.is_intent(subject, depth),
            _ => false,
        }
    }

    /// What an arm of a `when` or `switch` over the action is.
    pub fn arm(&self, arm: &Arm) -> Verdict {
        let mut known = true;
        for condition in &arm.conditions {
            match self.action_is(*condition) {
                Verdict::True => return if arm.guard.is_some() { Verdict::Own } else { Verdict::True },
                Verdict::False => {}
                _ => known = false,
            }
        }
        if known { Verdict::False } else { Verdict::Own }
    }

    fn action_is(&self, constant: ExprId) -> Verdict {
        if self.given.absent {
            return truth_of(self.constant(constant, 0) == Some(Text::Null));
        }
        match (self.given.action, self.constant(constant, 0)) {
            (Known::Is(None), Some(text)) => truth_of(text == Text::Null),
            (Known::Is(Some(_)), Some(Text::Null)) => Verdict::False,
            (Known::Is(Some(action)), Some(Text::Is(text))) => truth_of(same_action(&action, &text)),
            _ => Verdict::Own,
        }
    }

    fn equality(&self, left: ExprId, right: ExprId) -> Verdict {
        for (value, other) in [(left, right), (right, left)] {
            if let ExprKind::Literal(Literal::Bool(truth)) = self.facts[other].kind {
                let verdict = self.verdict_at(value, 1);
                return if truth { verdict } else { not(verdict) };
            }
            if self.is_action(value, 0) {
                return self.action_is(other);
            }
            if self.constant(other, 0) == Some(Text::Null) && self.is_intent(value, 0) {
                return truth_of(self.given.absent);
            }
        }
        if self.is_own(left, 0) && self.is_own(right, 0) { Verdict::Own } else { Verdict::Either }
    }

    /// `intent.getBooleanExtra(KEY, false)`, `intent.hasExtra(KEY)`.
    fn extra(&self, call: ExprId) -> Verdict {
        let site = self.model.site_at(self.model.symbols.fn_file(self.function), call);
        let Some(site) = site.map(|id| self.model.site(id)) else { return Verdict::Own };
        let Some(Const::Str(key)) = site.args.first().and_then(|arg| arg.constant()) else {
            return Verdict::Own;
        };
        let put = self.given.keys.contains(&key);
        if site.name == "hasExtra" {
            return if put || self.given.whole { truth_of(put) } else { Verdict::Own };
        }
        let value = self.given.extras.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        let fallback = site.args.get(1).and_then(|arg| arg.constant());
        match (value, fallback) {
            (Some(Const::Bool(truth)), _) => truth_of(truth),
            (None, Some(Const::Bool(truth))) if !put && self.given.whole => truth_of(truth),
            _ => Verdict::Own,
        }
    }

    /// Is the expression a parameter of type Intent, or a local that is one?
    pub fn is_intent(&self, expr: ExprId, depth: u8) -> bool {
        match &self.facts[expr].kind {
            ExprKind::Name(name) => {
                if let Some((around, subject, false)) = self.subject()
                    && self.names_subject(*name)
                {
                    return around.is_intent(subject, depth);
                }
                if let Some(param) = self.param(*name) {
                    return param.ty.as_ref().is_some_and(|ty| ty.name.last() == "Intent");
                }
                depth < MAX_DEPTH && self.local(*name).is_some_and(|init| self.is_intent(init, depth + 1))
            }
            ExprKind::This(None) => self.is_this_intent(depth),
            ExprKind::NotNull(inner) => self.is_intent(*inner, depth),
            ExprKind::Cast { value, .. } => self.is_intent(*value, depth),
            _ => false,
        }
    }

    /// Is the value read from the Intent, or from state that the object itself keeps?
    fn is_own(&self, expr: ExprId, depth: u8) -> bool {
        if depth > 12 {
            return false;
        }
        match &self.facts[expr].kind {
            ExprKind::Literal(_) | ExprKind::This(_) => true,
            ExprKind::Name(name) => {
                if self.is_intent(expr, 0) {
                    return true;
                }
                if let Some(init) = self.local(*name) {
                    return self.is_own(init, depth + 1);
                }
                self.param(*name).is_none() && self.model.visible_property(self.function, *name).is_some()
            }
            ExprKind::NotNull(inner) => self.is_own(*inner, depth + 1),
            ExprKind::Cast { value, .. } | ExprKind::TypeTest { value, .. } => self.is_own(*value, depth + 1),
            ExprKind::Member { receiver, .. } => self.is_own(*receiver, depth + 1),
            ExprKind::Unary { operand, .. } => self.is_own(*operand, depth + 1),
            ExprKind::Binary { left, right, .. } => {
                self.is_own(*left, depth + 1) && self.is_own(*right, depth + 1)
            }
            ExprKind::Call(call) => match call.receiver {
                // `intent.getStringExtra(KEY)`, `player.getPlayQueue()`, `job.isActive()`.
                Some(receiver) if self.is_own(receiver, depth + 1) => {
                    let from_intent = self.roots_in_intent(receiver, 0);
                    from_intent || call.args.is_empty()
                }
                Some(_) => false,
                // `isRunning()` of its own.
                None => call.args.is_empty() && tells_running(&call.name),
            },
            _ => false,
        }
    }

    /// Is the value read from the Intent?
    pub fn is_of_intent(&self, expr: ExprId) -> bool {
        self.roots_in_intent(expr, 0)
    }

    fn roots_in_intent(&self, expr: ExprId, depth: u8) -> bool {
        if self.is_intent(expr, 0) {
            return true;
        }
        if depth > 12 {
            return false;
        }
        match &self.facts[expr].kind {
            ExprKind::Call(call) => call.receiver.is_some_and(|it| self.roots_in_intent(it, depth + 1)),
            ExprKind::Member { receiver, .. } => self.roots_in_intent(*receiver, depth + 1),
            ExprKind::NotNull(inner) => self.roots_in_intent(*inner, depth + 1),
            ExprKind::Name(name) => {
                self.local(*name).is_some_and(|init| self.roots_in_intent(init, depth + 1))
            }
            _ => false,
        }
    }

    /// The value of a local of this function, or of one around it.
    fn local(&self, name: Name) -> Option<ExprId> {
        let mut at = Some(self.function);
        while let Some(function) = at {
            let decl = self.model.function(function);
            let mut found = None;
            super::uses::each(self.facts, decl.body?, &mut |id| {
                if let ExprKind::Local(local) = &self.facts[id].kind
                    && local.name == name
                    && found.is_none()
                {
                    found = local.init;
                }
            });
            if found.is_some() || decl.params.iter().any(|param| param.name == name) {
                return found;
            }
            at = self.model.parent_function(function);
        }
        None
    }

    /// A text that is constant.
    pub(super) fn text(&self, expr: ExprId) -> Option<Name> {
        match self.constant(expr, 0) {
            Some(Text::Is(text)) => Some(text),
            _ => None,
        }
    }

    fn constant(&self, expr: ExprId, depth: u8) -> Option<Text> {
        match &self.facts[expr].kind {
            ExprKind::Literal(Literal::String(text)) => Some(Text::Is(*text)),
            ExprKind::Literal(Literal::Null) => Some(Text::Null),
            ExprKind::Name(name) => {
                let property = self.model.visible_property(self.function, *name);
                match property {
                    Some(property) => text_of(self.model, property, depth).map(Text::Is),
                    None => looks_constant(name).then_some(Text::Is(*name)),
                }
            }
            ExprKind::Member { receiver, name, .. } => {
                let class = match &self.facts[*receiver].kind {
                    ExprKind::Name(class) => {
                        let file = self.model.symbols.fn_file(self.function);
                        self.model.resolve_dotted(file, self.model.owner_of(self.function), *class)
                    }
                    _ => None,
                };
                let property = class.and_then(|class| self.model.property_of(class, *name));
                match property {
                    Some(property) => text_of(self.model, property, depth).map(Text::Is),
                    None => looks_constant(name).then_some(Text::Is(*name)),
                }
            }
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Is(Name),
    Null,
}

fn truth_of(truth: bool) -> Verdict {
    if truth { Verdict::True } else { Verdict::False }
}

fn not(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::True => Verdict::False,
        Verdict::False => Verdict::True,
        other => other,
    }
}

/// Words in the names of questions about what the object is doing already.
fn tells_running(name: &str) -> bool {
    let name = name.to_lowercase();
    ["running", "started", "foreground", "active", "playing", "alive"].iter().any(|word| name.contains(word))
}

fn looks_constant(name: &str) -> bool {
    name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// Text that a constant of the project holds.
fn text_of(model: &Model, property: crate::model::PropId, depth: u8) -> Option<Name> {
    let facts = model.facts(model.symbols.prop_file(property));
    let text = |id: ExprId| match &facts[id].kind {
        ExprKind::Literal(Literal::String(text)) => Some(*text),
        _ => None,
    };
    let initializer = model.property(property).initializer.filter(|_| depth < MAX_DEPTH)?;
    match &facts[initializer].kind {
        ExprKind::Binary { op: BinaryOp::Add, left, right } => {
            // A text that is put together is known by its end.
            text(*right).or_else(|| text(*left))
        }
        ExprKind::Template(parts) => parts.iter().rev().find_map(|part| text(*part)),
        ExprKind::Member { name, .. } | ExprKind::Name(name) => Some(*name),
        _ => text(initializer),
    }
}

/// Two spellings of an action: `android.intent.action.MEDIA_BUTTON`, `Intent.ACTION_MEDIA_BUTTON`, a text put together.
pub fn same_action(one: &str, other: &str) -> bool {
    fn short(text: &str) -> &str {
        let last = text.rsplit('.').next().unwrap_or(text);
        last.strip_prefix("ACTION_").unwrap_or(last)
    }
    one == other || !short(one).is_empty() && short(one) == short(other)
}
