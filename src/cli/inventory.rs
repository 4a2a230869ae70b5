//! `worklint inventory`: every piece of background work, its kind and its evidence.

use std::io;

use crate::pipeline;
use crate::report::inventory::{Format, write};
use crate::report::{Report, write_problem};

use super::args::{InventoryArgs, InventoryFormat};
use super::error::Failure;
use super::terminal::{Stream, style};
use super::{Exit, check, files, output, say, settings, write_out};

pub(super) fn run(args: &InventoryArgs) -> Result<Exit, Failure> {
    let settings = settings::settings(&args.config, &args.files.paths)?;
    let options = settings::options(&args.files, None, &settings)?;
    let (mut found, problems) = pipeline::inventory(&args.files.paths, &options);
    if args.only_changes {
        found.rows.retain(|row| row.change);
    }
    let format = match args.format {
        InventoryFormat::Table => Format::Table,
        InventoryFormat::Json => Format::Json,
        InventoryFormat::Markdown => Format::Markdown,
        InventoryFormat::Html => Format::Html,
    };
    match &args.output {
        Some(path) => output::write_file(path, |out| write(&found, format, false, out)).map_err(|error| {
            Failure::Output(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
        })?,
        None => {
            let color = style(&args.color, Stream::Out, usize::MAX).color;
            write_out(|out| write(&found, format, color, out))?;
        }
    }
    let report = Report { problems, ..Report::default() };
    say(&check::lines(|out| report.problems.iter().try_for_each(|it| write_problem(&report, it, out))));
    if !report.complete() {
        return Ok(Exit::Internal);
    }
    if found.files == 0 {
        return Err(files::nothing(&args.files).into());
    }
    Ok(Exit::Clean)
}
