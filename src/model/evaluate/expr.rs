//! Evaluation of each kind of expression and statement.

use crate::base::Name;
use crate::facts::{
    BinaryOp, ExprId, ExprKind, Literal, Local, Loop, LoopKind, Try, TypeDeclId, TypeRef, UnaryOp,
};

use super::super::objects::Origin;
use super::super::ty::Type;
use super::super::value::{Callable, Const, Value};
use super::{LocalValue, Walker, reach};

impl<'c> Walker<'c> {
    /// Evaluates an expression; `used` says whether its value matters to the code, `expected` its type if known.
    pub(super) fn eval(&mut self, id: ExprId, used: bool, expected: Option<&Type>) -> Value {
        let facts = self.facts;
        let expr = &facts[id];
        match &expr.kind {
            ExprKind::Missing(parts) => {
                for part in parts {
                    self.eval(*part, true, None);
                }
                Value::default()
            }
            ExprKind::Literal(literal) => literal_value(literal),
            ExprKind::Template(parts) => {
                let values: Vec<Value> = parts.iter().map(|part| self.eval(*part, true, None)).collect();
                let mut text = Some(String::new());
                for value in values {
                    let part = match value.constant {
                        Some(Const::Str(part)) => Some(part.to_string()),
                        Some(Const::Int(part)) => Some(part.to_string()),
                        _ => None,
                    };
                    text = text.zip(part).map(|(text, part)| text + &part);
                }
                let constant = text.map(|text| Const::Str(Name::new(&text)));
                Value { constant, ..Value::typed(Type::of("java.lang.String")) }
            }
            ExprKind::Name(name) => {
                let value = self.name(id, *name);
                self.use_of_object(id, &value);
                value
            }
            ExprKind::This(label) => self.this(*label),
            ExprKind::Super(_) => self.this(None),
            ExprKind::Member { receiver, name, .. } => {
                let value = self.member(id, *receiver, *name);
                self.use_of_object(id, &value);
                value
            }
            ExprKind::Call(call) => self.call(id, call, used, expected),
            ExprKind::Invoke { callee, args } => self.invoke(id, *callee, args, used),
            ExprKind::Lambda(lambda) => self.free_lambda(*lambda, expected),
            ExprKind::FunctionRef { receiver, name } => self.function_reference(*receiver, *name),
            ExprKind::ClassLiteral(ty) => self.class_literal(ty),
            ExprKind::Object(object) => self.object(id, *object),
            ExprKind::Binary { op, left, right } => self.binary(id, *op, *left, *right, expected),
            ExprKind::Unary { op, operand } => self.unary(id, *op, *operand),
            ExprKind::Assign { target, op, value } => self.assign(id, *target, *op, *value),
            ExprKind::Cast { value, ty, .. } => self.cast(*value, ty),
            ExprKind::TypeTest { value, ty, binding, .. } => {
                self.eval(*value, true, None);
                if let Some(name) = binding {
                    let ty = self.core.resolve_type(self.scope(), ty);
                    self.locals.push(LocalValue { name: *name, value: Value::typed(ty) });
                }
                Value::typed(Type::of("kotlin.Boolean"))
            }
            ExprKind::NotNull(value) => self.eval(*value, true, expected),
            ExprKind::Index { receiver, args } => self.index(id, *receiver, args),
            ExprKind::If { condition, then, otherwise } => {
                self.branch(*condition, *then, *otherwise, used, expected)
            }
            ExprKind::When { subject, binding, arms } => {
                self.choice(*subject, *binding, arms, used, expected)
            }
            ExprKind::Loop(it) => {
                self.looped(id, it);
                Value::default()
            }
            ExprKind::Try(it) => self.tried(it, used, expected),
            ExprKind::Synchronized { lock, body } => {
                self.eval(*lock, true, None);
                self.eval(*body, false, None);
                Value::default()
            }
            ExprKind::Block(items) => self.block(items, used, expected),
            ExprKind::Local(local) => {
                self.declare_local(local);
                Value::default()
            }
            ExprKind::Destructure { names, value } => {
                let value = match value {
                    Some(value) => self.eval(*value, true, None),
                    None => {
                        self.local(Name::new("<destructured>")).map(|it| it.value.clone()).unwrap_or_default()
                    }
                };
                self.destructure(names, &value);
                Value::default()
            }
            ExprKind::LocalFunction(local) => {
                let function = self.core.symbols.fn_id(self.file, *local);
                let value = Value { callable: Callable::function(function), ..Value::default() };
                self.locals.push(LocalValue { name: facts[*local].name, value });
                self.walk_function(*local);
                Value::default()
            }
            ExprKind::LocalType(local) => {
                self.walk_local_type(*local);
                Value::default()
            }
            ExprKind::PropertyInit(property) => {
                self.property_init(*property);
                Value::default()
            }
            ExprKind::Return { value, .. } => {
                if let Some(value) = value {
                    let promised = self.promised.clone();
                    let value = self.eval(*value, true, promised.as_ref());
                    if !self.unreached {
                        self.returns.push(value);
                    }
                }
                Value::typed(Type::of("kotlin.Nothing"))
            }
            ExprKind::Throw(value) => {
                self.eval(*value, true, None);
                Value::typed(Type::of("kotlin.Nothing"))
            }
            ExprKind::Break | ExprKind::Continue => Value::typed(Type::of("kotlin.Nothing")),
            ExprKind::Array(items) => {
                let mut element = None;
                for item in items {
                    let value = self.eval(*item, true, None);
                    element = element.or(value.ty);
                }
                Value::typed(Type::with(Name::new("kotlin.Array"), element.into_iter().collect()))
            }
        }
    }

