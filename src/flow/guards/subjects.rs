//! What a condition asks: a parameter, or the action or an extra of an Intent that is one, compared with constants.

use crate::base::Name;
use crate::facts::{Arm, BinaryOp, Call, ExprId, ExprKind, Literal, Modifiers, UnaryOp};
use crate::model::broadcasts::action_text;
use crate::model::{Declared, FnId, Model, PropId};

use super::conditions::{Conditions, Test};
use super::held::{Bound, Held, Key, Part};
use super::params::param_named;
use super::{Fact, Facts};

/// Locals and constants that stand for others are followed this far.
const MAX_NAMES: u8 = 4;
/// Members of Intent and Bundle that read an extra by its key, with a default or without; the same of IntentCompat and
/// BundleCompat, which get the Intent first.
const READS: [&str; 28] = [
    "getBooleanExtra",
    "getByteExtra",
    "getCharExtra",
    "getIntExtra",
    "getLongExtra",
    "getParcelableExtra",
    "getSerializableExtra",
    "getShortExtra",
    "getStringExtra",
    "getBoolean",
    "getByte",
    "getChar",
    "getInt",
    "getLong",
    "getParcelable",
    "getSerializable",
    "getShort",
    "getString",
    "get",
    "getCharSequence",
    "getCharSequenceExtra",
    "getBundle",
    "getBundleExtra",
    "getFloat",
    "getFloatExtra",
    "getDouble",
    "getDoubleExtra",
    "getStringArrayExtra",
];

/// A parameter or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) function: FnId,
    pub(super) param: u16,
    pub(super) part: Part,
    /// What is read instead where there is nothing: `getBooleanExtra(KEY, false)`.
    pub(super) absent: Option<Key>,
}

impl Subject {
    /// A part of what this is.
    pub(super) fn part_of(&self, part: Part) -> Option<Part> {
        match (self.part, part) {
            (own, Part::Whole) => Some(own),
            (Part::Whole, part) => Some(part),
            _ => None,
        }
    }

    fn fact(&self, held: Held) -> Fact {
        Fact::Param(Bound { function: self.function, param: self.param, part: self.part, held })
    }

    /// What it being this constant proves, and what if it is not.
    fn is(&self, key: Key) -> Test {
        let mut test = Test::default();
        if self.absent == Some(key) {
            test.then.push(self.fact(Held::OrNull(key)));
            test.otherwise.push(self.fact(Held::NotNull));
        } else {
            test.then.push(self.fact(Held::Is(key)));
        }
        test.otherwise.push(self.fact(Held::Not(key)));
        test
    }

    /// What it being true, or false, proves.
    fn is_true(&self) -> Test {
        if self.absent.is_some() {
            return self.is(Key::Bool(true));
        }
        Test::of(Some(self.fact(Held::TRUE)), Some(self.fact(Held::FALSE)))
    }

    fn is_null(&self) -> Test {
        match self.absent {
            Some(_) => Test::default(),
            None => Test::of(Some(self.fact(Held::Null)), Some(self.fact(Held::NotNull))),
        }
    }
}

