//! Token counts where a provider reports none: estimated on request, and marked.

use futures::{StreamExt, stream};
use llmobs_runtime::conventions::{Dialect, operation};
use llmobs_runtime::estimate::Encoding;
use llmobs_runtime::payload::wire::Body;
use llmobs_runtime::{CallBuilder, call};
use llmobs_tests::Recorder;

const REQUEST: Body<'_> = Body(
    br#"{"model": "gpt-5-mini", "messages": [
        {"role": "system", "content": "You know the tides."},
        {"role": "user", "content": "When is high water in Husum?"}
    ]}"#,
);
const TEXTS: [&str; 2] = ["You know the tides.", "When is high water in Husum?"];

fn estimating(dialect: Dialect) -> Recorder {
    assert!(Encoding::O200k.load());
    Recorder::built(|builder| builder.dialect(dialect).estimate_tokens(true))
}

fn chat() -> CallBuilder {
    call(&operation::CHAT).provider("openai").request(&REQUEST)
}

fn piece(text: &str, usage: &str) -> serde_json::Value {
    let choice = format!(r#"{{"index": 0, "delta": {{"content": "{text}"}}}}"#);
    let body = format!(r#"{{"object": "chat.completion.chunk", "choices": [{choice}]{usage}}}"#);
    serde_json::from_str(&body).expect("a chunk")
}

fn tokens(text: &str) -> i64 {
    i64::try_from(Encoding::O200k.count(text)).unwrap()
}

#[tokio::test]
async fn a_stream_without_usage_is_estimated_and_marked() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        let recorder = estimating(dialect);
        let pieces = ["High", " water", " is", " at", " noon", "."].map(|text| piece(text, ""));
        assert_eq!(chat().stream(stream::iter(pieces)).count().await, 6);
        let span = recorder.span();
        let (input, output) = (TEXTS.map(tokens).iter().sum(), tokens("High water is at noon."));
        assert_eq!(span.int("gen_ai.usage.input_tokens"), Some(input));
        assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(output));
        assert_eq!(
            span.text("llmobs.usage.estimated").as_deref(),
            Some("[\"gen_ai.usage.input_tokens\",\"gen_ai.usage.output_tokens\"]")
        );
        // Counted is not captured.
        assert_eq!(span.value("gen_ai.input.messages"), None);
        assert_eq!(span.value("gen_ai.output.messages"), None);
        let points = match dialect {
            Dialect::Released => recorder.points_of("gen_ai.client.token.usage"),
            Dialect::Latest => [
                recorder.points_of("gen_ai.client.inference.operation.input_tokens"),
                recorder.points_of("gen_ai.client.inference.operation.output_tokens"),
            ]
            .concat(),
        };
        assert_eq!(points.len(), 2, "{points:?}");
        for (point, count) in points.iter().zip([input, output]) {
            assert_eq!(point.attribute("llmobs.usage.estimated"), Some("true"));
            assert!((point.sum - f64::from(i32::try_from(count).unwrap())).abs() < 0.5);
        }
    }
}

#[tokio::test]
async fn what_the_provider_reports_is_what_counts() {
    let recorder = estimating(Dialect::Released);
    let usage = r#", "usage": {"prompt_tokens": 1234, "completion_tokens": 99}"#;
    let pieces = [piece("Noon", ""), piece(".", usage)];
    assert_eq!(chat().stream(stream::iter(pieces)).count().await, 2);
    let span = recorder.span();
    assert_eq!(span.int("gen_ai.usage.input_tokens"), Some(1234));
    assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(99));
    assert_eq!(span.value("llmobs.usage.estimated"), None);
    for point in recorder.points_of("gen_ai.client.token.usage") {
        assert_eq!(point.attribute("llmobs.usage.estimated"), None);
    }
}

#[test]
fn a_whole_answer_without_usage_is_estimated_too() {
    let recorder = estimating(Dialect::Released);
    let mut call = chat().start();
    call.response(&Body(
        br#"{"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "At noon."}}],
             "usage": {"prompt_tokens": 21}}"#,
    ));
    call.end();
    let span = recorder.span();
    assert_eq!(span.int("gen_ai.usage.input_tokens"), Some(21));
    assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(tokens("At noon.")));
    assert_eq!(
        span.text("llmobs.usage.estimated").as_deref(),
        Some("[\"gen_ai.usage.output_tokens\"]")
    );
}

#[test]
fn without_an_answer_there_is_nothing_to_estimate() {
    let recorder = estimating(Dialect::Released);
    let mut call = chat().start();
    call.fail_as("rate_limit_exceeded");
    call.end();
    assert_eq!(recorder.span().value("gen_ai.usage.input_tokens"), None);
}

#[tokio::test]
async fn nobody_asked_nothing_is_estimated() {
    let recorder = Recorder::new();
    assert_eq!(chat().stream(stream::iter([piece("Noon.", "")])).count().await, 1);
    assert_eq!(recorder.span().value("gen_ai.usage.output_tokens"), None);
}
