//! The front door: exit codes, errors of use, the default command, closed pipes, the same bytes every time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{available, files_below, git, project, repository, run, run_in, worklint, write};

const MAIN: &str = "app/src/main/java/com/example/Main.kt";

/// A project with nothing to complain about.
fn harmless() -> tempfile::TempDir {
    project(&[(MAIN, "package com.example\n\nclass Main\n")])
}

/// Directories of fixtures, one per group; none before there are rules.
fn fixture_groups() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository().join("fixtures")).into_iter().flatten().flatten();
    let mut groups: Vec<_> = entries.map(|it| it.path()).filter(|it| it.is_dir()).collect();
    groups.sort();
    groups
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// Ids as the binary lists them, so that these tests need no list of their own.
fn rule_ids() -> Vec<String> {
    let listed: serde_json::Value = serde_json::from_str(&run(&["rules", "--format", "json"]).out).unwrap();
    listed.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn help() {
    for (name, args) in [
        ("help", vec!["--help"]),
        ("help-check", vec!["check", "--help"]),
        ("help-explain", vec!["explain", "--help"]),
        ("help-rules", vec!["rules", "--help"]),
        ("help-why", vec!["why", "--help"]),
        ("help-files", vec!["files", "--help"]),
        ("help-baseline", vec!["baseline", "--help"]),
        ("help-baseline-update", vec!["baseline", "update", "--help"]),
        ("help-config", vec!["config", "--help"]),
        ("help-hook", vec!["hook", "install", "--help"]),
    ] {
        let ran = run(&args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        insta::assert_snapshot!(name, ran.out);
    }
    let all = run(&["--help"]).out;
    let words = all.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no network, no telemetry, no files written but those asked for"), "{all}");
    assert_eq!(run(&["--version"]).out, format!("worklint {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn why_tells_threads_ways_and_what_blocks() {
    let app = repository().join("fixtures/main-thread/WaitOnMainThread/thread-checks");
    let told = run(&["why", "Loader.show", shown(&app), "--calls"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    for part in [
        "may run on the main thread (high certainty)",
        "asserts that it runs on the main thread",
        "Future.get waits for another thread\n",
        "get() is java.util.concurrent.Future.get",
    ] {
        assert!(told.out.contains(part), "{part} is missing in:\n{}", told.out);
    }
    let line = run(&["why", "Checks.kt:60", shown(&app)]).out;
    assert!(
        line.starts_with("Loader.load ") && line.contains("a check keeps the main thread away"),
        "{line}"
    );
    let json = run(&["why", "Loader.show", shown(&app), "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["functions"][0]["threads"][0]["thread"], "main");
    let nobody = run(&["why", "Nobody.home", shown(&app)]);
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.err.contains("no function is called `Nobody.home`"), "{}", nobody.err);
}

#[test]
fn errors_of_use() {
    let project = harmless();
    let empty = project_without_sources();
    let cases: [(&str, &Path, &[&str]); 15] = [
        ("unknown flag", project.path(), &["--formt", "json"]),
        ("unknown value", project.path(), &["--format", "jsn"]),
        ("missing path", project.path(), &["does-not-exist"]),
        ("misspelt command", project.path(), &["explian", "X"]),
        ("command after options", project.path(), &["--format", "json", "check"]),
        ("unknown rule in an option", project.path(), &["--ignore", "zzz"]),
        ("unknown rule to explain", project.path(), &["explain", "zzz"]),
        ("options that contradict", project.path(), &["--exit-zero", "--fail-on", "info"]),
        ("bad glob", project.path(), &["--exclude", "a[b"]),
        ("report without a file", project.path(), &["-o", "sarif"]),
        ("report of an unknown format", project.path(), &["-o", "srif=a"]),
        ("contradicting baselines", project.path(), &["--baseline", "a", "--no-baseline"]),
        ("unknown shell", project.path(), &["completions", "tcsh"]),
        ("nothing to analyse", empty.path(), &["."]),
        ("no files", empty.path(), &["files"]),
    ];
    let mut said = String::new();
    for (name, directory, args) in cases {
        let ran = run_in(directory, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}: {}", ran.err);
        said += &format!("# {name}\n{}\n", ran.err);
    }
    insta::assert_snapshot!(said);
}

fn project_without_sources() -> tempfile::TempDir {
    project(&[("README.md", "Nothing to see here.\n")])
}

#[test]
fn unknown_rules_are_answered_with_the_nearest() {
    for id in rule_ids().iter().take(3) {
        let wrong = format!("{}x", &id[..id.len() - 1]);
        for args in [vec!["explain", wrong.as_str()], vec!["--select", &wrong], vec!["--off", &wrong]] {
            let ran = run(&args);
            assert_eq!(ran.code, Some(2));
            assert!(
                ran.err.contains(&wrong) && ran.err.contains(&format!("did you mean `{id}`?")),
                "{}",
                ran.err
            );
        }
    }
}

#[test]
fn rules_are_explained_in_any_spelling() {
    for id in rule_ids() {
        let page = run(&["explain", &id]);
        assert_eq!(page.code, Some(0), "{}", page.err);
        assert!(page.out.starts_with(&id));
        let kebab: String = id
            .char_indices()
            .flat_map(|(at, it)| {
                let hyphen = (at > 0 && it.is_uppercase()).then_some('-');
                hyphen.into_iter().chain(it.to_lowercase())
            })
            .collect();
        assert_eq!(run(&["explain", &kebab]).out, page.out, "{kebab}");
        assert_eq!(run(&["explain", &id.to_lowercase()]).out, page.out);
    }
}

#[test]
fn rules_are_listed() {
    let listed = run(&["rules"]);
    assert_eq!(listed.code, Some(0));
    assert_eq!(listed.out.lines().count(), rule_ids().len() + 1);
}

#[test]
fn an_empty_project_is_a_success_only_on_request() {
    let project = project_without_sources();
    let ran = run_in(project.path(), &["--allow-empty", "--reproducible"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert_eq!(ran.err, "no findings · 0 files\n");
}

#[test]
fn check_is_the_default_command() {
    let project = project_without_sources();
    let explicit =
        run_in(project.path(), &["check", "--allow-empty", "--format", "json", "--reproducible", "."]);
    assert_eq!(explicit.code, Some(0), "{}", explicit.err);
    for args in [
        vec!["--allow-empty", "--format", "json", "--reproducible"],
        vec![".", "--allow-empty", "--format", "json", "--reproducible"],
        vec!["--format=json", "--reproducible", "--allow-empty", "."],
    ] {
        let ran = run_in(project.path(), &args);
        assert_eq!((ran.out, ran.code), (explicit.out.clone(), Some(0)));
    }
    // A directory that is named like a command.
    std::fs::create_dir(project.path().join("rules")).unwrap();
    let ran = run_in(project.path(), &["./rules", "--allow-empty", "--format", "json", "--reproducible"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("\"version\": 1"), "{}", ran.out);
}

#[test]
fn quiet() {
    let project = project_without_sources();
    assert_eq!(run_in(project.path(), &["--allow-empty", "-q", "--format", "json"]).err, "");
    let nothing = run_in(project.path(), &["--allow-empty", "-qq", "--format", "json"]);
    assert_eq!((nothing.out.as_str(), nothing.err.as_str(), nothing.code), ("", "", Some(0)));
}

#[test]
fn nothing_is_written_to_the_project() {
    let project = harmless();
    run_in(project.path(), &["check", "--timings", "--stats", "-v"]);
    assert_eq!(files_below(project.path()), [project.path().join(MAIN)]);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = worklint(&["rules", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn the_same_bytes_whatever_the_threads_and_the_order_of_roots() {
    let groups = fixture_groups();
    let one = harmless();
    let mut roots: Vec<&str> = groups.iter().map(|it| shown(it)).collect();
    if roots.is_empty() {
        roots.push(shown(one.path()));
    }
    let check = |roots: &[&str], more: &[&str]| {
        let options = ["check", "--allow-empty", "--reproducible", "--confidence", "low"];
        let ran = run(&[&options[..], more, roots].concat());
        (ran.code, ran.out, ran.err)
    };
    for format in ["json", "full", "grouped", "sarif", "html"] {
        let first = check(&roots, &["--format", format, "-j", "1"]);
        let mut shuffled = roots.clone();
        shuffled.reverse();
        for (roots, threads) in [(&roots, "4"), (&shuffled, "3"), (&shuffled, "1")] {
            assert!(
                check(roots, &["--format", format, "-j", threads]) == first,
                "{format} with -j {threads}"
            );
        }
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let Some(id) = rule_ids().into_iter().next() else { return };
    let explain = |variables: &[(&str, &str)], args: &[&str]| {
        let output =
            worklint(&[&["explain", id.as_str()], args].concat()).envs(variables.iter().copied()).output();
        String::from_utf8(output.unwrap().stdout).unwrap().contains('\u{1b}')
    };
    assert!(!explain(&[], &[]), "a pipe is no terminal");
    assert!(explain(&[("FORCE_COLOR", "1")], &[]));
    assert!(explain(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!explain(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(explain(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!explain(&[("FORCE_COLOR", "1")], &["--color", "never"]));
}

#[test]
fn odd_encodings_and_links_are_no_failure() {
    let project = harmless();
    let latin = b"package com.example\n\n// f\xfcr alle\nclass Latin\n";
    std::fs::write(project.path().join("app/src/main/java/com/example/Latin.kt"), latin).unwrap();
    let ran = run(&[shown(project.path())]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let warning = "Latin.kt:3: this line is not UTF-8, such bytes are read as Latin-1";
    assert!(ran.err.contains(warning) && !ran.err.contains("incomplete"), "{}", ran.err);
    let json: serde_json::Value =
        serde_json::from_str(&run(&[shown(project.path()), "--format", "json"]).out).unwrap();
    assert_eq!(json["summary"]["complete"], true);
    let doubts = json["notifications"].as_array().unwrap().iter().filter(|it| it["level"] == "warning");
    assert_eq!(doubts.count(), 1);
}

/// A file that opens and cannot be read, even by root.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_makes_the_run_incomplete() {
    let project = harmless();
    std::os::unix::fs::symlink("/proc/self/mem", project.path().join("app/Torn.kt")).unwrap();
    let ran = run(&[shown(project.path())]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("app/Torn.kt: cannot be read: "), "{}", ran.err);
    assert!(ran.err.contains("2 files") && ran.err.contains("incomplete"), "{}", ran.err);
}

const DEFECT: &str = "package com.example\n\nimport android.app.Activity\nimport java.net.URL\n\nclass Main : Activity() {\n    \
    override fun onResume() {\n        URL(\"https://example.com\").readText()\n    }\n}\n";

/// A project with one error.
fn defective() -> tempfile::TempDir {
    project(&[(MAIN, DEFECT)])
}

#[test]
fn several_reports_in_one_run() {
    let project = defective();
    let ran = run_in(
        project.path(),
        &[
            "--format",
            "concise",
            "-o",
            "sarif=out/deep/a.sarif",
            "--output",
            "json=b.json",
            "-o",
            "html=out/c.html",
        ],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 1);
    let read = |path: &str| std::fs::read_to_string(project.path().join(path)).unwrap();
    assert!(read("out/deep/a.sarif").contains("2.1.0") && read("b.json").contains("\"version\": 1"));
    assert!(read("out/c.html").starts_with("<!DOCTYPE html>"));
    let names: Vec<String> = files_below(project.path())
        .iter()
        .map(|it| it.strip_prefix(project.path()).unwrap().display().to_string())
        .collect();
    assert_eq!(names, [MAIN, "b.json", "out/c.html", "out/deep/a.sarif"], "no drafts are left");
    // What is to go to stdout goes there alone.
    let json = run_in(project.path(), &["-o", "json=-", "--reproducible"]);
    assert_eq!(json.out, run_in(project.path(), &["--format", "json", "--reproducible"]).out);
    // Files are written even if nothing is said, and an unwritable one is an error of its own.
    std::fs::remove_file(project.path().join("b.json")).unwrap();
    let quiet = run_in(project.path(), &["-qq", "-o", "json=b.json"]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (Some(1), "", ""));
    assert!(read("b.json").contains("NetworkOnMainThread"));
    let failed = run_in(project.path(), &["-o", "json=b.json/below"]);
    assert_eq!(failed.code, Some(3));
    assert!(failed.err.contains("the output could not be written: b.json/below: "), "{}", failed.err);
}

#[test]
fn formats_that_suit_the_reader() {
    let project = defective();
    let with = |variables: &[(&str, &str)], args: &[&str]| {
        let output =
            worklint(args).current_dir(project.path()).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (out, err) = with(&[("GITHUB_ACTIONS", "true")], &[]);
    assert!(out.starts_with("error[NetworkOnMainThread]"));
    assert!(err.contains(&format!("::error file={MAIN},line=8,endLine=8,")), "{err}");
    let (_, err) = with(&[("GITHUB_ACTIONS", "true")], &["--format", "full"]);
    assert!(!err.contains("::error"), "{err}");
    let (out, _) = with(&[("AI_AGENT", "1")], &[]);
    assert!(
        out.starts_with(&format!("{MAIN}:8:36: error NetworkOnMainThread: ")) && out.contains(" help: "),
        "{out}"
    );
    let (out, _) = with(&[("AI_AGENT", "1")], &["--format", "full"]);
    assert!(out.starts_with("error["));
    let (_, err) = with(&[("WORKLINT_FORMAT", "nonsense")], &[]);
    assert!(err.contains("WORKLINT_FORMAT: no format is called `nonsense`"), "{err}");
}

#[test]
fn links_and_colour_in_reports() {
    let project = defective();
    let out = |args: &[&str]| run_in(project.path(), args).out;
    for format in ["full", "concise", "grouped", "agent"] {
        assert!(!out(&["--format", format]).contains('\u{1b}'), "{format} to a pipe");
    }
    assert!(out(&["--color", "always"]).contains("\u{1b}["));
    assert!(out(&["--links", "always", "--format", "concise"]).contains("\u{1b}]8;;https://"));
}

#[test]
fn why_a_file_is_left_out() {
    let project = project(&[
        (MAIN, DEFECT),
        (".gitignore", "ignored/\n"),
        ("app/build.gradle.kts", "plugins { id(\"com.android.application\") }\n"),
        ("app/src/test/java/T.kt", "class T\n"),
        ("app/build/generated/G.kt", "class G\n"),
        ("ignored/src/main/java/I.kt", "class I\n"),
        (".hidden/H.kt", "class H\n"),
        ("lib/src/main/java/L.kt", "class L\n"),
        ("README.md", "x\n"),
        ("worklint.toml", "[project]\nexclude = [\"lib\"]\n"),
    ]);
    let why = |file: &str| {
        let ran = run_in(project.path(), &["files", "--why", file]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out.split_once(": ").unwrap().1.trim_end().to_owned()
    };
    let said: Vec<String> = [
        MAIN,
        "app/src/test/java/T.kt",
        "app/build/generated/G.kt",
        "ignored/src/main/java/I.kt",
        ".hidden/H.kt",
        "lib/src/main/java/L.kt",
        "app/build.gradle.kts",
        "README.md",
        "app",
    ]
    .iter()
    .map(|file| format!("{file}: {}", why(file)))
    .collect();
    insta::assert_snapshot!(said.join("\n"));
    let elsewhere =
        run_in(project.path(), &["files", "app", "--why", "lib/src/main/java/L.kt", "--no-config"]);
    assert!(elsewhere.out.contains("not in the paths that are analysed"), "{}", elsewhere.out);
    assert_eq!(run_in(project.path(), &["files", "--why", "gone.kt"]).code, Some(2));
    let long = run_in(project.path(), &["files", "--long"]);
    assert_eq!(long.out, format!("{MAIN}\t:app\tmain\n"));
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.code, Some(0));
        assert!(ran.out.contains("baseline") && ran.out.contains("diff-base"), "{shell}");
    }
    let page = run(&["man"]).out;
    assert!(page.contains(".TH worklint 1") && page.contains("Exit codes"), "{page}");
    let pages = tempfile::tempdir().unwrap();
    assert_eq!(run(&["man", shown(pages.path())]).code, Some(0));
    let names: Vec<String> = files_below(pages.path())
        .iter()
        .map(|it| it.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(
        names.contains(&"worklint-baseline-update.1".to_owned()) && names.contains(&"worklint.1".to_owned())
    );
    assert_eq!(run(&["man", "/no/such/place"]).code, Some(2));
}

#[test]
fn git_hooks() {
    let printed = run(&["hook", "install"]);
    assert_eq!(printed.code, Some(0));
    assert!(printed.out.starts_with("#!/bin/sh\n") && printed.out.contains("worklint check --staged"));
    if !available("git", "the git hook") || !cfg!(unix) {
        return;
    }
    let project = defective();
    git(project.path(), &["init", "-q", "-b", "main"]);
    let hook = |args: &[&str]| {
        let mut command = worklint(&[&["hook", "install", "--write"], args].concat());
        command.current_dir(project.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(hook(&[]), (Some(0), ".git/hooks/pre-commit: written\n".to_owned()));
    assert_eq!(hook(&["app"]).1, ".git/hooks/pre-commit: is there already\n");
    let path = project.path().join(".git/hooks/pre-commit");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), printed.out);
    // It runs, finds the program in the PATH, and stops the commit.
    git(project.path(), &["add", "-A"]);
    let programs = Path::new(env!("CARGO_BIN_EXE_worklint")).parent().unwrap();
    let path_variable = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let commit = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"])
        .current_dir(project.path())
        .env("PATH", path_variable)
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&commit.stdout).into_owned() + &String::from_utf8_lossy(&commit.stderr);
    assert!(!commit.status.success() && said.contains("NetworkOnMainThread"), "{said}");
    write(project.path(), ".git/hooks/pre-commit", "#!/bin/sh\n");
    let (code, said) = hook(&[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is another hook, .git/hooks/pre-commit"), "{said}");
}

/// Generated parsers ask dozens of helpers that ask each other; following all of them would never end.
#[test]
fn helpers_that_ask_each_other() {
    let count = 80;
    let ask = |other: usize| format!("if (ask{}()) return true;\n", other % count);
    let body = |at: usize| (1..40).map(|step| ask(at + step)).collect::<String>();
    let method = |at: usize| format!("boolean ask{at}() {{\n{}return false;\n}}\n", body(at));
    let methods: String = (0..count).map(method).collect();
    let text = format!("package com.example;\n\nclass Parser {{\n{methods}}}\n");
    let dir = project(&[("app/src/main/java/com/example/Parser.java", text.as_str())]);
    let found = run_in(dir.path(), &["check", "."]);
    assert_eq!(found.code, Some(0), "{}", found.err);
}