impl Conditions<'_> {
    /// The parameter, or the part of one, that a value is.
    pub(super) fn subject(&self, value: ExprId, depth: u8) -> Option<Subject> {
        if depth > MAX_NAMES * 2 {
            return None;
        }
        match &self.facts[value].kind {
            ExprKind::Name(name) => self.named_subject(value, *name, depth),
            ExprKind::Member { receiver, name, .. } if *name == "action" => {
                self.part(*receiver, Part::Action, depth)
            }
            ExprKind::NotNull(inner) | ExprKind::Cast { value: inner, .. } => self.subject(*inner, depth + 1),
            ExprKind::Binary { op: BinaryOp::Elvis, left, right } => {
                let subject = self.subject(*left, depth + 1)?;
                if self.leaves(*right) {
                    return Some(subject);
                }
                let absent = Some(subject.absent.or(self.key(*right))?);
                absent.map(|key| Subject { absent: Some(key), ..subject })
            }
            ExprKind::Call(call) if call.name == "getAction" && call.args.is_empty() => match call.receiver {
                Some(receiver) => self.part(receiver, Part::Action, depth),
                None => self.own_action(depth),
            },
            ExprKind::Call(call) if READS.contains(&call.name.as_str()) => self.extra(call, depth),
            ExprKind::This(None) => self.around(true, depth),
            _ => None,
        }
    }

    fn named_subject(&self, value: ExprId, name: Name, depth: u8) -> Option<Subject> {
        match self.model.declared(self.function, self.facts[value].span, name) {
            Declared::Local { function, local, .. } => {
                let around = self.model.function(function).span;
                let fixed = self.model.assignments(self.file, name, around).next().is_none();
                return self.within(function).subject(local.init.filter(|_| fixed)?, depth + 1);
            }
            Declared::Other => {}
            Declared::Outside if name == "action" => return self.own_action(depth),
            Declared::Outside if name == "it" => return self.around(false, depth),
            Declared::Outside => {}
        }
        if let Some((function, param)) = param_named(self.model, self.function, self.facts[value].span, name)
        {
            let given = self.within(function).around(false, depth);
            return given.or(Some(Subject { function, param, part: Part::Whole, absent: None }));
        }
        None
    }

    /// What the function around gives this lambda by a scope function: `intent?.let { it.action }`, `with(intent) { action }`.
    fn around(&self, as_this: bool, depth: u8) -> Option<Subject> {
        if !self.model.is_lambda(self.function) {
            return None;
        }
        let (taker, at) = self.model.taker(self.function)?;
        let site = self.model.site(taker);
        let given = match (site.name.as_str(), as_this) {
            ("let" | "also", false) | ("apply" | "run", true) if at == 0 => site.receiver?,
            ("with", true) if at == 1 => site.args.first()?.value,
            _ => return None,
        };
        self.within(site.function).subject(given, depth + 1)
    }

    /// The action of the Intent that a scope function makes `this`.
    fn own_action(&self, depth: u8) -> Option<Subject> {
        let intent = self.around(true, depth)?.intent(self.model)?;
        Some(Subject { part: Part::Action, ..intent })
    }

    fn part(&self, receiver: ExprId, part: Part, depth: u8) -> Option<Subject> {
        let subject = self.subject(receiver, depth + 1)?.intent(self.model)?;
        Some(Subject { part, ..subject })
    }

    /// `intent.getStringExtra(KEY)`, `intent.extras?.getString(KEY)`, `IntentCompat.getSerializableExtra(intent, KEY, …)`.
    fn extra(&self, call: &Call, depth: u8) -> Option<Subject> {
        let receiver = call.receiver?;
        let args: Vec<ExprId> = call.args.iter().map(|arg| arg.value).collect();
        let (holder, rest) = match self.facts[receiver].kind {
            ExprKind::Name(class) if class == "IntentCompat" || class == "BundleCompat" => {
                (*args.first()?, args.get(1..)?)
            }
            _ => (receiver, args.as_slice()),
        };
        let intent = match &self.facts[holder].kind {
            ExprKind::Member { receiver, name, .. } if *name == "extras" => *receiver,
            ExprKind::Call(inner) if inner.name == "getExtras" && inner.args.is_empty() => inner.receiver?,
            _ if call.name.ends_with("Extra") => holder,
            _ => return None,
        };
        let key = self.label(*rest.first()?)?;
        let subject = self.part(intent, Part::Extra(key), depth)?;
        match rest.get(1) {
            Some(absent) if !call.name.contains("Serializable") && !call.name.contains("Parcelable") => {
                let absent = self.constant_key(*absent)?;
                Some(Subject { absent: Some(absent), ..subject })
            }
            _ if matches!(call.name.as_str(), "getBoolean") => {
                Some(Subject { absent: Some(Key::Bool(false)), ..subject })
            }
            _ if matches!(call.name.as_str(), "getInt" | "getLong" | "getShort" | "getByte") => {
                Some(Subject { absent: Some(Key::Int(0)), ..subject })
            }
            _ => Some(subject),
        }
    }

    fn constant_key(&self, value: ExprId) -> Option<Key> {
        match &self.facts[value].kind {
            ExprKind::Literal(Literal::Bool(value)) => Some(Key::Bool(*value)),
            _ => self.key(value),
        }
    }

    /// What an extra is known by.
    fn label(&self, key: ExprId) -> Option<Name> {
        match self.key(key)? {
            Key::Text(name) | Key::Ending(name) | Key::Symbol(name) => Some(name),
            Key::Int(_) | Key::Bool(_) => None,
        }
    }

    /// A condition that is a parameter or a part of one: `async`, `intent.getBooleanExtra(KEY, false)`.
    pub(super) fn asks_truth(&self, condition: ExprId) -> Option<Test> {
        if let ExprKind::Call(call) = &self.facts[condition].kind
            && call.name == "hasExtra"
            && let [key] = call.args.as_slice()
        {
            let key = self.label(key.value)?;
            return self.part(call.receiver?, Part::Extra(key), 0).map(|it| it.is_null().negated());
        }
        self.subject(condition, 0).map(|it| it.is_true())
    }

    /// A parameter, or a part of one, compared with a constant.
    pub(super) fn equal_to(&self, value: ExprId, constant: ExprId) -> Option<Test> {
        if self.facts[constant].kind == ExprKind::Literal(Literal::Null) {
            return self.subject(value, 0).map(|it| it.is_null());
        }
        let subject = self.subject(value, 0)?;
        Some(subject.is(self.key(constant)?))
    }

    /// `action in setOf(START, STOP)`.
    pub(super) fn one_of(&self, value: ExprId, all: ExprId) -> Option<Test> {
        let ExprKind::Call(list) = &self.facts[all].kind else { return None };
        let made = matches!(list.name.as_str(), "listOf" | "setOf" | "arrayOf") && list.receiver.is_none();
        let subject = self.subject(value, 0).filter(|it| made && it.absent.is_none())?;
        let keys: Option<Vec<Key>> = list.args.iter().map(|arg| self.key(arg.value)).collect();
        let keys = keys?;
        Some(Test {
            otherwise: keys.iter().map(|key| subject.fact(Held::Not(*key))).collect(),
            then: Held::among(keys).map(|held| subject.fact(held)).into_iter().collect(),
        })
    }

    /// What an arm of a `when` proves, and what if it is not taken.
    pub(super) fn arm_test(&self, subject: Option<ExprId>, arm: &Arm) -> Test {
        self.begin();
        self.arm_within(subject, arm, 0)
    }

    pub(super) fn arm_within(&self, subject: Option<ExprId>, arm: &Arm, depth: u16) -> Test {
        let test = |condition: &ExprId| match subject {
            Some(subject) => self.arm_of(subject, *condition, depth).unwrap_or_default(),
            None => self.test_at(*condition, depth),
        };
        let test = arm.conditions.iter().map(test).reduce(Test::or).unwrap_or_default();
        match arm.guard {
            Some(_) => Test { then: test.then, ..Test::default() },
            None => test,
        }
    }

    /// `id.startsWith("feed:")` of a parameter.
    pub(super) fn starts_with(&self, condition: ExprId) -> Option<Test> {
        let ExprKind::Call(call) = &self.facts[condition].kind else { return None };
        if call.name != "startsWith" || call.args.len() != 1 {
            return None;
        }
        let Some(Key::Text(prefix)) = self.key(call.args[0].value) else { return None };
        let subject = self.subject(call.receiver?, 0).filter(|it| it.absent.is_none())?;
        let fact = |held| Some(subject.fact(held));
        Some(Test::of(fact(Held::Starts(prefix)), fact(Held::NotStarts(prefix))))
    }

    /// Where control gets past `value ?: return` and into `value?.call()`, the value is there.
    pub(super) fn not_null(&self, value: ExprId) -> Facts {
        let subject = self.subject(value, 0).filter(|it| it.absent.is_none());
        let known = self.presence(value).map(|test| test.then).unwrap_or_default();
        known.into_iter().chain(subject.map(|it| it.fact(Held::NotNull))).collect()
    }

    /// A constant as conditions write it.
    pub(super) fn key(&self, expr: ExprId) -> Option<Key> {
        match &self.facts[expr].kind {
            ExprKind::Literal(Literal::String(text)) => Some(Key::Text(*text)),
            ExprKind::Literal(Literal::Int(value)) => Some(Key::Int(*value)),
            ExprKind::Unary { op: UnaryOp::Minus, operand } => match self.key(*operand)? {
                Key::Int(value) => Some(Key::Int(value.checked_neg()?)),
                _ => None,
            },
            ExprKind::Name(name) => {
                let property = self.model.visible_property(self.function, *name);
                match property.and_then(|property| property_key(self.model, property, 0)) {
                    Some(key) => Some(key),
                    None => symbol(*name),
                }
            }
            ExprKind::Member { receiver, name, .. } => {
                let class = self.dotted(*receiver, 0)?;
                let owner = self.model.owner_of(self.function);
                let class = self.model.resolve_dotted(self.file, owner, class)?;
                match self.model.property_of(class, *name) {
                    Some(property) => property_key(self.model, property, 0).or_else(|| symbol(*name)),
                    None => symbol(*name).map(|_| library_constant(class.join(*name))),
                }
            }
            _ => None,
        }
    }

    /// `Outer.Inner` as written.
    pub(super) fn dotted(&self, expr: ExprId, depth: u8) -> Option<Name> {
        match &self.facts[expr].kind {
            ExprKind::Name(name) => Some(*name),
            ExprKind::Member { receiver, name, .. } if depth < MAX_NAMES => {
                Some(self.dotted(*receiver, depth + 1)?.join(*name))
            }
            _ => None,
        }
    }
}

