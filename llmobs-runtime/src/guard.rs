//! Code of others that runs inside a call: it may panic, the call may not.
//!
//! A request, a response, an error or a value describes itself in code of the application's; a sampler or a span
//! processor may be its own too. A panic there would fail a call that succeeded. It is caught, what was recorded
//! before it stays, and a warning says which kind of code it was. Two things remain: the application's panic
//! hook still prints, and with `panic = "abort"` there is nothing to catch.

#[cfg(feature = "sdk")]
pub(crate) use rarely::Rarely;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Panics caught in this process.
static CAUGHT: AtomicU64 = AtomicU64::new(0);

/// What `code` returns; `None` when it panics.
///
/// Behind a reference, so that what catches is compiled once per kind of result and not once per call.
pub(crate) fn guarded<R>(what: &'static str, code: &mut dyn FnMut() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(code)) {
        Ok(result) => Some(result),
        Err(panic) => {
            seldom(&CAUGHT, panic, |times| {
                tracing::warn!(target: "llmobs", times, "{what} panicked; the call goes on without what it had to say");
            });
            None
        }
    }
}

/// The same of code that can run only once.
pub(crate) fn guarded_once<R>(what: &'static str, code: impl FnOnce() -> R) -> Option<R> {
    let mut code = Some(code);
    guarded(what, &mut || code.take().map(|code| code())).flatten()
}

/// Counts a failure, and warns of the 1st, 2nd, 4th, 8th, …: one per call would be a storm.
///
/// What the failure carries is dropped and not shown: it may quote the prompt.
#[cold]
pub(crate) fn seldom<T>(count: &AtomicU64, carried: T, warn: impl FnOnce(u64)) {
    let times = count.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    if !std::mem::needs_drop::<T>() && !times.is_power_of_two() {
        return;
    }
    let again = catch_unwind(AssertUnwindSafe(move || {
        if times.is_power_of_two() {
            warn(times);
        }
        drop(carried);
    }));
    // What panics when it is dropped, as the value of a panic can; its own value might do the same.
    if let Err(again) = again {
        std::mem::forget(again);
    }
}

#[cfg(feature = "sdk")]
mod rarely;

#[cfg(test)]
mod tests {
    use super::*;

    struct Worse;

    impl Drop for Worse {
        fn drop(&mut self) {
            std::panic::panic_any(Self);
        }
    }

    #[test]
    fn a_panic_ends_here_whatever_it_carries() {
        assert_eq!(guarded("the test", &mut || 3), Some(3));
        assert_eq!(guarded::<()>("the test", &mut || panic!("{}", "the secret prompt")), None);
        assert_eq!(guarded::<()>("the test", &mut || std::panic::panic_any(Worse)), None);
    }
}
