//! What worklint must see: every directory `fixtures/<group>/<RuleId>/<case>/` is a project and a test of that name.
//!
//! A line with `// expect: RuleId` (several by comma; `<!-- expect: RuleId -->` in XML, `# expect: RuleId` in TOML and
//! properties) is a line where exactly these rules report. Where no comment fits on the line itself, because a tag goes
//! on, `expect+2: RuleId` means two lines below. Findings of all rules that are on by default, and of the rule whose
//! fixture it is, have to be marked, so that a project without marks has to be silent. `// related: RuleId` marks a line
//! that has to be a step of some finding of that rule.
//!
//! Sample apps (`fixtures/apps/<name>/`) are tests as well if they have marks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

/// Rule, path, line.
type Mark = (String, String, u64);

#[derive(Default)]
struct Marks {
    expected: BTreeSet<Mark>,
    related: BTreeSet<Mark>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trials = Vec::new();
    // Pairs of equal programs in two languages; `tests/it/lowering.rs` compares their facts.
    for group in directories(&root).into_iter().filter(|it| name(it) != "lowering") {
        for rule in directories(&group) {
            if name(&group) == "apps" {
                if !marks(&rule).expected.is_empty() {
                    trials.push(trial(format!("apps/{}", name(&rule)), rule, None));
                }
                continue;
            }
            for case in directories(&rule) {
                let title = format!("{}/{}/{}", name(&group), name(&rule), name(&case));
                trials.push(trial(title, case, Some(name(&rule))));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(title: String, case: PathBuf, rule: Option<String>) -> Trial {
    Trial::test(title, move || check(&case, rule.as_deref()))
}

fn check(case: &Path, rule: Option<&str>) -> Result<(), Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worklint"));
    command.args(["check", "--format", "json", "--reproducible", "-j", "1"]);
    if let Some(rule) = rule {
        command.args(["--extend-select", rule]);
    }
    let output = command.arg(case).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
        return Err(format!("no report: {said}").into());
    };
    // A fixture with a typing error would be silent for the wrong reason.
    let unclear = array(&report["notifications"]).iter().find(|it| it["level"] != "info");
    if let Some(problem) = unclear.filter(|_| !name(case).starts_with("broken")) {
        return Err(format!("not understood: {problem}").into());
    }
    let marks = marks(case);
    let found = array(&report["findings"]);
    let reported: BTreeSet<Mark> = found.iter().map(|it| mark(&text(&it["rule"]), it)).collect();
    let steps: BTreeSet<Mark> = found
        .iter()
        .flat_map(|it| array(&it["related"]).iter().map(|step| mark(&text(&it["rule"]), step)))
        .collect();
    let messages: BTreeMap<Mark, String> =
        found.iter().map(|it| (mark(&text(&it["rule"]), it), text(&it["message"]))).collect();
    let mut wrong = Vec::new();
    for (rule, path, line) in marks.expected.difference(&reported) {
        wrong.push(format!("- {path}:{line}: {rule} is expected, but not reported"));
    }
    for it @ (rule, path, line) in reported.difference(&marks.expected) {
        wrong.push(format!("+ {path}:{line}: {rule} is reported, but not expected: {}", messages[it]));
    }
    for (rule, path, line) in marks.related.difference(&steps) {
        wrong.push(format!("- {path}:{line}: no finding of {rule} has a step here"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n{}\n", wrong.join("\n")).into()) }
}

fn array(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn mark(rule: &str, place: &serde_json::Value) -> Mark {
    (rule.to_owned(), text(&place["path"]), place["line"].as_u64().unwrap_or_default())
}

fn marks(case: &Path) -> Marks {
    let mut marks = Marks::default();
    let mut open = vec![case.to_path_buf()];
    while let Some(directory) = open.pop() {
        for path in entries(&directory) {
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let relative = path.strip_prefix(case).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                for (line, number) in text.lines().zip(1..) {
                    read_marks(line, &relative, number, &mut marks);
                }
            }
        }
    }
    marks
}

fn read_marks(line: &str, path: &str, number: u64, marks: &mut Marks) {
    for comment in ["// ", "<!-- ", "# "] {
        for (at, _) in line.match_indices(comment) {
            let rest = &line[at + comment.len()..];
            let (into, rest) = if let Some(rest) = rest.strip_prefix("expect") {
                (&mut marks.expected, rest)
            } else if let Some(rest) = rest.strip_prefix("related") {
                (&mut marks.related, rest)
            } else {
                continue;
            };
            let Some((below, ids)) = rest.split_once(':') else { continue };
            let below = if below.is_empty() {
                Some(0)
            } else {
                below.strip_prefix('+').and_then(|it| it.parse().ok())
            };
            let Some(below) = below else { continue };
            let ids = ids.split("-->").next().unwrap_or(ids);
            let ids = ids.split("//").next().unwrap_or(ids);
            let named = ids.split(',').map(str::trim).filter(|it| !it.is_empty());
            into.extend(named.map(|id| (id.to_owned(), path.to_owned(), number + below)));
        }
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        std::fs::read_dir(directory).into_iter().flatten().flatten().map(|it| it.path()).collect();
    found.sort();
    found
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|it| it.is_dir()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
