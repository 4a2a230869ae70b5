//! From the layers of a configuration to what each later stage takes: rules with their severities, path-dependent
//! levels, files, baseline, output. Later layers win; where each value comes from is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use toml::Spanned;

use crate::base::Span;
use crate::findings::levels::{Levels, Override};
use crate::findings::select::{self, RuleState, SelectError};
use crate::findings::suppress::Accepted;
use crate::findings::{Confidence, RuleMeta, Severity, SuppressedBy, SuppressionKind};

use super::file::{Annotation, Certainty, FailOn, Level, Switch, Urgency};
use super::load::{ConfigError, Layer};
use super::rules::Preset;

/// A value with the layer that gave it; `default` when none did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    pub value: T,
    pub origin: String,
}

impl<T> Set<T> {
    fn default(value: T) -> Set<T> {
        Set { value, origin: "default".to_owned() }
    }

    fn set(&mut self, value: Option<T>, layer: &Layer) {
        if let Some(value) = value {
            *self = Set { value, origin: layer.origin.clone() };
        }
    }
}

/// Globs with the directory that they are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns {
    pub dir: PathBuf,
    pub patterns: Vec<String>,
}

/// A file of the project's own catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogFile {
    pub path: PathBuf,
    /// Where it is named: `worklint.toml:12:3`.
    pub named: String,
}

/// Everything a configuration says, with what holds where it is silent.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Every rule.
    pub rules: BTreeMap<&'static str, Set<RuleState>>,
    pub levels: Levels,
    pub accepted: Set<Accepted>,
    pub lint_xml: Set<bool>,
    pub unused: Set<Switch>,
    pub exclude: Set<Option<Patterns>>,
    pub tests: Set<bool>,
    pub generated: Set<bool>,
    pub min_sdk: Set<Option<u32>>,
    pub target_sdk: Set<Option<u32>>,
    pub catalog: Set<Vec<CatalogFile>>,
    /// Classes and APIs with the kind of their work, later layers first.
    pub work: Vec<(String, Set<Urgency>)>,
    pub baseline: Set<Option<PathBuf>>,
    pub stale: Set<Switch>,
    pub format: Set<String>,
    pub fail_on: Set<FailOn>,
    pub max_warnings: Set<Option<usize>>,
}

/// Joins the layers, what counts least first.
///
/// # Errors
/// A rule, group, format or glob that does not exist.
pub fn resolve(
    layers: &[Layer],
    metas: &'static [RuleMeta],
    formats: &[&'static str],
) -> Result<Settings, ConfigError> {
    let mut settings = Settings {
        rules: metas
            .iter()
            .map(|meta| (meta.id, Set::default(RuleState { on: meta.default_on, severity: None })))
            .collect(),
        levels: Levels::default(),
        accepted: Set::default(Accepted::default()),
        lint_xml: Set::default(true),
        unused: Set::default(Switch::Warn),
        exclude: Set::default(None),
        tests: Set::default(false),
        generated: Set::default(false),
        min_sdk: Set::default(None),
        target_sdk: Set::default(None),
        catalog: Set::default(Vec::new()),
        work: Vec::new(),
        baseline: Set::default(None),
        stale: Set::default(Switch::Warn),
        format: Set::default("full".to_owned()),
        fail_on: Set::default(FailOn::Error),
        max_warnings: Set::default(None),
    };
    for layer in layers {
        let reader = Reader { layer, metas };
        reader.files(&mut settings)?;
        reader.rules(&mut settings)?;
        reader.overrides(&mut settings)?;
        reader.suppressions(&mut settings);
        reader.output(&mut settings, formats)?;
    }
    settings.levels.without_lint = !settings.lint_xml.value;
    let configured = settings.rules.iter().filter(|(_, rule)| rule.value.severity.is_some());
    settings.levels.configured = configured.map(|(id, _)| *id).collect();
    Ok(settings)
}

struct Reader<'l> {
    layer: &'l Layer,
    metas: &'static [RuleMeta],
}

