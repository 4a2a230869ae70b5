//! Modifiers and annotations, and what Kotlin implies where nothing is written.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Annotation, Modifiers, Suppression, SuppressionForm};
use crate::syntax::suppressions::{is_suppressing, reason_beside, words};

use super::kinds::Kind;
use super::lower::{Lower, span};

/// What is written before a declaration.
#[derive(Default)]
pub(super) struct Written {
    pub(super) flags: Modifiers,
    pub(super) annotations: Vec<Annotation>,
    open: bool,
    pub(super) is_enum: bool,
    pub(super) is_annotation: bool,
}

impl Written {
    /// Visibility and openness written out.
    pub(super) fn declared(&self, may_be_final: bool) -> Modifiers {
        let visibility = Modifiers::PRIVATE | Modifiers::PROTECTED | Modifiers::INTERNAL | Modifiers::PUBLIC;
        let mut flags = self.flags;
        if !flags.intersects(visibility) {
            flags |= Modifiers::PUBLIC;
        }
        let is_open =
            self.open || flags.intersects(Modifiers::ABSTRACT | Modifiers::OVERRIDE | Modifiers::SEALED);
        if may_be_final && !is_open {
            flags |= Modifiers::FINAL;
        }
        for annotation in &self.annotations {
            match annotation.name.last() {
                "JvmStatic" => flags |= Modifiers::STATIC,
                "Synchronized" => flags |= Modifiers::SYNCHRONIZED,
                _ => {}
            }
        }
        flags
    }
}

impl<'t> Lower<'t> {
    /// Reads a `modifiers` or `parameter_modifiers` node; `scope` is what suppressions in it cover.
    pub(super) fn modifiers(&mut self, node: Node<'t>, scope: Span) -> Written {
        let mut written = Written::default();
        for (kind, child) in self.kids(node) {
            if kind == Kind::Annotation {
                let annotations = self.annotation(child);
                self.suppress(&annotations, scope);
                written.annotations.extend(annotations);
            } else {
                self.modifier(self.text_of(child), &mut written);
            }
        }
        written
    }

    /// Annotations that stand outside a `modifiers` node.
    pub(super) fn add_annotation(&mut self, node: Node<'t>, scope: Span, written: &mut Vec<Annotation>) {
        let annotations = self.annotation(node);
        self.suppress(&annotations, scope);
        written.extend(annotations);
    }

    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    fn modifier(&self, word: &str, written: &mut Written) {
        written.flags |= match word {
            "abstract" => Modifiers::ABSTRACT,
            "final" => Modifiers::FINAL,
            "override" => Modifiers::OVERRIDE,
            "suspend" => Modifiers::SUSPEND,
            "inline" => Modifiers::INLINE,
            "operator" => Modifiers::OPERATOR,
            "infix" => Modifiers::INFIX,
            "private" => Modifiers::PRIVATE,
            "protected" => Modifiers::PROTECTED,
            "internal" => Modifiers::INTERNAL,
            "public" => Modifiers::PUBLIC,
            "external" => Modifiers::NATIVE,
            "const" => Modifiers::CONST,
            "lateinit" => Modifiers::LATEINIT,
            "inner" => Modifiers::INNER,
            "sealed" => Modifiers::SEALED | Modifiers::ABSTRACT,
            "data" => Modifiers::DATA,
            "vararg" => Modifiers::VARARG,
            "noinline" => Modifiers::NOINLINE,
            "crossinline" => Modifiers::CROSSINLINE,
            "tailrec" => Modifiers::TAILREC,
            "expect" => Modifiers::EXPECT,
            "actual" => Modifiers::ACTUAL,
            _ => Modifiers::empty(),
        };
        match word {
            "open" => written.open = true,
            "enum" => written.is_enum = true,
            "annotation" => written.is_annotation = true,
            _ => {}
        }
    }

    /// `@A`, `@get:A(x)`, `@[A B]`.
    pub(super) fn annotation(&mut self, node: Node<'t>) -> Vec<Annotation> {
        let mut target = Name::default();
        let mut annotations = Vec::new();
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::UseSiteTarget => {
                    target = Name::new(self.text_of(child).trim_end_matches(':').trim_end())
                }
                Kind::ConstructorInvocation => {
                    let (ty, args) = self.constructor_invocation(child);
                    annotations.push(Annotation { name: ty.name, target, args, span: span(node) });
                }
                kind if kind.is_type() => {
                    let ty = self.type_ref(child);
                    annotations.push(Annotation {
                        name: ty.name,
                        target,
                        args: Vec::new(),
                        span: span(node),
                    });
                }
                _ => {}
            }
        }
        annotations
    }

    /// Records the suppressions among annotations.
    pub(super) fn suppress(&mut self, annotations: &[Annotation], scope: Span) {
        for annotation in annotations.iter().filter(|it| is_suppressing(it.name)) {
            let words = words(&self.facts, annotation.args.iter().map(|arg| arg.value));
            self.facts.suppressions.push(Suppression {
                form: SuppressionForm::Annotation,
                word: Name::new(annotation.name.last()),
                ids: words.ids,
                constants: words.constants,
                scope,
                span: annotation.span,
                reason: reason_beside(self.original, annotation.span),
            });
        }
    }
}
