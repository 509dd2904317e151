//! Anthropic's Messages API, also as Amazon Bedrock, Google Vertex AI and Microsoft Foundry serve it.

use serde_json::Value;

use super::common::output_type;
use super::read::{Object, array, count, has_any, is, object, text};
use super::usage::is_openais;
use crate::conventions::attr;
use crate::payload::{Fields, Usage};

/// Members that only this format has.
const OWN: [&str; 7] = [
    "anthropic_beta",
    "anthropic_version",
    "output_config",
    "stop_sequences",
    "system",
    "thinking",
    "top_k",
];

pub(super) fn is_request(body: &Object) -> bool {
    body.contains_key("anthropic_version")
        || array(body, "messages").is_some()
            && body.contains_key("max_tokens")
            && (has_any(body, &OWN) || is(body, "service_tier", "standard_only"))
}

pub(super) fn request(body: &Object, fields: &mut Fields) {
    let format = object(body, "output_config")
        .and_then(|config| object(config, "format"))
        .or_else(|| object(body, "output_format"))
        .and_then(|format| text(format, "type"));
    fields.set(attr::GEN_AI_OUTPUT_TYPE, &format.and_then(output_type));
}

pub(super) fn response(body: &Object, fields: &mut Fields) {
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &text(body, "stop_reason"));
    fields.set(attr::GEN_AI_CONVERSATION_COMPACTED, &compacted(body));
}

/// That the service shortened what was said before; nothing where it did not.
pub(super) fn compacted(body: &Object) -> Option<bool> {
    let mut blocks = array(body, "content")?.iter().filter_map(Value::as_object);
    blocks.any(is_compaction).then_some(true)
}

pub(super) fn is_compaction(block: &Object) -> bool {
    is(block, "type", "compaction")
}

/// Only this format counts the cache beside `input_tokens`. A total or details say that a gateway has
/// rewritten the report into OpenAI's terms.
pub(super) fn is_usage(usage: &Object) -> bool {
    has_any(usage, &["cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"])
        && !is_openais(usage)
}

/// `input_tokens` leaves the cache out here: the three counts are summed.
pub(super) fn usage(usage: &Object) -> Usage {
    Usage::exclusive(
        count(usage, "input_tokens"),
        count(usage, "cache_read_input_tokens"),
        count(usage, "cache_creation_input_tokens"),
        count(usage, "output_tokens"),
    )
}
