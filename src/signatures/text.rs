//! The text form of signatures, written by hand in `rules/signatures/*.txt` and by the generator: Kotlin-like
//! declarations, one a line. The grammar stands in `rules/signatures/README.md`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;

use super::signature::*;

/// Simple names that need no import.
const DEFAULTS: &[(&str, &[&str])] = &[
    (
        "kotlin",
        &[
            "Int",
            "Long",
            "Short",
            "Byte",
            "Float",
            "Double",
            "Boolean",
            "Char",
            "Unit",
            "Nothing",
            "Array",
            "IntArray",
            "LongArray",
            "ShortArray",
            "ByteArray",
            "FloatArray",
            "DoubleArray",
            "BooleanArray",
            "CharArray",
            "Lazy",
            "Pair",
            "Triple",
            "Result",
        ],
    ),
    (
        "java.lang",
        &[
            "String",
            "Object",
            "Throwable",
            "Exception",
            "CharSequence",
            "Class",
            "Runnable",
            "Iterable",
            "Comparable",
            "Enum",
            "Number",
        ],
    ),
    ("java.util", &["List", "Set", "Map", "Collection", "Iterator"]),
    ("kotlin.sequences", &["Sequence"]),
];

/// A line that is no declaration.
#[derive(Debug, PartialEq, Eq)]
pub struct TextError {
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for TextError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

type Parsed<T> = Result<T, String>;

/// Reads the text form.
///
/// # Errors
/// At the first line that does not follow the grammar or names an unknown type.
pub fn parse(text: &str) -> Result<Declarations, TextError> {
    let mut file = File { local: declared_names(text), ..File::default() };
    let mut found = Declarations::default();
    for (at, line) in text.lines().enumerate() {
        file.line(line, &mut found).map_err(|message| TextError { line: at + 1, message })?;
    }
    Ok(found)
}

/// Qualified names of the classes that the text declares.
fn declared_names(text: &str) -> BTreeSet<String> {
    let mut package = "";
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("package ") {
            package = name.trim();
            continue;
        }
        let mut words =
            line.split(' ').skip_while(|word| !ClassKind::ALL.iter().any(|(_, kind)| kind == word));
        if let (false, Some(_), Some(name)) = (line.starts_with([' ', '#']), words.next(), words.next()) {
            let name = name.split('<').next().unwrap_or(name);
            names.insert(if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") });
        }
    }
    names
}

#[derive(Default)]
struct File {
    package: String,
    imports: FxHashMap<String, String>,
    local: BTreeSet<String>,
    open: bool,
    /// Type parameters in scope: of the class, then of the member.
    variables: Vec<Name>,
}

/// The modifiers ahead of a declaration.
#[derive(Default)]
struct Modifiers {
    since: u8,
    is_abstract: bool,
    is_final: bool,
    flags: MemberFlags,
}

fn modifiers(mut line: &str) -> Parsed<(Modifiers, &str)> {
    let mut found = Modifiers::default();
    while let Some((word, rest)) = line.split_once(' ') {
        match word {
            "abstract" => {
                found.is_abstract = true;
                found.flags |= MemberFlags::ABSTRACT;
            }
            "final" => found.is_final = true,
            "static" => found.flags |= MemberFlags::STATIC,
            "suspend" => found.flags |= MemberFlags::SUSPEND,
            "inline" => found.flags |= MemberFlags::INLINE,
            "deprecated" => found.flags |= MemberFlags::DEPRECATED,
            _ => match word.strip_prefix('@') {
                Some(level) => {
                    found.since = level.parse().map_err(|_| format!("`{word}` is no API level"))?
                }
                None => break,
            },
        }
        line = rest.trim_start();
    }
    Ok((found, line))
}

impl File {
    fn line(&mut self, line: &str, found: &mut Declarations) -> Parsed<()> {
        if let Some(source) = line.strip_prefix("# ") {
            if found.classes.is_empty() && self.package.is_empty() {
                found.sources.push(source.to_owned());
            }
            return Ok(());
        }
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') || text == "}" {
            self.open &= text != "}";
            return Ok(());
        }
        if let Some(name) = text.strip_prefix("package ") {
            self.package = name.trim().to_owned();
            self.imports.clear();
        } else if let Some(name) = text.strip_prefix("import ") {
            let simple = name.rsplit('.').next().unwrap_or(name);
            self.imports.insert(simple.to_owned(), name.to_owned());
        } else if let Some(alias) = text.strip_prefix("typealias ") {
            let (name, target) = alias.split_once(" = ").ok_or("a typealias needs ` = `")?;
            found.aliases.push((self.own_name(name), self.class_name(target)?));
        } else if self.open {
            let class = found.classes.last_mut().ok_or("a member outside of a class")?;
            self.variables.truncate(class.class.params.len());
            match text.strip_prefix("companion ") {
                Some(name) => class.class.companion = Some(Name::new(name)),
                None => class.members.push(self.member(text)?),
            }
        } else {
            let class = self.class(text)?;
            found.classes.push(Declared { class, members: Vec::new() });
        }
        Ok(())
    }

