//! `runBlocking` on the main thread.

use crate::rules::prelude::*;
use crate::rules::shared::report_on_main;

pub(super) static RULE: Rule = Rule {
    group: "main-thread",
    doc: include_str!("../../../rules/main-thread/RunBlockingOnMainThread.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for call in &cx.flow.blocking {
        if call.rule.is_some_and(|rule| rule == "RunBlockingOnMainThread") {
            report_on_main(cx, acc, call, Confidence::High);
        }
    }
}
