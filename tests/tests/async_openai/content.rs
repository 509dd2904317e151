//! What requests, answers and chunks hand over where content is captured.

use std::collections::BTreeMap;

use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionResponse,
    CreateChatCompletionStreamResponse,
};
use async_openai::types::completions::{CreateCompletionRequest, CreateCompletionResponse};
use async_openai::types::embeddings::CreateEmbeddingRequest;
use async_openai::types::responses::{CreateResponse, Response, ResponseStreamEvent};
use llmobs_runtime::content::{__finished, Content, ContentLimits};
use llmobs_runtime::conventions::{Dialect, attr};
use llmobs_runtime::payload::Progress;
use llmobs_runtime::{Fields, LlmChunk, LlmRequest, LlmResponse, Streamed};
use serde_json::{Value, json};

/// One pixel, as far as anybody looks.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUg==";

type Contents = BTreeMap<&'static str, Value>;

/// What leaves the process, by attribute; nothing may be cut.
fn contents(inline_blobs: bool, fill: impl FnOnce(&mut Content)) -> Contents {
    let finished =
        __finished(ContentLimits::new(), Vec::new(), inline_blobs, Dialect::Released, fill);
    let values = finished.into_iter().map(|(id, text, cut)| {
        assert!(!cut, "{} is cut", id.row().key);
        let text = text.expect("content that is not cut");
        let value = serde_json::from_str(&text).expect("JSON");
        assert_valid(id.row().key, &value);
        (id.row().key, value)
    });
    values.collect()
}

