//! Expressions that grow to the right: `a.b(c)[d]!!.e + f as G`. The tree nests them to the left, thousands deep in
//! generated code, so they are lowered in a loop.
//!
//! The grammar binds prefix operators tighter than calls: `!a.b()` arrives as `(!a).b()`. The operator is put
//! back where it belongs, around the postfix part of the chain.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Arg, BinaryOp, Call, Expr, ExprId, ExprKind, TypeRef, UnaryOp};

use super::kinds::Kind;
use super::lower::{Kids, Lower, span};
use super::types::named_type;

/// What the chain built so far ends with, as far as a following call is concerned.
#[derive(Clone, Copy, PartialEq)]
enum Tail {
    /// A name or `receiver.name`: a call makes it a named call.
    Name,
    /// A call with parentheses only: a lambda that follows belongs to it.
    Call,
    Other,
}

/// Links of a chain with their parts, from the outside in.
pub(super) type Links<'t> = Vec<(Kind, Node<'t>, Kids<'t>)>;

/// A chain taken apart: links from the outside in, prefix operators with their starts, and the innermost operand.
pub(super) struct Spine<'t> {
    pub(super) links: Links<'t>,
    prefixes: Vec<(UnaryOp, usize)>,
    pub(super) base: Node<'t>,
}

/// What follows the callee of a call.
#[derive(Default)]
struct Written {
    type_args: Vec<TypeRef>,
    args: Vec<Arg>,
    parentheses: bool,
    lambda: bool,
}

impl<'t> Lower<'t> {
    pub(super) fn chain(&mut self, node: Node<'t>) -> ExprId {
        let spine = self.spine(node);
        if self.is_misread(&spine) {
            return self.generic_chain(node);
        }
        let base = self.expr(spine.base);
        let tail = tail_of(spine.base);
        let (mut prefixes, links) = (spine.prefixes, spine.links);
        let (current, _) = self.fold(links, base, tail, &mut prefixes);
        self.apply_prefixes(&mut prefixes, current)
    }

