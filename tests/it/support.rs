//! Running the binary as a user would, in an environment without surprises.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program with nothing in the environment that changes what it says.
pub(crate) fn worklint(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worklint"));
    command.args(args).env_clear().env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

pub(crate) fn run(args: &[&str]) -> Ran {
    Ran::from(worklint(args).output().expect("the binary starts"))
}

pub(crate) fn run_in(directory: &Path, args: &[&str]) -> Ran {
    Ran::from(worklint(args).current_dir(directory).output().expect("the binary starts"))
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A directory with files, removed with the value.
pub(crate) fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (path, text) in files {
        write(directory.path(), path, text);
    }
    directory
}

pub(crate) fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    std::fs::create_dir_all(path.parent().expect("a file has a parent")).expect("directories can be made");
    std::fs::write(path, text).expect("files can be written");
}

/// Every file below, sorted; nothing if there is no such directory.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
