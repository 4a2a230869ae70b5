//! Can anybody cancel the coroutine that runs some code? Not one that `runBlocking` runs for ordinary code, that runs in
//! `NonCancellable`, or whose scope and job nobody keeps.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind, FileFacts, Modifiers};
use crate::findings::Confidence;
use crate::model::{CallSite, FnId, Model, PropId};

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
                _ if self.model.starts_coroutine(site) => self.may_end(site, depth),
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
    fn may_end(&mut self, site: &CallSite, depth: u8) -> bool {
        let Some(receiver) = site.receiver else {
            // A child of the coroutine around, or of a scope that is `this`.
            return !self.model.in_coroutine(site.function) || self.may(site.function, depth + 1);
        };
        if site.used {
            return true;
        }
        let facts = self.model.facts(site.file);
        if matches!(&facts[receiver].kind, ExprKind::Name(name) if *name == "GlobalScope") {
            return depth == 0;
        }
        match site.receiver_facts.as_ref().and_then(|facts| facts.property) {
            Some(property) => !self.is_never_cancelled(property),
            None => true,
        }
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

fn collect_names(facts: &FileFacts, expr: ExprId, names: &mut Vec<Name>, depth: u8) {
    if let ExprKind::Name(name) = &facts[expr].kind {
        names.push(*name);
    }
    if depth < 16 {
        facts[expr].kind.each_child(|child| collect_names(facts, child, names, depth + 1));
    }
}
