//! Which calls the values of metrics came from: the last one in each bucket of each series.
//!
//! The SDK keeps none. What is kept here is bounded in number and in time, and who notes a call never waits: where
//! another thread is at the same series just then, the call is not noted.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanId, TraceId};

use super::labels::Labels;
use crate::conventions::MetricRow;

/// No more series than this have exemplars: with the buckets of the conventions about 4 MB.
const LIMIT: usize = 4_096;

/// An exemplar that is older is not shown any more.
const AGE: Duration = Duration::from_mins(10);

/// The call of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Source {
    trace: TraceId,
    span: SpanId,
    at: SystemTime,
}

impl Source {
    /// A call that ended then; `None` where its span leads nowhere, since it was not sampled.
    pub(crate) fn of(span: &SpanContext, at: SystemTime) -> Option<Self> {
        let known = span.is_sampled() && span.is_valid();
        known.then(|| Self { trace: span.trace_id(), span: span.span_id(), at })
    }
}

/// A value and its call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exemplar {
    pub(super) value: f64,
    source: Source,
}

impl Exemplar {
    pub(super) fn trace(&self) -> TraceId {
        self.source.trace
    }

    pub(super) fn span(&self) -> SpanId {
        self.source.span
    }

    pub(super) fn at(&self) -> SystemTime {
        self.source.at
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        // Either way, since the clock may have been set.
        let apart = now.duration_since(self.source.at).unwrap_or_else(|error| error.duration());
        apart <= AGE
    }
}

/// The exemplars of one series.
pub(crate) struct Slot {
    bounds: &'static [f64],
    /// With the bucket that each is of.
    latest: Mutex<Vec<(usize, Exemplar)>>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl Slot {
    /// Notes a value, unless another thread is at it.
    pub(crate) fn note(&self, value: f64, source: Source) {
        let Ok(mut latest) = self.latest.try_lock() else { return };
        let bucket = bucket(self.bounds, value);
        let exemplar = Exemplar { value, source };
        match latest.iter_mut().find(|(of, _)| *of == bucket) {
            Some((_, before)) => *before = exemplar,
            None => latest.push((bucket, exemplar)),
        }
    }
}

/// The bucket of a value, where bounds belong to what is below them.
fn bucket(bounds: &[f64], value: f64) -> usize {
    bounds.partition_point(|bound| *bound < value)
}

/// The series of one metric by their labels.
type OfMetric = HashMap<Box<str>, Arc<Slot>>;

/// The exemplars of all series.
#[derive(Default)]
pub(crate) struct Exemplars(RwLock<HashMap<&'static str, OfMetric>>);

impl fmt::Debug for Exemplars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exemplars").finish_non_exhaustive()
    }
}

impl Exemplars {
    /// Where those of a series go; `None` where there is no room, or another thread is at it.
    #[cold]
    pub(crate) fn slot(&self, row: &MetricRow, attributes: &[KeyValue]) -> Option<Arc<Slot>> {
        let labels = Labels::of(attributes.iter()).text();
        let known = self.0.try_read().ok()?;
        if let Some(slot) = known.get(row.name).and_then(|series| series.get(labels.as_str())) {
            return Some(Arc::clone(slot));
        }
        drop(known);
        let mut known = self.0.try_write().ok()?;
        let all = known.values().map(HashMap::len).fold(0, usize::saturating_add);
        if all >= LIMIT {
            return None;
        }
        let series = known.entry(row.name).or_default();
        let make = || Arc::new(Slot { bounds: row.buckets, latest: Mutex::default() });
        Some(Arc::clone(series.entry(labels.into()).or_insert_with(make)))
    }

    /// Forgets what is old, and series that have nothing.
    ///
    /// A thread that holds one of these will ask again: metrics were collected just now.
    pub(super) fn age(&self, now: SystemTime) {
        let Ok(mut known) = self.0.try_write() else { return };
        known.retain(|_, series| {
            series.retain(|_, slot| {
                let mut latest = slot.latest.lock().unwrap_or_else(PoisonError::into_inner);
                latest.retain(|(_, exemplar)| exemplar.is_fresh(now));
                !latest.is_empty()
            });
            !series.is_empty()
        });
    }

