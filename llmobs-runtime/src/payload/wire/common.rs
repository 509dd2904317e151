//! Request parameters that carry the same name, or an unmistakable one, in every format.

use super::read::{Object, count, integer, number, object, text, texts};
use crate::conventions::{attr, value};
use crate::payload::{Fields, Text};

pub(super) fn request(body: &Object, fields: &mut Fields) {
    fields.set(attr::GEN_AI_REQUEST_MODEL, &text(body, "model"));
    fields.set(attr::GEN_AI_REQUEST_MAX_TOKENS, &max_tokens(body));
    fields.set(attr::GEN_AI_REQUEST_CHOICE_COUNT, &count(body, "n").filter(|n| *n != 1));
    fields.set(attr::GEN_AI_REQUEST_TEMPERATURE, &number(body, "temperature"));
    fields.set(attr::GEN_AI_REQUEST_TOP_P, &number(body, "top_p"));
    fields.set(attr::GEN_AI_REQUEST_TOP_K, &count(body, "top_k"));
    let stop = texts(body, "stop").or_else(|| texts(body, "stop_sequences"));
    fields.set(attr::GEN_AI_REQUEST_STOP_SEQUENCES, &stop);
    fields.set(attr::GEN_AI_REQUEST_FREQUENCY_PENALTY, &number(body, "frequency_penalty"));
    fields.set(attr::GEN_AI_REQUEST_PRESENCE_PENALTY, &number(body, "presence_penalty"));
    fields.set(attr::GEN_AI_REQUEST_SEED, &integer(body, "seed"));
    if body.get("stream").and_then(serde_json::Value::as_bool) == Some(true) {
        fields.set(attr::GEN_AI_REQUEST_STREAM, &true);
    }
    fields.set(attr::GEN_AI_REQUEST_REASONING_LEVEL, &reasoning_level(body));
}

/// The newer names first: where an old one stands beside it, the provider reads the newer.
fn max_tokens(body: &Object) -> Option<u64> {
    ["max_completion_tokens", "max_output_tokens", "max_tokens"]
        .iter()
        .find_map(|key| count(body, key))
}

/// Chat Completions, Responses and Messages, in this order.
fn reasoning_level(body: &Object) -> Option<&str> {
    text(body, "reasoning_effort")
        .or_else(|| text(object(body, "reasoning")?, "effort"))
        .or_else(|| text(object(body, "output_config")?, "effort"))
}

/// What a `type` of text format asks for; every API has the same words.
pub(super) fn output_type(format: &str) -> Option<Text> {
    match format {
        "text" => Some(Text::Static(value::gen_ai_output_type::TEXT)),
        "json_object" | "json_schema" => Some(Text::Static(value::gen_ai_output_type::JSON)),
        _ => None,
    }
}
