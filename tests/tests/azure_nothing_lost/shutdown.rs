//! The end of a process: within its time, and with nothing lost.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Exporters, Storage};
use llmobs_runtime::processor::BatchSpanProcessor;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::Place;
use super::service::{Answer, Service, connection_string};

const SPANS: u16 = 700;

fn exporters(address: SocketAddr, place: &Place) -> Exporters {
    AzureMonitor::new()
        .connection_string(connection_string(address))
        .storage(Storage::at(&place.path))
        .resource_metric(false)
        .exporters()
        .expect("exporters")
}

/// Makes the spans and shuts down, which must succeed: it does not where its time is not enough.
fn make_and_end(address: SocketAddr, place: &Place) {
    let azure = exporters(address, place);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::new(azure.spans))
        .build();
    drop((azure.logs, azure.metrics));
    let tracer = provider.tracer("test");
    for number in 0..SPANS {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("seq", i64::from(number)));
        span.end();
    }
    provider.shutdown_with_timeout(Duration::from_secs(2)).expect("within its time");
}

/// Another process, as it were, sends what is in storage.
fn drain(address: SocketAddr, place: &Place) {
    place.wait_until_free();
    let _azure = exporters(address, place);
    place.wait_until_sent();
}

/// All is on disk after the end, and delivered once by who comes next.
fn kept_and_delivered(answer: Answer) {
    let place = Place::new();
    let service = Service::deciding(move |_| answer.clone());
    make_and_end(service.address(), &place);
    assert_eq!((service.ledger().delivered(), place.kept().1), (0, usize::from(SPANS)));
    assert!(!service.ledger().answers.is_empty(), "it was tried");
    service.accept_all();
    drain(service.address(), &place);
    assert_eq!(service.ledger().taken, [1; SPANS as usize]);
}

#[test]
fn a_service_that_never_answers_holds_nobody_up() {
    // No answer ever comes before the client goes away: a client that waited for one would never return.
    kept_and_delivered(Answer::Hang { taken: false });
}

#[test]
fn a_service_that_fails_holds_nobody_up() {
    kept_and_delivered(Answer::Status(500, None));
}

#[test]
fn a_service_that_is_too_busy_holds_nobody_up() {
    kept_and_delivered(Answer::Status(429, Some(20)));
}

#[test]
fn a_service_that_is_not_there_holds_nobody_up() {
    let place = Place::new();
    let address =
        TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    make_and_end(address, &place);
    assert_eq!(place.kept().1, usize::from(SPANS));
    let service = Service::at(address, |_| Answer::Accept);
    drain(address, &place);
    assert_eq!(service.ledger().taken, [1; SPANS as usize]);
}
