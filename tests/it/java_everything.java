@Generated("x")
package a.b.c;

import java.util.List;
import static java.util.concurrent.TimeUnit.SECONDS;
import static a.b.Consts.*;
import android.os.*;

/** Doc. @noinspection Unused */
@SuppressLint({"NewApi", "WakeLock"})
public abstract class A<T extends Comparable<T> & Runnable, U> extends Base<T>.Inner<? super U> implements I, J<int[]> {
    private static final long X = 15 * 60 * 1_000L, Y[] = {1, 2}, Z;
    protected volatile @Nullable String name = "a" + 'c' + "\u0041\n";
    static { System.loadLibrary("x"); }
    { init(); }
    A(int a, final String... rest) throws IOException { super(a); this.name = rest[0]; }
    A() { this(1); }
    <R> A(Outer o) { o.super(); }
    @Override public synchronized <V extends T> List<? extends V> run(@NonNull Map.Entry<String, ?> e)[] { return null; }
    abstract int count();
    native void n();
    void expressions() {
        int i = 0, j = -1; final var k = i++ + --j;
        a = b = c ? d : e;
        x >>>= 2; x |= ~y & z ^ w;
        Runnable r = () -> foo(), s = A::new, t = this::b, u = int[]::new, v = Outer.super::w, q = List<String>::of;
        f((x, y) -> { return x + y; }, z -> z, (final int m, var n) -> m);
        Object o = (Runnable & Serializable) () -> {};
        if (o instanceof String str && !(o instanceof final Integer n)) return;
        boolean rec = o instanceof Point(int px, var py);
        new a.B<String>(1) { @Override void m() { } }.start();
        outer.new Inner(1); A.this.m(); A.super.m(); this.<String>foo(A.class, int[].class);
        int[][] arr = new int[3][]; arr[0] = new int[] {1, 0x1F, 017, 0b11};
        float fl = 1.5f + .5e3 + 0x1p3;
        String text = """
            hello \
              world "x"
            """;
        assert i > 0 : "msg";
    }
    int statements(int p) throws Exception {
        label: for (int i = 0, j = 1; i < 10; i++, j--) { if (i == 2) continue label; else break; }
        for (;;) { }
        for (final String s : list) use(s);
        while (true) ; do { x(); } while (y);
        try (Reader r = open(); other) { read(); } catch (final IOException | RuntimeException e) { throw e; } finally { close(); }
        synchronized (this) { p++; }
        switch (p) { case 1: case 2: a(); break; case 3: { b(); break; } default: c(); }
        int v = switch (o) { case String s when s.isEmpty() -> 1; case Point(int x, Line(var y, var z)) -> { yield 2; } case A, B -> throw new X(); default -> 0; };
        class Local { } record Rec(int a) { } ;
        //noinspection Foo, Bar because of this
        return v;
    }
    enum E implements I { ONE(1) { void m() { } }, TWO; E(int... x) { } int f = 1; }
    record R<T>(@NonNull T a, int... b) implements I { R { check(a); } static int c = 0; }
    interface I { int C = 1; void m(); default void d() { } static void s() { } private void p() { } class N { } }
    @interface Ann { int value() default 1; String[] names() default {}; Other o() default @Other(1); }
    sealed interface S permits P, Q { }
    static class Nested { class Inner { } }
}
