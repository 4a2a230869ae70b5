//! SDK levels and namespaces of modules: settings followed through catalogs, properties, `ext` values and constants of
//! build code to the number that somebody wrote.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem};
use crate::discover::{ModuleKind, Tree, TreeModule};
use crate::facts::gradle::{BuildScript, Database, LintSetting, Setting, SettingValue};
use crate::facts::manifest::{ManifestFacts, Value};
use crate::findings::{FileId, Place};
use crate::syntax::{FileKind, Parsed};

use super::project::{Module, NEWEST_SDK, OLDEST_SDK, SdkLevel};

/// References that lead to references end after this many steps.
const MAX_STEPS: usize = 8;

/// Words in front of a path that only say which project is asked.
const OWNERS: &[&str] =
    &["rootProject", "project", "ext", "extra", "properties", "gradle", "target", "parent", "this", "it"];

/// The levels a module says itself; assumed ones have no place.
pub(super) struct Own {
    pub(super) min: SdkLevel,
    pub(super) target: SdkLevel,
}

/// Levels of modules that do not say theirs; what is none here is assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    pub min: Option<u32>,
    pub target: Option<u32>,
}

/// Everything that settings may refer to.
pub(super) struct Levels<'t> {
    fallback: Fallback,
    tree: &'t Tree,
    files: &'t BTreeMap<usize, FileId>,
    per_build: BTreeMap<&'t str, Names<'t>>,
}

