//! Who the process is.

use std::collections::BTreeMap;

use llmobs_runtime::builder;
use llmobs_tests::alone;
use opentelemetry_sdk::metrics::InMemoryMetricExporter;

/// The resource of a pipeline that nobody says anything of in code.
fn found() -> BTreeMap<String, String> {
    let metrics = InMemoryMetricExporter::default();
    let telemetry = builder().metric_exporter(metrics.clone()).install().unwrap();
    super::record(&telemetry);
    telemetry.shutdown().unwrap();
    let collected = metrics.get_finished_metrics().unwrap();
    collected[0]
        .resource()
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

#[test]
fn the_service_has_the_name_that_the_environment_gives_it() {
    let test = "resource::the_service_has_the_name_that_the_environment_gives_it";
    for (name, attributes, expected) in [
        (" shop ", "service.name=other", "shop"),
        ("", "service.name=other", "other"),
        (" ", "a=b", "unknown_service:environment-"),
        ("a%2Cb", "", "a%2Cb"),
    ] {
        let variables = [
            ("OTEL_SERVICE_NAME", name),
            ("OTEL_RESOURCE_ATTRIBUTES", attributes),
            ("EXPECTED", expected),
        ];
        alone(test, &variables, || {
            let (name, expected) =
                (found()["service.name"].clone(), std::env::var("EXPECTED").unwrap());
            assert!(
                name == expected || (expected.ends_with('-') && name.starts_with(&expected)),
                "{name}"
            );
        });
    }
}

#[test]
fn attributes_are_read_and_their_percent_signs_decoded() {
    let variables = [(
        "OTEL_RESOURCE_ATTRIBUTES",
        "a=1, b%2Cb = x%3Dy%2Cz ,c=%C3%A4,d=e=f,service.name=s%20s,",
    )];
    alone("resource::attributes_are_read_and_their_percent_signs_decoded", &variables, || {
        let mut found = found();
        for (key, value) in [
            ("a", "1"),
            ("b,b", "x=y,z"),
            ("c", "ä"),
            ("d", "e=f"),
            ("service.name", "s s"),
            ("telemetry.sdk.language", "rust"),
            ("telemetry.sdk.name", "opentelemetry"),
        ] {
            assert_eq!(found.remove(key).as_deref(), Some(value), "{key}");
        }
        assert_eq!(found.keys().collect::<Vec<_>>(), ["telemetry.sdk.version"]);
    });
}
