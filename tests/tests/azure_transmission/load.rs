//! Bursts and outages: nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmobs_runtime::backend::azure_monitor::{DropReason, Storage};
use llmobs_tests::ingestion::{Answer, Ingestion};
use opentelemetry_sdk::trace::SpanExporter as _;

use crate::sender::{Directory, Sender, all_delivered, each_at_once, numbered, span, taking};

#[test]
fn a_burst_loses_nothing() {
    let (server, taken) = taking(|_| Answer::Accept);
    let sender = Sender::to(&server);
    for batch in numbered("span", 10_000).chunks(512) {
        sender.send(batch.to_vec());
    }
    sender.wait_until(|statistics| statistics.delivered == 10_000);
    all_delivered(&sender.end(), 10_000);
    taken.is_each_once(&numbered("span", 10_000));
}

#[test]
fn a_burst_of_single_spans_from_many_threads_loses_nothing() {
    let (server, taken) = taking(|_| Answer::Accept);
    let sender = Sender::to(&server);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sender = &sender;
            scope.spawn(move || {
                for name in numbered(&format!("thread{thread}"), 1_000) {
                    sender.send([name]);
                }
            });
        }
    });
    sender.wait_until(|statistics| statistics.delivered == 8_000);
    all_delivered(&sender.end(), 8_000);
    let expected: Vec<_> =
        (0..8).flat_map(|thread| numbered(&format!("thread{thread}"), 1_000)).collect();
    taken.is_each_once(&expected);
}

#[test]
fn an_outage_loses_nothing() {
    let cases = [
        (Answer::status(503), true),
        (Answer::status(503), false),
        (Answer::Reset, true),
        (Answer::Reset, false),
    ];
    each_at_once(cases, |(failure, stored)| {
        let works = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&works);
        let (server, taken) =
            taking(
                move |_| {
                    if is_over.load(Ordering::Relaxed) { Answer::Accept } else { failure.clone() }
                },
            );
        let sender = if stored { Sender::to(&server) } else { Sender::in_memory(&server) };
        let all = numbered("span", 200);
        for name in &all {
            sender.send([name.clone()]);
            std::thread::sleep(Duration::from_millis(10));
        }
        sender.wait_until(|statistics| statistics.retried > 0);
        works.store(true, Ordering::Relaxed);
        sender.wait_until(|statistics| statistics.delivered == 200);
        let statistics = sender.end();
        all_delivered(&statistics, 200);
        taken.is_each_once(&all);
    });
}

#[test]
fn answers_of_all_kinds_lose_nothing() {
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let (server, taken) = taking(move |_| {
        // xorshift, so that a failure can be repeated
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        match random % 12 {
            0 => Answer::status(500),
            1 => Answer::status(503),
            2 => Answer::retry_after(429, "0"),
            3 => Answer::Reset,
            4 => Answer::Reply(307, vec![("location", "/v2.1/track".to_owned())], String::new()),
            5 => Answer::retry_after(439, "0"),
            6 => Answer::status(401),
            7 => Answer::Hang(Duration::from_millis(150)),
            _ => Answer::Accept,
        }
    });
    let directory = Directory::new();
    let sender = Sender::with(&server, |azure| {
        azure.storage(directory.storage()).request_timeout(Duration::from_millis(100))
    });
    let all = numbered("span", 5_000);
    for batch in all.chunks(50) {
        sender.send(batch.to_vec());
        sender.flush().expect("storage");
    }
    sender.wait_until(|statistics| statistics.delivered == 5_000);
    all_delivered(&sender.end(), 5_000);
    // An answer that comes too late is none: what it was about is taken twice, and counted once.
    let taken = taken.now();
    assert_eq!(taken.len(), 5_000);
    assert!(all.iter().all(|name| taken.contains_key(name)));
}

#[test]
fn what_finds_no_room_is_counted() {
    // Nobody answers, nothing is stored, and 100 MiB come.
    let server = Ingestion::deciding(|_| Answer::Hang(Duration::from_mins(1)));
    let sender = Sender::with(&server, |azure| azure.storage(Storage::off()));
    let text = "x".repeat(8_000);
    let mut sent = 0;
    for round in 0..30 {
        let large = |name: String| {
            let keys = ["k0", "k1", "k2", "k3", "k4", "k5", "k6"];
            span(name, &keys.map(|key| (key, text.clone())))
        };
        let batch: Vec<_> = numbered(&format!("round{round}"), 64).into_iter().map(large).collect();
        sent += batch.len() as u64;
        sender.export(batch);
    }
    let statistics = sender.statistics();
    let full = statistics.dropped(DropReason::BufferFull);
    assert_eq!((statistics.accepted, statistics.delivered), (sent, 0));
    assert_eq!(statistics.dropped_in_all(), full);
    // 64 MiB of about 56 KiB each.
    assert!((600..900).contains(&full), "{full}");
    let end = sender.exporter.shutdown_with_timeout(Duration::from_millis(400));
    assert!(end.is_err(), "{end:?}");
    sender.wait_until(|statistics| statistics.dropped_in_all() == sent);
    assert_eq!(sender.dropped(DropReason::NotStored), sent - full);
}
