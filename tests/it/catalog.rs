//! The catalogue: valid, complete, and in step with its compact form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use worklint::base::Name;
use worklint::catalog::{Catalog, Switches, ThreadWord, TypeExpr, load, source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/catalog")
}

/// (name, text) of the catalogue's files, by name.
fn files() -> Vec<(String, String)> {
    let paths =
        std::fs::read_dir(folder()).expect("rules/catalog").map(|entry| entry.expect("a file").path());
    let toml = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let mut files: Vec<(String, String)> = toml
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (format!("rules/catalog/{name}"), std::fs::read_to_string(&path).expect("readable"))
        })
        .collect();
    files.sort();
    files
}

fn tables() -> load::Tables {
    source::read(&files()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn compact_form_is_in_step() {
    let bytes = load::compact(&tables()).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(folder().join("catalog.bin"), bytes).unwrap();
        return;
    }
    assert!(
        load::COMPACT == bytes,
        "rules/catalog/*.toml changed: run `UPDATE=1 cargo test --test it compact_form` and test again"
    );
}

#[test]
fn every_entry_has_a_source() {
    for (file, text) in files() {
        let root: toml::Table = text.parse().unwrap();
        if root.contains_key("source") {
            continue;
        }
        for (table, rows) in &root {
            let Some(rows) = rows.as_array() else { continue };
            for row in rows {
                let source = row.get("source").and_then(toml::Value::as_str).unwrap_or("");
                assert!(!source.is_empty(), "{file}: [[{table}]] without a source: {row}");
            }
        }
    }
}

/// Package segments in lower case, at least two of them or a known single one, then classes.
fn is_qualified(class: &str) -> bool {
    let segments: Vec<&str> = class.split('.').collect();
    let classes = segments.iter().position(|it| it.starts_with(|first: char| first.is_ascii_uppercase()));
    let plain = |text: &&str| {
        !text.is_empty() && text.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '$')
    };
    classes.is_some_and(|at| at > 0) && segments.iter().all(plain)
}

fn check_class(class: Name, wrong: &mut Vec<String>) {
    if class != "*" && !is_qualified(&class) {
        wrong.push(class.to_string());
    }
}

fn check_type(ty: &TypeExpr, wrong: &mut Vec<String>) {
    if ty.name != "primitive" && !ty.name.starts_with('$') {
        check_class(ty.name, wrong);
    }
    ty.args.iter().for_each(|arg| check_type(arg, wrong));
}

#[test]
fn classes_are_fully_qualified() {
    let tables = tables();
    let mut wrong = Vec::new();
    let classes = [
        tables.blocking.iter().map(|it| it.class).collect::<Vec<_>>(),
        tables.blocking.iter().flat_map(|it| it.overloads.arg0_type.clone()).collect(),
        tables.blocking.iter().filter_map(|it| it.extension_on).collect(),
        tables.in_memory.iter().flat_map(|it| it.types.clone()).collect(),
        tables.entries.iter().filter_map(|it| it.class.or(it.annotation)).collect(),
        tables.dispatches.iter().map(|it| it.class).collect(),
        tables.dispatches.iter().filter_map(|it| it.extension_on).collect(),
        tables.inlines.iter().map(|it| it.class).collect(),
        tables.inlines.iter().filter_map(|it| it.extension_on).collect(),
        tables.flows.iter().map(|it| it.class).collect(),
        tables.flows.iter().filter_map(|it| it.extension_on).collect(),
        tables.aliases.iter().flat_map(|it| [it.name, it.is]).collect(),
        tables.types.iter().flat_map(|it| it.supertypes.iter().copied().chain([it.class])).collect(),
        tables.returns.iter().map(|it| it.class).collect(),
        tables.services.iter().map(|it| it.class).collect(),
        tables.sams.iter().map(|it| it.interface).collect(),
        tables.lambdas.iter().map(|it| it.class).collect(),
        tables.generated.iter().flat_map(|it| it.members_annotated.clone()).collect(),
        tables.generated.iter().flat_map(|it| it.non_blocking_return.clone()).collect(),
        tables.work.iter().map(|it| it.api).collect(),
        tables.confined.iter().flat_map(|it| it.arg0_type.iter().copied().chain([it.class])).collect(),
    ];
    classes.iter().flatten().for_each(|class| check_class(*class, &mut wrong));
    let members = tables
        .entries
        .iter()
        .flat_map(|it| &it.set_by)
        .chain(tables.dispatches.iter().filter_map(|it| it.runs.as_ref()));
    members.for_each(|member| check_class(Name::new(member.qualifier()), &mut wrong));
    let types = tables.returns.iter().chain(&tables.delegates).map(|it| &it.ty);
    let lambdas = tables.lambdas.iter().flat_map(|it| it.parameters.iter().chain(&it.receiver));
    let sams = tables.sams.iter().flat_map(|it| &it.parameters);
    let inlines = tables.inlines.iter().flat_map(|it| it.it.iter().chain(&it.this).chain(&it.returns));
    types.chain(lambdas).chain(sams).chain(inlines).for_each(|ty| check_type(ty, &mut wrong));
    assert!(wrong.is_empty(), "not fully qualified: {wrong:#?}");
}

