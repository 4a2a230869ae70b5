//! Patterns with `*`, the only pattern language of the catalogue.

/// `*` matches any run of characters; several may stand in one pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    rest_matches(tail, rest)
}

fn rest_matches(tail: &str, mut rest: &str) -> bool {
    let mut parts = tail.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// How much of a pattern is literal: the longest one that matches is the most specific.
pub(super) fn weight(pattern: &str) -> usize {
    pattern.len() - pattern.matches('*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_runs() {
        for (pattern, text, expected) in [
            ("get*", "getString", true),
            ("get*", "get", true),
            ("get*", "forget", false),
            ("*Async", "runAsync", true),
            ("on*Changed", "onChanged", true),
            ("on*Changed", "onTextChangedBy", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
