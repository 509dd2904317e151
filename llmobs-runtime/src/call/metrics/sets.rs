//! Points ready to be recorded again, kept by each thread.
//!
//! A program makes the same few kinds of call over and over: the same operation, model and server. Making the
//! attributes of their points anew, and having the SDK look them up, is most of what a call costs. So a thread keeps
//! them, found by what decides them: the operation, the attributes that are set, the user's own. What is kept is
//! bounded, belongs to one pipeline, and goes when metrics are collected, so that nothing is held for values that
//! come no more; no lock is taken.

use std::cell::RefCell;
use std::sync::Arc;

use opentelemetry::KeyValue;

use super::attributes::of_point;
use super::meaning::{Part, Plan};
use super::{Point, Points};
use crate::call::Draft;
use crate::conventions::MetricRow;
use crate::hash::{Hasher, Recent, place};
use crate::pipeline::{Handle, Instruments, Measured, Origin};

/// A thread keeps no more sets than [`BUCKETS`] times this.
const WAYS: usize = 4;
const BUCKETS: usize = 32;
/// Where a bucket is full, one in so many sets that it lacks replaces another: of more than can be kept, some are.
const RELUCTANCE: u8 = 8;
/// A set of which more is to be known is not worth what it would hold.
const KEY: usize = 1_536;

thread_local! {
    static SETS: RefCell<Sets> = const { RefCell::new(Sets::new()) };
}

/// Does the work with the points that are ready for a call like this; `None` where none are.
pub(super) fn with<R>(
    draft: &Draft,
    plan: &'static Plan,
    from: Origin<'_>,
    work: impl FnOnce(&mut Ready<'_>) -> R,
) -> Option<R> {
    // An instrument of the user's that makes a call itself finds the sets taken; a thread that ends has none.
    SETS.try_with(|sets| {
        let mut sets = sets.try_borrow_mut().ok()?;
        let instruments = draft.pipeline.instruments();
        let set = sets.find(draft, plan, instruments.generation())?;
        Some(work(&mut Ready { draft, from, instruments, set, next: 0 }))
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
    /// The key of the call at hand: all that decides the attributes of its points within one pipeline.
    key: Vec<u8>,
    /// Bucket and way of the set of the call before.
    last: (usize, usize),
}

impl Sets {
    const fn new() -> Self {
        Self {
            of: (0, 0),
            buckets: Vec::new(),
            recent: None,
            lacked: 0,
            key: Vec::new(),
            last: (0, 0),
        }
    }

    fn find(&mut self, draft: &Draft, plan: &Plan, of: (u64, u64)) -> Option<&mut Set> {
        if self.of != of {
            self.of = of;
            self.buckets = Vec::new();
        }
        if !self.read(draft, plan) {
            return None;
        }
        let (bucket, way) = self.last;
        let last = self.buckets.get(bucket).and_then(|bucket| bucket.get(way)?.as_deref());
        if last.is_none_or(|set| *set.key != *self.key) {
            self.last = self.place()?;
        }
        let (bucket, way) = self.last;
        self.buckets.get_mut(bucket)?.get_mut(way)?.as_deref_mut()
    }

    /// Reads the key of a call, unless it is too long.
    fn read(&mut self, draft: &Draft, plan: &Plan) -> bool {
        // Out of its place meanwhile, which is a slow one.
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        if key.capacity() == 0 {
            key.reserve_exact(KEY);
        }
        let operation = std::ptr::from_ref(draft.operation).addr();
        key.extend_from_slice(&operation.to_ne_bytes());
        let fits = draft.fields.write(plan.decisive(), &mut key);
        self.key = key;
        fits
    }

    /// Where the set is, or is from now on.
    #[inline(never)]
    fn place(&mut self) -> Option<(usize, usize)> {
        let mut hasher = Hasher::new();
        hasher.bytes(&self.key);
        let hash = hasher.finish();
        let at = place(hash, BUCKETS);
        if let Some(bucket) = self.buckets.get(at) {
            let is = |set: &Set| set.hash == hash && *set.key == *self.key;
            if let Some(way) = bucket.iter().position(|set| set.as_deref().is_some_and(is)) {
                return Some((at, way));
            }
        }
        self.keep(hash, at).map(|way| (at, way))
    }

    #[cold]
    fn keep(&mut self, hash: u64, at: usize) -> Option<usize> {
        // What comes once is not kept.
        if !self.recent.get_or_insert_with(Recent::new).again(hash) {
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
        let key = self.key.as_slice().into();
        *bucket.get_mut(way)? = Some(Box::new(Set { hash, key, points: Vec::new() }));
        Some(way)
    }
}

/// The points of calls that are alike.
struct Set {
    hash: u64,
    key: Box<[u8]>,
    /// Those that occurred, in the order in which they did.
    points: Vec<(Point, Handle)>,
}

/// Records with what is kept, and keeps what is not yet.
pub(super) struct Ready<'a> {
    draft: &'a Draft,
    from: Origin<'a>,
    instruments: &'a Instruments,
    set: &'a mut Set,
    /// Where the next point is if it is the one that followed last time.
    next: usize,
}

impl Ready<'_> {
    /// What records the point, if it has occurred.
    #[inline]
    fn find(&mut self, point: Point) -> Option<&Handle> {
        let next = self.set.points.get(self.next);
        if next.is_none_or(|(known, _)| *known != point) {
            self.next = self.search(point)?;
        }
        let (_, handle) = self.set.points.get(self.next)?;
        self.next += 1;
        Some(handle)
    }

    /// Where a point is that does not come where it came last time.
    #[inline(never)]
    fn search(&self, point: Point) -> Option<usize> {
        self.set.points.iter().position(|(known, _)| *known == point)
    }

    fn keep(&mut self, point: Point, handle: Handle) {
        self.set.points.push((point, handle));
        self.next = self.set.points.len();
    }

    #[cold]
    fn record_first(&mut self, point: Point, measured: Measured) {
        let attributes = of_point(self.draft, point);
        let handle = self.instruments.record_first(point.row, measured, attributes, self.from);
        self.keep(point, handle);
    }

    /// Records a point whose handle is no good any more.
    #[cold]
    fn record_plainly(&self, point: Point, measured: Measured) {
        self.instruments.record(point.row, measured, &of_point(self.draft, point), self.from);
    }
}

impl Points for Ready<'_> {
    fn record(&mut self, point: Point, measured: Measured) {
        let (instruments, from) = (self.instruments, self.from);
        let Some(handle) = self.find(point) else { return self.record_first(point, measured) };
        if !instruments.record_again(point.row, measured, handle, from) {
            self.record_plainly(point, measured);
        }
    }

    fn gather(&mut self, row: &'static MetricRow, values: Vec<(u32, f64)>) {
        let point = Point { row, part: Part::Whole, estimated: false };
        let from = self.from;
        let kept = self.find(point).and_then(|handle| {
            from.note_all_again(&values, handle);
            handle.attributes()
        });
        let attributes = kept.unwrap_or_else(|| {
            let attributes: Arc<[KeyValue]> = of_point(self.draft, point).into();
            let handle = from.tell(Handle::of(Arc::clone(&attributes)), row, &attributes);
            from.note_all_again(&values, &handle);
            self.keep(point, handle);
            attributes
        });
        self.instruments.gather(row, values, attributes);
    }
}
