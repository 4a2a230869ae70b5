//! Expressions. What grows to the left (operators, call chains) is walked in a loop, everything else recursively.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    BinaryOp, ExprId, ExprKind, FunctionDecl, FunctionKind, Literal, Param, TypeRef, UnaryOp,
};

use super::kinds::{self, Field, Kind, kind};
use super::literal;
use super::member::shell;
use super::types::plain;
use super::{Kid, Kids, Lower, at, of, span};

/// An expression that waits for the one at its left end.
struct Pending<'t> {
    node: Node<'t>,
    kind: Kind,
    kids: Kids<'t>,
}

impl<'t> Lower<'t> {
    pub(super) fn expr(&mut self, node: Node<'t>) -> ExprId {
        let lowered = self.deeper(node, |lower| lower.chain(node));
        lowered.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)))
    }

    pub(super) fn exprs(&mut self, kids: &Kids<'t>) -> Vec<ExprId> {
        let values = kids.iter().filter(|kid| kid.kind.is_expression() || kid.kind == Kind::Error);
        values.map(|kid| self.expr(kid.node)).collect()
    }

    /// Walks down the left ends, then builds the expressions from the inside out.
    fn chain(&mut self, node: Node<'t>) -> ExprId {
        let mut waiting: Vec<Pending<'t>> = Vec::new();
        let mut node = node;
        let mut value = loop {
            let kind = kind(node);
            if kind == Kind::Identifier {
                break self.push(ExprKind::Name(self.name(node)), span(node));
            }
            if kind.is_literal() && kind != Kind::String {
                break self.push(ExprKind::Literal(literal::literal(kind, self.slice(node))), span(node));
            }
            if kind == Kind::Parenthesized
                && let Some(inner) = self.only_kid(node, 1, 3)
            {
                node = inner;
                continue;
            }
            if kind == Kind::String && node.child_count() <= 3 {
                let plain = node.child(1).is_none_or(|part| kinds::kind(part) != Kind::Interpolation);
                if plain {
                    break self.push(ExprKind::Literal(literal::literal(kind, self.slice(node))), span(node));
                }
            }
            let kids = self.kids(node);
            match left_end(kind, &kids) {
                Some(inner) if kind == Kind::Parenthesized => node = inner,
                Some(left) => {
                    waiting.push(Pending { node, kind, kids });
                    node = left;
                }
                None => break self.single(node, kind, &kids),
            }
        };
        while let Some(outer) = waiting.pop() {
            value = self.continued(&outer, value);
        }
        value
    }

    /// An expression whose left end is lowered already.
    fn continued(&mut self, outer: &Pending<'t>, left: ExprId) -> ExprId {
        let (kids, place) = (&outer.kids, span(outer.node));
        match outer.kind {
            Kind::Invocation => self.invocation(kids, Some(left), place),
            Kind::FieldAccess => self.field_access(kids, left, place),
            Kind::ArrayAccess => {
                let index = at(kids, Field::Index).map(|kid| self.expr(kid.node));
                self.push(ExprKind::Index { receiver: left, args: index.into_iter().collect() }, place)
            }
            Kind::Binary => {
                let op = at(kids, Field::Operator).and_then(|kid| binary_op(self.slice(kid.node)));
                let right = at(kids, Field::Right).map(|kid| self.expr(kid.node));
                let kind = match (op, right) {
                    (Some(op), Some(right)) => ExprKind::Binary { op, left, right },
                    (_, right) => ExprKind::Missing([left].into_iter().chain(right).collect()),
                };
                self.push(kind, place)
            }
            _ => self.instance_of(kids, left, place),
        }
    }

    /// An expression without a left end of its own.
    fn single(&mut self, node: Node<'t>, kind: Kind, kids: &Kids<'t>) -> ExprId {
        let place = span(node);
        match kind {
            Kind::String => self.string(node, kids),
            Kind::This => self.push(ExprKind::This(None), place),
            Kind::Super => self.push(ExprKind::Super(None), place),
            Kind::Invocation => self.invocation_on_super(kids, place),
            Kind::FieldAccess => self.field_of_super(kids, place),
            Kind::Creation => self.creation(kids, place),
            Kind::MethodReference => self.method_reference(kids, place),
            Kind::Lambda => self.lambda(kids, place),
            Kind::Assignment => self.assignment(kids, place),
            Kind::Ternary => self.ternary(kids, place),
            Kind::Unary => self.unary(kids, place),
            Kind::Update => self.update(kids, place),
            Kind::Cast => self.cast(kids, place),
            Kind::Switch => self.switch(kids, place),
            Kind::ScopedIdentifier => self.dotted_name(kids, place),
            Kind::ClassLiteral => {
                let ty = kids.iter().find(|kid| kid.kind.is_type()).map(|kid| self.type_ref(kid.node));
                self.push(ExprKind::ClassLiteral(Box::new(ty.unwrap_or_else(|| plain("", place)))), place)
            }
            Kind::ArrayCreation => self.array_creation(kids, place),
            Kind::ArrayInitializer | Kind::ElementArray => {
                let parts = self.exprs(kids);
                self.push(ExprKind::Array(parts), place)
            }
            Kind::Annotation | Kind::MarkerAnnotation => self.annotation_call(node, kids),
            _ => self.fragments(node),
        }
    }

    fn string(&mut self, node: Node<'t>, kids: &Kids<'t>) -> ExprId {
        let place = span(node);
        if of(kids, Kind::Interpolation).is_none() {
            return self.push(ExprKind::Literal(literal::literal(Kind::String, self.slice(node))), place);
        }
        let mut parts = Vec::new();
        for kid in kids {
            match kid.kind {
                Kind::Interpolation => {
                    let inner = self.kids(kid.node);
                    parts.extend(self.exprs(&inner));
                }
                Kind::StringFragment | Kind::MultilineFragment | Kind::Escape => {
                    let text = Literal::String(literal::fragment(self.slice(kid.node)));
                    parts.push(self.push(ExprKind::Literal(text), span(kid.node)));
                }
                _ => {}
            }
        }
        self.push(ExprKind::Template(parts), place)
    }

    fn lambda(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let params = match at(kids, Field::Parameters) {
            Some(kid) if kid.kind == Kind::Identifier => vec![self.inferred_param(kid.node)],
            Some(kid) => self.params(kid.node),
            None => Vec::new(),
        };
        let id = self.push_function(lambda_shell(self, params, place));
        if let Some(body) = at(kids, Field::Body) {
            let block = self.within(self.owner, Some(id), |lower| lower.lambda_body(body));
            self.facts.functions[id.0 as usize].body = Some(block);
        }
        self.push(ExprKind::Lambda(id), place)
    }

    fn lambda_body(&mut self, body: Kid<'t>) -> ExprId {
        if body.kind == Kind::Block {
            return self.block(body.node);
        }
        let value = self.expr(body.node);
        self.push(ExprKind::Block(vec![value]), span(body.node))
    }

    fn assignment(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let target = at(kids, Field::Left).map(|kid| self.expr(kid.node));
        let value = at(kids, Field::Right).map(|kid| self.expr(kid.node));
        let op = at(kids, Field::Operator).map_or("", |kid| self.slice(kid.node));
        let op = binary_op(op.strip_suffix('=').unwrap_or(op));
        let kind = match (target, value) {
            (Some(target), Some(value)) => ExprKind::Assign { target, op, value },
            (target, value) => ExprKind::Missing(target.into_iter().chain(value).collect()),
        };
        self.push(kind, place)
    }

    fn ternary(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let mut part = |field| at(kids, field).map(|kid| self.expr(kid.node));
        let condition = part(Field::Condition);
        let (then, otherwise) = (part(Field::Consequence), part(Field::Alternative));
        let kind = match condition {
            Some(condition) => ExprKind::If { condition, then, otherwise },
            None => ExprKind::Missing(then.into_iter().chain(otherwise).collect()),
        };
        self.push(kind, place)
    }

    fn unary(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let op = match at(kids, Field::Operator).map_or("", |kid| self.slice(kid.node)) {
            "!" => UnaryOp::Not,
            "-" => UnaryOp::Minus,
            "~" => UnaryOp::BitNot,
            _ => UnaryOp::Plus,
        };
        let Some(operand) = at(kids, Field::Operand) else {
            return self.push(ExprKind::Missing(Vec::new()), place);
        };
        let operand = self.expr(operand.node);
        // `!(x instanceof T)` is Kotlin's `x !is T`.
        let test = &mut self.facts.exprs[operand.0 as usize];
        if op == UnaryOp::Not
            && let ExprKind::TypeTest { negated, binding: None, .. } = &mut test.kind
            && !*negated
        {
            *negated = true;
            test.span = place;
            return operand;
        }
        self.push(ExprKind::Unary { op, operand }, place)
    }

    fn update(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let op = if of(kids, Kind::PlusPlus).is_some() { UnaryOp::Increment } else { UnaryOp::Decrement };
        let operand = kids.iter().find(|kid| kid.kind.is_expression());
        let kind = match operand.map(|kid| self.expr(kid.node)) {
            Some(operand) => ExprKind::Unary { op, operand },
            None => ExprKind::Missing(Vec::new()),
        };
        self.push(kind, place)
    }

    /// Of an intersection type the first part is kept; the others are markers such as `Serializable`.
    fn cast(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let ty = at(kids, Field::Type).map_or_else(|| plain("", place), |kid| self.type_ref(kid.node));
        let kind = match at(kids, Field::Value).map(|kid| self.expr(kid.node)) {
            Some(value) => ExprKind::Cast { value, ty: Box::new(ty), safe: false },
            None => ExprKind::Missing(Vec::new()),
        };
        self.push(kind, place)
    }

    fn instance_of(&mut self, kids: &Kids<'t>, value: ExprId, place: Span) -> ExprId {
        let (ty, binding) = match at(kids, Field::Pattern) {
            Some(pattern) => (self.record_pattern_type(pattern.node), None),
            None => {
                let ty = at(kids, Field::Right).map(|kid| self.type_ref(kid.node));
                let name = at(kids, Field::Name).map(|kid| self.name(kid.node));
                (ty.unwrap_or_else(|| plain("", place)), name)
            }
        };
        self.push(ExprKind::TypeTest { value, ty: Box::new(ty), negated: false, binding }, place)
    }

    /// The type a record pattern tests for; its components bind names nobody asks for.
    pub(super) fn record_pattern_type(&mut self, pattern: Node<'t>) -> TypeRef {
        let kids = self.kids(pattern);
        let ty = kids.iter().find(|kid| kid.kind == Kind::Identifier || kid.kind.is_type());
        ty.map_or_else(|| plain("", span(pattern)), |kid| self.type_ref(kid.node))
    }

    fn array_creation(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let parts = match at(kids, Field::Value) {
            Some(values) => {
                let values = self.kids(values.node);
                self.exprs(&values)
            }
            None => {
                let mut parts = Vec::new();
                for dimension in kids.iter().filter(|kid| kid.kind == Kind::DimensionsExpr) {
                    let inner = self.kids(dimension.node);
                    let sizes = inner.iter().filter(|kid| !kid.kind.is_annotation()).copied().collect();
                    parts.extend(self.exprs(&sizes));
                }
                parts
            }
        };
        self.push(ExprKind::Array(parts), place)
    }

    /// `name`, or `receiver.name`.
    pub(super) fn select(&mut self, receiver: Option<ExprId>, name: Name, name_span: Span) -> ExprId {
        let Some(receiver) = receiver else { return self.push(ExprKind::Name(name), name_span) };
        let place = Span { start: self.span_of(receiver).start, end: name_span.end };
        self.push(ExprKind::Member { receiver, name, name_span, safe: false }, place)
    }

    /// A dotted name that error recovery left where an expression was expected.
    fn dotted_name(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let scope = kids.first().map(|kid| self.expr(kid.node));
        match at(kids, Field::Name) {
            Some(name) => self.select(scope, self.name(name.node), span(name.node)),
            None => self.push(ExprKind::Missing(scope.into_iter().collect()), place),
        }
    }
}

