//! Version catalogs (`gradle/libs.versions.toml`): versions and plugin ids.

use toml::de::{DeTable, DeValue};

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, Span};
use crate::facts::gradle::{Setting, SettingValue, VersionCatalog};

use super::problem_at;

/// Reads a catalog; of a broken one what the parser could save.
pub fn parse(text: &str, path: &str) -> (VersionCatalog, Vec<Problem>) {
    // Offsets stay those of the file: the mark is replaced by as many spaces.
    let blanked = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let text = blanked.as_deref().unwrap_or(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors
        .first()
        .map(|error| {
            let span = error.span().map(|range| Span::new(range.start, range.end));
            let message =
                format!("broken TOML: {}", error.message().lines().next().unwrap_or("syntax error"));
            problem_at(ProblemKind::Syntax, path, text, span, message)
        })
        .into_iter()
        .collect();
    let mut catalog = VersionCatalog::default();
    for (key, value) in section(table.get_ref(), "versions") {
        let setting = version(value.get_ref()).map(|text| Setting {
            value: text.parse().map_or_else(|_| SettingValue::Text(Name::new(text)), SettingValue::Number),
            span: Span::new(value.span().start, value.span().end),
        });
        catalog.versions.extend(setting.map(|setting| (key, setting)));
    }
    for (key, value) in section(table.get_ref(), "plugins") {
        let id = match value.get_ref() {
            DeValue::String(text) => Some(text.split(':').next().unwrap_or(text)),
            DeValue::Table(table) => table.get("id").and_then(|id| id.get_ref().as_str()),
            _ => None,
        };
        catalog.plugins.extend(id.map(|id| (key, Name::new(id))));
    }
    (catalog, problems)
}

/// Entries with their keys as accessors write them.
fn section<'t, 'i>(
    table: &'t DeTable<'i>,
    name: &str,
) -> impl Iterator<Item = (Name, &'t toml::Spanned<DeValue<'i>>)> + use<'t, 'i> {
    let entries = table.get(name).and_then(|value| value.get_ref().as_table());
    let accessor = |key: &str| Name::new(&key.replace(['-', '_'], "."));
    entries
        .into_iter()
        .flat_map(|table| table.iter())
        .map(move |(key, value)| (accessor(key.get_ref()), value))
}

/// `"21"`, `21`, or a rich version.
fn version<'t>(value: &'t DeValue<'_>) -> Option<&'t str> {
    match value {
        DeValue::String(text) => Some(text),
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Table(table) => {
            let wanted = ["strictly", "require", "prefer"].iter().find_map(|key| table.get(*key));
            wanted.and_then(|value| value.get_ref().as_str())
        }
        _ => None,
    }
}