/// Asserts that a value is what the schema of its attribute says.
fn assert_valid(key: &str, value: &Value) {
    let name = key.replace(['.', '_'], "-");
    let path = format!("{}/data/schemas/released/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    // The schema of schemas, which is not at hand: any object serves here.
    let schema = schema
        .replace(r#""$ref": "http://json-schema.org/draft-07/schema#""#, r#""type": "object""#);
    let schema = serde_json::from_str(&schema).expect("a schema");
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{key}: {errors:?}");
}

fn asked(request: &impl LlmRequest) -> Contents {
    contents(false, |content| request.capture(content))
}

fn answered(response: &impl LlmResponse) -> Contents {
    contents(false, |content| response.capture(content))
}

fn streamed<T: LlmChunk>(chunks: &[T]) -> Contents {
    contents(false, |content| {
        let (mut fields, mut progress) = (Fields::default(), Progress::default());
        for chunk in chunks {
            chunk.record(&mut Streamed::new(&mut fields, &mut progress, Some(&mut *content)));
        }
    })
}

fn input(of: &Contents) -> &Value {
    &of[attr::GEN_AI_INPUT_MESSAGES.row().key]
}

fn output(of: &Contents) -> &Value {
    &of[attr::GEN_AI_OUTPUT_MESSAGES.row().key]
}

fn tools(of: &Contents) -> &Value {
    &of[attr::GEN_AI_TOOL_DEFINITIONS.row().key]
}

fn text(text: &str) -> Value {
    json!({"type": "text", "content": text})
}

fn one(role: &str, parts: Value) -> Value {
    let mut message = json!({"role": role});
    message["parts"] = parts;
    message
}

/// A request of every kind of message and part, and of every kind of tool.
fn conversation() -> Value {
    let image = format!("data:image/png;base64,{PIXEL}");
    let file = format!("data:application/pdf;base64,{PIXEL}");
    json!({
        "model": "gpt-4o",
        "messages": [
            {"role": "developer", "content": [{"type": "text", "text": "Be brief."}], "name": "ops"},
            {"role": "system", "content": "Use metres."},
            {"role": "user", "name": "ada", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.org/quay.png"}},
                {"type": "image_url", "image_url": {"url": image}},
                {"type": "input_audio", "input_audio": {"data": PIXEL, "format": "mp3"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {"type": "file", "file": {"filename": "tide.pdf", "file_data": file}}
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_1", "type": "function",
                    "function": {"name": "tide", "arguments": "{\"at\":\"Husum\",\"days\":[1,2]}"}},
                {"id": "call_2", "type": "function", "function": {"name": "now", "arguments": ""}},
                {"id": "call_3", "type": "function", "function": {"name": "cut", "arguments": "{\"a"}}
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": "{\"high\": \"14:20\"}"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}],
                "audio": {"id": "audio_1"}},
            {"role": "assistant", "content": "Then", "refusal": "No more.",
                "function_call": {"name": "old", "arguments": "{}"}},
            {"role": "function", "name": "old", "content": "new"}
        ],
        "tools": [
            {"type": "function", "function": {"name": "tide", "description": "When?",
                "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}, "strict": true}},
            {"type": "custom", "custom": {"name": "shell", "description": "Runs", "format": {"type": "text"}}}
        ],
        "functions": [{"name": "old", "parameters": {"type": "object"}}]
    })
}

#[test]
fn a_chat_hands_over_its_messages_and_tools() {
    let request: CreateChatCompletionRequest =
        serde_json::from_value(conversation()).expect("a request");
    let asked = asked(&request);
    let refusal = |text| json!({"type": "refusal", "refusal": text});
    let mut developer = one("developer", json!([text("Be brief.")]));
    developer["name"] = json!("ops");
    let mut user = one(
        "user",
        json!([
            text("What is this?"),
            {"type": "uri", "modality": "image", "uri": "https://example.org/quay.png"},
            {"type": "blob", "modality": "image", "mime_type": "image/png"},
            {"type": "blob", "modality": "audio", "mime_type": "audio/mpeg"},
            {"type": "file", "modality": "document", "file_id": "file-1"},
            {"type": "blob", "modality": "document", "mime_type": "application/pdf"}
        ]),
    );
    user["name"] = json!("ada");
    let mut function = one("function", json!([{"type": "tool_call_response", "response": "new"}]));
    function["name"] = json!("old");
    let expected = [
        developer,
        one("system", json!([text("Use metres.")])),
        user,
        one(
            "assistant",
            json!([
                {"type": "tool_call", "id": "call_1", "name": "tide",
                    "arguments": {"at": "Husum", "days": [1, 2]}},
                {"type": "tool_call", "id": "call_2", "name": "now"},
                {"type": "tool_call", "id": "call_3", "name": "cut", "arguments": "{\"a"}
            ]),
        ),
        one(
            "tool",
            json!([{"type": "tool_call_response", "id": "call_1", "response": "{\"high\": \"14:20\"}"}]),
        ),
        one(
            "assistant",
            json!([refusal("No."), {"type": "file", "modality": "audio", "file_id": "audio_1"}]),
        ),
        one(
            "assistant",
            json!([text("Then"), refusal("No more."),
                {"type": "tool_call", "name": "old", "arguments": {}}]),
        ),
        function,
    ];
    let messages = input(&asked).as_array().expect("messages");
    for (message, expected) in messages.iter().zip(&expected) {
        assert_eq!(message, expected);
    }
    assert_eq!(messages.len(), expected.len());
    assert_eq!(
        tools(&asked),
        &json!([
            {"type": "function", "name": "tide", "description": "When?",
                "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}},
            {"type": "custom", "name": "shell", "description": "Runs"},
            {"type": "function", "name": "old", "parameters": {"type": "object"}}
        ])
    );
    // What is told in a message is no instruction apart from the messages.
    assert_eq!(asked.len(), 2);
}

#[test]
fn bytes_are_kept_where_that_is_wanted() {
    let request: CreateChatCompletionRequest =
        serde_json::from_value(conversation()).expect("a request");
    let asked = contents(true, |content| request.capture(content));
    let parts = input(&asked).pointer("/2/parts").and_then(Value::as_array).expect("parts");
    let kept = parts.iter().filter_map(|part| part.get("content")?.as_str());
    assert_eq!(kept.filter(|content| *content == PIXEL).count(), 3);
}

#[test]
fn a_chat_hands_over_a_message_for_each_choice() {
    let response: CreateChatCompletionResponse = serde_json::from_value(json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "At 14:20."}},
            {"index": 1, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": "",
                "tool_calls": [{"id": "call_1", "type": "function",
                    "function": {"name": "tide", "arguments": "{\"at\":\"Husum\"}"}}]}},
            {"index": 2, "finish_reason": "length", "message": {"role": "assistant", "refusal": "No.",
                "audio": {"id": "audio_1", "expires_at": 1, "data": PIXEL, "transcript": "Moin."}}}
        ]
    }))
    .expect("a response");
    let answered = answered(&response);
    let ends = |reason: &str, parts: Value| {
        let mut message = one("assistant", parts);
        message["finish_reason"] = json!(reason);
        message
    };
    let call =
        json!({"type": "tool_call", "id": "call_1", "name": "tide", "arguments": {"at": "Husum"}});
    assert_eq!(
        output(&answered),
        &json!([
            ends("stop", json!([text("At 14:20.")])),
            ends("tool_calls", json!([call])),
            ends(
                "length",
                json!([{"type": "refusal", "refusal": "No."},
                {"type": "blob", "modality": "audio"}, text("Moin.")])
            ),
        ])
    );
    let nothing: CreateChatCompletionResponse = CreateChatCompletionResponse::default();
    assert_eq!(contents(false, |content| nothing.capture(content)), Contents::new());
}