    fn own_name(&self, name: &str) -> Name {
        if self.package.is_empty() { Name::new(name) } else { Name::new(&format!("{}.{name}", self.package)) }
    }

    fn class(&mut self, text: &str) -> Parsed<ClassSignature> {
        self.open = text.ends_with('{');
        let (modifiers, text) = modifiers(text.trim_end_matches('{').trim())?;
        let (word, text) = text.split_once(' ').ok_or_else(|| format!("`{text}` is no declaration"))?;
        let known = ClassKind::ALL.iter().find(|(_, name)| *name == word);
        let (kind, _) = known.ok_or_else(|| format!("`{word}` is no kind of class"))?;
        let end = text.find(['<', ' ']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        self.variables.clear();
        let (params, rest) = self.type_params(rest)?;
        let supertypes = match rest.trim().strip_prefix(':') {
            Some(list) => split(list, ',').into_iter().map(|ty| self.ty(ty)).collect::<Parsed<_>>()?,
            None if rest.trim().is_empty() => Vec::new(),
            None => return Err(format!("`{rest}` after the class's name")),
        };
        Ok(ClassSignature {
            name: self.own_name(name),
            kind: *kind,
            is_abstract: modifiers.is_abstract,
            is_final: modifiers.is_final,
            params,
            supertypes,
            companion: None,
            since: modifiers.since,
            deprecated: modifiers.flags.contains(MemberFlags::DEPRECATED),
        })
    }

    fn member(&mut self, text: &str) -> Parsed<MemberSignature> {
        let (modifiers, text) = modifiers(text)?;
        let end = text.find([' ', '(']).ok_or_else(|| format!("`{text}` is no member"))?;
        let (word, rest) = text.split_at(end);
        let known = MemberKind::ALL.iter().find(|(_, name)| *name == word);
        let (kind, _) = known.ok_or_else(|| format!("`{word}` is no kind of member"))?;
        let (type_params, rest) = self.type_params(rest.trim())?;
        let rest = rest.trim();
        let unit = Ty::class(Name::new("kotlin.Unit"));
        let (name, receiver, params, result) = match kind {
            MemberKind::Constructor => (Name::new("<init>"), None, self.parenthesised(rest)?.0, unit),
            MemberKind::Function => {
                let open = parameter_list(rest).ok_or_else(|| format!("`{rest}` has no parameters"))?;
                let (receiver, name) = self.named(&rest[..open])?;
                let (params, rest) = self.parenthesised(&rest[open..])?;
                let result = match rest.trim().strip_prefix(':') {
                    Some(ty) => self.ty(ty)?,
                    None if rest.trim().is_empty() => unit,
                    None => return Err(format!("`{rest}` after the parameters")),
                };
                (name, receiver, params, result)
            }
            MemberKind::Value | MemberKind::Variable => {
                let at = outside(rest, ':').ok_or_else(|| format!("`{rest}` has no type"))?;
                let (receiver, name) = self.named(&rest[..at])?;
                (name, receiver, Vec::new(), self.ty(&rest[at + 1..])?)
            }
        };
        let (flags, since) = (modifiers.flags, modifiers.since);
        Ok(MemberSignature { name, kind: *kind, flags, type_params, receiver, params, result, since })
    }

    /// `Receiver.name` or `name`.
    fn named(&self, text: &str) -> Parsed<(Option<Ty>, Name)> {
        let text = text.trim();
        match last_dot(text) {
            Some(at) => Ok((Some(self.ty(&text[..at])?), Name::new(&text[at + 1..]))),
            None if text.is_empty() => Err("a member without a name".to_owned()),
            None => Ok((None, Name::new(text))),
        }
    }

    /// `<T : Bound & Other, R>` at the beginning; the rest.
    fn type_params<'t>(&mut self, text: &'t str) -> Parsed<(Vec<TypeParam>, &'t str)> {
        let Some(inner) = text.strip_prefix('<') else { return Ok((Vec::new(), text)) };
        let end = closing(inner, '<', '>').ok_or("`<` without `>`")?;
        let list = split(&inner[..end], ',');
        let split_bound = |param: &str| -> (Name, String) {
            let (name, bound) = param.split_once(':').unwrap_or((param, ""));
            let name = name.trim();
            let name = name.strip_prefix("out ").or(name.strip_prefix("in ")).unwrap_or(name);
            (Name::new(name.strip_prefix("reified ").unwrap_or(name)), bound.trim().to_owned())
        };
        let named: Vec<_> = list.into_iter().map(split_bound).collect();
        self.variables.extend(named.iter().map(|(name, _)| *name));
        let param = |(name, bounds): (Name, String)| -> Parsed<TypeParam> {
            let bounds = split(&bounds, '&').into_iter().map(|ty| self.ty(ty));
            Ok(TypeParam { name, bounds: bounds.collect::<Parsed<SmallVec<_>>>()? })
        };
        let params = named.into_iter().map(param).collect::<Parsed<_>>()?;
        Ok((params, &inner[end + 1..]))
    }

