//! How the context travels.

use std::collections::HashMap;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{builder, call};
use llmobs_tests::alone;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::InMemorySpanExporter;

/// The headers that a call inside a context with baggage would send.
fn sent() -> String {
    let call = call(&operation::CHAT).model("m").start();
    let within = call.context().expect("it records").with_baggage([KeyValue::new("user", "ada")]);
    let mut headers = HashMap::new();
    global::get_text_map_propagator(|set| set.inject_context(&within, &mut headers));
    assert_eq!(
        headers.get("traceparent").is_some_and(|sent| {
            sent.contains(&within.span().span_context().trace_id().to_string())
        }),
        headers.contains_key("traceparent")
    );
    let mut names: Vec<String> = headers.into_keys().collect();
    names.sort_unstable();
    names.join(" ")
}

#[test]
fn the_context_travels_as_the_environment_says() {
    let test = "propagators::the_context_travels_as_the_environment_says";
    for (said, headers) in [
        ("", "baggage traceparent tracestate"),
        ("tracecontext,baggage,tracecontext", "baggage traceparent tracestate"),
        ("TraceContext", "traceparent tracestate"),
        ("baggage", "baggage"),
        ("b3,baggage", "baggage"),
        ("none", ""),
    ] {
        alone(test, &[("OTEL_PROPAGATORS", said), ("EXPECTED", headers)], || {
            let spans = InMemorySpanExporter::default();
            let _telemetry = builder().span_exporter(spans).install().unwrap();
            assert_eq!(sent(), std::env::var("EXPECTED").unwrap());
        });
    }
}

#[test]
fn the_context_travels_also_where_nothing_is_recorded() {
    let test = "propagators::the_context_travels_also_where_nothing_is_recorded";
    let variables = [("OTEL_SDK_DISABLED", "true"), ("OTEL_PROPAGATORS", "baggage")];
    alone(test, &variables, || {
        let _telemetry = llmobs_runtime::configure().unwrap();
        let within = Context::current().with_baggage([KeyValue::new("user", "ada")]);
        let mut headers = HashMap::<String, String>::new();
        global::get_text_map_propagator(|set| set.inject_context(&within, &mut headers));
        assert_eq!(headers.into_keys().collect::<Vec<_>>(), ["baggage"]);
    });
}

#[test]
fn a_propagator_of_the_application_stays() {
    alone("propagators::a_propagator_of_the_application_stays", &[], || {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let _telemetry =
            builder().span_exporter(InMemorySpanExporter::default()).install().unwrap();
        assert_eq!(sent(), "traceparent tracestate");
    });
}
