//! Setting a pipeline up, by code and by environment, and ending it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use llmobs_runtime::conventions::{Dialect, attr, operation};
use llmobs_runtime::{ConfigureError, builder, call, configure};
use llmobs_tests::alone;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, Key, KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracerProvider, SimpleSpanProcessor, Span, SpanData,
    SpanExporter, SpanProcessor,
};

/// Keeps what it gets, also after it has been shut down.
#[derive(Clone, Debug, Default)]
struct Kept {
    spans: Arc<Mutex<Vec<SpanData>>>,
    resource: Arc<Mutex<Option<Resource>>>,
}

impl Kept {
    fn spans(&self) -> Vec<SpanData> {
        self.spans.lock().unwrap().clone()
    }

    fn resource(&self, key: &'static str) -> Option<String> {
        let resource = self.resource.lock().unwrap();
        let value = resource.as_ref()?.get(&Key::from_static_str(key))?;
        Some(value.as_str().into_owned())
    }

    /// As the processor of a pipeline.
    fn simple(&self) -> SimpleSpanProcessor<Self> {
        SimpleSpanProcessor::new(self.clone())
    }
}

impl SpanExporter for Kept {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        self.spans.lock().unwrap().append(&mut batch);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        *self.resource.lock().unwrap() = Some(resource.clone());
    }
}

fn chat() {
    call(&operation::CHAT).model("m").start().end();
}

const LATEST: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";
const RELEASED: &str = "https://opentelemetry.io/schemas/1.41.1";

#[test]
fn there_is_one_pipeline_and_after_it_another() {
    alone("there_is_one_pipeline_and_after_it_another", &[], || {
        let (first, second) = (Kept::default(), Kept::default());
        let telemetry = builder().span_processor(first.simple()).install().unwrap();
        chat();
        let refused = builder().span_processor(second.simple()).install();
        assert!(matches!(refused, Err(ConfigureError::AlreadyConfigured)));
        assert!(refused.unwrap_err().to_string().contains("configured already"));
        chat();
        telemetry.shutdown().unwrap();
        assert!(!call(&operation::CHAT).is_recording());
        chat();
        let telemetry = builder().span_processor(second.simple()).install().unwrap();
        chat();
        drop(telemetry);
        chat();
        assert_eq!((first.spans().len(), second.spans().len()), (2, 1));
    });
}

#[test]
fn what_is_compiled_in_is_configured_without_a_word() {
    alone("what_is_compiled_in_is_configured_without_a_word", &[], || {
        let telemetry = configure().unwrap();
        assert!(call(&operation::CHAT).is_recording());
        assert!(matches!(configure(), Err(ConfigureError::AlreadyConfigured)));
        telemetry.force_flush().unwrap();
        telemetry.shutdown().unwrap();
    });
}

#[test]
fn a_call_that_outlives_its_pipeline_ends_quietly() {
    alone("a_call_that_outlives_its_pipeline_ends_quietly", &[], || {
        let kept = Kept::default();
        let telemetry = builder().span_processor(kept.simple()).install().unwrap();
        let running = call(&operation::CHAT).start();
        telemetry.shutdown().unwrap();
        running.end();
        assert!(kept.spans().is_empty());
    });
}

#[test]
fn the_environment_switches_everything_off() {
    for said in ["true", "TRUE", " true "] {
        alone("the_environment_switches_everything_off", &[("OTEL_SDK_DISABLED", said)], || {
            let kept = Kept::default();
            let telemetry = builder().span_processor(kept.simple()).install().unwrap();
            assert!(!call(&operation::CHAT).is_recording());
            chat();
            // Neither do the application's own providers make it record.
            global::set_tracer_provider(
                SdkTracerProvider::builder().with_span_processor(kept.simple()).build(),
            );
            chat();
            assert!(matches!(configure(), Err(ConfigureError::AlreadyConfigured)));
            telemetry.force_flush().unwrap();
            telemetry.shutdown().unwrap();
            assert!(kept.spans().is_empty());
        });
    }
}

#[test]
fn the_builder_switches_everything_off() {
    for said in ["", "false"] {
        alone("the_builder_switches_everything_off", &[("OTEL_SDK_DISABLED", said)], || {
            let kept = Kept::default();
            let given = || builder().span_processor(kept.simple());
            let telemetry = given().disabled(true).install().unwrap();
            assert!(!call(&operation::CHAT).is_recording());
            chat();
            telemetry.shutdown().unwrap();
            assert!(kept.spans().is_empty());
            let _telemetry = given().disabled(false).install().unwrap();
            chat();
            assert_eq!(kept.spans().len(), 1);
        });
    }
}

