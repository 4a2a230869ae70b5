//! Functions, constructors, parameters, properties and their accessors.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    Call, ExprId, ExprKind, FunctionId, FunctionKind, Modifiers, Param, PropertyId, TypeKind, TypeRef,
};

use super::kinds::Kind;
use super::lower::{Kids, Lower, span};
use super::modifiers::Written;
use super::types::TypeModifiers;

impl<'t> Lower<'t> {
    pub(super) fn function_decl(&mut self, node: Node<'t>) -> FunctionId {
        let id = self.new_function(FunctionKind::Function, Name::default(), span(node), span(node));
        let parent = self.function;
        let mut written = Written::default();
        let mut named = false;
        let kids = self.kids(node);
        for (kind, child) in &kids {
            match kind {
                Kind::Modifiers => written = self.modifiers(*child, span(node)),
                Kind::Identifier => {
                    let name = self.name_of(*child);
                    named = true;
                    self.edit_function(id, |function| {
                        (function.name, function.name_span) = (name, span(*child))
                    });
                }
                _ if named => break,
                _ => {}
            }
        }
        let local = parent.is_some();
        let mut modifiers = if local { written.flags } else { written.declared(!self.in_interface()) };
        let has_body = kids.iter().any(|(kind, _)| *kind == Kind::FunctionBody);
        if !local && self.in_interface() && !has_body {
            modifiers |= Modifiers::ABSTRACT;
        }
        self.edit_function(id, |function| {
            function.parent = parent;
            function.modifiers = modifiers;
            function.annotations = written.annotations;
        });
        self.signature_and_body(id, kids);
        id
    }

    pub(super) fn in_interface(&self) -> bool {
        let owner = self.owner.and_then(|owner| self.facts.types.get(owner.0 as usize));
        owner.is_some_and(|owner| owner.kind == TypeKind::Interface)
    }

    /// Everything after `fun` except the name.
    pub(super) fn signature_and_body(&mut self, id: FunctionId, kids: Kids<'t>) {
        let mut type_params = Vec::new();
        let mut receiver: Option<TypeRef> = None;
        let mut receiver_modifiers: Option<TypeModifiers> = None;
        let mut result = None;
        let mut after_params = false;
        for (kind, child) in kids {
            match kind {
                Kind::TypeParameters => type_params = self.type_params(child),
                Kind::TypeConstraints => self.type_constraints(child, &mut type_params),
                Kind::TypeModifiers => receiver_modifiers = Some(self.type_modifiers(child)),
                Kind::FunctionParameters => {
                    after_params = true;
                    let params = self.inside(id, |lower| lower.function_params(child));
                    self.edit_function(id, |function| function.params = params);
                }
                Kind::FunctionBody | Kind::Block => self.body_of(id, child),
                Kind::DelegationCall => self.delegation_call(id, child),
                Kind::Error => self.inside(id, |lower| lower.recover(child)),
                kind if kind.is_type() && after_params => result = Some(self.type_ref(child)),
                kind if kind.is_type() => {
                    let mut ty = self.type_ref(child);
                    if let Some(modifiers) = receiver_modifiers.take() {
                        modifiers.apply(&mut ty);
                    }
                    receiver = Some(ty);
                }
                _ => {}
            }
        }
        self.edit_function(id, |function| {
            function.type_params = type_params;
            function.receiver = receiver;
            function.result = result;
        });
    }

    /// A `function_body` or bare `block`; statements there already (a delegation call) stay first.
    pub(super) fn body_of(&mut self, id: FunctionId, node: Node<'t>) {
        let mut block = node;
        let mut expression = None;
        if Kind::of(node) == Kind::FunctionBody {
            for (kind, child) in self.kids(node) {
                match kind {
                    Kind::Block => block = child,
                    kind if kind.is_expression() => expression = Some(child),
                    _ => {}
                }
            }
        }
        let expression_body = expression.is_some();
        let body = self.inside(id, |lower| match expression {
            Some(expression) => {
                let value = lower.expr(expression);
                lower.push(ExprKind::Block(vec![value]), span(expression))
            }
            None => lower.block(block),
        });
        let before = self.facts.functions.get(id.0 as usize).and_then(|function| function.body);
        if let Some(before) = before {
            self.prepend(before, body);
        }
        self.edit_function(id, |function| {
            (function.body, function.expression_body) = (Some(body), expression_body)
        });
    }

    /// Puts the statements of one block before those of another.
    pub(super) fn prepend(&mut self, before: ExprId, block: ExprId) {
        let Some(ExprKind::Block(first)) =
            self.facts.exprs.get(before.0 as usize).map(|expr| expr.kind.clone())
        else {
            return;
        };
        if let Some(expr) = self.facts.exprs.get_mut(block.0 as usize)
            && let ExprKind::Block(statements) = &mut expr.kind
        {
            statements.splice(0..0, first);
        }
    }

