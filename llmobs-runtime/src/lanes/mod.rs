//! The way from the application's threads to one thread of ours: a ring for each thread, so that no two threads
//! write to the same memory.
//!
//! Handing over neither waits nor allocates nor takes a lock: it puts a box into the ring of the thread. Our thread
//! empties all rings every now and then, and whoever must know that everything is through ([`Lanes::drain`]) does so
//! at once, on a thread of its own. What was delivered is emptied and goes back, box and buffers, to the thread it
//! came from, to be filled again.
//!
//! Nothing is lost while a ring is full: then the application's thread helps to empty it, and if another is at that
//! already, delivers its own on the spot. But for that case, what was handed over earlier is delivered earlier,
//! whichever threads it came from.

mod lane;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::Context;

pub(crate) use lane::Lane;
use lane::Outlet;

/// How long what was handed over waits while there is something to do.
const TICK: Duration = Duration::from_millis(100);
/// How long it waits when there was nothing to do for a while.
const LONGEST_TICK: Duration = Duration::from_secs(1);
/// How often who waits for a limited time looks whether the other thread is done.
const GLANCE: Duration = Duration::from_micros(50);

/// What is handed over.
pub(crate) trait Deliver: Send + 'static {
    /// When it was handed over: what is delivered earlier was handed over earlier.
    fn handed_over(&self) -> Option<Instant>;

    /// Does with it what is to be done, and empties it.
    fn deliver(&mut self, now: &Now);
}

/// Both clocks, read at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    monotonic: Instant,
    wall: SystemTime,
}

/// Two readings of one clock that are no farther apart are one reading.
const APART: Duration = Duration::from_nanos(500);
/// How often that is tried: the system may take the thread its time away between two readings.
const TRIES: usize = 4;
/// The wall clock was not set where it shows what was to be expected, give or take this.
const UNSET: Duration = Duration::from_micros(10);

impl Now {
    /// As the clocks are in a test.
    #[cfg(test)]
    pub(crate) fn of(monotonic: Instant, wall: SystemTime) -> Self {
        Self { monotonic, wall }
    }

    pub(crate) fn read() -> Self {
        let mut monotonic = Instant::now();
        let mut wall = SystemTime::now();
        for _ in 0..TRIES {
            if monotonic.elapsed() <= APART {
                break;
            }
            monotonic = Instant::now();
            wall = SystemTime::now();
        }
        Self { monotonic, wall }
    }

    /// Reckoned from an earlier reading as long as nobody sets the wall clock: what is reckoned from different
    /// readings, such as a call and one inside it, then fits together to the nanosecond.
    fn from(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let wall = earlier.wall(self.monotonic);
        let apart = wall.duration_since(self.wall).unwrap_or_else(|error| error.duration());
        if apart <= UNSET { Self { wall, ..self } } else { self }
    }

    /// What the wall clock showed, or will show, at another time: both clocks are of one pace, where nobody sets it.
    pub(crate) fn wall(&self, at: Instant) -> SystemTime {
        let before = self.monotonic.checked_duration_since(at);
        let wall = match before {
            Some(before) => self.wall.checked_sub(before),
            None => self.wall.checked_add(at.saturating_duration_since(self.monotonic)),
        };
        wall.unwrap_or(self.wall)
    }
}

/// The rings of all threads, and the thread that empties them.
pub(crate) struct Lanes<T> {
    drainer: Mutex<Drainer<T>>,
    /// Where the rings of new threads are announced.
    newcomers: Sender<Outlet<T>>,
    /// `None` where the system refused one: then whoever hands over helps.
    worker: OnceLock<Thread>,
    closed: AtomicBool,
}

/// The other end of the rings.
struct Drainer<T> {
    newcomers: Receiver<Outlet<T>>,
    outlets: Vec<Outlet<T>>,
    /// What is being delivered, and by which outlet it came.
    batch: Vec<(usize, Box<T>)>,
    /// What was handed over after the emptying had begun.
    later: Vec<Box<T>>,
    /// When the last one had.
    last: Option<Now>,
}

impl<T: Deliver> Lanes<T> {
    /// Starts the thread.
    pub(crate) fn start() -> Arc<Self> {
        let (newcomers, announced) = channel();
        let drainer = Mutex::new(Drainer::new(announced));
        let lanes = Arc::new(Self {
            drainer,
            newcomers,
            worker: OnceLock::new(),
            closed: AtomicBool::new(false),
        });
        let watched = Arc::downgrade(&lanes);
        // Nothing joins it: it ends when the lanes are gone.
        let started = thread::Builder::new().name("llmobs-calls".into()).spawn(|| work(watched));
        match started {
            Ok(handle) => {
                let _ = lanes.worker.set(handle.thread().clone());
            }
            Err(error) => tracing::warn!(
                target: "llmobs",
                "the system refused a thread for finished calls: {error}; the application's threads do its work"
            ),
        }
        lanes
    }

