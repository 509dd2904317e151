//! What of the environment nobody knows: one warning.

use super::{configured, is_run, run, warned};

#[test]
fn one_warning_names_all_of_it() {
    let test = "unknown::one_warning_names_all_of_it";
    if is_run(test) {
        return configured();
    }
    let wrote = run(
        test,
        &[
            ("OTEL_TRACES_EXPORTER", "console,zipkin"),
            ("OTEL_LOGS_EXPORTER", "nnoe"),
            ("OTEL_METRICS_EXPORTER", "none"),
            ("OTEL_TRACES_SAMPLER", "xray"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_PROPAGATORS", "tracecontext,b3"),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "hunter2"),
            ("OTEL_TRACE_SAMPLER", "always_off"),
            ("OTEL_CONFIG_FILE", "otel.yaml"),
            ("OTEL_LOG_LEVEL", "debug"),
        ],
    );
    assert!(wrote.contains("chat gpt-4o"), "{wrote}");
    assert_eq!(
        warned(&wrote),
        ["in the environment: \
             OTEL_TRACES_EXPORTER names `zipkin`, which is unknown and left out; known here: console, otlp, \
             azure_monitor, jaeger, grafana, datadog, langfuse, none; \
             OTEL_LOGS_EXPORTER names `nnoe`, which is unknown and left out, `none` is near it; known here: console, otlp, \
             azure_monitor, grafana, datadog, none; \
             OTEL_TRACES_SAMPLER names `xray`, which is unknown and left out; known here: always_on, always_off, \
             traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio, trace_id_ratio, \
             parentbased_trace_id_ratio, microsoft.fixed_percentage, microsoft.rate_limited, \
             microsoft.fixed.percentage; \
             OTEL_PROPAGATORS names `b3`, which is unknown and left out; known here: tracecontext, baggage; \
             OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT has a value that is none of NO_CONTENT, SPAN_ONLY, \
             EVENT_ONLY, SPAN_AND_EVENT, true, false: no content is captured; \
             OTEL_CONFIG_FILE has no effect here; \
             OTEL_TRACE_SAMPLER is unknown, OTEL_TRACES_SAMPLER is near it"]
    );
}

#[test]
fn what_is_known_is_not_warned_of() {
    let test = "unknown::what_is_known_is_not_warned_of";
    if is_run(test) {
        return configured();
    }
    let wrote = run(
        test,
        &[
            ("OTEL_TRACES_EXPORTER", "console"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup,database"),
            ("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "otel,process"),
            ("OTEL_PYTHON_LOG_CORRELATION", "true"),
            ("OTEL_SERVICE_NAME", ""),
        ],
    );
    assert_eq!(warned(&wrote), [""; 0], "{wrote}");
}
