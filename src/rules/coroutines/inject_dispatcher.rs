//! Dispatchers named where they are used.

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionKind};
use crate::findings::FileId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "coroutines", doc: include_str!("../../../rules/coroutines/InjectDispatcher.md"), check };

const DISPATCHERS: [&str; 3] = ["IO", "Default", "Unconfined"];
const OWNER: &str = "kotlinx.coroutines.Dispatchers";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (file, project) in cx.model.project.files() {
        let Some(facts) = &project.facts else { continue };
        let mut given: Option<Vec<Span>> = None;
        for (at, expr) in facts.exprs.iter().enumerate() {
            let id = ExprId(u32::try_from(at).unwrap_or(u32::MAX));
            let Some(name) = dispatcher(cx, file, facts, id) else { continue };
            let given = given.get_or_insert_with(|| handed_in(facts));
            if given.iter().any(|span| span.contains(expr.span)) {
                continue;
            }
            let place = Place { file, span: expr.span };
            let symbol = cx.model.function_at(place).map(|function| cx.model.symbol(function));
            acc.report(place)
                .message(format!(
                    "Dispatchers.{name} is named where it is used: tests cannot put another one in its place"
                ))
                .label("hard-coded dispatcher")
                .help("take a CoroutineDispatcher as a constructor parameter, with this one as default value")
                .symbol(symbol.unwrap_or_default())
                .key(format!("Dispatchers.{name}"));
        }
    }
}

/// The dispatcher that an expression names: `Dispatchers.IO`, an imported `IO`, Java's `Dispatchers.getIO()`, or one of a
/// project object of that name.
fn dispatcher(cx: &Context<'_>, file: FileId, facts: &FileFacts, id: ExprId) -> Option<&'static str> {
    let listed = |name: &str| DISPATCHERS.iter().find(|it| **it == name).copied();
    match &facts[id].kind {
        ExprKind::Member { receiver, name, .. } => {
            let listed = listed(name)?;
            owns(cx, file, facts, *receiver, *name).then_some(listed)
        }
        ExprKind::Call(call) if call.args.is_empty() => {
            let listed = listed(call.name.strip_prefix("get")?)?;
            owns(cx, file, facts, call.receiver?, Name::new(listed)).then_some(listed)
        }
        ExprKind::Name(name) => {
            let listed = listed(name)?;
            let paths = cx.model.imports[file.0 as usize].named.get(name)?;
            paths.iter().any(|path| path.qualifier() == OWNER).then_some(listed)
        }
        _ => None,
    }
}

/// Is the receiver kotlinx' `Dispatchers`, or an object that has a dispatcher of this name?
fn owns(cx: &Context<'_>, file: FileId, facts: &FileFacts, receiver: ExprId, name: Name) -> bool {
    let written = match &facts[receiver].kind {
        ExprKind::Name(written) => cx.model.resolve_class(file, None, *written),
        ExprKind::Member { name: last, .. } if *last == "Dispatchers" => Some(Name::new(OWNER)),
        _ => None,
    };
    let Some(class) = written else { return false };
    if class == OWNER {
        return true;
    }
    let Some(object) = cx.model.symbols.type_named(class) else { return false };
    let object_like = cx.model.symbols.info(object).kind == crate::facts::TypeKind::Object;
    let property = cx.model.property_named(class, name).filter(|_| object_like);
    property.is_some_and(|property| {
        let ty = &cx.model.property(property).ty;
        ty.as_ref().is_some_and(|ty| ty.name.last() == "CoroutineDispatcher")
    })
}

/// Where naming one is what injection needs: default values of parameters, arguments of `this(…)`, providers.
fn handed_in(facts: &FileFacts) -> Vec<Span> {
    let mut spans = Vec::new();
    for function in &facts.functions {
        spans.extend(
            function.params.iter().filter_map(|param| param.default).map(|default| facts[default].span),
        );
        let provides = ["Provides", "Single", "Factory", "Produces"];
        let provider = function.annotations.iter().any(|it| provides.contains(&it.name.last()));
        if provider && function.kind == FunctionKind::Function {
            spans.push(function.span);
        }
    }
    let delegations = facts.exprs.iter().filter(
        |expr| matches!(&expr.kind, ExprKind::Call(call) if call.name == "this" && call.receiver.is_none()),
    );
    spans.extend(delegations.map(|expr| expr.span));
    spans
}
