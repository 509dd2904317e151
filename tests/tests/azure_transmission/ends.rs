//! Flush and shutdown, whatever the server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{DropReason, Storage};
use llmobs_tests::ingestion::{Answer, Ingestion};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SpanExporter as _;

use crate::sender::{Directory, Sender, all_delivered, each_at_once, names, numbered, taking};

/// Servers that take nothing.
fn failures() -> Vec<Answer> {
    vec![
        Answer::Hang(Duration::from_mins(1)),
        Answer::Reset,
        Answer::Truncated,
        Answer::status(503),
        Answer::status(401),
        Answer::status(439),
        Answer::retry_after(429, "3600"),
        Answer::Reply(307, vec![("location", "/v2.1/track".to_owned())], String::new()),
    ]
}

#[test]
fn what_is_not_sent_in_time_is_in_storage_and_sent_by_the_next_process() {
    each_at_once(failures(), |answer| {
        let (directory, works) = (Directory::new(), Arc::new(AtomicBool::new(false)));
        let (told, is_working) = (answer.clone(), Arc::clone(&works));
        let (server, taken) =
            taking(
                move |_| {
                    if is_working.load(Ordering::Relaxed) { Answer::Accept } else { told.clone() }
                },
            );
        let sender = Sender::with(&server, |azure| azure.storage(directory.storage()));
        sender.send(numbered("span", 700));
        sender.exporter.shutdown_with_timeout(Duration::from_secs(2)).expect("storage");
        let statistics = sender.statistics();
        assert_eq!((statistics.accepted, statistics.delivered), (700, 0), "{answer:?}");
        assert_eq!(statistics.dropped_in_all(), 0, "{answer:?}");
        assert!(statistics.stored >= 700, "{answer:?}: {statistics:?}");

        works.store(true, Ordering::Relaxed);
        let sender = Sender::with(&server, |azure| azure.storage(directory.storage()));
        sender.wait_until(|statistics| statistics.delivered == 700);
        assert_eq!(sender.end().dropped_in_all(), 0, "{answer:?}");
        // A request that was given up may still have arrived, once it works.
        let taken = taken.now();
        assert_eq!(taken.len(), 700, "{answer:?}");
        assert!(taken.values().all(|times| *times <= 2), "{answer:?}");
    });
}

#[test]
fn without_storage_a_flush_says_that_it_was_in_vain_and_the_end_counts() {
    each_at_once(failures(), |answer| {
        let told = answer.clone();
        let server = Ingestion::deciding(move |_| told.clone());
        let sender = Sender::in_memory(&server);
        sender.send(numbered("span", 700));
        let end = sender.exporter.shutdown_with_timeout(Duration::from_secs(1));
        let Err(OTelSdkError::InternalFailure(message)) = &end else {
            panic!("{answer:?}: {end:?}")
        };
        assert!(message.contains("700"), "{message}");
        let statistics = sender.statistics();
        assert_eq!(statistics.dropped(DropReason::NotStored), 700, "{answer:?}");
        assert_eq!((statistics.delivered, statistics.dropped_in_all()), (0, 700), "{answer:?}");
        // There is no second end, and nothing after it.
        sender.exporter.shutdown_with_timeout(Duration::from_secs(1)).expect("it is down");
        let after = futures::executor::block_on(sender.exporter.export(Vec::new()));
        assert!(matches!(after, Err(OTelSdkError::AlreadyShutdown)));
    });
}

#[test]
fn without_storage_a_flush_in_an_outage_loses_nothing() {
    let (server, taken) = taking(|_| Answer::Accept);
    server.then([Answer::retry_after(503, "6")]);
    let sender = Sender::in_memory(&server);
    sender.send(["a"]);
    let flush = sender.flush();
    assert!(matches!(flush, Err(OTelSdkError::Timeout(_))), "{flush:?}");
    sender.send(["b"]);
    sender.wait_until(|statistics| statistics.delivered == 2);
    all_delivered(&sender.end(), 2);
    taken.is_each_once(&["a".to_owned(), "b".to_owned()]);
}

