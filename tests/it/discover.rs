//! Which files are taken, in which module and source set, and what happens to files that cannot be read.

use worklint::base::problem::ProblemKind;
use worklint::discover::{Options, SkipReason, discover};
use worklint::syntax::FileKind;

use crate::trees::{Files, sources, told};

const APP: &str = "plugins { id(\"com.android.application\") }\n";
const LIBRARY: &str = "plugins { id(\"com.android.library\") }\n";

#[test]
fn modules_and_source_sets() {
    let files = Files::new(&[
        (
            "settings.gradle.kts",
            "include(\":app\", \":feature:sync\")\ninclude(\":moved\")\nproject(\":moved\").projectDir = file(\"libs/elsewhere\")\n",
        ),
        ("app/build.gradle.kts", APP),
        ("app/src/main/java/a/A.java", ""),
        ("app/src/main/kotlin/a/B.kt", ""),
        ("app/src/debug/kotlin/a/C.kt", ""),
        ("app/src/test/kotlin/a/T.kt", ""),
        ("app/src/androidTest/kotlin/a/T.kt", ""),
        ("app/src/testDebug/kotlin/a/T.kt", ""),
        ("app/src/testFixtures/kotlin/a/T.kt", ""),
        // A package or class that sounds like a test is none.
        ("app/src/main/kotlin/a/test/LoadTest.kt", ""),
        ("feature/sync/build.gradle.kts", LIBRARY),
        ("feature/sync/src/main/kotlin/S.kt", ""),
        ("libs/elsewhere/build.gradle", "apply plugin: 'com.android.library'"),
        ("libs/elsewhere/src/main/java/E.java", ""),
    ]);
    let expected = [
        "app/src/debug/kotlin/a/C.kt [:app debug]",
        "app/src/main/java/a/A.java [:app main]",
        "app/src/main/kotlin/a/B.kt [:app main]",
        "app/src/main/kotlin/a/test/LoadTest.kt [:app main]",
        "feature/sync/src/main/kotlin/S.kt [:feature:sync main]",
        "libs/elsewhere/src/main/java/E.java [:moved main]",
    ];
    assert_eq!(sources(&files.tree()), expected);
    let all = files.tree_with(&Options { include_tests: true, ..Options::default() });
    assert_eq!(sources(&all).len(), expected.len() + 4);
}

#[test]
fn multiplatform_keeps_what_runs_on_android() {
    let script = r#"
        plugins { kotlin("multiplatform"); id("com.android.library") }
        kotlin {
            androidTarget()
            jvm("server")
            sourceSets {
                val sharedNativeMain by creating { }
                androidMain { dependsOn(sharedNativeMain) }
            }
        }"#;
    let mut list = vec![
        ("settings.gradle.kts".to_owned(), "include(\":kmp\")"),
        ("kmp/build.gradle.kts".to_owned(), script),
    ];
    let kept = ["androidMain", "commonMain", "jvmCommonMain", "mobileMain", "sharedNativeMain"];
    let left = [
        "iosMain",
        "jsMain",
        "wasmJsMain",
        "desktopMain",
        "serverMain",
        "jvmMain",
        "appleMain",
        "commonTest",
        "androidUnitTest",
        "androidHostTest",
    ];
    for set in kept.iter().chain(&left) {
        list.push((format!("kmp/src/{set}/kotlin/A.kt"), ""));
    }
    let list: Vec<(&str, &str)> = list.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let tree = Files::new(&list).tree();
    assert_eq!(sources(&tree), kept.map(|set| format!("kmp/src/{set}/kotlin/A.kt [:kmp {set}]")));
    assert!(tree.skipped.contains(&("kmp/src/iosMain/kotlin/A.kt".to_owned(), SkipReason::OtherPlatform)));
}

#[test]
fn jvm_code_of_a_module_without_android_target_is_androids() {
    let files = Files::new(&[
        ("settings.gradle.kts", "include(\":core\")"),
        ("core/build.gradle.kts", "plugins { kotlin(\"multiplatform\") }\nkotlin { jvm() }"),
        ("core/src/jvmMain/kotlin/A.kt", ""),
        ("core/src/iosMain/kotlin/A.kt", ""),
    ]);
    assert_eq!(sources(&files.tree()), ["core/src/jvmMain/kotlin/A.kt [:core jvmMain]"]);
}

