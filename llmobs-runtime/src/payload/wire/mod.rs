//! Requests, responses and their chunks as they travel: JSON in the formats of the common providers.
//!
//! [`serde_json::Value`] and [`Body`] (bytes that are not parsed yet) implement
//! [`LlmRequest`], [`LlmResponse`] and [`LlmUsage`]. They recognise OpenAI's Chat Completions, legacy
//! completions, Responses and embeddings, which Azure OpenAI and most compatible servers speak too, and
//! Anthropic's Messages. A member of another type than it should have is taken as absent; a body in no known
//! format still yields the members that mean the same everywhere.
//!
//! ```
//! use llmobs_runtime::conventions::attr;
//! use llmobs_runtime::payload::{Value, wire::Body};
//! use llmobs_runtime::{Fields, LlmResponse};
//!
//! let body = Body(br#"{"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}"#);
//! let mut fields = Fields::default();
//! LlmResponse::record(&body, &mut fields);
//! assert_eq!(fields.get(attr::GEN_AI_USAGE_INPUT_TOKENS), Some(Value::Int(12)));
//! ```
//!
//! # Requests
//!
//! | attribute | members, the first present one counts |
//! |---|---|
//! | [`GEN_AI_REQUEST_MODEL`] | `model` |
//! | [`GEN_AI_REQUEST_MAX_TOKENS`] | `max_completion_tokens`, `max_output_tokens`, `max_tokens` |
//! | [`GEN_AI_REQUEST_CHOICE_COUNT`] | `n`, unless 1 |
//! | [`GEN_AI_REQUEST_TEMPERATURE`], [`GEN_AI_REQUEST_TOP_P`], [`GEN_AI_REQUEST_TOP_K`] | `temperature`, `top_p`, `top_k` |
//! | [`GEN_AI_REQUEST_FREQUENCY_PENALTY`], [`GEN_AI_REQUEST_PRESENCE_PENALTY`] | `frequency_penalty`, `presence_penalty` |
//! | [`GEN_AI_REQUEST_STOP_SEQUENCES`] | `stop`, `stop_sequences`; a string or an array |
//! | [`GEN_AI_REQUEST_SEED`] | `seed` |
//! | [`GEN_AI_REQUEST_STREAM`] | `stream`, if `true` |
//! | [`GEN_AI_REQUEST_REASONING_LEVEL`] | `reasoning_effort`, `reasoning.effort`, `output_config.effort` |
//! | [`GEN_AI_OUTPUT_TYPE`] | `modalities` (`audio` is `speech`; `image`), `response_format.type`, `text.format.type`, `output_config.format.type`, `output_format.type` |
//! | [`GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID`] | `previous_response_id` |
//! | [`GEN_AI_CONVERSATION_ID`] | `conversation`, `conversation.id` |
//! | [`GEN_AI_PROMPT_NAME`], [`GEN_AI_PROMPT_VERSION`] | `prompt.id`, `prompt.version` |
//! | [`GEN_AI_REQUEST_ENCODING_FORMATS`] | `encoding_format` |
//! | [`GEN_AI_EMBEDDINGS_DIMENSION_COUNT`] | `dimensions` |
//! | [`OPENAI_REQUEST_SERVICE_TIER`] | `service_tier`, unless `auto` or in Anthropic's format |
//! | [`OPENAI_API_TYPE`] | told from the shape, where that leaves no doubt |
//!
//! # Responses
//!
//! | attribute | members, the first present one counts |
//! |---|---|
//! | [`GEN_AI_RESPONSE_ID`], [`GEN_AI_RESPONSE_MODEL`] | `id`, `model` |
//! | [`GEN_AI_RESPONSE_FINISH_REASONS`] | `choices[].finish_reason` (`error` for a choice without, if another has one), `stop_reason`; Responses: see below |
//! | [`GEN_AI_RESPONSE_STATUS`] | `status` (Responses) |
//! | [`GEN_AI_CONVERSATION_ID`] | `conversation.id` (Responses) |
//! | [`GEN_AI_EMBEDDINGS_DIMENSION_COUNT`] | the length of `data[0].embedding`, an array or 32-bit floats in base64 |
//! | [`OPENAI_RESPONSE_SERVICE_TIER`], [`OPENAI_RESPONSE_SYSTEM_FINGERPRINT`] | `service_tier`, `system_fingerprint` |
//! | [`OPENAI_API_TYPE`] | `object`: `chat.completion`, `response` |
//! | [`ERROR_TYPE`] | `error.code`, `error.type`; `statusCode` of Azure's gateway; a number becomes text, anything that is not an identifier `_OTHER` |
//!
//! A response of the Responses API that is `completed` finished with `tool_calls` if it leaves calls to the
//! client, else with `stop`; an `incomplete` one with its `incomplete_details.reason`, `max_output_tokens`
//! being `length`; a `failed` or `cancelled` one with `error`.
//!
//! # Usage
//!
//! | attribute | members of `usage`, the first present one counts |
//! |---|---|
//! | [`GEN_AI_USAGE_INPUT_TOKENS`] | `prompt_tokens`, `input_tokens`; Anthropic: `input_tokens` + `cache_read_input_tokens` + `cache_creation_input_tokens` |
//! | [`GEN_AI_USAGE_OUTPUT_TOKENS`] | `completion_tokens`, `output_tokens` |
//! | [`GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS`] | `cached_tokens` of the input details, `cache_read_input_tokens` |
//! | [`GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS`] | `cache_write_tokens` of the input details, `cache_creation_input_tokens` |
//! | [`GEN_AI_USAGE_REASONING_OUTPUT_TOKENS`] | `reasoning_tokens` of the output details |
//! | `gen_ai.usage.{text,image,audio}.…` | `text_tokens`, `image_tokens`, `audio_tokens` of the details, and of `cached_tokens_details` in them |
//!
//! The input details are `prompt_tokens_details` or `input_tokens_details`, the output details
//! `completion_tokens_details` or `output_tokens_details`.
//!
//! # Chunks
//!
//! As [`LlmChunk`](crate::LlmChunk)s, both take what a streamed answer consists of; feature `sse` brings a decoder
//! for the bytes of one. Attributes are those of a response, from whichever chunk names them:
//!
//! | format | told by | model and id | finish reasons | usage | whole with |
//! |---|---|---|---|---|---|
//! | Chat Completions | `choices` | the first that are not empty | each choice's | the last report: of the chunk, of `choices[]` (Moonshot) or of `x_groq` | a reason for each choice, `[DONE]` |
//! | Responses | `type`: `response.…` | `response.created`, again the last | as of a response | as of a response | `response.completed`, `…incomplete`, `…failed`, `…cancelled` |
//! | Messages | `type`: `message_start`, … | `message_start` | `message_delta` | input of `message_start`, unless `message_delta` names it; output of `message_delta` alone | `message_delta`, `message_stop` |
//!
//! A chunk with an `error`, and one of the `type` `error`, sets [`ERROR_TYPE`] as in a response. A response that
//! comes in one chunk is read as one.
//!
//! Captured content is put together from its pieces, so that an abandoned stream has what came of it. What has no
//! pieces is copied once it is whole: items of Responses with `response.output_item.done`, blocks of Messages with
//! `content_block_start`.

