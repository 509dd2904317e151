//! What the thread does: sends, and sees to whoever waits.

mod aside;
mod keeping;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use self::aside::Aside;
use super::BATCH;
use super::answer::{Answer, Verdict};
use super::buffer::{Buffer, Queued, View, after};
use super::job::{Job, Learned, Origin, Then};
use super::link::Failure;
use super::outlet::Outlet;
use super::pace::{self, BackOff, Pace, Pause};
use super::race::{Either, race};
use crate::backend::azure_monitor::diagnostics;
use crate::backend::azure_monitor::statistics::Counters;
use crate::backend::azure_monitor::storage::{Claim, Store};

/// How long the first item of a batch waits for others.
const LINGER: Duration = Duration::from_millis(200);
/// While the service answers, what waits beyond this goes into storage.
const SOFT: usize = 16 << 20;
/// While it does not, nothing waits in memory alone for longer than this. One batch is on its way, until it times out.
const UNSAFE: Duration = Duration::from_secs(2);
/// How often storage is put in order, and searched for what other processes left.
const TIDY: Duration = Duration::from_mins(1);
/// When storage failed, it is left alone for so long.
const STORE_AGAIN: Duration = Duration::from_secs(2);
/// So many files of storage, and batches without storage, are passed over at most.
const PARKED: usize = 8;
/// A defect of ours may end the work so often before it is given up.
const STARTS: usize = 4;

pub(super) struct Worker {
    buffer: Arc<Buffer>,
    counters: Arc<Counters>,
    store: Option<Store>,
    outlet: Outlet,
    learned: Learned,
    job: Option<Job>,
    /// Nothing is sent.
    pause: Option<Pause>,
    back_off: BackOff,
    /// Nothing of storage is sent: the service put off some items and took others.
    hold: Option<Instant>,
    /// What it put off again and again, so that it does not hold up what lies behind it in storage; and until when.
    parked: Vec<(Instant, Claim)>,
    back_off_storage: BackOff,
    /// There may be something in storage.
    drain: bool,
    /// The last batch came from storage.
    drained: bool,
    /// Requests of which something was taken.
    successes: u64,
    /// The file of storage that failed last as a whole, and how many requests had succeeded by then.
    suspect: Option<(String, u64)>,
    /// Batches of the buffer that failed again and again.
    aside: Aside,
    store_again: Option<Instant>,
    tidy: Instant,
    /// At the end, one attempt is made even in a pause.
    last_attempt: bool,
}

impl Worker {
    pub(super) fn new(
        buffer: Arc<Buffer>,
        counters: Arc<Counters>,
        store: Option<Store>,
        outlet: Outlet,
        pace: Pace,
    ) -> Self {
        Self {
            buffer,
            counters,
            drain: store.is_some(),
            store,
            outlet,
            learned: Learned::default(),
            job: None,
            pause: None,
            back_off: BackOff::new(pace),
            hold: None,
            parked: Vec::new(),
            back_off_storage: BackOff::new(pace),
            drained: false,
            successes: 0,
            suspect: None,
            aside: Aside::new(pace),
            store_again: None,
            tidy: after(Instant::now(), TIDY),
            last_attempt: false,
        }
    }

    /// Works until the end, whatever happens.
    pub(super) fn run(mut self, runtime: &Runtime) {
        for _ in 0..STARTS {
            match catch_unwind(AssertUnwindSafe(|| runtime.block_on(self.work()))) {
                Ok(()) => break,
                Err(panic) => diagnostics::panicked(panic),
            }
        }
        // After a panic there may be something left.
        self.store_all();
        // What was taken of a file before the end is not to be sent again by who comes next.
        if matches!(&self.job, Some(Job { origin: Origin::Storage(_), less: true, .. })) {
            self.finish(None);
        }
        let in_hand = self.job.take().map_or(0, |job| match job.origin {
            Origin::Buffer => job.left().count(),
            Origin::Storage(_) => 0,
        });
        let in_hand = in_hand.saturating_add(self.aside.items().count());
        self.lose(in_hand.saturating_add(self.buffer.abandon()));
        self.buffer.end();
    }

