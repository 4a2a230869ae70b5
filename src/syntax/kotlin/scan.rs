//! A rough scanner for mending: words, symbols, strings and comments of a file with their places. It needs no
//! correct syntax and never fails.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Word,
    /// Longest operators first: `?.`, `->`, `!!`, `==` … or one other character.
    Symbol,
    /// A number or a piece of a string or character literal.
    Literal,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    pub(super) shape: Shape,
    pub(super) text: &'s str,
    pub(super) start: usize,
    pub(super) end: usize,
    /// First on its line.
    pub(super) line_start: bool,
}

/// A string with `dollars` `$` before its quotes, where an expression needs that many.
#[derive(Clone, Copy, Debug)]
pub(super) struct DollarString {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) dollars: usize,
}

#[derive(Default)]
pub(super) struct Scan<'s> {
    pub(super) tokens: Vec<Token<'s>>,
    pub(super) comments: Vec<(usize, usize)>,
    pub(super) dollar_strings: Vec<DollarString>,
}

/// An open string around the current code, to return to at the `}` of its template.
struct Template {
    quotes: usize,
    dollars: usize,
    start: usize,
    braces: usize,
}

pub(super) fn scan(text: &str) -> Scan<'_> {
    let mut scanner = Scanner { text, at: 0, line_start: true, templates: Vec::new(), out: Scan::default() };
    while scanner.at < text.len() {
        scanner.step();
    }
    scanner.out
}

struct Scanner<'s> {
    text: &'s str,
    at: usize,
    line_start: bool,
    templates: Vec<Template>,
    out: Scan<'s>,
}

impl<'s> Scanner<'s> {
    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() {
            self.line_start |= first == '\n';
            self.at += first.len_utf8();
        } else if rest.starts_with("//") || rest.starts_with("/*") {
            self.comment(rest);
        } else if first.is_alphabetic() || first == '_' {
            self.take(Shape::Word, rest.find(|it: char| !(it.is_alphanumeric() || it == '_')));
        } else if first == '`' {
            let end = rest.get(1..).and_then(|rest| rest.find('`')).map(|end| end + 2);
            self.take(Shape::Word, end);
        } else if first.is_ascii_digit() {
            self.take(Shape::Literal, rest.find(|it: char| !(it.is_alphanumeric() || it == '_')));
        } else if first == '\'' {
            self.character(rest);
        } else if first == '"' || first == '$' {
            let dollars = rest.bytes().take_while(|byte| *byte == b'$').count();
            let after = rest.get(dollars..).unwrap_or("");
            if after.starts_with('"') {
                let quotes = if after.starts_with("\"\"\"") { 3 } else { 1 };
                let start = self.at;
                self.take(Shape::Literal, Some(dollars + quotes));
                self.string(Template { quotes, dollars, start, braces: 0 });
            } else {
                self.take(Shape::Symbol, Some(dollars.max(1)));
            }
        } else {
            self.symbol(rest, first);
        }
    }

    fn take(&mut self, shape: Shape, length: Option<usize>) {
        let rest = self.rest();
        let length = length.unwrap_or(rest.len());
        let Some(text) = rest.get(..length) else {
            self.at = self.text.len();
            return;
        };
        let (start, end) = (self.at, self.at + length);
        self.out.tokens.push(Token { shape, text, start, end, line_start: self.line_start });
        self.line_start = false;
        self.at = end;
    }

    fn comment(&mut self, rest: &str) {
        let length =
            if rest.starts_with("//") { rest.find('\n').unwrap_or(rest.len()) } else { block_comment(rest) };
        self.out.comments.push((self.at, self.at + length));
        self.at += length;
    }

    fn character(&mut self, rest: &str) {
        let mut escaped = false;
        let mut end = None;
        for (at, it) in rest.char_indices().skip(1).take(8) {
            match it {
                '\\' if !escaped => escaped = true,
                '\'' if !escaped => {
                    end = Some(at + 1);
                    break;
                }
                _ => escaped = false,
            }
        }
        self.take(Shape::Literal, Some(end.unwrap_or(1)));
    }

    fn symbol(&mut self, rest: &str, first: char) {
        match first {
            '{' => self.templates.last_mut().into_iter().for_each(|template| template.braces += 1),
            '}' => match self.templates.last_mut() {
                Some(template) if template.braces == 0 => {
                    self.take(Shape::Symbol, Some(1));
                    if let Some(template) = self.templates.pop() {
                        self.string(template);
                    }
                    return;
                }
                Some(template) => template.braces -= 1,
                None => {}
            },
            _ => {}
        }
        const LONG: [&str; 17] = [
            "===", "!==", "..<", "?.", "?:", "->", "!!", "==", "!=", "&&", "||", "..", "::", "<=", ">=",
            "+=", "-=",
        ];
        let long = LONG.iter().find(|symbol| rest.starts_with(**symbol));
        self.take(Shape::Symbol, Some(long.map_or(first.len_utf8(), |symbol| symbol.len())));
    }

    /// The inside of a string, up to its end or the next `${`.
    fn string(&mut self, mut template: Template) {
        let bytes = self.text.as_bytes();
        let needed = template.dollars.max(1);
        let mut run = 0;
        let from = self.at;
        while let Some(byte) = bytes.get(self.at) {
            let rest = bytes.get(self.at..).unwrap_or(&[]);
            match byte {
                b'\\' if template.quotes == 1 => {
                    self.at += 2;
                    run = 0;
                    continue;
                }
                b'\n' if template.quotes == 1 => return self.string_end(from, &template),
                b'"' if template.quotes == 1 || rest.starts_with(b"\"\"\"") => {
                    self.at += template.quotes;
                    // Quotes right before the closing ones belong to the text.
                    while template.quotes == 3 && bytes.get(self.at) == Some(&b'"') {
                        self.at += 1;
                    }
                    return self.string_end(from, &template);
                }
                b'{' if run >= needed => {
                    self.at += 1;
                    self.piece(from);
                    template.braces = 0;
                    self.templates.push(template);
                    return;
                }
                _ => {}
            }
            run = if *byte == b'$' { run + 1 } else { 0 };
            self.at += 1;
        }
        self.string_end(from, &template);
    }

    fn string_end(&mut self, from: usize, template: &Template) {
        self.at = self.at.min(self.text.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        self.piece(from);
        if template.dollars > 0 {
            let (start, dollars) = (template.start, template.dollars);
            self.out.dollar_strings.push(DollarString { start, end: self.at, dollars });
        }
    }

    fn piece(&mut self, from: usize) {
        let text = self.text.get(from..self.at).unwrap_or("");
        self.out.tokens.push(Token {
            shape: Shape::Literal,
            text,
            start: from,
            end: self.at,
            line_start: false,
        });
        self.line_start = false;
    }
}

/// Length of a block comment, nested ones included.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}
