//! What checks of parameters say, and what callers give for them: `load(async = true)` never gets into the branch that
//! is for `false`.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, Literal, TypeKind};
use crate::model::{ArgValue, CallSite, Const, FnId, Model, TypeId};

use super::nullness::{holds_value, never_null};
use super::{Fact, Guards, this};

/// Functions that a parameter is handed on through.
const HANDED_ON: usize = 3;

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    True,
    False,
    Null,
    NotNull,
    Is(Key),
    Not(Key),
    Starts(Name),
    NotStarts(Name),
}

/// A constant that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Text(Name),
    Int(i64),
    /// A constant known by its name alone: of an enum.
    Symbol(Name),
}

impl Key {
    /// Are the two certainly different values?
    fn differs(self, other: Key) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other) && self != other
    }
}

impl Held {
    /// How much it leaves open.
    fn choices(self) -> u8 {
        match self {
            Held::True | Held::False | Held::Null | Held::Is(_) => 0,
            Held::Starts(_) => 1,
            Held::NotNull => 2,
            Held::Not(_) | Held::NotStarts(_) => 3,
        }
    }

    fn excludes(self, other: Held) -> bool {
        use Held::{False, Is, Not, NotNull, NotStarts, Null, Starts, True};
        match (self, other) {
            (True, False) | (False, True) => true,
            (Null, Null | Not(_) | NotStarts(_)) | (Not(_) | NotStarts(_), Null) => false,
            (Null, _) | (_, Null) => true,
            (Is(one), Is(other)) => one.differs(other),
            (Is(one), Not(other)) | (Not(other), Is(one)) => one == other,
            (Is(Key::Text(text)), Starts(prefix)) | (Starts(prefix), Is(Key::Text(text))) => {
                !text.starts_with(prefix.as_str())
            }
            (Is(Key::Text(text)), NotStarts(prefix)) | (NotStarts(prefix), Is(Key::Text(text))) => {
                text.starts_with(prefix.as_str())
            }
            (True | False | NotNull | Is(_) | Not(_) | Starts(_) | NotStarts(_), _) => false,
        }
    }
}

/// A parameter of a function and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    pub function: FnId,
    pub param: u16,
    pub held: Held,
}

/// What is known of parameters, and of `this`, on a way through the program.
pub type Bounds = SmallVec<[Bound; 2]>;

/// Leaves out what is known of `this`; says whether that was anything.
pub fn forget_this(bounds: &mut Bounds) -> bool {
    let before = bounds.len();
    this::forget(bounds);
    bounds.len() < before
}

/// Parameters that checks are about, in their function or in functions that they are handed on to.
pub(super) fn asked(model: &Model, guards: &Guards) -> FxHashMap<FnId, SmallVec<[u16; 2]>> {
    let mut asked: FxHashMap<FnId, SmallVec<[u16; 2]>> = FxHashMap::default();
    for region in guards.regions.values().flatten() {
        if let Fact::Param(bound) = region.fact {
            add(asked.entry(bound.function).or_default(), bound.param);
        }
    }
    for _ in 0..HANDED_ON {
        let mut more: Vec<(FnId, u16)> = Vec::new();
        for (_, site) in model.all_sites() {
            let wanted =
                site.targets.iter().filter_map(|target| Some((target, asked.get(&target.function)?)));
            for (target, params) in wanted {
                let names = &model.function(target.function).params;
                more.extend(params.iter().filter_map(|at| {
                    let arg = site.arg(i32::from(*at), Some(&names.get(usize::from(*at))?.name))?;
                    let (function, param) = param_of(model, site, arg.value)?;
                    let known = asked.get(&function).is_some_and(|all| all.contains(&param));
                    (!known).then_some((function, param))
                }));
            }
        }
        if more.is_empty() {
            break;
        }
        for (function, param) in more {
            add(asked.entry(function).or_default(), param);
        }
    }
    asked
}

fn add(params: &mut SmallVec<[u16; 2]>, param: u16) {
    if let Err(at) = params.binary_search(&param) {
        params.insert(at, param);
    }
}

/// The parameter that an argument hands on as it is.
fn param_of(model: &Model, site: &CallSite, value: ExprId) -> Option<(FnId, u16)> {
    match model.facts(site.file)[value].kind {
        ExprKind::Name(name) => param_named(model, site.function, name),
        _ => None,
    }
}

/// The parameter, never assigned, that a name means in a function or in one around it.
pub(super) fn param_named(model: &Model, function: FnId, name: Name) -> Option<(FnId, u16)> {
    let file = model.symbols.fn_file(function);
    let mut at = Some(function);
    while let Some(id) = at {
        let found = model.function(id).params.iter().position(|param| param.name == name);
        if let Some(found) = found {
            let assigned = model.assignments(file, name, model.function(id).span).next().is_some();
            return (!assigned).then_some((id, u16::try_from(found).ok()?));
        }
        at = model.parent_function(id);
    }
    None
}

impl Guards {
    /// Is the place not reached when parameters hold this?
    pub fn contradicts(&self, model: &Model, function: FnId, at: Span, known: &[Bound]) -> bool {
        if known.is_empty() {
            return false;
        }
        let refuted = |fact: Fact| match fact {
            Fact::Param(it) => known.iter().any(|known| {
                known.function == it.function && known.param == it.param && known.held.excludes(it.held)
            }),
            _ => false,
        };
        self.any(model, function, at, refuted)
    }

