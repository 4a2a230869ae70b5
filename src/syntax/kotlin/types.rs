//! Types as written, type parameters and their bounds.

use smallvec::SmallVec;
use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{FunctionType, TypeParam, TypeRef};

use super::kinds::Kind;
use super::lower::{Lower, span};

/// What precedes a type: `suspend` and annotations.
#[derive(Default)]
pub(super) struct TypeModifiers {
    suspend: bool,
    annotations: Vec<Name>,
}

impl<'t> Lower<'t> {
    pub(super) fn type_ref(&mut self, node: Node<'t>) -> TypeRef {
        let mut ty = self
            .deeper(node, |lower| lower.bare_type(node))
            .unwrap_or_else(|| named_type(Name::default(), span(node)));
        ty.span = span(node);
        ty
    }

    fn bare_type(&mut self, node: Node<'t>) -> TypeRef {
        match Kind::of(node) {
            Kind::UserType => self.user_type(node),
            Kind::NullableType | Kind::ParenthesizedType | Kind::NonNullableType | Kind::TypeProjection => {
                self.wrapped_type(node)
            }
            Kind::FunctionType => self.function_type(node),
            _ => named_type(self.name_of(node), span(node)),
        }
    }

    fn user_type(&mut self, node: Node<'t>) -> TypeRef {
        let mut ty = named_type(Name::default(), span(node));
        let mut path: SmallVec<[&str; 4]> = SmallVec::new();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Identifier => path.push(self.text_of(child).trim_matches('`')),
                // Only the last segment's arguments matter: `Outer<T>.Inner` is not seen in practice.
                Kind::TypeArguments => ty.args = self.type_arguments(child),
                Kind::TypeModifiers => self.type_modifiers(child).apply(&mut ty),
                _ => {}
            }
        }
        ty.name = match path.as_slice() {
            [name] => Name::new(name),
            path => Name::new(&path.join(".")),
        };
        ty
    }

    /// `T?`, `(T)`, `T & Any`, `out T`, `*`: the first type inside counts.
    fn wrapped_type(&mut self, node: Node<'t>) -> TypeRef {
        let mut modifiers = TypeModifiers::default();
        let mut inner = None;
        let mut nullable = false;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::TypeModifiers => modifiers = self.type_modifiers(child),
                Kind::Question => nullable = true,
                Kind::Star => inner = Some(named_type(Name::new("*"), span(child))),
                kind if inner.is_none() && kind.is_type() => inner = Some(self.type_ref(child)),
                _ => {}
            }
        }
        let mut ty = inner.unwrap_or_else(|| named_type(Name::default(), span(node)));
        ty.nullable |= nullable;
        ty.annotations.extend(self.blanked_annotation(node.start_byte()));
        modifiers.apply(&mut ty);
        ty
    }

    fn function_type(&mut self, node: Node<'t>) -> TypeRef {
        let mut modifiers = TypeModifiers::default();
        let mut function = FunctionType {
            suspend: false,
            receiver: None,
            params: Vec::new(),
            result: named_type(Name::new("Unit"), span(node)),
        };
        let mut after_params = false;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::TypeModifiers => modifiers = self.type_modifiers(child),
                Kind::FunctionTypeParameters => {
                    after_params = true;
                    function.params = self.function_type_params(child);
                }
                kind if kind.is_type() && after_params => function.result = self.type_ref(child),
                kind if kind.is_type() => {
                    // `suspend A.() -> B`: the grammar gives the receiver what belongs to the whole type.
                    let mut receiver = self.type_ref(child);
                    receiver.annotations.clear();
                    function.receiver = Some(receiver);
                    if let Some((Kind::TypeModifiers, first)) = self.kids(child).first() {
                        modifiers = self.type_modifiers(*first);
                    }
                }
                _ => {}
            }
        }
        let mut ty = named_type(Name::default(), span(node));
        ty.function = Some(Box::new(function));
        modifiers.apply(&mut ty);
        ty
    }

    fn function_type_params(&mut self, node: Node<'t>) -> Vec<TypeRef> {
        let mut params = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind == Kind::Parameter {
                let ty = self.kids(child).into_iter().find(|(kind, _)| kind.is_type());
                params.extend(ty.map(|(_, ty)| self.type_ref(ty)));
            } else if kind.is_type() {
                params.push(self.type_ref(child));
            }
        }
        params
    }

    pub(super) fn type_arguments(&mut self, node: Node<'t>) -> Vec<TypeRef> {
        let mut args = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind == Kind::TypeProjection || kind.is_type() {
                args.push(self.type_ref(child));
            }
        }
        args
    }

    pub(super) fn type_modifiers(&mut self, node: Node<'t>) -> TypeModifiers {
        let mut modifiers = TypeModifiers::default();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::SuspendWord => modifiers.suspend = true,
                Kind::Annotation => {
                    let annotations = self.annotation(child);
                    modifiers.annotations.extend(annotations.iter().map(|annotation| annotation.name));
                }
                _ => {}
            }
        }
        modifiers
    }

    pub(super) fn type_params(&mut self, node: Node<'t>) -> Vec<TypeParam> {
        let mut params = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind != Kind::TypeParameter {
                continue;
            }
            let mut param = TypeParam { name: Name::default(), bound: None, reified: false };
            for (kind, part) in self.kids(child) {
                match kind {
                    Kind::Identifier => param.name = self.name_of(part),
                    Kind::TypeParameterModifiers => {
                        param.reified = self.kids(part).iter().any(|(kind, _)| *kind == Kind::Reified);
                    }
                    kind if kind.is_type() => param.bound = Some(self.type_ref(part)),
                    _ => {}
                }
            }
            params.push(param);
        }
        params
    }

    /// `where T : A, T : B`: the first bound of a parameter counts.
    pub(super) fn type_constraints(&mut self, node: Node<'t>, params: &mut [TypeParam]) {
        for (kind, child) in self.kids(node) {
            if kind != Kind::TypeConstraint {
                continue;
            }
            let kids = self.kids(child);
            let name = kids.iter().find(|(kind, _)| *kind == Kind::Identifier);
            let bound = kids.iter().find(|(kind, _)| kind.is_type());
            if let (Some((_, name)), Some((_, bound))) = (name, bound) {
                let name = self.name_of(*name);
                let bound = self.type_ref(*bound);
                if let Some(param) = params.iter_mut().find(|param| param.name == name) {
                    param.bound.get_or_insert(bound);
                }
            }
        }
    }
}

impl TypeModifiers {
    pub(super) fn apply(self, ty: &mut TypeRef) {
        if self.suspend
            && let Some(function) = &mut ty.function
        {
            function.suspend = true;
        }
        ty.annotations.extend(self.annotations);
    }
}

pub(super) fn named_type(name: Name, span: Span) -> TypeRef {
    TypeRef { name, args: Vec::new(), nullable: false, function: None, annotations: Vec::new(), span }
}
