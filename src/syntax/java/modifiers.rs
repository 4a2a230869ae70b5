//! Modifiers and annotations, and the suppressions that are annotations.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Annotation, Arg, Call, ExprId, ExprKind, Modifiers, Suppression, SuppressionForm};
use crate::syntax::suppressions::{is_suppressing, reason_beside, words};

use super::kinds::{Field, Kind};
use super::{Kids, Lower, at, of, span};

/// What stands before a declaration.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) modifiers: Modifiers,
    pub(super) annotations: Vec<Annotation>,
}

impl<'t> Lower<'t> {
    /// The modifiers among a declaration's children. `scope` is the declaration, which its suppressions cover.
    pub(super) fn marks(&mut self, kids: &Kids<'t>, scope: Span) -> Marks {
        let mut marks = Marks::default();
        if let Some(list) = of(kids, Kind::Modifiers) {
            self.marks_of(list.node, scope, &mut marks);
        }
        marks
    }

    pub(super) fn marks_of(&mut self, list: Node<'t>, scope: Span, marks: &mut Marks) {
        for kid in self.kids(list) {
            if kid.kind.is_annotation() {
                let annotation = self.annotation(kid.node);
                self.suppressed_by(&annotation, scope);
                // Kotlin has a modifier for it, and rules should find one form only.
                if matches!(annotation.name.as_str(), "Override" | "java.lang.Override") {
                    marks.modifiers |= Modifiers::OVERRIDE;
                } else {
                    marks.annotations.push(annotation);
                }
            } else {
                marks.modifiers |= modifier(kid.kind);
            }
        }
    }

    pub(super) fn annotation_name(&mut self, node: Node<'t>) -> Name {
        let kids = self.kids(node);
        at(&kids, Field::Name).map_or(Name::default(), |kid| self.dotted(kid.node))
    }

    fn annotation(&mut self, node: Node<'t>) -> Annotation {
        let kids = self.kids(node);
        let name = at(&kids, Field::Name).map_or(Name::default(), |kid| self.dotted(kid.node));
        let args = of(&kids, Kind::AnnotationArguments).map(|kid| self.annotation_args(kid.node));
        Annotation { name, target: Name::default(), args: args.unwrap_or_default(), span: span(node) }
    }

    fn annotation_args(&mut self, node: Node<'t>) -> Vec<Arg> {
        let mut args = Vec::new();
        for kid in self.kids(node) {
            if kid.kind == Kind::ElementPair {
                let pair = self.kids(kid.node);
                let name = at(&pair, Field::Key).map(|key| self.name(key.node));
                if let Some(value) = at(&pair, Field::Value) {
                    args.push(Arg { name, value: self.expr(value.node), trailing: false });
                }
            } else if kid.kind.is_expression() || kid.kind == Kind::Error {
                args.push(Arg { name: None, value: self.expr(kid.node), trailing: false });
            }
        }
        args
    }

    /// An annotation as the argument of another one is written as a call in Kotlin.
    pub(super) fn annotation_call(&mut self, node: Node<'t>, kids: &Kids<'t>) -> ExprId {
        let mut path = Vec::new();
        let mut scope = at(kids, Field::Name);
        while let Some(here) = scope.take() {
            if here.kind == Kind::ScopedIdentifier {
                let parts = self.kids(here.node);
                path.extend(at(&parts, Field::Name));
                scope = parts.first().copied();
            } else {
                path.push(here);
            }
        }
        let name = path.first().copied();
        let mut receiver = None;
        for segment in path.iter().skip(1).rev() {
            let (name, place) = (self.name(segment.node), span(segment.node));
            receiver = Some(self.select(receiver, name, place));
        }
        let args = of(kids, Kind::AnnotationArguments).map(|kid| self.annotation_args(kid.node));
        let call = Call {
            receiver,
            name: name.map_or(Name::default(), |kid| self.name(kid.node)),
            name_span: name.map_or(span(node), |kid| span(kid.node)),
            type_args: Vec::new(),
            args: args.unwrap_or_default(),
            safe: false,
        };
        self.push(ExprKind::Call(Box::new(call)), span(node))
    }

    fn suppressed_by(&mut self, annotation: &Annotation, scope: Span) {
        if !is_suppressing(annotation.name) {
            return;
        }
        let words = words(&self.facts, annotation.args.iter().map(|arg| arg.value));
        self.facts.suppressions.push(Suppression {
            form: SuppressionForm::Annotation,
            word: Name::new(annotation.name.last()),
            ids: words.ids,
            constants: words.constants,
            scope,
            span: annotation.span,
            reason: reason_beside(self.text, annotation.span),
        });
    }
}

fn modifier(token: Kind) -> Modifiers {
    match token {
        Kind::PublicToken => Modifiers::PUBLIC,
        Kind::ProtectedToken => Modifiers::PROTECTED,
        Kind::PrivateToken => Modifiers::PRIVATE,
        Kind::AbstractToken => Modifiers::ABSTRACT,
        Kind::StaticToken => Modifiers::STATIC,
        Kind::FinalToken => Modifiers::FINAL,
        Kind::SynchronizedToken => Modifiers::SYNCHRONIZED,
        Kind::NativeToken => Modifiers::NATIVE,
        Kind::SealedToken => Modifiers::SEALED,
        _ => Modifiers::empty(),
    }
}
