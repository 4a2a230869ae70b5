//! Constant folding: arithmetic, time units and durations of Java and Kotlin, the platform's own constants.

use crate::base::Name;
use crate::facts::BinaryOp;

use super::super::calls::class_literal;
use super::super::ty::Type;
use super::super::value::{Const, ThreadTarget, ThreadValue, Value};
use super::Walker;
use super::draft::SiteDraft;

const MILLI: i64 = 1_000_000;

/// Platform constants that intervals and timeouts are built from.
/// Sources: android.app.AlarmManager, android.text.format.DateUtils, android.os.PowerManager, android.content.Context,
/// androidx.work.PeriodicWorkRequest, java.util.concurrent.TimeUnit.
pub(super) fn library_constant(symbol: &str) -> Option<Const> {
    let (class, member) = symbol.rsplit_once('.')?;
    let minute = 60_000;
    Some(match (class, member) {
        ("android.app.AlarmManager", "INTERVAL_FIFTEEN_MINUTES") => Const::Int(15 * minute),
        ("android.app.AlarmManager", "INTERVAL_HALF_HOUR") => Const::Int(30 * minute),
        ("android.app.AlarmManager", "INTERVAL_HOUR") => Const::Int(60 * minute),
        ("android.app.AlarmManager", "INTERVAL_HALF_DAY") => Const::Int(720 * minute),
        ("android.app.AlarmManager", "INTERVAL_DAY") => Const::Int(1440 * minute),
        ("android.text.format.DateUtils", "SECOND_IN_MILLIS") => Const::Int(1000),
        ("android.text.format.DateUtils", "MINUTE_IN_MILLIS") => Const::Int(minute),
        ("android.text.format.DateUtils", "HOUR_IN_MILLIS") => Const::Int(60 * minute),
        ("android.text.format.DateUtils", "DAY_IN_MILLIS") => Const::Int(1440 * minute),
        ("android.text.format.DateUtils", "WEEK_IN_MILLIS") => Const::Int(7 * 1440 * minute),
        ("androidx.work.PeriodicWorkRequest", "MIN_PERIODIC_INTERVAL_MILLIS") => Const::Int(15 * minute),
        ("androidx.work.PeriodicWorkRequest", "MIN_PERIODIC_FLEX_MILLIS") => Const::Int(5 * minute),
        ("android.os.PowerManager", "PARTIAL_WAKE_LOCK") => Const::Int(1),
        ("android.os.PowerManager", "ACQUIRE_CAUSES_WAKEUP") => Const::Int(0x1000_0000),
        ("android.content.Context", "RECEIVER_VISIBLE_TO_INSTANT_APPS") => Const::Int(1),
        ("android.content.Context", "RECEIVER_EXPORTED") => Const::Int(2),
        ("android.content.Context", "RECEIVER_NOT_EXPORTED") => Const::Int(4),
        // Of the build that users get.
        (class, "DEBUG") if class.rsplit('.').next() == Some("BuildConfig") => Const::Bool(false),
        ("java.lang.Boolean", "TRUE") => Const::Bool(true),
        ("java.lang.Boolean", "FALSE") => Const::Bool(false),
        ("java.lang.Long" | "kotlin.Long", "MAX_VALUE") => Const::Int(i64::MAX),
        ("java.lang.Integer" | "kotlin.Int", "MAX_VALUE") => Const::Int(i64::from(i32::MAX)),
        ("java.util.concurrent.TimeUnit" | "kotlin.time.DurationUnit", unit) => {
            Const::Unit(unit_nanos(unit)?)
        }
        ("java.time.temporal.ChronoUnit", unit) => Const::Unit(unit_nanos(unit)?),
        ("kotlin.time.Duration", "ZERO") | ("java.time.Duration", "ZERO") => Const::Duration(0),
        ("android.content.pm.ServiceInfo", name) => Const::Int(super::super::service_types::constant(name)?),
        ("kotlin.time.Duration", "INFINITE") => Const::Duration(i64::MAX),
        _ => return None,
    })
}

fn unit_nanos(unit: &str) -> Option<i64> {
    Some(match unit {
        "NANOSECONDS" | "NANOS" => 1,
        "MICROSECONDS" | "MICROS" => 1_000,
        "MILLISECONDS" | "MILLIS" => MILLI,
        "SECONDS" => 1_000 * MILLI,
        "MINUTES" => 60_000 * MILLI,
        "HOURS" => 3_600_000 * MILLI,
        "DAYS" => 86_400_000 * MILLI,
        _ => return None,
    })
}

/// Nanoseconds of a unit named as in `15.minutes`, `Duration.ofMinutes`, `toMinutes`, `inWholeMinutes`.
fn named_unit(word: &str) -> Option<i64> {
    let word = word.to_ascii_lowercase();
    Some(match word.as_str() {
        "nanoseconds" | "nanos" => 1,
        "microseconds" | "micros" => 1_000,
        "milliseconds" | "millis" => MILLI,
        "seconds" => 1_000 * MILLI,
        "minutes" => 60_000 * MILLI,
        "hours" => 3_600_000 * MILLI,
        "days" => 86_400_000 * MILLI,
        _ => return None,
    })
}

