//! Workers that run over ten minutes as ordinary work.

use super::workers::{concrete, name_place, work_of};
use crate::flow::background::Forward;
use crate::flow::work::long_running;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/LongRunningWorkerWithoutForeground.md"),
    check,
};

/// Calls followed from the worker's work.
const DEPTH: u32 = 8;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for worker in concrete(cx, "androidx.work.ListenableWorker") {
        let work = work_of(cx, worker);
        let Some(found) = long_running(cx.model, cx.flow, &work) else { continue };
        let forward = Forward::new(&cx.flow.graph, &work, DEPTH);
        let foreground = forward
            .functions()
            .iter()
            .flat_map(|it| &cx.model.sites_of[it.index()])
            .any(|id| matches!(cx.model.site(*id).name.as_str(), "setForeground" | "setForegroundAsync"));
        if foreground {
            continue;
        }
        let name = cx.model.display_type(worker);
        let file = cx.model.symbols.fn_file(found.function);
        acc.report(Place { file, span: found.span })
            .message(format!("{name} {}, but a worker is stopped after ten minutes", found.why))
            .label("longer than a worker may run")
            .help(
                "call setForeground() (Java: setForegroundAsync()) before the long part, or split the work into requests that \
                 each end within ten minutes",
            )
            .symbol(cx.model.symbol(found.function))
            .key(name.as_str())
            .steps([Step {
                role: StepRole::Entry,
                place: name_place(cx, worker),
                message: "WorkManager runs this".to_owned(),
                symbol: cx.model.symbols.info(worker).qualified.to_string(),
            }]);
    }
}