    async fn work(&mut self) {
        loop {
            let now = Instant::now();
            let view = self.buffer.look();
            if passed(view.give_up, now) && self.can_store(now) {
                self.store_all();
                continue;
            }
            if let Some(closing) = view.closing {
                if view.items == 0 && self.job.is_none() && self.aside.is_empty() {
                    return;
                }
                if closing <= now {
                    self.store_all();
                    return;
                }
            }
            if self.must_spill(&view, self.pause.is_some(), now) {
                self.spill(self.pause.is_some());
                continue;
            }
            if let Some(pause) = self.pause {
                if pause.until <= now {
                    self.pause = None;
                } else if view.closing.is_some() && !pause.asked && !self.last_attempt {
                    self.last_attempt = true;
                    self.pause = None;
                } else if (view.give_up.is_some() || view.closing.is_some()) && self.can_store(now)
                {
                    self.store_all();
                } else {
                    self.wait(&view, now).await;
                }
                continue;
            }
            if self.job.is_some() {
                self.send().await;
            } else if !self.begin(&view, now) {
                self.wait(&view, now).await;
            }
        }
    }

    /// What was put off may be taken from storage again.
    fn unpark(&mut self, now: Instant) {
        let before = self.parked.len();
        self.parked.retain(|(until, _)| *until > now);
        self.drain |= self.parked.len() < before;
    }

    /// Takes the next batch; `false` where there is none yet.
    fn begin(&mut self, view: &View, now: Instant) -> bool {
        let urgent = view.give_up.is_some() || view.closing.is_some();
        let live = view.items > 0
            && (urgent
                || view.items >= BATCH.items
                || view.bytes >= self.learned.batch
                || view.since.is_none_or(|since| passed(Some(after(since, LINGER)), now)));
        self.unpark(now);
        let is_aside_due = self.aside.is_due(now);
        if is_aside_due && !self.aside.was_last() && !(urgent && live) {
            return self.begin_aside();
        }
        let stored = self.drain && !urgent && self.hold.is_none_or(|until| until <= now);
        if stored && (!live || !self.drained) {
            self.drained = true;
            if self.claim() {
                return true;
            }
            self.drain = false;
        }
        if live {
            self.drained = false;
            let items = self.buffer.take(BATCH.items, self.learned.batch);
            self.job = Some(Job::new(Origin::Buffer, items, &self.learned));
            return true;
        }
        if (urgent || is_aside_due) && self.begin_aside() {
            return true;
        }
        if self.tidy <= now
            && let Some(store) = &self.store
        {
            store.tidy();
            self.tidy = after(Instant::now(), TIDY);
            self.drain = true;
            return true;
        }
        false
    }

    /// Takes the oldest of what is in storage.
    fn claim(&mut self) -> bool {
        let Some(claim) = self.store.as_ref().and_then(Store::claim) else { return false };
        let items = (0..).zip(claim.items());
        let items = items.map(|(place, item)| Queued { place, tries: 0, item: item.clone() });
        let items = items.collect();
        self.job = Some(Job::new(Origin::Storage(claim), items, &self.learned));
        true
    }

    /// Sends one piece of the batch, and meanwhile sees to whoever waits.
    async fn send(&mut self) {
        let Some(job) = &mut self.job else { return };
        if job.is_settled() {
            self.finish(None);
            return;
        }
        self.counters.request();
        let mut exchange = pin!(self.outlet.send(job.next(&self.learned)));
        let slow = after(Instant::now(), UNSAFE);
        loop {
            let now = Instant::now();
            let view = self.buffer.look();
            let ours = matches!(&self.job, Some(Job { origin: Origin::Buffer, .. }));
            if passed(view.closing, now)
                || (ours && passed(view.give_up, now) && self.can_store(now))
            {
                // The request is given up: what it carries may arrive, and will be sent again.
                return;
            }
            let is_slow = slow <= now;
            if !ours && view.give_up.is_some() && passed(view.give_up, now) && self.can_store(now) {
                self.spill(true);
                continue;
            }
            if self.must_spill(&view, is_slow, now) {
                self.spill(is_slow);
                continue;
            }
            let spill = view.since.map(|since| after(since, UNSAFE).max(slow));
            let until = self.next_moment([view.give_up, view.closing, spill], now);
            match race(exchange.as_mut(), self.buffer.attention(until)).await {
                Either::First(answer) => return self.answered(answer),
                Either::Second(()) => {}
            }
        }
    }

