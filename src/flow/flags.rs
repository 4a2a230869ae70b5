//! Flags or'ed together: which constants a value surely has, and which it may have.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::facts::{BinaryOp, ExprId, ExprKind, Literal};
use crate::model::{FnId, Model, PropId};

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
    Finder { model, named }.flags(function, value, 0)
}

struct Finder<'m> {
    model: &'m Model,
    named: &'m [(i64, &'m str)],
}

impl Finder<'_> {
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
            ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => {
                self.flags(function, *then, depth).or(self.flags(function, *otherwise, depth))
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
            ExprKind::Member { name, .. } => match self.read(file, value) {
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

    /// What a function of the project returns.
    fn call(&self, file: crate::findings::FileId, value: ExprId, depth: u8) -> Flags {
        let site = self.model.site_at(file, value).map(|id| self.model.site(id));
        let Some(declared) = site.and_then(|site| site.declared) else { return Flags::unknown() };
        self.results(declared, depth)
    }

    fn results(&self, function: FnId, depth: u8) -> Flags {
        let mut all = results(self.model, function).into_iter().map(|it| self.flags(function, it, depth + 1));
        let first = all.next().unwrap_or_else(Flags::unknown);
        all.fold(first, Flags::or)
    }

    /// The property of the project that is read here.
    fn read(&self, file: crate::findings::FileId, value: ExprId) -> Option<PropId> {
        let facts = self.model.facts(file);
        let ExprKind::Member { receiver, name, .. } = &facts[value].kind else { return None };
        let class = match &facts[*receiver].kind {
            ExprKind::Name(class) | ExprKind::Member { name: class, .. } => *class,
            ExprKind::This(_) => return None,
            _ => return None,
        };
        // `Constants.FLAGS`: the class by its simple name, which constants have nearly always.
        let found = self.model.symbols.types.iter().filter(|info| class == *info.qualified.last());
        found.into_iter().find_map(|info| {
            let companion = info.companion.map(|id| self.model.symbols.info(id));
            info.properties.get(name).or_else(|| companion.and_then(|it| it.properties.get(name))).copied()
        })
    }

    fn name(&self, function: FnId, value: ExprId, name: Name, depth: u8) -> Flags {
        let file = self.model.symbols.fn_file(function);
        let facts = self.model.facts(file);
        let mut around = Some(function);
        while let Some(id) = around {
            let decl = self.model.function(id);
            if decl.params.iter().any(|param| param.name == name) {
                return Flags::unknown();
            }
            let locals = facts.exprs.iter().filter(|expr| decl.span.contains(expr.span));
            let local = locals.into_iter().find_map(|expr| match &expr.kind {
                ExprKind::Local(local) if local.name == name && expr.span.start < facts[value].span.start => {
                    Some(local.init)
                }
                _ => None,
            });
            if let Some(init) = local {
                return match init.filter(|_| !self.model.is_assigned(file, name)) {
                    Some(init) => self.flags(id, init, depth + 1),
                    None => self.assigned(id, name, depth),
                };
            }
            around = self.model.parent_function(id);
        }
        match self.field(function, name) {
            Some(property) => self.property(property, depth),
            None => self.constant(name),
        }
    }

    /// `int flags; if (…) flags = a; else flags = b;`, `flags |= c`.
    fn assigned(&self, function: FnId, name: Name, depth: u8) -> Flags {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        let around = self.model.function(function).span;
        let mut all = Flags::default();
        let mut first = true;
        for expr in facts.exprs.iter().filter(|expr| around.contains(expr.span)) {
            let (value, added) = match &expr.kind {
                ExprKind::Assign { target, op, value } if facts[*target].kind == ExprKind::Name(name) => {
                    (*value, op.is_some())
                }
                ExprKind::Local(local) if local.name == name => match local.init {
                    Some(init) => (init, false),
                    None => continue,
                },
                _ => continue,
            };
            let flags = self.flags(function, value, depth + 1);
            if added {
                // Perhaps only on some ways.
                all.possible.extend(flags.possible);
                all.unknown |= flags.unknown;
            } else if first {
                all = flags;
                first = false;
            } else {
                all = all.or(flags);
            }
        }
        if all == Flags::default() && first { Flags::unknown() } else { all }
    }

    /// A property of the classes around or of the file.
    fn field(&self, function: FnId, name: Name) -> Option<PropId> {
        let mut owner = self.model.owner_of(function);
        while let Some(id) = owner {
            let info = self.model.symbols.info(id);
            let companion = info.companion.map(|id| self.model.symbols.info(id));
            let own = info.properties.get(&name);
            if let Some(found) = own.or_else(|| companion.and_then(|it| it.properties.get(&name))) {
                return Some(*found);
            }
            owner = info.owner;
        }
        let file = self.model.symbols.fn_file(function);
        let package = self.model.facts(file).package;
        let named = self.model.symbols.properties_by_name.get(&package.join(name))?;
        named.iter().copied().find(|id| self.model.symbols.prop_file(*id) == file).or(named.first().copied())
    }

    fn property(&self, property: PropId, depth: u8) -> Flags {
        if depth > MAX_DEPTH {
            return Flags::unknown();
        }
        let file = self.model.symbols.prop_file(property);
        let decl = self.model.property(property);
        if let Some(getter) = decl.getter {
            return self.results(self.model.symbols.fn_id(file, getter), depth);
        }
        let (Some(init), false) = (decl.initializer, self.model.is_assigned(file, decl.name)) else {
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
