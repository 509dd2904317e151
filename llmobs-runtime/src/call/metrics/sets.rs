//! Points ready to be recorded again, kept by each thread.
//!
//! A program makes the same few kinds of call over and over: the same operation, model and server. Making the
//! attributes of their points anew, and having the SDK look them up, is most of what a call costs. So a thread keeps
//! them, found by what decides them: the operation, the attributes that are set, the user's own. What is kept is
//! bounded, belongs to one pipeline, and goes when metrics are collected, so that nothing is held for values that
//! come no more; no lock is taken.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use opentelemetry::{Array, KeyValue, Value as OtelValue};

use super::attributes::of_point;
use super::meaning::{Part, Plan};
use super::{Point, Points};
use crate::call::Draft;
use crate::call::span::convert;
use crate::conventions::{AttributeId, MetricRow, Operation};
use crate::hash::{Hasher, Recent, place};
use crate::payload::Value;
use crate::pipeline::{Handle, Measured};

/// A thread keeps no more sets than [`BUCKETS`] times this.
const WAYS: usize = 4;
const BUCKETS: usize = 32;
/// Where a bucket is full, one in so many sets that it lacks replaces another: of more than can be kept, some are.
const RELUCTANCE: u8 = 8;
/// A set with more attributes, or more text in them, is not worth what it would hold.
const ATTRIBUTES: usize = 24;
const TEXT: usize = 1_024;

thread_local! {
    static SETS: RefCell<Sets> = const { RefCell::new(Sets::new()) };
}

/// Does the work with the points that are ready for a call like this; `None` where none are.
pub(super) fn with<R>(
    draft: &Draft,
    plan: &'static Plan,
    work: impl FnOnce(&mut Ready<'_>) -> R,
) -> Option<R> {
    // An instrument of the user's that makes a call itself finds the sets taken; a thread that ends has none.
    SETS.try_with(|sets| {
        let mut sets = sets.try_borrow_mut().ok()?;
        let set = sets.find(draft, plan)?;
        Some(work(&mut Ready { draft, set, next: 0 }))
    })
    .ok()?
}

/// What one thread keeps.
struct Sets {
    /// Of which instruments, and since when; see [`crate::pipeline::Instruments::generation`].
    of: (u64, u64),
    buckets: Vec<[Option<Box<Set>>; WAYS]>,
    recent: Option<Recent>,
    lacked: u8,
}

impl Sets {
    const fn new() -> Self {
        Self { of: (0, 0), buckets: Vec::new(), recent: None, lacked: 0 }
    }

    fn find(&mut self, draft: &Draft, plan: &'static Plan) -> Option<&mut Set> {
        let of = draft.pipeline.instruments().generation();
        if self.of != of {
            self.of = of;
            self.buckets = Vec::new();
        }
        let hash = fingerprint(draft, plan);
        let (bucket, way) = self.place(hash, draft, plan)?;
        self.buckets.get_mut(bucket)?.get_mut(way)?.as_deref_mut()
    }

    /// Where the set is, or is from now on.
    fn place(&mut self, hash: u64, draft: &Draft, plan: &'static Plan) -> Option<(usize, usize)> {
        let at = place(hash, BUCKETS);
        if let Some(bucket) = self.buckets.get(at) {
            let is = |set: &Set| set.hash == hash && set.key.is(draft, plan);
            if let Some(way) = bucket.iter().position(|set| set.as_deref().is_some_and(is)) {
                return Some((at, way));
            }
        }
        self.keep(hash, at, draft, plan).map(|way| (at, way))
    }

    #[cold]
    fn keep(&mut self, hash: u64, at: usize, draft: &Draft, plan: &'static Plan) -> Option<usize> {
        // What comes once is not kept, and what is large neither.
        if !self.recent.get_or_insert_with(Recent::new).again(hash) || is_large(draft, plan) {
            return None;
        }
        if self.buckets.is_empty() {
            self.buckets.resize_with(BUCKETS, Default::default);
        }
        let bucket = self.buckets.get_mut(at)?;
        let way = bucket.iter().position(Option::is_none).or_else(|| {
            self.lacked = self.lacked.wrapping_add(1);
            let turn = usize::from(self.lacked / RELUCTANCE);
            self.lacked.is_multiple_of(RELUCTANCE).then_some(turn % WAYS)
        })?;
        let key = Key::of(draft, plan);
        *bucket.get_mut(way)? = Some(Box::new(Set { hash, key, points: Vec::new() }));
        Some(way)
    }
}

/// The points of calls that are alike.
struct Set {
    hash: u64,
    key: Key,
    /// Those that occurred, in the order in which they did.
    points: Vec<(Same, Handle)>,
}

/// What tells a point of a set from the others.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Same {
    row: usize,
    part: Part,
    estimated: bool,
}

/// Records with what is kept, and keeps what is not yet.
pub(super) struct Ready<'a> {
    draft: &'a Draft,
    set: &'a mut Set,
    /// Where the next point is if it is the one that followed last time.
    next: usize,
}

impl Ready<'_> {
    /// Where the point is, if it has occurred.
    fn find(&mut self, same: Same) -> Option<&Handle> {
        let points = &self.set.points;
        let at = match points.get(self.next) {
            Some((known, _)) if *known == same => self.next,
            _ => points.iter().position(|(known, _)| *known == same)?,
        };
        self.next = at + 1;
        points.get(at).map(|(_, handle)| handle)
    }

    fn keep(&mut self, same: Same, handle: Handle) {
        self.set.points.push((same, handle));
        self.next = self.set.points.len();
    }
}

