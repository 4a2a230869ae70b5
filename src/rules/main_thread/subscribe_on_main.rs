//! Rx sources that are subscribed to on the main thread.

use crate::model::{Thread, ThreadTarget};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "main-thread", doc: include_str!("../../../rules/main-thread/SubscribeOnMain.md"), check };

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let subscribes = site.name == "subscribeOn"
            && site
                .api
                .is_some_and(|api| api.class.starts_with("io.reactivex.") || api.class.starts_with("rx."));
        let Some(scheduler) = site.args.first().filter(|_| subscribes) else { continue };
        let on_main = scheduler
            .thread()
            .is_some_and(|thread| thread.target == ThreadTarget::On(Thread::Main) && !thread.likely);
        if !on_main {
            continue;
        }
        acc.report(site.point())
            .message("subscribeOn(main thread) makes the source do its work on the main thread")
            .label("the source runs on main")
            .help("use observeOn() to get the results on the main thread, and subscribeOn(Schedulers.io()) for the source")
            .symbol(cx.model.symbol(site.function))
            .key("subscribeOn");
    }
}
