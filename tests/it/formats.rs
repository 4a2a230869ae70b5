//! Every format on one shared report with every feature: a way over files, fixes, hidden findings, letters beyond the
//! basic plane, an empty place, more than the limits. Against schemas that are not ours where there are some; programs
//! of others read the same reports in `.ci/run`.

use serde_json::Value;
use worklint::base::{Problem, SourceText, Span, problem::ProblemKind};

use worklint::findings::{
    Anchor, Change, Confidence, Edit, FileId, Finding, Fix, Hidden, Judged, Place, Safety, Severity, Step,
    StepRole, SuppressedBy, SuppressionKind,
};
use worklint::report::{Format, Include, Report, RunRule, SourceView, Style, Summary, render, write_summary};

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
        view("app/src/main/java/org/example/ünder [x] %41,b/Other, one.kt", "\n"),
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
        sketch: None,
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
    let after = place(0, "\".PlaybackService\"");
    let end = Span::new(after.span.end as usize, after.span.end as usize);
    it.finding.fix = Some(Fix {
        title: "add the type".to_owned(),
        safety: Safety::Safe,
        edits: vec![Edit {
            place: Place { span: end, ..after },
            text: "\n            android:foregroundServiceType=\"mediaPlayback\"".to_owned(),
        }],
    });
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
    let mut it =
        finding("ExactAlarmPermission", Severity::Info, place(3, "FeedRepository"), "no steps, suppressed");
    it.hidden = Some(Hidden::Suppressed(SuppressedBy {
        kind: SuppressionKind::Annotation,
        path: files()[3].path.clone(),
        line: 3,
        reason: Some("ticket 812".to_owned()),
    }));
    it
}

fn known() -> Judged {
    let mut it = finding("ShortAlarm", Severity::Warning, place(3, "latest"), "known since long");
    it.hidden = Some(Hidden::Baseline { reason: Some("needs the new player".to_owned()) });
    it
}

/// Nothing to point at, in a file whose name has everything that has to be escaped somewhere.
fn nowhere() -> Judged {
    let at = Place { file: FileId(4), span: Span::new(0, 0) };
    finding(
        "GlobalCoroutineUsage",
        Severity::Warning,
        at,
        "100% of <T> & \"these\" ['a', b], :: too\nsecond line",
    )
}

/// Two of one rule on one line, which code scanning would take for one.
fn twice() -> Judged {
    finding("DatabaseOnMainThread", Severity::Warning, place(2, "SQL_LATEST"), "the second one on this line")
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
    let rules = worklint::rules::metas().iter().map(|meta| RunRule { meta, severity: meta.severity });
    Report {
        root: ".".to_owned(),
        prefix: "feed/".to_owned(),
        files: files(),
        summary: Summary { files: 214, modules: 6, ..Summary::of(&findings) },
        findings,
        include: Include { suppressed: true, baseline: true },
        rules: rules.collect(),
        problems,
        elapsed: Some(std::time::Duration::from_millis(412)),
        link_base: Some("https://example.org/feed/blob/main/".to_owned()),
        has_baseline: true,
        changed_since: None,
    }
}

fn full_report() -> Report {
    report(vec![path(), long_path(), twice(), xml(), nowhere(), long_line(), suppressed(), known()])
}

/// What was changed: a call on the way of the first finding, nothing of the second, the place of the third.
fn changed_report() -> Report {
    let mut findings = [path(), xml(), long_line()];
    let call = findings[0].finding.steps[2].clone();
    let anchor = Anchor { place: call.place, message: call.message, role: call.role };
    findings[0].change = Change::Inside(anchor);
    findings[1].change = Change::Outside;
    let (place, message) = (findings[2].finding.place, findings[2].finding.message.clone());
    findings[2].change = Change::Inside(Anchor { place, message, role: StepRole::Sink });
    let mut report = report(findings.to_vec());
    report.changed_since = Some("changes since origin/main".to_owned());
    report
}

const PLAIN: Style = Style { color: false, links: false, unicode: true, width: 100, max_findings: 50 };

