//! `RxWorker.setProgress`, whose Single says nothing.

use crate::facts::ExprKind;
use crate::findings::{Edit, Fix, Safety};
use crate::rules::accumulator::Draft;
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
        let edit = Edit {
            place: Place { file: site.file, span: site.name_span },
            text: "setCompletableProgress".to_owned(),
        };
        report(acc, site.point(), cx.model.symbol(site.function)).fix(Fix {
            title: "call setCompletableProgress instead".to_owned(),
            // The result is a Completable, which other code may have to learn.
            safety: if site.used { Safety::Unsafe } else { Safety::Safe },
            edits: vec![edit],
        });
    }
    // `flatMap(this::setProgress)`
    for (file, entry) in cx.model.project.files() {
        let Some(facts) = &entry.facts else { continue };
        for expr in &facts.exprs {
            let ExprKind::FunctionRef { receiver, name } = &expr.kind else { continue };
            let own =
                receiver.is_none_or(|it| matches!(facts[it].kind, ExprKind::This(_) | ExprKind::Super(_)));
            let place = Place { file, span: expr.span };
            if *name != "setProgress" || !own {
                continue;
            }
            let Some(function) = cx.model.function_at(place) else { continue };
            let mut owner = cx.model.owner_of(cx.model.root_function(function));
            while let Some(id) = owner {
                let info = cx.model.symbols.info(id);
                if cx.model.inherits(info.qualified, "androidx.work.RxWorker") {
                    report(acc, place, cx.model.symbol(function));
                    break;
                }
                owner = info.owner;
            }
        }
    }
}

fn report<'f>(acc: &'f mut Findings<'_>, place: Place, symbol: String) -> Draft<'f> {
    acc.report(place)
        .message("RxWorker.setProgress returns a Single<Void>, which never emits")
        .label("use setCompletableProgress")
        .help("use setCompletableProgress(), which returns a Completable")
        .symbol(symbol)
        .key("setProgress")
}
