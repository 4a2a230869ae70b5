//! Finds and reads `worklint.toml`: looked for upward from what is analysed, to the root of the repository; those that
//! it extends come before it. Knows no setting's meaning.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::base::{SourceText, Span};
use crate::findings::select::nearest;

use super::file::File;

/// The file's name; also looked for in `.config/`.
pub const FILE_NAME: &str = "worklint.toml";

/// Files that extend each other more often than this do so in a circle.
const MAX_EXTENDS: usize = 16;

/// One file of settings, or what a word of the command line sets.
#[derive(Clone, Debug)]
pub struct Layer {
    /// As messages name it: a path, or `--set`.
    pub origin: String,
    /// What paths in it are relative to; absolute.
    pub dir: PathBuf,
    pub text: SourceText,
    pub file: File,
}

/// What is wrong with a setting, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// `worklint.toml:12:3`.
    pub place: String,
    pub message: String,
    pub help: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Layer {
    /// An error about something in this layer.
    pub fn error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> ConfigError {
        error_at(&self.origin, &self.text, span, message.into(), help.into())
    }
}

/// The configuration of a path: the nearest file going up, to the repository's root. `start` is absolute.
pub fn find(start: &Path) -> Option<PathBuf> {
    let own = if start.is_dir() { start } else { start.parent()? };
    let mut inside = true;
    own.ancestors().take_while(|dir| std::mem::replace(&mut inside, !dir.join(".git").exists())).find_map(
        |dir| [dir.join(FILE_NAME), dir.join(".config").join(FILE_NAME)].into_iter().find(|it| it.is_file()),
    )
}

/// Reads a file and those it extends, what counts least first. `shown` turns paths into words for messages.
///
/// # Errors
/// When one of them cannot be read, is no TOML, or holds what the format does not have.
pub fn read(path: &Path, shown: &dyn Fn(&Path) -> String) -> Result<Vec<Layer>, ConfigError> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut next = Some(path.to_path_buf());
    while let Some(path) = next {
        let origin = shown(&path);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let who = layers.first().map_or(String::new(), |by| format!(" that {} extends", by.origin));
            ConfigError {
                place: origin.clone(),
                message: format!("the configuration{who} cannot be read: {error}"),
                help: "`worklint config init` writes one".to_owned(),
            }
        })?;
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        // A file in `.config` speaks of the directory that holds it.
        let dir =
            if dir.ends_with(".config") { dir.parent().map(Path::to_path_buf).unwrap_or(dir) } else { dir };
        let layer = parse(origin, dir, text)?;
        next = match &layer.file.extends {
            None => None,
            Some(base) if layers.len() >= MAX_EXTENDS => {
                return Err(layer.error(
                    base.span(),
                    "`extends` leads in a circle",
                    "a file cannot build on itself",
                ));
            }
            Some(base) => Some(path.parent().unwrap_or(Path::new("")).join(base.get_ref())),
        };
        layers.insert(0, layer);
    }
    Ok(layers)
}

/// Reads one layer's text.
///
/// # Errors
/// When it is no TOML or holds what the format does not have.
pub fn parse(origin: String, dir: PathBuf, text: String) -> Result<Layer, ConfigError> {
    let source = SourceText::new(text);
    let file: File = toml::from_str(&source.text).map_err(|error| {
        let (message, help) = words(error.message());
        error_at(&origin, &source, error.span().unwrap_or_default(), message, help)
    })?;
    if let Some(version) = file.version.as_ref().filter(|it| *it.get_ref() != 1) {
        let message =
            format!("version {} is unknown to this worklint, which reads version 1", version.get_ref());
        return Err(error_at(
            &origin,
            &source,
            version.span(),
            message,
            "a newer worklint may read it".to_owned(),
        ));
    }
    Ok(Layer { origin, dir, text: source, file })
}

fn error_at(
    origin: &str,
    text: &SourceText,
    span: Range<usize>,
    message: String,
    help: String,
) -> ConfigError {
    let at = text.position(Span::new(span.start, span.start).start);
    // What was said on the command line has no lines.
    let place = if text.text.contains('\n') {
        format!("{origin}:{}:{}", at.line, at.column)
    } else {
        origin.to_owned()
    };
    ConfigError { place, message, help }
}

/// serde's sentences, with the nearest of the names that it lists.
fn words(message: &str) -> (String, String) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or("");
    let known: Vec<&str> = quoted.collect();
    let what = ["unknown field", "unknown variant"].into_iter().find(|it| message.starts_with(it));
    if message.starts_with("missing field") {
        return (
            format!("the key `{first}` is missing"),
            "`worklint config schema` describes the format".to_owned(),
        );
    }
    let Some(what) = what else {
        return (message.to_owned(), "`worklint config schema` describes the format".to_owned());
    };
    let noun = if what == "unknown field" { "key" } else { "value" };
    let help = match nearest(first, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? possible here: {}", known.join(", ")),
        None => format!("possible here: {}", known.join(", ")),
    };
    (format!("unknown {noun} `{first}`"), help)
}
