//! Kotlin the grammar cannot read, or nobody can: mending, recovery, depth, no panics.

use std::fmt::Write;

use worklint::facts::dump::dump;
use worklint::syntax::kotlin::parse;

#[track_caller]
fn mended(text: &str, parts: &[&str]) {
    let facts = parse(text, "a.kt");
    assert!(facts.problems.is_empty(), "{text}: {:?}", facts.problems);
    let dump = dump(&facts);
    let flat = dump.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "{part} in {flat}");
    }
}

/// As the pipeline does it: lowering may use 64 MB of stack.
fn on_big_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

#[test]
fn newer_syntax_is_mended() {
    mended("context(x: T)\nfun f() { g() }\n", &["fun f() g()"]);
    mended("class A {\n context(x: T)\n fun f() { g() }\n}\n", &["fun f() g()"]);
    mended(
        "fun f() = when (x) {\n is A if x.b() -> 1\n else if c(x) -> 2\n else -> 3\n}\n",
        &["(x is A) if x.b() -> 1", "else if c(x) -> 2", "else -> 3"],
    );
    mended("val q = $$\"\"\"a $b $$c ${d} $${e}\"\"\"\n", &["template(\"a $b \", c, \" ${d} \", e)"]);
    mended("class A {\n val s: Flow<T>\n  field = M<T>(0)\n}\n", &["property s: Flow<T> = M<T>(0)"]);
    mended("val x = suspend { a() }\n", &["suspend lambda <lambda>() a()"]);
    mended("val x = f<\n A,\n B,\n>(c)\n", &["f<A, B>(c)"]);
    mended("fun f(b: @Composable (RowScope.() -> Unit)) {}\n", &["b: @Composable RowScope.() -> Unit"]);
    mended("data object D\n", &["data object D"]);
    mended("class A { fun f() = 1 }\nclass B { fun g() {} }\n", &["fun f() = 1", "fun g()"]);
    mended(
        "enum class Op {\n READ { fun f() = 1 },\n WRITE(2) { fun f() = 2 };\n abstract fun f(): Int\n companion object { fun g() = 3 }\n}\n",
        &["fun f() = 1", "fun f() = 2", "fun g() = 3"],
    );
    mended("fun <T> f(x: T & Any) {}\n", &["x: T"]);
}

#[test]
fn modifiers_and_accessors_may_be_names() {
    mended("fun f() {\n open()\n private = 1\n a.b\n}\n", &["open()", "private = 1"]);
    mended("fun f() {\n val x = a()\n set(1, x)\n get<T>().b()\n}\n", &["set(1, x)", "get<T>().b()"]);
}

#[test]
fn functions_survive_errors_around_them() {
    let facts = parse("class A : B() {\n fun a() { b() }\n fun c() { d() }\n class N\n fun e( {\n", "a.kt");
    let dump = dump(&facts);
    assert!(facts.broken && !facts.problems.is_empty());
    assert!(dump.contains("fun a()") && dump.contains("fun c()") && dump.contains("d()"), "{dump}");
    assert!(dump.contains("class A") && dump.contains("class N"), "{dump}");
    assert!(facts.problems.iter().all(|problem| problem.line.is_some() && problem.path == "a.kt"));
}

#[test]
fn depth_is_bounded() {
    on_big_stack(|| {
        let many = |part: &str| part.repeat(10_000);
        let parens = parse(&format!("val x = {}1{}\n", many("("), many(")")), "a.kt");
        assert!(parens.problems.is_empty());
        let sum = parse(&format!("val x = 1{}\n", many(" + a.b()")), "a.kt");
        assert!(sum.problems.is_empty() && sum.exprs.len() > 20_000);
        let chain = parse(&format!("val x = a{}\n", many(".b(1)")), "a.kt");
        assert!(chain.problems.is_empty());
        let lambdas = parse(&format!("val x = {}1{}\n", many("{ "), many(" }")), "a.kt");
        assert!(!lambdas.problems.is_empty());
        let _ = dump(&lambdas);
    });
}

#[test]
fn cut_off_files_do_not_panic() {
    on_big_stack(|| {
        let text = include_str!("../../fixtures/lowering/Everything.kt");
        let mut at = 7;
        while at < text.len() {
            if let Some(head) = text.get(..at) {
                let _ = dump(&parse(head, "a.kt"));
            }
            if let Some(tail) = text.get(at..) {
                let _ = dump(&parse(tail, "a.kt"));
            }
            // A fixed stride that is no multiple of anything: reproducible, hits every kind of place.
            at += 61;
        }
        let mut noise = String::new();
        for index in 0..400_u32 {
            let _ = write!(
                noise,
                "{}",
                ["${", "\"", "{", "fun ", "is ", "->", "'", "\\", "é", "/*", "<", "@", "`"]
                    [(index * 7 % 13) as usize]
            );
            let _ = parse(&noise, "a.kt");
        }
    });
}
