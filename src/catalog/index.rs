//! Look-ups into the catalogue, all by interned name; nothing is scanned or allocated per call. A look-up by
//! (class, member) answers for exactly that class, exact names before globs; walking up the supertypes is the
//! model's affair. How the maps are filled stands in `build.rs`.

use std::sync::OnceLock;

use bitflags::bitflags;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;

use super::entry::*;
use super::load::{COMPACT, Tables, expand};
use super::members::Members;
use super::{build, glob};

/// A top-level or extension function or property some entry knows: how source code imports it, and its facade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopLevel {
    /// JVM facade, `kotlin.io.FilesKt`; entries are filed under this class and the function's name.
    pub facade: Name,
    /// Package that an import names, `kotlin.io`.
    pub package: Name,
    /// Receiver type of an extension, `*` for any; none for a plain top-level function. Canonical.
    pub receiver: Option<Name>,
}

bitflags! {
    /// Tables that are asked by class and member.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TableSet: u16 {
        const BLOCKING = 1;
        const ENTRIES = 1 << 1;
        const SET_BY = 1 << 2;
        const DISPATCHES = 1 << 3;
        /// Dispatchers and scopes.
        const THREADS = 1 << 4;
        const INLINES = 1 << 5;
        const FLOWS = 1 << 6;
        const RETURNS = 1 << 7;
        const LAMBDAS = 1 << 8;
        const WORK = 1 << 9;
        /// Results that never block.
        const IN_MEMORY = 1 << 10;
        /// Questions whose answer proves something.
        const GUARDS = 1 << 11;
        const EFFECTS = 1 << 12;
        const CONFINED = 1 << 13;
    }
}

/// The whole catalogue, indexed. Classes are to be asked for by their canonical name.
#[derive(Default)]
pub struct Catalog {
    pub(super) aliases: FxHashMap<Name, Name>,
    pub(super) known: FxHashSet<Name>,
    pub(super) supertypes: FxHashMap<Name, &'static [Name]>,
    pub(super) functions: FxHashMap<Name, Vec<TopLevel>>,
    pub(super) kinds: FxHashMap<Name, &'static Kind>,
    pub(super) blocking: Members<Blocking>,
    pub(super) memory_types: FxHashSet<Name>,
    pub(super) memory_results: FxHashSet<(Name, Name)>,
    pub(super) wrappers: FxHashMap<(Name, Name), WrapperArg>,
    pub(super) entries: Members<Entry>,
    pub(super) entry_classes: FxHashMap<Name, Vec<&'static Entry>>,
    pub(super) annotation_entries: FxHashMap<Name, Vec<&'static Entry>>,
    pub(super) set_by: Members<Entry>,
    pub(super) dispatches: Members<Dispatch>,
    /// Dispatches that are told by their name in files with certain imports.
    pub(super) by_import: FxHashMap<Name, Vec<&'static Dispatch>>,
    pub(super) dispatchers: FxHashMap<Name, &'static Dispatcher>,
    pub(super) dispatcher_annotations: FxHashMap<Name, &'static Dispatcher>,
    pub(super) dispatcher_patterns: Vec<(Name, &'static Dispatcher)>,
    pub(super) scopes: FxHashMap<Name, &'static Scope>,
    pub(super) scope_annotations: FxHashMap<Name, &'static Scope>,
    pub(super) scope_patterns: Vec<(Name, &'static Scope)>,
    pub(super) inlines: Members<Inline>,
    pub(super) flows: Members<FlowOp>,
    pub(super) returns: Members<TypeExpr>,
    pub(super) delegates: FxHashMap<(Name, Name), &'static TypeExpr>,
    pub(super) services: FxHashMap<Name, Name>,
    pub(super) sams: FxHashMap<Name, &'static Sam>,
    pub(super) lambdas: FxHashMap<(Name, Name), &'static LambdaTypes>,
    pub(super) generated: FxHashMap<Name, Vec<&'static Generated>>,
    pub(super) generated_bases: FxHashMap<Name, Vec<&'static Generated>>,
    pub(super) work: Members<Work>,
    pub(super) work_bases: FxHashMap<Name, &'static Work>,
    pub(super) lambda_parameters: Vec<LambdaParameter>,
    pub(super) named_callbacks: Vec<NamedCallback>,
    pub(super) assertions: FxHashMap<Name, Vec<&'static Assertion>>,
    pub(super) guards: Vec<&'static Guard>,
    /// By the simple name of a call.
    pub(super) guard_calls: FxHashMap<Name, Vec<&'static Guard>>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) objects: FxHashMap<Name, ObjectKind>,
    pub(super) effects: Members<Effect>,
    pub(super) confined: Members<Confined>,
    /// Which tables have an entry for a member of this name, of whatever class.
    pub(super) naming: FxHashMap<Name, TableSet>,
    /// Which tables have a name pattern for a class.
    pub(super) globs: FxHashMap<Name, TableSet>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalog of {} classes", self.known.len())
    }
}

/// The entries of the built-in catalogue.
pub(super) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| expand(COMPACT).expect("a test keeps catalog.bin readable"))
}

