//! Conditions about the API level of the device: comparisons of `SDK_INT`, and properties that hold one for good.

use smallvec::{SmallVec, smallvec};

use crate::facts::{BinaryOp, ExprId, ExprKind, Literal, Modifiers};
use crate::model::PropId;

use super::conditions::{Conditions, Test};
use super::{Fact, Key};

/// True from this level on.
pub(super) fn from(level: u32) -> Test {
    Test::of(Some(Fact::From(level)), Some(Fact::Below(level)))
}

impl Conditions<'_> {
    /// A property that holds a condition for good: `val isAtLeastS = SDK_INT >= S`.
    pub(super) fn held(&self, property: PropId) -> Test {
        let decl = self.model.property(property);
        let file = self.model.symbols.prop_file(property);
        let fixed = !decl.modifiers.contains(Modifiers::MUTABLE) || !self.model.is_assigned(file, decl.name);
        let Some(initializer) = decl.initializer.filter(|_| fixed) else { return Test::default() };
        let there = self.in_file(file);
        // Only what a comparison of levels says: the rest may change.
        match &there.facts[initializer].kind {
            ExprKind::Binary { op, left, right } => there.level_comparison(*op, *left, *right),
            _ => Test::default(),
        }
    }

    /// The same of a property that is asked for by its class or object: `DeviceInfo.isAtLeastS`.
    pub(super) fn held_there(&self, condition: ExprId) -> Option<Test> {
        let ExprKind::Member { receiver, name, .. } = &self.facts[condition].kind else { return None };
        let class = self.dotted(*receiver, 0)?;
        let class = self.model.resolve_dotted(self.file, self.model.owner_of(self.function), class)?;
        let property = self.model.property_of(class, *name)?;
        // Of another class it may be assigned from anywhere.
        (!self.model.is_reassigned(property)).then(|| self.held(property))
    }

    /// `SDK_INT >= 31` and its like, either way round.
    pub(super) fn level_comparison(&self, op: BinaryOp, left: ExprId, right: ExprId) -> Test {
        let (op, level) = if self.is_sdk_int(left) {
            (op, self.level(right))
        } else if self.is_sdk_int(right) {
            let turned = match op {
                BinaryOp::Lt => BinaryOp::Gt,
                BinaryOp::Le => BinaryOp::Ge,
                BinaryOp::Gt => BinaryOp::Lt,
                BinaryOp::Ge => BinaryOp::Le,
                other => other,
            };
            (turned, self.level(left))
        } else {
            return Test::default();
        };
        let Some(level) = level else { return Test::default() };
        match op {
            BinaryOp::Ge => from(level),
            BinaryOp::Gt => from(level + 1),
            BinaryOp::Lt => from(level).negated(),
            BinaryOp::Le => from(level + 1).negated(),
            BinaryOp::Eq => Test {
                then: smallvec![Fact::From(level), Fact::Below(level + 1)],
                otherwise: SmallVec::new(),
            },
            _ => Test::default(),
        }
    }

    fn is_sdk_int(&self, expr: ExprId) -> bool {
        match &self.facts[expr].kind {
            ExprKind::Member { name, .. } | ExprKind::Name(name) => *name == "SDK_INT",
            _ => false,
        }
    }

    /// An API level: a number or a constant of `Build.VERSION_CODES`.
    pub(super) fn level(&self, expr: ExprId) -> Option<u32> {
        match &self.facts[expr].kind {
            ExprKind::Literal(Literal::Int(level)) => u32::try_from(*level).ok(),
            ExprKind::Member { name, .. } | ExprKind::Name(name) => {
                level_of(name).or_else(|| match self.key(expr)? {
                    Key::Int(level) => u32::try_from(level).ok(),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// `SDK_INT in 24..32`.
    pub(super) fn level_range(&self, value: ExprId, range: ExprId) -> Option<Test> {
        let (first, last) = match &self.facts[range].kind {
            ExprKind::Binary { op: BinaryOp::Range, left, right } => (*left, *right),
            ExprKind::Call(call) if call.name == "until" && call.args.len() == 1 => {
                (call.receiver?, call.args[0].value)
            }
            _ => return None,
        };
        let first = self.level(first).filter(|_| self.is_sdk_int(value))?;
        let ends = match &self.facts[last].kind {
            ExprKind::Member { name, .. } | ExprKind::Name(name) => *name != "MAX_VALUE",
            _ => true,
        };
        if !ends {
            return Some(from(first));
        }
        // The last one is within or not: `..` or `..<`.
        let below = self.level(last).map(|last| Fact::Below(last + 1));
        let then = [Some(Fact::From(first)), below].into_iter().flatten().collect();
        Some(Test { then, otherwise: SmallVec::new() })
    }
}

/// Level names of `Build.VERSION_CODES`. Source: android.os.Build.VERSION_CODES.
fn level_of(word: &str) -> Option<u32> {
    Some(match word {
        "LOLLIPOP" => 21,
        "LOLLIPOP_MR1" => 22,
        "M" => 23,
        "N" => 24,
        "N_MR1" => 25,
        "O" => 26,
        "O_MR1" => 27,
        "P" => 28,
        "Q" => 29,
        "R" => 30,
        "S" => 31,
        "S_V2" => 32,
        "TIRAMISU" => 33,
        "UPSIDE_DOWN_CAKE" => 34,
        "VANILLA_ICE_CREAM" => 35,
        "BAKLAVA" => 36,
        _ => return None,
    })
}
