//! Requests of each format.

use llmobs_runtime::conventions::attr;
use serde_json::{Value, json};

use super::{plain, request, request_of};

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
        (json!({"model": "m", "input": [], "previous_response_id": "r"}), Some("responses")),
        (json!({"model": "m", "input": ["a"], "temperature": 0.1}), None),
        (json!({"model": "m", "input": [1, 2], "store": true}), None),
        (json!({"model": "m", "input": 3, "store": true}), None),
        (json!({"model": "m", "input": "?", "dimensions": 8, "store": true}), None),
        (json!({"model": "m", "input": "?", "input_type": "query", "truncation": true}), None),
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
