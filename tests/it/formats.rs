//! Every format on one shared report with every feature; the JSON report against its published schema.

use worklint::base::{Problem, SourceText, Span, problem::ProblemKind};
use worklint::findings::{
    Confidence, FileId, Finding, Hidden, Judged, Place, Severity, Step, StepRole, SuppressedBy,
    SuppressionKind,
};
use worklint::report::{Format, Report, SourceView, Style, Summary, render, write_summary};

use crate::support::repository;

const ACTIVITY: &str = "\
package org.example.feed

class FeedActivity : Activity() {
    private val repository = FeedRepository()

    override fun onResume() {
        super.onResume()
        show(repository.latest())
    }
}
";

const REPOSITORY: &str = "\
package org.example.feed

class FeedRepository(private val cache: FeedCache) {
    fun latest(): List<Item> {
        return cache.read()
    }
}
";

const CACHE: &str = "\
package org.example.feed

class FeedCache {
\tfun read(): List<Item> {
\t\tval title = \"漢字 𝒳\u{202e}\"; val cursor = db.rawQuery(SQL_LATEST, null)
\t\treturn cursor.items()
\t}

    fun more() = longChain(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\").andThen(file.readText())
}
";

const MANIFEST: &str = "\
<manifest>
    <application>
        <service
            android:name=\".PlaybackService\"
            android:exported=\"false\" />
    </application>
</manifest>
";

fn files() -> Vec<SourceView> {
    let view = |path: &str, text: &str| SourceView {
        path: path.to_owned(),
        module: ":app".to_owned(),
        text: SourceText::new(text.to_owned()),
    };
    vec![
        view("app/src/main/AndroidManifest.xml", MANIFEST),
        view("app/src/main/java/org/example/feed/FeedActivity.kt", ACTIVITY),
        view("app/src/main/java/org/example/feed/FeedCache.kt", CACHE),
        view("app/src/main/java/org/example/feed/FeedRepository.kt", REPOSITORY),
    ]
}

/// The first place in a file that reads so.
fn place(file: u32, words: &str) -> Place {
    let view = &files()[file as usize];
    let at = view.text.text.find(words).unwrap_or_else(|| panic!("{words:?} is not in {}", view.path));
    Place { file: FileId(file), span: Span::new(at, at + words.len()) }
}

fn step(role: StepRole, file: u32, words: &str, message: &str, symbol: &str) -> Step {
    Step { role, place: place(file, words), message: message.to_owned(), symbol: symbol.to_owned() }
}

fn finding(rule: &'static str, severity: Severity, place: Place, message: &str) -> Judged {
    let finding = Finding {
        rule,
        severity,
        confidence: Confidence::High,
        place,
        message: message.to_owned(),
        help: "do something else".to_owned(),
        label: String::new(),
        symbol: String::new(),
        key: "key".to_owned(),
        steps: Vec::new(),
        also_from: Vec::new(),
        fix: None,
    };
    Judged::from(finding)
}

/// A path over three files.
fn path() -> Judged {
    let at = place(2, "db.rawQuery(SQL_LATEST, null)");
    let mut it = finding(
        "DatabaseOnMainThread",
        Severity::Error,
        at,
        "SQLiteDatabase.rawQuery blocks the main thread",
    );
    it.finding.label = "waits for disk".to_owned();
    it.finding.help =
        "make `latest` a suspend function and run the query on Dispatchers.IO with `withContext`, or let \
        Room generate the query as a suspend function of a @Dao"
            .to_owned();
    it.finding.symbol = "org.example.feed.FeedCache.read".to_owned();
    it.finding.key = "SQLiteDatabase.rawQuery".to_owned();
    it.finding.steps = vec![
        step(
            StepRole::Entry,
            1,
            "onResume",
            "the framework calls this on the main thread",
            "org.example.feed.FeedActivity.onResume",
        ),
        step(
            StepRole::Call,
            1,
            "repository.latest()",
            "calls FeedRepository.latest",
            "org.example.feed.FeedActivity.onResume",
        ),
        step(
            StepRole::Call,
            3,
            "cache.read()",
            "calls FeedCache.read",
            "org.example.feed.FeedRepository.latest",
        ),
    ];
    it.finding.also_from =
        ["FeedWidget.onUpdate", "SyncReceiver.onReceive", "TestActivity.onCreate", "UiThread.run"]
            .map(str::to_owned)
            .to_vec();
    it
}

fn xml() -> Judged {
    let at = place(0, "<service\n            android:name=\".PlaybackService\"");
    let mut it = finding(
        "ForegroundServiceType",
        Severity::Warning,
        at,
        "PlaybackService has no foregroundServiceType",
    );
    it.finding.label = "no android:foregroundServiceType".to_owned();
    it.finding.symbol = "manifest/application/service[.PlaybackService]".to_owned();
    it.finding.steps =
        vec![step(StepRole::Declaration, 1, "show(", "starts it", "org.example.feed.FeedActivity.onResume")];
    it
}

/// A path with more places than are drawn.
fn long_path() -> Judged {
    let mut it = path();
    let middle = it.finding.steps[2].clone();
    it.finding
        .steps
        .extend((0..4).map(|at| Step { symbol: format!("org.example.disk.Disk{at}.get"), ..middle.clone() }));
    it.finding.also_from.clear();
    it
}

fn suppressed() -> Judged {
    let mut it = finding("ExactAlarm", Severity::Info, place(3, "FeedRepository"), "no steps, suppressed");
    it.hidden = Some(Hidden::Suppressed(SuppressedBy {
        kind: SuppressionKind::Annotation,
        path: files()[3].path.clone(),
        line: 3,
        reason: Some("ticket 812".to_owned()),
    }));
    it
}

/// A label far to the right, as in minified code.
fn long_line() -> Judged {
    finding(
        "DiskOnMainThread",
        Severity::Info,
        place(2, "file.readText()"),
        "a long line, control \u{1b}[31m characters",
    )
}

fn report(findings: Vec<Judged>) -> Report {
    let mut summary = Summary { files: 214, modules: 6, ..Summary::default() };
    for reported in &findings {
        match reported.hidden {
            Some(_) => summary.suppressed += 1,
            None => summary.count(reported.finding.severity),
        }
    }
    let problem = |kind, line, message: &str| Problem {
        kind,
        path: "app/src/main/java/org/example/feed/Broken.kt".to_owned(),
        span: None,
        line,
        message: message.to_owned(),
    };
    let problems = vec![
        problem(ProblemKind::Syntax, Some(3), "not understood: `fun`"),
        problem(ProblemKind::Assumed, None, "targetSdk is not known, 37 assumed"),
    ];
    let elapsed = Some(std::time::Duration::from_millis(412));
    Report {
        root: ".".to_owned(),
        prefix: "feed/".to_owned(),
        files: files(),
        findings,
        rules: worklint::rules::metas().iter().collect(),
        problems,
        summary,
        elapsed,
    }
}

fn full_report() -> Report {
    report(vec![path(), long_path(), xml(), long_line(), suppressed()])
}

const PLAIN: Style = Style { color: false, unicode: true, width: 100, max_findings: 50 };

fn text(report: &Report, format: Format, style: &Style) -> String {
    let mut out = Vec::new();
    render(report, format, &mut out, style).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_format() {
    for format in Format::ALL {
        insta::assert_snapshot!(format.name(), text(&full_report(), format, &PLAIN));
        insta::assert_snapshot!(
            format!("{}-empty", format.name()),
            text(&report(Vec::new()), format, &PLAIN)
        );
    }
}

#[test]
fn ascii_and_colour() {
    let one = report(vec![path()]);
    let ascii = text(&one, Format::Full, &Style { unicode: false, ..PLAIN });
    insta::assert_snapshot!(ascii);
    let foreign: String = ascii.chars().filter(|it| !it.is_ascii()).collect();
    assert_eq!(foreign, "漢字𝒳\u{fffd}", "only quoted source text is not ASCII");
    insta::assert_snapshot!(text(&one, Format::Full, &Style { color: true, ..PLAIN }).replace('\u{1b}', "^"));
}

#[test]
fn narrow_terminals() {
    insta::assert_snapshot!(text(
        &report(vec![path(), long_line()]),
        Format::Full,
        &Style { width: 50, ..PLAIN }
    ));
}

#[test]
fn a_limit_holds_for_text_only() {
    let limited = Style { max_findings: 1, ..PLAIN };
    assert_eq!(text(&full_report(), Format::Concise, &limited).lines().count(), 1);
    let json: serde_json::Value =
        serde_json::from_str(&text(&full_report(), Format::Json, &limited)).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 5);
}

#[test]
fn json_is_valid_against_its_schema() {
    let schema = std::fs::read_to_string(repository().join("docs/json-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for report in [full_report(), report(Vec::new())] {
        let json = serde_json::from_str(&text(&report, Format::Json, &PLAIN)).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&json).map(|it| format!("{}: {it}", it.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn json_columns_are_utf16() {
    let json: serde_json::Value =
        serde_json::from_str(&text(&report(vec![path()]), Format::Json, &PLAIN)).unwrap();
    let line = CACHE.lines().nth(4).unwrap();
    let before = &line[..line.find("db.").unwrap()];
    assert_eq!(json["findings"][0]["column"], before.encode_utf16().count() + 1);
    assert_eq!(json["findings"][0]["line"], 5);
}

#[test]
fn summaries() {
    let summary = |report: &Report, format, style: &Style| {
        let mut out = Vec::new();
        write_summary(report, format, &mut out, style).unwrap();
        String::from_utf8(out).unwrap()
    };
    let mut clean = report(vec![suppressed()]);
    clean.problems.clear();
    let mut broken = report(Vec::new());
    broken.problems[0].kind = ProblemKind::Unreadable;
    let all = [
        summary(&full_report(), Format::Full, &Style { max_findings: 1, ..PLAIN }),
        summary(&full_report(), Format::Json, &Style { max_findings: 1, unicode: false, ..PLAIN }),
        summary(&clean, Format::Full, &PLAIN),
        summary(&broken, Format::Full, &PLAIN),
    ];
    insta::assert_snapshot!(all.join("\n"));
}
