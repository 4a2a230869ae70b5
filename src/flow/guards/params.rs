//! What checks of parameters say, and what callers give for them: `load(async = true)` never gets into the branch that
//! is for `false`.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::facts::{Expr, ExprId, ExprKind, FileFacts, Literal, Param, TypeKind};
use crate::model::{ArgValue, CallSite, Const, FnId, Model, TypeId};

use super::conditions::Conditions;
use super::held::{Bound, Bounds, Held, Key, Part};
use super::nullness::{holds_value, never_null};
use super::sent::{INTENT, Sent};
use super::subjects::{Subject, library_constant, property_key};
use super::{Fact, Guards, this};

/// Functions that a parameter is handed on through.
const HANDED_ON: usize = 3;

/// Leaves out what is known of `this`; says whether that was anything.
pub fn forget_this(bounds: &mut Bounds) -> bool {
    let before = bounds.len();
    this::forget(bounds);
    bounds.len() < before
}

/// Parts of parameters that checks are about.
pub(super) type Asked = SmallVec<[(u16, Part); 2]>;

/// Parameters that checks are about, in their function or in functions that they are handed on to.
pub(super) fn asked(model: &Model, guards: &Guards) -> FxHashMap<FnId, Asked> {
    let mut asked: FxHashMap<FnId, Asked> = FxHashMap::default();
    for region in guards.regions.values().flatten() {
        if let Fact::Param(bound) = &region.fact {
            add(asked.entry(bound.function).or_default(), (bound.param, bound.part));
        }
    }
    for _ in 0..HANDED_ON {
        let mut more: Vec<(FnId, (u16, Part))> = Vec::new();
        for (_, site) in model.all_sites() {
            let wanted = site
                .targets
                .iter()
                .filter_map(|target| Some((target.function, asked.get(&target.function)?)));
            for (target, parts) in wanted {
                more.extend(parts.iter().filter_map(|(at, part)| {
                    let subject = subject_of(model, site, argument(model, site, target, *at)?.value)?;
                    let found = (subject.param, subject.part_of(*part)?);
                    let known = asked.get(&subject.function).is_some_and(|all| all.contains(&found));
                    (!known).then_some((subject.function, found))
                }));
            }
        }
        if more.is_empty() {
            break;
        }
        for (function, part) in more {
            add(asked.entry(function).or_default(), part);
        }
    }
    asked
}

fn add(parts: &mut Asked, part: (u16, Part)) {
    if let Err(at) = parts.binary_search(&part) {
        parts.insert(at, part);
    }
}

/// The argument that a call gives for a parameter of what it leads to: of a component the Intent.
fn argument<'m>(model: &'m Model, site: &'m CallSite, to: FnId, at: u16) -> Option<&'m ArgValue> {
    let param = model.function(to).params.get(usize::from(at))?;
    if site.targets.iter().any(|target| target.function == to) {
        return site.arg(i32::from(at), Some(&param.name));
    }
    let is_intent = param.ty.as_ref().is_some_and(|ty| ty.name.last() == "Intent");
    let sent = |arg: &&ArgValue| arg.object().is_some_and(|object| object.class == INTENT);
    let receives = model.owner_of(to).is_some_and(|owner| {
        model.inherits(model.symbols.info(owner).qualified, "android.content.BroadcastReceiver")
    });
    if is_intent && receives && !model.is_lambda(to) { site.args.iter().find(sent) } else { None }
}

/// The parameter, or the part of one, that an argument hands on.
fn subject_of(model: &Model, site: &CallSite, value: ExprId) -> Option<Subject> {
    match model.facts(site.file)[value].kind {
        ExprKind::Literal(_) | ExprKind::Lambda(_) | ExprKind::Object(_) => None,
        _ => Conditions::of(model, site.function).subject(value, 0).filter(|it| it.absent.is_none()),
    }
}

