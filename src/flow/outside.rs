//! What calls come to in the world outside, whatever they cost their thread: what the user notices, what reaches the network.

use crate::base::Name;
use crate::catalog::{EffectKind, TableSet};
use crate::model::{CallSite, Model, SiteKind, Type};

use super::path::call_name;

const WIDGETS: &str = "android.appwidget.AppWidgetProvider";
const NETWORK: &str = "network";

/// Does the user see, hear or feel it?
pub fn is_seen(model: &Model, site: &CallSite) -> bool {
    effect(model, site) == Some(EffectKind::Seen) || redraws_widget(model, site)
}

/// A call that reaches the network without holding its thread, with its name.
pub fn network_later(model: &Model, site: &CallSite) -> Option<String> {
    let reaches = effect(model, site) == Some(EffectKind::Network) || is_generated_request(model, site);
    reaches.then(|| call_name(model, site))
}

fn effect(model: &Model, site: &CallSite) -> Option<EffectKind> {
    let api = site.api.filter(|_| site.kind != SiteKind::Read)?;
    let entry = model.nearest_in(TableSet::EFFECTS, api.class, api.member, |class| {
        model.catalog.effects(class, api.member).first().copied()
    })?;
    let receiver = site.receiver_type.as_ref().and_then(Type::upper).filter(|ty| !ty.is_unresolved());
    let fits = match (entry.extension_on, receiver) {
        (Some(on), Some(ty)) => on == "*" || model.inherits(ty.class, &on),
        _ => true,
    };
    fits.then_some(entry.is)
}

/// A broadcast that has the app's own widgets drawn again.
fn redraws_widget(model: &Model, site: &CallSite) -> bool {
    let sends = site.api.is_some_and(|api| api.member.starts_with("sendBroadcast"));
    let intent = site.args.iter().find_map(|arg| arg.intent()).filter(|_| sends);
    intent.is_some_and(|it| {
        it.component.is_some_and(|class| model.inherits(class, WIDGETS))
            || it.action.is_some_and(|action| action.ends_with("APPWIDGET_UPDATE"))
    })
}

/// A member of an interface whose body a library generates as a request (Retrofit). One that gives a `Call` only
/// describes it.
fn is_generated_request(model: &Model, site: &CallSite) -> bool {
    let Some(declared) = site.declared else { return false };
    let decl = model.function(declared);
    if decl.body.is_some() || decl.annotations.is_empty() {
        return false;
    }
    let file = model.symbols.fn_file(declared);
    let request = decl.annotations.iter().any(|annotation| {
        let Some(name) = model.resolve_dotted(file, None, annotation.name) else { return false };
        let entries = model.catalog.generated(name);
        entries.iter().any(|it| it.members_annotated.contains(&name) && it.kind == Some(Name::new(NETWORK)))
    });
    let describes = || {
        let result = decl.result.as_ref().map(|ty| model.resolve_type(model.scope_of(declared), ty));
        result.is_some_and(|ty| model.inherits(ty.class, "retrofit2.Call"))
    };
    request && !describes()
}
