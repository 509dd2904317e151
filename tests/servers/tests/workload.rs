//! The workload of all operations, and a receiver of our own in place of a server: what arrives is what the table says.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use llmobs_servers::expectation::{self, Knows, LOG};
use llmobs_servers::otlp::{self, Temporality};
use llmobs_tests::otlp::Receiver;
use serde_json::Value;

const ROUNDS: u8 = 2;
const SERVICE: &str = "llmobs-test";
const TOKENS: [&str; 3] = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
];

fn run(temporality: &str) -> (Receiver, Vec<Value>) {
    let receiver = Receiver::http();
    let mut child = Command::new(env!("CARGO_BIN_EXE_llmobs-servers"))
        .args(["--workload", "operations"])
        .envs([
            ("OTEL_SERVICE_NAME", SERVICE),
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_LOGS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality),
            ("OTEL_METRIC_EXPORT_INTERVAL", "600000"),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut told = || -> Value {
        let line = lines.next().expect("a line").expect("a line");
        serde_json::from_str(&line).expect("JSON")
    };
    assert!(told().get("ready").is_some());
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        input.write_all(b"round\n").expect("it listens");
        let done = told();
        assert_eq!(done["done"]["error"], Value::Null);
        rounds.push(done["done"]["told"].clone());
    }
    drop(input);
    assert_eq!(told()["ended"]["error"], Value::Null);
    assert!(child.wait().expect("it ends").success());
    (receiver, rounds)
}

/// The requests to a path, as a server hands them back.
fn requests(receiver: &Receiver, path: &str) -> Value {
    let all = receiver.requests();
    all.iter()
        .filter(|request| request.path == path)
        .map(llmobs_tests::otlp::Request::json)
        .collect()
}

#[test]
fn what_arrives_is_what_the_table_says() {
    for (preference, temporality) in
        [("cumulative", Temporality::Cumulative), ("delta", Temporality::Delta)]
    {
        let (receiver, rounds) = run(preference);
        let spans = otlp::spans(&requests(&receiver, "/v1/traces"), SERVICE);
        let n = usize::from(ROUNDS);
        assert_eq!(expectation::spans(&spans, n, Knows::ALL).map(drop), Ok(()));
        assert_eq!(expectation::tokens(&spans, n, TOKENS).map(drop), Ok(()));
        let metrics = requests(&receiver, "/v1/metrics");
        let (points, found) = otlp::histograms(&metrics, SERVICE);
        assert_eq!(found, [temporality]);
        assert_eq!(expectation::points(&points, u64::from(ROUNDS)).map(drop), Ok(()));

        let logs = otlp::logs(&requests(&receiver, "/v1/logs"), SERVICE);
        let logs: Vec<_> = logs.iter().filter(|log| log.body == LOG).collect();
        assert_eq!(logs.len(), n);
        for log in logs {
            let inside = spans.iter().find(|span| span.id == log.span && span.trace == log.trace);
            assert_eq!(inside.map(|span| span.name.as_str()), Some("chat gpt-4o-mini"));
            // What the workload tells of its traces holds, too.
            let told = |round: &Value| round["traces"][1] == *log.trace;
            assert_eq!(rounds.iter().filter(|round| told(round)).count(), 1);
        }
    }
}

#[test]
fn words_that_are_not_understood_are_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_llmobs-servers"))
        .args(["--only", "nobody"])
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no server `nobody`, only phoenix"), "{said}");
}
