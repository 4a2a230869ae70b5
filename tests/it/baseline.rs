//! The baseline through the binary: made, matched, brought up to date; findings that move stay known.

use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, project, run_in, write};

const FEED: &str = "app/src/main/java/com/example/Feed.kt";
const OTHER: &str = "app/src/main/java/com/example/Other.kt";

fn activity(name: &str, body: &str) -> String {
    format!(
        "package com.example\n\nimport android.app.Activity\nimport java.io.File\nimport java.net.URL\n\n\
         class {name} : Activity() {{\n    override fun onResume() {{\n{body}    }}\n}}\n"
    )
}

const READ: &str = "        URL(\"https://example.com\").readText()\n";

fn app() -> tempfile::TempDir {
    let (feed, other) = (activity("Feed", READ), activity("Other", READ));
    project(&[(FEED, feed.as_str()), (OTHER, other.as_str())])
}

fn check(directory: &Path, options: &[&str]) -> Value {
    let mut args = vec!["--format", "json", "--reproducible"];
    args.extend(options);
    let ran = run_in(directory, &args);
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err))
}

/// New findings, hidden ones, stale entries.
fn counts(directory: &Path) -> (u64, u64, u64) {
    let summary = &check(directory, &[])["summary"];
    let number = |key: &str| summary[key].as_u64().unwrap();
    (number("errors") + number("warnings"), number("baseline"), number("stale"))
}

fn baseline(directory: &Path, args: &[&str]) -> Ran {
    let mut all = vec!["baseline"];
    all.extend(args);
    run_in(directory, &all)
}

#[test]
fn what_is_known_is_hidden_wherever_it_moves() {
    let app = app();
    assert_eq!(counts(app.path()), (2, 0, 0));
    let made = baseline(app.path(), &["create"]);
    assert_eq!((made.code, made.err.as_str()), (Some(0), "worklint-baseline.json: 2 findings\n"));
    assert_eq!(counts(app.path()), (0, 2, 0));
    assert_eq!(run_in(app.path(), &[]).code, Some(0));
    // Lines above, another file, a renamed function, a renamed entry, another wording of the way.
    let moved = format!("{}{}", "// one more line\n".repeat(20), activity("Feed", READ));
    write(app.path(), FEED, &moved);
    std::fs::rename(app.path().join(OTHER), app.path().join("app/src/main/java/com/example/Renamed.kt"))
        .unwrap();
    assert_eq!(counts(app.path()), (0, 2, 0));
    write(app.path(), FEED, &moved.replace("onResume", "onStart"));
    assert_eq!(counts(app.path()), (0, 2, 0), "a second chance for a renamed function");
    // A second one in the same function is new.
    write(app.path(), FEED, &activity("Feed", &READ.repeat(2)));
    assert_eq!(counts(app.path()), (1, 2, 0));
    assert_eq!(run_in(app.path(), &[]).code, Some(1));
    // A class that an IDE moved to another package, then renamed: file, package and name are others.
    let package = "app/src/main/java/com/example/feed/Feed.kt";
    let text = activity("Feed", READ).replace("package com.example", "package com.example.feed");
    std::fs::remove_file(app.path().join(FEED)).unwrap();
    write(app.path(), package, &text);
    assert_eq!(counts(app.path()), (0, 2, 0));
    std::fs::remove_file(app.path().join(package)).unwrap();
    write(app.path(), "app/src/main/java/com/example/News.kt", &activity("News", READ));
    assert_eq!(counts(app.path()), (0, 2, 0));
    std::fs::remove_file(app.path().join("app/src/main/java/com/example/News.kt")).unwrap();
    // One that is gone is stale.
    write(app.path(), FEED, &activity("Feed", ""));
    assert_eq!(counts(app.path()), (0, 1, 1));
}

