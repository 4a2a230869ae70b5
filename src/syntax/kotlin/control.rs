//! Control flow: branches, loops, `try`, jumps.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Arm, BinaryOp, Catch, ExprId, ExprKind, Loop, LoopKind, Try};

use super::kinds::Kind;
use super::lower::{Lower, span};
use super::types::named_type;

impl<'t> Lower<'t> {
    pub(super) fn control(&mut self, node: Node<'t>) -> ExprId {
        match Kind::of(node) {
            Kind::If => self.if_expression(node),
            Kind::When => self.when(node),
            Kind::For => self.for_loop(node),
            Kind::While => self.while_loop(node, LoopKind::While),
            Kind::DoWhile => self.while_loop(node, LoopKind::DoWhile),
            Kind::Try => self.try_expression(node),
            Kind::Return => self.return_expression(node),
            Kind::Throw => {
                let value = self.only_operand(node);
                self.push(ExprKind::Throw(value), span(node))
            }
            Kind::Error => self.error(node),
            _ => self.missing(node),
        }
    }

    /// A branch or loop body; the grammar takes some `{ }` for lambdas.
    fn branch(&mut self, node: Node<'t>) -> ExprId {
        if Kind::of(node) == Kind::Lambda { self.block(node) } else { self.expr(node) }
    }