#[test]
fn test_modules_and_flavors_that_sound_like_tests() {
    let files = Files::new(&[
        ("settings.gradle", "include ':app', ':bench', ':macro'"),
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\nandroid { productFlavors { abTest { } } }",
        ),
        ("app/src/abTest/java/A.java", ""),
        ("app/src/loadTest/java/A.java", ""),
        ("bench/build.gradle", "plugins {\n  id 'com.android.test'\n}"),
        ("bench/src/main/java/B.java", ""),
        ("macro/build.gradle", "plugins { alias(libs.plugins.android.test) }"),
        ("macro/src/main/java/B.java", ""),
        (
            "gradle/libs.versions.toml",
            "[plugins]\nandroid-test = { id = \"com.android.test\", version = \"9\" }\n",
        ),
    ]);
    assert_eq!(sources(&files.tree()), ["app/src/abTest/java/A.java [:app abTest]"]);
}

#[test]
fn build_output_generated_and_vendored_trees() {
    let files = Files::new(&[
        ("settings.gradle", "include ':app', ':vendor:ours'"),
        ("app/build.gradle", "plugins { id 'com.android.application' }"),
        ("app/build/generated/source/A.java", ""),
        ("app/build/tmp/A.java", ""),
        ("app/generated/A.java", ""),
        ("app/src/main/java/a/build/A.java", ""),
        ("app/src/main/java/a/generated/A.java", ""),
        ("vendor/ours/src/main/java/V.java", ""),
        ("vendor/theirs/src/main/java/V.java", ""),
        ("node_modules/x/android/src/main/java/N.java", ""),
        (".hidden/H.java", ""),
    ]);
    let packages =
        ["app/src/main/java/a/build/A.java [:app main]", "app/src/main/java/a/generated/A.java [:app main]"];
    let ours = "vendor/ours/src/main/java/V.java [:vendor:ours main]";
    assert_eq!(sources(&files.tree()), [packages[0], packages[1], ours]);
    let generated = files.tree_with(&Options { include_generated: true, ..Options::default() });
    let more = ["app/build/generated/source/A.java [:app main]", "app/generated/A.java [:app main]"];
    assert_eq!(sources(&generated), [more[0], more[1], packages[0], packages[1], ours]);
}

#[test]
fn ignore_files_count_without_a_repository() {
    let files = Files::new(&[(".gitignore", "gen/\n"), ("gen/A.kt", ""), ("B.kt", "")]);
    assert_eq!(sources(&files.tree()), ["B.kt [: main]"]);
    let all = files.tree_with(&Options { no_ignore: true, ..Options::default() });
    assert_eq!(sources(&all), ["B.kt [: main]", "gen/A.kt [: main]"]);
}

#[test]
fn excluded_files_are_not_reported_on() {
    let files = Files::new(&[("a/A.kt", ""), ("legacy/B.kt", ""), ("AndroidManifest.xml", "<manifest/>")]);
    let options = Options { exclude: vec!["legacy/**".to_owned(), "*.xml".to_owned()], ..Options::default() };
    let tree = files.tree_with(&options);
    assert_eq!(sources(&tree), ["a/A.kt [: main]"]);
    // The manifest still says what the app declares.
    assert!(tree.files.iter().any(|file| file.kind == FileKind::Manifest && !file.in_scope));
    let wrong = files.tree_with(&Options { exclude: vec!["a[".to_owned()], ..Options::default() });
    assert!(told(&wrong.problems)[0].contains("exclude pattern is no glob"), "{:?}", wrong.problems);
}