#[test]
fn who_runs_the_application_may_switch_off_what_its_code_does_not() {
    let test = "who_runs_the_application_may_switch_off_what_its_code_does_not";
    alone(test, &[("OTEL_SDK_DISABLED", "true")], || {
        let _telemetry = builder().disabled(false).install().unwrap();
        assert!(!call(&operation::CHAT).is_recording());
    });
}

#[test]
fn the_environment_switches_off_by_true_only() {
    for said in ["", "false", "False"] {
        alone("the_environment_switches_off_by_true_only", &[("OTEL_SDK_DISABLED", said)], || {
            let kept = Kept::default();
            let _telemetry = builder().span_processor(kept.simple()).install().unwrap();
            chat();
            assert_eq!(kept.spans().len(), 1);
        });
    }
}

#[test]
fn what_neither_switches_off_nor_on_is_refused() {
    for said in ["1", "yes"] {
        alone(
            "what_neither_switches_off_nor_on_is_refused",
            &[("OTEL_SDK_DISABLED", said)],
            || {
                let refused =
                    builder().span_processor(Kept::default().simple()).install().unwrap_err();
                let said = std::env::var("OTEL_SDK_DISABLED").unwrap();
                assert_eq!(
                    refused.to_string(),
                    format!(
                        "in the environment: OTEL_SDK_DISABLED is `{said}`, accepted is `true` or `false`"
                    )
                );
            },
        );
    }
}

#[test]
fn the_environment_picks_the_dialect() {
    let opt_in = [("OTEL_SEMCONV_STABILITY_OPT_IN", "http, gen_ai_latest_experimental")];
    alone("the_environment_picks_the_dialect", &opt_in, || {
        for (dialect, url) in
            [(None, LATEST), (Some(Dialect::Released), RELEASED), (Some(Dialect::Latest), LATEST)]
        {
            let kept = Kept::default();
            let mut builder = builder().span_processor(kept.simple());
            if let Some(dialect) = dialect {
                builder = builder.dialect(dialect);
            }
            let _telemetry = builder.install().unwrap();
            chat();
            assert_eq!(kept.spans()[0].instrumentation_scope.schema_url(), Some(url));
        }
    });
}

#[test]
fn without_a_word_the_dialect_is_the_released_one() {
    alone("without_a_word_the_dialect_is_the_released_one", &[], || {
        let kept = Kept::default();
        let _telemetry = builder().span_processor(kept.simple()).install().unwrap();
        chat();
        assert_eq!(kept.spans()[0].instrumentation_scope.schema_url(), Some(RELEASED));
    });
}

