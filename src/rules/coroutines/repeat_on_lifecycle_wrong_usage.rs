//! `repeatOnLifecycle` started each time the screen is shown.

use rustc_hash::FxHashSet;

use crate::base::Name;
use crate::flow::background::Forward;
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "coroutines",
    doc: include_str!("../../../rules/coroutines/RepeatOnLifecycleWrongUsage.md"),
    check,
};

const OWNERS: [&str; 2] = ["androidx.fragment.app.Fragment", "androidx.activity.ComponentActivity"];
/// Calls followed.
const LIMIT: u32 = 16;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let any = cx.model.all_sites().any(|(_, site)| super::is_repeat_on_lifecycle(site));
    if !any {
        return;
    }
    let callbacks = ["onStart", "onResume"].map(Name::new);
    let mut seen = FxHashSet::default();
    for at in 0..cx.model.symbols.types.len() {
        let info = cx.model.symbols.info(TypeId::new(at));
        if !OWNERS.iter().any(|owner| cx.model.inherits(info.qualified, owner)) {
            continue;
        }
        for start in callbacks.iter().filter_map(|name| info.methods.get(name)).flatten() {
            let decl = cx.model.function(*start);
            if !decl.params.is_empty() || decl.receiver.is_some() {
                continue;
            }
            let forward = Forward::new(&cx.flow.graph, &[*start], LIMIT);
            for function in forward.functions() {
                for id in &cx.model.sites_of[function.index()] {
                    let site = cx.model.site(*id);
                    if super::is_repeat_on_lifecycle(site) && seen.insert(*id) {
                        report(cx, acc, site, *start, &forward.calls(*function));
                    }
                }
            }
        }
    }
}

fn report(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite, start: FnId, calls: &[(SiteId, FnId)]) {
    let callback = cx.model.display(start);
    acc.report(site.point())
        .message(format!(
            "repeatOnLifecycle from {callback}: each time the screen is shown one more block starts to repeat"
        ))
        .label("starts again and again")
        .help("call it once: from onCreate() of an activity, onViewCreated() of a fragment (on viewLifecycleOwner)")
        .symbol(cx.model.symbol(site.function))
        .key(cx.model.display(start))
        .steps(super::call_steps(cx, start, calls));
}
