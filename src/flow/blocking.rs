//! Calls that hold their thread: catalogued library calls and generated members.

use std::net::IpAddr;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::guards::tried_before;
use super::in_place::runs_in_place;
use super::sources::{is_file, is_stream, kind_of_stream};
use crate::base::{Name, Span};
use crate::catalog::{Blocking, Cost, GeneratedBlocks, TableSet};
use crate::facts::{ExprKind, Language, Modifiers};
use crate::findings::Confidence;
use crate::model::{ArgValue, CallSite, Callable, Const, FnId, Model, SiteId, SiteKind, Type};

/// Waits with a constant timeout up to this are no finding.
const SHORT_WAIT_MS: i64 = 100;

/// A call site that holds its thread.
#[derive(Clone, Debug)]
pub struct BlockingCall {
    pub site: SiteId,
    /// Kind in the catalogue: `network`, `database`, …
    pub kind: Name,
    pub cost: Cost,
    /// `does network I/O`.
    pub does: Name,
    pub instead: Name,
    /// `SQLiteDatabase.rawQuery`.
    pub api: String,
    pub certainty: Confidence,
    /// A rule of its own reports it.
    pub rule: Option<Name>,
}

/// All blocking calls, in order of sites.
pub fn blocking_calls(model: &Model) -> Vec<BlockingCall> {
    let mut calls: Vec<BlockingCall> = (0..model.sites.len())
        .into_par_iter()
        .filter_map(|at| blocking_call(model, SiteId::new(at)))
        .collect();
    let given: Vec<Option<(FnId, usize)>> =
        calls.iter().map(|call| parameter(model, model.site(call.site))).collect();
    let wanted: FxHashSet<FnId> = given.iter().flatten().map(|(function, _)| *function).collect();
    let mut in_memory: FxHashMap<(FnId, usize), bool> = FxHashMap::default();
    for (_, site) in model.all_sites() {
        let Some(declared) = site.declared.filter(|declared| wanted.contains(declared)) else { continue };
        for (at, arg) in site.args.iter().enumerate() {
            let decl = model.function(declared);
            let named = arg.name.and_then(|name| decl.params.iter().position(|param| param.name == name));
            let memory = arg.facts.as_ref().is_some_and(|facts| facts.in_memory);
            in_memory
                .entry((declared, named.unwrap_or(at)))
                .and_modify(|all| *all &= memory)
                .or_insert(memory);
        }
    }
    // What every caller hands over from memory does not block either.
    let mut given = given.into_iter();
    calls.retain(|_| given.next().flatten().is_none_or(|key| in_memory.get(&key) != Some(&true)));
    let again = tried_again(model, &calls);
    calls.retain(|call| !again.contains(&call.site));
    calls
}

/// Calls in a `catch` that only try again what the `try` did.
fn tried_again(model: &Model, calls: &[BlockingCall]) -> FxHashSet<SiteId> {
    let mut of_function: FxHashMap<FnId, Vec<&BlockingCall>> = FxHashMap::default();
    for call in calls {
        of_function.entry(model.site(call.site).function).or_default().push(call);
    }
    let again = calls.iter().filter(|call| {
        let site = model.site(call.site);
        let others = &of_function[&site.function];
        let tried = (others.len() > 1).then(|| tried_before(model, site.function, site.span)).flatten();
        tried.is_some_and(|tried| others.iter().any(|first| is_same(model, first, call, tried)))
    });
    again.map(|call| call.site).collect()
}

/// Does a call of the same kind on the same class stand in the code that was tried first? What `catch` does then says
/// nothing more: `getWritableDatabase()`, or else `getReadableDatabase()`.
fn is_same(model: &Model, first: &BlockingCall, call: &BlockingCall, tried: Span) -> bool {
    let (first_site, site) = (model.site(first.site), model.site(call.site));
    first.kind == call.kind
        && (first.cost != Cost::Minor || call.cost == Cost::Minor)
        && first.certainty >= call.certainty
        && tried.contains(first_site.span)
        && first_site.api.map(|api| api.class) == site.api.map(|api| api.class)
}

/// The function's own parameter that a call is made on.
fn parameter(model: &Model, site: &CallSite) -> Option<(FnId, usize)> {
    let facts = model.facts(site.file);
    let ExprKind::Name(name) = facts[site.receiver?].kind else { return None };
    let at = model.function(site.function).params.iter().position(|param| param.name == name)?;
    Some((site.function, at))
}

fn blocking_call(model: &Model, id: SiteId) -> Option<BlockingCall> {
    let site = model.site(id);
    if site.kind == SiteKind::Write {
        return None;
    }
    catalogued(model, id, site).or_else(|| generated(model, id, site))
}

