//! The variables of the page for Prometheus.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use llmobs_runtime::{ConfigureError, configure};
use llmobs_tests::otlp::Receiver;

use super::faults::nothing_is_left;
use super::{is_run, record, run};

/// What a scraper gets.
fn page(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a server");
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: page\r\n\r\n").expect("it listens");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("text");
    page
}

/// A port that nobody listens at.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("an address").port().to_string()
}

#[test]
fn the_environment_says_where_the_page_is() {
    let test = "prometheus::the_environment_says_where_the_page_is";
    if is_run(test) {
        let telemetry = configure().unwrap();
        record(&telemetry);
        telemetry.force_flush().unwrap();
        let address = std::env::var("ADDRESS").unwrap();
        let page = page(&address);
        assert!(page.contains("gen_ai_client_operation_duration_seconds_count"), "{page}");
        return telemetry.shutdown().unwrap();
    }
    let (port, spaced) = (free_port(), free_port());
    for (variables, address) in [
        (vec![("OTEL_EXPORTER_PROMETHEUS_PORT", port.as_str())], format!("localhost:{port}")),
        (
            vec![
                ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
                ("OTEL_EXPORTER_PROMETHEUS_PORT", spaced.as_str()),
                ("OTEL_METRICS_EXPORTER", "prometheus"),
            ],
            format!("127.0.0.1:{spaced}"),
        ),
    ] {
        let wrote = run(test, &[variables, vec![("ADDRESS", address.as_str())]].concat());
        // It takes no traces: those go to the console.
        assert!(wrote.contains("chat gpt-4o"), "{wrote}");
    }
}

#[test]
fn what_cannot_be_started_leaves_nothing_behind() {
    let test = "prometheus::what_cannot_be_started_leaves_nothing_behind";
    if is_run(test) {
        for _ in 0..2 {
            match (std::env::var("WRONG").unwrap().as_str(), configure().unwrap_err()) {
                ("port", ConfigureError::Prometheus(error)) => {
                    assert!(error.to_string().contains("OTEL_EXPORTER_PROMETHEUS_PORT"), "{error}");
                }
                ("certificate", ConfigureError::Otlp(_)) => {}
                (wrong, error) => panic!("{wrong}: {error}"),
            }
        }
        return nothing_is_left();
    }
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let taken = held.local_addr().expect("an address").port().to_string();
    let receiver = Receiver::http();
    let endpoint = receiver.endpoint().replace("http:", "https:");
    let connection = "InstrumentationKey=11111111-2222-3333-4444-555555555555;\
                      IngestionEndpoint=http://127.0.0.1:1/";
    let others = [
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
    ];
    run(
        test,
        &[&others[..], &[("OTEL_EXPORTER_PROMETHEUS_PORT", &taken), ("WRONG", "port")]].concat(),
    );
    // No certificate, which is seen when everything else has been started.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let certificate = [
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", file),
        ("WRONG", "certificate"),
    ];
    run(test, &[&others[..], &certificate[..]].concat());
    assert_eq!(receiver.requests().len(), 0);
}
