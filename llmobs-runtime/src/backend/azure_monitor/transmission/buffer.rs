//! What waits to be sent: bounded, and nobody waits to put something in.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::BATCH;
use super::race::race;
use crate::backend::azure_monitor::item::Item;

/// What the buffer holds at most; what comes then is refused.
const FULL: usize = 64 << 20;

/// An item on its way.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    /// Its place in the order of everything that ever came in.
    pub(super) place: u64,
    /// How often the service put off this item and took others beside it.
    pub(super) tries: u8,
    pub(super) item: Item,
}

impl Queued {
    /// What it takes in memory.
    fn weight(&self) -> usize {
        self.item.json.capacity().saturating_add(size_of::<Self>())
    }
}

/// Somebody waits until everything that came in before `target` is settled: delivered, in storage or counted.
struct Call {
    id: u64,
    target: u64,
    /// When what is left is to be put into storage.
    give_up: Instant,
}

/// What the thread has taken and not settled yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InHand {
    /// The oldest place.
    oldest: Option<u64>,
    /// Bytes.
    weight: usize,
}

impl InHand {
    fn add(&mut self, queued: &Queued) {
        self.oldest = Some(self.oldest.map_or(queued.place, |oldest| oldest.min(queued.place)));
        self.weight = self.weight.saturating_add(queued.weight());
    }
}

impl<'a> FromIterator<&'a Queued> for InHand {
    fn from_iter<T: IntoIterator<Item = &'a Queued>>(all: T) -> Self {
        let mut sum = Self::default();
        all.into_iter().for_each(|queued| sum.add(queued));
        sum
    }
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Queued>,
    /// Bytes of what waits.
    weight: usize,
    in_hand: InHand,
    /// From here on, all was given up.
    abandoned: Option<u64>,
    entered: u64,
    since: Option<Instant>,
    calls: Vec<Call>,
    next_call: u64,
    closing: Option<Instant>,
    ended: bool,
}

impl State {
    /// Everything before this place is settled.
    fn settled(&self) -> u64 {
        let waiting = self.waiting.front().map(|first| first.place);
        [self.in_hand.oldest, waiting, self.abandoned]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.entered)
    }
}

/// What the thread must know of the buffer to decide what to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) items: usize,
    pub(super) bytes: usize,
    /// Since when the oldest waits.
    pub(super) since: Option<Instant>,
    /// Somebody waits, and until when what is left is to be put into storage.
    pub(super) give_up: Option<Instant>,
    /// The end: until when what is left may be sent.
    pub(super) closing: Option<Instant>,
}

/// Why a flush did not see everything settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsettled {
    Timeout,
    /// The thread is gone.
    Ended,
}

/// So many items were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoRoom(usize),
    /// Nothing is taken any more.
    Closed(usize),
}

#[derive(Default)]
pub(super) struct Buffer {
    state: Mutex<State>,
    settled: Condvar,
    wake: Notify,
}

