//! `scheduleAtFixedRate`, whose missed runs come all at once.

use crate::findings::{Edit, Fix, Safety};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "persistence", doc: include_str!("../../../rules/persistence/DiscouragedApi.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let Some(api) = site.api.filter(|api| api.member == "scheduleAtFixedRate") else { continue };
        let is = |class: &str| cx.model.inherits(api.class, class);
        // Kotlin's extension of the same name is filed under its facade.
        let timer = is("java.util.Timer") || api.class.starts_with("kotlin.concurrent.");
        let instead = match timer {
            true => "schedule",
            false if is("java.util.concurrent.ScheduledExecutorService") => "scheduleWithFixedDelay",
            false => continue,
        };
        acc.report(site.point())
            .message("scheduleAtFixedRate makes up for missed runs: after the process was cached they all come at once")
            .label("missed runs pile up")
            .help(format!(
                "use {instead}(), which keeps the distance between runs; for work every 15 minutes or more use a \
                 PeriodicWorkRequest"
            ))
            .symbol(cx.model.symbol(site.function))
            .key("scheduleAtFixedRate")
            .fix(Fix {
                title: format!("call {instead} instead"),
                safety: Safety::Unsafe,
                edits: vec![Edit { place: Place { file: site.file, span: site.name_span }, text: instead.to_owned() }],
            });
    }
}
