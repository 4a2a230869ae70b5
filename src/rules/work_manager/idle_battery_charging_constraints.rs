//! Work that waits for an idle device that is charging.

use rustc_hash::FxHashSet;

use super::expedited_work_constraints::pointed;
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
        let (first, last) = if idle.call.span.end > charging.call.span.end {
            (charging.call, idle.call)
        } else {
            (idle.call, charging.call)
        };
        let place = pointed(cx, last);
        if seen.insert(place) {
            let other = Some(pointed(cx, first)).filter(|other| *other != place);
            report(cx, acc, cx.model.site(id).function, place, other);
        }
    }
    // `Constraints(requiresCharging = true, requiresDeviceIdle = true)`.
    for (_, site) in cx.model.all_sites() {
        let made =
            site.api.is_some_and(|api| api.class == "androidx.work.Constraints" && api.member == "<init>");
        let asks = |position, name| {
            site.arg(position, Some(name)).and_then(|arg| arg.constant()) == Some(Const::Bool(true))
        };
        let both = made && asks(1, "requiresCharging") && asks(2, "requiresDeviceIdle");
        if both && seen.insert(site.point()) {
            report(cx, acc, site.function, site.point(), None);
        }
    }
}

fn report(cx: &Context<'_>, acc: &mut Findings<'_>, function: FnId, place: Place, other: Option<Place>) {
    let symbol = cx.model.symbol(function);
    acc.report(place)
        .message("the work waits for an idle device that is charging: some devices are hardly ever both")
        .label("idle and charging together")
        .help("ask for setRequiresCharging(true) alone, or for idle alone where the work must not disturb")
        .symbol(symbol.clone())
        .key("Constraints idle charging")
        .steps(other.map(|place| Step {
            role: StepRole::Cause,
            place,
            message: "the other half".to_owned(),
            symbol,
        }));
}
