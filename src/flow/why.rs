//! `worklint why`: everything that decides whether a finding in a function is real. Where the function may run and by
//! which way, who runs it and how, what in it blocks, and what each of its calls was taken for.

use crate::findings::{Confidence, Place, Step};
use crate::model::{CallSite, FnId, Model, SiteId, SiteKind, Thread, Type};

use super::Flow;
use super::graph::{Edge, Run};
use super::path::call_name;

/// The answer for one function.
pub struct Answer {
    pub function: FnId,
    pub threads: Vec<OnThread>,
    /// May it run while the app is in the background, and by which way?
    pub background: Option<Vec<Step>>,
    /// Every call that runs it, in place or elsewhere.
    pub callers: Vec<Caller>,
    pub blocking: Vec<Blocks>,
    pub calls: Vec<Taken>,
}

/// One thread that the function may run on, with the best way there.
pub struct OnThread {
    pub thread: Thread,
    pub certainty: Confidence,
    pub steps: Vec<Step>,
}

/// A call that leads to the function.
pub struct Caller {
    pub place: Place,
    /// `FeedActivity.onCreate calls it in place`.
    pub how: String,
    pub certainty: Confidence,
}

/// A call in the function that holds its thread.
pub struct Blocks {
    pub place: Place,
    /// `Call.execute does network I/O`.
    pub what: String,
    /// Why it is no finding of the main thread, if so.
    pub silent: Option<&'static str>,
}

/// What a call was taken for.
pub struct Taken {
    pub place: Place,
    pub name: String,
    /// `okhttp3.Call.execute`, `FeedRepository.latest or CachedRepository.latest`, `not resolved: …`.
    pub meaning: String,
}

/// The functions a question names: `Class.function` or `function`, qualified as far as the user likes, or
/// `file:line` (the innermost functions there). In the order of the project.
pub fn functions(model: &Model, question: &str) -> Vec<FnId> {
    let place = question.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<u32>().ok()?)));
    let all = (0..model.symbols.function_count()).map(FnId::new);
    match place {
        Some((path, line)) => at_line(model, path, line),
        None => all.filter(|id| is_named(model, *id, question)).collect(),
    }
}

fn is_named(model: &Model, id: FnId, question: &str) -> bool {
    if model.is_lambda(id) || model.parent_function(id).is_some() {
        return false;
    }
    let ends =
        |full: &str| full.strip_suffix(question).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ends(&model.symbol(id)) || ends(&model.display(id))
}

/// The innermost functions whose code is on the line.
fn at_line(model: &Model, path: &str, line: u32) -> Vec<FnId> {
    let mut found: Vec<(usize, FnId)> = Vec::new();
    for id in (0..model.symbols.function_count()).map(FnId::new) {
        let file = model.project.file(model.symbols.fn_file(id));
        let named = file.path == path || file.path.strip_suffix(path).is_some_and(|rest| rest.ends_with('/'));
        if !named {
            continue;
        }
        let span = model.function(id).span;
        if (file.text.line(span.start)..=file.text.line(span.end)).contains(&line) {
            found.push((span.range().len(), id));
        }
    }
    let least = found.iter().map(|(length, _)| *length).min();
    found.retain(|(length, _)| Some(*length) == least);
    found.into_iter().map(|(_, id)| id).collect()
}

pub fn answer(model: &Model, flow: &Flow, function: FnId) -> Answer {
    let threads = [&flow.main, &flow.worker].into_iter().filter_map(|reach| {
        let path = reach.path(function)?;
        Some(OnThread { thread: reach.thread(), certainty: path.certainty, steps: path.steps(model) })
    });
    let callers = flow.graph.to(function).map(|edge| Caller {
        place: model.site(edge.site).point(),
        how: how(model, edge),
        certainty: edge.certainty,
    });
    let blocking = flow.blocking.iter().filter(|call| model.site(call.site).function == function);
    let blocking = blocking.map(|call| {
        let site = model.site(call.site);
        let silent = if flow.guards.is_done(function, site.span) {
            Some("what it waits for is done there")
        } else if !flow.main.contains(function) {
            Some("no way from the main thread leads here")
        } else if !flow.guards.allows(function, site.span, Thread::Main) {
            Some("a check keeps the main thread away")
        } else {
            None
        };
        Blocks { place: site.point(), what: format!("{} {}", call.api, call.does), silent }
    });
    Answer {
        function,
        threads: threads.collect(),
        background: flow.background.path(function).map(|(path, _)| path.steps(model)),
        callers: callers.collect(),
        blocking: blocking.collect(),
        calls: model.sites_of[function.index()].iter().map(|id| taken(model, *id)).collect(),
    }
}

fn how(model: &Model, edge: &Edge) -> String {
    let from = model.display(edge.from);
    let call = call_name(model, model.site(edge.site));
    let place = match edge.run {
        Run::Here => "in place",
        Run::On(Thread::Main) => "on the main thread",
        Run::On(Thread::Worker) => "on a worker thread",
        Run::On(Thread::Binder) => "on a binder thread",
        Run::Somewhere | Run::Given(_) => "some time, on a thread that is not known",
    };
    format!("{from} has it run {place} ({call})")
}

fn taken(model: &Model, id: SiteId) -> Taken {
    let site = model.site(id);
    Taken { place: site.point(), name: written(site), meaning: meaning(model, site) }
}

fn written(site: &CallSite) -> String {
    match site.kind {
        SiteKind::Read => format!("{} (read)", site.name),
        SiteKind::Write => format!("{} (write)", site.name),
        SiteKind::FirstUse => format!("{} (first use)", site.name),
        SiteKind::Injected => format!("{} (injected)", site.name),
        SiteKind::Call | SiteKind::Create | SiteKind::Close | SiteKind::SuperConstructor => {
            format!("{}()", site.name)
        }
    }
}

fn meaning(model: &Model, site: &CallSite) -> String {
    let targets: Vec<String> = site.targets.iter().map(|target| model.display(target.function)).collect();
    if !targets.is_empty() {
        return targets.join(" or ");
    }
    if let Some(declared) = site.declared {
        return format!("{} (no code in sight)", model.display(declared));
    }
    if let Some(api) = site.api {
        return format!("{}.{}", api.class, api.member);
    }
    if !site.invokes.is_none() {
        return "runs the code it holds".to_owned();
    }
    match site.receiver_type.as_ref().and_then(Type::upper) {
        Some(ty) => format!("not resolved: nothing known of {}.{}", ty.class, site.name),
        None => "not resolved: the receiver's type is not known".to_owned(),
    }
}
