//! What is captured of a stream is what is captured of the whole answer.

use async_openai::types::responses::{Response, ResponseStreamEvent};
use llmobs_runtime::payload::Progress;
use llmobs_runtime::{Fields, LlmChunk, Streamed};

use super::*;

/// What the chunks of a stream hand over.
fn streamed<C: LlmChunk>(dialect: Dialect, chunks: &[C]) -> Captured {
    let (captured, cut) = captured_within(ContentLimits::new(), false, dialect, |content| {
        let (mut fields, mut progress) = (Fields::default(), Progress::default());
        for chunk in chunks {
            let content = Some(&mut *content);
            chunk.record(&mut Streamed::new(&mut fields, &mut progress, content));
        }
    });
    assert!(!cut);
    captured
}

/// What a whole answer hands over.
fn whole(dialect: Dialect, response: &impl LlmResponse) -> Captured {
    let (captured, cut) =
        captured_within(ContentLimits::new(), false, dialect, |content| response.capture(content));
    assert!(!cut);
    captured
}

/// Asserts that a stream hands over what the answer does, as values and as bytes.
#[track_caller]
fn assert_same(events: &[Value], response: &Value) {
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    let bodies: Vec<_> = texts.iter().map(|text| Body(text.as_bytes())).collect();
    for dialect in DIALECTS {
        let whole = whole(dialect, response);
        assert!(whole.contains_key("output"));
        assert_eq!(streamed(dialect, events), whole, "{dialect:?}");
        assert_eq!(streamed(dialect, &bodies), whole, "{dialect:?}");
        let mistakes = mistakes(&validators(dialect), &whole);
        assert!(mistakes.is_empty(), "{mistakes:?}");
    }
}

/// A text in two pieces.
fn halves(text: &str) -> [&str; 2] {
    text.split_at(text.floor_char_boundary(text.len() / 2)).into()
}

/// The answer of the Responses API in the shape that its client crate reads, with items of every kind.
fn response() -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "gpt-5",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Ein Hochwasser."}]},
            {"type": "web_search_call", "id": "ws_1", "status": "completed",
                "action": {"type": "search", "query": "tide husum", "queries": ["tide husum"]}},
            {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["tides"],
                "results": [{"file_id": "file-1", "filename": "tides.pdf", "score": 0.5,
                    "text": "High water 14:20", "attributes": {"year": "2025"}}]},
            {"type": "mcp_list_tools", "id": "l_1", "server_label": "boats",
                "tools": [{"name": "berths", "input_schema": {"type": "object"}}]},
            {"type": "mcp_approval_request", "id": "ar_1", "server_label": "boats", "name": "berths",
                "arguments": "{}"},
            {"type": "mcp_call", "id": "mcp_1", "name": "berths", "server_label": "boats",
                "arguments": "{\"at\":\"Husum\"}", "output": "none free", "status": "completed"},
            {"type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "1 + 1",
                "container_id": "cntr_1", "outputs": [{"type": "logs", "logs": "2"}]},
            {"type": "image_generation_call", "id": "ig_1", "status": "completed", "output_format": "png",
                "result": "iVBORw0KGgoAAAANSUhEUg=="},
            {"type": "computer_call", "id": "cu_1", "call_id": "call_3", "status": "completed",
                "pending_safety_checks": [], "action": {"type": "wait"}},
            {"type": "computer_call", "id": "cu_2", "call_id": "call_4", "status": "completed",
                "pending_safety_checks": [], "actions": [{"type": "wait"}, {"type": "screenshot"}]},
            {"type": "local_shell_call", "id": "ls_1", "call_id": "call_5", "status": "completed",
                "action": {"command": ["ls"], "env": {}}},
            {"type": "apply_patch_call", "id": "ap_1", "call_id": "call_6", "status": "completed",
                "operation": {"type": "delete_file", "path": "tide.txt"}},
            {"type": "tool_search_output", "id": "ts_1", "call_id": "call_8", "execution": "server",
                "status": "completed", "tools": [{"type": "mcp", "server_label": "boats",
                    "server_url": "https://example.org", "authorization": "marked"}]},
            {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAAB"},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "tide",
                "arguments": "{\"at\":\"Büsum\"}", "status": "completed"},
            {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "shell", "input": "date"},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
                {"type": "output_text", "text": "Um 14:20 Uhr – früh.", "annotations": []}]}
        ]
    })
}