    /// A ring for this thread.
    pub(crate) fn lane(self: &Arc<Self>) -> Lane<T> {
        let (lane, outlet) = Lane::new(Arc::clone(self));
        // The other end is here.
        let _ = self.newcomers.send(outlet);
        lane
    }

    /// Delivers all that was handed over before; waits where another thread is at it.
    pub(crate) fn drain(&self) -> usize {
        let mut drainer = self.drainer.lock().unwrap_or_else(PoisonError::into_inner);
        drainer.drain()
    }

    /// The same, unless another thread is at it for longer than this.
    pub(crate) fn drain_within(&self, limit: Duration) {
        let began = Instant::now();
        while !self.help() && began.elapsed() < limit {
            thread::sleep(GLANCE);
        }
    }

    /// Delivers what is left and ends the thread. From here on nothing is to be handed over; what is at this very
    /// moment goes the way of what comes too late.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let mut drainer = self.drainer.lock().unwrap_or_else(PoisonError::into_inner);
        drainer.drain();
        // What was put off.
        drainer.drain();
        drainer.close();
        drop(drainer);
        self.wake();
    }

    /// Whether it is of no use any more to hand over.
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// The same, unless another thread is at it.
    fn help(&self) -> bool {
        match self.try_drainer() {
            Some(mut drainer) => {
                drainer.drain();
                true
            }
            None => false,
        }
    }

    fn try_drainer(&self) -> Option<MutexGuard<'_, Drainer<T>>> {
        match self.drainer.try_lock() {
            Ok(drainer) => Some(drainer),
            Err(TryLockError::Poisoned(drainer)) => Some(drainer.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<T> Lanes<T> {
    /// Lets the thread look now; costs a call of the system where it sleeps.
    fn wake(&self) {
        if let Some(worker) = self.worker.get() {
            worker.unpark();
        }
    }
}

impl<T> Drop for Lanes<T> {
    fn drop(&mut self) {
        self.wake();
    }
}

impl<T> fmt::Debug for Lanes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}

/// What the thread does.
#[expect(clippy::needless_pass_by_value, reason = "it is the thread's own")]
fn work<T: Deliver>(lanes: Weak<Lanes<T>>) {
    let mut rest = TICK;
    loop {
        thread::park_timeout(rest);
        let Some(lanes) = lanes.upgrade() else { return };
        if lanes.is_closed() {
            return;
        }
        rest = if lanes.drain() > 0 { TICK } else { (rest * 2).min(LONGEST_TICK) };
    }
}

impl<T: Deliver> Drainer<T> {
    fn new(newcomers: Receiver<Outlet<T>>) -> Self {
        Self { newcomers, outlets: Vec::new(), batch: Vec::new(), later: Vec::new(), last: None }
    }

    /// Lets go of the rings: what lies in them, empty or not, may hold what holds this.
    fn close(&mut self) {
        self.outlets.clear();
        self.later.clear();
    }

    /// Delivers what was handed over before this began, in that order; how many there were.
    fn drain(&mut self) -> usize {
        // Whoever asks for it may have suppressed telemetry, which is not meant for this.
        let _plain = Context::new().attach();
        // Before anything is looked for: what was handed over by then is found, also in the ring of a new thread.
        let now = Now::read().from(self.last);
        self.last = Some(now);
        self.outlets.extend(self.newcomers.try_iter());
        let Self { outlets, batch, later, .. } = self;
        let nowhere = outlets.len();
        batch.extend(later.drain(..).map(|item| (nowhere, item)));
        // Those that were put off are of several rings.
        let mut sources = if batch.is_empty() { 0 } else { 2 };
        for (from, outlet) in outlets.iter_mut().enumerate() {
            let before = batch.len();
            outlet.take_all(|item| {
                // One that is handed over by now may have been preceded by one in a ring that was looked at
                // before.
                if item.handed_over() > Some(now.monotonic) {
                    later.push(item);
                } else {
                    batch.push((from, item));
                }
            });
            sources += usize::from(batch.len() > before);
        }
        if sources > 1 {
            batch.sort_by_key(|(_, item)| item.handed_over());
        }
        let delivered = batch.len();
        for (from, mut item) in batch.drain(..) {
            item.deliver(&now);
            if let Some(outlet) = outlets.get_mut(from) {
                outlet.give_back(item);
            }
        }
        outlets.retain(|outlet| !outlet.is_abandoned());
        delivered
    }
}

/// Bytes that wait in one ring beside the boxes themselves.
type Weight = AtomicUsize;

/// Adds to a weight; what it is then.
fn weigh(weight: &Weight, bytes: usize) -> usize {
    weight.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes)
}
