//! What one Gradle build script, settings file, version catalog or properties file says, as far as its text shows.

use crate::base::{Name, Span};

/// A value as written: a number, a string, or a reference to be followed through catalogs and properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub value: SettingValue,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    Number(u32),
    Text(Name),
    /// `libs.versions.minSdk.get().toInt()`, `rootProject.ext.minSdk`, `Versions.MIN_SDK`, `project.property("x")`:
    /// the dotted path, calls such as `.get()` and `.toInt()` left out.
    Reference(Name),
    /// `findProperty("minSdk") ?: 21`, `if (ci) 30 else 21`: the first that is known counts.
    FirstOf(Vec<SettingValue>),
}

/// A build script (`build.gradle`, `build.gradle.kts`, convention plugins written in Kotlin or Groovy).
#[derive(Clone, Debug, Default)]
pub struct BuildScript {
    /// Plugin ids and aliases (`libs.plugins.android.application`) as written; those with `apply false` are left out.
    pub plugins: Vec<Name>,
    pub namespace: Option<Setting>,
    pub application_id: Option<Setting>,
    pub min_sdk: Option<Setting>,
    pub target_sdk: Option<Setting>,
    pub compile_sdk: Option<Setting>,
    /// Levels that product flavors set for themselves.
    pub flavor_min_sdk: Vec<Setting>,
    pub flavor_target_sdk: Vec<Setting>,
    pub project_dependencies: Vec<ProjectDependency>,
    /// Other dependencies as written: coordinates or catalog references.
    pub dependencies: Vec<Name>,
    pub flavors: Vec<Name>,
    pub build_types: Vec<Name>,
    /// `val`/`def`/`ext` constants that settings may refer to; members of objects and classes as `Versions.MIN_SDK`.
    pub constants: Vec<(Name, Setting)>,
    /// `manifestPlaceholders` with texts as values, of any variant.
    pub placeholders: Vec<(Name, Name)>,
    /// Files of `apply from:`, as written (`$rootDir/gradle/common.gradle`).
    pub applied_scripts: Vec<Name>,
    /// Plugins that this script's module defines: id as written and the implementing class.
    pub defines_plugins: Vec<(SettingValue, Name)>,
    /// What `lint { }` blocks say about issues, in order.
    pub lint: Vec<LintSetting>,
    /// SQLDelight's databases.
    pub databases: Vec<Database>,
    /// Kotlin Multiplatform: `a dependsOn b` between source sets.
    pub source_set_parents: Vec<(Name, Name)>,
    /// Kotlin Multiplatform: names of JVM targets, `jvm` unless named.
    pub jvm_targets: Vec<Name>,
    /// Functions and classes of build code, and `subprojects`/`allprojects` blocks: what each configures by itself.
    pub units: Vec<(Name, BuildScript)>,
    /// Names called or used as a qualifier, sorted: which units may take part.
    pub mentions: Vec<Name>,
}

/// `disable += "A"`, `error("A", "B")`, `lintOptions { disable 'A' }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintSetting {
    /// `disable`, `ignore`, `error`, `fatal`, `warning`, `informational`.
    pub word: Name,
    pub ids: Vec<Name>,
    /// The first id.
    pub span: Span,
}

/// `sqldelight { databases { create("Notes") { packageName = "a.b" } } }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    pub name: Name,
    pub package: Option<Name>,
    /// `generateAsync`: its functions suspend.
    pub suspends: bool,
    pub span: Span,
}

/// A dependency on another module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectDependency {
    /// `implementation`, `testDemoImplementation`; inside a multiplatform source set `commonTest.implementation`.
    pub configuration: Name,
    /// Module path of `project(":x")`, or the accessor `projects.x.y` kept dotted.
    pub target: Name,
}

/// `settings.gradle(.kts)`.
#[derive(Clone, Debug, Default)]
pub struct SettingsScript {
    /// Module paths, `:a:b`.
    pub includes: Vec<Name>,
    /// `project(":a").projectDir = file("b")`.
    pub project_dirs: Vec<(Name, Name)>,
    /// Directories of `includeBuild`.
    pub included_builds: Vec<Name>,
    /// Version catalogs by accessor: `mihonx` and `gradle/mihon.versions.toml`.
    pub catalogs: Vec<(Name, Name)>,
}

/// `gradle/libs.versions.toml`: versions, and plugin aliases with their ids; keys dotted (`min-sdk` → `min.sdk`).
#[derive(Clone, Debug, Default)]
pub struct VersionCatalog {
    pub versions: Vec<(Name, Setting)>,
    pub plugins: Vec<(Name, Name)>,
}

/// `gradle.properties`.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    pub entries: Vec<(Name, Setting)>,
}
