//! The metric instruments of the conventions, built once per pipeline from the table.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::gathered::{Gathered, Points};
use crate::conventions::{Dialect, Instrument, METRICS, MetricRow, NumberType, SPANS};

/// One measured value, in the type of its instrument.
#[derive(Clone, Copy)]
pub(crate) enum Measured {
    Seconds(f64),
    Count(u64),
}

/// One instrument per metric of a dialect, at the metric's index in the table.
#[derive(Debug)]
pub(crate) struct Instruments {
    instruments: Vec<Option<Kind>>,
    gathered: Arc<Gathered>,
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
        Self {
            instruments: METRICS
                .iter()
                .map(|row| wanted(row).then(|| Kind::new(meter, row)))
                .collect(),
            gathered: Gathered::new(meter),
        }
    }

    /// Records one value; a metric that the dialect does not have is not recorded.
    pub(crate) fn record(&self, row: &MetricRow, measured: Measured, attributes: &[KeyValue]) {
        match (self.instruments.get(row.index), measured) {
            (Some(Some(Kind::Counts(counter))), Measured::Count(count)) => {
                counter.add(count, attributes);
            }
            (Some(Some(Kind::CountHistogram(histogram))), Measured::Count(count)) => {
                histogram.record(count, attributes);
            }
            (Some(Some(Kind::SecondsHistogram(histogram))), Measured::Seconds(seconds)) => {
                histogram.record(seconds, attributes);
            }
            _ => {}
        }
    }
}

impl Instruments {
    /// Records many values of a histogram of seconds when metrics are collected: each as often as its count says.
    pub(crate) fn gather(
        &self,
        row: &MetricRow,
        values: Vec<(u32, f64)>,
        attributes: Vec<KeyValue>,
    ) {
        if let Some(Some(Kind::SecondsHistogram(histogram))) = self.instruments.get(row.index) {
            self.gathered.add(Points { histogram: histogram.clone(), values, attributes });
        }
    }
}

impl Kind {
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
