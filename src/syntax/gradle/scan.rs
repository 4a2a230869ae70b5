//! Walks a script statement by statement and knows the blocks around each one; what statements mean is told in
//! `collect.rs`.

use crate::base::Name;
use crate::facts::gradle::{BuildScript, SettingsScript};

use super::cursor::{Cursor, Range, Segment};
use super::token::Kind;

/// Blocks deeper than this are not looked into.
const MAX_DEPTH: usize = 80;
/// Longer right sides are no constants.
const MAX_CONSTANT_TOKENS: usize = 60;

const MODIFIERS: &[&str] = &[
    "private",
    "internal",
    "public",
    "protected",
    "final",
    "static",
    "const",
    "lateinit",
    "override",
    "open",
    "abstract",
    "inline",
    "operator",
    "suspend",
    "sealed",
    "data",
    "enum",
    "companion",
    "actual",
    "expect",
    "infix",
    "tailrec",
    "transient",
    "volatile",
    "reified",
];
const CONTROL: &[&str] = &[
    "if",
    "else",
    "when",
    "for",
    "while",
    "do",
    "try",
    "catch",
    "finally",
    "return",
    "throw",
    "in",
    "is",
    "as",
    "new",
    "switch",
    "case",
    "default",
    "break",
    "continue",
    "instanceof",
    "null",
    "true",
    "false",
];

/// A block around the current statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// `defaultConfig`, `create`, the name of a class or of a variable that the block configures.
    pub(super) name: &'a str,
    /// First string argument: `create("debug")`.
    pub(super) arg: &'a str,
    pub(super) kind: FrameKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    Block,
    /// A class or object; its members are constants.
    Type,
    /// Arguments or a right side: what stands there is no statement.
    Expression,
}

/// What follows a chain.
#[derive(Clone, Debug)]
pub(super) enum Tail {
    Nothing,
    /// `a.b = …`
    Assign(Range),
    /// Groovy's `a.b …` without parentheses.
    Command(Range),
}

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) script: BuildScript,
    pub(super) settings: SettingsScript,
    /// The function, class or `subprojects` block being read, with its name.
    pub(super) unit: Option<(Name, BuildScript)>,
    /// `id` and `implementationClass` of the plugin being registered.
    pub(super) registration: super::collect::Registration,
    mentions: Vec<Name>,
}

pub(super) fn scan(text: &str) -> (BuildScript, SettingsScript) {
    let cursor = Cursor::new(text);
    let everything = 0..cursor.tokens.len();
    let mut scanner = Scanner {
        cursor,
        frames: Vec::new(),
        script: BuildScript::default(),
        settings: SettingsScript::default(),
        unit: None,
        registration: super::collect::Registration::default(),
        mentions: Vec::new(),
    };
    scanner.block(everything);
    scanner.script.mentions = sorted(scanner.mentions);
    (scanner.script, scanner.settings)
}

fn sorted(mut names: Vec<Name>) -> Vec<Name> {
    names.sort_unstable();
    names.dedup();
    names
}

impl<'a> Scanner<'a> {
    /// The script or unit that facts belong to here.
    pub(super) fn out(&mut self) -> &mut BuildScript {
        self.unit.as_mut().map_or(&mut self.script, |(_, script)| script)
    }

    /// Statements of a block, or expressions inside of brackets.
    pub(super) fn block(&mut self, range: Range) {
        if self.frames.len() > MAX_DEPTH {
            return;
        }
        let mut at = range.start;
        while at < range.end {
            at = self.statement(at, range.end).max(at + 1);
        }
    }