impl Subject {
    /// Only if it is a parameter of the type Intent.
    fn intent(self, model: &Model) -> Option<Subject> {
        let param = model.function(self.function).params.get(usize::from(self.param))?;
        let is_intent = param.ty.as_ref().is_some_and(|ty| ty.name.last() == "Intent");
        (self.part == Part::Whole && is_intent).then_some(self)
    }
}

/// A constant known by name: `Mode.FAST`, `FAST`.
fn symbol(name: Name) -> Option<Key> {
    name.starts_with(|first: char| first.is_uppercase()).then_some(Key::Symbol(name))
}

/// Classes whose actions are named after their text.
const NAMED_ALIKE: [&str; 5] = [
    "android.content.Intent",
    "android.app.AlarmManager",
    "android.appwidget.AppWidgetManager",
    "android.net.ConnectivityManager",
    "android.os.PowerManager",
];

/// A constant of a library: an action of the platform by its text, others by their name.
pub(super) fn library_constant(symbol: Name) -> Key {
    let is_action = symbol.last().contains("ACTION") && NAMED_ALIKE.contains(&symbol.qualifier());
    match is_action.then(|| action_text(symbol)).flatten() {
        Some(text) => Key::Text(text),
        None => Key::Symbol(Name::new(symbol.last())),
    }
}

