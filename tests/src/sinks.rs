//! Exporters of all signals that keep, hang, fail or panic.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::processor::BatchLogProcessor;
use llmobs_runtime::{Builder, builder, call};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// One call.
pub fn chat() {
    call(&operation::CHAT).model("m").start().end();
}

/// What an exporter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Keeps what it is given.
    Keep,
    /// Waits, without holding its thread.
    Hang,
    /// Waits, and holds its thread.
    Block,
    /// Fails at once.
    Fail,
    /// Panics at once.
    Panic,
}

#[derive(Debug, Default)]
struct State {
    spans: usize,
    records: usize,
    exports_of_metrics: usize,
    open: bool,
    waiting: Vec<Waker>,
}

/// An exporter of spans, of log records or of metrics; clones are the same one.
#[derive(Clone, Debug)]
pub struct Sink {
    does: Does,
    state: Arc<(Mutex<State>, Condvar)>,
    tried: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

impl Sink {
    /// One that does this.
    pub fn new(does: Does) -> Self {
        Self { does, state: Arc::default(), tried: Arc::default(), down: Arc::default() }
    }

    /// One that keeps what it is given.
    pub fn keeping() -> Self {
        Self::new(Does::Keep)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spans, log records and exports of metrics so far.
    pub fn kept(&self) -> (usize, usize, usize) {
        let state = self.state();
        (state.spans, state.records, state.exports_of_metrics)
    }

    /// Spans so far.
    pub fn spans(&self) -> usize {
        self.kept().0
    }

    /// How often it was called.
    pub fn tried(&self) -> usize {
        self.tried.load(Ordering::Acquire)
    }

    /// Whether it was shut down.
    pub fn is_down(&self) -> bool {
        self.down.load(Ordering::Acquire)
    }

    /// Lets go of all that hangs.
    pub fn open(&self) {
        let mut state = self.state();
        state.open = true;
        std::mem::take(&mut state.waiting).into_iter().for_each(Waker::wake);
        self.state.1.notify_all();
    }

    /// As the only backend of a pipeline.
    pub fn builder(&self) -> Builder {
        self.beside(builder())
    }

    /// As another backend of a pipeline.
    pub fn beside(&self, builder: Builder) -> Builder {
        builder
            .span_exporter(self.clone())
            .log_processor(BatchLogProcessor::new(self.clone()))
            .metric_exporter(self.clone())
    }

    async fn take(&self, keep: impl FnOnce(&mut State)) -> OTelSdkResult {
        self.tried.fetch_add(1, Ordering::AcqRel);
        match self.does {
            Does::Keep => {}
            Does::Fail => return Err(OTelSdkError::InternalFailure("no route to host".into())),
            Does::Panic => panic!("on purpose"),
            Does::Block => {
                let open = self.state.1.wait_while(self.state(), |state| !state.open);
                drop(open.unwrap_or_else(PoisonError::into_inner));
            }
            Does::Hang => {
                std::future::poll_fn(|context| {
                    let mut state = self.state();
                    if state.open {
                        return Poll::Ready(());
                    }
                    state.waiting.push(context.waker().clone());
                    Poll::Pending
                })
                .await;
            }
        }
        keep(&mut self.state());
        Ok(())
    }
}

impl SpanExporter for Sink {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.take(|state| state.spans += batch.len()).await
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.down.store(true, Ordering::Release);
        Ok(())
    }
}

impl LogExporter for Sink {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let many = batch.iter().count();
        self.take(|state| state.records += many).await
    }
}

impl PushMetricExporter for Sink {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        self.take(|state| state.exports_of_metrics += 1).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
