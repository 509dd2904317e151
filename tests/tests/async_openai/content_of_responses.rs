//! What the Responses API hands over where content is captured.

use async_openai::types::responses::{CreateResponse, Response, ResponseStreamEvent};
use llmobs_runtime::LlmResponse;
use llmobs_runtime::content::{__finished, ContentLimits};
use llmobs_runtime::conventions::{Dialect, attr};
use serde_json::{Value, json};

use crate::content::{Contents, PIXEL, answered, asked, input, one, output, streamed, text, tools};

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

/// As JSON, all of this hands over the same.
#[test]
fn the_content_of_responses_agrees_with_their_json() {
    let request: CreateResponse = serde_json::from_value(items()).expect("a request");
    assert_eq!(asked(&request), asked(&items()));
    let whole = whole("completed");
    let response: Response = serde_json::from_value(whole.clone()).expect("a response");
    assert_eq!(answered(&response), answered(&whole));
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
