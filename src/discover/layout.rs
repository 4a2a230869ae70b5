//! Gradle builds, their modules, and which file belongs to which module and source set.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::facts::gradle::{BuildScript, SettingsScript};
use crate::syntax::{FileKind, Parsed};

use super::plugins::Plugins;
use super::{Candidate, Options, SkipReason, Tree, TreeFile, is_build_code_name, source_sets};

/// Plugins that only builds of Gradle plugins apply.
const PLUGIN_DEVELOPMENT: &[&str] = &[
    "kotlin-dsl",
    "java-gradle-plugin",
    "groovy-gradle-plugin",
    "org.gradle.kotlin.kotlin-dsl",
    "kotlin-dsl-precompiled-script-plugins",
];

/// What a module is by the plugins it applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModuleKind {
    Application,
    Library,
    /// `com.android.dynamic-feature`: a part of an application that depends on it.
    DynamicFeature,
    /// `com.android.test`: benchmarks and baseline profiles.
    Test,
    /// Kotlin or Java without Android.
    Jvm,
    /// Code of the build.
    Build,
    /// Nothing says it.
    #[default]
    Unknown,
}

impl ModuleKind {
    /// Becomes part of an app.
    pub fn is_android(self) -> bool {
        matches!(self, ModuleKind::Application | ModuleKind::Library | ModuleKind::DynamicFeature)
    }
}

/// A build script, or one function or class of it, that takes part in configuring a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptRef {
    /// Index in `Tree::files`.
    pub file: usize,
    /// Index in `BuildScript::units`; none: the script's own statements.
    pub unit: Option<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct TreeModule {
    /// Unique: `:feature:sync`, `:` for the root; of a build below the root with its directory in front.
    pub path: String,
    /// Path inside of its own build, as `project("…")` names it.
    pub gradle_path: String,
    /// Directory relative to the base, empty for the base itself.
    pub dir: String,
    /// Directory of its build, compared by modules of the same build only.
    pub build: String,
    pub kind: ModuleKind,
    pub multiplatform: bool,
    /// Resolved ids of the plugins it applies, convention plugins and what they apply included.
    pub plugins: Vec<Name>,
    /// Everything that configures it, what counts more first: its own script, scripts it applies, functions it
    /// calls, convention plugins, the root's `subprojects` block.
    pub scripts: Vec<ScriptRef>,
    /// Flavors and build types that those scripts name.
    pub variants: Vec<Name>,
    /// Absolute directory, with `/`.
    key: String,
}

impl Tree {
    /// The statements that a reference means.
    pub fn script(&self, at: ScriptRef) -> Option<&BuildScript> {
        let Parsed::Build(script) = &self.files.get(at.file)?.build.as_ref()?.parsed else { return None };
        match at.unit {
            Some(unit) => script.units.get(unit).map(|(_, unit)| unit),
            None => Some(script),
        }
    }
}

fn settings(file: &Candidate) -> Option<&SettingsScript> {
    match &file.build.as_ref()?.parsed {
        Parsed::Settings(settings) => Some(settings),
        _ => None,
    }
}

fn script(file: &Candidate) -> Option<&BuildScript> {
    match &file.build.as_ref()?.parsed {
        Parsed::Build(script) => Some(script),
        _ => None,
    }
}

pub(super) fn folder(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(dir, _)| dir)
}

pub(super) fn is_below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || dir.is_empty())
}

