//! Receivers declared for broadcasts that the system no longer delivers to manifests.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::model::broadcasts::{action_of, is_withheld};
use crate::rules::manifests::declared;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "receivers",
    doc: include_str!("../../../rules/receivers/ImplicitBroadcastReceiver.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut registered: Option<FxHashSet<Name>> = None;
    for component in declared(cx) {
        let module = component.module;
        let receives = component.decl.kind == ComponentKind::Receiver && module.target_sdk.level >= 26;
        // A resource or a variant may switch it on for old devices only.
        if !receives || component.merged.is_none_or(|merged| merged.enabled != Some(true)) {
            continue;
        }
        for action in component.decl.filters.iter().flat_map(|filter| &filter.actions) {
            if !is_withheld(&action.text) {
                continue;
            }
            // The old way for old devices, beside a registration in code for the others.
            let registered = registered.get_or_insert_with(|| actions_of_filters(cx));
            if module.min_sdk.level < 26 && registered.contains(&action.text) {
                continue;
            }
            let class = component.merged.and_then(|merged| merged.class).unwrap_or(component.decl.name.text);
            acc.report(Place { file: component.file, span: action.span })
                .message(format!(
                    "{} never gets {}: since Android 8 implicit broadcasts are not delivered to receivers of the manifest",
                    class.last(),
                    action.text.last()
                ))
                .label("not delivered")
                .help(
                    "give WorkManager a constraint (network, charging, storage) instead, or register the receiver in code while \
                     the app needs it",
                )
                .symbol(format!("receiver {class}"))
                .key(action.text.as_str());
        }
    }
}

/// Actions that filters made in code have.
fn actions_of_filters(cx: &Context<'_>) -> FxHashSet<Name> {
    let on_filter = |site: &&CallSite| {
        matches!(site.name.as_str(), "addAction" | "IntentFilter")
            && site.api.is_some_and(|api| api.class == "android.content.IntentFilter")
    };
    let sites = cx.model.all_sites().map(|(_, site)| site).filter(on_filter);
    sites.filter_map(|site| action_of(site.args.first()?)).collect()
}
