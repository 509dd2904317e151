//! No answer at all, or half of one.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
use llmobs_tests::ingestion::{Answer, Ingestion};
use opentelemetry_sdk::trace::SpanExporter as _;

use crate::sender::{Directory, Sender, all_delivered, names, numbered, taking};

#[test]
fn a_batch_without_an_answer_is_kept_and_sent_again() {
    for failure in [Answer::Reset, Answer::Truncated, Answer::Hang(Duration::from_secs(2))] {
        for stored in [true, false] {
            let server = Ingestion::scripted([failure.clone(), failure.clone()]);
            let directory = Directory::new();
            let sender = Sender::with(&server, |azure| {
                let azure = azure.request_timeout(Duration::from_millis(300));
                azure.storage(if stored { directory.storage() } else { Storage::off() })
            });
            sender.send(numbered("span", 5));
            sender.wait_until(|statistics| statistics.delivered == 5);
            let statistics = sender.end();
            all_delivered(&statistics, 5);
            assert!(statistics.requests >= 3, "{failure:?}: {statistics:?}");
            let received = server.received();
            assert_eq!(names(&received[0]), numbered("span", 5), "{failure:?}");
            assert_eq!(names(received.last().expect("one")), numbered("span", 5), "{failure:?}");
        }
    }
}

#[test]
fn a_head_that_breaks_off_and_an_answer_that_is_no_http() {
    for answer in ["HTTP/1.1 200 O", "nonsense\r\n\r\n", "HTTP/1.1 999999 X\r\n\r\n"] {
        let server = Ingestion::scripted([Answer::Raw(answer.as_bytes().to_vec())]);
        let sender = Sender::to(&server);
        sender.send(["a"]);
        sender.wait_until(|statistics| statistics.delivered == 1);
        let statistics = sender.end();
        all_delivered(&statistics, 1);
        assert_eq!(statistics.stored, 1, "{answer}");
    }
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    // The status says that the service took it.
    let server =
        Ingestion::scripted([Answer::Reply(200, Vec::new(), "x".repeat(20 << 20)), Answer::Accept]);
    let sender = Sender::to(&server);
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.delivered == 1);
    sender.send(["b"]);
    let statistics = sender.end();
    all_delivered(&statistics, 2);
    assert_eq!(statistics.requests, 2);
}

#[test]
fn nobody_listens_until_somebody_does() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let directory = Directory::new();
    let azure = AzureMonitor::new()
        .connection_string(format!(
            "InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://{address}/"
        ))
        .resource_metric(false)
        .retry_delay(Duration::from_millis(20), Duration::from_millis(200))
        .storage(directory.storage());
    let spans = azure.exporters().expect("a connection string").spans;
    let batch = vec![crate::sender::span("a", &[])];
    futures::executor::block_on(spans.export(batch)).expect("an exporter in use");
    spans.force_flush().expect("storage");
    let statistics = spans.statistics();
    assert_eq!((statistics.delivered, statistics.dropped_in_all()), (0, 0));
    assert!(statistics.stored >= 1 && statistics.requests >= 1, "{statistics:?}");
    spans.shutdown_with_timeout(Duration::from_secs(10)).expect("storage");
}

#[test]
fn a_batch_that_never_passes_does_not_hold_up_what_lies_behind_it_in_storage() {
    for failure in [Answer::status(503), Answer::status(403), Answer::Reset] {
        let works = Arc::new(AtomicBool::new(false));
        let (does_work, told) = (Arc::clone(&works), failure.clone());
        let (server, taken) = taking(move |request| {
            let passes = does_work.load(Ordering::Relaxed)
                && !names(request).iter().any(|name| name == "poison");
            if passes { Answer::Accept } else { told.clone() }
        });
        let sender = Sender::to(&server);
        for name in ["poison", "a", "b", "c"] {
            sender.send([name]);
            sender.flush().expect("storage");
        }
        works.store(true, Ordering::Relaxed);
        // That the service works is seen by what is recorded meanwhile.
        sender.wait_until(|statistics| {
            sender.send(["live"]);
            let taken = taken.now();
            statistics.delivered > 3 && ["a", "b", "c"].iter().all(|name| taken.contains_key(*name))
        });
        let statistics = sender.end();
        assert_eq!(statistics.dropped_in_all(), 0, "{failure:?}");
    }
}

#[test]
fn a_timeout_of_no_length_is_none() {
    let server = Ingestion::start();
    let sender = Sender::with(&server, |azure| {
        azure.storage(Storage::off()).request_timeout(Duration::ZERO)
    });
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.delivered == 1);
    assert_eq!(sender.end().dropped_in_all(), 0);
}
