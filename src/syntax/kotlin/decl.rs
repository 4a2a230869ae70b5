//! Files and types: package, imports, classes, objects, enums, their headers and members.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    Annotation, Call, ExprId, ExprKind, FunctionDecl, FunctionId, FunctionKind, Import, Literal, Modifiers,
    PropertyDecl, PropertyId, Supertype, TypeAlias, TypeDecl, TypeDeclId, TypeKind, TypeRef,
};

use super::kinds::Kind;
use super::lower::{Lower, index, span};
use super::modifiers::Written;
use super::soft::Lost;
use super::types::named_type;

impl<'t> Lower<'t> {
    pub(super) fn file(&mut self, root: Node<'t>) {
        let lost = self.lost;
        for (kind, child) in self.kids(root) {
            match kind {
                Kind::FileAnnotation => {
                    let annotations = self.annotation(child);
                    self.suppress(&annotations, Span::new(0, self.text.len()));
                    self.facade(&annotations);
                }
                Kind::PackageHeader => self.facts.package = self.qualified(child),
                Kind::Import => self.import(child),
                _ => {
                    let before =
                        (self.facts.types.len(), self.facts.functions.len(), self.facts.properties.len());
                    self.member(kind, child);
                    for lost in lost {
                        if let Lost::Annotations { end, names } = lost
                            && self.is_right_before(*end, child)
                        {
                            self.give_back(kind, before, names, span(child));
                        }
                    }
                }
            }
        }
    }

    /// `@file:JvmName("Named")`
    fn facade(&mut self, annotations: &[Annotation]) {
        let named = annotations.iter().find(|it| it.name.last() == "JvmName");
        let given = named.and_then(|it| it.args.first()).map(|arg| &self.facts[arg.value].kind);
        if let Some(ExprKind::Literal(Literal::String(name))) = given {
            self.facts.facade = Some(*name);
        }
    }

    fn is_right_before(&self, end: usize, node: Node<'t>) -> bool {
        self.text.get(end..node.start_byte()).is_some_and(|between| between.trim().is_empty())
    }

    /// Annotations that the tree did not have, for the declaration that was added after `before`.
    fn give_back(&mut self, kind: Kind, before: (usize, usize, usize), names: &[Name], span: Span) {
        let annotations = match kind {
            Kind::ClassDeclaration | Kind::ObjectDeclaration => {
                self.facts.types.get_mut(before.0).map(|it| &mut it.annotations)
            }
            Kind::FunctionDeclaration => self.facts.functions.get_mut(before.1).map(|it| &mut it.annotations),
            Kind::PropertyDeclaration => {
                self.facts.properties.get_mut(before.2).map(|it| &mut it.annotations)
            }
            _ => None,
        };
        let Some(annotations) = annotations else { return };
        let given = names.iter().map(|name| Annotation {
            name: *name,
            target: Name::default(),
            args: Vec::new(),
            span,
        });
        annotations.splice(0..0, given);
    }

    fn qualified(&mut self, node: Node<'t>) -> Name {
        let kids = self.kids(node);
        let name = kids.iter().find(|(kind, _)| *kind == Kind::QualifiedIdentifier);
        let text = name.map_or("", |(_, name)| self.text_of(*name));
        if text.contains(|it: char| it == '`' || it.is_whitespace()) {
            Name::new(&text.replace(|it: char| it == '`' || it.is_whitespace(), ""))
        } else {
            Name::new(text)
        }
    }

    fn import(&mut self, node: Node<'t>) {
        let path = self.qualified(node);
        let kids = self.kids(node);
        let star = kids.iter().any(|(kind, _)| *kind == Kind::Star);
        let alias =
            kids.iter().find(|(kind, _)| *kind == Kind::Identifier).map(|(_, alias)| self.name_of(*alias));
        let alias = if star { Name::default() } else { alias.unwrap_or_else(|| Name::new(path.last())) };
        self.facts.imports.push(Import { path, alias, star, is_static: false, span: span(node) });
    }

