//! Can anybody cancel the coroutine that runs some code? Not one that `runBlocking` runs for ordinary code, that runs in
//! `NonCancellable`, or whose scope and job nobody keeps.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::{BinaryOp, ExprId, ExprKind, FileFacts, Modifiers};
use crate::findings::{Confidence, FileId};
use crate::model::{CallSite, FnId, LaunchScope, Model, PropId};

use super::graph::{Graph, Run};

/// Suspend functions between the code and the start of its coroutine.
const DEPTH: u8 = 6;

/// May the coroutine around code of this function be cancelled, as far as is known?
pub fn may_be_cancelled(model: &Model, graph: &Graph, function: FnId) -> bool {
    Search { model, graph, seen: FxHashSet::default() }.may(function, 0)
}

struct Search<'m> {
    model: &'m Model,
    graph: &'m Graph,
    seen: FxHashSet<FnId>,
}

impl Search<'_> {
    fn may(&mut self, function: FnId, depth: u8) -> bool {
        if depth > DEPTH || self.model.shielded(function) {
            return depth > DEPTH;
        }
        let code = self.model.code_around(function);
        if !self.seen.insert(code) {
            // On the way already: what starts it decides.
            return false;
        }
        if self.model.is_lambda(code) {
            let Some((site, _)) = self.model.taker(code) else { return true };
            let site = self.model.site(site);
            let coroutine = site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
            return match site.name.as_str() {
                // Its own block may cancel it; what it calls does not know how.
                "runBlocking" if coroutine => depth == 0 || self.model.in_coroutine(site.function),
                // Its own time-out cancels it.
                "withTimeout" | "withTimeoutOrNull" if coroutine => true,
                _ if self.model.starts_coroutine(site) => self.may_end(site, code, depth),
                // `withContext`, `coroutineScope`: part of the coroutine around.
                _ if coroutine && site.suspends == Some(true) => self.may(site.function, depth + 1),
                _ => true,
            };
        }
        let class = self.model.owner_of(code).map(|owner| self.model.symbols.info(owner).qualified);
        let decl = self.model.function(code);
        // Frameworks call what they declare.
        let inherited = decl.modifiers.contains(Modifiers::OVERRIDE)
            && class.is_none_or(|class| self.model.all_methods_named(class, decl.name).len() < 2);
        let callers: Vec<FnId> = self
            .graph
            .to(code)
            .filter(|edge| edge.run == Run::Here && edge.certainty > Confidence::Low)
            .map(|edge| edge.from)
            .collect();
        inherited || callers.is_empty() || callers.into_iter().any(|caller| self.may(caller, depth + 1))
    }

    /// A coroutine that a call starts: nobody has its job, and its scope is never cancelled.
    fn may_end(&mut self, site: &CallSite, code: FnId, depth: u8) -> bool {
        match self.model.launch(site).map(|launch| (launch.scope, self.model.site(launch.builder))) {
            Some((LaunchScope::Argument(_), _)) => return true,
            Some((LaunchScope::Own, builder)) if !site.used => return self.may_end(builder, code, depth),
            _ => {}
        }
        let Some(receiver) = site.receiver else {
            // A child of the coroutine around, or of a scope that is `this`.
            return !self.model.in_coroutine(site.function) || self.may(site.function, depth + 1);
        };
        if site.used {
            return true;
        }
        let facts = self.model.facts(site.file);
        let nobodys = match &facts[receiver].kind {
            ExprKind::Name(name) => *name == "GlobalScope",
            ExprKind::Call(_) => self.is_scope_of_its_own(site.file, receiver),
            _ => false,
        };
        if nobodys {
            return self.mentions_cancellation(code);
        }
        match site.receiver_facts.as_ref().and_then(|facts| facts.property) {
            Some(property) => !self.is_never_cancelled(property),
            None => true,
        }
    }

    /// `CoroutineScope(Dispatchers.IO)` that is given no job of others.
    fn is_scope_of_its_own(&self, file: FileId, scope: ExprId) -> bool {
        let Some(site) = self.model.site_at(file, scope).map(|id| self.model.site(id)) else { return false };
        let made = site.name == "CoroutineScope"
            && site.api.is_some_and(|api| api.class.starts_with("kotlinx.coroutines"));
        let facts = self.model.facts(file);
        made && site.args.iter().all(|arg| {
            let class = arg.ty.as_ref().and_then(|ty| ty.upper()).map(|ty| ty.class);
            let named = matches!(facts[arg.value].kind, ExprKind::Name(_) | ExprKind::Member { .. })
                && class.is_some_and(|class| {
                    self.model.inherits(class, "kotlinx.coroutines.CoroutineDispatcher")
                });
            named || is_new_context(facts, arg.value, 0)
        })
    }

    /// Does the coroutine itself say something of cancellation, as of its own job?
    fn mentions_cancellation(&self, code: FnId) -> bool {
        let facts = self.model.facts(self.model.symbols.fn_file(code));
        let around = self.model.function(code).span;
        facts.exprs.iter().any(|expr| {
            around.contains(expr.span)
                && matches!(&expr.kind, ExprKind::Call(call) if call.name.starts_with("cancel"))
        })
    }

    /// `private val scope = CoroutineScope(…)` of which nothing in the file cancels the scope or what it is made of.
    fn is_never_cancelled(&self, property: PropId) -> bool {
        let decl = self.model.property(property);
        let Some(initializer) = decl.initializer else { return false };
        if !decl.modifiers.contains(Modifiers::PRIVATE) || decl.modifiers.contains(Modifiers::MUTABLE) {
            return false;
        }
        let facts = self.model.facts(self.model.symbols.prop_file(property));
        match &facts[initializer].kind {
            ExprKind::Call(call) if call.name == "CoroutineScope" && call.receiver.is_none() => {}
            _ => return false,
        }
        // Handed on, others may cancel it.
        let handed = |kind: &ExprKind| match kind {
            ExprKind::Call(call) => {
                call.args.iter().any(|arg| facts[arg.value].kind == ExprKind::Name(decl.name))
            }
            _ => false,
        };
        !is_ended(self.model, property) && !facts.exprs.iter().any(|expr| handed(&expr.kind))
    }
}