    fn if_expression(&mut self, node: Node<'t>) -> ExprId {
        let mut condition = None;
        let mut then = None;
        let mut otherwise = None;
        let mut in_else = false;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::ElseWord => in_else = true,
                kind if !kind.is_expression() => {}
                _ if condition.is_none() => condition = Some(self.expr(child)),
                _ if in_else => otherwise = Some(self.branch(child)),
                _ => then = Some(self.branch(child)),
            }
        }
        let condition = condition.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)));
        self.push(ExprKind::If { condition, then, otherwise }, span(node))
    }

    fn when(&mut self, node: Node<'t>) -> ExprId {
        let mut subject = None;
        let mut binding = None;
        let mut arms = Vec::new();
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::WhenSubject => (subject, binding) = self.when_subject(child),
                Kind::WhenEntry => {
                    let arm = self.when_entry(child, subject);
                    arms.push(arm);
                }
                _ => {}
            }
        }
        self.push(ExprKind::When { subject, binding, arms: arms.into() }, span(node))
    }

    fn when_subject(&mut self, node: Node<'t>) -> (Option<ExprId>, Option<Name>) {
        let mut binding = None;
        let mut subject = None;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::VariableDeclaration => {
                    let kids = self.kids(child);
                    let name = kids.iter().find(|(kind, _)| *kind == Kind::Identifier);
                    binding = name.map(|(_, name)| self.name_of(*name));
                }
                kind if kind.is_expression() => subject = Some(self.expr(child)),
                _ => {}
            }
        }
        (subject, binding)
    }

    fn when_entry(&mut self, node: Node<'t>, subject: Option<ExprId>) -> Arm {
        let mut conditions = Vec::new();
        let mut body = None;
        let mut after_arrow = false;
        let mut head_end = node.start_byte();
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::Arrow => {
                    after_arrow = true;
                    head_end = child.start_byte();
                }
                Kind::RangeTest | Kind::TypeTest => conditions.push(self.test(child, kind, subject)),
                kind if kind.is_expression() && after_arrow => body = Some(self.branch(child)),
                kind if kind.is_expression() => conditions.push(self.expr(child)),
                _ => {}
            }
        }
        let body = body.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)));
        let guard = self.blanked_guard(node.start_byte(), head_end);
        Arm { conditions, guard, body }
    }

    /// `is T`, `!in r` of a `when` arm.
    fn test(&mut self, node: Node<'t>, kind: Kind, subject: Option<ExprId>) -> ExprId {
        let start = Span::new(node.start_byte(), node.start_byte());
        let value = subject.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), start));
        let parts = self.parts(node);
        let (Some((word, _)), Some((_, operand))) = (parts.first(), parts.get(1)) else {
            return self.missing(node);
        };
        let test = if kind == Kind::TypeTest {
            let ty = self.type_ref(*operand);
            ExprKind::TypeTest { value, ty: Box::new(ty), negated: *word == Kind::NotIs, binding: None }
        } else {
            let op = if *word == Kind::NotIn { BinaryOp::NotIn } else { BinaryOp::In };
            let right = self.expr(*operand);
            ExprKind::Binary { op, left: value, right }
        };
        self.push(test, span(node))
    }

    fn for_loop(&mut self, node: Node<'t>) -> ExprId {
        let mut it = new_loop(LoopKind::ForEach);
        let mut destructure = None;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::VariableDeclaration => {
                    for (kind, part) in self.kids(child) {
                        match kind {
                            Kind::Identifier => it.variable = Some(self.name_of(part)),
                            kind if kind.is_type() => it.variable_type = Some(self.type_ref(part)),
                            _ => {}
                        }
                    }
                }
                Kind::MultiVariable => {
                    it.variable = Some(Name::new("<destructured>"));
                    let names = self.variable_names(child);
                    let names =
                        self.push(ExprKind::Destructure { names: names.into(), value: None }, span(child));
                    destructure = Some(names);
                }
                kind if !kind.is_expression() => {}
                _ if it.condition.is_none() => it.condition = Some(self.expr(child)),
                _ => it.body = Some(self.branch(child)),
            }
        }
        if let (Some(names), Some(body)) = (destructure, it.body) {
            let whole = self.span_of(body);
            let is_block = matches!(self.facts.exprs.get(body.0 as usize), Some(expr) if matches!(expr.kind, ExprKind::Block(_)));
            if is_block {
                let first = self.push(ExprKind::Block(vec![names]), whole);
                self.prepend(first, body);
            } else {
                it.body = Some(self.push(ExprKind::Block(vec![names, body]), whole));
            }
        }
        self.push(ExprKind::Loop(Box::new(it)), span(node))
    }

    fn while_loop(&mut self, node: Node<'t>, kind: LoopKind) -> ExprId {
        let mut it = new_loop(kind);
        let mut in_condition = false;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::WhileWord => in_condition = true,
                Kind::CloseParen => in_condition = false,
                kind if !kind.is_expression() => {}
                _ if in_condition => it.condition = Some(self.expr(child)),
                _ => it.body = Some(self.branch(child)),
            }
        }
        self.push(ExprKind::Loop(Box::new(it)), span(node))
    }

    fn try_expression(&mut self, node: Node<'t>) -> ExprId {
        let mut body = None;
        let mut catches = Vec::new();
        let mut finally = None;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::Block => body = Some(self.block(child)),
                Kind::Catch => catches.push(self.catch(child)),
                Kind::Finally => {
                    for (kind, part) in self.parts(child) {
                        if kind == Kind::Block {
                            finally = Some(self.block(part));
                        }
                    }
                }
                _ => {}
            }
        }
        let body = body.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)));
        self.push(ExprKind::Try(Box::new(Try { resources: Vec::new(), body, catches, finally })), span(node))
    }

    fn catch(&mut self, node: Node<'t>) -> Catch {
        let mut name = Name::default();
        let mut types = Vec::new();
        let mut body = None;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::Identifier => name = self.name_of(child),
                Kind::Block => body = Some(self.block(child)),
                kind if kind.is_type() => types.push(self.type_ref(child)),
                _ => {}
            }
        }
        if types.is_empty() {
            types.push(named_type(Name::default(), span(node)));
        }
        let body = body.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)));
        Catch { name, types, body }
    }

    fn return_expression(&mut self, node: Node<'t>) -> ExprId {
        let parts = self.parts(node);
        let labelled = parts.first().is_some_and(|(_, word)| self.text_of(*word).ends_with('@'));
        let label = parts.get(1).filter(|_| labelled).map(|(_, label)| self.name_of(*label));
        let value = parts.get(if labelled { 2 } else { 1 }).map(|(_, value)| *value);
        let value = value.map(|value| self.expr(value));
        self.push(ExprKind::Return { value, label }, span(node))
    }
}

fn new_loop(kind: LoopKind) -> Loop {
    Loop {
        kind,
        init: Vec::new(),
        condition: None,
        update: Vec::new(),
        variable: None,
        variable_type: None,
        body: None,
    }
}
