//! `worklint baseline`: a list of findings that are known, made and kept up to date.

use std::collections::BTreeMap;

use crate::findings::baseline::{Baseline, Entry, Matched};
use crate::findings::{Judged, Selection};
use crate::pipeline::{self, Outcome};
use crate::report::{Report, write_problem};

use super::args::{BaselineCommand, BaselineRunArgs, BaselineUpdateArgs};
use super::check::{lines, prefix};
use super::error::{Failure, UseError};
use super::known::{self, can_judge, read_baseline, write_baseline};
use super::settings::{self, shown};
use super::{Exit, files, say, write_out};

pub(super) fn run(command: &BaselineCommand) -> Result<Exit, Failure> {
    match command {
        BaselineCommand::Create(args) => create(args),
        BaselineCommand::Update(args) => update(args),
        BaselineCommand::Prune(args) => prune(args),
        BaselineCommand::Show(args) => show(args),
    }
}

/// What a run finds now, and where the baseline is.
struct Now {
    path: std::path::PathBuf,
    outcome: Outcome,
    selection: Selection,
    /// The analysed root from the repository's root.
    root: String,
    /// Everything was analysed, so what is not there is gone.
    complete: bool,
}

fn now(args: &BaselineRunArgs) -> Result<Now, Failure> {
    let paths = &args.files.paths;
    let settings = settings::settings(&args.config, paths)?;
    let options = settings::options(&args.files, None, &settings)?;
    let (path, _) = known::baseline_path(args.baseline.as_deref(), &settings, paths);
    let outcome = pipeline::run(paths, &options);
    let report =
        Report { prefix: prefix(&outcome.root), problems: outcome.problems.clone(), ..Report::default() };
    if outcome.analysed == 0 {
        return Err(files::nothing(&args.files).into());
    }
    let complete = report.complete();
    if !complete {
        say(&lines(|out| report.problems.iter().try_for_each(|it| write_problem(&report, it, out))));
    }
    let root = known::from_repository(&outcome.root);
    Ok(Now { path, outcome, selection: options.selection, root, complete })
}

impl Now {
    fn matched(&mut self, baseline: &Baseline) -> Matched {
        known::apply(baseline, &self.outcome.files, &mut self.outcome.findings, &self.outcome.root)
    }

    fn judges(&self, args: &BaselineRunArgs) -> impl Fn(&Entry) -> bool {
        let roots = known::roots(&args.files.paths);
        let selection = self.selection.clone();
        move |entry| can_judge(entry, &selection, &roots)
    }

    fn path_of(&self, judged: &Judged) -> String {
        known::repository_path(&judged.finding, &self.outcome.files, &self.root)
    }

    fn write(&self, baseline: &Baseline) -> Result<(), Failure> {
        write_baseline(&self.path, baseline).map_err(|error| {
            let what = format!("{}: {error}", shown(&self.path));
            Failure::Output(std::io::Error::new(error.kind(), what))
        })
    }

    /// A run that could not see everything must not decide what is gone.
    fn whole(&self) -> Result<(), Failure> {
        if self.complete {
            return Ok(());
        }
        let help = "mend what is named above, or leave it out with --exclude";
        Err(UseError::new("the analysis is incomplete, so the baseline is left as it is", help).into())
    }
}

fn create(args: &BaselineRunArgs) -> Result<Exit, Failure> {
    let now = now(args)?;
    now.whole()?;
    if now.path.exists() {
        let help = "`worklint baseline update` brings it up to date; remove it first to begin anew";
        return Err(UseError::new(format!("the baseline {} exists already", shown(&now.path)), help).into());
    }
    let open = now.outcome.findings.iter().filter(|it| it.hidden.is_none());
    let baseline = Baseline::of(open.map(|it| &it.finding), |finding| {
        known::repository_path(finding, &now.outcome.files, &now.root)
    });
    now.write(&baseline)?;
    let findings: usize = baseline.entries.iter().map(|it| it.count).sum();
    say(&format!("{}: {}\n", shown(&now.path), plural(findings, "finding")));
    Ok(Exit::Clean)
}

