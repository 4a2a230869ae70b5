//! Source sets by path and by Gradle's naming rules: which are tests, which never run on Android.

/// Folders of a source set.
const FOLDERS: &[&str] = &[
    "java",
    "kotlin",
    "res",
    "aidl",
    "sqldelight",
    "resources",
    "assets",
    "groovy",
    "scala",
    "jni",
    "cpp",
    "proto",
    "graphql",
    "baselineProfiles",
    "composeResources",
    "AndroidManifest.xml",
    "lint.xml",
];

/// The source set of a path relative to its module: `debug` of `src/debug/java/a/B.kt`. What lies elsewhere belongs
/// to `main`, as in projects that set their source directories themselves, except for odd folders among tests.
pub(super) fn source_set(path: &str) -> &str {
    let mut parts = path.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("src"), Some(set), Some(folder)) if FOLDERS.contains(&folder) || is_test(set, &[]) => set,
        _ => "main",
    }
}

/// `test`, `testDebug`, `androidTest`, `testFixtures`, `commonTest`, `androidHostTest`: Gradle composes these names.
/// A flavor or build type of that very name (`variants`) is none.
pub fn is_test(set: &str, variants: &[&str]) -> bool {
    if variants.contains(&set) {
        return false;
    }
    let composed = [
        "test",
        "androidTest",
        "testFixtures",
        "screenshotTest",
        "androidUnitTest",
        "androidInstrumentedTest",
    ];
    let starts = composed.iter().any(|prefix| {
        set.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_uppercase))
    });
    starts || set.ends_with("Test")
}

/// Source sets of Kotlin Multiplatform targets that are no Android app: `iosMain`, `wasmJsMain`, `jvmMain` and the
/// sets of named JVM targets (`desktopMain`). `jvm_is_android`: without an Android target Android apps use the JVM's.
pub fn is_elsewhere(set: &str, jvm_targets: &[&str], jvm_is_android: bool) -> bool {
    let Some(target) = set.strip_suffix("Main") else { return false };
    if target == "jvm" || target == "desktop" || jvm_targets.contains(&target) {
        return !jvm_is_android;
    }
    // `jsAndWasmMain` is elsewhere, `androidAndIosMain` and `jvmCommonMain` are not.
    let words = words(target);
    let foreign = [
        "ios", "js", "wasm", "apple", "native", "macos", "tvos", "watchos", "darwin", "linux", "mingw",
        "web", "skiko", "windows", "node", "browser", "wasi",
    ];
    let ours = ["android", "common", "mobile", "jvm", "java"];
    words.first().is_some_and(|word| foreign.contains(&word.as_str()))
        && !words.iter().any(|word| ours.contains(&word.as_str()))
}

/// `iosSimulatorArm64` as `ios`, `simulator`, `arm64`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() => word.push(letter),
            _ => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}