#[test]
fn a_completion_hands_over_its_prompts() {
    let request = |prompt: Value| -> CreateCompletionRequest {
        serde_json::from_value(json!({"model": "m", "prompt": prompt})).expect("a request")
    };
    let prompts = |prompt| asked(&request(prompt)).into_values().collect::<Vec<_>>();
    assert_eq!(prompts(json!("Once")), [json!([one("user", json!([text("Once")]))])]);
    let list = json!([one("user", json!([text("Once")])), one("user", json!([text("Twice")]))]);
    assert_eq!(prompts(json!(["Once", "", "Twice"])), [list]);
    assert_eq!(prompts(json!([[1, 2], [3]])), [json!(null); 0]);

    let response: CreateCompletionResponse = serde_json::from_value(json!({
        "id": "c", "object": "text_completion", "created": 1, "model": "m", "choices": [
            {"index": 0, "text": " upon", "finish_reason": "length"},
            {"index": 1, "text": " more", "finish_reason": "stop"}
        ]
    }))
    .expect("a response");
    let expected = json!([
        {"role": "assistant", "parts": [text(" upon")], "finish_reason": "length"},
        {"role": "assistant", "parts": [text(" more")], "finish_reason": "stop"}
    ]);
    assert_eq!(output(&answered(&response)), &expected);
    // The chunk of a stream is of the same type.
    assert_eq!(output(&streamed(&[response])), &expected);
}

/// The conventions give the span of embeddings no messages.
#[test]
fn embeddings_hand_over_nothing() {
    let request: CreateEmbeddingRequest =
        serde_json::from_value(json!({"model": "m", "input": "Husum"})).expect("a request");
    assert_eq!(asked(&request), Contents::new());
}

/// A request of the Responses API with items of many kinds, and tools with credentials.
fn items() -> Value {
    let image = format!("data:image/jpeg;base64,{PIXEL}");
    json!({
        "model": "gpt-5",
        "instructions": "Answer in one sentence.",
        "input": [
            {"type": "message", "role": "developer", "content": "Use metres."},
            {"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "Look."},
                {"type": "input_image", "image_url": image, "detail": "auto"},
                {"type": "input_image", "file_id": "file-2", "detail": "auto"},
                {"type": "input_file", "file_url": "https://example.org/tide.pdf"}
            ]},
            {"type": "reasoning", "id": "rs_0", "summary": [{"type": "summary_text", "text": "A tide."}],
                "encrypted_content": "gAAAAB"},
            {"type": "function_call", "call_id": "call_1", "name": "tide", "id": "fc_1",
                "arguments": "{\"at\":\"Husum\"}", "status": "completed"},
            {"type": "function_call_output", "call_id": "call_1", "output": "14:20"},
            {"type": "function_call_output", "call_id": "call_2", "output": [
                {"type": "input_text", "text": "High"}]},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
                {"type": "output_text", "text": "At 14:20.", "annotations": []},
                {"type": "refusal", "refusal": "No more."}]},
            {"type": "web_search_call", "id": "ws_1", "status": "completed",
                "action": {"type": "search", "query": "tides", "queries": ["tides"]}},
            {"type": "shell_call", "id": "sh_1", "call_id": "call_4", "status": "completed",
                "action": {"commands": ["date"]}},
            {"type": "item_reference", "id": "msg_0"}
        ],
        "tools": [
            {"type": "function", "name": "tide", "description": "When?", "strict": true,
                "parameters": {"type": "object"}},
            {"type": "mcp", "server_label": "harbour", "server_url": "https://example.org",
                "authorization": "Bearer marked", "headers": {"X-Key": "marked"}},
            {"type": "web_search"}
        ]
    })
}

