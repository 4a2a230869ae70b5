//! Coroutines as the source shows them: what the code of a lambda is part of, which code runs in a coroutine or in a
//! composition, and where a coroutine may suspend.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionDecl, Modifiers, Try};
use crate::findings::FileId;

use super::calls::{ArgValue, CallSite};
use super::core::Model;
use super::ids::{FnId, SiteId};
use super::locals::Declared;
use super::ty::Type;
use super::value::Callable;

/// Nesting of expressions, and of lambdas in place, that is followed.
const MAX_DEPTH: u16 = 600;
/// Suspend functions that are looked into, one calling the next.
const MAX_SUSPENDING_CALLS: u8 = 4;

/// What the code of a lambda is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LambdaRole {
    /// Nothing is known of who takes it.
    #[default]
    Unknown,
    /// Of suspend function type: a coroutine's body, or code that a suspend function runs.
    Suspending,
    /// Inlined: part of the function around it.
    InPlace,
    /// Content of a composition.
    Composable,
    /// A function of its own that neither suspends nor composes.
    Plain,
}

impl LambdaRole {
    /// As the function type expected of it says.
    pub(super) fn of_function(ty: &Type) -> LambdaRole {
        match ty.shape {
            Some(shape) if shape.composable => LambdaRole::Composable,
            Some(shape) if shape.suspend => LambdaRole::Suspending,
            Some(_) => LambdaRole::Plain,
            None => LambdaRole::Unknown,
        }
    }

    /// As the lambda says itself: `suspend { }`, `@Composable { }`.
    pub(super) fn written(lambda: &FunctionDecl) -> Option<LambdaRole> {
        if lambda.annotations.iter().any(|annotation| annotation.name.last() == "Composable") {
            return Some(LambdaRole::Composable);
        }
        lambda.modifiers.contains(Modifiers::SUSPEND).then_some(LambdaRole::Suspending)
    }
}

/// A place where a coroutine may suspend.
#[derive(Clone, Copy, Debug)]
pub struct Suspension {
    pub site: SiteId,
    /// The function, or lambda in place, that the call stands in.
    pub function: FnId,
}

/// Code that is searched for suspending calls, lambdas in place included.
struct Search<'m, F> {
    model: &'m Model,
    file: FileId,
    /// Told of every call: does the search go into its lambdas?
    enter: F,
    found: Vec<Suspension>,
    /// Some call may suspend, for all that is known.
    unclear: bool,
}

impl Model {
    pub fn lambda_role(&self, lambda: FnId) -> LambdaRole {
        self.lambda_roles.get(&lambda).copied().unwrap_or_default()
    }

