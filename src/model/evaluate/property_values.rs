//! Values of properties, by their initialisers, getters, delegates and overriding properties.

use crate::facts::{ExprId, ExprKind, Literal, Modifiers};

use super::super::ids::{FnId, PropId};
use super::super::scope::TypeScope;
use super::super::ty::Type;
use super::super::value::{Object, Source, ThreadTarget, ThreadValue, Value};
use super::Walker;
use super::results::kept;

impl<'c> Walker<'c> {
    /// What a property's declaration says of its value.
    pub(super) fn infer_property(&mut self, property: PropId) -> Value {
        let declared = self.declared_property(property);
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        let facts = self.core.facts(file);
        let fixed = !decl.modifiers.contains(Modifiers::MUTABLE);
        let worth = match declared.ty.as_ref() {
            None => true,
            Some(ty) => {
                self.worth_following(ty, fixed)
                    || ty.is_unresolved()
                    || fixed && self.has_implementations(ty) && !self.is_overridden(property)
            }
        };
        let mut exact = false;
        let initializer = if worth { decl.initializer.or(decl.delegate) } else { None };
        let mut value = match initializer {
            Some(expr) => {
                let owner = self.owner_of_property(property);
                let is_delegate = decl.initializer.is_none();
                self.in_class(file, owner, |walker| {
                    let expected = declared.ty.clone();
                    let value = if is_delegate {
                        walker.delegated(expr, expected.as_ref())
                    } else {
                        walker.eval(expr, true, expected.as_ref())
                    };
                    exact = fixed
                        && !is_delegate
                        && expected.is_some_and(|declared| walker.makes(expr, &value, &declared));
                    walker.kept(value)
                })
            }
            None => Value::default(),
        };
        if let Some(ty) = declared.ty.clone().filter(|ty| value.ty.is_none() || !ty.is_unresolved() && !exact)
        {
            value.ty = Some(ty);
        }
        if !fixed {
            value.constant = None;
            value.flags = None;
            value.source = Source::Unknown;
            value.object = None;
            value.symbol = None;
        }
        let followed = |value: &Value| value.class().is_some_and(|class| self.object_kind(class).is_some());
        if let Some(getter) = decl.getter.filter(|_| value.ty.is_none() || followed(&value)) {
            let getter = self.core.symbols.fn_id(file, getter);
            let result = self.function_value(getter);
            value = Value {
                ty: value.ty.or(result.ty),
                thread: result.thread,
                constant: result.constant,
                object: result.object,
                ..value
            };
        } else if let Some(getter) = decl.getter.filter(|_| worth && value.thread.is_none()) {
            // `override val coroutineContext: CoroutineContext get() = job + Dispatchers.Main`
            value.thread = self.function_value(self.core.symbols.fn_id(file, getter)).thread;
        } else if value.object.is_none() && fixed && initializer.is_none() && followed(&value) {
            value.object = self.implemented_property(property, &value);
        }
        value.reference = None;
        let annotations =
            if decl.constructor_parameter { self.parameter_annotations(property) } else { Vec::new() };
        let all: Vec<_> = decl.annotations.iter().cloned().chain(annotations).collect();
        let owner_file = std::mem::replace(&mut self.file, file);
        let own_facts = std::mem::replace(&mut self.facts, facts);
        let mut value = self.injected(value, &all, decl.name);
        self.file = owner_file;
        self.facts = own_facts;
        if value.thread.is_none_or(|thread| thread.target == ThreadTarget::Unknown || thread.likely) {
            value.thread = self.assigned_thread(property, &value).or(value.thread);
            let given = match decl.constructor_parameter {
                true => self.constructor_parameter(property),
                false => self.handed_parameter(property, &value),
            };
            if let Some((constructor, index)) = given {
                self.given_thread(constructor, index, &mut value);
            }
        }
        value.constant = value.constant.filter(|constant| self.holds_everywhere(property, *constant));
        self.unless_overridden(property, &mut value);
        value
    }