#[test]
fn the_environment_describes_the_resource_and_code_overrides_it() {
    let variables = [
        ("OTEL_SERVICE_NAME", "from-env"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1.2,deployment.environment.name=test"),
    ];
    alone("the_environment_describes_the_resource_and_code_overrides_it", &variables, || {
        let kept = Kept::default();
        drop(builder().span_processor(kept.simple()).install().unwrap());
        assert_eq!(kept.resource("service.name").as_deref(), Some("from-env"));
        assert_eq!(kept.resource("service.version").as_deref(), Some("1.2"));
        assert_eq!(kept.resource("telemetry.sdk.language").as_deref(), Some("rust"));

        let metrics = InMemoryMetricExporter::default();
        let telemetry = builder()
            .service_name("from-code")
            .span_processor(kept.simple())
            .metric_exporter(metrics.clone())
            .install()
            .unwrap();
        chat();
        telemetry.shutdown().unwrap();
        assert_eq!(kept.resource("service.name").as_deref(), Some("from-code"));
        assert_eq!(kept.resource("service.version").as_deref(), Some("1.2"));
        let collected = metrics.get_finished_metrics().unwrap();
        let name = collected[0].resource().get(&Key::from_static_str("service.name"));
        assert_eq!(name.map(|name| name.to_string()).as_deref(), Some("from-code"));

        let own = || {
            let own = [KeyValue::new("service.name", "own"), KeyValue::new("app.zone", "a")];
            Resource::builder_empty().with_schema_url(own, "https://example.com/1.0").build()
        };
        drop(builder().span_processor(kept.simple()).resource(own()).install().unwrap());
        assert_eq!(kept.resource("service.name").as_deref(), Some("own"));
        assert_eq!(kept.resource("service.version"), None);
        let named = builder().span_processor(kept.simple()).service_name("named").resource(own());
        drop(named.install().unwrap());
        assert_eq!(kept.resource("service.name").as_deref(), Some("named"));
        assert_eq!(kept.resource("app.zone").as_deref(), Some("a"));
        let url = kept.resource.lock().unwrap().as_ref().unwrap().schema_url().map(str::to_owned);
        assert_eq!(url.as_deref(), Some("https://example.com/1.0"));
    });
}

#[test]
fn the_environment_picks_the_sampler_and_code_overrides_it() {
    let variables = [("OTEL_TRACES_SAMPLER", "always_off")];
    alone("the_environment_picks_the_sampler_and_code_overrides_it", &variables, || {
        let (kept, metrics) = (Kept::default(), InMemoryMetricExporter::default());
        let telemetry = builder()
            .span_processor(kept.simple())
            .metric_exporter(metrics.clone())
            .install()
            .unwrap();
        chat();
        telemetry.shutdown().unwrap();
        assert!(kept.spans().is_empty());
        assert_eq!(metrics.get_finished_metrics().unwrap().len(), 1);
        let own =
            builder().span_processor(kept.simple()).sampler(Sampler::AlwaysOn).install().unwrap();
        chat();
        drop(own);
        assert_eq!(kept.spans().len(), 1);
    });
}

#[test]
fn a_sampler_of_the_environment_takes_its_argument() {
    let variables = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.0")];
    alone("a_sampler_of_the_environment_takes_its_argument", &variables, || {
        let kept = Kept::default();
        let _telemetry = builder().span_processor(kept.simple()).install().unwrap();
        for _ in 0..100 {
            chat();
        }
        assert!(kept.spans().is_empty());
    });
}

#[test]
fn dropping_the_guard_delivers_what_is_left() {
    alone("dropping_the_guard_delivers_what_is_left", &[], || {
        let (kept, metrics) = (Kept::default(), InMemoryMetricExporter::default());
        let batches = BatchSpanProcessor::builder(kept.clone()).build();
        let telemetry =
            builder().span_processor(batches).metric_exporter(metrics.clone()).install().unwrap();
        for _ in 0..10 {
            chat();
        }
        assert!(metrics.get_finished_metrics().unwrap().is_empty());
        drop(telemetry);
        assert_eq!(kept.spans().len(), 10);
        assert_eq!(metrics.get_finished_metrics().unwrap().len(), 1);
    });
}

#[test]
fn flushing_delivers_what_there_is() {
    alone("flushing_delivers_what_there_is", &[], || {
        let (kept, metrics) = (Kept::default(), InMemoryMetricExporter::default());
        let batches = BatchSpanProcessor::builder(kept.clone()).build();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let telemetry = builder()
            .span_processor(batches)
            .meters(|meters| meters.with_reader(reader))
            .install()
            .unwrap();
        chat();
        telemetry.force_flush().unwrap();
        assert_eq!((kept.spans().len(), metrics.get_finished_metrics().unwrap().len()), (1, 1));
        chat();
        telemetry.force_flush().unwrap();
        assert_eq!(kept.spans().len(), 2);
    });
}

/// Does what it is asked for when it is told to, and not before.
#[derive(Debug)]
struct Hanging {
    told: Mutex<Receiver<()>>,
    done: Sender<()>,
}

impl Hanging {
    fn new() -> (Self, Sender<()>, Receiver<()>) {
        let (tell, told) = channel();
        let (done, seen) = channel();
        (Self { told: Mutex::new(told), done }, tell, seen)
    }

    fn hang(&self) {
        let _ = self.told.lock().unwrap().recv();
        let _ = self.done.send(());
    }
}

impl SpanProcessor for Hanging {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        self.hang();
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.hang();
        Ok(())
    }
}

#[test]
fn a_backend_that_hangs_holds_nobody_up() {
    alone("a_backend_that_hangs_holds_nobody_up", &[], || {
        let (hanging, tell, done) = Hanging::new();
        let metrics = InMemoryMetricExporter::default();
        let telemetry = builder()
            .shutdown_deadline(Duration::from_millis(200))
            .span_processor(hanging)
            .metric_exporter(metrics.clone())
            .install()
            .unwrap();
        chat();
        let late = telemetry.force_flush().unwrap_err();
        assert_eq!(late.to_string(), "could not flush traces: not done within 200ms");
        let late = telemetry.shutdown().unwrap_err();
        assert_eq!(late.to_string(), "could not shut down traces: not done within 200ms");
        // It has not been told yet: both came back without it, and metrics did not wait for it.
        assert!(done.try_recv().is_err());
        assert!(!metrics.get_finished_metrics().unwrap().is_empty());
        // The next pipeline does not mind.
        let kept = Kept::default();
        let next = builder().span_processor(kept.simple()).install().unwrap();
        chat();
        drop(next);
        assert_eq!(kept.spans().len(), 1);
        tell.send(()).unwrap();
        tell.send(()).unwrap();
        done.recv().unwrap();
        done.recv().unwrap();
    });
}