mod anthropic_messages;
mod body;
pub(crate) mod chunk;
mod common;
mod content;
mod error;
mod format;
mod openai_chat;
mod openai_embeddings;
mod openai_responses;
mod read;
mod usage;

pub use body::Body;
use format::Format;
use read::{Object, text};
use serde_json::Value;

use crate::content::Content;
#[cfg(doc)]
use crate::conventions::attr::*;
use crate::conventions::{attr, value};
use crate::payload::{Fields, LlmRequest, LlmResponse, LlmUsage, Text, Usage};

/// The parameters of a request in one of the [known formats](self); what is no JSON object has none.
#[diagnostic::do_not_recommend]
impl LlmRequest for Value {
    fn record(&self, fields: &mut Fields) {
        if let Some(body) = self.as_object() {
            request(body, fields);
        }
    }

    fn capture(&self, content: &mut Content) {
        if let Some(body) = self.as_object() {
            content::request(body, content);
        }
    }
}

/// What a response in one of the [known formats](self) says; what is no JSON object says nothing.
#[diagnostic::do_not_recommend]
impl LlmResponse for Value {
    fn record(&self, fields: &mut Fields) {
        if let Some(body) = self.as_object() {
            response(body, fields);
        }
    }

    fn capture(&self, content: &mut Content) {
        if let Some(body) = self.as_object() {
            content::response(body, content);
        }
    }
}

/// The tokens in a `usage` object, or in a response that holds one.
#[diagnostic::do_not_recommend]
impl LlmUsage for Value {
    fn usage(&self) -> Usage {
        usage::of_value(self)
    }
}

fn request(body: &Object, fields: &mut Fields) {
    let format = format::of_request(body);
    common::request(body, fields);
    // No two formats use one of these members differently, so that nothing hangs on a right guess.
    anthropic_messages::request(body, fields);
    openai_responses::request(body, fields);
    openai_embeddings::request(body, fields);
    openai_chat::request(body, fields);
    if format != Some(Format::Messages) {
        let tier = text(body, "service_tier")
            .filter(|tier| *tier != value::openai_request_service_tier::AUTO);
        fields.set(attr::OPENAI_REQUEST_SERVICE_TIER, &tier);
    }
    let api = match format {
        Some(Format::Chat) => Some(Text::Static(value::openai_api_type::CHAT_COMPLETIONS)),
        Some(Format::Responses) => Some(Text::Static(value::openai_api_type::RESPONSES)),
        _ => None,
    };
    fields.set(attr::OPENAI_API_TYPE, &api);
}

fn response(body: &Object, fields: &mut Fields) {
    let format = format::of_response(body);
    let failure = error::class(body);
    fields.set(attr::ERROR_TYPE, &failure);
    fields.set(attr::GEN_AI_RESPONSE_ID, &text(body, "id"));
    fields.set(attr::GEN_AI_RESPONSE_MODEL, &text(body, "model"));
    fields.usage(&usage::of_response(body));
    match format {
        Some(Format::Chat) => openai_chat::response(body, fields),
        Some(Format::Responses) => openai_responses::response(body, fields),
        Some(Format::Embeddings) => openai_embeddings::response(body, fields),
        Some(Format::Messages) => anthropic_messages::response(body, fields),
        None => {}
    }
}
