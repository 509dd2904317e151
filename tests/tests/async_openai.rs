//! The types of `async-openai` record what the raw JSON of the same content does.

#[path = "async_openai/chunks.rs"]
mod chunks;
#[path = "async_openai/content.rs"]
mod content;
#[path = "async_openai/content_of_chats.rs"]
mod content_of_chats;
#[path = "async_openai/content_of_responses.rs"]
mod content_of_responses;
#[path = "async_openai/streams.rs"]
mod streams;

use std::collections::BTreeMap;

use async_openai::types::chat::{
    CompletionUsage, CreateChatCompletionRequest, CreateChatCompletionResponse,
    PromptTokensDetails, ReasoningEffort, ServiceTier,
};
use async_openai::types::completions::{CreateCompletionRequest, CreateCompletionResponse};
use async_openai::types::embeddings::{
    CreateBase64EmbeddingResponse, CreateEmbeddingRequest, CreateEmbeddingResponse, EmbeddingUsage,
};
use async_openai::types::responses::{
    CreateResponse, Response, ResponseErrorCode, ResponseUsage, ServiceTierResponses, Status,
};
use llmobs_runtime::conventions::attr;
use llmobs_runtime::{Fields, LlmRequest, LlmResponse, LlmUsage, Usage};
use llmobs_tests::plain;
use serde_json::{Value, json};

fn json_of(name: &str) -> Value {
    let path = format!("{}/data/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn request_of(body: &impl LlmRequest) -> BTreeMap<&'static str, Value> {
    let mut fields = Fields::default();
    body.record(&mut fields);
    plain(&fields)
}

fn response_of(body: &impl LlmResponse) -> BTreeMap<&'static str, Value> {
    let mut fields = Fields::default();
    body.record(&mut fields);
    plain(&fields)
}

/// Asserts that each file records the same as JSON and as a value of type `T`, and something at all.
macro_rules! assert_same {
    ($record:ident, $T:ty, [$($name:literal),* $(,)?]) => {$(
        let raw = json_of($name);
        let typed: $T = serde_json::from_value(raw.clone()).expect($name);
        assert_eq!($record(&typed), $record(&raw), $name);
        assert!($record(&typed).len() > 2, $name);
    )*};
}

#[test]
fn requests_agree_with_their_json() {
    assert_same!(
        request_of,
        CreateChatCompletionRequest,
        ["chat_request", "chat_request_plain", "chat_request_audio"]
    );
    assert_same!(request_of, CreateCompletionRequest, ["completion_request"]);
    assert_same!(request_of, CreateResponse, ["responses_request", "responses_request_prompt"]);
    assert_same!(request_of, CreateEmbeddingRequest, ["embeddings_request"]);
}

#[test]
fn responses_agree_with_their_json() {
    assert_same!(
        response_of,
        CreateChatCompletionResponse,
        [
            "chat",
            "chat_choices",
            "chat_audio",
            "chat_without_usage",
            "chat_null_usage",
            "chat_azure"
        ]
    );
    assert_same!(response_of, CreateCompletionResponse, ["completion"]);
    assert_same!(
        response_of,
        Response,
        [
            "responses",
            "responses_tool_calls",
            "responses_length",
            "responses_filtered",
            "responses_failed",
            "responses_queued",
            "responses_azure",
        ]
    );
    assert_same!(response_of, CreateEmbeddingResponse, ["embeddings"]);
    assert_same!(response_of, CreateBase64EmbeddingResponse, ["embeddings_base64"]);
}

/// A conversation that was shortened stands as an item on either side.
#[test]
fn compaction_agrees_with_its_json() {
    let key = attr::GEN_AI_CONVERSATION_COMPACTED.row().key;
    let item = json!({"type": "compaction", "id": "cmp_1", "encrypted_content": "…"});
    let mut raw = json_of("responses_request");
    assert_eq!(request_of(&raw).get(key), None);
    raw["input"].as_array_mut().expect("items").insert(0, item.clone());
    let typed: CreateResponse = serde_json::from_value(raw.clone()).expect("a request");
    assert_eq!(request_of(&typed)[key], json!(true));
    assert_eq!(request_of(&typed), request_of(&raw));

    let mut raw = json_of("responses");
    assert_eq!(response_of(&raw).get(key), None);
    raw["output"].as_array_mut().expect("items").insert(0, item);
    let typed: Response = serde_json::from_value(raw.clone()).expect("a response");
    assert_eq!(response_of(&typed)[key], json!(true));
    assert_eq!(response_of(&typed), response_of(&raw));
}

