//! What dependency injection makes, as calls that nobody writes: an object's constructor makes what its parameters ask for, a
//! component of the app what its fields ask for, and a provider function what it is given. What waits for `Lazy.get()` or
//! `Provider.get()` is made elsewhere.
//!
//! Source: dagger.dev/dev-guide, developer.android.com/training/dependency-injection/hilt-android

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::{Name, Span};
use crate::facts::{Annotation, ExprId, FunctionDecl, FunctionKind, PropertyDecl, TypeKind};
use crate::findings::{Confidence, FileId, Place};

use super::calls::{Api, CallSite, SiteKind, Target};
use super::core::Core;
use super::ids::{FnId, PropId, TypeId};
use super::scope::TypeScope;
use super::ty::Type;
use super::value::{Callable, Value};

type Targets = SmallVec<[Target; 1]>;

/// Mark constructors, or classes with one, that injection calls.
const INJECTS: [&str; 4] = ["Inject", "AssistedInject", "KoinViewModel", "Single"];
/// Where a component has its fields injected before anything else of it runs, most fitting first.
const FIRST: [&str; 6] = ["onCreate", "onAttach", "onReceive", "onStartCommand", "onBind", "onCreateView"];
/// Collections that injection gathers, with the argument that says of what.
const GATHERED: [(&str, usize); 4] = [
    ("java.util.Set", 0),
    ("kotlin.collections.Set", 0),
    ("java.util.Map", 1),
    ("kotlin.collections.Map", 1),
];
/// Implementations of an interface that may all be what is asked for.
const MOST: usize = 8;

impl Core {
    /// What `@Provides` and `@Binds` say. Modules that stand in for others in tests say nothing of the app.
    pub(super) fn collect_providers(&mut self) {
        let mut providers: FxHashMap<Name, Vec<FnId>> = FxHashMap::default();
        let mut bound: FxHashMap<Name, Vec<Name>> = FxHashMap::default();
        for at in 0..self.symbols.function_count() {
            let id = FnId::new(at);
            let decl = self.function(id);
            let says = |wanted: &str| decl.annotations.iter().any(|it| it.name.last() == wanted);
            let (provides, binds) = (says("Provides"), says("Binds"));
            let Some(result) = decl.result.as_ref().filter(|_| provides || binds) else { continue };
            if self.owner_of(id).is_some_and(|owner| self.is_for_tests(owner)) {
                continue;
            }
            let scope = self.scope_of(id);
            if provides {
                providers.entry(self.resolve_type(scope, result).class).or_default().push(id);
            }
            let param = || decl.params.first().and_then(|param| param.ty.as_ref());
            if let Some(given) = decl.receiver.as_ref().or_else(param).filter(|_| binds) {
                let class = self.resolve_type(scope, given).class;
                bound.entry(self.resolve_type(scope, result).class).or_default().push(class);
            }
        }
        self.providers = providers;
        self.bound = bound;
    }

    fn is_for_tests(&self, module: TypeId) -> bool {
        self.type_decl(module).annotations.iter().any(|it| it.name.last() == "TestInstallIn")
    }

    /// Is the constructor one that injection calls?
    pub fn is_injected(&self, constructor: FnId) -> bool {
        let decl = self.function(constructor);
        let has = |all: &[Annotation]| all.iter().any(|it| INJECTS.contains(&it.name.last()));
        decl.kind == FunctionKind::Constructor
            && (self.owner_of(constructor).is_some_and(|owner| self.is_located(owner))
                || has(&decl.annotations)
                || self.owner_of(constructor).is_some_and(|owner| has(&self.type_decl(owner).annotations)))
    }

