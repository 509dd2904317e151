//! Spans that are not calls: of OpenTelemetry's tracers, of `tracing`, of providers of the application's own.

use llmobs_runtime::conventions::operation;
use llmobs_runtime::scope::ScopeSpans;
use llmobs_runtime::{builder, call};
use llmobs_tests::{Recorded, Recorder, Road};
use opentelemetry::trace::{Span, SpanBuilder, Tracer, TracerProvider};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value, global};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData, SpanProcessor};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::layer::SubscriberExt;

use super::{all, full, told};

#[test]
fn spans_of_tracers_and_of_tracing_have_it_in_a_pipeline_of_ours() {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        let tracer = global::tracer("shop");
        let subscriber = tracing_subscriber::registry().with(recorder.telemetry().tracing_layer());
        tracing::subscriber::with_default(subscriber, || {
            full().in_scope(|| {
                tracer.start("tracer's").end();
                tracing::info_span!("tracing's").in_scope(|| {
                    call(&operation::CHAT).name("call").start().end();
                });
                let own = SpanBuilder::from_name("own")
                    .with_attributes([KeyValue::new("user.id", "own")]);
                tracer.build(own).end();
            });
            tracer.start("outside").end();
        });
        let spans = recorder.spans();
        let of = |name: &str| {
            let span = spans.iter().find(|span| span.0.name == name).expect(name);
            // No attribute twice: the recorder looks after that.
            let _ = span.attributes();
            told(span)
        };
        for name in ["tracer's", "tracing's", "call"] {
            assert_eq!(of(name), all(), "{road:?} {name}");
        }
        let [conversation, _, tags, tenant] = all();
        assert_eq!(of("own"), [conversation, Some("own".to_owned()), tags, tenant]);
        assert_eq!(of("outside"), [const { None }; 4]);
    }
}

/// Notes the user of each span at its start.
#[derive(Clone, Debug, Default)]
struct AtStart(Arc<Mutex<Vec<Option<String>>>>);

impl SpanProcessor for AtStart {
    fn on_start(&self, span: &mut opentelemetry_sdk::trace::Span, _: &Context) {
        let data = span.exported_data().unwrap();
        self.0.lock().unwrap().push(Recorded(data).text("user.id"));
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn processors_see_it_when_spans_start() {
    let at_start = AtStart::default();
    let recorder = Recorder::built(|builder| builder.span_processor(at_start.clone()));
    full().in_scope(|| {
        call(&operation::CHAT).start().end();
        global::tracer("shop").start("tracer's").end();
    });
    assert_eq!(*at_start.0.lock().unwrap(), [Some("u-3".to_owned()), Some("u-3".to_owned())]);
    assert!(recorder.spans().iter().all(|span| told(span) == all()));
}

#[test]
fn providers_of_the_applications_own_take_a_processor() {
    let recorder = Recorder::new().without_pipeline();
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_span_processor(ScopeSpans)
        .with_simple_exporter(exporter.clone())
        .build();
    let meters = SdkMeterProvider::builder().build();
    let telemetry = builder().providers(&tracers, &meters).install().unwrap();
    full().in_scope(|| {
        call(&operation::CHAT).start().end();
        tracers.tracer("shop").start("tracer's").end();
    });
    drop(telemetry);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 2);
    for span in &spans {
        let span = Recorded(span.clone());
        assert_eq!((told(&span), span.attributes().contains_key("user.id")), (all(), true));
    }
    let tags = spans[1].attributes.iter().find(|it| it.key.as_str() == "llmobs.tags").unwrap();
    let list = ["beta", "eu"].map(StringValue::from).to_vec();
    assert_eq!(tags.value, Value::Array(Array::String(list)));
    drop(recorder);
}
