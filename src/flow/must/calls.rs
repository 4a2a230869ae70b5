//! Calls on a way: is it the one asked for, and what does it run in place?

use crate::base::{Name, Span};
use crate::facts::{Call, ExprId, ExprKind};
use crate::model::{CallSite, Const, FnId, Model, SiteId, Thread, ThreadTarget};

use super::super::graph::Run;
use super::{MISSING, NONE, PASSED, Walk, Ways, in_place, passed};

/// Suspend functions, one inside the other, that are asked whether they wait.
const HELPERS: u8 = 2;

impl Walk<'_> {
    /// The call itself, after its receiver and arguments.
    pub(super) fn call(&mut self, id: ExprId, call: Option<&Call>, ways: Ways) -> Ways {
        if ways & MISSING == 0 {
            return ways;
        }
        let (file, function) = {
            let frame = self.frames.last().expect("inside of a function");
            (frame.file, frame.function)
        };
        let Some(site) = self.model.site_at(file, id) else {
            // Code that nobody knows, given the object itself, may do what is asked for.
            let given = call.filter(|call| self.question.unknown_counts && call.name != "inject");
            let given = given.is_some_and(|call| {
                let facts = self.facts();
                call.args.iter().any(|arg| matches!(facts[arg.value].kind, ExprKind::This(None)))
            });
            return if given { passed(ways) } else { ways };
        };
        if self.question.before.contains(&site) && ways & PASSED == 0 && self.conditions == 0 {
            self.answer.early.push(site);
        }
        if self.question.goals.contains(&site) {
            self.answer.made.push(site);
            return passed(ways);
        }
        self.callees(site, function, ways)
    }

    fn callees(&mut self, site: SiteId, function: FnId, ways: Ways) -> Ways {
        let model = self.model;
        let edges = self.flow.graph.from(function);
        let first = edges.partition_point(|edge| edge.site < site);
        let own = edges[first..].iter().take_while(|edge| edge.site == site);
        let mut targets: Vec<FnId> = Vec::new();
        let mut lambdas: Vec<FnId> = Vec::new();
        for edge in own {
            let elsewhere = matches!(edge.run, Run::On(thread) if thread != Thread::Main);
            let runs_at_once = edge.run != Run::Here
                && !elsewhere
                && self.starts_at_once(site)
                && !self.waits_first(edge.to);
            if !in_place(edge) && !runs_at_once {
                continue;
            }
            if model.is_lambda(edge.to) { lambdas.push(edge.to) } else { targets.push(edge.to) }
        }
        self.devirtualise(site, &mut targets);
        let bound = |walk: &Self, to: FnId| {
            let known = walk.frames.last().map_or(&[][..], |frame| frame.bounds.as_slice());
            walk.flow.guards.bind(model, model.site(site), to, known)
        };
        let mut ways = ways;
        if !targets.is_empty() {
            let before = ways;
            ways = targets.iter().fold(NONE, |all, target| {
                let bounds = bound(self, *target);
                all | self.function(*target, bounds, before)
            });
        }
        for lambda in lambdas {
            let bounds = bound(self, lambda);
            let after = self.function(lambda, bounds, ways);
            ways = if after & MISSING == 0 { after } else { ways | after };
        }
        ways
    }

    /// `lifecycleScope.launch { }` on the main thread runs until it first suspends.
    fn starts_at_once(&self, site: SiteId) -> bool {
        let site = self.model.site(site);
        let lifetime = site.receiver_thread().and_then(|thread| thread.lifetime);
        site.name == "launch" && lifetime.is_some_and(|it| it == "lifecycle")
    }

    /// Does the coroutine wait, whatever happens, before it comes to anything that matters?
    fn waits_first(&self, code: FnId) -> bool {
        let model = self.model;
        let Some(wait) = first_wait(model, code, HELPERS) else { return false };
        let matters = |id: &SiteId| {
            let mut targets = model.site(*id).targets.iter();
            self.question.goals.contains(id)
                || targets.any(|target| self.relevant.0.contains(&target.function))
        };
        !model.sites_of[code.index()].iter().any(|id| model.site(*id).span.start < wait.start && matters(id))
    }

    /// Calls on `this` run the methods of the class that is asked about.
    fn devirtualise(&self, site: SiteId, targets: &mut Vec<FnId>) {
        let Some(class) = self.question.class else { return };
        let model = self.model;
        let site = model.site(site);
        let facts = self.facts();
        let on_this = match site.receiver {
            None => true,
            Some(receiver) => matches!(facts[receiver].kind, ExprKind::This(None)),
        };
        let (Some(declared), true) = (site.declared, on_this) else { return };
        let qualified = model.symbols.info(class).qualified;
        let owner = model.owner_of(declared).map(|owner| model.symbols.info(owner).qualified);
        if !owner.is_some_and(|owner| model.lineage(qualified).all.contains(&owner)) {
            return;
        }
        let params = model.function(declared).params.len();
        let name: Name = model.function(declared).name;
        let methods = model.all_methods_named(qualified, name);
        let own = methods.into_iter().find(|it| {
            let decl = model.function(*it);
            decl.params.len() == params && decl.body.is_some()
        });
        if let Some(own) = own {
            *targets = vec![own];
        }
    }
}

/// The first statement at which a function waits on every path.
fn first_wait(model: &Model, function: FnId, depth: u8) -> Option<Span> {
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    let body = model.function(function).body?;
    let statements = match &facts[body].kind {
        ExprKind::Block(items) => items.as_slice(),
        _ => std::slice::from_ref(&body),
    };
    let wait = statements.iter().find_map(|id| {
        let call = match &facts[*id].kind {
            ExprKind::Local(local) => local.init?,
            ExprKind::Assign { value, .. } => *value,
            ExprKind::Return { value, .. } => (*value)?,
            _ => *id,
        };
        let site = model.site(model.site_at(file, call)?);
        waits(model, site, depth).then_some(site.span)
    })?;
    let around = facts[body].span;
    let leaves = facts.exprs.iter().any(|expr| {
        matches!(expr.kind, ExprKind::Return { .. })
            && around.contains(expr.span)
            && expr.span.start < wait.start
            && !expr.span.contains(wait)
    });
    (!leaves).then_some(wait)
}

/// `delay`, a switch to another thread, or a function that certainly comes to one.
fn waits(model: &Model, site: &CallSite, depth: u8) -> bool {
    let Some(api) = site.api else {
        let [only] = site.targets.as_slice() else { return false };
        return depth > 0
            && site.suspends == Some(true)
            && first_wait(model, only.function, depth - 1).is_some();
    };
    let first = site.args.first();
    api.class.starts_with("kotlinx.coroutines")
        && match api.member.as_str() {
            "delay" => first.and_then(|arg| arg.constant()) != Some(Const::Int(0)),
            "withContext" => {
                let thread = first.and_then(|arg| arg.thread());
                thread.is_some_and(|it| it.target == ThreadTarget::On(Thread::Worker))
            }
            _ => false,
        }
}
