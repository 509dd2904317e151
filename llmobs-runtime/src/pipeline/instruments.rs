//! The metric instruments of the conventions, built once per pipeline from the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::gathered::{Gathered, Points};
#[cfg(feature = "bound-instruments")]
use super::handle::bound;
use super::handle::{Handle, Known};
use crate::conventions::{self, Dialect, METRICS, MetricRow, NumberType, SPANS};

/// One measured value, in the type of its instrument.
#[derive(Clone, Copy)]
pub(crate) enum Measured {
    Seconds(f64),
    Count(u64),
}

/// One instrument per metric of a dialect, at the metric's index in the table.
#[derive(Debug)]
pub(crate) struct Instruments {
    /// No two of the process are the same; an address may come again.
    id: u64,
    instruments: Vec<Option<Instrument>>,
    gathered: Arc<Gathered>,
}

#[derive(Debug)]
struct Instrument {
    kind: Kind,
    #[cfg(feature = "bound-instruments")]
    places: bound::Places,
}

#[derive(Debug)]
enum Kind {
    Counts(Counter<u64>),
    CountHistogram(Histogram<u64>),
    SecondsHistogram(Histogram<f64>),
}

impl Instruments {
    pub(crate) fn new(meter: &Meter, dialect: Dialect) -> Self {
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
        // From one on: whoever has none yet has zero.
        static IDS: AtomicU64 = AtomicU64::new(1);
        Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            instruments: METRICS
                .iter()
                .map(|row| {
                    wanted(row).then(|| Instrument {
                        kind: Kind::new(meter, row),
                        #[cfg(feature = "bound-instruments")]
                        places: bound::Places::default(),
                    })
                })
                .collect(),
            gathered: Gathered::new(meter),
        }
    }

    /// Which instruments these are, and how often their metrics have been collected: a [`Handle`] is good for as
    /// long as neither changes.
    pub(crate) fn generation(&self) -> (u64, u64) {
        (self.id, self.gathered.collected())
    }

    /// Records one value; a metric that the dialect does not have is not recorded.
    pub(crate) fn record(&self, row: &MetricRow, measured: Measured, attributes: &[KeyValue]) {
        if let Some(instrument) = self.find(row) {
            instrument.kind.record(measured, attributes);
        }
    }

    /// Records one value, and hands out what records others with the same attributes.
    pub(crate) fn record_first(
        &self,
        row: &MetricRow,
        measured: Measured,
        attributes: Vec<KeyValue>,
    ) -> Handle {
        // Recorded before it is bound: else the SDK might export a point that nobody has measured yet.
        self.record(row, measured, &attributes);
        #[cfg(feature = "bound-instruments")]
        if let Some(bound) = self.find(row).and_then(|it| it.bind(&attributes)) {
            return Handle::bound(bound);
        }
        Handle::of(attributes.into())
    }

    /// Records another value with the attributes of the first.
    pub(crate) fn record_again(&self, row: &MetricRow, measured: Measured, handle: &Handle) {
        match handle.known() {
            Known::Attributes(attributes) => self.record(row, measured, attributes),
            #[cfg(feature = "bound-instruments")]
            Known::Bound(bound) => bound.record(measured),
        }
    }

    /// Records many values of a histogram of seconds when metrics are collected: each as often as its count says.
    pub(crate) fn gather(
        &self,
        row: &MetricRow,
        values: Vec<(u32, f64)>,
        attributes: Arc<[KeyValue]>,
    ) {
        if let Some(Instrument { kind: Kind::SecondsHistogram(histogram), .. }) = self.find(row) {
            self.gathered.add(Points { histogram: histogram.clone(), values, attributes });
        }
    }

    fn find(&self, row: &MetricRow) -> Option<&Instrument> {
        self.instruments.get(row.index)?.as_ref()
    }
}

#[cfg(feature = "bound-instruments")]
impl Instrument {
    /// The instrument bound to the attributes, while there is room for another.
    fn bind(&self, attributes: &[KeyValue]) -> Option<bound::Bound> {
        use bound::{Bound, To};

        let place = self.places.take()?;
        let instrument = match &self.kind {
            Kind::Counts(counter) => To::Counts(counter.bind(attributes)),
            Kind::CountHistogram(histogram) => To::CountHistogram(histogram.bind(attributes)),
            Kind::SecondsHistogram(histogram) => To::SecondsHistogram(histogram.bind(attributes)),
        };
        Some(Bound::new(instrument, place))
    }
}

impl Kind {
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
            (conventions::Instrument::Counter, _) => Self::Counts(
                meter.u64_counter(row.name).with_unit(row.unit).with_description(row.brief).build(),
            ),
            (conventions::Instrument::Histogram, NumberType::Int) => Self::CountHistogram(
                meter
                    .u64_histogram(row.name)
                    .with_unit(row.unit)
                    .with_description(row.brief)
                    .with_boundaries(row.buckets.to_vec())
                    .build(),
            ),
            (conventions::Instrument::Histogram, NumberType::Double) => Self::SecondsHistogram(
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
