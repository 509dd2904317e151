//! OTLP wherever it is used from: with any runtime of the application's, and with none.

use llmobs_runtime::Telemetry;
use llmobs_runtime::backend::otlp::{Otlp, Protocol};
use llmobs_tests::alone;
use llmobs_tests::otlp::Receiver;
use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use tokio::runtime::Builder;

const PROTOCOLS: [Protocol; 3] = [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc];

fn receiver(protocol: Protocol) -> Receiver {
    match protocol {
        Protocol::Grpc => Receiver::grpc(),
        _ => Receiver::http(),
    }
}

fn install(receiver: &Receiver, protocol: Protocol) -> Telemetry {
    let otlp = Otlp::at(receiver.endpoint()).protocol(protocol);
    llmobs_runtime::builder().otlp(otlp).install().expect("a pipeline")
}

fn record() {
    global::tracer("of-test").start("span").end();
    global::meter("of-test").u64_counter("counted").build().add(1, &[]);
}

fn came(receiver: &Receiver) {
    assert_eq!(receiver.spans().len(), 1);
    assert!(receiver.points().iter().any(|point| point.metric == "counted"));
}

#[test]
fn without_a_runtime() {
    alone("without_a_runtime", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol);
            let telemetry = install(&receiver, protocol);
            record();
            telemetry.shutdown().expect("a receiver");
            came(&receiver);
        }
    });
}

#[test]
fn in_a_runtime_of_one_thread() {
    alone("in_a_runtime_of_one_thread", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol);
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let telemetry = install(&receiver, protocol);
                record();
                telemetry.force_flush().expect("a receiver");
                telemetry.shutdown().expect("a receiver");
            });
            came(&receiver);
        }
    });
}

#[test]
fn in_a_runtime_of_many_threads_and_dropped_in_it() {
    alone("in_a_runtime_of_many_threads_and_dropped_in_it", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol);
            let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let telemetry = install(&receiver, protocol);
                tokio::spawn(async { record() }).await.expect("a task");
                // On a thread of the runtime's.
                tokio::spawn(async move { drop(telemetry) }).await.expect("a task");
            });
            came(&receiver);
        }
    });
}

#[test]
fn after_the_runtime_is_gone_and_in_another() {
    alone("after_the_runtime_is_gone_and_in_another", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol);
            let first = Builder::new_current_thread().enable_all().build().expect("a runtime");
            let telemetry = first.block_on(async { install(&receiver, protocol) });
            drop(first);
            record();
            let second = Builder::new_current_thread().enable_all().build().expect("a runtime");
            second.block_on(async { telemetry.shutdown().expect("a receiver") });
            came(&receiver);
        }
    });
}

#[test]
fn while_a_panic_unwinds() {
    alone("while_a_panic_unwinds", &[], || {
        for protocol in PROTOCOLS {
            let receiver = receiver(protocol);
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _telemetry = install(&receiver, protocol);
                record();
                panic!("as told");
            }));
            assert!(panicked.is_err());
            came(&receiver);
        }
    });
}
