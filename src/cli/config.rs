//! `worklint config`: write, show, describe and check `worklint.toml`.

use std::path::Path;

use crate::config::{self, FILE_NAME, TEMPLATE};

use super::args::ConfigCommand;
use super::error::{Failure, UseError};
use super::settings::{self, format_names, shown};
use super::{Exit, output, say, write_out};

pub(super) fn run(command: &ConfigCommand) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Init { directory } => init(directory),
        ConfigCommand::Show { config, path } => {
            let settings = settings::settings(config, std::slice::from_ref(path))?;
            let here = std::env::current_dir().unwrap_or_default();
            let text = config::show(&settings, crate::rules::metas(), &here);
            write_out(|out| out.write_all(text.as_bytes()))?;
            Ok(Exit::Clean)
        }
        ConfigCommand::Schema => {
            let schema = config::schema(crate::rules::metas(), &format_names());
            write_out(|out| {
                serde_json::to_writer_pretty(&mut *out, &schema)?;
                writeln!(out)
            })?;
            Ok(Exit::Clean)
        }
        ConfigCommand::Check { config, path } => {
            let paths = std::slice::from_ref(path);
            let layers = settings::layers(config, paths)?;
            let resolved =
                config::resolve(&layers, crate::rules::metas(), &format_names()).map_err(UseError::from)?;
            settings::check(&resolved)?;
            let names: Vec<&str> = layers.iter().map(|it| it.origin.as_str()).collect();
            match names.as_slice() {
                [] => say(&format!("no {FILE_NAME} for {}, the defaults hold\n", path.display())),
                names => say(&format!("{}: no mistakes\n", names.join(", "))),
            }
            Ok(Exit::Clean)
        }
    }
}

fn init(directory: &Path) -> Result<Exit, Failure> {
    let path = directory.join(FILE_NAME);
    if path.exists() {
        let help = "`worklint config show` tells what it says";
        return Err(UseError::new(format!("{} exists already", path.display()), help).into());
    }
    if !directory.is_dir() {
        let help = "give the directory of a project";
        return Err(UseError::new(format!("`{}` is no directory", directory.display()), help).into());
    }
    output::write_file(&path, |out| out.write_all(TEMPLATE.as_bytes())).map_err(Failure::Output)?;
    say(&format!("{}: written\n", shown(&crate::discover::normalized(&path))));
    Ok(Exit::Clean)
}
