//! What becomes of what was not sent: into storage, or back into the buffer.

use std::time::Instant;

use super::super::BATCH;
use super::super::buffer::{InHand, Queued, View, after};
use super::super::job::{Job, Origin};
use super::super::pace::Pause;
use super::{PARKED, SOFT, STORE_AGAIN, UNSAFE, Worker, passed};
use crate::backend::azure_monitor::diagnostics;
use crate::backend::azure_monitor::item::Item;
use crate::backend::azure_monitor::statistics::DropReason;
use crate::backend::azure_monitor::storage::StoreError;

impl Worker {
    /// Puts away what is left of a batch.
    pub(super) fn finish(&mut self, pause: Option<Pause>) {
        let Some(job) = self.job.take() else { return };
        let less = job.less;
        let (origin, rest) = job.into_rest(&mut self.learned);
        self.counters.retry(rest.len());
        match origin {
            Origin::Storage(claim) => {
                if rest.is_empty() {
                    self.back_off_storage.succeeded();
                    self.hold = None;
                }
                // What is whole stays as it is.
                if !less && !rest.is_empty() {
                    let until = match pause {
                        _ if self.parked.len() >= PARKED => None,
                        None => Some(self.hold.take().unwrap_or_else(Instant::now)),
                        Some(pause) => self.fails_alone(claim.name()).then(|| {
                            let own = self.back_off_storage.failed();
                            own.until.max(pause.until)
                        }),
                    };
                    self.parked.extend(until.map(|until| (until, claim)));
                } else {
                    let rest: Vec<Item> = rest.into_iter().map(|queued| queued.item).collect();
                    if let Err(error) = claim.done(&rest) {
                        diagnostics::not_stored(&error);
                    }
                }
            }
            Origin::Buffer => {
                let rest = self.keep(rest);
                let rest = self.set_aside(rest, pause.filter(|_| !less));
                if !rest.is_empty() && pause.is_none() {
                    self.pause = Some(self.back_off.failed());
                }
                self.buffer.settle(rest, self.in_hand());
            }
        }
    }

    /// Whether this file failed again while others were taken: then it is the file, and not the service.
    fn fails_alone(&mut self, name: &str) -> bool {
        if let Some((suspect, successes)) = &self.suspect
            && suspect == name
        {
            return self.successes > *successes;
        }
        self.suspect = Some((name.to_owned(), self.successes));
        false
    }

    /// Puts items into storage; what cannot be is returned. Where that is all of them, storage is left alone for a
    /// while.
    pub(super) fn keep(&mut self, items: Vec<Queued>) -> Vec<Queued> {
        let count = items.len();
        let left = self.keep_what_fits(items);
        let now = Instant::now();
        if count > 0 && left.len() == count && self.can_store(now) {
            self.store_again = Some(after(now, STORE_AGAIN));
        }
        left
    }

    fn keep_what_fits(&mut self, items: Vec<Queued>) -> Vec<Queued> {
        let now = Instant::now();
        if items.is_empty() || !self.can_store(now) {
            return items;
        }
        let Some(store) = &self.store else { return items };
        let places: Vec<_> = items.iter().map(|queued| (queued.place, queued.tries)).collect();
        let items: Vec<Item> = items.into_iter().map(|queued| queued.item).collect();
        match store.keep(&items) {
            Ok(()) => {
                self.drain = true;
                Vec::new()
            }
            // One of them alone may find room.
            Err(StoreError::TooLarge { .. }) if items.len() > 1 => {
                let mut first = back(places, items);
                let second = first.split_off(first.len() / 2);
                let mut left = self.keep_what_fits(first);
                left.extend(self.keep_what_fits(second));
                left
            }
            Err(error) => {
                diagnostics::not_stored(&error);
                // One that is too large says nothing of the others.
                if !matches!(error, StoreError::TooLarge { .. }) {
                    self.store_again = Some(after(now, STORE_AGAIN));
                }
                back(places, items)
            }
        }
    }

    pub(super) fn can_store(&self, now: Instant) -> bool {
        self.store.is_some() && self.store_again.is_none_or(|again| again <= now)
    }

    /// Whether what waits is too much, or waits too long, to be in memory only.
    pub(super) fn must_spill(&self, view: &View, struggling: bool, now: Instant) -> bool {
        view.items > 0
            && self.can_store(now)
            && (view.bytes > SOFT
                || struggling
                    && (view.items >= BATCH.items
                        || view.bytes >= BATCH.bytes
                        || passed(view.since.map(|since| after(since, UNSAFE)), now)))
    }

    /// Puts what waits into storage, the oldest first: all of it, or half of what may wait.
    pub(super) fn spill(&mut self, all: bool) {
        loop {
            let view = self.buffer.look();
            if view.items == 0 || (!all && view.bytes <= SOFT / 2) {
                return;
            }
            let taken = self.buffer.take(BATCH.items, BATCH.bytes);
            let count = taken.len();
            let back = self.keep(taken);
            let failed = back.len() == count;
            self.buffer.settle(back, self.in_hand());
            if failed {
                return;
            }
        }
    }

    /// What of the buffer's is on its way, or set aside.
    pub(super) fn in_hand(&self) -> InHand {
        let job = self.job.iter().filter(|job| matches!(job.origin, Origin::Buffer));
        job.flat_map(Job::left).chain(self.aside.items()).collect()
    }

    /// Puts everything that is in memory only into storage.
    pub(super) fn store_all(&mut self) {
        if matches!(&self.job, Some(Job { origin: Origin::Buffer, .. }))
            && self.can_store(Instant::now())
        {
            self.finish(None);
        }
        if !self.aside.is_empty() && self.can_store(Instant::now()) {
            self.join_aside();
        }
        self.spill(true);
    }

    pub(super) fn lose(&self, items: usize) {
        if items > 0 {
            self.counters.lose(DropReason::NotStored, items);
            diagnostics::lost(items);
        }
    }
}

fn back(places: Vec<(u64, u8)>, items: Vec<Item>) -> Vec<Queued> {
    let all = places.into_iter().zip(items);
    all.map(|((place, tries), item)| Queued { place, tries, item }).collect()
}