/// The parameter that a name means at a place in a function or in one around it, if it still holds what was given.
pub(super) fn param_named(model: &Model, function: FnId, at: Span, name: Name) -> Option<(FnId, u16)> {
    let file = model.symbols.fn_file(function);
    let mut around = Some(function);
    while let Some(id) = around {
        let found = model.function(id).params.iter().position(|param| param.name == name);
        if let Some(found) = found {
            // Java's parameters may be assigned: `if (url == null) url = DEFAULT;`.
            let within = model.function(id).span;
            let first = model.assignments(file, name, within).map(|it| it.start).min();
            let holds =
                first.is_none_or(|first| at.end <= first && !is_repeated(model.facts(file), within, at));
            return holds.then_some((id, u16::try_from(found).ok()?));
        }
        around = model.parent_function(id);
    }
    None
}

/// Is a place of a function inside a loop, so that what stands behind it may have run before?
fn is_repeated(facts: &FileFacts, function: Span, at: Span) -> bool {
    let is_around = |expr: &Expr| {
        matches!(expr.kind, ExprKind::Loop(_)) && function.contains(expr.span) && expr.span.contains(at)
    };
    facts.exprs.iter().any(is_around)
}

impl Guards {
    /// Is the place not reached when parameters hold this?
    pub fn contradicts(&self, model: &Model, function: FnId, at: Span, known: &[Bound]) -> bool {
        !known.is_empty() && self.any(model, function, at, |fact| fact.is_refuted(known))
    }

    /// Is the place reached for no other actions of an Intent than these?
    pub fn only_for(&self, model: &Model, function: FnId, at: Span, these: impl Fn(&str) -> bool) -> bool {
        let is_one = |key: &Key| matches!(key, Key::Text(text) if these(text));
        self.any(model, function, at, |fact| match fact {
            Fact::Param(bound) if bound.part == Part::Action => {
                let keys = bound.held.keys();
                !keys.is_empty() && keys.iter().all(is_one)
            }
            _ => false,
        })
    }

    /// What is known in a function that an Intent comes to.
    pub fn arriving(&self, model: &Model, function: FnId, sent: &Sent) -> Bounds {
        let mut bounds = Bounds::new();
        for (at, part) in self.asked.get(&function).into_iter().flatten() {
            let param = model.function(function).params.get(usize::from(*at));
            if param.and_then(|it| it.ty.as_ref()).is_none_or(|ty| ty.name.last() != "Intent") {
                continue;
            }
            let held = sent.held(*part);
            bounds.extend(held.map(|held| Bound { function, param: *at, part: *part, held }));
        }
        bounds
    }

    /// What checks around a call say of a parameter.
    fn checked(&self, model: &Model, site: &CallSite, subject: &Subject) -> Option<Held> {
        let part = subject.part_of(Part::Whole)?;
        let held = self.around(model, site.function, site.span).filter_map(|fact| match fact {
            Fact::Param(it) if it.function == subject.function && it.param == subject.param => {
                Some(&it.held).filter(|_| it.part == part)
            }
            _ => None,
        });
        held.min_by_key(|held| held.choices()).cloned()
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
                bounds.extend(known.iter().filter(|it| it.function == id).cloned());
                around = model.parent_function(id);
            }
        }
        this::bind(model, site, to, known, &mut bounds);
        let Some(asked) = self.asked.get(&to) else { return bounds };
        let called = site.targets.iter().any(|target| target.function == to);
        for (at, part) in asked {
            let Some(param) = model.function(to).params.get(usize::from(*at)) else { continue };
            let held = match (argument(model, site, to, *at), part) {
                (Some(arg), Part::Whole) => whole(self, model, site, arg, known)
                    .or_else(|| is_context(model, to, param).then_some(Held::NotNull)),
                (Some(arg), part) => part_of(model, site, arg, *part, known),
                (None, Part::Whole) if called => param.default.and_then(|default| {
                    let held = literal(model.facts(model.symbols.fn_file(to)), default);
                    held.or_else(|| never_null(model, to, default).then_some(Held::NotNull))
                }),
                (None, _) => None,
            };
            bounds.extend(held.map(|held| Bound { function: to, param: *at, part: *part, held }));
        }
        bounds.sort_unstable();
        bounds
    }
}

