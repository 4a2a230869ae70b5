//! `worklint check`: from arguments to a report and an exit code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::base::problem::ProblemKind;
use crate::findings::select::Wanted;
use crate::findings::{Confidence, Judged, Selection, Severity};
use crate::pipeline::{self, Outcome};
use crate::report::{Format, Report, Summary, render, write_problem, write_summary};

use super::args::{Certainty, CheckArgs, FailOn, FormatName, SelectArgs};
use super::error::{Failure, UseError};
use super::terminal::{Stream, style};
use super::{Exit, files, say, write_out};

pub(super) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let mut options = files::options(&args.files)?;
    options.selection = selection(&args.select)?;
    options.levels.confidence = Some(match args.select.confidence {
        Certainty::High => Confidence::High,
        Certainty::Medium => Confidence::Medium,
        Certainty::Low => Confidence::Low,
    });
    let mut outcome = pipeline::run(&args.files.paths, &options);
    let phases = phases(&outcome);
    let stats = std::mem::take(&mut outcome.stats);
    let analysed = outcome.analysed;
    let mut report = report(args, outcome);
    if !args.output.reproducible && std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
        report.elapsed = Some(start.elapsed());
    }
    let err = style(args.output.color.color, Stream::Err, args.output.max_findings);
    let format = format(args.output.format);
    if analysed == 0 && !args.allow_empty {
        say(&lines(|out| report.problems.iter().try_for_each(|it| write_problem(&report, it, out))));
        return Err(files::nothing(&args.files).into());
    }
    let out = style(args.output.color.color, Stream::Out, args.output.max_findings);
    let written = match args.output.quiet {
        0 | 1 => write_out(|stdout| render(&report, format, stdout, &out)),
        _ => Ok(()),
    };
    if args.output.verbose && !args.output.stats {
        let partly = |it: &&crate::base::Problem| it.kind == ProblemKind::Syntax;
        say(&lines(|out| {
            report.problems.iter().filter(partly).try_for_each(|it| write_problem(&report, it, out))
        }));
    }
    if args.output.stats {
        say(&show_stats(&report, &stats));
    }
    if args.output.timings {
        say(&phases);
    }
    if args.output.quiet == 0 {
        say(&lines(|out| write_summary(&report, format, out, &err)));
    }
    written?;
    Ok(exit(args, &report))
}

fn selection(args: &SelectArgs) -> Result<Selection, UseError> {
    let levels = [
        (Some(Severity::Error), "--error", &args.error),
        (Some(Severity::Warning), "--warning", &args.warning),
        (Some(Severity::Info), "--info", &args.info),
        (None, "--off", &args.off),
    ];
    let options = [
        ("--only", &args.only),
        ("--select", &args.select),
        ("--extend-select", &args.extend_select),
        ("--ignore", &args.ignore),
    ];
    let metas = crate::rules::metas();
    let named = options.into_iter().chain(levels.iter().map(|(_, name, words)| (*name, *words)));
    for (option, words) in named {
        for word in words {
            crate::findings::select::find(metas, word).map_err(|error| UseError::select(option, &error))?;
        }
    }
    let severities =
        levels.iter().flat_map(|(level, _, words)| words.iter().map(|word| (*level, word.clone()))).collect();
    let wanted = Wanted {
        only: args.only.clone(),
        select: args.select.clone(),
        extend_select: args.extend_select.clone(),
        ignore: args.ignore.clone(),
        severities,
    };
    Selection::new(metas, &wanted).map_err(|error| UseError::select("", &error))
}

/// Takes out what is suppressed and counts the rest.
fn report(args: &CheckArgs, outcome: Outcome) -> Report {
    let mut summary = Summary { files: outcome.analysed, modules: outcome.modules, ..Summary::default() };
    let mut findings = Vec::new();
    for judged in outcome.findings {
        match judged.hidden {
            Some(_) => summary.suppressed += 1,
            None => summary.count(judged.finding.severity),
        }
        if judged.hidden.is_none() || args.select.no_suppressions {
            findings.push(judged);
        }
    }
    Report {
        root: repository_path(&outcome.root),
        prefix: prefix(&outcome.root),
        files: outcome.files,
        findings,
        rules: crate::rules::metas().iter().collect(),
        problems: outcome.problems,
        summary,
        elapsed: None,
    }
}