fn no_repeats(table: &str, keys: impl Iterator<Item = String>) {
    let mut seen = BTreeSet::new();
    let repeated: Vec<String> = keys.filter(|key| !seen.insert(key.clone())).collect();
    assert!(repeated.is_empty(), "{table} says twice: {repeated:#?}");
}

#[test]
fn nothing_is_said_twice() {
    let tables = tables();
    let blocking = tables.blocking.iter().flat_map(|it| {
        let only = (it.when_arg.as_ref(), it.made_with);
        let scope = format!("{:?} {:?} {only:?} {:?}", it.extension_on, it.overloads, it.toplevel);
        it.methods.iter().map(move |method| format!("{}.{method} {scope}", it.class)).collect::<Vec<_>>()
    });
    no_repeats("blocking", blocking);
    let entries = tables.entries.iter().flat_map(|it| {
        let owner = it.class.or(it.annotation).unwrap();
        let arg = it.annotation_arg;
        let methods = if it.methods.is_empty() { vec![Name::new("")] } else { it.methods.clone() };
        methods.into_iter().map(move |method| format!("{owner}.{method} {arg:?}")).collect::<Vec<_>>()
    });
    no_repeats("entry", entries);
    let dispatches = tables.dispatches.iter().flat_map(|it| {
        let scope = format!("{:?} {:?} {:?}", it.extension_on, it.min_args, it.arg);
        it.methods.iter().map(move |method| format!("{}.{method} {scope}", it.class)).collect::<Vec<_>>()
    });
    no_repeats("dispatch", dispatches);
    let inlines = tables.inlines.iter().flat_map(|it| {
        it.functions
            .iter()
            .map(|name| format!("{}.{name} {:?}", it.class, it.extension_on))
            .collect::<Vec<_>>()
    });
    no_repeats("inline", inlines);
    let confined = tables
        .confined
        .iter()
        .flat_map(|it| it.methods.iter().map(|method| format!("{}.{method}", it.class)));
    no_repeats("confined", confined);
    let flows = tables.flows.iter().flat_map(|it| {
        it.functions
            .iter()
            .map(|name| format!("{}.{name} {:?}", it.class, it.extension_on))
            .collect::<Vec<_>>()
    });
    no_repeats("flow", flows);
    no_repeats("alias", tables.aliases.iter().map(|it| it.name.to_string()));
    no_repeats("type", tables.types.iter().map(|it| it.class.to_string()));
    no_repeats("returns", tables.returns.iter().map(|it| format!("{}.{}", it.class, it.member)));
    no_repeats("sam", tables.sams.iter().map(|it| it.interface.to_string()));
    no_repeats("lambda", tables.lambdas.iter().map(|it| format!("{}.{}", it.class, it.member)));
    no_repeats("service", tables.services.iter().map(|it| it.constant.to_string()));
    let expressions = tables.dispatchers.iter().flat_map(|it| it.expression.iter().chain(&it.annotation));
    no_repeats("dispatcher", expressions.map(Name::to_string));
    let scopes = tables.scopes.iter().flat_map(|it| it.expression.iter().chain(&it.annotation));
    no_repeats("scope", scopes.map(Name::to_string));
}

#[test]
fn words_are_known_and_globs_are_globs() {
    let tables = tables();
    let kinds: BTreeSet<Name> = tables.kinds.iter().map(|it| it.id).collect();
    let used =
        tables.blocking.iter().map(|it| it.kind).chain(tables.generated.iter().filter_map(|it| it.kind));
    let unknown: Vec<Name> = used.filter(|kind| !kinds.contains(kind)).collect();
    assert!(unknown.is_empty(), "kinds without [kind.…]: {unknown:?}");
    let patterns = tables.dispatchers.iter().flat_map(|it| &it.name_pattern);
    for pattern in patterns.chain(tables.scopes.iter().flat_map(|it| &it.name_pattern)) {
        assert!(
            pattern.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '*'),
            "{pattern} must be lower case, with `*`"
        );
    }
    let lifetimes = ["view-model", "lifecycle", "process", "custom", "composition", "call", "worker-run"];
    for scope in &tables.scopes {
        assert!(lifetimes.contains(&scope.lifetime.as_str()), "{} is no lifetime", scope.lifetime);
    }
}

