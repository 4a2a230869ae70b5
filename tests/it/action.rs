//! The GitHub Action's scripts, run as a runner would run them: inputs by environment, files for outputs, no network.
//! Static checks of `action.yml` and the scripts are in `.ci/validate`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::{available, git, project, repository, write};

const KOTLIN: &str = "package com.example\n\nimport android.app.Activity\nimport java.net.URL\n\nclass Main : Activity() {\n    \
    override fun onResume() {\n        URL(\"https://example.com\").readText()\n    }\n}\n";

const MAIN: &str = "app/src/main/java/com/example/Main.kt";

/// Runs a script of the action with `bash`, as the runner does.
struct Runner {
    temp: tempfile::TempDir,
    action: PathBuf,
    env: Vec<(String, String)>,
}

impl Runner {
    /// A runner with a copy of the action; `checksums` is what its release knows.
    fn new(checksums: &str) -> Runner {
        let temp = tempfile::tempdir().unwrap();
        let action = temp.path().join("the action");
        for file in ["scripts/install.sh", "scripts/run.sh", "support/default-version"] {
            write(&action, file, &std::fs::read_to_string(repository().join(file)).unwrap());
        }
        write(&action, "support/checksums", checksums);
        let mut runner = Runner { temp, action, env: Vec::new() };
        runner.set("RUNNER_OS", "Linux").set("RUNNER_ARCH", "X64");
        let temp = runner.temp.path().to_str().unwrap().to_owned();
        runner.set("RUNNER_TEMP", &format!("{temp}/runner temp"));
        for (name, file) in [("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")] {
            runner.set(name, &format!("{temp}/{file}"));
        }
        runner.set("GITHUB_ACTIONS", "true");
        for (name, value) in [
            ("VERSION", ""),
            ("PATHS", "."),
            ("CONFIG", ""),
            ("FAIL_ON", ""),
            ("CHANGED", "auto"),
            ("UPLOAD", "auto"),
            ("DIR", "."),
        ] {
            runner.set(&format!("WORKLINT_IN_{name}"), value);
        }
        runner.set("WORKLINT_BASE_SHA", "").set("WORKLINT_HEAD_FORK", "");
        runner.set("WORKLINT_BIN", env!("CARGO_BIN_EXE_worklint"));
        std::fs::create_dir_all(runner.temp.path().join("runner temp")).unwrap();
        runner
    }

