//! The command line: arguments in, exit code out. One file per command.

mod args;
mod check;
mod error;
mod explain;
mod files;
mod rules;
mod terminal;
mod why;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use crate::pipeline;

use args::{Cli, Command};
use error::Failure;

/// Exit codes, the same for every format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Finished; nothing at or above `--fail-on`.
    Clean = 0,
    /// Finished, with findings.
    Findings = 1,
    /// Not run as asked.
    Usage = 2,
    /// An internal failure, or something could not be read.
    Internal = 3,
}

/// Runs the command that the arguments name. Nothing else in worklint ends the process.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    pipeline::quiet_panics();
    let args: Vec<OsString> = args.into_iter().collect();
    let exit = catch_unwind(AssertUnwindSafe(|| dispatch(args))).unwrap_or_else(|payload| {
        let message = pipeline::panic_message(&*payload);
        let help = "this is a bug of worklint; please report it with this line";
        say(&format!("error: internal failure: {message} ({help})\n"));
        Exit::Internal
    });
    ExitCode::from(exit as u8)
}

fn dispatch(args: Vec<OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args::with_default_command(args)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, and are written to stdout; a closed pipe is none of ours.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        }
    };
    let result = match &cli.command {
        Command::Check(args) => check::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Files(args) => files::run(args),
        Command::Why(args) => why::run(args),
    };
    match result {
        Ok(exit) => exit,
        Err(Failure::Usage(error)) => {
            say(&error.to_string());
            Exit::Usage
        }
        Err(Failure::Output(error)) => {
            say(&format!("error: the output could not be written: {error}\n"));
            Exit::Internal
        }
    }
}

/// Writes to stderr. When that fails there is nobody left to tell.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to stdout through a buffer. A closed pipe ends quietly: whoever read it has read enough.
fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => {
            // What a closed pipe left in the buffer must not be tried again.
            drop(out.into_parts());
            Ok(())
        }
    }
}