    /// Every `try` in the body of a function, outer before inner; those in lambdas are the lambda's.
    pub fn tries_in(&self, function: FnId) -> Vec<&Try> {
        fn collect<'m>(facts: &'m FileFacts, expr: ExprId, found: &mut Vec<&'m Try>, depth: u16) {
            if let ExprKind::Try(it) = &facts[expr].kind {
                found.push(it);
            }
            if depth < MAX_DEPTH {
                facts[expr].kind.each_child(|child| collect(facts, child, found, depth + 1));
            }
        }
        let mut found = Vec::new();
        if let Some(body) = self.function(function).body {
            collect(self.facts(self.symbols.fn_file(function)), body, &mut found, 0);
        }
        found
    }

    /// The function that a lambda in place is part of, at last; any other function itself.
    pub fn code_around(&self, function: FnId) -> FnId {
        let mut at = function;
        while self.is_lambda(at) && self.lambda_role(at) == LambdaRole::InPlace {
            match self.parent_function(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// Is code of the function part of a coroutine? Lambdas in place belong to what is around them.
    pub fn in_coroutine(&self, function: FnId) -> bool {
        let code = self.code_around(function);
        match self.is_lambda(code) {
            true => self.lambda_role(code) == LambdaRole::Suspending,
            false => self.is_suspend(code),
        }
    }

    /// Is code of the function part of a composition?
    pub fn in_composition(&self, function: FnId) -> bool {
        let code = self.code_around(function);
        match self.is_lambda(code) {
            true => self.lambda_role(code) == LambdaRole::Composable,
            false => self.annotated(code, "Composable") || self.composable_getter(code),
        }
    }

    /// `val size @Composable get() = …`, with the annotation on either.
    fn composable_getter(&self, function: FnId) -> bool {
        let decl = self.function(function);
        let file = self.symbols.fn_file(function);
        decl.property.is_some_and(|property| {
            let annotations = &self.facts(file)[property].annotations;
            annotations.iter().any(|it| it.target == "get" && it.name.last() == "Composable")
        })
    }

    /// The call that takes a lambda, and which argument it is.
    pub fn taker(&self, lambda: FnId) -> Option<(SiteId, usize)> {
        let parent = self.parent_function(lambda)?;
        let facts = self.facts(self.symbols.fn_file(lambda));
        let local = self.symbols.fn_local(lambda);
        let is_lambda = |arg: &ArgValue| match facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind) {
            Some(ExprKind::Lambda(id)) => *id == local,
            _ => false,
        };
        self.sites_of[parent.index()].iter().find_map(|id| {
            let at = self.site(*id).args.iter().position(is_lambda)?;
            Some((*id, at))
        })
    }

    /// The calls whose lambdas are around a function, innermost first; ends at what is no lambda.
    pub fn takers(&self, function: FnId) -> impl Iterator<Item = SiteId> + '_ {
        let mut at = Some(function);
        std::iter::from_fn(move || {
            while let Some(lambda) = at.filter(|it| self.is_lambda(*it)) {
                at = self.parent_function(lambda);
                if let Some((site, _)) = self.taker(lambda) {
                    return Some(site);
                }
            }
            None
        })
    }

    /// Calls in an expression, in source order, at which the coroutine that runs it may suspend. `enter` is asked of every
    /// call whether its lambdas in place belong to the search.
    pub fn suspensions(
        &self,
        file: FileId,
        expr: ExprId,
        enter: impl Fn(&CallSite) -> bool,
    ) -> Vec<Suspension> {
        let mut search = Search { model: self, file, enter, found: Vec::new(), unclear: false };
        search.visit(expr, true, 0);
        search.found
    }

    /// Does the function certainly never suspend? Not if anything in it is not understood.
    pub fn never_suspends(&self, function: FnId) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let file = self.symbols.fn_file(function);
        let mut search =
            Search { model: self, file, enter: |_: &CallSite| true, found: Vec::new(), unclear: false };
        search.visit(body, true, 0);
        search.found.is_empty() && !search.unclear
    }

    /// Does the code certainly come back without waiting, whatever suspend functions of the project it calls?
    pub fn never_waits(&self, function: FnId) -> bool {
        self.never_waits_at(function, MAX_SUSPENDING_CALLS)
    }

    fn never_waits_at(&self, function: FnId, depth: u8) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let file = self.symbols.fn_file(function);
        let mut search =
            Search { model: self, file, enter: |_: &CallSite| true, found: Vec::new(), unclear: false };
        search.visit(body, true, 0);
        !search.unclear
            && search.found.iter().all(|it| {
                let site = self.site(it.site);
                depth > 0
                    && site.api.is_none()
                    && !site.targets.is_empty()
                    && site.targets.iter().all(|target| self.never_waits_at(target.function, depth - 1))
            })
    }

    /// `withContext(NonCancellable)`, `launch(NonCancellable)`: what is inside goes on after cancellation. Other elements
    /// may be added to it.
    pub fn shields_from_cancellation(&self, site: &CallSite) -> bool {
        let with_context = matches!(site.name.as_str(), "withContext" | "launch" | "async")
            && site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
        let Some(context) = site.args.first().filter(|_| with_context) else { return false };
        context.symbol().is_some_and(|symbol| symbol.last() == "NonCancellable")
            || context.ty.as_ref().is_some_and(|ty| ty.class == "kotlinx.coroutines.NonCancellable")
            || self.mentions(site.file, context.value, 0)
    }

    /// `NonCancellable + Dispatchers.IO`, by any name that the file gives it.
    fn mentions(&self, file: FileId, expr: ExprId, depth: u16) -> bool {
        let facts = self.facts(file);
        match &facts[expr].kind {
            ExprKind::Name(name) => {
                *name == "NonCancellable"
                    || self.resolve_class(file, None, *name).is_some_and(|class| {
                        let alias = self.symbols.aliases.get(&class);
                        let target =
                            alias.and_then(|(of, at)| Some(self.facts(*of).aliases.get(*at)?.target.name));
                        class.last() == "NonCancellable"
                            || target.is_some_and(|target| target.last() == "NonCancellable")
                    })
            }
            ExprKind::Member { name, .. } => *name == "NonCancellable",
            kind if depth < MAX_DEPTH => {
                let mut found = false;
                kind.each_child(|child| found = found || self.mentions(file, child, depth + 1));
                found
            }
            _ => false,
        }
    }

    /// Is a place inside a call that shields from cancellation, within its own function or around it?
    pub fn shielded(&self, function: FnId) -> bool {
        let mut at = function;
        while self.is_lambda(at) {
            if let Some((site, _)) = self.taker(at) {
                let site = self.site(site);
                if self.shields_from_cancellation(site) || self.shields_parameter(site, at) {
                    return true;
                }
            }
            let Some(parent) = self.parent_function(at) else { break };
            at = parent;
        }
        false
    }

    /// Does a suspend function of the project suspend only where it is shielded from cancellation?
    pub fn is_shielding(&self, function: FnId) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let file = self.symbols.fn_file(function);
        let all = self.suspensions(file, body, |site| !self.shields_from_cancellation(site));
        !all.is_empty() && all.iter().all(|it| self.shields_from_cancellation(self.site(it.site)))
    }
}