fn lambda_shell(lower: &Lower, params: Vec<Param>, place: Span) -> FunctionDecl {
    FunctionDecl {
        owner: lower.owner,
        parent: lower.function,
        params,
        ..shell("<lambda>", FunctionKind::Lambda, place)
    }
}

/// The operand an expression starts with, if walking down to it first saves recursion.
fn left_end<'t>(kind: Kind, kids: &Kids<'t>) -> Option<Node<'t>> {
    let left = match kind {
        Kind::Invocation | Kind::FieldAccess => {
            let object = at(kids, Field::Object)?;
            // `Outer.super.f()` has its receiver in two pieces.
            let qualified = kids.iter().any(|kid| {
                (kid.kind == Kind::Super && kid.field != Field::Object)
                    || (kid.kind == Kind::This && kid.field == Field::Selected)
            });
            if qualified { None } else { Some(object) }
        }
        Kind::ArrayAccess => at(kids, Field::Array),
        Kind::Binary | Kind::InstanceOf => at(kids, Field::Left),
        Kind::Parenthesized => kids.iter().find(|kid| kid.kind.is_expression()).copied(),
        _ => None,
    };
    left.map(|kid| kid.node)
}

fn binary_op(token: &str) -> Option<BinaryOp> {
    Some(match token {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "&&" => BinaryOp::And,
        "||" => BinaryOp::Or,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "<<" => BinaryOp::Shl,
        ">>" => BinaryOp::Shr,
        ">>>" => BinaryOp::Ushr,
        _ => return None,
    })
}
