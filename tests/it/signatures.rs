//! The signatures: the compact files are in step with their texts, and say what is known of well-known API.

use worklint::base::Name;
use worklint::signatures::{
    self, ClassKind, Declarations, Declared, MemberFlags, MemberSignature, Parameter, Signatures, Ty,
};

use crate::support::{files_below, repository};

fn sorted(mut declarations: Declarations) -> Declarations {
    declarations.classes.sort_by_key(|declared| declared.class.name);
    declarations.aliases.sort_unstable();
    for Declared { members, .. } in &mut declarations.classes {
        members.sort_by_key(|member| member.name);
    }
    declarations
}

fn leaked(bytes: Vec<u8>) -> &'static [u8] {
    Vec::leak(bytes)
}

/// Declarations of all hand-written files.
fn handwritten() -> Declarations {
    let mut all = Declarations::default();
    for path in files_below(&repository().join("rules/signatures")) {
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let found = signatures::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        all.aliases.extend(found.aliases);
        all.classes.extend(found.classes);
    }
    all.sources = vec!["rules/signatures/*.txt".to_owned()];
    all
}

/// `UPDATE=1` writes the compact form of the hand-written files; `SIGNATURES=file` beside it that of the text which
/// `tools/signatures/extract.py` wrote.
#[test]
fn compact_form_of_signatures() {
    let root = repository().join("rules/signatures");
    let written = signatures::write(&handwritten());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root.join("handwritten.bin"), &written).expect("writable");
        if let Some(path) = std::env::var_os("SIGNATURES") {
            let text = std::fs::read_to_string(path).expect("readable");
            let platform = signatures::parse(&text).unwrap_or_else(|error| panic!("{error}"));
            std::fs::write(root.join("platform.bin"), signatures::write(&platform)).expect("writable");
        }
        return;
    }
    let kept = std::fs::read(root.join("handwritten.bin")).expect("readable");
    assert!(kept == written, "handwritten.bin is stale: UPDATE=1 cargo test --test it compact_form");
}

#[test]
fn compact_forms_are_read_back() {
    let declarations = sorted(handwritten());
    let read = Signatures::new(&[leaked(signatures::write(&declarations))]).expect("compact");
    assert_eq!(sorted(read.declarations()), declarations);
}

/// The generated file is the very form that this version of worklint writes, so that a newer one differs only in facts.
#[test]
fn generated_file_has_the_current_form() {
    let kept = std::fs::read(repository().join("rules/signatures/platform.bin")).expect("readable");
    let declarations = Signatures::new(&[leaked(kept.clone())]).expect("compact").declarations();
    assert!(declarations.sources.len() > 5, "the head names the sources");
    assert!(signatures::write(&declarations) == kept);
}

/// Half a file, or one of other bytes, is refused or gives nothing; it does not panic.
#[test]
fn broken_files_give_nothing() {
    let whole = signatures::write(&handwritten());
    for cut in [0, 3, 4, 9, 700, whole.len() / 2, whole.len() - 40] {
        assert!(Signatures::new(&[leaked(whole[..cut].to_vec())]).is_none());
    }
    for seed in 0..60usize {
        let mut bytes = whole.clone();
        for step in 0..40 {
            let at = 4 + (seed * 7919 + step * step * 104_729) % (bytes.len() - 4);
            bytes[at] ^= (1 + seed + step) as u8;
        }
        if let Some(signatures) = Signatures::new(&[leaked(bytes)]) {
            signatures.declarations();
        }
    }
}

#[test]
fn text_errors_name_line_and_cause() {
    let error = |text: &str| signatures::parse(text).expect_err("an error").to_string();
    assert_eq!(error("package a\nclass B {\n  fun f(Nowhere)\n}"), "line 3: `Nowhere` is no known type");
    assert_eq!(error("clas B"), "line 1: `clas` is no kind of class");
    assert_eq!(error("package a\nclass B {\n  val x\n}"), "line 3: `x` has no type");
    assert_eq!(error("package a\nclass B {\n  fun f(Int\n}"), "line 3: `(` without `)`");
}

