//! What requests and responses on the wire become: exact values for real shapes, and what holds for any.

use std::collections::BTreeMap;

use llmobs_runtime::conventions::{AttributeId, attr};
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::payload::{self, Modality};
use llmobs_runtime::{Fields, LlmRequest, LlmResponse, LlmUsage, Usage};
use proptest::prelude::*;
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
        let expected: BTreeMap<&'static str, Value> =
            [$((attr::$name.row().key, json!($value))),*].into_iter().collect();
        assert_eq!(plain(&$fields), expected);
    }};
}

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

// ---- requests

#[test]
fn chat_request() {
    assert_exactly!(request("chat_request"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_REQUEST_MODEL: "gpt-4o-2024-08-06",
        GEN_AI_REQUEST_MAX_TOKENS: 400,
        GEN_AI_REQUEST_CHOICE_COUNT: 3,
        GEN_AI_REQUEST_TEMPERATURE: 0.7,
        GEN_AI_REQUEST_TOP_P: 0.95,
        GEN_AI_REQUEST_FREQUENCY_PENALTY: -0.5,
        GEN_AI_REQUEST_PRESENCE_PENALTY: 0.25,
        GEN_AI_REQUEST_SEED: -42,
        GEN_AI_REQUEST_STOP_SEQUENCES: ["END", "\n\n"],
        GEN_AI_REQUEST_STREAM: true,
        GEN_AI_REQUEST_REASONING_LEVEL: "low",
        GEN_AI_OUTPUT_TYPE: "json",
        OPENAI_REQUEST_SERVICE_TIER: "flex",
    });
}

#[test]
fn defaults_that_a_chat_request_spells_out_are_left_out() {
    assert_exactly!(request("chat_request_plain"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_REQUEST_MODEL: "gpt-4o-mini",
        GEN_AI_REQUEST_STOP_SEQUENCES: ["END"],
        GEN_AI_OUTPUT_TYPE: "text",
    });
}

#[test]
fn a_request_for_audio_asks_for_speech() {
    assert_exactly!(request("chat_request_audio"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_REQUEST_MODEL: "gpt-4o-audio-preview",
        GEN_AI_OUTPUT_TYPE: "speech",
    });
}

#[test]
fn completion_request() {
    assert_exactly!(request("completion_request"), {
        GEN_AI_REQUEST_MODEL: "gpt-3.5-turbo-instruct",
        GEN_AI_REQUEST_MAX_TOKENS: 64,
        GEN_AI_REQUEST_TEMPERATURE: 1.0,
        GEN_AI_REQUEST_CHOICE_COUNT: 2,
        GEN_AI_REQUEST_STOP_SEQUENCES: ["."],
        GEN_AI_REQUEST_SEED: 7,
        GEN_AI_REQUEST_FREQUENCY_PENALTY: 0.5,
    });
}

#[test]
fn responses_request() {
    assert_exactly!(request("responses_request"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_REQUEST_MODEL: "gpt-5",
        GEN_AI_REQUEST_MAX_TOKENS: 900,
        GEN_AI_REQUEST_TEMPERATURE: 0.2,
        GEN_AI_REQUEST_TOP_P: 0.5,
        GEN_AI_REQUEST_STREAM: true,
        GEN_AI_REQUEST_REASONING_LEVEL: "high",
        GEN_AI_OUTPUT_TYPE: "json",
        GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID: "resp_68a1",
        OPENAI_REQUEST_SERVICE_TIER: "priority",
    });
    assert_exactly!(request("responses_request_prompt"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_REQUEST_MODEL: "gpt-4.1",
        GEN_AI_CONVERSATION_ID: "conv_71",
        GEN_AI_PROMPT_NAME: "pmpt_tides",
        GEN_AI_PROMPT_VERSION: "4",
        GEN_AI_OUTPUT_TYPE: "text",
    });
    assert_exactly!(request_of(&json!({"input": [], "conversation": "conv_72", "store": false})), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_CONVERSATION_ID: "conv_72",
    });
}

