//! What statements of build scripts mean: levels, plugins, dependencies, flavors, settings.

use crate::base::{Name, Span};
use crate::facts::gradle::{Database, LintSetting, ProjectDependency, Setting, SettingValue};

use super::cursor::{Range, Segment};
use super::scan::{Frame, FrameKind, Scanner, Tail};
use super::token::Kind;

/// Blocks whose `minSdk` and `targetSdk` are not the app's.
const OTHER_LEVELS: &[&str] = &[
    "testOptions",
    "lint",
    "lintOptions",
    "managedDevices",
    "allDevices",
    "localDevices",
    "devices",
    "aar",
    "aarMetadata",
];

/// A plugin of a `gradlePlugin` block while its statements are read.
#[derive(Debug, Default)]
pub(super) struct Registration {
    id: Option<SettingValue>,
    class: Option<Name>,
}

impl<'a> Scanner<'a> {
    pub(super) fn collect(&mut self, chain: &[Segment<'a>], tail: &Tail) {
        let Some(last) = chain.last() else { return };
        if let Some(at) = chain.iter().position(|it| it.name == "manifestPlaceholders") {
            return self.placeholders(&chain[at..], tail);
        }
        // `minSdk.set(21)` is `minSdk = 21`.
        let (key, owners) = match chain {
            [owners @ .., property, set] if set.name == "set" && property.args.is_none() => {
                (property.name, owners)
            }
            [owners @ .., last] => (last.name, owners),
            [] => return,
        };
        let value = value_range(last, tail);
        match key {
            "minSdk" | "minSdkVersion" | "targetSdk" | "targetSdkVersion" | "compileSdk"
            | "compileSdkVersion" => {
                self.level(key, owners, value);
            }
            "packageName" | "generateAsync" if self.inside("sqldelight") => self.database(key, value),
            "namespace" | "applicationId" => self.identity(key, owners, value),
            "id" | "alias" | "kotlin" | "apply" | "plugin" => self.plugin(key, chain, tail),
            "implementationClass" | "includeBuild" | "include" | "from" | "projectDir" => {
                self.setting_statement(key, chain, tail, value);
            }
            "dependsOn" => self.source_set_parent(owners, value),
            "jvm" if self.inside("kotlin") => {
                let name = last.args.clone().and_then(|args| self.cursor.first_text(args));
                let name = Name::new(name.map_or("jvm", |at| self.cursor.word(at)));
                self.out().jvm_targets.push(name);
            }
            "disable" | "ignore" | "error" | "fatal" | "warning" | "informational" | "add" | "addAll"
                if chain.iter().any(|it| is_lint(it.name))
                    || self.frames.iter().any(|it| is_lint(it.name)) =>
            {
                self.lint(key, owners, value);
            }
            "dynamicFeatures" => {
                let texts: Vec<usize> = value.map_or_else(Vec::new, |range| self.texts(range));
                for at in texts {
                    let target = Name::new(self.cursor.word(at));
                    let configuration = Name::new("dynamicFeatures");
                    self.out().project_dependencies.push(ProjectDependency { configuration, target });
                }
            }
            _ => self.other(chain, tail),
        }
    }

    /// Blocks with a name of their own: flavors, build types, plugin registrations.
    pub(super) fn block_of(&mut self, frame: Frame<'a>, block: Range) {
        let parent = self.frames.last().map_or("", |it| it.name);
        if matches!(parent, "productFlavors" | "buildTypes") {
            let name = Name::new(if frame.arg.is_empty() { frame.name } else { frame.arg });
            let functions = ["all", "configureEach", "each", "forEach", "whenObjectAdded", "dependencies"];
            if !functions.contains(&frame.name) {
                let out = self.out();
                let list = if parent == "buildTypes" { &mut out.build_types } else { &mut out.flavors };
                if !list.contains(&name) {
                    list.push(name);
                }
            }
        }
        let registers = self.inside("gradlePlugin") && frame.name != "plugins";
        if registers {
            self.registration = Registration::default();
        }
        self.nested(frame, block);
        if registers
            && let Registration { id: Some(id), class: Some(class) } = std::mem::take(&mut self.registration)
        {
            self.out().defines_plugins.push((id, class));
        }
    }

    fn inside(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| frame.name == name)
    }

