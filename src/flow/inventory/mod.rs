//! Every piece of background work of a project: what starts it, what it runs, and which of the six kinds it is
//! (immediate, long-running or deferrable × persistent or impersistent), with the evidence.

mod classify;

use rayon::prelude::*;

use crate::catalog::{Persistence as Word, TableSet, Work};
use crate::facts::manifest::ComponentKind;
use crate::facts::{ExprKind, Language};
use crate::findings::{Confidence, Place};
use crate::model::{CallSite, Callable, FnId, Model, SiteId, TypeId};

use super::Flow;
use super::path::call_name;
use super::requests::Request;
use super::work::{body_of, scope_lifetime};

/// Does the work survive the end of the process and a restart of the device?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Persistence {
    Persistent,
    Impersistent,
}

/// How soon it has to run, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    Immediate,
    LongRunning,
    Deferrable,
}

impl Persistence {
    pub fn word(self) -> &'static str {
        match self {
            Persistence::Persistent => "persistent",
            Persistence::Impersistent => "impersistent",
        }
    }
}

impl Urgency {
    pub fn word(self) -> &'static str {
        match self {
            Urgency::Immediate => "immediate",
            Urgency::LongRunning => "long-running",
            Urgency::Deferrable => "deferrable",
        }
    }
}

/// One piece of background work.
#[derive(Clone, Debug)]
pub struct Item {
    /// The call that starts it, or the class that is it.
    pub place: Place,
    /// `SyncScheduler.start`: where it is started.
    pub symbol: String,
    /// `SyncWorker`, `lambda in SyncScheduler.start`: what runs.
    pub what: String,
    /// `WorkManager.enqueueUniqueWork`.
    pub api: String,
    pub persistence: Persistence,
    pub urgency: Urgency,
    pub certainty: Confidence,
    /// What speaks for the kind, the strongest first.
    pub reasons: Vec<String>,
    /// What the platform's guide recommends for it.
    pub recommended: String,
    /// It should be something else than it is.
    pub change: bool,
}

/// A construct with what is known of it, before it is judged.
pub(super) struct Found<'m> {
    pub(super) entry: &'static Work,
    pub(super) site: Option<&'m CallSite>,
    pub(super) function: Option<FnId>,
    /// The code that runs.
    pub(super) body: Vec<FnId>,
    /// The component that runs, of the project.
    pub(super) component: Option<TypeId>,
    pub(super) request: Option<Request<'m>>,
    pub(super) language: Language,
}

/// Everything, in order of files and places.
pub fn inventory(model: &Model, flow: &Flow) -> Vec<Item> {
    let mut items: Vec<Item> = (0..model.sites.len())
        .into_par_iter()
        .filter_map(|at| site_item(model, flow, SiteId::new(at)))
        .collect();
    let classes = (0..model.symbols.types.len())
        .into_par_iter()
        .filter_map(|at| class_item(model, flow, TypeId::new(at)));
    items.extend(classes.collect::<Vec<_>>());
    items.extend(subscriber_items(model));
    items.retain(|item| model.project.file(item.place.file).in_scope);
    items.sort_by(|a, b| {
        let path = |item: &Item| model.project.file(item.place.file).path.as_str();
        path(a).cmp(path(b)).then(a.place.span.start.cmp(&b.place.span.start)).then(a.api.cmp(&b.api))
    });
    items.dedup_by(|a, b| a.place == b.place && a.api == b.api);
    items
}

/// Constructs that only hand over to work listed elsewhere.
const NO_WORK: [&str; 4] = ["bindService", "post", "postSticky", "then"];
/// A chain is listed where it begins.
const CHAIN: &str = "androidx.work.WorkContinuation";

fn site_item(model: &Model, flow: &Flow, id: SiteId) -> Option<Item> {
    let site = model.site(id);
    let api = site.api.filter(|api| !NO_WORK.contains(&api.member.as_str()) && api.class != CHAIN)?;
    let request = site.args.iter().find_map(|arg| Request::of(model, arg.object()?));
    let entry = model.nearest_in(TableSet::WORK, api.class, api.member, |class| {
        choose(model, site, request.as_ref(), model.catalog.work(class, api.member))
    })?;
    let component = request
        .and_then(|it| it.worker())
        .or_else(|| site.args.iter().find_map(|arg| component_of(model, arg)))
        .or_else(|| site.receiver_type.as_ref().filter(|_| entry.subclass).map(|ty| ty.class))
        .and_then(|class| model.symbols.type_named(class));
    let found = Found {
        entry,
        site: Some(site),
        function: Some(site.function),
        body: match component {
            Some(component) if !entry.subclass || body_of(model, site).is_empty() => runs(model, component),
            _ => body_of(model, site).to_vec(),
        },
        component,
        request,
        language: model.facts(site.file).language,
    };
    let what = match (component, found.body.first()) {
        (Some(component), _) => model.display_type(component),
        (None, Some(body)) => model.display(*body),
        (None, None) => String::new(),
    };
    let symbol = model.display(model.root_function(site.function));
    Some(classify::judge(model, flow, &found, site.point(), symbol, what, call_name(model, site)))
}