impl Points for Ready<'_> {
    fn record(&mut self, point: Point, measured: Measured) {
        let Point { row, part, estimated } = point;
        let same = Same { row: row.index, part, estimated };
        let instruments = self.draft.pipeline.instruments();
        if let Some(handle) = self.find(same) {
            if !instruments.record_again(row, measured, handle) {
                instruments.record(row, measured, &of_point(self.draft, point));
            }
        } else {
            let attributes = of_point(self.draft, point);
            let handle = instruments.record_first(row, measured, attributes);
            self.keep(same, handle);
        }
    }

    fn gather(&mut self, row: &'static MetricRow, values: Vec<(u32, f64)>) {
        let same = Same { row: row.index, part: Part::Whole, estimated: false };
        let instruments = self.draft.pipeline.instruments();
        let kept = self.find(same).and_then(Handle::attributes);
        let attributes = kept.unwrap_or_else(|| {
            let point = Point { row, part: Part::Whole, estimated: false };
            let attributes: Arc<[KeyValue]> = of_point(self.draft, point).into();
            self.keep(same, Handle::of(Arc::clone(&attributes)));
            attributes
        });
        instruments.gather(row, values, attributes);
    }
}

/// All that decides the attributes of a call's points, within one pipeline.
struct Key {
    operation: &'static Operation,
    known: Box<[(AttributeId, OtelValue)]>,
    own: Box<[(Cow<'static, str>, OtelValue)]>,
}

impl Key {
    /// The key of a call.
    fn of(draft: &Draft, plan: &Plan) -> Self {
        let own = draft.fields.metric_attributes().map(|(key, it)| (key.clone(), convert(&it)));
        Self {
            operation: draft.operation,
            known: known(draft, plan).map(|(id, value)| (id, convert(&value))).collect(),
            own: own.collect(),
        }
    }

    /// Whether the call has this key.
    fn is(&self, draft: &Draft, plan: &Plan) -> bool {
        let mut expected = self.known.iter();
        std::ptr::eq(self.operation, draft.operation)
            && known(draft, plan).all(|(id, value)| {
                expected.next().is_some_and(|(of, known)| *of == id && same(known, &value))
            })
            && expected.next().is_none()
            && {
                let mut expected = self.own.iter();
                draft.fields.metric_attributes().all(|(key, value)| {
                    expected.next().is_some_and(|(of, known)| of == key && same(known, &value))
                }) && expected.next().is_none()
            }
    }
}

/// The attributes of the conventions that decide those of the points.
fn known<'a>(draft: &'a Draft, plan: &'a Plan) -> impl Iterator<Item = (AttributeId, Value<'a>)> {
    draft.fields.iter().filter(|(id, _)| plan.decides(*id))
}

/// A hash of what the key would be.
fn fingerprint(draft: &Draft, plan: &Plan) -> u64 {
    let mut hasher = Hasher::new();
    hasher.word(std::ptr::from_ref(draft.operation).addr() as u64);
    for (id, value) in known(draft, plan) {
        hasher.word(id.index().into());
        feed(&mut hasher, &value);
    }
    for (key, value) in draft.fields.metric_attributes() {
        hasher.text(key);
        feed(&mut hasher, &value);
    }
    hasher.finish()
}

/// Feeds a value to a hash.
fn feed(hasher: &mut Hasher, value: &Value<'_>) {
    match value {
        Value::Text(text) => hasher.text(text.as_str()),
        Value::Int(int) => hasher.word(int.cast_unsigned()),
        Value::Double(double) => hasher.word(double.to_bits()),
        Value::Flag(flag) => hasher.word((*flag).into()),
        Value::Texts(texts) => texts.iter().for_each(|text| hasher.text(text.as_str())),
    }
}

/// Whether a value is the one that was kept, of the same type.
fn same(known: &OtelValue, value: &Value<'_>) -> bool {
    match (known, value) {
        (OtelValue::String(known), Value::Text(text)) => known.as_str() == text.as_str(),
        (OtelValue::I64(known), Value::Int(int)) => known == int,
        (OtelValue::F64(known), Value::Double(double)) => known.to_bits() == double.to_bits(),
        (OtelValue::Bool(known), Value::Flag(flag)) => known == flag,
        (OtelValue::Array(Array::String(known)), Value::Texts(texts)) => {
            known.len() == texts.len()
                && known.iter().zip(texts.iter()).all(|(known, it)| known.as_str() == it.as_str())
        }
        _ => false,
    }
}

/// Whether the key of a call would hold much.
fn is_large(draft: &Draft, plan: &Plan) -> bool {
    let known = known(draft, plan).map(|(_, value)| text_of(&value));
    let own = draft.fields.metric_attributes().map(|(key, value)| key.len() + text_of(&value));
    let (count, text) =
        known.chain(own).fold((0_usize, 0_usize), |(count, sum), text| (count + 1, sum + text));
    count > ATTRIBUTES || text > TEXT
}

/// How much text a value holds.
fn text_of(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.as_str().len(),
        Value::Texts(texts) => texts.iter().map(|text| text.as_str().len()).sum(),
        _ => 0,
    }
}
