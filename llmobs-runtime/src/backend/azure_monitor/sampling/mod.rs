//! Samplers: a fixed percentage, or so many traces per second; whole traces either way.
//!
//! Both decide where a trace begins, by its id alone, and say with the decision how many percent of all traces are
//! kept like it: the *sample rate*, which is on each item, so that Azure Monitor counts an item kept at 25 % as four.
//! An item kept at 100 % has none: it stands for itself, as the service takes every item that says nothing.
//!
//! Where a span has a parent, in this process or in another, the parent's decision is its own, and its rate too, so
//! no trace has holes and all of its items count alike. The rate travels with the trace, as a member of the
//! [W3C trace state](https://www.w3.org/TR/trace-context-2/#tracestate-header): `llmobs=p:25` says 25 %; less than
//! 0.0001 % is not believed, as anybody can send one. Under a parent that is kept without saying at which rate,
//! [`FixedPercentageSampler`] takes its own where it would have kept the trace itself, as services with one ratio agree
//! on every trace; else the rate is unknown, and no item says one.
//!
//! # From the environment
//!
//! A pipeline of ours reads `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. Case does not matter.
//!
//! | `OTEL_TRACES_SAMPLER` | sampler | `OTEL_TRACES_SAMPLER_ARG` |
//! |---|---|---|
//! | `microsoft.fixed_percentage`, `microsoft.fixed.percentage` | [`FixedPercentageSampler`] | ratio from 0 to 1, else 1 |
//! | `microsoft.rate_limited` | [`RateLimitedSampler`] | traces per second, else 5 |
//! | `always_on`, `always_off` | every span, no span | |
//! | `parentbased_always_on`, `parentbased_always_off` | as the parent; roots all, roots none | |
//! | `traceidratio`, `trace_id_ratio` | by the trace's id as OpenTelemetry's SDK does, parent or not | ratio, else 1 |
//! | `parentbased_traceidratio`, `parentbased_trace_id_ratio` | as the parent; roots by the id as the SDK does | ratio, else 1 |
//!
//! The last two rows keep what the SDK's own samplers keep, and say the rate. A name that is not in the table, and an
//! argument that is no such number, give one warning and count as absent.

mod environment;
mod fixed;
mod limited;
mod rate;
mod score;
#[cfg(test)]
mod simulation;

pub(crate) use environment::from_env;
pub use fixed::FixedPercentageSampler;
pub use limited::RateLimitedSampler;

use opentelemetry::KeyValue;
use opentelemetry::trace::TraceState;
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult};

use rate::Rate;
pub(super) use rate::SAMPLE_RATE;

/// The rate that our member of a trace state tells, in percent; `None` where everything is kept.
pub(super) fn rate_of(state: &TraceState) -> Option<f64> {
    Rate::carried(state)?.below_all()
}

/// Kept; with its rate on the span and in the trace state, as far as it is known.
fn kept(rate: Option<Rate>, trace_state: TraceState) -> SamplingResult {
    let attributes = rate.and_then(Rate::attribute).map_or_else(Vec::new, |rate| vec![rate]);
    sampled(SamplingDecision::RecordAndSample, attributes, trace_state)
}

/// Not kept, and nothing said of it.
fn left_out(trace_state: TraceState) -> SamplingResult {
    sampled(SamplingDecision::Drop, Vec::new(), trace_state)
}

fn sampled(
    decision: SamplingDecision,
    attributes: Vec<KeyValue>,
    trace_state: TraceState,
) -> SamplingResult {
    SamplingResult { decision, attributes, trace_state }
}