fn catalogued(model: &Model, id: SiteId, site: &CallSite) -> Option<BlockingCall> {
    let api = site.api?;
    if site.receiver_facts.as_ref().is_some_and(|facts| facts.in_memory) {
        return None;
    }
    if site
        .receiver_type
        .as_ref()
        .and_then(Type::upper)
        .is_some_and(|ty| model.catalog.in_memory_type(ty.class))
    {
        return None;
    }
    let (class, entries) = model.nearest_in(TableSet::BLOCKING, api.class, api.member, |class| {
        let entries = model.catalog.blocking(class, api.member);
        (!entries.is_empty()).then_some((class, entries))
    })?;
    let entry = entries.iter().find(|entry| applies(model, site, entry))?;
    if matches!(entry.kind.as_str(), "disk-read" | "disk-write" | "archive") && works_in_memory(model, site) {
        return None;
    }
    // `runBlocking { preferences.isSet() }` where nothing suspends is an ordinary call; with a dispatcher it waits for another
    // thread.
    let starts_loop = entry.rule.is_some_and(|rule| rule == "RunBlockingOnMainThread")
        && model.facts(site.file).language == Language::Kotlin;
    if starts_loop && site.args.len() == 1 && site.args.last().is_some_and(|code| never_waits(model, code)) {
        return None;
    }
    if entry.kind == "wait"
        && api.member.starts_with("blocking")
        && site.receiver_object().is_some_and(|stream| runs_in_place(model, stream))
    {
        return None;
    }
    // A stream's kind is what it was opened on.
    let connection = match entry.kind.as_str() {
        "disk-read" | "disk-write" if site.receiver.is_some() => kind_of_stream(model, site),
        _ => None,
    };
    let named = connection.unwrap_or(entry.kind);
    let kind = model.catalog.kind(named)?;
    let name = if api.member == "<init>" { class.last().to_owned() } else { display(class, api.member) };
    Some(BlockingCall {
        site: id,
        kind: named,
        cost: match connection {
            Some(_) => Cost::Severe,
            None if is_cheap(site, entry) => Cost::Minor,
            None => entry.cost,
        },
        does: kind.does,
        instead: entry.instead.filter(|_| connection.is_none()).unwrap_or(kind.instead),
        api: name,
        certainty: if entry.low && connection.is_none() { Confidence::Low } else { Confidence::High },
        rule: entry.rule,
    })
}

/// `properties.load(StringReader(text))`, `GZIPOutputStream(bytes)`: all that it reads from or writes to is in memory.
fn works_in_memory(model: &Model, site: &CallSite) -> bool {
    let is_one = |ty: Option<&Type>| is_stream(model, ty) || is_file(model, ty);
    if is_one(site.receiver_type.as_ref()) {
        return false;
    }
    let mut streams = site.args.iter().filter(|arg| is_one(arg.ty.as_ref())).peekable();
    streams.peek().is_some() && streams.all(|arg| arg.facts.as_ref().is_some_and(|facts| facts.in_memory))
}

/// `options.inJustDecodeBounds = true`: only the header is read.
fn is_cheap(site: &CallSite, entry: &Blocking) -> bool {
    let Some(setter) = entry.minor_with else { return false };
    let set = site.args.iter().find_map(|arg| arg.object()?.call(&setter));
    set.and_then(|call| call.args.first()?.constant()) == Some(Const::Bool(true))
}

fn never_waits(model: &Model, code: &ArgValue) -> bool {
    let Callable::Functions(functions) = &code.callable else { return false };
    !functions.is_empty() && functions.iter().all(|function| model.never_waits(*function))
}

/// `File.readText` for `kotlin.io.FilesKt.readText`, `SQLiteDatabase.query` otherwise.
fn display(class: Name, member: Name) -> String {
    let owner = class.last();
    match owner.strip_suffix("Kt") {
        Some(_) => member.to_string(),
        None => format!("{owner}.{member}"),
    }
}

