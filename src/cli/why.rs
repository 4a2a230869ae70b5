//! `worklint why`: on which threads a function may run, by which way, and what in it blocks.

use std::io::{self, Write};

use serde::Serialize;

use crate::pipeline::{self, WhyFunction, WhyStep};

use super::args::{ListFormat, WhyArgs};
use super::error::{Failure, UseError};
use super::{Exit, files, write_out};

pub(super) fn run(args: &WhyArgs) -> Result<Exit, Failure> {
    let options = files::options(&args.files)?;
    let found = pipeline::why(&args.files.paths, &options, &args.question);
    if found.is_empty() {
        let what = format!("no function is called `{}`", args.question);
        let help = "give `Class.function`, `function` or `path/File.kt:12`; tests need --include-tests";
        return Err(UseError::new(what, help).into());
    }
    write_out(|out| match args.format {
        ListFormat::Json => json(&found, out),
        ListFormat::Text => found.iter().try_for_each(|function| text(function, args.calls, out)),
    })?;
    Ok(Exit::Clean)
}

fn text(function: &WhyFunction, calls: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}:{}", function.symbol, function.path, function.line)?;
    if function.threads.is_empty() {
        writeln!(out, "  threads: no way from an entry point leads here")?;
    }
    for thread in &function.threads {
        writeln!(out, "  may run on the {} thread ({} certainty)", thread.thread, thread.certainty)?;
        steps(&thread.steps, out)?;
    }
    if let Some(background) = &function.background {
        writeln!(out, "  may run in the background")?;
        steps(background, out)?;
    }
    list("run by", &function.callers, out)?;
    list("blocks", &function.blocking, out)?;
    if calls {
        list("calls", &function.calls, out)?;
    }
    writeln!(out)
}

fn steps(steps: &[WhyStep], out: &mut dyn Write) -> io::Result<()> {
    for (at, step) in steps.iter().enumerate() {
        writeln!(out, "    {}. {}:{}  {}", at + 1, step.path, step.line, step.message)?;
    }
    Ok(())
}

fn list(title: &str, entries: &[WhyStep], out: &mut dyn Write) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {title}:")?;
    for entry in entries {
        writeln!(out, "    {}:{}  {}", entry.path, entry.line, entry.message)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Json<'f> {
    version: u8,
    functions: &'f [WhyFunction],
}

fn json(functions: &[WhyFunction], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Json { version: 1, functions })?;
    writeln!(out)
}
