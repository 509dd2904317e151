//! The metric instruments of the conventions, built once per pipeline from the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::gathered::{Gathered, Points};
use super::handle::bound::Bound;
use super::handle::{Handle, Known};
use super::origin::Origin;
use crate::conventions::{Dialect, Instrument, METRICS, MetricRow, NumberType, SPANS};

/// One measured value, in the type of its instrument.
#[derive(Clone, Copy)]
pub(crate) enum Measured {
    Seconds(f64),
    Count(u64),
}

#[cfg(feature = "prometheus")]
impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "that is what a float of it is")]
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Count(count) => count as f64,
        }
    }
}

/// One instrument per metric of a dialect, at the metric's index in the table.
#[derive(Debug)]
pub(crate) struct Instruments {
    /// No two of the process are the same; an address may come again.
    id: u64,
    kinds: Vec<Option<Kind>>,
    gathered: Arc<Gathered>,
}

#[derive(Debug)]
enum Kind {
    Counts(Counter<u64>),
    CountHistogram(Histogram<u64>),
    SecondsHistogram(Histogram<f64>),
}

/// From one on: whoever has none yet has zero.
static IDS: AtomicU64 = AtomicU64::new(1);

impl Instruments {
    /// `binds`: whether instruments of the meter's provider can be bound.
    pub(crate) fn new(meter: &Meter, dialect: Dialect, binds: bool) -> Self {
        let exists = |row: &MetricRow| match dialect {
            Dialect::Latest => row.latest,
            Dialect::Released => row.released,
        };
        // A metric of the other dialect is still recorded where the dialect lacks the whole operation.
        let wanted = |row: &MetricRow| {
            exists(row)
                || SPANS
                    .iter()
                    .any(|span| span.metrics_in(dialect).any(|metric| metric.index == row.index))
        };
        Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            kinds: METRICS.iter().map(|row| wanted(row).then(|| Kind::new(meter, row))).collect(),
            gathered: Gathered::new(meter, binds),
        }
    }

    /// Which instruments these are, and how often their metrics have been collected: a [`Handle`] is good for as
    /// long as neither changes.
    pub(crate) fn generation(&self) -> (u64, u64) {
        (self.id, self.gathered.collected())
    }

    /// Records one value; a metric that the dialect does not have is not recorded.
    pub(crate) fn record(
        &self,
        row: &MetricRow,
        measured: Measured,
        attributes: &[KeyValue],
        from: Origin<'_>,
    ) {
        self.put(row, measured, attributes);
        from.note(row, measured, attributes);
    }

    fn put(&self, row: &MetricRow, measured: Measured, attributes: &[KeyValue]) {
        if let Some(kind) = self.find(row) {
            kind.record(measured, attributes);
        }
    }

    /// Records one value, and hands out what records others with the same attributes.
    pub(crate) fn record_first(
        &self,
        row: &MetricRow,
        measured: Measured,
        attributes: Vec<KeyValue>,
        from: Origin<'_>,
    ) -> Handle {
        // Recorded before it is bound: else the SDK might export a point that nobody has measured yet.
        self.put(row, measured, &attributes);
        let attributes: Arc<[KeyValue]> = attributes.into();
        let handle = Handle::of(Arc::clone(&attributes));
        let handle = self
            .find(row)
            .zip(self.gathered.bindings())
            .and_then(|(kind, bindings)| bindings.hold(|| kind.bind(&attributes)))
            .map_or(handle, Handle::bound);
        let handle = from.tell(handle, row, &attributes);
        from.note_again(measured, &handle);
        handle
    }

    /// Records another value with the attributes of the first, unless the handle is no good any more.
    #[inline]
    pub(crate) fn record_again(
        &self,
        row: &MetricRow,
        measured: Measured,
        handle: &Handle,
        from: Origin<'_>,
    ) -> bool {
        match handle.known() {
            Known::Attributes(attributes) => self.put(row, measured, attributes),
            Known::Bound(bound) => match bound.upgrade() {
                Some(bound) => bound.record(measured),
                None => return false,
            },
        }
        from.note_again(measured, handle);
        true
    }

    /// Records many values of a histogram of seconds when metrics are collected: each as often as its count says.
    pub(crate) fn gather(
        &self,
        row: &MetricRow,
        values: Vec<(u32, f64)>,
        attributes: Arc<[KeyValue]>,
    ) {
        if let Some(Kind::SecondsHistogram(histogram)) = self.find(row) {
            self.gathered.add(Points { histogram: histogram.clone(), values, attributes });
        }
    }

    /// The same of values that come from this call.
    pub(crate) fn gather_from(
        &self,
        row: &MetricRow,
        values: Vec<(u32, f64)>,
        attributes: Arc<[KeyValue]>,
        from: Origin<'_>,
    ) {
        from.note_all(row, &values, &attributes);
        self.gather(row, values, attributes);
    }

    fn find(&self, row: &MetricRow) -> Option<&Kind> {
        self.kinds.get(row.index)?.as_ref()
    }
}

impl Kind {
    fn bind(&self, attributes: &[KeyValue]) -> Bound {
        match self {
            Self::Counts(counter) => Bound::Counts(counter.bind(attributes)),
            Self::CountHistogram(histogram) => Bound::CountHistogram(histogram.bind(attributes)),
            Self::SecondsHistogram(histogram) => {
                Bound::SecondsHistogram(histogram.bind(attributes))
            }
        }
    }

    fn record(&self, measured: Measured, attributes: &[KeyValue]) {
        match (self, measured) {
            (Self::Counts(counter), Measured::Count(count)) => counter.add(count, attributes),
            (Self::CountHistogram(histogram), Measured::Count(count)) => {
                histogram.record(count, attributes);
            }
            (Self::SecondsHistogram(histogram), Measured::Seconds(seconds)) => {
                histogram.record(seconds, attributes);
            }
            _ => {}
        }
    }

    fn new(meter: &Meter, row: &'static MetricRow) -> Self {
        match (row.instrument, row.ty) {
            (Instrument::Counter, _) => Self::Counts(
                meter.u64_counter(row.name).with_unit(row.unit).with_description(row.brief).build(),
            ),
            (Instrument::Histogram, NumberType::Int) => Self::CountHistogram(
                meter
                    .u64_histogram(row.name)
                    .with_unit(row.unit)
                    .with_description(row.brief)
                    .with_boundaries(row.buckets.to_vec())
                    .build(),
            ),
            (Instrument::Histogram, NumberType::Double) => Self::SecondsHistogram(
                meter
                    .f64_histogram(row.name)
                    .with_unit(row.unit)
                    .with_description(row.brief)
                    .with_boundaries(row.buckets.to_vec())
                    .build(),
            ),
        }
    }
}