    /// The calls of one file that injection makes.
    pub(super) fn injections(&self, file: FileId, sites: &mut Vec<CallSite>) {
        let facts = self.facts(file);
        // Sites stand at an expression; a file without any runs nothing.
        if facts.exprs.is_empty() {
            return;
        }
        self.located_arguments(file, sites);
        if !self.has_located(file) && !facts.imports.iter().any(|it| is_injection(it.path)) {
            return;
        }
        for (at, decl) in facts.functions.iter().enumerate() {
            let id =
                self.symbols.fn_id(file, crate::facts::FunctionId(u32::try_from(at).unwrap_or(u32::MAX)));
            let provides = decl.annotations.iter().any(|it| it.name.last() == "Provides");
            let tests = || self.owner_of(id).is_some_and(|owner| self.is_for_tests(owner));
            if (provides && !tests() || self.is_injected(id))
                && let Some(function) = self.made_in(id)
            {
                self.parameters(function, decl, sites);
            }
        }
        for decl in &facts.properties {
            if decl.annotations.iter().any(|it| it.name.last() == "Inject") {
                self.field(file, decl, sites);
            }
        }
    }

    /// What runs when a deferred object is asked for (`lazyRepository.get()`), or one of a component
    /// (`EntryPointAccessors.fromApplication(…).repository()`).
    pub(super) fn injected_by(&self, api: Option<Api>, declared: Option<FnId>, on: &Value) -> Targets {
        const DEFERRED: [&str; 4] =
            ["dagger.Lazy", "javax.inject.Provider", "jakarta.inject.Provider", "com.google.inject.Provider"];
        let made = match (api, declared) {
            (Some(api), _) if api.member == "get" && DEFERRED.contains(&api.class.as_str()) => {
                let wanted = on.ty.as_ref().and_then(Type::upper).and_then(|ty| ty.args.first());
                let asked = on.property.map_or(&[][..], |it| &self.property(it).annotations);
                let file = on.property.map(|it| self.symbols.prop_file(it));
                match (wanted, file) {
                    (Some(wanted), Some(file)) => self.made_for(file, wanted, asked),
                    (Some(wanted), None) => self.made_for(FileId(0), wanted, &[]),
                    _ => SmallVec::new(),
                }
            }
            (None, Some(declared)) => self.made_by_component(declared),
            _ => SmallVec::new(),
        };
        targets(made)
    }

    fn made_by_component(&self, declared: FnId) -> SmallVec<[FnId; 2]> {
        let decl = self.function(declared);
        let (None, Some(result), Some(owner)) = (decl.body, &decl.result, self.owner_of(declared)) else {
            return SmallVec::new();
        };
        // The factory of something that takes more than what injection has.
        let assisted =
            || self.type_decl(owner).annotations.iter().any(|it| it.name.last() == "AssistedFactory");
        let component =
            if decl.params.is_empty() { self.is_component(owner) || assisted() } else { assisted() };
        let wanted = || self.resolve_type(self.scope_of(declared), result);
        if component {
            self.made_for(self.symbols.fn_file(declared), &wanted(), &decl.annotations)
        } else {
            SmallVec::new()
        }
    }

    /// Does injection write the class that implements this interface?
    fn is_component(&self, class: TypeId) -> bool {
        const COMPONENTS: [&str; 8] = [
            "EntryPoint",
            "Component",
            "Subcomponent",
            "DefineComponent",
            "DependencyGraph",
            "GraphExtension",
            "MergeComponent",
            "ContributesTo",
        ];
        self.type_decl(class).annotations.iter().any(|it| COMPONENTS.contains(&it.name.last()))
    }

    /// The same for a property of a component: `graph.repository`.
    pub(super) fn injected_property(&self, property: PropId) -> Targets {
        let decl = self.property(property);
        let file = self.symbols.prop_file(property);
        let (Some(owner), Some(ty)) = (decl.owner, &decl.ty) else { return Targets::new() };
        let owner = self.symbols.type_id(file, owner);
        if decl.getter.is_some() || decl.initializer.is_some() || !self.is_component(owner) {
            return Targets::new();
        }
        let wanted = self.resolve_type(TypeScope { file, owner: Some(owner), function: None }, ty);
        targets(self.made_for(file, &wanted, &decl.annotations))
    }

    fn parameters(&self, id: FnId, decl: &FunctionDecl, sites: &mut Vec<CallSite>) {
        let file = self.symbols.fn_file(id);
        for param in &decl.params {
            let assisted = param.annotations.iter().any(|it| it.name.last() == "Assisted");
            let Some(ty) = param.ty.as_ref().filter(|_| !assisted) else { continue };
            let wanted = self.resolve_type(self.scope_of(id), ty);
            let made = self.made_for(file, &wanted, &param.annotations);
            let expr = decl.body.unwrap_or(ExprId(0));
            sites.extend(injected(file, id, expr, ty.span, &wanted, made));
        }
    }

