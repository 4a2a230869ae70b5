//! Waiting for other threads on the main thread.

use crate::rules::prelude::*;
use crate::rules::shared::blocking_on_main;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/WaitOnMainThread.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    blocking_on_main(cx, acc, &["sleep", "wait", "device"], false);
}
