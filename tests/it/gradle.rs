//! Build scripts as text: every way to write what is read from them.

use worklint::facts::gradle::{BuildScript, Setting, SettingValue};
use worklint::syntax::gradle::{parse_build, parse_settings};
use worklint::syntax::{catalog_toml, properties};

use crate::trees::told;

fn value(setting: Option<&Setting>) -> String {
    fn text(value: &SettingValue) -> String {
        match value {
            SettingValue::Number(number) => number.to_string(),
            SettingValue::Text(text) => format!("'{text}'"),
            SettingValue::Reference(path) => path.to_string(),
            SettingValue::FirstOf(values) => values.iter().map(text).collect::<Vec<_>>().join(" or "),
        }
    }
    setting.map_or("-".to_owned(), |setting| text(&setting.value))
}

fn min(text: &str) -> String {
    value(parse_build(text).min_sdk.as_ref())
}

fn names(script: &BuildScript) -> Vec<&str> {
    script.plugins.iter().map(|name| name.as_str()).collect()
}

#[test]
fn levels_in_every_spelling() {
    let spellings = [
        ("android { defaultConfig { minSdk = 24 } }", "24"),
        ("android { defaultConfig { minSdkVersion 24 } }", "24"),
        ("android { defaultConfig { minSdkVersion(24) } }", "24"),
        ("android.defaultConfig.minSdk = 24", "24"),
        ("android { defaultConfig.minSdk = 24 }", "24"),
        ("android { defaultConfig.apply { minSdk = 24 } }", "24"),
        ("configure<ApplicationExtension> { defaultConfig { minSdk = 24 } }", "24"),
        (
            "extensions.configure<LibraryExtension>(\"android\") {\n with(defaultConfig) {\n minSdk = 24 } }",
            "24",
        ),
        ("android { defaultConfig { minSdk = libs.versions.minSdk.get().toInt() } }", "libs.versions.minSdk"),
        ("android { defaultConfig { minSdk libs.versions.min.sdk.get() as int } }", "libs.versions.min.sdk"),
        (
            "android { defaultConfig { minSdk = Integer.parseInt(libs.versions.minSdk.get()) } }",
            "libs.versions.minSdk",
        ),
        (
            "android { defaultConfig { minSdkVersion rootProject.ext.minSdkVersion } }",
            "rootProject.ext.minSdkVersion",
        ),
        (
            "android { defaultConfig { minSdk = rootProject.extra[\"minSdk\"] as Int } }",
            "rootProject.extra.minSdk",
        ),
        ("android { defaultConfig { minSdk = project.property(\"minSdk\").toString().toInt() } }", "minSdk"),
        ("android { defaultConfig { minSdk = findProperty('minSdk') ?: 21 } }", "minSdk or 21"),
        (
            "android { defaultConfig { minSdkVersion safeExtGet('minSdkVersion', 21) } }",
            "minSdkVersion or 21",
        ),
        (
            "android { defaultConfig { minSdk = rootProject.ext.has('x') ? rootProject.ext.get('x') : 21 } }",
            "x or 21",
        ),
        ("android { defaultConfig { minSdk = Versions.MIN_SDK } }", "Versions.MIN_SDK"),
        ("android { defaultConfig { minSdk.set(24) } }", "24"),
        ("android { defaultConfig { minSdk { version = release(24) } } }", "version or 24"),
        ("android { defaultConfig { minSdk = if (ci) 30 else 24 } }", "30 or 24"),
        ("android { defaultConfig { minSdkVersion \"24\" } }", "24"),
        ("android { defaultConfig { minSdk = \"$minimum\".toInt() } }", "minimum"),
        ("kotlin { androidLibrary { namespace = \"a\"; minSdk = 24 } }", "24"),
        ("android { defaultConfig { minSdk =\n 24 // 30\n targetSdk = 36 } }", "24"),
        ("configureAndroid(minSdk = 24, targetSdk = 36)", "24"),
        ("android { defaultConfig { minSdk = base + 3 } }", "-"),
        ("// minSdk = 24\n/* minSdk = 24 */ val text = \"minSdk = 24\"", "-"),
        ("android { testOptions { minSdk = 24 }; lint.minSdk = 24 }", "-"),
    ];
    for (text, expected) in spellings {
        assert_eq!(min(text), expected, "{text}");
    }
}

#[test]
fn the_value_has_its_place() {
    let text = "android {\n  defaultConfig {\n    targetSdk = libs.versions.x.get().toInt()\n  }\n}";
    let setting = parse_build(text).target_sdk.expect("a level");
    assert_eq!(&text[setting.span.range()], "libs.versions.x.get().toInt()");
}

