//! What fails again and again and cannot be stored waits beside the buffer, so that it does not hold up what lies
//! behind it there.

use std::time::Instant;

use super::super::buffer::{Queued, after};
use super::super::job::{Job, Origin};
use super::super::pace::{BackOff, Pace, Pause};
use super::{PARKED, Worker};

/// A batch that failed again and again.
struct Batch {
    items: Vec<Queued>,
    until: Instant,
    back_off: BackOff,
    /// How many requests had succeeded when it failed last.
    successes: u64,
}

/// What was set aside.
pub(super) struct Aside {
    batches: Vec<Batch>,
    /// The batch in hand is one of these: what is known of it.
    in_hand: Option<Batch>,
    /// Where the batch of the buffer begins that failed last.
    failed: Option<u64>,
    /// These had their turn.
    last: bool,
    pace: Pace,
}

impl Aside {
    pub(super) fn new(pace: Pace) -> Self {
        Self { batches: Vec::new(), in_hand: None, failed: None, last: false, pace }
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Queued> {
        self.batches.iter().flat_map(|batch| &batch.items)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// When each may be tried again.
    pub(super) fn moments(&self) -> impl Iterator<Item = Instant> {
        self.batches.iter().map(|batch| batch.until)
    }

    /// One may be tried again.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.moments().any(|until| until <= now)
    }

    /// Whether it is the others' turn, and then no longer.
    pub(super) fn was_last(&mut self) -> bool {
        std::mem::take(&mut self.last)
    }

    /// Takes what is left of a batch that failed as a whole, where it did so before; returns it, where it is to go
    /// back.
    fn put(&mut self, mut rest: Vec<Queued>, pause: Pause, successes: u64) -> Vec<Queued> {
        let Some(first) = rest.first().map(|queued| queued.place) else { return rest };
        let (mut until, mut back_off) = (pause.until, BackOff::new(self.pace));
        if let Some(batch) = self.in_hand.take() {
            back_off = batch.back_off;
            // It is the batch. Else, in an outage, it is tried in turn with the others, and soon after the end.
            if successes > batch.successes {
                let now = Instant::now();
                let own = back_off.failed();
                until = after(until, own.until.saturating_duration_since(now));
                // It may be one item of it.
                if rest.len() > 1 && self.batches.len().saturating_add(2) <= PARKED {
                    let items = rest.split_off(rest.len() / 2);
                    back_off = BackOff::new(self.pace);
                    let other = BackOff::new(self.pace);
                    self.batches.push(Batch { items, until, back_off: other, successes });
                }
            }
        } else if self.failed.replace(first) != Some(first) || self.batches.len() >= PARKED {
            return rest;
        }
        self.last = true;
        self.batches.push(Batch { items: rest, until, back_off, successes });
        Vec::new()
    }

    /// Takes the one that is due first.
    fn take(&mut self) -> Option<Vec<Queued>> {
        let batches = self.batches.iter().enumerate();
        let (first, _) = batches.min_by_key(|(_, batch)| batch.until)?;
        let mut batch = self.batches.remove(first);
        let items = std::mem::take(&mut batch.items);
        self.in_hand = Some(batch);
        self.last = true;
        Some(items)
    }
}

impl Worker {
    /// What of a batch of the buffer is to go back there: nothing, where it was set aside. Without a pause it did not
    /// fail as a whole.
    pub(super) fn set_aside(&mut self, rest: Vec<Queued>, pause: Option<Pause>) -> Vec<Queued> {
        if let Some(pause) = pause {
            return self.aside.put(rest, pause, self.successes);
        }
        self.aside.in_hand = None;
        rest
    }

    /// Takes the batch that was set aside and is due first; `false` where there is none.
    pub(super) fn begin_aside(&mut self) -> bool {
        let Some(items) = self.aside.take() else { return false };
        self.job = Some(Job::new(Origin::Buffer, items, &self.learned));
        true
    }

    /// What was set aside waits in the buffer again.
    pub(super) fn join_aside(&mut self) {
        let batches = std::mem::take(&mut self.aside.batches);
        let mut items: Vec<_> = batches.into_iter().flat_map(|batch| batch.items).collect();
        items.sort_by_key(|queued| queued.place);
        self.buffer.settle(items, self.in_hand());
    }
}
