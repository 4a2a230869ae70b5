//! `worklint files`: what would be analysed. And how every command makes file arguments into options.

use globset::Glob;

use crate::findings::select::nearest;
use crate::pipeline::{self, Options};
use crate::report::{Report, write_problem};

use super::args::{COMMANDS, FileArgs, FilesArgs};
use super::error::{Failure, UseError};
use super::{Exit, check, say, write_out};

pub(super) fn run(args: &FilesArgs) -> Result<Exit, Failure> {
    let options = options(&args.files)?;
    let listing = pipeline::list(&args.files.paths, &options);
    let prefix = check::prefix(&listing.root);
    write_out(|out| {
        for path in &listing.paths {
            writeln!(out, "{prefix}{path}")?;
        }
        Ok(())
    })?;
    let report = Report { prefix, problems: listing.problems, ..Report::default() };
    let mut lines = Vec::new();
    for problem in &report.problems {
        // Writing to memory does not fail.
        let _ = write_problem(&report, problem, &mut lines);
    }
    say(&String::from_utf8_lossy(&lines));
    if !report.complete() {
        return Ok(Exit::Internal);
    }
    if listing.paths.is_empty() {
        return Err(nothing(&args.files).into());
    }
    Ok(Exit::Clean)
}

/// Checks what can be checked before anything is read.
pub(super) fn options(args: &FileArgs) -> Result<Options, UseError> {
    for path in &args.paths {
        if let Err(error) = path.metadata() {
            let shown = path.display().to_string();
            if error.kind() != std::io::ErrorKind::NotFound {
                let help = "worklint needs to read what it is given";
                return Err(UseError::new(format!("`{shown}` cannot be read: {error}"), help));
            }
            let help = match nearest(&shown, COMMANDS) {
                Some(command) if COMMANDS.contains(&shown.as_str()) => {
                    format!("the command comes first: `worklint {command} [OPTIONS] [PATH]...`")
                }
                Some(command) => format!("did you mean the command `{command}`?"),
                None => "give a directory or a file of an Android project".to_owned(),
            };
            return Err(UseError::new(format!("`{shown}` does not exist"), help));
        }
    }
    for pattern in &args.exclude {
        if let Err(error) = Glob::new(pattern) {
            let reason = error.kind();
            let help = "a glob such as `**/legacy/**`, relative to the analysed root";
            return Err(UseError::new(format!("--exclude: `{pattern}` is no glob: {reason}"), help));
        }
    }
    Ok(Options {
        exclude: args.exclude.clone(),
        no_ignore: args.no_ignore,
        include_tests: args.include_tests,
        include_generated: args.include_generated,
        threads: args.threads.map_or(0, std::num::NonZeroUsize::get),
        ..Options::default()
    })
}

/// Finding no file must not look like finding no defect.
pub(super) fn nothing(args: &FileArgs) -> UseError {
    let paths: Vec<_> = args.paths.iter().map(|it| format!("`{}`", it.display())).collect();
    UseError::new(
        format!("nothing to analyse in {}: no Kotlin, Java or manifest file", paths.join(", ")),
        "tests, generated and ignored files are left out (--include-tests, --include-generated, --no-ignore)",
    )
}
