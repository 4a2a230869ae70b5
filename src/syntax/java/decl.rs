//! Files and types: package, imports, classes and their kin, enum constants, record headers, anonymous classes.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    Arg, Call, ExprId, ExprKind, FunctionId, FunctionKind, Import, Modifiers, Param, PropertyDecl, Supertype,
    TypeDecl, TypeDeclId, TypeKind, TypeRef,
};

use super::kinds::{Field, Kind, kind};
use super::member::shell;
use super::modifiers::Marks;
use super::types::plain_name;
use super::{Kid, Kids, Lower, at, index, of, span};

/// What members need to know of the type they stand in, and its initialisers as far as they are known.
pub(super) struct Members {
    pub(super) owner: Option<TypeDeclId>,
    pub(super) kind: TypeKind,
    pub(super) name: Name,
    pub(super) span: Span,
    /// A record's components, which its compact constructor has as parameters.
    components: Vec<Param>,
    pub(super) statics: Option<Initializer>,
    pub(super) instance: Option<Initializer>,
}

/// The function that runs initialisers, filled while members are read.
pub(super) struct Initializer {
    pub(super) function: FunctionId,
    pub(super) statements: Vec<ExprId>,
}

impl Members {
    pub(super) fn new(owner: Option<TypeDeclId>, kind: TypeKind, name: Name, span: Span) -> Members {
        Members { owner, kind, name, span, components: Vec::new(), statics: None, instance: None }
    }

    /// Members of these are public and static wherever they can be.
    pub(super) fn is_interface(&self) -> bool {
        matches!(self.kind, TypeKind::Interface | TypeKind::Annotation)
    }
}

impl<'t> Lower<'t> {
    pub(super) fn file(&mut self, root: Node<'t>) {
        let kids = self.kids(root);
        for kid in &kids {
            match kid.kind {
                Kind::Package => self.package(kid.node),
                Kind::Import => self.import(kid.node),
                _ => {}
            }
        }
        let mut top = Members::new(None, TypeKind::Class, Name::default(), span(root));
        self.body_of(root, kids, &mut top);
        self.finish_initializers(top);
    }

    pub(super) fn package(&mut self, node: Node<'t>) {
        let kids = self.kids(node);
        let name = kids.iter().find(|kid| matches!(kid.kind, Kind::Identifier | Kind::ScopedIdentifier));
        if let Some(name) = name {
            self.facts.package = self.dotted(name.node);
        }
    }

    pub(super) fn import(&mut self, node: Node<'t>) {
        let kids = self.kids(node);
        let name = kids.iter().find(|kid| matches!(kid.kind, Kind::Identifier | Kind::ScopedIdentifier));
        let Some(name) = name else { return };
        let path = self.dotted(name.node);
        let star = of(&kids, Kind::Asterisk).is_some();
        let alias = if star { Name::default() } else { Name::new(path.last()) };
        let is_static = of(&kids, Kind::StaticToken).is_some();
        self.facts.imports.push(Import { path, alias, star, is_static, span: span(node) });
    }

    /// A named type, member or local.
    pub(super) fn type_decl(&mut self, node: Node<'t>, outer: Option<&Members>) -> Option<TypeDeclId> {
        self.deeper(node, |lower| {
            let kids = lower.kids(node);
            let type_kind = type_kind(kind(node));
            let id = lower.type_header(&kids, type_kind, span(node), outer);
            let mut members = Members::new(Some(id), type_kind, lower.facts[id].name, span(node));
            if let Some(parameters) = at(&kids, Field::Parameters) {
                lower.components(parameters, &mut members);
            }
            if let Some(body) = at(&kids, Field::Body) {
                lower.type_body(body.node, members);
            }
            id
        })
    }

