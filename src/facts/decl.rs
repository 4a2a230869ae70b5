//! Declarations of one file: types, functions, properties, and how types are written.

use bitflags::bitflags;

use crate::base::{Name, Span};

use super::body::{Arg, ExprId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeDeclId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyId(pub u32);

bitflags! {
    /// Modifiers that matter, of any declaration. What a language implies is written out: members of
    /// objects and companions stay instance members; Java interface methods without a body are ABSTRACT;
    /// Kotlin classes and members without `open`/`abstract`/`override` are FINAL, Java ones only if so marked or
    /// if nothing can override them (fields, enums, records, annotation types). Local types are PUBLIC.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Modifiers: u32 {
        const ABSTRACT = 1;
        const FINAL = 1 << 1;
        /// Java `static`; a Kotlin nested class that is not `inner` is STATIC as well, as is what Kotlin marks `@JvmStatic`.
        const STATIC = 1 << 2;
        const OVERRIDE = 1 << 3;
        const SUSPEND = 1 << 4;
        const INLINE = 1 << 5;
        const OPERATOR = 1 << 6;
        const INFIX = 1 << 7;
        const PRIVATE = 1 << 8;
        const PROTECTED = 1 << 9;
        const INTERNAL = 1 << 10;
        /// Written, or the language's default (Kotlin). Java package-private has none of the four.
        const PUBLIC = 1 << 11;
        const SYNCHRONIZED = 1 << 12;
        /// Kotlin `external`, Java `native`.
        const NATIVE = 1 << 13;
        /// Kotlin `const val`, Java `static final` with a constant-looking initialiser is not marked.
        const CONST = 1 << 14;
        const LATEINIT = 1 << 15;
        /// Kotlin `inner`, Java non-static nested class.
        const INNER = 1 << 16;
        const SEALED = 1 << 17;
        const DATA = 1 << 18;
        /// A `var`, or a Java field or parameter that is not `final`.
        const MUTABLE = 1 << 19;
        const VARARG = 1 << 20;
        /// Lambda parameter of an inline function that is not run in place (`noinline`).
        const NOINLINE = 1 << 21;
        const CROSSINLINE = 1 << 22;
        const TAILREC = 1 << 23;
        const EXPECT = 1 << 24;
        const ACTUAL = 1 << 25;
        const REIFIED = 1 << 26;
    }
}

/// A type as written: `a.b.C<D, *>?`, `suspend X.(Y) -> Z`, `int[]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypeRef {
    /// Dotted as written, without type arguments. `*` for a star projection or wildcard without bound
    /// (`? extends T`, `out T`, `in T` are lowered to `T`). Arrays are `Array` with one argument
    /// (Kotlin's `IntArray` stays a name). Java primitives get Kotlin's names (`int` → `Int`, `void` → `Unit`).
    /// Empty for a function type.
    pub name: Name,
    pub args: Vec<TypeRef>,
    pub nullable: bool,
    pub function: Option<Box<FunctionType>>,
    pub annotations: Vec<Name>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionType {
    pub suspend: bool,
    pub receiver: Option<TypeRef>,
    pub params: Vec<TypeRef>,
    pub result: TypeRef,
}

/// An annotation use, `@Query("…")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Dotted as written, without `@` and use-site target.
    pub name: Name,
    /// Kotlin's use-site target (`file`, `get`, `field`, `param`, …), empty without one.
    pub target: Name,
    pub args: Vec<Arg>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeParam {
    pub name: Name,
    pub bound: Option<TypeRef>,
    pub reified: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeKind {
    Class,
    Interface,
    /// Kotlin `object`, also `data object`.
    Object,
    /// `companion object`; its name is `Companion` unless another one is written.
    Companion,
    Enum,
    Annotation,
    /// Java record; its components are properties.
    Record,
    /// `object : T { }`, `new T() { }`, an enum constant with a body.
    Anonymous,
}

/// A class, interface, object, enum, … of any nesting.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Simple name; empty for anonymous types.
    pub name: Name,
    pub kind: TypeKind,
    /// The type it is declared in.
    pub owner: Option<TypeDeclId>,
    /// The function whose body contains it (local and anonymous types).
    pub function: Option<FunctionId>,
    pub modifiers: Modifiers,
    pub annotations: Vec<Annotation>,
    pub params: Vec<TypeParam>,
    pub supertypes: Vec<Supertype>,
    /// The whole declaration.
    pub span: Span,
    pub name_span: Span,
}