fn text(report: &Report, format: Format, style: &Style) -> String {
    let mut out = Vec::new();
    render(report, format, &mut out, style).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page's own styles and script are not what the snapshot is about.
fn without_assets(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    for tag in ["style", "script"] {
        let (open, close) = (format!("<{tag}>\n"), format!("</{tag}>"));
        let Some((before, inside)) = rest.split_once(&open) else { continue };
        let Some((_, after)) = inside.split_once(&close) else { continue };
        out.push_str(before);
        out.push_str(&format!("<{tag}>…</{tag}>"));
        rest = after;
    }
    out + rest
}

/// SARIF repeats the pages of all rules, which change without this format.
fn snapshot(report: &Report, format: Format) -> String {
    let text = text(report, format, &PLAIN);
    match format {
        Format::Html => without_assets(&text).replace(env!("CARGO_PKG_VERSION"), "0.0.0"),
        Format::Sarif => {
            let mut log: Value = serde_json::from_str(&text).unwrap();
            let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
            rules.truncate(1);
            rules[0]["help"] = Value::from("…");
            let results = log["runs"][0]["results"].as_array_mut().unwrap();
            results.iter_mut().for_each(|it| it["ruleIndex"] = Value::from("…"));
            serde_json::to_string_pretty(&log).unwrap()
        }
        _ => text,
    }
}

#[test]
fn every_format() {
    for format in Format::ALL {
        insta::assert_snapshot!(format.name(), snapshot(&full_report(), format));
        insta::assert_snapshot!(format!("{}-empty", format.name()), snapshot(&report(Vec::new()), format));
        assert_eq!(Format::named(format.name()), Some(format));
    }
}

/// For programs of others: `.ci/validate` says where.
#[test]
fn reports_for_outside_validators() {
    let Some(directory) = std::env::var_os("WORKLINT_REPORTS") else { return };
    let directory = std::path::PathBuf::from(directory);
    std::fs::create_dir_all(&directory).unwrap();
    let mut shown = full_report();
    // What goes to others holds nothing that is hidden.
    shown.include = Include::default();
    for format in Format::ALL {
        for (name, report) in [
            ("full", &shown),
            ("empty", &report(Vec::new())),
            ("changed", &changed_report()),
            ("many", &many()),
        ] {
            let path = directory.join(format!("{name}.{}", format.name()));
            std::fs::write(path, text(report, format, &PLAIN)).unwrap();
        }
    }
}

/// More findings than any limit.
fn many() -> Report {
    let one = long_path();
    let findings = (0..5_200).map(|at| {
        let mut it = one.clone();
        it.finding.rule = if at % 2 == 0 { "DatabaseOnMainThread" } else { "NetworkOnMainThread" };
        it.finding.symbol = format!("org.example.C{at}.run");
        // Lines of their own, for what is one on a line would be merged.
        it.finding.place.file = FileId(5);
        let start = at * 10;
        it.finding.place.span = Span::new(start, start + 6);
        it
    });
    let mut report = report(findings.collect());
    let text = SourceText::new("call(1)  \n".repeat(5_300));
    report.files.push(SourceView {
        path: "app/src/main/java/Many.kt".to_owned(),
        module: ":app".to_owned(),
        text,
    });
    report
}

#[test]
fn what_was_changed() {
    let report = changed_report();
    for format in Format::ALL {
        let text = text(&report, format, &PLAIN);
        let outside = text.contains("PlaybackService has no foregroundServiceType");
        assert_eq!(outside, format.is_complete(), "{}: the finding that is not touched", format.name());
    }
    let concise = text(&report, Format::Concise, &PLAIN);
    let first =
        "feed/app/src/main/java/org/example/feed/FeedRepository.kt:5:16: error DatabaseOnMainThread: ";
    assert!(concise.starts_with(first), "at the changed call: {concise}");
    insta::assert_snapshot!("changed-concise", concise);
    insta::assert_snapshot!("changed-full", text(&report, Format::Full, &PLAIN));
    insta::assert_snapshot!("changed-github", text(&report, Format::Github, &PLAIN));
    let json: Value = serde_json::from_str(&text(&report, Format::Json, &PLAIN)).unwrap();
    let marks: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|it| it["inDiff"].as_bool()).collect();
    assert_eq!(marks, [Some(true), Some(false), Some(true)]);
    assert_eq!(json["findings"][0]["anchor"]["line"], 5);
    assert!(json["findings"][0]["path"].as_str().unwrap().ends_with("FeedCache.kt"));
}

#[test]
fn ascii_and_colour() {
    let one = report(vec![path()]);
    let ascii = text(&one, Format::Full, &Style { unicode: false, ..PLAIN });
    insta::assert_snapshot!(ascii);
    let foreign: String = ascii.chars().filter(|it| !it.is_ascii()).collect();
    assert_eq!(foreign, "漢字𝒳\u{fffd}", "only quoted source text is not ASCII");
    insta::assert_snapshot!(text(&one, Format::Full, &Style { color: true, ..PLAIN }).replace('\u{1b}', "^"));
    let linked = text(&one, Format::Concise, &Style { links: true, ..PLAIN });
    let page = "\u{1b}]8;;https://github.com/worklint/worklint/blob/main/rules/main-thread/DatabaseOnMainThread.md\u{1b}\\";
    assert!(linked.contains(page), "{linked:?}");
}

#[test]
fn narrow_terminals() {
    insta::assert_snapshot!(text(
        &report(vec![path(), xml(), long_line()]),
        Format::Full,
        &Style { width: 50, ..PLAIN }
    ));
}

