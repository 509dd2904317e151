//! The event that holds everything known of one inference.

use futures::{StreamExt, stream};
use llmobs_runtime::call;
use llmobs_runtime::content::{ContentCapture, Kind};
use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_tests::Recorder;
use opentelemetry::logs::Severity;
use serde_json::json;

use super::{Piece, answered, asked, capturing, chat, expected};

#[test]
fn the_event_has_the_attributes_of_the_span_and_the_content_as_structure() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = capturing(dialect, ContentCapture::EventOnly);
        answered(asked());
        let (events, span) = (recorder.events(), recorder.span());
        assert_eq!(events.len(), 1);
        let event = &events[0];
        assert_eq!(event.name(), Some("gen_ai.client.inference.operation.details"));
        assert_eq!(event.0.severity_number(), Some(Severity::Debug));
        assert_eq!(event.0.body(), None);
        for (key, value) in expected(dialect) {
            assert_eq!(event.json(key), Some(value), "{key}");
            assert_eq!(span.value(key), None, "{key} is not on the span");
        }
        assert_eq!(event.json("gen_ai.operation.name"), Some(json!("chat")));
        assert_eq!(event.json("gen_ai.request.model"), Some(json!("m")));
        assert_eq!(event.json("gen_ai.response.model"), Some(json!("m-2026")));
        assert_eq!(event.json("gen_ai.response.finish_reasons"), Some(json!(["stop"])));
        let traced = event.0.trace_context().expect("a trace context");
        assert_eq!(traced.trace_id, span.0.span_context.trace_id());
        assert_eq!(traced.span_id, span.0.span_context.span_id());
        assert_eq!(event.0.timestamp(), Some(span.0.end_time));
        let scope = span.0.instrumentation_scope.clone();
        assert_eq!(scope.name(), "llmobs");
    }
}

#[test]
fn an_event_tells_of_a_failure() {
    let recorder = capturing(Dialect::Released, ContentCapture::EventOnly);
    let mut call = asked();
    call.fail_as("rate_limit_exceeded");
    call.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &3);
    call.end();
    let events = recorder.events();
    assert_eq!(events[0].json("error.type"), Some(json!("rate_limit_exceeded")));
    assert_eq!(events[0].json("gen_ai.usage.input_tokens"), Some(json!(3)));
    assert_eq!(events[0].json("gen_ai.output.messages"), None);
}

#[tokio::test]
async fn a_streamed_answer_is_put_together() {
    let recorder = capturing(Dialect::Released, ContentCapture::SpanAndEvent);
    let pieces = ["At ", "no", "on.", ""].map(|text| Ok::<_, std::io::Error>(Piece(text)));
    assert_eq!(chat().stream(stream::iter(pieces)).count().await, 4);
    let output = json!([{
        "role": "assistant",
        "parts": [{ "type": "text", "content": "At noon." }],
        "finish_reason": "stop",
    }]);
    assert_eq!(recorder.events()[0].json("gen_ai.output.messages"), Some(output.clone()));
    let text = recorder.span().text("gen_ai.output.messages").unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), output);
}

#[tokio::test]
async fn a_stream_that_was_left_holds_what_was_seen() {
    let recorder = capturing(Dialect::Released, ContentCapture::SpanOnly);
    let pieces = ["At ", "no", "on."].map(|text| Ok::<_, std::io::Error>(Piece(text)));
    let mut answer = chat().stream(stream::iter(pieces));
    answer.next().await.unwrap().unwrap();
    answer.next().await.unwrap().unwrap();
    drop(answer);
    let span = recorder.span();
    assert_eq!(span.text("error.type").as_deref(), Some("abandoned"));
    assert!(span.text("gen_ai.output.messages").unwrap().contains("\"At no\""));
}

#[test]
fn without_content_there_is_no_event() {
    let recorder = capturing(Dialect::Released, ContentCapture::SpanAndEvent);
    chat().start().end();
    assert!(recorder.events().is_empty());
}

#[test]
fn an_application_may_bring_its_own_loggers() {
    use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider, SimpleLogProcessor};
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    let turn = Recorder::new().without_pipeline();
    let logs = InMemoryLogExporter::default();
    let loggers = SdkLoggerProvider::builder()
        .with_log_processor(SimpleLogProcessor::new(logs.clone()))
        .build();
    let telemetry = llmobs_runtime::builder()
        .providers(&SdkTracerProvider::default(), &SdkMeterProvider::default())
        .loggers(&loggers)
        .capture_content(ContentCapture::EventOnly)
        .install()
        .unwrap();
    let call = asked();
    assert!(call.captures(Kind::Input));
    answered(call);
    assert_eq!(logs.get_emitted_logs().unwrap().len(), 1);
    drop(telemetry);

    // Without loggers there is nothing to capture for.
    let telemetry = llmobs_runtime::builder()
        .providers(&SdkTracerProvider::default(), &SdkMeterProvider::default())
        .capture_content(ContentCapture::EventOnly)
        .install()
        .unwrap();
    assert!(!asked().captures(Kind::Input));
    drop((telemetry, turn));
}

#[test]
fn only_an_inference_has_the_event() {
    for operation in [&operation::EXECUTE_TOOL, &operation::INVOKE_AGENT] {
        let recorder = capturing(Dialect::Latest, ContentCapture::EventOnly);
        let call = call(operation).start();
        assert!(Kind::ALL.into_iter().all(|kind| !call.captures(kind)), "it would go nowhere");
        call.end();
        assert!(recorder.events().is_empty());
    }
}

#[test]
fn a_hook_that_fails_leaves_the_event_without_that_content() {
    let recorder = Recorder::built(|builder| {
        builder
            .capture_content(ContentCapture::EventOnly)
            .redact_with(|_, _| Err("on purpose".into()))
    });
    answered(asked());
    let events = recorder.events();
    assert_eq!(events[0].json("gen_ai.request.model"), Some(json!("m")));
    for (key, _) in expected(Dialect::Released) {
        assert_eq!(events[0].json(key), None, "{key}");
    }
}

#[test]
fn content_has_no_way_around_the_policy() {
    let recorder = Recorder::new();
    call(&operation::RETRIEVAL)
        .set(attr::GEN_AI_RETRIEVAL_QUERY_TEXT, "the prompt")
        .attribute("gen_ai.input.messages", "the prompt")
        .metric_attribute("gen_ai.output.messages", "the prompt")
        .start()
        .end();
    let shown = format!("{:?} {:?}", recorder.span().attributes(), recorder.points());
    assert!(!shown.contains("the prompt"), "{shown}");
}
