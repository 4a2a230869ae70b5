//! Words and signs of the small languages that the build makes classes of, without comments and texts.

/// Each with its place. `line` starts a comment up to the end of the line, `/* */` are comments, `quotes` open and
/// close texts; a letter of `prefixes` belongs to the word right after it.
pub(super) fn words<'t>(text: &'t str, line: &str, quotes: &[u8], prefixes: &[u8]) -> Vec<(usize, &'t str)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    while at < bytes.len() {
        let rest = &text[at..];
        let skip = if rest.starts_with(line) {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if quotes.contains(&bytes[at]) {
            rest[1..].find(char::from(bytes[at])).map_or(rest.len(), |end| end + 2)
        } else {
            usize::from(bytes[at].is_ascii_whitespace())
        };
        if skip > 0 {
            at += skip;
            continue;
        }
        let start = at;
        at += usize::from(prefixes.contains(&bytes[at]) && bytes.get(at + 1).copied().is_some_and(word));
        while bytes.get(at).copied().is_some_and(word) {
            at += 1;
        }
        at = at.max(start + 1);
        found.push((start, &text[start..at]));
    }
    found
}
