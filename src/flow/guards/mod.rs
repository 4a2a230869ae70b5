//! What checks in code prove of the places they dominate: the thread, the API level, a permission, a finished future.
//! A check counts where it dominates, in the function or (for what does not change meanwhile) around a lambda.

mod answers;
mod blocks;
mod conditions;
mod held;
mod levels;
mod nullness;
mod origin;
mod params;
mod regions;
mod sent;
mod subjects;
mod this;
mod tracked;
mod tries;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Span;
use crate::catalog::Proof;
use crate::facts::{Arm, ExprId, FunctionId};
use crate::findings::FileId;
use crate::model::{FnId, Model, Thread};

pub use held::{Bound, Bounds, Held, Key, Part};
pub use params::forget_this;
pub use sent::Sent;
pub use tries::{Handler, catches, handler, tried_before};

/// Something that is true at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Known(Proof),
    /// Runs only on devices from this API level on.
    From(u32),
    /// Runs only on devices below this API level.
    Below(u32),
    /// A parameter, or a part of it, holds this.
    Param(Bound),
}

impl Fact {
    /// Can it not be, when parameters hold this?
    pub fn is_refuted(&self, known: &[Bound]) -> bool {
        match self {
            Fact::Known(Proof::Never) => true,
            Fact::Param(it) => known.iter().any(|known| known.is_about(it) && known.held.excludes(&it.held)),
            _ => false,
        }
    }
}

/// What is true at once.
pub type Facts = SmallVec<[Fact; 2]>;

/// A part of a function where something is known.
#[derive(Clone, Debug)]
struct Region {
    place: Span,
    fact: Fact,
}

/// All regions of the project.
#[derive(Default)]
pub struct Guards {
    regions: FxHashMap<FnId, Vec<Region>>,
    /// Functions that assert to be on a thread, whatever happens in them.
    asserted: Vec<(FnId, Thread)>,
    /// Parameters that checks are about, by their function.
    asked: FxHashMap<FnId, params::Asked>,
}

impl Guards {
    pub fn new(model: &Model) -> Guards {
        let files: Vec<FileId> =
            model.project.files().filter(|(_, file)| file.facts.is_some()).map(|(id, _)| id).collect();
        let found: Vec<regions::Found> = files
            .par_iter()
            .flat_map_iter(|file| {
                let facts = model.facts(*file);
                let functions =
                    (0..facts.functions.len()).map(|at| FunctionId(u32::try_from(at).unwrap_or(u32::MAX)));
                let ids = functions.map(|local| model.symbols.fn_id(*file, local));
                ids.filter_map(|id| regions::of_function(model, id)).collect::<Vec<_>>()
            })
            .collect();
        let mut guards = Guards::default();
        for it in found {
            guards.asserted.extend(it.asserted.map(|thread| (it.function, thread)));
            if !it.regions.is_empty() {
                guards.regions.insert(it.function, it.regions);
            }
        }
        guards.asked = params::asked(model, &guards);
        guards
    }

    /// Functions that assert to be on a thread, in the order of the project.
    pub fn asserted(&self) -> &[(FnId, Thread)] {
        &self.asserted
    }

    /// May code at this place of the function run on the thread?
    pub fn allows(&self, function: FnId, at: Span, thread: Thread) -> bool {
        if self.here(function, at).any(|fact| *fact == Fact::Known(Proof::Never)) {
            return false;
        }
        match self.thread(function, at) {
            Some(main) => main == (thread == Thread::Main),
            None => true,
        }
    }

    /// The main thread (true) or any other (false), where a check tells.
    pub fn thread(&self, function: FnId, at: Span) -> Option<bool> {
        self.here(function, at).find_map(|fact| match fact {
            Fact::Known(Proof::Main) => Some(true),
            Fact::Known(Proof::Worker) => Some(false),
            _ => None,
        })
    }

    /// Is the place reached only when a future was seen to be done, so that asking it does not wait?
    pub fn is_done(&self, function: FnId, at: Span) -> bool {
        self.here(function, at).any(|fact| *fact == Fact::Known(Proof::Done))
    }

    /// Is the place reached only on devices below an API level (`if (SDK_INT < S)`, or the else of `>=`)?
    pub fn below_level(&self, model: &Model, function: FnId, at: Span, level: u32) -> bool {
        self.any(model, function, at, |fact| matches!(fact, Fact::Below(below) if *below <= level))
    }

    /// Is the place reached only on devices from an API level on?
    pub fn from_level(&self, model: &Model, function: FnId, at: Span, level: u32) -> bool {
        self.any(model, function, at, |fact| matches!(fact, Fact::From(from) if *from >= level))
    }

    /// Is this known at the place? Checks around a lambda count in it as well.
    pub fn proves(&self, model: &Model, function: FnId, at: Span, proof: Proof) -> bool {
        self.any(model, function, at, |fact| *fact == Fact::Known(proof))
    }

    /// Does a check see to it that the place is never reached?
    pub fn never(&self, model: &Model, function: FnId, at: Span) -> bool {
        self.proves(model, function, at, Proof::Never)
    }

    /// What a condition proves where it is true, and where it is false.
    pub fn branches(&self, model: &Model, function: FnId, condition: ExprId) -> (Facts, Facts) {
        let test = conditions::Conditions::of(model, function).test(condition);
        (test.then, test.otherwise)
    }

    /// What is true in an arm of a `when`, and what where it is not taken.
    pub fn arm(&self, model: &Model, function: FnId, subject: Option<ExprId>, arm: &Arm) -> (Facts, Facts) {
        let test = conditions::Conditions::of(model, function).arm_test(subject, arm);
        (test.then, test.otherwise)
    }

    fn any(&self, model: &Model, function: FnId, at: Span, holds: impl Fn(&Fact) -> bool) -> bool {
        self.around(model, function, at).any(&holds) || self.in_helper(model, function, &holds)
    }

    /// What is known at a place, by checks around a lambda as well.
    fn around<'a>(
        &'a self,
        model: &'a Model,
        function: FnId,
        at: Span,
    ) -> impl Iterator<Item = &'a Fact> + 'a {
        std::iter::successors(Some(function), |id| model.parent_function(*id))
            .flat_map(move |id| self.here(id, at))
    }

    fn here(&self, function: FnId, at: Span) -> impl Iterator<Item = &Fact> + '_ {
        let regions = self.regions.get(&function).into_iter().flatten();
        regions.filter(move |region| region.place.contains(at)).map(|region| &region.fact)
    }
}
