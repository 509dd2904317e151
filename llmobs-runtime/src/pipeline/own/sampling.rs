//! The sampler of a pipeline of our own: one for the SDK's spans and for calls.

use std::any::Any;
use std::sync::Arc;

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use super::Starts;
use crate::environment::names;

/// A sampler, and what it needs to know of a span.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Sampling {
    sampler: Arc<dyn ShouldSample>,
    needs: Needs,
}

/// What a sampler looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Only the parent: as it decided, and everything that has none.
    Parent,
    /// The trace's id and the parent.
    Trace,
    /// All there is, as far as we know.
    Everything,
}

impl Sampling {
    /// A sampler of the application's, which may look at anything unless it is a simple one of the SDK's.
    pub(in crate::pipeline) fn of(sampler: impl ShouldSample + 'static) -> Self {
        let any: &dyn Any = &sampler;
        let needs = match any.downcast_ref() {
            Some(Sampler::AlwaysOn | Sampler::AlwaysOff | Sampler::TraceIdRatioBased(_)) => {
                Needs::Trace
            }
            _ => Needs::Everything,
        };
        Self { sampler: Arc::new(sampler), needs }
    }

    /// A sampler that looks at neither name, kind nor attributes.
    pub(in crate::pipeline) fn blind(sampler: impl ShouldSample + 'static) -> Self {
        Self { sampler: Arc::new(sampler), needs: Needs::Trace }
    }

    /// The same of one whose type is not known.
    #[cfg(feature = "azure-monitor")]
    pub(in crate::pipeline) fn blind_boxed(sampler: Box<dyn ShouldSample>) -> Self {
        Self { sampler: Arc::from(sampler), needs: Needs::Trace }
    }

    /// The SDK's own default.
    fn as_parent() -> Self {
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
        Self { sampler: Arc::new(sampler), needs: Needs::Parent }
    }

    /// The sampler that the environment names, by the names of
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.
    /// What is not understood counts as absent. With feature `azure-monitor` the samplers of that backend have their names,
    /// too.
    pub(in crate::pipeline) fn from_env(variable: impl Fn(&str) -> Option<String>) -> Self {
        let argument = || variable(names::TRACES_SAMPLER_ARG).and_then(|it| it.parse().ok());
        let ratio = || Sampler::TraceIdRatioBased(argument().unwrap_or(1.0));
        let by_parent = |root| Self::blind(Sampler::ParentBased(Box::new(root)));
        match variable(names::TRACES_SAMPLER).as_deref() {
            Some("always_on") => Self::blind(Sampler::AlwaysOn),
            Some("always_off") => Self::blind(Sampler::AlwaysOff),
            Some("traceidratio" | "trace_id_ratio") => Self::blind(ratio()),
            Some("parentbased_always_off") => by_parent(Sampler::AlwaysOff),
            Some("parentbased_traceidratio" | "parentbased_trace_id_ratio") => by_parent(ratio()),
            #[cfg(feature = "azure-monitor")]
            Some(name) if name.starts_with("microsoft.") => {
                let sampler = crate::backend::azure_monitor::sampling::from_env(&variable);
                sampler.map_or_else(Self::as_parent, Self::blind_boxed)
            }
            _ => Self::as_parent(),
        }
    }

    /// What becomes of the span of a call.
    pub(super) fn decide(
        &self,
        parent: &Context,
        trace: TraceId,
        call: &dyn Starts,
    ) -> SamplingResult {
        match self.needs {
            Needs::Parent => {
                let above = parent.span();
                let above = above.span_context();
                // An active span that is none was not sampled, and is asked as well.
                let decision = if above.is_sampled() || !parent.has_active_span() {
                    SamplingDecision::RecordAndSample
                } else {
                    SamplingDecision::Drop
                };
                let trace_state = above.trace_state().clone();
                SamplingResult { decision, attributes: Vec::new(), trace_state }
            }
            Needs::Trace => {
                self.sampler.should_sample(Some(parent), trace, "", &SpanKind::Client, &[], &[])
            }
            Needs::Everything => self.sampler.should_sample(
                Some(parent),
                trace,
                &call.name(),
                &call.kind(),
                &call.attributes(),
                &[],
            ),
        }
    }
}

impl ShouldSample for Sampling {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        self.sampler.should_sample(parent, trace, name, kind, attributes, links)
    }
}
