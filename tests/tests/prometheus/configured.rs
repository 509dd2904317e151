//! What the environment says, beside other backends and without any.

use std::net::SocketAddr;

use llmobs_runtime::backend::prometheus::Prometheus;
use llmobs_tests::exposition::Exposition;
use llmobs_tests::scrape::scrape;
use llmobs_tests::{Recorder, Road, alone};

use super::{chat, open_metrics};

#[test]
fn host_and_port_come_from_the_environment() {
    // Free a moment ago, and nobody else here is given it so soon.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = std::env::var("OTEL_EXPORTER_PROMETHEUS_PORT").unwrap_or_else(|_| free.to_string());
    let variables =
        [("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"), ("OTEL_EXPORTER_PROMETHEUS_PORT", &port)];
    alone("configured::host_and_port_come_from_the_environment", &variables, || {
        let prometheus = Prometheus::new();
        let page = prometheus.page();
        let _telemetry = llmobs_runtime::builder().prometheus(prometheus).install().unwrap();
        let at = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        assert_eq!(page.address(), Some(at));
        chat("m", 1, 1);
        assert!(scrape(at).body.contains("gen_ai_client_token_usage_count"));
    });
}

#[test]
fn a_port_that_is_none_is_an_error_that_names_it() {
    let variables = [("OTEL_EXPORTER_PROMETHEUS_PORT", "94640")];
    alone("configured::a_port_that_is_none_is_an_error_that_names_it", &variables, || {
        let install = || llmobs_runtime::builder().prometheus(Prometheus::new()).install();
        for _ in 0..2 {
            let error = install().unwrap_err().to_string();
            assert!(error.contains("OTEL_EXPORTER_PROMETHEUS_PORT is `94640`"), "{error}");
        }
        // Nobody needs one.
        let prometheus = Prometheus::new().without_server();
        assert!(llmobs_runtime::builder().prometheus(prometheus).install().is_ok());
    });
}

#[test]
fn where_telemetry_is_off_nothing_is_served() {
    let variables = [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "none")];
    alone("configured::where_telemetry_is_off_nothing_is_served", &variables, || {
        let prometheus = Prometheus::new();
        let page = prometheus.page();
        let _telemetry = llmobs_runtime::builder().prometheus(prometheus).install().unwrap();
        assert_eq!((page.address(), page.response(None).status()), (None, 503));
    });
}

#[test]
fn beside_another_reader_both_have_everything() {
    let prometheus = Prometheus::new().without_server();
    let page = prometheus.page();
    let recorder = Recorder::on(Road::Ours, |builder| {
        builder
            .prometheus(prometheus)
            .metric_exporter(opentelemetry_sdk::metrics::InMemoryMetricExporter::default())
    });
    for number in 1..=3_u32 {
        chat("m", 5, 5);
        let count = open_metrics(&page)
            .value("gen_ai_client_token_usage_count", &[("gen_ai_token_type", "input")]);
        assert_eq!(count.to_bits(), f64::from(number).to_bits());
        let points = recorder.points_of("gen_ai.client.token.usage");
        assert!(points.iter().all(|point| point.count == u64::from(number)), "{points:?}");
    }
}

#[test]
fn the_last_one_counts() {
    let (first, second) = (Prometheus::new().port(0), Prometheus::new().without_server());
    let (before, page) = (first.page(), second.page());
    let _recorder =
        Recorder::on(Road::Ours, |builder| builder.prometheus(first).prometheus(second));
    assert_eq!((before.address(), before.response(None).status()), (None, 503));
    Exposition::text(&page.text().unwrap());
}

#[test]
fn what_it_is_may_be_shown() {
    let prometheus = Prometheus::new().host("127.0.0.1").port(1);
    assert!(format!("{prometheus:?}").contains("127.0.0.1"));
    assert_eq!(format!("{:?}", prometheus.page()), "Page { address: None, .. }");
    let error = llmobs_runtime::builder().prometheus(Prometheus::new().host("no host"));
    assert!(format!("{error:?}").contains("no host"));
}
