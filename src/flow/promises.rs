//! Threads that annotations promise, on functions, on what they override, and on classes.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::Annotation;
use crate::model::{Model, Thread, TypeId};

/// The thread that an annotation promises; `Some(None)` for any.
fn thread_promise(annotation: Name) -> Option<Option<Thread>> {
    match annotation.last() {
        "UiThread" | "MainThread" => Some(Some(Thread::Main)),
        // The pool that serves other processes is none of the app's own, and never main.
        "WorkerThread" | "BinderThread" => Some(Some(Thread::Worker)),
        "AnyThread" => Some(None),
        _ => None,
    }
}

/// The thread that annotations promise; `Some(None)` for any, which both kinds together mean as well.
/// Source: developer.android.com/reference/androidx/annotation
pub fn promise_of(annotations: &[Annotation]) -> Option<Option<Thread>> {
    promise_at(annotations, "")
}

/// The same of the annotations with a use-site target: `@get:WorkerThread`.
pub fn promise_at(annotations: &[Annotation], target: &str) -> Option<Option<Thread>> {
    let there = annotations.iter().filter(|it| it.target == target);
    there.filter_map(|it| thread_promise(it.name)).reduce(|one, other| if one == other { one } else { None })
}

/// Methods and classes whose annotations promise a thread to what overrides and extends them.
pub(super) struct Promised {
    methods: FxHashSet<Name>,
    classes: bool,
}

impl Promised {
    pub(super) fn new(model: &Model) -> Promised {
        let annotated = |annotations: &[Annotation]| promise_of(annotations).is_some();
        let methods = model.all_functions().map(|id| model.function(id));
        let types = (0..model.symbols.types.len()).map(|at| model.type_decl(TypeId::new(at)));
        Promised {
            methods: methods.filter(|decl| annotated(&decl.annotations)).map(|decl| decl.name).collect(),
            classes: types.into_iter().any(|decl| annotated(&decl.annotations)),
        }
    }

    /// What a method inherits: of what it overrides, else of its class, else of the nearest class or interface that it
    /// comes from.
    pub(super) fn of(
        &self,
        model: &Model,
        owner: TypeId,
        name: Name,
        params: usize,
    ) -> Option<Option<Thread>> {
        let class = model.symbols.info(owner).qualified;
        if self.methods.contains(&name) {
            let overridden = model.all_methods_named(class, name).into_iter().map(|id| model.function(id));
            let found = overridden
                .filter(|decl| decl.params.len() == params)
                .find_map(|decl| promise_of(&decl.annotations));
            if found.is_some() {
                return found;
            }
        }
        if !self.classes {
            return None;
        }
        let lineage = model.lineage(class);
        let ancestors = lineage.all.iter().filter_map(|name| model.symbols.type_named(*name));
        ancestors.into_iter().find_map(|id| promise_of(&model.type_decl(id).annotations))
    }
}
