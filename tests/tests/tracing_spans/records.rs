//! Events: log records that belong to the call or the span that they are written in.

use llmobs_runtime::conventions::operation;
use llmobs_runtime::processor::BatchSpanProcessor;
use llmobs_runtime::{call, instrument_llm};
use llmobs_tests::{Recorder, Road};
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::InMemorySpanExporter;
use tracing::info_span;
use tracing_subscriber::layer::SubscriberExt;

use super::{parents, subscriber};

#[instrument_llm(operation = execute_tool, name = "ours")]
fn ours() {
    tracing::info!("in the call");
    let inner = info_span!("inner");
    inner.in_scope(|| tracing::warn!("in the inner span"));
    // Of the call: the span is not current any more.
    tracing::info!(parent: &inner, "late");
    drop(inner);
    tracing::info!("back in the call");
}

#[test]
fn a_record_belongs_to_what_is_current() {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        tracing::dispatcher::with_default(&subscriber(&recorder), || {
            info_span!("outer").in_scope(|| {
                tracing::info!("in the outer span");
                ours();
            });
            tracing::info!("nowhere");
        });
        let spans = recorder.spans();
        let at = |name: &str| {
            let span = spans.iter().find(|span| span.0.name == name).expect(name);
            Some((span.0.span_context.trace_id(), span.0.span_context.span_id()))
        };
        let found: Vec<_> = recorder
            .events()
            .iter()
            .map(|event| {
                let Some(AnyValue::String(body)) = event.0.body() else { panic!("a message") };
                let place = event.0.trace_context().map(|it| (it.trace_id, it.span_id));
                (body.as_str().to_owned(), place)
            })
            .collect();
        let expected = [
            ("in the outer span", at("outer")),
            ("in the call", at("ours")),
            ("in the inner span", at("inner")),
            ("late", at("ours")),
            ("back in the call", at("ours")),
            ("nowhere", None),
        ];
        assert_eq!(found, expected.map(|(body, place)| (body.to_owned(), place)));
        assert!(spans.iter().all(|span| span.0.events.is_empty()), "records only");
    }
}

#[test]
fn an_error_marks_the_span_around_it_and_is_a_record_too() {
    #[tracing::instrument(err)]
    fn fails() -> Result<(), std::io::Error> {
        Err(std::io::Error::other("no room"))
    }
    let recorder = Recorder::new();
    tracing::dispatcher::with_default(&subscriber(&recorder), || {
        info_span!("fine").in_scope(|| tracing::warn!("not that bad"));
        let _ = fails();
        let ours = call(&operation::EXECUTE_TOOL).name("ours").start();
        ours.scope(|| tracing::error!("of the call, which goes on"));
        ours.end();
    });
    let spans = recorder.spans();
    let status = |name: &str| {
        spans.iter().find(|span| span.0.name == name).map(|span| span.0.status.clone()).unwrap()
    };
    assert_eq!(status("fine"), Status::Unset);
    assert_eq!(status("fails"), Status::error("no room"));
    assert_eq!(status("ours"), Status::Unset);
    assert_eq!(recorder.events().len(), 3);
}

#[test]
fn without_logs_events_are_span_events() {
    let recorder = Recorder::new().without_pipeline();
    let exporter = InMemorySpanExporter::default();
    let processor = BatchSpanProcessor::new(exporter.clone());
    let telemetry = llmobs_runtime::builder().span_processor(processor).install().unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        info_span!("outer").in_scope(|| tracing::info!(attempts = 3, "too busy"));
    });
    telemetry.force_flush().unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    let events = &spans[0].events.events;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].name, "too busy");
    assert!(events[0].attributes.iter().any(|it| it.key.as_str() == "attempts"));
    drop(telemetry);
    drop(recorder);
}

#[test]
fn spans_of_what_records_and_sends_are_left_out() {
    let recorder = Recorder::new();
    tracing::dispatcher::with_default(&subscriber(&recorder), || {
        info_span!(target: "llmobs", "own").in_scope(|| ());
        info_span!(target: "opentelemetry_sdk::trace", "own").in_scope(|| ());
        info_span!(target: "hyper::client", "sending").in_scope(|| {
            info_span!(target: "h2::codec", "sending").in_scope(|| {
                info_span!(target: "shop", "the application's").in_scope(|| ());
            });
        });
        tracing::error!(target: "reqwest::connect", "refused");
    });
    assert_eq!(parents(&recorder.spans()), ["the application's"]);
    assert_eq!(recorder.events().len(), 0);
}
