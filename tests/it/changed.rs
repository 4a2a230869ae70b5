//! `--diff-base` and `--staged` on real repositories.

use std::path::Path;

use serde_json::Value;

use crate::support::{available, git, project, worklint, write};

const SCREEN: &str = "app/src/main/java/com/example/Screen.kt";
const REPOSITORY: &str = "app/src/main/java/com/example/Repository.kt";
const BUILD: &str = "app/build.gradle.kts";
const SERVICE: &str = "app/src/main/java/com/example/Player.kt";
const MANIFEST: &str = "app/src/main/AndroidManifest.xml";

const FILES: [(&str, &str); 5] = [
    (
        SCREEN,
        "package com.example\n\nimport android.app.Activity\n\nclass Screen : Activity() {\n    override fun onResume() {\n        \
         title = \"a\"\n        Repository().load()\n    }\n}\n",
    ),
    (
        REPOSITORY,
        "package com.example\n\nimport java.io.File\nimport java.net.URL\n\nclass Repository {\n    fun load() = read()\n\n    \
         private fun read() = URL(\"https://example.com\").readText()\n\n    fun other() = 1\n}\n",
    ),
    (
        BUILD,
        "plugins { id(\"com.android.application\") }\n\nandroid {\n    defaultConfig {\n        minSdk = 24\n        targetSdk = 34\n    }\n}\n",
    ),
    (
        SERVICE,
        "package com.example\n\nimport android.app.Notification\nimport android.app.Service\nimport android.content.Intent\n\n\
         class Player : Service() {\n    override fun onBind(intent: Intent?) = null\n\n    fun begin() {\n        \
         startForeground(1, Notification())\n    }\n}\n",
    ),
    (
        MANIFEST,
        "<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\" package=\"com.example\">\n    \
         <uses-permission android:name=\"android.permission.FOREGROUND_SERVICE\" />\n    <application>\n        \
         <service android:name=\".Player\" android:exported=\"false\" />\n    </application>\n</manifest>\n",
    ),
];

/// A repository whose first commit has a network call that is reached from a screen, and a service without type.
fn repository() -> Option<tempfile::TempDir> {
    if !available("git", "changed lines") {
        return None;
    }
    let project = project(&FILES);
    git(project.path(), &["init", "-q", "-b", "main"]);
    commit(project.path());
    Some(project)
}

fn commit(directory: &Path) {
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-q", "-m", "x"]);
}

fn edit(directory: &Path, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(directory.join(path)).unwrap();
    assert!(text.contains(from), "{from} in {path}");
    write(directory, path, &text.replace(from, to));
}

fn report(directory: &Path, options: &[&str]) -> Value {
    let mut args = vec!["check", "--format", "json"];
    args.extend(options);
    let mut command = worklint(&args);
    command.current_dir(directory).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Rule and line of what is in the change, at the place where it is shown.
fn touched(directory: &Path, options: &[&str]) -> Vec<String> {
    let report = report(directory, options);
    let inside = report["findings"].as_array().unwrap().iter().filter(|it| it["inDiff"] == true);
    let mut found: Vec<String> = inside
        .map(|it| {
            let at = &it["anchor"];
            let file = at["path"].as_str().unwrap().rsplit('/').next().unwrap();
            format!("{} {file}:{}", it["rule"].as_str().unwrap(), at["line"])
        })
        .collect();
    found.sort();
    found
}

const SINCE: [&str; 2] = ["--diff-base", "main"];

#[test]
fn any_step_of_a_way_counts() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    let all = report(at, &[])["findings"].as_array().unwrap().len();
    assert!(all >= 2, "a network call and a service");
    assert_eq!(touched(at, &SINCE), [""; 0]);
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, REPOSITORY, "fun other() = 1", "fun other() = 2");
    assert_eq!(touched(at, &SINCE), [""; 0], "beside the way");
    // The call in between, not committed; then committed; then the blocking call as well.
    edit(at, REPOSITORY, "fun load() = read()", "fun load() = read().trim()");
    assert_eq!(touched(at, &SINCE), ["NetworkOnMainThread Repository.kt:7"]);
    commit(at);
    assert_eq!(touched(at, &SINCE), ["NetworkOnMainThread Repository.kt:7"]);
    edit(at, REPOSITORY, "example.com", "example.org");
    assert_eq!(touched(at, &SINCE), ["NetworkOnMainThread Repository.kt:9"], "the place itself first");
    let report = report(at, &SINCE);
    assert_eq!(report["findings"].as_array().unwrap().len(), all, "files stay complete");
    assert_eq!(report["summary"]["errors"], 1);
    assert_eq!(report["summary"]["outsideDiff"], all - 1);
}