    fn statement(&mut self, at: usize, end: usize) -> usize {
        match self.cursor.kind(at) {
            Some(Kind::Word) => match self.cursor.word(at) {
                "import" | "package" => self.line_end(at, end),
                "val" | "var" => self.variable(at + 1, end),
                "def"
                    if self.cursor.kind(at + 1) == Some(Kind::Word) && self.cursor.is_punct(at + 2, b'(') =>
                {
                    self.function(at + 1, end)
                }
                "def" => self.variable(at + 1, end),
                "fun" => self.function(at + 1, end),
                "class" | "object" | "interface" if self.cursor.kind(at + 1) == Some(Kind::Word) => {
                    self.type_declaration(at + 1, end)
                }
                // `companion object {` has no name of its own: its members are the class's.
                word if MODIFIERS.contains(&word) || CONTROL.contains(&word) || word == "object" => at + 1,
                _ => self.chain_statement(at, end),
            },
            Some(Kind::Text) if self.cursor.is_punct(at + 1, b'(') => self.chain_statement(at, end),
            Some(Kind::Punct(b'@')) => self.annotation(at, end),
            Some(Kind::Punct(b'(' | b'[' | b'{')) => {
                let (inside, next) = self.cursor.inside(at, end);
                self.nested(Frame { name: "", arg: "", kind: FrameKind::Block }, inside);
                next
            }
            _ => at + 1,
        }
    }

    fn line_end(&self, at: usize, end: usize) -> usize {
        (at..end).find(|at| self.cursor.kind(*at) == Some(Kind::Newline)).unwrap_or(end)
    }

    /// `@Suppress("x")`, `@file:OptIn(A::class)`.
    fn annotation(&self, at: usize, end: usize) -> usize {
        let mut at = at + 2;
        while at < end && (self.cursor.is_punct(at, b':') || self.cursor.is_punct(at, b'.')) {
            at += 2;
        }
        if at < end && self.cursor.is_punct(at, b'(') { self.cursor.inside(at, end).1 } else { at }
    }

    pub(super) fn nested(&mut self, frame: Frame<'a>, range: Range) {
        self.frames.push(frame);
        self.block(range);
        self.frames.pop();
    }

    /// `name: T = value`, `Receiver.name get() = value`, `name by extra(21)`, `name by getting { … }`.
    fn variable(&mut self, mut at: usize, end: usize) -> usize {
        let mut name = "";
        while at < end {
            match self.cursor.kind(at) {
                Some(Kind::Word) if matches!(self.cursor.word(at), "by" | "get") => break,
                Some(Kind::Word) => name = self.cursor.word(at),
                Some(Kind::Punct(b':')) => {
                    at = self.type_end(at + 1, end);
                    continue;
                }
                Some(Kind::Punct(b'(')) => return at,
                Some(Kind::Punct(b'=') | Kind::Newline | Kind::Punct(b';')) => break,
                _ => {}
            }
            at += 1;
        }
        if at >= end || !(self.cursor.is_assign(at) || self.cursor.is_word(at, "by")) {
            return at;
        }
        let value = at + 1..self.cursor.value_end(at + 1, end);
        let inner = if self.cursor.is_word(at, "by") && self.cursor.is_word(at + 1, "extra") {
            self.delegate(value.clone()).unwrap_or_else(|| value.clone())
        } else {
            value.clone()
        };
        self.constant(name, inner);
        self.nested(Frame { name, arg: "", kind: FrameKind::Block }, value.clone());
        value.end
    }

    /// The argument of `extra(21)` and `extra { 21 }`.
    fn delegate(&self, value: Range) -> Option<Range> {
        let (chain, _) = self.cursor.chain(value.start, value.end);
        let first = chain.into_iter().next()?;
        first.args.or(first.block)
    }

    /// Skips a type up to `=`, `by` or the end of the line.
    fn type_end(&self, mut at: usize, end: usize) -> usize {
        while at < end {
            match self.cursor.kind(at) {
                Some(Kind::Punct(b'=' | b';' | b')' | b',') | Kind::Newline) => return at,
                Some(Kind::Word) if matches!(self.cursor.word(at), "by" | "get") => return at,
                _ => at += 1,
            }
        }
        end
    }

