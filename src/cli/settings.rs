//! From the command line and `worklint.toml` to what a run takes: the one place where the two meet.

use std::path::{Path, PathBuf};

use crate::catalog::project::with_project;
use crate::config::{self, ConfigError, Layer, Settings, file};
use crate::findings::select::Wanted;
use crate::findings::{Confidence, RuleMeta, Selection, Severity};
use crate::flow::inventory::Urgency;
use crate::flow::stated::Stated;
use crate::model::sdk::Fallback;
use crate::pipeline::Options;
use crate::report::Format;

use super::args::{Certainty, ConfigArgs, FileArgs, SelectArgs};
use super::error::UseError;
use super::files;

/// The names of formats, as messages list them.
pub(super) fn format_names() -> Vec<&'static str> {
    Format::ALL.iter().map(|it| it.name()).collect()
}

/// The layers of the configuration that holds for some paths, what counts least first.
pub(super) fn layers(args: &ConfigArgs, paths: &[PathBuf]) -> Result<Vec<Layer>, UseError> {
    let here = std::env::current_dir().unwrap_or_default();
    let named = args.config.clone().or_else(|| std::env::var_os("WORKLINT_CONFIG").map(PathBuf::from));
    let file = match named.filter(|_| !args.no_config) {
        Some(path) => Some(here.join(path)),
        None if args.no_config => None,
        None => found(paths)?,
    };
    let mut layers = match file {
        Some(path) => config::read(&path, &shown)?,
        None => Vec::new(),
    };
    for pair in &args.set {
        layers.push(set(pair, &here)?);
    }
    Ok(layers)
}

/// The one configuration that the paths have; those of several projects may have several.
fn found(paths: &[PathBuf]) -> Result<Option<PathBuf>, UseError> {
    let mut found: Vec<Option<PathBuf>> = paths
        .iter()
        .map(|path| config::find(&std::path::absolute(path).unwrap_or_else(|_| path.clone())))
        .collect();
    found.dedup();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(one.clone()),
        several => {
            let names: Vec<String> =
                several.iter().map(|it| it.as_deref().map_or("none".to_owned(), shown)).collect();
            let message = format!("the paths have different configurations: {}", names.join(", "));
            Err(UseError::new(message, "check them one by one, or give one for all with --config"))
        }
    }
}

/// `KEY=VALUE`, the value in TOML; a word that is no TOML is a string.
fn set(pair: &str, here: &Path) -> Result<Layer, UseError> {
    let help = "--set takes KEY=VALUE, such as `--set output.fail-on=warning`";
    let Some((key, value)) = pair.split_once('=') else {
        return Err(UseError::new(format!("--set: `{pair}` is not KEY=VALUE"), help));
    };
    let (key, value) = (key.trim(), value.trim());
    let plain = format!("{key} = {value}");
    let quoted = format!("{key} = {}", serde_json::Value::from(value));
    let text = if plain.parse::<toml::Table>().is_ok() { plain } else { quoted };
    config::parse(format!("--set {pair}"), here.to_path_buf(), text).map_err(UseError::from)
}

impl From<ConfigError> for UseError {
    fn from(error: ConfigError) -> UseError {
        UseError::new(error.to_string(), error.help)
    }
}

/// The settings of the paths' configuration.
pub(super) fn settings(args: &ConfigArgs, paths: &[PathBuf]) -> Result<Settings, UseError> {
    let layers = layers(args, paths)?;
    Ok(config::resolve(&layers, crate::rules::metas(), &format_names())?)
}