    /// `(name: Type = …, vararg Type)` at the beginning; the rest.
    fn parenthesised<'t>(&self, text: &'t str) -> Parsed<(Vec<Parameter>, &'t str)> {
        let inner = text.strip_prefix('(').ok_or_else(|| format!("`{text}` is no list of parameters"))?;
        let end = closing(inner, '(', ')').ok_or("`(` without `)`")?;
        let params = split(&inner[..end], ',').into_iter().map(|param| self.parameter(param));
        Ok((params.collect::<Parsed<_>>()?, &inner[end + 1..]))
    }

    fn parameter(&self, text: &str) -> Parsed<Parameter> {
        let vararg = text.starts_with("vararg ");
        let text = text.strip_prefix("vararg ").unwrap_or(text);
        let (text, default) = match outside(text, '=') {
            Some(at) => (text[..at].trim(), true),
            None => (text, false),
        };
        let (name, ty) = match outside(text, ':') {
            Some(at) => (Some(Name::new(text[..at].trim())), &text[at + 1..]),
            None => (None, text),
        };
        Ok(Parameter { name, ty: self.ty(ty)?, vararg, default })
    }

    fn ty(&self, text: &str) -> Parsed<Ty> {
        let mut text = text.trim();
        if text == "*" {
            return Ok(Ty::Star);
        }
        for prefix in ["out ", "in "] {
            text = text.strip_prefix(prefix).unwrap_or(text);
        }
        if let Some(function) = self.function(text)? {
            return Ok(function);
        }
        text = text.strip_suffix('?').unwrap_or(text).trim();
        if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            return self.ty(inner);
        }
        let (name, args) = match text.split_once('<') {
            Some((name, args)) => (name, split(args.strip_suffix('>').ok_or("`<` without `>`")?, ',')),
            None => (text, Vec::new()),
        };
        if args.is_empty()
            && let Some(variable) = self.variables.iter().rev().find(|variable| **variable == *name)
        {
            return Ok(Ty::Variable(*variable));
        }
        let args = args.into_iter().map(|arg| self.ty(arg)).collect::<Parsed<_>>()?;
        Ok(Ty::Class(self.class_name(name)?, args))
    }

    /// `suspend R.(A, B) -> C`.
    fn function(&self, text: &str) -> Parsed<Option<Ty>> {
        let Some(arrow) = outside_arrow(text) else { return Ok(None) };
        let head = text[..arrow].trim();
        let suspend = head.starts_with("suspend ");
        let head = head.strip_prefix("suspend ").unwrap_or(head);
        let body = head.strip_suffix(')').ok_or_else(|| format!("`{head}` before `->`"))?;
        let open = opening(body).ok_or("`)` without `(`")?;
        let receiver = match body[..open].trim().strip_suffix('.') {
            Some(receiver) => Some(self.ty(receiver)?),
            None if open == 0 => None,
            None => return Err(format!("`{head}` before `->`")),
        };
        let params = split(&body[open + 1..], ',').into_iter().map(|param| Ok(self.parameter(param)?.ty));
        let params = params.collect::<Parsed<_>>()?;
        let result = self.ty(&text[arrow + 2..])?;
        Ok(Some(Ty::Function(Box::new(FunctionTy { receiver, params, result, suspend }))))
    }

    fn class_name(&self, name: &str) -> Parsed<Name> {
        let name = name.trim();
        let (first, rest) = name.split_once('.').map_or((name, ""), |(first, rest)| (first, rest));
        let with = |class: &str| {
            if rest.is_empty() { Name::new(class) } else { Name::new(&format!("{class}.{rest}")) }
        };
        if let Some(import) = self.imports.get(first) {
            return Ok(with(import));
        }
        let local =
            if self.package.is_empty() { first.to_owned() } else { format!("{}.{first}", self.package) };
        if self.local.contains(&local) {
            return Ok(with(&local));
        }
        if !rest.is_empty() && first.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            return Ok(Name::new(name));
        }
        let default = DEFAULTS.iter().find(|(_, names)| names.contains(&first));
        if let Some((package, _)) = default {
            return Ok(with(&format!("{package}.{first}")));
        }
        match first {
            "Any" => Ok(Name::new("java.lang.Object")),
            "MutableList" => Ok(Name::new("java.util.List")),
            "MutableMap" => Ok(Name::new("java.util.Map")),
            "MutableSet" => Ok(Name::new("java.util.Set")),
            // Packages of one segment are rare, but there are some (`rx`): such names were dotted.
            _ => Err(format!("`{name}` is no known type")),
        }
    }
}