/// The constant that a property of the project holds for good.
pub(super) fn property_key(model: &Model, property: PropId, depth: u8) -> Option<Key> {
    let decl = model.property(property);
    let initializer = decl.initializer.filter(|_| !decl.modifiers.contains(Modifiers::MUTABLE))?;
    constant_at(model, property, initializer, depth)
}

fn constant_at(model: &Model, property: PropId, value: ExprId, depth: u8) -> Option<Key> {
    if depth > MAX_NAMES {
        return None;
    }
    let file = model.symbols.prop_file(property);
    let facts = model.facts(file);
    let owner = model.property(property).owner.map(|owner| model.symbols.type_id(file, owner));
    match &facts[value].kind {
        ExprKind::Literal(Literal::String(text)) => Some(Key::Text(*text)),
        ExprKind::Literal(Literal::Int(value)) => Some(Key::Int(*value)),
        ExprKind::Binary { op: BinaryOp::Add, left, right } => {
            let end = match constant_at(model, property, *right, depth + 1)? {
                Key::Text(end) | Key::Ending(end) => end,
                _ => return None,
            };
            match constant_at(model, property, *left, depth + 1) {
                Some(Key::Text(start)) => Some(Key::Text(Name::new(&format!("{start}{end}")))),
                _ => Some(Key::Ending(end)),
            }
        }
        ExprKind::Template(parts) => {
            let mut text = String::new();
            let mut whole = true;
            for part in parts {
                match constant_at(model, property, *part, depth + 1) {
                    Some(Key::Text(next)) => text.push_str(&next),
                    Some(Key::Ending(next)) => {
                        whole = false;
                        text = next.to_string();
                    }
                    _ => {
                        whole = false;
                        text.clear();
                    }
                }
            }
            let text = (!text.is_empty()).then(|| Name::new(&text))?;
            Some(if whole { Key::Text(text) } else { Key::Ending(text) })
        }
        ExprKind::Name(name) => {
            let mut around = owner;
            while let Some(id) = around {
                let info = model.symbols.info(id);
                if let Some(found) = model.property_of(info.qualified, *name).filter(|it| *it != property) {
                    return property_key(model, found, depth + 1);
                }
                around = info.owner;
            }
            None
        }
        ExprKind::Member { receiver, name, .. } => {
            let ExprKind::Name(class) = facts[*receiver].kind else { return None };
            let class = model.resolve_dotted(file, owner, class)?;
            match model.property_of(class, *name) {
                Some(found) => property_key(model, found, depth + 1),
                None => symbol(*name).map(|_| library_constant(class.join(*name))),
            }
        }
        _ => None,
    }
}
