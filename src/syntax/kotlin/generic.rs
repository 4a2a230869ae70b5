//! `foo<Bar>(x)`: the grammar often takes it for two comparisons, and `a ?: foo<Bar>()` for a call of `a ?: foo`.
//! No Kotlin means either, so such chains are taken apart into operands and operators, calls are put together, and
//! the rest is associated again by precedence.

use tree_sitter::Node;

use crate::base::Span;
use crate::facts::ExprId;

use super::chain::{Links, is_link, is_postfix};
use super::kinds::Kind;
use super::lower::{Kids, Lower, span};

#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "short-lived, one per operator")]
enum Item<'t> {
    /// An operand and further links that belong to it.
    Operand(Node<'t>, Links<'t>),
    /// An operator with the kind of its expression.
    Operator(Kind, Node<'t>),
    /// `as T`, `is T`: the parts of the whole expression.
    TypeOperator(Kind, Kids<'t>),
}

/// An operator waiting for its right operand.
struct Waiting<'t> {
    kind: Kind,
    word: Node<'t>,
    precedence: u8,
}

impl<'t> Lower<'t> {
    pub(super) fn generic_chain(&mut self, node: Node<'t>) -> ExprId {
        let items = self.flatten(node);
        let mut operands: Vec<ExprId> = Vec::new();
        let mut waiting: Vec<Waiting<'t>> = Vec::new();
        let mut rest = items.as_slice();
        while let Some((item, after)) = rest.split_first() {
            rest = after;
            match item {
                Item::Operand(operand, suffix) => match self.as_call(after) {
                    Some((ty, args, after)) => {
                        operands.push(self.generic_call((*operand, suffix.clone()), ty, args));
                        rest = after;
                    }
                    None if suffix.is_empty() => operands.push(self.expr(*operand)),
                    None => operands.push(self.operand(*operand, suffix.clone())),
                },
                Item::Operator(kind, word) => {
                    let precedence = precedence(*kind, self.text_of(*word));
                    self.reduce(&mut operands, &mut waiting, precedence);
                    waiting.push(Waiting { kind: *kind, word: *word, precedence });
                }
                Item::TypeOperator(kind, parts) => {
                    self.reduce(&mut operands, &mut waiting, precedence(*kind, ""));
                    if let (Some(value), Some((_, ty))) = (operands.pop(), parts.get(2)) {
                        let whole = Span { start: self.span_of(value).start, end: span(*ty).end };
                        let operation = self.type_operation(value, parts, whole);
                        operands.push(operation);
                    }
                }
            }
        }
        self.reduce(&mut operands, &mut waiting, 0);
        operands.pop().unwrap_or_else(|| self.missing(node))
    }

    /// `< Type > (args)` or `< Type > { }` after an operand, and what follows it.
    fn as_call<'i>(
        &mut self,
        items: &'i [Item<'t>],
    ) -> Option<(Node<'t>, (Node<'t>, Links<'t>), &'i [Item<'t>])> {
        let [
            Item::Operator(Kind::Binary, less),
            Item::Operand(ty, none),
            Item::Operator(Kind::Binary, greater),
            Item::Operand(args, suffix),
            rest @ ..,
        ] = items
        else {
            return None;
        };
        let base = self.spine(*args).base;
        let is_call = none.is_empty()
            && self.text_of(*less) == "<"
            && self.text_of(*greater) == ">"
            && matches!(Kind::of(*ty), Kind::Identifier | Kind::Navigation)
            && matches!(Kind::of(base), Kind::Parenthesized | Kind::Lambda);
        is_call.then(|| (*ty, (*args, suffix.clone()), rest))
    }

    /// Operands and operators in source order; parentheses and postfix chains are operands.
    fn flatten(&mut self, node: Node<'t>) -> Vec<Item<'t>> {
        let mut items = Vec::new();
        let mut open = vec![Item::Operand(node, Links::new())];
        while let Some(item) = open.pop() {
            let Item::Operand(node, mut suffix) = item else {
                items.push(item);
                continue;
            };
            let kind = Kind::of(node);
            if is_postfix(kind) {
                let mut links = self.spine(node).links;
                match links.iter().position(|(kind, ..)| !is_postfix(*kind)) {
                    Some(inner) => {
                        let operation = links.get(inner).map_or(node, |(_, node, _)| *node);
                        links.truncate(inner);
                        suffix.extend(links);
                        open.push(Item::Operand(operation, suffix));
                    }
                    None => items.push(Item::Operand(node, suffix)),
                }
                continue;
            }
            if !is_link(kind) {
                items.push(Item::Operand(node, suffix));
                continue;
            }
            let parts = self.parts(node);
            match parts.as_slice() {
                [(_, left), ..] if matches!(kind, Kind::As | Kind::Is) && suffix.is_empty() => {
                    let left = *left;
                    open.push(Item::TypeOperator(kind, parts));
                    open.push(Item::Operand(left, Links::new()));
                }
                [(_, left), (_, word), (_, right), ..] if !matches!(kind, Kind::As | Kind::Is) => {
                    open.push(Item::Operand(*right, suffix));
                    open.push(Item::Operator(kind, *word));
                    open.push(Item::Operand(*left, Links::new()));
                }
                _ => items.push(Item::Operand(node, suffix)),
            }
        }
        items
    }

    /// Applies waiting operators that bind at least as tightly; all are left-associative.
    fn reduce(&mut self, operands: &mut Vec<ExprId>, waiting: &mut Vec<Waiting<'t>>, precedence: u8) {
        while let Some(top) = waiting.pop_if(|top| top.precedence >= precedence) {
            let (Some(right), Some(left)) = (operands.pop(), operands.pop()) else { return };
            let whole = Span { start: self.span_of(left).start, end: self.span_of(right).end };
            let joined = self.infix(top.kind, top.word, left, right, whole);
            operands.push(joined);
        }
    }
}

fn precedence(kind: Kind, word: &str) -> u8 {
    match (kind, word) {
        (_, "||") => 2,
        (_, "&&") => 3,
        (_, "==" | "!=" | "===" | "!==") => 4,
        (_, "<" | ">" | "<=" | ">=") => 5,
        (Kind::In | Kind::Is, _) => 6,
        (_, "?:") => 7,
        (Kind::Infix, _) => 8,
        (Kind::Range, _) => 9,
        (_, "+" | "-") => 10,
        (_, "*" | "/" | "%") => 11,
        _ => 12,
    }
}
