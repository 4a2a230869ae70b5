//! What Java alone has, and recovery from syntax errors.

use worklint::facts::dump::dump;
use worklint::facts::{FileFacts, FunctionKind};
use worklint::syntax::java;

fn parse(text: &str) -> FileFacts {
    java::parse(text, "A.java")
}

/// The dump of one method's body, without indentation.
fn body(statements: &str) -> String {
    let facts = parse(&format!("class A {{ void f() {{ {statements} }} }}"));
    assert!(!facts.broken, "{:?}", facts.problems);
    let text = dump(&facts);
    let lines = text.lines().skip(2).map(str::trim_start);
    lines.collect::<Vec<_>>().join("\n")
}

/// The text a suppression covers.
fn scopes(text: &str) -> Vec<&str> {
    let facts = parse(text);
    facts.suppressions.iter().map(|suppression| &text[suppression.scope.range()]).collect()
}

/// `Type.method`, for every method with a body.
fn methods(facts: &FileFacts) -> Vec<String> {
    let functions = facts.functions.iter().filter(|function| {
        matches!(function.kind, FunctionKind::Function | FunctionKind::Constructor) && function.body.is_some()
    });
    let names = functions.map(|function| {
        let owner = function.owner.map_or("", |owner| facts[owner].name.as_str());
        format!("{owner}.{}", function.name)
    });
    names.collect()
}

#[test]
fn everything_parses_and_dumps_as_before() {
    let facts = parse(include_str!("java_everything.java"));
    assert!(!facts.broken, "{:?}", facts.problems);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/java_everything.facts.txt");
    let found = dump(&facts);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &found).expect("writable");
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), found);
}

#[test]
fn stacked_labels_are_one_arm() {
    let text = body("switch (x) { case 1: case 2: a(); break; case 3: default: b(); }");
    assert_eq!(text, "when (x) {\n1, 2 -> {\na()\n}\nelse -> {\nb()\n}\n}");
}

#[test]
fn only_the_break_that_ends_an_arm_is_dropped() {
    let text = body(
        "o: for (;;) switch (x) { case 1: if (y) break; a(); break; case 2: break o; case 3: { break; } }",
    );
    assert_eq!(text.matches("break").count(), 2, "{text}");
}

#[test]
fn creations_are_calls_with_receivers() {
    assert_eq!(body("new a.b.C<>(1);"), "a.b.C(1)");
    assert_eq!(body("outer.new Inner<T>();"), "outer.Inner<T>()");
    assert_eq!(body("x = new C[n][2];"), "x = [n, 2]");
}

#[test]
fn references_to_methods() {
    assert_eq!(
        body("f(A::b, this::b, A::new, Outer.super::b, B<C>::d, int[]::new);"),
        "f(A::b, this::b, A::<init>, super@Outer::b, B::d, Array<Int>::class::<init>)"
    );
}

#[test]
fn negated_tests() {
    assert_eq!(body("b = !(x instanceof T);"), "b = (x !is T)");
    assert_eq!(body("b = !(x instanceof T t);"), "b = !(x is T t)");
}

#[test]
fn comments_suppress_what_follows() {
    let text = "class A {\n //noinspection One\n // more\n int f = 1;\n @Deprecated //noinspection Two\n void g() {\n \
                h(); //noinspection Three\n\n if (x)\n //noinspection Four\n i();\n //noinspection Five\n } }";
    let found = scopes(text);
    assert_eq!(found[0], "int f = 1;");
    assert!(found[1].starts_with("void g()") && found[1].ends_with('}'), "{}", found[1]);
    assert!(found[2].starts_with("if (x)"), "{}", found[2]);
    assert_eq!(found[3], "i();");
    assert_eq!(found[4], "//noinspection Five");
}

#[test]
fn suppressions_name_ids_and_reasons() {
    let text = "//noinspection A,B , C - since 2024\nclass X { /** Text.\n * @noinspection D E */ void f(String noinspection) {} }";
    let facts = parse(text);
    let found = facts
        .suppressions
        .iter()
        .map(|it| (it.ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), it.reason.as_deref()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [(vec!["A", "B", "C"], Some("since 2024")), (vec!["D"], Some("E"))]
    );
}

#[test]
fn a_lost_brace_costs_no_method() {
    let facts = parse(
        "class A { void a() { if (x) { one(); } void b() { two(); } } class B { void c() { three(); } }",
    );
    assert!(facts.broken && !facts.problems.is_empty());
    let methods = methods(&facts);
    for name in ["a", "b", "c"] {
        assert!(methods.iter().any(|method| method.ends_with(&format!(".{name}"))), "{name}: {methods:?}");
    }
}

#[test]
fn a_file_cut_short_keeps_its_type() {
    let facts = parse("class A extends B { private int f = 1; void a() { one(); } void b() { two(); three(");
    assert_eq!(methods(&facts), ["A.a", "A.b"]);
    assert_eq!(facts.types[0].supertypes[0].ty.name, "B");
    assert_eq!(facts.properties[0].owner, facts.functions[0].owner);
}

#[test]
fn a_broken_header_or_statement_costs_only_itself() {
    let facts = parse("class A { void a() { x = = 1; one(); } void b( { two(); } void c() { three(); } }");
    let methods = methods(&facts);
    assert!(methods.contains(&"A.a".to_owned()) && methods.contains(&"A.c".to_owned()), "{methods:?}");
    assert!(dump(&facts).contains("one()"));
}