#[test]
fn compile_levels_flavors_and_build_types() {
    let script = parse_build(
        r#"
        android {
            compileSdk { version = release(36) { minorApiLevel = 1 } }
            defaultConfig { minSdk = 24; targetSdk = 35 }
            lint { targetSdk = 37 }
            testOptions.targetSdk = 37
            productFlavors {
                create("old") { minSdk = 21 }
                register("play") { targetSdk = 36 }
                named("fdroid") { }
            }
            buildTypes { debug { }; getByName("release") { }; create("nightly") { initWith(release) } }
        }"#,
    );
    assert_eq!(value(script.compile_sdk.as_ref()), "version or 36");
    assert_eq!(value(script.min_sdk.as_ref()), "24");
    assert_eq!(value(script.target_sdk.as_ref()), "35");
    assert_eq!(value(script.flavor_min_sdk.first()), "21");
    assert_eq!(value(script.flavor_target_sdk.first()), "36");
    assert_eq!(script.flavors, ["old", "play", "fdroid"]);
    assert_eq!(script.build_types, ["debug", "release", "nightly"]);
    let groovy = parse_build("android {\n productFlavors {\n free { minSdkVersion 19 }\n paid {}\n }\n}");
    assert_eq!(groovy.flavors, ["free", "paid"]);
    assert_eq!(value(groovy.flavor_min_sdk.first()), "19");
}

#[test]
fn plugins_in_every_spelling() {
    let kotlin = parse_build(
        r#"
        plugins {
            id("com.android.application") version "9.0"
            id("not.here") version "1" apply false
            alias(libs.plugins.ksp)
            alias(libs.plugins.other) apply false
            kotlin("android")
            `java-library`
            application
        }
        apply(plugin = "by.call")
        apply<SomePlugin>()
        pluginManager.apply("by.manager")
        pluginManager.withPlugin("only.a.question") { }
        AndroidConvention().apply(target)"#,
    );
    let expected = [
        "com.android.application",
        "libs.plugins.ksp",
        "org.jetbrains.kotlin.android",
        "java-library",
        "application",
        "by.call",
        "SomePlugin",
        "by.manager",
    ];
    assert_eq!(names(&kotlin), expected);
    let groovy = parse_build(
        "plugins {\n id 'a.b' version '1'\n id 'c.d' apply false\n id \"e.f\"\n}\napply plugin: 'g.h'\napply from: \"../common.gradle\"\napply from: \"$rootDir/x.gradle\"\napply from: rootProject.file('y.gradle')",
    );
    assert_eq!(names(&groovy), ["a.b", "e.f", "g.h"]);
    assert_eq!(groovy.applied_scripts, ["../common.gradle", "$rootDir/x.gradle", "$rootDir/y.gradle"]);
}

#[test]
fn project_dependencies() {
    let script = parse_build(
        r#"
        buildscript { dependencies { classpath("x:y:1") } }
        dependencies {
            implementation(project(":a"))
            api project(':b')
            debugImplementation(project(path = ":c", configuration = "default"))
            testImplementation(projects.core.dataTest)
            implementation(projects.core.ui) { exclude(group = "g") }
            "fullImplementation"(project(":d"))
            add("gplayImplementation", project(":e"))
            implementation("androidx.work:work-runtime:2.10.0")
            implementation(libs.timber)
        }
        kotlin { sourceSets { commonTest.dependencies { implementation(project(":f")) } } }
        evaluationDependsOn(":nothing")"#,
    );
    let found: Vec<String> =
        script.project_dependencies.iter().map(|it| format!("{} {}", it.configuration, it.target)).collect();
    let expected = [
        "implementation :a",
        "api :b",
        "debugImplementation :c",
        "testImplementation projects.core.dataTest",
        "implementation projects.core.ui",
        "fullImplementation :d",
        "gplayImplementation :e",
        "commonTest.implementation :f",
    ];
    assert_eq!(found, expected);
    assert_eq!(script.dependencies, ["androidx.work:work-runtime:2.10.0", "libs.timber"]);
}

#[test]
fn constants() {
    let script = parse_build(
        r#"
        val minSdk = 21
        val later by extra(22)
        extra["indexed"] = 23
        extra.set("called", 24)
        object Versions { const val MIN = 25; object Deep { val MAX: Int = 26 } }
        class Sdk { companion object { const val TARGET = 27 } }
        ext { inBlock = 28 }
        ext.dotted = 29
        project.ext.versions = [min: 30, 'target': 31, nested: [x: 32]]
        def local = 33
        int typed = 34
        public static final int JAVA = 35;"#,
    );
    let found: Vec<String> =
        script.constants.iter().map(|(name, setting)| format!("{name} {}", value(Some(setting)))).collect();
    let expected = [
        "minSdk 21",
        "later 22",
        "indexed 23",
        "called 24",
        "Versions.MIN 25",
        "Versions.Deep.MAX 26",
        "Sdk.TARGET 27",
        "inBlock 28",
        "dotted 29",
        "versions.min 30",
        "versions.target 31",
        "versions.nested.x 32",
        "local 33",
        "typed 34",
        "JAVA 35",
    ];
    assert_eq!(found, expected);
}

