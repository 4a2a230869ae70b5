//! Bodies: a compact arena of expressions, statements included, one arena per file.

use crate::base::{Name, Span};

use super::decl::{FunctionId, PropertyId, TypeDeclId, TypeRef};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// One expression or statement with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Nothing, or something that was not understood; children that were understood are kept.
    Missing(Vec<ExprId>),
    Literal(Literal),
    /// String with expressions inside; constant parts are string literals.
    Template(Vec<ExprId>),
    /// A simple name: local, parameter, property, object, type or package segment; the model decides.
    Name(Name),
    /// `this`, `this@label`, `Outer.this`.
    This(Option<Name>),
    /// `super`, `super<T>`, `super@label`, `Outer.super`.
    Super(Option<Name>),
    /// `receiver.name` without call: property, field, nested type or package segment.
    Member {
        receiver: ExprId,
        name: Name,
        name_span: Span,
        safe: bool,
    },
    /// `receiver.name<T>(args)`, `name(args)`; creations as well: Java's `new a.B<T>(x)` is the call `B` on
    /// receiver `a`, exactly as Kotlin writes it. Infix calls `a to b` are calls, too. `this(…)`/`super(…)`
    /// constructor calls have the names `this`/`super` and no receiver.
    Call(Box<Call>),
    /// `expression(args)` where the callee is not a name: `handler.get()(x)`, `{ … }()`.
    Invoke {
        callee: ExprId,
        args: Vec<Arg>,
    },
    /// A lambda or anonymous function, a function of its own.
    Lambda(FunctionId),
    /// `::name`, `receiver::name`, `Type::new` (name `<init>`).
    FunctionRef {
        receiver: Option<ExprId>,
        name: Name,
    },
    /// `T::class`, `T::class.java`, `T.class`; of an expression: `x::class` is a `Member` named `class`.
    ClassLiteral(Box<TypeRef>),
    /// `object : T { }`, `new T() { }`.
    Object(TypeDeclId),
    Binary {
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    },
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    /// `target = value`, `target += value` (with the operator).
    Assign {
        target: ExprId,
        op: Option<BinaryOp>,
        value: ExprId,
    },
    /// `value as T`, `value as? T` (safe), `(T) value`.
    Cast {
        value: ExprId,
        ty: Box<TypeRef>,
        safe: bool,
    },
    /// `value is T`, `value !is T`, `value instanceof T`; Java's pattern variable in `binding`.
    /// In a `when` with subject the value is the subject.
    TypeTest {
        value: ExprId,
        ty: Box<TypeRef>,
        negated: bool,
        binding: Option<Name>,
    },
    /// `value!!`.
    NotNull(ExprId),
    /// `receiver[args]`.
    Index {
        receiver: ExprId,
        args: Vec<ExprId>,
    },
    /// `if`, Java's `?:`. Branches are blocks or expressions.
    If {
        condition: ExprId,
        then: Option<ExprId>,
        otherwise: Option<ExprId>,
    },
    /// `when`, `switch`.
    When {
        subject: Option<ExprId>,
        binding: Option<Name>,
        arms: Box<[Arm]>,
    },
    Loop(Box<Loop>),
    Try(Box<Try>),
    /// Java's `synchronized (lock) { }`. Kotlin's is a call.
    Synchronized {
        lock: ExprId,
        body: ExprId,
    },
    Block(Vec<ExprId>),
    /// A local variable.
    Local(Box<Local>),
    /// `val (a, b) = value`, destructuring parameters of lambdas and loops (`value` none: the parameter).
    Destructure {
        names: Box<[Name]>,
        value: Option<ExprId>,
    },
    LocalFunction(FunctionId),
    LocalType(TypeDeclId),
    /// The owner's property gets its initial value; see `FunctionKind::Initializer`.
    PropertyInit(PropertyId),
    Return {
        value: Option<ExprId>,
        label: Option<Name>,
    },
    Throw(ExprId),
    Break,
    Continue,
    /// `{1, 2}`, `new int[] {1}`, annotation arrays `[A, B]`.
    Array(Vec<ExprId>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// Integers of any width and base; characters of Java and Kotlin are `Char`.
    Int(i64),
    Float(f64),
    Char(char),
    /// Escapes decoded as far as they matter; raw strings as they are.
    String(Name),
    Bool(bool),
    Null,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub receiver: Option<ExprId>,
    pub name: Name,
    pub name_span: Span,
    pub type_args: Vec<TypeRef>,
    /// In source order; Kotlin's trailing lambda is the last one.
    pub args: Vec<Arg>,
    /// `receiver?.name()`.
    pub safe: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Kotlin's named argument.
    pub name: Option<Name>,
    pub value: ExprId,
    /// Kotlin's lambda outside the parentheses.
    pub trailing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Eq,
    Ne,
    /// `===`; Java's `==` is `Eq`.
    Same,
    NotSame,
    Lt,
    Le,
    Gt,
    Ge,
    /// `?:`.
    Elvis,
    /// `in`.
    In,
    NotIn,
    /// `..`, `..<`, `until` stays a call.
    Range,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    Ushr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Not,
    Minus,
    Plus,
    BitNot,
    /// `++`, either side.
    Increment,
    Decrement,
}

