//! The call that values of metrics come from, for whoever keeps exemplars.
//!
//! Where nobody does, this knows nothing and costs nothing.

#[cfg(not(feature = "prometheus"))]
use std::marker::PhantomData;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;

use super::{Handle, Measured, Pipeline};
#[cfg(feature = "prometheus")]
use crate::backend::prometheus::{Exemplars, Slot, Source};
use crate::conventions::MetricRow;

/// A call that is over.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    #[cfg(feature = "prometheus")]
    exemplars: Option<&'a Exemplars>,
    #[cfg(feature = "prometheus")]
    source: Option<Source>,
    #[cfg(not(feature = "prometheus"))]
    nobody: PhantomData<&'a ()>,
}

#[cfg(feature = "prometheus")]
impl<'a> Origin<'a> {
    /// The call that had this span and ended then.
    #[inline]
    pub(crate) fn of(pipeline: &'a Pipeline, span: &SpanContext, at: SystemTime) -> Self {
        let exemplars = pipeline.exemplars();
        Self { exemplars, source: exemplars.and_then(|_| Source::of(span, at)) }
    }

    /// Notes the call as that of a value.
    #[inline]
    pub(super) fn note(&self, row: &MetricRow, measured: Measured, attributes: &[KeyValue]) {
        if let (Some(exemplars), Some(source)) = (self.exemplars, self.source)
            && let Some(slot) = exemplars.slot(row, attributes)
        {
            slot.note(measured.as_f64(), source);
        }
    }

    /// The same of many values.
    pub(super) fn note_all(&self, row: &MetricRow, of: &[(u32, f64)], attributes: &[KeyValue]) {
        if let (Some(exemplars), Some(source)) = (self.exemplars, self.source)
            && let Some(slot) = exemplars.slot(row, attributes)
        {
            note_each(&slot, of, source);
        }
    }

    /// The same where the attributes are those of a handle.
    #[inline]
    pub(super) fn note_again(&self, measured: Measured, handle: &Handle) {
        if let (Some(slot), Some(source)) = (handle.slot(), self.source) {
            slot.note(measured.as_f64(), source);
        }
    }

    #[inline]
    pub(crate) fn note_all_again(&self, of: &[(u32, f64)], handle: &Handle) {
        if let (Some(slot), Some(source)) = (handle.slot(), self.source) {
            note_each(slot, of, source);
        }
    }

    /// Lets a handle know where exemplars of its attributes go.
    pub(crate) fn tell(&self, handle: Handle, row: &MetricRow, attributes: &[KeyValue]) -> Handle {
        match self.exemplars {
            Some(exemplars) => handle.with_slot(exemplars.slot(row, attributes)),
            None => handle,
        }
    }
}

#[cfg(feature = "prometheus")]
fn note_each(slot: &Slot, of: &[(u32, f64)], source: Source) {
    for (_, value) in of {
        slot.note(*value, source);
    }
}

#[cfg(not(feature = "prometheus"))]
#[expect(clippy::unused_self, reason = "as where exemplars are kept")]
impl Origin<'_> {
    #[inline]
    pub(crate) fn of(_: &Pipeline, _: &SpanContext, _: SystemTime) -> Self {
        Self { nobody: PhantomData }
    }

    #[inline]
    pub(super) fn note(self, _: &MetricRow, _: Measured, _: &[KeyValue]) {}

    #[inline]
    pub(super) fn note_all(self, _: &MetricRow, _: &[(u32, f64)], _: &[KeyValue]) {}

    #[inline]
    pub(super) fn note_again(self, _: Measured, _: &Handle) {}

    #[inline]
    pub(crate) fn note_all_again(self, _: &[(u32, f64)], _: &Handle) {}

    #[inline]
    pub(crate) fn tell(self, handle: Handle, _: &MetricRow, _: &[KeyValue]) -> Handle {
        handle
    }
}