fn ty(ty: &Ty) -> String {
    let list = |types: &[Ty]| types.iter().map(self::ty).collect::<Vec<_>>().join(", ");
    match ty {
        Ty::Star => "*".to_owned(),
        Ty::Variable(name) => name.to_string(),
        Ty::Class(name, args) if args.is_empty() => name.last().to_owned(),
        Ty::Class(name, args) => format!("{}<{}>", name.last(), list(args)),
        Ty::Function(function) => {
            let suspend = if function.suspend { "suspend " } else { "" };
            let receiver =
                function.receiver.as_ref().map(|it| format!("{}.", self::ty(it))).unwrap_or_default();
            format!("{suspend}{receiver}({}) -> {}", list(&function.params), self::ty(&function.result))
        }
    }
}

/// `static <T> Receiver.name(A, vararg B=): R`, with simple names.
fn shown(member: &MemberSignature) -> String {
    let mut text = String::new();
    let flags = [
        (MemberFlags::STATIC, "static "),
        (MemberFlags::ABSTRACT, "abstract "),
        (MemberFlags::SUSPEND, "suspend "),
    ];
    flags.iter().filter(|(flag, _)| member.flags.contains(*flag)).for_each(|(_, word)| text += word);
    if !member.type_params.is_empty() {
        let params: Vec<_> = member.type_params.iter().map(|it| it.name.as_str()).collect();
        text += &format!("<{}> ", params.join(", "));
    }
    if let Some(receiver) = &member.receiver {
        text += &format!("{}.", ty(receiver));
    }
    text += &member.name;
    if !member.is_property() {
        let param = |it: &Parameter| {
            let vararg = if it.vararg { "vararg " } else { "" };
            format!("{vararg}{}{}", ty(&it.ty), if it.default { "=" } else { "" })
        };
        text += &format!("({})", member.params.iter().map(param).collect::<Vec<_>>().join(", "));
    }
    format!("{text}: {}", ty(&member.result))
}

fn overloads(class: &str, name: &str) -> Vec<String> {
    let members = Signatures::embedded().members(Name::new(class), Name::new(name));
    let mut shown: Vec<_> = members.iter().map(shown).collect();
    shown.sort();
    shown
}

fn header(class: &str) -> String {
    let class = Signatures::embedded().class(Name::new(class)).unwrap_or_else(|| panic!("{class}"));
    let (_, kind) = ClassKind::ALL[class.kind as usize];
    let params: Vec<_> = class.params.iter().map(|it| it.name.as_str()).collect();
    let supertypes: Vec<_> = class.supertypes.iter().map(ty).collect();
    let kind = if class.is_abstract { format!("abstract {kind}") } else { kind.to_owned() };
    format!("{kind} <{}> : {}", params.join(", "), supertypes.join(", "))
}

#[test]
fn well_known_classes() {
    assert_eq!(
        header("android.app.Activity"),
        "class <> : ContextThemeWrapper, ComponentCallbacks2, Callback, Factory2, OnCreateContextMenuListener, Callback"
    );
    assert_eq!(header("java.util.concurrent.ExecutorService"), "interface <> : Executor, AutoCloseable");
    assert_eq!(header("java.util.Map.Entry"), "interface <K, V> : ");
    assert_eq!(
        header("java.util.ArrayList"),
        "class <E> : AbstractList<E>, List<E>, RandomAccess, Cloneable, Serializable"
    );
    assert_eq!(header("androidx.lifecycle.MutableLiveData"), "class <T> : LiveData<T>");
    assert_eq!(
        header("kotlinx.coroutines.flow.MutableStateFlow"),
        "interface <T> : StateFlow<T>, MutableSharedFlow<T>"
    );
    assert_eq!(header("kotlinx.coroutines.Dispatchers"), "object <> : ");
    assert_eq!(header("java.util.concurrent.TimeUnit"), "enum <> : Enum<TimeUnit>");
    assert_eq!(header("androidx.work.Worker"), "abstract class <> : ListenableWorker");
    let since =
        |class: &str| Signatures::embedded().class(Name::new(class)).map(|it| (it.since, it.deprecated));
    assert_eq!(since("android.app.AsyncTaskLoader"), None);
    assert_eq!(since("android.os.AsyncTask"), Some((0, true)));
    assert_eq!(since("java.time.Duration"), Some((26, false)));
    assert_eq!(since("android.app.BackgroundServiceStartNotAllowedException"), Some((31, false)));
}

