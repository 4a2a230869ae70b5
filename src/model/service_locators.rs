//! Bindings of service locators that code registers itself: Koin's `single<Api> { RealApi(get()) }`,
//! `singleOf(::RealApi) { bind<Api>() }`, `single { RealApi() } bind Api::class`, Injekt's
//! `addSingletonFactory<Api> { RealApi(get()) }`. What is registered is made where it is asked for first: `get<Api>()`,
//! `by inject<Api>()`, `koinInject<Api>()`, `Injekt.get<Api>()`, a parameter of what is registered itself.
//!
//! Source: insert-koin.io/docs/reference/koin-core/definitions, github.com/kohesive/injekt

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{Call, ExprId, ExprKind, FileFacts};
use crate::findings::{Confidence, FileId, Place};

use super::calls::{Api, CallSite, Target};
use super::core::Core;
use super::ids::{FnId, PropId, TypeId};
use super::injection::injected;
use super::scope::TypeScope;
use super::ty::Type;

type Targets = SmallVec<[Target; 1]>;

/// What modules of service locators register.
#[derive(Debug, Default)]
pub(super) struct Located {
    /// Lambdas that make objects, by the class they are asked for by.
    lambdas: FxHashMap<Name, Vec<Made>>,
    /// Those whose class is to be inferred yet.
    unnamed: Vec<Made>,
    /// Classes whose constructors make objects: `singleOf(::RealApi)`.
    classes: FxHashSet<TypeId>,
    /// The files of those.
    files: FxHashSet<FileId>,
    /// Interfaces with the classes that modules put behind them.
    pub(super) bound: Vec<(Name, Name)>,
}

#[derive(Clone, Debug)]
struct Made {
    lambda: FnId,
    /// `named("io")`.
    qualifier: Option<Name>,
}

/// Registers what a lambda makes, under its type argument.
const REGISTERS: [&str; 8] = [
    "single",
    "factory",
    "scoped",
    "viewModel",
    "worker",
    "addSingletonFactory",
    "addFactory",
    "addPerThreadFactory",
];
/// Registers what a constructor makes.
const REGISTERS_CONSTRUCTOR: [&str; 5] = ["singleOf", "factoryOf", "scopedOf", "viewModelOf", "workerOf"];

/// Delegates that ask for the object when the property is read first.
const ASKS_LATER: [&str; 8] = [
    "inject",
    "injectLazy",
    "viewModel",
    "activityViewModel",
    "sharedViewModel",
    "stateViewModel",
    "koinNavGraphViewModel",
    "navGraphViewModel",
];
/// Functions that ask for the object.
const ASKS: [&str; 9] = [
    "get",
    "getOrNull",
    "koinInject",
    "koinViewModel",
    "koinNavViewModel",
    "getViewModel",
    "getActivityViewModel",
    "getScreenModel",
    "koinScreenModel",
];

fn is_locator(path: Name) -> bool {
    path.starts_with("org.koin.") || path.starts_with("uy.kohesive.injekt")
}

impl Core {
    pub(super) fn located(&self) -> Located {
        let mut found = Located::default();
        for (file, project_file) in self.project.files() {
            let Some(facts) = &project_file.facts else { continue };
            if facts.imports.iter().any(|import| is_locator(import.path)) {
                self.located_in(file, facts, &mut found);
            }
        }
        found
    }

