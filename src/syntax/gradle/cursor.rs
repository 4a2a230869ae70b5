//! Reading build scripts by statement: where a statement ends, and chains such as `a.b("c")<T>[d] { … }`.

use super::token::{Kind, Token, tokenize};

/// Token indices, half open.
pub(super) type Range = std::ops::Range<usize>;

/// One link of a chain.
#[derive(Clone, Debug)]
pub(super) struct Segment<'a> {
    pub(super) name: &'a str,
    /// Insides of the parentheses.
    pub(super) args: Option<Range>,
    /// Insides of the square brackets.
    pub(super) index: Option<Range>,
    /// Insides of the trailing lambda.
    pub(super) block: Option<Range>,
    /// Names inside of `<…>`.
    pub(super) type_args: Vec<&'a str>,
    /// Index of the name's token.
    pub(super) token: usize,
}

impl Segment<'_> {
    pub(super) fn is_called(&self) -> bool {
        self.args.is_some() || self.block.is_some()
    }
}

/// A tokenized script.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, tokens: tokenize(text) }
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or("")
    }

    pub(super) fn is_word(&self, at: usize, word: &str) -> bool {
        self.kind(at) == Some(Kind::Word) && self.word(at) == word
    }

    pub(super) fn is_punct(&self, at: usize, byte: u8) -> bool {
        self.kind(at) == Some(Kind::Punct(byte))
    }

    /// Two punctuation characters without space between them.
    pub(super) fn is_pair(&self, at: usize, pair: [u8; 2]) -> bool {
        self.is_punct(at, pair[0]) && self.is_punct(at + 1, pair[1]) && {
            self.tokens[at].end == self.tokens[at + 1].start
        }
    }

    /// A lone `=`, as opposed to `==`, `<=`, `!=`.
    pub(super) fn is_assign(&self, at: usize) -> bool {
        self.is_punct(at, b'=') && !self.is_pair(at, *b"==")
    }

    pub(super) fn skip_newlines(&self, mut at: usize, end: usize) -> usize {
        while at < end && self.kind(at) == Some(Kind::Newline) {
            at += 1;
        }
        at
    }

    /// The insides of the bracket at `at`, and the index behind it; both within `end`.
    pub(super) fn inside(&self, at: usize, end: usize) -> (Range, usize) {
        let close = self.tokens[at].partner.min(end);
        (at + 1..close.max(at + 1), (close + 1).min(end).max(at + 1))
    }

    /// First string literal in a range.
    pub(super) fn first_text(&self, range: Range) -> Option<usize> {
        range.into_iter().find(|at| self.kind(*at) == Some(Kind::Text))
    }

    /// Index behind the statement that goes on at `at`.
    pub(super) fn statement_end(&self, at: usize, end: usize) -> usize {
        self.end_of(at, end, false)
    }

    /// Index behind the right side that starts at `at`; a comma ends it, as in `f(a = 1, b = 2)`.
    pub(super) fn value_end(&self, at: usize, end: usize) -> usize {
        self.end_of(at, end, true)
    }

    fn end_of(&self, mut at: usize, end: usize, comma_ends: bool) -> usize {
        at = if comma_ends { self.skip_newlines(at, end) } else { at };
        let mut previous = at;
        while at < end {
            match self.kind(at) {
                Some(Kind::Punct(b';')) => return at,
                Some(Kind::Punct(b',')) if comma_ends => return at,
                Some(Kind::Punct(b'(' | b'[' | b'{')) => {
                    previous = at;
                    at = self.inside(at, end).1;
                    continue;
                }
                Some(Kind::Newline) => {
                    let next = self.skip_newlines(at, end);
                    if !self.goes_on(previous) && !self.continues(next) {
                        return at;
                    }
                    at = next;
                    continue;
                }
                _ => {}
            }
            previous = at;
            at += 1;
        }
        end
    }

    /// A line that ends like this is not finished.
    fn goes_on(&self, last: usize) -> bool {
        matches!(self.kind(last), Some(Kind::Punct(b'=' | b',' | b'.' | b'+' | b'?' | b':' | b'&' | b'|')))
            || ["else", "to", "as", "in", "by"].iter().any(|word| self.is_word(last, word))
    }

    /// A line that starts like this belongs to the one before.
    fn continues(&self, first: usize) -> bool {
        self.is_punct(first, b'.')
            || self.is_pair(first, *b"?.")
            || self.is_pair(first, *b"?:")
            || self.is_word(first, "else")
    }

    /// The chain that starts at `at` with a name or a called string, and the index behind it.
    pub(super) fn chain(&self, mut at: usize, end: usize) -> (Vec<Segment<'a>>, usize) {
        let mut segments = Vec::new();
        loop {
            let (segment, next) = self.segment(at, end);
            segments.push(segment);
            at = next;
            let mut dot = self.skip_newlines(at, end);
            if self.is_pair(dot, *b"!!") {
                dot += 2;
            }
            if self.is_pair(dot, *b"?.") {
                dot += 1;
            }
            let follows = matches!(self.kind(dot + 1), Some(Kind::Word));
            if dot + 1 >= end || !self.is_punct(dot, b'.') || !follows {
                return (segments, at);
            }
            at = dot + 1;
        }
    }

    fn segment(&self, at: usize, end: usize) -> (Segment<'a>, usize) {
        let mut segment = Segment {
            name: self.word(at),
            args: None,
            index: None,
            block: None,
            type_args: Vec::new(),
            token: at,
        };
        let mut at = at + 1;
        if let Some((names, next)) = self.type_arguments(at, end) {
            segment.type_args = names;
            at = next;
        }
        if at < end && self.is_punct(at, b'(') {
            let (inside, next) = self.inside(at, end);
            segment.args = Some(inside);
            at = next;
        }
        if at < end && self.is_punct(at, b'[') && self.tokens[at - 1].end == self.tokens[at].start {
            let (inside, next) = self.inside(at, end);
            segment.index = Some(inside);
            at = next;
        }
        if at < end && self.is_punct(at, b'{') {
            let (inside, next) = self.inside(at, end);
            segment.block = Some(inside);
            at = next;
        }
        (segment, at)
    }

    /// `<A, B.C<D>>` when a call or lambda follows; otherwise `<` compares.
    fn type_arguments(&self, at: usize, end: usize) -> Option<(Vec<&'a str>, usize)> {
        if at >= end || !self.is_punct(at, b'<') {
            return None;
        }
        let mut names = Vec::new();
        let mut depth = 0usize;
        for here in at..end.min(at + 32) {
            match self.kind(here)? {
                Kind::Punct(b'<') => depth += 1,
                Kind::Punct(b'>') => {
                    depth -= 1;
                    if depth == 0 {
                        let called = self.is_punct(here + 1, b'(') || self.is_punct(here + 1, b'{');
                        return called.then_some((names, here + 1));
                    }
                }
                Kind::Word => names.push(self.word(here)),
                Kind::Punct(b'.' | b',' | b'?' | b'*') => {}
                _ => return None,
            }
        }
        None
    }
}