/// A component named by an Intent, a PendingIntent, a job or a class literal.
fn component_of(model: &Model, arg: &crate::model::ArgValue) -> Option<crate::base::Name> {
    let of_intent = arg.intent().and_then(|intent| intent.component);
    let of_job = || {
        let object = arg.object().filter(|object| object.class.starts_with("android.app.job.JobInfo"))?;
        let made = object.root().made.as_ref()?;
        made.args.iter().find_map(|arg| arg.intent()).and_then(|intent| intent.component)
    };
    let literal = || arg.class_literal().filter(|class| model.symbols.type_named(*class).is_some());
    of_intent.or_else(of_job).or_else(literal)
}

/// Functions that run when a component is started.
fn runs(model: &Model, component: TypeId) -> Vec<FnId> {
    const NAMES: [&str; 14] = [
        "doWork",
        "createWork",
        "startWork",
        "onStartJob",
        "onStartCommand",
        "onHandleIntent",
        "onHandleWork",
        "onReceive",
        "doInBackground",
        "loadInBackground",
        "onPerformSync",
        "onUpdate",
        "onDeleted",
        "run",
    ];
    let all = NAMES.iter().flat_map(|name| model.methods_named(component, crate::base::Name::new(name)));
    all.filter(|id| model.function(*id).body.is_some()).collect()
}

/// The entry that fits the request and the scope.
fn choose(
    model: &Model,
    site: &CallSite,
    request: Option<&Request<'_>>,
    entries: &[&'static Work],
) -> Option<&'static Work> {
    let lifetime = scope_lifetime(model, site);
    let periodic = request.map(|it| it.periodic).or_else(|| {
        let ty = site.args.iter().filter_map(|arg| arg.ty.as_ref()?.upper());
        let of = |class| ty.clone().any(|ty| model.inherits(ty.class, class));
        if of("androidx.work.PeriodicWorkRequest") { Some(true) } else { None }
    });
    let fits = |entry: &&&'static Work| {
        let request_fits = match (entry.request, periodic) {
            (Some(request), Some(periodic)) => request.ends_with("PeriodicWorkRequest") == periodic,
            (Some(request), None) => !request.ends_with("PeriodicWorkRequest") || entries.len() == 1,
            (None, _) => true,
        };
        // `LaunchedEffect` has no scope to show.
        let own_scope = entries.len() == 1 && site.receiver.is_none();
        request_fits && (entry.scope_lifetime.is_none() || entry.scope_lifetime == lifetime || own_scope)
    };
    let mut fitting: Vec<&&'static Work> = entries.iter().filter(fits).collect();
    // The more special one first.
    fitting.sort_by_key(|entry| entry.scope_lifetime.is_none());
    fitting.first().map(|entry| **entry)
}

/// Classes that are work by what they extend, and receivers.
fn class_item(model: &Model, flow: &Flow, id: TypeId) -> Option<Item> {
    let info = model.symbols.info(id);
    let lineage = model.lineage(info.qualified);
    let entry = lineage.library.iter().find_map(|class| model.catalog.work_base(*class));
    let place = Place { file: info.file, span: model.type_decl(id).name_span };
    let name = model.display_type(id);
    let language = model.facts(info.file).language;
    if let Some(entry) = entry {
        // With methods of its own it is listed where it is started.
        let listed = !entry.methods.is_empty() && entry.api != "android.app.IntentService";
        let concrete = !model.type_decl(id).modifiers.contains(crate::facts::Modifiers::ABSTRACT);
        if listed || !concrete {
            return None;
        }
        let found = Found {
            entry,
            site: None,
            function: None,
            body: runs(model, id),
            component: Some(id),
            request: None,
            language,
        };
        let api = entry.api.last().to_owned();
        return Some(classify::judge(model, flow, &found, place, name.clone(), name, api));
    }
    if lineage.library.iter().any(|class| *class == "android.app.Service") {
        return service_item(model, id, place, name);
    }
    if !lineage.library.iter().any(|class| *class == "android.content.BroadcastReceiver") {
        return None;
    }
    let declared = model.project.modules.iter().any(|module| {
        module.manifest.components_of(info.qualified).any(|it| it.kind == ComponentKind::Receiver)
    });
    let receives = runs(model, id);
    if receives.is_empty() || (!declared && is_local(model, id)) {
        return None;
    }
    Some(Item {
        place,
        symbol: name.clone(),
        what: name,
        api: "BroadcastReceiver.onReceive".to_owned(),
        persistence: Persistence::Impersistent,
        urgency: Urgency::Immediate,
        certainty: Confidence::High,
        reasons: vec![
            if declared { "declared in the manifest" } else { "registered while the app runs" }.to_owned(),
            "has about ten seconds on the main thread".to_owned(),
        ],
        recommended: "keep it short; goAsync() for seconds, WorkManager for more".to_owned(),
        change: false,
    })
}

