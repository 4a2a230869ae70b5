//! Entry points: functions the framework or a library calls, with their thread and whether the app may be in the
//! background then.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::catalog::{Background, Entry, ThreadWord};
use crate::facts::{Annotation, ExprKind, FunctionDecl, FunctionKind, Modifiers, TypeKind};
use crate::findings::{Confidence, FileId, Place, Step, StepRole};
use crate::model::project::{MergedManifest, Module};
use crate::model::{FnId, Model, SiteId, Thread, TypeId};

use super::graph::{Graph, Run};
use super::guards::Guards;
use super::handlers::{HANDLER, looper_thread};
use super::layouts::layout_entries;
use super::promises::{Promised, promise_of};
use super::registered::{Registered, Threads};

/// A function that runs without being called from project code, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    pub function: FnId,
    pub thread: Thread,
    pub background: Background,
    pub certainty: Confidence,
    /// The framework class whose callback it is, for background rules (`android.content.BroadcastReceiver`).
    pub class: Option<Name>,
    /// The call that handed the code over, for lambdas.
    pub site: Option<SiteId>,
}

impl EntryPoint {
    /// The first step of a path.
    pub fn step(&self, model: &Model) -> Step {
        let thread = match self.thread {
            Thread::Main => "the main thread",
            Thread::Worker => "a worker thread",
            Thread::Binder => "a binder thread",
        };
        match self.site {
            Some(site) => {
                let site = model.site(site);
                let name = super::path::call_name(model, site);
                Step {
                    role: StepRole::Entry,
                    place: site.point(),
                    message: format!("{name} runs this lambda on {thread}"),
                    symbol: model.symbol(site.function),
                }
            }
            None => {
                let composable = model.annotated(self.function, "Composable");
                let message = match self.class {
                    _ if composable => "composables run on the main thread".to_owned(),
                    Some(_) => format!("the framework calls this on {thread}"),
                    None if has_annotations(model, self.function) => {
                        format!("runs on {thread} by its annotation")
                    }
                    None => format!("asserts that it runs on {thread}"),
                };
                let place: Place = model.fn_place(self.function);
                Step { role: StepRole::Entry, place, message, symbol: model.symbol(self.function) }
            }
        }
    }

    /// What the first step points at.
    pub fn place(&self, model: &Model) -> Place {
        self.site.map_or_else(|| model.fn_place(self.function), |site| model.site(site).point())
    }

    /// `FeedActivity.onResume`.
    pub fn name(&self, model: &Model) -> String {
        model.display(self.function)
    }
}

/// Does the function, or its class, say anything by annotations?
fn has_annotations(model: &Model, function: FnId) -> bool {
    let own = !model.function(function).annotations.is_empty();
    own || model.owner_of(function).is_some_and(|owner| !model.type_decl(owner).annotations.is_empty())
}

/// All entry points, in order of functions.
pub fn entry_points(model: &Model, graph: &Graph, guards: &Guards) -> Vec<EntryPoint> {
    let disabled = disabled_components(model);
    let registered = Registered::new(model);
    let mut all: Vec<EntryPoint> = (0..model.symbols.types.len())
        .into_par_iter()
        .filter(|at| !disabled.contains(&model.symbols.info(TypeId::new(*at)).qualified))
        .flat_map_iter(|at| class_entries(model, TypeId::new(at), &registered))
        .collect();
    let promised = Promised::new(model);
    let annotated = |at| annotation_entries(model, FnId::new(at), &promised);
    all.par_extend((0..model.symbols.function_count()).into_par_iter().flat_map_iter(annotated));
    all.extend((0..model.symbols.types.len()).flat_map(|at| unknown_base_entries(model, TypeId::new(at))));
    all.extend(layout_entries(model));
    all.extend(lambda_entries(model, graph));
    all.extend(guards.asserted().iter().map(|(function, thread)| EntryPoint {
        function: *function,
        thread: *thread,
        background: Background::Maybe,
        certainty: Confidence::High,
        class: None,
        site: None,
    }));
    all.retain(|entry| {
        let function = entry.function;
        !is_preview(model, model.root_function(function)) && !model.is_of_debug_build(function)
    });
    if !disabled.is_empty() {
        all.retain(|entry| !is_inside(model, entry.function, &disabled));
    }
    // The first thing said of a function and thread stays.
    let mut seen = FxHashSet::default();
    all.retain(|entry| seen.insert((entry.function, entry.thread)));
    all.sort_by_key(|entry| (entry.function, entry.thread));
    all
}

