//! GitLab's Code Quality report. Written whole whatever lines are changed: GitLab compares it with that of the target
//! branch itself.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use crate::findings::fingerprint::fingerprint;
use crate::findings::{Judged, Severity};

use super::words::distance;
use super::{Format, Report};

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: &'static str,
    /// GitLab does not show the check's name.
    description: String,
    content: Content,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    // A fingerprint has to be unique in the report.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Issue> = report
        .written(Format::Gitlab)
        .filter_map(|judged| {
            let ordinal = seen.entry(fingerprint(&judged.finding)).or_default();
            *ordinal += 1;
            issue(report, judged, *ordinal)
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(report: &Report, judged: &Judged, ordinal: usize) -> Option<Issue> {
    let finding = &judged.finding;
    let spot = report.spot(finding.place)?;
    let mut description = format!("{}: {}", finding.rule, finding.message);
    description.extend(distance(finding).map(|it| format!(" [{it}]")));
    let identity = format!("{}#{ordinal}", fingerprint(finding));
    Some(Issue {
        kind: "issue",
        check_name: finding.rule,
        description,
        content: Content { body: finding.help.clone() },
        categories: ["Bug Risk"],
        severity: match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        fingerprint: format!("{:032x}", xxh3_128(identity.as_bytes())),
        location: Location { path: spot.path, lines: Lines { begin: spot.start.line, end: spot.end.line } },
    })
}
