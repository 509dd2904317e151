//! Points that wait until metrics are collected.
//!
//! The distances between the chunks of a stream are as many points as there are chunks, and recording one costs
//! more than all else that a chunk costs. So they wait, counted by bucket, for whoever collects the metrics: the
//! meter provider asks an observable instrument, which never has anything to say itself, and that records them on
//! the collector's thread. Nothing is lost: when too many wait, or nobody collects, they are recorded where they
//! stand.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};

/// No more streams than this wait: with six attributes, about 5 MB.
const LIMIT: usize = 8_192;

/// Points of one histogram and one set of attributes: each value as often as its count says.
pub(crate) struct Points {
    pub(crate) histogram: Histogram<f64>,
    pub(crate) values: Vec<(u32, f64)>,
    pub(crate) attributes: Arc<[KeyValue]>,
}

impl Points {
    fn record(&self, binds: bool) {
        let Self { histogram, values, attributes } = self;
        let values = values.iter().flat_map(|(count, value)| {
            std::iter::repeat_n(*value, usize::try_from(*count).unwrap_or(usize::MAX))
        });
        if binds {
            return record_bound(histogram, attributes, values);
        }
        record(histogram, attributes, values);
    }
}

fn record(histogram: &Histogram<f64>, with: &[KeyValue], values: impl Iterator<Item = f64>) {
    values.for_each(|value| histogram.record(value, with));
}

/// Looking the attributes up costs more than all else: two values pay for binding them.
fn record_bound(
    histogram: &Histogram<f64>,
    with: &[KeyValue],
    mut values: impl Iterator<Item = f64>,
) {
    // Recorded before it is bound: else another collector might see a point that nobody has measured yet.
    let Some(first) = values.next() else { return };
    histogram.record(first, with);
    let Some(second) = values.next() else { return };
    let bound = histogram.bind(with);
    bound.record(second);
    values.for_each(|value| bound.record(value));
}

/// What waits.
pub(crate) struct Gathered {
    /// Sending takes no lock.
    sender: Sender<Points>,
    receiver: Mutex<Receiver<Points>>,
    waiting: AtomicUsize,
    /// Nobody has collected while as many waited as may: nobody will.
    unread: AtomicBool,
    /// How often metrics have been collected.
    collected: AtomicU64,
    /// Whether instruments of the provider can be bound.
    binds: bool,
    bindings: super::handle::bound::Bindings,
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Gathered {
    /// Recorded whenever the provider of `meter` collects.
    pub(super) fn new(meter: &Meter, binds: bool) -> Arc<Self> {
        let (sender, receiver) = channel();
        let gathered = Arc::new(Self {
            sender,
            receiver: Mutex::new(receiver),
            waiting: AtomicUsize::new(0),
            unread: AtomicBool::new(false),
            collected: AtomicU64::new(0),
            binds,
            bindings: super::handle::bound::Bindings::default(),
        });
        // Held by the provider: a pipeline that is given up leaves behind what still waits.
        let waiting = Arc::clone(&gathered);
        // The provider keeps the callback; an instrument without a point is not exported.
        let _ = meter
            .u64_observable_gauge("llmobs.gathered")
            .with_callback(move |_| waiting.record_all())
            .build();
        gathered
    }

    /// Lets points wait, or records them here and now.
    pub(super) fn add(&self, points: Points) {
        if self.unread.load(Ordering::Relaxed) {
            return points.record(self.binds);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LIMIT {
            // Nobody collects, or not often enough.
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.unread.store(true, Ordering::Relaxed);
            return points.record(self.binds);
        }
        // The other end is here.
        let _ = self.sender.send(points);
    }

    /// How often metrics have been collected.
    pub(super) fn collected(&self) -> u64 {
        self.collected.load(Ordering::Relaxed)
    }

    /// Instruments that are bound until metrics are collected, where they can be.
    pub(super) fn bindings(&self) -> Option<&super::handle::bound::Bindings> {
        self.binds.then_some(&self.bindings)
    }

    fn record_all(&self) {
        self.collected.fetch_add(1, Ordering::Relaxed);
        self.bindings.release();
        self.unread.store(false, Ordering::Relaxed);
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        // As many as wait now: others may come as fast as these go.
        for _ in 0..self.waiting.load(Ordering::Relaxed) {
            let Ok(points) = receiver.try_recv() else { break };
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            points.record(self.binds);
        }
    }
}

#[cfg(all(test, feature = "sdk"))]
mod tests {
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics};
    use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

    use super::*;

    fn points(histogram: &Histogram<f64>) -> Points {
        Points {
            histogram: histogram.clone(),
            values: vec![(3, 0.25), (1, 4.0)],
            attributes: Arc::default(),
        }
    }

    /// The names of all metrics, and the count and the sum of the only histogram.
    fn collected(exporter: &InMemoryMetricExporter) -> (Vec<String>, u64, f64) {
        let finished = exporter.get_finished_metrics().unwrap();
        let mut names = Vec::new();
        let (mut count, mut sum) = (0, 0.0);
        for metric in finished.last().unwrap().scope_metrics().flat_map(ScopeMetrics::metrics) {
            names.push(metric.name().to_owned());
            if let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() {
                for point in histogram.data_points() {
                    count += point.count();
                    sum += point.sum();
                }
            }
        }
        (names, count, sum)
    }

    #[test]
    fn what_waits_is_recorded_when_metrics_are_collected_and_nothing_is_lost() {
        for binds in [false, true] {
            nothing_is_lost(binds);
        }
    }

    fn nothing_is_lost(binds: bool) {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        let meter = provider.meter("test");
        let histogram = meter.f64_histogram("distances").build();
        let gathered = Gathered::new(&meter, binds);
        gathered.add(points(&histogram));
        assert_eq!(gathered.waiting.load(Ordering::Relaxed), 1);
        provider.force_flush().unwrap();
        assert_eq!(gathered.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(collected(&exporter), (vec!["distances".to_owned()], 4, 4.75));

        // More than may wait.
        for _ in 0..LIMIT + 10 {
            gathered.add(points(&histogram));
        }
        assert_eq!(gathered.waiting.load(Ordering::Relaxed), LIMIT);
        provider.force_flush().unwrap();
        let all = u64::try_from(LIMIT).unwrap() + 11;
        assert_eq!(collected(&exporter).1, 4 * all);
        gathered.add(points(&histogram));
        assert_eq!(gathered.waiting.load(Ordering::Relaxed), 1, "they wait again");
        provider.shutdown().unwrap();
        assert_eq!(collected(&exporter).1, 4 * (all + 1), "also at the very end");
    }
}