#[test]
fn a_response_request_hands_over_instructions_items_and_tools() {
    let request: CreateResponse = serde_json::from_value(items()).expect("a request");
    let asked = asked(&request);
    assert_eq!(
        asked[attr::GEN_AI_SYSTEM_INSTRUCTIONS.row().key],
        json!([text("Answer in one sentence.")])
    );
    let result = |id: &str, response: Value| {
        one("tool", json!([{"type": "tool_call_response", "id": id, "response": response}]))
    };
    let expected = [
        one("developer", json!([text("Use metres.")])),
        one(
            "user",
            json!([
                text("Look."),
                {"type": "blob", "modality": "image", "mime_type": "image/jpeg"},
                {"type": "file", "modality": "image", "file_id": "file-2"},
                {"type": "uri", "modality": "document", "uri": "https://example.org/tide.pdf"}
            ]),
        ),
        one("assistant", json!([{"type": "reasoning", "content": "A tide."}])),
        one(
            "assistant",
            json!([{"type": "tool_call", "id": "call_1", "name": "tide", "arguments": {"at": "Husum"}}]),
        ),
        result("call_1", json!("14:20")),
        result("call_2", json!([{"type": "input_text", "text": "High"}])),
        one("assistant", json!([text("At 14:20."), {"type": "refusal", "refusal": "No more."}])),
        one(
            "assistant",
            json!([{"type": "server_tool_call", "id": "ws_1", "name": "web_search",
                "server_tool_call": {"type": "web_search_call", "status": "completed",
                    "action": {"type": "search", "query": "tides", "queries": ["tides"]}}}]),
        ),
        one(
            "assistant",
            json!([{"type": "tool_call", "id": "call_4", "name": "shell",
                "arguments": {"commands": ["date"]}}]),
        ),
        one("assistant", json!([{"type": "item_reference", "id": "msg_0"}])),
    ];
    let messages = input(&asked).as_array().expect("messages");
    for (message, expected) in messages.iter().zip(&expected) {
        assert_eq!(message, expected);
    }
    assert_eq!(messages.len(), expected.len());
    assert_eq!(
        tools(&asked),
        &json!([
            {"type": "function", "name": "tide", "description": "When?",
                "parameters": {"type": "object"}},
            {"type": "mcp", "name": "harbour"},
            {"type": "web_search", "name": "web_search"}
        ])
    );
    assert!(!format!("{asked:?}").contains("marked"));
}

#[test]
fn a_plain_response_request_is_a_message() {
    let request: CreateResponse =
        serde_json::from_value(json!({"model": "m", "input": "When?"})).expect("a request");
    assert_eq!(input(&asked(&request)), &json!([one("user", json!([text("When?")]))]));
    let empty: CreateResponse =
        serde_json::from_value(json!({"model": "m", "input": ""})).expect("a request");
    assert_eq!(asked(&empty), Contents::new());
}

/// An answer of the Responses API with an output of many kinds.
fn whole(status: &str) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "gpt-5",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "A tide."}]},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "tide",
                "arguments": "{\"at\":\"Husum\"}", "status": "completed"},
            {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "shell", "input": "date"},
            {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PIXEL,
                "output_format": "png"},
            {"type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "1 + 1",
                "container_id": "cntr_1", "outputs": [{"type": "logs", "logs": "2"}]},
            {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAAB"},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
                {"type": "output_text", "text": "At 14:20.", "annotations": []}]}
        ]
    })
}

/// The parts of that answer.
fn parts() -> Value {
    json!([
        {"type": "reasoning", "content": "A tide."},
        {"type": "tool_call", "id": "call_1", "name": "tide", "arguments": {"at": "Husum"}},
        {"type": "tool_call", "id": "call_2", "name": "shell", "arguments": "date"},
        {"type": "blob", "modality": "image", "mime_type": "image/png"},
        {"type": "server_tool_call", "id": "ci_1", "name": "code_interpreter", "server_tool_call": {
            "type": "code_interpreter_call", "status": "completed", "code": "1 + 1",
            "container_id": "cntr_1", "outputs": [{"type": "logs", "logs": "2"}]}},
        {"type": "compaction", "id": "cmp_1"},
        text("At 14:20.")
    ])
}