/// `dir` with a relative path that may climb.
pub(super) fn join(dir: &str, path: &str) -> String {
    let path = path.trim_start_matches("$rootDir/").trim_start_matches("./");
    let mut parts: Vec<&str> = dir.split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Sorts the files into modules and drops those that take no part.
pub(super) fn arrange(mut candidates: Vec<Candidate>, options: &Options, tree: &mut Tree) {
    let base = super::slashed(&tree.base);
    let code = build_code_dirs(&candidates, &base);
    for file in &mut candidates {
        let coded = code.iter().any(|dir| is_below(&file.key, dir));
        if coded && (file.kind.is_source() || file.kind == FileKind::BuildCode) {
            file.kind = FileKind::BuildCode;
            tree.problems.extend(super::read_build_file(file));
        }
    }
    candidates.retain(|file| {
        let coded = code.iter().any(|dir| is_below(&file.key, dir));
        if coded { file.kind.is_build() } else { file.kind != FileKind::BuildCode }
    });
    let builds = builds(&candidates, &code, &base);
    let mut modules = find_modules(&candidates, &code, &builds, &base);
    let by_dir: FxHashMap<&str, usize> =
        modules.iter().enumerate().map(|(at, it)| (it.key.as_str(), at)).collect();
    let owners: Vec<usize> = candidates.iter().map(|file| owner(&by_dir, &file.key)).collect();
    drop(by_dir);
    let plugins = Plugins::new(&candidates, &builds, &code);
    for module in &mut modules {
        let key = module.key.clone();
        plugins.configure(module, &key);
        let own = |script: &BuildScript| {
            script.flavors.iter().chain(&script.build_types).copied().collect::<Vec<_>>()
        };
        let all = module.scripts.iter().filter_map(|at| plugins.script(*at)).flat_map(own);
        module.variants = all.collect::<BTreeSet<_>>().into_iter().collect();
        if code.iter().any(|dir| is_below(&module.key, dir)) {
            module.kind = ModuleKind::Build;
        }
    }
    let set_of = |(file, owner): (&Candidate, &usize)| {
        Name::new(source_sets::source_set(below(&file.key, &modules[*owner].key)))
    };
    let sets: Vec<Name> = candidates.iter().zip(&owners).map(set_of).collect();
    let mut sets_of = vec![BTreeSet::new(); modules.len()];
    for (set, owner) in sets.iter().zip(&owners) {
        sets_of[*owner].insert(set.as_str());
    }
    let platforms: Vec<Platforms> =
        modules.iter().zip(&sets_of).map(|(module, sets)| Platforms::of(module, sets, &plugins)).collect();
    let mut kept = vec![false; modules.len()];
    let mut places = vec![None; candidates.len()];
    let mut files = Vec::new();
    for (at, (file, owner)) in candidates.into_iter().zip(owners).enumerate() {
        let module = &modules[owner];
        let set = sets[at].as_str();
        let in_build_code = module.kind == ModuleKind::Build || file.kind == FileKind::BuildCode;
        if let Some(reason) = left_out(&file, module, set, &platforms[owner], options) {
            tree.skipped.push((file.path, reason));
            continue;
        }
        kept[owner] = true;
        places[at] = Some(files.len());
        let source_set = if file.kind.is_build() || in_build_code { Name::default() } else { sets[at] };
        let Candidate { path, absolute, kind, in_scope, build, .. } = file;
        files.push(TreeFile { path, absolute, kind, module: owner, source_set, in_scope, build });
    }
    // Modules that own nothing are gone, and indices follow.
    let mut numbers = vec![0; modules.len()];
    let mut next = 0;
    for (number, kept) in numbers.iter_mut().zip(&kept) {
        *number = next;
        next += usize::from(*kept);
    }
    for file in &mut files {
        file.module = numbers[file.module];
    }
    tree.modules =
        modules.into_iter().zip(kept).filter_map(|(module, kept)| kept.then_some(module)).collect();
    for module in &mut tree.modules {
        let moved = |at: &ScriptRef| places[at.file].map(|file| ScriptRef { file, unit: at.unit });
        module.scripts = module.scripts.iter().filter_map(moved).collect();
    }
    tree.files = files;
}

fn below<'k>(key: &'k str, dir: &str) -> &'k str {
    key.strip_prefix(dir).unwrap_or(key).trim_start_matches('/')
}

/// Which source sets of a module can be part of an app.
struct Platforms {
    jvm_targets: Vec<&'static str>,
    jvm_is_android: bool,
    /// Sets that `androidMain` depends on.
    android_parents: BTreeSet<Name>,
    multiplatform: bool,
}

