//! Properties of the project: reading, writing, initial values, and the code they hold.

use crate::base::Name;
use crate::facts::{BinaryOp, ExprId, ExprKind, PropertyId};
use crate::signatures::MemberSignature;

use super::super::calls::{Api, SiteKind};
use super::super::ids::PropId;
use super::super::value::{Callable, Reference, Value};
use super::accessors::Access;
use super::draft::SiteDraft;
use super::names::accessor;
use super::{Pending, Walker};

impl<'c> Walker<'c> {
    /// Reads a project property: its getter or lazy delegate runs.
    pub(super) fn read_property(&mut self, id: ExprId, property: PropId, receiver: Option<&Value>) -> Value {
        self.use_of_property(id, property);
        let mut value = self.property_value(property);
        if let Some(receiver) = receiver.and_then(|it| it.ty.as_ref())
            && let Some(owner) = self.owner_of_property(property)
        {
            let bindings = self.core.bindings(receiver, owner);
            value.ty = value.ty.map(|ty| ty.substitute(&bindings));
        }
        value = self.taken(value);
        value.property = Some(property);
        let decl = self.core.property(property);
        let ty = value.ty.as_ref();
        if self.takes_code(ty) || self.keeps_code(ty) || !value.callable.is_none() {
            value.callable = Callable::Property(property);
        }
        let file = self.core.symbols.prop_file(property);
        if let Some(getter) = decl.getter.filter(|_| !value.callable.is_none()) {
            let given = self.function_value(self.core.symbols.fn_id(file, getter)).callable;
            value.callable = given.or(value.callable);
        }
        if self.record.is_none() {
            return value;
        }
        let mut targets = self.own_accessor(property, Access::Read);
        if !self.is_of_super(id) {
            targets.extend(self.overriding_accessors(property, receiver, Access::Read));
        }
        if targets.is_empty() {
            targets = self.core.injected_property(property);
        }
        if targets.is_empty() {
            targets = self.core.located_property(property, value.ty.as_ref());
        }
        let code =
            if targets.is_empty() { self.delegate_code(property, Access::Read) } else { Callable::None };
        if !targets.is_empty() || !code.is_none() {
            let mut draft = SiteDraft::read(id, decl.name, receiver.cloned().unwrap_or_default());
            draft.targets = targets;
            draft.invokes = code;
            draft.result = value.ty.clone();
            self.record(draft);
        }
        value
    }

    pub(super) fn owner_of_property(&self, property: PropId) -> Option<super::super::ids::TypeId> {
        let file = self.core.symbols.prop_file(property);
        self.core.property(property).owner.map(|owner| self.core.symbols.type_id(file, owner))
    }

    pub(super) fn property_init(&mut self, local: PropertyId) {
        let decl = &self.facts[local];
        let property = self.core.symbols.prop_id(self.file, local);
        let declared = decl.ty.as_ref().map(|ty| self.core.resolve_type(self.scope(), ty));
        let value = match (decl.initializer, decl.delegate) {
            (Some(initializer), _) => self.eval(initializer, true, declared.as_ref()),
            (None, Some(delegate)) => self.delegated(delegate, declared.as_ref()),
            (None, None) => return,
        };
        self.hold(property, value.callable);
    }

    /// Notes that a property may hold this code.
    pub(super) fn hold(&mut self, property: PropId, callable: Callable) {
        if callable.is_none() || callable == Callable::Property(property) {
            return;
        }
        if let Some(record) = &mut self.record {
            record.property_values.push((property, callable));
        }
    }