impl<F: Fn(&CallSite) -> bool> Search<'_, F> {
    /// `known`: lambdas around are known to run in place.
    fn visit(&mut self, expr: ExprId, known: bool, depth: u16) {
        let facts = self.model.facts(self.file);
        let kind = &facts[expr].kind;
        if depth > MAX_DEPTH {
            self.unclear = true;
            return;
        }
        let mut entered = true;
        match kind {
            ExprKind::Lambda(local) => {
                let lambda = self.model.symbols.fn_id(self.file, *local);
                let role = self.model.lambda_role(lambda);
                let known = known && role == LambdaRole::InPlace;
                if let Some(body) = facts[*local].body
                    && matches!(role, LambdaRole::InPlace | LambdaRole::Unknown)
                {
                    self.visit(body, known, depth + 1);
                }
                return;
            }
            ExprKind::Name(name) | ExprKind::Member { name, .. } if *name == "coroutineContext" => {
                self.unclear = true;
            }
            ExprKind::Missing(_) => self.unclear = true,
            _ => {}
        }
        let site = self.model.site_at(self.file, expr);
        match site {
            Some(id) => {
                let site = self.model.site(id);
                entered = (self.enter)(site);
                if self.model.emits_at_once(site) {
                    self.unclear = true;
                } else if site.suspends == Some(true) || self.runs_reference(site) {
                    if known {
                        self.found.push(Suspension { site: id, function: site.function });
                    } else {
                        self.unclear = true;
                    }
                } else if site.suspends.is_none() {
                    self.unclear = true;
                }
            }
            None if matches!(kind, ExprKind::Call(_) | ExprKind::Invoke { .. }) => self.unclear = true,
            None => {}
        }
        kind.each_child(|child| {
            if entered || !matches!(facts[child].kind, ExprKind::Lambda(_)) {
                self.visit(child, known, depth + 1);
            }
        });
    }

    /// `items.forEach(::upload)`: an inline function runs what it is given a reference to.
    fn runs_reference(&self, site: &CallSite) -> bool {
        let facts = self.model.facts(site.file);
        site.args.iter().any(|arg| {
            let reference = facts.exprs.get(arg.value.0 as usize).map(|it| &it.kind);
            let Callable::Functions(functions) = &arg.callable else { return false };
            matches!(reference, Some(ExprKind::FunctionRef { .. }))
                && functions.iter().any(|function| self.model.is_suspend(*function))
                && self.model.inlines(site)
        })
    }
}