/// Calls that the output itself answers are not left to the client.
#[test]
fn answered_calls_agree_with_their_json() {
    let call = json!({"id": "ap_1", "type": "apply_patch_call", "status": "completed", "call_id": "call_1",
        "operation": {"type": "delete_file", "path": "a"}});
    let answer = json!({"id": "apo_1", "type": "apply_patch_call_output", "status": "completed", "call_id": "call_1"});
    for (output, reason) in [(json!([call]), "tool_calls"), (json!([call, answer]), "stop")] {
        let mut raw = json_of("responses");
        raw["output"] = output;
        let typed: Response = serde_json::from_value(raw.clone()).expect(reason);
        assert_eq!(
            response_of(&typed)[attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key],
            json!([reason])
        );
        assert_eq!(response_of(&typed), response_of(&raw));
    }
}

/// A written request agrees with what it sends: nothing is recorded that does not go over the wire.
#[test]
fn a_built_request_agrees_with_what_it_sends() {
    let request = CreateChatCompletionRequest {
        model: "gpt-4o".into(),
        temperature: Some(0.1),
        n: Some(2),
        ..CreateChatCompletionRequest::default()
    };
    let sent = serde_json::to_value(&request).expect("serializes");
    let recorded = request_of(&request);
    assert_eq!(recorded[attr::GEN_AI_REQUEST_MODEL.row().key], json!("gpt-4o"));
    assert_eq!(recorded[attr::GEN_AI_REQUEST_TEMPERATURE.row().key], json!(0.1));
    assert_eq!(recorded[attr::GEN_AI_REQUEST_CHOICE_COUNT.row().key], json!(2));
    // The JSON says 0.10000000149011612, a single float in full length.
    let raw = request_of(&sent);
    assert_eq!(recorded.keys().collect::<Vec<_>>(), raw.keys().collect::<Vec<_>>());
}

/// The names are written by hand, to spare an allocation: here they are compared with what serde says.
#[test]
fn names_are_those_of_the_wire() {
    for effort in ["none", "minimal", "low", "medium", "high", "xhigh", "max"] {
        let parsed: ReasoningEffort = serde_json::from_value(json!(effort)).expect(effort);
        let request = CreateChatCompletionRequest {
            reasoning_effort: Some(parsed),
            ..CreateChatCompletionRequest::default()
        };
        assert_eq!(
            request_of(&request)[attr::GEN_AI_REQUEST_REASONING_LEVEL.row().key],
            json!(effort)
        );
    }
    for tier in ["auto", "default", "flex", "scale", "priority", "fast"] {
        let parsed: ServiceTier = serde_json::from_value(json!(tier)).expect(tier);
        let response = CreateChatCompletionResponse {
            service_tier: Some(parsed.clone()),
            ..CreateChatCompletionResponse::default()
        };
        assert_eq!(
            response_of(&response)[attr::OPENAI_RESPONSE_SERVICE_TIER.row().key],
            json!(tier)
        );
        let request = CreateChatCompletionRequest {
            service_tier: Some(parsed),
            ..CreateChatCompletionRequest::default()
        };
        let requested = request_of(&request).remove(attr::OPENAI_REQUEST_SERVICE_TIER.row().key);
        assert_eq!(requested, (tier != "auto").then(|| json!(tier)));
    }
    for reason in ["stop", "length", "tool_calls", "content_filter", "function_call"] {
        let mut raw = json_of("chat");
        raw["choices"][0]["finish_reason"] = json!(reason);
        let typed: CreateChatCompletionResponse = serde_json::from_value(raw).expect(reason);
        assert_eq!(
            response_of(&typed)[attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key],
            json!([reason])
        );
    }
    for reason in ["stop", "length", "content_filter"] {
        let mut raw = json_of("completion");
        raw["choices"][0]["finish_reason"] = json!(reason);
        let typed: CreateCompletionResponse = serde_json::from_value(raw).expect(reason);
        assert_eq!(
            response_of(&typed)[attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key],
            json!([reason, "stop"])
        );
    }
}