    fn block(&mut self, items: &[ExprId], used: bool, expected: Option<&Type>) -> Value {
        let mark = self.locals.len();
        let reached = !self.unreached;
        let mut last = Value::default();
        for (at, item) in items.iter().enumerate() {
            let is_last = at + 1 == items.len();
            last = self.eval(*item, used && is_last, if is_last { expected } else { None });
            // `if (x !is T) return`, or `error(…)`, leaves `x` a T for the rest of the block.
            if let ExprKind::If { condition, then: Some(then), otherwise: None } = &self.facts[*item].kind
                && (self.facts.leaves(*then) || last.class().is_some_and(|class| class == "kotlin.Nothing"))
            {
                self.refine(*condition, false);
                self.unreached |= self.settled == Some((*condition, true));
            }
        }
        self.unreached = !reached;
        self.locals.truncate(mark);
        last
    }

    fn looped(&mut self, id: ExprId, it: &Loop) {
        let mark = self.locals.len();
        for init in &it.init {
            self.eval(*init, false, None);
        }
        let condition = it.condition.map(|condition| self.eval(condition, true, None));
        let reached = it.kind != LoopKind::While || reach::settled(condition.as_ref()) != Some(false);
        if it.kind == LoopKind::ForEach {
            if let (Some(value), Some(expr)) = (&condition, it.condition) {
                self.iterating(id, value, expr);
            }
            let declared = it.variable_type.as_ref().map(|ty| self.core.resolve_type(self.scope(), ty));
            let code = condition.as_ref().filter(|value| self.keeps_code(value.ty.as_ref()));
            let code = code.map(|value| value.callable.clone()).unwrap_or_default();
            let element =
                declared.or_else(|| condition.and_then(|value| value.ty).and_then(|ty| self.element_of(&ty)));
            if let Some(name) = it.variable {
                self.locals
                    .push(LocalValue { name, value: Value { callable: code, ..Value::maybe(element) } });
            } else {
                // The body starts with the destructuring of the element.
                let name = Name::new("<destructured>");
                let value = Value { callable: code, ..Value::maybe(element) };
                self.locals.push(LocalValue { name, value });
            }
        } else if let Some(condition) = it.condition
            && it.kind == LoopKind::While
        {
            self.refine(condition, true);
        }
        self.depth += 1;
        if let Some(body) = it.body {
            self.eval_if(reached, body, false, None);
        }
        for update in &it.update {
            self.eval(*update, false, None);
        }
        self.depth -= 1;
        self.locals.truncate(mark);
    }

    /// Element type of something iterable.
    pub(super) fn element_of(&self, ty: &Type) -> Option<Type> {
        let ty = ty.upper()?;
        if let Some(seen) = self.core.as_super(ty, Name::new("java.lang.Iterable"))
            && let Some(element) = seen.args.first()
        {
            return Some(element.clone());
        }
        if self.core.inherits(ty.class, "java.lang.CharSequence") {
            return Some(Type::of("kotlin.Char"));
        }
        if self.core.inherits(ty.class, "java.util.Map") && ty.args.len() == 2 {
            return Some(Type::with(Name::new("java.util.Map.Entry"), ty.args.clone()));
        }
        (ty.args.len() == 1 && !ty.is_function()).then(|| ty.args[0].clone())
    }