    fn field(&self, file: FileId, decl: &PropertyDecl, sites: &mut Vec<CallSite>) {
        let (Some(owner), Some(ty)) = (decl.owner, &decl.ty) else { return };
        let owner = self.symbols.type_id(file, owner);
        let scope = TypeScope { file, owner: Some(owner), function: None };
        let wanted = self.resolve_type(scope, ty);
        let made = self.made_for(file, &wanted, &decl.annotations);
        if made.is_empty() {
            return;
        }
        let info = self.symbols.info(owner);
        let first = FIRST.iter().find_map(|name| {
            let methods = info.methods.get(&Name::new(name))?;
            methods.iter().copied().find(|it| self.function(*it).body.is_some())
        });
        let Some(function) = first.or(info.initializer).or_else(|| info.constructors.first().copied()) else {
            return;
        };
        let expr = self.function(function).body.unwrap_or(ExprId(0));
        sites.extend(injected(file, function, expr, decl.name_span, &wanted, made));
    }

    /// The code that runs to make what is asked for.
    pub(super) fn made_for(&self, file: FileId, wanted: &Type, asked: &[Annotation]) -> SmallVec<[FnId; 2]> {
        let mut made: SmallVec<[FnId; 2]> = SmallVec::new();
        let Some(wanted) = wanted.upper() else { return made };
        let gathered = GATHERED.iter().find(|(class, _)| wanted.class == *class);
        let class = match gathered {
            Some((_, at)) => match wanted.args.get(*at).and_then(Type::upper) {
                Some(ty) => ty.class,
                None => return made,
            },
            None => wanted.class,
        };
        made.extend(self.provided(file, class, asked, gathered.is_some()));
        if !made.is_empty() {
            return made;
        }
        if let Some(classes) = self.bound.get(&class) {
            classes.iter().for_each(|it| self.constructed(*it, &mut made));
        }
        if made.is_empty() && gathered.is_none() {
            self.constructed(class, &mut made);
        }
        made
    }

    /// Provider functions of a class. Of several those count whose qualifiers were asked for.
    pub(super) fn provided(
        &self,
        file: FileId,
        class: Name,
        asked: &[Annotation],
        gathered: bool,
    ) -> SmallVec<[FnId; 2]> {
        let mut made = SmallVec::new();
        let keys: Vec<String> = asked.iter().map(|it| self.key(file, it)).collect();
        let mut best = 0;
        for provider in self.providers.get(&class).into_iter().flatten() {
            let annotations = &self.function(*provider).annotations;
            let into = annotations.iter().any(|it| matches!(it.name.last(), "IntoSet" | "IntoMap"));
            if into != gathered {
                continue;
            }
            let own = annotations.iter().filter(|it| !gathered && is_qualifier(it.name.last()));
            let own: Vec<String> = own.map(|it| self.key(self.symbols.fn_file(*provider), it)).collect();
            if own.len() < best || own.iter().any(|key| !keys.contains(key)) {
                continue;
            }
            if own.len() > best {
                best = own.len();
                made.clear();
            }
            made.push(*provider);
        }
        made
    }

    /// `Named("io")`, without a use-site target.
    fn key(&self, file: FileId, annotation: &Annotation) -> String {
        let facts = self.facts(file);
        let args = annotation.args.iter().filter_map(|arg| facts.exprs.get(arg.value.0 as usize));
        let args = args.map(|it| self.project.slice(Place { file, span: it.span }));
        let last = |text: &str| text.rsplit('.').next().unwrap_or(text).to_owned();
        let args: Vec<String> = args.map(last).collect();
        format!("{}({})", annotation.name.last(), args.join(","))
    }

