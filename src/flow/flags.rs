//! Flags or'ed together: which constants a value surely has, and which it may have.

use std::collections::BTreeSet;

use crate::base::{Name, Span};
use crate::facts::{BinaryOp, ExprId, ExprKind, FileFacts, Literal, Local, Modifiers};
use crate::model::{Declared, FnId, Model, PropId, TypeId};

use super::guards::{Fact, Guards};
use super::uses::results;

/// Locals, properties and functions that are looked into, one inside the other.
const MAX_DEPTH: u8 = 6;

/// Simple names of the constants in a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// On every way.
    pub sure: BTreeSet<Name>,
    /// On some way.
    pub possible: BTreeSet<Name>,
    /// Something in it is not known.
    pub unknown: bool,
}

impl Flags {
    fn unknown() -> Flags {
        Flags { unknown: true, ..Flags::default() }
    }

    fn one(name: Name) -> Flags {
        let set = BTreeSet::from([name]);
        Flags { sure: set.clone(), possible: set, unknown: false }
    }

    /// Both are in it.
    fn and(mut self, other: Flags) -> Flags {
        self.sure.extend(other.sure);
        self.possible.extend(other.possible);
        self.unknown |= other.unknown;
        self
    }

    /// It is one of the two.
    fn or(mut self, other: Flags) -> Flags {
        self.sure = self.sure.intersection(&other.sure).copied().collect();
        self.possible.extend(other.possible);
        self.unknown |= other.unknown;
        self
    }

    pub fn may_have(&self, name: &str) -> bool {
        self.possible.iter().any(|flag| *flag == *name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.sure.iter().any(|flag| *flag == *name)
    }
}

/// The constants (upper-case names) an expression of the function is made of. Numbers are translated with `named`.
pub fn flags_of(model: &Model, function: FnId, value: ExprId, named: &[(i64, &str)]) -> Flags {
    Finder { model, named, since: None }.flags(function, value, 0)
}

/// The same on devices from an API level on: `if (SDK_INT >= S) FLAG_MUTABLE else 0`.
pub fn flags_since(
    model: &Model,
    guards: &Guards,
    function: FnId,
    value: ExprId,
    named: &[(i64, &str)],
    level: u32,
) -> Flags {
    Finder { model, named, since: Some((guards, level)) }.flags(function, value, 0)
}

struct Finder<'m> {
    model: &'m Model,
    named: &'m [(i64, &'m str)],
    /// Ways that only devices below this level take are left out.
    since: Option<(&'m Guards, u32)>,
}

