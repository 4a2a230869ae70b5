//! Which declaration a name means at a place of a body, and where names are assigned.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, Local, Modifiers, UnaryOp};
use crate::findings::FileId;

use super::core::Core;
use super::{FnId, PropId};

/// Assignments of one file, not counting what declarations start with.
#[derive(Default)]
pub(super) struct Assigned {
    /// `x = …`, `x++`: each place.
    names: FxHashMap<Name, Vec<Span>>,
    /// `a.x = …`.
    members: FxHashSet<Name>,
    /// Values that are assigned to a name, or to one of `this`.
    values: FxHashMap<Name, Vec<ExprId>>,
}

/// What a simple name means in a body.
pub enum Declared<'m> {
    Local {
        /// The function whose body declares it.
        function: FnId,
        local: &'m Local,
        /// The statements of its block from the declaration on.
        block: &'m [ExprId],
    },
    /// A parameter, loop variable or part of a destructuring.
    Other,
    /// Nothing in the function or those around it: a property, a class.
    Outside,
}

impl Assigned {
    pub(super) fn of(facts: Option<&FileFacts>) -> Assigned {
        let mut found = Assigned::default();
        let Some(facts) = facts else { return found };
        for expr in &facts.exprs {
            let target = match &expr.kind {
                ExprKind::Assign { target, .. } => *target,
                ExprKind::Unary { op: UnaryOp::Increment | UnaryOp::Decrement, operand } => *operand,
                _ => continue,
            };
            let own = match &expr.kind {
                ExprKind::Assign { op: None, value, .. } => own_name(facts, target).zip(Some(*value)),
                _ => None,
            };
            if let Some((name, value)) = own {
                found.values.entry(name).or_default().push(value);
            }
            match &facts[target].kind {
                ExprKind::Name(name) => found.names.entry(*name).or_default().push(expr.span),
                ExprKind::Member { name, .. } if own.is_none() => {
                    found.members.insert(*name);
                }
                _ => {}
            }
        }
        found
    }
}

/// `x`, `this.x`.
fn own_name(facts: &FileFacts, target: ExprId) -> Option<Name> {
    match &facts[target].kind {
        ExprKind::Name(name) => Some(*name),
        ExprKind::Member { receiver, name, .. } if matches!(facts[*receiver].kind, ExprKind::This(_)) => {
            Some(*name)
        }
        _ => None,
    }
}

