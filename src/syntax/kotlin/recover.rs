//! What error recovery left: `ERROR` nodes hold flat lists of tokens and nodes. Functions and types in them are
//! found by their words, everything else recognisable is kept as loose statements.

use tree_sitter::Node;

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, Span};
use crate::facts::{ExprId, ExprKind, FunctionKind, Modifiers, TypeKind};

use super::kinds::Kind;
use super::lower::{Kids, Lower, span};

/// Problems reported per file; more say nothing new.
const MAX_PROBLEMS: usize = 20;

impl<'t> Lower<'t> {
    /// An `ERROR` among declarations.
    pub(super) fn recover(&mut self, node: Node<'t>) {
        self.deeper(node, |lower| {
            let kids = lower.kids(node);
            lower.recover_list(&kids);
        });
    }

    /// An `ERROR` among statements or in an expression.
    pub(super) fn error(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let mut parts = Vec::new();
        for (kind, child) in kids {
            if kind.is_expression()
                && kind != Kind::SecondaryConstructor
                && kind != Kind::AnonymousInitializer
            {
                parts.push(self.expr(child));
            } else {
                self.inner_expressions(kind, child, &mut parts);
            }
        }
        self.push(ExprKind::Missing(parts), span(node))
    }

    /// Expressions inside fragments that mean nothing alone.
    fn inner_expressions(&mut self, kind: Kind, node: Node<'t>, parts: &mut Vec<ExprId>) {
        match kind {
            Kind::AnnotatedLambda
            | Kind::ValueArguments
            | Kind::ValueArgument
            | Kind::FunctionBody
            | Kind::WhenEntry
            | Kind::WhenSubject
            | Kind::PropertyDelegate
            | Kind::Catch
            | Kind::Finally
            | Kind::AnonymousInitializer => {
                for (kind, child) in self.kids(node) {
                    if kind.is_expression() {
                        parts.push(self.expr(child));
                    } else {
                        self.inner_expressions(kind, child, parts);
                    }
                }
            }
            Kind::ClassBody | Kind::EnumBody => self.type_body(node),
            _ => {}
        }
    }

