//! Everything that the attribute does, by hand.

use std::collections::BTreeMap;
use std::io;

use llmobs_runtime::conventions::{Dialect, SpanKind, attr, operation};
use llmobs_runtime::{LlmRequest, LlmResponse, Usage, call, instrument_llm};
use llmobs_tests::{Point, Recorded, Recorder};
use opentelemetry::trace::{SpanKind as OtelKind, Status};
use opentelemetry_sdk::trace::Sampler;

#[derive(LlmRequest)]
struct Ask {
    #[llm(request.model)]
    model: &'static str,
    #[llm(request.temperature)]
    temperature: f32,
    #[llm(request.stop_sequences)]
    stop: Vec<&'static str>,
}

#[derive(LlmResponse)]
struct Answer {
    #[llm(response.id)]
    id: &'static str,
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(response.finish_reasons)]
    reasons: Vec<&'static str>,
}

const ASK: Ask = Ask { model: "gpt-4o", temperature: 0.3, stop: Vec::new() };

fn send(fails: bool) -> Result<Answer, io::Error> {
    if fails {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    Ok(Answer { id: "r-1", input: 12, reasons: vec!["stop"] })
}

#[instrument_llm(
    operation = text_completion,
    kind = internal,
    provider = "azure.ai.openai",
    request = ask,
    server = ("localhost", 8080),
    conversation_id = conversation,
    attributes(gen_ai.request.seed = -3, "shop.tenant" = tenant),
    metric_attributes("region" = "north")
)]
fn by_macro(ask: &Ask, conversation: &str, tenant: u8, fails: bool) -> Result<Answer, io::Error> {
    let _ = (ask.model, conversation, tenant);
    send(fails)
}

fn by_hand(ask: &Ask, conversation: &str, tenant: u8, fails: bool) -> Result<Answer, io::Error> {
    let mut call = call(&operation::TEXT_COMPLETION)
        .request(ask)
        .provider("azure.ai.openai")
        .conversation_id(conversation)
        .set(attr::GEN_AI_REQUEST_SEED, &-3)
        .server(("localhost", 8080))
        .attribute("shop.tenant", tenant)
        .metric_attribute("region", "north")
        .kind(SpanKind::Internal)
        .start();
    let result = call.scope(|| send(fails));
    match &result {
        Ok(answer) => call.response(answer),
        Err(error) => call.fail(error),
    }
    call.end();
    result
}

#[instrument_llm(provider = "openai", model = ask.model, name = "my name")]
async fn async_by_macro(ask: Ask, fails: bool) -> Result<Answer, io::Error> {
    let _ = (ask.temperature, ask.stop);
    tokio::task::yield_now().await;
    send(fails)
}

async fn async_by_hand(ask: Ask, fails: bool) -> Result<Answer, io::Error> {
    let mut call =
        call(&operation::CHAT).provider("openai").model(ask.model).name("my name").start();
    let result = call
        .run(async move {
            tokio::task::yield_now().await;
            send(fails)
        })
        .await;
    match &result {
        Ok(answer) => call.response(answer),
        Err(error) => call.fail(error),
    }
    call.end();
    result
}

/// All that a run recorded, but for what differs by nature: ids and times.
#[derive(Debug, PartialEq)]
struct Everything {
    spans: Vec<(String, OtelKind, Status, BTreeMap<String, String>)>,
    points: Vec<Point>,
}

fn everything(recorder: &Recorder) -> Everything {
    let spans = recorder.spans().into_iter().map(|span| {
        let attributes = span.attributes();
        (span.name().to_owned(), span.0.span_kind, span.0.status, attributes)
    });
    let points = recorder.points().into_iter().map(|mut point| {
        if point.unit == "s" {
            point.sum = 0.0;
        }
        point
    });
    Everything { spans: spans.collect(), points: points.collect() }
}

#[test]
fn by_hand_and_by_macro_are_the_same() {
    for dialect in [Dialect::Released, Dialect::Latest] {
        for fails in [false, true] {
            let record = |run: fn(&Ask, &str, u8, bool) -> Result<Answer, io::Error>| {
                let recorder = Recorder::with(dialect, Sampler::AlwaysOn);
                assert_eq!(run(&ASK, "c", 7, fails).is_err(), fails);
                everything(&recorder)
            };
            let (hand, macros) = (record(by_hand), record(by_macro));
            assert_eq!(hand, macros);
            let (name, kind, status, attributes) = &hand.spans[0];
            assert_eq!((name.as_str(), kind), ("text_completion gpt-4o", &OtelKind::Internal));
            assert_eq!(attributes["gen_ai.request.temperature"], "0.3");
            assert_eq!(attributes["server.port"], "8080");
            assert_eq!(attributes["region"], "north");
            assert!(!attributes.contains_key("gen_ai.request.stop_sequences"));
            assert!(hand.points.iter().all(|point| point.attribute("region") == Some("north")));
            assert_eq!(*status == Status::error("connection_reset"), fails);
        }
    }
}

