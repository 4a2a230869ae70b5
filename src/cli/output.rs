//! Where reports go: stdout in one format, files in others.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::report::{Format, Report, Style, render};

use super::args::OutputArgs;
use super::error::{Failure, UseError};
use super::write_out;

/// What goes to stdout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) format: Format,
    /// Somebody asked for it; else it may be changed to suit the reader.
    pub(super) asked: bool,
}

/// Variables that agents set for the commands they run.
const AGENTS: [&str; 5] = ["AI_AGENT", "CURSOR_AGENT", "GEMINI_CLI", "CODEX_SANDBOX", "OPENCODE"];

/// The command line, then `WORKLINT_FORMAT`, then the configuration; else text for people, or for agents.
pub(super) fn choose(args: &OutputArgs, settings: &Settings, terminal: bool) -> Result<Chosen, UseError> {
    if let Some(format) = args.format {
        return Ok(Chosen { format, asked: true });
    }
    if let Some(name) = std::env::var_os("WORKLINT_FORMAT").filter(|it| !it.is_empty()) {
        let name = name.to_string_lossy().into_owned();
        let names = Format::ALL.map(Format::name).join(", ");
        let format = Format::named(&name).ok_or_else(|| {
            UseError::new(
                format!("WORKLINT_FORMAT: no format is called `{name}`"),
                format!("there are {names}"),
            )
        })?;
        return Ok(Chosen { format, asked: true });
    }
    // A report that is to go to stdout is all that goes there.
    if let Some(report) = args.output.iter().find(|it| it.path == Path::new("-")) {
        return Ok(Chosen { format: report.format, asked: true });
    }
    if settings.format.origin != "default" {
        let format = Format::named(&settings.format.value).unwrap_or(Format::Full);
        return Ok(Chosen { format, asked: true });
    }
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    let agent = !terminal && AGENTS.iter().any(|name| set(name));
    Ok(Chosen { format: if agent { Format::Agent } else { Format::Full }, asked: false })
}

/// Writes the report to stdout, unless nothing is wanted there, and to every file.
pub(super) fn write(
    report: &Report,
    args: &OutputArgs,
    chosen: Chosen,
    style: &Style,
) -> Result<(), Failure> {
    let mut result = Ok(());
    if args.quiet < 2 {
        result = write_out(|out| render(report, chosen.format, out, style));
    }
    // Files have no terminal.
    let plain = Style { color: false, links: false, unicode: true, max_findings: usize::MAX, width: 100 };
    let mut first = chosen.asked && args.format.is_none();
    for target in &args.output {
        let format = target.format;
        let written = if target.path == Path::new("-") {
            // The first of them may be what stdout has already.
            if std::mem::take(&mut first) && format == chosen.format {
                continue;
            }
            write_out(|out| render(report, format, out, style))
        } else {
            write_file(&target.path, |out| render(report, format, out, &plain)).map_err(|error| {
                let what = format!("{}: {error}", target.path.display());
                Failure::Output(io::Error::new(error.kind(), what))
            })
        };
        result = result.and(written);
    }
    result
}

/// Writes a file as a whole or not at all; its folder is made if need be.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    // A pipe or device is written as it is.
    if path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        let mut out = io::BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let draft: PathBuf = path.with_file_name(name);
    let result = std::fs::File::create(&draft).and_then(|file| {
        let mut out = io::BufWriter::new(file);
        write(&mut out).and_then(|()| out.flush())
    });
    let result = result.and_then(|()| std::fs::rename(&draft, path));
    if result.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    result
}
