//! One line when something is lost, and one with how many there were since; not one for each.

use std::time::Duration;

use llmobs_runtime::builder;
use llmobs_runtime::processor::{BatchSpanProcessor, Batching};
use llmobs_tests::{Memory, alone};

use llmobs_tests::sinks::{Does, Sink, chat};

/// What is logged from here on.
fn listen() -> Memory {
    let log = Memory::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .init();
    log
}

fn lines(log: &Memory, with: &str) -> Vec<String> {
    log.text().lines().filter(|line| line.contains(with)).map(str::to_owned).collect()
}

#[test]
fn what_finds_no_room_is_told_at_once_and_the_rest_at_the_end() {
    alone("told::what_finds_no_room_is_told_at_once_and_the_rest_at_the_end", &[], || {
        let (log, hung) = (listen(), Sink::new(Does::Hang));
        let few = Batching::new().max_queue_size(10).max_export_batch_size(5);
        let telemetry = builder()
            .shutdown_deadline(Duration::from_millis(100))
            .span_processor(BatchSpanProcessor::with(hung.clone(), few))
            .install()
            .unwrap();
        for _ in 0..2_010 {
            chat();
        }
        telemetry.force_flush().unwrap_err();
        let during = lines(&log, "no room");
        assert_eq!(during.len(), 1, "{during:?}");
        assert!(during[0].contains("no room for 1 spans") && during[0].contains("1 so far"));
        hung.open();
        telemetry.force_flush().unwrap();
        drop(telemetry);
        let all = lines(&log, "no room");
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[1].contains("no room for 1999 spans") && all[1].contains("2000 so far"));
    });
}

#[test]
fn what_is_not_exported_is_told_without_a_word_of_the_exporter() {
    alone("told::what_is_not_exported_is_told_without_a_word_of_the_exporter", &[], || {
        let (log, fails) = (listen(), Sink::new(Does::Fail));
        let telemetry = builder().span_exporter(fails).install().unwrap();
        for _ in 0..100 {
            chat();
            let failed = telemetry.force_flush().unwrap_err().to_string();
            assert!(failed.contains("no route to host"), "who asks is told: {failed}");
        }
        drop(telemetry);
        let all = lines(&log, "not exported");
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].contains("1 spans were not exported (_OTHER)"), "{all:?}");
        assert!(all[1].contains("99 spans were not exported") && all[1].contains("100 so far"));
        assert!(!log.text().contains("no route to host"), "{}", log.text());
    });
}
