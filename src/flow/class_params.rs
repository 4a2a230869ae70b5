//! Components that callers name for a helper, by class or by Intent: `start(context, PlayerService::class.java)` of
//! `fun start(context: Context, service: Class<out Service>)`, `context.startFgs<PlayerService>()`.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind};
use crate::model::objects::Origin;
use crate::model::{FnId, IntentValue, Model, ObjectValue, PendingKind, SiteId};

use super::graph::{Edge, Graph, Run};
use super::guards::Sent;
use super::uses::parameter;

/// Helpers of helpers that hand a class on.
const MAX_HELPERS: usize = 4;
/// Callers of one helper that are followed, so that helpers of helpers do not explode.
const MAX_CALLERS: usize = 24;

/// A class of the project, with the calls that hand it on, outermost first.
pub type Named = (Name, Vec<SiteId>);

/// The classes that an Intent made in the function (or a lambda of it) may name by a parameter of that function.
pub fn classes_given(model: &Model, graph: &Graph, function: FnId, intent: &ObjectValue) -> Vec<Named> {
    let set = intent.calls.iter().rev().filter(|call| call.member == "setClass");
    let mut found = Vec::new();
    for call in set.chain(&intent.made) {
        let Some(made) = model.site_at(call.file, call.expr).map(|id| model.site(id).function) else {
            continue;
        };
        if model.root_function(made) != model.root_function(function) {
            continue;
        }
        for arg in &call.args {
            given(model, graph, made, arg.value, &[], &mut found);
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

fn given(
    model: &Model,
    graph: &Graph,
    function: FnId,
    value: ExprId,
    helpers: &[SiteId],
    found: &mut Vec<Named>,
) {
    let root = model.root_function(function);
    let facts = model.facts(model.symbols.fn_file(function));
    let decl = model.function(root);
    let (position, reified) = match &facts[value].kind {
        // `service.java` of a KClass.
        ExprKind::Member { receiver, name, .. } if name.starts_with("java") => {
            return given(model, graph, function, *receiver, helpers, found);
        }
        ExprKind::Name(_) => (parameter(model, root, value), None),
        ExprKind::ClassLiteral(ty) => (None, decl.type_params.iter().position(|it| it.name == ty.name)),
        _ => return,
    };
    if position.is_none() && reified.is_none() || helpers.len() >= MAX_HELPERS {
        return;
    }
    for edge in callers(graph, root).filter(|edge| !helpers.contains(&edge.site)) {
        let caller = model.site(edge.site);
        let mut around = vec![edge.site];
        around.extend_from_slice(helpers);
        let (named, value) = match (position, reified) {
            (Some(at), _) => {
                let arg = i32::try_from(at).ok().and_then(|it| caller.arg(it, Some(&decl.params[at].name)));
                (arg.and_then(|arg| arg.class_literal()), arg.map(|arg| arg.value))
            }
            (None, Some(at)) => {
                let ExprKind::Call(call) = &model.facts(caller.file)[caller.expr].kind else { continue };
                let ty = call.type_args.get(at);
                (ty.map(|ty| model.resolve_type(model.scope_of(caller.function), ty).class), None)
            }
            (None, None) => continue,
        };
        match (named.filter(|class| model.symbols.type_named(*class).is_some()), value) {
            (Some(class), _) => found.push((class, around)),
            (None, Some(value)) => given(model, graph, caller.function, value, &around, found),
            (None, None) => {}
        }
    }
}

/// What a PendingIntent or Intent in the function names, or what callers name that hand it over: `arm(at, pendingIntent)`;
/// with what it says.
pub fn intents_given(
    model: &Model,
    graph: &Graph,
    function: FnId,
    object: &ObjectValue,
) -> Vec<(IntentValue, Sent)> {
    let mut found = Vec::new();
    follow(model, graph, function, object, None, &mut Vec::new(), &mut found);
    found
}

fn follow(
    model: &Model,
    graph: &Graph,
    function: FnId,
    object: &ObjectValue,
    kind: Option<PendingKind>,
    helpers: &mut Vec<SiteId>,
    found: &mut Vec<(IntentValue, Sent)>,
) {
    let Some(value) = IntentValue::of(object) else { return };
    let pending = kind.or(value.pending);
    let before = found.len();
    if value.pending.is_some() {
        let inner = object.made.iter().flat_map(|made| &made.args).filter_map(|arg| arg.object());
        for intent in inner.filter(|it| it.class == "android.content.Intent") {
            follow(model, graph, function, intent, pending, helpers, found);
        }
    } else {
        let classes = classes_given(model, graph, function, object).into_iter();
        found.extend(classes.map(|(class, _)| {
            let value = IntentValue { component: Some(class), pending, ..value.clone() };
            (value, Sent::of(model, object))
        }));
    }
    if found.len() > before {
        return;
    }
    let unnamed = value.component.is_none() && value.action.is_none();
    if let Origin::Param(of, index) = object.origin
        && unnamed
        && helpers.len() < MAX_HELPERS
        && let Some(param) = model.function(of).params.get(usize::from(index))
    {
        for edge in callers(graph, of) {
            let caller = model.site(edge.site);
            let arg = caller.arg(i32::from(index), Some(&param.name));
            if let Some(given) = arg.and_then(|arg| arg.object()).filter(|_| !helpers.contains(&edge.site)) {
                helpers.push(edge.site);
                follow(model, graph, caller.function, given, pending, helpers, found);
                helpers.pop();
            }
        }
    } else if !unnamed {
        found.push((IntentValue { pending, ..value }, Sent::of(model, object)));
    }
}

/// The calls that run a function in place, as many as are followed.
fn callers(graph: &Graph, function: FnId) -> impl Iterator<Item = &Edge> {
    graph.to(function).filter(|edge| edge.run == Run::Here).take(MAX_CALLERS)
}