    fn set(&mut self, name: &str, value: &str) -> &mut Runner {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A program that is found before all others.
    fn shim(&mut self, name: &str, script: &str) -> &mut Runner {
        let path = self.temp.path().join("shims").join(name);
        write(&self.temp.path().join("shims"), name, &format!("#!/usr/bin/env bash\n{script}\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        self
    }

    fn run(&self, script: &str, directory: &Path) -> Ran {
        let path = std::env::var("PATH").unwrap_or_default();
        let shims = self.temp.path().join("shims");
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]);
        command.arg(self.action.join("scripts").join(script)).current_dir(directory);
        command.env_clear().env("PATH", format!("{}:{path}", shims.display())).env("HOME", self.temp.path());
        command.envs(self.env.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        Ran::new(
            command.output().unwrap(),
            &self.temp.path().join("output"),
            &self.temp.path().join("summary"),
        )
    }
}

struct Ran {
    code: Option<i32>,
    said: String,
    outputs: String,
    summary: String,
}

impl Ran {
    fn new(output: Output, outputs: &Path, summary: &Path) -> Ran {
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        Ran {
            code: output.status.code(),
            said: String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
            outputs: read(outputs),
            summary: read(summary),
        }
    }

    fn output(&self, name: &str) -> &str {
        let mut lines = self.outputs.lines().filter_map(|line| line.split_once('='));
        lines.rfind(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// What is said outside of the part in which commands are off.
    fn commands(&self) -> String {
        let (before, rest) = self.said.split_once("::stop-commands::").unwrap_or((&self.said, ""));
        let token = rest.lines().next().unwrap_or("");
        let after = rest.rsplit_once(&format!("::{token}::")).map_or("", |(_, after)| after);
        format!("{before}{after}")
    }
}

/// Where scripts cannot run, they are not tested.
fn can_run() -> bool {
    cfg!(unix) && available("bash", "the action's scripts") && available("git", "the action's scripts")
}

fn app(text: &str) -> tempfile::TempDir {
    project(&[(MAIN, text)])
}

#[test]
fn inputs_never_reach_the_shell_as_text() {
    let action = std::fs::read_to_string(repository().join("action.yml")).unwrap();
    let lines: Vec<&str> = action.lines().map(str::trim).collect();
    for line in lines.iter().filter(|it| it.starts_with("run:")) {
        assert!(!line.contains("${{"), "{line}");
    }
    for line in lines.iter().filter(|it| it.starts_with("uses:")) {
        let reference = line.split('@').nth(1).and_then(|it| it.split(' ').next()).unwrap_or("");
        assert!(reference.len() == 40 && line.contains("# v"), "pinned by hash, with its version: {line}");
    }
    for script in ["install.sh", "run.sh"] {
        let text = std::fs::read_to_string(repository().join("scripts").join(script)).unwrap();
        assert!(
            !text.contains("GITHUB_ENV") && !text.contains("GITHUB_PATH") && !text.contains("eval"),
            "{script}"
        );
        for newer in ["declare -A", "mapfile", "readarray", ",,}", "^^}"] {
            assert!(!text.contains(newer), "{script}: bash 3.2 has no {newer}");
        }
    }
    let version = std::fs::read_to_string(repository().join("support/default-version")).unwrap();
    assert_eq!(version.trim(), env!("CARGO_PKG_VERSION"));
}

/// An archive with a program called worklint, and its checksum.
fn archive(directory: &Path) -> (PathBuf, String) {
    write(directory, "worklint", "#!/bin/sh\necho from the archive\n");
    let tarball = directory.join("a.tar.gz");
    let made =
        Command::new("tar").arg("-czf").arg(&tarball).arg("-C").arg(directory).arg("worklint").status();
    assert!(made.unwrap().success());
    let sum =
        Command::new("sh").arg("-c").arg("sha256sum \"$0\" || shasum -a 256 \"$0\"").arg(&tarball).output();
    let sum = String::from_utf8(sum.unwrap().stdout).unwrap();
    (tarball, sum.split(' ').next().unwrap().to_owned())
}

#[test]
fn a_binary_is_taken_only_with_its_checksum() {
    if !can_run() {
        return;
    }
    let files = tempfile::tempdir().unwrap();
    let (tarball, sum) = archive(files.path());
    let version = env!("CARGO_PKG_VERSION");
    let curl = format!(
        "while [[ $1 != -o ]]; do shift; done; cp '{}' \"$2\"; echo \"${{@: -1}}\" >&2",
        tarball.display()
    );
    for (os, arch, target) in [
        ("Linux", "X64", "x86_64-unknown-linux-musl"),
        ("Linux", "ARM64", "aarch64-unknown-linux-musl"),
        ("macOS", "ARM64", "aarch64-apple-darwin"),
    ] {
        let mut runner = Runner::new(&format!("# c\n{version} {target} {sum}\n"));
        runner.set("RUNNER_OS", os).set("RUNNER_ARCH", arch).shim("curl", &curl).shim("cargo", "exit 9");
        let ran = runner.run("install.sh", files.path());
        assert_eq!(ran.code, Some(0), "{}", ran.said);
        let expected = format!("{}/runner temp/worklint-{version}/worklint", runner.temp.path().display());
        assert_eq!(ran.output("bin"), expected);
        assert!(ran.said.contains(&format!("/v{version}/worklint-{target}.tar.gz")), "{}", ran.said);
        assert!(std::fs::read_to_string(expected).unwrap().contains("from the archive"));
    }
    let mut wrong =
        Runner::new(&format!("{version} x86_64-unknown-linux-musl {}\n", sum.replace(['0', 'a'], "1")));
    wrong.shim("curl", &curl).shim("cargo", "exit 9");
    let ran = wrong.run("install.sh", files.path());
    assert_eq!((ran.code, ran.output("bin")), (Some(3), ""), "{}", ran.said);
    assert!(ran.said.contains("::error title=worklint::the checksum"), "{}", ran.said);
    // Backslashes of Windows, and a system without sha256sum.
    let mut windows = Runner::new(&format!("{version} x86_64-pc-windows-msvc {sum}\n"));
    let temp = windows.temp.path().join("runner temp").display().to_string().replace('/', "\\");
    windows.set("RUNNER_OS", "Windows").set("RUNNER_TEMP", &temp).shim("curl", &curl);
    windows.shim("tar", "while [[ $1 != -C ]]; do shift; done; echo exe > \"$2/worklint.exe\"");
    let ran = windows.run("install.sh", files.path());
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    assert!(ran.output("bin").ends_with("/worklint.exe") && !ran.output("bin").contains('\\'));
}

#[test]
fn without_a_binary_the_actions_own_checkout_is_built() {
    if !can_run() {
        return;
    }
    let here = tempfile::tempdir().unwrap();
    let build = "echo \"$@\" >&2; while [[ $1 != --root ]]; do shift; done; mkdir -p \"$2/bin\"; echo built > \"$2/bin/worklint\"";
    let mut runner = Runner::new("");
    runner.shim("cargo", build).shim("curl", "exit 7");
    let ran = runner.run("install.sh", here.path());
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    assert!(
        ran.said.contains("install --locked --quiet --path ") && ran.said.contains("the action"),
        "{}",
        ran.said
    );
    assert!(std::fs::read_to_string(ran.output("bin")).unwrap().contains("built"));
    // The download fails: the same.
    let line = format!("{} x86_64-unknown-linux-musl 00\n", env!("CARGO_PKG_VERSION"));
    let mut runner = Runner::new(&line);
    runner.shim("cargo", build).shim("curl", "exit 7");
    assert_eq!(runner.run("install.sh", here.path()).code, Some(0));
    // Another version than the action's own is never built from it.
    for (version, message) in [
        ("9.9.9", "has no checksum of worklint 9.9.9"),
        ("1.0;id", "must be X.Y.Z"),
        ("latest", "must be X.Y.Z"),
    ] {
        let mut runner = Runner::new("");
        runner.set("WORKLINT_IN_VERSION", version).shim("cargo", build);
        let ran = runner.run("install.sh", here.path());
        assert_eq!((ran.code, ran.output("bin")), (Some(3), ""));
        assert!(ran.said.contains(message), "{}", ran.said);
    }
    let mut runner = Runner::new("");
    runner.set("WORKLINT_IN_VERSION", concat!("v", env!("CARGO_PKG_VERSION"))).shim("cargo", build);
    assert_eq!(runner.run("install.sh", here.path()).code, Some(0), "with a v");
}

#[test]
fn reports_annotations_and_the_exit_code() {
    if !can_run() {
        return;
    }
    let project = app(KOTLIN);
    let mut runner = Runner::new("");
    runner
        .set("GITHUB_SERVER_URL", "https://github.com")
        .set("GITHUB_REPOSITORY", "o/r")
        .set("GITHUB_SHA", "abc");
    let ran = runner.run("run.sh", project.path());
    assert_eq!(
        (ran.code, ran.output("exit-code"), ran.output("upload")),
        (Some(0), "1", "true"),
        "{}",
        ran.said
    );
    for output in ["sarif-file", "json-file"] {
        let text = std::fs::read_to_string(ran.output(output)).unwrap();
        assert!(text.contains("NetworkOnMainThread"), "{output}");
    }
    assert!(ran.said.contains("\u{1b}["), "colours");
    assert!(
        ran.summary.contains("**1 finding**") && ran.summary.contains("https://github.com/o/r/blob/abc/app/")
    );
    assert!(ran.summary.contains("`worklint check`"));
    // Code scanning shows them; a fork's pull request cannot upload.
    assert!(!ran.commands().contains("::error file="), "{}", ran.commands());
    runner.set("WORKLINT_HEAD_FORK", "true");
    let ran = runner.run("run.sh", project.path());
    assert_eq!(ran.output("upload"), "false");
    assert!(ran.commands().contains(&format!("::error file={MAIN},line=8")), "{}", ran.commands());
    // An upload that was asked for is tried even so.
    runner.set("WORKLINT_IN_UPLOAD", "true");
    assert_eq!(runner.run("run.sh", project.path()).output("upload"), "true");
    runner.set("WORKLINT_IN_FAIL_ON", "never").set("WORKLINT_IN_UPLOAD", "false");
    let ran = runner.run("run.sh", project.path());
    assert_eq!((ran.output("exit-code"), ran.output("upload")), ("0", "false"));
}

#[test]
fn a_clean_project_uploads_and_a_broken_run_does_not() {
    if !can_run() {
        return;
    }
    let clean = app("package com.example\n\nclass Main\n");
    let mut runner = Runner::new("");
    let ran = runner.run("run.sh", clean.path());
    assert_eq!((ran.output("exit-code"), ran.output("upload")), ("0", "true"), "{}", ran.said);
    assert!(ran.summary.contains("**No findings**"));
    runner.set("WORKLINT_IN_CONFIG", "no-such.toml");
    let ran = runner.run("run.sh", clean.path());
    assert_eq!(
        (ran.code, ran.output("exit-code"), ran.output("upload")),
        (Some(0), "2", "false"),
        "{}",
        ran.said
    );
    runner.set("WORKLINT_IN_CONFIG", "").set("WORKLINT_IN_DIR", "no/such");
    let ran = runner.run("run.sh", clean.path());
    assert_eq!(ran.code, Some(2));
    assert!(ran.said.contains("the working directory does not exist"));
}

#[test]
fn hostile_inputs_stay_words() {
    if !can_run() {
        return;
    }
    let names = ["a b", "$(touch owned)", ";touch owned", "-o html=owned", "`touch owned`"];
    let text = format!("// ::add-mask::secret\n// ::error::owned\n{KOTLIN}")
        .replace("URL(\"https", "URL(\"::stop-commands::x\"); URL(\"https");
    let files: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .map(|(at, name)| (format!("{name}/M{at}.kt"), text.replace("Main", &format!("M{at}"))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = project(&files);
    let mut runner = Runner::new("");
    runner
        .set("WORKLINT_IN_PATHS", &format!("{}\r\n\n", names.join("\r\n")))
        .set("WORKLINT_IN_UPLOAD", "false");
    let ran = runner.run("run.sh", project.path());
    assert_eq!(ran.output("exit-code"), "1", "{}", ran.said);
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(ran.output("json-file")).unwrap()).unwrap();
    assert_eq!(json["summary"]["files"], names.len(), "{}", ran.said);
    assert!(!project.path().join("owned").exists());
    // What the source says is said only where commands are off.
    assert!(ran.said.contains("::stop-commands::x"));
    for command in ["::add-mask::", "::error::owned", "::stop-commands::x"] {
        let outside = ran.commands();
        let lines = outside.lines().filter(|line| line.starts_with(command)).count();
        assert_eq!(lines, 0, "{outside}");
    }
}

/// A repository with a pull request: `main` has a defect, the branch adds one. Returns it with the base commit.
fn pull_request() -> (tempfile::TempDir, String) {
    let origin = app(KOTLIN);
    let run = |args: &[&str]| git(origin.path(), args);
    run(&["init", "-q", "-b", "main"]);
    run(&["add", "."]);
    run(&["commit", "-q", "-m", "one"]);
    write(origin.path(), "README.md", "two\n");
    run(&["add", "."]);
    run(&["commit", "-q", "-m", "two"]);
    let base = run(&["rev-parse", "HEAD"]).trim().to_owned();
    run(&["checkout", "-q", "-b", "branch"]);
    write(origin.path(), "app/src/main/java/com/example/New.kt", &KOTLIN.replace("Main", "New"));
    run(&["add", "."]);
    run(&["commit", "-q", "-m", "three"]);
    run(&["checkout", "-q", "--detach", "main"]);
    run(&["merge", "-q", "--no-ff", "-m", "merge", "branch"]);
    run(&["update-ref", "refs/pull/1/merge", "HEAD"]);
    run(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    (origin, base)
}

/// The checkout that `actions/checkout` makes of a pull request.
fn checkout(origin: &Path, depth: &str, reference: &str) -> tempfile::TempDir {
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &["init", "-q"]);
    let url = format!("file://{}", origin.display());
    git(clone.path(), &["remote", "add", "origin", &url]);
    git(
        clone.path(),
        &["fetch", "-q", "--no-tags", depth, "origin", &format!("+{reference}:refs/remotes/pull/1")],
    );
    git(clone.path(), &["checkout", "-q", "--detach", "refs/remotes/pull/1"]);
    clone
}

#[test]
fn pull_requests_are_compared_with_their_base() {
    if !can_run() {
        return;
    }
    let (origin, base) = pull_request();
    let mut runner = Runner::new("");
    runner.set("WORKLINT_BASE_SHA", &base).set("WORKLINT_HEAD_FORK", "true");
    let annotated = |ran: &Ran| ran.commands().lines().filter(|it| it.starts_with("::error file=")).count();
    for (depth, reference) in [
        ("--depth=1", "refs/pull/1/merge"),
        ("--depth=2", "refs/pull/1/merge"),
        ("--depth=1", "branch"),
        ("--depth=100", "branch"),
    ] {
        let clone = checkout(origin.path(), depth, reference);
        let ran = runner.run("run.sh", clone.path());
        assert_eq!(annotated(&ran), 1, "{depth} of {reference}: {}", ran.said);
        assert!(ran.commands().contains("New.kt"));
        assert!(ran.summary.contains(&format!("--diff-base {base}")), "{}", ran.summary);
        let json = std::fs::read_to_string(ran.output("json-file")).unwrap();
        assert!(json.contains("Main.kt"), "files stay complete");
    }
    runner.set("WORKLINT_IN_CHANGED", "false");
    let ran = runner.run("run.sh", checkout(origin.path(), "--depth=2", "refs/pull/1/merge").path());
    assert_eq!(annotated(&ran), 2);
}

#[test]
fn a_base_that_is_gone_is_said() {
    if !can_run() {
        return;
    }
    let (origin, base) = pull_request();
    let clone = checkout(origin.path(), "--depth=1", "refs/pull/1/merge");
    drop(origin);
    let mut runner = Runner::new("");
    runner.set("WORKLINT_BASE_SHA", &base).set("WORKLINT_HEAD_FORK", "true");
    let ran = runner.run("run.sh", clone.path());
    assert_eq!((ran.code, ran.output("exit-code")), (Some(0), "1"), "{}", ran.said);
    assert!(
        ran.said.contains("::warning title=worklint::the base commit is not available (set fetch-depth: 2")
    );
    assert_eq!(ran.commands().matches("::error file=").count(), 2);
    runner.set("WORKLINT_IN_CHANGED", "true");
    let ran = runner.run("run.sh", clone.path());
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.said.contains("::error title=worklint::the base commit is not available, set fetch-depth: 2")
    );
}
