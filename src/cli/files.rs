//! `worklint files`: what would be analysed, and why something is not. And how every command makes file arguments into
//! options.

use std::path::Path;

use globset::Glob;

use crate::discover::{self, SkipReason};
use crate::findings::select::nearest;
use crate::pipeline::{self, Listing, Options};
use crate::report::{Report, write_problem};

use super::args::{COMMANDS, FileArgs, FilesArgs};
use super::error::{Failure, UseError};
use super::{Exit, check, say, settings, write_out};

pub(super) fn run(args: &FilesArgs) -> Result<Exit, Failure> {
    let settings = settings::settings(&args.config, &args.files.paths)?;
    let options = settings::options(&args.files, None, &settings)?;
    let listing = pipeline::list(&args.files.paths, &options);
    if let Some(file) = &args.why {
        return why(file, &args.files, &options, &listing);
    }
    let prefix = check::prefix(&listing.root);
    write_out(|out| {
        for file in &listing.files {
            let path = &file.path;
            match args.long {
                true => writeln!(out, "{prefix}{path}\t{}\t{}", file.module, file.source_set)?,
                false => writeln!(out, "{prefix}{path}")?,
            }
        }
        Ok(())
    })?;
    let empty = listing.files.is_empty();
    let report = Report { prefix, problems: listing.problems, ..Report::default() };
    say(&check::lines(|out| report.problems.iter().try_for_each(|it| write_problem(&report, it, out))));
    if !report.complete() {
        return Ok(Exit::Internal);
    }
    if empty {
        return Err(nothing(&args.files).into());
    }
    Ok(Exit::Clean)
}

/// Says whether a file is analysed, and if not, what leaves it out.
fn why(file: &Path, args: &FileArgs, options: &Options, listing: &Listing) -> Result<Exit, Failure> {
    let shown = file.display().to_string();
    if !file.exists() {
        return Err(UseError::new(format!("`{shown}` does not exist"), "give a file of the project").into());
    }
    let wanted = discover::normalized(file);
    let at = |path: &str| discover::normalized(&listing.root.join(path));
    let answer = if let Some(found) = listing.files.iter().find(|it| at(&it.path) == wanted) {
        let set = if found.source_set.is_empty() {
            String::new()
        } else {
            format!(", source set {}", found.source_set)
        };
        format!("analysed, as part of module {}{set}", found.module)
    } else if let Some((path, reason)) = listing.skipped.iter().find(|(path, _)| wanted.starts_with(at(path)))
    {
        format!("left out: {}", reason_words(*reason, path))
    } else if wanted.is_dir() {
        "a directory; its files are asked for one by one".to_owned()
    } else if discover::kind_of(&wanted).is_none() {
        "left out: neither Kotlin, Java, a manifest nor a file of the build".to_owned()
    } else if !args.paths.iter().any(|path| wanted.starts_with(discover::normalized(path))) {
        "left out: not in the paths that are analysed".to_owned()
    } else {
        let all = pipeline::list(&args.paths, &Options { no_ignore: true, ..options.clone() });
        let ignored = all.files.iter().any(|it| discover::normalized(&all.root.join(&it.path)) == wanted);
        let is_build = discover::kind_of(&wanted).is_some_and(|kind| !kind.is_source());
        match (ignored, is_build) {
            (true, _) => "left out by .gitignore or its like (--no-ignore)".to_owned(),
            (_, true) => {
                "read for what it says of modules, levels and suppressions; nothing in it is analysed"
                    .to_owned()
            }
            _ => "left out: hidden, or in a hidden directory".to_owned(),
        }
    };
    write_out(|out| writeln!(out, "{shown}: {answer}"))?;
    Ok(Exit::Clean)
}

fn reason_words(reason: SkipReason, path: &str) -> String {
    let words = match reason {
        SkipReason::BuildOutput => "output of the build",
        SkipReason::Generated => "generated code (--include-generated)",
        SkipReason::Vendored => "code of others, which no settings file includes",
        SkipReason::OtherRepository => "a repository of its own",
        SkipReason::Link => "a link to something that is analysed anyway",
        SkipReason::Excluded => "matches an exclude pattern",
        SkipReason::Test => "tests (--include-tests)",
        SkipReason::OtherPlatform => "never runs on Android",
    };
    format!("{words} ({path})")
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

/// A path with `/` on every system.
pub(super) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