    /// Records `name = value` when it could be a level or a path; Groovy maps give one constant per key.
    pub(super) fn constant(&mut self, name: &str, value: Range) {
        let start = self.cursor.skip_newlines(value.start, value.end);
        if name.is_empty() || start >= value.end {
            return;
        }
        let types: Vec<&str> =
            self.frames.iter().filter(|it| it.kind == FrameKind::Type).map(|it| it.name).collect();
        let name = types.into_iter().chain([name]).collect::<Vec<_>>().join(".");
        self.qualified_constant(&name, start..value.end);
    }

    fn qualified_constant(&mut self, name: &str, value: Range) {
        if self.cursor.is_punct(value.start, b'[') {
            let (inside, _) = self.cursor.inside(value.start, value.end);
            return self.map_constants(name, inside);
        }
        if value.len() > MAX_CONSTANT_TOKENS {
            return;
        }
        if let Some(setting) = self.cursor.setting(value) {
            self.script.constants.push((Name::new(name), setting));
        }
    }

    /// `[minSdk: 21, 'targetSdk': 36, nested: [a: 1]]`.
    fn map_constants(&mut self, name: &str, map: Range) {
        let mut at = map.start;
        while at < map.end {
            let key = matches!(self.cursor.kind(at), Some(Kind::Word | Kind::Text));
            if !key || !self.cursor.is_punct(at + 1, b':') {
                at += 1;
                continue;
            }
            let mut stop = at + 2;
            while stop < map.end && !self.cursor.is_punct(stop, b',') {
                let opens = matches!(self.cursor.kind(stop), Some(Kind::Punct(b'(' | b'[' | b'{')));
                stop = if opens { self.cursor.inside(stop, map.end).1 } else { stop + 1 };
            }
            let start = self.cursor.skip_newlines(at + 2, stop);
            if name.matches('.').count() < 4 {
                self.qualified_constant(&format!("{name}.{}", self.cursor.word(at)), start..stop);
            }
            at = stop;
        }
    }

    /// `fun <T> Receiver.name(params): T { … }`, Groovy's `def name(params) { … }`.
    fn function(&mut self, mut at: usize, end: usize) -> usize {
        let mut name = "";
        while at < end && !self.cursor.is_punct(at, b'(') {
            if self.cursor.kind(at) == Some(Kind::Word) {
                name = self.cursor.word(at);
            }
            at += 1;
        }
        if at >= end {
            return end;
        }
        at = self.cursor.inside(at, end).1;
        if self.cursor.is_punct(at, b':') {
            while at < end
                && !self.cursor.is_punct(at, b'{')
                && !self.cursor.is_assign(at)
                && self.cursor.kind(at) != Some(Kind::Newline)
            {
                at += 1;
            }
        }
        let at = self.cursor.skip_newlines(at, end);
        let (body, next) = if self.cursor.is_punct(at, b'{') && at < end {
            self.cursor.inside(at, end)
        } else if self.cursor.is_assign(at) {
            let stop = self.cursor.statement_end(at + 1, end);
            (at + 1..stop, stop)
        } else {
            return at;
        };
        self.declaration(Frame { name, arg: "", kind: FrameKind::Block }, body);
        next
    }

    /// `class A(val x: Int) : B<C>() { … }`.
    fn type_declaration(&mut self, at: usize, end: usize) -> usize {
        let name = self.cursor.word(at);
        let mut at = at + 1;
        while at < end {
            match self.cursor.kind(at) {
                Some(Kind::Punct(b'{')) => {
                    let (body, next) = self.cursor.inside(at, end);
                    self.declaration(Frame { name, arg: "", kind: FrameKind::Type }, body);
                    return next;
                }
                Some(Kind::Punct(b'(')) => at = self.cursor.inside(at, end).1,
                Some(Kind::Newline) => {
                    let next = self.cursor.skip_newlines(at, end);
                    let unfinished = self.cursor.is_punct(at - 1, b':') || self.cursor.is_punct(at - 1, b',');
                    if !unfinished && !self.cursor.is_punct(next, b'{') && !self.cursor.is_punct(next, b':') {
                        return at;
                    }
                    at = next;
                }
                _ => at += 1,
            }
        }
        end
    }

