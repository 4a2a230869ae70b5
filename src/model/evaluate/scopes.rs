//! Classes that are coroutine scopes themselves.

use crate::base::Name;
use crate::facts::ExprId;

use super::super::ids::TypeId;
use super::super::value::ThreadValue;
use super::{MAX_INFERENCE_DEPTH, Pending, Walker};

const SCOPE: &str = "kotlinx.coroutines.CoroutineScope";

impl Walker<'_> {
    /// Of a class that is a coroutine scope itself, the thread of its context.
    pub(super) fn own_scope(&mut self, class: TypeId) -> Option<ThreadValue> {
        let name = self.core.symbols.info(class).qualified;
        if !self.core.inherits(name, SCOPE) {
            return None;
        }
        if let Some(context) = self.core.property_named(name, Name::new("coroutineContext")) {
            return self.property_value(context).thread;
        }
        let (class, delegate) = self.scope_delegate(class)?;
        let pending = Pending::Scope(class);
        if self.trail.pending.contains(&pending) || self.trail.pending.len() >= MAX_INFERENCE_DEPTH {
            self.trail.cut = true;
            return None;
        }
        self.trail.pending.push(pending);
        let file = self.core.symbols.info(class).file;
        let thread = self.in_class(file, Some(class), |walker| walker.eval(delegate, true, None).thread);
        self.trail.pending.pop();
        thread
    }

    /// `class Screen : CoroutineScope by MainScope()`, or what a class extends that says so.
    fn scope_delegate(&self, class: TypeId) -> Option<(TypeId, ExprId)> {
        let name = self.core.symbols.info(class).qualified;
        self.core.lineage(name).project.iter().find_map(|class| {
            let resolved = &self.core.symbols.info(*class).supertypes;
            let written = self.core.type_decl(*class).supertypes.iter().zip(resolved);
            let mut delegates = written.filter_map(|(it, ty)| Some((it.delegate?, ty.class)));
            let (delegate, _) = delegates.find(|(_, of)| self.core.inherits(*of, SCOPE))?;
            Some((*class, delegate))
        })
    }
}
