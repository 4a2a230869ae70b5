//! Levels and namespaces of modules: from wherever a number is written to the module that has it.

use worklint::discover::{Options, discover};
use worklint::model::{NEWEST_SDK, OLDEST_SDK, Project, SdkLevel};

use crate::trees::{Files, module, read, told};

/// `24 gradle/libs.versions.toml:3`
fn shown(project: &Project, level: SdkLevel) -> String {
    let place = level.place.map(|place| {
        let file = project.file(place.file);
        format!("{}:{}", file.path, file.text.line(place.span.start))
    });
    format!("{} {}", level.level, place.unwrap_or_else(|| "assumed".to_owned()))
}

fn levels(files: &[(&str, &str)], path: &str) -> (String, String) {
    let (project, _) = Files::new(files).project();
    let module = module(&project, path);
    (shown(&project, module.min_sdk), shown(&project, module.target_sdk))
}

fn both(min: &str, target: &str) -> (String, String) {
    (min.to_owned(), target.to_owned())
}

const SETTINGS: (&str, &str) = ("settings.gradle", "include ':app'");
const MANIFEST: (&str, &str) = ("app/src/main/AndroidManifest.xml", "<manifest/>");

#[test]
fn catalogs_properties_and_ext() {
    let app = "plugins { alias(libs.plugins.android.application) }\nandroid { defaultConfig {\n minSdk = libs.versions.min.sdk.get().toInt()\n targetSdk = project.property('target').toInteger()\n} }";
    let files = [
        SETTINGS,
        MANIFEST,
        (
            "gradle/libs.versions.toml",
            "[versions]\nmin-sdk = \"24\"\n[plugins]\nandroid-application = { id = \"com.android.application\" }\n",
        ),
        ("gradle.properties", "x=1\ntarget=35\n"),
        ("app/build.gradle", app),
    ];
    assert_eq!(levels(&files, ":app"), both("24 gradle/libs.versions.toml:2", "35 gradle.properties:2"));
    let ext = [
        SETTINGS,
        MANIFEST,
        ("build.gradle", "buildscript {\n ext {\n  sdk = [min: 22, target: 34]\n }\n}\next.lowest = sdk.min"),
        (
            "app/build.gradle",
            "apply plugin: 'com.android.application'\nandroid { defaultConfig { minSdkVersion rootProject.ext.lowest\n targetSdkVersion sdk.target } }",
        ),
    ];
    assert_eq!(levels(&ext, ":app"), both("22 build.gradle:3", "34 build.gradle:3"));
}

#[test]
fn constants_of_build_code_and_applied_scripts() {
    let files = [
        SETTINGS,
        MANIFEST,
        (
            "buildSrc/src/main/java/Versions.java",
            "public class Versions {\n public static final int MIN = 23;\n}",
        ),
        ("buildSrc/src/main/kotlin/Sdk.kt", "package x\nobject Sdk {\n const val TARGET = 33\n}"),
        (
            "gradle/android.gradle",
            "android { defaultConfig {\n targetSdkVersion Sdk.TARGET\n minSdkVersion 19 } }",
        ),
        (
            "app/build.gradle",
            "apply plugin: 'com.android.application'\napply from: rootProject.file('gradle/android.gradle')\nandroid { defaultConfig { minSdkVersion Versions.MIN } }",
        ),
    ];
    let expected = both("23 buildSrc/src/main/java/Versions.java:2", "33 buildSrc/src/main/kotlin/Sdk.kt:3");
    assert_eq!(levels(&files, ":app"), expected);
}