    /// A property that subclasses override stands for the thread that all of them agree on, if they do.
    fn unless_overridden(&mut self, property: PropId, value: &mut Value) {
        let Some(thread) = value.thread else { return };
        let overriding = self.overriding(property);
        if overriding.is_empty() {
            return;
        }
        let decl = self.core.property(property);
        let own = (decl.initializer.is_some() || decl.getter.is_some()).then_some(thread.target);
        let others = overriding.into_iter().map(|it| self.property_value(it).thread.map(|it| it.target));
        let mut all: Vec<Option<ThreadTarget>> = others.collect();
        all.extend(own.map(Some));
        let agreed = all.first().copied().flatten().filter(|first| all.iter().all(|it| *it == Some(*first)));
        // Of an abstract one the name may tell what its implementations do not.
        let target = agreed.unwrap_or(if own.is_some() { ThreadTarget::Unknown } else { thread.target });
        value.thread = Some(ThreadValue { target, ..thread });
    }

    fn is_overridden(&self, property: PropId) -> bool {
        !self.overriding(property).is_empty()
    }

    /// Properties of subclasses that override this one.
    fn overriding(&self, property: PropId) -> Vec<PropId> {
        let decl = self.core.property(property);
        let Some(owner) = self.owner_of_property(property) else { return Vec::new() };
        if decl.modifiers.intersects(Modifiers::FINAL | Modifiers::PRIVATE | Modifiers::STATIC) {
            return Vec::new();
        }
        let own = |class| self.core.symbols.info(class).properties.get(&decl.name).copied();
        self.core.all_subtypes(owner).into_iter().filter_map(own).filter(|own| *own != property).collect()
    }

    /// Is it a class or interface of the project that others extend?
    fn has_implementations(&self, ty: &Type) -> bool {
        let class = ty.upper().and_then(|ty| self.core.symbols.type_named(ty.class));
        class.is_some_and(|class| self.core.subtypes.contains_key(&class))
    }

    /// What overriding properties hold, for one without a value of its own.
    fn implemented_property(&mut self, property: PropId, value: &Value) -> Option<Object> {
        let name = self.core.property(property).name;
        let subtypes = self.core.all_subtypes(self.owner_of_property(property)?);
        let of = |class| self.core.symbols.info(class).properties.get(&name).copied();
        let overriding: Vec<PropId> = subtypes.into_iter().filter_map(of).collect();
        let objects = overriding.into_iter().filter_map(|it| kept(self.property_value(it).object)).collect();
        self.either(value.class()?, objects)
    }

    /// `handler = Handler(Looper.getMainLooper())` in some function of the class: what all calls that the property is
    /// assigned agree on.
    fn assigned_thread(&mut self, property: PropId, value: &Value) -> Option<ThreadValue> {
        let decl = self.core.property(property);
        let class = value.class()?;
        if decl.initializer.is_some_and(|it| !self.is_null(property, it)) || !self.is_thread_like(class) {
            return None;
        }
        let file = self.core.symbols.prop_file(property);
        let owner = self.owner_of_property(property)?;
        let within = self.core.type_decl(owner).span;
        let facts = self.core.facts(file);
        let calls = self.core.assigned_calls(file, decl.name);
        let mut agreed: Option<ThreadValue> = None;
        for call in calls.filter(|call| within.contains(facts[*call].span)) {
            let thread = self.in_class(file, Some(owner), |walker| walker.eval(call, true, None).thread)?;
            if agreed.is_some_and(|other| other.target != thread.target) {
                return None;
            }
            agreed = Some(thread);
        }
        agreed
    }

    /// The parameter of the primary constructor that a property is.
    fn constructor_parameter(&self, property: PropId) -> Option<(FnId, u16)> {
        let name = self.core.property(property).name;
        let constructors = &self.core.symbols.info(self.owner_of_property(property)?).constructors;
        constructors.iter().find_map(|id| {
            let at = self.core.function(*id).params.iter().position(|param| param.name == name)?;
            Some((*id, u16::try_from(at).ok()?))
        })
    }