impl Reader<'_> {
    fn files(&self, settings: &mut Settings) -> Result<(), ConfigError> {
        let Layer { file, dir, .. } = self.layer;
        if let Some(exclude) = &file.project.exclude {
            self.globs(exclude)?;
            let patterns = exclude.iter().map(|it| it.get_ref().clone()).collect();
            settings.exclude.set(Some(Some(Patterns { dir: dir.clone(), patterns })), self.layer);
        }
        settings.tests.set(file.project.tests, self.layer);
        settings.generated.set(file.project.generated, self.layer);
        settings.min_sdk.set(file.project.sdk_levels.min.map(Some), self.layer);
        settings.target_sdk.set(file.project.sdk_levels.target.map(Some), self.layer);
        let catalog = file.catalog.files.as_ref().map(|files| {
            let file = |it: &Spanned<String>| {
                let named = self.layer.error(it.span(), "", "").place;
                CatalogFile { path: dir.join(it.get_ref()), named }
            };
            files.iter().map(file).collect()
        });
        settings.catalog.set(catalog, self.layer);
        let work = file.work.iter().map(|(name, urgency)| {
            let origin = self.layer.origin.clone();
            (name.get_ref().clone(), Set { value: *urgency, origin })
        });
        settings.work.splice(0..0, work);
        Ok(())
    }

    fn rules(&self, settings: &mut Settings) -> Result<(), ConfigError> {
        let written = &self.layer.file.rules;
        if let Some(preset) = written.preset {
            for meta in self.metas {
                settings.rules.insert(
                    meta.id,
                    Set { value: of_preset(preset, meta), origin: self.layer.origin.clone() },
                );
            }
        }
        if written.android_lint_overlap == Some(false) {
            for meta in self.metas.iter().filter(|meta| meta.shared) {
                self.set(settings, meta.id, Level::Off);
            }
        }
        let lists = [
            (Level::Error, &written.deny),
            (Level::Warning, &written.warn),
            (Level::Info, &written.info),
            (Level::Off, &written.allow),
        ];
        let mut seen: BTreeMap<&'static str, (bool, Level)> = BTreeMap::new();
        for (level, words) in lists {
            for word in words {
                let (metas, is_id) = self.find(word)?;
                for meta in metas {
                    match seen.get(meta.id) {
                        Some((by_id, other)) if *by_id == is_id && *other != level => {
                            let message = format!("`{}` is given two severities", meta.id);
                            return Err(self.layer.error(word.span(), message, "name it in one list only"));
                        }
                        // An id wins over its group.
                        Some((true, _)) => {}
                        _ => drop(seen.insert(meta.id, (is_id, level))),
                    }
                }
            }
        }
        for (id, (by_id, level)) in seen {
            let on = settings.rules.get(id).is_some_and(|it| it.value.on);
            // A group raises what runs; it takes its id to turn on what does not.
            if by_id || on || level == Level::Off {
                self.set(settings, id, level);
            }
        }
        for (word, table) in &written.tables {
            let (metas, is_id) = self.find(word)?;
            let exclude = self.globs(&table.exclude)?;
            for meta in metas {
                let on = settings.rules.get(meta.id).is_some_and(|it| it.value.on);
                if let Some(level) = table.severity.filter(|level| is_id || on || *level == Level::Off) {
                    self.set(settings, meta.id, level);
                }
                if let Some(certainty) = table.confidence {
                    settings.levels.rule_confidence.push((meta.id, confidence(certainty)));
                }
                if !table.exclude.is_empty() {
                    settings.levels.overrides.push(self.over(
                        exclude.clone(),
                        vec![(meta.id, None)],
                        word.span(),
                    ));
                }
            }
        }
        Ok(())
    }

    fn set(&self, settings: &mut Settings, id: &'static str, level: Level) {
        let severity = severity(level);
        let value = RuleState { on: level != Level::Off, severity };
        settings.rules.insert(id, Set { value, origin: self.layer.origin.clone() });
    }

    fn overrides(&self, settings: &mut Settings) -> Result<(), ConfigError> {
        for over in &self.layer.file.overrides {
            let mut rules: BTreeMap<&'static str, (bool, Option<Severity>)> = BTreeMap::new();
            for (word, level) in &over.rules {
                let (metas, is_id) = self.find(word)?;
                for meta in metas {
                    if !is_id && rules.get(meta.id).is_some_and(|(by_id, _)| *by_id) {
                        continue;
                    }
                    rules.insert(meta.id, (is_id, severity(*level)));
                    let state = settings.rules.get_mut(meta.id).filter(|it| !it.value.on);
                    if let Some(state) = state.filter(|_| is_id && *level != Level::Off) {
                        // It has to run, to be heard where it is on.
                        state.value.on = true;
                        settings.levels.only_overridden.insert(meta.id);
                    }
                }
            }
            let span = over.paths.first().map_or(0..0, Spanned::span);
            let rules = rules.into_iter().map(|(id, (_, severity))| (id, severity)).collect();
            settings.levels.overrides.push(self.over(self.globs(&over.paths)?, rules, span));
        }
        Ok(())
    }

    fn over(
        &self,
        paths: GlobSet,
        rules: Vec<(&'static str, Option<Severity>)>,
        span: Range<usize>,
    ) -> Override {
        let line = self.layer.text.line(Span::new(span.start, span.start).start);
        let path = self.layer.origin.clone();
        let by = SuppressedBy { kind: SuppressionKind::Config, path, line, reason: None };
        Override { paths, dir: self.layer.dir.clone(), rules, by }
    }

    fn suppressions(&self, settings: &mut Settings) {
        let written = &self.layer.file.suppressions;
        let mut accepted = settings.accepted.value.clone();
        if let Some(annotations) = &written.annotations {
            let names: BTreeSet<String> = annotations.iter().map(|it| annotation(*it).to_owned()).collect();
            accepted.annotations = names.into_iter().collect();
        }
        if let Some(comments) = &written.comments {
            accepted.comments = !comments.is_empty();
        }
        if accepted != settings.accepted.value {
            settings.accepted.set(Some(accepted), self.layer);
        }
        settings.lint_xml.set(written.lint_xml, self.layer);
        settings.unused.set(written.unused, self.layer);
        if let Some(unused) = written.unused {
            let level = match unused {
                Switch::Off => Level::Off,
                Switch::Warn => Level::Warning,
                Switch::Error => Level::Error,
            };
            self.set(settings, "UnusedSuppression", level);
        }
        if let Some(required) = written.require_reason {
            self.set(
                settings,
                "SuppressionWithoutReason",
                if required { Level::Warning } else { Level::Off },
            );
        }
    }

    fn output(&self, settings: &mut Settings, formats: &[&'static str]) -> Result<(), ConfigError> {
        let Layer { file, dir, .. } = self.layer;
        settings.baseline.set(file.baseline.file.as_ref().map(|it| Some(dir.join(it.get_ref()))), self.layer);
        settings.stale.set(file.baseline.stale, self.layer);
        if let Some(format) = &file.output.format {
            let word = format.get_ref();
            if !formats.contains(&word.as_str()) {
                let help = match select::nearest(word, formats.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? possible here: {}", formats.join(", ")),
                    None => format!("possible here: {}", formats.join(", ")),
                };
                return Err(self.layer.error(format.span(), format!("no format is called `{word}`"), help));
            }
            settings.format.set(Some(word.clone()), self.layer);
        }
        settings.fail_on.set(file.output.fail_on, self.layer);
        settings.max_warnings.set(file.output.max_warnings.map(Some), self.layer);
        Ok(())
    }

    /// The rules that a word means, and whether it is the id of one.
    fn find(&self, word: &Spanned<String>) -> Result<(Vec<&'static RuleMeta>, bool), ConfigError> {
        let found = select::find(self.metas, word.get_ref()).map_err(|error| {
            let help = match &error {
                SelectError::Unknown { nearest: Some(near), .. } => {
                    format!("did you mean `{near}`? `worklint rules` lists all rules and groups")
                }
                _ => "`worklint rules` lists all rules and groups".to_owned(),
            };
            self.layer.error(word.span(), error.to_string(), help)
        })?;
        let is_id = !found.iter().any(|meta| select::same(meta.group, word.get_ref()));
        Ok((found, is_id))
    }

    fn globs(&self, patterns: &[Spanned<String>]) -> Result<GlobSet, ConfigError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            // A directory's name means what is in it, too.
            for text in [pattern.get_ref().clone(), format!("{}/**", pattern.get_ref().trim_end_matches('/'))]
            {
                let glob = GlobBuilder::new(&text).build().map_err(|error| {
                    let message = format!("`{}` is no glob: {}", pattern.get_ref(), error.kind());
                    self.layer.error(
                        pattern.span(),
                        message,
                        "a glob such as `**/legacy/**`, relative to this file",
                    )
                })?;
                set.add(glob);
            }
        }
        Ok(set.build().unwrap_or_else(|_| GlobSet::empty()))
    }
}

fn of_preset(preset: Preset, meta: &RuleMeta) -> RuleState {
    let raised = (meta.severity == Severity::Warning).then_some(Severity::Error);
    match preset {
        Preset::Recommended => RuleState { on: meta.default_on, severity: None },
        Preset::Strict => RuleState { on: meta.default_on, severity: raised },
        Preset::All => RuleState { on: true, severity: None },
        Preset::None => RuleState { on: false, severity: None },
    }
}

fn severity(level: Level) -> Option<Severity> {
    match level {
        Level::Error => Some(Severity::Error),
        Level::Warning => Some(Severity::Warning),
        Level::Info => Some(Severity::Info),
        Level::Off => None,
    }
}

fn confidence(certainty: Certainty) -> Confidence {
    match certainty {
        Certainty::High => Confidence::High,
        Certainty::Medium => Confidence::Medium,
        Certainty::Low => Confidence::Low,
    }
}

fn annotation(annotation: Annotation) -> &'static str {
    match annotation {
        Annotation::SuppressLint => "SuppressLint",
        Annotation::Suppress => "Suppress",
        Annotation::SuppressWarnings => "SuppressWarnings",
    }
}
