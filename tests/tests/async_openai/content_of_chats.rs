//! What chats, completions and embeddings hand over where content is captured.

use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionResponse,
    CreateChatCompletionStreamResponse,
};
use async_openai::types::completions::{CreateCompletionRequest, CreateCompletionResponse};
use async_openai::types::embeddings::CreateEmbeddingRequest;
use llmobs_runtime::content::{__finished, ContentLimits};
use llmobs_runtime::conventions::Dialect;
use llmobs_runtime::{LlmRequest, LlmResponse};
use serde_json::{Value, json};

use crate::content::{
    Contents, PIXEL, answered, asked, contents, input, one, output, streamed, text, tools,
};

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

/// As JSON, it hands over the same.
#[test]
fn the_content_of_a_chat_agrees_with_its_json() {
    let request: CreateChatCompletionRequest =
        serde_json::from_value(conversation()).expect("a request");
    assert_eq!(asked(&request), asked(&conversation()));
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