    fn tried(&mut self, it: &Try, used: bool, expected: Option<&Type>) -> Value {
        let mark = self.locals.len();
        for resource in &it.resources {
            self.eval(*resource, true, None);
        }
        let mut result = self.eval(it.body, used, expected);
        for resource in &it.resources {
            let value = match &self.facts[*resource].kind {
                ExprKind::Local(local) => self.local(local.name).map(|local| local.value.clone()),
                ExprKind::Name(name) => self.local(*name).map(|local| local.value.clone()),
                _ => None,
            };
            self.closes(*resource, value.as_ref());
        }
        self.locals.truncate(mark);
        for catch in &it.catches {
            let ty = catch.types.first().map(|ty| self.core.resolve_type(self.scope(), ty));
            self.locals.push(LocalValue { name: catch.name, value: Value::maybe(ty) });
            self.depth += 1;
            let value = self.eval(catch.body, used, expected);
            self.depth -= 1;
            self.locals.truncate(mark);
            result = result.join(value);
        }
        if let Some(finally) = it.finally {
            self.eval(finally, false, None);
        }
        result
    }

    /// `Store store = MemoryStore()`: is an object of the project made whose class says more than what is declared?
    pub(super) fn makes(&self, init: ExprId, value: &Value, declared: &Type) -> bool {
        let ExprKind::Call(call) = &self.facts[init].kind else { return false };
        let Some(class) = value.class() else { return false };
        // What a class hands on to another object (`: Store by store`) is no code of its own.
        let own = |id| self.core.type_decl(id).supertypes.iter().all(|it| it.delegate.is_none());
        let known = self.core.symbols.type_named(class).is_some_and(own) && call.name.last() == class.last();
        known && declared.class != class && self.core.inherits(class, &declared.class)
    }

    fn declare_local(&mut self, local: &'c Local) {
        let declared = local.ty.as_ref().map(|ty| self.core.resolve_type(self.scope(), ty));
        let mut value = match (local.init, local.delegate) {
            (Some(init), _) => self.eval(init, true, declared.as_ref()),
            (None, Some(delegate)) => self.delegated(delegate, declared.as_ref()),
            (None, None) => Value::default(),
        };
        if let Some(declared) = declared {
            // A declared supertype hides nothing the initialiser proves, except for unresolved names.
            let fixed = !local.mutable || !self.core.is_assigned(self.file, local.name);
            let made = fixed && local.init.is_some_and(|init| self.makes(init, &value, &declared));
            if value.ty.is_none() || !declared.is_unresolved() && !made {
                value.ty = Some(declared);
            }
        }
        self.unknown_object(&mut value, Origin::Elsewhere);
        if local.mutable && self.core.is_assigned(self.file, local.name) {
            value.constant = None;
            value.flags = None;
        }
        self.locals.push(LocalValue { name: local.name, value });
    }

    pub(super) fn destructure(&mut self, names: &[Name], whole: &Value) {
        for (at, name) in names.iter().enumerate() {
            let part = whole.ty.as_ref().and_then(Type::upper).and_then(|ty| self.component(ty, at));
            let callable = self.taken_out(whole, part.as_ref());
            self.locals.push(LocalValue { name: *name, value: Value { callable, ..Value::maybe(part) } });
        }
    }

    fn component(&self, ty: &Type, at: usize) -> Option<Type> {
        match ty.class.as_str() {
            "kotlin.Pair" | "kotlin.Triple" | "java.util.Map.Entry" => ty.args.get(at).cloned(),
            "kotlin.collections.IndexedValue" if at == 1 => ty.args.first().cloned(),
            "java.util.List" => ty.args.first().cloned(),
            _ => {
                let Some(class) = self.core.symbols.type_named(ty.class) else {
                    let member = Name::new(&format!("component{}", at + 1));
                    return self
                        .catalog_result(&Value::typed(ty.clone()), ty.class, member, &[], None, None)
                        .ty;
                };
                let info = self.core.symbols.info(class);
                let constructor = *info.constructors.first()?;
                let param = self.core.function(constructor).params.get(at)?;
                let declared = self.core.resolve_type(self.core.scope_of(constructor), param.ty.as_ref()?);
                Some(declared.substitute(&self.core.bindings(ty, class)))
            }
        }
    }

