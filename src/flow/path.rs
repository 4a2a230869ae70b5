//! A way through the program: from where the framework comes in to a call.

use crate::findings::{Confidence, Place, Step, StepRole};
use crate::model::{FnId, Model, SiteId, SiteKind};

use super::entries::EntryPoint;

/// How something is reached.
#[derive(Clone, Debug)]
pub struct Path {
    pub entry: EntryPoint,
    /// Calls from the entry on, in order: the site and the function it leads to.
    pub calls: Vec<(SiteId, FnId)>,
    pub certainty: Confidence,
}

impl Path {
    /// The steps a finding shows, the final call left out.
    pub fn steps(&self, model: &Model) -> Vec<Step> {
        let mut steps = vec![self.entry.step(model)];
        for (site, to) in &self.calls {
            let site = model.site(*site);
            let to_lambda = model.is_lambda(*to);
            let message = if site.kind == SiteKind::FirstUse {
                format!("uses {} first, which initialises it", site.name)
            } else if site.kind == SiteKind::Injected {
                format!("has {} injected, made by {}", site.name, model.display(*to))
            } else if to_lambda {
                format!("{} runs this lambda", call_name(model, site))
            } else {
                format!("calls {}", model.display(*to))
            };
            steps.push(Step {
                role: StepRole::Call,
                place: site.point(),
                message,
                symbol: model.symbol(site.function),
            });
        }
        steps
    }

    /// `FeedActivity.onCreate → FeedRepository.latest`.
    pub fn names(&self, model: &Model) -> Vec<String> {
        let mut names = vec![model.display(self.entry.function)];
        names.extend(self.calls.iter().map(|(_, to)| model.display(*to)));
        names
    }
}

/// The callee of a site for messages.
pub fn call_name(model: &Model, site: &crate::model::CallSite) -> String {
    if let Some(declared) = site.declared {
        return model.display(declared);
    }
    match site.api {
        Some(api) if api.member == "<init>" => api.class.last().to_owned(),
        Some(api) if api.class.ends_with("Kt") => api.member.to_string(),
        Some(api) => format!("{}.{}", class_name(model, api.class), api.member),
        None => site.name.to_string(),
    }
}

/// The library class a member belongs to, for messages: of a project class its nearest library ancestor.
fn class_name(model: &Model, class: crate::base::Name) -> &'static str {
    model.lineage(class).library.first().map_or(class.last(), |library| library.last())
}

/// The function's own place, for paths that start in it.
pub fn declaration_place(model: &Model, function: FnId) -> Place {
    model.fn_place(function)
}
