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
#[derive(Clone, Debug)]
pub(super) struct Tempo {
    pub(super) progress: Progress,
    chunks: u64,
    first: Option<Instant>,
    /// When the last chunk or error came.
    last: Instant,
    gaps: Gaps,
}

/// Distances between chunks, by bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps {
    counts: [u32; BUCKETS],
    nanoseconds: [u64; BUCKETS],
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
        self.chunks = self.chunks.wrapping_add(1);
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

impl Gaps {
    #[inline]
    fn add(&mut self, gap: Duration) {
        // Six centuries fit.
        let seconds = gap.as_secs().wrapping_mul(1_000_000_000);
        let nanoseconds = seconds.wrapping_add(u64::from(gap.subsec_nanos()));
        let bucket = BOUNDS.iter().position(|bound| nanoseconds <= *bound).unwrap_or(BOUNDS.len());
        if let (Some(count), Some(sum)) =
            (self.counts.get_mut(bucket), self.nanoseconds.get_mut(bucket))
        {
            *count = count.wrapping_add(1);
            *sum = sum.wrapping_add(nanoseconds);
        }
    }

    /// For each bucket that is not empty: how many distances, and their mean in seconds. So the count and the sum of
    /// the metric are right, and its buckets are those of the single distances.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double holds 104 days in nanoseconds exactly; beyond, the last digits do not matter"
    )]
    pub(super) fn means(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.counts
            .iter()
            .zip(&self.nanoseconds)
            .filter(|(count, _)| **count > 0)
            .map(|(count, sum)| (*count, *sum as f64 / f64::from(*count) / 1e9))
    }
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
    fn the_mean_of_a_bucket_lies_in_it_and_the_sum_is_kept() {
        let mut gaps = Gaps::default();
        for milliseconds in [1, 10, 10, 11, 20, 100_000] {
            gaps.add(Duration::from_millis(milliseconds));
        }
        let means: Vec<_> = gaps.means().collect();
        assert_eq!(means, [(3, 0.007), (2, 0.015_5), (1, 100.0)]);
        let mut border = Gaps::default();
        for _ in 0..7 {
            border.add(Duration::from_millis(640));
        }
        assert_eq!(border.means().collect::<Vec<_>>(), [(7, 0.64)]);
    }

    #[test]
    fn the_first_chunk_has_no_distance() {
        let mut tempo = Tempo::new(Instant::now());
        assert_eq!(tempo.first(), None);
        tempo.chunk();
        assert_eq!((tempo.chunks(), tempo.gaps.means().count()), (1, 0));
        tempo.chunk();
        tempo.chunk();
        assert_eq!(
            (tempo.chunks(), tempo.gaps.means().map(|(count, _)| count).sum::<u32>()),
            (3, 2)
        );
    }
}
