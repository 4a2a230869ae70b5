//! `worklint.toml`: what it changes, where it is found, and how mistakes in it are told.

use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, project, repository, run, run_in, worklint, write};

const MAIN: &str = "app/src/main/java/com/example/Main.kt";
const DEBUG: &str = "app/src/debug/java/com/example/Debug.kt";

fn activity(name: &str) -> String {
    format!(
        "package com.example\n\nimport android.app.Activity\nimport java.io.File\nimport java.net.URL\n\n\
         class {name} : Activity() {{\n    override fun onResume() {{\n        URL(\"https://example.com\").readText()\n        \
         File(\"x\").readText()\n    }}\n}}\n"
    )
}

/// Two screens with a network error and a disk warning each.
fn app(config: &str) -> tempfile::TempDir {
    let (main, debug) = (activity("Main"), activity("Debug"));
    let app = project(&[(MAIN, main.as_str()), (DEBUG, debug.as_str())]);
    if !config.is_empty() {
        write(app.path(), "worklint.toml", config);
    }
    app
}

/// `rule severity` of every finding, sorted, with how often.
fn found_in(directory: &Path, options: &[&str]) -> Vec<String> {
    let mut args = vec!["--format", "json"];
    args.extend(options);
    let ran = run_in(directory, &args);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let mut found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let file = it["path"].as_str().unwrap().rsplit('/').next().unwrap();
            format!("{} {} {file}", it["rule"].as_str().unwrap(), it["severity"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

fn found(config: &str, options: &[&str]) -> Vec<String> {
    found_in(app(config).path(), options)
}

const ALL: [&str; 4] = [
    "DiskOnMainThread warning Debug.kt",
    "DiskOnMainThread warning Main.kt",
    "NetworkOnMainThread error Debug.kt",
    "NetworkOnMainThread error Main.kt",
];

#[test]
fn severities() {
    assert_eq!(found("", &[]), ALL);
    assert_eq!(found("version = 1\n", &[]), ALL);
    assert_eq!(found("[rules]\nallow = [\"main-thread\"]\n", &[]).len(), 0);
    let one = found("[rules]\nallow = [\"main-thread\"]\nwarn = [\"network-on-main-thread\"]\n", &[]);
    assert_eq!(
        one,
        ["NetworkOnMainThread warning Debug.kt", "NetworkOnMainThread warning Main.kt"],
        "an id before its group"
    );
    let strict = found("[rules]\npreset = \"strict\"\n", &[]);
    assert!(strict.iter().all(|it| it.contains(" error ")), "{strict:?}");
    assert_eq!(found("[rules]\npreset = \"none\"\ndeny = [\"DiskOnMainThread\"]\n", &[]).len(), 2);
    let table = found("[rules.DiskOnMainThread]\nseverity = \"info\"\nexclude = [\"**/debug/**\"]\n", &[]);
    assert_eq!(table[0], "DiskOnMainThread info Main.kt");
    assert_eq!(table.len(), 3);
    // The command line comes first.
    let line = found(
        "[rules]\nallow = [\"NetworkOnMainThread\"]\n",
        &["--only", "NetworkOnMainThread", "--info", "NetworkOnMainThread"],
    );
    assert_eq!(line, ["NetworkOnMainThread info Debug.kt", "NetworkOnMainThread info Main.kt"]);
    assert_eq!(found("[rules]\nallow = [\"NetworkOnMainThread\"]\n", &["--no-config"]), ALL);
    assert_eq!(
        found(
            "",
            &[
                "--set",
                "rules.DiskOnMainThread.severity=off",
                "--set",
                "rules.allow=[\"NetworkOnMainThread\"]"
            ]
        )
        .len(),
        0
    );
    let overlap = found("[rules]\nandroid-lint-overlap = \"off\"\n", &["--stats"]);
    assert_eq!(overlap, ALL, "these are only worklint's");
}

#[test]
fn overrides_for_paths() {
    let config = "[[overrides]]\npaths = [\"**/debug/**\"]\nrules = { main-thread = \"off\", NetworkOnMainThread = \"info\" }\n";
    let found_here = found(config, &[]);
    assert_eq!(
        found_here,
        [
            "DiskOnMainThread warning Main.kt",
            "NetworkOnMainThread error Main.kt",
            "NetworkOnMainThread info Debug.kt"
        ]
    );
    // Later ones win; a rule that is off elsewhere may be on for some paths.
    let config = "[rules]\npreset = \"none\"\n[[overrides]]\npaths = [\"app/src/debug\"]\nrules = { DiskOnMainThread = \"error\" }\n\
                  [[overrides]]\npaths = [\"app/src/debug\"]\nrules = { DiskOnMainThread = \"warning\" }\n";
    assert_eq!(found(config, &[]), ["DiskOnMainThread warning Debug.kt"]);
    // What is off there is suppressed, and can be shown as such.
    let app = app("[[overrides]]\npaths = [\"**/debug/**\"]\nrules = { main-thread = \"off\" }\n");
    let ran = run_in(app.path(), &["--format", "json", "--no-suppressions"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["summary"]["suppressed"], 2);
    let by_config =
        |it: &&Value| it["suppression"]["kind"] == "config" && it["suppression"]["path"] == "worklint.toml";
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.iter().filter(by_config).count(), 2, "{findings:#?}");
}

#[test]
fn files_and_levels() {
    assert_eq!(found("[project]\nexclude = [\"app/src/debug\"]\n", &[]).len(), 2);
    let app = app("[project]\ntests = true\n");
    write(app.path(), "app/src/test/java/com/example/T.kt", &activity("T"));
    assert_eq!(found_in(app.path(), &[]).len(), 6);
    // A module that does not say its levels.
    let service = "package com.example\n\nimport android.app.Notification\nimport android.app.Service\n\nclass Player : Service() {\n    \
                   fun begin() { startForeground(1, Notification()) }\n}\n";
    let manifest = "<manifest package=\"com.example\"><application><service android:name=\".Player\" /></application></manifest>\n";
    let app = project(&[
        ("app/src/main/java/com/example/Player.kt", service),
        ("app/src/main/AndroidManifest.xml", manifest),
    ]);
    let types = |directory: &Path| found_in(directory, &["--only", "ForegroundServiceType"]).len();
    assert_eq!(types(app.path()), 1, "the newest is assumed");
    write(app.path(), "worklint.toml", "[project]\nsdk-levels = { target = 33 }\n");
    assert_eq!(types(app.path()), 0);
}

#[test]
fn the_nearest_file_holds() {
    let app = app("[rules]\nallow = [\"NetworkOnMainThread\"]\n");
    std::fs::create_dir(app.path().join(".git")).unwrap();
    write(
        app.path(),
        "app/worklint.toml",
        "extends = \"../worklint.toml\"\n[rules]\nwarn = [\"DiskOnMainThread\"]\n",
    );
    let disk = ["DiskOnMainThread warning Debug.kt", "DiskOnMainThread warning Main.kt"];
    assert_eq!(found_in(app.path(), &[]), disk);
    assert_eq!(found_in(&app.path().join("app/src"), &[]), disk, "the nearest extends the other");
    write(app.path(), "app/worklint.toml", "[rules]\nallow = [\"DiskOnMainThread\"]\n");
    let below = found_in(app.path(), &["app"]);
    // From there `src/debug` is the source set of the debug build, which has no entries.
    assert_eq!(below, ["NetworkOnMainThread error Main.kt"], "no merging unless said");
    let two = run_in(app.path(), &["app", "."]);
    assert_eq!(two.code, Some(2));
    assert!(
        two.err.contains("the paths have different configurations: app/worklint.toml, worklint.toml"),
        "{}",
        two.err
    );
    let network = ["NetworkOnMainThread error Debug.kt", "NetworkOnMainThread error Main.kt"];
    assert_eq!(found_in(app.path(), &["--config", "app/worklint.toml"]), network);
    let mut command = worklint(&["--format", "concise"]);
    let output =
        command.current_dir(app.path()).env("WORKLINT_CONFIG", "app/worklint.toml").output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains("Disk"));
    // What is above the repository is somebody else's.
    let outer = project(&[
        ("worklint.toml", "[rules]\npreset = \"none\"\n"),
        ("r/.git/HEAD", ""),
        (&format!("r/{MAIN}"), &activity("Main")),
    ]);
    assert_eq!(found_in(&outer.path().join("r"), &[]).len(), 2);
    let hidden = project(&[
        (".config/worklint.toml", "[project]\nexclude = [\"app\"]\n[rules]\n"),
        (MAIN, &activity("Main")),
    ]);
    let ran = run_in(hidden.path(), &[]);
    assert_eq!(ran.code, Some(2), "nothing is left: {}", ran.out);
}

#[test]
fn own_catalogue_entries() {
    let slow = "package com.example\n\nclass Slow {\n    fun wait() = 1\n}\n";
    let main = "package com.example\n\nimport android.app.Activity\nimport com.vendor.Client\n\nclass Main : Activity() {\n    \
                private val client = Client()\n    override fun onResume() { client.fetch() }\n}\n";
    let catalog = "[[blocking]]\nclass = \"com.vendor.Client\"\nmethods = [\"fetch\"]\nkind = \"network\"\ncost = \"severe\"\nsource = \"our wiki\"\n";
    let app = project(&[
        (MAIN, main),
        ("app/src/main/java/com/example/Slow.kt", slow),
        ("config/apis.toml", catalog),
    ]);
    assert_eq!(found_in(app.path(), &[]), [""; 0]);
    write(app.path(), "worklint.toml", "[catalog]\nfiles = [\"config/apis.toml\"]\n");
    assert_eq!(found_in(app.path(), &[]), ["NetworkOnMainThread error Main.kt"]);
    let fails = |catalog: &str| {
        write(app.path(), "config/apis.toml", catalog);
        let ran = run_in(app.path(), &["config", "check"]);
        assert_eq!(ran.code, Some(2));
        ran.err
    };
    let wrong = fails("[[blocking]]\nclass = \"com.vendor.Client\"\nmethod = [\"fetch\"]\n");
    assert!(wrong.contains("config/apis.toml:3: unknown field `method`"), "{wrong}");
    let wrong = fails(&catalog.replace("network", "netwrk"));
    assert!(wrong.contains("config/apis.toml:4: kind `netwrk` of com.vendor.Client is none of"), "{wrong}");
    write(app.path(), "worklint.toml", "[catalog]\nfiles = [\"config/gone.toml\"]\n");
    let gone = run_in(app.path(), &[]).err;
    assert!(gone.contains("worklint.toml:2:10: the catalogue config/gone.toml cannot be read"), "{gone}");
}

#[test]
fn output_and_exit_code() {
    let code = |config: &str| run_in(app(config).path(), &[]).code;
    assert_eq!(code(""), Some(1));
    assert_eq!(code("[output]\nfail-on = \"never\"\n"), Some(0));
    assert_eq!(code("[output]\nfail-on = \"never\"\nmax-warnings = 1\n"), Some(1));
    assert_eq!(code("[rules]\nallow = [\"NetworkOnMainThread\"]\n"), Some(0));
    let concise = run_in(app("[output]\nformat = \"concise\"\n").path(), &[]).out;
    assert!(concise.lines().count() == 4 && concise.starts_with("app/src/"), "{concise}");
    let mut command = worklint(&[]);
    let app = app("");
    let output = command.current_dir(app.path()).env("WORKLINT_FORMAT", "concise").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 4);
}

#[test]
fn suppressions() {
    let text =
        activity("Main").replace("    override", "    @Suppress(\"NetworkOnMainThread\")\n    override");
    let status = |config: &str| {
        let app = project(&[(MAIN, text.as_str()), ("worklint.toml", config)]);
        found_in(app.path(), &[])
            .iter()
            .map(|it| it.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    assert_eq!(status(""), ["DiskOnMainThread warning"]);
    assert_eq!(
        status("[suppressions]\nannotations = [\"SuppressLint\"]\n"),
        ["DiskOnMainThread warning", "NetworkOnMainThread error"]
    );
    assert_eq!(
        status("[suppressions]\nrequire-reason = true\n"),
        ["DiskOnMainThread warning", "SuppressionWithoutReason warning"]
    );
    let idle = text.replace("NetworkOnMainThread", "WaitOnMainThread");
    let unused = |config: &str| {
        let app = project(&[(MAIN, idle.as_str()), ("worklint.toml", config)]);
        found_in(app.path(), &["--only", "WaitOnMainThread,UnusedSuppression"])
    };
    assert_eq!(unused("[suppressions]\nunused = \"error\"\n"), ["UnusedSuppression error Main.kt"]);
    let app = project(&[(MAIN, idle.as_str()), ("worklint.toml", "[suppressions]\nunused = \"off\"\n")]);
    assert!(found_in(app.path(), &[]).iter().all(|it| !it.starts_with("Unused")));
}

#[test]
fn mistakes_name_the_place_and_the_nearest() {
    let cases = [
        ("unknown table", "[rulez]\nallow = []\n"),
        ("unknown key", "[rules]\nalow = [\"NetworkOnMainThread\"]\n"),
        ("unknown rule", "[rules]\nallow = [\n  \"NetworkOnMainTread\",\n]\n"),
        ("unknown rule table", "[rules.NetworkOnMainThred]\nseverity = \"off\"\n"),
        ("unknown key of a rule", "[rules.NetworkOnMainThread]\nseverty = \"off\"\n"),
        ("unknown severity", "[rules.NetworkOnMainThread]\nseverity = \"warn\"\n"),
        ("wrong type", "[project]\ntests = \"yes\"\n"),
        (
            "two severities",
            "[rules]\nallow = [\"NetworkOnMainThread\"]\ndeny = [\"network-on-main-thread\"]\n",
        ),
        ("bad glob", "[project]\nexclude = [\"a[b\"]\n"),
        ("unknown rule in an override", "[[overrides]]\npaths = [\"a\"]\nrules = { Nonsense = \"off\" }\n"),
        ("override without paths", "[[overrides]]\nrules = { main-thread = \"off\" }\n"),
        ("unknown format", "[output]\nformat = \"jsn\"\n"),
        ("newer version", "version = 2\n"),
        ("no TOML", "[rules\n"),
        ("base is missing", "extends = \"gone.toml\"\n"),
        ("circle", "extends = \"worklint.toml\"\n"),
    ];
    let mut said = String::new();
    for (name, config) in cases {
        let app = app(config);
        let ran = run_in(app.path(), &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}: {}", ran.err);
        assert_eq!(run_in(app.path(), &["config", "check"]).err, ran.err);
        said += &format!("# {name}\n{}\n", ran.err);
    }
    let app = app("");
    for pair in ["nonsense", "rules.Nonsense.severity=off", "output.fail-on=sometimes", "a b=1"] {
        let ran = run_in(app.path(), &["--set", pair]);
        assert_eq!(ran.code, Some(2), "{pair}");
        said += &format!("# --set {pair}\n{}\n", ran.err);
    }
    insta::assert_snapshot!(said);
}

#[test]
fn init_show_and_check() {
    let app = app("");
    std::fs::create_dir(app.path().join(".git")).unwrap();
    let init = run_in(app.path(), &["config", "init"]);
    assert_eq!((init.code, init.err.as_str()), (Some(0), "worklint.toml: written\n"));
    assert_eq!(run_in(app.path(), &["config", "init"]).code, Some(2), "what is there stays");
    assert_eq!(found_in(app.path(), &[]), ALL, "the template changes nothing");
    let checked = run_in(app.path(), &["config", "check"]);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), "worklint.toml: no mistakes\n"));
    // Every line of it is right when it is uncommented.
    let text = std::fs::read_to_string(app.path().join("worklint.toml")).unwrap();
    let uncommented: String = text
        .lines()
        .filter(|line| !line.starts_with("# extends") && !line.contains("catalog.toml"))
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    write(app.path(), "worklint.toml", &uncommented);
    let checked = run_in(app.path(), &["config", "check"]);
    assert_eq!(checked.code, Some(0), "{}\n{uncommented}", checked.err);
    write(
        app.path(),
        "worklint.toml",
        "[rules]\ndeny = [\"DiskOnMainThread\"]\n[output]\nfail-on = \"warning\"\n",
    );
    let shown = run_in(app.path(), &["config", "show", "--set", "project.tests=true"]).out;
    let line = |key: &str| {
        shown
            .lines()
            .find(|it| it.starts_with(key))
            .unwrap_or_else(|| panic!("{shown}"))
            .split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("rules.DiskOnMainThread.severity"), "error worklint.toml");
    assert_eq!(line("output.fail-on"), "warning worklint.toml");
    assert_eq!(line("project.tests"), "true --set project.tests=true");
    assert_eq!(line("rules.NetworkOnMainThread.severity"), "error default");
}

