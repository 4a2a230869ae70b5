//! Tags of wake locks that tell nobody whose they are.

use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "power", doc: include_str!("../../../rules/power/InvalidWakeLockTag.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        if !super::makes_wake_lock(cx, site) {
            continue;
        }
        let Some(Const::Str(tag)) = site.arg(1, Some("tag")).and_then(|arg| arg.constant()) else { continue };
        let (message, help) = if tag.is_empty() {
            (
                "the tag of a wake lock must not be empty".to_owned(),
                "name the app and the purpose: \"MyApp:sync\"",
            )
        } else if tag.starts_with('*') && tag.ends_with('*') {
            (
                format!("the tag {tag} looks like one of the system's: debugging tools hide it among those"),
                "name the app and the purpose: \"MyApp:sync\"",
            )
        } else if !tag.contains(':') {
            (
                format!(
                    "the tag {tag} does not say whose wake lock it is: put the app's name and a colon before it"
                ),
                "use a prefix that is unique to the app: \"MyApp:sync\"",
            )
        } else {
            continue;
        };
        let place = site.arg(1, Some("tag")).map_or(site.point(), |arg| Place {
            file: site.file,
            span: cx.model.facts(site.file)[arg.value].span,
        });
        acc.report(place)
            .message(message)
            .label("whose wake lock is it?")
            .help(help)
            .symbol(cx.model.symbol(site.function))
            .key("newWakeLock tag");
    }
}
