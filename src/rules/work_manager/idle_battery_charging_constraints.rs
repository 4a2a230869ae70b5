//! Work that waits for an idle device that is charging.

use rustc_hash::FxHashSet;

use super::expedited_work_constraints::pointed;
use crate::flow::requests::{Asked, constraint, objects};
use crate::flow::uses::{are_alternatives, conditions_around};
use crate::model::{ObjectCall, ObjectValue};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/IdleBatteryChargingConstraints.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    let builders = objects(cx.model, "androidx.work.Constraints.Builder");
    let all: Vec<(SiteId, &ObjectValue)> =
        builders.chain(objects(cx.model, "androidx.work.Constraints")).collect();
    for (id, object) in &all {
        let (Some(idle), Some(charging)) = (constraint(object, "DeviceIdle"), constraint(object, "Charging"))
        else {
            continue;
        };
        let sure = idle.sure && charging.sure || are_together(cx, &idle, &charging);
        if !sure || all.iter().any(|(_, later)| takes_back(object, later)) {
            continue;
        }
        // The later of the two calls completes the pair.
        let later = object.all_calls().find(|call| is_same(call, idle.call) || is_same(call, charging.call));
        let (first, last) = match later.is_some_and(|call| is_same(call, idle.call)) {
            true => (charging.call, idle.call),
            false => (idle.call, charging.call),
        };
        let place = pointed(cx, last);
        if seen.insert(place) {
            let other = Some(pointed(cx, first)).filter(|other| *other != place);
            report(cx, acc, cx.model.site(*id).function, place, other);
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

fn is_same(one: &ObjectCall, other: &ObjectCall) -> bool {
    one.file == other.file && one.expr == other.expr && one.member == other.member
}

/// Are both asked for under the same conditions?
fn are_together(cx: &Context<'_>, idle: &Asked<'_>, charging: &Asked<'_>) -> bool {
    let set = |call: &ObjectCall| call.args.first().and_then(|arg| arg.constant()) == Some(Const::Bool(true));
    let function =
        |call: &ObjectCall| cx.model.site_at(call.file, call.expr).map(|site| cx.model.site(site).function);
    let (Some(one), Some(other)) = (function(idle.call), function(charging.call)) else { return false };
    one == other
        && set(idle.call)
        && set(charging.call)
        && !are_alternatives(cx.model, one, idle.call.span, charging.call.span)
        && conditions_around(cx.model, one, idle.call.span)
            == conditions_around(cx.model, one, charging.call.span)
}

/// Is a later state of the same builder one that no longer asks for both?
fn takes_back(object: &ObjectValue, later: &ObjectValue) -> bool {
    let count = |object: &ObjectValue| object.all_calls().count();
    if count(later) <= count(object) {
        return false;
    }
    let kept = object.all_calls().all(|call| later.all_calls().any(|it| is_same(it, call)));
    kept && (constraint(later, "DeviceIdle").is_none() || constraint(later, "Charging").is_none())
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