    /// The last exemplar in each of the buckets with these bounds, which a view may have changed.
    pub(super) fn of(&self, metric: &str, labels: &str, bounds: &[f64]) -> Vec<(usize, Exemplar)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = known.get(metric).and_then(|series| series.get(labels)).map(Arc::clone)
        else {
            return Vec::new();
        };
        drop(known);
        let latest = slot.latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut last: Vec<(usize, Exemplar)> = Vec::with_capacity(latest.len());
        for (_, exemplar) in latest {
            let bucket = bucket(bounds, exemplar.value);
            match last.iter_mut().find(|(of, _)| *of == bucket) {
                Some((_, other)) if other.at() > exemplar.at() => {}
                Some((_, other)) => *other = exemplar,
                None => last.push((bucket, exemplar)),
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{TraceFlags, TraceState};

    use super::*;
    use crate::conventions::metric;

    const ROW: &MetricRow = &metric::GEN_AI_CLIENT_OPERATION_DURATION;

    fn context(span: u64, flags: TraceFlags) -> SpanContext {
        SpanContext::new(TraceId::from(7), SpanId::from(span), flags, false, TraceState::NONE)
    }

    fn source(span: u64, seconds: u64) -> Source {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        Source::of(&context(span, TraceFlags::SAMPLED), at).expect("a sampled span")
    }

    fn model(name: &str) -> [KeyValue; 1] {
        [KeyValue::new("gen_ai.request.model", name.to_owned())]
    }

    /// Bucket, value and span.
    fn shown(exemplars: &Exemplars, bounds: &[f64]) -> Vec<(usize, f64, u64)> {
        let of = exemplars.of(ROW.name, r#"gen_ai_request_model="m""#, bounds);
        let mut shown: Vec<_> = of
            .into_iter()
            .map(|(bucket, of)| (bucket, of.value, u64::from_be_bytes(of.span().to_bytes())))
            .collect();
        shown.sort_by_key(|(bucket, ..)| *bucket);
        shown
    }

    #[test]
    fn the_last_call_of_each_bucket_is_kept() {
        let exemplars = Exemplars::default();
        let slot = exemplars.slot(ROW, &model("m")).expect("room");
        slot.note(0.005, source(1, 100));
        slot.note(ROW.buckets[0], source(2, 101));
        slot.note(1_000.0, source(3, 102));
        let most = ROW.buckets.len();
        assert_eq!(shown(&exemplars, ROW.buckets), [(0, ROW.buckets[0], 2), (most, 1_000.0, 3)]);
        // Where a view has other buckets.
        assert_eq!(shown(&exemplars, &[]), [(0, 1_000.0, 3)]);
        assert_eq!(exemplars.of(ROW.name, "", ROW.buckets), []);
        assert_eq!(exemplars.of("other", r#"gen_ai_request_model="m""#, ROW.buckets), []);
    }

    #[test]
    fn a_span_that_leads_nowhere_is_no_exemplar() {
        let now = SystemTime::now();
        assert_eq!(Source::of(&context(1, TraceFlags::NOT_SAMPLED), now), None);
        assert_eq!(Source::of(&context(0, TraceFlags::SAMPLED), now), None);
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let exemplars = Exemplars::default();
        let slot = exemplars.slot(ROW, &model("m")).expect("room");
        let start = 1_000_000;
        slot.note(0.005, source(1, start));
        slot.note(1_000.0, source(2, start + 5));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(start) + AGE;
        exemplars.age(now);
        assert_eq!(shown(&exemplars, ROW.buckets).len(), 2);
        exemplars.age(now + Duration::from_secs(1));
        assert_eq!(shown(&exemplars, ROW.buckets), [(ROW.buckets.len(), 1_000.0, 2)]);
        exemplars.age(now + Duration::from_secs(6));
        assert!(exemplars.0.read().unwrap().is_empty(), "and its series");
    }

    #[test]
    fn there_are_no_more_series_than_may_be() {
        let exemplars = Exemplars::default();
        let of = |number: usize| exemplars.slot(ROW, &model(&number.to_string()));
        assert!((0..LIMIT).all(|number| of(number).is_some()));
        assert!(of(LIMIT).is_none());
        assert!(of(0).is_some(), "known");
        exemplars.age(SystemTime::now());
        assert!(of(LIMIT).is_some(), "none of them had an exemplar");
    }

    #[test]
    fn nobody_waits() {
        let exemplars = Exemplars::default();
        let slot = exemplars.slot(ROW, &model("m")).expect("room");
        let held = slot.latest.lock().unwrap();
        slot.note(1.0, source(1, 1));
        drop(held);
        assert_eq!(shown(&exemplars, ROW.buckets), []);
        let held = exemplars.0.write().unwrap();
        assert!(exemplars.slot(ROW, &model("m")).is_none());
        drop(held);
    }
}