#[test]
fn functions_and_classes_are_units() {
    let script = parse_build(
        r#"
        class AppPlugin : Plugin<Project> {
            override fun apply(target: Project) = with(target) { apply(plugin = "com.android.application"); configure() }
        }
        fun Project.configure() { android { defaultConfig { minSdk = 23 } } }
        subprojects { apply plugin: 'x.y' }
        gradlePlugin { plugins { register("app") { id = "my.app"; implementationClass = "a.AppPlugin" } } }"#,
    );
    assert!(script.min_sdk.is_none() && script.plugins.is_empty());
    let units: Vec<&str> = script.units.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(units, ["AppPlugin", "configure", "subprojects"]);
    assert_eq!(names(&script.units[0].1), ["com.android.application"]);
    assert!(script.units[0].1.mentions.contains(&"configure".into()));
    assert_eq!(value(script.units[1].1.min_sdk.as_ref()), "23");
    assert_eq!(script.defines_plugins, [(SettingValue::Text("my.app".into()), "AppPlugin".into())]);
}

#[test]
fn settings_files() {
    let settings = parse_settings(
        r#"
        pluginManagement { includeBuild("build-logic"); repositories { google { content { includeGroup("x") } } } }
        dependencyResolutionManagement { versionCatalogs { create("mihonx") { from(files("gradle/m.versions.toml")) } } }
        include(":a", ":b:c")
        include("d")
        // include(":commented")
        project(":a").projectDir = File(rootDir, "other/a")"#,
    );
    assert_eq!(settings.includes, [":a", ":b:c", ":d"]);
    assert_eq!(settings.included_builds, ["build-logic"]);
    assert_eq!(settings.project_dirs, [(":a".into(), "other/a".into())]);
    assert_eq!(settings.catalogs, [("mihonx".into(), "gradle/m.versions.toml".into())]);
    let groovy = parse_settings("include ':a',\n        ':b'\ninclude 'c'\n");
    assert_eq!(groovy.includes, [":a", ":b", ":c"]);
}

#[test]
fn strings_comments_and_torn_scripts_end() {
    let texts = [
        "",
        "{",
        "}",
        "\"",
        "'''",
        "\"\"\"",
        "/*",
        "`",
        "a(",
        "val",
        "fun",
        "class",
        "include(",
        "minSdk =",
        "x[",
        "@",
        "def f(",
        "a.b.",
        "\"${",
        "plugins { id(",
        "ext.",
        "ext = [",
        "val x by",
        "<<<<",
        "?.?.?:",
        "\u{feff}minSdk",
    ];
    for text in texts {
        parse_build(text);
        parse_settings(text);
    }
    let deep = "a { ".repeat(50_000);
    parse_build(&deep);
    parse_build(&"(".repeat(50_000));
    parse_build(&"minSdk = (".repeat(20_000));
    assert_eq!(min("val s = \"an ${x[\"}\"]} {\"\nandroid { minSdk = 24 }"), "24");
    assert_eq!(min("val s = 'unclosed\nandroid { minSdk = 24 }"), "24");
    assert_eq!(min("val s = \"\"\"\n } } minSdk = 3 \" \n\"\"\"\nandroid { minSdk = 24 }"), "24");
    assert_eq!(min("/* a /* nested */ b */ android { minSdk = 24 }"), "24");
}

#[test]
fn version_catalogs() {
    let text = "[versions]\nmin-sdk = \"24\"\ntarget_sdk = { strictly = \"36\" }\n\n[plugins]\nmy-app = { id = \"my.app\" }\nshort = \"a.b:1.0\"\n";
    let (catalog, problems) = catalog_toml::parse(text, "gradle/libs.versions.toml");
    assert!(problems.is_empty());
    let versions: Vec<String> =
        catalog.versions.iter().map(|(key, it)| format!("{key} {}", value(Some(it)))).collect();
    assert_eq!(versions, ["min.sdk 24", "target.sdk 36"]);
    assert_eq!(&text[catalog.versions[0].1.span.range()], "\"24\"");
    assert_eq!(catalog.plugins, [("my.app".into(), "my.app".into()), ("short".into(), "a.b".into())]);
}

#[test]
fn a_broken_catalog_names_its_line() {
    let (catalog, problems) =
        catalog_toml::parse("[versions]\nmin = \"24\"\noops = = 3\n", "gradle/libs.versions.toml");
    assert!(told(&problems)[0].starts_with("gradle/libs.versions.toml:3 broken TOML: "), "{problems:?}");
    assert_eq!(value(catalog.versions.first().map(|(_, it)| it)), "24");
}

#[test]
fn properties_files() {
    let text = "# c\n! c\nminSdk=24\n a.b : x y \nempty\n";
    let read = properties::parse(text);
    let found: Vec<String> =
        read.entries.iter().map(|(key, it)| format!("{key} {}", value(Some(it)))).collect();
    assert_eq!(found, ["minSdk 24", "a.b 'x y'", "empty ''"]);
    assert_eq!(&text[read.entries[0].1.span.range()], "24");
}
