//! The parallel walk: which directories are entered, and what each file is. Knows no Gradle.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::base::problem::ProblemKind;
use crate::syntax::FileKind;

use super::read::reason;
use super::{Options, SkipReason};

/// A file of interest, not yet in any module.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) absolute: PathBuf,
    pub(super) kind: FileKind,
}

#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) files: Vec<Found>,
    pub(super) skipped: Vec<(PathBuf, SkipReason)>,
    /// Path, what it costs, sentence.
    pub(super) problems: Vec<(PathBuf, ProblemKind, String)>,
}

/// Directories that are never ours, unless a settings file includes them.
const VENDORED: &[&str] =
    &["node_modules", "Pods", "third_party", "third-party", "thirdparty", "vendor", "vendored"];

/// Walks one directory. `included` are directories that settings files name: they are entered whatever they are called.
pub(super) fn walk(start: &Path, options: &Options, included: Vec<PathBuf>) -> Walked {
    let walked = Arc::new(Mutex::new(Walked::default()));
    let rules = Rules {
        start: start.to_path_buf(),
        real_start: start.canonicalize().unwrap_or_else(|_| start.to_path_buf()),
        in_repository: start.ancestors().any(|dir| dir.join(".git").exists()),
        generated: options.include_generated,
        included,
    };
    let mut builder = WalkBuilder::new(start);
    builder.standard_filters(!options.no_ignore).hidden(true).require_git(false).follow_links(true);
    builder.threads(options.threads);
    let skipped = Arc::clone(&walked);
    builder.filter_entry(move |entry| match rules.skip(entry) {
        Some(reason) => {
            lock(&skipped).skipped.push((entry.path().to_path_buf(), reason));
            false
        }
        None => true,
    });
    builder.build_parallel().run(|| {
        let walked = Arc::clone(&walked);
        Box::new(move |entry| {
            match entry {
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|it| it.is_file());
                    if is_file && let Some(kind) = kind_of(entry.path()) {
                        lock(&walked).files.push(Found { absolute: entry.into_path(), kind });
                    }
                }
                Err(error) => lock(&walked).problems.extend(problem(&error, None)),
            }
            WalkState::Continue
        })
    });
    std::mem::take(&mut lock(&walked))
}

/// A panic of another thread while it held the lock left a list that is still whole.
fn lock(walked: &Mutex<Walked>) -> std::sync::MutexGuard<'_, Walked> {
    walked.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Rules {
    start: PathBuf,
    real_start: PathBuf,
    in_repository: bool,
    generated: bool,
    included: Vec<PathBuf>,
}

impl Rules {
    fn skip(&self, entry: &DirEntry) -> Option<SkipReason> {
        let path = entry.path();
        if entry.depth() == 0 {
            return None;
        }
        if entry.path_is_symlink() && path.canonicalize().is_ok_and(|real| real.starts_with(&self.real_start))
        {
            // What it leads to is walked anyway; twice would declare everything twice.
            return Some(SkipReason::Link);
        }
        if !entry.file_type().is_some_and(|it| it.is_dir())
            || self.included.iter().any(|dir| dir.starts_with(path))
        {
            return None;
        }
        let name = entry.file_name().to_str().unwrap_or("");
        let above = path.parent()?.strip_prefix(&self.start).ok()?;
        // Below `src` every name may be a package.
        let in_sources = above.components().any(|part| part.as_os_str() == "src");
        let is_vendored = |part: &std::ffi::OsStr| part.to_str().is_some_and(|it| VENDORED.contains(&it));
        let below_vendored = !in_sources && above.components().any(|part| is_vendored(part.as_os_str()));
        let in_code = in_sources
            && above.components().any(|it| matches!(it.as_os_str().to_str(), Some("java" | "kotlin")));
        match name {
            "build" if !in_sources => {
                // `build/generated` is all that may be of use in there.
                (!self.generated || !path.join("generated").is_dir()).then_some(SkipReason::BuildOutput)
            }
            "generated" if !in_code => (!self.generated).then_some(SkipReason::Generated),
            _ if self.generated && path.parent().is_some_and(|it| it.ends_with("build")) && !in_sources => {
                Some(SkipReason::BuildOutput)
            }
            _ if is_vendored(entry.file_name()) && !in_sources => Some(SkipReason::Vendored),
            // Entered only on the way to what settings include.
            _ if below_vendored && !self.included.iter().any(|dir| path.starts_with(dir)) => {
                Some(SkipReason::Vendored)
            }
            // Another repository inside of ours is not part of it; a submodule (`.git` is a file) is.
            _ if self.in_repository && path.join(".git").is_dir() => Some(SkipReason::OtherRepository),
            _ => None,
        }
    }
}

/// The path and the sentence for an error of the walk; a broken pattern in an ignore file is nobody's problem here.
fn problem(error: &ignore::Error, path: Option<&Path>) -> Option<(PathBuf, ProblemKind, String)> {
    match error {
        ignore::Error::WithPath { path, err } => problem(err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            problem(err, path)
        }
        ignore::Error::Loop { ancestor, child } => {
            let message = format!("symbolic link back to {}, not followed", ancestor.display());
            Some((child.clone(), ProblemKind::Noted, message))
        }
        ignore::Error::Io(error) => {
            let path = path?;
            // A dangling link to something that would not be read is no loss.
            let of_interest = path.is_dir() || kind_of(path).is_some() || path.extension().is_none();
            let dangling = path.is_symlink() && !path.exists();
            let (kind, message) = match dangling {
                true => (ProblemKind::Noted, "symbolic link to something that is not there".to_owned()),
                false => (ProblemKind::Unreadable, format!("cannot be read: {}", reason(error))),
            };
            of_interest.then(|| (path.to_path_buf(), kind, message))
        }
        _ => None,
    }
}

/// What a file is by its path.
pub fn kind_of(path: &Path) -> Option<FileKind> {
    let name = path.file_name()?.to_str()?;
    let folder = |up: usize| path.ancestors().nth(up)?.file_name()?.to_str();
    match name {
        "AndroidManifest.xml" => return Some(FileKind::Manifest),
        "lint.xml" => return Some(FileKind::Lint),
        "settings.gradle" | "settings.gradle.kts" => return Some(FileKind::Settings),
        "gradle.properties" => return Some(FileKind::Properties),
        _ if name.ends_with(".gradle") || name.ends_with(".gradle.kts") => return Some(FileKind::Build),
        _ => {}
    }
    Some(match name.rsplit_once('.')?.1 {
        "kt" => FileKind::Kotlin,
        "java" => FileKind::Java,
        // Kept only where the build's own code is.
        "groovy" => FileKind::BuildCode,
        "aidl" => FileKind::Aidl,
        "sq" | "sqm" => FileKind::SqlDelight,
        "toml" if name.ends_with(".versions.toml") || folder(1) == Some("gradle") => FileKind::Catalog,
        "properties" if folder(1) == Some("gradle-plugins") && folder(2) == Some("META-INF") => {
            FileKind::Properties
        }
        "xml" if folder(1)?.starts_with("layout") && folder(2) == Some("res") => FileKind::Layout,
        _ => return None,
    })
}
