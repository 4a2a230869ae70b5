//! The rules: each reads flow's and model's answers and words a finding.
//!
//! This file lists the groups, parses the pages once and runs what was selected; it knows no rule's matter.

mod accumulator;
mod alarms;
mod context;
mod coroutines;
mod fixes;
mod foreground_service;
mod in_place;
mod main_thread;
mod manifests;
mod persistence;
mod power;
mod prelude;
mod quiet;
mod receivers;
pub mod run;
mod shared;
mod sketch;
mod streams;
mod suppressions;
mod work_manager;

use std::sync::OnceLock;

pub use accumulator::{Draft, Findings};
pub use context::Context;
pub use run::{Ran, run};

use crate::findings::RuleMeta;

/// One rule. Its Markdown page holds all metadata and prose.
pub struct Rule {
    /// Group, the folder under `rules/`.
    pub group: &'static str,
    /// `rules/<group>/<RuleId>.md`.
    pub doc: &'static str,
    pub check: fn(&Context<'_>, &mut Findings<'_>),
}

/// The rules of every group: one line each.
static GROUPS: &[&[&Rule]] = &[
    main_thread::RULES,
    alarms::RULES,
    foreground_service::RULES,
    persistence::RULES,
    work_manager::RULES,
    coroutines::RULES,
    receivers::RULES,
    power::RULES,
    suppressions::RULES,
];

/// Every rule, sorted by id.
pub fn all() -> &'static [&'static Rule] {
    &registry().0
}

/// Every rule's metadata, in the order of `all`.
pub fn metas() -> &'static [RuleMeta] {
    &registry().1
}

fn registry() -> &'static (Vec<&'static Rule>, Vec<RuleMeta>) {
    static REGISTRY: OnceLock<(Vec<&'static Rule>, Vec<RuleMeta>)> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let rules = GROUPS.iter().copied().flatten().copied();
        let mut read: Vec<(&'static Rule, RuleMeta)> = rules.map(|rule| (rule, meta(rule))).collect();
        read.sort_by_key(|(_, meta)| meta.id);
        read.into_iter().unzip()
    })
}

/// The pages are part of the binary and a test parses them all, so that this cannot fail in the field.
fn meta(rule: &'static Rule) -> RuleMeta {
    match RuleMeta::parse(rule.doc) {
        Ok(meta) => meta,
        Err(error) => {
            let title = rule.doc.lines().find(|line| line.starts_with("id:")).unwrap_or("without an id");
            panic!("rules/{}: page `{title}`: {error}", rule.group)
        }
    }
}
