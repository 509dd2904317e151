//! The attributes of a metric point.

use std::sync::Arc;

use opentelemetry::KeyValue;

use super::meaning::{tells_apart, wanted};
use super::{Point, Points};
use crate::call::Draft;
use crate::call::estimate::ESTIMATED;
use crate::call::span::{convert, key_value};
use crate::conventions::{MetricAttribute, MetricRow, attr};
use crate::pipeline::{Measured, Origin};

/// The attributes of one point.
pub(super) fn of_point(draft: &Draft, point: Point) -> Vec<KeyValue> {
    let mut attributes = of_row(draft, point.row);
    attributes.extend(apart(draft, point));
    attributes
}

/// What the attributes of a point have beyond those that every point of the metric has.
fn apart(draft: &Draft, point: Point) -> impl Iterator<Item = KeyValue> {
    let dialect = draft.pipeline.dialect();
    let part = point.part.attribute().map(|(id, value)| KeyValue::new(id.key(dialect), value));
    part.into_iter().chain(point.estimated.then(|| KeyValue::new(ESTIMATED, true)))
}

/// The attributes that every point of the metric has, with room for those that tell its points apart.
fn of_row(draft: &Draft, row: &'static MetricRow) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(row.attributes.len() + 2);
    attributes.extend(row.attributes.iter().filter_map(|wanted| attribute(draft, *wanted)));
    for (key, value) in draft.fields.metric_attributes() {
        let there = |known: &KeyValue| known.key.as_str() == *key;
        let apart = |wanted: &MetricAttribute| {
            tells_apart(wanted.id) && wanted.id.key(draft.pipeline.dialect()) == *key
        };
        if !attributes.iter().any(there) && !row.attributes.iter().any(apart) {
            attributes.push(KeyValue::new(key.clone(), convert(&value)));
        }
    }
    attributes
}

/// An attribute that a metric has, where its value is known and may be recorded without being asked for.
fn attribute(draft: &Draft, of: MetricAttribute) -> Option<KeyValue> {
    let (id, dialect) = (of.id, draft.pipeline.dialect());
    if !wanted(of, dialect) {
        return None;
    }
    if id == attr::GEN_AI_OPERATION_NAME.id() {
        return Some(KeyValue::new(id.key(dialect), draft.operation.name));
    }
    // What tells the points of a metric apart is not the caller's to say.
    if tells_apart(id) {
        return None;
    }
    // A port without its host says nothing.
    if id == attr::SERVER_PORT.id() {
        draft.fields.get(attr::SERVER_ADDRESS)?;
    }
    draft.fields.see(id).map(|value| key_value(id, value, dialect))
}

/// Records each point with attributes made for it, those of one metric once.
pub(super) struct Plainly<'a> {
    draft: &'a Draft,
    from: Origin<'a>,
    row: Option<usize>,
    attributes: Vec<KeyValue>,
    common: usize,
}

impl<'a> Plainly<'a> {
    pub(super) fn new(draft: &'a Draft, from: Origin<'a>) -> Self {
        Self { draft, from, row: None, attributes: Vec::new(), common: 0 }
    }

    /// Makes the attributes those of the metric.
    fn turn_to(&mut self, row: &'static MetricRow) {
        if self.row == Some(row.index) {
            self.attributes.truncate(self.common);
        } else {
            self.attributes = of_row(self.draft, row);
            (self.row, self.common) = (Some(row.index), self.attributes.len());
        }
    }
}

impl Points for Plainly<'_> {
    fn record(&mut self, point: Point, measured: Measured) {
        self.turn_to(point.row);
        self.attributes.extend(apart(self.draft, point));
        self.draft.pipeline.instruments().record(point.row, measured, &self.attributes, self.from);
    }

    fn gather(&mut self, row: &'static MetricRow, values: Vec<(u32, f64)>) {
        self.turn_to(row);
        let attributes = Arc::from(self.attributes.as_slice());
        self.draft.pipeline.instruments().gather_from(row, values, attributes, self.from);
    }
}
