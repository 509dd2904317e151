//! One attribute on a function that returns a stream of the client's.

use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
    CreateChatCompletionStreamResponse as ChatChunk,
};
use async_openai::types::responses::{CreateResponse, ResponseStreamEvent as Event};
use futures::stream::{self, BoxStream, StreamExt};
use llmobs_runtime::content::ContentCapture;
use llmobs_runtime::conventions::attr;
use llmobs_runtime::instrument_llm;
use llmobs_tests::{Recorded, Recorder};
use serde_json::{Value, json};

/// The types of streams that the client returns, under its names for them.
type ChatCompletionResponseStream = BoxStream<'static, Result<ChatChunk, OpenAIError>>;
type ResponseStream = BoxStream<'static, Result<Event, OpenAIError>>;

#[instrument_llm(provider = "openai", request = request)]
async fn chat(
    request: CreateChatCompletionRequest,
    fail: bool,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    let chunk = |choices: Value, usage: Value| -> Result<ChatChunk, OpenAIError> {
        let model = &request.model;
        let body = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": format!("{model}-2026"), "choices": choices, "usage": usage});
        Ok(serde_json::from_value(body).expect("a chunk"))
    };
    let choice = |delta: Value, reason: Value| json!([{"index": 0, "delta": delta, "finish_reason": reason}]);
    let mut chunks = vec![
        chunk(choice(json!({"role": "assistant", "content": "At "}), json!(null)), json!(null)),
        chunk(choice(json!({"content": "14:20."}), json!(null)), json!(null)),
    ];
    if fail {
        chunks.push(Err(OpenAIError::StreamError(Box::new(
            async_openai::error::StreamError::EventStream("marked: At 14:20.".into()),
        ))));
    } else {
        let usage = json!({"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17});
        chunks.push(chunk(choice(json!({}), json!("stop")), json!(null)));
        chunks.push(chunk(json!([]), usage));
    }
    Ok(stream::iter(chunks).boxed())
}

fn question() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: "m".into(),
        stream: Some(true),
        messages: vec![ChatCompletionRequestUserMessage::from("When?").into()],
        ..CreateChatCompletionRequest::default()
    }
}

fn json_of(span: &Recorded, key: &str) -> Option<Value> {
    span.text(key).map(|text| serde_json::from_str(&text).expect("JSON"))
}

#[tokio::test]
async fn a_chat_that_streams_is_recorded() {
    let recorder = Recorder::new();
    let mut answer = chat(question(), false).await.expect("a stream");
    let mut chunks = 0;
    while let Some(chunk) = answer.next().await {
        chunk.expect("a chunk");
        chunks += 1;
    }
    drop(answer);
    assert_eq!(chunks, 4);
    let span = recorder.span();
    let text = |key| span.text(key);
    assert_eq!(text(attr::GEN_AI_REQUEST_MODEL.row().key).as_deref(), Some("m"));
    assert_eq!(text(attr::GEN_AI_RESPONSE_MODEL.row().key).as_deref(), Some("m-2026"));
    assert_eq!(text(attr::GEN_AI_RESPONSE_ID.row().key).as_deref(), Some("chatcmpl-1"));
    assert_eq!(text(attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key).as_deref(), Some("[\"stop\"]"));
    assert_eq!(span.int(attr::GEN_AI_USAGE_INPUT_TOKENS.row().key), Some(12));
    assert_eq!(span.int(attr::GEN_AI_USAGE_OUTPUT_TOKENS.row().key), Some(5));
    assert_eq!(text(attr::ERROR_TYPE.row().key), None);
    // Nobody asked for content.
    assert_eq!(text(attr::GEN_AI_INPUT_MESSAGES.row().key), None);
    assert_eq!(text(attr::GEN_AI_OUTPUT_MESSAGES.row().key), None);
}

#[tokio::test]
async fn a_chat_that_streams_hands_over_its_content() {
    let recorder = Recorder::built(|builder| builder.capture_content(ContentCapture::SpanOnly));
    let answer = chat(question(), false).await.expect("a stream");
    assert_eq!(answer.count().await, 4);
    let span = recorder.span();
    assert_eq!(
        json_of(&span, attr::GEN_AI_INPUT_MESSAGES.row().key),
        Some(json!([{"role": "user", "parts": [{"type": "text", "content": "When?"}]}]))
    );
    assert_eq!(
        json_of(&span, attr::GEN_AI_OUTPUT_MESSAGES.row().key)
            .as_ref()
            .and_then(|messages| messages.pointer("/0/parts")),
        Some(&json!([{"type": "text", "content": "At 14:20."}]))
    );
}

#[tokio::test]
async fn a_chat_that_breaks_off_tells_no_content() {
    let recorder = Recorder::new();
    let answer = chat(question(), true).await.expect("a stream");
    assert!(answer.collect::<Vec<_>>().await.last().is_some_and(Result::is_err));
    let span = recorder.span();
    assert!(span.text(attr::ERROR_TYPE.row().key).is_some());
    assert_eq!(span.text(attr::GEN_AI_RESPONSE_MODEL.row().key).as_deref(), Some("m-2026"));
    assert!(!format!("{span:?}").contains("14:20"));
}

#[instrument_llm(provider = "openai", request = request)]
async fn respond(
    request: CreateResponse,
    events: Vec<Event>,
) -> Result<ResponseStream, OpenAIError> {
    let _ = request;
    Ok(stream::iter(events.into_iter().map(Ok)).boxed())
}

fn event(kind: &str, status: &str, more: &Value) -> Event {
    let mut response = json!({"id": "resp_1", "object": "response", "created_at": 1,
        "status": status, "model": "m-2026", "output": []});
    if let (Some(response), Some(more)) = (response.as_object_mut(), more.as_object()) {
        response.extend(more.clone());
    }
    let event = json!({"type": kind, "sequence_number": 0, "response": response});
    serde_json::from_value(event).expect("an event")
}

#[tokio::test]
async fn a_response_that_streams_is_recorded() {
    let recorder = Recorder::latest();
    let request = || CreateResponse { model: Some("m".into()), ..CreateResponse::default() };
    let usage = json!({"usage": {
        "input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 16
    }});
    let error = json!({"error": {"code": "rate_limit_exceeded", "message": "marked"}});
    let begun = || event("response.created", "in_progress", &json!({}));
    for events in [
        vec![begun(), event("response.completed", "completed", &usage)],
        vec![begun(), event("response.failed", "failed", &error)],
        vec![begun()],
    ] {
        let answer = respond(request(), events).await.expect("a stream");
        // Dropped after the last event: who has it has all.
        let count = answer.take(2).count().await;
        assert!(count > 0);
    }
    let spans = recorder.spans();
    let [whole, failed, broken_off] = spans.as_slice() else { panic!("not three") };
    assert_eq!(whole.text(attr::ERROR_TYPE.row().key), None);
    assert_eq!(
        whole.text(attr::GEN_AI_RESPONSE_FINISH_REASONS.row().key).as_deref(),
        Some("[\"stop\"]")
    );
    assert_eq!(whole.int(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS.row().key), Some(4));
    assert_eq!(failed.text(attr::ERROR_TYPE.row().key).as_deref(), Some("rate_limit_exceeded"));
    assert!(!format!("{failed:?}").contains("marked"));
    assert_eq!(broken_off.text(attr::GEN_AI_RESPONSE_MODEL.row().key).as_deref(), Some("m-2026"));
    assert_eq!(broken_off.int(attr::GEN_AI_USAGE_INPUT_TOKENS.row().key), None);
}
