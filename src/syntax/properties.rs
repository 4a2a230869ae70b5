//! `gradle.properties` and the descriptors of Gradle plugins (`META-INF/gradle-plugins/<id>.properties`).

use crate::base::{Name, Span};
use crate::facts::gradle::{Properties, Setting, SettingValue};

/// Reads `key=value`, `key: value` and `key value` lines. Escapes matter to no value that is looked up here.
pub fn parse(text: &str) -> Properties {
    let mut entries = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let indent = line.len() - line.trim_start_matches(['\u{feff}', ' ', '\t']).len();
        let content = line[indent..].trim_end();
        if content.is_empty() || content.starts_with(['#', '!']) {
            continue;
        }
        let key_end =
            content.find(|it: char| matches!(it, '=' | ':') || it.is_whitespace()).unwrap_or(content.len());
        let rest = &content[key_end..];
        let value = rest.trim_start_matches(|it: char| matches!(it, '=' | ':') || it.is_whitespace());
        let from = start + indent + content.len() - value.len();
        let setting = Setting {
            value: value.parse().map_or_else(|_| SettingValue::Text(Name::new(value)), SettingValue::Number),
            span: Span::new(from, from + value.len()),
        };
        entries.push((Name::new(&content[..key_end]), setting));
    }
    Properties { entries }
}
