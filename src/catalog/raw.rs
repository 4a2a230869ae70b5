//! The catalogue's TOML as it is written: one struct per table, words still text. `rules/catalog/README.md` tells
//! what the keys mean; `convert.rs` makes typed entries of them. Unknown keys are errors.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// An array of tables; the spans lead error messages to the entry.
pub(super) type Rows<T> = Vec<Spanned<T>>;

/// Expands to `Deserialize` structs that refuse unknown keys. `prose` keys may be written and are not read: they
/// are for people.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $ty:ty,)* } prose { $($prose:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $(#[serde(default)] pub(super) $field: $ty,)*
            $(#[serde(default)] #[expect(dead_code, reason = "prose")] $prose: Prose,)*
        }
    )*};
}

/// A sentence or several.
#[derive(Default, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "prose")]
pub(super) enum Prose {
    One(String),
    Several(Vec<String>),
    #[default]
    None,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum IndexOrWord {
    Index(i8),
    Word(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Constant {
    Bool(bool),
    Integer(i64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenArg {
    pub(super) name: String,
    pub(super) position: u8,
    pub(super) value: Constant,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    pub(super) does: String,
    pub(super) instead: String,
}

rows! {
    /// A whole file. Any file may hold any table.
    File {
        schema: Option<u32>,
        kind: BTreeMap<String, Kind>,
        in_memory: Rows<InMemory>,
        wrapper: Rows<Wrapper>,
        blocking: Rows<Blocking>,
        entry: Rows<Entry>,
        lambda_parameter: Rows<LambdaParameter>,
        named_callback: Rows<NamedCallback>,
        assertion: Rows<Assertion>,
        guard: Rows<Guard>,
        dispatch: Rows<Dispatch>,
        dispatcher: Rows<Dispatcher>,
        scope: Rows<Scope>,
        inline: Rows<Inline>,
        flow: Rows<Flow>,
        alias: Rows<Alias>,
        r#type: Rows<Type>,
        returns: Rows<Returns>,
        delegate: Rows<Returns>,
        service: Rows<Service>,
        sam: Rows<Sam>,
        lambda: Rows<Lambda>,
        generated: Rows<Generated>,
        work: Rows<Work>,
        evidence: Rows<Evidence>,
        object: Rows<Object>,
        effect: Rows<Effect>,
        confined: Rows<Confined>,
    } prose { source, }

    InMemory {
        types: Vec<String>,
        returned_by: Vec<String>,
        extension_on: Option<String>,
    } prose { notes, source, }

    Wrapper {
        class: Vec<String>,
        function: Vec<String>,
        extension_on: Option<String>,
        arg: Option<IndexOrWord>,
    } prose { notes, source, }

    Blocking {
        class: String,
        methods: Vec<String>,
        kind: String,
        cost: String,
        strictmode: bool,
        instead: Option<String>,
        extension_on: Option<String>,
        toplevel: bool,
        arity: Vec<u8>,
        min_args: Option<u8>,
        max_args: Option<u8>,
        arg0_type: Vec<String>,
        when_arg: Option<WhenArg>,
        resolves_host: bool,
        made_with: Option<String>,
        timeout_arg: Option<i8>,
        timeout_unit: Option<String>,
        unit_arg: Option<i8>,
        minor_with: Option<String>,
        first_use: bool,
        confidence: Option<String>,
        rule: Option<String>,
    } prose { notes, source, }

    Entry {
        class: Option<String>,
        annotation: Option<String>,
        annotation_arg: Option<String>,
        methods: Vec<String>,
        thread: String,
        background: String,
        since: Option<u32>,
        set_by: Vec<String>,
        rethread: Vec<String>,
        confidence: Option<String>,
    } prose { notes, source, }

    LambdaParameter {
        callee_annotation: Option<String>,
        callee_package: Vec<String>,
        callee_name: Vec<String>,
        names: Vec<String>,
        thread: String,
        background: String,
        composable: Vec<String>,
        without_parameter: Vec<String>,
        composable_functions: Vec<String>,
        not_composable: Vec<String>,
        in_composition: Vec<String>,
    } prose { notes, source, }

    NamedCallback {
        methods: Vec<String>,
        when: String,
        thread: String,
        background: String,
    } prose { notes, source, }

    Assertion {
        call: Vec<String>,
        thread: String,
    } prose { notes, source, }

    Guard {
        call: Vec<String>,
        receiver: Option<String>,
        own: Option<String>,
        argument: Option<String>,
        compares: Vec<String>,
        then: Option<String>,
        otherwise: Option<String>,
        from: Option<u32>,
    } prose { notes, source, }

    Dispatch {
        class: String,
        methods: Vec<String>,
        extension_on: Option<String>,
        toplevel: bool,
        arg: Option<IndexOrWord>,
        thread: String,
        fallback: Option<String>,
        context_arg: Option<u8>,
        executor_arg: Option<u8>,
        blocking_until_done: bool,
        suspend: bool,
        runs: Option<String>,
        min_args: Option<u8>,
        imports: Vec<String>,
        confidence: Option<String>,
    } prose { notes, source, }

    Dispatcher {
        expression: Vec<String>,
        extension_on: Option<String>,
        annotation: Vec<String>,
        name_pattern: Vec<String>,
        thread: String,
        of: Option<String>,
        certainty: Option<String>,
    } prose { notes, source, }

    Scope {
        expression: Vec<String>,
        extension_on: Option<String>,
        annotation: Vec<String>,
        name_pattern: Vec<String>,
        dispatcher: String,
        lifetime: String,
        certainty: Option<String>,
    } prose { notes, source, }

    Inline {
        class: String,
        functions: Vec<String>,
        extension_on: Option<String>,
        it: Option<String>,
        this: Option<String>,
        returns: Option<String>,
        lock: bool,
        deferred: Option<String>,
    } prose { notes, source, }

    Flow {
        class: String,
        functions: Vec<String>,
        extension_on: Option<String>,
        lambda_runs_on: Option<String>,
        switches: Option<String>,
        context_arg: Option<u8>,
        default_thread: Option<String>,
        terminal: bool,
    } prose { notes, source, }

    Alias {
        name: String,
        is: String,
    } prose { notes, source, }

    Type {
        name: String,
        supertypes: Vec<String>,
    } prose { notes, source, }

    Returns {
        class: String,
        member: String,
        r#type: String,
        toplevel: bool,
        extension_on: Option<String>,
    } prose { notes, source, }

    Service {
        constant: String,
        r#type: String,
    } prose { notes, source, }

    Sam {
        name: String,
        method: String,
        parameters: Vec<String>,
    } prose { notes, source, }

    Lambda {
        class: String,
        member: String,
        extension_on: Option<String>,
        toplevel: bool,
        receiver: Option<String>,
        parameters: Vec<String>,
    } prose { notes, source, }

    Generated {
        name: String,
        on_annotation: Option<String>,
        on_supertype: Option<String>,
        members_annotated: Vec<String>,
        non_blocking_return: Vec<String>,
        suspend_bodies_on_worker: Vec<String>,
        in_memory_unless: Option<String>,
        blocks: String,
        kind: Option<String>,
        cost: Option<String>,
        instead: Option<String>,
        confidence: Option<String>,
    } prose { notes, source, }

    Work {
        api: String,
        methods: Vec<String>,
        r#match: Option<String>,
        also: Vec<String>,
        request: Option<String>,
        scope_lifetime: Option<String>,
        persistence: String,
        urgency: String,
        recommended: String,
        deprecated_since: Option<String>,
    } prose { runs, persistence_evidence, urgency_evidence, notes, source, }

    Object {
        classes: Vec<String>,
        kind: String,
    } prose { notes, source, }

    Effect {
        class: String,
        methods: Vec<String>,
        is: String,
        extension_on: Option<String>,
        toplevel: bool,
    } prose { notes, source, }

    Confined {
        class: String,
        methods: Vec<String>,
        except: Vec<String>,
        arity: Vec<u8>,
        arg0_type: Vec<String>,
        looper: bool,
    } prose { notes, source, }

    Evidence {
        urgency: String,
        names: Vec<String>,
    } prose { signs, notes, source, }
}
