//! Requests as they go over the wire, and what the logs say of them.

use llmobs_tests::Memory;
use llmobs_tests::ingestion::{Answer, Ingestion};
use opentelemetry_sdk::trace::SpanExporter as _;

use crate::sender::{Sender, all_delivered, numbered};

#[test]
fn a_request_is_what_the_service_takes() {
    let server = Ingestion::start();
    let sender = Sender::to(&server);
    sender.send(numbered("span", 100));
    all_delivered(&sender.end(), 100);
    let received = server.received();
    let request = &received[0];
    assert_eq!(request.line, "POST /v2.1/track HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    assert_eq!(request.header("content-length"), Some(request.wire_bytes.to_string().as_str()));
    assert!(request.header("x-ms-client-request-id").is_some_and(|id| id.len() == 36));
    let agent = request.header("user-agent").expect("a name");
    assert!(
        agent.starts_with(&format!("azsdk-rust-llmobs/{} ", env!("CARGO_PKG_VERSION"))),
        "{agent}"
    );
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.envelopes.len(), 100);
    let plain: usize = request.envelopes.iter().map(|envelope| envelope.to_string().len()).sum();
    assert!(request.wire_bytes * 5 < plain, "{} of {plain}", request.wire_bytes);
}

#[test]
fn one_connection_carries_many_requests() {
    let server = Ingestion::start();
    let sender = Sender::to(&server);
    for round in 0..50 {
        sender.send([format!("span-{round}")]);
        sender.flush().expect("an answer");
    }
    all_delivered(&sender.end(), 50);
    assert_eq!((server.received().len(), server.connections()), (50, 1));
}

#[test]
fn no_log_shows_what_is_sent_or_as_whose() {
    llmobs_tests::alone("wire::no_log_shows_what_is_sent_or_as_whose", &[], || {
        let lines = Memory::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .init();
        let answers = [
            Answer::status(401),
            Answer::status(400),
            Answer::Partial(vec![(0, 400, "Field 'the secret prompt' is invalid"), (1, 500, "")]),
            Answer::Reset,
            Answer::status(404),
            Answer::Reply(
                307,
                vec![("location", "https://evil.example/".to_owned())],
                String::new(),
            ),
            Answer::status(439),
        ];
        for answer in answers {
            let server = Ingestion::scripted([answer]);
            let sender = Sender::to(&server);
            sender.send(["the secret prompt", "another secret prompt"]);
            let _ = sender.flush();
            let _ = sender.end();
        }
        let lines = lines.text();
        assert!(lines.contains("Azure Monitor: "), "nothing was said at all");
        assert!(lines.contains("status=439"), "{lines}");
        for secret in
            ["secret prompt", "11111111-2222-3333-4444-555555555555", "InstrumentationKey"]
        {
            let line = lines.lines().find(|line| line.contains(secret));
            assert_eq!(line, None);
        }
    });
}

#[test]
fn a_writer_gets_each_batch_as_one_line() {
    let lines = Memory::default();
    let azure = llmobs_runtime::backend::azure_monitor::AzureMonitor::new();
    let spans =
        azure.write_to(lines.clone()).resource_metric(false).exporters().expect("a writer").spans;
    for round in 0..3 {
        let batch = vec![
            crate::sender::span(format!("a{round}"), &[]),
            crate::sender::span("two\nlines", &[]),
        ];
        futures::executor::block_on(spans.export(batch)).expect("an exporter in use");
        spans.force_flush().expect("a writer");
    }
    all_delivered(&spans.statistics(), 6);
    spans.shutdown().expect("a writer");
    let lines = lines.text();
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(lines.len(), 3);
    for (round, line) in lines.into_iter().enumerate() {
        let array: Vec<serde_json::Value> = serde_json::from_str(line).expect("an array");
        assert_eq!(array[0]["data"]["baseData"]["name"], format!("a{round}"));
        assert_eq!(array[1]["data"]["baseData"]["name"], "two\nlines");
    }
}

#[test]
fn a_writer_that_panics_costs_the_batch_that_it_was_given() {
    struct Sometimes(usize, Memory);

    impl std::io::Write for Sometimes {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += 1;
            assert!(self.0 > 6, "a defect of the writer's");
            self.1.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let lines = Memory::default();
    let azure = llmobs_runtime::backend::azure_monitor::AzureMonitor::new();
    let azure = azure.write_to(Sometimes(0, lines.clone())).resource_metric(false);
    let spans = azure.exporters().expect("a writer").spans;
    for round in 0..8 {
        let batch = vec![crate::sender::span(format!("a{round}"), &[])];
        futures::executor::block_on(spans.export(batch)).expect("an exporter in use");
        spans.force_flush().expect("a writer");
    }
    let statistics = spans.statistics();
    assert_eq!((statistics.delivered, statistics.dropped_in_all()), (2, 6));
    let lines = lines.text();
    assert!(lines.contains("a6") && lines.contains("a7") && !lines.contains("a5"), "{lines}");
}
