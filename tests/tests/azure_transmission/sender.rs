//! An exporter of our own, and the spans that go through it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use futures::executor::block_on;
use llmobs_runtime::backend::azure_monitor::{
    AzureMonitor, DropReason, SpanExporter, Statistics, Storage,
};
use llmobs_tests::ingestion::{Answer, Ingestion, Received};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};

/// A directory that is gone with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("llmobs-transmission-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn storage(&self) -> Storage {
        Storage::at(self.path())
    }

    /// The names of all files in storage.
    pub(crate) fn files(&self) -> Vec<String> {
        let list = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
        list(self.path())
            .flat_map(|folder| list(&folder.path()))
            .map(|file| file.file_name().to_string_lossy().into_owned())
            .collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An exporter whose pauses are short.
pub(crate) struct Sender {
    pub(crate) exporter: SpanExporter,
    _directory: Option<Directory>,
}

impl Sender {
    /// With storage.
    pub(crate) fn to(server: &Ingestion) -> Self {
        let directory = Directory::new();
        let storage = directory.storage();
        Self::owning(Some(directory), server, |azure| azure.storage(storage))
    }

    /// Without storage.
    pub(crate) fn in_memory(server: &Ingestion) -> Self {
        Self::with(server, |azure| azure.storage(Storage::off()))
    }

    pub(crate) fn with(
        server: &Ingestion,
        more: impl FnOnce(AzureMonitor) -> AzureMonitor,
    ) -> Self {
        Self::owning(None, server, more)
    }

    fn owning(
        directory: Option<Directory>,
        server: &Ingestion,
        more: impl FnOnce(AzureMonitor) -> AzureMonitor,
    ) -> Self {
        let azure = AzureMonitor::new()
            .connection_string(server.connection_string())
            .resource_metric(false)
            .retry_delay(Duration::from_millis(20), Duration::from_millis(200));
        let exporters = more(azure).exporters().expect("a connection string");
        Self { exporter: exporters.spans, _directory: directory }
    }

    /// Exports spans of these names, in one batch.
    pub(crate) fn send(&self, names: impl IntoIterator<Item = impl Into<String>>) {
        self.export(names.into_iter().map(|name| span(name, &[])).collect());
    }

    pub(crate) fn export(&self, spans: Vec<SpanData>) {
        block_on(self.exporter.export(spans)).expect("an exporter in use");
    }

    pub(crate) fn flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.exporter.statistics()
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.statistics().dropped(reason)
    }

    /// Waits until the condition holds.
    #[track_caller]
    pub(crate) fn wait_until(&self, condition: impl Fn(&Statistics) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !condition(&self.statistics()) {
            assert!(Instant::now() < end, "not within 30 s: {:?}", self.statistics());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends, and says what became of everything.
    #[track_caller]
    pub(crate) fn end(self) -> Statistics {
        self.exporter.shutdown_with_timeout(Duration::from_secs(20)).expect("an end in time");
        self.exporter.statistics()
    }
}

pub(crate) fn span(name: impl Into<String>, attributes: &[(&'static str, String)]) -> SpanData {
    let context = SpanContext::new(
        TraceId::from(0x5eed_0000_0000_0000_0000_0000_0000_0001),
        SpanId::from(0x5eed_0000_0000_0002),
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    );
    SpanData {
        span_context: context,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into().into(),
        start_time: SystemTime::now(),
        end_time: SystemTime::now(),
        attributes: attributes
            .iter()
            .map(|(key, value)| KeyValue::new(*key, value.clone()))
            .collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("the test").build(),
    }
}

/// `prefix-0`, `prefix-1`, …
pub(crate) fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}-{number}")).collect()
}

/// The names of the spans in a request.
pub(crate) fn names(request: &Received) -> Vec<String> {
    let name = |envelope: &serde_json::Value| {
        envelope["data"]["baseData"]["name"].as_str().expect("a name").to_owned()
    };
    request.envelopes.iter().map(name).collect()
}

/// How often the service took each span.
#[derive(Clone, Default)]
pub(crate) struct Taken(Arc<Mutex<BTreeMap<String, usize>>>);

impl Taken {
    pub(crate) fn take(&self, names: impl IntoIterator<Item = String>) {
        let mut taken = self.0.lock().expect("no panic");
        for name in names {
            *taken.entry(name).or_default() += 1;
        }
    }

    pub(crate) fn now(&self) -> BTreeMap<String, usize> {
        self.0.lock().expect("no panic").clone()
    }

    /// Each of these was taken once, and nothing else.
    #[track_caller]
    pub(crate) fn is_each_once(&self, expected: &[String]) {
        let taken = self.now();
        let expected: BTreeMap<_, _> = expected.iter().map(|name| (name.clone(), 1)).collect();
        let missing = expected.keys().filter(|name| !taken.contains_key(*name)).count();
        let twice = taken.values().filter(|count| **count > 1).count();
        assert!(taken == expected, "{missing} of {} missing, {twice} twice", expected.len());
    }
}

/// A server that answers as told, and remembers what it took with a 200.
pub(crate) fn taking(
    mut decide: impl FnMut(&Received) -> Answer + Send + 'static,
) -> (Ingestion, Taken) {
    let taken = Taken::default();
    let remember = taken.clone();
    let server = Ingestion::deciding(move |request| {
        let answer = decide(request);
        if matches!(answer, Answer::Accept | Answer::Reply(200, ..)) {
            remember.take(names(request));
        }
        answer
    });
    (server, taken)
}

/// Nothing is in storage, and nothing was dropped.
#[track_caller]
pub(crate) fn all_delivered(statistics: &Statistics, items: usize) {
    assert_eq!(
        (statistics.accepted, statistics.delivered, statistics.dropped_in_all()),
        (items as u64, items as u64, 0),
        "{statistics:?}"
    );
}

/// Cases that wait more than they work, side by side.
pub(crate) fn each_at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    let test = &test;
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || test(case));
        }
    });
}
