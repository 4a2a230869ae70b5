//! `commit()` of SharedPreferences whose result nobody uses.

use crate::findings::Fix;
use crate::rules::fixes::{arg_place, replace};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/ApplySharedPref.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (id, site) in cx.model.sites_of_members(&["commit", "edit"]) {
        let Some(api) = site.api else { continue };
        let editor = api.member == "commit"
            && cx.model.inherits(api.class, "android.content.SharedPreferences.Editor");
        // androidx: `prefs.edit(commit = true) { }`.
        let ktx = api.member == "edit"
            && api.class == "androidx.core.content.SharedPreferencesKt"
            && site.args.first().is_some_and(|arg| arg.constant() == Some(Const::Bool(true)));
        if !(ktx || (editor && !site.used)) {
            continue;
        }
        let path = cx.flow.main.path_to(cx.model, &cx.flow.guards, id);
        if path.is_none() && cx.flow.worker.contains(site.function) {
            continue;
        }
        let steps = path.map(|path| path.steps(cx.model)).unwrap_or_default();
        let draft = acc
            .report(site.point())
            .message("commit() writes preferences to disk on the calling thread and its result is not used")
            .label("writes to disk before it returns")
            .help("use apply(): it changes the values at once and writes to disk in the background")
            .symbol(cx.model.symbol(site.function))
            .key("SharedPreferences.Editor.commit")
            .steps(steps);
        if let Some(fix) = applied(cx, site, ktx) {
            draft.fix(fix);
        }
    }
}

/// `apply()`, `edit(commit = false)`.
fn applied(cx: &Context<'_>, site: &CallSite, ktx: bool) -> Option<Fix> {
    if ktx {
        return Some(replace("write in the background", arg_place(cx.model, site, 0)?, "false"));
    }
    Some(replace("use apply()", Place { file: site.file, span: site.name_span }, "apply"))
}
