//! What requests, answers and chunks hand over where content is captured: what the tests of it share.

use std::collections::BTreeMap;

use llmobs_runtime::content::{__finished, Content, ContentLimits};
use llmobs_runtime::conventions::{Dialect, attr};
use llmobs_runtime::payload::Progress;
use llmobs_runtime::{Fields, LlmChunk, LlmRequest, LlmResponse, Streamed};
use serde_json::{Value, json};

/// One pixel, as far as anybody looks.
pub(crate) const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUg==";

pub(crate) type Contents = BTreeMap<&'static str, Value>;

/// What leaves the process, by attribute; nothing may be cut.
pub(crate) fn contents(inline_blobs: bool, fill: impl FnOnce(&mut Content)) -> Contents {
    let finished =
        __finished(ContentLimits::new(), Vec::new(), inline_blobs, Dialect::Released, fill);
    let values = finished.into_iter().map(|(id, text, cut)| {
        assert!(!cut, "{} is cut", id.row().key);
        let text = text.expect("content that is not cut");
        let value = serde_json::from_str(&text).expect("JSON");
        assert_valid(id.row().key, &value);
        (id.row().key, value)
    });
    values.collect()
}

/// Asserts that a value is what the schema of its attribute says.
fn assert_valid(key: &str, value: &Value) {
    let name = key.replace(['.', '_'], "-");
    let path = format!("{}/data/schemas/released/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    // The schema of schemas, which is not at hand: any object serves here.
    let schema = schema
        .replace(r#""$ref": "http://json-schema.org/draft-07/schema#""#, r#""type": "object""#);
    let schema = serde_json::from_str(&schema).expect("a schema");
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{key}: {errors:?}");
}

pub(crate) fn asked(request: &impl LlmRequest) -> Contents {
    contents(false, |content| request.capture(content))
}

pub(crate) fn answered(response: &impl LlmResponse) -> Contents {
    contents(false, |content| response.capture(content))
}

pub(crate) fn streamed<T: LlmChunk>(chunks: &[T]) -> Contents {
    contents(false, |content| {
        let (mut fields, mut progress) = (Fields::default(), Progress::default());
        for chunk in chunks {
            chunk.record(&mut Streamed::new(&mut fields, &mut progress, Some(&mut *content)));
        }
    })
}

pub(crate) fn input(of: &Contents) -> &Value {
    &of[attr::GEN_AI_INPUT_MESSAGES.row().key]
}

pub(crate) fn output(of: &Contents) -> &Value {
    &of[attr::GEN_AI_OUTPUT_MESSAGES.row().key]
}

pub(crate) fn tools(of: &Contents) -> &Value {
    &of[attr::GEN_AI_TOOL_DEFINITIONS.row().key]
}

pub(crate) fn text(text: &str) -> Value {
    json!({"type": "text", "content": text})
}

pub(crate) fn one(role: &str, parts: Value) -> Value {
    let mut message = json!({"role": role});
    message["parts"] = parts;
    message
}
