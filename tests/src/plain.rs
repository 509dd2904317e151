//! What a payload recorded, in a form that compares with JSON.

use std::collections::BTreeMap;

use llmobs_runtime::{Fields, payload};
use serde_json::{Value, json};

/// The attributes of `fields` by their keys.
pub fn plain(fields: &Fields) -> BTreeMap<&'static str, Value> {
    fields.iter().map(|(id, value)| (id.row().key, plain_value(value))).collect()
}

fn plain_value(value: payload::Value<'_>) -> Value {
    match value {
        payload::Value::Text(text) => json!(text.as_str()),
        payload::Value::Int(int) => json!(int),
        payload::Value::Double(double) => json!(double),
        payload::Value::Flag(flag) => json!(flag),
        payload::Value::Texts(texts) => texts.iter().map(|text| json!(text.as_str())).collect(),
    }
}