#[derive(Default)]
struct Names<'t> {
    /// Keys of catalogs' versions, with the catalog's file name in front: several may have the same key.
    versions: BTreeMap<Name, Vec<(usize, &'t Setting)>>,
    properties: BTreeMap<Name, Vec<(usize, &'t Setting)>>,
    constants: BTreeMap<Name, Vec<(usize, &'t Setting)>>,
}

impl<'t> Levels<'t> {
    pub(super) fn new(tree: &'t Tree, files: &'t BTreeMap<usize, FileId>, fallback: Fallback) -> Levels<'t> {
        let mut per_build: BTreeMap<&str, Names<'t>> = BTreeMap::new();
        for (at, file) in tree.files.iter().enumerate() {
            let Some(build) = &file.build else { continue };
            let names = per_build.entry(&tree.modules[file.module].build).or_default();
            match &build.parsed {
                Parsed::Build(script) => {
                    for (name, setting) in &script.constants {
                        names.constants.entry(*name).or_default().push((at, setting));
                    }
                }
                Parsed::Catalog(catalog) => {
                    for (name, setting) in &catalog.versions {
                        names.versions.entry(*name).or_default().push((at, setting));
                    }
                }
                Parsed::Properties(properties) => {
                    for (name, setting) in &properties.entries {
                        names.properties.entry(*name).or_default().push((at, setting));
                    }
                }
                _ => {}
            }
        }
        Levels { fallback, tree, files, per_build }
    }

    /// The module's scripts with their files, what counts more first.
    fn scripts(&self, module: &'t TreeModule) -> impl Iterator<Item = (usize, &'t BuildScript)> {
        module.scripts.iter().filter_map(|at| Some((at.file, self.tree.script(*at)?)))
    }

    pub(super) fn namespace(&self, module: &'t TreeModule) -> Option<Name> {
        self.scripts(module).find_map(|(file, script)| self.text(module, file, script.namespace.as_ref()?))
    }

    /// SQLDelight's databases with the files that say so.
    pub(super) fn databases(&self, module: &'t TreeModule) -> Vec<(FileId, &'t Database)> {
        let of = |(file, script): (usize, &'t BuildScript)| {
            let file = self.files.get(&file).copied();
            script.databases.iter().filter_map(move |it| Some((file?, it)))
        };
        self.scripts(module).flat_map(of).collect()
    }

    pub(super) fn has_plugin(&self, module: &'t TreeModule, id: &str) -> bool {
        self.scripts(module).any(|(_, script)| script.plugins.iter().any(|plugin| *plugin == id))
    }

    /// Values of `${placeholders}` in a module's manifests; none where variants differ.
    pub(super) fn placeholders(&self, module: &'t TreeModule) -> BTreeMap<Name, Option<Name>> {
        let mut found: BTreeMap<Name, Option<Name>> = BTreeMap::new();
        for (key, value) in self.scripts(module).flat_map(|(_, script)| &script.placeholders) {
            let known = found.entry(*key).or_insert(Some(*value));
            if *known != Some(*value) || value.contains('$') {
                *known = None;
            }
        }
        found
    }

    /// What the `lint` blocks of a module's scripts say, what counts more last.
    pub(super) fn lint(&self, module: &'t TreeModule) -> Vec<(FileId, &'t LintSetting)> {
        let scripts: Vec<_> = self.scripts(module).collect();
        let settings = scripts.into_iter().rev().flat_map(|(file, script)| {
            let file = self.files.get(&file).copied();
            script.lint.iter().filter_map(move |it| Some((file?, it)))
        });
        settings.collect()
    }

    pub(super) fn has_application_id(&self, module: &'t TreeModule) -> bool {
        self.scripts(module).any(|(_, script)| script.application_id.is_some())
    }

    /// What Gradle files say, else `<uses-sdk>` of the module's manifests, else assumed. Flavors count: the lowest
    /// minimum and the highest target of any variant.
    pub(super) fn own(
        &self,
        module: &'t TreeModule,
        manifests: impl Iterator<Item = (FileId, &'t ManifestFacts)>,
    ) -> Own {
        let default = |of: fn(&BuildScript) -> Option<&Setting>| {
            self.scripts(module).find_map(|(file, script)| self.level(module, file, of(script)?))
        };
        let flavors = |of: fn(&BuildScript) -> &Vec<Setting>| {
            let settings = self
                .scripts(module)
                .flat_map(move |(file, script)| of(script).iter().map(move |it| (file, it)));
            settings.filter_map(|(file, setting)| self.level(module, file, setting)).collect::<Vec<_>>()
        };
        let mut min = default(|it| it.min_sdk.as_ref())
            .into_iter()
            .chain(flavors(|it| &it.flavor_min_sdk))
            .min_by_key(|it| it.level);
        let mut target = default(|it| it.target_sdk.as_ref())
            .into_iter()
            .chain(flavors(|it| &it.flavor_target_sdk))
            .max_by_key(|it| it.level);
        for (file, facts) in manifests {
            let read = |value: &Option<Value>| {
                let value = value.as_ref()?;
                Some(SdkLevel {
                    level: value.text.parse().ok()?,
                    place: Some(Place { file, span: value.span }),
                })
            };
            min = min.or_else(|| read(&facts.min_sdk));
            target = target.or_else(|| read(&facts.target_sdk));
        }
        Own {
            min: min.unwrap_or(SdkLevel { level: self.fallback.min.unwrap_or(OLDEST_SDK), place: None }),
            target: target
                .unwrap_or(SdkLevel { level: self.fallback.target.unwrap_or(NEWEST_SDK), place: None }),
        }
    }

    /// Gives libraries the levels of the applications that include them, and says what is assumed.
    pub(super) fn inherit(&self, modules: &mut [Module], problems: &mut Vec<Problem>) {
        let own: Vec<(SdkLevel, SdkLevel)> = modules.iter().map(|it| (it.min_sdk, it.target_sdk)).collect();
        let is_application: Vec<bool> = modules.iter().map(|it| it.is_application).collect();
        let gradle_says = self.tree.modules.iter().any(|module| module.kind.is_android());
        // Modules of build files only need no levels.
        let code = |kind: FileKind| kind.is_source() || kind == FileKind::Manifest;
        let with_code: BTreeSet<usize> =
            self.tree.files.iter().filter(|file| code(file.kind)).map(|file| file.module).collect();
        for (module, at) in modules.iter_mut().zip(0..) {
            let mut apps: Vec<usize> = module.applications.iter().map(|id| id.0 as usize).collect();
            if apps.is_empty() {
                // Whatever includes it, the build's applications are the likeliest to decide.
                let build = &self.tree.modules[at].build;
                apps = (0..own.len())
                    .filter(|app| is_application[*app] && self.tree.modules[*app].build == *build)
                    .collect();
            }
            apps.retain(|app| *app != at);
            if !module.is_application
                && let Some(target) = apps.iter().map(|app| own[*app].1).max_by_key(|it| (it.level, it.place))
            {
                module.target_sdk = target;
            }
            if module.min_sdk.place.is_none()
                && let Some(min) = apps.iter().map(|app| own[*app].0).min_by_key(|it| (it.level, it.place))
            {
                module.min_sdk = min;
            }
            // Libraries repeat what their application lacks; modules that build nothing need no levels.
            let kind = self.tree.modules[at].kind;
            let needs = kind.is_android() || (kind == ModuleKind::Unknown && !gradle_says);
            if !needs || !with_code.contains(&at) || (!module.is_application && !apps.is_empty()) {
                continue;
            }
            if module.target_sdk.place.is_none() && self.fallback.target.is_none() {
                problems.push(self.assumed(at, "targetSdk", NEWEST_SDK));
            }
            if module.min_sdk.place.is_none() && self.fallback.min.is_none() {
                problems.push(self.assumed(at, "minSdk", OLDEST_SDK));
            }
        }
    }

    fn assumed(&self, at: usize, what: &str, level: u32) -> Problem {
        let module = &self.tree.modules[at];
        let script = module.scripts.first().map(|script| self.tree.files[script.file].path.clone());
        let message = format!("{what} of module {} is not to be found, {level} is assumed", module.path);
        let path = script.unwrap_or_else(|| module.dir.clone());
        Problem { kind: ProblemKind::Assumed, path, span: None, line: None, message }
    }

    fn level(&self, module: &TreeModule, file: usize, setting: &Setting) -> Option<SdkLevel> {
        let (level, file, setting) = self.follow(module, file, setting, 0, |value| match value {
            // Anything larger is a version code or a date.
            SettingValue::Number(level) if *level < 1000 => Some(*level),
            _ => None,
        })?;
        let place = self.files.get(&file).map(|id| Place { file: *id, span: setting });
        Some(SdkLevel { level, place })
    }

    fn text(&self, module: &TreeModule, file: usize, setting: &Setting) -> Option<Name> {
        let found = self.follow(module, file, setting, 0, |value| match value {
            SettingValue::Text(text) if !text.contains('$') => Some(*text),
            _ => None,
        });
        found.map(|(text, ..)| text)
    }

    /// Follows a setting until `wanted` accepts a value; says where that one was written.
    fn follow<T>(
        &self,
        module: &TreeModule,
        file: usize,
        setting: &Setting,
        step: usize,
        wanted: fn(&SettingValue) -> Option<T>,
    ) -> Option<(T, usize, crate::base::Span)> {
        let one = |value: &SettingValue| -> Option<(T, usize, crate::base::Span)> {
            if let SettingValue::Reference(path) = value {
                if step >= MAX_STEPS {
                    return None;
                }
                let targets = self.lookup(module, file, *path);
                return targets
                    .into_iter()
                    .find_map(|(file, setting)| self.follow(module, file, setting, step + 1, wanted));
            }
            wanted(value).map(|found| (found, file, setting.span))
        };
        match &setting.value {
            SettingValue::FirstOf(values) => values.iter().find_map(one),
            value => one(value),
        }
    }

    /// What a path may mean here, the likeliest first.
    fn lookup(&self, module: &TreeModule, file: usize, path: Name) -> Vec<(usize, &'t Setting)> {
        let Some(names) = self.per_build.get(module.build.as_str()) else { return Vec::new() };
        let mut parts: Vec<&str> = path.split('.').collect();
        while parts.len() > 1 && OWNERS.contains(&parts[0]) {
            parts.remove(0);
        }
        if let [accessor, "versions", key @ ..] = parts.as_slice()
            && !key.is_empty()
        {
            let key = Name::new(&key.join(".").replace(['-', '_'], "."));
            let mut found = names.versions.get(&key).cloned().unwrap_or_default();
            // Of several catalogs the one that is called so.
            let called =
                |at: usize| self.tree.files[at].path.rsplit('/').next().unwrap_or("").starts_with(accessor);
            found.sort_by_key(|(at, _)| !called(*at));
            if !found.is_empty() {
                return found;
            }
        }
        let mut found = Vec::new();
        for start in 0..parts.len() {
            let name = Name::new(&parts[start..].join("."));
            found.extend(names.constants.get(&name).into_iter().flatten().copied());
        }
        // `import Versions.MIN_SDK`: a member by its own name, when only one is called so.
        if found.is_empty()
            && let Some(last) = parts.last()
        {
            let member = |name: &Name| name.strip_suffix(last).is_some_and(|owner| owner.ends_with('.'));
            let members: Vec<_> = names.constants.iter().filter(|(name, _)| member(name)).collect();
            if let [(_, one)] = members.as_slice() {
                found.extend(one.iter().copied());
            }
        }
        let near = |at: usize| match at {
            _ if at == file => 0,
            _ if module.scripts.iter().any(|script| script.file == at) => 1,
            _ => 2,
        };
        found.sort_by_key(|(at, _)| near(*at));
        let property = Name::new(&parts.join("."));
        let mut properties = names.properties.get(&property).cloned().unwrap_or_default();
        // The module's own file counts more than the root's.
        properties.sort_by_key(|(at, _)| std::cmp::Reverse(self.tree.files[*at].path.len()));
        found.extend(properties);
        found
    }
}
