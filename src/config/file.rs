//! `worklint.toml` as it is written: one struct per table. The same types give the JSON schema, and their comments its
//! descriptions. Every value knows where it stands, so that errors can say so; keys that are not here are errors.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// Settings of worklint for a project.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(title = "worklint.toml")]
pub struct File {
    /// Format of this file: 1.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1))]
    pub version: Option<Spanned<u32>>,
    /// A configuration that this one builds on, relative to this file.
    #[schemars(with = "Option<String>")]
    pub extends: Option<Spanned<String>>,
    pub project: Project,
    pub rules: super::rules::Rules,
    pub catalog: Catalog,
    /// Kinds of background work that the code does not tell: a class (`com.example.sync.*`, `SyncManager`) or an API
    /// (`Timer.schedule`), and how urgent its work is.
    #[schemars(with = "BTreeMap<String, Urgency>")]
    pub work: BTreeMap<Spanned<String>, Urgency>,
    /// Severities for some paths; later ones win.
    pub overrides: Vec<Override>,
    pub suppressions: Suppressions,
    pub baseline: Baseline,
    pub output: Output,
}

/// Which files are analysed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Project {
    /// Globs of files and directories that are left out, relative to this file.
    #[schemars(with = "Option<Vec<String>>")]
    pub exclude: Option<Vec<Spanned<String>>>,
    /// Analyse test source sets as well. Default: false.
    pub tests: Option<bool>,
    /// Analyse generated code as well. Default: false.
    pub generated: Option<bool>,
    pub sdk_levels: SdkLevels,
}

/// SDK levels of modules whose Gradle files and manifests do not say them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SdkLevels {
    pub min: Option<u32>,
    pub target: Option<u32>,
}

/// The project's own knowledge of APIs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Catalog {
    /// TOML files with the tables of worklint's own catalogue, relative to this file. Their entries come first.
    #[schemars(with = "Option<Vec<String>>")]
    pub files: Option<Vec<Spanned<String>>>,
}

/// Severities of rules for some paths.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// Globs relative to this file.
    #[schemars(with = "Vec<String>")]
    pub paths: Vec<Spanned<String>>,
    /// Rules or groups with the severity they have there.
    #[schemars(with = "BTreeMap<String, Level>")]
    pub rules: BTreeMap<Spanned<String>, Level>,
}

/// What counts as a suppression, and what is said about suppressions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Suppressions {
    /// Annotations that suppress. Default: all three.
    pub annotations: Option<Vec<Annotation>>,
    /// Comments that suppress. Default: `noinspection`.
    pub comments: Option<Vec<Comment>>,
    /// Honour `lint.xml` files and Gradle's `lint` blocks for ids of worklint's rules. Default: true.
    pub lint_xml: Option<bool>,
    /// Report suppressions that do not say why (SuppressionWithoutReason). Default: false.
    pub require_reason: Option<bool>,
    /// What a suppression that hides nothing is (UnusedSuppression). Default: warn.
    pub unused: Option<Switch>,
}

/// Findings that are known and not to be fixed now.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Baseline {
    /// The baseline, relative to this file. Default: `worklint-baseline.json` beside it, if it exists.
    #[schemars(with = "Option<String>")]
    pub file: Option<Spanned<String>>,
    /// What entries are that match nothing any more. Default: warn.
    pub stale: Option<Switch>,
}

/// How findings are written, and what makes a run fail.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Output {
    /// Format of what goes to stdout. Default: full.
    #[schemars(with = "Option<String>")]
    pub format: Option<Spanned<String>>,
    /// Lowest severity that makes the exit code 1. Default: error.
    pub fail_on: Option<FailOn>,
    /// More warnings than this make the exit code 1.
    pub max_warnings: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
    Info,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    High,
    Medium,
    Low,
}

/// How soon work has to run, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// At once, and over within ten minutes.
    Immediate,
    /// Over ten minutes.
    LongRunning,
    /// Later will do.
    Deferrable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    Off,
    Warn,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Annotation {
    SuppressLint,
    Suppress,
    SuppressWarnings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Comment {
    Noinspection,
}
