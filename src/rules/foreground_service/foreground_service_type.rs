//! A service that goes to the foreground, and whose own `<service>` has no foregroundServiceType.

use rustc_hash::FxHashSet;

use super::services::{entries, foreground_services};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/ForegroundServiceType.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for (service, site) in foreground_services(cx) {
        let class = cx.model.symbols.info(service).qualified;
        let call = cx.model.site(site);
        for (module, component) in entries(cx, class) {
            if module.target_sdk.level < 34
                || component.foreground_types.is_some()
                || !seen.insert(call.point())
            {
                continue;
            }
            let name = cx.model.display_type(service);
            let step = Step {
                role: StepRole::Declaration,
                place: component.place,
                message: format!("{name} is declared without foregroundServiceType"),
                symbol: format!("service {class}"),
            };
            acc.report(call.point())
                .message(format!(
                    "{name} goes to the foreground, but its <service> has no foregroundServiceType: \
                     MissingForegroundServiceTypeException from Android 14 on"
                ))
                .label("throws: the manifest gives this service no type")
                .help(
                    "add android:foregroundServiceType with the type that fits and its FOREGROUND_SERVICE_… permission; if \
                     none of the types fits, the work is probably WorkManager's (setForeground())",
                )
                .symbol(cx.model.symbol(call.function))
                .key(class.as_str())
                .steps(vec![step]);
        }
    }
}
