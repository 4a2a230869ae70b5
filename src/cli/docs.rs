//! `worklint completions` and `worklint man`: what shells and manuals want to know of the command line.

use std::path::Path;

use clap::CommandFactory;

use super::args::Cli;
use super::error::{Failure, UseError};
use super::{Exit, output, say, write_out};

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "worklint", &mut text);
    write_out(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

/// The page of the program to stdout, or all pages into a directory.
pub(super) fn man(directory: Option<&Path>) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    // Subcommands learn their full names.
    command.build();
    let Some(directory) = directory else {
        let page = clap_mangen::Man::new(command);
        write_out(|out| page.render(out))?;
        return Ok(Exit::Clean);
    };
    if !directory.is_dir() {
        let help = "give the directory that the pages go to";
        return Err(UseError::new(format!("`{}` is no directory", directory.display()), help).into());
    }
    let mut pages = Vec::new();
    collect(command, "worklint".to_owned(), &mut pages);
    for (name, command) in &pages {
        let page = clap_mangen::Man::new(command.clone()).title(name.to_uppercase());
        let path = directory.join(format!("{name}.1"));
        output::write_file(&path, |out| page.render(out)).map_err(Failure::Output)?;
    }
    say(&format!("{}: {} pages\n", directory.display(), pages.len()));
    Ok(Exit::Clean)
}

fn collect(command: clap::Command, name: String, pages: &mut Vec<(String, clap::Command)>) {
    for inner in command.get_subcommands().filter(|it| it.get_name() != "help") {
        collect(inner.clone(), format!("{name}-{}", inner.get_name()), pages);
    }
    pages.push((name, command));
}