/// Is the receiver only given to LocalBroadcastManager, which calls it like any listener of the app?
fn is_local(model: &Model, receiver: TypeId) -> bool {
    let mut registered = false;
    for (_, site) in model.sites_of_members(&["registerReceiver"]) {
        let Some(arg) = site.args.first() else { continue };
        let class = model.symbols.info(receiver).qualified;
        let is_it = arg.callable == Callable::Object(receiver)
            || arg.ty.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == class);
        if is_it {
            registered = true;
            if site.api.is_none_or(|api| !api.class.ends_with("LocalBroadcastManager")) {
                return false;
            }
        }
    }
    registered
}

/// A service that the app itself does not start: the system or a library does.
fn service_item(model: &Model, id: TypeId, place: Place, name: String) -> Option<Item> {
    let info = model.symbols.info(id);
    let component = model
        .project
        .modules
        .iter()
        .flat_map(|module| module.manifest.components_of(info.qualified))
        .find(|it| it.kind == ComponentKind::Service && it.enabled != Some(false))?;
    if is_started(model, id) {
        return None;
    }
    let base = model.lineage(info.qualified).library.first().copied()?;
    let types = component.foreground_types.as_ref().map(|(types, _)| types.clone()).unwrap_or_default();
    let mut reasons = vec!["started by the system or a library, not by the app".to_owned()];
    reasons.extend(types.first().map(|ty| format!("a foreground service of type {ty}")));
    Some(Item {
        place,
        symbol: name.clone(),
        what: name,
        api: base.last().to_owned(),
        persistence: Persistence::Impersistent,
        urgency: if types.is_empty() { Urgency::Immediate } else { Urgency::LongRunning },
        certainty: Confidence::Medium,
        reasons,
        recommended: "keep; WorkManager for what has to finish after it ends".to_owned(),
        change: false,
    })
}

fn is_started(model: &Model, service: TypeId) -> bool {
    let class = model.symbols.info(service).qualified;
    model.sites.iter().any(|site| {
        let names = || {
            site.args
                .iter()
                .filter_map(|arg| arg.intent().and_then(|it| it.component).or(arg.class_literal()))
        };
        let starts =
            site.name.starts_with("start") || site.name.starts_with("bind") || site.name == "enqueueWork";
        starts && names().any(|it| it == class)
    })
}

/// Subscribers of an event bus that run on its threads.
fn subscriber_items(model: &Model) -> Vec<Item> {
    model
        .all_functions()
        .filter_map(|function| {
            let decl = model.function(function);
            let file = model.symbols.fn_file(function);
            let facts = model.facts(file);
            let annotation = decl.annotations.iter().find(|it| it.name.last() == "Subscribe")?;
            let mode = annotation.args.iter().find_map(|arg| match &facts[arg.value].kind {
                ExprKind::Member { name, .. } | ExprKind::Name(name) => Some(*name),
                _ => None,
            })?;
            if !matches!(mode.as_str(), "BACKGROUND" | "ASYNC") {
                return None;
            }
            let name = model.display(function);
            Some(Item {
                place: model.fn_place(function),
                symbol: name.clone(),
                what: name,
                api: format!("@Subscribe(threadMode = {mode})"),
                persistence: Persistence::Impersistent,
                urgency: Urgency::Immediate,
                certainty: Confidence::Medium,
                reasons: vec!["an event bus runs it on a thread of its own".to_owned()],
                recommended: "keep while visible; WorkManager if it must finish".to_owned(),
                change: false,
            })
        })
        .collect()
}

/// Is work of this entry lost with the process?
pub(super) fn is_impersistent(entry: &Work) -> bool {
    entry.persistence == Word::Impersistent
}
