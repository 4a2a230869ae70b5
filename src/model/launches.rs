//! Calls that start a coroutine: `launch`, `async`, and functions of the project that lead to them.

use crate::facts::{ExprId, ExprKind};

use super::calls::{CallSite, SiteKind};
use super::core::Model;
use super::ids::{FnId, SiteId};
use super::value::Callable;

/// Functions of the project, one calling the next.
const MAX_WRAPPERS: u8 = 2;

/// How a call starts a coroutine.
#[derive(Clone, Copy, Debug)]
pub struct Launch {
    /// `launch` or `async`: the call itself, or the one that it leads to.
    pub builder: SiteId,
    pub scope: LaunchScope,
    /// Is the coroutine the code that the call is given?
    pub runs_given: bool,
}

/// Which scope a coroutine is started in, as the call shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchScope {
    /// The receiver of the call, written or not.
    Receiver,
    /// An argument of the call.
    Argument(usize),
    /// One that the function called knows itself: `fun ui(block) = lifecycleScope.launch { block() }`.
    Own,
}

impl Model {
    /// Does a call start a coroutine: `launch`, `async`, or a function of the project on a scope, or one that hands the code
    /// it is given to them?
    pub fn starts_coroutine(&self, site: &CallSite) -> bool {
        self.launch(site).is_some_and(|launch| launch.runs_given || launch.scope != LaunchScope::Own)
    }

    /// The coroutine that a call starts.
    pub fn launch(&self, site: &CallSite) -> Option<Launch> {
        self.launch_at(site, 0)
    }

    fn launch_at(&self, site: &CallSite, depth: u8) -> Option<Launch> {
        let builds = matches!(site.name.as_str(), "launch" | "async")
            && site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
        if builds {
            let builder = self.site_at(site.file, site.expr)?;
            return Some(Launch { builder, scope: LaunchScope::Receiver, runs_given: true });
        }
        let declared = site.declared.filter(|_| site.kind == SiteKind::Call && depth < MAX_WRAPPERS)?;
        self.sites_of[declared.index()].iter().find_map(|id| {
            let inner = self.site(*id);
            let launch = self.launch_at(inner, depth + 1)?;
            let scope = match launch.scope {
                LaunchScope::Receiver => self.scope_given(declared, site, inner.receiver),
                LaunchScope::Argument(at) => self.scope_given(declared, site, Some(inner.args[at].value)),
                LaunchScope::Own => LaunchScope::Own,
            };
            let runs_given = launch.runs_given && self.hands_on(inner, declared);
            Some(Launch { builder: launch.builder, scope, runs_given })
        })
    }

    /// What a scope that a function uses is for one of its callers.
    fn scope_given(&self, function: FnId, caller: &CallSite, scope: Option<ExprId>) -> LaunchScope {
        let decl = self.function(function);
        let facts = self.facts(self.symbols.fn_file(function));
        let is_scope = |ty: &crate::facts::TypeRef| {
            let ty = self.resolve_type(self.scope_of(function), ty);
            self.inherits(ty.class, "kotlinx.coroutines.CoroutineScope")
        };
        match scope.map(|scope| &facts[scope].kind) {
            None | Some(ExprKind::This(None)) if decl.receiver.as_ref().is_some_and(is_scope) => {
                LaunchScope::Receiver
            }
            Some(ExprKind::Name(name)) => {
                let param = decl.params.iter().position(|param| param.name == *name);
                let given = param.and_then(|param| {
                    let position = |at: &usize| match caller.args[*at].name {
                        Some(given) => given == *name,
                        None => *at == param,
                    };
                    (0..caller.args.len()).find(position)
                });
                given.map_or(LaunchScope::Own, LaunchScope::Argument)
            }
            _ => LaunchScope::Own,
        }
    }

    /// Is the code that a call starts a parameter of the function around: `launch(block = block)`, `launch { block() }`?
    fn hands_on(&self, site: &CallSite, function: FnId) -> bool {
        let own = |callable: &Callable| matches!(callable, Callable::Param(of, _) if *of == function);
        site.args.iter().any(|arg| match &arg.callable {
            Callable::Functions(lambdas) => lambdas
                .iter()
                .any(|lambda| self.sites_of[lambda.index()].iter().any(|id| own(&self.site(*id).invokes))),
            callable => own(callable),
        })
    }
}