    pub(super) fn assign(
        &mut self,
        id: ExprId,
        target: ExprId,
        op: Option<BinaryOp>,
        value: ExprId,
    ) -> Value {
        let facts = self.facts;
        if let Some(op) = op
            && let Some(before) = self.operand_of_assignment(op, target)
        {
            let given = self.eval(value, true, None);
            self.assigning_operator(id, op, (&before, target), (&given, value));
            return Value::default();
        }
        match &facts[target].kind {
            ExprKind::Name(name) if self.local(*name).is_some() => {
                let expected = self.local(*name).and_then(|local| local.value.ty.clone());
                let keeps = op.is_some() && self.keeps_code(expected.as_ref());
                let value = self.eval(value, true, expected.as_ref());
                if let Some(local) = self.locals.iter_mut().rev().find(|local| local.name == *name) {
                    let ty = local.value.ty.take().or(value.ty.clone());
                    // In a branch it may also stay what it was.
                    let before = std::mem::take(&mut local.value.callable);
                    // `jobs += { … }` adds to a collection.
                    let adds = op == Some(BinaryOp::Add) && keeps;
                    let stays = adds || self.depth > 0;
                    let callable = if stays { before.or(value.callable) } else { value.callable };
                    let mut object = value.object;
                    if let (Some(object), Some(_)) = (&mut object, &local.value.object) {
                        object.sure &= self.depth == 0;
                    }
                    // Which constant it is after branches that assign different ones is not known.
                    let branch = self.depth > 0;
                    let symbol = value.symbol.filter(|symbol| !branch || local.value.symbol == Some(*symbol));
                    let property = value.property.filter(|it| !branch || local.value.property == Some(*it));
                    local.value = Value { ty, constant: None, object, callable, symbol, property, ..value };
                    if op.is_some() && !adds {
                        local.value.callable = Callable::None;
                    }
                }
            }
            ExprKind::Name(name) => {
                if let Some(owner) = self.object_with_setter(*name) {
                    let assigned = self.eval(value, true, None);
                    self.track_assignment(target, &owner, *name, (&assigned, value));
                    self.write_library(target, Some(owner), *name, assigned);
                    return Value::default();
                }
                let receiver = self.receiver_with_property(*name);
                let target_value = match &receiver {
                    Some((property, _)) => self.property_value(*property),
                    None => Value::default(),
                };
                if let (Some(_), Some((property, receiver))) = (op, &receiver) {
                    self.read_property(id, *property, Some(receiver));
                }
                let value = self.eval(value, true, target_value.ty.as_ref());
                match receiver {
                    Some((property, receiver)) => {
                        self.write_property(target, property, Some(receiver), value)
                    }
                    None => self.write_library(target, None, *name, value),
                }
            }
            ExprKind::Member { receiver, name, .. } => {
                let owner = self.eval(*receiver, true, None);
                let class = match owner.reference {
                    Some(Reference::Class(class)) => Some(class),
                    _ => owner.class(),
                };
                let own = match facts[*receiver].kind {
                    ExprKind::Super(_) => self.super_property(*name),
                    _ => class.and_then(|class| self.core.property_named(class, *name)),
                };
                let property = own.or_else(|| self.extension_property_of(owner.ty.as_ref()?, *name));
                let expected = property.and_then(|property| self.property_value(property).ty);
                if let (Some(_), Some(property)) = (op, property) {
                    self.read_property(id, property, Some(&owner));
                }
                let assigned = self.eval(value, true, expected.as_ref());
                match property {
                    Some(property) => self.write_property(target, property, Some(owner), assigned),
                    None => {
                        self.track_assignment(target, &owner, *name, (&assigned, value));
                        self.write_library(target, Some(owner), *name, assigned);
                    }
                }
            }
            ExprKind::Index { receiver, args } if args.len() == 1 && op.is_none() => {
                self.put_at(id, (*receiver, args[0]), value);
            }
            _ => {
                self.eval(target, true, None);
                self.eval(value, true, None);
            }
        }
        Value::default()
    }

    /// The followed object of a library that a bare name assigns to: `Intent(…).apply { action = … }`.
    fn object_with_setter(&self, name: Name) -> Option<Value> {
        let receiver = self.receivers.last().filter(|receiver| !receiver.is_class)?;
        let class = receiver.value.class().filter(|_| receiver.value.object.is_some())?;
        let setter = self.core.library_members(class, &accessor("set", &name), |_| true);
        setter.or_else(|| self.core.library_members(class, &name, MemberSignature::is_property))?;
        Some(receiver.value.clone())
    }

    pub(super) fn receiver_with_property(&mut self, name: Name) -> Option<(PropId, Value)> {
        for receiver in self.receivers.iter().rev() {
            let Some(class) = receiver.value.class() else { continue };
            let own = self.core.property_named(class, name);
            let found = own
                .or_else(|| {
                    let companions = self.core.companions(class);
                    companions
                        .into_iter()
                        .find_map(|it| self.core.symbols.info(it).properties.get(&name).copied())
                })
                .or_else(|| self.extension_property_of(receiver.value.ty.as_ref()?, name));
            if let Some(property) = found {
                return Some((property, receiver.value.clone()));
            }
        }
        let property = self.visible_properties(name).into_iter().next()?;
        Some((property, Value::default()))
    }

