//! The joined project: declarations by id, memo tables for inferred results, and the finished call sites.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::base::Name;
use crate::catalog::{Catalog, ObjectKind};
use crate::facts::{
    Arg, ExprKind, FileFacts, FunctionDecl, FunctionKind, Literal, Modifiers, PropertyDecl, TypeDecl,
    TypeKind,
};
use crate::findings::{FileId, Place};
use crate::signatures::Signatures;

use super::calls::CallSite;
use super::coroutines::LambdaRole;
use super::evaluate::{OPERATORS, ParamObjects, Recorded, walk_file};
use super::flavors::Variants;
use super::ids::{FnId, PropId, SiteId, TypeId};
use super::locals::Assigned;
use super::objects::ObjectValue;
use super::project::{Module, Project};
use super::scope::{Imports, TypeScope};
use super::service_locators::Located;
use super::symbols::Symbols;
use super::ty::Type;
use super::value::{Callable, ThreadValue, Value};

/// Declarations, hierarchy and evaluation: everything but the call sites.
pub struct Core {
    pub project: Project,
    pub catalog: &'static Catalog,
    pub signatures: &'static Signatures,
    pub symbols: Symbols,
    pub imports: Vec<Imports>,
    /// Direct project subtypes.
    pub subtypes: FxHashMap<TypeId, Vec<TypeId>>,
    /// Direct project subtypes of classes that nothing else is known of.
    pub(super) of_unknown: FxHashMap<Name, Vec<TypeId>>,
    /// Classes that delegate supertypes to other objects.
    pub(super) delegating: Vec<TypeId>,
    /// Functions that several flavours have.
    pub(super) variants: Variants,
    pub(super) results: Vec<OnceLock<Value>>,
    pub(super) properties: Vec<OnceLock<Value>>,
    /// What functions do to objects given to them; filled with `results`.
    pub(super) param_objects: Vec<OnceLock<ParamObjects>>,
    /// Library classes that project types inherit from, see `library.rs`.
    pub(super) library_roots: Vec<OnceLock<Box<[Name]>>>,
    /// Provider functions (`@Provides`) by result class, for injected dispatchers, executors and scopes.
    pub(super) providers: FxHashMap<Name, Vec<FnId>>,
    /// Interfaces bound by `@Binds`, with the classes that stand in for them.
    pub(super) bound: FxHashMap<Name, Vec<Name>>,
    pub(super) located: Located,
    /// Operator functions that the project declares, by name.
    pub(super) operators: FxHashMap<&'static str, Name>,
    /// What each file assigns to.
    pub(super) assigned: Vec<Assigned>,
    /// Tells what threads know of this one from what they knew of another; new when supertypes change.
    pub(super) number: usize,
    /// Classes of delegates of properties, and the code that they are.
    pub(super) delegates: DashMap<PropId, (Option<Name>, Callable), FxBuildHasher>,
    /// Threads that parameters stand for when callers give none, or when there are no callers.
    pub(super) param_threads: DashMap<(FnId, u16), ThreadValue, FxBuildHasher>,
}

fn next_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The model: `Core` with all call sites.
pub struct Model {
    pub core: Core,
    pub sites: Vec<CallSite>,
    /// Sites of each function, in source order.
    pub sites_of: Vec<Vec<SiteId>>,
    /// Code that a property may hold.
    pub property_values: FxHashMap<PropId, Vec<Callable>>,
    /// Followed objects that are assigned to a property after its declaration, as they were then.
    pub property_objects: FxHashMap<PropId, Vec<Arc<ObjectValue>>>,
    /// Code that callers pass for a parameter.
    pub param_values: FxHashMap<(FnId, u16), Vec<Callable>>,
    /// The library interface a lambda stands for, where it is known.
    pub lambda_types: FxHashMap<FnId, Type>,
    /// Followed objects that lambdas give back.
    pub lambda_objects: FxHashMap<FnId, Arc<ObjectValue>>,
    /// Code that a function or lambda gives back.
    pub code_given: FxHashMap<FnId, Callable>,
    /// What the code of a lambda is part of.
    pub lambda_roles: FxHashMap<FnId, LambdaRole>,
    /// Site of an expression, by file.
    pub site_of_expr: Vec<FxHashMap<u32, SiteId>>,
    /// Sites of a library member, by the member's name, in order.
    pub(super) by_member: FxHashMap<Name, Vec<SiteId>>,
    /// Sites with a followed object as receiver or argument, in order.
    pub(super) with_objects: Vec<SiteId>,
    pub calls_total: usize,
    pub calls_resolved: usize,
}

