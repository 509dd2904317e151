//! Responses of each format.

use llmobs_runtime::conventions::attr;
use llmobs_runtime::payload;
use llmobs_runtime::{LlmUsage, Usage};
use serde_json::json;

use super::{json_of, request_of, response, response_of};

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

/// A proxy may pass on no more than this.
#[test]
fn formats_are_told_by_their_shape() {
    assert_exactly!(response_of(&json!({"content": [], "stop_reason": "max_tokens"})), {
        GEN_AI_RESPONSE_FINISH_REASONS: ["max_tokens"],
    });
    assert_exactly!(response_of(&json!({"output": [], "status": "completed"})), {
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_RESPONSE_FINISH_REASONS: ["stop"],
    });
    assert_exactly!(response_of(&json!({"data": [{"embedding": [0.5, 0.25]}]})), {
        GEN_AI_EMBEDDINGS_DIMENSION_COUNT: 2,
    });
    assert_exactly!(response_of(&json!({"data": [{"text": "?"}], "status": "completed"})), {});
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
