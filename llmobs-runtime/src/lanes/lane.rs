//! The two ends of one thread's ring.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rtrb::{Consumer, Producer, PushError, RingBuffer};

use super::{Deliver, Lanes, Weight, weigh};

/// Boxes that wait in one ring.
pub(super) const CAPACITY: usize = 1_024;
/// So many boxes wake the thread that empties the ring; no more than this are at work, then, at most times.
const WAKE_AFTER: usize = 128;
/// So many bytes that the boxes hold beside themselves do.
const WAKE_WEIGHT: usize = 256 * 1_024;
/// More than this does not wait in one ring.
const LARGEST_WEIGHT: usize = 16 * 1_024 * 1_024;

/// The end at which a thread hands over.
pub(crate) struct Lane<T> {
    lanes: Arc<Lanes<T>>,
    out: Producer<Box<T>>,
    back: Consumer<Box<T>>,
    /// Empty boxes, the last one used last.
    spare: Vec<Box<T>>,
    weight: Arc<Weight>,
    /// Handed over since the other thread was woken.
    unseen: usize,
}

/// The end at which they come out.
pub(super) struct Outlet<T> {
    out: Consumer<Box<T>>,
    back: Producer<Box<T>>,
    weight: Arc<Weight>,
}

impl<T> Lane<T> {
    pub(super) fn new(lanes: Arc<Lanes<T>>) -> (Self, Outlet<T>) {
        let (out, at_outlet) = RingBuffer::new(CAPACITY);
        let (given_back, back) = RingBuffer::new(CAPACITY);
        let weight = Arc::new(Weight::new(0));
        let outlet = Outlet { out: at_outlet, back: given_back, weight: Arc::clone(&weight) };
        (Self { lanes, out, back, spare: Vec::new(), weight, unseen: 0 }, outlet)
    }

    /// Whether it leads to these.
    pub(crate) fn is_of(&self, lanes: &Lanes<T>) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.lanes), lanes)
    }

    /// An empty box, where there is one.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Box<T>> {
        self.spare.pop().or_else(|| self.refill())
    }

    fn refill(&mut self) -> Option<Box<T>> {
        while let Ok(item) = self.back.pop() {
            self.spare.push(item);
        }
        self.spare.pop()
    }
}

impl<T: Deliver> Lane<T> {
    /// Hands over a box, which holds so many bytes beside itself. Gives it back where it finds no room although this
    /// thread has helped: then another thread is emptying the rings.
    #[inline]
    pub(crate) fn give(&mut self, item: Box<T>, weight: usize) -> Result<(), Box<T>> {
        if weight > 0 {
            return self.give_heavy(item, weight);
        }
        self.push(item)
    }

    #[inline]
    fn push(&mut self, item: Box<T>) -> Result<(), Box<T>> {
        if let Err(PushError::Full(item)) = self.out.push(item) {
            return self.push_after_help(item);
        }
        self.unseen += 1;
        if self.unseen >= WAKE_AFTER {
            self.wake();
        }
        Ok(())
    }

    #[cold]
    fn push_after_help(&mut self, item: Box<T>) -> Result<(), Box<T>> {
        self.lanes.help();
        self.out.push(item).map_err(|PushError::Full(item)| item)
    }

    #[cold]
    fn wake(&mut self) {
        self.unseen = 0;
        self.lanes.wake();
    }

    /// Not one more than may wait; one alone may be as heavy as it likes.
    fn give_heavy(&mut self, item: Box<T>, weight: usize) -> Result<(), Box<T>> {
        let mut waiting = weigh(&self.weight, weight);
        if waiting > LARGEST_WEIGHT.max(weight) {
            self.lanes.help();
            waiting = weigh(&self.weight, weight);
            if waiting > LARGEST_WEIGHT.max(weight) {
                return Err(item);
            }
        }
        self.push(item)?;
        if waiting >= WAKE_WEIGHT {
            self.wake();
        }
        Ok(())
    }
}

impl<T: Deliver> Outlet<T> {
    /// Takes out what is in the ring now: more may come as fast as this goes.
    pub(super) fn take_all(&mut self, mut take: impl FnMut(Box<T>)) {
        for _ in 0..self.out.slots() {
            let Ok(item) = self.out.pop() else { break };
            take(item);
        }
        // What is weighed at this moment may be forgotten: the bound is a rough one.
        self.weight.store(0, Ordering::Relaxed);
    }

    pub(super) fn give_back(&mut self, item: Box<T>) {
        // A thread that fills more boxes than it takes keeps no more than a ring of them.
        let _ = self.back.push(item);
    }

    /// The thread has ended, and nothing of it waits.
    pub(super) fn is_abandoned(&self) -> bool {
        self.out.is_abandoned() && self.out.is_empty()
    }
}

impl<T> fmt::Debug for Lane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").finish_non_exhaustive()
    }
}
