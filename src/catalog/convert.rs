//! From the TOML's words to typed values: every word is checked, every class name made canonical. `typed.rs` puts
//! the values together.

use rustc_hash::FxHashMap;

use crate::base::Name;

use super::entry::*;
use super::raw;

/// The outcome, or what is wrong with the entry.
pub(super) type Converted<T> = Result<T, String>;

/// What conversion needs besides the entry.
pub(super) struct Cx {
    pub(super) aliases: FxHashMap<String, String>,
}

pub(super) trait Convert {
    type Typed;
    fn convert(self, cx: &Cx) -> Converted<Self::Typed>;
}

impl Cx {
    pub(super) fn kind(&self, id: &str, kind: &raw::Kind) -> Kind {
        Kind { id: Name::new(id), does: Name::new(&kind.does), instead: Name::new(&kind.instead) }
    }

    pub(super) fn wrappers(&self, row: raw::Wrapper) -> Converted<Vec<Wrapper>> {
        let arg = match row.arg {
            None => return Err("a [[wrapper]] needs `arg`".to_owned()),
            Some(raw::IndexOrWord::Index(at)) => {
                WrapperArg::Index(u8::try_from(at).map_err(|_| format!("`arg = {at}` must not be negative"))?)
            }
            Some(raw::IndexOrWord::Word(word)) if word == "receiver" => WrapperArg::Receiver,
            Some(raw::IndexOrWord::Word(word)) => {
                return Err(format!("`arg = \"{word}\"` must be a position or \"receiver\""));
            }
        };
        let extension_on = self.receiver(row.extension_on.as_ref())?;
        let classes = row.class.iter().map(|name| self.class(name));
        let functions = row.function.iter().map(|name| self.member(name));
        classes.chain(functions).map(|name| Ok(Wrapper { name: name?, arg, extension_on })).collect()
    }

    /// A qualified class name, canonical.
    pub(super) fn class(&self, name: &str) -> Converted<Name> {
        if !name.contains('.')
            || name.contains([' ', '<', '('])
            || name.starts_with('.')
            || name.ends_with('.')
        {
            return Err(format!("`{name}` is no qualified class name"));
        }
        Ok(Name::new(self.aliases.get(name).map_or(name, String::as_str)))
    }

    pub(super) fn classes(&self, names: &[String]) -> Converted<Vec<Name>> {
        names.iter().map(|name| self.class(name)).collect()
    }

    pub(super) fn class_option(&self, name: Option<&String>) -> Converted<Option<Name>> {
        name.map(|name| self.class(name)).transpose()
    }

    /// A receiver type: a class, or `*` for any.
    pub(super) fn receiver(&self, name: Option<&String>) -> Converted<Option<Name>> {
        match name {
            Some(any) if any == "*" => Ok(Some(Name::new("*"))),
            name => self.class_option(name),
        }
    }

    /// `class.member`, the class canonical.
    pub(super) fn member(&self, name: &str) -> Converted<Name> {
        let Some((class, member)) = name.rsplit_once('.') else {
            return Err(format!("`{name}` must be class.member"));
        };
        Ok(self.class(class)?.join(Name::new(member)))
    }

    pub(super) fn members(&self, names: &[String]) -> Converted<Vec<Name>> {
        names.iter().map(|name| self.member(name)).collect()
    }

    /// Parses `a.b.C<$0, d.E>`.
    pub(super) fn ty(&self, text: &str) -> Converted<TypeExpr> {
        let text = text.trim();
        let (name, inner) = match text.split_once('<') {
            None => (text, None),
            Some((name, rest)) => {
                let inner =
                    rest.strip_suffix('>').ok_or_else(|| format!("type `{text}` does not close its `<`"))?;
                (name, Some(inner))
            }
        };
        let name = match name.strip_prefix('$') {
            Some(variable) if is_variable(variable) => Name::new(name),
            None if name == "primitive" => Name::new(name),
            _ => self.class(name).map_err(|_| {
                format!("type `{name}` is neither a qualified class, `primitive` nor a variable such as `$0`")
            })?,
        };
        let args = inner.map_or(Ok(Vec::new()), |inner| split(inner).map(|arg| self.ty(arg)).collect())?;
        Ok(TypeExpr { name, args })
    }