#[tokio::test]
async fn by_hand_and_by_macro_are_the_same_across_awaits() {
    for fails in [false, true] {
        let hand = {
            let recorder = Recorder::new();
            let _ = async_by_hand(ASK, fails).await;
            everything(&recorder)
        };
        let recorder = Recorder::new();
        let _ = async_by_macro(ASK, fails).await;
        let macros = everything(&recorder);
        assert_eq!(hand, macros);
        assert_eq!(macros.spans[0].0, "my name");
    }
}

#[test]
fn what_is_learnt_on_the_way_is_recorded() {
    let recorder = Recorder::new();
    let mut chat = call(&operation::CHAT).start();
    assert!(chat.is_recording());
    chat.set(attr::GEN_AI_RESPONSE_MODEL, "m-1");
    chat.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, "stop");
    chat.attribute("app.retries", 2);
    chat.usage(&Some(Usage { output: Some(4), ..Usage::default() }));
    if let Some(fields) = chat.fields() {
        fields.attribute("app.cached", &true);
        assert_eq!(fields.get_attribute("app.retries").and_then(|value| value.as_int()), Some(2));
    }
    chat.end();
    let span = recorder.span();
    let found: Vec<_> = span.attributes().into_iter().collect();
    let expected = [
        ("app.cached", "true"),
        ("app.retries", "2"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.response.finish_reasons", "[\"stop\"]"),
        ("gen_ai.response.model", "m-1"),
        ("gen_ai.usage.output_tokens", "4"),
    ];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[test]
fn a_builder_that_never_starts_records_nothing() {
    let recorder = Recorder::new();
    let mut prepared = call(&operation::CHAT).provider("p").model("m");
    assert!(prepared.is_recording());
    assert!(prepared.fields().is_some());
    drop(prepared);
    assert!(recorder.spans().is_empty());
    assert!(recorder.points().is_empty());
}

#[test]
fn dropping_is_ending_where_that_was_asked_for() {
    let recorder = Recorder::new();
    let leave_early = |early: bool| {
        let mut tool = call(&operation::EXECUTE_TOOL).start();
        tool.end_on_drop();
        let _entered = tool.enter();
        if early {
            return 1;
        }
        call(&operation::CHAT).start().end();
        2
    };
    assert_eq!((leave_early(true), leave_early(false)), (1, 2));
    let spans = recorder.spans();
    assert_eq!(
        spans.iter().map(Recorded::name).collect::<Vec<_>>(),
        ["execute_tool", "chat", "execute_tool"]
    );
    assert!(spans[1].is_below(&spans[2]));
    assert!(spans.iter().all(|span| span.0.status == Status::Unset));
}

#[test]
fn a_name_of_ones_own_stays_and_an_empty_one_does_not() {
    let recorder = Recorder::new();
    call(&operation::CHAT).model("m").name("mine").start().end();
    call(&operation::CHAT).model("m").name("").start().end();
    let spans = recorder.spans();
    assert_eq!((spans[0].name(), spans[1].name()), ("mine", "chat m"));
}

#[test]
fn what_was_said_at_the_start_stays() {
    let recorder = Recorder::new();
    let mut chat = call(&operation::CHAT).model("asked").attribute("app.key", 1).start();
    chat.set(attr::GEN_AI_REQUEST_MODEL, "other");
    chat.attribute("app.key", 2);
    chat.end();
    let span = recorder.span();
    assert_eq!(span.text("gen_ai.request.model").as_deref(), Some("asked"));
    assert_eq!(span.int("app.key"), Some(1));
}

#[test]
fn a_call_is_small_and_goes_anywhere() {
    fn goes_anywhere<T: Send + Sync + 'static>() -> usize {
        std::mem::size_of::<T>()
    }
    assert_eq!(goes_anywhere::<llmobs_runtime::Call>(), std::mem::size_of::<usize>());
    assert_eq!(goes_anywhere::<llmobs_runtime::CallBuilder>(), std::mem::size_of::<usize>());
}