#[test]
fn well_known_members() {
    assert_eq!(
        overloads("android.content.Context", "getSystemService"),
        ["<T> getSystemService(Class<T>): T", "abstract getSystemService(String): Object"]
    );
    assert_eq!(
        overloads("java.util.concurrent.ExecutorService", "submit"),
        [
            "abstract <T> submit(Callable<T>): Future<T>",
            "abstract <T> submit(Runnable, T): Future<T>",
            "abstract submit(Runnable): Future<*>",
        ]
    );
    assert_eq!(overloads("okhttp3.Call", "execute"), ["abstract execute(): Response"]);
    assert_eq!(overloads("okhttp3.Response", "body"), ["body(): ResponseBody", "body: ResponseBody"]);
    assert_eq!(overloads("okhttp3.Call.Factory", "newCall"), ["abstract newCall(Request): Call"]);
    assert_eq!(overloads("retrofit2.Call", "execute"), ["abstract execute(): Response<T>"]);
    assert_eq!(
        overloads("okio.Okio", "source"),
        [
            "File.source(): Source",
            "InputStream.source(): Source",
            "Path.source(vararg OpenOption): Source",
            "Socket.source(): Source",
        ]
    );
    assert_eq!(overloads("java.io.File", "length"), ["length(): Long"]);
    assert_eq!(overloads("java.util.Collection", "size"), ["abstract size(): Int", "size: Int"]);
    assert_eq!(overloads("java.lang.CharSequence", "length"), ["abstract length(): Int", "length: Int"]);
    assert_eq!(overloads("kotlin.Int", "shl"), ["shl(Int): Int"]);
    assert_eq!(overloads("android.os.SystemClock", "elapsedRealtime"), ["static elapsedRealtime(): Long"]);
    assert_eq!(overloads("android.view.View", "post"), ["post(Runnable): Boolean"]);
    assert_eq!(
        overloads("kotlinx.coroutines.flow.Flow", "collect"),
        ["abstract suspend collect(FlowCollector<T>): Unit"]
    );
    assert_eq!(
        overloads("androidx.lifecycle.LiveData", "observe"),
        ["observe(LifecycleOwner, Observer<T>): Unit"]
    );
    assert_eq!(overloads("io.reactivex.rxjava3.core.Single", "map"), ["<R> map(Function<T, R>): Single<R>"]);
    assert_eq!(overloads("androidx.room.RoomDatabase.Builder", "build"), ["build(): T"]);
    assert_eq!(overloads("com.google.gson.Gson", "fromJson").len(), 11);
}

#[test]
fn top_level_functions() {
    let signatures = Signatures::embedded();
    let find = |facade: &str, name: &str, receiver: &str| {
        let found = signatures.top_level(Name::new(name)).into_iter().filter(|it| it.facade == *facade);
        let members = found.flat_map(|it| it.members);
        let on = |it: &&MemberSignature| it.receiver.as_ref().map(ty).unwrap_or_default() == receiver;
        members.filter(on).map(shown).collect::<Vec<_>>()
    };
    assert_eq!(
        find("kotlin.collections.CollectionsKt", "map", "Iterable<T>"),
        ["<T, R> Iterable<T>.map((T) -> R): List<R>"]
    );
    assert_eq!(
        find("kotlinx.coroutines.BuildersKt", "launch", "CoroutineScope"),
        ["CoroutineScope.launch(CoroutineContext=, CoroutineStart=, suspend CoroutineScope.() -> Unit): Job"]
    );
    assert_eq!(
        find("kotlinx.coroutines.BuildersKt", "withContext", ""),
        ["suspend <T> withContext(CoroutineContext, suspend CoroutineScope.() -> T): T"]
    );
    assert_eq!(find("kotlin.io.CloseableKt", "use", "T"), ["<T, R> T.use((T) -> R): R"]);
    assert_eq!(find("kotlin.io.FilesKt", "readText", "File"), ["File.readText(Charset=): String"]);
    assert_eq!(
        find("androidx.lifecycle.ViewModelKt", "viewModelScope", "ViewModel"),
        ["ViewModel.viewModelScope: CoroutineScope"]
    );
    assert!(signatures.top_level(Name::new("noSuchFunction")).is_empty());
}