    /// The declaration without its members. `outer` is the type it is a member of, none for local types.
    pub(super) fn type_header(
        &mut self,
        kids: &Kids<'t>,
        kind: TypeKind,
        span_of: Span,
        outer: Option<&Members>,
    ) -> TypeDeclId {
        let Marks { mut modifiers, annotations } = self.marks(kids, span_of);
        if outer.is_none() {
            // A local type: what Kotlin calls public, since no modifier can say otherwise.
            modifiers |= Modifiers::PUBLIC;
        }
        if let Some(outer) = outer.filter(|outer| outer.owner.is_some()) {
            if outer.is_interface() {
                modifiers |= Modifiers::STATIC | Modifiers::PUBLIC;
            }
            if kind != TypeKind::Class {
                modifiers |= Modifiers::STATIC;
            } else if !modifiers.contains(Modifiers::STATIC) {
                modifiers |= Modifiers::INNER;
            }
        }
        // Nothing but their own constants extends them, so that Kotlin calls them final, too.
        if matches!(kind, TypeKind::Record | TypeKind::Enum | TypeKind::Annotation) {
            modifiers |= Modifiers::FINAL;
        }
        let name = at(kids, Field::Name).or(of(kids, Kind::Identifier));
        let mut supertypes = Vec::new();
        for kid in kids {
            if matches!(kid.kind, Kind::Superclass | Kind::SuperInterfaces | Kind::ExtendsInterfaces) {
                self.type_list(kid.node, &mut supertypes);
            }
        }
        let decl = TypeDecl {
            name: name.map_or(Name::default(), |kid| self.name(kid.node)),
            kind,
            owner: self.owner,
            function: if outer.is_some() { None } else { self.function },
            modifiers,
            annotations,
            params: self.type_params(kids),
            supertypes: supertypes
                .into_iter()
                .map(|ty| Supertype { ty, args: None, delegate: None })
                .collect(),
            span: span_of,
            name_span: name.map_or(span_of, |kid| span(kid.node)),
        };
        self.push_type(decl)
    }

    fn push_type(&mut self, decl: TypeDecl) -> TypeDeclId {
        let id = TypeDeclId(index(self.facts.types.len()));
        self.facts.types.push(decl);
        id
    }

    /// A type's `{ … }` with everything in it.
    pub(super) fn type_body(&mut self, body: Node<'t>, mut members: Members) {
        let kids = self.kids(body);
        self.within(members.owner, None, |lower| {
            lower.reserve_initializers(&kids, &mut members);
            lower.body_of(body, kids, &mut members);
            lower.finish_initializers(members);
        });
    }

    /// The children of a body or of the file, in order; put together first when an error lies among them.
    pub(super) fn body_of(&mut self, body: Node<'t>, kids: Kids<'t>, members: &mut Members) {
        let torn =
            body.has_error() && (kids.iter().any(|kid| kid.kind == Kind::Error) || members.owner.is_none());
        if torn {
            return self.recover_members(kids, members);
        }
        for kid in kids {
            self.member(kid, members);
        }
    }

    pub(super) fn enum_constant(&mut self, node: Node<'t>, members: &mut Members) {
        let kids = self.kids(node);
        let Marks { modifiers, annotations } = self.marks(&kids, span(node));
        let Some(name) = at(&kids, Field::Name) else { return };
        let function = self.initializer(members, true);
        let type_name = members.name;
        let initializer = self.within(members.owner, Some(function), |lower| {
            let args = of(&kids, Kind::ArgumentList).map(|list| lower.args(list.node)).unwrap_or_default();
            match of(&kids, Kind::ClassBody) {
                Some(body) => {
                    let ty = plain_name(type_name, span(name.node));
                    lower.anonymous(ty, args, body.node, span(node))
                }
                None => {
                    let call = Call {
                        receiver: None,
                        name: type_name,
                        name_span: span(name.node),
                        type_args: Vec::new(),
                        args,
                        safe: false,
                    };
                    lower.push(ExprKind::Call(Box::new(call)), span(node))
                }
            }
        });
        let property = PropertyDecl {
            modifiers: modifiers | Modifiers::PUBLIC | Modifiers::STATIC | Modifiers::FINAL,
            annotations,
            initializer: Some(initializer),
            enum_constant: true,
            ..property(self.name(name.node), span(name.node), span(node))
        };
        self.push_property(property, members);
    }

