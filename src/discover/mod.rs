//! Paths to sources: which files there are, in which Gradle module and source set, and which are left out and why.
//!
//! Build files are read here already, because they decide what is a module, a test or code of the build itself;
//! what levels and names they set is the model's business.

mod layout;
mod plugins;
pub mod read;
pub mod source_sets;
mod walk;

use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use rayon::prelude::*;

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem};
use crate::syntax::{FileKind, Parsed, parse_file};

pub use layout::{ModuleKind, ScriptRef, TreeModule};
pub use read::{Decoded, decode};
pub use walk::kind_of;

/// Which files to take.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub include_tests: bool,
    pub include_generated: bool,
    /// Do not honour ignore files.
    pub no_ignore: bool,
    /// Globs relative to the analysed root; what matches is not reported on. A directory's name means what is in it.
    pub exclude: Vec<String>,
    /// The same, relative to directories of their own; absolute.
    pub exclude_in: Vec<(PathBuf, Vec<String>)>,
    /// Threads of the walk; 0 lets it choose.
    pub threads: usize,
}

/// The files of a run, sorted by path, whatever the number of threads.
#[derive(Debug, Default)]
pub struct Tree {
    /// Directory that paths are relative to: the root given, or what several have in common.
    pub base: PathBuf,
    pub files: Vec<TreeFile>,
    /// Sorted by directory; `TreeFile::module` indexes it.
    pub modules: Vec<TreeModule>,
    /// What was left out for a reason of our own, sorted by path. Ignore files leave no trace.
    pub skipped: Vec<(String, SkipReason)>,
    pub problems: Vec<Problem>,
    /// The roots hold all of the projects that they lie in, so nothing of these is missing.
    pub whole: bool,
}

#[derive(Debug)]
pub struct TreeFile {
    /// Relative to `Tree::base`, with `/`; context outside of it starts with `../`.
    pub path: String,
    pub absolute: PathBuf,
    pub kind: FileKind,
    pub module: usize,
    /// `main`, `debug`, `commonMain`; empty for files of the build.
    pub source_set: Name,
    /// Below a root and not excluded. Other files are context: manifests and build files only.
    pub in_scope: bool,
    /// Build files are read already: text and contents.
    pub build: Option<ReadBuild>,
}

#[derive(Debug)]
pub struct ReadBuild {
    pub text: String,
    pub parsed: Parsed,
}

/// Why a file or directory is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// `build/` beside the sources.
    BuildOutput,
    /// `generated/` outside of packages.
    Generated,
    /// `node_modules` and its like, included by no settings file.
    Vendored,
    /// A checkout of its own inside of this one.
    OtherRepository,
    /// A link to something that is walked anyway.
    Link,
    /// An `exclude` pattern.
    Excluded,
    /// A test source set, or a module of tests.
    Test,
    /// A multiplatform source set that never runs on Android.
    OtherPlatform,
}

impl Tree {
    /// The text of a file that was not read yet, or the problem it has.
    pub fn read(&self, file: &TreeFile) -> Result<Decoded, Problem> {
        read::read(&file.absolute).map_err(|unread| unread.problem(&file.path))
    }
}

/// A file between the walk and its module.
#[derive(Debug)]
struct Candidate {
    /// Absolute, with `/`: what directories are compared by.
    key: String,
    path: String,
    absolute: PathBuf,
    kind: FileKind,
    in_scope: bool,
    build: Option<ReadBuild>,
}

