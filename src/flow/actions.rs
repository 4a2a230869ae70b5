//! For which actions of an Intent a place is reached, by the tests around it.

use crate::base::{Name, Span};
use crate::facts::{BinaryOp, ExprId, ExprKind, FileFacts, UnaryOp};
use crate::model::{FnId, Model, SiteId};

use super::given::{Asked, Given};

/// The actions that a receiver's code at a place is for, by the tests around it; none if no test tells.
pub(super) fn actions_at(model: &Model, function: FnId, site: SiteId) -> Option<Vec<Name>> {
    let nothing = Given::default();
    let asked = Asked::new(model, function, &nothing);
    let facts = model.facts(model.symbols.fn_file(function));
    let place = model.site(site).span;
    let mut at = model.function(function).body?;
    let mut found: Option<Vec<Name>> = None;
    for _ in 0..600 {
        match &facts[at].kind {
            ExprKind::If { condition, then: Some(then), .. } if facts[*then].span.contains(place) => {
                let mut actions = Vec::new();
                if asked.equalities(*condition, &mut actions) {
                    found = Some(actions);
                }
            }
            ExprKind::When { subject, arms, .. } => {
                let arm = arms.iter().find(|arm| facts[arm.body].span.contains(place));
                if let Some(arm) = arm.filter(|arm| !arm.conditions.is_empty()) {
                    let over = subject.is_some_and(|subject| asked.is_action(subject, 0));
                    let texts: Vec<Name> = match over {
                        true => arm.conditions.iter().filter_map(|it| asked.text(*it)).collect(),
                        false => {
                            let mut texts = Vec::new();
                            let all = arm.conditions.iter().all(|it| asked.equalities(*it, &mut texts));
                            if all { texts } else { Vec::new() }
                        }
                    };
                    if texts.len() >= arm.conditions.len() {
                        found = Some(texts);
                    }
                }
            }
            _ => {}
        }
        let mut next = None;
        facts[at].kind.each_child(|child| {
            if next.is_none() && facts[child].span.contains(place) {
                next = Some(child);
            }
        });
        match next {
            Some(child) => at = child,
            None => break,
        }
    }
    found.or_else(|| early_return(&asked, facts, function, model, place))
}

/// `if (action != X) return` before the place.
fn early_return(
    asked: &Asked<'_>,
    facts: &FileFacts,
    function: FnId,
    model: &Model,
    place: Span,
) -> Option<Vec<Name>> {
    let ExprKind::Block(items) = &facts[model.function(function).body?].kind else { return None };
    items.iter().take_while(|item| facts[**item].span.end <= place.start).find_map(|item| {
        let ExprKind::If { condition, then: Some(then), otherwise: None } = &facts[*item].kind else {
            return None;
        };
        let leaves = match &facts[*then].kind {
            ExprKind::Return { .. } => true,
            ExprKind::Block(inner) => {
                inner.last().is_some_and(|last| matches!(facts[*last].kind, ExprKind::Return { .. }))
            }
            _ => false,
        };
        let mut actions = Vec::new();
        (leaves && asked.inequality(*condition, &mut actions)).then_some(actions)
    })
}

impl Asked<'_> {
    /// Is the condition true for these actions only?
    fn equalities(&self, condition: ExprId, actions: &mut Vec<Name>) -> bool {
        let mut compare = |left: ExprId, right: ExprId| {
            let text = if self.is_action(left, 0) {
                self.text(right)
            } else if self.is_action(right, 0) {
                self.text(left)
            } else {
                None
            };
            actions.extend(text);
            text.is_some()
        };
        match &self.facts[condition].kind {
            ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Same, left, right } => compare(*left, *right),
            ExprKind::Call(call) if call.name == "equals" => match (call.receiver, call.args.as_slice()) {
                (_, [first, second]) => compare(first.value, second.value),
                (Some(receiver), [only]) => compare(receiver, only.value),
                _ => false,
            },
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                self.equalities(*left, actions) || self.equalities(*right, actions)
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right } => {
                self.equalities(*left, actions) && self.equalities(*right, actions)
            }
            _ => false,
        }
    }

    /// Is the condition false for these actions only?
    fn inequality(&self, condition: ExprId, actions: &mut Vec<Name>) -> bool {
        match &self.facts[condition].kind {
            ExprKind::Binary { op: BinaryOp::Ne | BinaryOp::NotSame, left, right } => {
                let text = if self.is_action(*left, 0) {
                    self.text(*right)
                } else if self.is_action(*right, 0) {
                    self.text(*left)
                } else {
                    None
                };
                actions.extend(text);
                text.is_some()
            }
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.equalities(*operand, actions),
            ExprKind::Binary { op: BinaryOp::Or, left, right } => {
                self.inequality(*left, actions) || self.inequality(*right, actions)
            }
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                self.inequality(*left, actions) && self.inequality(*right, actions)
            }
            _ => false,
        }
    }
}
