//! A Collector absent, dying, slow and answering nonsense, seen from an application.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmobs_runtime::backend::otlp::{Otlp, Protocol};
use llmobs_runtime::{Telemetry, builder};
use llmobs_tests::alone;
use llmobs_tests::otlp::{Answer, Receiver};
use llmobs_tests::sinks::chat;
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, Metric, MetricData, ResourceMetrics, ScopeMetrics, SumDataPoint,
};

const PROTOCOLS: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::Grpc];

fn otlp(address: SocketAddr, protocol: Protocol) -> Otlp {
    let otlp = Otlp::at(format!("http://{address}")).protocol(protocol);
    otlp.timeout(Duration::from_millis(300)).metrics(false)
}

fn start(address: SocketAddr, protocol: Protocol) -> Telemetry {
    builder()
        .shutdown_deadline(Duration::from_millis(100))
        .otlp(otlp(address, protocol))
        .install()
        .unwrap()
}

fn receiver_at(address: SocketAddr, protocol: Protocol) -> Receiver {
    match protocol {
        Protocol::Grpc => Receiver::grpc_at(address),
        _ => Receiver::http_at(address),
    }
}

fn receiver(protocol: Protocol) -> Receiver {
    receiver_at(([127, 0, 0, 1], 0).into(), protocol)
}

fn address_of_nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).unwrap()
}

#[test]
fn absent_at_the_start_it_gets_everything_when_it_comes() {
    alone("otlp::absent_at_the_start_it_gets_everything_when_it_comes", &[], || {
        for protocol in PROTOCOLS {
            let address = address_of_nobody();
            let telemetry = start(address, protocol);
            for _ in 0..1_000 {
                chat();
            }
            telemetry.force_flush().unwrap_err();
            let receiver = receiver_at(address, protocol);
            receiver.wait_for_spans(1_000);
            chat();
            receiver.wait_for_spans(1_001);
            drop(telemetry);
            assert_eq!(receiver.spans().len(), 1_001, "{protocol:?}");
        }
    });
}

#[test]
fn gone_midway_it_gets_everything_when_it_is_back() {
    alone("otlp::gone_midway_it_gets_everything_when_it_is_back", &[], || {
        for protocol in PROTOCOLS {
            let mut before = receiver(protocol);
            let address = before.address();
            let telemetry = start(address, protocol);
            chat();
            telemetry.force_flush().unwrap();
            assert_eq!(before.spans().len(), 1);
            before.stop();
            for _ in 0..100 {
                chat();
            }
            telemetry.force_flush().unwrap_err();
            let after = receiver_at(address, protocol);
            after.wait_for_spans(100);
            chat();
            after.wait_for_spans(101);
            drop(telemetry);
            assert_eq!(after.spans().len(), 101, "{protocol:?}");
        }
    });
}

#[test]
fn in_trouble_for_a_while_it_gets_everything_when_that_is_over() {
    alone("otlp::in_trouble_for_a_while_it_gets_everything_when_that_is_over", &[], || {
        for protocol in PROTOCOLS {
            for trouble in
                [Answer::Reset, Answer::status(503), Answer::Hang(Duration::from_secs(1))]
            {
                let ill = Arc::new(AtomicBool::new(true));
                let (is_ill, answer) = (Arc::clone(&ill), trouble.clone());
                let receiver = receiver(protocol).deciding(move |_| {
                    if is_ill.load(Ordering::Acquire) { answer.clone() } else { Answer::Accept }
                });
                let telemetry = start(receiver.address(), protocol);
                for _ in 0..50 {
                    chat();
                }
                receiver.wait_for_requests(1);
                telemetry.force_flush().unwrap_err();
                ill.store(false, Ordering::Release);
                receiver.wait_for_spans(50);
                chat();
                receiver.wait_for_spans(51);
                drop(telemetry);
                assert_eq!(receiver.spans().len(), 51, "{protocol:?} {trouble:?}");
            }
        }
    });
}

#[test]
fn one_that_answers_nonsense_gets_what_comes_later() {
    alone("otlp::one_that_answers_nonsense_gets_what_comes_later", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol).then([Answer::Garbage, Answer::Garbage]);
            let telemetry = start(receiver.address(), protocol);
            for calls in 1..=3 {
                chat();
                let _ = telemetry.force_flush();
                receiver.wait_for_requests(calls);
            }
            // The first two may have been taken: who knows?
            receiver.wait_for_spans(1);
            drop(telemetry);
        }
    });
}

/// How many spans a metric of the pipeline about itself counts, with an error or with none.
fn told(metrics: &InMemoryMetricExporter, name: &str, error: Option<&str>) -> u64 {
    let collected = metrics.get_finished_metrics().unwrap();
    let all = collected.last().into_iter().flat_map(ResourceMetrics::scope_metrics);
    let mut of = all.flat_map(ScopeMetrics::metrics).filter(|metric| metric.name() == name);
    let Some(AggregatedMetrics::U64(MetricData::Sum(sum))) = of.next().map(Metric::data) else {
        return 0;
    };
    let wanted = |point: &&SumDataPoint<u64>| {
        let mut attributes = point.attributes();
        let found = attributes.find(|attribute| attribute.key.as_str() == "error.type");
        found.map(|found| found.value.to_string()).as_deref() == error
    };
    sum.data_points().filter(wanted).map(SumDataPoint::value).sum()
}

fn found_no_room(metrics: &InMemoryMetricExporter) -> u64 {
    told(metrics, "otel.sdk.processor.span.processed", Some("queue_full"))
}

#[test]
fn what_it_rejects_is_not_told_as_exported() {
    alone("otlp::what_it_rejects_is_not_told_as_exported", &[], || {
        for protocol in PROTOCOLS {
            let metrics = InMemoryMetricExporter::default();
            let receiver = receiver(protocol).then([Answer::Partial(3, "too old")]);
            let telemetry = builder()
                .otlp(otlp(receiver.address(), protocol))
                .metric_exporter(metrics.clone())
                .install()
                .unwrap();
            for _ in 0..2 {
                for _ in 0..10 {
                    chat();
                }
                telemetry.force_flush().unwrap();
            }
            telemetry.force_flush().unwrap();
            let exported = |error| told(&metrics, "otel.sdk.exporter.span.exported", error);
            assert_eq!((exported(None), exported(Some("rejected"))), (17, 3), "{protocol:?}");
        }
    });
}

#[test]
fn what_it_does_not_get_is_counted_to_the_last_span() {
    alone(
        "otlp::what_it_does_not_get_is_counted_to_the_last_span",
        &[("OTEL_BSP_MAX_QUEUE_SIZE", "1000")],
        || {
            const CALLS: usize = 5_000;
            let (address, metrics) = (address_of_nobody(), InMemoryMetricExporter::default());
            let telemetry = builder()
                .shutdown_deadline(Duration::from_millis(300))
                .otlp(otlp(address, Protocol::HttpProtobuf))
                .metric_exporter(metrics.clone())
                .install()
                .unwrap();
            for _ in 0..CALLS {
                chat();
            }
            // Twice: the signals are flushed at the same time.
            telemetry.force_flush().unwrap_err();
            telemetry.force_flush().unwrap_err();
            assert_eq!(found_no_room(&metrics), (CALLS - 1_000) as u64);
            let receiver = Receiver::http_at(address);
            receiver.wait_for_spans(1_000);
            chat();
            receiver.wait_for_spans(1_001);
            telemetry.force_flush().unwrap();
            assert_eq!((receiver.spans().len(), found_no_room(&metrics)), (1_001, 4_000));
        },
    );
}