impl Catalog {
    /// The built-in catalogue, loaded once from its compact form in the binary.
    pub fn embedded() -> &'static Catalog {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| Catalog::new(&[tables()]))
    }

    /// Indexes several tables; where only one entry can answer, the first table that has one wins.
    pub fn new(layers: &[&'static Tables]) -> Catalog {
        build::index(layers)
    }

    /// Kotlin's and other second names of a class to the JVM name; other names unchanged.
    pub fn canonical(&self, class: Name) -> Name {
        self.aliases.get(&class).copied().unwrap_or(class)
    }

    /// Some entry mentions this class (as owner, supertype, result or annotation).
    pub fn knows(&self, class: Name) -> bool {
        self.known.contains(&class)
    }

    /// Tables with an entry for some class's member of this name; what is not in the set need not be asked, patterns
    /// aside.
    pub fn tables_naming(&self, member: Name) -> TableSet {
        self.naming.get(&member).copied().unwrap_or_default()
    }

    /// Tables with a name pattern for members of this class.
    pub fn globs_of(&self, class: Name) -> TableSet {
        self.globs.get(&class).copied().unwrap_or_default()
    }

    /// Direct supertypes.
    pub fn supertypes(&self, class: Name) -> &'static [Name] {
        self.supertypes.get(&class).copied().unwrap_or_default()
    }

    /// Top-level and extension functions and properties of this simple name, from whichever table.
    pub fn functions(&self, name: Name) -> &[TopLevel] {
        self.functions.get(&name).map_or(&[], Vec::as_slice)
    }

    pub fn kind(&self, id: Name) -> Option<&'static Kind> {
        self.kinds.get(&id).copied()
    }

    pub fn blocking(&self, class: Name, member: Name) -> &[&'static Blocking] {
        self.blocking.get(class, member)
    }

    pub fn in_memory_type(&self, class: Name) -> bool {
        self.memory_types.contains(&class)
    }

    pub fn in_memory_result(&self, class: Name, member: Name) -> bool {
        self.memory_results.contains(&(class, member))
    }

    /// By class (constructor; member `<init>`) or facade and function.
    pub fn wrapper(&self, class: Name, member: Name) -> Option<WrapperArg> {
        self.wrappers.get(&(class, member)).copied()
    }

    pub fn entries(&self, class: Name, method: Name) -> &[&'static Entry] {
        self.entries.get(class, method)
    }

    /// Entries of a class whatever the method: does subclassing or implementing it make callbacks?
    pub fn has_entries(&self, class: Name) -> bool {
        self.entry_classes.contains_key(&class)
    }

    /// All entries of a class.
    pub fn class_entries(&self, class: Name) -> &[&'static Entry] {
        self.entry_classes.get(&class).map_or(&[], Vec::as_slice)
    }

    pub fn annotation_entries(&self, annotation: Name) -> &[&'static Entry] {
        self.annotation_entries.get(&annotation).map_or(&[], Vec::as_slice)
    }

    /// Callback interfaces that this setter takes.
    pub fn set_by(&self, class: Name, setter: Name) -> &[&'static Entry] {
        self.set_by.get(class, setter)
    }

    pub fn lambda_parameters(&self) -> &[LambdaParameter] {
        &self.lambda_parameters
    }

    pub fn named_callbacks(&self) -> &[NamedCallback] {
        &self.named_callbacks
    }

    /// Assertions by their simple name.
    pub fn assertions_named(&self, member: Name) -> &[&'static Assertion] {
        self.assertions.get(&member).map_or(&[], Vec::as_slice)
    }

    /// All guards; those that compare two calls are found in no other way.
    pub fn guards(&self) -> &[&'static Guard] {
        &self.guards
    }

    /// Guards that ask a member of this simple name.
    pub fn guards_named(&self, member: Name) -> &[&'static Guard] {
        self.guard_calls.get(&member).map_or(&[], Vec::as_slice)
    }

    /// Of this very class: is it remembered how its objects were made?
    pub fn object(&self, class: Name) -> Option<ObjectKind> {
        self.objects.get(&class).copied()
    }

    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    pub fn dispatches(&self, class: Name, method: Name) -> &[&'static Dispatch] {
        self.dispatches.get(class, method)
    }

    /// Dispatches by the name alone that hold in files with certain imports.
    pub fn dispatches_by_import(&self, method: Name) -> &[&'static Dispatch] {
        self.by_import.get(&method).map_or(&[], Vec::as_slice)
    }

    /// By qualified expression name: `kotlinx.coroutines.Dispatchers.IO`, `….ThreadPoolExecutor.<init>`; members of
    /// facades by facade (`….ExecutorsKt.asExecutor`) or package (`kotlinx.coroutines.asExecutor`).
    pub fn dispatcher(&self, expression: Name) -> Option<&'static Dispatcher> {
        self.dispatchers.get(&expression).copied()
    }

    /// By annotation, qualified or not, with or without its argument: `IoDispatcher`, `a.b.Dispatcher(x.Y.IO)`.
    pub fn dispatcher_annotation(&self, annotation: Name) -> Option<&'static Dispatcher> {
        by_annotation(&self.dispatcher_annotations, annotation)
    }

    /// By simple name, when nothing else is known.
    pub fn dispatcher_pattern(&self, name: &str) -> Option<&'static Dispatcher> {
        by_pattern(&self.dispatcher_patterns, name)
    }

    /// By qualified expression name, as [`Self::dispatcher`].
    pub fn scope(&self, expression: Name) -> Option<&'static Scope> {
        self.scopes.get(&expression).copied()
    }

    pub fn scope_annotation(&self, annotation: Name) -> Option<&'static Scope> {
        by_annotation(&self.scope_annotations, annotation)
    }

    pub fn scope_pattern(&self, name: &str) -> Option<&'static Scope> {
        by_pattern(&self.scope_patterns, name)
    }

    pub fn inline(&self, class: Name, function: Name) -> &[&'static Inline] {
        self.inlines.get(class, function)
    }

    pub fn flow(&self, class: Name, function: Name) -> Option<&'static FlowOp> {
        self.flows.get(class, function).first().copied()
    }

    pub fn returns(&self, class: Name, member: Name) -> Option<&'static TypeExpr> {
        self.returns.get(class, member).first().copied()
    }

    /// Type behind `by function(…)`.
    pub fn delegate(&self, facade: Name, function: Name) -> Option<&'static TypeExpr> {
        self.delegates.get(&(facade, function)).copied()
    }

    /// `ALARM_SERVICE` → `android.app.AlarmManager`.
    pub fn service(&self, constant: &str) -> Option<Name> {
        self.services.get(&Name::new(constant)).copied()
    }

    pub fn sam(&self, interface: Name) -> Option<&'static Sam> {
        self.sams.get(&interface).copied()
    }

    pub fn lambda(&self, class: Name, member: Name) -> Option<&'static LambdaTypes> {
        self.lambdas.get(&(class, member)).copied()
    }

    /// By annotation on the type, or on a member where the type carries none (Retrofit).
    pub fn generated(&self, annotation: Name) -> &[&'static Generated] {
        self.generated.get(&annotation).map_or(&[], Vec::as_slice)
    }

    /// By supertype of the type (`io.grpc.stub.AbstractBlockingStub`).
    pub fn generated_base(&self, supertype: Name) -> &[&'static Generated] {
        self.generated_bases.get(&supertype).map_or(&[], Vec::as_slice)
    }

    pub fn work(&self, class: Name, method: Name) -> &[&'static Work] {
        self.work.get(class, method)
    }

    /// Members that only the main thread may call.
    pub fn confined(&self, class: Name, method: Name) -> &[&'static Confined] {
        self.confined.get(class, method)
    }

    pub fn effects(&self, class: Name, method: Name) -> &[&'static Effect] {
        self.effects.get(class, method)
    }

    /// Work whose api is a base class to extend.
    pub fn work_base(&self, class: Name) -> Option<&'static Work> {
        self.work_bases.get(&class).copied()
    }
}

/// Qualifiers are recognised by their simple name, and by the simple name of their argument if they have one.
fn by_annotation<T>(map: &FxHashMap<Name, &'static T>, annotation: Name) -> Option<&'static T> {
    let (path, argument) = match annotation.split_once('(') {
        None => (annotation.as_str(), None),
        Some((path, rest)) => (path, Some(rest.trim_end_matches(')'))),
    };
    let simple = Name::new(path).last();
    let key = match argument.filter(|it| !it.is_empty()) {
        None => Name::new(simple),
        Some(argument) => Name::new(&format!("{simple}({})", Name::new(argument).last())),
    };
    map.get(&annotation).or_else(|| map.get(&key)).copied()
}

fn by_pattern<T>(patterns: &[(Name, &'static T)], name: &str) -> Option<&'static T> {
    let name = name.to_ascii_lowercase();
    patterns.iter().find(|(pattern, _)| glob::matches(pattern, &name)).map(|(_, it)| *it)
}
