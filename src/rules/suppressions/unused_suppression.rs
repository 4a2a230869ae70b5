//! Ids in suppressions that hide nothing, and those that name nothing.

use crate::findings::RuleMeta;
use crate::findings::suppress::IdleReason;
use crate::rules::prelude::*;

use super::removal::remove;

pub(super) static RULE: Rule = Rule {
    group: "suppressions",
    doc: include_str!("../../../rules/suppressions/UnusedSuppression.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let metas = crate::rules::metas();
    // Of this group's own findings nobody knows yet what is hidden.
    let ran = |rule: &RuleMeta| (rule.group != RULE.group).then(|| acc.selection.contains(rule.id));
    for idle in acc.suppressions.idle(metas, ran) {
        let word = idle.word;
        let text = &cx.model.project.file(idle.whole.file).text;
        let place = Place { span: idle.word_span(&text.text), ..idle.whole };
        let (message, label, help) = match idle.why {
            IdleReason::HidesNothing => (
                format!("the suppression of `{word}` hides nothing"),
                "nothing to hide",
                format!("remove `{word}`; what it was for is gone, or it never covered the place"),
            ),
            IdleReason::Unknown { nearest: Some(nearest) } => (
                format!("`{word}` in this suppression is no rule of worklint"),
                "no such rule",
                format!("did you mean `{nearest}`? `worklint rules` lists all rules"),
            ),
            IdleReason::Unknown { nearest: None } => (
                format!("`{word}` in this suppression is no rule of worklint"),
                "no such rule",
                "`worklint rules` lists all rules".to_owned(),
            ),
        };
        let draft = acc
            .report(place)
            .message(message)
            .label(label)
            .help(help)
            .symbol(cx.model.function_at(place).map(|it| cx.model.symbol(it)).unwrap_or_default())
            .key(word.as_str());
        if idle.why == IdleReason::HidesNothing
            && let Some(fix) = remove(&idle, text)
        {
            draft.fix(fix);
        }
    }
}