impl Model {
    /// `MutableStateFlow.emit` is a suspend function that never waits, so that cancellation does not show in it.
    fn emits_at_once(&self, site: &CallSite) -> bool {
        site.name == "emit"
            && site
                .receiver_type
                .as_ref()
                .and_then(Type::upper)
                .is_some_and(|ty| self.inherits(ty.class, "kotlinx.coroutines.flow.MutableStateFlow"))
    }

    /// Does a function of the project run the code in one of its parameters where it cannot be cancelled?
    fn shields_parameter(&self, site: &CallSite, lambda: FnId) -> bool {
        let Some(declared) = site.declared else { return false };
        let given =
            |arg: &ArgValue| matches!(&arg.callable, Callable::Functions(all) if all.contains(&lambda));
        let Some(at) = site.args.iter().position(given) else { return false };
        let params = &self.function(declared).params;
        let arg = &site.args[at];
        let named = arg.name.and_then(|name| params.iter().position(|param| param.name == name));
        let index = named.unwrap_or(if arg.trailing { params.len().saturating_sub(1) } else { at });
        let of_param = |callable: &Callable| matches!(callable, Callable::Param(of, param) if *of == declared && usize::from(*param) == index);
        let file = self.symbols.fn_file(declared);
        let inside = (0..self.facts(file).functions.len()).map(|at| {
            self.symbols.fn_id(file, crate::facts::FunctionId(u32::try_from(at).unwrap_or(u32::MAX)))
        });
        inside.filter(|function| self.root_function(*function) == declared).any(|function| {
            self.sites_of[function.index()].iter().map(|id| self.site(*id)).any(|inner| {
                let hands = inner.args.iter().any(|arg| of_param(&arg.callable));
                hands && self.shields_from_cancellation(inner)
                    || (hands || of_param(&inner.invokes))
                        && self.takers(function).any(|taker| self.shields_from_cancellation(self.site(taker)))
            })
        })
    }

    /// Does the callee run lambdas in the place of the call, as inline functions do?
    pub fn inlines(&self, site: &CallSite) -> bool {
        if let Some(declared) = site.declared {
            return self.function(declared).modifiers.contains(Modifiers::INLINE);
        }
        let Some(api) = site.api else { return false };
        let tables = crate::catalog::TableSet::INLINES;
        let inline = self.nearest_in(tables, api.class, api.member, |class| {
            self.catalog.inline(class, api.member).first().copied()
        });
        inline.is_some_and(|inline| inline.deferred.is_none())
    }

    /// Do the names of an expression's chain (`a.b().c`) contain one of these? Locals stand for what they were given.
    pub fn chain_names(&self, function: FnId, expr: ExprId, wanted: &[&str]) -> bool {
        self.chain_names_at(function, expr, wanted, 0)
    }

    fn chain_names_at(&self, function: FnId, expr: ExprId, wanted: &[&str], depth: u16) -> bool {
        let file = self.symbols.fn_file(function);
        let facts = self.facts(file);
        if depth > 16 {
            return false;
        }
        let named = |name: &Name| wanted.contains(&name.as_str());
        match &facts[expr].kind {
            ExprKind::Name(name) => {
                named(name)
                    || match self.declared(function, facts[expr].span, *name) {
                        Declared::Local { function, local, .. } => local
                            .init
                            .is_some_and(|value| self.chain_names_at(function, value, wanted, depth + 1)),
                        Declared::Other | Declared::Outside => false,
                    }
            }
            ExprKind::Member { receiver, name, .. } => {
                named(name) || self.chain_names_at(function, *receiver, wanted, depth + 1)
            }
            ExprKind::Call(call) => {
                named(&call.name)
                    || call.receiver.is_some_and(|it| self.chain_names_at(function, it, wanted, depth + 1))
            }
            ExprKind::NotNull(inner) | ExprKind::Cast { value: inner, .. } => {
                self.chain_names_at(function, *inner, wanted, depth + 1)
            }
            _ => false,
        }
    }
}
