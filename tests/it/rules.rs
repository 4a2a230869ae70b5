//! Every rule is whole: a page, a Rust file, a place in the registry and fixtures; and its page's examples are true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use worklint::findings::RuleMeta;

use crate::support::{files_below, project, repository, run};

const BUILD: (&str, &str) = (
    "app/build.gradle.kts",
    "plugins { id(\"com.android.application\") }\n\nandroid {\n    namespace = \"com.example\"\n    \
     defaultConfig {\n        minSdk = 24\n        targetSdk = 36\n    }\n}\n",
);

const MANIFEST: (&str, &str) = (
    "app/src/main/AndroidManifest.xml",
    "<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\">\n    <application />\n</manifest>\n",
);

/// Folders of `fixtures/` that are no group of rules.
const OTHER_FIXTURES: [&str; 2] = ["apps", "lowering"];

/// `group/RuleId` of everything two folders deep in a directory.
fn two_deep(directory: &Path, entry: impl Fn(&str, &Path) -> Option<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for group in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        for item in std::fs::read_dir(group.path()).into_iter().flatten().flatten() {
            let group = group.file_name().to_string_lossy().into_owned();
            found.extend(entry(&group, &item.path()).map(|it| format!("{group}/{it}")));
        }
    }
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn snake(id: &str) -> String {
    let mut text = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[test]
fn page_code_registry_and_fixtures_match() {
    let root = repository();
    let registered: BTreeSet<String> =
        worklint::rules::metas().iter().map(|it| format!("{}/{}", it.group, it.id)).collect();
    let pages = two_deep(&root.join("rules"), |group, path| {
        (group != "catalog" && path.extension().is_some_and(|it| it == "md") && stem(path) != "README")
            .then(|| stem(path))
    });
    let fixtures = two_deep(&root.join("fixtures"), |group, path| {
        let has_case = std::fs::read_dir(path).into_iter().flatten().flatten().any(|it| it.path().is_dir());
        (!OTHER_FIXTURES.contains(&group) && has_case).then(|| stem(path))
    });
    let code = two_deep(&root.join("src/rules"), |_, path| {
        let is_rule = std::fs::read_to_string(path).is_ok_and(|it| it.contains("static RULE: Rule"));
        is_rule.then(|| stem(path))
    });
    let expected_code: BTreeSet<String> = registered
        .iter()
        .filter_map(|it| it.split_once('/'))
        .map(|(group, id)| format!("{}/{}", group.replace('-', "_"), snake(id)))
        .collect();
    let mut wrong = Vec::new();
    let mut compare = |what: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>| {
        wrong.extend(expected.difference(found).map(|it| format!("{it}: registered, but has no {what}")));
        wrong.extend(
            found.difference(expected).map(|it| format!("{it}: has a {what}, but is not registered")),
        );
    };
    compare("page in rules/", &pages, &registered);
    compare("fixture in fixtures/", &fixtures, &registered);
    compare("Rust file in src/rules/", &code, &expected_code);
    for (rule, meta) in worklint::rules::all().iter().zip(worklint::rules::metas()) {
        if rule.group != meta.group {
            wrong.push(format!("{}: group `{}` in Rust, `{}` on the page", meta.id, rule.group, meta.group));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every page on disk, also of rules that are not registered yet.
fn pages() -> Vec<(PathBuf, String)> {
    let all = files_below(&repository().join("rules")).into_iter();
    let is_page = |it: &PathBuf| it.extension().is_some_and(|it| it == "md") && stem(it) != "README";
    all.filter(is_page)
        .map(|path| (path.clone(), std::fs::read_to_string(path).expect("pages are UTF-8")))
        .collect()
}

#[test]
fn pages_are_complete() {
    let mut wrong = Vec::new();
    for (path, text) in pages() {
        let page = path.display();
        let meta = match RuleMeta::parse(Box::leak(text.into_boxed_str())) {
            Ok(meta) => meta,
            Err(error) => {
                wrong.push(format!("{page}: {error}"));
                continue;
            }
        };
        if !path.ends_with(format!("{}/{}.md", meta.group, meta.id)) {
            wrong.push(format!("{page}: is {}/{} by its front matter", meta.group, meta.id));
        }
        let sections = sections(meta.body);
        for name in ["Why", "Bad", "Good", "References"] {
            if !sections.iter().any(|it| it.name == name && !it.text.trim().is_empty()) {
                wrong.push(format!("{}: no section `## {name}`", meta.id));
            }
        }
        let mut languages: BTreeSet<&str> = BTreeSet::new();
        for name in ["Bad", "Good"] {
            let mut examples =
                sections.iter().filter(|it| it.name == name).flat_map(|it| &it.examples).peekable();
            if examples.peek().is_none() {
                wrong.push(format!("{}: `## {name}` has no example", meta.id));
            }
            examples.for_each(|it| languages.extend(&it.languages));
        }
        // A rule about XML needs neither language; coroutines are Kotlin's.
        if languages.len() == 1 && meta.group != "coroutines" {
            wrong.push(format!("{}: the examples are in {languages:?} only", meta.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_are_true() {
    let mut wrong = Vec::new();
    for meta in worklint::rules::metas() {
        for section in sections(meta.body) {
            let bad = section.name == "Bad";
            if !bad && section.name != "Good" {
                continue;
            }
            for example in &section.examples {
                let name = format!("{} / {} / {}", meta.id, section.name, example.name);
                match findings(meta, example) {
                    Err(message) => wrong.push(format!("{name}: {message}")),
                    Ok(found) if found.is_empty() && bad => {
                        wrong.push(format!("{name}: nothing is reported"))
                    }
                    Ok(found) if !found.is_empty() && !bad => {
                        wrong.push(format!("{name}: reported {found:?}"))
                    }
                    Ok(_) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Findings of the rule in an example, as `path:line`.
fn findings(meta: &RuleMeta, example: &Example) -> Result<Vec<String>, String> {
    if let Some(twice) = &example.twice {
        return Err(format!("two blocks for {twice}; give one a `file=`"));
    }
    let files: Vec<(&str, &str)> =
        example.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let directory = project(&files);
    let path = directory.path().to_str().expect("temporary paths are UTF-8");
    let ran = run(&["check", "--format", "json", "--reproducible", "--extend-select", meta.id, path]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).map_err(|_| ran.err.clone())?;
    let unclear = report["notifications"].as_array().into_iter().flatten().find(|it| it["level"] != "info");
    if let Some(problem) = unclear {
        return Err(format!("not understood: {problem}"));
    }
    let found = report["findings"].as_array().into_iter().flatten().filter(|it| it["rule"] == meta.id);
    Ok(found.map(|it| format!("{}:{}", it["path"], it["line"])).collect())
}

/// `## name` of a page.
struct Section {
    name: String,
    text: String,
    examples: Vec<Example>,
}

/// A project made of the blocks below one `### name`.
#[derive(Default)]
struct Example {
    name: String,
    files: BTreeMap<String, String>,
    languages: BTreeSet<&'static str>,
    /// A path that two blocks have.
    twice: Option<String>,
}

fn sections(body: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    // Info string and text of the block that is open.
    let mut block: Option<(String, String)> = None;
    for line in body.lines() {
        if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
        if let Some((info, mut text)) = block.take() {
            if line.trim_start().starts_with("```") {
                if let Some(section) = sections.last_mut() {
                    add_block(section, &info, text);
                }
            } else {
                text.push_str(line);
                text.push('\n');
                block = Some((info, text));
            }
        } else if let Some(info) = line.trim_start().strip_prefix("```") {
            block = Some((info.trim().to_owned(), String::new()));
        } else if let Some(name) = line.strip_prefix("## ") {
            sections.push(Section {
                name: name.trim().to_owned(),
                text: String::new(),
                examples: Vec::new(),
            });
        } else if let (Some(name), Some(section)) = (line.strip_prefix("### "), sections.last_mut()) {
            section.examples.push(Example { name: name.trim().to_owned(), ..Example::default() });
        }
    }
    for section in &mut sections {
        section.examples.retain(|it| !it.files.is_empty());
        section.examples.iter_mut().for_each(complete);
    }
    sections
}

fn add_block(section: &mut Section, info: &str, text: String) {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or("");
    let file = words.find_map(|it| it.strip_prefix("file="));
    let path = match (file, language) {
        (Some(file), _) => file,
        (None, "kotlin") => "app/src/main/java/com/example/Example.kt",
        (None, "java") => "app/src/main/java/com/example/Example.java",
        (None, "xml") => MANIFEST.0,
        // Prose in a block: output, shell.
        _ => return,
    };
    if section.examples.is_empty() {
        section.examples.push(Example::default());
    }
    let example = section.examples.last_mut().expect("there is one");
    if path.ends_with(".kt") {
        example.languages.insert("kotlin");
    } else if path.ends_with(".java") {
        example.languages.insert("java");
    }
    if example.files.insert(path.to_owned(), text).is_some() {
        example.twice = Some(path.to_owned());
    }
}

fn complete(example: &mut Example) {
    let has = |name: &str| example.files.keys().any(|it| it.ends_with(name));
    let missing = [
        (!has("build.gradle.kts") && !has("build.gradle")).then_some(BUILD),
        (!has("AndroidManifest.xml")).then_some(MANIFEST),
    ];
    for (path, text) in missing.into_iter().flatten() {
        example.files.insert(path.to_owned(), text.to_owned());
    }
}

#[test]
fn pages_are_read_as_projects() {
    let page = "## Why\n\nText.\n\n## Bad\n\n### Kotlin\n```kotlin\n## no heading\n```\n```xml\n<manifest/>\n```\n\
        ### Java\n```java file=app/src/main/java/A.java\nclass A {}\n```\n```text\nprose\n```\n";
    let sections = sections(page);
    assert_eq!(sections.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Why", "Bad"]);
    let [kotlin, java] = sections[1].examples.as_slice() else { panic!("two examples") };
    assert_eq!(kotlin.files["app/src/main/java/com/example/Example.kt"], "## no heading\n");
    assert_eq!(kotlin.files[MANIFEST.0], "<manifest/>\n");
    assert_eq!(kotlin.files[BUILD.0], BUILD.1);
    assert_eq!(java.files.keys().collect::<Vec<_>>(), [BUILD.0, MANIFEST.0, "app/src/main/java/A.java"]);
    assert!(java.languages.contains("java") && !java.languages.contains("kotlin"));
}

#[test]
fn registered_files_are_found_by_name() {
    assert_eq!(snake("NetworkOnMainThread"), "network_on_main_thread");
}