/// Is the function part of one of these classes, or of a class inside?
fn is_inside(model: &Model, function: FnId, classes: &FxHashSet<Name>) -> bool {
    let mut owner = model.owner_of(function);
    while let Some(id) = owner {
        let info = model.symbols.info(id);
        if classes.contains(&info.qualified) {
            return true;
        }
        owner = info.owner;
    }
    false
}

/// Components that every manifest says are disabled, and no code enables; those of a library that every app with it
/// removes (`tools:node="remove"`).
fn disabled_components(model: &Model) -> FxHashSet<Name> {
    let mut disabled: FxHashSet<Name> = FxHashSet::default();
    let mut enabled: FxHashSet<Name> = FxHashSet::default();
    for module in &model.project.modules {
        for component in &module.manifest.components {
            let Some(class) = component.class else { continue };
            let is_off = component.enabled == Some(false) || is_removed(model, module, class);
            let set = if is_off { &mut disabled } else { &mut enabled };
            set.insert(class);
        }
    }
    disabled.retain(|class| !enabled.contains(class));
    if disabled.is_empty() {
        return disabled;
    }
    for (_, site) in model.sites_of_members(&["setComponentEnabledSetting"]) {
        // The component is named nearby, or it may be any.
        let facts = model.facts(site.file);
        let around = model.function(model.root_function(site.function)).span;
        let scope = model.scope_of(site.function);
        let named: Vec<Name> = facts
            .exprs
            .iter()
            .filter(|expr| around.contains(expr.span))
            .filter_map(|expr| match &expr.kind {
                ExprKind::ClassLiteral(ty) => Some(model.resolve_type(scope, ty).class),
                _ => None,
            })
            .collect();
        if named.is_empty() {
            return FxHashSet::default();
        }
        disabled.retain(|class| !named.contains(class));
    }
    disabled
}

/// Does every app with the library take the component out of the manifest that it merges?
fn is_removed(model: &Model, library: &Module, class: Name) -> bool {
    let removes = |app: &MergedManifest| {
        app.removed.iter().any(|(name, _)| *name == class)
            && app.components.iter().all(|it| it.class != Some(class))
    };
    let mut apps = library.applications.iter().map(|app| &model.project.module(*app).manifest).peekable();
    apps.peek().is_some() && apps.all(removes)
}

fn word_thread(word: ThreadWord) -> Option<Thread> {
    match word {
        ThreadWord::Main => Some(Thread::Main),
        ThreadWord::Worker => Some(Thread::Worker),
        ThreadWord::Binder => Some(Thread::Binder),
        _ => None,
    }
}

/// Where the callbacks of an entry run, whoever registers them.
pub(super) fn known_thread(entry: &Entry) -> Option<(Thread, Confidence)> {
    word_thread(entry.thread).map(|thread| (thread, certainty(entry)))
}

/// Overridden framework callbacks of a class.
fn class_entries(model: &Model, class: TypeId, registered: &Registered) -> Vec<EntryPoint> {
    let info = model.symbols.info(class);
    let library: Vec<Name> = model
        .lineage(info.qualified)
        .library
        .iter()
        .copied()
        .filter(|ancestor| !model.catalog.class_entries(*ancestor).is_empty())
        .collect();
    let (mut found, mut stubs) = (Vec::new(), Vec::new());
    if library.is_empty() {
        return found;
    }
    let mut add = |name: Name, function: FnId| {
        let entry = library.iter().find_map(|ancestor| {
            let entries = model.catalog.entries(*ancestor, name);
            entries.iter().next().map(|entry| (*ancestor, entry))
        });
        let Some((ancestor, entry)) = entry else { return };
        let known: Threads = if ancestor == HANDLER && name == "handleMessage" {
            looper_thread(model, class, function).into_iter().collect()
        } else if entry.rethread.is_empty() {
            known_thread(entry).into_iter().collect()
        } else {
            registered.threads(model, class, function, entry)
        };
        for (thread, certainty) in known {
            found.push(EntryPoint {
                function,
                thread,
                background: entry.background,
                certainty,
                class: Some(ancestor),
                site: None,
            });
        }
    };
    let mut methods: Vec<(Name, FnId)> =
        info.methods.iter().flat_map(|(name, ids)| ids.iter().map(|id| (*name, *id))).collect();
    methods.sort_by_key(|(_, id)| *id);
    let binder = Name::new("android.os.Binder");
    let answers = library.contains(&binder);
    for (name, id) in methods {
        let decl = model.function(id);
        // A method of an interface definition: clients call it through the binder.
        if answers && decl.body.is_some() && is_defined(model, info.qualified, decl) {
            stubs.push(EntryPoint {
                function: id,
                thread: Thread::Binder,
                background: Background::Yes,
                certainty: Confidence::High,
                class: Some(binder),
                site: None,
            });
            continue;
        }
        if decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::STATIC) || decl.receiver.is_some() {
            continue;
        }
        if overrides_own(model, info.qualified, id, &library) {
            continue;
        }
        add(name, id);
    }
    let init = Name::new("<init>");
    let bodies = info.constructors.iter().chain(&info.initializer).copied();
    let hands_up = model.hands_up(class);
    for id in bodies {
        if model.function(id).body.is_some() || hands_up == Some(id) || model.is_injected(id) {
            add(init, id);
        }
    }
    found.extend(stubs);
    found
}

