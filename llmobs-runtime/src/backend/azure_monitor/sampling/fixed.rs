//! A fixed share of all traces.

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingResult, ShouldSample};

use super::rate::{Parent, Rate};
use super::score::score;
use super::{kept, left_out};

/// Keeps a fixed share of all traces: the same ones as every other Application Insights SDK with that ratio.
///
/// A span with a parent goes the parent's way; see [the module](super).
///
/// ```
/// use llmobs_runtime::backend::azure_monitor::sampling::FixedPercentageSampler;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let tracers = SdkTracerProvider::builder().with_sampler(FixedPercentageSampler::new(0.25)).build();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPercentageSampler {
    ratio: f64,
}

impl FixedPercentageSampler {
    /// Keeps this share of traces: 0 none, 1 all. A number below or above counts as the nearer of the two, and what is
    /// not a number as 1: rather too much telemetry than none.
    pub fn new(ratio: f64) -> Self {
        Self { ratio: share(ratio) }
    }

    fn keeps(&self, trace_id: TraceId) -> bool {
        self.ratio >= 1.0 || score(trace_id) < self.ratio
    }
}

impl ShouldSample for FixedPercentageSampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        follow_or_decide(parent_context, self.ratio, || self.keeps(trace_id))
    }
}

/// A ratio from 0 to 1.
pub(super) fn share(ratio: f64) -> f64 {
    if ratio.is_nan() { 1.0 } else { ratio.clamp(0.0, 1.0) }
}

/// The parent's way, or that of `keeps`, which would keep such a share of all traces.
pub(super) fn follow_or_decide(
    parent_context: Option<&Context>,
    ratio: f64,
    keeps: impl FnOnce() -> bool,
) -> SamplingResult {
    let own = Rate::percent(ratio * 100.0);
    match Parent::of(parent_context) {
        Some(parent) if !parent.is_sampled => left_out(parent.state),
        // Nothing is begun here, so the trace state stays as it is: every span below comes to the same conclusion.
        Some(parent) => kept(parent.rate.or_else(|| own.filter(|_| keeps())), parent.state),
        None => match own.filter(|_| keeps()) {
            Some(rate) => kept(Some(rate), rate.begin(&TraceState::NONE)),
            None => left_out(TraceState::NONE),
        },
    }
}
