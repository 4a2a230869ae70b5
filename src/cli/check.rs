//! `worklint check`: from arguments to a report and an exit code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::base::problem::ProblemKind;
use crate::config::Settings;
use crate::config::file::{FailOn, Switch};
use crate::findings::baseline::Baseline;
use crate::findings::{Judged, Selection};
use crate::pipeline::{self, Outcome};
use crate::report::{Format, Include, Report, RunRule, Summary, render, write_problem, write_summary};

use super::args::{CheckArgs, IncludeKind};
use super::error::Failure;
use super::files::slashed;
use super::known;
use super::output::{self, Chosen};
use super::progress::Progress;
use super::terminal::{Stream, is_terminal, style};
use super::{Exit, files, say, settings};

pub(super) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let paths = &args.files.paths;
    let settings = settings::settings(&args.config, paths)?;
    let mut options = settings::options(&args.files, Some(&args.select), &settings)?;
    options.stats = args.output.stats;
    let chosen = output::choose(&args.output, &settings, is_terminal(Stream::Out))?;
    // What cannot be done as asked is said before the work.
    let baseline = known::baseline(&args.known, &settings, paths)?;
    let changed = known::changed(&args.known, paths)?;
    let err = style(&args.output.color, Stream::Err, args.output.max_findings);
    let progress = Progress::start(args.output.quiet > 0, err.unicode);
    let mut outcome = pipeline::run(paths, &options);
    drop(progress);
    let phases = phases(&outcome);
    let stats = std::mem::take(&mut outcome.stats);
    let analysed = outcome.analysed;
    let root = known::from_repository(&outcome.root);
    if let Some((lines, _)) = &changed {
        known::mark(lines, &outcome.files, &mut outcome.findings, &root);
    }
    let stale = baseline.as_ref().map_or(0, |it| hide_known(args, it, &options.selection, &mut outcome));
    let mut report = report(args, &options.selection, outcome, root);
    report.summary.stale = stale;
    report.has_baseline = baseline.is_some();
    report.changed_since = changed.map(|(_, since)| since);
    if !args.output.reproducible && std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
        report.elapsed = Some(start.elapsed());
    }
    if analysed == 0 && !args.allow_empty {
        say(&lines(|out| report.problems.iter().try_for_each(|it| write_problem(&report, it, out))));
        return Err(files::nothing(&args.files).into());
    }
    let out = style(&args.output.color, Stream::Out, args.output.max_findings);
    let written = output::write(&report, &args.output, chosen, &out);
    say_more(args, &report, &stats, &phases);
    if args.output.quiet == 0 {
        say(&lines(|out| write_summary(&report, chosen.format, out, &err)));
        annotate(&report, chosen);
    }
    written?;
    Ok(exit(args, &settings, &report))
}

/// Hides what the baseline lists; how many of its entries match nothing any more.
fn hide_known(args: &CheckArgs, baseline: &Baseline, selection: &Selection, outcome: &mut Outcome) -> usize {
    let matched = known::apply(baseline, &outcome.files, &mut outcome.findings, &outcome.root);
    // With another certainty than usual entries may be missed that are not gone.
    if args.select.confidence.is_some() {
        return 0;
    }
    let roots = known::roots(&args.files.paths);
    matched.stale(baseline, |entry| known::can_judge(entry, selection, &roots)).count()
}

fn report(args: &CheckArgs, selection: &Selection, outcome: Outcome, root: String) -> Report {
    let summary =
        Summary { files: outcome.analysed, modules: outcome.modules, ..Summary::of(&outcome.findings) };
    let wanted = |kind| args.known.include.contains(&kind);
    let include = Include {
        suppressed: args.select.no_suppressions || wanted(IncludeKind::Suppressed),
        baseline: wanted(IncludeKind::Baseline),
    };
    let link_base = args.output.link_base.as_ref().map(|it| format!("{}/", it.trim_end_matches('/')));
    Report {
        root,
        prefix: prefix(&outcome.root),
        files: outcome.files,
        findings: outcome.findings,
        include,
        rules: rules(selection),
        problems: outcome.problems,
        summary,
        elapsed: None,
        link_base,
        has_baseline: false,
        changed_since: None,
    }
}

/// The rules that run, with the severity that the settings give them.
pub(super) fn rules(selection: &Selection) -> Vec<RunRule> {
    let selected = crate::rules::metas().iter().filter(|meta| selection.contains(meta.id));
    selected
        .map(|meta| RunRule { meta, severity: selection.severity(meta.id).unwrap_or(meta.severity) })
        .collect()
}

fn say_more(args: &CheckArgs, report: &Report, stats: &[(String, usize)], phases: &str) {
    if args.output.verbose && !args.output.stats {
        let partly = |it: &&crate::base::Problem| it.kind == ProblemKind::Syntax;
        say(&lines(|out| {
            report.problems.iter().filter(partly).try_for_each(|it| write_problem(report, it, out))
        }));
    }
    if args.output.stats {
        say(&show_stats(report, stats));
    }
    if args.output.timings {
        say(phases);
    }
}

/// On GitHub's runners text for people comes with annotations, unless somebody chose a format.
fn annotate(report: &Report, chosen: Chosen) {
    let on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true");
    if on_github && !chosen.asked {
        let style = style(&super::args::ColorArgs::never(), Stream::Err, 0);
        say(&lines(|out| render(report, Format::Github, out, &style)));
    }
}

fn exit(args: &CheckArgs, settings: &Settings, report: &Report) -> Exit {
    if !report.complete() {
        return Exit::Internal;
    }
    let summary = report.summary;
    let fail_on = args.fail_on.map_or(settings.fail_on.value, FailOn::from);
    let failing = match fail_on {
        FailOn::Error => summary.errors,
        FailOn::Warning => summary.errors + summary.warnings,
        FailOn::Info => summary.findings(),
        FailOn::Never => 0,
    };
    let most = args.max_warnings.or(settings.max_warnings.value);
    let too_many = most.is_some_and(|most| summary.warnings > most);
    let unused = |it: &Judged| it.finding.rule == "UnusedSuppression" && it.counts();
    let partly = args.strict
        && (report.problems.iter().any(|it| it.kind == ProblemKind::Syntax)
            || report.findings.iter().any(unused));
    let stale = summary.stale > 0 && settings.stale.value == Switch::Error;
    let failed = failing > 0 || too_many || partly || stale;
    if failed && !args.exit_zero { Exit::Findings } else { Exit::Clean }
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
        (ProblemKind::Noted, "left out or read in another way"),
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
pub(super) fn lines(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    let _ = write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}