    fn binary(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        expected: Option<&Type>,
    ) -> Value {
        // Long chains of the same operator lean to the left: walk them without recursion.
        let mut operands = vec![(id, right)];
        let mut at = left;
        while let ExprKind::Binary { op: inner, left, right } = &self.facts[at].kind
            && *inner == op
        {
            operands.push((at, *right));
            at = *left;
        }
        let mark = self.locals.len();
        let mut value = self.eval(at, true, expected);
        let mut previous = at;
        for (whole, operand) in operands.into_iter().rev() {
            match op {
                BinaryOp::And => self.refine(previous, true),
                BinaryOp::Or => self.refine(previous, false),
                _ => {}
            }
            let maybe = u16::from(matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Elvis));
            self.depth += maybe;
            let other = self.eval_if(!reach::decides(op, &value), operand, true, expected);
            self.depth -= maybe;
            value = match self.binary_operator(whole, op, (&value, previous), (&other, operand)) {
                Some(result) => result,
                None => self.combine(op, value, other),
            };
            previous = operand;
        }
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            self.locals.truncate(mark);
        }
        value
    }

    fn unary(&mut self, id: ExprId, op: UnaryOp, operand: ExprId) -> Value {
        let value = self.eval(operand, true, None);
        if let Some(result) = self.unary_operator(id, op, (&value, operand)) {
            return result;
        }
        match (op, value.constant) {
            (UnaryOp::Minus, Some(Const::Int(number))) => Value::constant(Const::Int(number.wrapping_neg())),
            (UnaryOp::Minus, Some(Const::Float(number))) => Value::constant(Const::Float(-number)),
            (UnaryOp::Not, Some(Const::Bool(truth))) => Value::constant(Const::Bool(!truth)),
            (UnaryOp::Not, _) => Value::typed(Type::of("kotlin.Boolean")),
            (UnaryOp::Increment | UnaryOp::Decrement, _) => {
                if let ExprKind::Name(name) = self.facts[operand].kind
                    && let Some(local) = self.locals.iter_mut().rev().find(|local| local.name == name)
                {
                    local.value.constant = None;
                } else if value.property.is_some() {
                    self.step_property(id, operand, &value);
                }
                Value::maybe(value.ty)
            }
            _ => Value::maybe(value.ty),
        }
    }

    fn cast(&mut self, value: ExprId, ty: &TypeRef) -> Value {
        let target = self.core.resolve_type(self.scope(), ty);
        let mut result = self.eval(value, true, Some(&target));
        if let ExprKind::Name(name) = self.facts[value].kind
            && self.local(name).is_some()
        {
            self.narrow(name, target.clone());
        }
        result.ty = Some(target);
        result
    }

    fn class_literal(&mut self, ty: &TypeRef) -> Value {
        let ty = self.core.resolve_type(self.scope(), ty);
        Value::typed(Type::with(Name::new("java.lang.Class"), vec![ty]))
    }

    /// An object expression: its supertype arguments and initialisers run here, its methods are functions of their own.
    fn object(&mut self, expr: ExprId, local: TypeDeclId) -> Value {
        for supertype in &self.facts[local].supertypes {
            if let Some(args) = supertype.args.as_deref().filter(|args| !args.is_empty()) {
                self.super_constructor(&supertype.ty, args);
            }
            if let Some(delegate) = supertype.delegate {
                self.eval(delegate, true, None);
            }
        }
        self.walk_local_type(local);
        let id = self.core.symbols.type_id(self.file, local);
        self.initialized(expr, id);
        let mut value = Value::typed(Type::class(self.core.symbols.info(id).qualified));
        value.callable = Callable::Object(id);
        value.thread = self.thread_of_object(id);
        value
    }

    /// Members of a local type see the locals and receivers around it.
    fn walk_local_type(&mut self, local: TypeDeclId) {
        let id = self.core.symbols.type_id(self.file, local);
        let owner = self.owner.replace(id);
        let mark = self.locals.len();
        let receiver = self.class_receiver(id);
        self.receivers.push(receiver);
        let members = std::rc::Rc::clone(&self.members);
        for member in &members[local.0 as usize] {
            self.walk_function(*member);
        }
        self.receivers.pop();
        let nested: Vec<TypeDeclId> = (local.0 + 1..)
            .map(TypeDeclId)
            .take_while(|id| (id.0 as usize) < self.facts.types.len())
            .filter(|id| self.facts[*id].owner == Some(local) && self.facts[*id].function.is_none())
            .filter(|id| self.facts[*id].kind != crate::facts::TypeKind::Anonymous)
            .collect();
        for inner in nested {
            self.walk_local_type(inner);
        }
        self.locals.truncate(mark);
        self.owner = owner;
    }
}

fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Int(value) => Value::constant(Const::Int(*value)),
        Literal::Float(value) => Value::constant(Const::Float(*value)),
        Literal::String(text) => Value::constant(Const::Str(*text)),
        Literal::Bool(truth) => Value::constant(Const::Bool(*truth)),
        Literal::Char(_) => Value::typed(Type::of("kotlin.Char")),
        Literal::Null => Value { constant: Some(Const::Null), ..Value::default() },
    }
}
