//! The catalogue's entries, typed. One struct per TOML table; meanings in `rules/catalog/README.md`.

use serde::{Deserialize, Serialize};

use crate::base::Name;

use super::pack;

pub use super::callbacks::*;
pub use super::work::*;

/// A type expression of the catalogue's small type language: a class with type arguments, or a variable
/// (`$0` type argument of the receiver, `$recv`, `$T` explicit type or class-literal argument, else its own type
/// argument, `$T0` the first explicit type, `$lambda` result of the lambda argument, `$arg0`, `$arg0.0` its first type
/// argument, `$args` what all arguments have in common, `$property-type`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeExpr {
    /// Qualified class name or variable with its `$`.
    #[serde(with = "pack")]
    pub name: Name,
    pub args: Vec<TypeExpr>,
}

/// Where a piece of code runs, as the catalogue says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ThreadWord {
    Main,
    Worker,
    Binder,
    /// The calling thread, in place.
    Caller,
    Unknown,
    /// Resolve the receiver as dispatcher (`executor.execute { }`, `handler.post { }`).
    Receiver,
    /// The dispatcher in `context_arg`, else `fallback`.
    DispatcherArg,
    /// The executor in `executor_arg`, else `fallback`.
    ExecutorArg,
    /// The handler or looper in `executor_arg`, else `fallback`.
    HandlerArg,
    /// The coroutine scope's dispatcher.
    Scope,
    /// As the surrounding context has it (`Job()`, `NonCancellable`).
    Inherit,
    /// Follow `of`: an argument or the receiver is a dispatcher itself.
    Operand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cost {
    /// Under 5 ms as a rule.
    Minor,
    /// 5 to 100 ms.
    Slow,
    /// Over 100 ms, or unbounded.
    Severe,
}

/// A kind of blocking work and its words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kind {
    #[serde(with = "pack")]
    pub id: Name,
    /// `reads from disk`.
    #[serde(with = "pack")]
    pub does: Name,
    /// Default replacement.
    #[serde(with = "pack")]
    pub instead: Name,
}

/// Restricts an entry to some overloads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Overloads {
    /// Argument counts; empty: any.
    pub arity: Vec<u8>,
    pub min_args: Option<u8>,
    pub max_args: Option<u8>,
    /// Only if argument 0 is of one of these types; empty: any.
    #[serde(with = "pack")]
    pub arg0_type: Vec<Name>,
}

/// `[[blocking]]`: calls that hold the calling thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Blocking {
    #[serde(with = "pack")]
    pub class: Name,
    /// Java names; `*` and `get*` are globs.
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    #[serde(with = "pack")]
    pub kind: Name,
    pub cost: Cost,
    pub strictmode: bool,
    /// The entry's own replacement, else the kind's.
    #[serde(with = "pack")]
    pub instead: Option<Name>,
    /// Receiver type of an extension function.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    pub toplevel: bool,
    pub overloads: Overloads,
    /// Applies only if this argument has this constant value.
    pub when_arg: Option<WhenArg>,
    /// The first argument is a host: an address that is written out need not be looked up.
    pub resolves_host: bool,
    /// Applies only if the object was made with this constant: `getInstance("AES", "AndroidKeyStore")`.
    #[serde(with = "pack")]
    pub made_with: Option<Name>,
    /// Position of the timeout argument, negative from the end. An absent argument means unbounded.
    pub timeout_arg: Option<i8>,
    /// `ms`, `ns`, or `receiver` (a Duration that knows its unit).
    #[serde(with = "pack")]
    pub timeout_unit: Option<Name>,
    /// Position of the TimeUnit argument.
    pub unit_arg: Option<i8>,
    /// Setter of an argument that makes the call cheap when it was last called with `true`.
    #[serde(with = "pack")]
    pub minor_with: Option<Name>,
    /// Only the first call on an object blocks.
    pub first_use: bool,
    /// Noisy or version-dependent: findings have low confidence.
    pub low: bool,
    /// A rule of its own reports it.
    #[serde(with = "pack")]
    pub rule: Option<Name>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhenArg {
    #[serde(with = "pack")]
    pub name: Name,
    pub position: u8,
    #[serde(with = "pack")]
    pub value: Name,
}

/// What never blocks although its class does.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InMemory {
    #[serde(with = "pack")]
    pub types: Vec<Name>,
    /// `class.member` whose result is in memory.
    #[serde(with = "pack")]
    pub returned_by: Vec<Name>,
    /// Receiver type, where the functions are extensions.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
}

/// Which value a wrapper stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrapperArg {
    Index(u8),
    Receiver,
}

/// `[[wrapper]]`: a constructor or function that blocks exactly when the wrapped value does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wrapper {
    /// Class (its constructor) or `facade.function`.
    #[serde(with = "pack")]
    pub name: Name,
    pub arg: WrapperArg,
    /// Receiver type, where the functions are extensions.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
}