    /// A top-level function or class is a unit of its own: it counts only where something uses it.
    pub(super) fn declaration(&mut self, frame: Frame<'a>, body: Range) {
        if self.unit.is_some() || self.frames.iter().any(|it| it.kind != FrameKind::Type) {
            return self.nested(frame, body);
        }
        self.unit = Some((Name::new(frame.name), BuildScript::default()));
        let outer = std::mem::take(&mut self.mentions);
        self.nested(frame, body);
        let inner = std::mem::replace(&mut self.mentions, outer);
        if let Some((name, mut script)) = self.unit.take() {
            script.mentions = sorted(inner);
            self.script.units.push((name, script));
        }
    }

    fn chain_statement(&mut self, at: usize, end: usize) -> usize {
        let (chain, next) = self.cursor.chain(at, end);
        let (tail, after) = self.tail(&chain, next, end);
        for segment in &chain {
            if segment.is_called() || segment.name.starts_with(char::is_uppercase) {
                self.mentions.push(Name::new(segment.name));
            }
            self.mentions.extend(segment.type_args.iter().map(|name| Name::new(name)));
        }
        self.collect(&chain, &tail);
        self.insides(&chain);
        if let Tail::Assign(range) | Tail::Command(range) = tail {
            let name = chain.last().map_or("", |segment| segment.name);
            self.nested(Frame { name, arg: "", kind: FrameKind::Expression }, range);
        }
        after
    }

    /// Whether an assignment or a Groovy command follows, and the index behind.
    fn tail(&self, chain: &[Segment<'a>], next: usize, end: usize) -> (Tail, usize) {
        if next >= end {
            return (Tail::Nothing, next);
        }
        let plus = self.cursor.is_pair(next, *b"+=");
        if plus || self.cursor.is_assign(next) {
            let start = next + 1 + usize::from(plus);
            let stop = self.cursor.value_end(start, end);
            return (Tail::Assign(start..stop), stop);
        }
        let called = chain.last().is_some_and(Segment::is_called);
        let starts_value = match self.cursor.kind(next) {
            Some(Kind::Number | Kind::Text) => true,
            Some(Kind::Word) => !CONTROL.contains(&self.cursor.word(next)),
            _ => false,
        };
        if called || !starts_value {
            return (Tail::Nothing, next);
        }
        let stop = self.cursor.statement_end(next, end);
        (Tail::Command(next..stop), stop)
    }

    fn insides(&mut self, chain: &[Segment<'a>]) {
        for (at, segment) in chain.iter().enumerate() {
            let arg = segment.args.clone().and_then(|args| self.cursor.first_text(args));
            let arg = arg.map_or("", |at| self.cursor.word(at));
            if let Some(args) = segment.args.clone() {
                self.nested(Frame { name: segment.name, arg, kind: FrameKind::Expression }, args);
            }
            let Some(block) = segment.block.clone() else { continue };
            // `defaultConfig.apply { … }`, `with(defaultConfig) { … }` and `a.configure { … }` are blocks of what
            // stands before or inside of them.
            let before = at.checked_sub(1).map(|before| chain[before].name);
            let subject = match (segment.name, before) {
                ("with", _) => segment.args.clone().map_or("", |args| self.cursor.word(args.start)),
                ("apply" | "configure" | "invoke" | "run" | "also" | "let", Some(before)) => before,
                _ => segment.name,
            };
            let shared = matches!(segment.name, "subprojects" | "allprojects");
            let frame = Frame { name: subject, arg, kind: FrameKind::Block };
            if shared && self.unit.is_none() && self.frames.is_empty() {
                self.declaration(frame, block);
                continue;
            }
            // `commonTest.dependencies { … }` is a block inside of a block.
            let depth = self.frames.len();
            for owner in &chain[..at] {
                let arg = owner.args.clone().and_then(|args| self.cursor.first_text(args));
                let arg = arg.map_or("", |at| self.cursor.word(at));
                self.frames.push(Frame { name: owner.name, arg, kind: FrameKind::Block });
            }
            self.block_of(frame, block);
            self.frames.truncate(depth);
        }
    }
}