#[test]
fn the_end_tries_once_more_in_a_pause_of_our_own() {
    let (server, taken) = taking(|_| Answer::Accept);
    server.then([Answer::status(503)]);
    let sender = Sender::with(&server, |azure| {
        let minute = Duration::from_mins(1);
        azure.storage(Storage::off()).retry_delay(minute, minute)
    });
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.retried == 1);
    sender.send(["b"]);
    all_delivered(&sender.end(), 2);
    taken.is_each_once(&["a".to_owned(), "b".to_owned()]);
    assert_eq!(names(&server.received()[1]), ["a", "b"]);
}

#[test]
fn storage_that_cannot_be_used_is_as_none() {
    let directory = Directory::new();
    let file = directory.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let server = Ingestion::scripted([Answer::status(503)]);
    let sender = Sender::with(&server, |azure| azure.storage(Storage::at(&file)));
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.delivered == 1);
    let statistics = sender.end();
    all_delivered(&statistics, 1);
    assert_eq!(statistics.stored, 0);
}

#[test]
fn what_is_too_large_for_storage_costs_itself_only() {
    let directory = Directory::new();
    let server = Ingestion::deciding(|_| Answer::Hang(Duration::from_mins(1)));
    let storage = directory.storage().max_bytes(16 << 10);
    let sender = Sender::with(&server, |azure| azure.storage(storage));
    // Digits that no compression makes short enough.
    let mut state = 1_u64;
    let mut digits = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{state:020}")
    };
    let mut text = || (0..400).map(|_| digits()).collect::<String>();
    let large = crate::sender::span(
        "large",
        &[("k0", text()), ("k1", text()), ("k2", text()), ("k3", text()), ("k4", text())],
    );
    let mut spans = vec![large];
    spans.extend(numbered("span", 7).into_iter().map(|name| crate::sender::span(name, &[])));
    sender.export(spans);
    let _ = sender.exporter.shutdown_with_timeout(Duration::from_secs(1));
    sender.wait_until(|now| now.stored + now.dropped_in_all() >= 8);
    let statistics = sender.statistics();
    assert_eq!((statistics.stored, statistics.dropped(DropReason::NotStored)), (7, 1));
}

#[test]
fn what_of_a_stored_batch_was_taken_before_the_end_is_not_sent_again() {
    let (directory, phase) = (Directory::new(), Arc::new(AtomicUsize::new(0)));
    let now = Arc::clone(&phase);
    let (server, taken) =
        taking(move |request| match (now.load(Ordering::Relaxed), names(request)) {
            (0, _) => Answer::status(503),
            (1, names) if names.len() > 4 => Answer::status(413),
            (1, names) if names[0] != "span-0" => Answer::Hang(Duration::from_mins(1)),
            _ => Answer::Accept,
        });
    let open = || Sender::with(&server, |azure| azure.storage(directory.storage()));
    let sender = open();
    sender.send(numbered("span", 8));
    assert_eq!(sender.end().stored, 8);
    phase.store(1, Ordering::Relaxed);
    let sender = open();
    sender.wait_until(|statistics| statistics.requests == 3);
    assert_eq!(sender.statistics().delivered, 4);
    sender.exporter.shutdown_with_timeout(Duration::from_secs(1)).expect("nothing is left");
    // The thread ends at its own time: then the file is one of four items.
    sender.wait_until(|_| directory.files().iter().any(|name| name.ends_with("-4.v1.blob")));
    sender.wait_until(|_| directory.files().len() == 1);
    phase.store(2, Ordering::Relaxed);
    let sender = open();
    sender.wait_until(|statistics| statistics.delivered >= 4);
    sender.end();
    taken.is_each_once(&numbered("span", 8));
}
