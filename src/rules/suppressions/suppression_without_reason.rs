//! Suppressions of worklint's rules that do not say why.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "suppressions",
    doc: include_str!("../../../rules/suppressions/SuppressionWithoutReason.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for place in acc.suppressions.without_reason() {
        let text = cx.model.project.slice(place);
        let comment = !text.starts_with('@');
        acc.report(place)
            .message("this suppression does not say why it is right")
            .label("no reason")
            .help(if comment {
                "write the reason after the ids: `//noinspection Id because …`"
            } else {
                "write the reason into a comment on the line of the annotation: `@SuppressLint(\"Id\") // because …`"
            })
            .symbol(cx.model.function_at(place).map(|it| cx.model.symbol(it)).unwrap_or_default())
            .key(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}