    fn answered(&mut self, result: Result<Answer, Failure>) {
        let Some(job) = &mut self.job else { return };
        let mut link = self.outlet.service();
        let answer = match result {
            Ok(answer) => answer,
            Err(failure) => {
                if let Some(link) = link {
                    diagnostics::no_answer(&link.host(), failure.text());
                    link.come_back();
                }
                let pause = self.back_off.failed();
                return self.stop(pause);
            }
        };
        let items = job.next(&self.learned).len();
        let mut verdict = answer.verdict(items);
        if let Some(link) = &mut link
            && link.is_away()
            && matches!(verdict, Verdict::Refused)
        {
            // Who we were sent to does not know what we want: back to who sent us.
            link.come_back();
            verdict = Verdict::Later;
        }
        diagnostics::answered(&answer, &verdict, items);
        let has_credential = link.as_ref().is_some_and(|link| link.has_credential());
        let worked = matches!(verdict, Verdict::Taken(_));
        let then = job.apply(verdict, has_credential, &mut self.learned, &self.counters);
        if worked && !matches!(then, Then::Stop) {
            self.successes = self.successes.saturating_add(1);
            self.back_off.succeeded();
            self.last_attempt = false;
        }
        match then {
            Then::GoOn => {}
            Then::Hold => {
                let pause = self.back_off_storage.failed();
                self.hold = Some(pause.until);
            }
            Then::Renew => {
                if let Some(link) = link {
                    link.renew();
                }
            }
            Then::Follow => {
                if !link.is_some_and(|link| link.redirect(&answer)) {
                    diagnostics::not_followed(answer.status);
                    self.put_off(&answer);
                }
            }
            Then::Stop => {
                if let Some(link) = link
                    && matches!(answer.status, 307 | 308 | 500..)
                {
                    link.come_back();
                }
                self.put_off(&answer);
            }
            Then::StopUnauthorized => {
                if let Some(link) = link {
                    link.renew();
                    // Who sent us elsewhere may know our rights better.
                    link.come_back();
                }
                self.put_off(&answer);
            }
            Then::StopSpent => {
                let pause = pace::spent(answer.retry_after);
                self.stop(pause);
            }
        }
    }

    /// As the service asks, or else as long as we think.
    fn put_off(&mut self, answer: &Answer) {
        let pause = self.back_off.put_off(answer.retry_after);
        self.stop(pause);
    }

    /// The batch waits, and all others.
    fn stop(&mut self, pause: Pause) {
        self.finish(Some(pause));
        self.pause = Some(pause);
    }

    async fn wait(&mut self, view: &View, now: Instant) {
        let (linger, unsafe_from) = match (view.since, self.pause) {
            (Some(since), None) => (Some(after(since, LINGER)), None),
            (Some(since), Some(_)) => (None, Some(after(since, UNSAFE))),
            (None, _) => (None, None),
        };
        let hold = self.hold.filter(|_| self.drain);
        let parked = self.parked.iter().map(|(until, _)| *until);
        let parked = parked.chain(self.aside.moments()).filter(|until| *until > now).min();
        let tidy = self.store.is_some().then_some(self.tidy);
        let pause = self.pause.map(|pause| pause.until);
        let until = self.next_moment(
            [view.give_up, view.closing, linger, unsafe_from, hold, parked, tidy, pause],
            now,
        );
        self.buffer.attention(until).await;
    }

    /// The first of these that is still to come.
    fn next_moment<const N: usize>(
        &self,
        moments: [Option<Instant>; N],
        now: Instant,
    ) -> Option<Instant> {
        let again = self.store_again;
        moments.into_iter().chain([again]).flatten().filter(|moment| *moment > now).min()
    }
}

fn passed(moment: Option<Instant>, now: Instant) -> bool {
    moment.is_some_and(|moment| moment <= now)
}
