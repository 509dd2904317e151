//! Whole batches: taken, kept, dropped.

use llmobs_runtime::backend::azure_monitor::DropReason;
use llmobs_tests::ingestion::{Answer, Ingestion};

use crate::sender::{Sender, all_delivered, names, numbered};

fn reply(status: u16, body: &str) -> Answer {
    Answer::Reply(status, Vec::new(), body.to_owned())
}

#[test]
fn what_the_service_takes_is_delivered_whatever_it_says() {
    for answer in [
        Answer::Accept,
        reply(200, ""),
        reply(200, "<html>thanks</html>"),
        reply(200, r#"{"itemsReceived":3,"itemsAccepted":3,"errors":[]}"#),
        reply(201, ""),
        reply(202, "later"),
        Answer::status(204),
    ] {
        let server = Ingestion::scripted([answer.clone()]);
        let sender = Sender::to(&server);
        sender.send(["a", "b", "c"]);
        sender.flush().expect("an answer");
        let statistics = sender.end();
        all_delivered(&statistics, 3);
        assert_eq!((statistics.requests, statistics.stored), (1, 0), "{answer:?}");
        assert_eq!(server.received().len(), 1, "{answer:?}");
    }
}

#[test]
fn what_may_be_taken_later_is_kept_and_sent_again() {
    for status in [401, 402, 403, 407, 408, 425, 429, 439, 500, 502, 503, 504, 507, 511, 599] {
        // The quota's own pause is long, so the service says when to come back.
        let answer = match status {
            402 | 439 => Answer::retry_after(status, "0"),
            _ => Answer::status(status),
        };
        for stored in [true, false] {
            let server = Ingestion::scripted([answer.clone()]);
            let sender = if stored { Sender::to(&server) } else { Sender::in_memory(&server) };
            sender.send(["a", "b", "c"]);
            sender.wait_until(|statistics| statistics.delivered == 3);
            let statistics = sender.end();
            all_delivered(&statistics, 3);
            assert_eq!((statistics.requests, statistics.retried), (2, 3), "{status}");
            assert_eq!(statistics.stored, if stored { 3 } else { 0 }, "{status}");
            let received = server.received();
            assert_eq!(names(&received[0]), names(&received[1]), "{status}");
        }
    }
}

#[test]
fn what_would_be_refused_again_is_dropped_and_counted() {
    for status in [301, 302, 303, 304, 404, 405, 409, 410, 415, 418, 451, 501, 505] {
        let server = Ingestion::scripted([Answer::status(status)]);
        let sender = Sender::to(&server);
        sender.send(["a", "b", "c"]);
        sender.flush().expect("an answer");
        assert_eq!(sender.dropped(DropReason::Rejected), 3, "{status}");
        // The next batch has its own chance.
        sender.send(["d"]);
        let statistics = sender.end();
        assert_eq!((statistics.accepted, statistics.delivered), (4, 1), "{status}");
        assert_eq!((statistics.requests, statistics.stored), (2, 0), "{status}");
    }
}

#[test]
fn one_bad_item_costs_itself_only() {
    for bad in [0, 255, 511] {
        let (server, taken) = crate::sender::taking(move |request| {
            if names(request).iter().any(|name| name == &format!("span-{bad}")) {
                return Answer::status(400);
            }
            Answer::Accept
        });
        let sender = Sender::to(&server);
        sender.send(numbered("span", 512));
        let statistics = sender.end();
        let mut good = numbered("span", 512);
        good.remove(bad);
        taken.is_each_once(&good);
        assert_eq!((statistics.delivered, statistics.dropped(DropReason::Rejected)), (511, 1));
        assert_eq!(statistics.dropped_in_all(), 1);
        assert!(statistics.requests <= 25, "{}", statistics.requests);
    }
}

#[test]
fn an_item_that_the_refusal_names_is_dropped_and_the_others_are_sent() {
    let (server, taken) = crate::sender::taking(|_| Answer::Accept);
    server.then([reply(
        400,
        r#"{"itemsReceived":4,"itemsAccepted":0,"errors":[
            {"index":2,"statusCode":400,"message":"103: Field 'time'"},
            {"index":0,"statusCode":500,"message":"Internal"}]}"#,
    )]);
    let sender = Sender::to(&server);
    sender.send(["a", "b", "c", "d"]);
    sender.wait_until(|statistics| statistics.delivered == 3);
    let statistics = sender.end();
    taken.is_each_once(&["a".to_owned(), "b".to_owned(), "d".to_owned()]);
    assert_eq!((statistics.dropped(DropReason::Rejected), statistics.requests), (1, 3));
}

#[test]
fn a_destination_that_refuses_everything_is_not_searched_for_long() {
    let server = Ingestion::deciding(|_| Answer::status(400));
    let sender = Sender::to(&server);
    let mut before = 0;
    let mut requests = Vec::new();
    for round in 0..3 {
        sender.send(numbered(&format!("round{round}"), 512));
        sender.flush().expect("answers");
        let now = server.received().len();
        requests.push(now - before);
        before = now;
    }
    assert!(requests[0] <= 26 && requests[1] <= 6 && requests[2] <= 6, "{requests:?}");
    let statistics = sender.end();
    assert_eq!(
        (statistics.dropped(DropReason::Rejected), statistics.dropped_in_all()),
        (1536, 1536)
    );
}

#[test]
fn one_bad_item_costs_itself_only_though_the_batch_before_was_bad_as_a_whole() {
    let (server, taken) = crate::sender::taking(move |request| {
        let is_bad = names(request).iter().any(|name| name.starts_with("bad"));
        if is_bad { Answer::status(400) } else { Answer::Accept }
    });
    let sender = Sender::to(&server);
    sender.send(numbered("bad", 2));
    sender.flush().expect("answers");
    assert_eq!(sender.dropped(DropReason::Rejected), 2);
    let mut batch = numbered("span", 512);
    batch[0] = "bad".to_owned();
    sender.send(batch.clone());
    let statistics = sender.end();
    taken.is_each_once(&batch[1..]);
    assert_eq!((statistics.delivered, statistics.dropped(DropReason::Rejected)), (511, 3));
}
