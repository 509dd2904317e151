//! Which backends the environment chooses.

use llmobs_runtime::{ConfigureError, builder, configure};
use llmobs_tests::alone;
use llmobs_tests::ingestion::Ingestion;
use llmobs_tests::otlp::Receiver;
use opentelemetry_sdk::trace::InMemorySpanExporter;
use serde_json::Value;

use super::{configured, is_run, record, run, warned};

/// How many spans, metric points and log records arrived.
fn arrived(server: &Ingestion) -> [usize; 3] {
    let envelopes = server.envelopes();
    ["RemoteDependencyData", "MetricData", "MessageData"].map(|kind| {
        let is = |envelope: &&Value| {
            let data = &envelope["data"];
            let metric = &data["baseData"]["metrics"][0]["name"];
            data["baseType"] == kind
                && (metric.is_null() || metric == "gen_ai.client.operation.duration")
        };
        envelopes.iter().filter(is).count()
    })
}

/// Whether the console printed the call.
fn is_printed(wrote: &str) -> bool {
    wrote.contains("chat gpt-4o")
}

#[test]
fn each_signal_goes_where_its_variable_says() {
    let test = "chosen::each_signal_goes_where_its_variable_says";
    if is_run(test) {
        return configured();
    }
    let (traces, metrics, logs) =
        ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER");
    let azure = "azure_monitor";
    for (variables, printed, at_azure) in [
        (
            &[(traces, "console,azure_monitor"), (metrics, azure), (logs, azure)][..],
            true,
            [1, 1, 1],
        ),
        (&[(traces, "console"), (metrics, "none"), (logs, azure)], true, [0, 0, 1]),
        (&[(traces, " Azure_Monitor "), (metrics, "none"), (logs, "None")], false, [1, 0, 0]),
        (&[(traces, "azure_monitor_opentelemetry_exporter,azure_monitor")], false, [1, 1, 1]),
        (&[(traces, "none"), (metrics, azure), (logs, "none")], false, [0, 1, 0]),
        (&[(traces, "none"), (metrics, "none"), (logs, "none")], false, [0, 0, 0]),
        (&[(logs, "none")], false, [1, 1, 0]),
        (&[(traces, ""), (metrics, "none"), (logs, "none")], false, [1, 0, 0]),
    ] {
        let server = Ingestion::start();
        let connection = server.connection_string();
        let of_azure = ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str());
        let wrote = run(test, &[&[of_azure], variables].concat());
        assert_eq!(is_printed(&wrote), printed, "{variables:?}\n{wrote}");
        assert_eq!(arrived(&server), at_azure, "{variables:?}");
        assert_eq!(warned(&wrote), [""; 0], "{variables:?}");
    }
}

#[test]
fn several_backends_at_once_each_with_its_signals() {
    let test = "chosen::several_backends_at_once_each_with_its_signals";
    if is_run(test) {
        return configured();
    }
    let (collector, jaeger) = (Receiver::http(), Receiver::http());
    let (at_collector, at_jaeger) = (collector.endpoint(), jaeger.endpoint());
    let wrote = run(
        test,
        &[
            ("OTEL_TRACES_EXPORTER", "otlp,console,jaeger"),
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_LOGS_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &at_collector),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
            ("JAEGER_URL", &at_jaeger),
        ],
    );
    assert!(is_printed(&wrote), "{wrote}");
    for receiver in [&collector, &jaeger] {
        assert_eq!(receiver.spans().len(), 1);
        assert_eq!((receiver.points().len(), receiver.logs().len()), (0, 0));
    }
    assert_eq!(warned(&wrote), [""; 0]);

    // What is described takes all that it can, and what is not described takes nothing.
    let (server, collector, jaeger) = (Ingestion::start(), Receiver::http(), Receiver::http());
    let (at_collector, at_jaeger) = (collector.endpoint(), jaeger.endpoint());
    let at_azure = server.connection_string();
    let wrote = run(
        test,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", &at_azure),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &format!("{at_collector}/v1/metrics")),
            ("JAEGER_URL", &at_jaeger),
        ],
    );
    assert_eq!(arrived(&server), [1, 1, 1]);
    assert_eq!((collector.spans().len(), collector.logs().len()), (0, 0));
    assert!(!collector.points().is_empty());
    assert_eq!((jaeger.spans().len(), jaeger.points().len()), (1, 0));
    assert!(!is_printed(&wrote), "{wrote}");
}