#[test]
fn supertypes_have_no_cycle() {
    let catalog = Catalog::embedded();
    for it in &tables().types {
        let mut open = vec![it.class];
        let mut seen = BTreeSet::new();
        while let Some(class) = open.pop() {
            for parent in catalog.supertypes(class) {
                assert!(*parent != it.class, "{} is its own supertype by way of {class}", it.class);
                if seen.insert(*parent) {
                    open.push(*parent);
                }
            }
        }
    }
}

fn name(text: &str) -> Name {
    Name::new(text)
}

#[test]
fn blocking_facts() {
    let catalog = Catalog::embedded();
    let blocks =
        |class: &str, member: &str| catalog.blocking(name(class), name(member)).iter().any(|it| !it.low);
    for (class, member) in [
        ("okhttp3.Call", "execute"),
        ("retrofit2.Call", "execute"),
        ("java.net.URL", "openStream"),
        ("java.net.URLConnection", "getInputStream"),
        ("java.net.HttpURLConnection", "getResponseCode"),
        ("java.net.InetAddress", "getByName"),
        ("java.net.Socket", "connect"),
        ("android.database.sqlite.SQLiteDatabase", "rawQuery"),
        ("android.database.sqlite.SQLiteOpenHelper", "getWritableDatabase"),
        ("android.content.ContentResolver", "openInputStream"),
        ("androidx.room.RoomDatabase", "runInTransaction"),
        ("android.graphics.BitmapFactory", "decodeFile"),
        ("android.content.SharedPreferences.Editor", "commit"),
        ("kotlin.io.FilesKt", "readText"),
        ("kotlinx.coroutines.BuildersKt", "runBlocking"),
        ("java.lang.Thread", "sleep"),
        ("java.util.concurrent.Future", "get"),
        ("java.util.concurrent.CountDownLatch", "await"),
        ("com.google.android.gms.tasks.Tasks", "await"),
        ("io.reactivex.Single", "blockingGet"),
        ("io.reactivex.rxjava3.core.Completable", "blockingAwait"),
    ] {
        assert!(blocks(class, member), "{class}.{member} must block");
    }
    for (class, member) in [
        ("android.content.SharedPreferences.Editor", "apply"),
        ("android.content.SharedPreferences", "getString"),
        ("java.io.File", "getName"),
        ("java.io.File", "getPath"),
        ("java.io.Closeable", "close"),
        ("java.util.concurrent.Future", "isDone"),
        ("java.lang.Thread", "interrupt"),
        ("java.net.URL", "equals"),
        ("kotlinx.coroutines.sync.Semaphore", "acquire"),
        ("kotlinx.coroutines.Deferred", "await"),
        ("android.net.Uri", "parse"),
        ("android.util.Log", "d"),
        ("okhttp3.Call", "enqueue"),
    ] {
        assert!(catalog.blocking(name(class), name(member)).is_empty(), "{class}.{member} must not block");
    }
}

#[test]
fn thread_facts() {
    let catalog = Catalog::embedded();
    for (class, method, thread) in [
        ("android.content.BroadcastReceiver", "onReceive", ThreadWord::Main),
        ("androidx.work.Worker", "doWork", ThreadWord::Worker),
        ("androidx.work.ListenableWorker", "startWork", ThreadWord::Main),
        ("android.app.job.JobService", "onStartJob", ThreadWord::Main),
        ("android.widget.Filter", "performFiltering", ThreadWord::Worker),
        ("android.widget.RemoteViewsService.RemoteViewsFactory", "getViewAt", ThreadWord::Binder),
        ("retrofit2.Callback", "onResponse", ThreadWord::Main),
        ("okhttp3.Callback", "onResponse", ThreadWord::Worker),
        ("android.net.ConnectivityManager.NetworkCallback", "onAvailable", ThreadWord::Worker),
        ("android.app.Fragment", "onResume", ThreadWord::Main),
    ] {
        let found = catalog.entries(name(class), name(method));
        assert_eq!(found.first().map(|it| it.thread), Some(thread), "{class}.{method}");
    }
    assert!(catalog.entries(name("java.lang.Runnable"), name("run")).is_empty());
    assert!(catalog.has_entries(name("android.app.Activity")));
    let io = catalog.dispatcher(name("kotlinx.coroutines.Dispatchers.IO"));
    assert_eq!(io.map(|it| it.thread), Some(ThreadWord::Worker));
    assert_eq!(catalog.dispatcher_pattern("ioDispatcher").map(|it| it.thread), Some(ThreadWord::Worker));
    assert_eq!(
        catalog.dispatcher_annotation(name("a.b.Dispatcher(x.Y.IO)")).map(|it| it.thread),
        Some(ThreadWord::Worker)
    );
    assert!(catalog.dispatcher_pattern("ratio").is_none());
    for path in ["androidx.lifecycle.ViewModelKt.viewModelScope", "androidx.lifecycle.viewModelScope"] {
        assert_eq!(catalog.scope(name(path)).map(|it| it.dispatcher), Some(ThreadWord::Main), "{path}");
    }
    for package in ["io.reactivex", "io.reactivex.rxjava3.core"] {
        for class in ["Observable", "Flowable", "Single", "Maybe", "Completable"] {
            let class = name(package).join(name(class));
            let op = |function: &str| catalog.flow(class, name(function)).and_then(|it| it.switches);
            assert_eq!(op("subscribeOn"), Some(Switches::Upstream), "{class}");
            assert_eq!(op("observeOn"), Some(Switches::Downstream), "{class}");
            assert!(catalog.returns(class, name("observeOn")).is_some(), "{class}");
        }
    }
}

