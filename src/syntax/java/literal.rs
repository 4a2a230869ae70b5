//! Values of literals: numbers of every base, characters, strings and text blocks with their escapes decoded.

use crate::base::Name;
use crate::facts::Literal;

use super::kinds::Kind;

/// The value of a literal that is one token or a string without expressions inside.
pub(super) fn literal(kind: Kind, text: &str) -> Literal {
    match kind {
        Kind::True => Literal::Bool(true),
        Kind::False => Literal::Bool(false),
        Kind::Null => Literal::Null,
        Kind::Char => Literal::Char(character(text)),
        Kind::String => Literal::String(string(text)),
        Kind::DecimalFloat => Literal::Float(decimal_float(text)),
        Kind::HexFloat => Literal::Float(hex_float(text)),
        _ => Literal::Int(integer(text)),
    }
}

/// Wraps around where the value does not fit, as `0xFFFF_FFFF_FFFF_FFFFL` does in Java.
fn integer(text: &str) -> i64 {
    let text = text.trim_end_matches(['l', 'L']);
    let (base, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    };
    let digits = digits.chars().filter_map(|c| c.to_digit(base));
    digits.fold(0_i64, |value, digit| value.wrapping_mul(i64::from(base)).wrapping_add(i64::from(digit)))
}

fn decimal_float(text: &str) -> f64 {
    let digits = text.trim_end_matches(['f', 'F', 'd', 'D']).replace('_', "");
    digits.parse().unwrap_or(0.0)
}

/// `0x1.8p3`; the standard library parses no hexadecimal floats.
fn hex_float(text: &str) -> f64 {
    let text = text.get(2..).unwrap_or("").to_ascii_lowercase().replace('_', "");
    let (mantissa, exponent) = match text.split_once('p') {
        Some((mantissa, exponent)) => (mantissa, exponent.trim_end_matches(['f', 'd'])),
        None => (text.as_str(), "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str, start: f64| {
        part.chars()
            .filter_map(|c| c.to_digit(16))
            .fold(start, |value, digit| value * 16.0 + f64::from(digit))
    };
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    digits(fraction, digits(whole, 0.0)) * 16_f64.powi(places.saturating_neg()) * 2_f64.powi(exponent)
}

fn character(text: &str) -> char {
    let inner = text.strip_prefix('\'').unwrap_or(text);
    let inner = inner.strip_suffix('\'').unwrap_or(inner);
    decode(inner).chars().next().unwrap_or('\0')
}

fn string(text: &str) -> Name {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        return Name::new(&text_block(block.strip_suffix("\"\"\"").unwrap_or(block)));
    }
    let inner = text.strip_prefix('"').unwrap_or(text);
    fragment(inner.strip_suffix('"').unwrap_or(inner))
}

/// A part of a string without its quotes.
pub(super) fn fragment(text: &str) -> Name {
    if text.contains('\\') { Name::new(&decode(text)) } else { Name::new(text) }
}

/// The first line break and the common indentation are not part of a text block.
fn text_block(text: &str) -> String {
    let Some((_, text)) = text.split_once('\n') else { return decode(text) };
    let lines = text.lines().chain(text.ends_with('\n').then_some("")).collect::<Vec<_>>();
    let last = lines.len().saturating_sub(1);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let counted = lines.iter().enumerate().filter(|(at, line)| *at == last || !line.trim().is_empty());
    let margin = counted.map(|(_, line)| indent(line)).min().unwrap_or(0);
    let stripped = lines.iter().map(|line| line.get(margin..).unwrap_or("").trim_end());
    decode(&stripped.collect::<Vec<_>>().join("\n"))
}

fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut out);
    }
    out.push_str(rest);
    out
}

/// Decodes one escape, whose backslash is gone already, and returns what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return rest };
    match first {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        's' => out.push(' '),
        '\n' => {}
        'u' => return unicode(rest.trim_start_matches('u'), out),
        '0'..='7' => {
            let most = if first <= '3' { 3 } else { 2 };
            let length = rest.bytes().take(most).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let value = u32::from_str_radix(&rest[..length], 8).unwrap_or(0);
            out.extend(char::from_u32(value));
            return &rest[length..];
        }
        other => out.push(other),
    }
    chars.as_str()
}

/// `\uD83D\uDE00` is one character; a lone surrogate has no value and is left out.
fn unicode<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let unit = |text: &str| text.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let Some(first) = unit(rest) else { return rest };
    let after = &rest[4..];
    let second = after.strip_prefix("\\u").map(|text| text.trim_start_matches('u'));
    if let Some(text) = second
        && let Some(low) = unit(text)
        && let Some(Ok(pair)) = char::decode_utf16([first, low]).next()
        && pair.len_utf16() == 2
    {
        out.push(pair);
        return &text[4..];
    }
    out.extend(char::from_u32(u32::from(first)));
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_base() {
        let cases = [
            ("0", 0),
            ("15L", 15),
            ("1_000_000", 1_000_000),
            ("0xFF", 255),
            ("0b1010", 10),
            ("017", 15),
            ("0xFFFFFFFFFFFFFFFFL", -1),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text), value, "{text}");
        }
    }

    #[test]
    fn floats() {
        assert_eq!(decimal_float("1.5f"), 1.5);
        assert_eq!(decimal_float("1_0e2"), 1000.0);
        assert_eq!(decimal_float("3D"), 3.0);
        assert_eq!(hex_float("0x1.8p1"), 3.0);
    }

    #[test]
    fn strings() {
        assert_eq!(string(r#""a\tb\u0041\101\"""#), "a\tbAA\"");
        assert_eq!(string(r#""\uD83D\uDE00\\""#), "😀\\");
        assert_eq!(string("\"\"\"\n    a\n      b \\\n    c\n    \"\"\""), "a\n  b c\n");
        assert_eq!(character(r"'\''"), '\'');
    }
}