impl std::ops::Deref for Model {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl Core {
    pub fn new(project: Project, catalog: &'static Catalog) -> Core {
        let symbols = Symbols::new(&project);
        let imports = project.files.par_iter().map(|file| imports(file.facts.as_ref())).collect();
        let mut core = Core {
            results: (0..symbols.function_count()).map(|_| OnceLock::new()).collect(),
            param_objects: (0..symbols.function_count()).map(|_| OnceLock::new()).collect(),
            properties: (0..symbols.property_count()).map(|_| OnceLock::new()).collect(),
            library_roots: symbols.types.iter().map(|_| OnceLock::new()).collect(),
            project,
            catalog,
            signatures: Signatures::embedded(),
            symbols,
            imports,
            subtypes: FxHashMap::default(),
            of_unknown: FxHashMap::default(),
            delegating: Vec::new(),
            variants: Variants::default(),
            providers: FxHashMap::default(),
            bound: FxHashMap::default(),
            located: Located::default(),
            operators: FxHashMap::default(),
            assigned: Vec::new(),
            number: next_number(),
            param_threads: DashMap::default(),
            delegates: DashMap::default(),
        };
        core.assigned = core.project.files.par_iter().map(|file| Assigned::of(file.facts.as_ref())).collect();
        core.resolve_supertypes();
        core.collect_unknown();
        core.collect_delegating();
        core.collect_variants();
        core.collect_providers();
        core.collect_operators();
        core.collect_located();
        core
    }

    /// Two rounds: nested classes of supertypes are visible only once the supertypes are known.
    fn resolve_supertypes(&mut self) {
        for _ in 0..2 {
            let resolved: Vec<Vec<Type>> = (0..self.symbols.types.len())
                .into_par_iter()
                .map(|at| {
                    let id = TypeId::new(at);
                    let info = self.symbols.info(id);
                    let decl = self.type_decl(id);
                    let function = decl.function.map(|local| self.symbols.fn_id(info.file, local));
                    let owner = if info.kind == TypeKind::Anonymous { info.owner } else { Some(id) };
                    let scope = TypeScope { file: info.file, owner, function };
                    decl.supertypes.iter().map(|supertype| self.resolve_type(scope, &supertype.ty)).collect()
                })
                .collect();
            for (info, supertypes) in self.symbols.types.iter_mut().zip(resolved) {
                info.supertypes = supertypes;
            }
            self.number = next_number();
        }
        for at in 0..self.symbols.types.len() {
            let id = TypeId::new(at);
            for supertype in &self.symbols.info(id).supertypes {
                for parent in self.symbols.types_by_name.get(&supertype.class).into_iter().flatten() {
                    self.subtypes.entry(*parent).or_default().push(id);
                }
            }
        }
    }

    /// What service locators bind counts like `@Binds`.
    fn collect_located(&mut self) {
        let mut located = self.located();
        for (interface, class) in located.bound.iter().copied() {
            let bound = self.bound.entry(interface).or_default();
            if interface != class && !bound.contains(&class) {
                bound.push(class);
            }
        }
        self.name_located(&mut located);
        self.located = located;
    }

    fn collect_operators(&mut self) {
        let declared = self.project.files.iter().filter_map(|file| file.facts.as_ref());
        let functions = declared.flat_map(|facts| &facts.functions);
        // What overrides an operator is one without saying so.
        let operator = Modifiers::OPERATOR | Modifiers::OVERRIDE;
        let operators = functions.filter(|it| it.modifiers.intersects(operator)).filter_map(|it| {
            let known = OPERATORS.iter().find(|name| it.name == **name)?;
            Some((*known, it.name))
        });
        self.operators = operators.collect();
    }

    pub fn facts(&self, file: FileId) -> &FileFacts {
        self.project.file(file).facts.as_ref().expect("declarations come from files with facts")
    }

    pub fn function(&self, id: FnId) -> &FunctionDecl {
        self.symbols.function(&self.project, id)
    }

    pub fn property(&self, id: PropId) -> &PropertyDecl {
        self.symbols.property(&self.project, id)
    }

    pub fn type_decl(&self, id: TypeId) -> &TypeDecl {
        self.symbols.declaration(&self.project, id)
    }