fn exit(args: &CheckArgs, report: &Report) -> Exit {
    if !report.complete() {
        return Exit::Internal;
    }
    let summary = report.summary;
    let failing = match args.fail_on {
        FailOn::Error => summary.errors,
        FailOn::Warning => summary.errors + summary.warnings,
        FailOn::Info => summary.findings(),
        FailOn::Never => 0,
    };
    let too_many = args.max_warnings.is_some_and(|most| summary.warnings > most);
    let unused = |it: &Judged| it.finding.rule == "UnusedSuppression" && it.hidden.is_none();
    let partly = args.strict
        && (report.problems.iter().any(|it| it.kind == ProblemKind::Syntax)
            || report.findings.iter().any(unused));
    if !args.exit_zero && (failing > 0 || too_many || partly) { Exit::Findings } else { Exit::Clean }
}

fn format(name: FormatName) -> Format {
    match name {
        FormatName::Full => Format::Full,
        FormatName::Concise => Format::Concise,
        FormatName::Json => Format::Json,
    }
}

/// The root seen from its repository, `.` when it is the repository or there is none.
fn repository_path(root: &Path) -> String {
    let repository = root.ancestors().find(|it| it.join(".git").exists());
    match repository.and_then(|it| root.strip_prefix(it).ok()).map(slashed) {
        Some(path) if !path.is_empty() => path,
        _ => ".".to_owned(),
    }
}

/// What makes paths below `root` relative to the working directory.
pub(super) fn prefix(root: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = match root.strip_prefix(&here) {
        Ok(below) => below.to_path_buf(),
        Err(_) => match here.strip_prefix(root) {
            Ok(above) => above.components().map(|_| "..").collect::<PathBuf>(),
            Err(_) => root.to_path_buf(),
        },
    };
    match slashed(&path) {
        empty if empty.is_empty() => empty,
        path if path.ends_with('/') => path,
        path => path + "/",
    }
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

fn phases(outcome: &Outcome) -> String {
    let mut text = String::new();
    let mut line = |name: &str, time: std::time::Duration| {
        let _ = writeln!(text, "{:>9.1} ms  {name}", time.as_secs_f64() * 1000.0);
    };
    for (phase, time) in &outcome.phases {
        line(phase, *time);
    }
    let mut rules = outcome.rule_times.clone();
    rules.sort_by_key(|(id, time)| (std::cmp::Reverse(*time), *id));
    for (rule, time) in rules {
        line(&format!("  {rule}"), time);
    }
    text
}

fn show_stats(report: &Report, stats: &[(String, usize)]) -> String {
    let kinds = [
        (ProblemKind::Unreadable, "could not be read"),
        (ProblemKind::Panic, "stopped at an internal error"),
        (ProblemKind::Syntax, "places not understood"),
        (ProblemKind::Assumed, "assumptions"),
    ];
    let mut text = String::new();
    for (kind, words) in kinds {
        let number = report.problems.iter().filter(|it| it.kind == kind).count();
        let _ = writeln!(text, "{number:>9}  {words}");
    }
    for (words, number) in stats {
        let _ = writeln!(text, "{number:>9}  {words}");
    }
    // The summary names the others by itself.
    let shown = |it: &&crate::base::Problem| matches!(it.kind, ProblemKind::Syntax | ProblemKind::Assumed);
    text + &lines(|out| {
        report.problems.iter().filter(shown).try_for_each(|it| write_problem(report, it, out))
    })
}

/// Text written to memory, which cannot fail.
fn lines(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    let _ = write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}
