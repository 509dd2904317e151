//! Real processes that end at once: nothing is lost.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

use llmobs_tests::ingestion::Ingestion;
use llmobs_tests::otlp::Receiver;

/// What a backend got: spans, and calls whose duration was measured.
type Arrived = (usize, u64);

/// A backend on loopback, as the environment names it.
trait Backend {
    fn start() -> Self;
    fn variables(&self) -> Vec<(&'static str, String)>;
    fn arrived(&self) -> Arrived;
}

const DURATION: &str = "gen_ai.client.operation.duration";

impl Backend for Ingestion {
    fn start() -> Self {
        Ingestion::start()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("APPLICATIONINSIGHTS_CONNECTION_STRING", self.connection_string())]
    }

    fn arrived(&self) -> Arrived {
        let envelopes = self.envelopes();
        let of = |base_type: &'static str| {
            envelopes.iter().filter(move |envelope| envelope["data"]["baseType"] == base_type)
        };
        let durations = of("MetricData")
            .map(|envelope| &envelope["data"]["baseData"]["metrics"][0])
            .filter(|metric| metric["name"] == DURATION);
        let count = durations.filter_map(|metric| metric["count"].as_u64()).sum();
        (of("RemoteDependencyData").count(), count)
    }
}

struct OtlpOverHttp(Receiver);
struct OtlpOverGrpc(Receiver);

impl Backend for OtlpOverHttp {
    fn start() -> Self {
        Self(Receiver::http())
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", self.0.endpoint())]
    }

    fn arrived(&self) -> Arrived {
        over_otlp(&self.0)
    }
}

impl Backend for OtlpOverGrpc {
    fn start() -> Self {
        Self(Receiver::grpc())
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".to_owned());
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", self.0.endpoint()), protocol]
    }

    fn arrived(&self) -> Arrived {
        over_otlp(&self.0)
    }
}

fn over_otlp(receiver: &Receiver) -> Arrived {
    // They count from the start of the process: of those with the same attributes the last holds the others.
    let points = receiver.points().into_iter().filter(|point| point.metric == DURATION);
    let last: BTreeMap<String, u64> =
        points.map(|point| (format!("{:?}", point.attributes), point.count)).collect();
    (receiver.spans().len(), last.values().sum())
}

fn command<B: Backend>(backend: &B, end: &str, calls: u32) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_short-lived"));
    command.args([end, &calls.to_string()]);
    // What storage leaves behind stays in the build directory.
    command.env_clear().env("TMPDIR", env!("CARGO_TARGET_TMPDIR")).envs(backend.variables());
    command
}

fn ended<B: Backend>(end: &str, calls: u32) -> (ExitStatus, Arrived) {
    let backend = B::start();
    let output = command(&backend, end, calls).output().expect("the program starts");
    (output.status, backend.arrived())
}

/// A call and a stream each time.
fn all(calls: u32) -> Arrived {
    (2 * calls as usize, u64::from(2 * calls))
}

fn main_returns<B: Backend>() {
    for calls in [1, 100, 5_000] {
        let (status, arrived) = ended::<B>("returns", calls);
        assert!(status.success(), "{status}");
        assert_eq!(arrived, all(calls));
    }
}

fn main_panics<B: Backend>() {
    let (status, arrived) = ended::<B>("panics", 10);
    assert_eq!(status.code(), Some(101));
    assert_eq!(arrived, all(10));
}

fn main_shuts_down_and_exits<B: Backend>() {
    let (status, arrived) = ended::<B>("exits", 10);
    assert!(status.success(), "{status}");
    assert_eq!(arrived, all(10));
}

#[cfg(unix)]
fn main_is_terminated<B: Backend>() {
    let backend = B::start();
    let mut child = command(&backend, "terminated", 10).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(killed.expect("kill").success());
    assert!(child.wait().unwrap().success());
    assert_eq!(backend.arrived(), all(10));
}

/// As a platform does that stops a function when it has answered, and never wakes it again.
fn main_is_frozen_after_each_invocation<B: Backend>() {
    let backend = B::start();
    let mut child = command(&backend, "invoked", 3)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap());
    for invocation in 1..=5 {
        writeln!(to, "invoke").unwrap();
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n");
        let (spans, _) = backend.arrived();
        assert_eq!(spans, all(3 * invocation).0, "all of it, when it has answered");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

macro_rules! on {
    ($($backend:ident: $type:ty),+) => {$(
        mod $backend {
            use super::*;

            #[test]
            fn main_returns() {
                super::main_returns::<$type>();
            }

            #[test]
            fn main_panics() {
                super::main_panics::<$type>();
            }

            #[test]
            fn main_shuts_down_and_exits() {
                super::main_shuts_down_and_exits::<$type>();
            }

            #[cfg(unix)]
            #[test]
            fn main_is_terminated() {
                super::main_is_terminated::<$type>();
            }

            #[test]
            fn main_is_frozen_after_each_invocation() {
                super::main_is_frozen_after_each_invocation::<$type>();
            }
        }
    )+};
}

on!(azure_monitor: Ingestion, otlp_over_http: OtlpOverHttp, otlp_over_grpc: OtlpOverGrpc);
