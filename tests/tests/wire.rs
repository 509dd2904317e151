//! What requests and responses on the wire become: exact values for real shapes, and what holds for any.

use std::collections::BTreeMap;

use llmobs_runtime::payload;
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{Fields, LlmRequest, LlmResponse};
use serde_json::{Value, json};

/// The attributes of `fields` by their keys.
fn plain(fields: &Fields) -> BTreeMap<&'static str, Value> {
    fields.iter().map(|(id, value)| (id.row().key, plain_value(value))).collect()
}

fn plain_value(value: &payload::Value) -> Value {
    match value {
        payload::Value::Text(text) => json!(text.as_str()),
        payload::Value::Int(int) => json!(int),
        payload::Value::Double(double) => json!(double),
        payload::Value::Flag(flag) => json!(flag),
        payload::Value::Texts(texts) => texts.iter().map(payload::Text::as_str).collect(),
    }
}

/// Asserts that these attributes are set, to these values, and no others.
macro_rules! assert_exactly {
    ($fields:expr, { $($name:ident: $value:expr),* $(,)? }) => {{
        let expected = [$((::llmobs_runtime::conventions::attr::$name.row().key, ::serde_json::json!($value))),*];
        assert_eq!(crate::plain(&$fields), ::std::collections::BTreeMap::from(expected));
    }};
}

// After the macro, which they use.
#[path = "wire/any.rs"]
mod any;
#[path = "wire/requests.rs"]
mod requests;
#[path = "wire/responses.rs"]
mod responses;
#[path = "wire/usage.rs"]
mod usage;

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/data/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn request_of(body: &(impl LlmRequest + ?Sized)) -> Fields {
    let mut fields = Fields::default();
    body.record(&mut fields);
    fields
}

fn response_of(body: &(impl LlmResponse + ?Sized)) -> Fields {
    let mut fields = Fields::default();
    body.record(&mut fields);
    fields
}

/// Reads a file both as parsed JSON and as bytes, which must agree.
fn request(name: &str) -> Fields {
    let fields = request_of(&json_of(name));
    assert_eq!(plain(&fields), plain(&request_of(&Body(&file(name)))));
    fields
}

fn response(name: &str) -> Fields {
    let fields = response_of(&json_of(name));
    assert_eq!(plain(&fields), plain(&response_of(&Body(&file(name)))));
    fields
}