    /// One declaration of a file or type body; anything else there is what error recovery or a script left.
    pub(super) fn member(&mut self, kind: Kind, node: Node<'t>) {
        match kind {
            Kind::ClassDeclaration | Kind::ObjectDeclaration | Kind::CompanionObject => {
                self.type_decl(node, kind);
            }
            Kind::FunctionDeclaration => {
                self.function_decl(node);
            }
            Kind::PropertyDeclaration => self.property(node),
            Kind::TypeAlias => self.type_alias(node),
            Kind::SecondaryConstructor => self.secondary_constructor(node),
            Kind::AnonymousInitializer => self.init_block(node),
            Kind::EnumEntry => self.enum_entry(node),
            Kind::Error => self.recover(node),
            kind if kind.is_expression() => self.loose_statement(node),
            _ => {}
        }
    }

    /// A statement outside of functions: scripts have them, and error recovery leaves them.
    pub(super) fn loose_statement(&mut self, node: Node<'t>) {
        let runner = self.runner();
        let statement = self.inside(runner, |lower| lower.expr(node));
        self.add_to(runner, statement);
    }

    pub(super) fn type_alias(&mut self, node: Node<'t>) {
        let mut alias = TypeAlias {
            name: Name::default(),
            params: Vec::new(),
            target: named_type(Name::default(), span(node)),
            span: span(node),
        };
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Modifiers => {
                    self.modifiers(child, span(node));
                }
                Kind::Identifier => alias.name = self.name_of(child),
                Kind::TypeParameters => alias.params = self.type_params(child),
                kind if kind.is_type() => alias.target = self.type_ref(child),
                _ => {}
            }
        }
        self.facts.aliases.push(alias);
    }

    pub(super) fn new_type(&mut self, kind: TypeKind, span: Span, name_span: Span) -> TypeDeclId {
        let id = TypeDeclId(index(self.facts.types.len()));
        self.facts.types.push(TypeDecl {
            name: Name::default(),
            kind,
            owner: self.owner,
            function: self.function,
            modifiers: Modifiers::empty(),
            annotations: Vec::new(),
            params: Vec::new(),
            supertypes: Vec::new(),
            span,
            name_span,
        });
        id
    }

    pub(super) fn edit_type(&mut self, id: TypeDeclId, edit: impl FnOnce(&mut TypeDecl)) {
        if let Some(decl) = self.facts.types.get_mut(id.0 as usize) {
            edit(decl);
        }
    }

    /// A class, interface, object or companion with everything in it.
    pub(super) fn type_decl(&mut self, node: Node<'t>, kind: Kind) -> Option<TypeDeclId> {
        self.deeper(node, |lower| lower.type_decl_here(node, kind))
    }

    fn type_decl_here(&mut self, node: Node<'t>, kind: Kind) -> TypeDeclId {
        let kids = self.kids(node);
        let id = self.new_type(TypeKind::Class, span(node), span(node));
        let mut written = Written::default();
        let mut params = Vec::new();
        let mut name = None;
        let mut is_interface = false;
        for (kind, child) in &kids {
            match kind {
                Kind::Modifiers => written = self.modifiers(*child, span(node)),
                Kind::Identifier => name = name.or(Some(*child)),
                Kind::InterfaceWord => is_interface = true,
                Kind::TypeParameters => params = self.type_params(*child),
                Kind::TypeConstraints => self.type_constraints(*child, &mut params),
                _ => {}
            }
        }
        let type_kind = match kind {
            Kind::CompanionObject => TypeKind::Companion,
            Kind::ObjectDeclaration => TypeKind::Object,
            _ if is_interface => TypeKind::Interface,
            _ if written.is_enum => TypeKind::Enum,
            _ if written.is_annotation => TypeKind::Annotation,
            _ => TypeKind::Class,
        };
        let mut modifiers = written.declared(type_kind != TypeKind::Interface);
        let nested = self.owner.is_some() && self.function.is_none();
        if nested && !modifiers.contains(Modifiers::INNER) {
            modifiers |= Modifiers::STATIC;
        }
        let name_text = name.map_or(Name::default(), |name| self.name_of(name));
        let companion = type_kind == TypeKind::Companion && name_text.is_empty();
        self.edit_type(id, |decl| {
            decl.kind = type_kind;
            decl.name = if companion { Name::new("Companion") } else { name_text };
            decl.modifiers = modifiers;
            decl.annotations = written.annotations;
            decl.params = params;
            decl.name_span = name.map_or(Span::new(node.start_byte(), node.start_byte()), span);
        });
        self.inside_type(id, |lower| {
            for (kind, child) in kids {
                lower.type_part(id, kind, child);
            }
        });
        id
    }

    /// One part of a type's header, or its body.
    pub(super) fn type_part(&mut self, id: TypeDeclId, kind: Kind, node: Node<'t>) {
        match kind {
            Kind::PrimaryConstructor => self.primary_constructor(node),
            Kind::DelegationSpecifiers => self.supertypes(id, node),
            Kind::ClassBody | Kind::EnumBody => self.type_body(node),
            Kind::Error => self.recover(node),
            _ => {}
        }
    }

    pub(super) fn type_body(&mut self, node: Node<'t>) {
        for (kind, child) in self.kids(node) {
            self.member(kind, child);
        }
    }

    pub(super) fn supertypes(&mut self, id: TypeDeclId, node: Node<'t>) {
        let mut supertypes = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind != Kind::DelegationSpecifier {
                continue;
            }
            for (kind, part) in self.kids(child) {
                match kind {
                    Kind::ConstructorInvocation => {
                        let (ty, args) = self.constructor_invocation(part);
                        let within = part.byte_range();
                        let delegates =
                            |it: &Lost| matches!(it, Lost::Delegate { by } if within.contains(by));
                        supertypes.push(match args.as_slice() {
                            [arg] if self.lost.iter().any(delegates) => {
                                Supertype { ty, args: None, delegate: Some(arg.value) }
                            }
                            _ => Supertype { ty, args: Some(args), delegate: None },
                        });
                    }
                    Kind::ExplicitDelegation => supertypes.push(self.delegation(part)),
                    kind if kind.is_type() => {
                        let ty = self.type_ref(part);
                        supertypes.push(Supertype { ty, args: None, delegate: None });
                    }
                    _ => {}
                }
            }
        }
        let computes =
            |it: &Supertype| it.delegate.is_some() || it.args.as_ref().is_some_and(|args| !args.is_empty());
        let runs = supertypes.iter().any(computes);
        self.edit_type(id, |decl| decl.supertypes = supertypes);
        // `class Screens : CoroutineScope by MainScope()` computes that when it is made.
        let constructor = |it: &FunctionDecl| it.kind == FunctionKind::Constructor && it.owner == Some(id);
        // What an object expression is given runs where it stands.
        let named = self.facts.types.get(id.0 as usize).is_some_and(|it| it.kind != TypeKind::Anonymous);
        if runs && named && !self.facts.functions.iter().rev().any(constructor) {
            self.initializer();
        }
    }

    fn delegation(&mut self, node: Node<'t>) -> Supertype {
        let mut supertype =
            Supertype { ty: named_type(Name::default(), span(node)), args: None, delegate: None };
        let mut seen = false;
        for (kind, child) in self.kids(node) {
            if !seen && kind.is_type() {
                seen = true;
                supertype.ty = self.type_ref(child);
            } else if kind.is_expression() {
                supertype.delegate = Some(self.expr(child));
            }
        }
        supertype
    }

    /// `Type(args)` of a supertype or annotation.
    pub(super) fn constructor_invocation(&mut self, node: Node<'t>) -> (TypeRef, Vec<crate::facts::Arg>) {
        let mut ty = named_type(Name::default(), span(node));
        let mut args = Vec::new();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::ValueArguments => args = self.args(child),
                kind if kind.is_type() => ty = self.type_ref(child),
                _ => {}
            }
        }
        (ty, args)
    }

    /// An enum constant: a static property of the enum, made by a call or as an anonymous subtype.
    pub(super) fn enum_entry(&mut self, node: Node<'t>) {
        let owner = self.owner.and_then(|owner| self.facts.types.get(owner.0 as usize));
        let enum_name = owner.map_or(Name::default(), |owner| owner.name);
        let runner = self.static_initializer();
        let mut written = Written::default();
        let mut name = node;
        let mut args = Vec::new();
        let mut body = None;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Modifiers => written = self.modifiers(child, span(node)),
                Kind::Identifier => name = child,
                Kind::ValueArguments => args = self.inside(runner, |lower| lower.args(child)),
                Kind::ClassBody => body = Some(child),
                _ => {}
            }
        }
        let made = match body {
            Some(body) => {
                let ty = named_type(enum_name, span(name));
                let supertype = Supertype { ty, args: Some(args), delegate: None };
                self.inside(runner, |lower| {
                    let id = lower.new_type(TypeKind::Anonymous, span(node), span(name));
                    lower.edit_type(id, |decl| decl.supertypes.push(supertype));
                    lower.inside_type(id, |lower| lower.type_body(body));
                    lower.push(ExprKind::Object(id), span(node))
                })
            }
            None => {
                let call = Call {
                    receiver: None,
                    name: enum_name,
                    name_span: span(name),
                    type_args: Vec::new(),
                    args,
                    safe: false,
                };
                self.push(ExprKind::Call(Box::new(call)), span(node))
            }
        };
        let property = self.new_property(span(node), span(name));
        let name = self.name_of(name);
        self.edit_property(property, |property| {
            property.name = name;
            property.modifiers = Modifiers::PUBLIC | Modifiers::STATIC | Modifiers::FINAL;
            property.annotations = written.annotations;
            property.initializer = Some(made);
            property.enum_constant = true;
        });
        self.property_runs(runner, property, span(node));
    }

    pub(super) fn new_property(&mut self, span: Span, name_span: Span) -> PropertyId {
        let id = PropertyId(index(self.facts.properties.len()));
        self.facts.properties.push(PropertyDecl {
            name: Name::default(),
            owner: self.owner,
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
        });
        id
    }

    pub(super) fn edit_property(&mut self, id: PropertyId, edit: impl FnOnce(&mut PropertyDecl)) {
        if let Some(property) = self.facts.properties.get_mut(id.0 as usize) {
            edit(property);
        }
    }

    /// The property gets its value as part of an initialiser.
    pub(super) fn property_runs(&mut self, runner: FunctionId, property: PropertyId, span: Span) {
        let statement = self.push(ExprKind::PropertyInit(property), span);
        self.add_to(runner, statement);
    }

    fn init_block(&mut self, node: Node<'t>) {
        let runner = self.initializer();
        for (kind, child) in self.kids(node) {
            if kind == Kind::Block {
                let block = self.inside(runner, |lower| lower.block(child));
                self.add_to(runner, block);
            }
        }
    }

    /// `object : A(), B { }`.
    pub(super) fn object_literal(&mut self, node: Node<'t>) -> ExprId {
        let outer = self.function;
        self.function = Some(self.runner());
        let name_span = Span::new(node.start_byte(), node.start_byte() + "object".len());
        let id = self.new_type(TypeKind::Anonymous, span(node), name_span);
        for (kind, child) in self.kids(node) {
            if kind == Kind::DelegationSpecifiers {
                // Arguments are evaluated by the function around, not by the object.
                self.supertypes(id, child);
            } else {
                self.inside_type(id, |lower| lower.type_part(id, kind, child));
            }
        }
        self.function = outer;
        self.push(ExprKind::Object(id), span(node))
    }

    fn primary_constructor(&mut self, node: Node<'t>) {
        let name_span = self.owner.and_then(|id| self.facts.types.get(id.0 as usize));
        let name_span = name_span.map_or(span(node), |decl| decl.name_span);
        let id = self.new_function(FunctionKind::Constructor, Name::new("<init>"), span(node), name_span);
        let mut written = Written::default();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Modifiers => written = self.modifiers(child, span(node)),
                Kind::ClassParameters => {
                    let params = self.inside(id, |lower| lower.class_parameters(child));
                    self.edit_function(id, |function| function.params = params);
                }
                _ => {}
            }
        }
        self.edit_function(id, |function| {
            function.modifiers = written.declared(false);
            function.annotations = written.annotations;
        });
    }
}