/// The system gives every component its Context: none is null unless somebody writes so.
fn is_context(model: &Model, function: FnId, param: &Param) -> bool {
    let ty = param.ty.as_ref().map(|ty| model.resolve_type(model.scope_of(function), ty));
    ty.is_some_and(|ty| model.inherits(ty.class, "android.content.Context"))
}

/// What an argument is.
fn whole(guards: &Guards, model: &Model, site: &CallSite, arg: &ArgValue, known: &[Bound]) -> Option<Held> {
    held_by(model, arg).or_else(|| of_value(guards, model, site, arg, known))
}

/// What a part of an Intent is that is handed over: as it was set here, else as it came.
fn part_of(model: &Model, site: &CallSite, arg: &ArgValue, part: Part, known: &[Bound]) -> Option<Held> {
    let sent = arg.object().map(|object| Sent::of(model, object));
    let came = || known_of(known, &subject_of(model, site, arg.value)?, part);
    match sent {
        Some(sent) => sent.held(part).or_else(|| came().filter(|_| !sent.changes(part))),
        None => came(),
    }
}

/// What is known of a part of a parameter.
fn known_of(known: &[Bound], subject: &Subject, part: Part) -> Option<Held> {
    let part = subject.part_of(part)?;
    let is_it = |it: &&Bound| it.function == subject.function && it.param == subject.param && it.part == part;
    known.iter().find(is_it).map(|it| it.held.clone())
}

/// What is known of an argument by its value alone.
pub(super) fn held_by(model: &Model, arg: &ArgValue) -> Option<Held> {
    match arg.constant() {
        Some(constant) => Some(of_constant(constant)),
        None => key_of(model, arg).map(Held::Is),
    }
}

/// The constant that an argument is.
pub(super) fn key_of(model: &Model, arg: &ArgValue) -> Option<Key> {
    match arg.constant() {
        Some(Const::Str(text)) => return Some(Key::Text(text)),
        Some(Const::Int(value)) => return Some(Key::Int(value)),
        Some(Const::Bool(value)) => return Some(Key::Bool(value)),
        Some(_) => return None,
        None => {}
    }
    let is_constant = |symbol: &Name| symbol.last().starts_with(|first: char| first.is_uppercase());
    if let Some(symbol) = arg.symbol().filter(is_constant) {
        return Some(library_constant(symbol));
    }
    let constant = enum_constant(model, arg).map(Key::Symbol);
    constant.or_else(|| property_key(model, arg.facts.as_ref()?.property?, 0))
}

/// The name of a constant of an enum of the project.
fn enum_constant(model: &Model, arg: &ArgValue) -> Option<Name> {
    let property = arg.facts.as_ref()?.property?;
    let class = model.symbols.type_named(arg.ty.as_ref()?.upper()?.class)?;
    let is_enum = model.symbols.info(class).kind == TypeKind::Enum;
    let name = model.property(property).name;
    (is_enum && model.symbols.info(class).properties.get(&name) == Some(&property)).then_some(name)
}

fn of_constant(constant: Const) -> Held {
    match constant {
        Const::Bool(value) => Held::Is(Key::Bool(value)),
        Const::Null => Held::Null,
        Const::Str(text) => Held::Is(Key::Text(text)),
        Const::Int(value) => Held::Is(Key::Int(value)),
        _ => Held::NotNull,
    }
}

fn literal(facts: &FileFacts, expr: ExprId) -> Option<Held> {
    match &facts[expr].kind {
        ExprKind::Literal(Literal::Bool(value)) => Some(Held::Is(Key::Bool(*value))),
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
    if let Some(subject) = subject_of(model, site, arg.value) {
        let checked = || guards.checked(model, site, &subject);
        if let Some(held) = known_of(known, &subject, Part::Whole).or_else(checked) {
            return Some(held);
        }
    }
    let safe = matches!(&model.facts(site.file)[arg.value].kind, ExprKind::Member { safe: true, .. });
    let property = arg.facts.as_ref().and_then(|facts| facts.property).filter(|_| !safe);
    let set = never_null(model, site.function, arg.value)
        || property.is_some_and(|property| holds_value(model, property));
    set.then_some(Held::NotNull)
}