    /// `this.handler = handler` in a constructor and nowhere else: the parameter that a field is.
    fn handed_parameter(&self, property: PropId, value: &Value) -> Option<(FnId, u16)> {
        let decl = self.core.property(property);
        let thread = value.class().is_some_and(|class| self.is_thread_like(class));
        if !thread || decl.initializer.is_some_and(|it| !self.is_null(property, it)) {
            return None;
        }
        let file = self.core.symbols.prop_file(property);
        let owner = self.owner_of_property(property)?;
        let facts = self.core.facts(file);
        let within = self.core.type_decl(owner).span;
        let assigned = facts.exprs.iter().filter(|expr| within.contains(expr.span)).filter_map(|expr| {
            let ExprKind::Assign { target, value, .. } = expr.kind else { return None };
            let named = match &facts[target].kind {
                ExprKind::Name(name) | ExprKind::Member { name, .. } => *name == decl.name,
                _ => false,
            };
            named.then_some((expr.span, value))
        });
        let mut assigned = assigned.fuse();
        let (Some((place, given)), None) = (assigned.next(), assigned.next()) else { return None };
        let ExprKind::Name(name) = facts[given].kind else { return None };
        let constructors = &self.core.symbols.info(owner).constructors;
        let around = |id: &FnId| self.core.function(*id).span.contains(place);
        let constructor = constructors.iter().copied().find(around)?;
        let at = self.core.function(constructor).params.iter().position(|param| param.name == name)?;
        Some((constructor, u16::try_from(at).ok()?))
    }

    fn is_null(&self, property: PropId, initializer: ExprId) -> bool {
        let facts = self.core.facts(self.core.symbols.prop_file(property));
        matches!(facts[initializer].kind, ExprKind::Literal(Literal::Null))
    }

    /// Annotations of the constructor parameter a property comes from.
    fn parameter_annotations(&self, property: PropId) -> Vec<crate::facts::Annotation> {
        let name = self.core.property(property).name;
        let Some(owner) = self.owner_of_property(property) else { return Vec::new() };
        let constructors = &self.core.symbols.info(owner).constructors;
        let params = constructors.iter().flat_map(|id| &self.core.function(*id).params);
        params
            .filter(|param| param.name == name)
            .flat_map(|param| param.annotations.iter().cloned())
            .collect()
    }

    /// Runs in the body of a class (or at top level) of some file.
    pub(super) fn in_class<T>(
        &mut self,
        file: crate::findings::FileId,
        owner: Option<super::super::ids::TypeId>,
        run: impl FnOnce(&mut Walker<'c>) -> T,
    ) -> T {
        let facts = self.core.facts(file);
        let members = if file == self.file {
            std::rc::Rc::clone(&self.members)
        } else {
            std::rc::Rc::new(super::members_of_types(facts))
        };
        let mut other = Walker {
            core: self.core,
            file,
            facts,
            function: self.function,
            owner,
            locals: Vec::new(),
            receivers: Vec::new(),
            record: None,
            trail: std::mem::take(&mut self.trail),
            heap: super::objects::Heap::default(),
            depth: 0,
            composing: false,
            describing: false,
            unreached: false,
            settled: None,
            returns: Vec::new(),
            promised: None,
            members,
        };
        other.receivers = other.class_receivers(owner);
        if let Some(owner) = owner {
            let local = self.core.symbols.info(owner).local;
            // Its own scope, so that type parameters of the function asking do not leak in.
            if let Some(initializer) = self.core.symbols.info(owner).initializer {
                other.function = initializer;
            }
            other.primary_parameters(local);
        }
        let result = run(&mut other);
        self.trail = other.trail;
        result
    }
}

impl<'c> Walker<'c> {
    /// Declared type and nothing else, for a property whose value is being inferred already.
    pub(super) fn declared_property(&self, property: PropId) -> Value {
        let decl = self.core.property(property);
        let file = self.core.symbols.prop_file(property);
        let scope = TypeScope { file, owner: self.owner_of_property(property), function: None };
        Value::maybe(decl.ty.as_ref().map(|ty| self.core.resolve_type(scope, ty)))
    }
}