/// Does an `.aidl` file that the class answers for declare the method?
fn is_defined(model: &Model, class: Name, decl: &FunctionDecl) -> bool {
    model.all_methods_named(class, decl.name).into_iter().any(|other| {
        model.project.file(model.symbols.fn_file(other)).generated
            && model.function(other).params.len() == decl.params.len()
    })
}

/// Does the method override one of an interface of the project that is no callback itself: `onCancel(tag: String)` of a
/// listener of its own, in a `DialogFragment`?
fn overrides_own(model: &Model, class: Name, id: FnId, library: &[Name]) -> bool {
    let decl = model.function(id);
    let written = |decl: &FunctionDecl| -> Vec<Option<Name>> {
        decl.params.iter().map(|param| param.ty.as_ref().map(|ty| ty.name)).collect()
    };
    let types = written(decl);
    // Frameworks hand over objects of theirs as a rule.
    const PLAIN: [&str; 6] = ["String", "Int", "Long", "Boolean", "Float", "Double"];
    let plain = types.iter().all(|ty| ty.is_some_and(|ty| PLAIN.contains(&ty.last())));
    !types.is_empty()
        && plain
        && model.all_methods_named(class, decl.name).into_iter().any(|other| {
            let owner = model.owner_of(other).map(|owner| model.symbols.info(owner));
            let own = owner.is_some_and(|owner| {
                owner.kind == TypeKind::Interface
                    && !library.iter().any(|ancestor| model.inherits(owner.qualified, ancestor))
            });
            other != id && own && written(model.function(other)) == types
        })
}

/// Callbacks of library classes that nobody described, told by what they are given: nobody hands views, view holders,
/// menus or touch events to other threads.
fn unknown_base_entries(model: &Model, class: TypeId) -> Vec<EntryPoint> {
    const UI: [&str; 8] = [
        "android.view.View",
        "android.view.Menu",
        "android.view.MenuItem",
        "android.view.MotionEvent",
        "android.view.KeyEvent",
        "android.view.LayoutInflater",
        "android.graphics.Canvas",
        "androidx.recyclerview.widget.RecyclerView.ViewHolder",
    ];
    let info = model.symbols.info(class);
    let unknown = |name: &Name| {
        !model.catalog.has_entries(*name) && name.as_str() != "java.lang.Object" && !name.starts_with('$')
    };
    let lineage = model.lineage(info.qualified);
    let bases: Vec<Name> = lineage.library.iter().copied().filter(unknown).collect();
    let mut found = Vec::new();
    if bases.is_empty() {
        return found;
    }
    let mut methods: Vec<FnId> = info.methods.values().flatten().copied().collect();
    methods.sort();
    for id in methods {
        let decl = model.function(id);
        if !decl.modifiers.contains(Modifiers::OVERRIDE) || decl.body.is_none() {
            continue;
        }
        // Declared by the project as well: its own callers are known.
        if model.all_methods_named(info.qualified, decl.name).iter().any(|other| *other != id) {
            continue;
        }
        let scope = model.scope_of(id);
        let shows = decl.params.iter().filter_map(|param| param.ty.as_ref()).any(|ty| {
            let ty = model.resolve_type(scope, ty);
            ty.upper().is_some_and(|ty| UI.iter().any(|ui| model.inherits(ty.class, ui)))
        });
        if shows {
            found.push(EntryPoint {
                function: id,
                thread: Thread::Main,
                background: Background::No,
                certainty: Confidence::Medium,
                class: bases.first().copied(),
                site: None,
            });
        }
    }
    found
}

