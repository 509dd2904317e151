//! What is recorded of a call.

use std::io;

use llmobs_runtime::{LlmRequest, LlmResponse, instrument_llm};
use llmobs_tests::Recorder;
use opentelemetry::trace::{SpanKind, Status};

#[derive(LlmRequest)]
struct Ask {
    #[llm(request.model)]
    model: String,
    #[llm(request.temperature)]
    temperature: Option<f32>,
    #[llm(gen_ai.request.seed)]
    seed: i64,
}

#[derive(LlmResponse)]
struct Answer {
    #[llm(response.model)]
    model: &'static str,
    #[llm(response.id)]
    id: String,
    #[llm(nested)]
    usage: Option<Tokens>,
    #[llm(nested)]
    choices: Vec<Choice>,
}

#[derive(LlmResponse)]
struct Tokens {
    #[llm(usage.input_tokens)]
    input: u32,
    #[llm(usage.output_tokens)]
    output: Option<u32>,
}

#[derive(LlmResponse)]
struct Choice {
    #[llm(response.finish_reasons)]
    reason: Option<&'static str>,
}

fn ask() -> Ask {
    Ask { model: "gpt-4o".into(), temperature: Some(0.7), seed: -7 }
}

fn answer() -> Answer {
    Answer {
        model: "gpt-4o-2024-08-06",
        id: "r-1".into(),
        usage: Some(Tokens { input: 12, output: Some(34) }),
        choices: vec![Choice { reason: Some("stop") }, Choice { reason: Some("length") }],
    }
}

#[instrument_llm(
    provider = "openai",
    request = request,
    server = "https://api.openai.com/v1",
    conversation_id = conversation,
    attributes("shop.tenant" = tenant, gen_ai.request.choice.count = 2),
    metric_attributes(region = "north")
)]
async fn chat(request: Ask, conversation: &str, tenant: u8) -> Result<Answer, io::Error> {
    tokio::task::yield_now().await;
    if tenant == 0 {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(answer())
}

#[tokio::test]
async fn a_chat_is_recorded_in_full() {
    let recorder = Recorder::new();
    chat(ask(), "c-1", 3).await.unwrap();
    let span = recorder.span();
    assert_eq!(span.name(), "chat gpt-4o");
    assert_eq!(span.0.span_kind, SpanKind::Client);
    assert_eq!(span.0.status, Status::Unset);
    let attributes: Vec<_> = span.attributes().into_iter().collect();
    let expected = [
        ("gen_ai.conversation.id", "c-1"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.choice.count", "2"),
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.request.seed", "-7"),
        ("gen_ai.request.temperature", "0.7"),
        ("gen_ai.response.finish_reasons", "[\"stop\",\"length\"]"),
        ("gen_ai.response.id", "r-1"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
        ("gen_ai.usage.input_tokens", "12"),
        ("gen_ai.usage.output_tokens", "34"),
        ("region", "north"),
        ("server.address", "api.openai.com"),
        ("server.port", "443"),
        ("shop.tenant", "3"),
    ];
    assert_eq!(attributes, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_error_is_recorded_and_nothing_that_is_absent() {
    let recorder = Recorder::new();
    chat(ask(), "c-1", 0).await.map(|_| ()).unwrap_err();
    let span = recorder.span();
    assert_eq!(span.text("error.type").as_deref(), Some("timeout"));
    assert_eq!(span.0.status, Status::error("timeout"));
    assert_eq!(span.value("gen_ai.usage.input_tokens"), None);
    assert!(recorder.points_of("gen_ai.client.token.usage").is_empty());
    let durations = recorder.points_of("gen_ai.client.operation.duration");
    assert_eq!(durations.len(), 1);
    assert_eq!(durations[0].attribute("error.type"), Some("timeout"));
}