/// Options of the analysis: files, rules, levels, catalogue.
pub(super) fn options(
    files: &FileArgs,
    select: Option<&SelectArgs>,
    settings: &Settings,
) -> Result<Options, UseError> {
    let mut options = files::options(files)?;
    options.exclude_in.extend(settings.exclude.value.iter().map(|it| (it.dir.clone(), it.patterns.clone())));
    options.include_tests |= settings.tests.value;
    options.include_generated |= settings.generated.value;
    options.sdk = Fallback { min: settings.min_sdk.value, target: settings.target_sdk.value };
    options.accepted = settings.accepted.value.clone();
    options.levels = settings.levels.clone();
    options.catalog = own_catalog(settings)?;
    options.stated =
        Stated::new(settings.work.iter().map(|(name, it)| (name.clone(), urgency(it.value))).collect());
    let metas = crate::rules::metas();
    let states = settings.rules.iter().map(|(id, rule)| (*id, rule.value)).collect();
    let wanted = match select {
        Some(select) => wanted(metas, select)?,
        None => Wanted::default(),
    };
    let fault = |error| UseError::select("", &error);
    options.selection = Selection::new(metas, &states, &wanted).map_err(fault)?;
    options.levels.fixed = Selection::given(metas, &wanted).map_err(fault)?;
    options.levels.confidence =
        Some(match select.and_then(|it| it.confidence).unwrap_or(Certainty::Medium) {
            Certainty::High => Confidence::High,
            Certainty::Medium => Confidence::Medium,
            Certainty::Low => Confidence::Low,
        });
    // What is named on the command line runs everywhere.
    if let Some(select) = select {
        for word in select.only.iter().chain(&select.select).chain(&select.extend_select) {
            for meta in crate::findings::select::find(metas, word).into_iter().flatten() {
                options.levels.only_overridden.remove(meta.id);
            }
        }
    }
    Ok(options)
}

fn urgency(stated: file::Urgency) -> Urgency {
    match stated {
        file::Urgency::Immediate => Urgency::Immediate,
        file::Urgency::LongRunning => Urgency::LongRunning,
        file::Urgency::Deferrable => Urgency::Deferrable,
    }
}

/// Checks the files that the settings name.
pub(super) fn check(settings: &Settings) -> Result<(), UseError> {
    own_catalog(settings).map(|_| ())
}

fn own_catalog(settings: &Settings) -> Result<Option<&'static crate::catalog::Catalog>, UseError> {
    let mut files = Vec::new();
    for file in &settings.catalog.value {
        let text = std::fs::read_to_string(&file.path).map_err(|error| {
            let what = format!("{}: the catalogue {} cannot be read: {error}", file.named, shown(&file.path));
            UseError::new(what, "paths in `files` are relative to the configuration")
        })?;
        files.push((shown(&file.path), text));
    }
    if files.is_empty() {
        return Ok(None);
    }
    let catalog = with_project(&files).map_err(|error| {
        UseError::new(error.to_string(), "docs/configuration.md describes the tables of a catalogue")
    })?;
    Ok(Some(catalog))
}

fn wanted(metas: &'static [RuleMeta], args: &SelectArgs) -> Result<Wanted, UseError> {
    let levels = [
        (Some(Severity::Error), "--error", &args.error),
        (Some(Severity::Warning), "--warning", &args.warning),
        (Some(Severity::Info), "--info", &args.info),
        (None, "--off", &args.off),
    ];
    let options = [
        ("--only", &args.only),
        ("--select", &args.select),
        ("--extend-select", &args.extend_select),
        ("--ignore", &args.ignore),
    ];
    let named = options.into_iter().chain(levels.iter().map(|(_, name, words)| (*name, *words)));
    for (option, words) in named {
        for word in words {
            crate::findings::select::find(metas, word).map_err(|error| UseError::select(option, &error))?;
        }
    }
    let severities =
        levels.iter().flat_map(|(level, _, words)| words.iter().map(|word| (*level, word.clone()))).collect();
    Ok(Wanted {
        only: args.only.clone(),
        select: args.select.clone(),
        extend_select: args.extend_select.clone(),
        ignore: args.ignore.clone(),
        severities,
    })
}

/// A path as messages show it: relative to the working directory where it lies below it.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let below = path.strip_prefix(&here).unwrap_or(path);
    files::slashed(below)
}
