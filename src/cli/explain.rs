//! `worklint explain RULE`: the rule's page in the terminal.

use std::fmt::Write as _;

use crate::findings::RuleMeta;
use crate::findings::select::find;

use super::args::ExplainArgs;
use super::error::{Failure, UseError};
use super::terminal::{Stream, style};
use super::{Exit, write_out};

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let found = find(crate::rules::metas(), &args.rule).map_err(|error| UseError::select("", &error))?;
    let [meta] = found.as_slice() else {
        let ids: Vec<_> = found.iter().map(|it| it.id).collect();
        let help = format!("its rules: {}", ids.join(", "));
        return Err(UseError::new(format!("`{}` is a group, not a rule", args.rule), help).into());
    };
    let color = style(args.color.color, Stream::Out, 0).color;
    write_out(|out| out.write_all(page(meta, color).as_bytes()))?;
    Ok(Exit::Clean)
}

fn page(meta: &RuleMeta, color: bool) -> String {
    let mut text = String::new();
    let mut line = |it: &str| {
        text.push_str(it);
        text.push('\n');
    };
    line(&strong(meta.id, color));
    line(meta.summary);
    line("");
    let default = if meta.default_on { "on" } else { "off, turn on with --extend-select" };
    let facts = [
        ("group", meta.group),
        ("severity", meta.severity.word()),
        ("confidence", meta.confidence.word()),
        ("fix", meta.fix),
        ("since", meta.since),
        ("default", default),
    ];
    for (name, value) in facts {
        line(&format!("  {name:11} {value}"));
    }
    if meta.shared {
        line("  same id     in Android Lint, androidx or detekt: one suppression serves both");
    }
    line("");
    body(meta.body, color, &mut text);
    let _ = write!(text, "\n{}\n\n", strong("Suppress", color));
    let _ = writeln!(
        text,
        "    @SuppressLint(\"{id}\")   //noinspection {id}   tools:ignore=\"{id}\"",
        id = meta.id
    );
    text
}

/// Markdown as a terminal likes it: headings stand out, code is indented, the rest stays as written.
fn body(markdown: &str, color: bool, text: &mut String) {
    let mut in_code = false;
    for line in markdown.trim_end().lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            // A file name says where the code belongs.
            if let Some((_, file)) = line.split_once("file=").filter(|_| in_code) {
                let _ = writeln!(text, "    {file}:");
            }
        } else if in_code {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        } else if let Some(heading) = line.strip_prefix('#') {
            let _ = writeln!(text, "{}", strong(heading.trim_start_matches('#').trim(), color));
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
}

fn strong(text: &str, color: bool) -> String {
    if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown() {
        let mut text = String::new();
        body(
            "## Bad\n\n### Kotlin\n```kotlin file=a/B.kt\n# no heading\n\nrun()\n```\nText.\n",
            false,
            &mut text,
        );
        assert_eq!(text, "Bad\n\nKotlin\n    a/B.kt:\n    # no heading\n\n    run()\nText.\n");
    }
}