/// The events that build an answer of the Responses API.
fn events_of_response(response: &Value) -> Vec<Value> {
    let mut events = vec![json!({"type": "response.created", "response": {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress",
        "model": "gpt-5", "output": []}})];
    for (place, item) in response["output"].as_array().expect("items").iter().enumerate() {
        let mut begun = item.clone();
        for later in ["arguments", "input", "code"] {
            if let Some(text) = begun.get_mut(later) {
                *text = json!("");
            }
        }
        if begun["type"] == "message" {
            begun["content"] = json!([]);
        }
        if begun["type"] == "reasoning" {
            begun["summary"] = json!([]);
        }
        events.push(
            json!({"type": "response.output_item.added", "output_index": place, "item": begun}),
        );
        let (kind, text) = match item["type"].as_str() {
            Some("reasoning") => ("reasoning_summary_text.delta", item.pointer("/summary/0/text")),
            Some("message") => ("output_text.delta", item.pointer("/content/0/text")),
            Some("function_call") => ("function_call_arguments.delta", item.get("arguments")),
            Some("custom_tool_call") => ("custom_tool_call_input.delta", item.get("input")),
            Some("mcp_call") => ("mcp_call_arguments.delta", item.get("arguments")),
            Some("code_interpreter_call") => ("code_interpreter_call_code.delta", item.get("code")),
            _ => ("", None),
        };
        for delta in halves(text.and_then(Value::as_str).unwrap_or_default()) {
            if !delta.is_empty() {
                events.push(
                    json!({"type": format!("response.{kind}"), "item_id": "i", "delta": delta,
                    "output_index": place, "content_index": 0, "summary_index": 0}),
                );
            }
        }
        events.push(
            json!({"type": "response.output_item.done", "output_index": place, "item": item}),
        );
    }
    events.push(json!({"type": "response.completed", "response": response}));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events
}

#[test]
fn items_of_a_streamed_response_are_those_of_the_whole() {
    let response = response();
    assert_same(&events_of_response(&response), &response);
    let captured = whole(Dialect::Released, &response);
    let parts = captured["output"][0]["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), 17);
    assert_eq!(parts[12], json!({"type": "tool_search_output", "id": "ts_1"}));
    assert!(!captured["output"].to_string().contains("marked"));
}

/// What a client crate hands over, of the whole and of the stream.
#[test]
fn raw_items_are_what_those_of_the_client_crate_are() {
    let response = response();
    let typed: Response = serde_json::from_value(response.clone()).expect("a response");
    let events = events_of_response(&response);
    let typed_events: Vec<ResponseStreamEvent> = events
        .iter()
        .map(|event| {
            serde_json::from_value(event.clone()).unwrap_or_else(|e| panic!("{event}: {e}"))
        })
        .collect();
    for dialect in DIALECTS {
        assert_eq!(whole(dialect, &typed), whole(dialect, &response));
        assert_eq!(streamed(dialect, &typed_events), streamed(dialect, &events));
    }
}

/// A message of Anthropic's, with blocks of every kind.
fn message() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "stop_reason": "tool_use",
        "content": [
            {"type": "compaction", "content": "Wir sprachen über Häfen."},
            {"type": "thinking", "thinking": "Erst suchen – dann rechnen.", "signature": "EqQBCgIYAh"},
            {"type": "redacted_thinking", "data": "EmwKAhgB"},
            {"type": "text", "text": "I look it up."},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search",
                "input": {"query": "tide husum"}},
            {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
                {"type": "web_search_result", "url": "https://example.org", "title": "Tides",
                    "encrypted_content": "EqgfCio", "page_age": null}]},
            {"type": "server_tool_use", "id": "srvtoolu_2", "name": "bash_code_execution",
                "input": {"command": "date"}},
            {"type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_2",
                "content": {"type": "bash_code_execution_result", "stdout": "Sunday", "return_code": 0}},
            {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "berths", "server_name": "boats",
                "input": {"at": "Husum"}},
            {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false,
                "content": [{"type": "text", "text": "none free"}]},
            {"type": "container_upload", "file_id": "file_2"},
            {"type": "text", "text": "At 14:20."},
            {"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {"at": "Büsum"}},
            {"type": "tool_use", "id": "toolu_2", "name": "photo", "input": {"of": ["Husum", 1]}}
        ]
    })
}

