//! Words that several text formats build from a finding: short symbols, the call path, counts.

use crate::findings::{Finding, StepRole};

/// `org.example.feed.FeedRepository.latest(int)` → `FeedRepository.latest`: from the first capitalised part on.
pub(super) fn short(symbol: &str) -> &str {
    let symbol = symbol.split('(').next().unwrap_or(symbol);
    let mut at = 0;
    for part in symbol.split('.') {
        if part.starts_with(char::is_uppercase) {
            return &symbol[at..];
        }
        at += part.len() + 1;
    }
    symbol.rsplit('.').next().unwrap_or(symbol)
}

/// The declarations from the entry to the finding and what is called there; none when no call leads to it.
pub(super) fn call_path(finding: &Finding) -> Option<Vec<&str>> {
    finding.steps.iter().find(|it| matches!(it.role, StepRole::Entry | StepRole::Call))?;
    let steps = finding.steps.iter().filter(|it| matches!(it.role, StepRole::Entry | StepRole::Call));
    let symbols = steps.map(|it| it.symbol.as_str()).chain([finding.symbol.as_str(), finding.key.as_str()]);
    let mut path: Vec<&str> = symbols.map(short).filter(|it| !it.is_empty()).collect();
    path.dedup();
    Some(path)
}

/// `3 calls from FeedActivity.onResume`: how far the entry is.
pub(super) fn distance(finding: &Finding) -> Option<String> {
    let entry = finding.steps.iter().find(|it| it.role == StepRole::Entry)?;
    let calls = finding.steps.iter().filter(|it| it.role == StepRole::Call).count() + 1;
    let symbol = short(&entry.symbol);
    (!symbol.is_empty()).then(|| format!("{} from {symbol}", count(calls, "call")))
}

/// How the finding can be suppressed, in words to paste.
pub(super) fn suppression(finding: &Finding, path: &str) -> Option<String> {
    let (rule, symbol) = (finding.rule, short(&finding.symbol));
    if path.ends_with(".xml") {
        let element = finding.symbol.rsplit('/').next().unwrap_or("");
        let element = element.split('[').next().unwrap_or(element);
        let on = if element.is_empty() { String::new() } else { format!(" on <{element}>") };
        return Some(format!("tools:ignore=\"{rule}\"{on}"));
    }
    // Build files have no annotations.
    if !path.ends_with(".kt") && !path.ends_with(".java") {
        return None;
    }
    match symbol {
        "" => Some(format!("//noinspection {rule} above the line")),
        _ => Some(format!("@SuppressLint(\"{rule}\") on {symbol}")),
    }
}

pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Control characters and direction overrides must not reach a terminal.
pub(super) fn printable(text: &str) -> String {
    let hidden =
        |it: char| it.is_control() || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|it| if hidden(it) { '\u{fffd}' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_symbols() {
        assert_eq!(
            short("org.example.feed.FeedRepository.latest(int, java.lang.String)"),
            "FeedRepository.latest"
        );
        assert_eq!(short("org.example.Outer.Inner.run"), "Outer.Inner.run");
        assert_eq!(short("org.example.topLevel"), "topLevel");
        assert_eq!(short("android.intent.action.BOOT_COMPLETED"), "BOOT_COMPLETED");
        assert_eq!(short(""), "");
    }

    #[test]
    fn counts() {
        assert_eq!([count(0, "call"), count(1, "call"), count(2, "call")], ["0 calls", "1 call", "2 calls"]);
    }
}
