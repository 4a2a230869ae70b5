//! Constants that a helper gets from its callers.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind};
use crate::model::{ArgValue, CallSite, Const, FnId, Model, ObjectValue, SiteId};

/// A call as it is for one caller of the function around it, or for all.
#[derive(Clone, Copy)]
pub struct Call<'m> {
    pub model: &'m Model,
    pub site: &'m CallSite,
    /// The call that brings arguments.
    pub caller: Option<(SiteId, &'m CallSite)>,
}

impl<'m> Call<'m> {
    pub fn itself(model: &'m Model, site: &'m CallSite) -> Call<'m> {
        Call { model, site, caller: None }
    }

    /// The call for every caller of the function around, if that brings one of these arguments.
    pub fn by_callers(model: &'m Model, site: &'m CallSite, args: &[Option<&ArgValue>]) -> Vec<Call<'m>> {
        let brought =
            args.iter().flatten().any(|arg| parameter_of(model, site.function, arg.value).is_some());
        let function = model.root_function(site.function);
        let callers = brought.then(|| callers_of(model, function)).into_iter().flatten();
        callers.map(|caller| Call { model, site, caller: Some(caller) }).collect()
    }

    /// What to point at: the caller, if its arguments decide.
    pub fn shown(&self) -> &'m CallSite {
        self.caller.map_or(self.site, |(_, caller)| caller)
    }

    /// The argument, or what the caller gives for it.
    fn given<'a>(&self, arg: &'a ArgValue) -> &'a ArgValue
    where
        'm: 'a,
    {
        let given = self.caller.and_then(|(_, caller)| {
            let (param, name) = parameter_of(self.model, self.site.function, arg.value)?;
            caller.arg(i32::try_from(param).ok()?, Some(&name))
        });
        given.unwrap_or(arg)
    }

    pub fn object<'a>(&self, arg: &'a ArgValue) -> Option<&'a ObjectValue>
    where
        'm: 'a,
    {
        self.given(arg).object()
    }

    pub fn constant(&self, arg: Option<&ArgValue>) -> Option<Const> {
        self.given(arg?).constant()
    }

    pub fn symbol(&self, arg: Option<&ArgValue>) -> Option<Name> {
        self.given(arg?).symbol()
    }

    /// Milliseconds of an argument that counts in milliseconds or is a duration.
    pub fn millis(&self, position: i32) -> Option<i64> {
        match self.constant(self.site.arg(position, None))? {
            Const::Int(value) | Const::Duration(value) => Some(value),
            _ => None,
        }
    }

    /// A count and its TimeUnit, or a duration, in milliseconds.
    pub fn counted(&self, count: Option<&ArgValue>, unit: Option<&ArgValue>) -> Option<i64> {
        match (self.constant(count)?, self.constant(unit)) {
            (Const::Int(value), Some(Const::Unit(nanos))) => {
                i64::try_from(i128::from(value) * i128::from(nanos) / 1_000_000).ok()
            }
            (Const::Duration(value), _) => Some(value),
            _ => None,
        }
    }

    /// The same by positions.
    pub fn millis_in_unit(&self, count: i32, unit: i32) -> Option<i64> {
        self.counted(self.site.arg(count, None), self.site.arg(unit, None))
    }
}

/// The calls of a function, by any of its declarations.
pub fn callers_of(model: &Model, function: FnId) -> impl Iterator<Item = (SiteId, &CallSite)> {
    model.all_sites().filter(move |(_, site)| {
        site.declared == Some(function) || site.targets.iter().any(|target| target.function == function)
    })
}

/// The parameter of the function around that a value is, converted or not (`every.toJavaDuration()`).
fn parameter_of(model: &Model, function: FnId, value: ExprId) -> Option<(usize, Name)> {
    const CONVERSIONS: [&str; 5] =
        ["toJavaDuration", "toKotlinDuration", "toLong", "toMillis", "inWholeMilliseconds"];
    let root = model.root_function(function);
    let facts = model.facts(model.symbols.fn_file(function));
    match &facts[value].kind {
        ExprKind::Name(name) => {
            let position = model.function(root).params.iter().position(|param| param.name == *name)?;
            Some((position, *name))
        }
        ExprKind::Call(call) if CONVERSIONS.contains(&call.name.as_str()) && call.args.is_empty() => {
            parameter_of(model, function, call.receiver?)
        }
        ExprKind::Member { receiver, name, .. } if CONVERSIONS.contains(&name.as_str()) => {
            parameter_of(model, function, *receiver)
        }
        _ => None,
    }
}
