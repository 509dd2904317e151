//! The tempo of a streamed answer: when its chunks came.
//!
//! One reading of the clock and a few integers per chunk. The distances between chunks are counted in the buckets
//! of their metric, and given to it when the stream ends.

use std::time::{Duration, Instant};

use crate::conventions::metric;
use crate::payload::Progress;

/// The upper bounds of the buckets, and one bucket for all above.
const BUCKETS: usize = metric::GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK.buckets.len() + 1;

/// When the chunks of one stream came, and what they have said of how far the answer is.
///
/// In this order, so that a chunk of a stream among thousands finds all that it needs in two cache lines.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Tempo {
    pub(super) progress: Progress,
    chunks: u64,
    first: Option<Instant>,
    /// When the last chunk or error came.
    last: Instant,
    gaps: Gaps,
}

/// Distances between chunks, by bucket.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Gaps {
    /// The least and the greatest of all, as far as there are any.
    least: u64,
    greatest: u64,
    buckets: [Bucket; BUCKETS],
}

/// How many distances fall into one bucket, and their sum.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    count: u32,
    /// Nanoseconds: the bytes of an integer that needs no alignment, and so no padding.
    sum: [u8; 8],
}

impl Bucket {
    #[inline]
    fn add(&mut self, nanoseconds: u64) {
        self.count = self.count.saturating_add(1);
        self.sum = self.nanoseconds().saturating_add(nanoseconds).to_ne_bytes();
    }

    #[inline]
    fn nanoseconds(self) -> u64 {
        u64::from_ne_bytes(self.sum)
    }
}

impl Tempo {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            progress: Progress::default(),
            chunks: 0,
            first: None,
            last: began,
            gaps: Gaps::default(),
        }
    }

    /// A chunk came just now.
    #[inline]
    pub(super) fn chunk(&mut self) {
        let now = Instant::now();
        if self.first.is_some() {
            self.gaps.add(now.saturating_duration_since(self.last));
        } else {
            self.first = Some(now);
        }
        self.chunks = self.chunks.saturating_add(1);
        self.last = now;
    }

    /// Something else than a chunk came just now.
    pub(super) fn touch(&mut self) {
        self.last = Instant::now();
    }

    pub(super) fn chunks(&self) -> u64 {
        self.chunks
    }

    pub(super) fn last(&self) -> Instant {
        self.last
    }

    /// When the first chunk came.
    pub(super) fn first(&self) -> Option<Instant> {
        self.first
    }

    /// The distances that have gathered.
    pub(super) fn gaps(&self) -> &Gaps {
        &self.gaps
    }
}

impl Default for Gaps {
    fn default() -> Self {
        Self { least: u64::MAX, greatest: 0, buckets: [Bucket::default(); BUCKETS] }
    }
}

impl Gaps {
    #[inline]
    fn add(&mut self, gap: Duration) {
        // Six centuries fit.
        let seconds = gap.as_secs().wrapping_mul(1_000_000_000);
        let nanoseconds = seconds.wrapping_add(u64::from(gap.subsec_nanos()));
        if let Some(bucket) = self.buckets.get_mut(bucket_of(nanoseconds)) {
            bucket.add(nanoseconds);
        }
        self.least = self.least.min(nanoseconds);
        self.greatest = self.greatest.max(nanoseconds);
    }

    /// Values in seconds, each with how often it is to be recorded: the least and the greatest distance, and of the
    /// others of each bucket the mean. So the count, the sum, the minimum and the maximum of the metric are right,
    /// and its buckets are those of the single distances.
    pub(super) fn values(&self) -> Vec<(u32, f64)> {
        let mut values = Vec::new();
        let (mut least, mut greatest) = (Some(self.least), Some(self.greatest));
        for (bucket, sums) in self.buckets.iter().enumerate() {
            let (mut count, mut sum) = (sums.count, sums.nanoseconds());
            for extreme in [&mut least, &mut greatest] {
                if count > 0
                    && let Some(nanoseconds) = extreme.take_if(|it| bucket_of(*it) == bucket)
                {
                    (count, sum) = (count - 1, sum.saturating_sub(nanoseconds));
                    values.push((1, seconds(nanoseconds)));
                }
            }
            if count > 0 {
                values.push((count, seconds(sum) / f64::from(count)));
            }
        }
        values
    }
}

fn bucket_of(nanoseconds: u64) -> usize {
    BOUNDS.iter().position(|bound| nanoseconds <= *bound).unwrap_or(BOUNDS.len())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a double holds 104 days in nanoseconds exactly; beyond, the last digits do not matter"
)]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// The bounds of the buckets in nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "computed while compiling, where a mistake does not compile"
)]
const BOUNDS: [u64; BUCKETS - 1] = {
    let seconds = metric::GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK.buckets;
    let mut bounds = [0; BUCKETS - 1];
    let mut at = 0;
    while at < bounds.len() {
        // Rounded: 10.24 s is not a binary fraction.
        bounds[at] = (seconds[at] * 1e9 + 0.5) as u64;
        at += 1;
    }
    bounds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_both_metrics() {
        assert_eq!(BOUNDS[..3], [10_000_000, 20_000_000, 40_000_000]);
        assert_eq!(BOUNDS.last(), Some(&81_920_000_000));
        assert_eq!(
            metric::GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK.buckets,
            metric::GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK.buckets
        );
    }

    #[test]
    fn count_sum_least_greatest_and_buckets_are_kept() {
        let of = |milliseconds: &[u64]| {
            let mut gaps = Gaps::default();
            for gap in milliseconds {
                gaps.add(Duration::from_millis(*gap));
            }
            gaps.values()
        };
        assert_eq!(
            of(&[1, 10, 9, 10, 11, 20, 15, 100_000, 90_000]),
            // 10, 9 and 10; 11, 20 and 15.
            [(1, 0.001), (3, 0.029 / 3.0), (3, 0.046 / 3.0), (1, 100.0), (1, 90.0)]
        );
        assert_eq!(of(&[640; 7]), [(1, 0.64), (1, 0.64), (5, 0.64)]);
        assert_eq!(of(&[5]), [(1, 0.005)]);
        assert_eq!(of(&[7, 5]), [(1, 0.005), (1, 0.007)]);
        assert_eq!(of(&[]), []);
    }

    #[test]
    fn what_a_chunk_touches_lies_together() {
        let first = std::mem::offset_of!(Tempo, gaps) + std::mem::offset_of!(Gaps, buckets);
        assert!(first + size_of::<Bucket>() <= 2 * 64, "two cache lines");
        assert_eq!(size_of::<Bucket>(), 12);
    }

    #[test]
    fn the_first_chunk_has_no_distance() {
        let mut tempo = Tempo::new(Instant::now());
        assert_eq!(tempo.first(), None);
        tempo.chunk();
        assert_eq!((tempo.chunks(), tempo.gaps.values().len()), (1, 0));
        tempo.chunk();
        tempo.chunk();
        assert_eq!(
            (tempo.chunks(), tempo.gaps.values().iter().map(|(count, _)| count).sum::<u32>()),
            (3, 2)
        );
    }
}
