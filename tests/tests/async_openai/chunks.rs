//! Chunks of streamed answers: what they say, when an answer is whole, and that ordinary ones cost no memory.

use std::collections::BTreeMap;

use async_openai::types::chat::CreateChatCompletionStreamResponse as ChatChunk;
use async_openai::types::completions::CreateCompletionResponse as CompletionChunk;
use async_openai::types::responses::ResponseStreamEvent as Event;
use llmobs_runtime::conventions::attr;
use llmobs_runtime::payload::Progress;
use llmobs_runtime::{Fields, LlmChunk, Streamed};
use llmobs_tests::plain;
use serde_json::{Value, json};

/// A stream as far as it has been read.
#[derive(Default)]
struct Stream {
    fields: Fields,
    progress: Progress,
}

impl Stream {
    fn of<T: LlmChunk>(chunks: &[T]) -> Self {
        let mut stream = Self::default();
        for chunk in chunks {
            stream.read(chunk);
        }
        stream
    }

    fn read(&mut self, chunk: &impl LlmChunk) {
        chunk.record(&mut Streamed::new(&mut self.fields, &mut self.progress, None));
    }

    fn attributes(&self) -> BTreeMap<&'static str, Value> {
        plain(&self.fields)
    }

    fn reasons(&self) -> Vec<String> {
        let reasons = self.progress.finish_reasons().unwrap_or_default();
        reasons.iter().map(|reason| reason.as_str().to_owned()).collect()
    }
}

/// The attributes named, and no others.
macro_rules! assert_exactly {
    ($stream:expr, { $($name:ident: $value:expr),* $(,)? }) => {
        let expected = [$((attr::$name.row().key, json!($value))),*];
        assert_eq!($stream.attributes(), BTreeMap::from(expected));
    };
}

fn chat(body: Value) -> ChatChunk {
    serde_json::from_value(body).expect("a chunk of a chat")
}

fn event(body: Value) -> Event {
    serde_json::from_value(body).expect("an event")
}

/// A chunk with these choices, as the service sends them.
fn of_chat(choices: Value, usage: Value) -> ChatChunk {
    let mut body = json!({
        "id": "chatcmpl-S1", "object": "chat.completion.chunk", "created": 1_757_430_006,
        "model": "gpt-4o-2024-08-06", "service_tier": "default", "system_fingerprint": "fp_9",
        "obfuscation": "aB3"
    });
    body["choices"] = choices;
    body["usage"] = usage;
    chat(body)
}

fn words(index: u32, words: &str) -> ChatChunk {
    let delta = json!({"content": words});
    of_chat(
        json!([{"index": index, "delta": delta, "logprobs": null, "finish_reason": null}]),
        json!(null),
    )
}

fn end(index: u32, reason: &str) -> ChatChunk {
    of_chat(
        json!([{"index": index, "delta": {}, "logprobs": null, "finish_reason": reason}]),
        json!(null),
    )
}

fn of_response(kind: &str, response: Value) -> Event {
    let mut body = json!({"type": kind, "sequence_number": 0});
    body["response"] = response;
    event(body)
}

fn response(status: &str) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1_757_430_006, "status": status,
        "error": null, "incomplete_details": null, "model": "gpt-5-mini-2025-08-07", "output": [],
        "service_tier": "auto", "conversation": {"id": "conv_3"}, "usage": null, "tools": []
    })
}

fn text_event(words: &str) -> Event {
    event(json!({
        "type": "response.output_text.delta", "sequence_number": 4, "item_id": "msg_1",
        "output_index": 1, "content_index": 0, "delta": words, "logprobs": []
    }))
}

#[test]
fn a_chat_is_put_together() {
    let role = json!([{"index": 0, "delta": {"role": "assistant", "content": "", "refusal": null}, "finish_reason": null}]);
    let mut stream = Stream::of(&[of_chat(role, json!(null)), words(0, "At "), words(0, "14:20.")]);
    assert!(!stream.progress.is_complete());
    assert_eq!(stream.progress.finish_reasons(), None);
    assert_exactly!(stream, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-S1",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-08-06",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_9",
    });

    stream.read(&end(0, "stop"));
    assert!(stream.progress.is_complete());
    assert_eq!(stream.reasons(), ["stop"]);
    assert_eq!(stream.fields.get(attr::GEN_AI_USAGE_INPUT_TOKENS), None);

    let usage = json!({
        "prompt_tokens": 1200, "completion_tokens": 0, "total_tokens": 1200,
        "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0}
    });
    stream.read(&of_chat(json!([]), usage));
    assert!(stream.progress.is_complete());
    assert_exactly!(stream, {
        OPENAI_API_TYPE: "chat_completions",
        GEN_AI_RESPONSE_ID: "chatcmpl-S1",
        GEN_AI_RESPONSE_MODEL: "gpt-4o-2024-08-06",
        OPENAI_RESPONSE_SERVICE_TIER: "default",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_9",
        GEN_AI_USAGE_INPUT_TOKENS: 1200,
        GEN_AI_USAGE_OUTPUT_TOKENS: 0,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 1024,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 0,
        GEN_AI_USAGE_AUDIO_INPUT_TOKENS: 0,
    });
}