#[test]
fn update_prune_and_show() {
    let app = app();
    baseline(app.path(), &["create"]);
    let path = app.path().join("worklint-baseline.json");
    let read = || std::fs::read_to_string(&path).unwrap();
    let again = baseline(app.path(), &["create"]);
    assert_eq!(again.code, Some(2));
    assert!(
        again.err.contains("exists already") && again.err.contains("worklint baseline update"),
        "{}",
        again.err
    );
    // Words of people stay, whatever is done to the file.
    std::fs::write(
        &path,
        read().replacen("\"count\":1", "\"count\":1,\"reason\":\"ticket 812\",\"owner\":\"core\"", 1),
    )
    .unwrap();
    std::fs::remove_file(app.path().join(OTHER)).unwrap();
    write(app.path(), "app/src/main/java/com/example/ui/New.kt", &activity("New", READ));
    let shown = baseline(app.path(), &["show"]);
    insta::assert_snapshot!("baseline-show", shown.out);
    let pruned = baseline(app.path(), &["prune"]);
    assert_eq!(pruned.err, "worklint-baseline.json: 1 gone, 1 finding left\n");
    assert!(read().contains("ticket 812") && read().contains("\"owner\":\"core\""), "{}", read());
    assert_eq!(counts(app.path()), (1, 1, 0));
    let updated = baseline(app.path(), &["update"]);
    assert_eq!(updated.err, "worklint-baseline.json: 1 finding (0 gone, 0 new)\n");
    assert_eq!(counts(app.path()), (1, 1, 0), "adds nothing unless asked");
    let added = baseline(app.path(), &["update", "--add"]);
    assert_eq!(added.err, "worklint-baseline.json: 2 findings (0 gone, 1 new)\n");
    assert_eq!(counts(app.path()), (0, 2, 0));
    let text = read();
    assert!(
        text.lines().count() == 4
            && !text.contains("\"line\"")
            && !text.contains(app.path().to_str().unwrap()),
        "{text}"
    );
}

#[test]
fn only_what_was_looked_at_can_be_stale() {
    let app = app();
    baseline(app.path(), &["create"]);
    for path in [FEED, OTHER] {
        write(app.path(), path, "package com.example\n");
    }
    let stale = |options: &[&str]| check(app.path(), options)["summary"]["stale"].as_u64().unwrap();
    assert_eq!(stale(&[]), 2);
    assert_eq!(stale(&["--only", "WaitOnMainThread"]), 0);
    assert_eq!(stale(&["--confidence", "high"]), 0);
    assert_eq!(stale(&["--no-baseline"]), 0);
    write(app.path(), "lib/src/main/java/A.kt", "package a\n");
    assert_eq!(stale(&["lib"]), 0);
    write(app.path(), "worklint.toml", "[baseline]\nstale = \"error\"\n");
    let ran = run_in(app.path(), &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("2 entries of the baseline match nothing any more"), "{}", ran.err);
}

#[test]
fn hidden_findings_can_be_written_marked() {
    let app = app();
    baseline(app.path(), &["create"]);
    assert_eq!(check(app.path(), &[])["findings"].as_array().unwrap().len(), 0);
    let all = check(app.path(), &["--include", "baseline"]);
    let marks: Vec<_> = all["findings"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(marks, ["baseline", "baseline"]);
    assert_eq!(all["summary"]["errors"], 0);
}

#[test]
fn baselines_that_cannot_be_used() {
    let app = app();
    let named = run_in(app.path(), &["--baseline", "nowhere.json"]);
    assert_eq!(named.code, Some(2));
    assert!(named.err.contains("the baseline nowhere.json cannot be read"), "{}", named.err);
    write(app.path(), "worklint-baseline.json", "{\"version\":1,\n\"findings\":[{}]}\n");
    let broken = run_in(app.path(), &[]);
    assert_eq!(broken.code, Some(2));
    assert!(
        broken.err.contains("worklint-baseline.json:2: not a baseline: missing field `rule`"),
        "{}",
        broken.err
    );
    assert_eq!(run_in(app.path(), &["--no-baseline"]).code, Some(1));
}

#[test]
fn one_file_serves_the_whole_repository() {
    let app = app();
    std::fs::create_dir(app.path().join(".git")).unwrap();
    let module = app.path().join("app");
    let made = baseline(&module, &["create"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let text = std::fs::read_to_string(app.path().join("worklint-baseline.json")).unwrap();
    assert!(text.contains("\"path\":\"app/src/main/java/com/example/Feed.kt\""), "{text}");
    assert_eq!(counts(app.path()), (0, 2, 0));
    assert_eq!(counts(&module), (0, 2, 0));
}