#[test]
fn entries_new_files_and_renames_count() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, SCREEN, "    override fun onResume() {", "    public override fun onResume() {");
    assert_eq!(touched(at, &SINCE), ["NetworkOnMainThread Screen.kt:6"]);
    edit(at, SCREEN, "    public override fun onResume() {", "    override fun onResume() {");
    // A file that git does not know yet.
    let new = "app/src/main/java/com/example/sub dir/Ünew \"file\".kt";
    write(
        at,
        new,
        &FILES[0]
            .1
            .replace("Screen", "Fresh")
            .replace("Repository().load()", "java.net.URL(\"\").readText()"),
    );
    let found = touched(at, &SINCE);
    assert_eq!(found, ["NetworkOnMainThread Ünew \"file\".kt:8"]);
    commit(at);
    assert_eq!(touched(at, &SINCE), found);
    // A rename changes no line.
    git(at, &["checkout", "-q", "-B", "branch", "main"]);
    git(at, &["mv", REPOSITORY, "app/src/main/java/com/example/Renamed file.kt"]);
    commit(at);
    assert_eq!(touched(at, &SINCE), [""; 0]);
    edit(at, "app/src/main/java/com/example/Renamed file.kt", "example.com", "example.org");
    assert_eq!(touched(at, &SINCE), ["NetworkOnMainThread Renamed file.kt:9"]);
}

#[test]
fn manifest_and_gradle_lines_count() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, BUILD, "minSdk = 24", "minSdk = 26");
    assert_eq!(touched(at, &SINCE), [""; 0]);
    edit(at, BUILD, "targetSdk = 34", "targetSdk = 35");
    assert_eq!(touched(at, &SINCE), ["ForegroundServiceType build.gradle.kts:6"]);
    edit(at, BUILD, "targetSdk = 35", "targetSdk = 34");
    edit(at, MANIFEST, "android:exported=\"false\"", "android:exported=\"true\"");
    assert_eq!(touched(at, &SINCE), ["ForegroundServiceType AndroidManifest.xml:4"]);
}

#[test]
fn the_merge_base_is_what_counts() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, SCREEN, "title = \"a\"", "title = \"b\"");
    commit(at);
    git(at, &["checkout", "-q", "main"]);
    edit(at, REPOSITORY, "example.com", "example.net");
    commit(at);
    git(at, &["checkout", "-q", "branch"]);
    assert_eq!(touched(at, &SINCE), [""; 0], "what main did since then is not this branch's");
}

#[test]
fn staged_lines() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    edit(at, REPOSITORY, "example.com", "example.org");
    assert_eq!(touched(at, &["--staged"]), [""; 0]);
    git(at, &["add", "-A"]);
    assert_eq!(touched(at, &["--staged"]), ["NetworkOnMainThread Repository.kt:9"]);
    // Lines that are not staged move those that are.
    edit(at, REPOSITORY, "import java.io.File\n", "import java.io.File\n\n\n\n\n");
    assert_eq!(touched(at, &["--staged"]), ["NetworkOnMainThread Repository.kt:13"]);
    edit(at, SCREEN, "override fun onResume() {", "public override fun onResume() {");
    git(at, &["add", REPOSITORY]);
    git(at, &["commit", "-q", "-m", "x"]);
    assert_eq!(touched(at, &["--staged"]), [""; 0]);
}

#[test]
fn from_a_directory_inside() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, REPOSITORY, "example.com", "example.org");
    let found = touched(&at.join("app/src"), &SINCE);
    assert_eq!(found, ["NetworkOnMainThread Repository.kt:9"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let Some(repository) = repository() else { return };
    let at = repository.path();
    let fails = |directory: &Path, args: &[&str]| {
        let mut command = worklint(args);
        command.current_dir(directory).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = fails(at, &["--diff-base", "origin/gone"]);
    assert!(said.contains("--diff-base: git knows no commit `origin/gone` here"), "{said}");
    assert!(said.contains("git fetch origin origin/gone"), "{said}");
    for hostile in ["--output=x", "--upload-pack=touch owned", "-n"] {
        let said = fails(at, &[&format!("--diff-base={hostile}")]);
        assert!(said.contains("git knows no commit"), "{said}");
        assert!(!at.join("x").exists() && !at.join("owned").exists());
    }
    // A clone that holds only the last commit, and the base without what joins them.
    git(at, &["checkout", "-q", "-b", "branch"]);
    edit(at, SCREEN, "title = \"a\"", "title = \"b\"");
    commit(at);
    git(at, &["checkout", "-q", "main"]);
    edit(at, SCREEN, "title = \"a\"", "title = \"c\"");
    commit(at);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", at.display());
    git(clone.path(), &["clone", "-q", "--depth=1", "--branch", "branch", &url, "."]);
    let said = fails(clone.path(), &["--diff-base", "main"]);
    assert!(said.contains("this is a shallow clone") && said.contains("fetch-depth: 2"), "{said}");
    git(clone.path(), &["fetch", "-q", "--depth=1", "origin", "main:base"]);
    let said = fails(clone.path(), &["--diff-base", "base"]);
    assert!(
        said.contains("no common history of `base` and HEAD") && said.contains("fetch-depth: 2"),
        "{said}"
    );
    let nowhere = project(&FILES);
    let said = fails(nowhere.path(), &["--staged"]);
    assert!(said.contains("is in no git repository"), "{said}");
    // Without git in the PATH.
    let mut command = worklint(&["--staged"]);
    let output = command.current_dir(at).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the git command cannot be run"), "{said}");
}