fn certainty(entry: &Entry) -> Confidence {
    if entry.low { Confidence::Low } else { Confidence::High }
}

/// Is the function drawn by tools only: `@Preview`, or an annotation of the project that is one?
fn is_preview(model: &Model, function: FnId) -> bool {
    let file = model.symbols.fn_file(function);
    model.function(function).annotations.iter().any(|annotation| {
        let simple = annotation.name.last();
        // `@Preview`, androidx's `@PreviewLightDark` and its like.
        simple.starts_with("Preview")
            || model
                .resolve_dotted(file, None, annotation.name)
                .and_then(|class| model.symbols.type_named(class))
                .is_some_and(|id| {
                    model.type_decl(id).annotations.iter().any(|it| it.name.last().starts_with("Preview"))
                })
    })
}

/// `@UiThread`, `@Composable`, `@Subscribe(threadMode = MAIN)` and the like, on the function or its class.
fn annotation_entries(model: &Model, function: FnId, promised: &Promised) -> Vec<EntryPoint> {
    let decl = model.function(function);
    let file = model.symbols.fn_file(function);
    let mut found = Vec::new();
    let mut look = |annotation: &Annotation| {
        let Some(resolved) = model.resolve_dotted(file, None, annotation.name) else { return };
        let entries = model.catalog.annotation_entries(resolved);
        // `@Subscribe(threadMode = ThreadMode.MAIN)`: the argument decides, where there is one that counts.
        let given =
            |entry: &&&Entry| entry.annotation_arg.is_some_and(|arg| names(model, file, annotation, arg));
        let chosen: Vec<&Entry> = match entries.iter().filter(given).copied().collect::<Vec<_>>() {
            by_argument if !by_argument.is_empty() => by_argument,
            _ => entries.iter().filter(|entry| entry.annotation_arg.is_none()).copied().collect(),
        };
        for entry in chosen {
            if let Some(thread) = word_thread(entry.thread) {
                found.push(EntryPoint {
                    function,
                    thread,
                    background: entry.background,
                    certainty: certainty(entry),
                    class: None,
                    site: None,
                });
            }
        }
    };
    // Both kinds of thread at once: any will do.
    let own = promise_of(&decl.annotations);
    if own != Some(None) {
        decl.annotations.iter().for_each(&mut look);
    }
    if found.is_empty()
        && decl.kind == FunctionKind::Function
        && decl.parent.is_none()
        && let Some(owner) = model.owner_of(function)
    {
        let inherited =
            if own.is_some() { None } else { promised.of(model, owner, decl.name, decl.params.len()) };
        if inherited == Some(Some(Thread::Main)) {
            found.push(EntryPoint {
                function,
                thread: Thread::Main,
                background: Background::Maybe,
                certainty: Confidence::High,
                class: None,
                site: None,
            });
        }
    }
    found
}

/// Does an argument of the annotation end in this name (`ThreadMode.MAIN`, `MAIN`)?
fn names(model: &Model, file: FileId, annotation: &Annotation, wanted: Name) -> bool {
    let facts = model.facts(file);
    annotation.args.iter().any(|arg| match facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind) {
        Some(ExprKind::Name(name) | ExprKind::Member { name, .. }) => *name == wanted,
        _ => false,
    })
}

/// Code handed to something that runs it on a certain thread.
fn lambda_entries(model: &Model, graph: &Graph) -> Vec<EntryPoint> {
    let mut found = Vec::new();
    for edge in &graph.edges {
        if let Run::On(thread) = edge.run {
            found.push(EntryPoint {
                function: edge.to,
                thread,
                background: edge.background,
                certainty: edge.certainty,
                class: None,
                site: Some(edge.site),
            });
        }
    }
    // Lambdas that stand for a framework interface, however they get there.
    let mut lambdas: Vec<(&FnId, &crate::model::Type)> = model.lambda_types.iter().collect();
    lambdas.sort_by_key(|(id, _)| **id);
    for (id, ty) in lambdas {
        let entry = model.nearest(ty.class, |class| {
            model
                .catalog
                .class_entries(class)
                .iter()
                .find(|entry| word_thread(entry.thread).is_some())
                .copied()
        });
        let Some(entry) = entry.filter(|entry| entry.rethread.is_empty()) else { continue };
        let Some(thread) = word_thread(entry.thread) else { continue };
        found.push(EntryPoint {
            function: *id,
            thread,
            background: entry.background,
            certainty: certainty(entry),
            class: entry.class,
            site: None,
        });
    }
    found
}
