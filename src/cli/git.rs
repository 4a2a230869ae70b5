//! What git knows of a checkout: changed lines, the root of the repository. Asks the `git` command and says what to do
//! when it has no answer.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::findings::changed::ChangedLines;

use super::error::UseError;

/// A repository that git can be asked about.
#[derive(Debug)]
pub(super) struct Repository {
    /// Where its files are.
    pub(super) root: PathBuf,
}

/// Files that findings and their reasons are in.
const FILES: [&str; 9] =
    ["*.kt", "*.kts", "*.java", "*.xml", "*.gradle", "*.toml", "*.properties", "*.sq", "*.aidl"];

impl Repository {
    /// The repository around a directory.
    pub(super) fn around(dir: &Path, option: &str) -> Result<Repository, UseError> {
        let asked = git(dir, ["rev-parse", "--show-toplevel"], option)?;
        match asked {
            Ok(root) => Ok(Repository { root: PathBuf::from(root.trim_end_matches(['\n', '\r'])) }),
            Err(said) => {
                let what = format!("{option}: {} is in no git repository", dir.display());
                Err(UseError::new(what, first_line(&said)))
            }
        }
    }

    /// Lines that differ from the merge base with `reference`, committed or not, and files that git does not know.
    pub(super) fn changed_since(&self, reference: &str) -> Result<ChangedLines, UseError> {
        const OPTION: &str = "--diff-base";
        // A reference that looks like an option must not become one.
        let commit = format!("{reference}^{{commit}}");
        let found = self.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], OPTION)?;
        let Ok(commit) = found else {
            let what = format!("{OPTION}: git knows no commit `{reference}` here");
            return Err(UseError::new(what, self.remedy(reference)));
        };
        let base = self.ask(["merge-base", commit.trim(), "HEAD"], OPTION)?;
        let Ok(base) = base else {
            let what = format!("{OPTION}: no common history of `{reference}` and HEAD is here");
            return Err(UseError::new(what, self.remedy(reference)));
        };
        let mut changed = self.diff(&[base.trim()], OPTION)?;
        self.add_untracked(&mut changed, OPTION)?;
        Ok(changed)
    }

    /// Where its hooks are.
    pub(super) fn hooks(&self) -> Result<PathBuf, UseError> {
        match self.ask(["rev-parse", "--git-path", "hooks"], "hook")? {
            Ok(path) => Ok(self.root.join(path.trim_end_matches(['\n', '\r']))),
            Err(said) => Err(UseError::new("git does not tell where hooks are", first_line(&said))),
        }
    }

    /// Lines that would be committed now, where they are in the files.
    pub(super) fn staged(&self) -> Result<ChangedLines, UseError> {
        const OPTION: &str = "--staged";
        let staged = self.diff(&["--cached"], OPTION)?;
        let not_staged = self.diff(&[], OPTION)?;
        Ok(staged.carried_through(&not_staged))
    }

    fn diff(&self, what: &[&str], option: &str) -> Result<ChangedLines, UseError> {
        let mut args = vec![
            "-c",
            "core.quotePath=false",
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
            "--unified=0",
            "--inter-hunk-context=0",
            "--find-renames",
            "--ignore-submodules",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ];
        args.extend(what);
        args.push("--");
        args.extend(FILES);
        match self.ask(args, option)? {
            Ok(text) => Ok(ChangedLines::parse(&text)),
            Err(said) => Err(UseError::new(
                format!("{option}: git diff failed: {}", first_line(&said)),
                "see `git diff`",
            )),
        }
    }

    fn add_untracked(&self, changed: &mut ChangedLines, option: &str) -> Result<(), UseError> {
        let args = ["ls-files", "--others", "--exclude-standard", "-z", "--", "."];
        if let Ok(names) = self.ask(args, option)? {
            names.split('\0').filter(|it| !it.is_empty()).for_each(|name| changed.add_whole(name));
        }
        Ok(())
    }

    /// What to do when history is missing.
    fn remedy(&self, reference: &str) -> String {
        let shallow = self.ask(["rev-parse", "--is-shallow-repository"], "git");
        if matches!(shallow, Ok(Ok(text)) if text.trim() == "true") {
            return format!(
                "this is a shallow clone: fetch more of it, in GitHub Actions with `fetch-depth: 2` (0 for all) of \
                 actions/checkout, else with `git fetch --deepen=100 origin {reference}`"
            );
        }
        format!("`git fetch origin {reference}` may bring it; `git branch --all` lists what is here")
    }

    fn ask<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        option: &str,
    ) -> Result<Result<String, String>, UseError> {
        git(&self.root, args, option)
    }
}

/// What git writes, or what it says when it fails.
fn git<S: AsRef<OsStr>>(
    dir: &Path,
    args: impl IntoIterator<Item = S>,
    option: &str,
) -> Result<Result<String, String>, UseError> {
    let mut command = Command::new("git");
    // Nothing that a checkout configures is to run.
    command.arg("-C").arg(dir).args(["-c", "core.fsmonitor=false"]).args(args).stdin(Stdio::null());
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_PAGER", "cat");
    // A hook's environment names directories relative to where it runs.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    if let (Some(index), Ok(here)) = (std::env::var_os("GIT_INDEX_FILE"), std::env::current_dir()) {
        command.env("GIT_INDEX_FILE", here.join(index));
    }
    let output = command.output().map_err(|error| {
        UseError::new(format!("{option}: the git command cannot be run: {error}"), "it needs git in the PATH")
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
}

fn first_line(said: &str) -> String {
    said.lines().next().unwrap_or("git does not say why").to_owned()
}