    pub fn owner_of(&self, id: FnId) -> Option<TypeId> {
        self.function(id).owner.map(|owner| self.symbols.type_id(self.symbols.fn_file(id), owner))
    }

    /// The function around a lambda or local function.
    pub fn parent_function(&self, id: FnId) -> Option<FnId> {
        self.function(id).parent.map(|parent| self.symbols.fn_id(self.symbols.fn_file(id), parent))
    }

    /// The outermost function around, itself for a member or top-level function; enclosing functions of
    /// anonymous and local types are not crossed.
    pub fn root_function(&self, id: FnId) -> FnId {
        let mut root = id;
        while let Some(parent) = self.parent_function(root) {
            root = parent;
        }
        root
    }

    pub fn scope_of(&self, id: FnId) -> TypeScope {
        TypeScope { file: self.symbols.fn_file(id), owner: self.owner_of(id), function: Some(id) }
    }

    pub fn fn_place(&self, id: FnId) -> Place {
        Place { file: self.symbols.fn_file(id), span: self.function(id).name_span }
    }

    /// The innermost function around a place; code outside of any belongs to an initialiser.
    pub fn function_at(&self, place: Place) -> Option<FnId> {
        let facts = self.project.files.get(place.file.0 as usize)?.facts.as_ref()?;
        let around = facts.functions.iter().enumerate().filter(|(_, it)| it.span.contains(place.span));
        let width = |it: &crate::facts::FunctionDecl| it.span.end - it.span.start;
        let (at, _) = around.min_by_key(|(at, it)| (width(it), std::cmp::Reverse(*at)))?;
        Some(self.symbols.fn_id(place.file, crate::facts::FunctionId(u32::try_from(at).ok()?)))
    }

    /// What the constructor of a class's base class is given, if anything: `: Base(args)`, `super(args)`.
    pub fn base_arguments(&self, class: TypeId) -> Option<&[Arg]> {
        let info = self.symbols.info(class);
        let facts = self.facts(info.file);
        // The base class comes with arguments; interfaces have none.
        let base = self.type_decl(class).supertypes.iter().find_map(|it| it.args.as_deref());
        let constructors = info.constructors.iter().map(|id| self.function(*id));
        let mut bodies =
            constructors.filter(|it| it.kind == FunctionKind::Constructor).filter_map(|it| it.body);
        let handed = base.filter(|args| !args.is_empty()).or_else(|| {
            let items = bodies.find_map(|body| match &facts[body].kind {
                ExprKind::Block(items) => Some(items),
                _ => None,
            })?;
            items.iter().find_map(|item| match &facts[*item].kind {
                ExprKind::Call(call) if call.name == "super" => Some(call.args.as_slice()),
                _ => None,
            })
        });
        handed.filter(|args| !args.is_empty())
    }

    /// The primary constructor of a class without initialisers that computes arguments of its base class or delegates.
    pub fn hands_up(&self, class: TypeId) -> Option<FnId> {
        let supertypes = &self.type_decl(class).supertypes;
        let computes = |it: &crate::facts::Supertype| {
            it.delegate.is_some() || it.args.as_ref().is_some_and(|args| !args.is_empty())
        };
        let info = self.symbols.info(class);
        let without = info.initializer.is_none() && supertypes.iter().any(computes);
        info.constructors.iter().copied().find(|id| without && self.function(*id).body.is_none())
    }

    /// The thread of a parameter by its default value, qualifier or name.
    pub fn thread_of_param(&self, function: FnId, param: u16) -> Option<ThreadValue> {
        self.param_threads.get(&(function, param)).map(|thread| *thread)
    }

    pub fn module_of_fn(&self, id: FnId) -> &Module {
        self.project.module_of(self.symbols.fn_file(id))
    }

    /// Is the function of a source set that no user gets?
    pub fn is_of_debug_build(&self, id: FnId) -> bool {
        self.project.file(self.symbols.fn_file(id)).is_of_debug_build()
    }

    pub fn is_lambda(&self, id: FnId) -> bool {
        matches!(self.function(id).kind, FunctionKind::Lambda | FunctionKind::AnonymousFunction)
    }

    pub fn is_suspend(&self, id: FnId) -> bool {
        self.function(id).modifiers.contains(Modifiers::SUSPEND)
    }

    /// Does the function itself or its type carry an annotation of this simple name?
    pub fn annotated(&self, id: FnId, simple: &str) -> bool {
        self.function(id).annotations.iter().any(|annotation| annotation.name.last() == simple)
    }

