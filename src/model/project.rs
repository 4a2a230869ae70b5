//! The project as modules, files, merged manifests and SDK levels: data that `model/manifest.rs`, `model/sdk.rs`
//! and the pipeline fill and every later layer reads.

use crate::base::{Name, SourceText};
use crate::facts::FileFacts;
use crate::facts::layout::LayoutFacts;
use crate::facts::lint::LintFacts;
use crate::facts::manifest::{ComponentKind, IntentFilter, ManifestFacts, Value};
use crate::findings::lint::GradleLint;
use crate::findings::{FileId, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// Everything read, before symbols are resolved.
#[derive(Debug, Default)]
pub struct Project {
    /// Sorted by path; `FileId` indexes it.
    pub files: Vec<ProjectFile>,
    /// Sorted by path; `ModuleId` indexes it.
    pub modules: Vec<Module>,
}

/// A file that took part: source, manifest or Gradle file.
#[derive(Debug)]
pub struct ProjectFile {
    /// Relative to the analysed root, with `/`.
    pub path: String,
    pub text: SourceText,
    pub module: ModuleId,
    /// Source set the file is in: `main`, `debug`, `commonMain`, …; empty for Gradle files.
    pub source_set: Name,
    /// Kotlin and Java files, and files that the build makes classes of.
    pub facts: Option<FileFacts>,
    /// The facts are what the build makes of the file, not what stands in it.
    pub generated: bool,
    pub layout: Option<LayoutFacts>,
    pub manifest: Option<ManifestFacts>,
    /// `lint.xml` files.
    pub lint: Option<LintFacts>,
    /// Asked for. Gradle files and manifests around the analysed directories are read, too, because they decide SDK
    /// levels; their paths start with `../` when they lie outside of the root, and nothing is reported in them.
    pub in_scope: bool,
}

impl ProjectFile {
    /// Is it of a source set that every variant of its module has?
    pub fn is_shared(&self) -> bool {
        matches!(self.source_set.as_str(), "" | "main" | "androidMain" | "commonMain")
    }

    /// Is it of the debug build type's source set, which no user gets: `src/debug`, `src/fullDebug`?
    pub fn is_of_debug_build(&self) -> bool {
        self.source_set == "debug" || self.source_set.ends_with("Debug")
    }
}

/// A Gradle module, or the whole tree when there is no Gradle.
#[derive(Debug)]
pub struct Module {
    /// `:feature:sync`; `:` for the root.
    pub path: String,
    /// Directory relative to the root, empty for the root itself.
    pub dir: String,
    /// Applies the application plugin (or a convention plugin that does), or nothing says it is a library and
    /// its manifest has an `<application>` with a launcher.
    pub is_application: bool,
    pub namespace: Option<Name>,
    pub min_sdk: SdkLevel,
    /// The level that gates behaviour here: of an application its own, of a library the highest of the
    /// applications that include it, else its own.
    pub target_sdk: SdkLevel,
    /// Direct project dependencies.
    pub depends_on: Vec<ModuleId>,
    /// Manifest that an app made of this module has: its own source sets' manifests and those of all modules it
    /// depends on, transitively. For a library: what it contributes itself, with its dependencies.
    pub manifest: MergedManifest,
    /// What the `lint` blocks of its scripts say, in order.
    pub lint: Vec<GradleLint>,
    /// Applications that include this module, itself included when it is one.
    pub applications: Vec<ModuleId>,
}

/// An API level with where it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdkLevel {
    pub level: u32,
    /// None when assumed.
    pub place: Option<Place>,
}

/// The newest API level known; taken for targetSdk when nothing says it.
pub const NEWEST_SDK: u32 = 37;
/// Taken for minSdk when nothing says it.
pub const OLDEST_SDK: u32 = 21;

#[derive(Debug, Default)]
pub struct MergedManifest {
    /// Some manifest was found for the module itself.
    pub present: bool,
    pub components: Vec<Component>,
    pub permissions: Vec<Permission>,
    /// Components and permissions that libraries would bring and this app removes (`tools:node="remove"`).
    pub removed: Vec<(Name, Place)>,
    /// `<application>` of the module's own main manifest, else the first one found.
    pub application: Option<Place>,
    /// Qualified class of `<application android:name>`.
    pub application_class: Option<Name>,
    /// A manifest of the module or of a module it depends on could not be read or found, so what is missing here may
    /// be there.
    pub incomplete: bool,
}

#[derive(Clone, Debug)]
pub struct Permission {
    /// `android.permission.FOREGROUND_SERVICE`.
    pub name: Name,
    pub max_sdk: Option<u32>,
    pub place: Place,
    /// Source sets that declare it, sorted (`main`, `debug`).
    pub source_sets: Vec<Name>,
}

/// A component of the merged manifest.
#[derive(Clone, Debug)]
pub struct Component {
    pub kind: ComponentKind,
    /// Qualified class; of an alias its target's. None when the name is a placeholder.
    pub class: Option<Name>,
    /// The value of `android:name`.
    pub place: Place,
    /// The start tag.
    pub tag: Place,
    pub exported: Option<bool>,
    /// None: a resource or placeholder decides.
    pub enabled: Option<bool>,
    /// `foregroundServiceType` split at `|`, with the attribute value's place. None when absent; a
    /// placeholder or resource is one type, as written.
    pub foreground_types: Option<(Vec<Name>, Place)>,
    pub filters: Vec<IntentFilter>,
    /// `<meta-data>` and `<property>` names with values.
    pub properties: Vec<(Name, Option<Value>)>,
    /// `<meta-data>` that libraries would bring and this app removes (`tools:node="remove"`), with the element.
    pub removed_properties: Vec<(Name, Place)>,
    /// Other attributes after merging.
    pub attributes: Vec<(Name, Value)>,
    /// Source sets that declare it, sorted (`main`, `debug`).
    pub source_sets: Vec<Name>,
}

impl Project {
    pub fn file(&self, id: FileId) -> &ProjectFile {
        &self.files[id.0 as usize]
    }

    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    pub fn module_of(&self, file: FileId) -> &Module {
        self.module(self.file(file).module)
    }

    /// Every file with its id, in path order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &ProjectFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }

    pub fn slice(&self, place: Place) -> &str {
        self.file(place.file).text.slice(place.span)
    }
}

impl MergedManifest {
    pub fn permission(&self, name: &str) -> Option<&Permission> {
        self.permissions.iter().find(|permission| permission.name == name)
    }

    pub fn components_of(&self, class: Name) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(move |component| component.class == Some(class))
    }
}
