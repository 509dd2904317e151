//! So many traces per second.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingResult, ShouldSample};

use super::rate::{MOST, Parent, Rate};
use super::score::score;
use super::{kept, left_out};

/// Over how long the rate of traces is measured, in seconds, unless so few are wanted that it takes longer.
const WINDOW: f64 = 5.0;
/// The shortest time that the first traces of a process count for, in seconds, with the same exception.
const SHORTEST_WINDOW: f64 = 1.0;
/// The fractional part of the golden ratio: its multiples are spread evenly over 0..1, however few there are.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// Keeps about so many traces each second: all of them while there are no more, then a share that shrinks as they
/// become more.
///
/// Only traces that begin here are counted and decided on; a span with a parent goes the parent's way, see
/// [the module](super). The share is always one of so many traces, 1/1, 1/2, 1/3, …, and it is fixed from the traces
/// seen before, so the items' sample rates add up to the traces that there were, without bias. It follows the load
/// within about five seconds; in a sudden burst some more traces than the limit are kept, their number growing with
/// the logarithm of the burst. The first trace of a process is kept.
///
/// Clones share one limit. No call waits for another: where two come at once, one counts for both.
#[derive(Clone)]
pub struct RateLimitedSampler {
    shared: Arc<Shared>,
}

struct Shared {
    limit: f64,
    /// Traces that began and are not yet in `load`.
    pending: AtomicU64,
    /// Traces per second, as the bits of an `f64`.
    per_second: AtomicU64,
    /// All traces that began.
    begun: AtomicU64,
    load: Mutex<Load>,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

/// How many traces began lately, those longer ago counting less.
#[derive(Default)]
struct Load {
    count: f64,
    /// When it was last brought up to date, since the sampler was made.
    at: Duration,
    /// When the first trace began.
    since: Option<Duration>,
}

impl RateLimitedSampler {
    /// Keeps about so many traces each second; fractions are fine, as 0.1 for six a minute. 0 or less keeps none,
    /// infinity all; what is not a number counts as 5, the reference's default.
    pub fn new(traces_per_second: f64) -> Self {
        let start = Instant::now();
        Self::with_clock(traces_per_second, move || start.elapsed())
    }

    /// With a clock of one's own: how much time has passed since some fixed point.
    pub(super) fn with_clock(
        traces_per_second: f64,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        let limit = if traces_per_second.is_nan() {
            super::environment::TRACES_PER_SECOND
        } else {
            traces_per_second.max(0.0)
        };
        Self {
            shared: Arc::new(Shared {
                limit,
                pending: AtomicU64::new(0),
                per_second: AtomicU64::new(0),
                begun: AtomicU64::new(0),
                load: Mutex::default(),
                clock: Box::new(clock),
            }),
        }
    }
}

impl Shared {
    /// A trace begins: one of how many like it is kept. `None`: none at all.
    fn one_of(&self) -> Option<f64> {
        if self.limit <= 0.0 {
            return None;
        }
        let nth = self.begun.fetch_add(1, Ordering::Relaxed);
        self.measure();
        let share = self.limit / f64::from_bits(self.per_second.load(Ordering::Relaxed));
        // Infinity or no number where nothing was measured yet, or where everything is wanted.
        if nth == 0 || share.is_nan() || share >= 1.0 {
            return Some(1.0);
        }
        Some(whole(share, nth))
    }

    /// Brings the load up to date. Whoever finds another at it leaves its own trace to be counted by the next.
    fn measure(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
        let Ok(mut load) = self.load.try_lock() else {
            return;
        };
        let new = self.pending.swap(0, Ordering::Relaxed);
        let per_second = load.add(new, (self.clock)(), self.limit);
        self.per_second.store(per_second.to_bits(), Ordering::Relaxed);
    }
}

impl Load {
    /// Adds traces that began, and tells how many begin each second.
    fn add(&mut self, new: u64, now: Duration, limit: f64) -> f64 {
        // The longer of the two, so that what a low limit allows is not forgotten between one trace and the next.
        let stretch = (1.0 / limit).clamp(1.0, 1e9);
        let window = WINDOW * stretch;
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = self.at.max(now);
        let before = self.count * (-passed / window).exp();
        #[expect(
            clippy::cast_precision_loss,
            reason = "so many traces never begin between two calls"
        )]
        let new = new as f64;
        self.count = before + new;
        // What the window can have seen since the first trace began.
        let seen = window * -(-now.saturating_sub(since).as_secs_f64() / window).exp_m1();
        // Just before a trace the count is half a trace low, just after it half a trace high.
        (self.count - 0.5) / seen.max(SHORTEST_WINDOW * stretch)
    }
}

/// One of a whole number, the two nearest to the share alternating so that on average it is the share.
///
/// By the number of the trace and never by its id: who is kept must not depend on why the share is what it is.
fn whole(share: f64, nth: u64) -> f64 {
    let most = (1.0 / share).ceil().clamp(1.0, MOST);
    let fewer = (most - 1.0).max(1.0);
    let (low, high) = (1.0 / most, 1.0 / fewer);
    // How often the larger share has to come.
    let often = if high > low { (share - low) / (high - low) } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "only where it lies between 0 and 1 matters")]
    let turn = ((nth % (1 << 32)) as f64 * GOLDEN).fract();
    if turn < often { fewer } else { most }
}

impl ShouldSample for RateLimitedSampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        if let Some(parent) = Parent::of(parent_context) {
            return if parent.is_sampled {
                kept(parent.rate, parent.state)
            } else {
                left_out(parent.state)
            };
        }
        match self.shared.one_of() {
            Some(one_of) if one_of <= 1.0 || score(trace_id) < 1.0 / one_of => {
                let rate = Rate::percent(100.0 / one_of);
                let state = rate.map_or(TraceState::NONE, |rate| rate.begin(&TraceState::NONE));
                kept(rate, state)
            }
            _ => left_out(TraceState::NONE),
        }
    }
}

impl fmt::Debug for RateLimitedSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitedSampler")
            .field("traces_per_second", &self.shared.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_meet_lose_no_trace_from_the_count() {
        let sampler = RateLimitedSampler::with_clock(5.0, || Duration::ZERO);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| sampler.shared.measure()));
            }
        });
        sampler.shared.measure();
        let load = sampler.shared.load.lock().expect("a lock");
        assert_eq!(load.count.to_bits(), 40_001_f64.to_bits());
    }

    #[test]
    fn shares_are_one_of_a_whole_number_and_right_on_average() {
        for share in [0.99, 0.7, 0.5, 0.34, 0.1, 0.003] {
            let all = (0..10_000).map(|nth| whole(share, nth));
            let mean = all.map(|one_of| {
                assert_eq!(one_of.fract().to_bits(), 0, "{one_of}");
                1.0 / one_of
            });
            let mean = mean.sum::<f64>() / 10_000.0;
            assert!((mean / share - 1.0).abs() < 0.001, "{share}: {mean}");
        }
        assert_eq!(whole(1e-30, 3).to_bits(), MOST.to_bits());
    }
}
