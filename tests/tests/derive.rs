//! `#[derive(LlmRequest)]`, `#[derive(LlmResponse)]` and `#[derive(LlmChunk)]`: which field becomes which attribute.

#[path = "derive/chunk.rs"]
mod chunk;
#[path = "derive/content.rs"]
mod content;
#[path = "derive/exclusive.rs"]
mod exclusive;
#[path = "derive/generics.rs"]
mod generics;
#[path = "derive/hygiene.rs"]
mod hygiene;
#[path = "derive/keys.rs"]
mod keys;
#[path = "derive/shapes.rs"]
mod shapes;

use llmobs_runtime::payload::{Str, Value};
use llmobs_runtime::{Fields, LlmRequest, LlmResponse};

/// What a request records, by key.
fn request(of: &impl LlmRequest) -> Vec<(String, Value<'static>)> {
    let mut fields = Fields::default();
    of.record(&mut fields);
    all(&fields)
}

/// What a response records, by key.
fn response(of: &impl LlmResponse) -> Vec<(String, Value<'static>)> {
    let mut fields = Fields::default();
    of.record(&mut fields);
    all(&fields)
}

fn all(fields: &Fields) -> Vec<(String, Value<'static>)> {
    let known = fields.iter().map(|(id, value)| (id.row().key.to_owned(), value.into_owned()));
    let own = OWN
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), fields.get_attribute(key)?.into_owned())));
    known.chain(own).collect()
}

/// The keys of the tests' own attributes.
const OWN: [&str; 4] = ["tenant", "app.tenant", "app.queue.length", "request.model"];

fn text(text: &'static str) -> Value<'static> {
    Value::Text(text.into())
}

fn texts<const N: usize>(list: [&'static str; N]) -> Value<'static> {
    Value::Texts(list.into_iter().map(Str::from).collect())
}

fn expected<const N: usize>(pairs: [(&str, Value<'static>); N]) -> Vec<(String, Value<'static>)> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