#[test]
fn choices_end_each_for_itself() {
    let mut stream = Stream::of(&[words(0, "a"), words(2, "b"), words(1, "c"), end(2, "length")]);
    assert!(!stream.progress.is_complete());
    // Where one has not ended, the list would not tell which.
    assert_eq!(stream.reasons(), ["error", "error", "length"]);
    stream.read(&end(0, "tool_calls"));
    stream.read(&end(1, "content_filter"));
    assert!(stream.progress.is_complete());
    assert_eq!(stream.reasons(), ["tool_calls", "content_filter", "length"]);
}

#[test]
fn a_choice_out_of_all_bounds_takes_no_memory() {
    let stream = Stream::of(&[words(u32::MAX, "a"), end(u32::MAX, "stop"), words(0, "b")]);
    assert_eq!(stream.progress.finish_reasons(), None);
    assert!(!stream.progress.is_complete());
}

/// Azure sends the verdict on the prompt first, in a chunk that names nothing.
#[test]
fn what_the_first_chunk_leaves_empty_the_second_names() {
    let verdict = json!({"id": "", "object": "", "created": 0, "model": "", "choices": []});
    let mut stream = Stream::of(&[chat(verdict)]);
    assert_exactly!(stream, { OPENAI_API_TYPE: "chat_completions" });
    assert!(!stream.progress.is_complete());
    stream.read(&words(0, "a"));
    assert_eq!(
        stream.attributes()[attr::GEN_AI_RESPONSE_MODEL.row().key],
        json!("gpt-4o-2024-08-06")
    );
}

/// The first chunk that names a model counts, the last report of tokens.
#[test]
fn what_is_repeated_counts_once() {
    let total = |tokens| json!({"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens});
    let choice = json!([{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]);
    let mut other = of_chat(choice.clone(), total(2));
    other.model = "another".into();
    let stream = Stream::of(&[of_chat(choice, total(1)), other]);
    let attributes = stream.attributes();
    assert_eq!(attributes[attr::GEN_AI_RESPONSE_MODEL.row().key], json!("gpt-4o-2024-08-06"));
    assert_eq!(attributes[attr::GEN_AI_USAGE_OUTPUT_TOKENS.row().key], json!(2));
}

#[test]
fn a_completion_is_put_together() {
    let chunk = |text: &str, reason: Value, usage: Value| -> CompletionChunk {
        let choices =
            json!([{"text": text, "index": 0, "logprobs": null, "finish_reason": reason}]);
        serde_json::from_value(json!({
            "id": "cmpl-1", "object": "text_completion", "created": 1, "choices": choices,
            "model": "gpt-3.5-turbo-instruct", "system_fingerprint": "fp_1", "usage": usage
        }))
        .expect("a chunk of a completion")
    };
    let mut stream = Stream::of(&[chunk("a", json!(null), json!(null))]);
    assert!(!stream.progress.is_complete());
    let usage = json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7});
    stream.read(&chunk("", json!("length"), usage));
    assert!(stream.progress.is_complete());
    assert_eq!(stream.reasons(), ["length"]);
    assert_exactly!(stream, {
        GEN_AI_RESPONSE_ID: "cmpl-1",
        GEN_AI_RESPONSE_MODEL: "gpt-3.5-turbo-instruct",
        OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "fp_1",
        GEN_AI_USAGE_INPUT_TOKENS: 5,
        GEN_AI_USAGE_OUTPUT_TOKENS: 2,
    });
}

#[test]
fn a_response_is_put_together() {
    let mut stream = Stream::of(&[
        of_response("response.created", response("queued")),
        of_response("response.in_progress", response("in_progress")),
        text_event("At "),
        text_event("14:20."),
    ]);
    assert!(!stream.progress.is_complete());
    assert_eq!(stream.progress.finish_reasons(), None);
    // The tier is the one that was asked for, until the end names the one that served.
    assert_exactly!(stream, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_1",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_CONVERSATION_ID: "conv_3",
        GEN_AI_RESPONSE_STATUS: "in_progress",
    });

    let mut whole = response("completed");
    whole["service_tier"] = json!("flex");
    whole["usage"] = json!({
        "input_tokens": 2300, "input_tokens_details": {"cached_tokens": 2048}, "output_tokens": 75,
        "output_tokens_details": {"reasoning_tokens": 64}, "total_tokens": 2375
    });
    whole["output"] = json!([{"type": "function_call", "id": "fc_1", "call_id": "call_1",
        "name": "tide", "arguments": "{}", "status": "completed"}]);
    stream.read(&of_response("response.completed", whole));
    assert!(stream.progress.is_complete());
    assert_eq!(stream.reasons(), ["tool_calls"]);
    assert_exactly!(stream, {
        OPENAI_API_TYPE: "responses",
        GEN_AI_RESPONSE_ID: "resp_1",
        GEN_AI_RESPONSE_MODEL: "gpt-5-mini-2025-08-07",
        GEN_AI_CONVERSATION_ID: "conv_3",
        GEN_AI_RESPONSE_STATUS: "completed",
        GEN_AI_USAGE_INPUT_TOKENS: 2300,
        GEN_AI_USAGE_OUTPUT_TOKENS: 75,
        GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: 2048,
        GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: 64,
        OPENAI_RESPONSE_SERVICE_TIER: "flex",
    });
}