#[test]
fn function_facts() {
    let catalog = Catalog::embedded();
    let receiver = |function: &str, facade: &str| {
        let found = catalog.functions(name(function)).iter().find(|it| it.facade == facade);
        found.unwrap_or_else(|| panic!("{facade}.{function}")).receiver
    };
    assert_eq!(receiver("readText", "kotlin.io.FilesKt"), Some(name("java.io.File")));
    assert_eq!(receiver("let", "kotlin.StandardKt"), Some(name("*")));
    assert_eq!(
        receiver("flowOn", "kotlinx.coroutines.flow.FlowKt"),
        Some(name("kotlinx.coroutines.flow.Flow"))
    );
    assert_eq!(receiver("callbackFlow", "kotlinx.coroutines.flow.FlowKt"), None);
    assert_eq!(receiver("thread", "kotlin.concurrent.ThreadsKt"), None);
    assert_eq!(
        receiver("viewModelScope", "androidx.lifecycle.ViewModelKt"),
        Some(name("androidx.lifecycle.ViewModel"))
    );
    assert_eq!(catalog.functions(name("runBlocking"))[0].package, "kotlinx.coroutines");
    assert_eq!(catalog.canonical(name("kotlin.collections.MutableList")), "java.util.List");
    assert_eq!(catalog.service("ALARM_SERVICE"), Some(name("android.app.AlarmManager")));
    let edit = catalog.returns(name("android.content.SharedPreferences"), name("edit"));
    assert_eq!(edit.map(|it| it.name), Some(name("android.content.SharedPreferences.Editor")));
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let error = |text: &str| {
        let file = ("worklint.toml".to_owned(), text.to_owned());
        source::read(&[file]).map(|_| ()).unwrap_err().to_string()
    };
    let typo = "\n[[assertion]]\ncall = [\"*.x\"]\nthread = \"mian\"\n";
    assert_eq!(
        error(typo),
        "worklint.toml:2: `thread = \"mian\"` must be one of: main, worker, binder, caller, unknown"
    );
    let key = "[[assertion]]\ncall = [\"*.x\"]\nthred = \"main\"\n";
    assert!(error(key).starts_with("worklint.toml:3: unknown field `thred`"), "{}", error(key));
    let class = "[[type]]\nname = \"Foo\"\nsupertypes = []\n";
    assert_eq!(error(class), "worklint.toml:1: `Foo` is no qualified class name");
}

#[test]
#[ignore = "a measurement: cargo test --release --test it loading -- --ignored --nocapture"]
fn loading_time() {
    let clock = std::time::Instant::now();
    let _ = name("the string cache exists");
    let cache = clock.elapsed();
    let clock = std::time::Instant::now();
    let tables = load::expand(load::COMPACT).expect("compact");
    let first = clock.elapsed();
    drop(tables);
    let clock = std::time::Instant::now();
    let tables: &'static load::Tables = Box::leak(Box::new(load::expand(load::COMPACT).expect("compact")));
    let again = clock.elapsed();
    let clock = std::time::Instant::now();
    let catalog = Catalog::new(&[tables]);
    let index = clock.elapsed();
    println!("string cache {cache:?}, expand {first:?} (again, names interned: {again:?}), index {index:?}");
    assert!(catalog.kind(name("network")).is_some());
}
