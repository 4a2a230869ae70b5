//! The import order of the layers, and who may name which library. The table here is the truth; ARCHITECTURE.md
//! explains it.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{files_below, repository};

/// Each layer with the layers it may import. `cli` and `pipeline` see everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("facts", &["base"]),
    ("catalog", &["base"]),
    ("signatures", &["base"]),
    ("findings", &["base", "facts", "catalog"]),
    ("syntax", &["base", "facts", "catalog", "findings"]),
    ("discover", &["base", "facts", "catalog", "findings", "syntax"]),
    ("model", &["base", "facts", "catalog", "signatures", "findings", "syntax", "discover"]),
    ("flow", &["base", "facts", "catalog", "signatures", "findings", "syntax", "discover", "model"]),
    ("rules", &["base", "facts", "catalog", "findings", "model", "flow"]),
    ("report", &["base", "findings"]),
    ("config", &["base", "facts", "catalog", "findings", "report"]),
];

/// Libraries and the only files that may name them, by the beginning of their paths.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("tree_sitter", &["syntax/"]),
    ("quick_xml", &["syntax/"]),
    ("miniz_oxide", &["signatures/"]),
    ("miette", &["report/full.rs", "report/snippet.rs", "base/error.rs"]),
    ("clap", &["cli/"]),
];

fn sources() -> Vec<(String, String)> {
    let src = repository().join("src");
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(path).expect("sources are readable"))
    };
    files_below(&src).into_iter().filter(|it| it.extension().is_some_and(|it| it == "rs")).map(read).collect()
}

fn layer(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The modules after `crate::`, also inside of `use crate::{a, b::c}`.
fn imported(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let word = |it: &str| {
        it.trim_start().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect::<String>()
    };
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = true;
        for (at, letter) in group.char_indices() {
            if item && letter.is_alphanumeric() {
                found.insert(word(&group[at..]));
                item = false;
            }
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => item = true,
                _ => {}
            }
        }
    }
    found
}

/// The text without comments: prose may name anything.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_import_what_lies_below_them() {
    let known: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = layer(&path);
        if matches!(own, "main" | "lib" | "pipeline" | "cli") {
            continue;
        }
        let Some(allowed) = known.get(own) else {
            wrong.push(format!("src/{path}: `{own}` is no layer of the table in tests/it/architecture.rs"));
            continue;
        };
        for import in imported(&code(&text)) {
            if import != own && !allowed.contains(&import.as_str()) {
                wrong.push(format!("src/{path}: `{own}` must not import `{import}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let code = code(&text);
        let words: BTreeSet<&str> = code.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
        for (library, homes) in LIBRARIES {
            // `tree_sitter_java` belongs to tree_sitter.
            let names = |it: &&str| *it == *library || it.starts_with(&format!("{library}_"));
            if words.iter().any(names) && !homes.iter().any(|home| path.starts_with(home)) {
                wrong.push(format!("src/{path} names {library}, which belongs to {}", homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_say_what_they_are_and_are_readable_in_one_sitting() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            wrong.push(format!("src/{path} does not begin with `//!`"));
        }
        let lines = text.lines().count();
        if lines > 600 {
            wrong.push(format!("src/{path} has {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Paths in backticks that end in `/` or have a known ending.
#[test]
fn architecture_names_what_exists() {
    let root = repository();
    let Ok(text) = std::fs::read_to_string(root.join("ARCHITECTURE.md")) else { return };
    let is_path = |it: &&str| {
        let plain = it.chars().all(|it| it.is_alphanumeric() || "/._-".contains(it));
        plain && it.contains('/') && [".rs", ".md", ".toml", ".json", "/"].iter().any(|end| it.ends_with(end))
    };
    let named = text.split('`').skip(1).step_by(2).filter(is_path);
    let missing: Vec<_> =
        named.filter(|it| !root.join(it).exists() && !root.join("src").join(it).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names paths that do not exist: {missing:?}");
}

#[test]
fn the_scanner_sees_grouped_imports() {
    let text = "use crate::{base::{Name, Span}, facts, flow::Thread};\nfn f() { crate::model::x() }";
    assert_eq!(imported(text).into_iter().collect::<Vec<_>>(), ["base", "facts", "flow", "model"]);
}
