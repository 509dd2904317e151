//! Pauses that the service asks for.

use std::time::{Duration, SystemTime};

use azure_core::time::{OffsetDateTime, to_rfc7231};
use llmobs_tests::ingestion::{Answer, Ingestion};

use crate::sender::{Sender, all_delivered, each_at_once, names, numbered};

/// An HTTP date so many seconds from now.
fn date(seconds: u64) -> String {
    to_rfc7231(&OffsetDateTime::from(SystemTime::now() + Duration::from_secs(seconds)))
}

#[test]
fn a_stated_pause_is_kept_and_nobody_waits_for_it() {
    // A date has no fractions: the pause may be shorter by up to one second.
    let cases = [
        (429, None, 1),
        (503, None, 1),
        (500, None, 1),
        (408, None, 1),
        (401, None, 1),
        (402, None, 1),
        (439, None, 1),
        (429, Some(3), 1),
        (503, Some(3), 1),
    ];
    each_at_once(cases, |(status, after, at_least): (u16, Option<u64>, u64)| {
        let after = after.map_or("1".to_owned(), date);
        let server = Ingestion::scripted([Answer::retry_after(status, after.clone())]);
        let sender = Sender::to(&server);
        sender.send(["first"]);
        sender.wait_until(|statistics| statistics.retried == 1);
        // Meanwhile the application goes on.
        sender.send(["second"]);
        sender.flush().expect("what is not sent is in storage");
        let statistics = sender.statistics();
        assert_eq!((statistics.stored, statistics.delivered), (2, 0), "{status} {after}");
        assert_eq!(server.received().len(), 1, "{status} {after}");

        sender.wait_until(|statistics| statistics.delivered == 2);
        all_delivered(&sender.end(), 2);
        let received = server.received();
        let pause = received[1].at - received[0].at;
        assert!(pause >= Duration::from_secs(at_least), "{status} {after}: {pause:?}");
        // What is oldest goes first.
        assert_eq!(names(&received[1]), ["first"]);
    });
}

#[test]
fn a_pause_in_milliseconds() {
    for header in ["x-ms-retry-after-ms", "retry-after-ms"] {
        let answer = Answer::Reply(429, vec![(header, "700".to_owned())], String::new());
        let server = Ingestion::scripted([answer]);
        let sender = Sender::to(&server);
        sender.send(["a"]);
        sender.wait_until(|statistics| statistics.delivered == 1);
        let received = server.received();
        assert!(received[1].at - received[0].at >= Duration::from_millis(700), "{header}");
        all_delivered(&sender.end(), 1);
    }
}

#[test]
fn what_is_no_pause_leads_to_our_own() {
    for after in ["", "soon", "-5", "1.5", "Thu, 99 Foo 2020 00:00:00 GMT"] {
        let server = Ingestion::scripted([Answer::retry_after(503, after)]);
        let sender = Sender::to(&server);
        sender.send(["a"]);
        sender.wait_until(|statistics| statistics.delivered == 1);
        all_delivered(&sender.end(), 1);
    }
}

#[test]
fn a_spent_quota_is_left_alone() {
    for status in [402, 439] {
        let server = Ingestion::scripted([Answer::status(status)]);
        let sender = Sender::to(&server);
        for round in 0..5 {
            sender.send(numbered(&format!("round{round}"), 10));
            sender.flush().expect("what is not sent is in storage");
        }
        let statistics = sender.end();
        assert_eq!((statistics.stored, statistics.delivered, statistics.requests), (50, 0, 1));
        assert_eq!(statistics.dropped_in_all(), 0);
        assert_eq!(server.received().len(), 1, "{status}");
    }
}

#[test]
fn a_pause_of_a_part_is_a_pause_of_all() {
    let server = Ingestion::scripted([Answer::Reply(
        206,
        vec![("retry-after", "1".to_owned())],
        r#"{"itemsReceived":2,"itemsAccepted":1,"errors":[{"index":1,"statusCode":429,"message":""}]}"#
            .to_owned(),
    )]);
    let sender = Sender::to(&server);
    sender.send(["a", "b"]);
    sender.wait_until(|statistics| statistics.retried == 1);
    sender.send(["c"]);
    sender.wait_until(|statistics| statistics.delivered == 3);
    let received = server.received();
    assert!(received[1].at - received[0].at >= Duration::from_secs(1));
    all_delivered(&sender.end(), 3);
}