    /// What runs when injection makes an object of the class; of an interface that nothing binds, of its only
    /// implementation that can be made so.
    fn constructed(&self, class: Name, made: &mut SmallVec<[FnId; 2]>) {
        let Some(id) = self.symbols.type_named(class) else { return };
        let injected = |id: &TypeId| {
            let constructors = &self.symbols.info(*id).constructors;
            constructors.iter().copied().find(|it| self.is_injected(*it))
        };
        if let Some(constructor) = injected(&id) {
            return self.runs(id, Some(constructor), made);
        }
        if self.is_located(id) {
            return self.runs(id, None, made);
        }
        let abstracted = self.symbols.info(id).kind == TypeKind::Interface;
        let subtypes = if abstracted { self.all_subtypes(id) } else { SmallVec::new() };
        if subtypes.len() > MOST {
            return;
        }
        let mut able = subtypes.into_iter().filter_map(|it| Some((it, injected(&it)?)));
        if let (Some((only, constructor)), None) = (able.next(), able.next()) {
            self.runs(only, Some(constructor), made);
        }
    }

    /// The function that stands for a constructor. Injection leaves out default values, so with some it is the initialiser,
    /// if there is one.
    fn made_in(&self, constructor: FnId) -> Option<FnId> {
        let decl = self.function(constructor);
        let defaults = decl.body.is_none() && decl.params.iter().any(|param| param.default.is_some());
        let initializer = || self.symbols.info(self.owner_of(constructor)?).initializer;
        if defaults { initializer() } else { Some(constructor) }
    }

    fn runs(&self, class: TypeId, constructor: Option<FnId>, made: &mut SmallVec<[FnId; 2]>) {
        let mut add = |function: FnId| {
            if !made.contains(&function) {
                made.push(function);
            }
        };
        let own = match constructor {
            Some(constructor) => self.made_in(constructor),
            None => self.symbols.info(class).initializer,
        };
        own.into_iter().for_each(&mut add);
        for ancestor in &self.lineage(self.symbols.info(class).qualified).all {
            for id in self.symbols.types_by_name.get(ancestor).into_iter().flatten() {
                let info = self.symbols.info(*id);
                if info.kind != TypeKind::Interface {
                    info.initializer.or_else(|| self.hands_up(*id)).into_iter().for_each(&mut add);
                }
            }
        }
    }
}

pub(super) fn injected(
    file: FileId,
    function: FnId,
    expr: ExprId,
    span: Span,
    wanted: &Type,
    made: SmallVec<[FnId; 2]>,
) -> Option<CallSite> {
    if made.is_empty() {
        return None;
    }
    Some(CallSite {
        file,
        function,
        expr,
        span,
        name_span: span,
        name: Name::new(wanted.class.last()),
        kind: SiteKind::Injected,
        receiver: None,
        receiver_type: None,
        receiver_facts: None,
        receiver_code: Callable::None,
        api: None,
        targets: targets(made),
        declared: None,
        args: Vec::new(),
        result: Some(wanted.clone()),
        used: true,
        invokes: Callable::None,
        suspends: Some(false),
    })
}

/// Another one may have asked first.
fn targets(made: SmallVec<[FnId; 2]>) -> Targets {
    made.into_iter().map(|function| Target { function, certainty: Confidence::Medium }).collect()
}

fn is_injection(path: Name) -> bool {
    const LIBRARIES: [&str; 7] = [
        "javax.inject.",
        "jakarta.inject.",
        "dagger.",
        "com.google.inject.",
        "me.tatarka.inject.",
        "dev.zacsweers.metro",
        "org.koin.",
    ];
    LIBRARIES.iter().any(|library| path.starts_with(library))
        || matches!(path.as_str(), "javax.inject" | "dagger")
}

/// May an annotation of a provider tell apart what has the same type?
fn is_qualifier(name: &str) -> bool {
    const OTHERS: [&str; 16] = [
        "Provides",
        "Singleton",
        "Reusable",
        "SingleIn",
        "JvmStatic",
        "JvmSuppressWildcards",
        "SuppressLint",
        "SuppressWarnings",
        "Suppress",
        "OptIn",
        "NonNull",
        "NotNull",
        "Nullable",
        "Deprecated",
        "VisibleForTesting",
        "ElementsIntoSet",
    ];
    !OTHERS.contains(&name) && !name.ends_with("Scoped") && !name.ends_with("Scope") && !name.ends_with("Key")
}
