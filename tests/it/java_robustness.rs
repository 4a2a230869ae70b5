//! Java lowering survives every input: truncated, torn, deeply nested, and whole applications.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use worklint::facts::dump::dump;
use worklint::facts::{ExprKind, FileFacts};
use worklint::syntax::java;

/// Callers give parsing threads this much stack.
const STACK: usize = 64 << 20;

fn on_a_big_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("thread starts");
    thread.join().expect("no panic")
}

fn parse(text: String) -> FileFacts {
    on_a_big_stack(move || java::parse(&text, "A.java"))
}

fn method(body: &str) -> String {
    format!("class A {{ void f() {{ {body} }} void g() {{ done(); }} }}")
}

#[test]
fn deep_nesting_is_cut_off_once() {
    let deep = [
        method(&format!("x = {}y{};", "f(".repeat(5_000), ")".repeat(5_000))),
        method(&format!("{}{}", "if (a) { ".repeat(5_000), "}".repeat(5_000))),
        method(&format!("x = {}y;", "!".repeat(5_000))),
        method(&format!("x = {}y;", "a -> ".repeat(5_000))),
        method(&format!("{}x y;", "A<".repeat(3_000) + "B" + &">".repeat(3_000) + " v; ")),
        method(&format!("x = {}y{};", "new A() { Object o = ".repeat(2_000), "; }".repeat(2_000))),
        format!("{}{}", "class A { ".repeat(5_000), "}".repeat(5_000)),
    ];
    for text in deep {
        let head = text.chars().take(60).collect::<String>();
        let facts = parse(text);
        let cut = facts.problems.iter().filter(|problem| problem.message.contains("levels deep")).count();
        assert_eq!(cut, 1, "{head}: {:?}", facts.problems);
    }
}

#[test]
fn what_follows_deep_nesting_is_still_read() {
    let facts = parse(method(&format!("x = {}y{};", "f(".repeat(5_000), ")".repeat(5_000))));
    assert!(facts.functions.iter().any(|function| function.name == "g" && function.body.is_some()));
}

#[test]
fn long_chains_are_complete() {
    let sum = parse(method(&format!("s = \"\"{};", " + a.b(1)".repeat(20_000))));
    assert!(sum.problems.is_empty());
    assert_eq!(sum.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Binary { .. })).count(), 20_000);
    let fluent = parse(method(&format!("b{};", ".append(1)".repeat(20_000))));
    assert!(fluent.problems.is_empty());
    assert_eq!(fluent.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Call(_))).count(), 20_001);
    let parens = parse(method(&format!("x = {}1{};", "(".repeat(20_000), ")".repeat(20_000))));
    assert!(parens.problems.is_empty());
    let ladder = parse(method(&format!("{} b();", "if (a) b(); else ".repeat(20_000))));
    assert!(ladder.problems.is_empty());
}

#[test]
fn every_truncation_is_survived() {
    let source = include_str!("java_everything.java");
    on_a_big_stack(move || {
        for (at, _) in source.char_indices() {
            let facts = java::parse(&source[..at], "A.java");
            dump(&facts);
        }
    });
}

#[test]
fn every_lost_line_is_survived() {
    let source = include_str!("java_everything.java");
    let lines = source.lines().collect::<Vec<_>>();
    on_a_big_stack(move || {
        for lost in 0..lines.len() {
            let text = lines.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, line)| *line);
            dump(&java::parse(&text.collect::<Vec<_>>().join("\n"), "A.java"));
        }
    });
}

#[test]
fn odd_texts_are_survived() {
    let odd = [
        "",
        "\u{feff}class A {}",
        "\0\0\0",
        "}}}}",
        "{{{{",
        "((((",
        "class",
        "@",
        "\"",
        "'",
        "/*",
        "é",
        "𝔘 = \"\\u",
        "\"\"\"",
    ];
    for text in odd {
        dump(&java::parse(text, "A.java"));
    }
}

fn java_files(root: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            java_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "java") {
            into.push(path);
        }
    }
}

/// Visits every node and does nothing: what no lowering can undercut.
fn walk(tree: &tree_sitter::Tree) {
    let mut cursor = tree.walk();
    loop {
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}

/// `WORKLINT_CORPUS=/tmp/apps cargo test --release -- --ignored --nocapture java_corpus`
#[test]
#[ignore = "needs a directory of applications"]
fn java_corpus() {
    let root = std::env::var("WORKLINT_CORPUS").expect("WORKLINT_CORPUS names a directory");
    on_a_big_stack(move || {
        let mut files = Vec::new();
        java_files(Path::new(&root), &mut files);
        files.sort();
        let texts = files
            .iter()
            .map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("readable")).into_owned());
        let texts = texts.collect::<Vec<_>>();
        java::parse("class A {}", "warm up");
        let (mut parsing, mut walking, mut lowering, mut broken) =
            (Duration::ZERO, Duration::ZERO, Duration::ZERO, 0);
        for (path, text) in files.iter().zip(&texts) {
            let start = Instant::now();
            let tree = java::tree(text).expect("a tree");
            parsing += start.elapsed();
            let start = Instant::now();
            walk(&tree);
            walking += start.elapsed();
            let start = Instant::now();
            let facts = java::lower(&tree, text, "A.java");
            lowering += start.elapsed();
            if facts.broken {
                broken += 1;
                println!(
                    "broken: {} {:?}",
                    path.display(),
                    facts.problems.iter().map(|problem| problem.line).collect::<Vec<_>>()
                );
            }
            dump(&facts);
        }
        let share = lowering.as_secs_f64() / parsing.as_secs_f64() * 100.0;
        println!(
            "{} files, {broken} broken, parse {parsing:?}, bare walk {walking:?}, lower {lowering:?} ({share:.1} %)",
            files.len()
        );
    });
}