    /// `new ty(args) { body }` and its like: the type, and the expression that makes it.
    pub(super) fn anonymous(&mut self, ty: TypeRef, args: Vec<Arg>, body: Node<'t>, span_of: Span) -> ExprId {
        let decl = TypeDecl {
            name: Name::default(),
            kind: TypeKind::Anonymous,
            owner: self.owner,
            function: self.function,
            modifiers: Modifiers::empty(),
            annotations: Vec::new(),
            params: Vec::new(),
            name_span: ty.span,
            // Without arguments nothing tells a class from an interface, so that none are claimed.
            supertypes: vec![Supertype {
                ty,
                args: Some(args).filter(|args| !args.is_empty()),
                delegate: None,
            }],
            span: span_of,
        };
        let id = self.push_type(decl);
        let members = Members::new(Some(id), TypeKind::Anonymous, Name::default(), span_of);
        self.deeper(body, |lower| lower.type_body(body, members));
        self.push(ExprKind::Object(id), span_of)
    }

    /// A record's header: properties, and the canonical constructor unless the body writes one.
    fn components(&mut self, parameters: Kid<'t>, members: &mut Members) {
        members.components = self.params(parameters.node);
        for component in &mut members.components {
            component.modifiers -= Modifiers::MUTABLE;
        }
        for component in &members.components {
            let property = PropertyDecl {
                owner: members.owner,
                modifiers: Modifiers::PUBLIC | Modifiers::FINAL,
                annotations: component.annotations.clone(),
                ty: component.ty.clone(),
                constructor_parameter: true,
                ..property(component.name, component.span, component.span)
            };
            self.facts.properties.push(property);
        }
        let function = crate::facts::FunctionDecl {
            owner: members.owner,
            params: members.components.clone(),
            modifiers: Modifiers::PUBLIC,
            ..shell("<init>", FunctionKind::Constructor, span(parameters.node))
        };
        self.push_function(function);
    }

    /// `Point { … }` in a record is the body of the constructor its header declares.
    pub(super) fn compact_constructor(&mut self, node: Node<'t>, members: &Members) {
        let kids = self.kids(node);
        let Marks { modifiers, annotations } = self.marks(&kids, span(node));
        let functions = self.facts.functions.iter();
        let canonical = functions.enumerate().find(|(_, function)| {
            function.owner == members.owner
                && function.kind == FunctionKind::Constructor
                && function.body.is_none()
        });
        let Some((at_index, _)) = canonical else { return };
        let id = FunctionId(index(at_index));
        let body = of(&kids, Kind::Block)
            .map(|body| self.within(self.owner, Some(id), |lower| lower.block(body.node)));
        let function = &mut self.facts.functions[at_index];
        function.modifiers = modifiers;
        function.annotations = annotations;
        function.body = body;
        function.span = span(node);
    }
}

/// A property that is only a name so far.
pub(super) fn property(name: Name, name_span: Span, span: Span) -> PropertyDecl {
    PropertyDecl {
        name,
        owner: None,
        modifiers: Modifiers::empty(),
        annotations: Vec::new(),
        receiver: None,
        ty: None,
        initializer: None,
        delegate: None,
        getter: None,
        setter: None,
        constructor_parameter: false,
        enum_constant: false,
        span,
        name_span,
    }
}

pub(super) fn type_kind(kind: Kind) -> TypeKind {
    match kind {
        Kind::Interface | Kind::InterfaceToken => TypeKind::Interface,
        Kind::Enum | Kind::EnumToken => TypeKind::Enum,
        Kind::Record | Kind::RecordToken => TypeKind::Record,
        Kind::AnnotationType | Kind::AtInterfaceToken => TypeKind::Annotation,
        _ => TypeKind::Class,
    }
}
