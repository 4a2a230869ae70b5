//! Members: fields, methods, constructors, parameters, and the functions that run initialisers.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    ExprKind, FunctionDecl, FunctionId, FunctionKind, Modifiers, Param, PropertyDecl, PropertyId,
};

use super::decl::{Initializer, Members, property};
use super::kinds::{Field, Kind};
use super::modifiers::Marks;
use super::{Kid, Kids, Lower, at, index, of, span};

impl<'t> Lower<'t> {
    /// One child of a type's body.
    pub(super) fn member(&mut self, kid: Kid<'t>, members: &mut Members) {
        match kid.kind {
            Kind::Field | Kind::Constant | Kind::LocalVariable => self.field(kid.node, members),
            Kind::Method | Kind::Constructor | Kind::AnnotationElement => {
                self.method(kid.node, members);
            }
            Kind::CompactConstructor => self.compact_constructor(kid.node, members),
            Kind::EnumConstant => self.enum_constant(kid.node, members),
            Kind::EnumBodyDeclarations => {
                let kids = self.kids(kid.node);
                self.body_of(kid.node, kids, members);
            }
            Kind::Block => self.init_block(kid.node, false, members),
            Kind::StaticInitializer => {
                if let Some(block) = of(&self.kids(kid.node), Kind::Block) {
                    self.init_block(block.node, true, members);
                }
            }
            _ if kid.kind.is_type_declaration() => {
                self.type_decl(kid.node, Some(members));
            }
            _ => {}
        }
    }

    fn method(&mut self, node: Node<'t>, members: &Members) -> FunctionId {
        let kids = self.kids(node);
        let id = self.method_header(&kids, members, span(node));
        if let Some(body) = at(&kids, Field::Body) {
            let body = self.within(members.owner, Some(id), |lower| lower.block(body.node));
            self.facts.functions[id.0 as usize].body = Some(body);
        }
        id
    }

    /// A method or constructor without its body.
    pub(super) fn method_header(&mut self, kids: &Kids<'t>, members: &Members, span_of: Span) -> FunctionId {
        let Marks { mut modifiers, annotations } = self.marks(kids, span_of);
        let result = kids.iter().find(|kid| kid.kind.is_type() && kid.field != Field::TypeParameters);
        let result = result.map(|kid| self.type_ref(kid.node)).map(|ty| self.with_dimensions(ty, kids));
        let has_body = |kid: &Kid| {
            kid.field == Field::Body
                || matches!(kid.kind, Kind::Block | Kind::ConstructorBody | Kind::OpenBrace)
        };
        let bodiless = !kids.iter().any(has_body);
        if members.is_interface() {
            if !modifiers.contains(Modifiers::PRIVATE) {
                modifiers |= Modifiers::PUBLIC;
            }
            if bodiless && !modifiers.contains(Modifiers::STATIC) {
                modifiers |= Modifiers::ABSTRACT;
            }
        }
        let name = at(kids, Field::Name).or(kids.iter().rfind(|kid| kid.kind == Kind::Identifier).copied());
        let (kind, text) = match (&result, name) {
            (None, _) => (FunctionKind::Constructor, "<init>"),
            (_, Some(name)) => (FunctionKind::Function, self.slice(name.node)),
            (_, None) => (FunctionKind::Function, ""),
        };
        let params = at(kids, Field::Parameters).or(of(kids, Kind::FormalParameters));
        let function = FunctionDecl {
            owner: members.owner,
            modifiers,
            annotations,
            type_params: self.type_params(kids),
            params: params.map(|list| self.params(list.node)).unwrap_or_default(),
            result,
            name_span: name.map_or(span_of, |name| span(name.node)),
            ..shell(text, kind, span_of)
        };
        self.push_function(function)
    }

    pub(super) fn push_function(&mut self, function: FunctionDecl) -> FunctionId {
        let id = FunctionId(index(self.facts.functions.len()));
        self.facts.functions.push(function);
        id
    }

