//! `startForeground` with the id 0.

use rustc_hash::FxHashSet;

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/NotificationId0.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (id, site) in cx.model.all_sites() {
        if site.name != "startForeground" || !crate::flow::services::is_start_foreground(cx.model, site) {
            continue;
        }
        let compat = site.api.is_some_and(|api| api.class == "androidx.core.app.ServiceCompat");
        let given = site.arg(i32::from(compat), Some("id")).and_then(|arg| arg.constant());
        if given != Some(Const::Int(0)) || !seen.insert(id) {
            continue;
        }
        acc.report(site.point())
            .message("the notification of a foreground service must not have the id 0: the service does not go to the foreground")
            .label("id 0")
            .help("take another constant, the same for every call")
            .symbol(cx.model.symbol(site.function))
            .key("id 0");
    }
}
