//! Calls that make PendingIntents, and their flags.

use crate::base::Name;
use crate::flow::flags::{Flags, flags_of, flags_since};
use crate::model::ArgValue;
use crate::rules::prelude::*;

/// Bits as numbers. Source: android.app.PendingIntent.
const BITS: [(i64, &str); 6] = [
    (1 << 30, "FLAG_ONE_SHOT"),
    (1 << 29, "FLAG_NO_CREATE"),
    (1 << 28, "FLAG_CANCEL_CURRENT"),
    (1 << 27, "FLAG_UPDATE_CURRENT"),
    (1 << 26, "FLAG_IMMUTABLE"),
    (1 << 25, "FLAG_MUTABLE"),
];

/// `PendingIntent.getActivity` and its like, with the position of the flags.
pub(super) fn pending_intents<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = (&'c CallSite, usize)> {
    let get = ["getActivity", "getActivities", "getBroadcast", "getService", "getForegroundService"];
    cx.model.sites_of_members(&get).filter_map(|(_, site)| {
        let made = site.api.is_some_and(|api| api.class == "android.app.PendingIntent");
        (made && site.args.len() >= 4).then_some((site, 3))
    })
}

/// What the flags argument may hold.
pub(super) fn flags(cx: &Context<'_>, site: &CallSite, position: usize) -> Flags {
    match argument(site, position) {
        Some(arg) => flags_of(cx.model, site.function, arg.value, &BITS),
        None => Flags { unknown: true, ..Flags::default() },
    }
}

/// The same on devices from an API level on.
pub(super) fn flags_from(cx: &Context<'_>, site: &CallSite, position: usize, level: u32) -> Flags {
    match argument(site, position) {
        Some(arg) => flags_since(cx.model, &cx.flow.guards, site.function, arg.value, &BITS, level),
        None => Flags { unknown: true, ..Flags::default() },
    }
}

fn argument(site: &CallSite, position: usize) -> Option<&ArgValue> {
    let named = site.args.iter().find(|arg| arg.name.is_some_and(|name| name == "flags"));
    named.or_else(|| site.args.get(position))
}

/// The `PendingIntent.` constant with its class, for messages.
pub(super) fn constant(name: Name) -> String {
    format!("PendingIntent.{name}")
}