#[test]
fn names_of_the_responses_api_are_those_of_the_wire() {
    for tier in ["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"] {
        let parsed: ServiceTierResponses = serde_json::from_value(json!(tier)).expect(tier);
        let mut response: Response =
            serde_json::from_value(json_of("responses")).expect("a response");
        response.service_tier = Some(parsed);
        assert_eq!(
            response_of(&response)[attr::OPENAI_RESPONSE_SERVICE_TIER.row().key],
            json!(tier)
        );
    }
    for status in ["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"] {
        let parsed: Status = serde_json::from_value(json!(status)).expect(status);
        let mut response: Response =
            serde_json::from_value(json_of("responses")).expect("a response");
        response.status = parsed;
        let recorded = response_of(&response);
        assert_eq!(recorded[attr::GEN_AI_RESPONSE_STATUS.row().key], json!(status));
        assert_eq!(
            recorded,
            response_of(&serde_json::to_value(&response).expect("serializes")),
            "{status}"
        );
    }
    for code in [
        "server_error",
        "rate_limit_exceeded",
        "invalid_prompt",
        "data_residency_mismatch",
        "bio_policy",
        "misalignment_policy_violation",
        "vector_store_timeout",
        "invalid_image",
        "invalid_image_format",
        "invalid_base64_image",
        "invalid_image_url",
        "image_too_large",
        "image_too_small",
        "image_parse_error",
        "image_content_policy_violation",
        "invalid_image_mode",
        "image_file_too_large",
        "unsupported_image_media_type",
        "empty_image_file",
        "failed_to_download_image",
        "image_file_not_found",
        "a_code_of_tomorrow",
    ] {
        let parsed: ResponseErrorCode = serde_json::from_value(json!(code)).expect(code);
        let other = matches!(parsed, ResponseErrorCode::Other(_));
        assert_eq!(other, code == "a_code_of_tomorrow", "{code}");
        assert_eq!(failed_with(code, None), json!(code));
    }
    assert_eq!(failed_with("words of a user", Some("policy_error")), json!("policy_error"));
    assert_eq!(failed_with("words of a user", None), json!("_OTHER"));
}

fn failed_with(code: &str, class: Option<&str>) -> Value {
    let mut raw = json_of("responses_failed");
    raw["error"] = json!({"code": code, "message": "?", "type": class});
    let typed: Response = serde_json::from_value(raw.clone()).expect(code);
    assert_eq!(response_of(&typed), response_of(&raw), "{code}");
    response_of(&typed)[attr::ERROR_TYPE.row().key].clone()
}

#[test]
fn usage_types() {
    let usage = CompletionUsage {
        prompt_tokens: 10,
        completion_tokens: 0,
        total_tokens: 10,
        prompt_tokens_details: Some(PromptTokensDetails {
            cached_tokens: Some(4),
            cache_write_tokens: Some(-3),
            image_tokens: Some(2),
            ..PromptTokensDetails::default()
        }),
        completion_tokens_details: None,
    };
    let recorded = usage.usage();
    assert_eq!((recorded.input, recorded.output), (Some(10), Some(0)));
    assert_eq!(
        (recorded.cache_read, recorded.cache_write, recorded.reasoning),
        (Some(4), None, None)
    );
    assert_eq!(recorded.image.input, Some(2));
    assert_eq!(recorded.audio.input, None);

    let usage = EmbeddingUsage { prompt_tokens: 7, total_tokens: 7 };
    assert_eq!(usage.usage(), Usage { input: Some(7), ..Usage::default() });

    let usage: ResponseUsage =
        serde_json::from_value(json_of("responses")["usage"].clone()).expect("usage");
    assert_eq!(usage.usage(), json_of("responses").usage());
    assert_eq!(usage.usage().input, Some(1536));
}