    /// Short name for messages: `FeedRepository.latest`, `lambda in FeedActivity.onCreate`.
    pub fn display(&self, id: FnId) -> String {
        let decl = self.function(id);
        if self.is_lambda(id) {
            let parent = self.parent_function(id).map(|parent| self.root_function(parent));
            return match parent {
                Some(parent) => format!("lambda in {}", self.display(parent)),
                None => "lambda".to_owned(),
            };
        }
        let owner = self.owner_of(id).map(|owner| self.display_type(owner));
        let name = match decl.kind {
            FunctionKind::Constructor | FunctionKind::Initializer | FunctionKind::StaticInitializer => {
                return owner
                    .map_or_else(|| "top-level initializer".to_owned(), |owner| format!("{owner}.<init>"));
            }
            FunctionKind::Getter | FunctionKind::Setter => {
                let file = self.symbols.fn_file(id);
                decl.property.map_or("property", |property| self.facts(file)[property].name.as_str())
            }
            _ => decl.name.as_str(),
        };
        owner.map_or_else(|| name.to_owned(), |owner| format!("{owner}.{name}"))
    }

    /// Short name of a type; an anonymous one is named after what it implements and where it stands.
    pub fn display_type(&self, id: TypeId) -> String {
        let info = self.symbols.info(id);
        match info.kind {
            TypeKind::Anonymous => {
                let base = info.supertypes.first().map_or("object", |supertype| supertype.class.last());
                match info.owner {
                    Some(owner) => format!("{}.{base}", self.display_type(owner)),
                    None => base.to_owned(),
                }
            }
            TypeKind::Companion => {
                info.owner.map_or_else(|| "Companion".to_owned(), |owner| self.display_type(owner))
            }
            _ => info.qualified.last().to_owned(),
        }
    }

    /// Qualified name of a declaration, for fingerprints and reports: stable when lines move.
    pub fn symbol(&self, id: FnId) -> String {
        let decl = self.function(id);
        if let Some(parent) = self.parent_function(id) {
            return self.symbol(parent);
        }
        let file = self.symbols.fn_file(id);
        let Some(owner) = self.owner_of(id) else {
            let package = self.facts(file).package;
            return package.join(decl.name).to_string();
        };
        let decl_type = self.type_decl(owner);
        if let Some(function) = decl_type.function {
            return self.symbol(self.symbols.fn_id(file, function));
        }
        let name = match decl.property {
            Some(property) => self.facts(file)[property].name,
            None => decl.name,
        };
        let mut class = owner;
        while self.symbols.info(class).kind == TypeKind::Anonymous {
            match self.symbols.info(class).owner {
                Some(outer) => class = outer,
                None => break,
            }
        }
        format!("{}.{name}", self.symbols.info(class).qualified)
    }
}

impl Model {
    pub fn new(core: Core) -> Model {
        let files: Vec<FileId> =
            core.project.files().filter(|(_, file)| file.facts.is_some()).map(|(id, _)| id).collect();
        let recorded: Vec<Recorded> = files.par_iter().map(|file| walk_file(&core, *file)).collect();
        let mut model = Model {
            sites: Vec::with_capacity(recorded.iter().map(|it| it.sites.len()).sum()),
            sites_of: vec![Vec::new(); core.symbols.function_count()],
            property_values: FxHashMap::default(),
            property_objects: FxHashMap::default(),
            param_values: FxHashMap::default(),
            lambda_types: FxHashMap::default(),
            lambda_objects: FxHashMap::default(),
            code_given: FxHashMap::default(),
            lambda_roles: FxHashMap::default(),
            site_of_expr: vec![FxHashMap::default(); core.project.files.len()],
            by_member: FxHashMap::default(),
            with_objects: Vec::new(),
            calls_total: 0,
            calls_resolved: 0,
            core,
        };
        for record in recorded {
            model.calls_total += record.calls_total;
            model.calls_resolved += record.calls_resolved;
            if let Some(first) = record.sites.first() {
                model.site_of_expr[first.file.0 as usize].reserve(record.sites.len());
            }
            for site in record.sites {
                let id = SiteId::new(model.sites.len());
                model.sites_of[site.function.index()].push(id);
                if !site.kind.is_implied() {
                    model.site_of_expr[site.file.0 as usize].insert(site.expr.0, id);
                }
                if let Some(api) = site.api {
                    model.by_member.entry(api.member).or_default().push(id);
                }
                model.sites.push(site);
            }
            for (property, callable) in record.property_values {
                let values = model.property_values.entry(property).or_default();
                if !values.contains(&callable) {
                    values.push(callable);
                }
            }
            for (property, object) in record.property_objects {
                model.property_objects.entry(property).or_default().push(object);
            }
            for (param, callable) in record.param_values {
                let values = model.param_values.entry(param).or_default();
                if !values.contains(&callable) {
                    values.push(callable);
                }
            }
            model.lambda_types.extend(record.lambda_types);
            model.lambda_objects.extend(record.lambda_objects);
            model.code_given.extend(record.code_given);
            model.lambda_roles.extend(record.lambda_roles);
        }
        model.kept_objects();
        model
    }