impl Platforms {
    fn of(module: &TreeModule, sets: &BTreeSet<&str>, plugins: &Plugins<'_>) -> Platforms {
        let scripts: Vec<&BuildScript> = module.scripts.iter().filter_map(|at| plugins.script(*at)).collect();
        let android = sets.iter().any(|set| set.starts_with("android") && set.ends_with("Main"))
            || matches!(module.kind, ModuleKind::Application | ModuleKind::Library);
        let edges: Vec<(Name, Name)> =
            scripts.iter().flat_map(|it| it.source_set_parents.iter().copied()).collect();
        let mut android_parents = BTreeSet::from([Name::new("androidMain")]);
        for _ in 0..edges.len() {
            for (child, parent) in &edges {
                if android_parents.contains(child) {
                    android_parents.insert(*parent);
                }
            }
        }
        Platforms {
            jvm_targets: scripts.iter().flat_map(|it| it.jvm_targets.iter().map(Name::as_str)).collect(),
            jvm_is_android: !android,
            android_parents,
            multiplatform: module.multiplatform || sets.contains("commonMain"),
        }
    }
}

fn left_out(
    file: &Candidate,
    module: &TreeModule,
    set: &str,
    platforms: &Platforms,
    options: &Options,
) -> Option<SkipReason> {
    if file.kind == FileKind::BuildCode {
        return source_sets::is_test(set, &[]).then_some(SkipReason::Test);
    }
    if file.kind.is_build() || file.kind == FileKind::Lint {
        return None;
    }
    let variants: Vec<&str> = module.variants.iter().map(Name::as_str).collect();
    let test = source_sets::is_test(set, &variants) || module.kind == ModuleKind::Test;
    if test && !options.include_tests {
        return Some(SkipReason::Test);
    }
    let elsewhere = platforms.multiplatform
        && !platforms.android_parents.contains(&Name::new(set))
        && source_sets::is_elsewhere(set, &platforms.jvm_targets, platforms.jvm_is_android);
    elsewhere.then_some(SkipReason::OtherPlatform)
}

/// Directories with code of the build: by name, by `pluginManagement`, by the plugins that their scripts apply.
fn build_code_dirs(files: &[Candidate], base: &str) -> BTreeSet<String> {
    let mut dirs = BTreeSet::new();
    for file in files.iter().filter(|it| matches!(it.kind, FileKind::Build | FileKind::Settings)) {
        let dir = folder(&file.key);
        // The base itself may lie in a folder of that name.
        let mut end = base.len().min(dir.len());
        for part in below(dir, base).split('/').filter(|part| !part.is_empty()) {
            end = dir[end..].find(part).map_or(dir.len(), |at| end + at + part.len());
            if is_build_code_name(part) {
                dirs.insert(dir[..end].to_owned());
                break;
            }
        }
        let develops =
            |script: &BuildScript| script.plugins.iter().any(|it| PLUGIN_DEVELOPMENT.contains(&it.as_str()));
        if script(file).is_some_and(develops)
            && matches!(file_name(&file.key), "build.gradle" | "build.gradle.kts")
        {
            dirs.insert(dir.to_owned());
        }
    }
    // `buildSrc` needs no build script.
    for file in files.iter().filter(|it| it.kind.is_source() || it.kind == FileKind::BuildCode) {
        if let Some((dir, _)) = file.key.split_once("/buildSrc/src/main/")
            && is_below(dir, base)
        {
            dirs.insert(format!("{dir}/buildSrc"));
        }
    }
    // An included build with a plugin project in it is build code as a whole.
    for file in files {
        for included in settings(file).into_iter().flat_map(|it| &it.included_builds) {
            let dir = join(folder(&file.key), included);
            if dirs.iter().any(|it| is_below(it, &dir)) {
                dirs.insert(dir);
            }
        }
    }
    dirs
}

