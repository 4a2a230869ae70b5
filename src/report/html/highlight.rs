//! A line of source as HTML: words, texts and comments in classes, the marked part in `<mark>`. Knows single lines only,
//! which is enough for a snippet.

use std::fmt::Write as _;
use std::ops::Range;

use super::shell::Escaped;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Plain,
    Keyword,
    Text,
    Comment,
    Number,
    Annotation,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Keyword => "k",
            Class::Text => "s",
            Class::Comment => "c",
            Class::Number => "n",
            Class::Annotation => "a",
        }
    }
}

/// Of Kotlin, Java and Groovy together; what one language lacks is a name there that nobody uses.
const KEYWORDS: [&str; 74] = [
    "abstract",
    "actual",
    "as",
    "boolean",
    "break",
    "by",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "companion",
    "const",
    "continue",
    "crossinline",
    "data",
    "def",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "expect",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "fun",
    "if",
    "implements",
    "import",
    "in",
    "init",
    "inline",
    "inner",
    "instanceof",
    "int",
    "interface",
    "internal",
    "is",
    "lateinit",
    "long",
    "new",
    "noinline",
    "null",
    "object",
    "open",
    "operator",
    "out",
    "override",
    "package",
    "private",
    "protected",
    "public",
    "record",
    "return",
    "sealed",
    "short",
    "static",
    "super",
    "suspend",
    "switch",
    "this",
    "throw",
    "throws",
    "true",
    "try",
    "val",
    "var",
    "void",
    "when",
    "while",
];

/// `marked` is a byte range of the line.
pub(super) fn line(text: &str, path: &str, marked: Option<Range<usize>>) -> String {
    let tokens = if path.ends_with(".xml") { xml(text) } else { code(text) };
    let marked = marked.map(|it| clamp(text, it)).filter(|it| !it.is_empty()).unwrap_or(0..0);
    let mut html = String::new();
    for (class, range) in tokens {
        // What a mark cuts in two is written in two.
        for part in [
            range.start..range.end.min(marked.start),
            range.start.max(marked.start)..range.end.min(marked.end),
            range.start.max(marked.end)..range.end,
        ] {
            if part.start >= part.end {
                continue;
            }
            if part.start == marked.start && !marked.is_empty() {
                html.push_str("<mark>");
            }
            let words = Escaped(text.get(part.clone()).unwrap_or(""));
            let _ = match class {
                Class::Plain => write!(html, "{words}"),
                class => write!(html, "<span class=\"{}\">{words}</span>", class.name()),
            };
            if part.end == marked.end && !marked.is_empty() {
                html.push_str("</mark>");
            }
        }
    }
    html
}

/// A range that cuts no letter.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = whole(range.start);
    start..whole(range.end).max(start)
}

type Tokens = Vec<(Class, Range<usize>)>;

fn code(text: &str) -> Tokens {
    let mut tokens = Tokens::new();
    let trimmed = text.trim_start();
    if trimmed.starts_with("* ") || trimmed == "*" || trimmed.starts_with("*/") {
        return vec![(Class::Comment, 0..text.len())];
    }
    let mut at = 0;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        let (class, length) = match letter {
            '/' if rest.starts_with("//") => (Class::Comment, rest.len()),
            '/' if rest.starts_with("/*") => {
                (Class::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '"' | '\'' => (Class::Text, quoted(rest, letter)),
            '@' => (
                Class::Annotation,
                1 + run(rest.get(1..).unwrap_or(""), |it| it.is_alphanumeric() || it == '_' || it == '.'),
            ),
            _ if letter.is_ascii_digit() => {
                (Class::Number, run(rest, |it| it.is_alphanumeric() || it == '_' || it == '.'))
            }
            _ if letter.is_alphabetic() || letter == '_' => {
                let length = run(rest, |it| it.is_alphanumeric() || it == '_');
                let word = rest.get(..length).unwrap_or("");
                (if KEYWORDS.contains(&word) { Class::Keyword } else { Class::Plain }, length)
            }
            _ => (Class::Plain, letter.len_utf8()),
        };
        let length = length.max(letter.len_utf8());
        tokens.push((class, at..at + length));
        at += length;
    }
    tokens
}

fn xml(text: &str) -> Tokens {
    let mut tokens = Tokens::new();
    let mut at = 0;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        let (class, length) = match letter {
            '<' if rest.starts_with("<!--") => {
                (Class::Comment, rest.find("-->").map_or(rest.len(), |end| end + 3))
            }
            '<' => (
                Class::Keyword,
                1 + run(rest.get(1..).unwrap_or(""), |it| it.is_alphanumeric() || "/-_.:?!".contains(it)),
            ),
            '/' | '>' => (Class::Keyword, 1),
            '"' | '\'' => (Class::Text, quoted(rest, letter)),
            _ if letter.is_alphabetic() => {
                (Class::Annotation, run(rest, |it| it.is_alphanumeric() || "-_.:".contains(it)))
            }
            _ => (Class::Plain, letter.len_utf8()),
        };
        let length = length.max(letter.len_utf8());
        tokens.push((class, at..at + length));
        at += length;
    }
    tokens
}

/// Bytes of a quoted text, to the end of the line when it is not closed.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn run(text: &str, part: impl Fn(char) -> bool) -> usize {
    text.find(|it| !part(it)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kotlin() {
        assert_eq!(
            line("val a = f(\"<x>\", 1) // done", "A.kt", None),
            "<span class=\"k\">val</span> a = f(<span class=\"s\">&quot;&lt;x&gt;&quot;</span>, <span class=\"n\">1</span>) \
             <span class=\"c\">// done</span>"
        );
        assert_eq!(
            line("@Test fun", "A.kt", None),
            "<span class=\"a\">@Test</span> <span class=\"k\">fun</span>"
        );
    }

    #[test]
    fn marks() {
        assert_eq!(line("a.read(1)", "A.kt", Some(2..9)), "a.<mark>read(<span class=\"n\">1</span>)</mark>");
        assert_eq!(
            line("\"abcd\"", "A.kt", Some(2..4)),
            "<span class=\"s\">&quot;a</span><mark><span class=\"s\">bc</span></mark><span class=\"s\">d&quot;</span>"
        );
        assert_eq!(line("漢字", "A.kt", Some(1..4)), "<mark>漢</mark>字");
        assert_eq!(line("ab", "A.kt", Some(5..9)), "ab");
        assert_eq!(line("", "A.kt", Some(0..0)), "");
    }

    #[test]
    fn xml_lines() {
        assert_eq!(
            line("<service android:name=\".S\" />", "a.xml", Some(0..8)),
            "<mark><span class=\"k\">&lt;service</span></mark> <span class=\"a\">android:name</span>=<span class=\"s\">&quot;.S&quot;</span> \
             <span class=\"k\">/</span><span class=\"k\">&gt;</span>"
        );
    }
}
