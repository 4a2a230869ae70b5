//! Construction by dependency injection: what an activity, service or view model is given is made on the main thread
//! before its first callback, unless it was made before.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::catalog::Background;
use crate::findings::{Confidence, Place, Step, StepRole};
use crate::model::injection::{Maker, Wanted};
use crate::model::{Model, Thread, TypeId};

use super::entries::EntryPoint;

/// For whom, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injection {
    /// The class that the framework makes.
    pub into: TypeId,
    /// Its field or constructor parameter.
    pub place: Place,
    /// Type of that field or parameter.
    pub given: Name,
    /// What was made, if that field only needs it.
    pub made: Option<Name>,
}

impl Injection {
    /// The first step of a path.
    pub(super) fn step(&self, model: &Model) -> Step {
        let into = model.symbols.info(self.into).qualified;
        let (into_name, given) = (into.last(), self.given.last());
        let message = match self.made {
            None => format!("injection makes {given} for {into_name} on the main thread"),
            Some(made) => {
                format!("injection makes {} for {into_name}'s {given} on the main thread", made.last())
            }
        };
        Step { role: StepRole::Entry, place: self.place, message, symbol: into.to_string() }
    }
}

/// Constructors and provider functions that injection runs on the main thread. `entries`: the framework's callbacks.
pub(super) fn injected_entries(model: &Model, entries: &[EntryPoint]) -> Vec<EntryPoint> {
    let mut owners: Vec<TypeId> = entries
        .iter()
        .filter(|entry| entry.thread == Thread::Main && entry.class.is_some() && entry.site.is_none())
        .filter_map(|entry| model.owner_of(entry.function))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let mut found = Vec::new();
    let mut seen: FxHashSet<Maker> = FxHashSet::default();
    for into in owners {
        let file = model.symbols.info(into).file;
        for Wanted { class: given, span } in model.injected_into(into) {
            let injection = Injection { into, place: Place { file, span }, given, made: None };
            let mut waiting: VecDeque<(Name, Maker)> =
                model.makers(given).into_iter().map(|maker| (given, maker)).collect();
            while let Some((class, maker)) = waiting.pop_front() {
                if !seen.insert(maker) {
                    continue;
                }
                let made = (class != given).then_some(class);
                found.extend(model.run_by_maker(maker).into_iter().map(|function| EntryPoint {
                    function,
                    thread: Thread::Main,
                    background: Background::No,
                    certainty: Confidence::Medium,
                    class: None,
                    site: None,
                    injection: Some(Injection { made, ..injection.clone() }),
                }));
                let needs = model.needs(maker).into_iter();
                waiting.extend(needs.flat_map(|wanted| {
                    let makers = model.makers(wanted.class).into_iter();
                    makers.map(move |maker| (wanted.class, maker))
                }));
            }
        }
    }
    found
}