/// May this run while no activity is visible?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Background {
    No,
    Maybe,
    Yes,
}

/// `[[entry]]`: a callback the framework or a library calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Class or interface; none for an annotation entry.
    #[serde(with = "pack")]
    pub class: Option<Name>,
    /// The function or type annotation that makes it an entry.
    #[serde(with = "pack")]
    pub annotation: Option<Name>,
    /// Only if the annotation has this constant as an argument (simple name, `ASYNC`); entries without come first.
    #[serde(with = "pack")]
    pub annotation_arg: Option<Name>,
    /// Methods, globs allowed; an exact name in another entry of the same class wins over a glob.
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    pub thread: ThreadWord,
    pub background: Background,
    /// API level.
    pub since: Option<u32>,
    /// `class.setter` that take the interface as lambda or object.
    #[serde(with = "pack")]
    pub set_by: Vec<Name>,
    /// An argument of this sort at the registration decides the thread instead: `handler`, `executor`, `looper`.
    #[serde(with = "pack")]
    pub rethread: Vec<Name>,
    pub low: bool,
}

/// Which argument a dispatch hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DispatchArg {
    /// Negative: from the end.
    Index(i8),
    TrailingLambda,
    AnyLambda,
    LastLambda,
    Receiver,
}

/// `[[dispatch]]`: a call that hands code to a thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispatch {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub methods: Vec<Name>,
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    pub toplevel: bool,
    pub arg: DispatchArg,
    pub thread: ThreadWord,
    pub fallback: Option<ThreadWord>,
    pub context_arg: Option<u8>,
    pub executor_arg: Option<u8>,
    /// The caller's thread is held until the code is done.
    pub blocking_until_done: bool,
    /// The lambda is a coroutine.
    pub suspend: bool,
    /// `class.method` of the object handed over that runs (`java.lang.Thread.run`).
    #[serde(with = "pack")]
    pub runs: Option<Name>,
    pub min_args: Option<u8>,
    /// Package prefixes: a call of such a name on something of unknown type is this one in files that import from there.
    #[serde(with = "pack")]
    pub imports: Vec<Name>,
    pub low: bool,
}

/// `[[dispatcher]]`: an expression that stands for a thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispatcher {
    /// Qualified properties, functions or constructors (`….<init>`).
    #[serde(with = "pack")]
    pub expression: Vec<Name>,
    /// Receiver type of an extension function, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    /// Qualifier annotations.
    #[serde(with = "pack")]
    pub annotation: Vec<Name>,
    /// Lower-case simple names with `*`, used when nothing else is known; case does not matter.
    #[serde(with = "pack")]
    pub name_pattern: Vec<Name>,
    pub thread: ThreadWord,
    /// For `Operand`: `receiver`, an argument index, or `looper` (the first argument of type Looper; none: the
    /// looper of the creating thread).
    #[serde(with = "pack")]
    pub of: Option<Name>,
    pub likely: bool,
}

/// `[[scope]]`: an expression that is a coroutine scope.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scope {
    #[serde(with = "pack")]
    pub expression: Vec<Name>,
    /// Receiver type of an extension function, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    #[serde(with = "pack")]
    pub annotation: Vec<Name>,
    #[serde(with = "pack")]
    pub name_pattern: Vec<Name>,
    /// `Main`, `Worker`, `DispatcherArg` (its context argument), `Inherit`, `Unknown`.
    pub dispatcher: ThreadWord,
    /// `view-model`, `lifecycle`, `process`, `custom`, `composition`, `call`, `worker-run`.
    #[serde(with = "pack")]
    pub lifetime: Name,
    pub likely: bool,
}

/// `[[inline]]`: functions that run their lambda in place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inline {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub functions: Vec<Name>,
    /// Receiver type, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    /// What `it` is in the lambda.
    pub it: Option<TypeExpr>,
    /// What `this` is in the lambda. Both: `$recv` receiver, `$arg0` first argument, else a type.
    pub this: Option<TypeExpr>,
    /// `$lambda`, `$recv` or a type.
    pub returns: Option<TypeExpr>,
    /// A lock is held while the lambda runs.
    pub lock: bool,
    /// The lambda runs later, on the thread that touches the result first (`lazy`, sequences).
    #[serde(with = "pack")]
    pub deferred: Option<Name>,
}

impl Inline {
    /// Is what it gives the code that it is given, for whoever uses it: `compareBy { }`?
    pub fn keeps_code(&self) -> bool {
        self.deferred.is_some_and(|when| when == "by-user")
    }
}

/// Which side of a reactive chain an operator moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switches {
    Upstream,
    Downstream,
    All,
    Dispose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LambdaRunsOn {
    Collector,
    Subscriber,
    Upstream,
    Main,
}