/// Finds everything below `roots`: directories or single files, of one project or several. Never fails: what cannot
/// be read is a problem of the tree.
pub fn discover(roots: &[PathBuf], options: &Options) -> Tree {
    let mut tree = Tree::default();
    let roots: Vec<PathBuf> = roots.iter().map(|root| normalized(root)).collect();
    tree.base = common_base(&roots);
    let (missing, roots): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| !root.exists());
    for root in missing {
        let inner = relative(&tree.base, &root);
        let path = if inner.is_empty() { slashed(&root) } else { inner };
        tree.problems.push(unreadable(&path, "no such file or directory".to_owned()));
    }
    let exclude = globs(&options.exclude, &mut tree.problems);
    let exclude_in: Vec<(&Path, GlobSet)> = options
        .exclude_in
        .iter()
        .map(|(dir, patterns)| (dir.as_path(), globs(patterns, &mut tree.problems)))
        .collect();
    let excluded = |candidate: &Candidate| {
        exclude.is_match(&candidate.path)
            || exclude_in.iter().any(|(dir, globs)| {
                candidate.absolute.strip_prefix(dir).is_ok_and(|below| globs.is_match(below))
            })
    };
    let mut candidates = walk_roots(&roots, options, &mut tree);
    let tops: Vec<String> = roots.iter().map(|root| slashed(root).trim_end_matches('/').to_owned()).collect();
    for candidate in &mut candidates {
        candidate.in_scope = tops.iter().any(|top| layout::is_below(&candidate.key, top));
        if candidate.in_scope && excluded(candidate) {
            candidate.in_scope = false;
            tree.skipped.push((candidate.path.clone(), SkipReason::Excluded));
        }
    }
    // Around the roots only what decides levels and manifests is of interest.
    candidates.retain(|it| {
        it.in_scope || it.kind.is_build() || matches!(it.kind, FileKind::Manifest | FileKind::Lint)
    });
    tree.problems.extend(read_build_files(&mut candidates));
    layout::arrange(candidates, options, &mut tree);
    tree.skipped.sort();
    tree.skipped.dedup();
    tree.problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    tree.problems.dedup();
    tree
}

/// Walks every project that a root lies in, and roots that their own project would not enter.
fn walk_roots(roots: &[PathBuf], options: &Options, tree: &mut Tree) -> Vec<Candidate> {
    let mut tops: Vec<PathBuf> = roots.iter().map(|root| project_top(root)).collect();
    tops.sort();
    tops.dedup();
    let all = tops.clone();
    tops.retain(|top| !all.iter().any(|other| other != top && top.starts_with(other)));
    tree.whole = tops.iter().all(|top| roots.iter().any(|root| top.starts_with(root)) && !in_module(top));
    let mut found = Vec::new();
    let mut absorb = |walked: walk::Walked, found: &mut Vec<walk::Found>| {
        found.extend(walked.files);
        tree.skipped
            .extend(walked.skipped.into_iter().map(|(path, reason)| (relative(&tree.base, &path), reason)));
        let told = |(path, kind, message): (PathBuf, ProblemKind, String)| {
            let path = relative(&tree.base, &path);
            Problem { kind, path, span: None, line: None, message }
        };
        tree.problems.extend(walked.problems.into_iter().map(told));
    };
    for top in &tops {
        absorb(walk::walk(top, options, included_dirs(top)), &mut found);
    }
    for root in roots {
        if found.iter().any(|it| it.absolute.starts_with(root)) {
            continue;
        }
        if root.is_dir() {
            absorb(walk::walk(root, options, included_dirs(root)), &mut found);
        } else if let Some(kind) = walk::kind_of(root) {
            found.push(walk::Found { absolute: root.clone(), kind });
        }
    }
    for top in &tops {
        // `gradle.properties` often is ignored by git, and still part of the build.
        for name in ["gradle.properties", "gradle/libs.versions.toml"] {
            let absolute = top.join(name);
            if absolute.is_file()
                && let Some(kind) = walk::kind_of(&absolute)
            {
                found.push(walk::Found { absolute, kind });
            }
        }
    }
    let base = slashed(&tree.base);
    let candidate = |it: walk::Found| {
        let key = slashed(&it.absolute);
        let path = below(&base, &key).map_or_else(|| relative(&tree.base, &it.absolute), str::to_owned);
        Candidate { key, path, absolute: it.absolute, kind: it.kind, in_scope: false, build: None }
    };
    let mut candidates: Vec<Candidate> = found.into_iter().map(candidate).collect();
    candidates.sort_by(|a, b| a.path.cmp(&b.path));
    candidates.dedup_by(|a, b| a.key == b.key);
    candidates
}

/// Reads and parses what Gradle reads; sources follow later, elsewhere.
fn read_build_files(candidates: &mut [Candidate]) -> Vec<Problem> {
    candidates
        .par_iter_mut()
        .filter(|it| it.kind.is_build() && it.kind != FileKind::BuildCode)
        .flat_map_iter(read_build_file)
        .collect()
}

