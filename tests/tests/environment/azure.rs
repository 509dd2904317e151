//! The variables of Azure Monitor.

use llmobs_runtime::backend::azure_monitor::AzureMonitor;
use llmobs_runtime::{builder, configure};
use llmobs_tests::ingestion::Ingestion;
use llmobs_tests::{Memory, alone};
use opentelemetry_sdk::metrics::InMemoryMetricExporter;

use super::{is_run, record, run};

const KEY: &str = "22222222-2222-3333-4444-555555555555";

#[test]
fn an_instrumentation_key_alone_says_where_to_send() {
    let test = "azure::an_instrumentation_key_alone_says_where_to_send";
    if is_run(test) {
        let server = std::env::var("SERVER").unwrap();
        // Its own address would be one of Microsoft's.
        let azure = AzureMonitor::new().ingestion_endpoint(server);
        let telemetry = builder().azure_monitor(azure).install().unwrap();
        record(&telemetry);
        return telemetry.shutdown().unwrap();
    }
    let server = Ingestion::start();
    let connection = server.connection_string();
    let (_, address) = connection.split_once("IngestionEndpoint=").unwrap();
    let address = address.split(';').next().unwrap();
    run(test, &[("APPINSIGHTS_INSTRUMENTATIONKEY", KEY), ("SERVER", address)]);
    let envelopes = server.envelopes();
    assert!(envelopes.len() >= 3, "{envelopes:?}");
    assert!(envelopes.iter().all(|envelope| envelope["iKey"] == KEY), "{envelopes:?}");
}

#[test]
fn metrics_have_a_namespace_where_the_environment_says_so() {
    let test = "azure::metrics_have_a_namespace_where_the_environment_says_so";
    for (said, has) in [("true", "1"), ("false", ""), ("", "")] {
        let variables = [("APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN", said), ("HAS", has)];
        alone(test, &variables, || {
            let written = Memory::default();
            let azure = AzureMonitor::new().write_to(written.clone());
            let telemetry = builder().azure_monitor(azure).install().unwrap();
            record(&telemetry);
            telemetry.shutdown().unwrap();
            let named = written.text().contains(r#""ns":"llmobs""#);
            assert_eq!(named, !std::env::var("HAS").unwrap().is_empty(), "{}", written.text());
        });
    }
}

#[test]
fn the_detectors_are_those_that_the_environment_names() {
    let test = "azure::the_detectors_are_those_that_the_environment_names";
    for (detectors, name) in
        [("", "site"), ("azure_app_service", "site"), ("azure_aks", "unknown_service")]
    {
        let variables = [
            ("WEBSITE_SITE_NAME", "site"),
            ("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", detectors),
            ("NAME", name),
        ];
        alone(test, &variables, || {
            let metrics = InMemoryMetricExporter::default();
            let azure = AzureMonitor::new().write_to(std::io::sink());
            let telemetry =
                builder().azure_monitor(azure).metric_exporter(metrics.clone()).install().unwrap();
            record(&telemetry);
            telemetry.shutdown().unwrap();
            let collected = metrics.get_finished_metrics().unwrap();
            let key = opentelemetry::Key::from_static_str("service.name");
            let found = collected[0].resource().get(&key).unwrap().to_string();
            assert!(found.starts_with(&std::env::var("NAME").unwrap()), "{found}");
        });
    }
}

#[test]
fn an_identity_is_asked_for_by_its_variable() {
    let test = "azure::an_identity_is_asked_for_by_its_variable";
    let connection = format!("InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:1/");
    for (said, error) in [
        ("", ""),
        ("Authorization=AAD", ""),
        (
            "Authorization=hunter2",
            "in the environment: APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `Authorization` accepts only `AAD`; to \
             send with the instrumentation key alone, remove the variable",
        ),
    ] {
        let variables = [
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
            ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", said),
            ("ERROR", error),
        ];
        alone(test, &variables, || {
            let refused = configure().err().map(|error| error.to_string());
            assert_eq!(refused.unwrap_or_default(), std::env::var("ERROR").unwrap());
        });
    }
}

#[test]
fn who_asks_for_azure_without_saying_where_it_is_is_told() {
    let variables = [("OTEL_LOGS_EXPORTER", "azure_monitor"), ("OTEL_TRACES_EXPORTER", "none")];
    alone("azure::who_asks_for_azure_without_saying_where_it_is_is_told", &variables, || {
        assert_eq!(
            configure().unwrap_err().to_string(),
            "in the environment: APPLICATIONINSIGHTS_CONNECTION_STRING is not set, and `azure_monitor` is asked for"
        );
    });
}
