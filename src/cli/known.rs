//! What is known or unchanged, and so not reported: the baseline's file, changed lines.

use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::findings::baseline::{Baseline, Entry, Matched};
use crate::findings::changed::{ChangedLines, lines_of};
use crate::findings::{Finding, Judged, Selection};
use crate::report::{Report, SourceView};

use super::args::KnownArgs;
use super::error::UseError;
use super::files::slashed;
use super::git::Repository;
use super::settings::shown;

/// The name that is looked for when none is given.
pub(super) const BASELINE: &str = "worklint-baseline.json";

/// Where the baseline is or would be: the one that is named, else the nearest going up to the repository's root, else
/// beside the configuration, else at the repository's root.
pub(super) fn baseline_path(named: Option<&Path>, settings: &Settings, paths: &[PathBuf]) -> (PathBuf, bool) {
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(path) = named {
        return (here.join(path), true);
    }
    if let Some(path) = &settings.baseline.value {
        return (path.clone(), true);
    }
    let start = absolute(paths.first().map_or(Path::new("."), PathBuf::as_path));
    let own = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
    let repository = repository_root(own);
    let inside =
        own.ancestors().take_while(|dir| repository.is_some_and(|root| dir.starts_with(root)) || *dir == own);
    if let Some(found) = inside.map(|dir| dir.join(BASELINE)).find(|it| it.is_file()) {
        return (found, false);
    }
    let config = crate::config::find(own).and_then(|it| it.parent().map(Path::to_path_buf));
    let config = config.map(|dir| {
        if dir.ends_with(".config") { dir.parent().map(Path::to_path_buf).unwrap_or(dir) } else { dir }
    });
    let dir = config.or_else(|| repository.map(Path::to_path_buf)).unwrap_or_else(|| own.to_path_buf());
    (dir.join(BASELINE), false)
}

/// The baseline that holds, if there is one. One that is named has to exist.
pub(super) fn baseline(
    args: &KnownArgs,
    settings: &Settings,
    paths: &[PathBuf],
) -> Result<Option<Baseline>, UseError> {
    if args.no_baseline {
        return Ok(None);
    }
    let (path, named) = baseline_path(args.baseline.as_deref(), settings, paths);
    if !named && !path.is_file() {
        return Ok(None);
    }
    read_baseline(&path).map(Some)
}

pub(super) fn read_baseline(path: &Path) -> Result<Baseline, UseError> {
    let name = shown(path);
    let text = std::fs::read_to_string(path).map_err(|error| {
        let help = "`worklint baseline create` writes one";
        UseError::new(format!("the baseline {name} cannot be read: {error}"), help)
    })?;
    Baseline::read(&text).map_err(|error| {
        let line = error.line.map(|line| format!(":{line}")).unwrap_or_default();
        let help = "restore it from version control, or write a new one with `worklint baseline create`";
        UseError::new(format!("{name}{line}: not a baseline: {error}"), help)
    })
}

/// Writes a baseline as a whole or not at all.
pub(super) fn write_baseline(path: &Path, baseline: &Baseline) -> std::io::Result<()> {
    super::output::write_file(path, |out| baseline.write(out).and_then(|()| out.flush()))
}

/// The lines that were changed, and since when in words.
pub(super) fn changed(
    args: &KnownArgs,
    paths: &[PathBuf],
) -> Result<Option<(ChangedLines, String)>, UseError> {
    let start = absolute(paths.first().map_or(Path::new("."), PathBuf::as_path));
    let dir = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
    if let Some(reference) = &args.diff_base {
        let repository = Repository::around(dir, "--diff-base")?;
        let words = format!("changes since {reference}");
        return Ok(Some((repository.changed_since(reference)?, words)));
    }
    if args.staged {
        let repository = Repository::around(dir, "--staged")?;
        return Ok(Some((repository.staged()?, "staged lines".to_owned())));
    }
    Ok(None)
}

/// Marks what the changed lines have to do with.
pub(super) fn mark(changed: &ChangedLines, files: &[SourceView], findings: &mut [Judged], root: &str) {
    let report = Report { root: root.to_owned(), ..Report::default() };
    // Paths are put together once a file, not once a step.
    let paths: Vec<String> = files.iter().map(|it| report.from_repository(&it.path)).collect();
    for judged in findings {
        changed.mark(judged, |place| {
            let at = place.file.0 as usize;
            let (view, path) = (files.get(at)?, paths.get(at)?);
            let (first, last) = lines_of(&view.text, place.span);
            Some((path.as_str(), first, last))
        });
    }
}

/// Hides what the baseline lists. `analysed` is the root of the analysis.
pub(super) fn apply(
    baseline: &Baseline,
    files: &[SourceView],
    findings: &mut [Judged],
    analysed: &Path,
) -> Matched {
    let root = from_repository(analysed);
    let repository = repository_root(analysed).unwrap_or(analysed);
    baseline.apply(
        findings,
        |finding| repository_path(finding, files, &root),
        |path| repository.join(path).exists(),
    )
}

/// A finding's path from the repository's root.
pub(super) fn repository_path(finding: &Finding, files: &[SourceView], root: &str) -> String {
    let report = Report { root: root.to_owned(), ..Report::default() };
    files.get(finding.place.file.0 as usize).map_or(String::new(), |it| report.from_repository(&it.path))
}

/// Can this run tell that an entry matches nothing? Its rule has to run and its file to lie in what is analysed.
pub(super) fn can_judge(entry: &Entry, selection: &Selection, roots: &[String]) -> bool {
    let below =
        |root: &String| root == "." || entry.path == *root || entry.path.starts_with(&format!("{root}/"));
    selection.contains(&entry.rule) && roots.iter().any(below)
}

/// What is analysed, from the repository's root, `.` for all of it.
pub(super) fn roots(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| from_repository(&absolute(path))).collect()
}

/// A directory or file seen from its repository, `.` when it is the repository's root or there is none.
pub(super) fn from_repository(path: &Path) -> String {
    match repository_root(path).and_then(|it| path.strip_prefix(it).ok()).map(slashed) {
        Some(path) if !path.is_empty() => path,
        _ => ".".to_owned(),
    }
}

fn repository_root(path: &Path) -> Option<&Path> {
    path.ancestors().find(|it| it.join(".git").exists())
}

fn absolute(path: &Path) -> PathBuf {
    crate::discover::normalized(path)
}