/// The events that build a message of Anthropic's. The input of the calls for which `pieces` holds comes in pieces.
fn events_of_message(message: &Value, pieces: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut begun = message.clone();
    begun["content"] = json!([]);
    begun["stop_reason"] = Value::Null;
    let mut events = vec![json!({"type": "message_start", "message": begun})];
    for (place, block) in message["content"].as_array().expect("blocks").iter().enumerate() {
        let mut begun = block.clone();
        let mut deltas = Vec::new();
        let mut later = |key: &str, empty: Value, kind: &str, name: &str, text: String| {
            begun[key] = empty;
            deltas.extend(halves(&text).map(|half| json!({"type": kind, name: half})));
        };
        let text = |key: &str| block[key].as_str().unwrap_or_default().to_owned();
        match block["type"].as_str() {
            Some("text") => later("text", json!(""), "text_delta", "text", text("text")),
            Some("thinking") => {
                later("thinking", json!(""), "thinking_delta", "thinking", text("thinking"));
                deltas.push(json!({"type": "signature_delta", "signature": "EqQBCgIYAh"}));
            }
            Some("compaction") => {
                begun["content"] = Value::Null;
                deltas.push(json!({"type": "compaction_delta", "content": block["content"]}));
            }
            _ if block.get("input").is_some() && pieces(block) => {
                let input = block["input"].to_string();
                later("input", json!({}), "input_json_delta", "partial_json", input);
            }
            _ => {}
        }
        events.push(json!({"type": "content_block_start", "index": place, "content_block": begun}));
        for delta in deltas {
            events.push(json!({"type": "content_block_delta", "index": place, "delta": delta}));
        }
        events.push(json!({"type": "content_block_stop", "index": place}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": message["stop_reason"]},
        "usage": {"output_tokens": 5}}));
    events.push(json!({"type": "message_stop"}));
    events
}

#[test]
fn blocks_of_a_streamed_message_are_those_of_the_whole() {
    let message = message();
    assert_same(&events_of_message(&message, |_| false), &message);
    assert_same(&events_of_message(&message, |block| block["type"] == "tool_use"), &message);
    assert_same(&events_of_message(&message, |_| true), &message);
    // Input that nothing follows for is what it is, and stays apart from that of the next call.
    let mut none = message;
    none["content"][4]["input"] = json!({});
    none["content"][12]["input"] = json!({});
    assert_same(&events_of_message(&none, |block| block["input"] != json!({})), &none);
}

/// The answers of the other tests, as streams.
#[test]
fn recorded_answers_are_the_same_as_streams() {
    let mut compared = 0;
    for Case { name, response, .. } in cases() {
        let events = match name.as_str() {
            "responses_tools" => events_of_response(&response),
            "anthropic" => events_of_message(&response, |block| block["type"] == "tool_use"),
            _ => continue,
        };
        assert_same(&events, &response);
        compared += 1;
    }
    assert_eq!(compared, 2);
}

/// A server that names no type of an item, or repeats what it has sent in pieces, is not captured twice.
#[test]
fn what_came_in_pieces_is_not_repeated() {
    let done = |item: Value| json!({"type": "response.output_item.done", "item": item});
    let said = json!([{"type": "output_text", "text": "all"}]);
    let events = [
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": "all"}),
        done(json!({"type": "message", "content": said})),
        done(json!({"content": said})),
        done(json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "all"}]})),
        done(json!("all")),
    ];
    let captured = streamed(Dialect::Latest, &events);
    assert_eq!(captured["output"][0]["parts"], json!([{"type": "text", "content": "all"}]));
}

#[test]
fn whole_items_of_any_size_are_held_to_the_limit() {
    let logs = "2".repeat(1024 * 1024);
    let item = json!({"type": "response.output_item.done", "item": {"type": "code_interpreter_call",
        "id": "ci_1", "outputs": [{"type": "logs", "logs": logs}]}});
    let block = json!({"type": "content_block_start", "content_block": {
        "type": "bash_code_execution_tool_result", "tool_use_id": "s", "content": {"stdout": logs}}});
    let limits = ContentLimits::new().attribute_bytes(2_000);
    for chunk in [item, block] {
        let (captured, cut) = captured_within(limits, false, Dialect::Latest, |content| {
            let (mut fields, mut progress) = (Fields::default(), Progress::default());
            for _ in 0..1_000 {
                let content = Some(&mut *content);
                LlmChunk::record(&chunk, &mut Streamed::new(&mut fields, &mut progress, content));
            }
        });
        let text = captured["output"].to_string();
        assert!(cut && text.len() <= 2_000 && text.len() > 500, "{}", text.len());
    }
}

#[test]
fn where_nothing_is_captured_nothing_is_copied() {
    for events in [events_of_response(&response()), events_of_message(&message(), |_| false)] {
        let (mut fields, mut progress) = (Fields::default(), Progress::default());
        for event in events {
            let kind = event["type"].as_str().unwrap_or_default();
            if !kind.starts_with("response.output_item.") && !kind.starts_with("content_block_") {
                continue;
            }
            // That there was a compaction is said of the call whatever is captured: room for it is there.
            fields.set(llmobs_runtime::conventions::attr::GEN_AI_CONVERSATION_COMPACTED, &true);
            let allocated = allocation_counter::measure(|| {
                LlmChunk::record(&event, &mut Streamed::new(&mut fields, &mut progress, None));
            });
            assert_eq!(allocated.count_total, 0, "{event}");
        }
    }
}
