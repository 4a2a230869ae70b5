//! `acquire()` without a limit.

use crate::findings::Edit;
use crate::rules::fixes::fix_unsafely;
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "power", doc: include_str!("../../../rules/power/WakelockTimeout.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        if !super::on_wake_lock(cx, site, "acquire") || !site.args.is_empty() {
            continue;
        }
        let end = site.span.end.saturating_sub(1);
        let place = Place { file: site.file, span: crate::base::Span { start: end, end } };
        let edit = Edit { place, text: "10 * 60 * 1000L /* 10 minutes */".to_owned() };
        acc.report(site.point())
            .message("acquire() without a timeout: if release() is missed the device stays awake until the battery is empty")
            .label("no limit")
            .help("pass the longest time that the work may take: acquire(10 * 60 * 1000L)")
            .symbol(cx.model.symbol(site.function))
            .key("WakeLock.acquire")
            .fix(fix_unsafely("limit it to ten minutes", vec![edit]));
    }
}
