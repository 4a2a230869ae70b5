//! Work that waits for an idle device that is charging.

use rustc_hash::FxHashSet;

use crate::flow::requests::{constraint, objects};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/IdleBatteryChargingConstraints.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    let builders = objects(cx.model, "androidx.work.Constraints.Builder");
    for (id, object) in builders.chain(objects(cx.model, "androidx.work.Constraints")) {
        let (Some(idle), Some(charging)) = (constraint(object, "DeviceIdle"), constraint(object, "Charging"))
        else {
            continue;
        };
        if !idle.sure || !charging.sure {
            continue;
        }
        // The later of the two calls completes the pair.
        let (first, last) = if idle.call.expr > charging.call.expr {
            (charging.call, idle.call)
        } else {
            (idle.call, charging.call)
        };
        if !seen.insert(last.place()) {
            continue;
        }
        let symbol = cx.model.symbol(cx.model.site(id).function);
        let mut draft = acc
            .report(last.place())
            .message("the work waits for an idle device that is charging: some devices are hardly ever both")
            .label("idle and charging together")
            .help(
                "ask for setRequiresCharging(true) alone, or for idle alone where the work must not disturb",
            )
            .symbol(symbol.clone())
            .key("Constraints idle charging");
        if first.place() != last.place() {
            draft = draft.steps([Step {
                role: StepRole::Cause,
                place: first.place(),
                message: "the other half".to_owned(),
                symbol,
            }]);
        }
        let _ = draft;
    }
}
