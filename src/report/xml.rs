//! Text in XML: what must not stand there as it is.

use std::fmt;

/// A text as the value of an attribute or between tags.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&apos;")?,
                // Parsers make plain white space in attributes a blank.
                '\t' | '\n' | '\r' => write!(f, "&#{};", letter as u32)?,
                // Directions would make the text look like another.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_str("\u{fffd}")?,
                // XML 1.0 has no way to write these.
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_str("\u{fffd}")?,
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let text = Escaped("a<b> & \"c\" 'd'\te\n\u{1b}[31m 𝒳\u{ffff}").to_string();
        assert_eq!(text, "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;&#9;e&#10;\u{fffd}[31m 𝒳\u{fffd}");
    }
}