#[test]
fn single_abstract_methods() {
    let signatures = Signatures::embedded();
    let sam = |class: &str| {
        let found = signatures.single_abstract_method(Name::new(class));
        found.map(|it| format!("{} {}", it.owner.name.last(), it.method.name))
    };
    assert_eq!(sam("android.view.View.OnClickListener").as_deref(), Some("OnClickListener onClick"));
    assert_eq!(sam("java.lang.Runnable").as_deref(), Some("Runnable run"));
    assert_eq!(sam("java.util.Comparator").as_deref(), Some("Comparator compare"));
    assert_eq!(sam("java.util.function.UnaryOperator").as_deref(), Some("Function apply"));
    assert_eq!(sam("androidx.lifecycle.Observer").as_deref(), Some("Observer onChanged"));
    assert_eq!(
        sam("android.location.LocationListener").as_deref(),
        Some("LocationListener onLocationChanged")
    );
    assert_eq!(sam("io.reactivex.rxjava3.functions.Consumer").as_deref(), Some("Consumer accept"));
    assert_eq!(sam("kotlinx.coroutines.flow.FlowCollector").as_deref(), Some("FlowCollector emit"));
    assert_eq!(sam("android.text.TextWatcher"), None);
    assert_eq!(sam("java.util.List"), None);
    assert_eq!(sam("android.content.BroadcastReceiver"), None);
}

#[test]
fn nested_classes_and_aliases() {
    let signatures = Signatures::embedded();
    let nested = |class: &str, name: &str| {
        signatures.nested(Name::new(class), Name::new(name)).map(|it| it.to_string())
    };
    assert_eq!(
        nested("android.view.View", "OnClickListener").as_deref(),
        Some("android.view.View.OnClickListener")
    );
    assert_eq!(
        nested("android.widget.Button", "OnClickListener").as_deref(),
        Some("android.view.View.OnClickListener")
    );
    assert_eq!(nested("android.view.View", "Nothing"), None);
    assert_eq!(
        signatures.alias(Name::new("kotlin.collections.ArrayList")),
        Some(Name::new("java.util.ArrayList"))
    );
    assert_eq!(signatures.alias(Name::new("kotlin.Int")), None);
}

#[test]
fn supertypes_reach_the_root() {
    let signatures = Signatures::embedded();
    for (class, root) in [
        ("androidx.appcompat.app.AppCompatActivity", "android.content.Context"),
        ("androidx.lifecycle.LifecycleService", "android.content.Context"),
        ("android.app.Application", "android.content.Context"),
        ("androidx.appcompat.widget.AppCompatEditText", "android.view.View"),
        ("androidx.recyclerview.widget.ListAdapter", "androidx.recyclerview.widget.RecyclerView.Adapter"),
        ("java.io.FileInputStream", "java.io.InputStream"),
        ("java.util.concurrent.ScheduledThreadPoolExecutor", "java.util.concurrent.Executor"),
        ("com.google.common.util.concurrent.SettableFuture", "java.util.concurrent.Future"),
        ("java.util.concurrent.LinkedBlockingQueue", "java.lang.Iterable"),
        ("java.util.ArrayList", "java.lang.Iterable"),
        ("kotlinx.coroutines.flow.MutableStateFlow", "kotlinx.coroutines.flow.Flow"),
        ("androidx.lifecycle.AndroidViewModel", "androidx.lifecycle.ViewModel"),
        ("androidx.work.CoroutineWorker", "androidx.work.ListenableWorker"),
        ("javax.net.ssl.HttpsURLConnection", "java.net.URLConnection"),
    ] {
        let reached = signatures.ancestors(Name::new(class)).any(|it| it == *root);
        assert!(reached, "{class} does not reach {root}");
    }
}
