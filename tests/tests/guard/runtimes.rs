//! From every kind of runtime, and from none.

use std::time::Duration;

use llmobs_runtime::builder;
use llmobs_tests::alone;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::runtime::{Builder, Handle, Runtime};

use llmobs_tests::sinks::{Sink, chat};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// All that is done with a guard, here and now.
fn everything(kept: &Sink) {
    let before = kept.spans();
    let telemetry = kept.builder().install().unwrap();
    chat();
    telemetry.force_flush().unwrap();
    assert_eq!(kept.spans(), before + 1);
    chat();
    telemetry.shutdown().unwrap();
    assert_eq!(kept.spans(), before + 2);
    let dropped = kept.builder().install().unwrap();
    chat();
    drop(dropped);
    assert_eq!(kept.spans(), before + 3);
}

#[test]
fn inside_a_runtime_and_outside() {
    alone("runtimes::inside_a_runtime_and_outside", &[], || {
        let kept = Sink::keeping();
        everything(&kept);
        for runtime in [current_thread(), multi_thread()] {
            runtime.block_on(async { everything(&kept) });
            let in_task = kept.clone();
            runtime.block_on(runtime.spawn(async move { everything(&in_task) })).unwrap();
            let in_blocking = kept.clone();
            runtime.block_on(runtime.spawn_blocking(move || everything(&in_blocking))).unwrap();
            let _entered = runtime.enter();
            everything(&kept);
        }
        assert_eq!(kept.spans(), 3 * 9);
    });
}

/// Dropped with a runtime: by a task that never ends.
#[test]
fn with_the_runtime_that_holds_it() {
    alone("runtimes::with_the_runtime_that_holds_it", &[], || {
        let kept = Sink::keeping();
        for runtime in [current_thread(), multi_thread()] {
            let telemetry = kept.builder().install().unwrap();
            let (started, has_started) = tokio::sync::oneshot::channel();
            runtime.spawn(async move {
                let _telemetry = telemetry;
                chat();
                started.send(()).unwrap();
                std::future::pending::<()>().await;
            });
            runtime.block_on(has_started).unwrap();
            drop(runtime);
        }
        assert_eq!(kept.spans(), 2);
    });
}

/// An exporter that works on a runtime.
#[derive(Debug)]
struct OnRuntime {
    handle: Handle,
    kept: Sink,
}

impl SpanExporter for OnRuntime {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let kept = self.kept.clone();
        let task = self.handle.spawn(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            SpanExporter::export(&kept, batch).await
        });
        task.await.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?
    }
}

#[test]
fn an_exporter_that_brings_its_runtime_is_flushed_from_anywhere() {
    alone("runtimes::an_exporter_that_brings_its_runtime_is_flushed_from_anywhere", &[], || {
        let kept = Sink::keeping();
        let theirs = multi_thread();
        let work = || {
            let exporter = OnRuntime { handle: theirs.handle().clone(), kept: kept.clone() };
            let telemetry = builder().span_exporter(exporter).install().unwrap();
            chat();
            telemetry.force_flush().unwrap();
            chat();
            telemetry.shutdown().unwrap();
        };
        work();
        current_thread().block_on(async { work() });
        theirs.block_on(async { work() });
        assert_eq!(kept.spans(), 6);
    });
}

#[test]
fn one_that_needs_the_only_thread_that_waits_for_it_holds_it_up_no_longer_than_the_deadline() {
    let name = "runtimes::one_that_needs_the_only_thread_that_waits_for_it_holds_it_up_no_longer_than_the_deadline";
    alone(name, &[], || {
        let (runtime, kept) = (current_thread(), Sink::keeping());
        let exporter = OnRuntime { handle: runtime.handle().clone(), kept: kept.clone() };
        let telemetry = builder()
            .shutdown_deadline(Duration::from_millis(50))
            .span_exporter(exporter)
            .install()
            .unwrap();
        runtime.block_on(async {
            chat();
            let late = telemetry.force_flush().unwrap_err().to_string();
            assert!(late.starts_with("could not flush traces: "), "{late}");
            assert_eq!(kept.spans(), 0);
            // Where the thread is free it goes on.
            while kept.spans() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            chat();
            let flush = move || while telemetry.force_flush().is_err() {};
            tokio::task::spawn_blocking(flush).await.unwrap();
            assert_eq!(kept.spans(), 2);
        });
    });
}

/// An exporter that takes it for granted that there is a runtime.
#[derive(Debug)]
struct Careless;

impl SpanExporter for Careless {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(())
    }
}

#[test]
fn one_that_needs_a_runtime_and_brings_none_is_told_of_and_harms_nobody() {
    alone(
        "runtimes::one_that_needs_a_runtime_and_brings_none_is_told_of_and_harms_nobody",
        &[],
        || {
            let kept = Sink::keeping();
            let telemetry = kept.beside(builder().span_exporter(Careless)).install().unwrap();
            let flush = || {
                chat();
                telemetry.force_flush().unwrap_err().to_string()
            };
            for said in [flush(), multi_thread().block_on(async { flush() })] {
                assert!(said.starts_with("could not flush traces: "), "{said}");
                assert!(said.contains("the exporter panicked"), "{said}");
            }
            assert_eq!(kept.spans(), 2);
        },
    );
}
