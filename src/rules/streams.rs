//! Streams: which call stands for the work that is done through one.

use super::prelude::*;
use crate::base::Name;
use crate::catalog::Cost;
use crate::facts::{ExprId, ExprKind};
use crate::flow::BlockingCall;
use crate::flow::sources::{is_file, is_stream, kind_of_connection};
use crate::model::{Declared, SiteKind, Type};

/// `gson.fromJson(FileReader(file), type)`, `gson.toJson(notes, file.writer())`, `builder.parse(file)`: opening costs
/// little, but the parser reads, or writes, the whole file. As that, if it is asked for and parsing is not.
pub(super) fn parses_file(cx: &Context<'_>, call: &BlockingCall, kinds: &[&str]) -> Option<BlockingCall> {
    const READ: &str = "disk-read";
    const WRITE: &str = "disk-write";
    if call.kind != "parse" || kinds.contains(&"parse") {
        return None;
    }
    let site = cx.model.site(call.site);
    let asked = |kind: &&str| kinds.contains(kind);
    let access = if site.args.iter().any(|arg| is_file(cx.model, arg.ty.as_ref())) {
        if site.name.starts_with("write") { WRITE } else { READ }
    } else if site.args.iter().any(|arg| streams(cx, arg.ty.as_ref())) {
        [READ, WRITE].into_iter().filter(asked).find(|access| opens_around(cx, site.function, access))?
    } else {
        return None;
    };
    let kind = cx.model.catalog.kind(Name::new(access)).filter(|_| asked(&access))?;
    Some(BlockingCall {
        kind: Name::new(access),
        does: kind.does,
        instead: kind.instead,
        cost: Cost::Slow,
        certainty: Confidence::High,
        ..call.clone()
    })
}

/// Is a file opened, at little cost, for this kind of access in the function or what is around it?
fn opens_around(cx: &Context<'_>, function: FnId, access: &str) -> bool {
    let opens = |id: &SiteId| {
        let cheap = |call: &BlockingCall| call.kind == access && call.cost == Cost::Minor;
        let site = cx.model.site(*id);
        cx.flow.blocking_at(*id).is_some_and(cheap)
            && streams(cx, site.result.as_ref())
            && !in_memory(cx, site)
    };
    let functions = std::iter::successors(Some(function), |id| cx.model.parent_function(*id));
    functions.into_iter().any(|id| cx.model.sites_of[id.index()].iter().any(opens))
}

/// Reads and writes of what another call opened: their cost is their producer's.
const READERS: [&str; 19] = [
    "InputStream",
    "OutputStream",
    "Reader",
    "Writer",
    "BufferedReader",
    "BufferedWriter",
    "PrintWriter",
    "DataInputStream",
    "DataOutputStream",
    "ObjectInputStream",
    "ObjectOutputStream",
    "FilterInputStream",
    "Scanner",
    "BufferedSource",
    "BufferedSink",
    "ZipInputStream",
    "ZipOutputStream",
    "Cursor",
    "FileChannel",
];

pub(super) fn is_reader(cx: &Context<'_>, call: &BlockingCall) -> bool {
    let named = call.api.split_once('.').is_some_and(|(class, _)| READERS.contains(&class));
    // `stream.readBytes()` of Kotlin.
    named || streams(cx, cx.model.site(call.site).receiver_type.as_ref())
}

/// Does the function around (lambdas run in place included) get a stream or cursor from a call that is reported
/// itself, or from one that may be? What opens a file costs a single call and is not: reading from it is the work.
pub(super) fn has_producer(cx: &Context<'_>, function: FnId) -> bool {
    let mut around = Some(function);
    while let Some(id) = around {
        if cx.model.sites_of[id.index()].iter().any(|site| produces(cx, *site, 3)) {
            return true;
        }
        around = cx.model.parent_function(id);
    }
    false
}

/// Is a reader, or what it wraps, a parameter of a lambda that a project function calls with a stream over memory, or
/// with one that it is reported for?
pub(super) fn is_given(cx: &Context<'_>, site: &CallSite) -> bool {
    site.receiver.is_some_and(|reader| comes_given(cx, site.function, reader, 8))
}

fn comes_given(cx: &Context<'_>, function: FnId, value: ExprId, depth: u8) -> bool {
    let model = cx.model;
    let Some(depth) = depth.checked_sub(1) else { return false };
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    match &facts[value].kind {
        ExprKind::NotNull(inner) | ExprKind::Cast { value: inner, .. } => {
            comes_given(cx, function, *inner, depth)
        }
        ExprKind::Name(name) => match model.declared(function, facts[value].span, *name) {
            Declared::Local { function, local, .. } => {
                local.init.is_some_and(|init| comes_given(cx, function, init, depth))
            }
            Declared::Outside if *name != "it" => false,
            // A parameter.
            _ => match model.taker(function).filter(|_| model.is_lambda(function)).map(|it| model.site(it.0))
            {
                Some(taker) => match taker.declared {
                    Some(declared) => model.sites_of[declared.index()].iter().any(|site| {
                        let made = model.site(*site);
                        produces(cx, *site, 3) || streams(cx, made.result.as_ref()) && in_memory(cx, made)
                    }),
                    None => {
                        let receiver = taker.receiver;
                        receiver.is_some_and(|value| comes_given(cx, taker.function, value, depth))
                    }
                },
                None => false,
            },
        },
        ExprKind::Call(_) => model.site_at(file, value).is_some_and(|id| {
            let site = model.site(id);
            let receiver = site.receiver.zip(site.receiver_type.as_ref());
            let mut args =
                site.args.iter().filter_map(|arg| Some((arg.value, arg.ty.as_ref()?))).chain(receiver);
            args.any(|(value, ty)| streams(cx, Some(ty)) && comes_given(cx, function, value, depth))
        }),
        _ => false,
    }
}

fn streams(cx: &Context<'_>, ty: Option<&Type>) -> bool {
    is_stream(cx.model, ty)
}

fn produces(cx: &Context<'_>, id: SiteId, depth: u32) -> bool {
    let site = cx.model.site(id);
    let streams = |ty| streams(cx, ty);
    if !streams(site.result.as_ref()) || in_memory(cx, site) {
        return false;
    }
    // `BufferedInputStream(file)`, `stream.reader()` and `writer.append(text)` go on with what another call opened.
    if streams(site.receiver_type.as_ref()) {
        return false;
    }
    if let Some(call) = cx.flow.blocking_at(id) {
        return call.cost != Cost::Minor;
    }
    if site.args.iter().any(|arg| streams(arg.ty.as_ref())) || kind_of_connection(cx.model, site).is_some() {
        return false;
    }
    // `FileOutputStream(descriptor)` opens nothing.
    if site.kind == SiteKind::Create && site.declared.is_none() {
        return false;
    }
    // What the project's own functions open may be as cheap.
    match site.declared {
        Some(declared) if depth > 0 => {
            cx.model.sites_of[declared.index()].iter().any(|site| produces(cx, *site, depth - 1))
        }
        _ => true,
    }
}

fn in_memory(cx: &Context<'_>, site: &CallSite) -> bool {
    let class = site.result.as_ref().and_then(Type::upper).map(|ty| ty.class);
    class.is_some_and(|class| cx.model.catalog.in_memory_type(class))
        || site.api.is_some_and(|api| cx.model.catalog.in_memory_result(api.class, api.member))
}
