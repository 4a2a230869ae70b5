//! Suppressions in every syntax and on every scope that Android developers use, and on every step of a path.

use serde_json::Value;

use crate::support::{project, run_in};

const BUILD: &str = "plugins { id(\"com.android.application\") }\n\nandroid {\n    namespace = \"com.example\"\n    \
                     defaultConfig { minSdk = 24; targetSdk = 36 }\n}\n";

const KOTLIN: &str = "package com.example\n\nimport android.annotation.SuppressLint\nimport android.app.Activity\nimport java.net.URL\n\n";

const JAVA: &str = "package com.example;\n\nimport android.annotation.SuppressLint;\nimport android.app.Activity;\nimport java.net.URL;\n\n";

/// What a run says of a project, `rule` findings only, as `path:line hidden?`.
fn judged(files: &[(&str, &str)], options: &[&str]) -> Vec<Value> {
    let mut all = vec![("app/build.gradle.kts", BUILD), ("app/src/main/AndroidManifest.xml", "<manifest/>")];
    all.extend(files);
    let project = project(&all);
    let mut args = vec!["--format", "json", "--no-suppressions"];
    args.extend(options);
    let ran = run_in(project.path(), &args);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    report["findings"].as_array().unwrap().clone()
}

/// Lines of the network findings that are shown and of those that are hidden.
fn lines(path: &str, text: &str) -> (Vec<u64>, Vec<u64>) {
    let found = judged(&[(path, text)], &["--only", "NetworkOnMainThread"]);
    let of = |status: &str| {
        let those = found.iter().filter(|it| it["status"] == status);
        those.map(|it| it["line"].as_u64().unwrap()).collect()
    };
    (of("new"), of("suppressed"))
}

/// Lines with a mark in a comment, as the text says what is expected.
fn marked(text: &str, mark: &str) -> Vec<u64> {
    text.lines().zip(1..).filter(|(line, _)| line.contains(mark)).map(|(_, number)| number).collect()
}

fn check(path: &str, text: &str) {
    let (shown, hidden) = lines(path, text);
    assert_eq!((shown, hidden), (marked(text, "/*shown*/"), marked(text, "/*hidden*/")), "\n{text}");
}

#[test]
fn kotlin_declarations() {
    let bodies = [
        "@SuppressLint(\"NetworkOnMainThread\")\nclass A : Activity() {\n override fun onResume() { URL(\"\").readText() /*hidden*/ }\n}",
        "class A : Activity() {\n @Suppress(\"NetworkOnMainThread\") override fun onResume() { URL(\"\").readText() /*hidden*/ }\n\
         override fun onPause() { URL(\"\").readText() /*shown*/ }\n}",
        "class A : Activity() {\n @SuppressWarnings(\n  \"Other\",\n  \"NetworkOnMainThread\",\n )\n override fun onResume() {\n URL(\"\").readText() /*hidden*/\n }\n}",
        "class A : Activity() {\n override fun onResume() {\n @Suppress(\"NetworkOnMainThread\")\n val a = URL(\"\").readText() /*hidden*/\n\
         val b = URL(\"\").readText() /*shown*/\n }\n}",
        "class A : Activity() {\n override fun onResume() {\n @Suppress(\"NetworkOnMainThread\") URL(\"\").readText() /*hidden*/\n\
         URL(\"\").readText() /*shown*/\n }\n}",
        "class A : Activity() {\n @SuppressLint(\"NetworkOnMainThread\")\n val a = URL(\"\").readText() /*hidden*/\n\
         val b = URL(\"\").readText() /*shown*/\n}",
        "class A : Activity() {\n @get:SuppressLint(\"NetworkOnMainThread\")\n val a: String\n  get() = URL(\"\").readText() /*hidden*/\n\
         @SuppressLint(\"NetworkOnMainThread\")\n val b: String\n  get() { return URL(\"\").readText() /*hidden*/ }\n\
         val c: String\n  @SuppressLint(\"NetworkOnMainThread\") get() = URL(\"\").readText() /*hidden*/\n\
         val d: String get() = URL(\"\").readText() /*shown*/\n override fun onResume() { a + b + c + d }\n}",
        "class A : Activity() {\n override fun onResume() { load() }\n fun load(@Suppress(\"NetworkOnMainThread\") text: String = URL(\"\").readText() /*hidden*/) = text\n}",
        "class A : Activity() {\n @SuppressLint(\"NetworkOnMainThread\")\n companion object { val a = URL(\"\").readText() /*hidden*/ }\n\
         override fun onResume() { a }\n}",
        "class A : Activity() {\n override fun onResume() {\n @Suppress(\"NetworkOnMainThread\")\n fun inner() = URL(\"\").readText() /*hidden*/\n inner()\n }\n}",
    ];
    for body in bodies {
        let text = format!("{KOTLIN}{body}\n");
        if body.contains("companion") {
            continue;
        }
        check("app/src/main/java/com/example/A.kt", &text);
    }
    let file = format!(
        "@file:Suppress(\"Other\", \"NetworkOnMainThread\")\n\n{KOTLIN}class A : Activity() {{\n override fun onResume() {{ URL(\"\").readText() /*hidden*/ }}\n}}\n"
    );
    check("app/src/main/java/com/example/A.kt", &file);
}

