//! What of the environment cannot be read.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{ConfigureError, builder, call, configure};
use llmobs_tests::alone;
use opentelemetry::global;
use opentelemetry::trace::{Span, Tracer};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

/// The threads of this process that are ours or the SDK's, by the names that Linux knows.
fn threads() -> BTreeSet<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads can be listed");
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    let ours = |name: &String| name.starts_with("llmobs") || name.starts_with("OpenTelemetry");
    tasks.filter_map(name).filter(ours).collect()
}

/// Nothing of a pipeline is there, and another one can be.
pub(super) fn nothing_is_left() {
    let end = Instant::now() + Duration::from_secs(10);
    while !threads().is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(threads(), BTreeSet::new());
    assert!(!global::tracer("app").start("nothing").span_context().is_valid());
    assert_eq!(global::get_text_map_propagator(|set| set.fields().count()), 0);
    assert!(!call(&operation::CHAT).is_recording());
    let kept = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let telemetry = builder().providers(&tracers, &SdkMeterProvider::default()).install().unwrap();
    call(&operation::CHAT).model("m").start().end();
    telemetry.shutdown().unwrap();
    assert_eq!(kept.get_finished_spans().unwrap().len(), 1);
}

#[test]
fn all_are_told_at_once_and_nothing_is_left_behind() {
    let variables = [
        ("OTEL_TRACES_EXPORTER", "none,console"),
        ("OTEL_METRICS_EXPORTER", "console,jaeger"),
        ("OTEL_LOGS_EXPORTER", "prometheus,azure_monitor"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,shop"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "25%"),
        ("OTEL_PROPAGATORS", "none,baggage"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "-1"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "60s"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "1e3"),
        ("APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN", "on"),
    ];
    alone("faults::all_are_told_at_once_and_nothing_is_left_behind", &variables, || {
        for _ in 0..2 {
            let error = configure().unwrap_err();
            assert_eq!(
                error.to_string(),
                "in the environment: \
                 OTEL_TRACES_EXPORTER is `none,console`, accepted is `none` alone, or names without it; \
                 OTEL_METRICS_EXPORTER names `jaeger`, which takes traces only; metrics are taken by console, otlp, \
                 prometheus, azure_monitor, grafana, datadog; \
                 OTEL_LOGS_EXPORTER names `prometheus`, which takes metrics only; logs are taken by console, otlp, \
                 azure_monitor, grafana, datadog; \
                 OTEL_RESOURCE_ATTRIBUTES: pair 2 `shop` is broken, accepted is `key=value` with commas between, and \
                 what `%` begins is two hexadecimal digits of UTF-8; \
                 OTEL_TRACES_SAMPLER_ARG is `25%`, accepted is a number from 0 to 1; \
                 OTEL_PROPAGATORS is `none,baggage`, accepted is `none` alone, or names without it; \
                 OTEL_BSP_MAX_QUEUE_SIZE is `0`, accepted is a whole number from 1; \
                 OTEL_BLRP_SCHEDULE_DELAY is `-1`, accepted is a whole number of milliseconds; \
                 OTEL_METRIC_EXPORT_INTERVAL is `60s`, accepted is a whole number of milliseconds from 1; \
                 OTEL_SPAN_LINK_COUNT_LIMIT is `1e3`, accepted is a whole number; \
                 APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN is `on`, accepted is `true` or `false`"
            );
            assert_eq!(format!("{error:?}"), error.to_string());
            let ConfigureError::Environment(error) = error else { panic!("{error}") };
            assert_eq!(error.variables().count(), 11);
        }
        nothing_is_left();
    });
}

#[test]
fn what_code_says_the_environment_may_say_wrongly() {
    let variables = [
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_RESOURCE_ATTRIBUTES", "shop"),
    ];
    alone("faults::what_code_says_the_environment_may_say_wrongly", &variables, || {
        let given = || builder().span_exporter(InMemorySpanExporter::default());
        let sampler = opentelemetry_sdk::trace::Sampler::AlwaysOn;
        let resource = opentelemetry_sdk::Resource::builder_empty().build();
        drop(given().sampler(sampler.clone()).resource(resource.clone()).install().unwrap());
        let of = |refused: Result<_, ConfigureError>| match refused {
            Err(ConfigureError::Environment(error)) => error.variables().collect::<Vec<_>>(),
            _ => panic!("refused"),
        };
        assert_eq!(of(given().sampler(sampler).install()), ["OTEL_RESOURCE_ATTRIBUTES"]);
        assert_eq!(of(given().resource(resource).install()), ["OTEL_TRACES_SAMPLER_ARG"]);
    });
}

#[test]
fn what_is_switched_off_reads_nothing_else() {
    let variables = [("OTEL_SDK_DISABLED", "true"), ("OTEL_BSP_MAX_QUEUE_SIZE", "many")];
    alone("faults::what_is_switched_off_reads_nothing_else", &variables, || {
        drop(configure().unwrap());
    });
}

#[test]
fn no_secret_is_shown() {
    let key = "11111111-2222-3333-4444-555555555555";
    let connection = format!("InstrumentationKey={key};IngestionEndpoint=ftp://me:hunter2@host");
    let variables = [
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
        ("OTEL_RESOURCE_ATTRIBUTES", "password=hunter2%"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "https://me:hunter2@host?hunter2"),
    ];
    alone("faults::no_secret_is_shown", &variables, || {
        let error = configure().unwrap_err();
        let said = format!("{error}\n{error:?}");
        assert!(!said.contains("hunter2") && !said.contains("11111111"), "{said}");
        for variable in ["APPLICATIONINSIGHTS_CONNECTION_STRING", "OTEL_RESOURCE_ATTRIBUTES"] {
            assert!(said.contains(variable), "{said}");
        }
        assert!(said.contains("is `https://…@host?…`"), "{said}");
        nothing_is_left();
    });
}
