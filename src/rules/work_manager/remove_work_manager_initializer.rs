//! An app that configures WorkManager itself, with the default initializer still in its manifest.

use crate::base::Name;
use crate::rules::fixes::{fix_unsafely, into_application};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/RemoveWorkManagerInitializer.md"),
    check,
};

/// What starts WorkManager by default: App Startup, before version 2.6 a provider of its own.
const STARTERS: [&str; 3] = [
    "androidx.startup.InitializationProvider",
    "androidx.work.impl.WorkManagerInitializer",
    "androidx.work.WorkManagerInitializer",
];

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for module in cx.model.project.modules.iter().filter(|module| module.is_application) {
        let manifest = &module.manifest;
        let Some(class) = manifest.application_class.filter(|_| !manifest.incomplete) else { continue };
        // Another module may have a class of the same name.
        let own = |id: &crate::model::TypeId| {
            let home = cx.model.project.module_of(cx.model.symbols.info(*id).file);
            home.path == module.path || !home.is_application
        };
        let declared =
            cx.model.symbols.types_by_name.get(&class).and_then(|ids| ids.iter().copied().find(own));
        let Some(declared) = declared else { continue };
        let provides = cx
            .model
            .symbols
            .info(declared)
            .supertypes
            .iter()
            .any(|supertype| cx.model.inherits(supertype.class, "androidx.work.Configuration.Provider"));
        if !provides {
            continue;
        }
        let is_starter = |name: Name| STARTERS.contains(&name.as_str());
        let provider = manifest.components.iter().find(|it| it.class.is_some_and(is_starter));
        let removed = manifest.removed.iter().any(|(name, _)| is_starter(*name))
            || manifest
                .components
                .iter()
                .any(|it| it.removed_properties.iter().any(|(name, _)| is_starter(*name)));
        let Some(place) = provider.map(|it| it.tag).or(manifest.application).filter(|_| !removed) else {
            continue;
        };
        let step = Step {
            role: StepRole::Declaration,
            place: super::workers::name_place(cx, declared),
            message: format!("{} provides a configuration of its own", class.last()),
            symbol: class.to_string(),
        };
        let draft = acc
            .report(place)
            .message(format!(
                "{} configures WorkManager, but the default initializer is still in the manifest and comes first",
                class.last()
            ))
            .label("WorkManagerInitializer is not removed here")
            .help(
                "add <meta-data android:name=\"androidx.work.WorkManagerInitializer\" \
                 android:value=\"androidx.startup\" tools:node=\"remove\"/> to a <provider> \
                 androidx.startup.InitializationProvider with tools:node=\"merge\"",
            )
            .symbol(format!("application {class}"))
            .key(class.as_str())
            .steps([step]);
        // An element that is there already has to be told apart by who wrote it.
        if provider.is_none()
            && let Some(edits) = into_application(cx.model, manifest, REMOVAL)
        {
            draft.fix(fix_unsafely("remove the default initializer", edits));
        }
    }
}

const REMOVAL: &str = r#"<provider
    android:name="androidx.startup.InitializationProvider"
    android:authorities="${applicationId}.androidx-startup"
    android:exported="false"
    tools:node="merge">
    <meta-data
        android:name="androidx.work.WorkManagerInitializer"
        android:value="androidx.startup"
        tools:node="remove" />
</provider>"#;