#[test]
fn a_response_that_breaks_off_has_ended() {
    let mut cut = response("incomplete");
    cut["incomplete_details"] = json!({"reason": "max_output_tokens"});
    let stream = Stream::of(&[
        of_response("response.created", response("in_progress")),
        of_response("response.incomplete", cut),
    ]);
    assert!(stream.progress.is_complete());
    assert_eq!(stream.reasons(), ["length"]);
    assert_eq!(stream.fields.get(attr::ERROR_TYPE), None);
}

#[test]
fn failures_go_by_their_code() {
    let failed = |error: Value| {
        let mut whole = response("failed");
        whole["error"] = error;
        let stream = Stream::of(&[of_response("response.failed", whole)]);
        assert!(stream.progress.is_complete());
        assert_eq!(stream.reasons(), ["error"]);
        stream.attributes()[attr::ERROR_TYPE.row().key].clone()
    };
    let marked = json!({"code": "rate_limit_exceeded", "message": "Too much, Ada Lovelace"});
    assert_eq!(failed(marked), json!("rate_limit_exceeded"));
    let prose = json!({"code": "Ada Lovelace said so", "message": "Ada Lovelace"});
    assert_eq!(failed(prose), json!("_OTHER"));
    assert_eq!(failed(json!(null)), json!("_OTHER"));

    let errors = |code: Value| {
        let error = json!({"type": "error", "sequence_number": 2, "code": code,
            "message": "The prompt of Ada Lovelace", "param": null});
        let stream = Stream::of(&[text_event("a"), event(error)]);
        assert!(stream.progress.is_complete());
        stream.attributes()
    };
    let named = |class| BTreeMap::from([(attr::ERROR_TYPE.row().key, json!(class))]);
    assert_eq!(errors(json!("server_error")), named("server_error"));
    assert_eq!(errors(json!("Ada Lovelace")), named("_OTHER"));
    assert_eq!(errors(json!(null)), named("_OTHER"));
}

/// Whole streams, as the services send them, say the same as JSON and as the types of the client.
#[test]
fn streams_agree_with_their_json() {
    agree(&["chat", "chat_tools", "chat_cumulative"], serde_json::from_value::<ChatChunk>);
    agree(&["completion"], serde_json::from_value::<CompletionChunk>);
    let events = [
        "responses",
        "responses_tools",
        "responses_incomplete",
        "responses_failed",
        "responses_error",
    ];
    agree(&events, serde_json::from_value::<Event>);
}

fn agree<T: LlmChunk>(names: &[&str], read: impl Fn(Value) -> serde_json::Result<T>) {
    for name in names {
        let path = format!("{}/data/streams/{name}.sse", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        let raw: Vec<Value> = data
            .filter(|data| data.trim() != "[DONE]")
            .map(|data| serde_json::from_str(data).expect(name))
            .collect();
        assert!(raw.len() > 1, "{name}");
        let mut streams = (Stream::default(), Stream::default());
        for chunk in &raw {
            let typed = read(chunk.clone()).expect(name);
            streams.0.read(chunk);
            streams.1.read(&typed);
            assert_eq!(streams.1.attributes(), streams.0.attributes(), "{name}: {chunk}");
            assert_eq!(streams.1.reasons(), streams.0.reasons(), "{name}: {chunk}");
            assert_eq!(
                streams.1.progress.is_complete(),
                streams.0.progress.is_complete(),
                "{name}: {chunk}"
            );
        }
        assert!(streams.1.progress.is_complete(), "{name}");
    }
}

/// Allocations of reading a chunk a hundred times over, after it was read once.
fn allocations(first: &impl LlmChunk, chunk: &impl LlmChunk) -> u64 {
    let mut stream = Stream::default();
    stream.read(first);
    stream.read(chunk);
    allocation_counter::measure(|| {
        for _ in 0..100 {
            stream.read(chunk);
        }
    })
    .count_total
}

#[test]
fn an_ordinary_chunk_allocates_nothing() {
    assert_eq!(allocations(&words(0, ""), &words(0, "At 14:20.")), 0);
    let reported = json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 1}});
    let choice = json!([{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]);
    assert_eq!(allocations(&words(0, ""), &of_chat(choice, reported)), 0);
    let call = json!([{"index": 0, "finish_reason": null, "delta": {"tool_calls": [
        {"index": 0, "function": {"arguments": "{\"city\":"}}]}}]);
    assert_eq!(allocations(&words(0, ""), &of_chat(call, json!(null))), 0);

    let begun = of_response("response.created", response("in_progress"));
    assert_eq!(allocations(&begun, &text_event("At 14:20.")), 0);
    assert_eq!(allocations(&begun, &begun), 0);
}
