//! Declarations that no source writes, because the build generates them: made from layouts, queries and interface
//! definitions. They have no bodies.

use crate::base::{Name, Span};
use crate::facts::{
    FileFacts, FunctionDecl, FunctionKind, Language, Modifiers, Param, PropertyDecl, Supertype, TypeDecl,
    TypeDeclId, TypeKind, TypeRef,
};

/// Builds the facts of a file from types and their members.
pub(super) struct Declarations {
    pub(super) facts: FileFacts,
}

impl Declarations {
    pub(super) fn new() -> Declarations {
        Declarations { facts: FileFacts::new(Language::Java) }
    }

    pub(super) fn class(&mut self, name: &str, supertypes: &[&str], span: Span) -> TypeDeclId {
        self.declare(TypeKind::Class, name, None, Modifiers::PUBLIC, supertypes, span)
    }

    pub(super) fn interface(&mut self, name: &str, supertypes: &[&str], span: Span) -> TypeDeclId {
        self.declare(
            TypeKind::Interface,
            name,
            None,
            Modifiers::PUBLIC | Modifiers::ABSTRACT,
            supertypes,
            span,
        )
    }

    /// A static class in another type.
    pub(super) fn nested(
        &mut self,
        owner: TypeDeclId,
        name: &str,
        supertypes: &[&str],
        span: Span,
    ) -> TypeDeclId {
        let modifiers = Modifiers::PUBLIC | Modifiers::STATIC | Modifiers::ABSTRACT;
        self.declare(TypeKind::Class, name, Some(owner), modifiers, supertypes, span)
    }

    fn declare(
        &mut self,
        kind: TypeKind,
        name: &str,
        owner: Option<TypeDeclId>,
        modifiers: Modifiers,
        supertypes: &[&str],
        span: Span,
    ) -> TypeDeclId {
        let supertypes = supertypes.iter().map(|name| supertype(name, span));
        self.facts.types.push(TypeDecl {
            name: Name::new(name),
            kind,
            owner,
            function: None,
            modifiers,
            annotations: Vec::new(),
            params: Vec::new(),
            supertypes: supertypes.collect(),
            span,
            name_span: span,
        });
        TypeDeclId(u32::try_from(self.facts.types.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn field(&mut self, owner: TypeDeclId, name: &str, ty: TypeRef, span: Span) {
        self.facts.properties.push(PropertyDecl {
            name: Name::new(name),
            owner: Some(owner),
            modifiers: Modifiers::PUBLIC | Modifiers::FINAL,
            annotations: Vec::new(),
            receiver: None,
            ty: Some(ty),
            initializer: None,
            delegate: None,
            getter: None,
            setter: None,
            constructor_parameter: false,
            enum_constant: false,
            span,
            name_span: span,
        });
    }

    pub(super) fn function(
        &mut self,
        owner: TypeDeclId,
        name: &str,
        modifiers: Modifiers,
        params: Vec<(Name, Option<TypeRef>)>,
        result: TypeRef,
        span: Span,
    ) {
        let params = params.into_iter().map(|(name, ty)| Param {
            name,
            ty,
            default: None,
            modifiers: Modifiers::FINAL,
            annotations: Vec::new(),
            span,
        });
        self.facts.functions.push(FunctionDecl {
            name: Name::new(name),
            kind: FunctionKind::Function,
            owner: Some(owner),
            parent: None,
            property: None,
            modifiers: Modifiers::PUBLIC | modifiers,
            annotations: Vec::new(),
            type_params: Vec::new(),
            receiver: None,
            params: params.collect(),
            result: Some(result),
            body: None,
            expression_body: false,
            span,
            name_span: span,
        });
    }
}

pub(super) fn named(name: &str, span: Span) -> TypeRef {
    generic(name, Vec::new(), span)
}

pub(super) fn generic(name: &str, args: Vec<TypeRef>, span: Span) -> TypeRef {
    TypeRef { name: Name::new(name), args, nullable: false, function: None, annotations: Vec::new(), span }
}

pub(super) fn supertype(name: &str, span: Span) -> Supertype {
    Supertype { ty: named(name, span), args: None, delegate: None }
}

/// `DrawerLayout` for `drawer_layout`: names of generated classes and, with a small first letter, members.
pub(super) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    name.split(['_', '-', '.']).for_each(|part| out.push_str(&capital(part)));
    out
}

pub(super) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

pub(super) fn small_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}
