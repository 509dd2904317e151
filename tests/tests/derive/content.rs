//! Fields that hold content.

use llmobs_runtime::content::{ContentCapture, Json, Kind};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{LlmChunk, LlmRequest, LlmResponse};
use llmobs_tests::{Recorded, Recorder};
use serde_json::{Value, json};

/// The span of a call that `run` hands content to.
fn span(run: impl FnOnce(llmobs_runtime::CallBuilder) -> llmobs_runtime::Call) -> Recorded {
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanOnly));
    run(llmobs_runtime::call(&operation::CHAT).provider("openai")).end();
    recorder.span()
}

fn at(span: &Recorded, key: &str, pointer: &str) -> Option<Value> {
    let all: Value = serde_json::from_str(&span.text(key)?).unwrap();
    all.pointer(pointer).cloned()
}

#[derive(LlmRequest)]
struct Request<T> {
    #[llm(request.model)]
    model: &'static str,
    #[llm(gen_ai.system_instructions)]
    instructions: Option<String>,
    #[llm(nested)]
    inner: Inner,
    #[llm(tool.definitions)]
    tools: T,
}

#[derive(LlmRequest)]
enum Inner {
    Text(#[llm("gen_ai.input.messages")] String),
    Turns {
        #[llm(input.messages, with = |turns| turns.iter().map(|turn| ("user", turn)).collect::<Vec<_>>())]
        turns: Vec<&'static str>,
    },
    #[expect(dead_code, reason = "it has nothing to say")]
    Nothing,
}

#[derive(LlmResponse)]
struct Response(#[llm(output.messages)] String, #[llm(response.id)] &'static str);

/// Content alone.
#[derive(LlmResponse)]
struct OnlyContent<'a> {
    #[llm(output.messages)]
    text: &'a str,
}

#[test]
fn content_goes_where_its_key_says() {
    let tools = Json::List(vec![Json::Object(vec![("name".into(), Json::Text("search".into()))])]);
    let request = Request {
        model: "m",
        instructions: Some("be brief".into()),
        inner: Inner::Text("asked".into()),
        tools,
    };
    let span = span(|call| {
        let mut call = call.request(&request).start();
        call.response(&Response("answered".into(), "r-1"));
        call
    });
    assert_eq!(span.name(), "chat m");
    let content = |key, pointer| at(&span, key, pointer);
    assert_eq!(content("gen_ai.system_instructions", "/0/content"), Some(json!("be brief")));
    assert_eq!(content("gen_ai.input.messages", "/0/parts/0/content"), Some(json!("asked")));
    assert_eq!(content("gen_ai.tool.definitions", "/0/name"), Some(json!("search")));
    assert_eq!(content("gen_ai.output.messages", "/0/parts/0/content"), Some(json!("answered")));
    assert_eq!(span.text("gen_ai.response.id").as_deref(), Some("r-1"));
}

#[test]
fn a_function_of_a_field_is_content_too() {
    let inner = Inner::Turns { turns: vec!["one", "two"] };
    let span = span(|call| call.request(&inner).start());
    assert_eq!(at(&span, "gen_ai.input.messages", "/1/parts/0/content"), Some(json!("two")));
}

#[test]
fn what_is_not_wanted_is_not_looked_for() {
    fn never(_: &str) -> String {
        panic!("not captured")
    }
    #[derive(LlmRequest)]
    struct Careful(#[llm(input.messages, with = |text| never(text))] String);
    let only = llmobs_runtime::content::Kinds::NONE.with(Kind::Output);
    let span = span(|call| {
        let mut call = call.capture_only(only).request(&Careful(String::new())).start();
        call.response(&OnlyContent { text: "answered" });
        call
    });
    assert_eq!(at(&span, "gen_ai.output.messages", "/0/parts/0/content"), Some(json!("answered")));
}

#[derive(LlmChunk)]
struct Piece {
    #[llm(choice)]
    index: usize,
    #[llm(content.text)]
    text: Option<Box<str>>,
    #[llm(content.reasoning)]
    thought: std::borrow::Cow<'static, str>,
    #[llm(content.part)]
    part: Option<llmobs_runtime::content::Part>,
    #[llm(response.finish_reasons)]
    reason: &'static str,
}

#[test]
fn pieces_make_a_message_for_each_choice() {
    let piece = |index, text: &str, thought: &'static str, reason| Piece {
        index,
        text: (!text.is_empty()).then(|| text.into()),
        thought: thought.into(),
        part: None,
        reason,
    };
    let call = llmobs_runtime::content::Part::ToolCall {
        id: Some("c-1".into()),
        name: "search".into(),
        arguments: None,
    };
    let span = span(|call_builder| {
        let mut running = call_builder.start();
        for chunk in [
            piece(0, "", "hm", ""),
            piece(1, "b", "", ""),
            piece(0, "an", "", ""),
            Piece { part: Some(call.clone()), ..piece(1, "", "", "tool_calls") },
            piece(0, "swer", "", "stop"),
        ] {
            running.chunk(&chunk);
        }
        running
    });
    let content = |pointer| at(&span, "gen_ai.output.messages", pointer);
    assert_eq!(content("/0/parts/0/content"), Some(json!("hm")));
    assert_eq!(content("/0/parts/0/type"), Some(json!("reasoning")));
    assert_eq!(content("/0/parts/1/content"), Some(json!("answer")));
    assert_eq!(content("/0/finish_reason"), Some(json!("stop")));
    assert_eq!(content("/1/parts/0/content"), Some(json!("b")));
    assert_eq!(content("/1/parts/1/name"), Some(json!("search")));
    assert_eq!(
        span.text("gen_ai.response.finish_reasons").as_deref(),
        Some("[\"stop\",\"tool_calls\"]")
    );
}