    pub(super) fn secondary_constructor(&mut self, node: Node<'t>) {
        let kids = self.kids(node);
        let word = kids.iter().find(|(kind, _)| *kind == Kind::Other).map_or(node, |(_, word)| *word);
        let id = self.new_function(FunctionKind::Constructor, Name::new("<init>"), span(node), span(word));
        if let Some((Kind::Modifiers, modifiers)) = kids.first() {
            let written = self.modifiers(*modifiers, span(node));
            self.edit_function(id, |function| {
                function.modifiers = written.declared(false);
                function.annotations = written.annotations;
            });
        } else {
            self.edit_function(id, |function| function.modifiers = Modifiers::PUBLIC);
        }
        self.signature_and_body(id, kids);
        let bodyless =
            self.facts.functions.get(id.0 as usize).is_some_and(|function| function.body.is_none());
        if bodyless {
            let body = self.push(ExprKind::Block(Vec::new()), Span::new(node.end_byte(), node.end_byte()));
            self.edit_function(id, |function| function.body = Some(body));
        }
    }

    /// `: this(…)`, `: super(…)`: the first statement of the constructor.
    fn delegation_call(&mut self, id: FunctionId, node: Node<'t>) {
        let mut name = node;
        let mut args = Vec::new();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::ThisWord | Kind::SuperWord => name = child,
                Kind::ValueArguments => args = self.inside(id, |lower| lower.args(child)),
                _ => {}
            }
        }
        let call = Call {
            receiver: None,
            name: self.name_of(name),
            name_span: span(name),
            type_args: Vec::new(),
            args,
            safe: false,
        };
        let call = self.push(ExprKind::Call(Box::new(call)), span(node));
        let body = self.push(ExprKind::Block(vec![call]), span(node));
        self.edit_function(id, |function| function.body = Some(body));
    }

    pub(super) fn function_params(&mut self, node: Node<'t>) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        let mut modifiers = None;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::ParameterModifiers => modifiers = Some(child),
                Kind::Parameter => {
                    let from = modifiers.map_or(child.start_byte(), |modifiers| modifiers.start_byte());
                    let span = Span::new(from, child.end_byte());
                    let mut param = new_param(span);
                    if let Some(modifiers) = modifiers.take() {
                        let written = self.modifiers(modifiers, span);
                        param.modifiers = written.flags;
                        param.annotations = written.annotations;
                    }
                    self.name_and_type(child, &mut param);
                    params.push(param);
                }
                kind if kind.is_expression() && kind != Kind::Error => {
                    let default = self.expr(child);
                    if let Some(param) = params.last_mut() {
                        param.default = Some(default);
                        let (own, end) = (param.span, span(child).end);
                        let covering = self.facts.suppressions.iter_mut().filter(|it| it.scope == own);
                        covering.for_each(|it| it.scope.end = end);
                    }
                }
                _ => {}
            }
        }
        params
    }

    fn name_and_type(&mut self, node: Node<'t>, param: &mut Param) {
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Identifier => param.name = self.name_of(child),
                Kind::Annotation => self.add_annotation(child, param.span, &mut param.annotations),
                kind if kind.is_type() => param.ty = Some(self.type_ref(child)),
                _ => {}
            }
        }
    }

    /// Parameters of a primary constructor; those with `val` or `var` are properties as well.
    pub(super) fn class_parameters(&mut self, node: Node<'t>) -> Vec<Param> {
        let mut params = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind == Kind::ClassParameter {
                params.push(self.class_parameter(child));
            }
        }
        params
    }

    fn class_parameter(&mut self, node: Node<'t>) -> Param {
        let mut param = new_param(span(node));
        let mut written = Written::default();
        let mut name = node;
        let mut is_property = false;
        let mut typed = false;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Modifiers => written = self.modifiers(child, span(node)),
                Kind::Val => is_property = true,
                Kind::Var => {
                    is_property = true;
                    written.flags |= Modifiers::MUTABLE;
                }
                Kind::Identifier if !typed => name = child,
                kind if kind.is_type() => {
                    typed = true;
                    param.ty = Some(self.type_ref(child));
                }
                kind if typed && kind.is_expression() && kind != Kind::Error => {
                    param.default = Some(self.expr(child))
                }
                _ => {}
            }
        }
        param.name = self.name_of(name);
        let of_param = Modifiers::VARARG | Modifiers::NOINLINE | Modifiers::CROSSINLINE;
        param.modifiers = written.flags & of_param;
        param.annotations.clone_from(&written.annotations);
        if is_property {
            let id = self.new_property(span(node), span(name));
            let ty = param.ty.clone();
            self.edit_property(id, |property| {
                property.name = param.name;
                property.modifiers = written.declared(true) - of_param;
                property.annotations = written.annotations;
                property.ty = ty;
                property.constructor_parameter = true;
            });
        }
        param
    }

    /// A property of a type or file.
    pub(super) fn property(&mut self, node: Node<'t>) {
        let kids = self.kids(node);
        let variable = kids.iter().find(|(kind, _)| *kind == Kind::VariableDeclaration);
        let Some((_, variable)) = variable else { return self.destructured_properties(node) };
        let id = self.new_property(span(node), span(*variable));
        let mut written = Written::default();
        let mut receiver = None;
        let mut bodiless = true;
        let variable = *variable;
        for (kind, child) in kids {
            match kind {
                Kind::Modifiers => written = self.modifiers(child, span(node)),
                Kind::Var => written.flags |= Modifiers::MUTABLE,
                Kind::VariableDeclaration => self.property_name(id, child, span(node), &mut written),
                Kind::Getter | Kind::Setter => {
                    bodiless = false;
                    self.accessor(id, child, kind);
                }
                Kind::PropertyDelegate => {
                    bodiless = false;
                    self.property_value(id, child, true);
                }
                Kind::Error => self.recover(child),
                kind if kind.is_type() && child.start_byte() < variable.start_byte() => {
                    receiver = Some(self.type_ref(child));
                }
                kind if kind.is_expression() => {
                    bodiless = false;
                    self.property_value(id, child, false);
                }
                _ => {}
            }
        }
        let in_interface = self.in_interface();
        let mut modifiers = written.declared(!in_interface);
        if in_interface && bodiless {
            modifiers |= Modifiers::ABSTRACT;
        }
        self.edit_property(id, |property| {
            property.modifiers = modifiers;
            property.annotations = written.annotations;
            property.receiver = receiver;
        });
    }

    fn property_name(&mut self, id: PropertyId, node: Node<'t>, scope: Span, written: &mut Written) {
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Identifier => {
                    let name = self.name_of(child);
                    self.edit_property(id, |property| {
                        (property.name, property.name_span) = (name, span(child))
                    });
                }
                Kind::Annotation => self.add_annotation(child, scope, &mut written.annotations),
                kind if kind.is_type() => {
                    let ty = self.type_ref(child);
                    self.edit_property(id, |property| property.ty = Some(ty));
                }
                _ => {}
            }
        }
    }

    /// `= value` or `by value`: evaluated by the initialiser.
    fn property_value(&mut self, id: PropertyId, node: Node<'t>, delegate: bool) {
        let runner = self.runner();
        let value = if delegate { self.child_expr(node) } else { Some(node) };
        let Some(value) = value else { return };
        let value = self.inside(runner, |lower| lower.expr(value));
        self.edit_property(id, |property| {
            *(if delegate { &mut property.delegate } else { &mut property.initializer }) = Some(value);
        });
        let span = self.span_of(value);
        self.property_runs(runner, id, span);
    }

    /// The first child that is an expression.
    pub(super) fn child_expr(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        self.kids(node).into_iter().find(|(kind, _)| kind.is_expression()).map(|(_, child)| child)
    }

    /// `val (a, b) = pair` outside of functions (scripts): the value is evaluated by the initialiser.
    fn destructured_properties(&mut self, node: Node<'t>) {
        let runner = self.runner();
        let statement = self.inside(runner, |lower| lower.local(node));
        self.add_to(runner, statement);
    }

    /// `get() = …`, `private set`, `set(value) { … }`: a function when it has a body.
    pub(super) fn accessor(&mut self, property: PropertyId, node: Node<'t>, kind: Kind) {
        let kids = self.kids(node);
        let written = match kids.first() {
            Some((Kind::Modifiers, modifiers)) => self.modifiers(*modifiers, span(node)),
            _ => Written::default(),
        };
        if !kids.iter().any(|(kind, _)| *kind == Kind::FunctionBody) {
            return;
        }
        let getter = kind == Kind::Getter;
        let (kind, name) = if getter { (FunctionKind::Getter, "get") } else { (FunctionKind::Setter, "set") };
        let word = kids.iter().find(|(kind, _)| *kind == Kind::Other).map_or(node, |(_, word)| *word);
        let id = self.new_function(kind, Name::new(name), span(node), span(word));
        let parent = self.function;
        let mut params = Vec::new();
        let mut param_modifiers = Written::default();
        let mut closed = false;
        for (kind, child) in kids {
            match kind {
                Kind::ParameterModifiers => param_modifiers = self.modifiers(child, span(child)),
                Kind::Identifier => {
                    let mut param = new_param(span(child));
                    param.name = self.name_of(child);
                    param.annotations = std::mem::take(&mut param_modifiers.annotations);
                    params.push(param);
                }
                Kind::CloseParen => closed = true,
                Kind::FunctionBody => self.body_of(id, child),
                kind if kind.is_type() && closed => {
                    let ty = self.type_ref(child);
                    self.edit_function(id, |function| function.result = Some(ty));
                }
                kind if kind.is_type() => {
                    let ty = self.type_ref(child);
                    if let Some(param) = params.last_mut() {
                        param.ty = Some(ty);
                    }
                }
                _ => {}
            }
        }
        self.edit_function(id, |function| {
            function.property = Some(property);
            function.parent = parent;
            function.params = params;
            function.modifiers = written.declared(false);
            function.annotations = written.annotations;
        });
        self.edit_property(property, |property| {
            *(if getter { &mut property.getter } else { &mut property.setter }) = Some(id);
        });
    }
}

pub(super) fn new_param(span: Span) -> Param {
    Param {
        name: Name::default(),
        ty: None,
        default: None,
        modifiers: Modifiers::empty(),
        annotations: Vec::new(),
        span,
    }
}