impl Core {
    /// Calls of a file whose result is assigned to this name, or to this one of `this`.
    pub(super) fn assigned_calls(&self, file: FileId, name: Name) -> impl Iterator<Item = ExprId> + '_ {
        let facts = self.facts(file);
        let values = self.assigned[file.0 as usize].values.get(&name).into_iter().flatten().copied();
        values.filter(|value| matches!(facts[*value].kind, ExprKind::Call(_)))
    }

    /// Has the code of the function given its thread a Looper before this place: `Looper.prepare()`, as Looper's own page
    /// shows it?
    pub fn prepares_looper(&self, function: FnId, before: Span) -> bool {
        let facts = self.facts(self.symbols.fn_file(function));
        let around = self.function(function).span;
        facts.exprs.iter().any(|expr| {
            let ExprKind::Call(call) = &expr.kind else { return false };
            let of_looper = |id: ExprId| match &facts[id].kind {
                ExprKind::Name(name) | ExprKind::Member { name, .. } => *name == "Looper",
                _ => false,
            };
            call.name == "prepare"
                && call.receiver.is_some_and(of_looper)
                && around.contains(expr.span)
                && expr.span.end <= before.start
        })
    }

    /// The value of the one assignment to this simple name, or to this one of `this`, inside a part of a file.
    pub fn only_assigned(&self, file: FileId, name: Name, within: Span) -> Option<ExprId> {
        let assigned = &self.assigned[file.0 as usize];
        let facts = self.facts(file);
        let values = assigned.values.get(&name).into_iter().flatten().copied();
        let mut values = values.filter(|value| within.contains(facts[*value].span));
        let (Some(only), None) = (values.next(), values.next()) else { return None };
        let other = |place: Span| !place.contains(facts[only].span);
        let changed = assigned.members.contains(&name) || self.assignments(file, name, within).any(other);
        (!changed).then_some(only)
    }

    /// Is something assigned to this simple name in the file after its declaration?
    pub fn is_assigned(&self, file: FileId, name: Name) -> bool {
        self.assigned[file.0 as usize].names.contains_key(&name)
    }

    /// The places inside a part of a file where something is assigned to this simple name.
    pub fn assignments(&self, file: FileId, name: Name, within: Span) -> impl Iterator<Item = Span> + '_ {
        let all = self.assigned[file.0 as usize].names.get(&name).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(move |place| within.contains(*place))
    }

    /// May the property hold something else than what its declaration says? A private one is assigned in its file only.
    pub fn is_reassigned(&self, property: PropId) -> bool {
        let decl = self.property(property);
        if !decl.modifiers.contains(Modifiers::MUTABLE) {
            return false;
        }
        let there = self.symbols.prop_file(property);
        let assigns = |it: &Assigned| {
            let name = &decl.name;
            it.names.contains_key(name) || it.values.contains_key(name) || it.members.contains(name)
        };
        if decl.modifiers.contains(Modifiers::PRIVATE) {
            return assigns(&self.assigned[there.0 as usize]);
        }
        self.assigned.iter().any(assigns)
    }

    /// What a simple name means at a place in the body of a function.
    pub fn declared(&self, function: FnId, at: Span, name: Name) -> Declared<'_> {
        let mut around = Some(function);
        while let Some(id) = around {
            let decl = self.function(id);
            let facts = self.facts(self.symbols.fn_file(id));
            match decl.body.and_then(|body| innermost(facts, body, at, name)) {
                Some(Seen::Local { local, block }) => return Declared::Local { function: id, local, block },
                Some(Seen::Other) => return Declared::Other,
                None => {}
            }
            if decl.params.iter().any(|param| param.name == name) {
                return Declared::Other;
            }
            around = self.parent_function(id);
        }
        Declared::Outside
    }
}

enum Seen<'m> {
    Local { local: &'m Local, block: &'m [ExprId] },
    Other,
}

/// The last declaration before the place in the blocks around it.
fn innermost<'m>(facts: &'m FileFacts, body: ExprId, at: Span, name: Name) -> Option<Seen<'m>> {
    let mut seen = None;
    let mut here = Some(body);
    while let Some(id) = here {
        let kind = &facts[id].kind;
        match kind {
            ExprKind::Block(items) => {
                for (index, item) in items.iter().enumerate() {
                    if facts[*item].span.end > at.start {
                        break;
                    }
                    match &facts[*item].kind {
                        ExprKind::Local(local) if local.name == name => {
                            seen = Some(Seen::Local { local, block: &items[index..] });
                        }
                        ExprKind::Destructure { names, .. } if names.contains(&name) => {
                            seen = Some(Seen::Other);
                        }
                        _ => {}
                    }
                }
            }
            ExprKind::Loop(it) if it.variable == Some(name) => seen = Some(Seen::Other),
            ExprKind::Loop(it) => {
                let starts = it
                    .init
                    .iter()
                    .any(|init| matches!(&facts[*init].kind, ExprKind::Local(local) if local.name == name));
                if starts {
                    seen = Some(Seen::Other);
                }
            }
            ExprKind::When { binding: Some(binding), .. } if *binding == name => seen = Some(Seen::Other),
            ExprKind::Try(it) => {
                let takes =
                    |catch: &crate::facts::Catch| catch.name == name && facts[catch.body].span.contains(at);
                let opens = it
                    .resources
                    .iter()
                    .any(|init| matches!(&facts[*init].kind, ExprKind::Local(local) if local.name == name));
                if opens || it.catches.iter().any(takes) {
                    seen = Some(Seen::Other);
                }
            }
            _ => {}
        }
        here = None;
        kind.each_child(|child| {
            if facts[child].span.contains(at) {
                here = here.or(Some(child));
            }
        });
    }
    seen
}