    /// Declarations and fragments of them, one after another; an opened class takes what follows it.
    fn recover_list(&mut self, kids: &[(Kind, Node<'t>)]) {
        let mut rest = kids;
        while let Some(((kind, node), after)) = rest.split_first() {
            rest = after;
            match kind {
                Kind::ClassWord | Kind::InterfaceWord | Kind::ObjectWord => {
                    if let Some((Kind::Identifier, name)) = after.first() {
                        return self.opened_type(*kind, *node, *name, after.get(1..).unwrap_or(&[]));
                    }
                }
                Kind::FunWord => {
                    let taken = self.opened_function(*node, after);
                    rest = after.get(taken..).unwrap_or(&[]);
                }
                Kind::EnumEntry if self.owner.is_some() => self.enum_entry(*node),
                kind if kind.is_declaration() => self.member(*kind, *node),
                Kind::Error => self.recover(*node),
                Kind::ClassBody | Kind::EnumBody => self.type_body(*node),
                // Names between declarations are parts of headers, not statements.
                Kind::Identifier => {}
                kind if kind.is_expression() => self.loose_statement(*node),
                _ => {
                    let runner = self.function;
                    let mut parts = Vec::new();
                    if runner.is_some() {
                        self.inner_expressions(*kind, *node, &mut parts);
                    }
                }
            }
        }
    }

    /// `class Name … {` whose end was not found: the rest of the list is in it.
    fn opened_type(&mut self, kind: Kind, word: Node<'t>, name: Node<'t>, rest: &[(Kind, Node<'t>)]) {
        let end = rest.last().map_or(name.end_byte(), |(_, last)| last.end_byte());
        let type_kind = match kind {
            Kind::InterfaceWord => TypeKind::Interface,
            Kind::ObjectWord => TypeKind::Object,
            _ => TypeKind::Class,
        };
        let id = self.new_type(type_kind, Span::new(word.start_byte(), end), span(name));
        let name = self.name_of(name);
        self.edit_type(id, |decl| {
            decl.name = name;
            decl.modifiers = Modifiers::PUBLIC;
        });
        let header = rest.iter().take_while(|(kind, _)| *kind != Kind::OpenBrace).count();
        self.inside_type(id, |lower| {
            for (kind, child) in rest.get(..header).unwrap_or(&[]) {
                lower.type_part(id, *kind, *child);
            }
            lower.recover_list(rest.get(header..).unwrap_or(&[]));
        });
    }

    /// `fun name(params) … {` whose end was not found: statements up to the next declaration are in it.
    /// Returns how much of the list it took.
    fn opened_function(&mut self, word: Node<'t>, rest: &[(Kind, Node<'t>)]) -> usize {
        let head = rest.iter().take_while(|(kind, _)| *kind != Kind::FunctionParameters).count();
        let Some((_, params)) = rest.get(head) else { return 0 };
        let Some((_, name)) = head.checked_sub(1).and_then(|name| rest.get(name)) else { return 0 };
        if head > 8 || Kind::of(*name) != Kind::Identifier {
            return 0;
        }
        let stop = |kind: Kind| kind.is_declaration() && kind != Kind::PropertyDeclaration;
        let tail = rest.get(head..).unwrap_or(&[]);
        let length = tail.iter().take_while(|(kind, _)| !stop(*kind) && *kind != Kind::FunWord).count();
        let end =
            tail.get(..length).and_then(<[_]>::last).map_or(params.end_byte(), |(_, last)| last.end_byte());
        let whole = Span::new(word.start_byte(), end);
        let parent = self.function;
        let name_text: Name = self.name_of(*name);
        let id = self.new_function(FunctionKind::Function, name_text, whole, span(*name));
        self.edit_function(id, |function| {
            function.parent = parent;
            function.modifiers = Modifiers::PUBLIC;
        });
        let signature: Kids<'t> =
            tail.iter().take(length).copied().filter(|(kind, _)| is_signature(*kind)).collect();
        self.signature_and_body(id, signature);
        let mut statements = Vec::new();
        self.inside(id, |lower| {
            for (kind, child) in tail.iter().take(length) {
                if kind.is_expression() {
                    lower.statement(*child, &mut statements);
                } else if !is_signature(*kind) {
                    lower.inner_expressions(*kind, *child, &mut statements);
                }
            }
        });
        let has_body =
            self.facts.functions.get(id.0 as usize).is_some_and(|function| function.body.is_some());
        if !has_body {
            let body = self.push(ExprKind::Block(statements), whole);
            self.edit_function(id, |function| function.body = Some(body));
        }
        head + length
    }

    /// A problem for every error left in the tree, up to a limit.
    pub(super) fn problems(&mut self, root: Node<'t>, path: &str) {
        let mut errors = Vec::new();
        if root.has_error() {
            collect_errors(root, &mut errors);
        }
        for (at, missing) in errors {
            let message = if missing { "something is missing here" } else { "syntax not understood" };
            let problem = problem_at(self.text, path, at, message);
            self.facts.problems.push(problem);
        }
        if let Some(at) = self.too_deep {
            let message = "nested too deep, the inner part is not analysed";
            let problem = problem_at(self.text, path, at, message);
            self.facts.problems.push(problem);
        }
    }
}

/// A problem with its line.
pub(super) fn problem_at(text: &str, path: &str, at: Span, message: &str) -> Problem {
    let before = text.as_bytes().get(..at.start as usize).unwrap_or(&[]);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    Problem {
        kind: ProblemKind::Syntax,
        path: path.to_owned(),
        span: Some(at),
        line: u32::try_from(line).ok(),
        message: message.to_owned(),
    }
}

fn is_signature(kind: Kind) -> bool {
    kind.is_type()
        || matches!(
            kind,
            Kind::FunctionParameters | Kind::FunctionBody | Kind::TypeConstraints | Kind::TypeModifiers
        )
}

/// Places of errors in source order, without recursion; the tree of a broken file may be very deep.
fn collect_errors(root: Node<'_>, errors: &mut Vec<(Span, bool)>) {
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            errors.push((span(node), node.is_missing()));
            if errors.len() >= MAX_PROBLEMS {
                return;
            }
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
