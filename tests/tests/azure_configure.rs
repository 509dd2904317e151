//! Azure Monitor by one line in `main`, by the environment and by the builder.

use std::process::{Command, Output};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, DropReason, Storage};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{ConfigureError, builder, call};
use llmobs_tests::ingestion::Ingestion;
use llmobs_tests::{Memory, alone};
use opentelemetry::KeyValue;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::Sampler;
use serde_json::Value;

const KEY: &str = "11111111-2222-3333-4444-555555555555";

/// Runs the program whose `main` is the one line.
fn one_line(calls: usize, environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_azure-one-line"))
        .arg(calls.to_string())
        .env_clear()
        // What storage leaves behind stays in the build directory.
        .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
        .envs(environment.iter().copied())
        .output()
        .expect("the program starts")
}

fn of<'a>(envelopes: &'a [Value], base_type: &'a str) -> impl Iterator<Item = &'a Value> {
    envelopes.iter().filter(move |envelope| envelope["data"]["baseType"] == base_type)
}

fn spans(envelopes: &[Value]) -> Vec<&Value> {
    of(envelopes, "RemoteDependencyData").collect()
}

fn metrics(envelopes: &[Value]) -> Vec<&str> {
    of(envelopes, "MetricData")
        .filter_map(|envelope| envelope["data"]["baseData"]["metrics"][0]["name"].as_str())
        .collect()
}

