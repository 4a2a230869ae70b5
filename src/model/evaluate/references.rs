//! References to functions of libraries that are run in place: `files.forEach(File::delete)`.

use crate::facts::{ExprId, ExprKind};

use super::super::ty::Type;
use super::super::value::{Reference, Value};
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// Records the call that an argument like `File::delete` is, where the callee makes it before it returns. References to
    /// the project's own functions are code that the callee is given, like lambdas.
    /// The value is what it gives, if that is known.
    pub(super) fn reference_runs(&mut self, draft: &SiteDraft, at: usize) -> Option<Value> {
        let value = draft.args[at].value;
        let ExprKind::FunctionRef { receiver, name } = self.facts[value].kind else { return None };
        let own = draft.values[at].ty.as_ref().filter(|ty| ty.is_function()).and_then(Type::result);
        if own.is_some() || !draft.values[at].callable.is_none() || name == "<init>" {
            return own.cloned().map(Value::typed);
        }
        let expectation = self.expectation(draft, at);
        if !expectation.in_place {
            return None;
        }
        let mut call = SiteDraft::new(value, name, Value::default());
        call.used = expectation.used;
        call.values = expectation.params;
        match receiver {
            Some(receiver) => self.referred(&mut call, receiver),
            None => {
                self.library_function(&mut call);
            }
        }
        call.api.is_some().then(|| self.finish(call, None))
    }

    /// A reference to a function of the project stands for the interface that a library asks for: `map.getMapAsync(this::ready)`.
    pub(super) fn reference_stands_for(&mut self, draft: &mut SiteDraft, at: usize) {
        let reference = matches!(self.facts[draft.args[at].value].kind, ExprKind::FunctionRef { .. });
        if !reference
            || draft.api.is_none()
            || draft.declared.is_some()
            || draft.values[at].callable.is_none()
        {
            return;
        }
        if let Some(sam) = self.expectation(draft, at).sam {
            draft.values[at].ty = Some(sam);
        }
    }

    fn referred(&mut self, call: &mut SiteDraft, receiver: ExprId) {
        // Anything else was evaluated, and its calls recorded, already.
        if !matches!(
            self.facts[receiver].kind,
            ExprKind::Name(_) | ExprKind::Member { .. } | ExprKind::This(_)
        ) {
            return;
        }
        let on = self.eval(receiver, true, None);
        let Some(Reference::Class(class)) = on.reference.filter(|_| on.ty.is_none()) else {
            call.receiver_expr = Some(receiver);
            return self.resolve_on(call, on, false);
        };
        // `File::delete` gets its file as first argument, `Files::delete` is static.
        let first = call.values.first().and_then(|value| value.ty.as_ref()).and_then(Type::upper);
        let instance = first.is_some_and(|ty| self.core.inherits(ty.class, &class));
        if instance {
            let given = call.values.remove(0);
            call.receiver_expr = Some(receiver);
            return self.resolve_on(call, given, false);
        }
        self.resolve_on(call, on, false);
    }
}
