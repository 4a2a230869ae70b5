//! What runs without being written: with the first use of a class the initialisers of objects, companions and files, and
//! Java's static ones; `close()` at the end of what uses a resource.
//!
//! Source: docs.oracle.com/javase/specs/jls/se21/html/jls-12.html#jls-12.4, kotlinlang.org/docs/object-declarations.html

use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, FunctionKind, Modifiers, TypeKind};
use crate::findings::{Confidence, FileId};

use super::super::calls::{SiteKind, Target};
use super::super::core::Core;
use super::super::ids::{FnId, PropId, TypeId};
use super::super::value::{Callable, Reference, Value};
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// An object named as a value is made if it is not there yet.
    pub(super) fn use_of_object(&mut self, expr: ExprId, value: &Value) {
        if self.record.is_some()
            && let Some(Reference::Class(_)) = value.reference
            && let Callable::Object(object) = value.callable
        {
            self.use_of_type(expr, object);
        }
    }

    /// A property that is no constant is read.
    pub(super) fn use_of_property(&mut self, expr: ExprId, property: PropId) {
        if self.record.is_none() || self.core.is_literal(property) {
            return;
        }
        let file = self.core.symbols.prop_file(property);
        let decl = self.core.property(property);
        match decl.owner.map(|owner| self.core.symbols.type_id(file, owner)) {
            Some(owner) if decl.modifiers.contains(Modifiers::STATIC) || self.core.is_single(owner) => {
                self.use_of_type(expr, owner);
            }
            Some(_) => {}
            None => self.use_of_file(expr, file),
        }
    }

    /// A function is called, or a class created.
    pub(super) fn use_by_call(&mut self, draft: &SiteDraft) {
        if self.record.is_none() {
            return;
        }
        if let Some(class) = draft.created.and_then(|class| self.core.symbols.type_named(class)) {
            return self.use_of_type(draft.expr, class);
        }
        let Some(declared) = draft.declared else { return };
        let decl = self.core.function(declared);
        match self.core.owner_of(declared) {
            Some(owner) if decl.modifiers.contains(Modifiers::STATIC) || self.core.is_single(owner) => {
                self.use_of_type(draft.expr, owner);
            }
            Some(_) => {}
            None if decl.kind == FunctionKind::Function && decl.parent.is_none() => {
                self.use_of_file(draft.expr, self.core.symbols.fn_file(declared));
            }
            None => {}
        }
    }

    fn use_of_file(&mut self, expr: ExprId, file: FileId) {
        // What stands at the top of a file has run its initialisers before; its classes have not.
        let known = file == self.file && self.owner.is_none();
        if !known
            && let Some(run) = self.core.symbols.file_initializer(file).filter(|it| self.core.computes(*it))
        {
            self.may_initialize(expr, self.core.function(run).name, &[run]);
        }
    }

    fn use_of_type(&mut self, expr: ExprId, ty: TypeId) {
        let companion = self.core.symbols.info(ty).kind == TypeKind::Companion;
        let class = self.core.symbols.info(ty).owner.filter(|_| companion).unwrap_or(ty);
        // In its own code the class has been used before.
        let mut around = self.owner;
        while let Some(owner) = around {
            if owner == class || owner == ty {
                return;
            }
            around = self.core.symbols.info(owner).owner;
        }
        let run = self.core.first_use(class);
        self.may_initialize(expr, self.core.symbols.info(class).qualified, &run);
    }

    /// A resource of a class of the project ends here.
    pub(super) fn closes(&mut self, expr: ExprId, resource: Option<&Value>) {
        let Some(class) = resource.and_then(Value::class).filter(|_| self.record.is_some()) else { return };
        let name = Name::new("close");
        let methods = self.core.all_methods_named(class, name);
        let Some(close) = methods.into_iter().find(|it| self.core.function(*it).params.is_empty()) else {
            return;
        };
        let targets = self.core.dispatch_targets(close, Some(class), false);
        let draft = SiteDraft::new(expr, name, resource.cloned().unwrap_or_default());
        self.record(SiteDraft { kind: SiteKind::Close, targets, declared: Some(close), ..draft });
    }

    /// The initialisers run here unless something else came first: likely, not certain.
    fn may_initialize(&mut self, expr: ExprId, name: Name, run: &[FnId]) {
        let function = self.function;
        let Some(record) = &mut self.record else { return };
        let first = |run: &&FnId| record.first_uses.insert((function, **run));
        let targets: SmallVec<[Target; 1]> = run
            .iter()
            .filter(first)
            .map(|run| Target { function: *run, certainty: Confidence::Medium })
            .collect();
        if targets.is_empty() {
            return;
        }
        let draft = SiteDraft::new(expr, Name::new(name.last()), Value::default());
        self.record(SiteDraft { kind: SiteKind::FirstUse, targets, ..draft });
    }
}

impl Core {
    /// Is there one instance of the type, made at its first use?
    fn is_single(&self, ty: TypeId) -> bool {
        matches!(self.symbols.info(ty).kind, TypeKind::Object | TypeKind::Companion)
    }

    /// What the first use of a class runs, its superclasses first used with it.
    fn first_use(&self, class: TypeId) -> SmallVec<[FnId; 2]> {
        let mut run = SmallVec::new();
        let object = self.symbols.info(class).kind == TypeKind::Object;
        for ancestor in &self.lineage(self.symbols.info(class).qualified).all {
            for id in self.symbols.types_by_name.get(ancestor).into_iter().flatten() {
                let info = self.symbols.info(*id);
                // An interface is not used by what implements it.
                if info.kind == TypeKind::Interface && *id != class {
                    continue;
                }
                let companion = info.companion.and_then(|it| self.symbols.info(it).initializer);
                let own = info.initializer.filter(|_| object);
                run.extend(info.static_initializer.into_iter().chain(companion).chain(own));
            }
        }
        run.retain(|it| self.computes(*it));
        run
    }

    /// Does an initialiser do more than set constants?
    fn computes(&self, initializer: FnId) -> bool {
        let file = self.symbols.fn_file(initializer);
        let facts = self.facts(file);
        let Some(body) = self.function(initializer).body else { return false };
        let ExprKind::Block(items) = &facts[body].kind else { return true };
        items.iter().any(|item| match facts[*item].kind {
            ExprKind::PropertyInit(property) => !self.is_literal(self.symbols.prop_id(file, property)),
            _ => true,
        })
    }

    /// Has the property a literal for its value, so that no code sets it?
    fn is_literal(&self, property: PropId) -> bool {
        let decl = self.property(property);
        let facts = self.facts(self.symbols.prop_file(property));
        decl.delegate.is_none()
            && decl.initializer.is_some_and(|it| matches!(facts[it].kind, ExprKind::Literal(_)))
    }
}
