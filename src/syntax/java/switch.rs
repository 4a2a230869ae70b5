//! `switch`, old and new, as statement and as expression.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Arm, ExprId, ExprKind};

use super::kinds::{Field, Kind};
use super::types::plain;
use super::{Kid, Kids, Lower, at, of, span};

/// What the labels before an arm say.
#[derive(Default)]
struct Labels {
    conditions: Vec<ExprId>,
    guard: Option<ExprId>,
    is_default: bool,
    /// Names a record pattern takes from the subject.
    names: Vec<Name>,
}

impl<'t> Lower<'t> {
    pub(super) fn switch(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let subject = match at(kids, Field::Condition) {
            Some(kid) => self.expr(kid.node),
            None => self.push(ExprKind::Missing(Vec::new()), place),
        };
        let entries = at(kids, Field::Body).map(|body| self.kids(body.node)).unwrap_or_default();
        let mut arms = Vec::new();
        // `case A: case B: …` are groups of their own, all but the last one empty.
        let mut labels = Labels::default();
        for entry in entries {
            match entry.kind {
                Kind::SwitchGroup => arms.extend(self.group(entry.node, subject, &mut labels)),
                Kind::SwitchRule => arms.push(self.rule(entry.node, subject)),
                Kind::Error => {
                    let body = self.fragments(entry.node);
                    arms.push(Arm { conditions: Vec::new(), guard: None, body });
                }
                _ => {}
            }
        }
        self.push(ExprKind::When { subject: Some(subject), binding: None, arms: arms.into() }, place)
    }

    /// `case A: statements`; without statements only the labels are kept for the next group.
    fn group(&mut self, node: Node<'t>, subject: ExprId, labels: &mut Labels) -> Option<Arm> {
        let kids = self.kids(node);
        self.labels(&kids, subject, labels);
        let is_last = node.next_named_sibling().is_none();
        if !is_last && !kids.iter().any(|kid| super::stmt::is_statement(kid.kind) || kid.kind == Kind::Error)
        {
            return None;
        }
        let labels = std::mem::take(labels);
        let mut inner: Kids<'t> = kids.into_iter().filter(|kid| kid.kind != Kind::SwitchLabel).collect();
        self.drop_break(&mut inner);
        let blocks = inner.iter().filter(|kid| kid.kind == Kind::Block).count();
        let statements = inner.iter().filter(|kid| super::stmt::is_statement(kid.kind)).count();
        let body = match of(&inner, Kind::Block) {
            Some(block) if blocks == 1 && statements == 1 => self.arm_block(block.node),
            _ => {
                let statements = self.statements(node, inner);
                self.push(ExprKind::Block(statements), span(node))
            }
        };
        Some(self.arm(labels, subject, body))
    }

    /// `case A, B -> expression;`, `case A -> { … }`.
    fn rule(&mut self, node: Node<'t>, subject: ExprId) -> Arm {
        let kids = self.kids(node);
        let mut labels = Labels::default();
        self.labels(&kids, subject, &mut labels);
        let body =
            kids.iter().skip(1).find(|kid| kid.kind.is_statement() || kid.kind == Kind::Error).copied();
        let lowered = match body {
            Some(kid) if kid.kind == Kind::Block => Some(self.arm_block(kid.node)),
            other => self.body(other),
        };
        let body = lowered.unwrap_or_else(|| self.push(ExprKind::Block(Vec::new()), span(node)));
        self.arm(labels, subject, body)
    }

    fn arm_block(&mut self, node: Node<'t>) -> ExprId {
        let mut kids = self.kids(node);
        self.drop_break(&mut kids);
        let statements = self.deeper(node, |lower| lower.statements(node, kids));
        self.push(ExprKind::Block(statements.unwrap_or_default()), span(node))
    }

    /// The `break` that ends an arm says nothing, and would read as leaving the loop around the switch.
    fn drop_break(&mut self, kids: &mut Kids<'t>) {
        let Some(last) = kids.iter().rposition(|kid| kid.kind.is_statement() || kid.kind == Kind::Error)
        else {
            return;
        };
        if kids[last].kind == Kind::Break && of(&self.kids(kids[last].node), Kind::Identifier).is_none() {
            kids.remove(last);
        }
    }

    fn arm(&mut self, labels: Labels, subject: ExprId, body: ExprId) -> Arm {
        let mut body = body;
        if !labels.names.is_empty() {
            let place = self.span_of(body);
            let taken = ExprKind::Destructure { names: labels.names.into(), value: Some(subject) };
            let taken = self.push(taken, place);
            body = self.push(ExprKind::Block(vec![taken, body]), place);
        }
        let conditions = if labels.is_default { Vec::new() } else { labels.conditions };
        Arm { conditions, guard: labels.guard, body }
    }

    fn labels(&mut self, kids: &Kids<'t>, subject: ExprId, labels: &mut Labels) {
        for label in kids.iter().filter(|kid| kid.kind == Kind::SwitchLabel) {
            for kid in self.kids(label.node) {
                match kid.kind {
                    Kind::DefaultToken => labels.is_default = true,
                    Kind::Pattern => self.pattern(kid.node, subject, labels),
                    Kind::Guard => {
                        let inner = self.kids(kid.node);
                        labels.guard = self.exprs(&inner).into_iter().next();
                    }
                    kind if kind.is_expression() => {
                        let value = self.expr(kid.node);
                        labels.conditions.push(value);
                    }
                    _ => {}
                }
            }
        }
    }

    fn pattern(&mut self, node: Node<'t>, subject: ExprId, labels: &mut Labels) {
        for kid in self.kids(node) {
            let (ty, binding) = match kid.kind {
                Kind::TypePattern => {
                    let kids = self.kids(kid.node);
                    let ty = kids.iter().find(|kid| kid.kind.is_type()).map(|kid| self.type_ref(kid.node));
                    let name = of(&kids, Kind::Identifier).map(|kid| self.name(kid.node));
                    (ty.unwrap_or_else(|| plain("", span(kid.node))), name)
                }
                Kind::RecordPattern => {
                    self.component_names(kid, &mut labels.names);
                    (self.record_pattern_type(kid.node), None)
                }
                _ => continue,
            };
            let test = ExprKind::TypeTest { value: subject, ty: Box::new(ty), negated: false, binding };
            labels.conditions.push(self.push(test, span(kid.node)));
        }
    }

    /// All names a record pattern binds, of nested patterns as well.
    fn component_names(&mut self, pattern: Kid<'t>, names: &mut Vec<Name>) {
        let mut pending = vec![pattern];
        while let Some(kid) = pending.pop() {
            let kids = self.kids(kid.node);
            match kid.kind {
                Kind::RecordPatternComponent => {
                    names.extend(of(&kids, Kind::Identifier).map(|name| self.name(name.node)));
                }
                _ => pending.extend(kids.into_iter().rev().filter(|kid| {
                    matches!(
                        kid.kind,
                        Kind::RecordPattern | Kind::RecordPatternBody | Kind::RecordPatternComponent
                    )
                })),
            }
        }
    }
}
