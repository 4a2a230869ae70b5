//! Which scripts configure a module: its own, those it applies, convention plugins and functions of build code, as
//! far as names lead to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::facts::gradle::{BuildScript, SettingValue};
use crate::syntax::{FileKind, Parsed};

use super::Candidate;
use super::layout::{ModuleKind, ScriptRef, TreeModule, build_of, file_name, folder, is_below, join};

/// Everything that names lead to, per build.
pub(super) struct Plugins<'c> {
    files: &'c [Candidate],
    per_build: BTreeMap<&'c str, Names>,
    /// Build files by path.
    by_key: FxHashMap<&'c str, usize>,
}

#[derive(Default)]
struct Names {
    /// `libs.plugins.android.application` to `com.android.application`.
    aliases: BTreeMap<Name, Name>,
    /// Id of a plugin defined in the build to what it runs.
    plugins: BTreeMap<Name, Vec<ScriptRef>>,
    /// Functions and classes of build code.
    units: BTreeMap<Name, Vec<ScriptRef>>,
}

impl<'c> Plugins<'c> {
    pub(super) fn new(files: &'c [Candidate], builds: &'c [String], code: &BTreeSet<String>) -> Plugins<'c> {
        let mut per_build: BTreeMap<&str, Names> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            let names = per_build.entry(build_of(builds, &file.key)).or_default();
            let in_code = code.iter().any(|dir| is_below(&file.key, dir));
            match file.build.as_ref().map(|build| &build.parsed) {
                Some(Parsed::Build(script)) if in_code => {
                    for (unit, (name, _)) in script.units.iter().enumerate() {
                        names.units.entry(*name).or_default().push(ScriptRef { file: at, unit: Some(unit) });
                    }
                    if let Some(id) = precompiled_id(file) {
                        names.plugins.entry(id).or_default().push(ScriptRef { file: at, unit: None });
                    }
                }
                Some(Parsed::Catalog(catalog)) => {
                    let accessor = accessor(files, file);
                    for (key, id) in &catalog.plugins {
                        names.aliases.insert(Name::new(&format!("{accessor}.plugins.{key}")), *id);
                    }
                }
                _ => {}
            }
        }
        let build_files = files.iter().enumerate().filter(|(_, file)| file.kind.is_build());
        let by_key = build_files.map(|(at, file)| (file.key.as_str(), at)).collect();
        let mut plugins = Plugins { files, per_build, by_key };
        plugins.link(builds);
        plugins
    }

    /// Plugin ids to the classes that implement them; needs all units and aliases.
    fn link(&mut self, builds: &'c [String]) {
        for file in self.files {
            let Some(names) = self.per_build.get_mut(build_of(builds, &file.key)) else { continue };
            let defined: Vec<(Name, Name)> = match file.build.as_ref().map(|build| &build.parsed) {
                Some(Parsed::Build(script)) => {
                    let scripts = script.units.iter().map(|(_, unit)| unit).chain([script.as_ref()]);
                    let pairs = scripts.flat_map(|it| &it.defines_plugins);
                    pairs.filter_map(|(id, class)| Some((names.id(plain(id)?), *class))).collect()
                }
                Some(Parsed::Properties(properties)) if file.path.contains("META-INF/gradle-plugins/") => {
                    let id = file_name(&file.key).trim_end_matches(".properties");
                    let class = properties.entries.iter().find(|(key, _)| *key == "implementation-class");
                    let class = class.and_then(|(_, setting)| plain(&setting.value));
                    class.map(|class| (Name::new(id), Name::new(class.last()))).into_iter().collect()
                }
                _ => continue,
            };
            for (id, class) in defined {
                let units = names.units.get(&class).cloned().unwrap_or_default();
                names.plugins.entry(id).or_default().extend(units);
            }
        }
    }

    pub(super) fn script(&self, at: ScriptRef) -> Option<&'c BuildScript> {
        let Parsed::Build(script) = &self.files.get(at.file)?.build.as_ref()?.parsed else { return None };
        match at.unit {
            Some(unit) => script.units.get(unit).map(|(_, unit)| unit),
            None => Some(script),
        }
    }

    /// The build script of a directory: `build.gradle(.kts)`, or one named as the directory.
    fn script_of(&self, dir: &str) -> Option<usize> {
        let own = file_name(dir);
        let names =
            ["build.gradle.kts", "build.gradle", &format!("{own}.gradle.kts"), &format!("{own}.gradle")];
        names.iter().find_map(|name| self.by_key.get(format!("{dir}/{name}").as_str()).copied())
    }

    /// Fills the scripts, plugins and kind of the module in a directory.
    pub(super) fn configure(&self, module: &mut TreeModule, dir: &str) {
        let own = self.script_of(dir);
        let nothing = Names::default();
        let names = self.per_build.get(module.build.as_str()).unwrap_or(&nothing);
        let mut walk = Walk {
            all: self,
            names,
            dir: dir.to_owned(),
            root: &module.build,
            plugins: Vec::new(),
            scripts: Vec::new(),
        };
        if let Some(own) = own {
            walk.follow(ScriptRef { file: own, unit: None });
        }
        // `subprojects { }` of every project above, the nearest first.
        let mut above = Vec::new();
        let mut around = dir;
        while own.is_some() && is_below(around, &module.build) {
            above.extend(self.script_of(around));
            if around.len() <= module.build.len() {
                break;
            }
            around = folder(around);
        }
        for file in above {
            let Some(script) = self.script(ScriptRef { file, unit: None }) else { continue };
            for (unit, (name, _)) in script.units.iter().enumerate() {
                if *name == "allprojects" || (*name == "subprojects" && own != Some(file)) {
                    walk.follow(ScriptRef { file, unit: Some(unit) });
                }
            }
        }
        module.kind = kind(&walk.plugins);
        module.multiplatform = walk.plugins.iter().any(|id| {
            matches!(
                id.as_str(),
                "org.jetbrains.kotlin.multiplatform" | "com.android.kotlin.multiplatform.library"
            ) || id.ends_with("kotlin.multiplatform")
                || *id == "kotlin-multiplatform"
        });
        module.plugins = walk.plugins;
        module.scripts = walk.scripts;
    }
}