    /// What is known in a method of an object whose exact class is known.
    pub fn of_class(&self, model: &Model, method: FnId, class: TypeId) -> Bounds {
        this::of_class(model, method, class)
    }

    /// Does a call of a method on `this`, of which the class is known, lead to another class's?
    pub fn misses(&self, model: &Model, site: &CallSite, to: FnId, known: &[Bound]) -> bool {
        this::misses(model, site, to, known)
    }

    /// What is known of parameters in `to` when the site, where this is `known`, leads there.
    pub fn bind(&self, model: &Model, site: &CallSite, to: FnId, known: &[Bound]) -> Bounds {
        let mut bounds = Bounds::new();
        if !known.is_empty() {
            // A lambda sees the parameters of the functions around it.
            let mut around = model.parent_function(to);
            while let Some(id) = around {
                bounds.extend(known.iter().filter(|it| it.function == id).copied());
                around = model.parent_function(id);
            }
        }
        this::bind(model, site, to, known, &mut bounds);
        let Some(asked) = self.asked.get(&to) else { return bounds };
        if !site.targets.iter().any(|target| target.function == to) {
            return bounds;
        }
        let decl = model.function(to);
        for at in asked {
            let Some(param) = decl.params.get(usize::from(*at)) else { continue };
            let held = match site.arg(i32::from(*at), Some(&param.name)) {
                Some(arg) => match arg.constant() {
                    Some(constant) => Some(of_constant(constant)),
                    None => match constant_named(model, arg) {
                        Some(constant) => Some(Held::Is(Key::Symbol(constant))),
                        None => of_value(self, model, site, arg, known),
                    },
                },
                None => param.default.and_then(|default| {
                    let held = literal(model.facts(model.symbols.fn_file(to)), default);
                    held.or_else(|| never_null(model, to, default).then_some(Held::NotNull))
                }),
            };
            bounds.extend(held.map(|held| Bound { function: to, param: *at, held }));
        }
        bounds.sort_unstable();
        bounds
    }
}

/// The simple name of a constant of a library or of an enum of the project.
fn constant_named(model: &Model, arg: &ArgValue) -> Option<Name> {
    // Properties of objects are known by their name as well: `intent.action`.
    let is_constant = |name: &Name| name.starts_with(|first: char| first.is_uppercase());
    if let Some(constant) = arg.symbol().map(|symbol| Name::new(symbol.last())).filter(is_constant) {
        return Some(constant);
    }
    let property = arg.facts.as_ref()?.property?;
    let class = model.symbols.type_named(arg.ty.as_ref()?.upper()?.class)?;
    let is_enum = model.symbols.info(class).kind == TypeKind::Enum;
    let name = model.property(property).name;
    (is_enum && model.symbols.info(class).properties.get(&name) == Some(&property)).then_some(name)
}

fn of_constant(constant: Const) -> Held {
    match constant {
        Const::Bool(true) => Held::True,
        Const::Bool(false) => Held::False,
        Const::Null => Held::Null,
        Const::Str(text) => Held::Is(Key::Text(text)),
        Const::Int(value) => Held::Is(Key::Int(value)),
        _ => Held::NotNull,
    }
}

fn literal(facts: &FileFacts, expr: ExprId) -> Option<Held> {
    match &facts[expr].kind {
        ExprKind::Literal(Literal::Bool(true)) => Some(Held::True),
        ExprKind::Literal(Literal::Bool(false)) => Some(Held::False),
        ExprKind::Literal(Literal::Null) => Some(Held::Null),
        ExprKind::Literal(Literal::String(text)) => Some(Held::Is(Key::Text(*text))),
        ExprKind::Literal(Literal::Int(value)) => Some(Held::Is(Key::Int(*value))),
        ExprKind::Literal(_) => Some(Held::NotNull),
        _ => None,
    }
}

/// A parameter handed on holds what it holds, by the checks around it too; other values may be known not to be null.
fn of_value(
    guards: &Guards,
    model: &Model,
    site: &CallSite,
    arg: &ArgValue,
    known: &[Bound],
) -> Option<Held> {
    if let Some((function, param)) = param_of(model, site, arg.value) {
        let same = |it: &&Bound| it.function == function && it.param == param;
        let checked = guards.around(model, site.function, site.span).filter_map(|fact| match fact {
            Fact::Param(bound) => Some(bound).filter(|it| same(&it)).map(|it| it.held),
            _ => None,
        });
        let given = known.iter().find(same).map(|it| it.held);
        if let Some(held) = given.or_else(|| checked.min_by_key(|held| held.choices())) {
            return Some(held);
        }
    }
    let safe = matches!(&model.facts(site.file)[arg.value].kind, ExprKind::Member { safe: true, .. });
    let property = arg.facts.as_ref().and_then(|facts| facts.property).filter(|_| !safe);
    let set = never_null(model, site.function, arg.value)
        || property.is_some_and(|property| holds_value(model, property));
    set.then_some(Held::NotNull)
}