pub(super) fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// Directories of builds: those with a settings file, and the base for what belongs to none.
fn builds(files: &[Candidate], code: &BTreeSet<String>, base: &str) -> Vec<String> {
    let with_settings =
        files.iter().filter(|it| it.kind == FileKind::Settings).map(|it| folder(&it.key).to_owned());
    let mut builds: BTreeSet<String> =
        with_settings.filter(|dir| !code.iter().any(|it| is_below(dir, it))).collect();
    if !builds.iter().any(|dir| is_below(base, dir)) {
        builds.insert(base.to_owned());
    }
    builds.into_iter().collect()
}

/// The build that a directory belongs to: the nearest above.
pub(super) fn build_of<'b>(builds: &'b [String], key: &str) -> &'b str {
    builds.iter().filter(|dir| is_below(key, dir)).max_by_key(|dir| dir.len()).map_or("", String::as_str)
}

fn find_modules(
    files: &[Candidate],
    code: &BTreeSet<String>,
    builds: &[String],
    base: &str,
) -> Vec<TreeModule> {
    // Absolute directory to path inside of its build.
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    for build in builds {
        found.insert(build.clone(), (build.clone(), ":".to_owned()));
    }
    for file in files.iter().filter(|it| builds.iter().any(|dir| folder(&it.key) == dir)) {
        let Some(settings) = settings(file) else { continue };
        let build = folder(&file.key);
        for include in &settings.includes {
            let moved = settings.project_dirs.iter().find(|(path, _)| path == include);
            let dir = match moved {
                Some((_, dir)) => strip_root(dir),
                None => include.trim_start_matches(':').replace(':', "/"),
            };
            found.insert(join(build, &dir), (build.to_owned(), include.as_str().to_owned()));
        }
    }
    let mut add = |dir: &str| {
        let build = build_of(builds, dir);
        let path = format!(":{}", below(dir, build).replace('/', ":"));
        found.entry(dir.to_owned()).or_insert((build.to_owned(), path));
    };
    let mut gradle = BTreeSet::new();
    for file in files.iter().filter(|it| matches!(it.kind, FileKind::Build | FileKind::Settings)) {
        gradle.insert(build_of(builds, &file.key));
        if matches!(file_name(&file.key), "build.gradle" | "build.gradle.kts") {
            add(folder(&file.key));
        }
    }
    for dir in code {
        add(dir);
    }
    // Without Gradle a manifest makes a module.
    for file in files.iter().filter(|it| it.kind == FileKind::Manifest) {
        if !gradle.contains(build_of(builds, &file.key)) {
            let dir = folder(&file.key);
            let set = folder(dir);
            add(if file_name(set) == "src" { folder(set) } else { dir });
        }
    }
    let mut modules: Vec<TreeModule> = found
        .into_iter()
        .map(|(key, (build, gradle_path))| {
            let dir = super::relative(base.as_ref(), key.as_ref());
            // The outermost build's modules are called as its settings call them.
            let outer = is_below(base, &build);
            let path = match (outer, below(&key, base)) {
                (true, _) => gradle_path.clone(),
                (false, inner) => format!(":{}", inner.replace('/', ":")),
            };
            TreeModule { path, gradle_path, dir, build, key, ..TreeModule::default() }
        })
        .collect();
    modules.sort_by(|a, b| a.dir.cmp(&b.dir));
    modules
}

/// `$rootDir/x` and `${rootProject.projectDir}/x` as `x`.
fn strip_root(dir: &str) -> String {
    match dir.split_once('/') {
        Some((first, rest)) if first.starts_with('$') => rest.to_owned(),
        _ => dir.to_owned(),
    }
}

/// The innermost module around a file.
fn owner(by_dir: &FxHashMap<&str, usize>, key: &str) -> usize {
    let mut dir = folder(key);
    loop {
        if let Some(module) = by_dir.get(dir) {
            return *module;
        }
        let above = folder(dir);
        if above.len() == dir.len() {
            return 0;
        }
        dir = above;
    }
}