#[test]
fn a_response_hands_over_one_message() {
    let response: Response = serde_json::from_value(whole("completed")).expect("a response");
    assert_eq!(
        output(&answered(&response)),
        &json!([{"role": "assistant", "parts": parts(), "finish_reason": "tool_calls"}])
    );
    let mut nothing = whole("failed");
    nothing["output"] = json!([]);
    let nothing: Response = serde_json::from_value(nothing).expect("a response");
    assert_eq!(answered(&nothing), Contents::new());
}

/// The events that build that answer.
fn events() -> Vec<ResponseStreamEvent> {
    let whole = whole("completed");
    let items = whole["output"].as_array().expect("an output").clone();
    let mut events = vec![json!({"type": "response.created", "response": {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress",
        "model": "gpt-5", "output": []}})];
    let pieces = |kind: &str, place: usize, text: &str| -> Vec<Value> {
        let halves = text.split_at(text.len() / 2);
        let piece = |half: &str| {
            json!({"type": kind, "item_id": "i", "output_index": place, "content_index": 0,
                "summary_index": 0, "delta": half})
        };
        vec![piece(halves.0), piece(halves.1)]
    };
    for (place, item) in items.iter().enumerate() {
        let mut begun = item.clone();
        for later in ["arguments", "input"] {
            if let Some(text) = begun.get_mut(later) {
                *text = json!("");
            }
        }
        events.push(
            json!({"type": "response.output_item.added", "output_index": place, "item": begun}),
        );
        match item["type"].as_str() {
            Some("reasoning") => {
                events.extend(pieces("response.reasoning_summary_text.delta", place, "A tide."));
            }
            Some("function_call") => {
                let arguments = item["arguments"].as_str().expect("arguments");
                events.extend(pieces("response.function_call_arguments.delta", place, arguments));
            }
            Some("custom_tool_call") => {
                events.extend(pieces("response.custom_tool_call_input.delta", place, "date"));
            }
            Some("message") => {
                events.extend(pieces("response.output_text.delta", place, "At 14:20."));
            }
            _ => {}
        }
        events.push(
            json!({"type": "response.output_item.done", "output_index": place, "item": item}),
        );
    }
    events.push(json!({"type": "response.completed", "response": whole}));
    let numbered = events.into_iter().enumerate().map(|(number, mut event)| {
        event["sequence_number"] = json!(number);
        serde_json::from_value(event).expect("an event")
    });
    numbered.collect()
}

#[test]
fn a_streamed_response_hands_over_the_same() {
    let events = events();
    assert_eq!(
        output(&streamed(&events)),
        &json!([{"role": "assistant", "parts": parts(), "finish_reason": "tool_calls"}])
    );
    // Dropped after the first half of the first thought.
    let dropped = streamed(&events[..3]);
    assert_eq!(
        output(&dropped).pointer("/0/parts"),
        Some(&json!([{"type": "reasoning", "content": "A t"}]))
    );
}

#[test]
fn paragraphs_and_refusals_are_put_together() {
    let event = |kind: &str, more: Value| -> ResponseStreamEvent {
        let mut event = json!({"type": kind, "sequence_number": 1, "item_id": "i", "output_index": 0,
            "content_index": 0});
        event.as_object_mut().expect("members").extend(more.as_object().cloned().expect("members"));
        serde_json::from_value(event).expect(kind)
    };
    let part =
        |place: u32| json!({"summary_index": place, "part": {"type": "summary_text", "text": ""}});
    let summary = |place: u32, delta: &str| json!({"summary_index": place, "delta": delta});
    let streamed = streamed(&[
        event("response.reasoning_summary_part.added", part(0)),
        event("response.reasoning_summary_text.delta", summary(0, "A tide.")),
        event("response.reasoning_summary_part.added", part(1)),
        event("response.reasoning_summary_text.delta", summary(1, "A time.")),
        event("response.refusal.delta", json!({"delta": "No"})),
        event("response.refusal.delta", json!({"delta": "."})),
    ]);
    assert_eq!(
        output(&streamed).pointer("/0/parts"),
        Some(&json!([{"type": "reasoning", "content": "A tide.\n\nA time."}, text("No.")]))
    );
}

