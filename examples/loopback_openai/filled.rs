//! Values that a JSON Schema asks for: the arguments of a call, an answer of a given shape.

use serde_json::{Map, Value, json};

use super::chat::{list, text};

/// Schemas nested deeper than this stay empty.
const DEPTH: u8 = 8;

/// An object with what the schema requires; text is taken from the question.
pub(super) fn object(schema: Option<&Value>, question: &str) -> Value {
    members(schema, question, DEPTH)
}

fn members(schema: Option<&Value>, question: &str, depth: u8) -> Value {
    let properties = schema.and_then(|schema| schema.get("properties"));
    let required = schema.and_then(|schema| list(schema, "required")).unwrap_or_default();
    let members: Map<String, Value> = required
        .iter()
        .filter_map(Value::as_str)
        .map(|name| {
            let property = properties.and_then(|properties| properties.get(name));
            (name.to_owned(), value(property, question, depth))
        })
        .collect();
    members.into()
}

fn value(schema: Option<&Value>, question: &str, depth: u8) -> Value {
    let first = schema.and_then(|schema| schema.pointer("/enum/0"));
    let kind = schema.and_then(|schema| text(schema, "type"));
    let deeper = depth.checked_sub(1);
    match (first, kind, deeper) {
        (Some(first), ..) => first.clone(),
        (None, Some("integer" | "number"), _) => json!(1),
        (None, Some("boolean"), _) => json!(true),
        (None, Some("array"), Some(deeper)) => {
            let items = schema.and_then(|schema| schema.get("items"));
            items.map_or_else(|| json!([]), |items| json!([value(Some(items), question, deeper)]))
        }
        (None, Some("array"), None) => json!([]),
        (None, Some("object"), Some(deeper)) => members(schema, question, deeper),
        (None, Some("object"), None) => json!({}),
        (None, ..) => json!(proper_name(question)),
    }
}

/// The last capitalised word that does not begin the question: a place or a person, often.
fn proper_name(question: &str) -> &str {
    let words = question.split_whitespace().skip(1);
    let words = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let names =
        words.filter(|word| word.chars().count() > 1 && word.starts_with(char::is_uppercase));
    names.last().unwrap_or("Lisbon")
}