impl Names {
    /// The id behind an alias; what is no alias is an id.
    fn id(&self, written: Name) -> Name {
        let accessor = written.replace(['-', '_'], ".");
        let trimmed = accessor.trim_end_matches(".asProvider");
        let found = self.aliases.get(&Name::new(trimmed));
        found.copied().unwrap_or(written)
    }
}

/// One module's search.
struct Walk<'w, 'c> {
    all: &'w Plugins<'c>,
    names: &'w Names,
    dir: String,
    root: &'w str,
    plugins: Vec<Name>,
    scripts: Vec<ScriptRef>,
}

impl Walk<'_, '_> {
    fn follow(&mut self, start: ScriptRef) {
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let Some(script) = self.all.script(at) else { continue };
            if self.scripts.contains(&at) {
                continue;
            }
            self.scripts.push(at);
            for path in &script.applied_scripts {
                queue.extend(self.applied(at.file, path).map(|file| ScriptRef { file, unit: None }));
            }
            // Functions of the same file come before those of build code.
            let own = self.all.script(ScriptRef { file: at.file, unit: None });
            for name in &script.mentions {
                let local = own.into_iter().flat_map(|own| own.units.iter().enumerate());
                let local = local.filter(|(_, (unit, _))| {
                    unit == name && *unit != "subprojects" && *unit != "allprojects"
                });
                queue.extend(local.map(|(unit, _)| ScriptRef { file: at.file, unit: Some(unit) }));
                queue.extend(self.names.units.get(name).into_iter().flatten());
            }
            for written in &script.plugins {
                let id = self.names.id(*written);
                queue.extend(self.names.plugins.get(&id).into_iter().flatten());
                queue.extend(self.names.units.get(&id).into_iter().flatten());
                if !self.plugins.contains(&id) {
                    self.plugins.push(id);
                }
            }
        }
    }

    /// The file of `apply from:`: relative to the script, the module, or the root.
    fn applied(&self, script: usize, path: &str) -> Option<usize> {
        let rest = match path.split_once('/') {
            Some((first, rest)) if first.starts_with('$') => rest,
            _ => path,
        };
        // `$rootDir/$projectDir/x`: `rootProject` stood inside of the string.
        let rest = match rest.split_once('/') {
            Some((first, inner)) if first.starts_with('$') => inner,
            _ => rest,
        };
        let dirs = if rest.len() < path.len() {
            [self.root, &self.dir, self.root]
        } else {
            [folder(&self.all.files[script].key), &self.dir, self.root]
        };
        dirs.iter().find_map(|dir| {
            let key = join(dir, rest);
            self.all.by_key.get(key.as_str()).copied()
        })
    }
}

