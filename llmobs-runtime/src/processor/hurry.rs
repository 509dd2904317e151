//! Exports of metrics that others wait for.
//!
//! The SDK asks its readers one after the other, and each for as long as its exporter takes: one that gets no answer
//! would take the others all the time there is at the end of a process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

/// What exports of one pipeline have in common.
#[derive(Debug, Default)]
pub(crate) struct Hurry {
    /// How often those that were going on have been given up.
    given_up: AtomicU64,
    going_on: Mutex<Vec<Waker>>,
}

impl Hurry {
    /// For an export that begins.
    pub(super) fn begin(&self) -> u64 {
        self.given_up.load(Ordering::Acquire)
    }

    /// Whether an export that began so has been given up; if not, `waker` is woken when it is.
    pub(super) fn is_over(&self, began: u64, waker: &Waker) -> bool {
        if self.begin() == began {
            let mut going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
            if !going_on.iter().any(|known| known.will_wake(waker)) {
                going_on.push(waker.clone());
            }
        }
        // It may have been given up in between.
        self.begin() != began
    }

    fn give_up(&self) {
        self.given_up.fetch_add(1, Ordering::AcqRel);
        let mut going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = std::mem::take(&mut *going_on);
        drop(going_on);
        woken.into_iter().for_each(Waker::wake);
    }

    /// Asks so many exporters one after the other; none takes much more of the time than its share.
    pub(crate) fn share<R>(
        self: &Arc<Self>,
        time: Duration,
        exporters: u32,
        ask: impl FnOnce() -> R,
    ) -> R {
        if exporters < 2 {
            return ask();
        }
        // One may be at an export already, and begin another when it is asked.
        let turns = exporters.saturating_add(1);
        let share = time / turns;
        let (done, over) = channel::<()>();
        let hurry = Arc::clone(self);
        let urge = move || {
            for _ in 0..turns {
                if over.recv_timeout(share) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                hurry.give_up();
            }
        };
        // Where the system refuses a thread, nobody is urged.
        let _ = thread::Builder::new().name("llmobs-urges".into()).spawn(urge);
        let asked = ask();
        drop(done);
        asked
    }
}
