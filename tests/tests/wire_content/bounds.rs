//! What is not captured: too much, too deep, bytes, and what is secret.

use super::*;

fn question(content: &Value) -> Value {
    json!({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]})
}

fn captured_of(request: &Value, limits: ContentLimits) -> (Captured, bool) {
    captured_within(limits, false, Dialect::Latest, |content| LlmRequest::capture(request, content))
}

#[test]
fn a_prompt_of_50_megabytes_is_cut_to_the_limit() {
    let prompt = "When is high water? ".repeat(50 * 1024 * 1024 / 20);
    let limits = ContentLimits::new().attribute_bytes(4_000);
    for request in [
        question(&json!(prompt)),
        question(&json!([{"type": "text", "text": prompt}])),
        json!({"prompt": prompt}),
        json!({"input": prompt}),
        json!({"input": [{"type": "function_call_output", "call_id": "1", "output": prompt}]}),
        json!({"messages": [{"role": "assistant", "tool_calls": [
            {"id": "1", "function": {"name": "f", "arguments": format!("{{\"x\":\"{prompt}\"}}")}}
        ]}]}),
    ] {
        let (captured, cut) = captured_of(&request, limits);
        let text = captured["input"].to_string();
        assert!(cut && text.len() <= 4_000 && text.len() > 3_000, "{}", text.len());
    }
    let bytes = question(&json!(prompt)).to_string();
    let (captured, _) = captured_within(limits, false, Dialect::Latest, |content| {
        LlmRequest::capture(&Body(bytes.as_bytes()), content);
    });
    assert!(captured.is_empty(), "bytes beyond 16 MiB are not parsed");
}

#[test]
fn what_takes_no_text_takes_room_too() {
    let many = vec![json!({}); 1_000_000];
    let limits = ContentLimits::new();
    let at_most = 64 * 1024 / 8;
    let request = json!({"messages": many, "tools": [], "system": vec![""; 1_000_000]});
    let (captured, cut) = captured_of(&request, limits);
    assert!(cut && captured["input"].as_array().is_some_and(|list| list.len() < at_most));
    let (captured, cut) = captured_of(&question(&json!(many)), limits);
    let parts = captured["input"][0]["parts"].as_array().map(Vec::len);
    assert!(cut && parts.is_some_and(|parts| parts > 100 && parts < at_most), "{parts:?}");
    let blocks = json!([{"type": "tool_result", "tool_use_id": "1", "content": many}]);
    let (captured, cut) = captured_of(&question(&blocks), limits);
    assert!(cut && captured["input"].to_string().len() <= 64 * 1024);
}

#[test]
fn what_nests_too_deep_is_left_out() {
    let deep = (0..50).fold(json!("ground"), |deep, _| json!({"level": [deep]}));
    for request in [
        question(&json!([{"type": "hologram", "inside": deep}])),
        question(&json!([{"type": "tool_use", "id": "1", "name": "dig", "input": deep}])),
        question(&json!([{"type": "tool_result", "tool_use_id": "1", "content": deep}])),
        json!({"input": [{"type": "function_call", "name": "dig", "arguments": deep.to_string()}]}),
        json!({"tools": [{"type": "function", "function": {"name": "dig", "parameters": deep}}]}),
    ] {
        let (captured, cut) = captured_of(&request, ContentLimits::new());
        assert!(cut && !captured.is_empty(), "{request}");
        let text = json!(captured).to_string();
        assert!(text.contains("level") && !text.contains("ground"), "{text}");
        assert!(mistakes(&validators(Dialect::Latest), &captured).is_empty());
    }
}

/// Keys for remote tools, and what only the provider can read.
#[test]
fn credentials_stay_where_they_are() {
    let secret = "sk-MARK";
    let request = json!({
        "input": [{"type": "reasoning", "summary": [], "encrypted_content": secret},
                  {"type": "compaction", "id": "1", "encrypted_content": secret}],
        "tools": [{"type": "mcp", "server_label": "boats", "authorization": secret,
                   "headers": {"Authorization": secret}, "server_url": format!("https://{secret}@example.org")},
                  {"type": "function", "function": {"name": "f", "strict": secret}}],
        "metadata": {"key": secret}, "user": secret, "safety_identifier": secret,
        "mcp_servers": [{"type": "url", "authorization_token": secret}],
    });
    let response = json!({"type": "message", "role": "assistant", "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": secret},
        {"type": "redacted_thinking", "data": secret},
        {"type": "web_search_tool_result", "tool_use_id": "1", "content": [
            {"type": "web_search_result", "title": "Tides", "encrypted_content": secret}]}]});
    let captured = captured(Dialect::Released, &request, &response);
    assert_eq!(captured.keys().collect::<Vec<_>>(), ["input", "output", "tools"]);
    assert!(!json!(captured).to_string().contains(secret), "{captured:#?}");
}

const BYTES: &str = "iVBORw0KGgoAAAANSUhEUg==";

/// Where bytes may stand in a request or a response.
fn with_bytes() -> (Value, Value) {
    let uri = format!("data:image/png;base64,{BYTES}");
    let source = json!({"type": "base64", "media_type": "image/png", "data": BYTES});
    let request = json!({"input": [
        {"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": uri}},
            {"type": "input_image", "image_url": uri},
            {"type": "input_audio", "input_audio": {"data": BYTES, "format": "flac"}},
            {"type": "file", "file": {"file_data": BYTES}},
            {"type": "image", "source": source},
            {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "image", "source": source}]},
            {"type": "hologram", "source": source, "b64_json": BYTES, "uri": uri}]},
        {"role": "tool", "content": [{"type": "image", "source": source}, {"type": "image_url", "image_url": {"url": uri}}]},
        {"type": "function_call_output", "call_id": "1", "output": [{"type": "input_image", "image_url": uri}]}]});
    let response = json!({"output": [{"type": "image_generation_call", "result": BYTES}]});
    (request, response)
}

#[test]
fn bytes_are_left_out_unless_the_policy_inlines_them() {
    let (request, response) = with_bytes();
    let count = |inline_blobs: bool| {
        let limits = ContentLimits::new();
        let (captured, cut) = captured_within(limits, inline_blobs, Dialect::Latest, |content| {
            LlmRequest::capture(&request, content);
            LlmResponse::capture(&response, content);
        });
        assert!(!cut && mistakes(&validators(Dialect::Latest), &captured).is_empty());
        json!(captured).to_string().matches(BYTES).count()
    };
    assert_eq!(count(false), 0);
    let all = format!("{request}{response}").matches(BYTES).count();
    assert_eq!(count(true), all);
}

/// A blob that does not fit is no blob: half an image is none.
#[test]
fn bytes_are_inlined_whole_or_not_at_all() {
    let request = question(&json!([{"type": "image", "source":
        {"type": "base64", "media_type": "image/png", "data": BYTES.repeat(100)}}]));
    let limits = ContentLimits::new().attribute_bytes(1_000);
    let (captured, cut) = captured_within(limits, true, Dialect::Latest, |content| {
        LlmRequest::capture(&request, content);
    });
    assert!(cut && !json!(captured).to_string().contains(BYTES));
}
