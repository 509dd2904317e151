//! What requests and responses on the wire become: exact values for real shapes, and what holds for any.

use llmobs_runtime::payload::Progress;
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{Fields, LlmChunk, LlmRequest, LlmResponse, Streamed};
use llmobs_tests::plain;
use serde_json::Value;

/// Asserts that these attributes are set, to these values, and no others.
macro_rules! assert_exactly {
    ($fields:expr, { $($name:ident: $value:expr),* $(,)? }) => {{
        let expected = [$((::llmobs_runtime::conventions::attr::$name.row().key, ::serde_json::json!($value))),*];
        assert_eq!(::llmobs_tests::plain(&$fields), ::std::collections::BTreeMap::from(expected));
    }};
}

// After the macro, which they use.
#[path = "wire/any.rs"]
mod any;
#[path = "wire/chunks.rs"]
mod chunks;
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

/// What chunks have said so far.
#[derive(Default)]
struct Answer {
    fields: Fields,
    progress: Progress,
}

impl Answer {
    fn add(&mut self, chunk: &(impl LlmChunk + ?Sized)) {
        chunk.record(&mut Streamed::new(&mut self.fields, &mut self.progress, None));
    }

    /// The finish reasons, as text.
    fn reasons(&self) -> Option<Vec<String>> {
        let reasons = self.progress.finish_reasons()?;
        Some(reasons.iter().map(|reason| reason.as_str().to_owned()).collect())
    }
}
