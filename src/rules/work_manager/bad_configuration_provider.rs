//! A `Configuration.Provider` that WorkManager never asks.

use super::workers::{concrete, name_place};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/BadConfigurationProvider.md"),
    check,
};

const PROVIDER: &str = "androidx.work.Configuration.Provider";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let all = (0..cx.model.symbols.types.len()).map(crate::model::TypeId::new);
    let providers: Vec<_> =
        all.filter(|id| cx.model.inherits(cx.model.symbols.info(*id).qualified, PROVIDER)).collect();
    let applications = concrete(cx, "android.app.Application");
    let asked =
        applications.iter().any(|id| cx.model.inherits(cx.model.symbols.info(*id).qualified, PROVIDER));
    let (Some(provider), Some(_), false) = (providers.first(), applications.first(), asked) else { return };
    let provider_name = cx.model.display_type(*provider);
    for application in applications {
        let class = cx.model.symbols.info(application).qualified;
        let name = cx.model.display_type(application);
        acc.report(name_place(cx, application))
            .message(format!(
                "WorkManager asks {name} for its configuration, but {provider_name} implements Configuration.Provider"
            ))
            .label("does not implement Configuration.Provider")
            .help(format!("implement Configuration.Provider in {name}"))
            .symbol(class.as_str())
            .key(class.as_str())
            .steps([Step {
                role: StepRole::Declaration,
                place: name_place(cx, *provider),
                message: format!("{provider_name} is never asked"),
                symbol: cx.model.symbols.info(*provider).qualified.to_string(),
            }]);
    }
}
