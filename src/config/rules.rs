//! The `[rules]` table, where settings of all rules and tables of single rules stand side by side. Read by hand, since
//! serde's flattening loses the places.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::file::{Certainty, Level};

/// Which rules run, and how severe they are.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub preset: Option<Preset>,
    /// Rules or groups by the severity that all of them get.
    pub deny: Vec<Spanned<String>>,
    pub warn: Vec<Spanned<String>>,
    pub info: Vec<Spanned<String>>,
    pub allow: Vec<Spanned<String>>,
    pub android_lint_overlap: Option<bool>,
    /// `[rules.Id]`, in the order of ids.
    pub tables: Vec<(Spanned<String>, RuleTable)>,
}

/// The rules that run unless something else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The rules that are on by default.
    Recommended,
    /// The same rules, warnings as errors.
    Strict,
    /// Every rule.
    All,
    /// Only rules that are named.
    None,
}

/// Settings of one rule.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RuleTable {
    /// Severity of its findings; turns the rule on or off.
    pub severity: Option<Level>,
    /// Lowest certainty that is reported.
    pub confidence: Option<Certainty>,
    /// Globs of files where it reports nothing, relative to this file.
    #[schemars(with = "Vec<String>")]
    pub exclude: Vec<Spanned<String>>,
}

const KEYS: [&str; 6] = ["preset", "deny", "warn", "info", "allow", "android-lint-overlap"];

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rules, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Rules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of rules")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rules, A::Error> {
                let mut rules = Rules::default();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    match key.get_ref().as_str() {
                        "preset" => rules.preset = Some(map.next_value()?),
                        "deny" => rules.deny = map.next_value()?,
                        "warn" => rules.warn = map.next_value()?,
                        "info" => rules.info = map.next_value()?,
                        "allow" => rules.allow = map.next_value()?,
                        "android-lint-overlap" => {
                            rules.android_lint_overlap = Some(map.next_value::<OnOff>()? == OnOff::On);
                        }
                        name => {
                            let table = map.next_value_seed(OneRule { name: name.to_owned() })?;
                            rules.tables.push((key, table));
                        }
                    }
                }
                Ok(rules)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnOff {
    On,
    Off,
}

/// A rule's table; anything else is a key that does not exist.
struct OneRule {
    name: String,
}

impl<'de> DeserializeSeed<'de> for OneRule {
    type Value = RuleTable;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RuleTable, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl OneRule {
    fn unknown<E: de::Error>(&self) -> E {
        E::unknown_field(&self.name, &KEYS)
    }
}

impl<'de> Visitor<'de> for OneRule {
    type Value = RuleTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table with `severity`, `confidence` or `exclude`")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RuleTable, A::Error> {
        RuleTable::deserialize(de::value::MapAccessDeserializer::new(map))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<RuleTable, E> {
        Err(self.unknown())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<RuleTable, E> {
        Err(self.unknown())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<RuleTable, E> {
        Err(self.unknown())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<RuleTable, A::Error> {
        Err(self.unknown())
    }
}

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "Rules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = |text: &str| json_schema!({"description": text, "type": "array", "items": {"$ref": "#/$defs/RuleOrGroup"}});
        json_schema!({
            "description": "Which rules run, and how severe they are.",
            "type": "object",
            "properties": {
                "preset": generator.subschema_for::<Preset>(),
                "deny": list("Errors."),
                "warn": list("Warnings."),
                "info": list("Infos."),
                "allow": list("Off."),
                "android-lint-overlap": {
                    "description": "off: leave out the rules that share their id with a check of Android Lint, androidx or detekt. Default: on.",
                    "enum": ["on", "off"],
                },
            },
            "additionalProperties": generator.subschema_for::<RuleTable>(),
        })
    }
}
