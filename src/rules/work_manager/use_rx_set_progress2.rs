//! `RxWorker.setProgress`, whose Single says nothing.

use crate::findings::{Edit, Fix, Safety};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/UseRxSetProgress2.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let old = site.api.is_some_and(|api| {
            api.member == "setProgress" && cx.model.inherits(api.class, "androidx.work.RxWorker")
        });
        if !old {
            continue;
        }
        acc.report(site.point())
            .message("RxWorker.setProgress returns a Single<Void>, which never emits")
            .label("use setCompletableProgress")
            .help("use setCompletableProgress(), which returns a Completable")
            .symbol(cx.model.symbol(site.function))
            .key("setProgress")
            .fix(Fix {
                title: "call setCompletableProgress instead".to_owned(),
                // The result is a Completable, which other code may have to learn.
                safety: if site.used { Safety::Unsafe } else { Safety::Safe },
                edits: vec![Edit {
                    place: Place { file: site.file, span: site.name_span },
                    text: "setCompletableProgress".to_owned(),
                }],
            });
    }
}