    pub(super) fn types(&self, texts: &[String]) -> Converted<Vec<TypeExpr>> {
        texts.iter().map(|text| self.ty(text)).collect()
    }

    pub(super) fn ty_option(&self, text: Option<&String>) -> Converted<Option<TypeExpr>> {
        text.map(|text| self.ty(text)).transpose()
    }
}

pub(super) fn is_variable(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "recv" | "T" | "lambda" | "property-type" => true,
        _ => {
            let path = text.strip_prefix("arg").unwrap_or(text);
            let path = path.strip_prefix('s').map_or(path, |rest| rest.strip_prefix('.').unwrap_or("0"));
            path.split('.').all(number) || text.strip_prefix('T').is_some_and(number)
        }
    }
}

/// Splits at the commas outside of `<…>`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |letter| {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

pub(super) fn names(texts: &[String]) -> Vec<Name> {
    texts.iter().map(|text| Name::new(text)).collect()
}

pub(super) fn name(text: Option<&String>) -> Option<Name> {
    text.map(|text| Name::new(text))
}

/// At least one, none of them empty or qualified.
pub(super) fn methods(texts: &[String], key: &str) -> Converted<Vec<Name>> {
    if texts.is_empty() {
        return Err(format!("`{key}` is missing or empty"));
    }
    match texts.iter().find(|text| text.is_empty() || text.contains(['.', ' ', '('])) {
        Some(text) => Err(format!("`{text}` in `{key}` must be a simple name, may contain `*`")),
        None => Ok(names(texts)),
    }
}

pub(super) fn word<T: Copy>(key: &str, text: &str, words: &[(&str, T)]) -> Converted<T> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(format!("`{key} = \"{text}\"` must be one of: {}", known.join(", ")))
}

pub(super) fn word_option<T: Copy>(
    key: &str,
    text: Option<&String>,
    words: &[(&str, T)],
) -> Converted<Option<T>> {
    text.map(|text| word(key, text, words)).transpose()
}

pub(super) const THREADS: &[(&str, ThreadWord)] = &[
    ("main", ThreadWord::Main),
    ("worker", ThreadWord::Worker),
    ("binder", ThreadWord::Binder),
    ("caller", ThreadWord::Caller),
    ("unknown", ThreadWord::Unknown),
    ("receiver", ThreadWord::Receiver),
    ("dispatcher-arg", ThreadWord::DispatcherArg),
    ("executor-arg", ThreadWord::ExecutorArg),
    ("handler-arg", ThreadWord::HandlerArg),
    ("scope", ThreadWord::Scope),
    ("inherit", ThreadWord::Inherit),
    ("operand", ThreadWord::Operand),
];

/// Threads that a callback may be said to run on.
pub(super) const PLACES: &[(&str, ThreadWord)] = &[
    ("main", ThreadWord::Main),
    ("worker", ThreadWord::Worker),
    ("binder", ThreadWord::Binder),
    ("caller", ThreadWord::Caller),
    ("unknown", ThreadWord::Unknown),
];

pub(super) const PROOFS: &[(&str, Proof)] = &[
    ("main", Proof::Main),
    ("worker", Proof::Worker),
    ("done", Proof::Done),
    ("exact-alarms", Proof::ExactAlarms),
    ("visible", Proof::Visible),
    ("battery-exempt", Proof::BatteryExempt),
    ("high-priority", Proof::HighPriority),
    ("never", Proof::Never),
];

pub(super) const COSTS: &[(&str, Cost)] =
    &[("minor", Cost::Minor), ("slow", Cost::Slow), ("severe", Cost::Severe)];

pub(super) const BACKGROUNDS: &[(&str, Background)] =
    &[("no", Background::No), ("maybe", Background::Maybe), ("yes", Background::Yes)];

pub(super) const URGENCIES: &[(&str, UrgencyWord)] = &[
    ("immediate", UrgencyWord::Immediate),
    ("long-running", UrgencyWord::LongRunning),
    ("deferrable", UrgencyWord::Deferrable),
    ("depends", UrgencyWord::Depends),
];

pub(super) fn low(confidence: Option<&String>) -> Converted<bool> {
    Ok(word_option("confidence", confidence, &[("low", true)])?.unwrap_or(false))
}

pub(super) fn likely(certainty: Option<&String>) -> Converted<bool> {
    Ok(word_option("certainty", certainty, &[("likely", true)])?.unwrap_or(false))
}
