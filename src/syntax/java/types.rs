//! Types as written: primitives under Kotlin's names, arrays as `Array`, wildcards as their bounds.

use smallvec::SmallVec;
use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{TypeParam, TypeRef};

use super::kinds::{Field, Kind, kind};
use super::{Kids, Lower, at, of, span};

/// `a.b.C<D>`: the segments with their places, and the last segment's type arguments.
pub(super) struct TypePath {
    pub(super) segments: SmallVec<[(Name, Span); 2]>,
    pub(super) args: Vec<TypeRef>,
}

impl<'t> Lower<'t> {
    pub(super) fn type_ref(&mut self, node: Node<'t>) -> TypeRef {
        self.deeper(node, |lower| lower.type_ref_here(node)).unwrap_or_else(|| plain("", span(node)))
    }

    fn type_ref_here(&mut self, node: Node<'t>) -> TypeRef {
        match kind(node) {
            Kind::TypeIdentifier | Kind::Identifier => plain(self.slice(node), span(node)),
            Kind::VoidType | Kind::IntegralType | Kind::FloatingType | Kind::BooleanType => {
                plain(primitive(self.slice(node)), span(node))
            }
            Kind::GenericType | Kind::ScopedType | Kind::ScopedIdentifier => {
                let path = self.type_path(node);
                TypeRef { args: path.args, ..plain_name(join(&path.segments), span(node)) }
            }
            Kind::ArrayType => {
                let kids = self.kids(node);
                let Some(element) = at(&kids, Field::Element) else { return plain("Array", span(node)) };
                let element = self.type_ref(element.node);
                self.with_dimensions(element, &kids)
            }
            Kind::AnnotatedType => {
                let kids = self.kids(node);
                let Some(inner) = kids.iter().find(|kid| kid.kind.is_type()) else {
                    return plain("", span(node));
                };
                let mut ty = self.type_ref(inner.node);
                for kid in kids.iter().filter(|kid| kid.kind.is_annotation()) {
                    let name = self.annotation_name(kid.node);
                    ty.annotations.push(name);
                }
                ty
            }
            Kind::Wildcard => {
                let kids = self.kids(node);
                match kids.iter().find(|kid| kid.kind.is_type()) {
                    Some(bound) => self.type_ref(bound.node),
                    None => plain("*", span(node)),
                }
            }
            _ => plain("", span(node)),
        }
    }

    /// Wraps `ty` in as many arrays as the `[]` after a name or an element type say.
    pub(super) fn with_dimensions(&mut self, mut ty: TypeRef, kids: &Kids<'t>) -> TypeRef {
        for dimensions in kids.iter().filter(|kid| kid.kind == Kind::Dimensions) {
            let count = self.kids(dimensions.node).iter().filter(|kid| kid.kind == Kind::OpenBracket).count();
            for _ in 0..count {
                let span = ty.span;
                ty = TypeRef { args: vec![ty], ..plain("Array", span) };
            }
        }
        ty
    }

    /// Takes a class type apart; the left-recursive grammar of dotted types is followed in a loop.
    pub(super) fn type_path(&mut self, node: Node<'t>) -> TypePath {
        let mut path = TypePath { segments: SmallVec::new(), args: Vec::new() };
        let mut node = Some(node);
        while let Some(here) = node.take() {
            let kind = kind(here);
            if matches!(kind, Kind::TypeIdentifier | Kind::Identifier) {
                path.segments.push((self.name(here), span(here)));
                continue;
            }
            for kid in self.kids(here) {
                match kid.kind {
                    Kind::TypeArguments if path.segments.is_empty() => path.args = self.type_args(kid.node),
                    // The last identifier of a dotted type is its name, what precedes it the scope.
                    Kind::TypeIdentifier
                    | Kind::Identifier
                    | Kind::ScopedType
                    | Kind::GenericType
                    | Kind::ScopedIdentifier
                    | Kind::AnnotatedType => {
                        if let Some(last) = node.replace(kid.node) {
                            path.segments.push((self.name(kid.node), span(kid.node)));
                            node = Some(last);
                        }
                    }
                    _ => {}
                }
            }
        }
        path.segments.reverse();
        path
    }

    pub(super) fn type_args(&mut self, node: Node<'t>) -> Vec<TypeRef> {
        let kids = self.kids(node);
        let types = kids.iter().filter(|kid| kid.kind.is_type() || kid.kind == Kind::Wildcard);
        types.map(|kid| self.type_ref(kid.node)).collect()
    }

    /// The types of `extends A`, `implements A, B`, `throws`, `permits`.
    pub(super) fn type_list(&mut self, node: Node<'t>, into: &mut Vec<TypeRef>) {
        for kid in self.kids(node) {
            if kid.kind == Kind::TypeList {
                self.type_list(kid.node, into);
            } else if kid.kind.is_type() {
                let ty = self.type_ref(kid.node);
                into.push(ty);
            }
        }
    }

    pub(super) fn type_params(&mut self, kids: &Kids<'t>) -> Vec<TypeParam> {
        let Some(list) = of(kids, Kind::TypeParameters) else { return Vec::new() };
        let list = self.kids(list.node);
        let params = list.iter().filter(|kid| kid.kind == Kind::TypeParameter);
        params.map(|kid| self.type_param(kid.node)).collect()
    }

    /// Of several bounds the first one is kept: it is the class, if there is one.
    fn type_param(&mut self, node: Node<'t>) -> TypeParam {
        let kids = self.kids(node);
        let name = of(&kids, Kind::TypeIdentifier).or(of(&kids, Kind::Identifier));
        let name = name.map_or(Name::default(), |kid| self.name(kid.node));
        let bounds = of(&kids, Kind::TypeBound).map(|kid| self.kids(kid.node)).unwrap_or_default();
        let bound = bounds.iter().find(|kid| kid.kind.is_type()).map(|kid| self.type_ref(kid.node));
        TypeParam { name, bound, reified: false }
    }
}

/// A type that is only a name.
pub(super) fn plain(name: &str, span: Span) -> TypeRef {
    plain_name(Name::new(name), span)
}

pub(super) fn plain_name(name: Name, span: Span) -> TypeRef {
    TypeRef { name, args: Vec::new(), nullable: false, function: None, annotations: Vec::new(), span }
}

fn join(segments: &[(Name, Span)]) -> Name {
    match segments {
        [] => Name::default(),
        [(only, _)] => *only,
        [first, rest @ ..] => rest.iter().fold(first.0, |path, (segment, _)| path.join(*segment)),
    }
}

fn primitive(java: &str) -> &str {
    match java {
        "void" => "Unit",
        "int" => "Int",
        "long" => "Long",
        "boolean" => "Boolean",
        "byte" => "Byte",
        "short" => "Short",
        "char" => "Char",
        "float" => "Float",
        "double" => "Double",
        other => other,
    }
}