/// Does the file end what a property holds, or what that is made of: `scope.cancel()`, `executor.shutdown()`?
pub fn is_ended(model: &Model, property: PropId) -> bool {
    const ENDS: [&str; 7] =
        ["cancel", "cancelChildren", "shutdown", "shutdownNow", "quit", "quitSafely", "dispose"];
    let decl = model.property(property);
    let facts = model.facts(model.symbols.prop_file(property));
    let mut names = vec![decl.name];
    if let Some(initializer) = decl.initializer {
        collect_names(facts, initializer, &mut names, 0);
    }
    facts.exprs.iter().any(|expr| match &expr.kind {
        ExprKind::Call(call) if ENDS.contains(&call.name.as_str()) => {
            let Some(receiver) = call.receiver else { return false };
            let mut on = Vec::new();
            collect_names(facts, receiver, &mut on, 0);
            on.iter().any(|name| names.contains(name))
        }
        _ => false,
    })
}

/// Is a context made of dispatchers and of jobs that nobody else has: `Dispatchers.IO + SupervisorJob()`?
fn is_new_context(facts: &FileFacts, expr: ExprId, depth: u8) -> bool {
    match &facts[expr].kind {
        ExprKind::Binary { op: BinaryOp::Add, left, right } if depth < 16 => {
            is_new_context(facts, *left, depth + 1) && is_new_context(facts, *right, depth + 1)
        }
        ExprKind::Member { receiver, .. } => {
            matches!(&facts[*receiver].kind, ExprKind::Name(name) if *name == "Dispatchers")
        }
        ExprKind::Call(call) if call.receiver.is_none() => match call.name.as_str() {
            "Job" | "SupervisorJob" => call.args.is_empty(),
            name => matches!(name, "CoroutineName" | "CoroutineExceptionHandler"),
        },
        _ => false,
    }
}

fn collect_names(facts: &FileFacts, expr: ExprId, names: &mut Vec<Name>, depth: u8) {
    if let ExprKind::Name(name) = &facts[expr].kind {
        names.push(*name);
    }
    if depth < 16 {
        facts[expr].kind.each_child(|child| collect_names(facts, child, names, depth + 1));
    }
}