#[test]
fn a_streamed_chat_is_put_together() {
    let chunk = |index: u32, delta: Value, reason: Value| -> CreateChatCompletionStreamResponse {
        serde_json::from_value(json!({"id": "c", "object": "chat.completion.chunk", "created": 1,
            "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}))
        .expect("a chunk")
    };
    let call = |index: u32, id: Value, name: Value, arguments: &str| {
        json!({"tool_calls": [{"index": index, "id": id, "type": "function",
            "function": {"name": name, "arguments": arguments}}]})
    };
    let none = || json!(null);
    let streamed = streamed(&[
        chunk(0, json!({"role": "assistant", "content": ""}), none()),
        chunk(1, json!({"content": "At "}), none()),
        chunk(0, call(0, json!("call_1"), json!("tide"), ""), none()),
        chunk(0, call(1, json!("call_2"), json!("now"), "{}"), none()),
        chunk(1, json!({"content": "14:20."}), none()),
        chunk(0, call(0, none(), none(), "{\"at\":"), none()),
        chunk(0, call(0, none(), none(), "\"Husum\"}"), none()),
        chunk(0, json!({}), json!("tool_calls")),
        chunk(1, json!({"refusal": " No more."}), none()),
        chunk(1, json!({}), json!("stop")),
    ]);
    assert_eq!(
        output(&streamed),
        &json!([
            {"role": "assistant", "finish_reason": "tool_calls", "parts": [
                {"type": "tool_call", "id": "call_1", "name": "tide", "arguments": {"at": "Husum"}},
                {"type": "tool_call", "id": "call_2", "name": "now", "arguments": {}}]},
            {"role": "assistant", "finish_reason": "stop", "parts": [text("At 14:20. No more.")]}
        ])
    );
}

/// As JSON, all of this hands over the same.
#[test]
fn content_agrees_with_its_json() {
    let chat: CreateChatCompletionRequest =
        serde_json::from_value(conversation()).expect("a request");
    assert_eq!(asked(&chat), asked(&conversation()));
    let responses: CreateResponse = serde_json::from_value(items()).expect("a request");
    assert_eq!(asked(&responses), asked(&items()));
    let whole = whole("completed");
    let response: Response = serde_json::from_value(whole.clone()).expect("a response");
    assert_eq!(answered(&response), answered(&whole));
}

/// What takes no more is not even looked at: of 50 MB a bounded copy is made.
#[test]
fn a_prompt_of_any_size_costs_bounded_memory() {
    let long = "tide ".repeat(10 << 20);
    let short: Vec<_> =
        (0..100_000).map(|_| ChatCompletionRequestUserMessage::from("").into()).collect();
    for messages in [vec![ChatCompletionRequestUserMessage::from(long).into()], short] {
        let request =
            CreateChatCompletionRequest { messages, ..CreateChatCompletionRequest::default() };
        let mut finished = Vec::new();
        let copied = allocation_counter::measure(|| {
            finished =
                __finished(ContentLimits::new(), Vec::new(), false, Dialect::Released, |content| {
                    request.capture(content);
                });
        });
        let (_, text, cut) = finished.pop().expect("content");
        assert!(cut && text.is_some_and(|text| text.len() <= 64 * 1024));
        assert!(copied.bytes_max < 4 << 20, "{} bytes at once", copied.bytes_max);
    }
}

/// An item that is too long to be written out is told of by its type.
#[test]
fn an_item_that_is_too_long_is_left_out() {
    let mut long = whole("completed");
    long["output"] = json!([{"type": "code_interpreter_call", "id": "ci_1", "status": "completed",
        "code": "1 + ".repeat(20_000), "container_id": "cntr_1", "outputs": null}]);
    let response: Response = serde_json::from_value(long).expect("a response");
    let mut finished =
        __finished(ContentLimits::new(), Vec::new(), false, Dialect::Released, |content| {
            response.capture(content);
        });
    let (_, text, cut) = finished.pop().expect("content");
    let text: Value = serde_json::from_str(&text.expect("what is left")).expect("JSON");
    assert!(cut);
    assert_eq!(text.pointer("/0/parts"), Some(&json!([{"type": "code_interpreter_call"}])));
}