#[test]
fn code_of_the_build_is_no_app() {
    let files = Files::new(&[
        (
            "settings.gradle.kts",
            "pluginManagement { includeBuild(\"tools/conventions\") }\ninclude(\":app\")",
        ),
        ("app/build.gradle.kts", APP),
        ("app/src/main/kotlin/A.kt", ""),
        ("buildSrc/src/main/kotlin/Versions.kt", "object Versions"),
        ("buildSrc/build.gradle.kts", "plugins { `kotlin-dsl` }"),
        ("tools/conventions/settings.gradle.kts", ""),
        ("tools/conventions/plugins/build.gradle.kts", "plugins { `kotlin-dsl` }"),
        ("tools/conventions/plugins/src/main/kotlin/Convention.kt", ""),
        ("tools/conventions/plugins/src/main/groovy/G.groovy", ""),
        ("scripts/G.groovy", ""),
    ]);
    let tree = files.tree();
    assert_eq!(sources(&tree), ["app/src/main/kotlin/A.kt [:app main]"]);
    let code: Vec<&str> =
        tree.files.iter().filter(|it| it.kind == FileKind::BuildCode).map(|it| it.path.as_str()).collect();
    assert_eq!(
        code,
        [
            "buildSrc/src/main/kotlin/Versions.kt",
            "tools/conventions/plugins/src/main/groovy/G.groovy",
            "tools/conventions/plugins/src/main/kotlin/Convention.kt",
        ]
    );
}

#[test]
fn other_kinds_are_listed() {
    let files = Files::new(&[
        ("src/main/res/layout-land/a.xml", ""),
        ("src/main/res/values/a.xml", ""),
        ("src/main/sqldelight/a/A.sq", ""),
        ("src/main/sqldelight/a/1.sqm", ""),
        ("src/main/aidl/a/I.aidl", ""),
        ("lint.xml", "<lint/>"),
    ]);
    let kinds: Vec<FileKind> = files.tree().files.iter().map(|file| file.kind).collect();
    use FileKind::{Aidl, Layout, Lint, SqlDelight};
    assert_eq!(kinds, [Lint, Aidl, Layout, SqlDelight, SqlDelight]);
}

#[test]
fn projects_without_gradle() {
    let plain = Files::new(&[("A.kt", ""), ("sub/B.java", "")]);
    assert_eq!(sources(&plain.tree()), ["A.kt [: main]", "sub/B.java [: main]"]);
    let manifests = Files::new(&[
        ("one/AndroidManifest.xml", "<manifest/>"),
        ("one/src/a/A.java", ""),
        ("two/src/main/AndroidManifest.xml", "<manifest/>"),
        ("two/src/main/java/B.java", ""),
    ]);
    assert_eq!(
        sources(&manifests.tree()),
        ["one/src/a/A.java [:one main]", "two/src/main/java/B.java [:two main]"]
    );
}

#[test]
fn several_projects_below_one_root() {
    let files = Files::new(&[
        ("one/settings.gradle", "include ':app'"),
        ("one/app/src/main/java/A.java", ""),
        ("two/settings.gradle", "include ':app'"),
        ("two/app/src/main/java/A.java", ""),
    ]);
    let expected =
        ["one/app/src/main/java/A.java [:one:app main]", "two/app/src/main/java/A.java [:two:app main]"];
    assert_eq!(sources(&files.tree()), expected);
    let both = discover(&[files.path("one"), files.path("two/app")], &Options::default());
    assert_eq!(sources(&both), expected);
}

#[test]
fn a_directory_or_file_of_a_project() {
    let files = Files::new(&[
        ("settings.gradle", "include ':app', ':lib'"),
        ("app/build.gradle", "plugins { id 'com.android.application' }"),
        ("app/src/main/AndroidManifest.xml", "<manifest/>"),
        ("app/src/main/java/A.java", ""),
        ("lib/build.gradle", "plugins { id 'com.android.library' }"),
        ("lib/src/main/java/L.java", ""),
        ("lib/src/debug/java/D.java", ""),
    ]);
    let lib = discover(&[files.path("lib")], &Options::default());
    assert_eq!(sources(&lib), ["src/debug/java/D.java [:lib debug]", "src/main/java/L.java [:lib main]"]);
    let context: Vec<&str> = lib.files.iter().filter(|it| !it.in_scope).map(|it| it.path.as_str()).collect();
    assert_eq!(context, ["../app/build.gradle", "../app/src/main/AndroidManifest.xml", "../settings.gradle"]);
    let file = discover(&[files.path("lib/src/debug/java/D.java")], &Options::default());
    assert_eq!(sources(&file), ["D.java [:lib debug]"]);
    // What git ignores or a rule skips is taken when it is asked for.
    files.write("lib/build/out/O.java", b"");
    let output = discover(&[files.path("lib/build/out")], &Options::default());
    assert_eq!(sources(&output), ["O.java [:lib main]"]);
}