    fn located_in(&self, file: FileId, facts: &FileFacts, found: &mut Located) {
        let scope = TypeScope { file, owner: None, function: None };
        for expr in &facts.exprs {
            let ExprKind::Call(call) = &expr.kind else { continue };
            match call.name.as_str() {
                "bind" | "binds" => {
                    let Some(receiver) = call.receiver else { continue };
                    let (made, lambda) =
                        (self.made_by(file, facts, receiver), self.maker(file, facts, receiver));
                    for arg in &call.args {
                        collect_literals(facts, arg.value, 0, &mut |ty| {
                            let interface = self.resolve_type(scope, ty).class;
                            found.bound.extend(made.map(|made| (interface, made)));
                            if let Some(lambda) = &lambda {
                                found.lambdas.entry(interface).or_default().push(lambda.clone());
                            }
                        });
                    }
                }
                name if REGISTERS.contains(&name) => {
                    let made = self.made_in_lambda(file, facts, call);
                    let interface = call.type_args.first().map(|ty| self.resolve_type(scope, ty).class);
                    if let (Some(interface), Some(made)) = (interface, made) {
                        found.bound.push((interface, made));
                    }
                    if let Some(lambda) = self.lambda_of(file, facts, call) {
                        match interface.or(made) {
                            Some(class) => found.lambdas.entry(class).or_default().push(lambda),
                            None => found.unnamed.push(lambda),
                        }
                    }
                }
                name if REGISTERS_CONSTRUCTOR.contains(&name) => {
                    let Some(made) = self.constructor(file, facts, call) else { continue };
                    if let Some(class) = self.symbols.type_named(made) {
                        found.classes.insert(class);
                        found.files.insert(self.symbols.info(class).file);
                    }
                    let options = call.args.last().and_then(|arg| match facts[arg.value].kind {
                        ExprKind::Lambda(lambda) => Some(facts[lambda].span),
                        _ => None,
                    });
                    let Some(options) = options else { continue };
                    let binds = facts.exprs.iter().filter(|it| options.contains(it.span));
                    for inner in binds {
                        if let ExprKind::Call(inner) = &inner.kind
                            && inner.name == "bind"
                            && let Some(interface) = inner.type_args.first()
                        {
                            found.bound.push((self.resolve_type(scope, interface).class, made));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// `single { openDatabase(get()) }` is asked for by what the function gives.
    pub(super) fn name_located(&self, located: &mut Located) {
        for made in std::mem::take(&mut located.unnamed) {
            let facts = self.facts(self.symbols.fn_file(made.lambda));
            let last = self.function(made.lambda).body.map(|body| last_of(facts, body));
            let ty = last.and_then(|last| self.type_within(made.lambda, last));
            if let Some(ty) = ty.as_ref().and_then(Type::upper) {
                located.lambdas.entry(ty.class).or_default().push(made);
            }
        }
    }

    /// The lambda of a registration.
    fn maker(&self, file: FileId, facts: &FileFacts, expr: ExprId) -> Option<Made> {
        let ExprKind::Call(call) = &facts[expr].kind else { return None };
        match call.name.as_str() {
            "bind" | "binds" => self.maker(file, facts, call.receiver?),
            name if REGISTERS.contains(&name) => self.lambda_of(file, facts, call),
            _ => None,
        }
    }

    fn lambda_of(&self, file: FileId, facts: &FileFacts, call: &Call) -> Option<Made> {
        let ExprKind::Lambda(lambda) = facts[call.args.last()?.value].kind else { return None };
        // `by viewModel { parametersOf(id) }` asks, with arguments.
        if let Some(last) = last_call(facts, call)
            && last.name == "parametersOf"
        {
            return None;
        }
        let qualifier = call.args.iter().find_map(|arg| self.qualifier(file, facts, arg.value));
        Some(Made { lambda: self.symbols.fn_id(file, lambda), qualifier })
    }

    fn qualifier(&self, file: FileId, facts: &FileFacts, expr: ExprId) -> Option<Name> {
        let ExprKind::Call(call) = &facts[expr].kind else { return None };
        let names = matches!(call.name.as_str(), "named" | "qualifier" | "StringQualifier" | "TypeQualifier");
        names.then(|| Name::new(self.project.slice(Place { file, span: facts[expr].span })))
    }

    /// Does a module name the constructor of the class: `singleOf(::RealApi)`?
    pub(super) fn is_located(&self, class: TypeId) -> bool {
        self.located.classes.contains(&class)
    }

    /// Is one of them in the file?
    pub(super) fn has_located(&self, file: FileId) -> bool {
        self.located.files.contains(&file)
    }

    /// What runs when a call asks for an object.
    pub(super) fn located_by(
        &self,
        api: Option<Api>,
        file: FileId,
        args: &[crate::facts::Arg],
        wanted: Option<&Type>,
    ) -> Targets {
        let asks = api.is_some_and(|api| ASKS.contains(&api.member.as_str()) && is_locator(api.class));
        let Some(wanted) = wanted.filter(|_| asks) else { return Targets::new() };
        let facts = self.facts(file);
        let qualifier = args.iter().find_map(|arg| self.qualifier(file, facts, arg.value));
        self.located_for(file, wanted, qualifier)
    }

    /// The same for a property that asks when it is read: `by inject<Api>()`.
    pub(super) fn located_property(&self, property: PropId, ty: Option<&Type>) -> Targets {
        let file = self.symbols.prop_file(property);
        let facts = self.facts(file);
        let call = self.property(property).delegate.map(|it| &facts[it].kind);
        let (Some(ExprKind::Call(call)), Some(ty)) = (call, ty) else { return Targets::new() };
        if !ASKS_LATER.contains(&call.name.as_str()) || !facts.imports.iter().any(|it| is_locator(it.path)) {
            return Targets::new();
        }
        let qualifier = call.args.iter().find_map(|arg| self.qualifier(file, facts, arg.value));
        self.located_for(file, ty, qualifier)
    }

    /// Another one may have asked first.
    fn located_for(&self, file: FileId, wanted: &Type, qualifier: Option<Name>) -> Targets {
        let Some(class) = wanted.upper().map(|ty| ty.class) else { return Targets::new() };
        let all = self.located.lambdas.get(&class).map(Vec::as_slice).unwrap_or_default();
        let fitting = all.iter().filter(|it| it.qualifier == qualifier).map(|it| it.lambda);
        let mut made: SmallVec<[FnId; 2]> = fitting.collect();
        if made.is_empty() && qualifier.is_none() {
            made = self.made_for(file, wanted, &[]);
        }
        made.into_iter().map(|function| Target { function, certainty: Confidence::Medium }).collect()
    }

    /// What the parameters of constructors ask for that the lambdas of modules in this file call: `RealApi(get(), get())`.
    pub(super) fn located_arguments(&self, file: FileId, sites: &mut Vec<CallSite>) {
        let facts = self.facts(file);
        if !facts.imports.iter().any(|it| is_locator(it.path)) {
            return;
        }
        for expr in &facts.exprs {
            let ExprKind::Call(call) = &expr.kind else { continue };
            if !REGISTERS.contains(&call.name.as_str()) {
                continue;
            }
            let (Some(lambda), Some(made)) = (self.lambda_of(file, facts, call), last_call(facts, call))
            else {
                continue;
            };
            let class = self.class_named(file, made.name).filter(|_| made.receiver.is_none());
            let constructors = class
                .and_then(|it| self.symbols.type_named(it))
                .map(|it| &self.symbols.info(it).constructors);
            let Some(constructor) = constructors.and_then(|it| it.first()).copied() else { continue };
            let params = &self.function(constructor).params;
            for (at, arg) in made.args.iter().enumerate() {
                let ExprKind::Call(asks) = &facts[arg.value].kind else { continue };
                if asks.name != "get" || !asks.type_args.is_empty() {
                    continue;
                }
                let param = match arg.name {
                    Some(name) => params.iter().find(|param| param.name == name),
                    None => params.get(at),
                };
                let Some(ty) = param.and_then(|param| param.ty.as_ref()) else { continue };
                let wanted = self.resolve_type(self.scope_of(constructor), ty);
                let qualifier = asks.args.iter().find_map(|arg| self.qualifier(file, facts, arg.value));
                let made = self.located_for(file, &wanted, qualifier);
                let made = made.into_iter().map(|it| it.function).collect();
                let span = facts[arg.value].span;
                sites.extend(injected(file, lambda.lambda, arg.value, span, &wanted, made));
            }
        }
    }

    /// The class that a registration makes.
    fn made_by(&self, file: FileId, facts: &FileFacts, expr: ExprId) -> Option<Name> {
        let ExprKind::Call(call) = &facts[expr].kind else { return None };
        match call.name.as_str() {
            "bind" | "binds" => self.made_by(file, facts, call.receiver?),
            name if REGISTERS.contains(&name) => self.made_in_lambda(file, facts, call),
            name if REGISTERS_CONSTRUCTOR.contains(&name) => self.constructor(file, facts, call),
            _ => None,
        }
    }

    fn made_in_lambda(&self, file: FileId, facts: &FileFacts, call: &Call) -> Option<Name> {
        let made = last_call(facts, call)?;
        self.class_named(file, made.name).filter(|_| made.receiver.is_none())
    }

    fn constructor(&self, file: FileId, facts: &FileFacts, call: &Call) -> Option<Name> {
        match &facts[call.args.first()?.value].kind {
            ExprKind::FunctionRef { name, .. } => self.class_named(file, *name),
            _ => None,
        }
    }

    fn class_named(&self, file: FileId, name: Name) -> Option<Name> {
        let class = self.resolve_class(file, None, name)?;
        self.symbols.type_named(class).map(|_| class)
    }
}

/// What the lambda of a call ends with.
fn last_call<'f>(facts: &'f FileFacts, call: &Call) -> Option<&'f Call> {
    let ExprKind::Lambda(lambda) = facts[call.args.last()?.value].kind else { return None };
    let last = last_of(facts, facts[lambda].body?);
    match &facts[last].kind {
        ExprKind::Call(made) => Some(made),
        _ => None,
    }
}

fn last_of(facts: &FileFacts, body: ExprId) -> ExprId {
    match &facts[body].kind {
        ExprKind::Block(items) => items.last().copied().unwrap_or(body),
        _ => body,
    }
}

fn collect_literals(
    facts: &FileFacts,
    expr: ExprId,
    depth: u8,
    found: &mut impl FnMut(&crate::facts::TypeRef),
) {
    if let ExprKind::ClassLiteral(ty) = &facts[expr].kind {
        found(ty);
    }
    if depth < 4 {
        let mut children = Vec::new();
        facts[expr].kind.each_child(|child| children.push(child));
        children.into_iter().for_each(|child| collect_literals(facts, child, depth + 1, found));
    }
}