#[test]
fn convention_plugins() {
    let files = [
        (
            "settings.gradle.kts",
            "pluginManagement { includeBuild(\"build-logic\") }\ninclude(\":app\", \":lib\")",
        ),
        ("build-logic/settings.gradle.kts", ""),
        (
            "build-logic/build.gradle.kts",
            "plugins { `kotlin-dsl` }\ngradlePlugin { plugins { register(\"a\") { id = libs.plugins.my.app.get().pluginId\n implementationClass = \"AppPlugin\" } } }",
        ),
        (
            "build-logic/src/main/kotlin/AppPlugin.kt",
            "class AppPlugin : Plugin<Project> {\n override fun apply(target: Project) {\n  with(target) {\n   apply(plugin = \"com.android.application\")\n   extensions.configure<ApplicationExtension> {\n    defaultConfig.targetSdk = 36\n    lint.targetSdk = 37\n    configureAndroid(this)\n } } } }",
        ),
        (
            "build-logic/src/main/kotlin/Android.kt",
            "internal fun Project.configureAndroid(extension: CommonExtension) {\n extension.apply {\n  defaultConfig.apply { minSdk = 23 } } }\nfun unused() { android { minSdk = 11 } }",
        ),
        // A precompiled script plugin.
        (
            "build-logic/src/main/kotlin/my.library.gradle.kts",
            "plugins { id(\"com.android.library\") }\nandroid { defaultConfig { minSdk = 26 } }",
        ),
        ("gradle/libs.versions.toml", "[plugins]\nmy-app = { id = \"my.app\" }\n"),
        (
            "app/build.gradle.kts",
            "plugins { alias(libs.plugins.my.app) }\ndependencies { implementation(projects.lib) }",
        ),
        ("app/src/main/AndroidManifest.xml", "<manifest/>"),
        ("lib/build.gradle.kts", "plugins { id(\"my.library\") }"),
        ("lib/src/main/kotlin/L.kt", ""),
    ];
    let app =
        both("23 build-logic/src/main/kotlin/Android.kt:3", "36 build-logic/src/main/kotlin/AppPlugin.kt:6");
    assert_eq!(levels(&files, ":app"), app);
    // The library's own minimum, the application's target.
    let lib = both("26 build-logic/src/main/kotlin/my.library.gradle.kts:2", &app.1);
    assert_eq!(levels(&files, ":lib"), lib);
    let (project, problems) = Files::new(&files).project();
    assert!(problems.is_empty(), "{problems:?}");
    assert!(module(&project, ":app").is_application && !module(&project, ":lib").is_application);
}

#[test]
fn shared_blocks_of_the_root() {
    let files = [
        SETTINGS,
        MANIFEST,
        (
            "build.gradle",
            "subprojects {\n apply plugin: 'com.android.application'\n android { defaultConfig {\n minSdk 20\n targetSdk 30 } } }",
        ),
        ("app/build.gradle", "android { defaultConfig { minSdk 25 } }"),
    ];
    assert_eq!(levels(&files, ":app"), both("25 app/build.gradle:1", "30 build.gradle:5"));
}

#[test]
fn flavors_widen_the_range() {
    let app = "plugins { id 'com.android.application' }\nandroid { defaultConfig { minSdk 24\n targetSdk 34 }\n productFlavors {\n old { minSdk 21 }\n next { minSdk 30\n targetSdk 36 } } }";
    let files = [SETTINGS, MANIFEST, ("app/build.gradle", app)];
    assert_eq!(levels(&files, ":app"), both("21 app/build.gradle:5", "36 app/build.gradle:7"));
}

#[test]
fn libraries_take_the_highest_target_of_their_applications() {
    let app = |level: u32| {
        format!(
            "plugins {{ id 'com.android.application' }}\nandroid {{ defaultConfig {{ minSdk 2{0}; targetSdk 3{0} }} }}\ndependencies {{ implementation project(':lib') }}",
            level
        )
    };
    let (one, two) = (app(1), app(2));
    let files = [
        ("settings.gradle", "include ':one', ':two', ':lib', ':jvm'"),
        ("one/build.gradle", one.as_str()),
        ("one/src/main/AndroidManifest.xml", "<manifest/>"),
        ("two/build.gradle", two.as_str()),
        ("two/src/main/AndroidManifest.xml", "<manifest/>"),
        (
            "lib/build.gradle",
            "plugins { id 'com.android.library' }\nandroid { defaultConfig { minSdk 24; targetSdk 25 } }\ndependencies { api project(':jvm') }",
        ),
        ("lib/src/main/java/L.java", ""),
        ("jvm/build.gradle", "plugins { id 'java-library' }"),
        ("jvm/src/main/java/J.java", ""),
    ];
    assert_eq!(levels(&files, ":lib"), both("24 lib/build.gradle:2", "32 two/build.gradle:2"));
    assert_eq!(levels(&files, ":jvm"), both("21 one/build.gradle:2", "32 two/build.gradle:2"));
    let (project, problems) = Files::new(&files).project();
    assert!(problems.is_empty(), "{problems:?}");
    let apps: Vec<&str> =
        module(&project, ":jvm").applications.iter().map(|id| project.module(*id).path.as_str()).collect();
    assert_eq!(apps, [":one", ":two"]);
}

#[test]
fn old_manifests_have_levels() {
    let manifest = "<manifest package='a.b' xmlns:android='http://schemas.android.com/apk/res/android'>\n<uses-sdk android:minSdkVersion='9' android:targetSdkVersion='19'/>\n<application><activity android:name='.M'><intent-filter><action android:name='android.intent.action.MAIN'/><category android:name='android.intent.category.LAUNCHER'/></intent-filter></activity></application></manifest>";
    let files = Files::new(&[("AndroidManifest.xml", manifest), ("src/a/b/M.java", "")]);
    let (project, problems) = files.project();
    assert!(problems.is_empty(), "{problems:?}");
    let root = module(&project, ":");
    assert_eq!(shown(&project, root.min_sdk), "9 AndroidManifest.xml:2");
    assert_eq!(root.target_sdk.level, 19);
    assert!(root.is_application);
    assert_eq!(root.namespace, Some("a.b".into()));
}