#[test]
fn what_is_named_for_one_signal_takes_those_of_which_nobody_speaks() {
    let test = "chosen::what_is_named_for_one_signal_takes_those_of_which_nobody_speaks";
    if is_run(test) {
        let _warnings = super::warnings();
        // There is no collector where OTLP goes by default; what is asked for is seen all the same.
        let telemetry = configure().unwrap();
        assert!(telemetry.logger_provider().is_some());
        return;
    }
    run(test, &[("OTEL_TRACES_EXPORTER", "otlp")]);
}

#[test]
fn nothing_said_goes_to_the_console() {
    let test = "chosen::nothing_said_goes_to_the_console";
    if is_run(test) {
        return configured();
    }
    assert!(is_printed(&run(test, &[])));
    // Blank is unset.
    assert!(is_printed(&run(test, &[("OTEL_TRACES_EXPORTER", " ")])));
    // And so is what nobody knows.
    let wrote = run(test, &[("OTEL_TRACES_EXPORTER", "zipkin")]);
    assert!(is_printed(&wrote), "{wrote}");
    assert_eq!(warned(&wrote).len(), 1, "{wrote}");
    assert!(!is_printed(&run(test, &[("OTEL_TRACES_EXPORTER", "none")])));
}

#[test]
fn the_console_prints_the_signals_that_it_is_named_for() {
    let test = "chosen::the_console_prints_the_signals_that_it_is_named_for";
    if is_run(test) {
        return configured();
    }
    let (traces, metrics, logs) =
        ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER");
    for (variables, printed) in [
        (&[][..], [true, false, false]),
        (&[(traces, "console")], [true, false, false]),
        (&[(metrics, "console")], [true, true, false]),
        (&[(logs, "console")], [true, false, true]),
        (&[(traces, "none"), (metrics, "console")], [false, true, false]),
        (&[(traces, "none"), (logs, "console")], [false, false, true]),
        (&[(traces, "console"), (metrics, "console"), (logs, "console")], [true; 3]),
    ] {
        let wrote = run(test, variables);
        let found = ["chat gpt-4o", "gen_ai.client.operation.duration", "app  written"];
        assert_eq!(found.map(|text| wrote.contains(text)), printed, "{variables:?}\n{wrote}");
        // Whatever else is printed, the summary is last.
        if printed[0] {
            let last = wrote.lines().last().unwrap_or_default();
            assert!(last.starts_with("-         gpt-4o      1       0"), "{wrote}");
        }
        assert_eq!(warned(&wrote), [""; 0], "{variables:?}");
    }
}

#[test]
fn what_code_gives_is_all_unless_it_asks_for_more() {
    let test = "chosen::what_code_gives_is_all_unless_it_asks_for_more";
    if is_run(test) {
        let kept = InMemorySpanExporter::default();
        let more = std::env::var_os("MORE").is_some();
        let builder = builder().span_exporter(kept.clone());
        let builder = if more { builder.backends_from_env() } else { builder };
        let telemetry = builder.install().unwrap();
        record(&telemetry);
        telemetry.force_flush().unwrap();
        assert_eq!(kept.get_finished_spans().unwrap().len(), 1);
        return telemetry.shutdown().unwrap();
    }
    for (more, sent) in [(false, [0, 0, 0]), (true, [1, 1, 1])] {
        let server = Ingestion::start();
        let connection = server.connection_string();
        let mut variables = vec![("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str())];
        variables.extend(more.then_some(("MORE", "1")));
        run(test, &variables);
        assert_eq!(arrived(&server), sent, "{more}");
    }
}

#[test]
fn what_the_environment_names_is_not_read_where_code_gives_a_backend() {
    let test = "chosen::what_the_environment_names_is_not_read_where_code_gives_a_backend";
    alone(test, &[("OTEL_TRACES_EXPORTER", "none,console")], || {
        let given = || builder().span_exporter(InMemorySpanExporter::default());
        drop(given().install().unwrap());
        assert!(matches!(
            given().backends_from_env().install(),
            Err(ConfigureError::Environment(_))
        ));
        assert!(matches!(configure(), Err(ConfigureError::Environment(_))));
    });
}