    fn texts(&self, range: Range) -> Vec<usize> {
        range.filter(|at| self.cursor.kind(*at) == Some(Kind::Text)).collect()
    }

    /// `manifestPlaceholders = [a: "x"]`, `+= mapOf("a" to "x")`, `["a"] = "x"`, `.put("a", "x")`.
    fn placeholders(&mut self, chain: &[Segment<'a>], tail: &Tail) {
        let text = |at: usize| self.cursor.kind(at) == Some(Kind::Text);
        let word = |at: usize| Name::new(self.cursor.word(at));
        let mut found: Vec<(Name, Name)> = Vec::new();
        let value = chain.last().and_then(|last| value_range(last, tail));
        let keyed = chain.first().and_then(|first| first.index.clone());
        if let (Some(key), Some(value)) =
            (keyed.and_then(|index| self.cursor.first_text(index)), value.clone().map(|range| range.start))
        {
            found.extend(text(value).then(|| (word(key), word(value))));
        } else if let Some(value) = value {
            let put = chain.len() > 1;
            for at in value {
                let separated = self.cursor.is_punct(at + 1, b':')
                    || self.cursor.is_word(at + 1, "to")
                    || (put && self.cursor.is_punct(at + 1, b','));
                let is_key = text(at) || self.cursor.kind(at) == Some(Kind::Word);
                if is_key && separated && text(at + 2) {
                    found.push((word(at), word(at + 2)));
                }
            }
        }
        self.out().placeholders.extend(found);
    }

    fn is_ext(&self, owners: &[Segment<'a>]) -> bool {
        let is = |name: &str| matches!(name, "ext" | "extra");
        owners.iter().any(|it| is(it.name)) || self.frames.iter().any(|it| is(it.name))
    }

    fn level(&mut self, key: &str, owners: &[Segment<'a>], value: Option<Range>) {
        let Some(range) = value else { return };
        if self.is_ext(owners) {
            return self.constant(key, range);
        }
        let other = |name: &str| OTHER_LEVELS.contains(&name);
        if owners.iter().any(|it| other(it.name))
            || self.frames.iter().any(|it| other(it.name) || other(it.arg))
        {
            return;
        }
        let Some(setting) = self.cursor.setting(range) else { return };
        let in_flavor = self.inside("productFlavors");
        let out = self.out();
        let slot = match key {
            "minSdk" | "minSdkVersion" if in_flavor => return out.flavor_min_sdk.push(setting),
            "targetSdk" | "targetSdkVersion" if in_flavor => return out.flavor_target_sdk.push(setting),
            "minSdk" | "minSdkVersion" => &mut out.min_sdk,
            "targetSdk" | "targetSdkVersion" => &mut out.target_sdk,
            _ => &mut out.compile_sdk,
        };
        // The last assignment is the one that counts.
        *slot = Some(setting);
    }

    /// `disable += "A"`, `disable.add("A")`, `error("A", "B")`.
    fn lint(&mut self, key: &str, owners: &[Segment<'a>], value: Option<Range>) {
        let word = if key.starts_with("add") { owners.last().map_or("", |it| it.name) } else { key };
        let texts = value.map_or_else(Vec::new, |range| self.texts(range));
        let Some(first) = texts.first() else { return };
        let span = self.cursor.tokens.get(*first).map_or(Span::default(), |it| Span::new(it.start, it.end));
        let ids = texts.iter().map(|at| Name::new(self.cursor.word(*at))).collect();
        let setting = LintSetting { word: Name::new(word), ids, span };
        self.out().lint.push(setting);
    }

    /// The database of the block around.
    fn database(&mut self, key: &str, value: Option<Range>) {
        let (Some(range), Some(frame)) = (value, self.frames.last()) else { return };
        let name = Name::new(if frame.arg.is_empty() { frame.name } else { frame.arg });
        let at = self.cursor.skip_newlines(range.start, range.end);
        let span = self.cursor.tokens.get(at).map_or(Span::default(), |it| Span::new(it.start, it.end));
        let text = self.cursor.first_text(range).map(|text| Name::new(self.cursor.word(text)));
        let suspends = self.cursor.is_word(at, "true");
        let databases = &mut self.out().databases;
        let known = databases.iter().position(|it| it.name == name).unwrap_or_else(|| {
            databases.push(Database { name, package: None, suspends: false, span });
            databases.len() - 1
        });
        if key == "packageName" {
            databases[known].package = text;
        } else {
            databases[known].suspends = suspends;
        }
    }

    fn identity(&mut self, key: &str, owners: &[Segment<'a>], value: Option<Range>) {
        let Some(range) = value else { return };
        if self.is_ext(owners) {
            return self.constant(key, range);
        }
        if self.inside("productFlavors") || self.inside("buildTypes") {
            return;
        }
        let Some(setting) = self.cursor.setting(range) else { return };
        let out = self.out();
        let slot = if key == "namespace" { &mut out.namespace } else { &mut out.application_id };
        slot.get_or_insert(setting);
    }

    /// `id("x")`, `alias(libs.plugins.x)`, `kotlin("android")`, `apply plugin: 'x'`, `apply(plugin = "x")`.
    fn plugin(&mut self, key: &str, chain: &[Segment<'a>], tail: &Tail) {
        let Some(last) = chain.last() else { return };
        if self.inside("pluginManagement") || self.inside("buildscript") {
            return;
        }
        if self.inside("gradlePlugin") {
            if let Some(setting) = value_range(last, tail).and_then(|range| self.cursor.setting(range))
                && key == "id"
            {
                self.registration.id = Some(setting.value);
            }
            return;
        }
        if key == "apply" {
            return self.apply(last, tail);
        }
        let Some(range) = value_range(last, tail) else { return };
        // `apply { plugin("x") }` is a call; `plugin = "x"` is an argument of `apply`, read there.
        let applied = key == "plugin" && last.args.is_some();
        if !self.inside("plugins") && key != "alias" && !applied {
            return;
        }
        let rest = match tail {
            Tail::Command(range) => range.clone(),
            _ => {
                let after = last.args.as_ref().map_or(last.token, |args| args.end);
                after..self.cursor.statement_end(after, self.cursor.tokens.len())
            }
        };
        if rest.clone().any(|at| self.cursor.is_word(at, "apply") && self.cursor.is_word(at + 1, "false")) {
            return;
        }
        // Groovy's `id 'x' version 'y'`: only the first value is the id.
        let first = self.cursor.skip_newlines(range.start, range.end);
        let one = match self.cursor.kind(first) {
            Some(Kind::Text) => first..first + 1,
            _ => range,
        };
        let Some(name) = self.cursor.name_of(one) else { return };
        let name = if key == "kotlin" { Name::new(&format!("org.jetbrains.kotlin.{name}")) } else { name };
        self.out().plugins.push(name);
    }

    fn apply(&mut self, last: &Segment<'a>, tail: &Tail) {
        for class in &last.type_args {
            self.out().plugins.push(Name::new(class));
        }
        let Some(range) = (match tail {
            Tail::Command(range) => Some(range.clone()),
            _ => last.args.clone(),
        }) else {
            return;
        };
        let start = self.cursor.skip_newlines(range.start, range.end);
        let named = self.cursor.is_punct(start + 1, b':') || self.cursor.is_assign(start + 1);
        if named && self.cursor.is_word(start, "from") {
            let rooted = (start..range.end).any(|at| {
                ["rootProject", "rootDir", "isolated"].iter().any(|word| self.cursor.is_word(at, word))
            });
            let Some(text) = self.cursor.first_text(start..range.end) else { return };
            let path = self.cursor.word(text);
            let path = if rooted { format!("$rootDir/{path}") } else { path.to_owned() };
            return self.out().applied_scripts.push(Name::new(&path));
        }
        let value = if named { start + 2..range.end } else { start..range.end };
        let Some(name) = self.cursor.name_of(value.clone()) else { return };
        // `apply(target)` runs a plugin object; `apply plugin: FooPlugin` names a class.
        let literal = self.cursor.kind(self.cursor.skip_newlines(value.start, value.end)) == Some(Kind::Text);
        let class = named && name.starts_with(char::is_uppercase);
        if literal || class || name.contains(".plugins.") {
            self.out().plugins.push(name);
        }
    }

    fn setting_statement(&mut self, key: &str, chain: &[Segment<'a>], tail: &Tail, value: Option<Range>) {
        let Some(range) = value else { return };
        match key {
            "implementationClass" => {
                if let Some(text) = self.cursor.first_text(range) {
                    self.registration.class = Some(Name::new(Name::new(self.cursor.word(text)).last()));
                }
            }
            // Only the settings of the build itself; `content { include… }` and `from … include` are filters.
            "include" if chain.len() == 1 && self.frames.iter().all(|it| it.name.is_empty()) => {
                for at in self.texts(range) {
                    let path = self.cursor.word(at);
                    let path = if path.starts_with(':') { path.to_owned() } else { format!(":{path}") };
                    self.settings.includes.push(Name::new(&path));
                }
            }
            "includeBuild" => {
                if let Some(text) = self.cursor.first_text(range) {
                    self.settings.included_builds.push(Name::new(self.cursor.word(text)));
                }
            }
            "from" if self.inside("versionCatalogs") => {
                let frame = self.frames.iter().rev().find(|it| !matches!(it.name, "" | "from" | "files"));
                let accessor = frame.map_or("", |it| if it.arg.is_empty() { it.name } else { it.arg });
                if let Some(text) = self.cursor.first_text(range) {
                    let file = Name::new(self.cursor.word(text));
                    self.settings.catalogs.push((Name::new(accessor), file));
                }
            }
            "projectDir" if matches!(tail, Tail::Assign(_)) => {
                let module = chain.iter().rev().nth(1).filter(|it| it.name == "project");
                let module =
                    module.and_then(|it| it.args.clone()).and_then(|args| self.cursor.first_text(args));
                if let (Some(module), Some(dir)) = (module, self.cursor.first_text(range)) {
                    let pair = (Name::new(self.cursor.word(module)), Name::new(self.cursor.word(dir)));
                    self.settings.project_dirs.push(pair);
                }
            }
            _ => {}
        }
    }

    /// `androidMain { dependsOn(jvmCommonMain) }`, `androidMain.get().dependsOn(jvmCommonMain.get())`.
    fn source_set_parent(&mut self, owners: &[Segment<'a>], value: Option<Range>) {
        let Some(range) = value else { return };
        let is_set = |name: &str| name.ends_with("Main") || name.ends_with("Test");
        let frame = self.frames.iter().rev().flat_map(|it| [it.arg, it.name]).find(|name| is_set(name));
        let child = owners.iter().map(|it| it.name).find(|name| is_set(name)).or(frame);
        let parent = range
            .filter(|at| matches!(self.cursor.kind(*at), Some(Kind::Word | Kind::Text)))
            .map(|at| self.cursor.word(at))
            .find(|name| is_set(name));
        if let (Some(child), Some(parent)) = (child, parent) {
            let edge = (Name::new(child), Name::new(parent));
            self.out().source_set_parents.push(edge);
        }
    }

    fn other(&mut self, chain: &[Segment<'a>], tail: &Tail) {
        let Some(last) = chain.last() else { return };
        let innermost = self.frames.last().map_or("", |it| it.name);
        let alone = chain.len() == 1 && matches!(tail, Tail::Nothing) && !last.is_called();
        // `plugins { application; `kotlin-dsl` }`
        if alone && innermost == "plugins" && !self.inside("gradlePlugin") {
            self.out().plugins.push(Name::new(last.name));
        }
        let statement = self.frames.last().is_some_and(|it| it.kind == FrameKind::Block);
        let detail = matches!(last.name, "exclude" | "because" | "attributes" | "capabilities" | "version");
        if statement
            && !detail
            && chain.len() == 1
            && self.inside("dependencies")
            && !self.inside("buildscript")
        {
            self.dependency(last, tail);
        }
        self.extra(chain, tail);
    }

    /// `ext.a = 1`, `ext { a = 1 }`, `extra["a"] = 1`, `extra.set("a", 1)`, `int A = 1`.
    fn extra(&mut self, chain: &[Segment<'a>], tail: &Tail) {
        let Some((last, owners)) = chain.split_last() else { return };
        match tail {
            Tail::Assign(range) if last.name == "ext" || last.name == "extra" => {
                let key = last.index.clone().and_then(|index| self.cursor.first_text(index));
                // `ext = [minSdk: 21]` and `extra["minSdk"] = 21`.
                match key {
                    Some(key) => self.constant(self.cursor.word(key), range.clone()),
                    None => self.constant("ext", range.clone()),
                }
            }
            Tail::Assign(range) if self.is_ext(owners) => self.constant(last.name, range.clone()),
            Tail::Command(range) if self.cursor.is_assign(range.start + 1) => {
                let name = self.cursor.word(range.start);
                self.constant(name, range.start + 2..range.end);
            }
            Tail::Nothing if last.name == "set" && self.is_ext(owners) => {
                let Some(args) = last.args.clone() else { return };
                let Some(key) = self.cursor.first_text(args.clone()) else { return };
                if self.cursor.is_punct(key + 1, b',') {
                    self.constant(self.cursor.word(key), key + 2..args.end);
                }
            }
            _ => {}
        }
    }

    fn dependency(&mut self, call: &Segment<'a>, tail: &Tail) {
        let Some(range) = value_range(call, tail) else { return };
        let set = self.frames.iter().rev().flat_map(|it| [it.arg, it.name]);
        let set = set.into_iter().find(|name| name.ends_with("Main") || name.ends_with("Test"));
        let first = self.cursor.skip_newlines(range.start, range.end);
        let configuration = match call.name {
            "add" if self.cursor.kind(first) == Some(Kind::Text) => self.cursor.word(first),
            name => name,
        };
        let configuration =
            Name::new(&set.map_or(configuration.to_owned(), |set| format!("{set}.{configuration}")));
        let mut found = false;
        for at in range.clone() {
            let target = if self.cursor.is_word(at, "project") && self.cursor.is_punct(at + 1, b'(') {
                let (inside, _) = self.cursor.inside(at + 1, range.end);
                self.cursor.first_text(inside).map(|at| Name::new(self.cursor.word(at)))
            } else if self.cursor.is_word(at, "projects") && self.cursor.is_punct(at + 1, b'.') {
                let (links, _) = self.cursor.chain(at, range.end);
                let names: Vec<&str> = links.iter().map(|it| it.name).collect();
                Some(Name::new(&names.join(".")))
            } else {
                None
            };
            if let Some(target) = target {
                found = true;
                self.out().project_dependencies.push(ProjectDependency { configuration, target });
            }
        }
        let one = self.cursor.first_text(range.clone()).map(|at| at..at + 1).unwrap_or(range);
        if !found
            && let Some(Setting { value, .. }) = self.cursor.setting(one)
            && let SettingValue::Text(name) | SettingValue::Reference(name) = value
        {
            self.out().dependencies.push(name);
        }
    }
}

fn is_lint(block: &str) -> bool {
    matches!(block, "lint" | "lintOptions")
}

/// The value that a statement gives: right side, arguments, or `{ version = release(36) }`.
fn value_range(last: &Segment<'_>, tail: &Tail) -> Option<Range> {
    match tail {
        Tail::Assign(range) | Tail::Command(range) => Some(range.clone()),
        Tail::Nothing => last.args.clone().filter(|range| !range.is_empty()).or_else(|| last.block.clone()),
    }
}
