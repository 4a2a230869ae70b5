//! What a stream reads from or writes to: a file, unless the call that gave it belongs to a connection.

use crate::base::Name;
use crate::catalog::{TableSet, WrapperArg};
use crate::facts::{ExprId, ExprKind};
use crate::model::{CallSite, Declared, FnId, Model, Type};

/// Wrappers and locals, one inside the other, that are followed.
const DEPTH: u8 = 6;

/// Classes that read or write step by step.
const STREAMS: [&str; 9] = [
    "java.io.InputStream",
    "java.io.OutputStream",
    "java.io.Reader",
    "java.io.Writer",
    "java.nio.channels.Channel",
    "okio.Source",
    "okio.Sink",
    "android.database.Cursor",
    "java.util.Scanner",
];

const FILES: [&str; 2] = ["java.io.File", "java.nio.file.Path"];

/// Does a value of this type read or write step by step?
pub fn is_stream(model: &Model, ty: Option<&Type>) -> bool {
    let class = ty.and_then(Type::upper).map(|ty| ty.class);
    class.is_some_and(|class| STREAMS.iter().any(|stream| model.inherits(class, stream)))
}

/// Does a value of this type name a file?
pub fn is_file(model: &Model, ty: Option<&Type>) -> bool {
    let class = ty.and_then(Type::upper).map(|ty| ty.class);
    class.is_some_and(|class| FILES.iter().any(|file| model.inherits(class, file)))
}

/// The kind of blocking of the connection whose stream a call is made on: `network` for a socket's.
pub(super) fn kind_of_stream(model: &Model, site: &CallSite) -> Option<Name> {
    origin(model, site.function, site.receiver?, 0)
}

/// The kind of blocking of the connection that gives this stream: `socket.getInputStream()`.
pub fn kind_of_connection(model: &Model, site: &CallSite) -> Option<Name> {
    if !matches!(site.name.as_str(), "getInputStream" | "getOutputStream" | "inputStream" | "outputStream") {
        return None;
    }
    let class = site.receiver_type.as_ref()?.upper()?.class;
    // Whatever connects is a connection.
    ["connect", "waitFor"].into_iter().find_map(|member| {
        let member = Name::new(member);
        model.nearest_in(TableSet::BLOCKING, class, member, |class| {
            model.catalog.blocking(class, member).first().map(|entry| entry.kind)
        })
    })
}

fn origin(model: &Model, function: FnId, value: ExprId, depth: u8) -> Option<Name> {
    if depth > DEPTH {
        return None;
    }
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    if let ExprKind::Name(name) = facts[value].kind {
        return match model.declared(function, facts[value].span, name) {
            Declared::Local { function, local, .. } => origin(model, function, local.init?, depth + 1),
            Declared::Other | Declared::Outside => None,
        };
    }
    if let ExprKind::NotNull(inner) = facts[value].kind {
        return origin(model, function, inner, depth + 1);
    }
    let site = model.site(model.site_at(file, value)?);
    kind_of_connection(model, site).or_else(|| {
        let api = site.api?;
        let wrapped = match model.catalog.wrapper(api.class, api.member)? {
            WrapperArg::Index(index) => site.args.get(usize::from(index))?.value,
            WrapperArg::Receiver => site.receiver?,
        };
        origin(model, function, wrapped, depth + 1)
    })
}
