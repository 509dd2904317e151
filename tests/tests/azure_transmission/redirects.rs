//! Redirections: followed to the same host only, here on loopback, and remembered for a while.

use std::time::Duration;

use llmobs_tests::ingestion::{Answer, Ingestion};

use crate::sender::{Sender, all_delivered};

fn to(status: u16, location: impl Into<String>) -> Answer {
    Answer::Reply(status, vec![("location", location.into())], String::new())
}

#[test]
fn a_redirection_to_the_same_host_is_followed_and_remembered() {
    for status in [307, 308] {
        let other = Ingestion::start();
        let server = Ingestion::scripted([to(status, format!("{}v2.1/track", other.endpoint()))]);
        let sender = Sender::to(&server);
        for batch in ["a", "b", "c"] {
            sender.send([batch]);
            sender.flush().expect("an answer");
        }
        let statistics = sender.end();
        all_delivered(&statistics, 3);
        assert_eq!((statistics.requests, statistics.stored), (4, 0));
        assert_eq!((server.received().len(), other.received().len()), (1, 3), "{status}");
        assert_eq!(other.received()[0].line, "POST /v2.1/track HTTP/1.1");
    }
}

#[test]
fn a_relative_redirection_is_followed() {
    let server = Ingestion::scripted([to(308, "/elsewhere?x=1")]);
    let sender = Sender::to(&server);
    sender.send(["a"]);
    sender.flush().expect("an answer");
    all_delivered(&sender.end(), 1);
    assert_eq!(server.received()[1].line, "POST /elsewhere?x=1 HTTP/1.1");
}

#[test]
fn nothing_is_sent_to_a_host_that_is_not_trusted() {
    let other = Ingestion::start();
    let port = other.endpoint().rsplit(':').next().expect("a port").to_owned();
    for location in [
        format!("http://localhost:{port}v2.1/track"),
        format!("http://127.0.0.2:{port}"),
        format!("http://evil@127.0.0.1:{port}"),
        format!("//localhost:{port}"),
        "https://dc.services.visualstudio.com/v2.1/track".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "http://".to_owned(),
    ] {
        let server = Ingestion::scripted([to(307, location.clone())]);
        let sender = Sender::to(&server);
        sender.send(["a"]);
        // It is kept, and sent to whom it was meant for.
        sender.wait_until(|statistics| statistics.delivered == 1);
        let statistics = sender.end();
        all_delivered(&statistics, 1);
        assert_eq!((statistics.requests, statistics.stored), (2, 1), "{location}");
        assert_eq!(server.received().len(), 2, "{location}");
    }
    assert_eq!(other.received().len(), 0);
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_redirection_without_a_place_keeps_the_batch() {
    let server = Ingestion::scripted([Answer::status(307)]);
    let sender = Sender::to(&server);
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.delivered == 1);
    all_delivered(&sender.end(), 1);
}

#[test]
fn a_circle_is_left_and_the_batch_is_kept() {
    let server = Ingestion::scripted(std::iter::repeat_n(to(308, "/v2.1/track"), 9));
    let sender = Sender::to(&server);
    sender.send(["a"]);
    sender.wait_until(|statistics| statistics.retried > 0);
    assert_eq!(server.received().len(), 6);
    sender.flush().expect("storage");
    sender.wait_until(|statistics| statistics.delivered == 1);
    all_delivered(&sender.end(), 1);
}

#[test]
fn a_redirection_is_forgotten_after_its_time_and_when_it_leads_nowhere() {
    let other = Ingestion::start();
    let mut answer = to(307, format!("{}v2.1/track", other.endpoint()));
    if let Answer::Reply(_, headers, _) = &mut answer {
        headers.push(("cache-control", "max-age=1".to_owned()));
    }
    let server = Ingestion::scripted([answer]);
    let sender = Sender::to(&server);
    sender.send(["a"]);
    sender.flush().expect("an answer");
    assert_eq!((server.received().len(), other.received().len()), (1, 1));
    std::thread::sleep(Duration::from_millis(1100));
    sender.send(["b"]);
    sender.flush().expect("an answer");
    assert_eq!((server.received().len(), other.received().len()), (2, 1));

    // To who does not know what we want, or does not answer.
    for lost in [Answer::status(404), Answer::Reset, Answer::status(503), Answer::status(403)] {
        let before = server.received().len();
        other.then([lost.clone()]);
        server.then([to(307, format!("{}v2.1/track", other.endpoint()))]);
        let delivered = sender.statistics().delivered;
        sender.send(["c"]);
        sender.wait_until(|statistics| statistics.delivered > delivered);
        assert_eq!(server.received().len(), before + 2, "{lost:?}");
    }
    all_delivered(&sender.end(), 6);
}