    pub(super) fn spine(&mut self, node: Node<'t>) -> Spine<'t> {
        let mut spine = Spine { links: Vec::new(), prefixes: Vec::new(), base: node };
        loop {
            let kind = Kind::of(spine.base);
            if !is_link(kind) {
                break;
            }
            let parts = self.parts(spine.base);
            let Some(&(first_kind, first)) = parts.first() else { break };
            if kind == Kind::Unary && !first_kind.is_expression() {
                // A prefix operator ends the chain: what it holds is the chain's base.
                while let Some((op, inner)) = self.prefix(spine.base) {
                    spine.prefixes.push((op, spine.base.start_byte()));
                    spine.base = inner;
                }
                break;
            }
            spine.links.push((kind, spine.base, parts));
            spine.base = first;
        }
        spine
    }

    /// Applies links from the inside out; prefix operators go around the postfix part.
    fn fold(
        &mut self,
        links: Links<'t>,
        base: ExprId,
        tail: Tail,
        prefixes: &mut Vec<(UnaryOp, usize)>,
    ) -> (ExprId, Tail) {
        let (mut current, mut tail) = (base, tail);
        for (kind, node, parts) in links.into_iter().rev() {
            if !is_postfix(kind) {
                current = self.apply_prefixes(prefixes, current);
            }
            let whole = Span { start: self.span_of(current).start, end: span(node).end };
            (current, tail) = self.link(kind, current, tail, &parts, whole);
        }
        (current, tail)
    }

    /// A postfix chain with more links around it.
    pub(super) fn operand(&mut self, node: Node<'t>, suffix: Links<'t>) -> ExprId {
        let Spine { links, mut prefixes, base } = self.spine(node);
        let tail = tail_of(base);
        let base = self.expr(base);
        let (current, _) = self.fold(joined(suffix, links), base, tail, &mut Vec::new());
        self.apply_prefixes(&mut prefixes, current)
    }

    /// `callee<ty>rest` that the tree has as two comparisons; `rest` starts with `(arg)` or a lambda.
    pub(super) fn generic_call(
        &mut self,
        callee: (Node<'t>, Links<'t>),
        ty: Node<'t>,
        rest: (Node<'t>, Links<'t>),
    ) -> ExprId {
        let Spine { links, mut prefixes, base } = self.spine(callee.0);
        let tail = tail_of(base);
        let base = self.expr(base);
        // The prefix operators wait: they go around the call as well.
        let (callee, tail) = self.fold(joined(callee.1, links), base, tail, &mut Vec::new());
        let name = self.text_of(ty).replace(char::is_whitespace, "");
        let type_args = vec![named_type(Name::new(&name), span(ty))];
        let Spine { links, base, .. } = self.spine(rest.0);
        let parentheses = Kind::of(base) == Kind::Parenthesized;
        let whole = Span { start: self.span_of(callee).start, end: span(base).end };
        let value = self.expr(base);
        let arg = Arg { name: None, value, trailing: !parentheses };
        let call = Written { type_args, args: vec![arg], parentheses, lambda: !parentheses };
        let (call, tail) = self.make_call(callee, tail, call, whole);
        let (current, _) = self.fold(joined(rest.1, links), call, tail, &mut Vec::new());
        self.apply_prefixes(&mut prefixes, current)
    }

    /// Shapes no Kotlin has: a compared comparison, a call or member of an operator expression without parentheses.
    fn is_misread(&self, spine: &Spine<'t>) -> bool {
        let is = |link: &(Kind, Node<'t>, Kids<'t>), text: &str| {
            link.0 == Kind::Binary && link.2.get(1).is_some_and(|(_, op)| self.text_of(*op) == text)
        };
        spine.links.windows(2).any(|pair| match pair {
            [outer, inner] => is_postfix(outer.0) && !is_postfix(inner.0) || is(outer, ">") && is(inner, "<"),
            _ => false,
        })
    }

    fn prefix(&mut self, node: Node<'t>) -> Option<(UnaryOp, Node<'t>)> {
        if Kind::of(node) != Kind::Unary {
            return None;
        }
        let parts = self.parts(node);
        let [(kind, op), (_, operand), ..] = parts.as_slice() else { return None };
        (!kind.is_expression()).then(|| (unary_op(self.text_of(*op)), *operand))
    }

    fn apply_prefixes(&mut self, prefixes: &mut Vec<(UnaryOp, usize)>, operand: ExprId) -> ExprId {
        let mut current = operand;
        while let Some((op, start)) = prefixes.pop() {
            let whole = Span { start: Span::new(start, start).start, end: self.span_of(current).end };
            current = self.push(ExprKind::Unary { op, operand: current }, whole);
        }
        current
    }

    fn link(
        &mut self,
        kind: Kind,
        current: ExprId,
        tail: Tail,
        parts: &Kids<'t>,
        whole: Span,
    ) -> (ExprId, Tail) {
        match kind {
            Kind::Navigation => self.navigation(current, parts, whole),
            Kind::Call => self.call(current, tail, parts, whole),
            Kind::Index => {
                let mut args = Vec::new();
                for (kind, part) in parts.iter().skip(1) {
                    if kind.is_expression() {
                        args.push(self.expr(*part));
                    }
                }
                (self.push(ExprKind::Index { receiver: current, args }, whole), Tail::Other)
            }
            Kind::Unary => {
                let op = parts.get(1).map_or("", |(_, op)| self.text_of(*op));
                let kind = match op {
                    "!!" => ExprKind::NotNull(current),
                    op => ExprKind::Unary { op: unary_op(op), operand: current },
                };
                (self.push(kind, whole), Tail::Other)
            }
            Kind::As | Kind::Is => (self.type_operation(current, parts, whole), Tail::Other),
            _ => (self.binary(kind, current, parts, whole), Tail::Other),
        }
    }

    fn navigation(&mut self, current: ExprId, parts: &Kids<'t>, whole: Span) -> (ExprId, Tail) {
        let (Some((dot, _)), Some((_, name_node))) = (parts.get(1), parts.get(2)) else {
            return (self.push(ExprKind::Missing(vec![current]), whole), Tail::Other);
        };
        let name = self.name_of(*name_node);
        if *dot == Kind::ColonColon && name == "class" {
            let kind = match self.type_path(current) {
                Some(path) => ExprKind::ClassLiteral(Box::new(named_type(path, self.span_of(current)))),
                None => {
                    ExprKind::Member { receiver: current, name, name_span: span(*name_node), safe: false }
                }
            };
            return (self.push(kind, whole), Tail::Other);
        }
        if *dot == Kind::ColonColon {
            let kind = ExprKind::FunctionRef { receiver: Some(current), name };
            return (self.push(kind, whole), Tail::Other);
        }
        if name == "java"
            && let Some(expr) = self.facts.exprs.get_mut(current.0 as usize)
            && matches!(expr.kind, ExprKind::ClassLiteral(_))
        {
            expr.span = whole;
            return (current, Tail::Other);
        }
        let safe = *dot == Kind::SafeDot;
        let kind = ExprKind::Member { receiver: current, name, name_span: span(*name_node), safe };
        (self.push(kind, whole), Tail::Name)
    }

    /// The dotted name of an expression that is the name of a type.
    fn type_path(&self, id: ExprId) -> Option<Name> {
        let mut segments = Vec::new();
        let mut current = id;
        loop {
            match self.facts.exprs.get(current.0 as usize).map(|expr| &expr.kind)? {
                ExprKind::Name(name) => {
                    segments.push(name.as_str());
                    break;
                }
                ExprKind::Member { receiver, name, safe: false, .. } => {
                    segments.push(name.as_str());
                    current = *receiver;
                }
                _ => return None,
            }
        }
        let last = segments.first()?;
        last.chars().next().filter(|first| first.is_uppercase())?;
        segments.reverse();
        Some(Name::new(&segments.join(".")))
    }

    /// Turns the name before the parentheses into a call, in place, so that the name leaves no expression behind.
    fn call(&mut self, current: ExprId, tail: Tail, parts: &Kids<'t>, whole: Span) -> (ExprId, Tail) {
        let mut call = Written::default();
        for (kind, part) in parts.iter().skip(1) {
            match kind {
                Kind::TypeArguments => call.type_args = self.type_arguments(*part),
                Kind::ValueArguments => {
                    call.parentheses = true;
                    call.args = self.args(*part);
                }
                Kind::AnnotatedLambda => {
                    call.lambda = true;
                    let value = self.annotated_lambda(*part);
                    call.args.push(Arg { name: None, value, trailing: true });
                }
                _ => {}
            }
        }
        self.make_call(current, tail, call, whole)
    }

    fn make_call(&mut self, current: ExprId, tail: Tail, call: Written, whole: Span) -> (ExprId, Tail) {
        let Written { type_args, mut args, parentheses, lambda } = call;
        let next = if parentheses && !lambda { Tail::Call } else { Tail::Other };
        let Some(expr) = self.facts.exprs.get_mut(current.0 as usize) else { return (current, next) };
        match (&mut expr.kind, tail) {
            (ExprKind::Call(call), Tail::Call) if !parentheses => {
                call.args.append(&mut args);
                expr.span = whole;
                (current, Tail::Other)
            }
            (ExprKind::Invoke { args: before, .. }, Tail::Call) if !parentheses => {
                before.append(&mut args);
                expr.span = whole;
                (current, Tail::Other)
            }
            (ExprKind::Name(name), Tail::Name) => {
                let (name, name_span) = (*name, expr.span);
                let call = Call { receiver: None, name, name_span, type_args, args, safe: false };
                *expr = Expr { kind: ExprKind::Call(Box::new(call)), span: whole };
                (current, next)
            }
            (ExprKind::Member { receiver, name, name_span, safe }, Tail::Name) => {
                let (receiver, name, name_span, safe) = (Some(*receiver), *name, *name_span, *safe);
                let call = Call { receiver, name, name_span, type_args, args, safe };
                *expr = Expr { kind: ExprKind::Call(Box::new(call)), span: whole };
                (current, next)
            }
            _ => (self.push(ExprKind::Invoke { callee: current, args }, whole), next),
        }
    }

    fn annotated_lambda(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let mut annotations = Vec::new();
        for (kind, child) in &kids {
            if *kind == Kind::Annotation {
                self.add_annotation(*child, span(node), &mut annotations);
            }
        }
        match kids.iter().find(|(kind, _)| *kind == Kind::Lambda) {
            Some((_, lambda)) => self.lambda(*lambda, Some(span(node))),
            None => self.missing(node),
        }
    }

    pub(super) fn type_operation(&mut self, current: ExprId, parts: &Kids<'t>, whole: Span) -> ExprId {
        let word = parts.get(1).map(|(kind, _)| *kind);
        let Some((_, ty)) = parts.get(2) else { return self.push(ExprKind::Missing(vec![current]), whole) };
        let ty = self.type_ref(*ty);
        let kind = match word {
            Some(Kind::AsWord) => ExprKind::Cast { value: current, ty: Box::new(ty), safe: false },
            Some(Kind::SafeAs) => ExprKind::Cast { value: current, ty: Box::new(ty), safe: true },
            word => {
                let negated = word == Some(Kind::NotIs);
                ExprKind::TypeTest { value: current, ty: Box::new(ty), negated, binding: None }
            }
        };
        self.push(kind, whole)
    }

    fn binary(&mut self, kind: Kind, left: ExprId, parts: &Kids<'t>, whole: Span) -> ExprId {
        let (Some((_, word)), Some((_, right))) = (parts.get(1), parts.get(2)) else {
            return self.push(ExprKind::Missing(vec![left]), whole);
        };
        let (word, right) = (*word, *right);
        let right = self.expr(right);
        self.infix(kind, word, left, right, whole)
    }

    /// An operator or infix call between two operands.
    pub(super) fn infix(
        &mut self,
        kind: Kind,
        word: Node<'t>,
        left: ExprId,
        right: ExprId,
        whole: Span,
    ) -> ExprId {
        let name_span = span(word);
        let word = self.text_of(word);
        if let Some(op) = binary_op(word, kind) {
            return self.push(ExprKind::Binary { op, left, right }, whole);
        }
        let name = Name::new(word.trim_matches('`'));
        let args = vec![Arg { name: None, value: right, trailing: false }];
        let call = Call { receiver: Some(left), name, name_span, type_args: Vec::new(), args, safe: false };
        self.push(ExprKind::Call(Box::new(call)), whole)
    }
}

fn joined<'t>(mut outer: Links<'t>, inner: Links<'t>) -> Links<'t> {
    outer.extend(inner);
    outer
}

fn tail_of(base: Node<'_>) -> Tail {
    if Kind::of(base) == Kind::Identifier { Tail::Name } else { Tail::Other }
}

pub(super) fn is_link(kind: Kind) -> bool {
    is_postfix(kind)
        || matches!(kind, Kind::Binary | Kind::Infix | Kind::In | Kind::Is | Kind::As | Kind::Range)
}

pub(super) fn is_postfix(kind: Kind) -> bool {
    matches!(kind, Kind::Navigation | Kind::Call | Kind::Index | Kind::Unary)
}

fn unary_op(text: &str) -> UnaryOp {
    match text {
        "-" => UnaryOp::Minus,
        "+" => UnaryOp::Plus,
        "++" => UnaryOp::Increment,
        "--" => UnaryOp::Decrement,
        _ => UnaryOp::Not,
    }
}

/// Bitwise infix functions are Java's operators; every other infix word is a call.
fn binary_op(word: &str, kind: Kind) -> Option<BinaryOp> {
    Some(match word {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "&&" => BinaryOp::And,
        "||" => BinaryOp::Or,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "===" => BinaryOp::Same,
        "!==" => BinaryOp::NotSame,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "?:" => BinaryOp::Elvis,
        ".." | "..<" => BinaryOp::Range,
        "in" if kind == Kind::In => BinaryOp::In,
        "!in" => BinaryOp::NotIn,
        "and" => BinaryOp::BitAnd,
        "or" => BinaryOp::BitOr,
        "xor" => BinaryOp::BitXor,
        "shl" => BinaryOp::Shl,
        "shr" => BinaryOp::Shr,
        "ushr" => BinaryOp::Ushr,
        _ => return None,
    })
}
