//! Tokens of Groovy and Kotlin build scripts: names, numbers, strings, punctuation and line breaks, with the
//! partner of every bracket. Comments and the insides of strings are gone; nothing is an error.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword; names in backticks without them.
    Word,
    Number,
    /// A string of any form; the span is what stands between the quotes.
    Text,
    Punct(u8),
    Newline,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// For an opening bracket the index of its partner, the number of tokens when it is never closed.
    pub(super) partner: usize,
}

pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, tokens: Vec::new() };
    lexer.run();
    match_brackets(&mut lexer.tokens);
    lexer.tokens
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        if self.bytes.starts_with("\u{feff}".as_bytes()) {
            self.at = 3;
        }
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b'\n' => self.push(Kind::Newline, start, start + 1, start + 1),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.bytes[start..].starts_with(b"//") => self.skip_line(),
                b'/' if self.bytes[start..].starts_with(b"/*") => self.skip_comment(),
                b'#' if start == 0 && self.bytes.starts_with(b"#!") => self.skip_line(),
                b'"' | b'\'' => self.string(byte),
                b'`' => self.quoted_name(),
                b'0'..=b'9' => self.number(),
                _ if is_word(byte) => {
                    let end = self.run_of(start, is_word_part);
                    self.push(Kind::Word, start, end, end);
                }
                _ => self.push(Kind::Punct(byte), start, start + 1, start + 1),
            }
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize, next: usize) {
        self.tokens.push(Token { kind, start, end, partner: 0 });
        self.at = next;
    }

    fn run_of(&self, from: usize, belongs: fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len())
    }

    fn skip_line(&mut self) {
        self.at = self.run_of(self.at, |byte| byte != b'\n');
    }

    /// Kotlin's block comments nest, Groovy's do not; a Groovy comment with an inner `/*` is rare enough.
    fn skip_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with(b"*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.at += 1;
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let mut end = self.run_of(start, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if self.bytes.get(end) == Some(&b'.') && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = self.run_of(end + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        }
        self.push(Kind::Number, start, end, end);
    }

    fn quoted_name(&mut self) {
        let start = self.at + 1;
        let end = self.run_of(start, |byte| byte != b'`' && byte != b'\n');
        let closed = self.bytes.get(end) == Some(&b'`');
        self.push(Kind::Word, start, end, end + usize::from(closed));
    }

    fn string(&mut self, quote: u8) {
        let triple = [quote; 3];
        if self.bytes[self.at..].starts_with(&triple) {
            let start = self.at + 3;
            let rest = self.bytes.get(start..).unwrap_or_default();
            let length = rest.windows(3).position(|window| window == triple);
            let end = start + length.unwrap_or(rest.len());
            return self.push(Kind::Text, start, end, if length.is_some() { end + 3 } else { end });
        }
        let start = self.at + 1;
        let mut at = start;
        // `"${a["b"]}"`: quotes inside of an interpolation do not end the string.
        let mut braces = 0usize;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\n' => break,
                b'\\' => at += 1,
                b'$' if quote == b'"' && self.bytes.get(at + 1) == Some(&b'{') => {
                    braces += 1;
                    at += 1;
                }
                b'{' if braces > 0 => braces += 1,
                b'}' if braces > 0 => braces -= 1,
                _ if byte == quote && braces == 0 => break,
                _ => {}
            }
            at += 1;
        }
        let end = at.min(self.bytes.len());
        let closed = self.bytes.get(end) == Some(&quote);
        self.push(Kind::Text, start, end, end + usize::from(closed));
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word(byte) || byte.is_ascii_digit()
}

fn match_brackets(tokens: &mut [Token]) {
    let unclosed = tokens.len();
    let mut open: Vec<(usize, u8)> = Vec::new();
    for at in 0..tokens.len() {
        let Kind::Punct(byte) = tokens[at].kind else { continue };
        match byte {
            b'(' | b'[' | b'{' => {
                tokens[at].partner = unclosed;
                open.push((at, byte));
            }
            b')' | b']' | b'}' => {
                let wanted = match byte {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                // A bracket that nothing opened is skipped; one that closes an outer level closes the inner ones.
                if let Some(level) = open.iter().rposition(|(_, opener)| *opener == wanted) {
                    for (opener, _) in open.drain(level..) {
                        tokens[opener].partner = at;
                    }
                }
            }
            _ => {}
        }
    }
}
