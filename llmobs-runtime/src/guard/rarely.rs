//! Failures that may come by the thousand, for hours, and again a week later.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Between two lines.
const PAUSE: Duration = Duration::from_mins(1);

/// Counts, and lets a line be written at once for the first, then once a minute for as long as there are more: a line
/// says how many there were since the one before, so that nothing is left unsaid.
///
/// Not those of [`seldom`](super::seldom), whose lines grow ever rarer: what is lost is of interest the tenth time, too.
#[derive(Debug, Default)]
pub(crate) struct Rarely {
    all: AtomicU64,
    /// How many of them have been told of.
    told: AtomicU64,
    /// When a line may be written, in milliseconds since the first clock was read.
    next: AtomicU64,
}

/// Milliseconds by a clock that nobody sets.
fn now() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let since = FIRST.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Rarely {
    pub(crate) fn count(&self) -> u64 {
        self.all.load(Ordering::Acquire)
    }

    /// Counts so many. A clock is not read for each, but when their number since the last line has doubled.
    #[cold]
    pub(crate) fn add(&self, more: u64, line: impl FnOnce(u64, u64)) {
        let before = self.all.fetch_add(more, Ordering::AcqRel);
        let told = self.told.load(Ordering::Relaxed);
        let since = |all: u64| all.saturating_sub(told).checked_ilog2();
        if since(before) != since(before.wrapping_add(more)) {
            self.tell(line);
        }
    }

    /// Lets a line be written if one is due: `line` is given how many there were since the last one, and in all.
    pub(crate) fn tell(&self, line: impl FnOnce(u64, u64)) {
        if self.told.load(Ordering::Relaxed) == self.all.load(Ordering::Relaxed) {
            return;
        }
        self.tell_at(now(), line);
    }

    /// The same, due or not: nothing comes after this.
    pub(crate) fn tell_last(&self, line: impl FnOnce(u64, u64)) {
        self.tell_at(u64::MAX, line);
    }

    fn tell_at(&self, now: u64, line: impl FnOnce(u64, u64)) {
        let due = self.next.load(Ordering::Acquire);
        let pause = u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
        let next = now.saturating_add(pause);
        let won = now >= due
            && self.next.compare_exchange(due, next, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if won {
            let all = self.all.load(Ordering::Acquire);
            let since = all.saturating_sub(self.told.swap(all, Ordering::AcqRel));
            if since > 0 {
                line(since, all);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_others_once_a_minute_and_none_is_left_out() {
        let (rarely, lines) = (Rarely::default(), RefCell::new(Vec::new()));
        let line = |since, all| lines.borrow_mut().push((since, all));
        rarely.tell(line);
        for _ in 0..1_000 {
            rarely.add(1, line);
        }
        assert_eq!(*lines.borrow(), [(1, 1)]);
        rarely.tell(line);
        assert_eq!(lines.borrow().len(), 1, "not yet");
        // A minute later, though nothing more has come.
        rarely.tell_at(now() + 61_000, line);
        assert_eq!(*lines.borrow(), [(1, 1), (999, 1_000)]);
        rarely.tell_at(now() + 200_000, line);
        assert_eq!(lines.borrow().len(), 2, "nothing is new");
        rarely.next.store(0, Ordering::Relaxed);
        // A week later; many at once.
        rarely.add(7, line);
        rarely.add(500, line);
        rarely.tell_last(line);
        rarely.tell_last(line);
        assert_eq!(lines.borrow()[2..], [(7, 1_007), (500, 1_507)]);
        assert_eq!(rarely.count(), 1_507);
    }
}
