//! The front door: exit codes, errors of use, the default command, closed pipes, the same bytes every time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{files_below, project, repository, run, run_in, worklint};

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
    ] {
        let ran = run(&args);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        insta::assert_snapshot!(name, ran.out);
    }
    let all = run(&["--help"]).out;
    assert!(all.contains("no network, no telemetry, no files written"), "{all}");
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
    let cases: [(&str, &Path, &[&str]); 11] = [
        ("unknown flag", project.path(), &["--formt", "json"]),
        ("unknown value", project.path(), &["--format", "jsn"]),
        ("missing path", project.path(), &["does-not-exist"]),
        ("misspelt command", project.path(), &["explian", "X"]),
        ("command after options", project.path(), &["--format", "json", "check"]),
        ("unknown rule in an option", project.path(), &["--ignore", "zzz"]),
        ("unknown rule to explain", project.path(), &["explain", "zzz"]),
        ("options that contradict", project.path(), &["--exit-zero", "--fail-on", "info"]),
        ("bad glob", project.path(), &["--exclude", "a[b"]),
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
    for format in ["json", "full", "concise"] {
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