    pub(super) fn write_property(
        &mut self,
        id: ExprId,
        property: PropId,
        receiver: Option<Value>,
        value: Value,
    ) {
        self.hold(property, value.callable.clone());
        if let (Some(object), true) = (&value.object, self.record.is_some()) {
            let object = self.snapshot(object);
            if let Some(record) = &mut self.record {
                record.property_objects.push((property, object));
            }
        }
        let mut targets = self.own_accessor(property, Access::Write);
        if !self.is_of_super(id) {
            targets.extend(self.overriding_accessors(property, receiver.as_ref(), Access::Write));
        }
        let name = self.core.property(property).name;
        let mut draft = SiteDraft::read(id, name, receiver.unwrap_or_default());
        draft.kind = SiteKind::Write;
        draft.targets = targets;
        if draft.targets.is_empty() {
            draft.invokes = self.delegate_code(property, Access::Write);
        }
        if !draft.targets.is_empty() || !draft.invokes.is_none() {
            self.record(draft);
        }
    }

    /// `prefs.count++` reads, which is recorded already, and writes.
    pub(super) fn step_property(&mut self, id: ExprId, operand: ExprId, value: &Value) {
        let facts = self.facts;
        let receiver = match &facts[operand].kind {
            ExprKind::Name(name) => self.receiver_with_property(*name).map(|(_, receiver)| receiver),
            ExprKind::Member { receiver, .. } => {
                let record = self.record.take();
                let receiver = self.eval(*receiver, true, None);
                self.record = record;
                Some(receiver)
            }
            _ => return,
        };
        if let Some(property) = value.property {
            self.write_property(id, property, receiver, Value::maybe(value.ty.clone()));
        }
    }

    /// `view.listener = { }` on a library class, or a project class with a Java-style setter.
    fn write_library(&mut self, id: ExprId, receiver: Option<Value>, name: Name, value: Value) {
        let setter = self.extended_setter(name).unwrap_or_else(|| accessor("set", &name));
        let receivers: Vec<Value> = match receiver {
            Some(receiver) => vec![receiver],
            None => self.receivers.iter().rev().map(|receiver| receiver.value.clone()).collect(),
        };
        for receiver in receivers {
            let Some(class) = receiver.class() else { continue };
            let method = self.core.all_methods_named(class, setter).into_iter().next();
            let known = self.core.nearest(class, |class| {
                (!self.core.catalog.set_by(class, setter).is_empty()
                    || !self.core.catalog.dispatches(class, setter).is_empty())
                .then_some(class)
            });
            let is_setter = |it: &MemberSignature| !it.is_property() && it.params.len() == 1;
            let known = known
                .or_else(|| self.core.library_members(class, &setter, is_setter).is_some().then_some(class));
            if method.is_none() && known.is_none() {
                continue;
            }
            let mut draft = SiteDraft::read(id, setter, receiver);
            draft.kind = SiteKind::Write;
            draft.values = vec![value];
            draft.api = known.map(|_| Api { class, member: setter, is_static: false });
            if let Some(method) = method {
                draft.targets = self.core.dispatch_targets(method, Some(class), false);
                draft.declared = Some(method);
            }
            self.record(draft);
            return;
        }
    }

    /// The setter behind an extension property of a library: `view.isVisible = false`.
    /// Source: developer.android.com/reference/kotlin/androidx/core/view/package-summary
    fn extended_setter(&self, name: Name) -> Option<Name> {
        let visibility = matches!(name.as_str(), "isVisible" | "isGone" | "isInvisible");
        let paths = self.core.imports[self.file.0 as usize].named.get(&name).filter(|_| visibility)?;
        paths.iter().any(|path| path.qualifier() == "androidx.core.view").then(|| Name::new("setVisibility"))
    }

    /// The value of a property, from its type, initialiser, delegate or getter, wherever it is declared.
    pub(super) fn property_value(&mut self, property: PropId) -> Value {
        if let Some(known) = self.core.properties[property.index()].get() {
            return known.clone();
        }
        let pending = Pending::Property(property);
        if self.trail.pending.contains(&pending) || self.trail.pending.len() >= super::MAX_INFERENCE_DEPTH {
            self.trail.cut = true;
            return self.declared_property(property);
        }
        let outer_cut = std::mem::take(&mut self.trail.cut);
        self.trail.pending.push(pending);
        let value = self.infer_property(property);
        self.trail.pending.pop();
        if !self.trail.cut || self.trail.pending.is_empty() {
            let _ = self.core.properties[property.index()].set(value.clone());
        }
        self.trail.cut |= outer_cut;
        value
    }
}