/// `: Base(args)`, `: Iface by delegate`, `extends`, `implements`.
#[derive(Clone, Debug)]
pub struct Supertype {
    pub ty: TypeRef,
    /// Constructor arguments of Kotlin's `: Base(args)` and of `new Base(args) { }`; none for `new Base() { }`,
    /// which does not tell a class from an interface.
    pub args: Option<Vec<Arg>>,
    /// `by expression`.
    pub delegate: Option<ExprId>,
}

#[derive(Clone, Debug)]
pub struct TypeAlias {
    pub name: Name,
    pub params: Vec<TypeParam>,
    pub target: TypeRef,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// A named function or method: member, top level or local.
    Function,
    /// Primary or secondary constructor, named `<init>`. A primary constructor has no body.
    Constructor,
    /// Property initialisers and `init`/instance-initialiser blocks of a type in source order, named `<init>`:
    /// runs as part of every constructor. Present only when there is something to run.
    Initializer,
    /// The same for static fields and `static { }` blocks, and for top-level properties (`owner` is none).
    /// Named `<clinit>`. Companion and object initialisers are `Initializer`s of the companion or object.
    StaticInitializer,
    /// Property accessor with a body, named `get` or `set`.
    Getter,
    Setter,
    /// `{ a -> … }`, `(a) -> …`; named `<lambda>`. Its last expression is its value: an expression lambda
    /// of Java and a Kotlin lambda both have a block as body, without an explicit return for that value.
    Lambda,
    /// Kotlin's `fun(x) { }` as an expression, named `<anonymous>`.
    AnonymousFunction,
}

/// A function of any kind.
#[derive(Clone, Debug)]
pub struct FunctionDecl {
    pub name: Name,
    pub kind: FunctionKind,
    /// The innermost type it is lexically in (also for lambdas and local functions).
    pub owner: Option<TypeDeclId>,
    /// The function whose body contains it, for lambdas and local functions. Members of local or anonymous
    /// types have none; their type has (`TypeDecl::function`).
    pub parent: Option<FunctionId>,
    /// The property of an accessor.
    pub property: Option<PropertyId>,
    pub modifiers: Modifiers,
    pub annotations: Vec<Annotation>,
    pub type_params: Vec<TypeParam>,
    /// Kotlin extension receiver.
    pub receiver: Option<TypeRef>,
    /// A lambda without parameter list has none (its `it` is implicit).
    pub params: Vec<Param>,
    pub result: Option<TypeRef>,
    /// A `Block`, also for expression bodies (`expression_body` tells), none when abstract or native.
    pub body: Option<ExprId>,
    /// Kotlin `fun f() = expr`: the block holds that one expression, which is the result.
    pub expression_body: bool,
    /// Secondary constructors: `: this(args)` or `: super(args)`, Java `this(args)`/`super(args)` are calls
    /// named `this`/`super` in the body; Kotlin's delegation is lowered to the same, as first expression.
    pub span: Span,
    pub name_span: Span,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: Name,
    /// None when not written (lambda parameters). A destructuring parameter has one `Param` named
    /// `<destructured>`, and its block starts with `Destructure`.
    pub ty: Option<TypeRef>,
    pub default: Option<ExprId>,
    pub modifiers: Modifiers,
    pub annotations: Vec<Annotation>,
    pub span: Span,
}

/// A field or property.
#[derive(Clone, Debug)]
pub struct PropertyDecl {
    pub name: Name,
    pub owner: Option<TypeDeclId>,
    pub modifiers: Modifiers,
    pub annotations: Vec<Annotation>,
    /// Extension property.
    pub receiver: Option<TypeRef>,
    pub ty: Option<TypeRef>,
    /// Initialiser expression. It is executed by the owner's (static) initialiser, through
    /// `ExprKind::PropertyInit`.
    pub initializer: Option<ExprId>,
    /// `by expression`.
    pub delegate: Option<ExprId>,
    pub getter: Option<FunctionId>,
    pub setter: Option<FunctionId>,
    /// Declared in the primary constructor (`class A(val x: T)`), or a record component.
    pub constructor_parameter: bool,
    /// An enum constant; its initialiser is the call that makes it.
    pub enum_constant: bool,
    pub span: Span,
    pub name_span: Span,
}
