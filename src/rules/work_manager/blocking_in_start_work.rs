//! Blocking work in callbacks of workers and jobs that run on the main thread.

use crate::catalog::Cost;
use crate::rules::prelude::*;
use crate::rules::shared::{report_path, starts_work};

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/BlockingInStartWork.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for call in &cx.flow.blocking {
        let site = cx.model.site(call.site);
        if call.cost == Cost::Minor && call.kind != "preferences" {
            continue;
        }
        let Some(path) = cx.flow.main.path_to(cx.model, &cx.flow.guards, call.site) else { continue };
        if !starts_work(cx, &path.entry) || cx.flow.guards.is_done(site.function, site.span) {
            continue;
        }
        report_path(cx, acc, call, &path, Confidence::High);
    }
}
