//! Kotlin to facts: shapes the grammar gets wrong and everything declarations say. Compares dumps.

use worklint::facts::dump::dump;
use worklint::facts::{ExprKind, FunctionKind, Modifiers, SuppressionForm};
use worklint::syntax::kotlin::parse;

/// The dump of statements put into a function, without its header.
#[track_caller]
fn body(statements: &str) -> String {
    let facts = parse(&format!("fun f() {{\n{statements}\n}}\n"), "a.kt");
    assert!(facts.problems.is_empty(), "{statements}: {:?}", facts.problems);
    let text = dump(&facts);
    let lines = text.lines().skip(1).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn file(text: &str) -> String {
    let facts = parse(text, "a.kt");
    assert!(facts.problems.is_empty(), "{text}: {:?}", facts.problems);
    dump(&facts)
}

#[track_caller]
fn same(pairs: &[(&str, &str)]) {
    for (source, expected) in pairs {
        assert_eq!(body(source), *expected, "{source}");
    }
}

#[test]
fn prefix_operators_go_around_the_postfix_chain() {
    same(&[
        ("!f.exists()", "!f.exists()"),
        ("-x.foo()", "-x.foo()"),
        ("++a.b", "++a.b"),
        ("!a.b() && c", "(!a.b() && c)"),
        ("c && !a?.b!!.c[0].d { it }", "(c && !a?.b!!.c[0].d(trailing { lambda <lambda>() it }))"),
        ("!(a && b)", "!(a && b)"),
        ("!!a.b()", "!(!a.b())"),
        ("!foo<Bar>()", "!foo<Bar>()"),
        ("!foo<Bar>(x).y", "!foo<Bar>(x).y"),
        ("-1 + x", "(-1 + x)"),
    ]);
    let facts = parse("fun f() { !f.exists() }", "a.kt");
    let unary =
        facts.exprs.iter().find(|expr| matches!(expr.kind, ExprKind::Unary { .. })).map(|expr| expr.span);
    assert_eq!(unary.map(|span| (span.start, span.end)), Some((10, 21)));
}

#[test]
fn generic_calls_are_no_comparisons() {
    same(&[
        ("foo<Bar>(x)", "foo<Bar>(x)"),
        ("foo<Bar> { y }", "foo<Bar>(trailing { lambda <lambda>() y })"),
        ("foo<Bar>(x) { y }", "foo<Bar>(x, trailing { lambda <lambda>() y })"),
        ("x ?: foo<Bar>(y)", "(x ?: foo<Bar>(y))"),
        ("x ?: foo<Bar>().baz()", "(x ?: foo<Bar>().baz())"),
        ("z + w.foo<Bar>(y).q", "(z + w.foo<Bar>(y).q)"),
        ("x as? B ?: foo<Bar>()", "((x as? B) ?: foo<Bar>())"),
        ("foo<Bar>(x) == y", "(foo<Bar>(x) == y)"),
        ("a.foo<Bar, Baz<Q>>(x)", "a.foo<Bar, Baz<Q>>(x)"),
        ("a < b && c > d", "((a < b) && (c > d))"),
        ("bar(a < b, c > d)", "bar((a < b), (c > d))"),
        ("i < list.size", "(i < list.size)"),
    ]);
}

#[test]
fn calls_and_chains() {
    same(&[
        ("a?.b?.c()", "a?.b?.c()"),
        ("foo(1)\n{ 2 }", "foo(1, trailing { lambda <lambda>() 2 })"),
        ("foo(x)(y)", "(foo(x)).invoke(y)"),
        ("f(*arr, name = 3)", "f(arr, name = 3)"),
        ("a\n// c\n.b()\n/* d */\n?.e()", "a.b()?.e()"),
        ("a to b", "a.to(b)"),
        ("A or B", "(A | B)"),
        ("super<Foo>.bar()", "super@Foo.bar()"),
        ("g(if (a) b else c, x as Foo.Bar)", "g(if (a) b else c, (x as Foo.Bar))"),
        ("x as? Foo ?: y", "((x as? Foo) ?: y)"),
        ("return foo ?: bar", "return (foo ?: bar)"),
        ("throw Foo(x).bar", "throw Foo(x).bar"),
        ("a[1] += 2", "a[1] += 2"),
        ("i++", "++i"),
        ("Foo::class", "Foo::class"),
        ("a.Foo::class.java", "a.Foo::class"),
        ("x::class", "x.class"),
        ("Foo::bar", "Foo::bar"),
        ("::bar", "::bar"),
        ("this@Outer.x", "this@Outer.x"),
        ("x !is Foo && y !in z", "((x !is Foo) && (y !in z))"),
        ("@Foo(\"A\") a.b()", "a.b()"),
    ]);
}

#[test]
fn literals_and_templates() {
    same(&[
        (r#""plain\n\u0041""#, r#""plain\nA""#),
        (
            r#""a $b.c $this ${d.map { "<$it>" }.e}!""#,
            r#"template("a ", b, ".c ", this, " ", d.map(trailing { lambda <lambda>() template("<", it, ">") }).e, "!")"#,
        ),
        (r#""""raw $x \n""""#, r#"template("raw ", x, " \\n")"#),
        (r#""\$x $1 $""#, r#""$x $1 $""#),
        ("0xFF", "255"),
        ("0b101", "5"),
        ("1_000L", "1000"),
        ("1u", "1"),
        ("1.5f", "1.5"),
        (r"'\n'", r"'\n'"),
        ("true", "true"),
        ("null", "null"),
    ]);
}

#[test]
fn control_flow() {
    same(&[
        ("if (a) { b }\n// c\nelse c", "if (a) { b } else c"),
        (
            "for ((i, v) in xs) { if (i) continue@foo else break@foo }",
            "for (<destructured> in xs) { val (i, v) if (i) continue else break }",
        ),
        ("xs.forEach lit@{ return@lit }", "xs.forEach(trailing { lambda <lambda>() return@lit })"),
        ("do { a() } while (b)", "do while (b) { a() }"),
        (
            "when (x) { in 1..2, !in q -> a; is Foo -> b; !is Bar -> c; null -> d\nelse -> { e } }",
            "when (x) { (x in (1 .. 2)), (x !in q) -> a (x is Foo) -> b (x !is Bar) -> c null -> d else -> { e } }",
        ),
        ("when (val y = g()) { 1 -> a }", "when (y = g()) { 1 -> a }"),
        (
            "try { a() } catch (e: IOException) { b() } finally { c() }",
            "try { a() } catch (e: IOException) { b() } finally { c() }",
        ),
        ("val (a, _) = p", "val (a, _) = p"),
        ("x.let { (a, b), _ -> a }", "x.let(trailing { lambda <lambda>(<destructured>, _) val (a, b) a })"),
        ("val x by lazy { 1 }", "val x by lazy(trailing { lambda <lambda>() 1 })"),
        ("fun local() = 2", "local { fun local() = 2 }"),
        (
            "val f = fun(x: Int): Int { return x }",
            "val f = { anonymous fun <anonymous>(x: Int): Int return x }",
        ),
        ("a(); b()", "a() b()"),
    ]);
}

#[test]
fn declarations() {
    let text = file(
        "class C<T>(private val a: Int, b: String = \"x\", @Inject vararg c: Foo) : Base(b), I by a where T : Foo {\n\
         constructor(z: Int) : this(z, \"q\") { foo() }\n\
         init { bar() }\n\
         val x = compute()\n\
         var y: Int\n get() = field\n private set(v) { field = v }\n\
         val String.ext: Int get() = 1\n\
         inner class In\n\
         companion object\n\
         fun interface F { fun call(cb: (suspend A.(Int) -> Unit)?) }\n\
         }\n",
    );
    let expected = "\
final public class C<T: Foo>: Base(b), I by a
  final private property a: Int (constructor)
  final public property x = compute()
  final public mutable property y: Int
    public getter get() =
      field
    private setter set(v)
      field = v
  final public property String.ext: Int
    public getter get() =
      1
  public constructor <init>(a: Int, b: String = \"x\", @Inject vararg c: Foo)
  public constructor <init>(z: Int)
    this(z, \"q\")
    foo()
  initializer <init>()
    {
      bar()
    }
    init x
  final public inner class In
  final static public companion Companion
  static public interface F
    abstract public fun call(cb: (suspend A.(Int) -> Unit)?)
";
    assert_eq!(text, expected);
}

#[test]
fn enum_constants_are_made_statically() {
    let text =
        file("enum class E(val x: Int) {\n A(1),\n B(2) { override fun z() {} };\n abstract fun z()\n}\n");
    assert!(text.contains("constant A = E(1)"), "{text}");
    assert!(text.contains("anonymous : E(2)"), "{text}");
    assert!(text.contains("static initializer <clinit>()\n    init A\n    init B"), "{text}");
}

#[test]
fn lambdas_of_initialisers_belong_to_them() {
    let facts = parse("val top = f { 1 }\nclass A { val x = g { object : B() { val y = h {} } } }\n", "a.kt");
    for function in &facts.functions {
        if function.kind == FunctionKind::Lambda {
            let parent = function.parent.map(|parent| facts[parent].owner);
            assert_eq!(parent, Some(function.owner));
        }
    }
    let anonymous = facts.types.iter().find(|decl| decl.name.is_empty()).and_then(|decl| decl.function);
    assert_eq!(anonymous.map(|function| facts[function].kind), Some(FunctionKind::Lambda));
}

#[test]
fn suppressions_know_what_they_cover() {
    let source = "@file:Suppress(\"F\")\nclass A {\n @SuppressLint(\"X\", \"Y\") fun f(@Suppress(\"P\") p: Int) {\n \
                  //noinspection Abc,Def because so\n g(1)\n @Suppress(\"E\") h()\n }\n}\n";
    let facts = parse(source, "a.kt");
    let found: Vec<(String, String)> = facts
        .suppressions
        .iter()
        .map(|it| {
            let ids = it.ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(",");
            let scope = source[it.scope.range()].chars().take(14).collect();
            (ids, scope)
        })
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(ids, scope)| (ids.as_str(), scope.as_str())).collect();
    for expected in [
        ("F", "@file:Suppress"),
        ("X,Y", "@SuppressLint("),
        ("P", "@Suppress(\"P\")"),
        ("E", "@Suppress(\"E\")"),
        ("Abc,Def", "g(1)"),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    let comment = facts.suppressions.iter().find(|it| it.form == SuppressionForm::Comment);
    assert_eq!(comment.and_then(|it| it.reason.as_deref()), Some("because so"));
}

#[test]
fn annotations_and_modifiers() {
    let facts =
        parse("object O {\n @JvmStatic @Synchronized @get:Foo(a = [1]) suspend fun f() {}\n}\n", "a.kt");
    let function = facts.functions.iter().find(|function| function.name == "f");
    let modifiers = function.map(|function| function.modifiers).unwrap_or_default();
    assert!(
        modifiers
            .contains(Modifiers::STATIC | Modifiers::SYNCHRONIZED | Modifiers::SUSPEND | Modifiers::FINAL)
    );
    assert!(dump(&facts).contains("@get:Foo(a = [1])"));
}

#[test]
fn annotated_declarations_at_the_top_are_no_statements() {
    let found = file(
        "@Qualifier\n@Retention(AnnotationRetention.BINARY)\nannotation class Io\n\n\
         @Qualifier\n@Retention(AnnotationRetention.BINARY)\ninternal annotation class Cpu\n\n\
         @Serializable\ndata object Home\n\n@Tag(1)\nenum class Kind { ONE }\n\n\
         @Composable\n@OptIn(Experimental::class)\nfun Screen() {}\n@Tag(\"x\")\nfun tagged() {}\n\n\
         @Named\nconst val SIZE = 1\n",
    );
    for part in [
        "@Qualifier\n@Retention\nfinal public annotation Io",
        "@Qualifier\n@Retention\nfinal internal annotation Cpu",
        "@Serializable\nfinal public data object Home",
        "@Tag\nfinal public enum Kind",
        "@Composable\n@OptIn\nfinal public fun Screen()",
        "@Tag\nfinal public fun tagged()",
        "@Named\nfinal public const property SIZE = 1",
    ] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}

#[test]
fn annotations_with_arguments_before_a_class_take_nothing_of_the_next() {
    let found = file(
        "@Qualifier @Retention(AnnotationRetention.BINARY) annotation class Io\n\n\
         interface Store { fun load() }\n\n\
         @Suppress(\"x\") sealed class State\n\n\
         interface Other { fun save() }\n",
    );
    for part in [
        "@Qualifier\n@Retention\nfinal public annotation Io",
        "interface Store\n",
        "public fun load()",
        "@Suppress\nabstract public sealed class State",
        "interface Other\n",
        "public fun save()",
    ] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}

#[test]
fn contexts_may_stand_on_the_line_of_the_function() {
    let found = file(
        "class A\n\ncontext(Api) fun one() { go() }\n\ncontext(api: Api, log: Log) private suspend fun two() = api.go()\n\n\
         class B\n",
    );
    for part in ["fun one()", "go()", "final suspend private fun two()", "class B"] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}

#[test]
fn accessors_may_follow_a_semicolon() {
    let found = file(
        "class A {\n    var count: Int = 0; private set\n    lateinit var name: String; private set\n    \
         var on: Boolean get() = true; set(value) { turn(value) }\n    fun go() { first(); set(1); get() }\n}\n",
    );
    for part in ["property count", "property name", "property on", "turn(value)", "fun go()", "set(1)"] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}

#[test]
fn class_bodies_are_no_lambdas_of_delegates() {
    let found = file(
        "class A(val x: B) : C(), B by x {\n    override fun a() {}\n}\n\
         class D(private val p: P) : B by p.inner {\n    companion object {\n        val q = 1\n    }\n    \
         private val z by lazy { 3 }\n    fun d() {}\n}\n\
         class E : B by make(F.g + h()) { fun e() {} }\n\
         class H : B\n    by make() {\n    fun h() {}\n}\n",
    );
    for part in [
        "class A: C(), B by x\n",
        "  override public fun a()",
        "class D: B by p.inner\n",
        "  final public fun d()",
        "class E: B by make((F.g + h()))\n",
        "  final public fun e()",
        "class H: B by make()\n",
        "  final public fun h()",
    ] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}
