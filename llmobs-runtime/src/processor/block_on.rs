//! Runs one future on this thread.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Wakes a thread that is parked. The flag tells a wake from one that was meant for something else.
struct Parked {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Polls `future` until it is ready; the thread sleeps in between.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parked = Arc::new(Parked { thread: thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&parked));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        while !parked.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn a_future_is_polled_again_when_it_is_woken_and_not_before() {
        assert_eq!(block_on(async { 3 }), 3);
        let mut polls = 0;
        let ready = block_on(poll_fn(|context| {
            polls += 1;
            match polls {
                // Before it returns, from another thread after it has, and by a stray wake of the thread itself.
                1 => context.waker().wake_by_ref(),
                2 => {
                    let (waker, me) = (context.waker().clone(), thread::current());
                    thread::spawn(move || {
                        me.unpark();
                        waker.wake();
                    });
                }
                _ => return Poll::Ready(polls),
            }
            Poll::Pending
        }));
        assert_eq!(ready, 3);
    }
}