/// One arm of a `when` or `switch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Any of these selects the arm; none: `else`, `default`. With a subject `is T` is a `TypeTest` of the
    /// subject, `in r` a `Binary::In`, a plain value stands alone.
    pub conditions: Vec<ExprId>,
    pub guard: Option<ExprId>,
    pub body: ExprId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoopKind {
    While,
    DoWhile,
    /// Java's three-part `for`.
    For,
    /// `for (x in xs)`, `for (T x : xs)`.
    ForEach,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    pub kind: LoopKind,
    /// `For`: the first part.
    pub init: Vec<ExprId>,
    /// `ForEach`: the iterated value. Otherwise the condition; none for `for (;;)`.
    pub condition: Option<ExprId>,
    /// `For`: the third part.
    pub update: Vec<ExprId>,
    /// `ForEach`: the loop variable.
    pub variable: Option<Name>,
    pub variable_type: Option<TypeRef>,
    pub body: Option<ExprId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// Java's resources: `Local`s or expressions.
    pub resources: Vec<ExprId>,
    pub body: ExprId,
    pub catches: Vec<Catch>,
    pub finally: Option<ExprId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Catch {
    pub name: Name,
    pub types: Vec<TypeRef>,
    pub body: ExprId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    pub name: Name,
    pub name_span: Span,
    /// None when inferred (`val`, Java `var`).
    pub ty: Option<TypeRef>,
    pub init: Option<ExprId>,
    pub delegate: Option<ExprId>,
    pub mutable: bool,
}

impl ExprKind {
    /// Calls `visit` with every direct child expression, in source order. Lambdas, local functions and
    /// object expressions are leaves: they are functions and types of their own.
    pub fn each_child(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            ExprKind::Missing(parts)
            | ExprKind::Template(parts)
            | ExprKind::Block(parts)
            | ExprKind::Array(parts) => {
                parts.iter().copied().for_each(visit);
            }
            ExprKind::Literal(_)
            | ExprKind::Name(_)
            | ExprKind::This(_)
            | ExprKind::Super(_)
            | ExprKind::Lambda(_)
            | ExprKind::ClassLiteral(_)
            | ExprKind::Object(_)
            | ExprKind::LocalFunction(_)
            | ExprKind::LocalType(_)
            | ExprKind::PropertyInit(_)
            | ExprKind::Break
            | ExprKind::Continue => {}
            ExprKind::Member { receiver, .. } => visit(*receiver),
            ExprKind::Call(call) => {
                call.receiver.into_iter().for_each(&mut visit);
                call.args.iter().for_each(|arg| visit(arg.value));
            }
            ExprKind::Invoke { callee, args } => {
                visit(*callee);
                args.iter().for_each(|arg| visit(arg.value));
            }
            ExprKind::FunctionRef { receiver, .. } => receiver.iter().copied().for_each(visit),
            ExprKind::Binary { left, right, .. } => {
                visit(*left);
                visit(*right);
            }
            ExprKind::Unary { operand, .. } => visit(*operand),
            ExprKind::Assign { target, value, .. } => {
                visit(*target);
                visit(*value);
            }
            ExprKind::Cast { value, .. } | ExprKind::TypeTest { value, .. } | ExprKind::NotNull(value) => {
                visit(*value)
            }
            ExprKind::Index { receiver, args } => {
                visit(*receiver);
                args.iter().copied().for_each(visit);
            }
            ExprKind::If { condition, then, otherwise } => {
                visit(*condition);
                then.iter().chain(otherwise).copied().for_each(visit);
            }
            ExprKind::When { subject, arms, .. } => {
                subject.iter().copied().for_each(&mut visit);
                for arm in arms {
                    arm.conditions.iter().chain(&arm.guard).copied().for_each(&mut visit);
                    visit(arm.body);
                }
            }
            ExprKind::Loop(it) => {
                let parts = it.init.iter().chain(&it.condition).chain(&it.update).chain(&it.body);
                parts.copied().for_each(visit);
            }
            ExprKind::Try(it) => {
                it.resources.iter().copied().for_each(&mut visit);
                visit(it.body);
                it.catches.iter().for_each(|catch| visit(catch.body));
                it.finally.iter().copied().for_each(visit);
            }
            ExprKind::Synchronized { lock, body } => {
                visit(*lock);
                visit(*body);
            }
            ExprKind::Local(local) => local.init.iter().chain(&local.delegate).copied().for_each(visit),
            ExprKind::Destructure { value, .. } | ExprKind::Return { value, .. } => {
                value.iter().copied().for_each(visit)
            }
            ExprKind::Throw(value) => visit(*value),
        }
    }
}
