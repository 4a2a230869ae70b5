//! File I/O on the main thread. Single system calls (`exists`, `mkdir`) are left out: they are too many and too cheap.

use crate::rules::prelude::*;
use crate::rules::shared::blocking_on_main;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/DiskOnMainThread.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    blocking_on_main(cx, acc, &["disk-read", "disk-write", "archive", "process", "preferences"], false);
}
