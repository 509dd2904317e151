//! Batches of which the service takes a part.

use llmobs_runtime::backend::azure_monitor::DropReason;
use llmobs_tests::ingestion::{Answer, Ingestion};

use crate::sender::{Sender, all_delivered, names, numbered};

/// Statuses of an item that may pass, and that may not.
const PASSING: [u16; 12] = [401, 402, 403, 407, 408, 425, 429, 439, 500, 502, 503, 504];
const FINAL: [u16; 8] = [400, 404, 405, 409, 410, 418, 501, 505];

#[test]
fn only_what_may_pass_is_kept() {
    let mut errors = Vec::new();
    for (index, status) in PASSING.into_iter().enumerate() {
        errors.push((index, status, "Not now."));
    }
    for (index, status) in FINAL.into_iter().enumerate() {
        errors.push((PASSING.len() + index, status, "Never."));
    }
    let total = PASSING.len() + FINAL.len();
    errors.push((total, 500, "Telemetry sampled out."));
    let all = numbered("span", total + 4);
    for stored in [true, false] {
        for status in [206, 200] {
            let body = report(all.len(), &errors);
            let server = Ingestion::scripted([Answer::Reply(status, Vec::new(), body)]);
            let sender = if stored { Sender::to(&server) } else { Sender::in_memory(&server) };
            sender.send(all.clone());
            sender.wait_until(|statistics| statistics.delivered == 15);
            let statistics = sender.end();
            let received = server.received();
            assert_eq!(received.len(), 2);
            assert_eq!(names(&received[0]), all);
            assert_eq!(names(&received[1]), all[..PASSING.len()]);
            assert_eq!(statistics.dropped(DropReason::Rejected), FINAL.len() as u64);
            assert_eq!(statistics.dropped(DropReason::SampledOut), 1);
            assert_eq!(statistics.dropped_in_all(), FINAL.len() as u64 + 1);
            assert_eq!((statistics.accepted, statistics.delivered), (24, 15));
        }
    }
}

fn report(items: usize, errors: &[(usize, u16, &str)]) -> String {
    let errors: Vec<_> = errors
        .iter()
        .map(|(index, status, message)| {
            serde_json::json!({ "index": index, "statusCode": status, "message": message })
        })
        .collect();
    let accepted = items.saturating_sub(errors.len());
    serde_json::json!({ "itemsReceived": items, "itemsAccepted": accepted, "errors": errors })
        .to_string()
}

#[test]
fn places_that_do_not_exist_and_places_named_twice_harm_nobody() {
    let errors = [(9, 400, ""), (1, 400, ""), (1, 500, ""), (usize::MAX, 500, "")];
    let body = report(3, &errors).replace(r#""itemsAccepted":0"#, r#""itemsAccepted":2"#);
    let server = Ingestion::scripted([Answer::Reply(206, Vec::new(), body)]);
    let sender = Sender::to(&server);
    sender.send(["a", "b", "c"]);
    sender.wait_until(|statistics| statistics.delivered == 3);
    all_delivered(&sender.end(), 3);
    assert_eq!(names(&server.received()[1]), ["b"]);
}

#[test]
fn an_answer_that_does_not_say_what_was_taken_is_asked_for_once_more() {
    for body in ["", "<html>", "{}", r#"{"itemsReceived":3,"itemsAccepted":1,"errors":[]}"#] {
        let unclear = Answer::Reply(206, Vec::new(), body.to_owned());
        let server = Ingestion::scripted([unclear.clone(), unclear.clone()]);
        let sender = Sender::to(&server);
        sender.send(["a", "b", "c"]);
        sender.flush().expect("answers");
        let statistics = sender.end();
        all_delivered(&statistics, 3);
        assert_eq!((statistics.requests, statistics.stored), (2, 0), "{body}");

        // The second time, it may be clear.
        let server = Ingestion::scripted([unclear, Answer::Partial(vec![(1, 400, "")])]);
        let sender = Sender::to(&server);
        sender.send(["a", "b", "c"]);
        sender.flush().expect("answers");
        let statistics = sender.end();
        assert_eq!(
            (statistics.delivered, statistics.dropped(DropReason::Rejected)),
            (2, 1),
            "{body}"
        );
    }
}

#[test]
fn an_item_that_is_put_off_for_ever_does_not_hold_up_the_others() {
    for stored in [true, false] {
        let server = Ingestion::deciding(|request| {
            match names(request).iter().position(|name| name == "poison") {
                Some(index) => Answer::Partial(vec![(index, 500, "Internal")]),
                None => Answer::Accept,
            }
        });
        let sender = if stored { Sender::to(&server) } else { Sender::in_memory(&server) };
        sender.send(["poison"]);
        for round in 0..20 {
            sender.send(numbered(&format!("round{round}"), 10));
            sender.flush().expect("answers");
        }
        sender.wait_until(|statistics| statistics.delivered == 200);
        let statistics = sender.end();
        assert_eq!(statistics.delivered, 200);
        let gone = statistics.dropped(DropReason::Rejected);
        assert_eq!(statistics.dropped_in_all(), gone);
        // In storage it waits until it expires; in memory it is given up.
        assert_eq!(gone, u64::from(!stored));
    }
}

#[test]
fn a_service_that_puts_off_everything_by_item_costs_nothing() {
    let body = report(2, &[(0, 500, ""), (1, 429, "")]);
    let answer = Answer::Reply(206, Vec::new(), body);
    let server = Ingestion::scripted(std::iter::repeat_n(answer, 15));
    let sender = Sender::in_memory(&server);
    sender.send(["a", "b"]);
    sender.wait_until(|statistics| statistics.requests == 16);
    all_delivered(&sender.end(), 2);
}
