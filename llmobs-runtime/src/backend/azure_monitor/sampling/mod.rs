//! Samplers: a fixed percentage, or so many traces per second; whole traces either way.

/// Keeps a fixed share of all traces.
#[derive(Clone, Debug)]
pub struct FixedPercentageSampler {}

/// Keeps about so many traces each second.
#[derive(Clone, Debug)]
pub struct RateLimitedSampler {}
