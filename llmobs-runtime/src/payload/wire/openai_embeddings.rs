//! OpenAI's embeddings.

use serde_json::Value;

use super::read::{Object, array, count, has_any, texts};
use crate::conventions::attr;
use crate::payload::Fields;
use crate::payload::terms::floats_in_base64;

/// Members of this request, and of others for embeddings that hold a `model` and an `input` too.
const OWN: [&str; 5] =
    ["dimensions", "encoding_format", "input_type", "output_dimension", "output_dtype"];

pub(super) fn is_request(body: &Object) -> bool {
    body.contains_key("input") && has_any(body, &OWN)
}

pub(super) fn request(body: &Object, fields: &mut Fields) {
    fields.set(attr::GEN_AI_REQUEST_ENCODING_FORMATS, &texts(body, "encoding_format"));
    fields.set(attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, &count(body, "dimensions"));
}

/// The first vector of a response, as numbers or in base64.
pub(super) fn first(body: &Object) -> Option<&Value> {
    array(body, "data")?.first()?.as_object()?.get("embedding")
}

pub(super) fn response(body: &Object, fields: &mut Fields) {
    let dimensions = match first(body) {
        Some(Value::Array(vector)) if !vector.is_empty() => Some(vector.len()),
        Some(Value::String(vector)) => floats_in_base64(vector),
        _ => None,
    };
    fields.set(attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, &dimensions);
}