    /// Formal or inferred parameters, of methods, lambdas and records.
    pub(super) fn params(&mut self, list: Node<'t>) -> Vec<Param> {
        let mut params = Vec::new();
        for kid in self.kids(list) {
            match kid.kind {
                Kind::FormalParameter | Kind::SpreadParameter => {
                    let param = self.param(kid);
                    params.push(param);
                }
                Kind::Identifier => params.push(self.inferred_param(kid.node)),
                _ => {}
            }
        }
        params
    }

    fn param(&mut self, kid: Kid<'t>) -> Param {
        let kids = self.kids(kid.node);
        let Marks { modifiers, annotations } = self.marks(&kids, span(kid.node));
        let mut modifiers = variable(modifiers);
        let mut ty = kids.iter().find(|kid| kid.kind.is_type()).map(|kid| self.type_ref(kid.node));
        // The name of a vararg parameter stands in a declarator, as do a C-style array's brackets.
        let named = match of(&kids, Kind::Declarator) {
            Some(declarator) => self.kids(declarator.node),
            None => kids,
        };
        ty = ty.map(|ty| self.with_dimensions(ty, &named));
        if kid.kind == Kind::SpreadParameter {
            modifiers |= Modifiers::VARARG;
        }
        if ty.as_ref().is_some_and(|ty| ty.name == "var") {
            ty = None;
        }
        let name = at(&named, Field::Name).map_or(Name::default(), |kid| self.name(kid.node));
        Param { name, ty, default: None, modifiers, annotations, span: span(kid.node) }
    }

    /// `x` in `x -> …`. Nobody could write `final` there, so it is not called mutable.
    pub(super) fn inferred_param(&self, node: Node<'t>) -> Param {
        Param {
            name: self.name(node),
            ty: None,
            default: None,
            modifiers: Modifiers::empty(),
            annotations: Vec::new(),
            span: span(node),
        }
    }

    /// `T a = 1, b[];`: a property for each name.
    fn field(&mut self, node: Node<'t>, members: &mut Members) {
        let kids = self.kids(node);
        let marks = self.marks(&kids, span(node));
        // Nothing overrides a field: what Kotlin calls a final property.
        let mut modifiers = variable(marks.modifiers) | Modifiers::FINAL;
        if members.is_interface() {
            modifiers |= Modifiers::PUBLIC | Modifiers::STATIC;
            modifiers -= Modifiers::MUTABLE;
        }
        let Some(ty) = at(&kids, Field::Type) else { return };
        let ty = self.type_ref(ty.node);
        let single = kids.iter().filter(|kid| kid.kind == Kind::Declarator).count() == 1;
        for declarator in kids.iter().filter(|kid| kid.kind == Kind::Declarator) {
            let parts = self.kids(declarator.node);
            let Some(name) = at(&parts, Field::Name) else { continue };
            let initializer = at(&parts, Field::Value).map(|value| {
                let function = self.initializer(members, modifiers.contains(Modifiers::STATIC));
                self.within(members.owner, Some(function), |lower| lower.expr(value.node))
            });
            let span_of = span(if single { node } else { declarator.node });
            let property = PropertyDecl {
                modifiers,
                annotations: marks.annotations.clone(),
                ty: Some(self.with_dimensions(ty.clone(), &parts)),
                initializer,
                ..property(self.name(name.node), span(name.node), span_of)
            };
            self.push_property(property, members);
        }
    }

    /// Adds a property of `members`, and its initial value to what the (static) initialiser does.
    pub(super) fn push_property(&mut self, mut property: PropertyDecl, members: &mut Members) {
        property.owner = members.owner;
        let id = PropertyId(index(self.facts.properties.len()));
        let initialized = property.initializer.map(|value| self.span_of(value));
        let is_static = property.modifiers.contains(Modifiers::STATIC);
        self.facts.properties.push(property);
        if let Some(value) = initialized {
            let init = self.push(ExprKind::PropertyInit(id), value);
            self.initializer_of(members, is_static).statements.push(init);
        }
    }

