//! Exporters that tell what came and can be held up.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// What an exporter was asked, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    Resource(Option<String>),
    /// The names of spans, the bodies of records.
    Export(Vec<String>),
    Flush,
    Shutdown,
}

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    closed: bool,
    waiting: usize,
    threads: Vec<ThreadId>,
    unsuppressed: usize,
    left_at_shutdown: Option<Duration>,
    plan: Vec<Plan>,
}

/// What an export comes to, once; `Ok` when nothing is planned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    Fail(&'static str),
    Panic,
    /// Pending once, and woken from another thread.
    Slow,
}

/// An exporter of spans and of log records; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

impl Gate {
    /// Lets no export through before it is opened.
    pub(crate) fn closed() -> Self {
        let gate = Self::default();
        gate.state().closed = true;
        gate
    }

    /// Does these one after the other.
    pub(crate) fn planned(plan: &[Plan]) -> Self {
        let gate = Self::default();
        gate.state().plan = plan.iter().rev().copied().collect();
        gate
    }

    pub(crate) fn open(&self) {
        self.state().closed = false;
        self.0.1.notify_all();
    }

    /// Until an export stands before the closed gate.
    pub(crate) fn wait_for_export(&self) {
        self.wait("an export", |state| state.waiting > 0);
    }

    /// Until so many items have come.
    pub(crate) fn wait_for_items(&self, items: usize) {
        self.wait("items", |state| names(&state.asked).len() >= items);
    }

    /// Until it has been shut down.
    pub(crate) fn wait_for_shutdown(&self) {
        self.wait("a shutdown", |state| state.left_at_shutdown.is_some());
    }

    fn wait(&self, what: &str, until: impl Fn(&State) -> bool) {
        let begun = Instant::now();
        let mut state = self.state();
        while !until(&state) {
            assert!(begun.elapsed() < LONG, "{what} did not come");
            let waited = self.0.1.wait_timeout(state, LONG);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// All that was exported.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.asked())
    }

    /// The sizes of the batches.
    pub(crate) fn batches(&self) -> Vec<usize> {
        let of = |asked: &Asked| match asked {
            Asked::Export(names) => Some(names.len()),
            _ => None,
        };
        self.asked().iter().filter_map(of).collect()
    }

    /// The threads that exported, and how many exports ran without telemetry being suppressed.
    pub(crate) fn ran_on(&self) -> (Vec<ThreadId>, usize) {
        let state = self.state();
        (state.threads.clone(), state.unsuppressed)
    }

    pub(crate) fn left_at_shutdown(&self) -> Option<Duration> {
        self.state().left_at_shutdown
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, names: Vec<String>) -> (OTelSdkResult, bool) {
        let mut state = self.state();
        let me = std::thread::current().id();
        if !state.threads.contains(&me) {
            state.threads.push(me);
        }
        state.unsuppressed += usize::from(!Context::is_current_telemetry_suppressed());
        while state.closed {
            state.waiting += 1;
            self.0.1.notify_all();
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        let plan = state.plan.pop();
        if !matches!(plan, Some(Plan::Panic)) {
            state.asked.push(Asked::Export(names));
        }
        drop(state);
        self.0.1.notify_all();
        match plan {
            Some(Plan::Fail(why)) => (Err(OTelSdkError::InternalFailure(why.to_owned())), false),
            Some(Plan::Panic) => panic!("as planned"),
            Some(Plan::Slow) => (Ok(()), true),
            None => (Ok(()), false),
        }
    }

    fn note(&self, asked: Asked) {
        self.state().asked.push(asked);
    }

    fn resource(&self, resource: &Resource) {
        let service = resource.get(&"service.name".into()).map(|name| name.to_string());
        self.note(Asked::Resource(service));
    }

    fn down(&self, timeout: Duration) {
        self.note(Asked::Shutdown);
        self.state().left_at_shutdown = Some(timeout);
        self.0.1.notify_all();
    }
}

/// Longer than any test takes.
pub(crate) const LONG: Duration = Duration::from_mins(1);

fn names(asked: &[Asked]) -> Vec<String> {
    let mut all = Vec::new();
    for asked in asked {
        if let Asked::Export(names) = asked {
            all.extend(names.iter().cloned());
        }
    }
    all
}

async fn slowly() {
    let mut told = false;
    std::future::poll_fn(|context| {
        if told {
            return std::task::Poll::Ready(());
        }
        told = true;
        let waker = context.waker().clone();
        std::thread::spawn(move || waker.wake());
        std::task::Poll::Pending
    })
    .await;
}

impl SpanExporter for Gate {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (result, slow) = self.take(batch.iter().map(|span| span.name.to_string()).collect());
        if slow {
            slowly().await;
        }
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.note(Asked::Flush);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.down(timeout);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource(resource);
    }
}

impl LogExporter for Gate {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let body = |record: &opentelemetry_sdk::logs::SdkLogRecord| match record.body() {
            Some(opentelemetry::logs::AnyValue::String(text)) => text.as_str().to_owned(),
            other => format!("{other:?}"),
        };
        let bodies =
            batch.iter().map(|(record, scope)| format!("{}:{}", scope.name(), body(record)));
        let (result, slow) = self.take(bodies.collect());
        if slow {
            slowly().await;
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.down(timeout);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource(resource);
    }
}