#[test]
fn what_nobody_says_is_assumed_and_said() {
    let files = [
        SETTINGS,
        MANIFEST,
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\nandroid { defaultConfig { minSdk = computed() + 1\n targetSdk = libs.versions.absent.get() } }",
        ),
    ];
    let (project, problems) = Files::new(&files).project();
    let app = module(&project, ":app");
    assert_eq!((app.min_sdk.level, app.target_sdk.level), (OLDEST_SDK, NEWEST_SDK));
    assert!(app.min_sdk.place.is_none() && app.target_sdk.place.is_none());
    let expected = [
        "app/build.gradle targetSdk of module :app is not to be found, 37 is assumed",
        "app/build.gradle minSdk of module :app is not to be found, 21 is assumed",
    ];
    assert_eq!(told(&problems), expected);
    let (_, problems) = Files::new(&[("A.kt", "")]).project();
    assert_eq!(problems.len(), 2);
}

#[test]
fn references_in_circles_end() {
    let files = [
        SETTINGS,
        MANIFEST,
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\next.a = b\next.b = a\nandroid { defaultConfig { minSdk a } }",
        ),
        ("gradle.properties", "b=b\n"),
    ];
    assert_eq!(levels(&files, ":app").0, "21 assumed");
}

#[test]
fn projects_in_circles_end() {
    let files = [
        ("settings.gradle", "include ':app', ':feature'"),
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\nandroid { namespace 'a'\n dynamicFeatures = [':feature']\n defaultConfig { minSdk 24\n targetSdk 35 } }",
        ),
        ("app/src/main/AndroidManifest.xml", "<manifest/>"),
        (
            "feature/build.gradle",
            "plugins { id 'com.android.dynamic-feature' }\nandroid { namespace 'f' }\ndependencies { implementation project(':app') }",
        ),
        (
            "feature/src/main/AndroidManifest.xml",
            "<manifest xmlns:android='http://schemas.android.com/apk/res/android'><application><service android:name='.S'/></application></manifest>",
        ),
    ];
    let (project, _) = Files::new(&files).project();
    assert_eq!(module(&project, ":app").manifest.components.len(), 1);
    assert_eq!(module(&project, ":feature").target_sdk.level, 35);
}

#[test]
fn a_part_of_a_project_has_the_levels_of_the_whole() {
    let files = Files::new(&[
        ("settings.gradle", "include ':app', ':lib'"),
        ("gradle/libs.versions.toml", "[versions]\nmin = \"24\"\ntarget = \"36\"\n"),
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\nandroid { defaultConfig { targetSdk libs.versions.target.get() as int } }\ndependencies { implementation project(':lib') }",
        ),
        (
            "lib/build.gradle",
            "plugins { id 'com.android.library' }\nandroid { defaultConfig { minSdk libs.versions.min.get() as int } }",
        ),
        ("lib/src/main/java/L.java", ""),
    ]);
    let (project, _) = read(discover(&[files.path("lib/src")], &Options::default()));
    let lib = module(&project, ":lib");
    assert_eq!(lib.dir, "..");
    assert_eq!(shown(&project, lib.min_sdk), "24 ../../gradle/libs.versions.toml:2");
    assert_eq!(shown(&project, lib.target_sdk), "36 ../../gradle/libs.versions.toml:3");
}

#[test]
fn two_catalogs_with_the_same_key() {
    let files = [
        (
            "settings.gradle.kts",
            "dependencyResolutionManagement { versionCatalogs { create(\"other\") { from(files(\"gradle/other.versions.toml\")) } } }\ninclude(\":app\")",
        ),
        MANIFEST,
        ("gradle/libs.versions.toml", "[versions]\nsdk = \"30\"\n"),
        (
            "gradle/other.versions.toml",
            "[versions]\nsdk = \"31\"\n[plugins]\napp = { id = \"com.android.application\" }\n",
        ),
        (
            "app/build.gradle.kts",
            "plugins { alias(other.plugins.app) }\nandroid { defaultConfig { minSdk = libs.versions.sdk.get().toInt()\n targetSdk = other.versions.sdk.get().toInt() } }",
        ),
    ];
    assert_eq!(
        levels(&files, ":app"),
        both("30 gradle/libs.versions.toml:2", "31 gradle/other.versions.toml:2")
    );
}
