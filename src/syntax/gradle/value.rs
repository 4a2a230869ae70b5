//! Right sides of settings: numbers, strings, and paths to follow (`libs.versions.minSdk.get().toInt()`).

use crate::base::{Name, Span};
use crate::facts::gradle::{Setting, SettingValue};

use super::cursor::{Cursor, Range, Segment};
use super::token::Kind;

/// Expressions nest; build scripts written by people do not nest this deep.
const MAX_DEPTH: usize = 12;

/// Calls whose string argument is the key that is looked up.
const LOOKUPS: &[&str] = &[
    "property",
    "findProperty",
    "gradleProperty",
    "getProperty",
    "get",
    "getValue",
    "getAt",
    "getOrDefault",
    "safeExtGet",
    "getExtOrDefault",
    "getExtOrIntegerDefault",
    "extra",
    "propertyOrNull",
];
/// Calls that only convert or wrap their argument.
const WRAPPERS: &[&str] = &[
    "parseInt",
    "valueOf",
    "toInteger",
    "Integer",
    "release",
    "version",
    "set",
    "provider",
    "checkNotNull",
    "requireNotNull",
];
/// Parts of a path that name no value.
const TRAILERS: &[&str] = &["asInt", "int", "requiredVersion", "pluginId", "value"];

impl Cursor<'_> {
    /// The value of an expression, none when its text does not show it (arithmetic, unknown calls).
    pub(super) fn setting(&self, range: Range) -> Option<Setting> {
        let mut found = Vec::new();
        self.candidates(range.clone(), &mut found, 0)?;
        let first = self.tokens.get(self.skip_newlines(range.start, range.end))?;
        let last = range.clone().rev().find(|at| self.kind(*at) != Some(Kind::Newline))?;
        let value = if found.len() > 1 { SettingValue::FirstOf(found) } else { found.pop()? };
        Some(Setting { value, span: Span::new(first.start, self.tokens.get(last)?.end) })
    }

    /// The reference or text of an expression as one name: `libs.plugins.x`, `com.android.library`.
    pub(super) fn name_of(&self, range: Range) -> Option<Name> {
        match self.setting(range)?.value {
            SettingValue::Text(name) | SettingValue::Reference(name) => Some(name),
            SettingValue::Number(_) | SettingValue::FirstOf(_) => None,
        }
    }

    /// Values in the order they are tried. None: an operator makes the value unknown.
    fn candidates(&self, range: Range, found: &mut Vec<SettingValue>, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut at = range.start;
        while at < range.end {
            match self.kind(at)? {
                Kind::Number => {
                    found.push(number(self.word(at))?);
                    at += 1;
                }
                Kind::Text => {
                    found.push(text_value(self.word(at)));
                    at += 1;
                }
                Kind::Word => at = self.word_candidate(at, range.end, found, depth)?,
                Kind::Punct(b'(') => {
                    let (inside, next) = self.inside(at, range.end);
                    self.candidates(inside, found, depth + 1)?;
                    at = next;
                }
                Kind::Punct(b'{') => {
                    // The branches of `if (…) { 1 } else { 2 }`.
                    let (inside, next) = self.inside(at, range.end);
                    self.candidates(inside, found, depth + 1)?;
                    at = next;
                }
                // `condition ? a : b`: the condition is no value. `a ?: b` and `a?.b` are.
                Kind::Punct(b'?') if !self.is_pair(at, *b"?:") && !self.is_pair(at, *b"?.") => {
                    found.clear();
                    at += 1;
                }
                Kind::Punct(b'+' | b'-' | b'*' | b'/' | b'%' | b'[') => return None,
                Kind::Punct(_) | Kind::Newline => at += 1,
            }
        }
        Some(())
    }

    fn word_candidate(
        &self,
        at: usize,
        end: usize,
        found: &mut Vec<SettingValue>,
        depth: usize,
    ) -> Option<usize> {
        match self.word(at) {
            "if" if self.is_punct(at + 1, b'(') => return Some(self.inside(at + 1, end).1),
            "else" | "new" | "return" => return Some(at + 1),
            "as" => return Some(at + 2 + usize::from(self.is_punct(at + 2, b'?'))),
            _ => {}
        }
        let (chain, next) = self.chain(at, end);
        self.chain_candidates(&chain, found, depth)?;
        Some(next)
    }

    fn chain_candidates(
        &self,
        chain: &[Segment<'_>],
        found: &mut Vec<SettingValue>,
        depth: usize,
    ) -> Option<()> {
        let mut path: Vec<String> = Vec::new();
        let mut fallbacks = Vec::new();
        for segment in chain {
            let args =
                segment.args.clone().filter(|range| self.skip_newlines(range.start, range.end) < range.end);
            match args {
                None if segment.is_called() => {}
                None if TRAILERS.contains(&segment.name) && !path.is_empty() => {}
                None => path.push(segment.name.to_owned()),
                Some(args) if WRAPPERS.contains(&segment.name) => {
                    return self.candidates(args, found, depth + 1);
                }
                Some(args) if matches!(segment.name, "orElse" | "getOrElse") => {
                    self.candidates(args, &mut fallbacks, depth + 1)?;
                }
                Some(args) => {
                    let key = self.first_text(args.clone())?;
                    if segment.name == "findVersion" {
                        path = vec![format!("libs.versions.{}", self.word(key).replace(['-', '_'], "."))];
                    } else {
                        // Of an unknown function the string counts as a key, too: it is followed only if it is one.
                        path = vec![self.word(key).to_owned()];
                    }
                    let lookup = LOOKUPS.contains(&segment.name);
                    if lookup && self.is_punct(key + 1, b',') {
                        self.candidates(key + 2..args.end, &mut fallbacks, depth + 1)?;
                    }
                }
            }
            if let Some(index) = &segment.index {
                let key = self.first_text(index.clone())?;
                path.push(self.word(key).to_owned());
            }
        }
        if !path.is_empty() {
            found.push(SettingValue::Reference(Name::new(&path.join("."))));
        }
        found.append(&mut fallbacks);
        Some(())
    }
}

fn number(text: &str) -> Option<SettingValue> {
    let digits: String = text.chars().filter(|it| *it != '_').collect();
    digits.trim_end_matches(['L', 'l']).parse().ok().map(SettingValue::Number)
}

/// `"21"` and `"android-34"` are levels, `"$minSdk"` is a path.
fn text_value(text: &str) -> SettingValue {
    let level = text.strip_prefix("android-").unwrap_or(text);
    if let Ok(number) = level.parse() {
        return SettingValue::Number(number);
    }
    let path =
        text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| text.strip_prefix('$'));
    match path {
        Some(path) if path.chars().all(|it| it.is_alphanumeric() || matches!(it, '.' | '_')) => {
            SettingValue::Reference(Name::new(path))
        }
        _ => SettingValue::Text(Name::new(text)),
    }
}
