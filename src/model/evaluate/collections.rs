//! Code kept in collections: what is put in may be what is taken out.

use crate::base::Name;
use crate::facts::{BinaryOp, ExprId, ExprKind};

use super::super::calls::SiteKind;
use super::super::ty::Type;
use super::super::value::{Callable, Value};
use super::Walker;
use super::draft::SiteDraft;

/// Functions whose arguments become elements of what they return.
const MAKERS: [&str; 22] = [
    "listOf",
    "listOfNotNull",
    "mutableListOf",
    "arrayListOf",
    "setOf",
    "mutableSetOf",
    "hashSetOf",
    "linkedSetOf",
    "mapOf",
    "mutableMapOf",
    "hashMapOf",
    "linkedMapOf",
    "arrayOf",
    "sequenceOf",
    "to",
    "plus",
    "of",
    "ofEntries",
    "entry",
    "asList",
    "singletonList",
    "<init>",
];

/// Functions whose arguments become elements of their receiver.
const ADDERS: [&str; 15] = [
    "add",
    "addAll",
    "addFirst",
    "addLast",
    "addElement",
    "put",
    "putAll",
    "putIfAbsent",
    "set",
    "plusAssign",
    "offer",
    "push",
    "append",
    "getOrPut",
    "computeIfAbsent",
];

impl<'c> Walker<'c> {
    /// Is it a collection or the like with code as elements? Interfaces of the project are followed by their types.
    pub(super) fn keeps_code(&self, ty: Option<&Type>) -> bool {
        const KEEPERS: [&str; 10] = [
            "java.lang.Iterable",
            "java.util.Iterator",
            "java.util.Map",
            "java.util.Map.Entry",
            "kotlin.sequences.Sequence",
            "kotlin.Array",
            "kotlin.Pair",
            "kotlin.Triple",
            "android.util.SparseArray",
            "java.util.Optional",
        ];
        let Some(ty) = ty.and_then(Type::upper) else { return false };
        let code = |arg: &Type| self.keeps_code(Some(arg)) || self.is_library_code(arg);
        !ty.args.is_empty()
            && !ty.is_function()
            && KEEPERS.iter().any(|keeper| self.core.inherits(ty.class, keeper))
            && ty.args.iter().any(code)
    }

    fn is_library_code(&self, ty: &Type) -> bool {
        self.takes_code(Some(ty))
            && ty.upper().is_some_and(|ty| self.core.symbols.type_named(ty.class).is_none())
    }

    /// The code that the result of a library call holds: as a collection made of its arguments or of its receiver's
    /// elements, or as one of these elements.
    pub(super) fn kept_code(&self, draft: &SiteDraft, result: &Value) -> Callable {
        let keeps = self.keeps_code(result.ty.as_ref());
        let mut code = Value::default();
        if keeps && MAKERS.contains(&draft.name.as_str()) {
            for value in &draft.values {
                code = code.join(Value { callable: value.callable.clone(), ..Value::default() });
            }
        }
        let taken = self.taken_out(&draft.receiver, result.ty.as_ref());
        code.join(Value { callable: taken, ..Value::default() }).callable
    }

    /// The code in what is taken out of a collection: an element, or some of them.
    pub(super) fn taken_out(&self, collection: &Value, ty: Option<&Type>) -> Callable {
        let element = self.keeps_code(ty) || ty.is_some_and(|ty| self.is_library_code(ty));
        match element && self.keeps_code(collection.ty.as_ref()) {
            true => collection.callable.clone(),
            false => Callable::None,
        }
    }

    /// `jobs.forEach(Runnable::run)`: the elements run.
    pub(super) fn elements_run(&self, draft: &mut SiteDraft, at: usize) {
        let ExprKind::FunctionRef { receiver: Some(_), name } = self.facts[draft.args[at].value].kind else {
            return;
        };
        let runs = ["run", "call", "get", "invoke", "accept", "apply", "execute"].contains(&name.as_str());
        if runs && draft.values[at].callable.is_none() && self.keeps_code(draft.receiver.ty.as_ref()) {
            draft.values[at].callable = draft.receiver.callable.clone();
        }
    }

    /// `jobs.add { … }`: the property or local holds it from now on.
    pub(super) fn put_code(&mut self, draft: &SiteDraft) {
        if !ADDERS.contains(&draft.name.as_str()) || !self.keeps_code(draft.receiver.ty.as_ref()) {
            return;
        }
        for value in &draft.values {
            self.put(draft.receiver_expr, &draft.receiver, &value.callable);
        }
    }

    /// `jobs["a"] = { … }`, or `set` of a class of the project.
    pub(super) fn put_at(&mut self, id: ExprId, (collection, index): (ExprId, ExprId), value: ExprId) {
        let receiver = self.eval(collection, true, None);
        let at = self.eval(index, true, None);
        let element = receiver.ty.as_ref().and_then(|ty| ty.args.last().cloned());
        let value = self.eval(value, true, element.as_ref());
        if self.keeps_code(receiver.ty.as_ref()) {
            self.put(Some(collection), &receiver, &value.callable);
        }
        let set = Name::new("set");
        let Some(class) = receiver.class() else { return };
        if let Some(method) = self.core.all_methods_named(class, set).into_iter().next() {
            let mut draft = SiteDraft::read(id, set, receiver);
            draft.kind = SiteKind::Call;
            draft.targets = self.core.dispatch_targets(method, Some(class), false);
            draft.declared = Some(method);
            draft.values = vec![at, value];
            self.record(draft);
        }
    }

    fn put(&mut self, receiver: Option<ExprId>, collection: &Value, code: &Callable) {
        if code.is_none() {
            return;
        }
        if let Some(property) = collection.property {
            self.hold(property, code.clone());
            return;
        }
        let Some(name) = receiver.and_then(|id| self.outermost(id)) else { return };
        if let Some(local) = self.locals.iter_mut().rev().find(|local| local.name == name) {
            let held = Value { callable: code.clone(), ..Value::default() };
            let before = Value { callable: local.value.callable.clone(), ..Value::default() };
            local.value.callable = before.join(held).callable;
        } else if let Some((property, _)) = self.receiver_with_property(name) {
            self.hold(property, code.clone());
        }
    }

    /// The name of the collection that a collection is an element of: `jobs` of `jobs.getOrPut(key) { mutableListOf() }`.
    fn outermost(&self, collection: ExprId) -> Option<Name> {
        const MAX_NESTED: u8 = 4;
        let mut at = collection;
        for _ in 0..MAX_NESTED {
            at = match &self.facts[at].kind {
                ExprKind::Name(name) => return Some(*name),
                ExprKind::Call(call) => call.receiver?,
                ExprKind::Index { receiver, .. } => *receiver,
                ExprKind::NotNull(inner) => *inner,
                ExprKind::Binary { op: BinaryOp::Elvis, left, .. } => *left,
                _ => return None,
            };
        }
        None
    }
}