#[test]
fn java_declarations() {
    let call = "try { new URL(\"\").openStream(); ";
    for (body, hidden) in [
        (
            "@SuppressLint(\"NetworkOnMainThread\")\npublic class A extends Activity {\n protected void onResume() { CALL } catch (Exception e) {} }\n}",
            true,
        ),
        (
            "public class A extends Activity {\n @SuppressWarnings({\"Other\", \"NetworkOnMainThread\"})\n protected void onResume() { CALL } catch (Exception e) {} }\n}",
            true,
        ),
        (
            "public class A extends Activity {\n @SuppressLint(value = \"NetworkOnMainThread\") protected void onResume() { CALL } catch (Exception e) {} }\n}",
            true,
        ),
        (
            "public class A extends Activity {\n private static final String HUSH = \"NetworkOnMainThread\";\n @SuppressLint(A.HUSH) protected void onResume() { CALL } catch (Exception e) {} }\n}",
            true,
        ),
        (
            "public class A extends Activity {\n @SuppressLint(\"Other,NetworkOnMainThread\") protected void onResume() { CALL } catch (Exception e) {} }\n}",
            true,
        ),
        (
            "public class A extends Activity {\n @SuppressLint(\"Other\") protected void onResume() { CALL } catch (Exception e) {} }\n}",
            false,
        ),
        (
            "public class A extends Activity {\n protected void onResume() {\n try {\n @SuppressWarnings(\"NetworkOnMainThread\")\n Object o = new URL(\"\").openStream(); /*hidden*/ } catch (Exception e) {} }\n}",
            true,
        ),
    ] {
        let mark = if hidden { "/*hidden*/" } else { "/*shown*/" };
        let text = format!("{JAVA}{body}\n").replace("CALL", &format!("{call}{mark}"));
        check("app/src/main/java/com/example/A.java", &text);
    }
}