#[test]
fn the_thread_count_changes_nothing() {
    let names: Vec<String> = (0..200).map(|at| format!("m{}/src/main/java/F{at}.java", at % 7)).collect();
    let list: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let files = Files::new(&list);
    let of = |threads| {
        let tree = files.tree_with(&Options { threads, ..Options::default() });
        tree.files.into_iter().map(|file| file.path).collect::<Vec<_>>()
    };
    let one = of(1);
    assert!(one.is_sorted());
    assert_eq!(one, of(2));
    assert_eq!(one, of(8));
}

#[test]
fn empty_and_missing_roots() {
    let files = Files::new(&[]);
    let tree = files.tree();
    assert!(tree.files.is_empty() && tree.problems.is_empty());
    let (project, problems) = files.project();
    assert!(project.files.is_empty() && problems.is_empty());
    let missing = discover(&[files.path("nowhere")], &Options::default());
    assert!(
        told(&missing.problems)[0].ends_with("/nowhere no such file or directory"),
        "{:?}",
        missing.problems
    );
    assert!(discover(&[], &Options::default()).files.is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_unreadable_directories() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let files = Files::new(&[("a/A.kt", ""), ("closed/C.kt", "")]);
    symlink(files.path(""), files.path("a/loop")).expect("a link");
    symlink(files.path("a/A.kt"), files.path("Again.kt")).expect("a link");
    symlink(files.path("nothing.kt"), files.path("Dangling.kt")).expect("a link");
    std::fs::set_permissions(files.path("closed"), std::fs::Permissions::from_mode(0o000))
        .expect("no rights");
    let tree = files.tree();
    let readable = std::fs::read_dir(files.path("closed")).is_ok();
    std::fs::set_permissions(files.path("closed"), std::fs::Permissions::from_mode(0o755)).expect("rights");
    assert!(sources(&tree).contains(&"a/A.kt [: main]".to_owned()));
    assert!(!sources(&tree).iter().any(|path| path.contains("loop") || path.contains("Again")));
    let problems = told(&tree.problems);
    assert!(problems.iter().any(|it| it.starts_with("a/loop symbolic link back to")), "{problems:?}");
    let dangling = "Dangling.kt symbolic link to something that is not there";
    assert!(problems.iter().any(|it| it == dangling), "{problems:?}");
    let costs = |it: &&worklint::base::Problem| it.kind != ProblemKind::Noted;
    assert!(tree.problems.iter().filter(costs).all(|it| it.path == "closed"), "{problems:?}");
    // Root may read everything.
    if !readable {
        assert!(problems.contains(&"closed cannot be read: permission denied".to_owned()), "{problems:?}");
    }
}

#[test]
fn encodings() {
    let files = Files::new(&[]);
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    files.write("Big.kt", &utf16("val a = \"ä😀\"", true));
    files.write("Latin.kt", b"val a = 1\nval b = \"\xe4 \xc3\xa4\"");
    files.write("Little.kt", &utf16("val a = \"ä😀\"", false));
    files.write("Mark.kt", "\u{feff}val a = 1".as_bytes());
    let tree = files.tree();
    let texts: Vec<_> = tree.files.iter().map(|file| tree.read(file)).collect();
    let text = |at: usize| texts[at].as_ref().expect("a text");
    assert_eq!((text(0).text.as_str(), text(0).transcoded), ("val a = \"ä😀\"", true));
    assert_eq!(text(0).doubt("Big.kt"), None);
    // Every byte that is no UTF-8 is a letter, the others keep their meaning.
    assert_eq!((text(1).text.as_str(), text(1).transcoded), ("val a = 1\nval b = \"ä ä\"", true));
    let doubt = text(1).doubt("Latin.kt").expect("a warning");
    assert_eq!((doubt.kind, doubt.line), (ProblemKind::Noted, Some(2)));
    assert!(doubt.message.contains("read as Latin-1"), "{doubt:?}");
    assert_eq!(texts[2].as_ref().map(|it| it.text.as_str()), Ok("val a = \"ä😀\""));
    // Offsets stay those of the file; the column is the one an editor shows.
    let mark = texts[3].as_ref().expect("UTF-8");
    let source = worklint::base::SourceText::new(mark.text.clone());
    assert_eq!(source.position(7).column, 5);
    assert_eq!(&source.text[7..8], "a");
}