fn applies(model: &Model, site: &CallSite, entry: &Blocking) -> bool {
    let count = u8::try_from(site.args.len()).unwrap_or(u8::MAX);
    let overloads = &entry.overloads;
    if site.kind != SiteKind::Read {
        let arity = overloads.arity.is_empty() || overloads.arity.contains(&count);
        let least = overloads.min_args.is_none_or(|least| count >= least);
        let most = overloads.max_args.is_none_or(|most| count <= most);
        if !(arity && least && most) {
            return false;
        }
    }
    if let Some(on) = entry.extension_on
        && let Some(ty) = site.receiver_type.as_ref().and_then(Type::upper)
        && !ty.is_unresolved()
        && on != "*"
        && !model.inherits(ty.class, &on)
    {
        return false;
    }
    if !overloads.arg0_type.is_empty()
        && let Some(ty) = site.args.first().and_then(|arg| arg.ty.as_ref()).and_then(Type::upper)
        && !ty.is_unresolved()
        && !overloads.arg0_type.iter().any(|wanted| model.inherits(ty.class, wanted))
    {
        return false;
    }
    if let Some(when) = &entry.when_arg {
        let arg = site.arg(i32::from(when.position), Some(&when.name));
        let fits = match arg.and_then(|arg| arg.constant()) {
            Some(Const::Bool(value)) => when.value == if value { "true" } else { "false" },
            Some(Const::Int(value)) => when.value == value.to_string().as_str(),
            Some(Const::Str(value)) => value == when.value,
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    if let Some(wanted) = entry.made_with {
        let made = site.receiver_object().and_then(|object| object.made.as_ref());
        let given = made.into_iter().flat_map(|call| &call.args).filter_map(|arg| arg.constant());
        if !given.into_iter().any(|it| matches!(it, Const::Str(text) if text == wanted)) {
            return false;
        }
    }
    if entry.resolves_host
        && let Some(Const::Str(host)) = site.args.first().and_then(|arg| arg.constant())
        && host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    {
        return false;
    }
    !is_short(site, entry)
}

/// A constant timeout so small that nobody notices.
fn is_short(site: &CallSite, entry: &Blocking) -> bool {
    let Some(position) = entry.timeout_arg else { return false };
    let Some(constant) = site.arg(i32::from(position), None).and_then(|arg| arg.constant()) else {
        return false;
    };
    let millis = match constant {
        Const::Duration(millis) => Some(millis),
        Const::Int(count) => match entry.unit_arg {
            Some(unit) => match site.arg(i32::from(unit), None).and_then(|arg| arg.constant()) {
                Some(Const::Unit(nanos)) => {
                    i64::try_from(i128::from(count) * i128::from(nanos) / 1_000_000).ok()
                }
                _ => None,
            },
            None => match (entry.timeout_unit.as_ref().map(|unit| unit.as_str()), &site.receiver_facts) {
                (Some("ns"), _) => Some(count / 1_000_000),
                // `TimeUnit.SECONDS.sleep(10)`
                (Some("receiver"), Some(unit)) => match unit.constant {
                    Some(Const::Unit(nanos)) => {
                        i64::try_from(i128::from(count) * i128::from(nanos) / 1_000_000).ok()
                    }
                    _ => None,
                },
                (Some("receiver"), None) => None,
                _ => Some(count),
            },
        },
        _ => None,
    };
    millis.is_some_and(|millis| millis <= SHORT_WAIT_MS)
}

/// Members whose body the build generates: Room DAOs.
fn generated(model: &Model, id: SiteId, site: &CallSite) -> Option<BlockingCall> {
    let declared = site.declared?;
    let decl = model.function(declared);
    if decl.modifiers.contains(Modifiers::SUSPEND) {
        return None;
    }
    let owner = model.owner_of(declared)?;
    let receiver =
        site.receiver_type.as_ref().and_then(Type::upper).and_then(|ty| model.symbols.type_named(ty.class));
    let by_annotation = |class| {
        let file = model.symbols.info(class).file;
        let annotations = &model.type_decl(class).annotations;
        annotations.iter().find_map(|annotation| {
            let name = model.resolve_dotted(file, None, annotation.name)?;
            model.catalog.generated(name).first().copied()
        })
    };
    let by_base = |class| {
        let base = |class| model.catalog.generated_base(class).first().copied();
        decl.body.is_none().then(|| model.nearest(model.symbols.info(class).qualified, base))?
    };
    let mut classes = [Some(owner), receiver].into_iter().flatten();
    let entry = classes.find_map(|class| by_annotation(class).or_else(|| by_base(class)))?;
    if entry.blocks == GeneratedBlocks::Never || !annotated(model, declared, &entry.members_annotated) {
        return None;
    }
    if entry.blocks == GeneratedBlocks::UnlessAsync
        && let Some(result) = &decl.result
    {
        let result = model.resolve_type(model.scope_of(declared), result);
        if entry.non_blocking_return.iter().any(|class| model.inherits(result.class, class)) {
            return None;
        }
        // A result type of the project's own or unknown making may be asynchronous as well.
        if result.is_unresolved() && (result.class.ends_with("Flow") || result.class.ends_with("LiveData")) {
            return None;
        }
    }
    let kind = model.catalog.kind(entry.kind?)?;
    Some(BlockingCall {
        site: id,
        kind: kind.id,
        cost: entry.cost,
        does: kind.does,
        instead: entry.instead.unwrap_or(kind.instead),
        api: model.display(declared),
        certainty: if entry.low { Confidence::Low } else { Confidence::High },
        rule: None,
    })
}

fn annotated(model: &Model, function: FnId, wanted: &[Name]) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let file = model.symbols.fn_file(function);
    model.function(function).annotations.iter().any(|annotation| {
        model.resolve_dotted(file, None, annotation.name).is_some_and(|name| wanted.contains(&name))
    })
}