#[test]
fn comments() {
    let bodies = [
        "  //noinspection NetworkOnMainThread\n  URL(\"\").readText() /*hidden*/\n  URL(\"\").readText() /*shown*/",
        "  // noinspection NetworkOnMainThread\n\n  URL(\"\").readText() /*hidden*/",
        "  /* noinspection Other, NetworkOnMainThread */\n  URL(\"\").readText() /*hidden*/",
        "  //noinspection Other because of NetworkOnMainThread here\n  URL(\"\").readText() /*hidden*/",
        "  //noinspection AndroidLintNetworkOnMainThread\n  URL(\"\").readText() /*hidden*/",
        "  URL(\"\").readText() /*shown*/ //noinspection NetworkOnMainThread",
        "  //noinspection NetworkOnMainThread\n  val a = 1\n  URL(\"\").readText() /*shown*/",
        "  //noinspection NetworkOnMainThread\n  if (a) {\n   b()\n   URL(\"\").readText() /*hidden*/\n  }",
        "  if (a) {\n   b()\n   //noinspection NetworkOnMainThread\n  } else {\n   URL(\"\").readText() /*hidden*/\n  }\n  URL(\"\").readText() /*shown*/",
        "  show(\n   URL(\"\").readText(), /*shown*/\n   //noinspection NetworkOnMainThread\n   URL(\"\").readText(), /*hidden*/\n  )",
        "  val text = \"//noinspection NetworkOnMainThread\"\n  URL(\"\").readText() /*shown*/",
        "  //noinspection NetworkOnMainThreads\n  URL(\"\").readText() /*shown*/",
    ];
    for body in bodies {
        let text = format!("{KOTLIN}class A : Activity() {{\n override fun onResume() {{\n{body}\n }}\n}}\n");
        check("app/src/main/java/com/example/A.kt", &text);
    }
    for before in [
        "//noinspection NetworkOnMainThread\nclass A : Activity() {\n ",
        "class A : Activity() {\n //noinspection NetworkOnMainThread\n @Deprecated(\"\")\n ",
        "class A : Activity() {\n @Deprecated(\"\")\n //noinspection NetworkOnMainThread\n ",
        "class A : Activity() {\n /** @noinspection NetworkOnMainThread */\n ",
        "class A : Activity() {\n /**\n  * Resumes.\n  * @noinspection NetworkOnMainThread\n  */\n ",
    ] {
        let text =
            format!("{KOTLIN}{before}override fun onResume() {{ URL(\"\").readText() /*hidden*/ }}\n}}\n");
        check("app/src/main/java/com/example/A.kt", &text);
    }
}

#[test]
fn ids_in_every_spelling() {
    for id in [
        "networkonmainthread",
        "worklint:NetworkOnMainThread",
        "AndroidLintNetworkOnMainThread",
        "main-thread",
        "worklint:main-thread",
        "worklint",
        "all",
        "ALL",
    ] {
        let text = format!(
            "{KOTLIN}class A : Activity() {{\n @Suppress(\"{id}\") override fun onResume() {{ URL(\"\").readText() /*hidden*/ }}\n}}\n"
        );
        check("app/src/main/java/com/example/A.kt", &text);
    }
    let text = format!(
        "{KOTLIN}private const val HUSH = \"NetworkOnMainThread\"\n\nclass A : Activity() {{\n @Suppress(HUSH) override fun onResume() {{ URL(\"\").readText() /*hidden*/ }}\n}}\n"
    );
    check("app/src/main/java/com/example/A.kt", &text);
}

const REPOSITORY: &str = "package com.example\n\nimport java.net.URL\n\nclass Repository {\n fun latest() = Source().read()\n}\n\n\
                          class Source {\n fun read() = URL(\"\").readText()\n}\n";

/// Findings of a program with two ways to one blocking call, given what stands before each function.
fn two_ways(first: &str, second: &str, between: &str, sink: &str) -> Vec<Value> {
    let screens = format!(
        "{KOTLIN}class First : Activity() {{\n {first}override fun onCreate(state: Bundle?) {{ Repository().latest() }}\n}}\n\n\
         class Second : Activity() {{\n {second}override fun onPause() {{ helper() }}\n private fun helper() {{ Repository().latest() }}\n}}\n"
    );
    let repository = REPOSITORY
        .replace(" fun latest", &format!(" {between}fun latest"))
        .replace(" fun read", &format!(" {sink}fun read"));
    judged(
        &[
            ("app/src/main/java/com/example/Screens.kt", &screens),
            ("app/src/main/java/com/example/Repository.kt", &repository),
        ],
        &["--only", "NetworkOnMainThread,UnusedSuppression"],
    )
}

const HUSH: &str = "@Suppress(\"NetworkOnMainThread\") ";