#[test]
fn embeddings_request() {
    assert_exactly!(request("embeddings_request"), {
        GEN_AI_REQUEST_MODEL: "text-embedding-3-large",
        GEN_AI_REQUEST_ENCODING_FORMATS: ["base64"],
        GEN_AI_EMBEDDINGS_DIMENSION_COUNT: 256,
    });
}

#[test]
fn anthropic_request() {
    assert_exactly!(request("anthropic_request"), {
        GEN_AI_REQUEST_MODEL: "claude-sonnet-4-5",
        GEN_AI_REQUEST_MAX_TOKENS: 1024,
        GEN_AI_REQUEST_TEMPERATURE: 0.4,
        GEN_AI_REQUEST_TOP_P: 0.9,
        GEN_AI_REQUEST_TOP_K: 40,
        GEN_AI_REQUEST_STOP_SEQUENCES: ["END"],
        GEN_AI_REQUEST_STREAM: true,
        GEN_AI_REQUEST_REASONING_LEVEL: "medium",
        GEN_AI_OUTPUT_TYPE: "json",
    });
    assert_exactly!(request("anthropic_bedrock_request"), { GEN_AI_REQUEST_MAX_TOKENS: 200 });
}

/// Where two APIs share a shape, none of them is claimed.
#[test]
fn the_api_is_named_only_where_the_shape_is_certain() {
    let api = |body: Value| plain(&request_of(&body)).get(attr::OPENAI_API_TYPE.row().key).cloned();
    let user = json!([{"role": "user", "content": "?"}]);
    let system = json!([{"role": "system", "content": "?"}]);
    for (body, expected) in [
        (json!({"model": "m", "messages": user}), Some("chat_completions")),
        (json!({"model": "m", "messages": system, "max_tokens": 9}), Some("chat_completions")),
        (
            json!({"model": "m", "messages": user, "max_tokens": 9, "n": 2}),
            Some("chat_completions"),
        ),
        (json!({"model": "m", "messages": user, "max_tokens": 9}), None),
        (json!({"model": "m", "messages": user, "max_tokens": 9, "system": "?"}), None),
        (json!({"model": "m", "input": "?", "temperature": 0.1}), Some("responses")),
        (json!({"model": "m", "input": [{"role": "user", "content": "?"}]}), Some("responses")),
        (json!({"model": "m", "prompt": {"id": "pmpt_1"}}), Some("responses")),
        (json!({"model": "m", "input": "?"}), None),
        (json!({"model": "m", "input": ["a", "b"]}), None),
        (json!({"model": "m", "input": "?", "dimensions": 8}), None),
        (json!({"model": "m", "input": "?", "voice": "alloy", "instructions": "slowly"}), None),
        (json!({"model": "m", "prompt": "?"}), None),
        (json!({}), None),
    ] {
        assert_eq!(api(body.clone()), expected.map(Value::from), "{body}");
    }
}

#[test]
fn members_of_another_type_are_absent() {
    let body = json!({
        "model": 4, "max_tokens": "400", "n": -2, "temperature": "warm", "top_p": [0.5], "top_k": -1,
        "frequency_penalty": null, "presence_penalty": {}, "seed": 1.5, "stop": 3, "stream": "true",
        "response_format": "json", "modalities": "audio", "reasoning_effort": 2, "reasoning": "high",
        "service_tier": 1, "dimensions": 2.5, "encoding_format": {}, "previous_response_id": 8,
        "conversation": [1], "prompt": ["a"], "text": "text", "output_config": [], "tools": 1,
    });
    assert_exactly!(request_of(&body), {});
}

#[test]
fn values_at_the_border_of_a_type_are_kept() {
    let body = json!({"max_tokens": 12.0, "temperature": 0, "seed": i64::MIN, "n": 0});
    assert_exactly!(request_of(&body), {
        GEN_AI_REQUEST_MAX_TOKENS: 12,
        GEN_AI_REQUEST_TEMPERATURE: 0.0,
        GEN_AI_REQUEST_SEED: i64::MIN,
        GEN_AI_REQUEST_CHOICE_COUNT: 0,
    });
    assert_exactly!(request_of(&json!({"seed": u64::MAX, "max_tokens": u64::MAX})), {});
}