#[test]
fn a_limit_holds_for_text_only() {
    let limited = Style { max_findings: 1, ..PLAIN };
    for format in Format::ALL.into_iter().filter(|it| it.is_text()) {
        let (one, all) = (text(&full_report(), format, &limited), text(&full_report(), format, &PLAIN));
        assert!(one.lines().count() < all.lines().count(), "{}", format.name());
    }
    let json: Value = serde_json::from_str(&text(&full_report(), Format::Json, &limited)).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 8);
}

fn schema(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(repository().join(path)).unwrap()).unwrap()
}

fn assert_valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(instance).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn all_reports() -> [Report; 3] {
    [full_report(), report(Vec::new()), changed_report()]
}

#[test]
fn json_is_valid_against_its_schema() {
    let published = schema("docs/json-v1.schema.json");
    let of = |name: &str| {
        let mut one = published.clone();
        one["$ref"] = Value::from(format!("#/$defs/{name}"));
        for key in ["type", "required", "properties"] {
            one.as_object_mut().unwrap().remove(key);
        }
        one
    };
    for report in all_reports() {
        let json: Value = serde_json::from_str(&text(&report, Format::Json, &PLAIN)).unwrap();
        assert_valid(&published, &json);
        let lines = text(&report, Format::JsonLines, &PLAIN);
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for line in &lines {
            assert_valid(&of(line["type"].as_str().unwrap()), line);
        }
        assert_eq!(lines.last().unwrap()["type"], "summary");
        assert_eq!(lines.len(), json["findings"].as_array().unwrap().len() + report.problems.len() + 1);
    }
}

#[test]
fn gitlab_is_valid_and_its_fingerprints_differ() {
    for report in all_reports() {
        let json: Value = serde_json::from_str(&text(&report, Format::Gitlab, &PLAIN)).unwrap();
        assert_valid(&schema("tests/schemas/gitlab-code-quality.json"), &json);
        let mut prints: Vec<_> =
            json.as_array().unwrap().iter().map(|it| it["fingerprint"].to_string()).collect();
        prints.sort();
        let all = prints.len();
        prints.dedup();
        assert_eq!(prints.len(), all);
    }
}

#[test]
fn json_columns_are_utf16() {
    let json: Value = serde_json::from_str(&text(&report(vec![path()]), Format::Json, &PLAIN)).unwrap();
    let line = CACHE.lines().nth(4).unwrap();
    let before = &line[..line.find("db.").unwrap()];
    assert_eq!(json["findings"][0]["column"], before.encode_utf16().count() + 1);
    assert_eq!(json["findings"][0]["line"], 5);
    let json: Value = serde_json::from_str(&text(&report(vec![path()]), Format::Rdjson, &PLAIN)).unwrap();
    assert_eq!(json["diagnostics"][0]["location"]["range"]["start"]["column"], before.len() + 1, "bytes");
}

#[test]
fn annotations_keep_to_what_github_shows() {
    let annotations = text(&many(), Format::Github, &PLAIN);
    assert_eq!(annotations.lines().count(), 11);
    assert!(
        annotations.lines().take(10).all(|it| it.starts_with("::error file=app/src/main/java/Many.kt,line="))
    );
    assert_eq!(
        annotations.lines().last(),
        Some("::notice title=worklint::and 5190 more findings, see the summary and the log")
    );
}

#[test]
fn markdown_stays_below_the_size_of_a_summary() {
    let markdown = text(&many(), Format::Markdown, &PLAIN);
    assert!(markdown.len() < 1_000_000 && markdown.len() > 900_000, "{}", markdown.len());
    assert!(markdown.contains("left out because of the size"));
}