/// `[[flow]]`: an operator of Flow or Rx.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowOp {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub functions: Vec<Name>,
    /// Receiver type of an extension function, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    pub lambda_runs_on: Option<LambdaRunsOn>,
    pub switches: Option<Switches>,
    pub context_arg: Option<u8>,
    pub default_thread: Option<ThreadWord>,
    pub terminal: bool,
}

/// `[[assertion]]`: a call that states the thread of the rest of the block.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assertion {
    /// `*Suffix` patterns over `Class.method` or `.method`.
    #[serde(with = "pack")]
    pub call: Vec<Name>,
    pub thread: ThreadWord,
}

/// What a check can prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Runs on the main thread.
    Main,
    /// Runs on another thread.
    Worker,
    /// The future asked is done.
    Done,
    /// Exact alarms are permitted.
    ExactAlarms,
    /// The app is visible to the user.
    Visible,
    /// The user switched battery optimisation off for the app.
    BatteryExempt,
    /// The push message has high priority.
    HighPriority,
    /// It is never true.
    Never,
}

/// `[[guard]]`: a condition that proves something about its branches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guard {
    /// Calls that answer the question: `class.method`, or `*.method` on anything.
    #[serde(with = "pack")]
    pub call: Vec<Name>,
    /// `class.method` that the receiver of `call` must come from; none: any receiver.
    #[serde(with = "pack")]
    pub receiver: Option<Name>,
    /// `class.method` that the chain of receivers begins with, called by an object of the class on itself.
    #[serde(with = "pack")]
    pub own: Option<Name>,
    /// The constant that is the first argument of `call`.
    #[serde(with = "pack")]
    pub argument: Option<Name>,
    /// Two calls, `class.method` each, whose results are compared by `==`, `===` or `equals`.
    #[serde(with = "pack")]
    pub compares: Vec<Name>,
    /// What is known where the condition is true, or the result is there, and where it is false, or null.
    pub then: Option<Proof>,
    pub otherwise: Option<Proof>,
    /// The condition is true on devices from this API level on, and on no others.
    pub from: Option<u32>,
}

/// `[[alias]]`: a second name of a class.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Alias {
    #[serde(with = "pack")]
    pub name: Name,
    #[serde(with = "pack")]
    pub is: Name,
}

/// `[[type]]`: a class and its direct supertypes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Supertypes {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub supertypes: Vec<Name>,
}

/// `[[service]]`: the manager behind a constant of `Context`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Service {
    #[serde(with = "pack")]
    pub constant: Name,
    #[serde(with = "pack")]
    pub class: Name,
}

/// A single abstract method that a lambda may stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sam {
    #[serde(with = "pack")]
    pub interface: Name,
    #[serde(with = "pack")]
    pub method: Name,
    pub parameters: Vec<TypeExpr>,
}

/// What `this` and the parameters are in the lambda given to a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LambdaTypes {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub member: Name,
    /// Receiver type of an extension function, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
    pub toplevel: bool,
    pub receiver: Option<TypeExpr>,
    pub parameters: Vec<TypeExpr>,
}

/// `returns`: the type of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Returns {
    #[serde(with = "pack")]
    pub class: Name,
    #[serde(with = "pack")]
    pub member: Name,
    pub ty: TypeExpr,
    pub toplevel: bool,
    /// Receiver type of an extension function, `*` for any.
    #[serde(with = "pack")]
    pub extension_on: Option<Name>,
}

/// `[[generated]]`: members whose blocking body is generated code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Generated {
    #[serde(with = "pack")]
    pub name: Name,
    /// Annotation on the type.
    #[serde(with = "pack")]
    pub on_annotation: Option<Name>,
    /// Supertype of the type.
    #[serde(with = "pack")]
    pub on_supertype: Option<Name>,
    /// Annotations on the members it is about; empty: all abstract members.
    #[serde(with = "pack")]
    pub members_annotated: Vec<Name>,
    /// Members with such a result do not block (nor does `suspend`).
    #[serde(with = "pack")]
    pub non_blocking_return: Vec<Name>,
    /// Annotations on `suspend` members with a body that the generated code runs on a thread of its own.
    #[serde(with = "pack")]
    pub suspend_bodies_on_worker: Vec<Name>,
    /// What they give is read into memory before they come back, unless they have this annotation.
    #[serde(with = "pack")]
    pub in_memory_unless: Option<Name>,
    /// `Never`: types and threads only.
    pub blocks: GeneratedBlocks,
    #[serde(with = "pack")]
    pub kind: Option<Name>,
    pub cost: Cost,
    #[serde(with = "pack")]
    pub instead: Option<Name>,
    pub low: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeneratedBlocks {
    Never,
    /// Unless `suspend` or a `non_blocking_return`.
    UnlessAsync,
    Always,
}
