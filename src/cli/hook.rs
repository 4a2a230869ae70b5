//! `worklint hook`: a git hook that checks what is about to be committed.

use std::path::Path;

use super::args::HookCommand;
use super::error::{Failure, UseError};
use super::git::Repository;
use super::settings::shown;
use super::{Exit, output, say, write_out};

const SCRIPT: &str = "#!/bin/sh\n\
    # Installed by `worklint hook install --write`: checks what has to do with staged lines.\n\
    # `git commit --no-verify` goes around it.\n\
    exec worklint check --staged --allow-empty\n";

pub(super) fn run(command: &HookCommand) -> Result<Exit, Failure> {
    let HookCommand::Install { write, path } = command;
    if !write {
        write_out(|out| out.write_all(SCRIPT.as_bytes()))?;
        say("`worklint hook install --write` makes this the pre-commit hook of the repository\n");
        return Ok(Exit::Clean);
    }
    install(path)
}

fn install(path: &Path) -> Result<Exit, Failure> {
    let repository = Repository::around(path, "hook")?;
    let hook = repository.hooks()?.join("pre-commit");
    if std::fs::read_to_string(&hook).is_ok_and(|text| text == SCRIPT) {
        say(&format!("{}: is there already\n", shown(&hook)));
        return Ok(Exit::Clean);
    }
    if hook.exists() {
        let help = "add `worklint check --staged --allow-empty` to it by hand";
        return Err(UseError::new(format!("there is another hook, {}", shown(&hook)), help).into());
    }
    output::write_file(&hook, |out| out.write_all(SCRIPT.as_bytes()))
        .and_then(|()| make_executable(&hook))
        .map_err(Failure::Output)?;
    say(&format!("{}: written\n", shown(&hook)));
    Ok(Exit::Clean)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
