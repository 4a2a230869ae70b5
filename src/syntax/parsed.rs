//! The kinds of files, and what reading one gives.

use crate::base::Problem;
use crate::facts::FileFacts;
use crate::facts::gradle::{BuildScript, Properties, SettingsScript, VersionCatalog};
use crate::facts::layout::LayoutFacts;
use crate::facts::lint::LintFacts;
use crate::facts::manifest::ManifestFacts;

use super::{aidl, catalog_toml, gradle, layout, lint_xml, manifest, properties, sqldelight};

/// What a file is, by its path alone; its contents never change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    Kotlin,
    Java,
    Manifest,
    /// `build.gradle(.kts)`, scripts applied from it, precompiled script plugins.
    Build,
    /// Kotlin, Java and Groovy code of the build itself: `buildSrc/`, `build-logic/`.
    BuildCode,
    Settings,
    /// `gradle.properties`, descriptors of Gradle plugins.
    Properties,
    /// `*.versions.toml`.
    Catalog,
    Lint,
    /// `res/layout*/*.xml`.
    Layout,
    /// SQLDelight's `.sq` and `.sqm`.
    SqlDelight,
    Aidl,
}

impl FileKind {
    /// Kotlin or Java that is part of the app.
    pub fn is_source(self) -> bool {
        matches!(self, FileKind::Kotlin | FileKind::Java)
    }

    /// Part of the build: read to know modules and SDK levels, even around the analysed directories.
    pub fn is_build(self) -> bool {
        matches!(
            self,
            FileKind::Build
                | FileKind::BuildCode
                | FileKind::Settings
                | FileKind::Properties
                | FileKind::Catalog
        )
    }
}

/// What one file says.
#[derive(Clone, Debug)]
pub enum Parsed {
    Source(Box<FileFacts>),
    /// Declarations that the build makes of the file.
    Generated(Box<FileFacts>),
    /// The binding class of a layout, and the code that the layout names.
    Layout(Box<(FileFacts, LayoutFacts)>),
    Manifest(Box<ManifestFacts>),
    Build(Box<BuildScript>),
    Settings(SettingsScript),
    Catalog(VersionCatalog),
    Properties(Properties),
    Lint(LintFacts),
    /// Nothing that is read.
    None,
}

/// Reads any file. Problems name `path`; those of sources are in their facts.
pub fn parse_file(kind: FileKind, text: &str, path: &str) -> (Parsed, Vec<Problem>) {
    match kind {
        FileKind::Manifest => {
            let (facts, problems) = manifest::parse(text, path);
            (Parsed::Manifest(Box::new(facts)), problems)
        }
        FileKind::Build | FileKind::BuildCode => {
            (Parsed::Build(Box::new(gradle::parse_build(text))), Vec::new())
        }
        FileKind::Settings => (Parsed::Settings(gradle::parse_settings(text)), Vec::new()),
        FileKind::Properties => (Parsed::Properties(properties::parse(text)), Vec::new()),
        FileKind::Catalog => {
            let (catalog, problems) = catalog_toml::parse(text, path);
            (Parsed::Catalog(catalog), problems)
        }
        FileKind::Lint => {
            let (facts, problems) = lint_xml::parse(text, path);
            (Parsed::Lint(facts), problems)
        }
        FileKind::Layout => {
            let (binding, layout, problems) = layout::parse(text, path);
            (Parsed::Layout(Box::new((binding, layout))), problems)
        }
        FileKind::Kotlin => (Parsed::Source(Box::new(super::kotlin::parse(text, path))), Vec::new()),
        FileKind::Java => (Parsed::Source(Box::new(super::java::parse(text, path))), Vec::new()),
        FileKind::SqlDelight => (Parsed::Generated(Box::new(sqldelight::parse(text, path))), Vec::new()),
        FileKind::Aidl => (Parsed::Generated(Box::new(aidl::parse(text))), Vec::new()),
    }
}
