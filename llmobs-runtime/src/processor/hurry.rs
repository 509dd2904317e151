//! Exports of metrics that others wait for.
//!
//! The SDK asks its readers one after the other, and each for as long as its exporter takes: one that gets no answer
//! would take the others all the time there is at the end of a process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_sdk::error::OTelSdkResult;

/// What exports of one pipeline have in common.
#[derive(Debug, Default)]
pub(crate) struct Hurry {
    /// How often those that were going on have been given up.
    given_up: AtomicU64,
    going_on: Mutex<Vec<Waker>>,
    ended: Mutex<Ended>,
    one_ended: Condvar,
}

/// The exporters that have been shut down, after their last export.
#[derive(Debug, Default)]
struct Ended {
    exporters: u32,
    /// Whether the last export of one failed.
    failed: bool,
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

    /// An exporter has been shut down.
    pub(super) fn ended(&self, well: bool) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.exporters = ended.exporters.saturating_add(1);
        ended.failed |= !well;
        drop(ended);
        self.one_ended.notify_all();
    }

    /// Shuts down so many exporters within the time that there is: the SDK waits five seconds for each, whatever it is
    /// told, and who ends the pipeline then would cut off an export that goes on.
    pub(crate) fn shut_down(
        self: &Arc<Self>,
        time: Duration,
        exporters: u32,
        ask: impl FnOnce() -> OTelSdkResult,
    ) -> OTelSdkResult {
        let began = Instant::now();
        let outcome = self.share(time, exporters, ask);
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_ok() || ended.exporters >= exporters {
            return outcome;
        }
        let left = time.saturating_sub(began.elapsed());
        let all = self.one_ended.wait_timeout_while(ended, left, |it| it.exporters < exporters);
        let (ended, waited) = all.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() || ended.failed { outcome } else { Ok(()) }
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