#[test]
fn dropping_the_guard_does_not_wait_for_ever_either() {
    alone("dropping_the_guard_does_not_wait_for_ever_either", &[], || {
        let (hanging, _tell, done) = Hanging::new();
        drop(
            builder()
                .shutdown_deadline(Duration::from_millis(10))
                .span_processor(hanging)
                .install()
                .unwrap(),
        );
        assert!(done.try_recv().is_err());
    });
}

/// Fails, or panics, when it is asked for anything.
#[derive(Debug)]
struct Failing {
    panics: bool,
}

impl Failing {
    fn fail(&self) -> OTelSdkResult {
        assert!(!self.panics, "on purpose");
        Err(OTelSdkError::InternalFailure("no route to host".to_owned()))
    }
}

impl SpanProcessor for Failing {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        self.fail()
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.fail()
    }
}

#[test]
fn a_backend_that_fails_says_so() {
    alone("a_backend_that_fails_says_so", &[], || {
        let telemetry = builder().span_processor(Failing { panics: false }).install().unwrap();
        let failed = telemetry.force_flush().unwrap_err().to_string();
        assert!(failed.starts_with("could not flush traces: "), "{failed}");
        assert!(failed.contains("no route to host"), "{failed}");
        let failed = telemetry.shutdown().unwrap_err().to_string();
        assert!(failed.starts_with("could not shut down traces: "), "{failed}");
        let telemetry = builder().span_processor(Failing { panics: true }).install().unwrap();
        assert_eq!(
            telemetry.force_flush().unwrap_err().to_string(),
            "could not flush traces: panicked"
        );
        assert_eq!(
            telemetry.shutdown().unwrap_err().to_string(),
            "could not shut down traces: panicked"
        );
    });
}

#[test]
fn providers_that_are_handed_over_are_used_and_left_alone() {
    alone("providers_that_are_handed_over_are_used_and_left_alone", &[], || {
        let (kept, metrics) = (Kept::default(), InMemoryMetricExporter::default());
        let tracers = SdkTracerProvider::builder().with_span_processor(kept.simple()).build();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        // The order of the builder's methods says nothing.
        for builder in [
            builder().providers(&tracers, &meters).dialect(Dialect::Latest),
            builder().dialect(Dialect::Latest).providers(&tracers, &meters),
        ] {
            let telemetry = builder.install().unwrap();
            chat();
            telemetry.force_flush().unwrap();
            telemetry.shutdown().unwrap();
            chat();
        }
        assert_eq!(kept.spans().len(), 2);
        for span in kept.spans() {
            assert_eq!(span.instrumentation_scope.schema_url(), Some(LATEST));
        }
        tracers.tracer("app").in_span("after", |_| ());
        assert_eq!(kept.spans().len(), 3);
        meters.force_flush().unwrap();
        assert!(!metrics.get_finished_metrics().unwrap().is_empty());
    });
}

#[test]
fn what_the_application_records_itself_takes_the_same_way_until_the_end() {
    alone("what_the_application_records_itself_takes_the_same_way_until_the_end", &[], || {
        let kept = Kept::default();
        let telemetry = builder().span_processor(kept.simple()).install().unwrap();
        let in_app = || {
            let tracer = global::tracer("app");
            tracer.in_span("request", |context| context.span().span_context().is_valid())
        };
        assert!(in_app());
        telemetry.shutdown().unwrap();
        assert!(!in_app());
        assert_eq!(kept.spans().len(), 1);

        // Providers that it has set in the meantime stay.
        let telemetry = builder().span_processor(kept.simple()).install().unwrap();
        let own = Kept::default();
        global::set_tracer_provider(
            SdkTracerProvider::builder().with_span_processor(own.simple()).build(),
        );
        global::set_meter_provider(SdkMeterProvider::default());
        telemetry.shutdown().unwrap();
        assert!(in_app());
        assert_eq!((own.spans().len(), kept.spans().len()), (1, 1));
        // And from here on calls are found by them.
        call(&operation::EXECUTE_TOOL).set(attr::GEN_AI_TOOL_NAME, "t").start().end();
        assert_eq!(own.spans().len(), 2);
    });
}