fn read_build_file(candidate: &mut Candidate) -> Vec<Problem> {
    match read::read(&candidate.absolute) {
        Ok(decoded) => {
            let (parsed, mut problems) = parse_file(candidate.kind, &decoded.text, &candidate.path);
            problems.extend(decoded.doubt(&candidate.path));
            candidate.build = Some(ReadBuild { text: decoded.text, parsed });
            problems
        }
        Err(unread) => vec![unread.problem(&candidate.path)],
    }
}

fn unreadable(path: &str, message: String) -> Problem {
    Problem { kind: ProblemKind::Unreadable, path: path.to_owned(), span: None, line: None, message }
}

fn globs(patterns: &[String], problems: &mut Vec<Problem>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    let inside = |pattern: &String| format!("{}/**", pattern.trim_end_matches('/'));
    for pattern in patterns.iter().flat_map(|it| [it.clone(), inside(it)]) {
        match Glob::new(&pattern) {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => problems.push(unreadable("", format!("exclude pattern is no glob: {error}"))),
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// The directory whose settings file a path is governed by, looked for up to the repository's root; the path's own
/// directory when there is none.
fn project_top(root: &Path) -> PathBuf {
    let own = if root.is_dir() { root } else { root.parent().unwrap_or(root) };
    let repository = own.ancestors().find(|dir| dir.join(".git").exists());
    let governs =
        |dir: &&Path| dir.join("settings.gradle").is_file() || dir.join("settings.gradle.kts").is_file();
    let inside = own.ancestors().take_while(|dir| repository.is_none_or(|last| dir.starts_with(last)));
    // Code of the build has settings of its own below those of the project.
    let tops: Vec<&Path> = inside.filter(governs).collect();
    let top =
        tops.iter().find(|dir| !is_build_code_name(dir.file_name().and_then(|it| it.to_str()).unwrap_or("")));
    top.or(tops.first()).copied().unwrap_or(own).to_path_buf()
}

/// Is the directory only a part of a Gradle module or build?
fn in_module(dir: &Path) -> bool {
    let around = dir.ancestors().take_while(|it| !it.join(".git").exists() || *it == dir).skip(1);
    let scripts = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];
    !dir.join(".git").exists()
        && around.into_iter().any(|it| scripts.iter().any(|name| it.join(name).is_file()))
}

/// Folders that hold the build's own code by convention.
fn is_build_code_name(name: &str) -> bool {
    matches!(name, "buildSrc" | "build-logic" | "buildLogic" | "build_logic")
}

/// Directories that a settings file makes part of the build, whatever their names.
fn included_dirs(top: &Path) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for name in ["settings.gradle", "settings.gradle.kts"] {
        let Ok(Decoded { text, .. }) = read::read(&top.join(name)) else { continue };
        let Parsed::Settings(settings) = parse_file(FileKind::Settings, &text, name).0 else { continue };
        let overrides = settings.project_dirs.iter().map(|(_, dir)| dir.as_str().to_owned());
        let modules = settings.includes.iter().map(|path| path.trim_start_matches(':').replace(':', "/"));
        let builds = settings.included_builds.iter().map(|dir| dir.as_str().to_owned());
        dirs.extend(overrides.chain(modules).chain(builds).map(|dir| lexical(&top.join(dir))));
    }
    dirs
}

/// Absolute, without `.` and `..`; links are not followed.
pub fn normalized(path: &Path) -> PathBuf {
    lexical(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()))
}

/// Without `.` and `..`, by the text of the path alone.
fn lexical(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts
}

fn common_base(roots: &[PathBuf]) -> PathBuf {
    let directory = |root: &PathBuf| match root.is_file() {
        true => root.parent().unwrap_or(root).to_path_buf(),
        false => root.clone(),
    };
    let mut base = roots.first().map(directory).unwrap_or_default();
    for root in roots {
        let root = directory(root);
        while !root.starts_with(&base) {
            base.pop();
        }
    }
    base
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// The part of a path with `/` below a directory.
fn below<'p>(directory: &str, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(directory)?.strip_prefix('/')
}

/// `path` seen from `base`, with `/` and as many `../` as needed.
fn relative(base: &Path, path: &Path) -> String {
    let up = base.ancestors().take_while(|dir| !path.starts_with(dir)).count();
    let shared = base.ancestors().nth(up).unwrap_or(base);
    let below = path.strip_prefix(shared).unwrap_or(path);
    let below = slashed(below);
    ("../".repeat(up) + &below).trim_end_matches('/').to_owned()
}
