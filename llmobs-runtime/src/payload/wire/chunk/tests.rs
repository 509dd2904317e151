//! What of the content of chunks is captured.

use serde_json::{Value, json};

use crate::content::{Content, Kind, Kinds, Policy};
use crate::conventions::Dialect;
use crate::payload::wire::Body;
use crate::payload::{Fields, LlmChunk, Progress, Streamed};

/// The messages that come of these chunks.
fn captured<C: LlmChunk>(chunks: impl IntoIterator<Item = C>) -> Value {
    let (mut fields, mut progress) = (Fields::default(), Progress::default());
    let policy = Policy::default();
    let mut content = Content::new(Kinds::NONE.with(Kind::Output), &policy);
    for chunk in chunks {
        chunk.record(&mut Streamed::new(&mut fields, &mut progress, Some(&mut content)));
    }
    let finished = content.finish(&policy, Dialect::Released).unwrap_or_default();
    let text = finished.values().next().map(|(_, messages)| messages.to_text());
    text.map(|text| serde_json::from_str(&text).expect("JSON")).unwrap_or_default()
}

/// The messages that come of the frames of a recorded stream.
fn recorded(name: &str) -> Value {
    let path = format!("{}/../tests/data/streams/{name}.sse", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a fixture");
    let frames: Vec<String> = text
        .split("\n\n")
        .map(|frame| frame.lines().filter_map(|line| line.strip_prefix("data:")).collect())
        .collect();
    captured(frames.iter().map(|frame| Body(frame.as_bytes())))
}

fn message(reason: &str, parts: &Value) -> Value {
    json!({"role": "assistant", "parts": parts, "finish_reason": reason})
}

#[test]
fn the_pieces_of_an_answer_are_put_together() {
    let text = |text: &str| json!([{"type": "text", "content": text}]);
    let german = "Grüße aus Zürich – 雪が降る 🏔️.";
    assert_eq!(recorded("chat"), json!([message("stop", &text(german))]));
    assert_eq!(recorded("chat_azure"), json!([message("length", &text("Le ciel est déjà bleu"))]));
    assert_eq!(recorded("chat_cumulative"), json!([message("stop", &text("Eins, zwei, drei"))]));
    assert_eq!(recorded("completion"), json!([message("stop", &text("\n\nEs schneit"))]));
    assert_eq!(recorded("responses_incomplete"), json!([message("length", &text("Es war ein"))]));
    assert_eq!(recorded("messages"), json!([message("end_turn", &text("Olá, São Paulo 🌧"))]));
}

#[test]
fn what_came_before_a_failure_is_there() {
    let parts = json!([{"type": "text", "content": "Once upon"}]);
    assert_eq!(recorded("chat_error"), json!([message("unknown", &parts)]));
    let parts = json!([{"type": "text", "content": "Bevor"}]);
    assert_eq!(recorded("messages_error"), json!([message("unknown", &parts)]));
    assert_eq!(recorded("responses_failed"), Value::Null);
}

#[test]
fn reasoning_stands_before_the_answer() {
    let parts = json!([
        {"type": "reasoning", "content": "Hmm, short."},
        {"type": "text", "content": "Ja — ✓"},
    ]);
    assert_eq!(recorded("chat_compatible"), json!([message("stop", &parts)]));
    let parts = json!([
        {"type": "reasoning", "content": "**Einfach**\n\nKurz gesagt."},
        {"type": "text", "content": "Sommer in Ōsaka 🏯"},
    ]);
    assert_eq!(recorded("responses"), json!([message("stop", &parts)]));
    let mistral = [
        json!({"choices": [{"index": 0, "delta": {"content": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "so "}]},
            {"type": "thinking", "thinking": [{"type": "text", "text": "so"}]},
        ]}}]}),
        json!({"choices": [{"index": 0, "delta": {"content": [{"type": "text", "text": "yes"}]}}]}),
        json!({"choices": [{"index": 0, "delta": {"refusal": " and no"}, "finish_reason": "stop"}]}),
    ];
    let parts = json!([
        {"type": "reasoning", "content": "so so"},
        {"type": "text", "content": "yes and no"},
    ]);
    assert_eq!(captured(mistral), json!([message("stop", &parts)]));
}

#[test]
fn calls_of_tools_are_put_together() {
    let call = |id: &str, name: &str, arguments: Value| json!({"type": "tool_call", "id": id, "name": name, "arguments": arguments});
    let parts = json!([
        call("call_wx1", "get_weather", json!({"city": "Zürich"})),
        call("call_wx2", "get_time", json!({})),
    ]);
    let other = json!([{"type": "text", "content": "Moment …"}]);
    assert_eq!(
        recorded("chat_tools"),
        json!([message("tool_calls", &parts), message("stop", &other)])
    );
    let parts = json!([call("call_r1", "find_train", json!({"to": "Göteborg"}))]);
    assert_eq!(recorded("responses_tools"), json!([message("tool_calls", &parts)]));
    let parts = json!([
        {"type": "reasoning", "content": "Wetter? Werkzeug!"},
        call("toolu_01A", "get_weather", json!({"location": "Tromsø"})),
    ]);
    assert_eq!(recorded("messages_tools"), json!([message("tool_use", &parts)]));
    let legacy = json!({"choices": [{"index": 0, "delta": {"function_call": {"name": "f", "arguments": "[1]"}}}]});
    let parts = json!([{"type": "tool_call", "name": "f", "arguments": [1]}]);
    let custom = json!({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": "c", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
    ]}}]});
    let captured_legacy = captured([legacy]);
    assert_eq!(captured_legacy[0]["parts"][0]["name"], parts[0]["name"]);
    assert_eq!(captured_legacy[0]["parts"][0]["arguments"], parts[0]["arguments"]);
    let parts = captured([custom])[0]["parts"].clone();
    assert_eq!(parts, json!([call("c", "sql", json!("select 1"))]));
}

#[test]
fn an_answer_in_one_piece_is_captured_once() {
    let chat = json!({"object": "chat.completion", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "all"}, "finish_reason": "stop"},
    ]});
    let responses = json!({"object": "response", "status": "completed", "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "all"}]},
    ]});
    let messages = json!({"type": "message", "role": "assistant", "stop_reason": "stop", "content": [
        {"type": "text", "text": "all"},
    ]});
    for body in [chat, responses, messages] {
        let parts = json!([{"type": "text", "content": "all"}]);
        assert_eq!(captured([&body]), json!([message("stop", &parts)]), "{body}");
    }
}