// ---- responses

#[test]
fn chat_response() {
    assert_exactly!(response("chat"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-C1",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 2006,
        GEN_AI_USAGE_OUTPUT_TOKENS: 300,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1920,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 192,
        GEN_AI_USAGE_AUDIO_INPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: 0,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_44709d6fcb",
    });
}

#[test]
fn a_choice_without_a_reason_keeps_its_place() {
    assert_exactly!(response("chat_choices"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-C2",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-08-06",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop", "length", "tool_calls", "content_filter", "error"],
        GEN_AI_USAGE_INPUT_TOKENS: 31,
        GEN_AI_USAGE_OUTPUT_TOKENS: 58,
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_a1",
    });
    let unknown = json!({"choices": [{"finish_reason": null}, {}]});
    assert_exactly!(response_of(&unknown), {});
}

#[test]
fn audio_response() {
    assert_exactly!(response("chat_audio"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-C3",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-audio-preview-2025-06-03",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 125,
        GEN_AI_USAGE_OUTPUT_TOKENS: 88,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 20,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 16,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        GEN_AI_USAGE_TEXT_INPUT_TOKENS: 14,
        GEN_AI_USAGE_TEXT_OUTPUT_TOKENS: 21,
        GEN_AI_USAGE_IMAGE_INPUT_TOKENS: 3,
        GEN_AI_USAGE_AUDIO_INPUT_TOKENS: 108,
        GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: 67,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
}

#[test]
fn usage_that_is_missing_stays_missing() {
    assert_exactly!(response("chat_without_usage"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-C4",
        GEN_AI_RESPONSE_MODEL: "gpt-4o",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
    });
    assert_exactly!(response("chat_null_usage"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-C5",
        GEN_AI_RESPONSE_MODEL: "gpt-4o",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
    });
    assert_eq!(json_of("chat_without_usage").usage(), Usage::default());
    assert_eq!(json_of("chat_null_usage").usage(), Usage::default());
}

#[test]
fn azure_chat_response() {
    assert_exactly!(response("chat_azure"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-A1",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-11-20",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 26,
        GEN_AI_USAGE_OUTPUT_TOKENS: 11,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 0,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_INPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: 0,
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_ee1d74bde0",
    });
}

#[test]
fn a_compatible_server_may_leave_the_object_out_and_count_in_floats() {
    assert_exactly!(response("chat_compatible"), {
        GEN_AI_RESPONSE_ID: "cmpl-7f",
        GEN_AI_RESPONSE_MODEL: "mistral-7b-instruct",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 17,
        GEN_AI_USAGE_OUTPUT_TOKENS: 9,
    });
}

#[test]
fn a_chunk_names_only_what_has_finished() {
    assert_exactly!(response("chat_chunk"), {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-S1",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-08-06",
        GEN_AI_RESPONSE_FINISH_REASONS: ["length"],
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_9",
    });
}

#[test]
fn completion_response() {
    assert_exactly!(response("completion"), {
        GEN_AI_RESPONSE_ID: "cmpl-T1",
        GEN_AI_RESPONSE_MODEL: "gpt-3.5-turbo-instruct:20230824-v2",
        GEN_AI_RESPONSE_FINISH_REASONS: ["length", "stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 5,
        GEN_AI_USAGE_OUTPUT_TOKENS: 64,
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_t",
    });
}

#[test]
fn responses_response() {
    assert_exactly!(response("responses"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R1",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 1536,
        GEN_AI_USAGE_OUTPUT_TOKENS: 271,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1408,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 256,
        GEN_AI_CONVERSATION_ID: "conv_71",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
    assert_exactly!(response("responses_azure"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R7",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
        GEN_AI_USAGE_INPUT_TOKENS: 1536,
        GEN_AI_USAGE_OUTPUT_TOKENS: 271,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1408,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 256,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
}

#[test]
fn calls_left_to_the_client_are_tool_calls() {
    assert_exactly!(response("responses_tool_calls"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R2",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["tool_calls"],
        GEN_AI_USAGE_INPUT_TOKENS: 1536,
        GEN_AI_USAGE_OUTPUT_TOKENS: 271,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 0,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 1024,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 256,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
    let answered = json!({"object": "response", "status": "completed", "output": [
        {"type": "shell_call"}, {"type": "shell_call_output"}, {"type": "message"},
    ]});
    assert_exactly!(response_of(&answered), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
    });
}

#[test]
fn a_response_that_is_cut_short_tells_why() {
    assert_exactly!(response("responses_length"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R3",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "incomplete",
        GEN_AI_RESPONSE_FINISH_REASONS: ["length"],
        GEN_AI_USAGE_INPUT_TOKENS: 1536,
        GEN_AI_USAGE_OUTPUT_TOKENS: 271,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1408,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 256,
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
    assert_exactly!(response("responses_filtered"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R4",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "incomplete",
        GEN_AI_RESPONSE_FINISH_REASONS: ["content_filter"],
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
}

#[test]
fn a_failed_response_is_an_error_and_a_queued_one_has_no_reason() {
    assert_exactly!(response("responses_failed"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R5",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "failed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["error"],
        ERROR_TYPE: "rate_limit_exceeded",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
    assert_exactly!(response_of(&json!({"object": "response", "status": "failed", "error": null})), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_STATUS: "failed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["error"],
        ERROR_TYPE: "_OTHER",
    });
    assert_exactly!(response("responses_queued"), {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_R6",
        GEN_AI_RESPONSE_MODEL: "gpt-5-2025-08-07",
        GEN_AI_RESPONSE_STATUS: "queued",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
    });
}

#[test]
fn embeddings_response() {
    assert_exactly!(response("embeddings"), {
        GEN_AI_RESPONSE_MODEL: "text-embedding-3-small",
        GEN_AI_EMBEDDINGS_DIMENSION_COUNT: 8,
        GEN_AI_USAGE_INPUT_TOKENS: 8,
    });
    assert_exactly!(response("embeddings_base64"), {
        GEN_AI_RESPONSE_MODEL: "text-embedding-3-large",
        GEN_AI_EMBEDDINGS_DIMENSION_COUNT: 8,
        GEN_AI_USAGE_INPUT_TOKENS: 4,
    });
}

#[test]
fn anthropic_response() {
    assert_exactly!(response("anthropic"), {
        GEN_AI_RESPONSE_ID: "msg_01A",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-5-20250929",
        GEN_AI_RESPONSE_FINISH_REASONS: ["end_turn"],
        GEN_AI_USAGE_INPUT_TOKENS: 25,
        GEN_AI_USAGE_OUTPUT_TOKENS: 12,
    });
    assert_exactly!(response("anthropic_cached"), {
        GEN_AI_RESPONSE_ID: "msg_01B",
        GEN_AI_RESPONSE_MODEL: "claude-sonnet-4-5-20250929",
        GEN_AI_RESPONSE_FINISH_REASONS: ["tool_use"],
        GEN_AI_USAGE_INPUT_TOKENS: 5 + 1253 + 128_955,
        GEN_AI_USAGE_OUTPUT_TOKENS: 10,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 128_955,
        GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: 1253,
    });
}

#[test]
fn an_error_in_the_body_is_an_error() {
    for (name, class) in [
        ("error_openai", "context_length_exceeded"),
        ("error_openai_untyped", "invalid_request_error"),
        ("error_azure", "content_filter"),
        ("error_azure_gateway", "429"),
        ("error_azure_number", "404"),
        ("error_anthropic", "overloaded_error"),
    ] {
        assert_exactly!(response(name), { ERROR_TYPE: class });
    }
}

#[test]
fn a_response_in_no_known_format_yields_what_is_plain() {
    let body = json!({"id": "x-1", "model": "m", "reply": "?", "usage": {"input_tokens": 3}});
    assert_exactly!(response_of(&body), {
        GEN_AI_RESPONSE_ID: "x-1",
        GEN_AI_RESPONSE_MODEL: "m",
        GEN_AI_USAGE_INPUT_TOKENS: 3,
    });
    for body in [json!(null), json!([1, 2]), json!("text"), json!(7), json!({})] {
        assert_exactly!(response_of(&body), {});
        assert_exactly!(request_of(&body), {});
    }
}

#[test]
fn choices_are_looked_at_up_to_a_limit() {
    let choices = vec![json!({"finish_reason": "stop"}); 100_000];
    let fields = response_of(&json!({ "choices": choices }));
    let Some(payload::Value::Texts(reasons)) = fields.get(attr::GEN_AI_RESPONSE_FINISH_REASONS)
    else {
        panic!("a list");
    };
    assert_eq!(reasons.len(), 128);
}

// ---- usage

#[test]
fn usage_by_itself_and_inside_a_response() {
    let usage = Usage {
        input: Some(1536),
        output: Some(271),
        cache_read: Some(1408),
        reasoning: Some(256),
        ..Usage::default()
    };
    assert_eq!(json_of("responses").usage(), usage);
    assert_eq!(json_of("responses")["usage"].usage(), usage);
    assert_eq!(Body(&file("responses")).usage(), usage);
    assert_eq!(json_of("anthropic_cached")["usage"].usage().input, Some(130_213));
    for nothing in [
        json!(null),
        json!({}),
        json!([1]),
        json!({"usage": 3}),
        json!({"usage": null, "input_tokens": 3}),
    ] {
        assert_eq!(nothing.usage(), Usage::default(), "{nothing}");
    }
}

#[test]
fn modalities_of_cached_tokens() {
    let usage = json!({"input_tokens": 300, "output_tokens": 4, "input_tokens_details": {
        "cached_tokens": 60, "text_tokens": 100, "image_tokens": 150, "audio_tokens": 50,
        "cached_tokens_details": {"text_tokens": 40, "image_tokens": 15, "audio_tokens": 5},
    }, "output_tokens_details": {"text_tokens": 1, "image_tokens": 3}});
    let modality = |input, output, cache_read| Modality {
        input: Some(input),
        output,
        cache_read: Some(cache_read),
    };
    assert_eq!(
        usage.usage(),
        Usage {
            input: Some(300),
            output: Some(4),
            cache_read: Some(60),
            cache_write: None,
            reasoning: None,
            text: modality(100, Some(1), 40),
            image: modality(150, Some(3), 15),
            audio: modality(50, None, 5),
        }
    );
}

/// A gateway that translates Anthropic's answers keeps the cache counts beside an inclusive total.
#[test]
fn an_inclusive_total_is_not_summed_again() {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 7, "cache_read_input_tokens": 80,
        "cache_creation_input_tokens": 0, "prompt_tokens_details": {"cached_tokens": 80}});
    assert_eq!((usage.usage().input, usage.usage().cache_read), (Some(100), Some(80)));
}

#[test]
fn a_body_shows_only_its_length() {
    assert_eq!(format!("{:?}", Body(b"{\"model\": \"secret\"}")), "Body(19 bytes)");
}

#[test]
fn a_body_that_is_too_deep_or_too_long_says_nothing() {
    let deep = "[".repeat(1_000_000);
    assert_exactly!(response_of(&Body(deep.as_bytes())), {});
    let mut long = br#"{"id": "x", "pad": ""#.to_vec();
    long.resize(17 * 1024 * 1024, b'a');
    long.extend_from_slice(b"\"}");
    assert_exactly!(response_of(&Body(&long)), {});
}

// ---- what holds for every document

const FILES: [&str; 35] = [
    "anthropic",
    "anthropic_bedrock_request",
    "anthropic_cached",
    "anthropic_request",
    "chat",
    "chat_audio",
    "chat_azure",
    "chat_choices",
    "chat_chunk",
    "chat_compatible",
    "chat_null_usage",
    "chat_request",
    "chat_request_audio",
    "chat_request_plain",
    "chat_without_usage",
    "completion",
    "completion_request",
    "embeddings",
    "embeddings_base64",
    "embeddings_request",
    "error_anthropic",
    "error_azure",
    "error_azure_gateway",
    "error_azure_number",
    "error_openai",
    "error_openai_untyped",
    "responses",
    "responses_azure",
    "responses_failed",
    "responses_filtered",
    "responses_length",
    "responses_queued",
    "responses_request",
    "responses_request_prompt",
    "responses_tool_calls",
];

/// Names that mean something, so that random documents get past the first look.
const KEYS: [&str; 40] = [
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cached_tokens",
    "cached_tokens_details",
    "choices",
    "code",
    "completion_tokens",
    "completion_tokens_details",
    "content",
    "conversation",
    "data",
    "dimensions",
    "embedding",
    "error",
    "finish_reason",
    "id",
    "incomplete_details",
    "input",
    "input_tokens",
    "input_tokens_details",
    "max_tokens",
    "messages",
    "modalities",
    "model",
    "n",
    "object",
    "output",
    "output_tokens",
    "output_tokens_details",
    "prompt",
    "prompt_tokens",
    "prompt_tokens_details",
    "reason",
    "reasoning",
    "seed",
    "status",
    "stop",
    "temperature",
    "type",
    "usage",
];

const TEXTS: [&str; 14] = [
    "",
    "12",
    "-1",
    "AACAPw==",
    "audio",
    "chat.completion",
    "completed",
    "error",
    "failed",
    "function_call",
    "incomplete",
    "message",
    "response",
    "stop",
];

fn tokens() -> [AttributeId; 14] {
    [
        attr::GEN_AI_USAGE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS.id(),
        attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS.id(),
    ]
}

fn texts() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
    .boxed()
}

fn numbers() -> BoxedStrategy<Value> {
    prop_oneof![
        (0_u64..100_000).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1000_i32..1000).prop_map(|int| Value::from(f64::from(int))),
    ]
    .boxed()
}

fn documents(leaf: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    leaf.prop_recursive(5, 64, 10, |inner| {
        let key = prop_oneof![
            9 => prop::sample::select(&KEYS[..]).prop_map(String::from),
            1 => any::<String>(),
        ];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => prop::collection::btree_map(key, inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    documents(prop_oneof![texts(), numbers()].boxed())
}

/// Replaces the member at which a walk of `steps` through `document` ends.
fn replace(document: &mut Value, steps: &[prop::sample::Index], with: Value) {
    let mut place = document;
    for step in steps {
        let length = match place {
            Value::Object(map) => map.len(),
            Value::Array(list) => list.len(),
            _ => 0,
        };
        if length == 0 {
            break;
        }
        let at = step.index(length);
        place = match place {
            Value::Object(map) => map.values_mut().nth(at).expect("within the length"),
            Value::Array(list) => &mut list[at],
            _ => unreachable!("only these have a length"),
        };
    }
    *place = with;
}

fn mutated_document() -> impl Strategy<Value = Value> {
    let steps = prop::collection::vec(any::<prop::sample::Index>(), 1..5);
    let change = (steps, any_document());
    (prop::sample::select(&FILES[..]), prop::collection::vec(change, 1..4)).prop_map(
        |(name, changes)| {
            let mut document = json_of(name);
            for (steps, with) in changes {
                replace(&mut document, &steps, with);
            }
            document
        },
    )
}

/// Every number in a document that can be a count.
fn counts_in(document: &Value, into: &mut Vec<u64>) {
    match document {
        Value::Number(number) => {
            let integral =
                number.as_f64().filter(|it| it.fract() == 0.0 && (0.0..9e15).contains(it));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "just tested"
            )]
            into.extend(number.as_u64().or(integral.map(|it| it as u64)));
        }
        Value::Array(list) => list.iter().for_each(|it| counts_in(it, into)),
        Value::Object(map) => map.values().for_each(|it| counts_in(it, into)),
        _ => {}
    }
}

/// All that must hold whatever the document is.
fn check(document: &Value) -> Result<(), TestCaseError> {
    let mut all = Fields::default();
    LlmRequest::record(document, &mut all);
    LlmResponse::record(document, &mut all);
    for (id, value) in all.iter() {
        match value {
            payload::Value::Int(int) => {
                prop_assert!(*int >= 0 || id == attr::GEN_AI_REQUEST_SEED.id(), "{id:?} = {int}");
            }
            payload::Value::Double(double) => prop_assert!(double.is_finite(), "{id:?} = {double}"),
            payload::Value::Text(text) => {
                prop_assert!(!text.as_str().is_empty(), "{id:?} is empty")
            }
            payload::Value::Texts(texts) => prop_assert!(texts.len() <= 128, "{id:?} is long"),
            payload::Value::Flag(flag) => prop_assert!(*flag, "{id:?} is set to false"),
        }
    }
    let mut known = Vec::new();
    counts_in(document, &mut known);
    let usage = document.usage();
    let Usage { input, output, cache_read, cache_write, reasoning, text, image, audio } = usage;
    for count in [output, cache_read, cache_write, reasoning]
        .into_iter()
        .chain([text, image, audio].into_iter().flat_map(|it| [it.input, it.output, it.cache_read]))
        .flatten()
    {
        prop_assert!(known.contains(&count), "{count} is invented");
    }
    if let Some(input) = input {
        let cached = cache_read.unwrap_or(0).saturating_add(cache_write.unwrap_or(0));
        let rest = input.checked_sub(cached);
        prop_assert!(
            known.contains(&input) || rest.is_some_and(|it| known.contains(&it)),
            "{input} is invented"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_read_without_harm(document in any_document()) {
        check(&document)?;
    }

    #[test]
    fn a_damaged_document_is_read_without_harm(document in mutated_document()) {
        check(&document)?;
        let bytes = serde_json::to_vec(&document).expect("a document");
        prop_assert_eq!(plain(&response_of(&document)), plain(&response_of(&Body(&bytes))));
        prop_assert_eq!(plain(&request_of(&document)), plain(&request_of(&Body(&bytes))));
    }

    #[test]
    fn without_a_number_there_is_no_usage(document in documents(texts())) {
        let mut all = Fields::default();
        LlmRequest::record(&document, &mut all);
        LlmResponse::record(&document, &mut all);
        for (id, value) in all.iter() {
            prop_assert!(!tokens().contains(&id), "{:?} = {:?}", id, value);
        }
        prop_assert_eq!(document.usage(), Usage::default());
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        if serde_json::from_slice::<Value>(&bytes).is_err() {
            prop_assert!(plain(&response_of(&Body(&bytes))).is_empty());
            prop_assert!(plain(&request_of(&Body(&bytes))).is_empty());
            prop_assert_eq!(Body(&bytes).usage(), Usage::default());
        }
    }

    #[test]
    fn damaged_bytes_are_read_without_harm(
        name in prop::sample::select(&FILES[..]),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = file(name);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match serde_json::from_slice(&bytes) {
            Ok(document) => check(&document)?,
            Err(_) => prop_assert!(plain(&response_of(&Body(&bytes))).is_empty()),
        }
        let cut = &bytes[..end.index(bytes.len())];
        prop_assert!(plain(&response_of(&Body(cut))).is_empty() || serde_json::from_slice::<Value>(cut).is_ok());
    }

    #[test]
    fn the_parts_of_anthropics_input_are_summed(
        uncached in 0_u64..u64::from(u32::MAX),
        read in prop::option::of(0_u64..u64::from(u32::MAX)),
        written in prop::option::of(0_u64..u64::from(u32::MAX)),
        output in prop::option::of(0_u64..u64::from(u32::MAX)),
        null in any::<bool>(),
    ) {
        let mut usage = json!({ "input_tokens": uncached });
        for (key, count) in
            [("cache_read_input_tokens", read), ("cache_creation_input_tokens", written), ("output_tokens", output)]
        {
            if count.is_some() || null {
                usage[key] = json!(count);
            }
        }
        let body = json!({"type": "message", "role": "assistant", "content": [], "usage": usage});
        let input = uncached + read.unwrap_or(0) + written.unwrap_or(0);
        let expected = Usage { input: Some(input), output, cache_read: read, cache_write: written, ..Usage::default() };
        prop_assert_eq!(body.usage(), expected.clone());
        let mut fields = Fields::default();
        fields.usage(&expected);
        prop_assert_eq!(plain(&response_of(&body)), plain(&fields));
    }
}
