//! Database queries on the main thread.

use crate::rules::prelude::*;
use crate::rules::shared::blocking_on_main;

pub(super) static RULE: Rule = Rule {
    group: "main-thread",
    doc: include_str!("../../../rules/main-thread/DatabaseOnMainThread.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    blocking_on_main(cx, acc, &["database"], false);
    allowed(cx, acc);
}

/// A database that is told to let such queries pass: its guard against them is off for all of the app.
fn allowed(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let allows = site.api.is_some_and(|api| {
            api.member == "allowMainThreadQueries"
                && cx.model.inherits(api.class, "androidx.room.RoomDatabase.Builder")
        });
        if allows {
            acc.report(site.point())
                .message("Room is told to accept queries on the main thread, so nothing stops the ones that freeze it")
                .label("switches Room's check off")
                .help("leave allowMainThreadQueries() out and make DAO functions suspend, or run them on an executor")
                .symbol(cx.model.symbol(site.function))
                .key("allowMainThreadQueries")
                .confidence(Confidence::Medium);
        }
    }
}
