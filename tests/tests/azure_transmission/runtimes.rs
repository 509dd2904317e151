//! Any runtime, or none; and ends in the middle of one.

use std::time::{Duration, Instant};

use llmobs_runtime::backend::azure_monitor::Storage;
use llmobs_tests::ingestion::Ingestion;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::sender::{Directory, names, numbered};

fn provider(server: &Ingestion, storage: Storage, batches: bool) -> SdkTracerProvider {
    let exporters = llmobs_runtime::backend::azure_monitor::AzureMonitor::new()
        .connection_string(server.connection_string())
        .resource_metric(false)
        .storage(storage)
        .exporters()
        .expect("a connection string");
    let builder = SdkTracerProvider::builder();
    let builder = if batches {
        builder.with_batch_exporter(exporters.spans)
    } else {
        builder.with_simple_exporter(exporters.spans)
    };
    builder.build()
}

fn record(provider: &SdkTracerProvider) {
    let tracer = provider.tracer("the test");
    for name in numbered("span", 100) {
        drop(tracer.start(name));
    }
}

fn all_came(server: &Ingestion) {
    let mut came: Vec<_> = server.received().iter().flat_map(names).collect();
    let mut expected = numbered("span", 100);
    came.sort_unstable();
    expected.sort_unstable();
    assert_eq!(came, expected);
}

/// Whoever records, flushes and shuts down, where `run` runs it.
fn everywhere(run: impl Fn(&mut dyn FnMut())) {
    for batches in [true, false] {
        for flush in [true, false] {
            let (server, directory) = (Ingestion::start(), Directory::new());
            run(&mut || {
                let provider = provider(&server, directory.storage(), batches);
                record(&provider);
                if flush {
                    // The processors of the SDK export then, and do not flush their exporter.
                    provider.force_flush().expect("an export");
                    server.wait_until(|received| received.iter().flat_map(names).count() == 100);
                }
                provider.shutdown().expect("an end");
            });
            all_came(&server);
        }
    }
}

#[test]
fn no_runtime() {
    everywhere(|body| body());
}

#[test]
fn a_runtime_of_one_thread() {
    everywhere(|body| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async { body() });
    });
}

#[test]
fn a_runtime_of_many_threads() {
    everywhere(|body| {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
        runtime.block_on(async { body() });
    });
}

#[test]
fn dropped_without_a_shutdown() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (server, directory) = (Ingestion::start(), Directory::new());
    runtime.block_on(async {
        let provider = provider(&server, directory.storage(), true);
        record(&provider);
        drop(provider);
    });
    // The provider shut down what it dropped.
    all_came(&server);
    drop(runtime);

    // Without a provider: what is not sent is in storage, and sent by who comes next.
    let server = Ingestion::start();
    let sender = crate::sender::Sender::with(&server, |azure| azure.storage(directory.storage()));
    sender.send(numbered("span", 100));
    drop(sender);
    let end = Instant::now() + Duration::from_secs(30);
    while server.received().iter().flat_map(names).count() < 100 {
        assert!(Instant::now() < end, "{} requests", server.received().len());
        let next = crate::sender::Sender::with(&server, |azure| azure.storage(directory.storage()));
        std::thread::sleep(Duration::from_millis(50));
        let _ = next.end();
    }
    all_came(&server);
}
