//! Threads that callers give: `fun run(context: CoroutineContext = EmptyCoroutineContext, block: …) = scope.launch(context) { block() }`.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::graph::Run;
use crate::facts::FunctionKind;
use crate::findings::Confidence;
use crate::model::{CallSite, FnId, Model, RECEIVER, SiteId, Thread, ThreadTarget, ThreadValue, Type};

/// A parameter that stands for a thread decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Given {
    pub function: FnId,
    pub param: u16,
    /// Where the code runs if what is given says nothing of a thread (`EmptyCoroutineContext`).
    pub otherwise: Otherwise,
}

/// See [`Given::otherwise`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Otherwise {
    Here,
    On(Thread),
    Somewhere,
    /// Another parameter of the function.
    Param(u16),
}

/// Parameters, one handed on to the other, that are followed.
const MAX_HANDED_ON: u8 = 4;

impl Given {
    pub(super) fn new(function: FnId, param: u16, otherwise: Run) -> Given {
        let otherwise = match otherwise {
            Run::Here => Otherwise::Here,
            Run::On(thread) => Otherwise::On(thread),
            Run::Given(other) if other.function == function => Otherwise::Param(other.param),
            Run::Somewhere | Run::Given(_) => Otherwise::Somewhere,
        };
        Given { function, param, otherwise }
    }

    fn otherwise(self) -> Run {
        match self.otherwise {
            Otherwise::Here => Run::Here,
            Otherwise::On(thread) => Run::On(thread),
            Otherwise::Somewhere => Run::Somewhere,
            Otherwise::Param(param) => {
                Run::Given(Given { function: self.function, param, otherwise: Otherwise::Somewhere })
            }
        }
    }

    /// The run that a thread means when it is given.
    fn by(self, thread: ThreadValue) -> (Run, Confidence) {
        let run = match thread.target {
            ThreadTarget::On(thread) => Run::On(thread),
            ThreadTarget::Caller => Run::Here,
            ThreadTarget::Inherit => self.otherwise(),
            ThreadTarget::Unknown => Run::Somewhere,
            ThreadTarget::Param(function, param) => Run::Given(Given::new(function, param, self.otherwise())),
        };
        (run, if thread.likely { Confidence::Medium } else { Confidence::High })
    }
}

/// Calls of functions that take threads.
#[derive(Default)]
pub(super) struct ThreadParams {
    callers: FxHashMap<FnId, Vec<SiteId>>,
}

impl ThreadParams {
    pub(super) fn new(model: &Model) -> ThreadParams {
        let mut asked: FxHashSet<FnId> = FxHashSet::default();
        for (_, site) in model.all_sites() {
            let threads = site.args.iter().filter_map(|arg| arg.thread()).chain(site.receiver_thread());
            asked.extend(threads.filter_map(|thread| match thread.target {
                ThreadTarget::Param(function, _) => Some(function),
                _ => None,
            }));
        }
        let mut params = ThreadParams::default();
        if asked.is_empty() {
            return params;
        }
        for (id, site) in model.all_sites() {
            let called = site.targets.iter().map(|target| target.function).chain(site.declared);
            let mut called: SmallVec<[FnId; 2]> = called.filter(|it| asked.contains(it)).collect();
            called.sort_unstable();
            called.dedup();
            for function in called {
                params.callers.entry(function).or_default().push(id);
            }
        }
        params
    }

    /// Where the code runs that a call gives.
    pub(super) fn at(&self, model: &Model, site: &CallSite, given: Given) -> (Run, Confidence) {
        let unknown = (Run::Somewhere, Confidence::High);
        if given.param == RECEIVER {
            return site.receiver_thread().map_or(unknown, |thread| given.by(thread));
        }
        let decl = model.function(given.function);
        let name = decl.params.get(usize::from(given.param)).map(|param| param.name.as_str());
        let is_code = |ty: &Type| ty.is_function();
        let arg = site.arg(i32::from(given.param), name);
        match arg.filter(|arg| !arg.trailing && !arg.ty.as_ref().is_some_and(is_code)) {
            Some(arg) => arg.thread().map_or(unknown, |thread| given.by(thread)),
            None => self.by_default(model, given),
        }
    }

    fn by_default(&self, model: &Model, given: Given) -> (Run, Confidence) {
        let thread = model.thread_of_param(given.function, given.param);
        thread.map_or((Run::Somewhere, Confidence::High), |thread| given.by(thread))
    }

    /// Where the code may run, whoever calls.
    pub(super) fn anywhere(&self, model: &Model, given: Given) -> SmallVec<[(Run, Confidence); 2]> {
        let mut found = SmallVec::new();
        self.collect(model, given, &mut found, 0);
        found
    }

    fn collect(&self, model: &Model, given: Given, found: &mut SmallVec<[(Run, Confidence); 2]>, depth: u8) {
        let callers = self.callers.get(&given.function).map_or(&[][..], Vec::as_slice);
        let mut runs: SmallVec<[(Run, Confidence); 4]> = SmallVec::new();
        for id in callers {
            let run = self.at(model, model.site(*id), given);
            if !runs.contains(&run) {
                runs.push(run);
            }
        }
        if runs.is_empty() {
            runs.push(self.by_default(model, given));
        }
        // Objects that were given different threads cannot be told apart by their methods.
        let mixed = runs.len() > 1 && model.function(given.function).kind == FunctionKind::Constructor;
        for (run, certainty) in runs {
            let certainty = if mixed { Confidence::Low } else { certainty };
            match run {
                Run::Given(next) if depth < MAX_HANDED_ON && next != given => {
                    self.collect(model, next, found, depth + 1);
                }
                Run::Given(_) => add(found, Run::Somewhere, certainty),
                run => add(found, run, certainty),
            }
        }
    }
}

fn add(found: &mut SmallVec<[(Run, Confidence); 2]>, run: Run, certainty: Confidence) {
    match found.iter_mut().find(|(known, _)| *known == run) {
        Some((_, known)) => *known = certainty.max(*known),
        None => found.push((run, certainty)),
    }
}
