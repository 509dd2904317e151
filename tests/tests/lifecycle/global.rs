//! Without a pipeline of ours: the providers that the application has made global, or none.

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Usage, builder, call};
use llmobs_tests::alone;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, noop::NoopTracerProvider,
};
use opentelemetry::{Context, global};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};

/// Providers as an application sets them up.
struct Application {
    tracers: SdkTracerProvider,
    meters: SdkMeterProvider,
    spans: InMemorySpanExporter,
    metrics: InMemoryMetricExporter,
}

impl Application {
    fn new(sampler: Sampler) -> Self {
        let spans = InMemorySpanExporter::default();
        let metrics = InMemoryMetricExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_simple_exporter(spans.clone())
            .build();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        Self { tracers, meters, spans, metrics }
    }

    fn set_tracers(&self) -> &Self {
        global::set_tracer_provider(self.tracers.clone());
        self
    }

    fn set_meters(&self) -> &Self {
        global::set_meter_provider(self.meters.clone());
        self
    }

    fn spans(&self) -> usize {
        self.spans.get_finished_spans().unwrap().len()
    }

    /// How many calls the duration has counted.
    fn durations(&self) -> u64 {
        use opentelemetry_sdk::metrics::data::{
            AggregatedMetrics, HistogramDataPoint, MetricData, ScopeMetrics,
        };
        self.meters.force_flush().unwrap();
        let collected = self.metrics.get_finished_metrics().unwrap();
        let Some(last) = collected.last() else { return 0 };
        let metrics = last.scope_metrics().flat_map(ScopeMetrics::metrics);
        let durations =
            metrics.filter(|metric| metric.name() == "gen_ai.client.operation.duration");
        durations
            .map(|metric| match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    histogram.data_points().map(HistogramDataPoint::count).sum()
                }
                _ => 0,
            })
            .sum()
    }
}

fn chat() {
    let mut chat = call(&operation::CHAT).model("m").start();
    chat.usage(&Usage { input: Some(1), ..Usage::default() });
    chat.end();
}

fn assert_nobody() {
    let prepared = call(&operation::CHAT);
    assert!(!prepared.is_recording());
    let running = prepared.model("m").start();
    assert!(!running.is_recording());
    assert!(running.context().is_none());
    running.end();
}

#[test]
fn nobody_is_there() {
    alone("global::nobody_is_there", &[], || {
        assert_nobody();
        // Nor below a span that came from elsewhere, which the no-op tracer hands through.
        let elsewhere = SpanContext::new(
            TraceId::from(7),
            SpanId::from(7),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        );
        let _entered = Context::new().with_remote_span_context(elsewhere.clone()).attach();
        assert_nobody();
        let agent = call(&operation::INVOKE_AGENT).start();
        agent.scope(|| {
            assert_eq!(Context::current().span().span_context(), &elsewhere);
            assert_nobody();
        });
    });
}

#[test]
fn providers_of_the_application_are_found() {
    alone("global::providers_of_the_application_are_found", &[], || {
        let application = Application::new(Sampler::AlwaysOn);
        application.set_tracers().set_meters();
        assert!(call(&operation::CHAT).is_recording());
        chat();
        chat();
        assert_eq!((application.spans(), application.durations()), (2, 2));
        let spans = application.spans.get_finished_spans().unwrap();
        assert_eq!(spans[0].name, "chat m");
        assert_eq!(spans[0].instrumentation_scope.name(), "llmobs");
    });
}

#[test]
fn the_environment_picks_the_dialect_of_providers_that_are_found() {
    let latest = [("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")];
    alone("global::the_environment_picks_the_dialect_of_providers_that_are_found", &latest, || {
        let application = Application::new(Sampler::AlwaysOn);
        application.set_tracers().set_meters();
        chat();
        let scope = &application.spans.get_finished_spans().unwrap()[0].instrumentation_scope;
        assert_eq!(
            scope.schema_url(),
            Some("https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev")
        );
        assert_eq!(application.durations(), 0);
    });
}

#[test]
fn providers_set_after_the_first_call_miss_nothing_from_then_on() {
    alone("global::providers_set_after_the_first_call_miss_nothing_from_then_on", &[], || {
        for _ in 0..10_000 {
            chat();
        }
        let application = Application::new(Sampler::AlwaysOn);
        application.set_tracers().set_meters();
        chat();
        assert_eq!((application.spans(), application.durations()), (1, 1));
    });
}

#[test]
fn a_meter_provider_set_later_than_the_tracers_is_found() {
    alone("global::a_meter_provider_set_later_than_the_tracers_is_found", &[], || {
        let application = Application::new(Sampler::AlwaysOn);
        application.set_tracers();
        chat();
        application.set_meters();
        chat();
        assert_eq!((application.spans(), application.durations()), (2, 1));
    });
}

#[test]
fn providers_that_are_replaced_are_followed() {
    alone("global::providers_that_are_replaced_are_followed", &[], || {
        let first = Application::new(Sampler::AlwaysOn);
        first.set_tracers().set_meters();
        chat();
        let second = Application::new(Sampler::AlwaysOn);
        second.set_tracers().set_meters();
        chat();
        chat();
        assert_eq!((first.spans(), first.durations()), (1, 1));
        assert_eq!((second.spans(), second.durations()), (2, 2));
        // Taken away again.
        global::set_tracer_provider(NoopTracerProvider::new());
        global::set_meter_provider(opentelemetry::metrics::NoopMeterProvider::new());
        assert_nobody();
        chat();
        assert_eq!((second.spans(), second.durations()), (2, 2));
    });
}

#[test]
fn a_provider_that_was_shut_down_is_let_go() {
    alone("global::a_provider_that_was_shut_down_is_let_go", &[], || {
        let first = Application::new(Sampler::AlwaysOn);
        first.set_tracers();
        chat();
        first.tracers.shutdown().unwrap();
        chat();
        let second = Application::new(Sampler::AlwaysOn);
        second.set_tracers();
        chat();
        assert_eq!(second.spans(), 1);
    });
}

#[test]
fn what_the_application_samples_out_still_counts() {
    alone("global::what_the_application_samples_out_still_counts", &[], || {
        let application = Application::new(Sampler::AlwaysOff);
        application.set_tracers().set_meters();
        chat();
        chat();
        assert_eq!((application.spans(), application.durations()), (0, 2));
    });
}

#[test]
fn looking_for_providers_leaves_no_trace_in_them() {
    alone("global::looking_for_providers_leaves_no_trace_in_them", &[], || {
        let application = Application::new(Sampler::AlwaysOn);
        application.set_tracers().set_meters();
        for _ in 0..10 {
            let _ = call(&operation::CHAT).is_recording();
        }
        assert_eq!((application.spans(), application.durations()), (0, 0));
    });
}

#[test]
fn global_providers_that_are_asked_for_may_be_meters_alone() {
    alone("global::global_providers_that_are_asked_for_may_be_meters_alone", &[], || {
        let application = Application::new(Sampler::AlwaysOn);
        application.set_meters();
        assert_nobody();
        let telemetry = builder().global_providers().install().unwrap();
        chat();
        assert_eq!((application.spans(), application.durations()), (0, 1));
        telemetry.shutdown().unwrap();
        assert_nobody();
    });
}