    /// A field that is given one object in all the project holds that one: `pending = PendingIntent.getBroadcast(…)`.
    fn kept_objects(&mut self) {
        let facts = |property: PropId| self.core.facts(self.core.symbols.prop_file(property));
        let unset = |property: PropId| {
            let initializer = self.core.property(property).initializer;
            initializer.is_none_or(|it| facts(property)[it].kind == ExprKind::Literal(Literal::Null))
        };
        let kept = |(property, objects): (&PropId, &Vec<Arc<ObjectValue>>)| {
            let [object] = objects.as_slice() else { return None };
            // More may be called on it elsewhere.
            let mutable = self.core.lineage(object.class).object == Some(ObjectKind::Mutable);
            let partial = object.partial || mutable;
            unset(*property).then(|| (*property, Arc::new(ObjectValue { partial, ..(**object).clone() })))
        };
        let only: FxHashMap<PropId, Arc<ObjectValue>> =
            self.property_objects.iter().filter_map(kept).collect();
        for (at, site) in self.sites.iter_mut().enumerate() {
            let args = site.args.iter_mut().filter_map(|arg| arg.facts.as_mut());
            for facts in args.chain(site.receiver_facts.as_mut()) {
                let known = facts.object.as_ref().is_some_and(|it| it.made.is_some() || it.from.is_some());
                if let (false, Some(property)) = (known, facts.property)
                    && let Some(object) = only.get(&property)
                {
                    facts.object = Some(Arc::clone(object));
                }
            }
            if site.receiver_object().is_some() || site.args.iter().any(|arg| arg.object().is_some()) {
                self.with_objects.push(SiteId::new(at));
            }
        }
    }

    pub fn site(&self, id: SiteId) -> &CallSite {
        &self.sites[id.index()]
    }

    pub fn site_at(&self, file: FileId, expr: crate::facts::ExprId) -> Option<SiteId> {
        self.site_of_expr[file.0 as usize].get(&expr.0).copied()
    }

    /// Every function of the project, lambdas and initialisers too.
    pub fn all_functions(&self) -> impl Iterator<Item = FnId> + use<> {
        (0..self.symbols.function_count()).map(FnId::new)
    }

    /// Every site with its id.
    pub fn all_sites(&self) -> impl Iterator<Item = (SiteId, &CallSite)> {
        self.sites.iter().enumerate().map(|(at, site)| (SiteId::new(at), site))
    }

    /// The sites of library members of these names, in order.
    pub fn sites_of_members(&self, members: &[&str]) -> impl Iterator<Item = (SiteId, &CallSite)> + use<'_> {
        let named = members.iter().filter_map(|name| self.by_member.get(&Name::new(name)));
        let mut found: Vec<SiteId> = named.flatten().copied().collect();
        if members.len() > 1 {
            found.sort_unstable();
        }
        found.into_iter().map(|id| (id, self.site(id)))
    }

    /// The sites that have a followed object as receiver or argument, in order.
    pub fn sites_with_objects(&self) -> impl Iterator<Item = (SiteId, &CallSite)> {
        self.with_objects.iter().map(|id| (*id, self.site(*id)))
    }
}

fn imports(facts: Option<&FileFacts>) -> Imports {
    let Some(facts) = facts else { return Imports::default() };
    let mut imports =
        Imports { language: Some(facts.language), package: facts.package, ..Imports::default() };
    for import in &facts.imports {
        if import.star {
            imports.stars.push(import.path);
        } else {
            imports.named.entry(import.alias).or_default().push(import.path);
            // A library knows its members by their own names.
            let own = Name::new(import.path.last());
            if own != import.alias {
                imports.named.entry(own).or_default().push(import.path);
            }
        }
    }
    imports
}