#[test]
fn the_published_schema_is_what_the_binary_prints() {
    let Ran { out, code, .. } = run(&["config", "schema"]);
    assert_eq!(code, Some(0));
    let path = repository().join("docs/worklint.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == out,
        "docs/worklint.schema.json is old: UPDATE=1 cargo test --test it published_schema"
    );
}

#[test]
fn the_schema_takes_what_the_binary_takes() {
    let schema: Value = serde_json::from_str(&run(&["config", "schema"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    for good in [
        "",
        "version = 1\n[rules]\npreset = \"strict\"\ndeny = [\"main-thread\", \"ShortAlarm\"]\n[rules.ShortAlarm]\nconfidence = \"low\"\n",
        "[[overrides]]\npaths = [\"a\"]\nrules = { alarms = \"off\" }\n[output]\nformat = \"sarif\"\nfail-on = \"never\"\n",
        "[project]\nsdk-levels = { min = 24 }\n[suppressions]\nannotations = [\"Suppress\"]\ncomments = []\nunused = \"off\"\n",
    ] {
        let errors: Vec<_> = validator.iter_errors(&json(good)).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{good}: {errors:?}");
        assert_eq!(run_in(app(good).path(), &["config", "check"]).code, Some(0));
    }
    for bad in [
        "version = 2\n",
        "[rules]\nalow = []\n",
        "[rules]\ndeny = [\"Nonsense\"]\n",
        "[rules.Nonsense]\nseverity = \"off\"\n",
        "[[overrides]]\npaths = [\"a\"]\nrules = { Nonsense = \"off\" }\n",
        "[output]\nformat = \"jsn\"\n",
    ] {
        assert!(!validator.is_valid(&json(bad)), "{bad}");
        assert_eq!(run_in(app(bad).path(), &["config", "check"]).code, Some(2), "{bad}");
    }
}

#[test]
fn the_project_says_what_its_work_is() {
    let source = "package app\n\nimport java.util.Timer\nimport java.util.TimerTask\n\nclass Poller {\n    fun start() {\n        \
                  Timer().schedule(object : TimerTask() {\n            override fun run() = println()\n        }, 0L, 3_600_000L)\n    }\n}\n";
    let app = app("");
    write(app.path(), "src/main/java/app/Poller.kt", source);
    let kinds = |app: &std::path::Path| {
        let ran = run_in(app, &["inventory", "--format", "json"]);
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        let work = document["work"].as_array().unwrap().clone();
        let polls =
            work.iter().filter(|it| it["path"].as_str().is_some_and(|path| path.ends_with("Poller.kt")));
        polls.map(|it| it["urgency"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let reported = |app: &std::path::Path| {
        found_in(app, &[]).into_iter().filter(|it| it.starts_with("PeriodicWorkInProcess")).count()
    };
    assert_eq!((kinds(app.path()), reported(app.path())), (vec!["deferrable".to_owned()], 1));
    for name in ["app.Poller", "app.*", "Timer.schedule"] {
        write(app.path(), "worklint.toml", &format!("[work]\n\"{name}\" = \"immediate\"\n"));
        assert_eq!((kinds(app.path()), reported(app.path())), (vec!["immediate".to_owned()], 0), "{name}");
    }
    write(app.path(), "worklint.toml", "[work]\n\"app.Poller\" = \"sometimes\"\n");
    let ran = run_in(app.path(), &["check"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("worklint.toml:2:"), "{}", ran.err);
}