impl Buffer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts items in, and says how many were not taken.
    pub(super) fn push(&self, items: Vec<Item>) -> Refused {
        let mut state = self.state();
        if state.closing.is_some() || state.ended {
            return Refused::Closed(items.len());
        }
        let (items_before, weight_before) = (state.waiting.len(), state.weight);
        let mut refused = 0_usize;
        for item in items {
            let queued = Queued { place: state.entered, tries: 0, item };
            let weight = queued.weight();
            let whole = state.weight.saturating_add(state.in_hand.weight).saturating_add(weight);
            if whole > FULL {
                refused = refused.saturating_add(1);
                continue;
            }
            state.entered = state.entered.saturating_add(1);
            state.weight = state.weight.saturating_add(weight);
            state.waiting.push_back(queued);
        }
        if state.since.is_none() && !state.waiting.is_empty() {
            state.since = Some(Instant::now());
        }
        // The thread is woken when it may have something to do: at the first item, and as batches fill.
        let fill =
            |items: usize, weight: usize| (items.min(1), items / BATCH.items, weight / BATCH.bytes);
        let wake = fill(items_before, weight_before) != fill(state.waiting.len(), state.weight);
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        Refused::NoRoom(refused)
    }

    /// Waits until everything that came in before is settled. What is not by `timeout` less a margin, the thread
    /// puts into storage.
    pub(super) fn flush(&self, timeout: Duration) -> Result<(), Unsettled> {
        let start = Instant::now();
        let margin = (timeout / 4).min(Duration::from_secs(1));
        let mut state = self.state();
        let target = state.entered;
        let id = state.next_call;
        state.next_call = id.wrapping_add(1);
        let give_up = after(start, timeout.saturating_sub(margin));
        state.calls.push(Call { id, target, give_up });
        self.wake.notify_one();
        let result = loop {
            if state.settled() >= target {
                break Ok(());
            }
            if state.ended {
                break Err(Unsettled::Ended);
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                break Err(Unsettled::Timeout);
            }
            let waited = self.settled.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        state.calls.retain(|call| call.id != id);
        result
    }

    /// Nothing comes in any more, and the thread ends: when everything is settled, or at `until`.
    pub(super) fn close(&self, until: Instant) {
        let mut state = self.state();
        if state.closing.is_none() {
            state.closing = Some(until);
        }
        drop(state);
        self.wake.notify_one();
    }

    pub(super) fn look(&self) -> View {
        let state = self.state();
        let settled = state.settled();
        View {
            items: state.waiting.len(),
            bytes: state.weight,
            since: state.since,
            give_up: state
                .calls
                .iter()
                .filter(|call| call.target > settled)
                .map(|call| call.give_up)
                .min(),
            closing: state.closing,
        }
    }

    /// The oldest, up to so many items and bytes; one at least. They are in hand until [`settle`](Self::settle).
    pub(super) fn take(&self, items: usize, bytes: usize) -> Vec<Queued> {
        let mut state = self.state();
        let mut taken = Vec::with_capacity(state.waiting.len().min(items));
        let mut length = 0_usize;
        while let Some(first) = state.waiting.front() {
            length = length.saturating_add(first.item.json.len()).saturating_add(1);
            if !taken.is_empty() && (taken.len() >= items || length > bytes) {
                break;
            }
            let Some(first) = state.waiting.pop_front() else { break };
            state.weight = state.weight.saturating_sub(first.weight());
            state.in_hand.add(&first);
            taken.push(first);
        }
        if state.waiting.is_empty() {
            state.since = None;
        }
        taken
    }

    /// What was taken is delivered, in storage or counted, except what is still in hand, and what comes back here, in
    /// its order.
    pub(super) fn settle(&self, back: Vec<Queued>, still: InHand) {
        let mut state = self.state();
        state.in_hand = still;
        let last = back.last().map(|queued| queued.place);
        let in_order = state.waiting.front().is_none_or(|first| last < Some(first.place));
        for queued in back.into_iter().rev() {
            state.weight = state.weight.saturating_add(queued.weight());
            state.waiting.push_front(queued);
        }
        // The first that waits is the oldest, though what was set aside comes back later than what came after it.
        if !in_order {
            state.waiting.make_contiguous().sort_by_key(|queued| queued.place);
        }
        if state.since.is_none() && !state.waiting.is_empty() {
            state.since = Some(Instant::now());
        }
        drop(state);
        self.settled.notify_all();
    }

    /// Nothing comes in any more, and what waits is given up; says how many that are.
    pub(super) fn abandon(&self) -> usize {
        let mut state = self.state();
        state.closing.get_or_insert_with(Instant::now);
        let settled = state.settled();
        state.abandoned = (settled < state.entered).then_some(settled);
        state.weight = 0;
        std::mem::take(&mut state.waiting).len()
    }

    /// The thread is gone: nobody need wait for it.
    pub(super) fn end(&self) {
        self.state().ended = true;
        self.settled.notify_all();
    }

    /// Waits for somebody who needs the thread, but not beyond `until`.
    pub(super) async fn attention(&self, until: Option<Instant>) {
        match until {
            Some(until) => {
                let _ = race(self.wake.notified(), tokio::time::sleep_until(until.into())).await;
            }
            None => self.wake.notified().await,
        }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

/// A moment so long after another; where the clock has none, one that is far off.
pub(super) fn after(moment: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_hours(24 * 365);
    moment.checked_add(time).or_else(|| moment.checked_add(FAR)).unwrap_or(moment)
}

#[cfg(test)]
#[path = "buffer_tests.rs"]
mod tests;
