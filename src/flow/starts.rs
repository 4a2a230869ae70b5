//! What runs again with every start of the app, of its first screen, or of the device.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::catalog::Background as Word;
use crate::facts::manifest::ComponentKind;
use crate::findings::Confidence;
use crate::model::{FnId, Model, SiteId};

use super::Flow;
use super::entries::EntryPoint;
use super::graph::Run;
use super::path::Path;
use super::uses::conditions_around;

/// Calls followed back from a place to a start.
const DEPTH: u32 = 8;

/// What starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The process: Application, content providers, App Startup.
    Process,
    /// A screen that launchers show.
    FirstScreen,
    /// The device.
    Boot,
}

impl Start {
    /// `each start of the app`.
    pub fn words(self) -> &'static str {
        match self {
            Start::Process => "each start of the process",
            Start::FirstScreen => "each start of the first screen",
            Start::Boot => "each start of the device",
        }
    }
}

/// The start that an entry point is.
fn start_of(model: &Model, entry: &EntryPoint) -> Option<Start> {
    let class = entry.class?;
    let method = model.function(entry.function).name;
    let owner = model.symbols.info(model.owner_of(entry.function)?).qualified;
    let process = ["android.app.Application", "android.content.ContentProvider"];
    if method == "onCreate" && process.iter().any(|it| model.inherits(class, it))
        || method == "create" && model.inherits(class, "androidx.startup.Initializer")
    {
        return Some(Start::Process);
    }
    let components = || model.project.modules.iter().flat_map(|module| &module.manifest.components);
    let says = |component: &crate::model::project::Component, wanted: &[&str]| {
        let actions = component.filters.iter().flat_map(|filter| &filter.actions);
        actions.into_iter().any(|action| wanted.contains(&action.text.as_str()))
    };
    if matches!(method.as_str(), "onCreate" | "onStart" | "onResume")
        && model.inherits(class, "android.app.Activity")
    {
        let first = components().any(|it| {
            matches!(it.kind, ComponentKind::Activity | ComponentKind::ActivityAlias)
                && it.class.is_some_and(|class| class == owner || model.inherits(class, &owner))
                && says(it, &["android.intent.action.MAIN"])
        });
        return first.then_some(Start::FirstScreen);
    }
    if method == "onReceive" && model.inherits(class, "android.content.BroadcastReceiver") {
        let boot = ["android.intent.action.BOOT_COMPLETED", "android.intent.action.LOCKED_BOOT_COMPLETED"];
        let is_boot = components().any(|it| it.class == Some(owner) && says(it, &boot));
        return is_boot.then_some(Start::Boot);
    }
    None
}

/// The nearest start that leads to the function each time, with the way. Ways under a condition that is about versions
/// or a first run, and listeners of the UI, do not count.
pub fn start_of_function(model: &Model, flow: &Flow, function: FnId) -> Option<(Path, Start)> {
    let mut next: FxHashMap<FnId, Option<(FnId, SiteId)>> = FxHashMap::default();
    let mut queue = VecDeque::from([(function, 0)]);
    next.insert(function, None);
    while let Some((at, depth)) = queue.pop_front() {
        let start = flow.entries_of(at).find_map(|entry| Some((entry, start_of(model, entry)?)));
        if let Some((entry, start)) = start {
            let mut calls = Vec::new();
            let mut from = at;
            while let Some(Some((to, site))) = next.get(&from) {
                calls.push((*site, *to));
                from = *to;
            }
            return Some((Path { entry: entry.clone(), calls, certainty: Confidence::High }, start));
        }
        if depth >= DEPTH {
            continue;
        }
        for edge in flow.graph.to(at) {
            let listener =
                edge.background == Word::No && edge.run != Run::Here || hears_of_changes(model, edge.site);
            if listener || edge.certainty == Confidence::Low || next.contains_key(&edge.from) {
                continue;
            }
            if is_once(model, edge.from, edge.site) {
                continue;
            }
            next.insert(edge.from, Some((at, edge.site)));
            queue.push_back((edge.from, depth + 1));
        }
    }
    None
}

/// Does the call register code that is told when a setting changes? It acts because the user wants it to.
fn hears_of_changes(model: &Model, site: SiteId) -> bool {
    model.site(site).api.is_some_and(|api| {
        api.member == "registerOnSharedPreferenceChangeListener"
            && model.inherits(api.class, "android.content.SharedPreferences")
    })
}

/// Is a call made once in the life of an installation, by the words of the conditions around it or of the function?
pub fn is_once(model: &Model, function: FnId, site: SiteId) -> bool {
    const ONCE: [&str; 6] = ["version", "first", "migrat", "upgrade", "installed", "onboard"];
    let says = |text: &str| {
        let text = text.to_lowercase();
        ONCE.iter().any(|word| text.contains(word))
    };
    let root = model.root_function(function);
    if says(&model.display(root)) {
        return true;
    }
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    let conditions = conditions_around(model, function, model.site(site).span);
    conditions.iter().any(|condition| {
        says(model.project.slice(crate::findings::Place { file, span: facts[*condition].span }))
    })
}