/// `count` units in milliseconds.
pub(super) fn to_millis(count: i64, unit_nanos: i64) -> i64 {
    let nanos = i128::from(count) * i128::from(unit_nanos) / i128::from(MILLI);
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

fn convert(count: i64, from: i64, to: i64) -> Option<i64> {
    (to != 0)
        .then(|| i64::try_from(i128::from(count) * i128::from(from) / i128::from(to)).unwrap_or(i64::MAX))
}

impl<'c> Walker<'c> {
    pub(super) fn combine(&self, op: BinaryOp, left: Value, right: Value) -> Value {
        if let (Some(a), Some(b)) = (left.constant, right.constant)
            && let Some(constant) = fold(op, a, b)
        {
            let ty = constant.ty().or(left.ty);
            return Value { ty, constant: Some(constant), ..Value::default() };
        }
        if super::reach::decides(op, &left) {
            return Value::constant(Const::Bool(op == BinaryOp::Or));
        }
        match op {
            BinaryOp::Elvis => left.join(right),
            // Contexts add up: the right-most dispatcher counts.
            BinaryOp::Add if left.thread.is_some() || right.thread.is_some() => {
                let decides = |thread: &ThreadValue| thread.target != ThreadTarget::Inherit;
                let thread = right.thread.filter(decides).or(left.thread.filter(decides)).or(left.thread);
                let lifetime = left.thread.and_then(|thread| thread.lifetime);
                let thread =
                    thread.map(|thread| ThreadValue { lifetime: thread.lifetime.or(lifetime), ..thread });
                Value { ty: left.ty.or(right.ty), thread, ..Value::default() }
            }
            BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Same
            | BinaryOp::NotSame
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge
            | BinaryOp::In
            | BinaryOp::NotIn => Value::typed(Type::of("kotlin.Boolean")),
            BinaryOp::Range => {
                Value::typed(Type::with(Name::new("kotlin.ranges.IntRange"), vec![Type::of("kotlin.Int")]))
            }
            BinaryOp::Add | BinaryOp::Sub => self.operator_result(op, left, right),
            _ => Value::maybe(left.ty.or(right.ty)),
        }
    }

    fn operator_result(&self, op: BinaryOp, left: Value, right: Value) -> Value {
        let string = |value: &Value| value.class().is_some_and(|class| class == "java.lang.String");
        if op == BinaryOp::Add && (string(&left) || string(&right)) {
            return Value::typed(Type::of("java.lang.String"));
        }
        Value::maybe(left.ty.or(right.ty))
    }

    /// `15.minutes`, `duration.inWholeMilliseconds`, `unit.name` without parentheses.
    pub(super) fn constant_member(&self, receiver: &Value, name: Name) -> Option<Value> {
        match receiver.constant? {
            Const::Int(count) => {
                let unit = named_unit(&name)?;
                Some(duration_value(to_millis(count, unit), "kotlin.time.Duration"))
            }
            Const::Duration(millis) => {
                let unit = named_unit(name.strip_prefix("inWhole")?)?;
                Some(Value::constant(Const::Int(convert(millis, MILLI, unit)?)))
            }
            _ => None,
        }
    }

    /// Calls that only convert: `TimeUnit.HOURS.toMillis(1)`, `Duration.ofMinutes(15)`, `x.toLong()`.
    pub(super) fn constant_call(&self, draft: &SiteDraft) -> Option<Value> {
        let arg = |at: usize| draft.values.get(at).and_then(|value| value.constant);
        let name = draft.name.as_str();
        if let Some(receiver) = draft.receiver.constant {
            return self.converted(receiver, name, arg(0));
        }
        if matches!(name, "getName" | "getCanonicalName")
            && draft.receiver_expr.is_some_and(|receiver| self.is_class_literal(receiver))
            && let Some(class) = draft.receiver.ty.as_ref().and_then(class_literal)
        {
            return Some(Value::constant(Const::Str(class)));
        }
        let api = draft.api?;
        match api.class.as_str() {
            "android.os.SystemClock" if matches!(name, "elapsedRealtime" | "uptimeMillis") => {
                Some(Value::constant(Const::AfterNow(0)))
            }
            "java.lang.System" if name == "currentTimeMillis" => Some(Value::constant(Const::AfterNow(0))),
            "java.time.Duration" if name == "of" => {
                let Some(Const::Unit(unit)) = arg(1) else { return None };
                Some(duration_value(to_millis(arg(0)?.int()?, unit), "java.time.Duration"))
            }
            "java.time.Duration" => {
                let unit = named_unit(name.strip_prefix("of")?)?;
                Some(duration_value(to_millis(arg(0)?.int()?, unit), "java.time.Duration"))
            }
            "kotlin.time.Duration" | "kotlin.time.Duration.Companion" => {
                let unit = named_unit(name)?;
                Some(duration_value(to_millis(arg(0)?.int()?, unit), "kotlin.time.Duration"))
            }
            _ => None,
        }
    }

    fn converted(&self, receiver: Const, name: &str, arg: Option<Const>) -> Option<Value> {
        match receiver {
            Const::Int(value) => match name {
                "toLong" | "toInt" | "toShort" | "longValue" | "intValue" => {
                    Some(Value::constant(Const::Int(value)))
                }
                "times" => Some(Value::constant(fold(BinaryOp::Mul, receiver, arg?)?)),
                "plus" => Some(Value::constant(fold(BinaryOp::Add, receiver, arg?)?)),
                "minus" => Some(Value::constant(fold(BinaryOp::Sub, receiver, arg?)?)),
                "or" => Some(Value::constant(fold(BinaryOp::BitOr, receiver, arg?)?)),
                "and" => Some(Value::constant(fold(BinaryOp::BitAnd, receiver, arg?)?)),
                _ => None,
            },
            Const::Unit(nanos) => {
                let count = arg?.int()?;
                if name == "convert" {
                    return None;
                }
                let unit = named_unit(name.strip_prefix("to")?)?;
                Some(Value::constant(Const::Int(convert(count, nanos, unit)?)))
            }
            Const::Duration(millis) => {
                let rest = name.strip_prefix("to").or_else(|| name.strip_prefix("get"))?;
                let rest = rest.strip_suffix("Part").unwrap_or(rest);
                if rest == "JavaDuration" {
                    return Some(duration_value(millis, "java.time.Duration"));
                }
                Some(Value::constant(Const::Int(convert(millis, MILLI, named_unit(rest)?)?)))
            }
            _ => None,
        }
    }
}

fn duration_value(millis: i64, class: &str) -> Value {
    Value { ty: Some(Type::of(class)), constant: Some(Const::Duration(millis)), ..Value::default() }
}

fn fold(op: BinaryOp, left: Const, right: Const) -> Option<Const> {
    match (left, right) {
        (Const::Int(a), Const::Int(b)) => {
            let value = match op {
                BinaryOp::Add => a.checked_add(b),
                BinaryOp::Sub => a.checked_sub(b),
                BinaryOp::Mul => a.checked_mul(b),
                BinaryOp::Div => a.checked_div(b),
                BinaryOp::Rem => a.checked_rem(b),
                BinaryOp::BitAnd => Some(a & b),
                BinaryOp::BitOr => Some(a | b),
                BinaryOp::BitXor => Some(a ^ b),
                BinaryOp::Shl => a.checked_shl(u32::try_from(b).ok()?),
                BinaryOp::Shr => a.checked_shr(u32::try_from(b).ok()?),
                _ => return None,
            };
            value.map(Const::Int)
        }
        (Const::Float(_), Const::Int(_) | Const::Float(_)) | (Const::Int(_), Const::Float(_)) => {
            let number = |constant: Const| match constant {
                #[expect(clippy::cast_precision_loss, reason = "intervals need no 53-bit precision")]
                Const::Int(value) => value as f64,
                Const::Float(value) => value,
                _ => 0.0,
            };
            let (a, b) = (number(left), number(right));
            Some(Const::Float(match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                _ => return None,
            }))
        }
        (Const::AfterNow(a), Const::Int(b)) | (Const::Int(b), Const::AfterNow(a)) if op == BinaryOp::Add => {
            Some(Const::AfterNow(a.saturating_add(b)))
        }
        (Const::Str(a), Const::Str(b)) if op == BinaryOp::Add => {
            Some(Const::Str(Name::new(&format!("{a}{b}"))))
        }
        (Const::Duration(a), Const::Duration(b)) => match op {
            BinaryOp::Add => Some(Const::Duration(a.saturating_add(b))),
            BinaryOp::Sub => Some(Const::Duration(a.saturating_sub(b))),
            _ => None,
        },
        (Const::Duration(a), Const::Int(b)) | (Const::Int(b), Const::Duration(a)) if op == BinaryOp::Mul => {
            Some(Const::Duration(a.saturating_mul(b)))
        }
        (Const::Bool(a), Const::Bool(b)) => match op {
            BinaryOp::And => Some(Const::Bool(a && b)),
            BinaryOp::Or => Some(Const::Bool(a || b)),
            BinaryOp::Eq => Some(Const::Bool(a == b)),
            BinaryOp::Ne => Some(Const::Bool(a != b)),
            _ => None,
        },
        // A constant is not null.
        (Const::Null, other) | (other, Const::Null) => match op {
            BinaryOp::Eq => Some(Const::Bool(other == Const::Null)),
            BinaryOp::Ne => Some(Const::Bool(other != Const::Null)),
            _ => None,
        },
        _ => None,
    }
}
