//! The JSON schema of `worklint.toml`, for editors: from the types that read it, with the names of rules put in.

use serde_json::{Map, Value, json};

use crate::findings::RuleMeta;

use super::file::File;

/// The schema as JSON.
pub fn schema(metas: &[RuleMeta], formats: &[&'static str]) -> Value {
    let mut schema = schemars::schema_for!(File).to_value();
    if let Some(format) = schema.pointer_mut("/$defs/Output/properties/format/type") {
        *format = json!(["string", "null"]);
    }
    if let Some(Value::Object(format)) = schema.pointer_mut("/$defs/Output/properties/format") {
        let names = formats.iter().map(|it| json!(it)).chain([Value::Null]);
        format.insert("enum".to_owned(), names.collect());
    }
    let mut groups: Vec<&str> = metas.iter().map(|meta| meta.group).collect();
    groups.dedup();
    groups.sort_unstable();
    groups.dedup();
    let mut words = Vec::new();
    let mut tables = Map::new();
    for meta in metas {
        words.push(json!({"const": meta.id, "description": meta.summary}));
        let described = json!({"$ref": "#/$defs/RuleTable", "description": meta.summary});
        tables.insert(meta.id.to_owned(), described);
    }
    for group in groups {
        let text = format!("All rules of the group {group}");
        words.push(json!({"const": group, "description": text}));
        tables.insert(group.to_owned(), json!({"$ref": "#/$defs/RuleTable", "description": text}));
    }
    if let Some(Value::Object(definitions)) = schema.pointer_mut("/$defs") {
        definitions.insert(
            "RuleOrGroup".to_owned(),
            json!({"description": "The id of a rule, or a group.", "anyOf": words}),
        );
    }
    if let Some(Value::Object(rules)) = schema.pointer_mut("/$defs/Rules") {
        rules.insert("additionalProperties".to_owned(), Value::Bool(false));
        if let Some(Value::Object(properties)) = rules.get_mut("properties") {
            properties.extend(tables);
        }
    }
    if let Some(Value::Object(rules)) = schema.pointer_mut("/$defs/Override/properties/rules") {
        rules.insert("propertyNames".to_owned(), json!({"$ref": "#/$defs/RuleOrGroup"}));
    }
    schema
}