/// Walks the letters outside of brackets; the `>` of an arrow is no bracket.
fn at_depth_zero(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut depth = 0i32;
    let mut before = ' ';
    text.char_indices().filter(move |(_, letter)| {
        let arrow = *letter == '>' && before == '-';
        before = *letter;
        match letter {
            '<' | '(' => {
                depth += 1;
                depth == 1
            }
            '>' if arrow => depth == 0,
            '>' | ')' => {
                depth -= 1;
                false
            }
            _ => depth == 0,
        }
    })
}

fn outside(text: &str, separator: char) -> Option<usize> {
    at_depth_zero(text).find(|(_, letter)| *letter == separator).map(|(at, _)| at)
}

fn outside_arrow(text: &str) -> Option<usize> {
    at_depth_zero(text).find(|(at, letter)| *letter == '-' && text[*at..].starts_with("->")).map(|(at, _)| at)
}

fn last_dot(text: &str) -> Option<usize> {
    at_depth_zero(text).filter(|(_, letter)| *letter == '.').last().map(|(at, _)| at)
}

/// Where the parameters of a function begin: a bracket right behind a name.
fn parameter_list(text: &str) -> Option<usize> {
    let behind_name =
        |at: usize| text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    at_depth_zero(text).find(|(at, letter)| *letter == '(' && behind_name(*at)).map(|(at, _)| at)
}

fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, letter) in at_depth_zero(text) {
        if letter == separator {
            parts.push(text[start..at].trim());
            start = at + 1;
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where the bracket that was opened before the text closes.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close && before != '-' {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
        before = letter;
    }
    None
}

/// Where the bracket opens that was closed behind the text.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth == 0 => return Some(at),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}
