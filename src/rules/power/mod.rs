//! Battery: wake locks and exemptions from saving it.

mod battery_life;
mod invalid_wake_lock_tag;
mod wakelock;
mod wakelock_timeout;

use super::Rule;
use super::prelude::*;

pub(super) static RULES: &[&Rule] =
    &[&battery_life::RULE, &invalid_wake_lock_tag::RULE, &wakelock::RULE, &wakelock_timeout::RULE];

/// A call on a wake lock.
fn on_wake_lock(cx: &Context<'_>, site: &CallSite, member: &str) -> bool {
    site.name == member
        && site.api.is_some_and(|api| cx.model.inherits(api.class, "android.os.PowerManager.WakeLock"))
}

fn makes_wake_lock(cx: &Context<'_>, site: &CallSite) -> bool {
    site.name == "newWakeLock"
        && site.api.is_some_and(|api| cx.model.inherits(api.class, "android.os.PowerManager"))
}