fn plain(value: &SettingValue) -> Option<Name> {
    match value {
        SettingValue::Text(name) | SettingValue::Reference(name) => Some(*name),
        SettingValue::Number(_) | SettingValue::FirstOf(_) => None,
    }
}

/// How build scripts call a catalog: as the settings say, else after its file.
pub(super) fn accessor(files: &[Candidate], catalog: &Candidate) -> Name {
    for file in files {
        let Some(Parsed::Settings(settings)) = file.build.as_ref().map(|it| &it.parsed) else { continue };
        for (accessor, path) in &settings.catalogs {
            let below_root = catalog
                .key
                .ends_with(&format!("/{}", path.trim_start_matches("../").trim_start_matches("./")));
            // The default name wins: build code often calls the main catalog by another path.
            if below_root && !catalog.key.ends_with("/libs.versions.toml") {
                return *accessor;
            }
        }
    }
    Name::new(file_name(&catalog.key).split('.').next().unwrap_or("libs"))
}

/// Id of a precompiled script plugin: file name and package.
fn precompiled_id(file: &Candidate) -> Option<Name> {
    let name = file_name(&file.key);
    if file.kind != FileKind::Build || !file.key.contains("/src/main/") {
        return None;
    }
    let stem = name.strip_suffix(".gradle.kts").or_else(|| name.strip_suffix(".gradle"))?;
    let text = &file.build.as_ref()?.text;
    let package = text.lines().find_map(|line| line.strip_prefix("package ")).map(str::trim);
    Some(package.map_or(Name::new(stem), |package| Name::new(&format!("{package}.{stem}"))))
}

/// The first plugin that says it; an alias of a catalog that is not there says it by its name.
fn kind(plugins: &[Name]) -> ModuleKind {
    let of = |id: &Name| {
        let dotted = id.replace('-', ".");
        Some(match id.as_str() {
            "com.android.application" | "android" | "com.android.instantapp" => ModuleKind::Application,
            "com.android.library" | "android-library" | "com.android.kotlin.multiplatform.library" => {
                ModuleKind::Library
            }
            "com.android.dynamic-feature" => ModuleKind::DynamicFeature,
            "com.android.test" => ModuleKind::Test,
            _ if dotted.ends_with("android.application") => ModuleKind::Application,
            _ if dotted.ends_with("android.library") => ModuleKind::Library,
            _ if dotted.ends_with("android.test") => ModuleKind::Test,
            _ => return None,
        })
    };
    // What Android's own plugins say counts before what names suggest.
    let known = plugins.iter().filter(|id| id.starts_with("com.android.") || !id.contains('.')).find_map(of);
    let jvm = |id: &&Name| {
        matches!(
            id.as_str(),
            "org.jetbrains.kotlin.jvm" | "java-library" | "java" | "kotlin" | "application" | "groovy"
        )
    };
    known
        .or_else(|| plugins.iter().find(jvm).map(|_| ModuleKind::Jvm))
        .or_else(|| plugins.iter().find_map(of))
        .unwrap_or_default()
}