fn update(args: &BaselineUpdateArgs) -> Result<Exit, Failure> {
    let mut now = now(&args.run)?;
    now.whole()?;
    let baseline = read_baseline(&now.path)?;
    let matched = now.matched(&baseline);
    let judges = now.judges(&args.run);
    let gone: usize = matched.stale(&baseline, &judges).map(|(_, number)| number).sum();
    let mut updated = refreshed(&baseline, &matched, &now, &judges);
    let mut added = 0;
    if args.add {
        let new: Vec<&Judged> = now.outcome.findings.iter().filter(|it| it.hidden.is_none()).collect();
        added = new.len();
        let new = Baseline::of(new.iter().map(|it| &it.finding), |finding| {
            known::repository_path(finding, &now.outcome.files, &now.root)
        });
        merge(&mut updated, new);
    }
    now.write(&updated)?;
    let left: usize = updated.entries.iter().map(|it| it.count).sum();
    say(&format!("{}: {} ({gone} gone, {added} new)\n", shown(&now.path), plural(left, "finding")));
    Ok(Exit::Clean)
}

/// Entries with the path, symbol and fingerprint that their findings have now. Those that this run cannot judge stay.
fn refreshed(baseline: &Baseline, matched: &Matched, now: &Now, judges: impl Fn(&Entry) -> bool) -> Baseline {
    let mut updated = Baseline::default();
    for (at, entry) in baseline.entries.iter().enumerate() {
        let found = &matched.findings[at];
        let rest = entry.count - found.len();
        if rest > 0 && !judges(entry) {
            merge(&mut updated, Baseline { entries: vec![Entry { count: rest, ..entry.clone() }] });
        }
        for index in found {
            let judged = &now.outcome.findings[*index];
            let fresh = Baseline::of([&judged.finding], |_| now.path_of(judged));
            let known = |it: Entry| Entry { reason: entry.reason.clone(), more: entry.more.clone(), ..it };
            merge(&mut updated, Baseline { entries: fresh.entries.into_iter().map(known).collect() });
        }
    }
    updated
}

/// Adds entries; those of the same fingerprint become one.
fn merge(into: &mut Baseline, more: Baseline) {
    for entry in more.entries {
        match into.entries.iter_mut().find(|it| it.fingerprint == entry.fingerprint) {
            Some(known) => {
                known.count += entry.count;
                known.reason = known.reason.take().or(entry.reason);
            }
            None => into.entries.push(entry),
        }
    }
}

fn prune(args: &BaselineRunArgs) -> Result<Exit, Failure> {
    let mut now = now(args)?;
    now.whole()?;
    let baseline = read_baseline(&now.path)?;
    let matched = now.matched(&baseline);
    let judges = now.judges(args);
    let gone: usize = matched.stale(&baseline, &judges).map(|(_, number)| number).sum();
    if gone > 0 {
        now.write(&baseline.pruned(&matched, &judges))?;
    }
    let left: usize = baseline.entries.iter().map(|it| it.count).sum::<usize>() - gone;
    say(&format!("{}: {gone} gone, {} left\n", shown(&now.path), plural(left, "finding")));
    Ok(Exit::Clean)
}

fn show(args: &BaselineRunArgs) -> Result<Exit, Failure> {
    let mut now = now(args)?;
    let baseline = read_baseline(&now.path)?;
    let matched = now.matched(&baseline);
    let judges = now.judges(args);
    let stale: BTreeMap<&str, usize> = matched
        .stale(&baseline, &judges)
        .map(|(entry, number)| (entry.fingerprint.as_str(), number))
        .collect();
    let prefix = prefix(&now.outcome.root);
    write_out(|out| {
        for (at, entry) in baseline.entries.iter().enumerate() {
            let reason = entry.reason.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
            for index in &matched.findings[at] {
                let finding = &now.outcome.findings[*index].finding;
                let Some(view) = now.outcome.files.get(finding.place.file.0 as usize) else { continue };
                let place = view.text.position(finding.place.span.start);
                let place = format!("{prefix}{}:{}:{}", view.path, place.line, place.column);
                writeln!(out, "{place}: {} {}{reason}", finding.rule, finding.message)?;
            }
            if let Some(number) = stale.get(entry.fingerprint.as_str()) {
                let times = if *number > 1 { format!(" ({number} times)") } else { String::new() };
                let what = if entry.symbol.is_empty() { &entry.key } else { &entry.symbol };
                writeln!(
                    out,
                    "{}: {} in {what}: matches nothing any more{times}{reason}",
                    entry.path, entry.rule
                )?;
            }
        }
        Ok(())
    })?;
    Ok(if now.complete { Exit::Clean } else { Exit::Internal })
}

fn plural(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
