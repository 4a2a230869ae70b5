//! Components with intent filters that do not say whether other apps may start them.

use crate::facts::manifest::{ComponentKind, MergeNode};
use crate::findings::{Edit, Fix, Safety, Severity};
use crate::model::manifest::is_launcher;
use crate::rules::manifests::declared;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "receivers",
    doc: include_str!("../../../rules/receivers/IntentFilterExportedReceiver.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for component in declared(cx) {
        let decl = component.decl;
        let kept = matches!(decl.node, MergeNode::Remove | MergeNode::RemoveAll);
        let filtered = !decl.filters.is_empty() || decl.nav_graph;
        if kept || decl.kind == ComponentKind::Provider || !filtered {
            continue;
        }
        let element = match decl.kind {
            ComponentKind::Activity => "activity",
            ComponentKind::ActivityAlias => "activity-alias",
            ComponentKind::Service => "service",
            ComponentKind::Receiver | ComponentKind::Provider => "receiver",
        };
        let class = component.merged.and_then(|merged| merged.class).unwrap_or(decl.name.text);
        let own = |name: &str| decl.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let merged = component
            .merged
            .is_some_and(|merged| merged.attributes.iter().any(|(key, _)| *key == "android:exported"));
        let enforced = component.module.target_sdk.level >= 31;
        let place = |span| Place { file: component.file, span };
        if let Some(exported) = own("android:exported") {
            if exported.text == "false" && is_launcher(&decl.filters) {
                acc.report(place(exported.span))
                    .message(format!(
                        "{} is the app's launcher, but not exported: launchers cannot start it",
                        class.last()
                    ))
                    .label("launchers are other apps")
                    .help("set android:exported=\"true\"")
                    .symbol(format!("{element} {class}"))
                    .key(format!("launcher {class}"));
            }
            continue;
        }
        if merged {
            continue;
        }
        let at = decl.name.span;
        let after = crate::base::Span { start: at.end + 1, end: at.end + 1 };
        let fix = Fix {
            title: "say that it is exported, as it was by default".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![Edit { place: place(after), text: " android:exported=\"true\"".to_owned() }],
        };
        acc.report(place(at))
            .message(match enforced {
                true => format!(
                    "{} has an intent filter and no android:exported: on Android 12 and later the app cannot be installed",
                    class.last()
                ),
                false => format!("{} has an intent filter and does not say whether it is exported", class.last()),
            })
            .label("exported or not?")
            .help(
                "add android:exported=\"true\" if other apps or the system start it (launchers, links, system broadcasts), else \
                 \"false\"",
            )
            .symbol(format!("{element} {class}"))
            .key(class.as_str())
            .severity(if enforced { Severity::Error } else { Severity::Warning })
            .fix(fix);
    }
}