    fn init_block(&mut self, block: Node<'t>, is_static: bool, members: &mut Members) {
        let function = self.initializer(members, is_static);
        let block = self.within(members.owner, Some(function), |lower| lower.block(block));
        self.initializer_of(members, is_static).statements.push(block);
    }

    /// Makes the initialisers a body needs before its other members, the static one first: where they stand
    /// among the functions does not depend on the order of members.
    pub(super) fn reserve_initializers(&mut self, kids: &Kids<'t>, members: &mut Members) {
        let (mut statics, mut instance) = (false, false);
        let mut pending = kids.clone();
        while let Some(kid) = pending.pop() {
            match kid.kind {
                Kind::EnumConstant | Kind::StaticInitializer => statics = true,
                Kind::EnumBodyDeclarations => pending.extend(self.kids(kid.node)),
                Kind::Block => instance = true,
                Kind::Constant | Kind::Field => {
                    let (is_static, has_value) = self.field_shape(kid.node);
                    statics |= has_value && (is_static || members.is_interface());
                    instance |= has_value && !is_static && !members.is_interface();
                }
                _ => {}
            }
        }
        if statics {
            self.initializer(members, true);
        }
        if instance {
            self.initializer(members, false);
        }
    }

    /// Whether a field is static, and whether it has an initial value.
    fn field_shape(&mut self, node: Node<'t>) -> (bool, bool) {
        let kids = self.kids(node);
        let modifiers = of(&kids, Kind::Modifiers).map(|list| self.kids(list.node)).unwrap_or_default();
        let is_static = of(&modifiers, Kind::StaticToken).is_some();
        let mut declarators = kids.iter().filter(|kid| kid.kind == Kind::Declarator);
        (is_static, declarators.any(|kid| kid.node.child_count() > 1))
    }

    pub(super) fn initializer(&mut self, members: &mut Members, is_static: bool) -> FunctionId {
        self.initializer_of(members, is_static).function
    }

    fn initializer_of<'m>(&mut self, members: &'m mut Members, is_static: bool) -> &'m mut Initializer {
        let (owner, span) = (members.owner, members.span);
        let slot = if is_static { &mut members.statics } else { &mut members.instance };
        slot.get_or_insert_with(|| {
            let (name, kind) = if is_static {
                ("<clinit>", FunctionKind::StaticInitializer)
            } else {
                ("<init>", FunctionKind::Initializer)
            };
            let function = self.push_function(FunctionDecl { owner, ..shell(name, kind, span) });
            Initializer { function, statements: Vec::new() }
        })
    }

    pub(super) fn finish_initializers(&mut self, members: Members) {
        for initializer in members.statics.into_iter().chain(members.instance) {
            let body = self.push(ExprKind::Block(initializer.statements), members.span);
            self.facts.functions[initializer.function.0 as usize].body = Some(body);
        }
    }
}

/// Modifiers of a field, parameter or local variable: nothing overrides those, `final` says they do not change.
pub(super) fn variable(modifiers: Modifiers) -> Modifiers {
    if modifiers.contains(Modifiers::FINAL) {
        modifiers - Modifiers::FINAL
    } else {
        modifiers | Modifiers::MUTABLE
    }
}

/// A function that is only a name so far.
pub(super) fn shell(name: &str, kind: FunctionKind, span: Span) -> FunctionDecl {
    FunctionDecl {
        name: Name::new(name),
        kind,
        owner: None,
        parent: None,
        property: None,
        modifiers: Modifiers::empty(),
        annotations: Vec::new(),
        type_params: Vec::new(),
        receiver: None,
        params: Vec::new(),
        result: None,
        body: None,
        expression_body: false,
        span,
        name_span: span,
    }
}
