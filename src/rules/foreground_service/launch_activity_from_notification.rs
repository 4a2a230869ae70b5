//! A tap on a notification that opens no screen.

use rustc_hash::FxHashSet;

use super::notifications::{Screens, given};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/LaunchActivityFromNotification.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let screens = Screens::new(cx);
    let mut seen = FxHashSet::default();
    for given in given(cx) {
        let site = cx.model.site(given.site);
        // Buttons may do their work in the background.
        if !matches!(site.name.as_str(), "setContentIntent" | "setFullScreenIntent" | "contentIntent")
            || screens.target(cx, &given).is_some()
        {
            continue;
        }
        let Some(component) = given.intent.component.filter(|it| seen.insert((given.site, *it))) else {
            continue;
        };
        acc.report(site.point())
            .message(format!(
                "a tap on this notification starts {}, no screen: the user sees nothing happen at once",
                component.last()
            ))
            .label("starts no activity")
            .help("open a screen with PendingIntent.getActivity(), and leave work in the background to the notification's actions")
            .symbol(cx.model.symbol(site.function))
            .key(format!("{} {}", site.name, component.last()));
    }
}
