//! What code held by a value makes of the receiver that it is given: `stream.compose(applySchedulers())`, `.let(prepared())`.

use crate::base::Name;

use super::super::ids::{FnId, TypeId};
use super::super::value::{Callable, Value};
use super::draft::SiteDraft;
use super::{LocalValue, Pending, Walker};

impl<'c> Walker<'c> {
    /// The result of the code that is given last, with the receiver as its parameter.
    pub(super) fn transformed(&mut self, draft: &SiteDraft) -> Option<Value> {
        let code = draft.values.last()?.callable.clone();
        let function = self.transformer(&code, true)?;
        let pending = Pending::Function(function);
        if self.trail.pending.contains(&pending) || self.trail.pending.len() >= super::MAX_INFERENCE_DEPTH {
            self.trail.cut = true;
            return None;
        }
        let given = self.kept(draft.receiver.clone());
        self.trail.pending.push(pending);
        let value = self.elsewhere(function, |walker| {
            let given = walker.taken(given);
            let value = walker.given_to(function, given);
            walker.kept(value)
        });
        self.trail.pending.pop();
        Some(self.taken(value))
    }

    /// The one function of a single parameter that the code is.
    fn transformer(&mut self, code: &Callable, follow: bool) -> Option<FnId> {
        match code {
            Callable::Functions(functions) => match functions.as_slice() {
                [only] if self.core.function(*only).params.len() <= 1 => Some(*only),
                _ => None,
            },
            Callable::Object(class) => self.only_method(*class),
            Callable::Property(property) if follow => {
                let code = self.property_value(*property).callable;
                self.transformer(&code, false)
            }
            _ => None,
        }
    }

    fn only_method(&self, class: TypeId) -> Option<FnId> {
        let methods = self.core.symbols.info(class).methods.values().flatten().copied();
        let mut written = methods.filter(|it| {
            let decl = self.core.function(*it);
            decl.body.is_some() && decl.params.len() == 1
        });
        let only = written.next()?;
        written.next().is_none().then_some(only)
    }

    /// Walks the body of the function with this as its parameter.
    fn given_to(&mut self, function: FnId, given: Value) -> Value {
        let decl = self.core.function(function);
        let Some(body) = decl.body else { return Value::default() };
        let name = decl.params.first().map_or(Name::new("it"), |param| param.name);
        self.locals.push(LocalValue { name, value: given });
        let value = self.eval(body, true, None);
        match self.returns.first() {
            Some(returned) if value.object.is_none() => returned.clone(),
            _ => value,
        }
    }
}
