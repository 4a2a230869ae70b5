//! The same program in Kotlin and in Java gives the same facts: `fixtures/lowering/<Case>/{A.kt,A.java,facts.txt}`.
//! `UPDATE=1` writes `facts.txt` from the Java side; the Kotlin side must still agree.

use std::fs;
use std::path::PathBuf;

use worklint::facts::dump::dump;
use worklint::syntax::{java, kotlin};

fn cases() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/lowering");
    let entries = fs::read_dir(&root).expect("fixtures/lowering exists");
    let mut cases = entries.map(|entry| entry.expect("readable entry").path()).collect::<Vec<_>>();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

#[test]
fn pairs_are_equal() {
    let mut failures = Vec::new();
    let cases = cases();
    for case in &cases {
        let source = fs::read_to_string(case.join("A.java")).expect("A.java");
        let found = dump(&java::parse(&source, "A.java"));
        let expected_path = case.join("facts.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected_path, &found).expect("facts.txt is writable");
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        compare(&mut failures, case, "A.java", &expected, &found);
        let source = fs::read_to_string(case.join("A.kt")).expect("A.kt");
        compare(&mut failures, case, "A.kt", &expected, &dump(&kotlin::parse(&source, "A.kt")));
    }
    assert!(cases.len() >= 12, "only {} pairs", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Notes the first line that differs.
fn compare(failures: &mut Vec<String>, case: &std::path::Path, file: &str, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    let first = lines.find(|(_, (expected, found))| expected != found);
    let detail = first.map_or_else(
        || format!("{} lines expected, {} found", expected.lines().count(), found.lines().count()),
        |(at, (expected, found))| format!("line {}\n  expected {expected}\n  found    {found}", at + 1),
    );
    failures.push(format!("{}/{file}: {detail}", case.display()));
}
