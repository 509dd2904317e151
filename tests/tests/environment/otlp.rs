//! The variables of OTLP.

use llmobs_runtime::configure;
use llmobs_tests::alone;
use llmobs_tests::otlp::{Answer, Receiver, Request};

use super::{configured, is_run, record, run};

/// One for each signal, by its path.
fn of<'a>(requests: &'a [Request], path: &str) -> &'a Request {
    let of: Vec<&Request> = requests.iter().filter(|one| one.path == path).collect();
    assert_eq!(of.len(), 1, "{path}");
    of[0]
}

#[test]
fn the_environment_says_where_otlp_goes_and_how() {
    let test = "otlp::the_environment_says_where_otlp_goes_and_how";
    if is_run(test) {
        return configured();
    }
    // For all signals.
    let receiver = Receiver::http();
    let endpoint = format!("{}/base/", receiver.endpoint());
    run(
        test,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20key"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
            ("OTEL_SERVICE_NAME", "shop"),
        ],
    );
    let requests = receiver.requests();
    for signal in ["traces", "metrics", "logs"] {
        let request = of(&requests, &format!("/base/v1/{signal}"));
        assert_eq!(request.header("api-key"), Some("a key"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("content-encoding"), Some("gzip"));
    }
    assert_eq!(receiver.spans()[0].name, "chat gpt-4o");
    assert_eq!(receiver.spans()[0].resource["service.name"], "shop");
    let mut histograms = receiver.points();
    histograms.retain(|point| point.kind == "histogram");
    assert!(!histograms.is_empty());
    assert!(histograms.iter().all(|point| point.temporality == "DELTA"), "{histograms:?}");
    assert_eq!(receiver.logs().len(), 1);

    // For each, against those for all.
    let (traces, metrics, logs) = (Receiver::http(), Receiver::grpc(), Receiver::http());
    let of_traces = format!("{}/as/it/stands", traces.endpoint());
    let of_metrics = metrics.address().to_string();
    let of_logs = format!("{}/l", logs.endpoint());
    run(
        test,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &of_traces),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &of_metrics),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", &of_logs),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_METRICS_INSECURE", "true"),
            ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "b=2"),
        ],
    );
    let request = traces.requests().remove(0);
    assert_eq!((request.path.as_str(), request.header("a")), ("/as/it/stands", Some("1")));
    let request = logs.requests().remove(0);
    assert_eq!((request.header("a"), request.header("b")), (None, Some("2")));
    assert!(metrics.points().iter().any(|point| point.metric.ends_with("operation.duration")));
    assert_eq!((traces.points().len(), logs.spans().len()), (0, 0));
}

/// Those that take one of several words, a number or pairs, and what none of them takes.
const MALFORMED: [&str; 25] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
];

/// The files of certificates and keys.
const FILES: [&str; 12] = [
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
];

#[test]
fn each_variable_that_cannot_be_read_is_named_without_secrets() {
    let test = "otlp::each_variable_that_cannot_be_read_is_named_without_secrets";
    for variable in MALFORMED.into_iter().chain(FILES) {
        let value = if variable.ends_with("ENDPOINT") {
            "ftp://me:hunter2@host?hunter2"
        } else if variable.ends_with("HEADERS") {
            "hunter2"
        } else {
            "no such thing"
        };
        let signals = ["METRICS", "LOGS"].into_iter().find(|signal| variable.contains(signal));
        let signals = signals.unwrap_or("TRACES");
        let exporter = format!("OTEL_{signals}_EXPORTER");
        let variables = [(variable, value), (exporter.as_str(), "otlp"), ("VARIABLE", variable)];
        alone(test, &variables, || {
            let error = configure().unwrap_err().to_string();
            let variable = std::env::var("VARIABLE").unwrap();
            assert!(error.starts_with("in the environment: "), "{error}");
            assert!(error.contains(&variable) && !error.contains("hunter2"), "{error}");
            // Once.
            assert_eq!(error.matches("OTEL_").count(), 1, "{error}");
        });
    }
}

#[test]
fn many_are_named_at_once() {
    let values: Vec<(&str, &str)> =
        MALFORMED.into_iter().map(|variable| (variable, "no such thing")).collect();
    alone("otlp::many_are_named_at_once", &values, || {
        let error = configure().unwrap_err().to_string();
        // Who cannot tell the protocol cannot tell an address either.
        let at_once = |name: &&str| !name.ends_with("ENDPOINT") && !name.ends_with("HEADERS");
        for variable in MALFORMED.into_iter().filter(at_once) {
            assert!(error.contains(&format!("{variable} is `no such thing`")), "{error}");
        }
    });
}

#[test]
fn a_batch_is_tried_for_as_long_as_the_environment_says() {
    let test = "otlp::a_batch_is_tried_for_as_long_as_the_environment_says";
    if is_run(test) {
        let telemetry = configure().unwrap();
        record(&telemetry);
        let flushed = telemetry.force_flush();
        assert_eq!(flushed.is_ok(), std::env::var_os("DELIVERED").is_some(), "{flushed:?}");
        drop(telemetry);
        return;
    }
    for (milliseconds, delivered) in [("1", false), ("0", true)] {
        let mut seen = Vec::new();
        let receiver = Receiver::http().deciding(move |request| {
            let again = seen.contains(&request.path);
            seen.push(request.path.clone());
            if again { Answer::Accept } else { Answer::status(503) }
        });
        let endpoint = receiver.endpoint();
        let mut variables = vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_BSP_EXPORT_TIMEOUT", milliseconds),
            ("OTEL_BLRP_EXPORT_TIMEOUT", milliseconds),
            ("OTEL_METRIC_EXPORT_TIMEOUT", milliseconds),
        ];
        variables.extend(delivered.then_some(("DELIVERED", "1")));
        run(test, &variables);
        let (spans, logs) = (receiver.spans().len(), receiver.logs().len());
        assert_eq!((spans, logs), if delivered { (1, 1) } else { (0, 0) });
        let metrics = receiver.requests().into_iter().filter(|one| one.path == "/v1/metrics");
        // Those of the flush, again where it is tried on, and of the end.
        assert_eq!(metrics.count(), if delivered { 3 } else { 2 });
    }
}
