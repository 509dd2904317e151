//! The sampler that the environment asks for.

use opentelemetry::trace::{Link, SpanKind, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use super::fixed::{follow_or_decide, share};
use super::rate::Rate;
use super::{FixedPercentageSampler, RateLimitedSampler};
use crate::environment::names::{TRACES_SAMPLER as SAMPLER, TRACES_SAMPLER_ARG as ARGUMENT};

/// What the rate-limited sampler allows unless said, as in the reference.
pub(super) const TRACES_PER_SECOND: f64 = 5.0;

/// The sampler of `OTEL_TRACES_SAMPLER`, by the table of [the module](super); `None` where the variable is unset or
/// blank, and, with a warning, where its value is not in the table.
pub(crate) fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Option<Box<dyn ShouldSample>> {
    let said = |name| {
        env(name).map(|value| value.trim().to_owned()).filter(|value: &String| !value.is_empty())
    };
    let argument = said(ARGUMENT);
    let Some(name) = said(SAMPLER) else {
        if argument.is_some() {
            tracing::warn!(target: "llmobs", "{ARGUMENT} has no effect without {SAMPLER}");
        }
        return None;
    };
    let ratio = || number(argument.as_deref(), 1.0, "a number from 0 to 1", |ratio| ratio <= 1.0);
    Some(match name.to_ascii_lowercase().as_str() {
        "microsoft.fixed_percentage" | "microsoft.fixed.percentage" => {
            Box::new(FixedPercentageSampler::new(ratio()))
        }
        "microsoft.rate_limited" => {
            let accepted = "a number of traces per second, 0 or more";
            let limit = number(argument.as_deref(), TRACES_PER_SECOND, accepted, f64::is_finite);
            Box::new(RateLimitedSampler::new(limit))
        }
        "always_on" => Box::new(Sampler::AlwaysOn),
        "always_off" => Box::new(Sampler::AlwaysOff),
        "parentbased_always_on" => Box::new(ByTraceId::new(1.0, true)),
        "parentbased_always_off" => Box::new(ByTraceId::new(0.0, true)),
        "traceidratio" | "trace_id_ratio" => Box::new(ByTraceId::new(ratio(), false)),
        "parentbased_traceidratio" | "parentbased_trace_id_ratio" => {
            Box::new(ByTraceId::new(ratio(), true))
        }
        _ => {
            tracing::warn!(
                target: "llmobs",
                value = shown(&name),
                "{SAMPLER} names no sampler that is known and counts as absent; known are \
                 microsoft.fixed_percentage, microsoft.rate_limited, always_on, always_off, traceidratio, \
                 parentbased_always_on, parentbased_always_off, parentbased_traceidratio"
            );
            return None;
        }
    })
}

/// The argument as a number of 0 or more that is accepted; else, with a warning, the default.
fn number(
    argument: Option<&str>,
    default: f64,
    accepted: &'static str,
    accepts: impl Fn(f64) -> bool,
) -> f64 {
    let Some(argument) = argument else {
        return default;
    };
    match argument.parse::<f64>() {
        Ok(number) if number >= 0.0 && accepts(number) => number,
        _ => {
            tracing::warn!(
                target: "llmobs",
                value = shown(argument),
                "{ARGUMENT} is not {accepted}; {default} is used"
            );
            default
        }
    }
}

/// Enough of a value to find it by.
fn shown(value: &str) -> String {
    value.chars().take(60).collect()
}

/// Keeps what the SDK's sampler by trace id keeps, and says at which rate, which that one does not.
#[derive(Clone, Debug)]
struct ByTraceId {
    ratio: f64,
    sampler: Sampler,
    is_parent_based: bool,
}

impl ByTraceId {
    fn new(ratio: f64, is_parent_based: bool) -> Self {
        let ratio = share(ratio);
        Self { ratio, sampler: Sampler::TraceIdRatioBased(ratio), is_parent_based }
    }
}

impl ShouldSample for ByTraceId {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        span_kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let decide = || {
            let parent = parent_context;
            self.sampler.should_sample(parent, trace_id, name, span_kind, attributes, links)
        };
        if self.is_parent_based {
            return follow_or_decide(parent_context, self.ratio, || {
                decide().decision == SamplingDecision::RecordAndSample
            });
        }
        let mut result = decide();
        if result.decision == SamplingDecision::RecordAndSample
            && let Some(rate) = Rate::percent(self.ratio * 100.0)
        {
            // Each span is decided on for itself here, so what the parent was kept at does not count.
            result.attributes.extend(rate.attribute());
            if Rate::carried(&result.trace_state) != Some(rate) {
                result.trace_state = rate.begin(&result.trace_state);
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceState};

    use super::*;
    use crate::backend::azure_monitor::sampling::rate::SAMPLE_RATE;

    fn sampler(name: &str, argument: Option<&str>) -> Option<Box<dyn ShouldSample>> {
        from_env(&|variable| match variable {
            SAMPLER => Some(name.to_owned()),
            ARGUMENT => argument.map(str::to_owned),
            _ => None,
        })
    }

    /// Whether a trace is kept, and the rate and the trace state that it gets.
    fn decide(
        sampler: &dyn ShouldSample,
        parent: Option<(bool, &str)>,
        trace_id: u128,
    ) -> (bool, Option<String>, String) {
        let trace_id = TraceId::from(trace_id);
        let context = parent.map(|(is_sampled, state)| {
            let flags = TraceFlags::default().with_sampled(is_sampled);
            let state: TraceState = state.parse().expect(state);
            let parent = SpanContext::new(trace_id, SpanId::from(1), flags, true, state);
            Context::new().with_remote_span_context(parent)
        });
        let result =
            sampler.should_sample(context.as_ref(), trace_id, "s", &SpanKind::Client, &[], &[]);
        let rate = result.attributes.iter().find(|attribute| attribute.key.as_str() == SAMPLE_RATE);
        (
            result.decision == SamplingDecision::RecordAndSample,
            rate.map(|rate| rate.value.to_string()),
            result.trace_state.header(),
        )
    }

    /// By the SDK's measure this id lies at 1/8, by the hash at 0.5279.
    const LOW: u128 = 0x1000_0000_0000_0000;
    /// And this one at 7/8, by the hash lower.
    const HIGH: u128 = 0x7000_0000_0000_0000 * 2;

    fn said(is_kept: bool, rate: Option<&str>, state: &str) -> (bool, Option<String>, String) {
        (is_kept, rate.map(str::to_owned), state.to_owned())
    }

    #[test]
    fn each_name_gives_its_sampler() {
        for (name, argument, low, high, under_sampled, under_unsampled) in [
            ("always_on", None, said(true, None, ""), said(true, None, ""), true, true),
            ("always_off", None, said(false, None, ""), said(false, None, ""), false, false),
            (
                "parentbased_always_on",
                None,
                said(true, None, "llmobs=p:100"),
                said(true, None, "llmobs=p:100"),
                true,
                false,
            ),
            (
                "Parentbased_Always_Off",
                None,
                said(false, None, ""),
                said(false, None, ""),
                true,
                false,
            ),
            (
                "traceidratio",
                Some("0.25"),
                said(true, Some("25"), "llmobs=p:25"),
                said(false, None, ""),
                true,
                true,
            ),
            (
                "trace_id_ratio",
                Some(" 0.25 "),
                said(true, Some("25"), "llmobs=p:25"),
                said(false, None, ""),
                true,
                true,
            ),
            (
                " parentbased_traceidratio ",
                Some("0.25"),
                said(true, Some("25"), "llmobs=p:25"),
                said(false, None, ""),
                true,
                false,
            ),
            (
                "parentbased_trace_id_ratio",
                Some("0.25"),
                said(true, Some("25"), "llmobs=p:25"),
                said(false, None, ""),
                true,
                false,
            ),
        ] {
            let sampler = sampler(name, argument).expect(name);
            assert_eq!(decide(&*sampler, None, LOW), low, "{name}");
            assert_eq!(decide(&*sampler, None, HIGH), high, "{name}");
            assert_eq!(decide(&*sampler, Some((true, "")), LOW).0, under_sampled, "{name}");
            assert_eq!(decide(&*sampler, Some((false, "")), LOW).0, under_unsampled, "{name}");
        }
    }

    #[test]
    fn the_names_of_the_reference_give_our_samplers() {
        for (name, argument, expected) in [
            ("microsoft.fixed_percentage", Some("0.25"), "FixedPercentageSampler { ratio: 0.25 }"),
            ("microsoft.fixed.percentage", Some("0.5"), "FixedPercentageSampler { ratio: 0.5 }"),
            ("microsoft.fixed_percentage", None, "FixedPercentageSampler { ratio: 1.0 }"),
            (
                "Microsoft.Rate_Limited",
                Some("0.5"),
                "RateLimitedSampler { traces_per_second: 0.5, .. }",
            ),
            ("microsoft.rate_limited", None, "RateLimitedSampler { traces_per_second: 5.0, .. }"),
        ] {
            assert_eq!(format!("{:?}", sampler(name, argument).expect(name)), expected);
        }
    }

    #[test]
    fn a_bad_argument_counts_as_absent_and_a_bad_name_too() {
        for argument in ["x", "-0.1", "1.1", "nan", "inf", "25%"] {
            for name in ["microsoft.fixed_percentage", "traceidratio", "parentbased_traceidratio"] {
                let sampler = sampler(name, Some(argument)).expect(name);
                assert!(decide(&*sampler, None, HIGH).0, "{name} {argument}");
            }
        }
        for argument in ["x", "-1", "nan", "inf"] {
            let sampler = sampler("microsoft.rate_limited", Some(argument)).expect("a sampler");
            assert!(format!("{sampler:?}").contains("5.0"), "{argument}");
        }
        assert!(sampler("jaeger_remote", None).is_none());
        assert!(sampler("  ", Some("0.5")).is_none());
        assert!(from_env(&|_| None).is_none());
    }

    #[test]
    fn the_rate_of_the_parent_is_taken_where_the_parent_decides() {
        let parent = Some((true, "other=1,llmobs=p:10"));
        let state = "other=1,llmobs=p:10";
        for name in ["parentbased_traceidratio", "parentbased_always_on", "parentbased_always_off"]
        {
            let sampler = sampler(name, Some("0.25")).expect(name);
            assert_eq!(decide(&*sampler, parent, LOW), said(true, Some("10"), state), "{name}");
            assert_eq!(decide(&*sampler, parent, HIGH), said(true, Some("10"), state), "{name}");
        }
        let sampler = sampler("traceidratio", Some("0.25")).expect("a sampler");
        let own = said(true, Some("25"), "llmobs=p:25,other=1");
        assert_eq!(decide(&*sampler, parent, LOW), own);
    }
}
