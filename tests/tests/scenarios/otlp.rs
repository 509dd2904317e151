//! The programs as they are run: where telemetry goes and whether it has content comes from the environment.

use std::collections::BTreeMap;
use std::net::TcpListener;

use llmobs_runtime::conventions::Dialect;
use llmobs_tests::alone;
use llmobs_tests::otlp::Receiver;

use crate::programs::{SCENARIOS, play, run};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Names with the keys of their attributes, and how often each was there.
type Seen = BTreeMap<(String, Vec<String>), usize>;

fn count(seen: &mut Seen, name: &str, keys: impl Iterator<Item = String>) {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    *seen.entry((name.to_owned(), keys)).or_default() += 1;
}

#[test]
fn what_is_recorded_arrives_at_the_endpoint_of_the_environment() {
    // The process of the test itself only needs a port that is free.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
    let variables = [
        (ENDPOINT, &*format!("http://{free}")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_AND_EVENT"),
    ];
    let test = "otlp::what_is_recorded_arrives_at_the_endpoint_of_the_environment";
    alone(test, &variables, || {
        let endpoint = std::env::var(ENDPOINT).expect("it is set");
        let address = endpoint.strip_prefix("http://").expect("as it was set");
        let receiver = Receiver::http_at(address.parse().expect("an address"));
        let telemetry = llmobs_runtime::configure().expect("a pipeline");
        for scenario in SCENARIOS {
            play(scenario.run);
        }
        telemetry.shutdown().expect("all is delivered");
        let (mut spans, mut logs) = (Seen::new(), Seen::new());
        for span in receiver.spans() {
            count(&mut spans, &span.name, span.attributes.keys().cloned());
        }
        for log in receiver.logs() {
            count(&mut logs, "event", log.attributes.keys().cloned());
        }

        // In memory it is the same.
        let (mut spans_here, mut logs_here) = (Seen::new(), Seen::new());
        for scenario in SCENARIOS {
            let recorded = run(Dialect::Released, scenario.run);
            for span in &recorded.spans {
                count(&mut spans_here, span.name(), span.attributes().into_keys());
            }
            for event in &recorded.events {
                let keys = event.0.attributes_iter().map(|(key, _)| key.to_string());
                count(&mut logs_here, "event", keys);
            }
        }
        assert_eq!(spans, spans_here);
        assert_eq!(logs, logs_here);
        let mut metrics: Vec<_> = receiver.points().into_iter().map(|it| it.metric).collect();
        metrics.sort_unstable();
        metrics.dedup();
        metrics.retain(|name| name.starts_with("gen_ai."));
        let expected = [
            "operation.duration",
            "operation.time_per_output_chunk",
            "operation.time_to_first_chunk",
            "token.usage",
        ];
        assert_eq!(metrics, expected.map(|name| format!("gen_ai.client.{name}")));
    });
}
