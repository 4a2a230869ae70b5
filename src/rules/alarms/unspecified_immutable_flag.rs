//! PendingIntents that are neither immutable nor mutable.

use super::pending_intents::{constant, flags, pending_intents};
use crate::findings::{Edit, Fix, Safety, Severity};
use crate::rules::prelude::*;
use crate::rules::shared::target_sdk;

pub(super) static RULE: Rule =
    Rule { group: "alarms", doc: include_str!("../../../rules/alarms/UnspecifiedImmutableFlag.md"), check };

/// From here on the flag exists. Source: PendingIntent.FLAG_IMMUTABLE.
const EXISTS: u32 = 23;
/// From here on it is required. Source: developer.android.com/about/versions/12/behavior-changes-12
const REQUIRED: u32 = 31;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (site, position) in pending_intents(cx) {
        let target = target_sdk(cx, site);
        if target < EXISTS || cx.flow.guards.below_level(cx.model, site.function, site.span, REQUIRED) {
            continue;
        }
        let flags = flags(cx, site, position);
        if flags.unknown || flags.may_have("FLAG_IMMUTABLE") || flags.may_have("FLAG_MUTABLE") {
            continue;
        }
        let given: Vec<String> = flags.possible.iter().map(|name| constant(*name)).collect();
        let crashes = target >= REQUIRED;
        let mut draft = acc
            .report(site.point())
            .message(if crashes {
                format!("PendingIntent.{} throws IllegalArgumentException on Android 12: it is neither immutable nor mutable", site.name)
            } else {
                format!("PendingIntent.{} is neither immutable nor mutable, which Android 12 requires", site.name)
            })
            .label(if given.is_empty() { "no mutability flag".to_owned() } else { format!("only {}", given.join(", ")) })
            .help(
                "add PendingIntent.FLAG_IMMUTABLE; FLAG_MUTABLE only where another app has to fill the intent in (inline \
                 replies, bubbles, geofences)",
            )
            .symbol(cx.model.symbol(site.function))
            .key(site.name.as_str());
        if !crashes {
            draft = draft.severity(Severity::Warning);
        }
        if let Some(fix) = fix(cx, site, position, given.is_empty()) {
            draft.fix(fix);
        }
    }
}

/// Adds the flag to what is written.
fn fix(cx: &Context<'_>, site: &CallSite, position: usize, none: bool) -> Option<Fix> {
    use crate::facts::{ExprKind, Language, Literal};
    let arg = site.args.get(position)?;
    let facts = cx.model.facts(site.file);
    let place = Place { file: site.file, span: facts[arg.value].span };
    let zero = matches!(facts[arg.value].kind, ExprKind::Literal(Literal::Int(0)));
    let text = match (zero || none, facts.language) {
        (true, _) => "PendingIntent.FLAG_IMMUTABLE".to_owned(),
        (false, Language::Kotlin) => {
            format!("{} or PendingIntent.FLAG_IMMUTABLE", cx.model.project.slice(place))
        }
        (false, Language::Java) => {
            format!("{} | PendingIntent.FLAG_IMMUTABLE", cx.model.project.slice(place))
        }
    };
    // A constant of the project says more than one call needs.
    let simple = zero
        || matches!(
            facts[arg.value].kind,
            ExprKind::Member { .. } | ExprKind::Binary { .. } | ExprKind::Name(_)
        );
    simple.then(|| Fix {
        title: "make the PendingIntent immutable".to_owned(),
        // Whoever fills the intent in can do so no more.
        safety: Safety::Unsafe,
        edits: vec![Edit { place, text }],
    })
}
