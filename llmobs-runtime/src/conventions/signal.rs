//! Span types, operations, metrics and events.

use super::{AttributeId, Dialect, Level};

/// The kind of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// A call to another process.
    Client,
    /// Work within the process.
    Internal,
    /// The answering side of a call.
    Server,
}

/// An attribute on a span type or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanAttribute {
    /// Which attribute.
    pub id: AttributeId,
    /// How much the latest dialect wants it, if at all.
    pub latest: Option<Level>,
    /// How much the released dialect wants it, if at all.
    pub released: Option<Level>,
    /// Whether a sampler of either dialect may want it, so that it is set when the span starts.
    pub sampling: bool,
}

impl SpanAttribute {
    /// How much `dialect` wants it, if at all.
    #[must_use]
    pub const fn level(&self, dialect: Dialect) -> Option<Level> {
        match dialect {
            Dialect::Latest => self.latest,
            Dialect::Released => self.released,
        }
    }
}

/// A metric that a span type records.
#[derive(Clone, Copy, Debug)]
pub struct SpanMetric {
    /// Which metric.
    pub metric: &'static MetricRow,
    /// Whether the latest dialect records it for this span type.
    pub latest: bool,
    /// Whether the released dialect records it for this span type.
    pub released: bool,
}

/// Everything that the conventions say of one span type.
#[derive(Debug)]
pub struct SpanRow {
    /// The identifier in the latest dialect.
    pub id: &'static str,
    /// Whether the released dialect has it. Where it has not, the released levels are the latest.
    pub in_released: bool,
    /// Names of the operations that have this span; none for MCP, where the method stands in.
    pub operations: &'static [&'static str],
    /// The usual kind.
    pub kind: SpanKind,
    /// Kinds that are also right, such as [`SpanKind::Internal`] for a model in the process.
    pub also_kinds: &'static [SpanKind],
    /// The attribute whose value begins the span's name.
    pub head: AttributeId,
    /// The attribute whose value follows in the span's name, after a space, if it is known.
    pub target: Option<AttributeId>,
    /// The attribute that stands in where the value of `target` is not known.
    pub second_target: Option<AttributeId>,
    /// The attributes of either dialect, those of provider and tool refinements included.
    pub attributes: &'static [SpanAttribute],
    /// One [`AttributeId::bit`] for each attribute of the latest dialect.
    pub mask_latest: u128,
    /// One [`AttributeId::bit`] for each attribute of the released dialect.
    pub mask_released: u128,
    /// The metrics that an operation of this span type records.
    pub metrics: &'static [SpanMetric],
}

impl SpanRow {
    /// Whether the span carries the attribute in `dialect`.
    #[must_use]
    pub fn has(&self, id: AttributeId, dialect: Dialect) -> bool {
        self.mask(dialect) & id.bit() != 0
    }

    /// One [`AttributeId::bit`] for each attribute that the span carries in `dialect`.
    #[must_use]
    pub fn mask(&self, dialect: Dialect) -> u128 {
        match dialect {
            Dialect::Latest => self.mask_latest,
            Dialect::Released => self.mask_released,
        }
    }

    /// How much `dialect` wants the attribute on this span, if at all.
    #[must_use]
    pub fn level(&self, id: AttributeId, dialect: Dialect) -> Option<Level> {
        self.attributes.iter().find(|on| on.id == id)?.level(dialect)
    }

    /// The metrics that `dialect` records for this span.
    pub fn metrics_in(&self, dialect: Dialect) -> impl Iterator<Item = &'static MetricRow> + use<> {
        let metrics = self.metrics;
        let recorded = move |on: &&'static SpanMetric| match dialect {
            Dialect::Latest => on.latest,
            Dialect::Released => on.released,
        };
        metrics.iter().filter(recorded).map(|on| on.metric)
    }
}

/// One operation, such as `chat`.
#[derive(Debug)]
pub struct Operation {
    /// The value of `gen_ai.operation.name`.
    pub name: &'static str,
    /// The span that the operation has.
    pub span: &'static SpanRow,
}

/// What a metric is recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// A distribution over buckets.
    Histogram,
    /// A sum that only grows.
    Counter,
}

/// What the numbers of a metric are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberType {
    /// Whole numbers.
    Int,
    /// Floats.
    Double,
}

/// An attribute of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricAttribute {
    /// Which attribute.
    pub id: AttributeId,
    /// How much the latest dialect wants it, if at all.
    pub latest: Option<Level>,
    /// How much the released dialect wants it, if at all.
    pub released: Option<Level>,
}

impl MetricAttribute {
    /// How much `dialect` wants it, if at all.
    #[must_use]
    pub const fn level(&self, dialect: Dialect) -> Option<Level> {
        match dialect {
            Dialect::Latest => self.latest,
            Dialect::Released => self.released,
        }
    }
}

/// Everything that the conventions say of one metric.
#[derive(Debug)]
pub struct MetricRow {
    /// The place in [`METRICS`](super::METRICS).
    pub index: usize,
    /// The name, the same in each dialect that has the metric.
    pub name: &'static str,
    /// Whether the latest dialect has it.
    pub latest: bool,
    /// Whether the released dialect has it.
    pub released: bool,
    /// What it is recorded with.
    pub instrument: Instrument,
    /// The unit, in UCUM notation: `s`, `{token}`.
    pub unit: &'static str,
    /// What its numbers are.
    pub ty: NumberType,
    /// Upper bounds of the histogram's buckets, ascending; none for a counter.
    pub buckets: &'static [f64],
    /// Its attributes, those of provider refinements included.
    pub attributes: &'static [MetricAttribute],
    /// What it measures, in a few words.
    pub brief: &'static str,
}

/// Everything that the conventions say of one event, a log record with a name.
#[derive(Debug)]
pub struct EventRow {
    /// The name.
    pub name: &'static str,
    /// The severity number of the log record, where the conventions name one.
    pub severity: Option<u8>,
    /// How much the conventions want the event itself.
    pub level: Level,
    /// Its attributes.
    pub attributes: &'static [SpanAttribute],
    /// What it tells, in a few words.
    pub brief: &'static str,
}