#[test]
fn one_line_and_a_variable_send_everything_when_main_returns() {
    let server = Ingestion::start();
    let output = one_line(
        3,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", &server.connection_string()),
            ("OTEL_SERVICE_NAME", "shop"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let envelopes = server.envelopes();
    let spans = spans(&envelopes);
    assert_eq!(spans.len(), 3);
    for span in spans {
        assert_eq!(span["name"], "Microsoft.ApplicationInsights.RemoteDependency");
        assert_eq!(span["iKey"], KEY);
        assert_eq!(span["tags"]["ai.cloud.role"], "shop");
        let base = &span["data"]["baseData"];
        assert_eq!(base["name"], "chat gpt-4o");
        assert_eq!(base["type"], "GenAI | openai");
        assert_eq!(base["properties"]["gen_ai.usage.input_tokens"], "12");
    }
    let metrics = metrics(&envelopes);
    assert!(metrics.contains(&"gen_ai.client.operation.duration"), "{metrics:?}");
    assert!(metrics.contains(&"gen_ai.client.token.usage"), "{metrics:?}");
    assert!(metrics.contains(&"_OTELRESOURCE_"), "{metrics:?}");
    assert_eq!(server.received()[0].line, "POST /v2.1/track HTTP/1.1");
}

#[test]
fn without_a_connection_string_the_error_says_what_to_do() {
    let output = one_line(1, &[("APPLICATIONINSIGHTS_CONNECTION_STRING", " ")]);
    assert!(!output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).trim(),
        "Azure Monitor: no connection string: set the environment variable \
         APPLICATIONINSIGHTS_CONNECTION_STRING, or call `AzureMonitor::connection_string`; it is on the overview \
         page of the Application Insights resource"
    );
}

#[test]
fn an_error_names_the_variable_and_not_the_key() {
    let wrong = format!("InstrumentationKey={KEY};IngestionEndpoint=ftp://x");
    let output = one_line(1, &[("APPLICATIONINSIGHTS_CONNECTION_STRING", &wrong)]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("APPLICATIONINSIGHTS_CONNECTION_STRING: "), "{said}");
    assert!(said.contains("IngestionEndpoint"), "{said}");
    assert!(!said.contains(KEY), "{said}");
}

#[test]
fn signals_are_switched_off_by_the_standard_variables() {
    let server = Ingestion::start();
    let connection = server.connection_string();
    let output = one_line(
        1,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("OTEL_METRICS_EXPORTER", "none"),
            ("APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED", "True"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(metrics(&server.envelopes()), [""; 0]);
    assert_eq!(spans(&server.envelopes()).len(), 1);

    let server = Ingestion::start();
    let connection = server.connection_string();
    let output = one_line(
        1,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("OTEL_TRACES_EXPORTER", " None "),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(spans(&server.envelopes()).len(), 0);
    assert!(metrics(&server.envelopes()).contains(&"gen_ai.client.operation.duration"));
}

#[test]
fn nothing_is_sent_when_the_sdk_is_disabled() {
    let server = Ingestion::start();
    let connection = server.connection_string();
    let output = one_line(
        1,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("OTEL_SDK_DISABLED", "true"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn the_sampler_that_the_environment_names_puts_its_rate_on_what_it_keeps() {
    let server = Ingestion::start();
    let connection = server.connection_string();
    let output = one_line(
        400,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("OTEL_TRACES_SAMPLER", "microsoft.fixed_percentage"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let envelopes = server.envelopes();
    let spans = spans(&envelopes);
    // 400 traces of chance: 14 standard deviations on either side.
    assert!((60..340).contains(&spans.len()), "{}", spans.len());
    assert!(spans.iter().all(|span| span["sampleRate"] == 50.0));
    // Metrics are not sampled.
    let durations: f64 = of(&envelopes, "MetricData")
        .map(|envelope| &envelope["data"]["baseData"]["metrics"][0])
        .filter(|metric| metric["name"] == "gen_ai.client.operation.duration")
        .filter_map(|metric| metric["count"].as_f64())
        .sum();
    assert!((durations - 400.0).abs() < f64::EPSILON, "{durations}");
}

#[test]
fn what_is_found_on_azure_is_in_the_resource_and_what_is_said_wins() {
    let server = Ingestion::start();
    let connection = server.connection_string();
    let output = one_line(
        1,
        &[
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("WEBSITE_SITE_NAME", "site"),
            ("REGION_NAME", "westeurope"),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let envelopes = server.envelopes();
    assert_eq!(spans(&envelopes)[0]["tags"]["ai.cloud.role"], "site");
    let resource = of(&envelopes, "MetricData")
        .map(|envelope| &envelope["data"]["baseData"])
        .find(|base| base["metrics"][0]["name"] == "_OTELRESOURCE_")
        .expect("the resource");
    assert_eq!(resource["properties"]["cloud.region"], "westeurope");
    assert_eq!(resource["properties"]["service.name"], "site");
}

/// What was written instead of being sent.
fn envelopes(written: &Memory) -> Vec<Value> {
    let text = written.text();
    let batches = text.lines().map(serde_json::from_str::<Vec<Value>>);
    batches.flat_map(|batch| batch.expect("an array of envelopes")).collect()
}

#[test]
fn the_builder_takes_it_beside_a_sampler_and_a_resource() {
    alone("the_builder_takes_it_beside_a_sampler_and_a_resource", &[], || {
        let written = Memory::default();
        let resource =
            Resource::builder_empty().with_attribute(KeyValue::new("team", "shop")).build();
        let telemetry = builder()
            .azure_monitor(AzureMonitor::new().write_to(written.clone()).resource_on_items(true))
            .sampler(Sampler::AlwaysOn)
            .resource(resource)
            .install()
            .expect("configured");
        call(&operation::CHAT).model("m").start().end();
        telemetry.force_flush().expect("flushed");
        assert_eq!(spans(&envelopes(&written)).len(), 1);
        telemetry.shutdown().expect("shut down");
        let envelopes = envelopes(&written);
        assert_eq!(spans(&envelopes)[0]["data"]["baseData"]["properties"]["team"], "shop");
        assert!(metrics(&envelopes).contains(&"gen_ai.client.operation.duration"));
    });
}

#[test]
fn a_failure_to_configure_leaves_the_way_free() {
    alone("a_failure_to_configure_leaves_the_way_free", &[], || {
        let wrong = AzureMonitor::new().connection_string("nonsense");
        let failed = builder().azure_monitor(wrong).install();
        assert!(matches!(failed, Err(ConfigureError::AzureMonitor(_))), "{failed:?}");
        let right = AzureMonitor::new().write_to(std::io::sink());
        let telemetry = builder().azure_monitor(right).install().expect("configured");
        telemetry.shutdown().expect("shut down");
    });
}

#[test]
fn a_server_that_hangs_does_not_hold_the_end_of_main() {
    alone("a_server_that_hangs_does_not_hold_the_end_of_main", &[], || {
        let server =
            Ingestion::deciding(|_| llmobs_tests::ingestion::Answer::Hang(Duration::from_hours(1)));
        let telemetry = builder()
            .azure_monitor(
                AzureMonitor::new()
                    .connection_string(server.connection_string())
                    .storage(Storage::off()),
            )
            .shutdown_deadline(Duration::from_millis(500))
            .install()
            .expect("configured");
        call(&operation::CHAT).model("m").start().end();
        // The server is silent for an hour. This returns before, and says that something is missing.
        assert!(telemetry.shutdown().is_err());
    });
}

#[test]
fn a_flush_delivers_log_records_too() {
    alone("a_flush_delivers_log_records_too", &[], || {
        let server = Ingestion::start();
        let azure = AzureMonitor::new().connection_string(server.connection_string());
        let telemetry =
            builder().azure_monitor(azure.storage(Storage::off())).install().expect("configured");
        let logger = telemetry.logger_provider().expect("loggers").logger("test");
        for _ in 0..100 {
            let mut record = logger.create_log_record();
            record.set_body("said".into());
            logger.emit(record);
            telemetry.force_flush().expect("delivered");
        }
        assert_eq!(of(&server.envelopes(), "MessageData").count(), 100);
        telemetry.shutdown().expect("shut down");
    });
}

#[test]
fn the_guard_tells_what_became_of_everything() {
    alone("the_guard_tells_what_became_of_everything", &[("OTEL_BSP_MAX_QUEUE_SIZE", "2")], || {
        let server = Ingestion::start();
        let azure = AzureMonitor::new().connection_string(server.connection_string());
        let azure = azure.storage(Storage::off()).resource_metric(false).metrics(false);
        let telemetry = builder().azure_monitor(azure).install().expect("configured");
        for _ in 0..1_000 {
            call(&operation::CHAT).model("m").start().end();
        }
        telemetry.force_flush().expect("delivered");
        let statistics = telemetry.azure_monitor_statistics().expect("Azure Monitor is there");
        let lost = statistics.dropped(DropReason::QueueFull);
        assert_eq!(statistics.dropped_in_all(), lost);
        assert_eq!(statistics.delivered + lost, 1_000, "{statistics:?}");
        assert_eq!(spans(&server.envelopes()).len() as u64, statistics.delivered);
        telemetry.shutdown().expect("shut down");
    });
}

#[test]
fn a_main_that_fails_prints_the_message() {
    let wrong = AzureMonitor::new().connection_string("nonsense").exporters().expect_err("refused");
    assert_eq!(format!("{wrong:?}"), wrong.to_string());
    let wrong = ConfigureError::from(wrong);
    assert_eq!(format!("{wrong:?}"), wrong.to_string());
    assert!(wrong.to_string().starts_with("Azure Monitor: `AzureMonitor::connection_string`: "));
}