impl Finder<'_> {
    /// Does a condition leave the `then` branch, and the other one, to older devices?
    fn older(&self, function: FnId, condition: ExprId) -> (bool, bool) {
        let Some((guards, level)) = self.since else { return (false, false) };
        let below =
            |facts: &[Fact]| facts.iter().any(|it| matches!(it, Fact::Below(below) if *below <= level));
        let (then, otherwise) = guards.branches(self.model, function, condition);
        (below(&then), below(&otherwise))
    }

    fn is_older(&self, function: FnId, place: Span) -> bool {
        self.since.is_some_and(|(guards, level)| guards.below_level(self.model, function, place, level))
    }

    /// Is a place within the scope reached whatever holds, on the devices that count?
    fn always(&self, function: FnId, scope: Span, place: Span) -> bool {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        let Some(body) = self.model.function(function).body else { return false };
        let around = facts.exprs.iter().filter(|it| {
            scope.contains(it.span) && facts[body].span.contains(it.span) && it.span.contains(place)
        });
        around.filter(|it| it.span != place).all(|it| match &it.kind {
            ExprKind::Block(_) => true,
            ExprKind::If { condition, then, otherwise } => {
                let holds = |branch: &Option<ExprId>| branch.is_some_and(|it| facts[it].span.contains(place));
                let (no_then, no_otherwise) = self.older(function, *condition);
                holds(then) && no_otherwise || holds(otherwise) && no_then
            }
            _ => false,
        })
    }

    fn flags(&self, function: FnId, value: ExprId, depth: u8) -> Flags {
        if depth > MAX_DEPTH {
            return Flags::unknown();
        }
        let file = self.model.symbols.fn_file(function);
        let facts = self.model.facts(file);
        match &facts[value].kind {
            ExprKind::Literal(Literal::Int(bits)) => self.bits(*bits),
            ExprKind::Binary { op: BinaryOp::BitOr | BinaryOp::Add, left, right } => {
                self.flags(function, *left, depth).and(self.flags(function, *right, depth))
            }
            ExprKind::Binary { op: BinaryOp::Elvis, left, right } => {
                self.flags(function, *left, depth).or(self.flags(function, *right, depth))
            }
            ExprKind::If { condition, then: Some(then), otherwise: Some(otherwise) } => {
                match self.older(function, *condition) {
                    (true, false) => self.flags(function, *otherwise, depth),
                    (false, true) => self.flags(function, *then, depth),
                    _ => self.flags(function, *then, depth).or(self.flags(function, *otherwise, depth)),
                }
            }
            ExprKind::When { arms, .. } if !arms.is_empty() => {
                let mut all = arms.iter().map(|arm| self.flags(function, arm.body, depth));
                let first = all.next().unwrap_or_else(Flags::unknown);
                all.fold(first, Flags::or)
            }
            ExprKind::Block(items) => match items.last() {
                Some(last) => self.flags(function, *last, depth),
                None => Flags::unknown(),
            },
            ExprKind::Call(call) if matches!(call.name.as_str(), "or" | "plus") && call.args.len() == 1 => {
                match call.receiver {
                    Some(receiver) => self.flags(function, receiver, depth).and(self.flags(
                        function,
                        call.args[0].value,
                        depth,
                    )),
                    None => Flags::unknown(),
                }
            }
            ExprKind::Call(_) => self.call(file, value, depth),
            ExprKind::Name(name) => self.name(function, value, *name, depth),
            ExprKind::Member { name, .. } => match self.read(function, value) {
                Some(property) => self.property(property, depth),
                None => self.constant(*name),
            },
            ExprKind::Cast { value, .. } | ExprKind::NotNull(value) => self.flags(function, *value, depth),
            _ => Flags::unknown(),
        }
    }

    fn bits(&self, bits: i64) -> Flags {
        let known = self.named.iter().filter(|(bit, _)| bits & bit != 0);
        let names: BTreeSet<Name> = known.clone().map(|(_, name)| Name::new(name)).collect();
        let rest = known.fold(bits, |rest, (bit, _)| rest & !bit);
        Flags { sure: names.clone(), possible: names, unknown: rest != 0 }
    }

    fn constant(&self, name: Name) -> Flags {
        let is_constant = name.chars().all(|it| it.is_uppercase() || it.is_ascii_digit() || it == '_');
        if is_constant { Flags::one(name) } else { Flags::unknown() }
    }

    /// What a function of the project returns, whichever of those that override it is called.
    fn call(&self, file: crate::findings::FileId, value: ExprId, depth: u8) -> Flags {
        let Some(site) = self.model.site_at(file, value).map(|id| self.model.site(id)) else {
            return Flags::unknown();
        };
        let targets = site.targets.iter().map(|target| target.function).chain(site.declared);
        let all = targets.map(|target| self.results(target, depth));
        all.reduce(Flags::or).unwrap_or_else(Flags::unknown)
    }

    fn results(&self, function: FnId, depth: u8) -> Flags {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        let mut all = results(self.model, function)
            .into_iter()
            .filter(|it| !self.is_older(function, facts[*it].span))
            .map(|it| self.flags(function, it, depth + 1));
        let first = all.next().unwrap_or_else(Flags::unknown);
        all.fold(first, Flags::or)
    }

    /// The property of the project that is read here.
    fn read(&self, function: FnId, value: ExprId) -> Option<PropId> {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        let ExprKind::Member { receiver, name, .. } = &facts[value].kind else { return None };
        if let ExprKind::This(None) = facts[*receiver].kind {
            return self.model.visible_property(function, *name);
        }
        let class = dotted(facts, *receiver)?;
        let owner = self.model.owner_of(function);
        let class = self.model.resolve_dotted(self.model.symbols.fn_file(function), owner, class)?;
        self.model.property_of(class, *name)
    }

    fn name(&self, function: FnId, value: ExprId, name: Name, depth: u8) -> Flags {
        let place = self.model.facts(self.model.symbols.fn_file(function))[value].span;
        match self.model.declared(function, place, name) {
            Declared::Local { function, local, block } => match local.init {
                Some(init) if !self.is_assigned(function, name) => self.flags(function, init, depth + 1),
                _ => self.assigned(function, local, block, depth),
            },
            Declared::Other => Flags::unknown(),
            Declared::Outside => match self.model.visible_property(function, name) {
                Some(property) => self.property(property, depth),
                None => self.constant(name),
            },
        }
    }

    fn is_assigned(&self, function: FnId, name: Name) -> bool {
        let file = self.model.symbols.fn_file(function);
        self.model.assignments(file, name, self.model.function(function).span).next().is_some()
    }

    /// `int flags; if (…) flags = a; else flags = b;`, `flags |= c`.
    fn assigned(&self, function: FnId, local: &Local, block: &[ExprId], depth: u8) -> Flags {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        let scope = block.iter().map(|it| facts[*it].span).reduce(|one, last| Span { end: last.end, ..one });
        let Some(scope) = scope else { return Flags::unknown() };
        let mut all = Flags::default();
        let mut first = true;
        for expr in facts.exprs.iter().filter(|expr| scope.contains(expr.span)) {
            let (value, added) = match &expr.kind {
                ExprKind::Assign { target, op, value }
                    if facts[*target].kind == ExprKind::Name(local.name) =>
                {
                    (*value, op.is_some())
                }
                ExprKind::Local(it) if it.name_span == local.name_span => match local.init {
                    Some(init) => (init, false),
                    None => continue,
                },
                _ => continue,
            };
            if self.is_older(function, expr.span) {
                continue;
            }
            let flags = self.flags(function, value, depth + 1);
            let sure = self.since.is_some() && self.always(function, scope, expr.span);
            if added && sure {
                all = all.and(flags);
            } else if added {
                // Perhaps only on some ways.
                all.possible.extend(flags.possible);
                all.unknown |= flags.unknown;
            } else if first || sure {
                all = flags;
                first = false;
            } else {
                all = all.or(flags);
            }
        }
        if all == Flags::default() && first { Flags::unknown() } else { all }
    }

    fn property(&self, property: PropId, depth: u8) -> Flags {
        if depth > MAX_DEPTH {
            return Flags::unknown();
        }
        let all = self.overriding(property, 0).into_iter().map(|it| self.held(it, depth));
        all.fold(self.held(property, depth), Flags::or)
    }

    /// Properties of subclasses that take the place of an open one.
    fn overriding(&self, property: PropId, depth: u8) -> Vec<PropId> {
        let file = self.model.symbols.prop_file(property);
        let decl = self.model.property(property);
        let (Some(owner), false) = (decl.owner, decl.modifiers.contains(Modifiers::PRIVATE)) else {
            return Vec::new();
        };
        self.below(self.model.symbols.type_id(file, owner), decl.name, depth)
    }

    fn below(&self, class: TypeId, name: Name, depth: u8) -> Vec<PropId> {
        let subtypes = self.model.subtypes.get(&class).into_iter().flatten().filter(|_| depth < MAX_DEPTH);
        let found = subtypes.flat_map(|subtype| {
            let own = self.model.symbols.info(*subtype).properties.get(&name).copied();
            own.into_iter().chain(self.below(*subtype, name, depth + 1))
        });
        found.collect()
    }

    fn held(&self, property: PropId, depth: u8) -> Flags {
        let file = self.model.symbols.prop_file(property);
        let decl = self.model.property(property);
        if let Some(getter) = decl.getter {
            return self.results(self.model.symbols.fn_id(file, getter), depth);
        }
        let Some(init) = decl.initializer.filter(|_| !self.model.is_reassigned(property)) else {
            return Flags::unknown();
        };
        // Names in an initialiser are looked up from any function of the class.
        let facts = self.model.facts(file);
        let around = facts.functions.iter().enumerate().find(|(_, it)| {
            it.owner == decl.owner
                && it.parent.is_none()
                && it.kind != crate::facts::FunctionKind::Constructor
        });
        let Some((at, _)) = around else { return self.bare(file, init) };
        let local = crate::facts::FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        self.flags(self.model.symbols.fn_id(file, local), init, depth + 1)
    }

    /// An initialiser in a file without functions: constants and numbers only.
    fn bare(&self, file: crate::findings::FileId, value: ExprId) -> Flags {
        let facts = self.model.facts(file);
        match &facts[value].kind {
            ExprKind::Literal(Literal::Int(bits)) => self.bits(*bits),
            ExprKind::Binary { op: BinaryOp::BitOr, left, right } => {
                self.bare(file, *left).and(self.bare(file, *right))
            }
            ExprKind::Call(call) if call.name == "or" && call.args.len() == 1 => match call.receiver {
                Some(receiver) => self.bare(file, receiver).and(self.bare(file, call.args[0].value)),
                None => Flags::unknown(),
            },
            ExprKind::Member { name, .. } | ExprKind::Name(name) => self.constant(*name),
            _ => Flags::unknown(),
        }
    }
}

/// `a.b.C` as it is written.
fn dotted(facts: &FileFacts, expr: ExprId) -> Option<Name> {
    match &facts[expr].kind {
        ExprKind::Name(name) => Some(*name),
        ExprKind::Member { receiver, name, .. } => Some(dotted(facts, *receiver)?.join(*name)),
        _ => None,
    }
}