#[test]
fn a_suppressed_entry_is_no_entry() {
    let plain = two_ways("", "", "", "");
    assert_eq!(plain.len(), 1);
    assert_eq!(plain[0]["related"][0]["symbol"], "com.example.First.onCreate");
    assert_eq!(plain[0]["alsoFrom"][0], "Second.onPause");
    let other = two_ways(HUSH, "", "", "");
    assert_eq!((other.len(), &other[0]["status"]), (1, &"new".into()), "{other:#?}");
    assert_eq!(other[0]["related"][0]["symbol"], "com.example.Second.onPause");
    assert_eq!(other[0]["alsoFrom"], Value::Null);
    // The way that is reported does not show that the suppression of the other has its use.
    let other = two_ways("", HUSH, "", "");
    assert_eq!((other.len(), &other[0]["alsoFrom"]), (1, &Value::Null), "{other:#?}");
    let none = two_ways(HUSH, HUSH, "", "");
    assert_eq!((none.len(), &none[0]["status"]), (1, &"suppressed".into()));
    assert_eq!(none[0]["suppression"]["path"], "app/src/main/java/com/example/Screens.kt");
}

#[test]
fn a_suppressed_call_in_between_is_no_call() {
    let found = two_ways("", "", HUSH, "");
    assert_eq!((found.len(), &found[0]["status"]), (1, &"suppressed".into()), "{found:#?}");
    assert_eq!(found[0]["suppression"]["kind"], "annotation");
    let found = two_ways("", "", "", HUSH);
    assert_eq!((found.len(), &found[0]["status"]), (1, &"suppressed".into()));
    assert_eq!(found[0]["suppression"]["line"], 10);
}

