//! Reads catalogue files in TOML. Used by the test that writes the compact form, and for a project's own entries;
//! a normal run without those parses no TOML here.

use std::fmt;
use std::ops::Range;

use rustc_hash::FxHashMap;
use toml::Spanned;

use crate::base::{SourceText, Span};

use super::convert::{Convert, Cx};
use super::load::Tables;
use super::raw;

/// A mistake in a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    pub file: String,
    /// One-based; of the key when TOML itself fails, else of the entry.
    pub line: u32,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for SourceError {}

/// Reads catalogue files, given as (name, text). Class names are made canonical by the aliases of all files.
///
/// # Errors
/// The first thing in a file that is no TOML or that the schema does not have.
pub fn read(files: &[(String, String)]) -> Result<Tables, SourceError> {
    read_with(files, [])
}

/// The same, with aliases that hold beside those of the files.
pub(super) fn read_with(
    files: &[(String, String)],
    known: impl IntoIterator<Item = (String, String)>,
) -> Result<Tables, SourceError> {
    let mut parsed = Vec::with_capacity(files.len());
    let mut aliases: FxHashMap<String, String> = known.into_iter().collect();
    for (file, text) in files {
        let raw: raw::File = toml::from_str(text)
            .map_err(|error| fail(file, text, error.span().unwrap_or_default(), error.message()))?;
        for alias in &raw.alias {
            aliases.insert(alias.get_ref().name.clone(), alias.get_ref().is.clone());
        }
        parsed.push((file, text, raw));
    }
    let cx = Cx { aliases };
    let mut tables = Tables::default();
    for (file, text, raw) in parsed {
        add(&cx, raw, &mut tables).map_err(|(span, message)| fail(file, text, span, &message))?;
    }
    Ok(tables)
}

fn fail(file: &str, text: &str, span: Range<usize>, message: &str) -> SourceError {
    let line = SourceText::new(text.to_owned()).line(Span::new(span.start, span.start).start);
    SourceError { file: file.to_owned(), line, message: message.to_owned() }
}

type Failed = (Range<usize>, String);

fn add(cx: &Cx, raw: raw::File, tables: &mut Tables) -> Result<(), Failed> {
    if let Some(schema) = raw.schema.filter(|it| *it != 1) {
        return Err((0..0, format!("schema {schema} is unknown to this version, which reads schema 1")));
    }
    for (id, kind) in raw.kind {
        tables.kinds.push(cx.kind(&id, &kind));
    }
    rows(cx, raw.in_memory, &mut tables.in_memory)?;
    for row in raw.wrapper {
        let span = row.span();
        tables.wrappers.extend(cx.wrappers(row.into_inner()).map_err(|message| (span, message))?);
    }
    rows(cx, raw.blocking, &mut tables.blocking)?;
    rows(cx, raw.entry, &mut tables.entries)?;
    rows(cx, raw.lambda_parameter, &mut tables.lambda_parameters)?;
    rows(cx, raw.named_callback, &mut tables.named_callbacks)?;
    rows(cx, raw.assertion, &mut tables.assertions)?;
    rows(cx, raw.guard, &mut tables.guards)?;
    rows(cx, raw.dispatch, &mut tables.dispatches)?;
    rows(cx, raw.dispatcher, &mut tables.dispatchers)?;
    rows(cx, raw.scope, &mut tables.scopes)?;
    rows(cx, raw.inline, &mut tables.inlines)?;
    rows(cx, raw.flow, &mut tables.flows)?;
    rows(cx, raw.alias, &mut tables.aliases)?;
    rows(cx, raw.r#type, &mut tables.types)?;
    rows(cx, raw.returns, &mut tables.returns)?;
    rows(cx, raw.delegate, &mut tables.delegates)?;
    rows(cx, raw.service, &mut tables.services)?;
    rows(cx, raw.sam, &mut tables.sams)?;
    rows(cx, raw.lambda, &mut tables.lambdas)?;
    rows(cx, raw.generated, &mut tables.generated)?;
    rows(cx, raw.work, &mut tables.work)?;
    rows(cx, raw.evidence, &mut tables.evidence)?;
    rows(cx, raw.object, &mut tables.objects)?;
    rows(cx, raw.effect, &mut tables.effects)?;
    rows(cx, raw.confined, &mut tables.confined)
}

fn rows<T: Convert>(cx: &Cx, rows: raw::Rows<T>, into: &mut Vec<T::Typed>) -> Result<(), Failed> {
    into.reserve(rows.len());
    for row in rows {
        let span = Spanned::span(&row);
        into.push(row.into_inner().convert(cx).map_err(|message| (span, message))?);
    }
    Ok(())
}