#[test]
fn xml_is_well_formed() {
    for report in all_reports() {
        for format in [Format::Checkstyle, Format::Junit, Format::AndroidLint] {
            let text = text(&report, format, &PLAIN);
            let mut reader = quick_xml::Reader::from_str(&text);
            reader.config_mut().check_end_names = true;
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Eof => break,
                    quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                        tag.attributes().for_each(|it| {
                            drop(quick_xml::escape::unescape(&it.unwrap().value).unwrap().into_owned())
                        });
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn summaries() {
    let summary = |report: &Report, format, style: &Style| {
        let mut out = Vec::new();
        write_summary(report, format, &mut out, style).unwrap();
        String::from_utf8(out).unwrap()
    };
    let mut clean = report(vec![suppressed(), known()]);
    clean.problems.clear();
    let mut broken = report(Vec::new());
    broken.problems[0].kind = ProblemKind::Unreadable;
    let mut hidden = full_report();
    hidden.include = Include::default();
    hidden.summary.stale = 2;
    let all = [
        summary(&full_report(), Format::Full, &Style { max_findings: 1, ..PLAIN }),
        summary(&full_report(), Format::Json, &Style { max_findings: 1, unicode: false, ..PLAIN }),
        summary(&hidden, Format::Full, &PLAIN),
        summary(&changed_report(), Format::Full, &PLAIN),
        summary(&clean, Format::Full, &PLAIN),
        summary(&broken, Format::Full, &PLAIN),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

/// What neither the schema nor the validators of others see.
#[test]
fn sarif_is_what_code_scanning_takes() {
    let official = schema("tests/schemas/sarif-2.1.0.json");
    for report in all_reports().into_iter().chain([many()]) {
        let log: Value = serde_json::from_str(&text(&report, Format::Sarif, &PLAIN)).unwrap();
        if report.findings.len() < 100 {
            assert_valid(&official, &log);
        }
        let [run] = log["runs"].as_array().unwrap().as_slice() else { panic!("one run") };
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert!(ids.is_sorted() && ids.len() == worklint::rules::metas().len());
        for rule in rules {
            check_rule(rule);
        }
        let results = run["results"].as_array().unwrap();
        assert!(results.len() <= 5_000);
        for result in results {
            check_result(result, &ids, &report);
        }
    }
    let log: Value = serde_json::from_str(&text(&many(), Format::Sarif, &PLAIN)).unwrap();
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("200 results beyond the first 5000 are left out."), "{notes}");
}

fn check_rule(rule: &Value) {
    let id = &rule["id"];
    for key in ["shortDescription", "fullDescription"] {
        let text = rule[key]["text"].as_str().unwrap();
        assert!(!text.is_empty() && text.chars().count() <= 1_024, "{id} {key}");
    }
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why"), "{id}");
    assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
    let tags = rule["properties"]["tags"].as_array().unwrap();
    assert!(tags.len() <= 10 && !tags.contains(&Value::from("security")));
    assert!(rule["properties"].get("security-severity").is_none());
}

fn check_result(result: &Value, ids: &[&str], report: &Report) {
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(result["ruleId"], ids[index]);
    let [location] = result["locations"].as_array().unwrap().as_slice() else { panic!("one location") };
    let region = &location["physicalLocation"]["region"];
    assert_eq!(region["startLine"], region["endLine"]);
    let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
    assert!(
        print.contains(':') && result["partialFingerprints"]["worklint/v1"].as_str().unwrap().len() == 16
    );
    let message = result["message"]["text"].as_str().unwrap();
    assert!(message.ends_with('.'), "{message}");
    let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
    let linked = message.split("](").skip(1).map(|it| it.split(')').next().unwrap());
    for id in linked {
        let id: u64 = id.parse().unwrap();
        assert!(related.iter().any(|it| it["id"] == id), "{message}");
    }
    let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().cloned().unwrap_or_default();
    assert!(flow.len() <= 101 && flow.iter().all(|it| it["location"]["message"]["text"].is_string()));
    let steps = flow.iter().map(|it| &it["location"]);
    for place in related.iter().chain(steps).chain([location]) {
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(['\\', ' ', ':']) && !uri.contains(".."), "{uri}");
        assert!(uri.is_ascii());
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["physicalLocation"]["region"][key].as_u64().unwrap() >= 1);
        }
    }
    if !(report.include.suppressed || report.include.baseline) {
        assert!(result.get("suppressions").is_none() && result.get("baselineState").is_none());
    }
}

#[test]
fn sarif_columns_links_and_fixes() {
    let log: Value = serde_json::from_str(&text(&full_report(), Format::Sarif, &PLAIN)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let first = &results[0];
    let line = CACHE.lines().nth(4).unwrap();
    let before = &line[..line.find("db.").unwrap()];
    let region = &first["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startColumn"], before.encode_utf16().count() + 1);
    assert!(
        first["message"]["text"]
            .as_str()
            .unwrap()
            .contains("reached from [FeedActivity.onResume](1) in 3 calls")
    );
    let also =
        first["relatedLocations"].as_array().unwrap().iter().map(|it| it["message"]["text"].to_string());
    assert!(also.into_iter().any(|it| it.contains("also on this line")), "one result per rule and line");
    let with_fix = results.iter().find(|it| it["ruleId"] == "ForegroundServiceType").unwrap();
    let replacement = &with_fix["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert!(replacement["insertedContent"]["text"].as_str().unwrap().contains("mediaPlayback"));
    let escaped = results.iter().find(|it| it["ruleId"] == "GlobalCoroutineUsage").unwrap();
    let uri = escaped["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.ends_with("%C3%BCnder%20%5Bx%5D%20%2541%2Cb/Other%2C%20one.kt"), "{uri}");
    assert!(escaped["message"]["text"].as_str().unwrap().contains("\\['a', b\\]"));
    let states: Vec<_> = results.iter().map(|it| it["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|it| **it == "unchanged").count(), 1);
}
