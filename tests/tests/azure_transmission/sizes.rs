//! What is too large for the service.

use llmobs_runtime::backend::azure_monitor::DropReason;
use llmobs_tests::ingestion::{Answer, Received};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value;

use crate::sender::{Sender, all_delivered, names, numbered, span, taking};

/// About 80 KiB: ten properties of the longest that is sent.
fn long(name: &str) -> SpanData {
    const KEYS: [&str; 10] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];
    let attributes: Vec<_> = KEYS.iter().map(|key| (*key, "x".repeat(8_000))).collect();
    span(name, &attributes)
}

fn lengths(request: &Received) -> Vec<usize> {
    request.envelopes.iter().map(|envelope| envelope.to_string().len()).collect()
}

#[test]
fn an_item_that_the_answer_calls_too_long_is_cut_and_no_other_is_sent_so_long() {
    let (server, taken) = taking(|request| {
        let errors: Vec<_> = lengths(request)
            .into_iter()
            .enumerate()
            .filter(|(_, length)| *length > 65_536)
            .map(|(index, _)| (index, 400, "109: Telemetry item length must not exceed 65536"))
            .collect();
        if errors.is_empty() { Answer::Accept } else { Answer::Partial(errors) }
    });
    let sender = Sender::to(&server);
    sender.export(vec![span("a", &[]), long("long"), span("b", &[])]);
    sender.flush().expect("answers");
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(names(&received[1]), ["long"]);
    assert_eq!(sender.statistics().delivered, 3);
    // The limit is known now.
    sender.export(vec![long("longer"), span("c", &[])]);
    all_delivered(&sender.end(), 5);
    assert_eq!(server.received().len(), 3);
    taken.is_each_once(&["long".to_owned(), "longer".to_owned(), "c".to_owned()]);
    let cut = &server.received()[1].envelopes[0];
    let kept: usize = cut["data"]["baseData"]["properties"]
        .as_object()
        .expect("properties")
        .values()
        .filter_map(Value::as_str)
        .map(str::len)
        .sum();
    assert!(kept > 40_000, "cut to {kept}");
}

#[test]
fn long_items_are_tried_shorter_where_the_refusal_does_not_say_why() {
    let (server, taken) = taking(|request| {
        let too_long = lengths(request).into_iter().any(|length| length > 65_536);
        if too_long { Answer::status(400) } else { Answer::Accept }
    });
    let sender = Sender::to(&server);
    let mut spans: Vec<_> = numbered("span", 20).into_iter().map(|name| span(name, &[])).collect();
    spans.insert(7, long("long"));
    sender.export(spans);
    let statistics = sender.end();
    all_delivered(&statistics, 21);
    assert_eq!(statistics.requests, 2);
    assert_eq!(taken.now().len(), 21);
}

#[test]
fn a_batch_that_is_too_large_is_halved_until_it_fits() {
    let (server, taken) =
        taking(
            |request| {
                if request.envelopes.len() > 60 { Answer::status(413) } else { Answer::Accept }
            },
        );
    let sender = Sender::to(&server);
    sender.send(numbered("span", 512));
    let statistics = sender.end();
    all_delivered(&statistics, 512);
    taken.is_each_once(&numbered("span", 512));
    // 512, 2 × 256, 4 × 128, 8 × 64, 16 × 32
    assert_eq!(statistics.requests, 31);
}

#[test]
fn an_item_that_is_too_large_alone_is_cut_and_then_dropped() {
    let (server, taken) = taking(|request| {
        let too_large = names(request).iter().any(|name| name == "long");
        if too_large { Answer::status(413) } else { Answer::Accept }
    });
    let sender = Sender::to(&server);
    sender.export(vec![span("a", &[]), long("long"), span("b", &[])]);
    let statistics = sender.end();
    taken.is_each_once(&["a".to_owned(), "b".to_owned()]);
    assert_eq!((statistics.delivered, statistics.dropped(DropReason::TooLarge)), (2, 1));
    assert_eq!(statistics.dropped_in_all(), 1);

    // Cut, it may be small enough.
    let (server, _) = taking(|request| {
        let too_long = lengths(request).into_iter().any(|length| length > 65_536);
        if too_long { Answer::status(413) } else { Answer::Accept }
    });
    let sender = Sender::to(&server);
    sender.export(vec![long("long")]);
    all_delivered(&sender.end(), 1);
}

#[test]
fn a_request_is_bounded() {
    let (server, taken) = taking(|_| Answer::Accept);
    let sender = Sender::to(&server);
    let spans = numbered("span", 100).into_iter().map(|name| long(&name)).collect();
    sender.export(spans);
    sender.send(numbered("small", 1_000));
    all_delivered(&sender.end(), 1_100);
    assert_eq!(taken.now().len(), 1_100);
    for request in server.received() {
        assert!(request.envelopes.len() <= 512, "{}", request.envelopes.len());
        let bytes: usize = lengths(&request).iter().sum();
        assert!(bytes <= 1 << 20, "{bytes}");
    }
}

#[test]
fn a_refusal_that_had_nothing_to_do_with_length_cuts_no_later_item() {
    let (server, taken) = taking(|request| {
        let is_bad = names(request).iter().any(|name| name == "bad");
        if is_bad { Answer::status(400) } else { Answer::Accept }
    });
    let sender = Sender::to(&server);
    for others in [vec![], vec![long("beside")]] {
        let mut spans = vec![span("bad", &[]), span("good", &[])];
        spans.extend(others);
        sender.export(spans);
        sender.flush().expect("answers");
        assert!(taken.now().contains_key("good"));
        sender.export(vec![long("later")]);
        sender.flush().expect("an answer");
        let last = server.received().pop().expect("a request");
        assert_eq!(names(&last), ["later"]);
        assert!(lengths(&last)[0] > 65_536, "cut to {}", lengths(&last)[0]);
    }
}

#[test]
fn a_length_that_the_service_names_is_the_one_that_counts() {
    const LONGEST: usize = 70_000;
    let (server, _) = taking(|request| {
        let errors: Vec<_> = lengths(request)
            .into_iter()
            .enumerate()
            .filter(|(_, length)| *length > LONGEST)
            .map(|(index, _)| (index, 400, "109: Telemetry item length must not exceed 70000"))
            .collect();
        if errors.is_empty() { Answer::Accept } else { Answer::Partial(errors) }
    });
    let sender = Sender::to(&server);
    for name in ["first", "later"] {
        sender.export(vec![long(name)]);
        sender.flush().expect("answers");
        let last = server.received().pop().expect("a request");
        assert_eq!(names(&last), [name]);
        let length = lengths(&last)[0];
        assert!((65_537..=LONGEST).contains(&length), "{name}: {length}");
    }
    all_delivered(&sender.end(), 2);
}