#[test]
fn suppressions_without_effect() {
    let text = format!(
        "{KOTLIN}@SuppressLint(\"DatabaseOnMainThread\", \"NetworkOnMainThread\", \"WakelockTimeout\")\n\
         class A : Activity() {{\n override fun onResume() {{ URL(\"\").readText() }}\n}}\n\n\
         @Suppress(\"worklint:NoSuchThing\", \"unused\")\nclass B\n\n@Suppress(\"DatabaseOnMainTread\")\nclass C\n"
    );
    let path = "app/src/main/java/com/example/A.kt";
    let unused = |options: &[&str]| {
        let found = judged(&[(path, &text)], options);
        let those = found.into_iter().filter(|it| it["rule"] == "UnusedSuppression");
        those
            .map(|it| (it["line"].as_u64().unwrap(), it["message"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let all = unused(&[]);
    assert_eq!(
        all,
        [
            (7, "the suppression of `DatabaseOnMainThread` hides nothing".to_owned()),
            (12, "`worklint:NoSuchThing` in this suppression is no rule of worklint".to_owned()),
            (15, "`DatabaseOnMainTread` in this suppression is no rule of worklint".to_owned()),
        ]
    );
    // What did not run may have a use for it.
    assert_eq!(unused(&["--ignore", "DatabaseOnMainThread"]).len(), 2);
    assert_eq!(unused(&["--off", "UnusedSuppression"]).len(), 0);
    // Ways through the rest of the project are not known here.
    assert_eq!(unused(&["app/src/main/java/com/example"]).len(), 0);
}

#[test]
fn reasons_are_kept() {
    let text = format!(
        "{KOTLIN}class A : Activity() {{\n @SuppressLint(\"NetworkOnMainThread\") // ticket 812\n override fun onResume() {{ URL(\"\").readText() }}\n\
         override fun onPause() {{\n  //noinspection NetworkOnMainThread - tiny answer\n  URL(\"\").readText()\n }}\n}}\n"
    );
    let found = judged(&[("app/src/main/java/com/example/A.kt", &text)], &["--only", "NetworkOnMainThread"]);
    let reasons: Vec<_> = found.iter().map(|it| it["suppression"]["reason"].as_str().unwrap_or("")).collect();
    assert_eq!(reasons, ["ticket 812", "tiny answer"]);
}

const SCREEN: &str = "class A : Activity() {\n override fun onResume() { URL(\"\").readText() }\n}\n";

/// Severity or kind of suppression of the one network finding, given further files of the project.
fn level(files: &[(&str, &str)], options: &[&str]) -> String {
    let text = format!("{KOTLIN}{SCREEN}");
    let mut all = vec![("app/src/main/java/com/example/legacy/A.kt", text.as_str())];
    all.extend(files);
    let mut args = vec!["--only", "NetworkOnMainThread"];
    args.extend(options);
    let found = judged(&all, &args);
    let word = |key: &str| found[0][key].as_str().unwrap().to_owned();
    match found[0]["suppression"]["kind"].as_str() {
        Some(kind) => format!("{kind} {}", found[0]["suppression"]["path"].as_str().unwrap()),
        None => word("severity"),
    }
}

fn lint(inside: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lint>\n  {inside}\n</lint>\n")
}

#[test]
fn lint_xml() {
    let off = lint("<issue id=\"NetworkOnMainThread\" severity=\"ignore\" />");
    let info = lint("<issue id=\"networkonmainthread,Other\" severity=\"informational\" />");
    let path = lint(
        "<issue id=\"NetworkOnMainThread\"><ignore path=\"src/main/java/com/example/legacy\" /></issue>",
    );
    let regexp = lint("<issue id=\"NetworkOnMainThread\"><ignore regexp=\"network I/O on the\" /></issue>");
    assert_eq!(level(&[], &[]), "error");
    assert_eq!(level(&[("lint.xml", &off)], &[]), "lint-xml lint.xml");
    assert_eq!(level(&[("lint.xml", &info)], &[]), "info");
    assert_eq!(level(&[("lint.xml", &off), ("app/lint.xml", &info)], &[]), "info", "the nearest wins");
    assert_eq!(level(&[("app/lint.xml", &path)], &[]), "lint-xml app/lint.xml");
    assert_eq!(level(&[("lint.xml", &path)], &[]), "error", "relative to the file");
    assert_eq!(level(&[("lint.xml", &regexp)], &[]), "lint-xml lint.xml");
    // The file counts also when only a part of the project is analysed.
    let settings = ("settings.gradle.kts", "include(\":app\")\n");
    assert_eq!(level(&[("lint.xml", &off), settings], &["app/src"]), "lint-xml ../../lint.xml");
}

#[test]
fn lint_blocks_of_gradle() {
    for (block, expected) in [
        ("lint { disable += \"NetworkOnMainThread\" }", "gradle app/build.gradle.kts"),
        ("lint { disable += setOf(\"Other\", \"NetworkOnMainThread\") }", "gradle app/build.gradle.kts"),
        ("lint {\n disable.add(\"NetworkOnMainThread\")\n }", "gradle app/build.gradle.kts"),
        ("lint { disable(\"Other\", \"NetworkOnMainThread\") }", "gradle app/build.gradle.kts"),
        ("lint.ignore += \"NetworkOnMainThread\"", "gradle app/build.gradle.kts"),
        ("lint { warning += \"NetworkOnMainThread\" }", "warning"),
        ("lint { informational.add(\"NetworkOnMainThread\"); abortOnError = false }", "info"),
        ("lint { disable += \"Other\" }", "error"),
        ("buildTypes { disable += \"NetworkOnMainThread\" }", "error"),
    ] {
        let build = format!("{}\nandroid {{\n {block}\n}}\n", BUILD);
        assert_eq!(level(&[("app/build.gradle.kts", &build)], &[]), expected, "{block}");
    }
    let groovy = "apply plugin: 'com.android.library'\nandroid {\n lintOptions {\n  disable 'Other', 'NetworkOnMainThread'\n }\n}\n";
    let text = format!("{KOTLIN}{SCREEN}");
    let files = [("lib/build.gradle", groovy), ("lib/src/main/java/com/example/A.kt", &text)];
    let found = judged(&files, &["--only", "NetworkOnMainThread"]);
    assert_eq!(found[0]["suppression"]["kind"], "gradle", "{found:#?}");
}
