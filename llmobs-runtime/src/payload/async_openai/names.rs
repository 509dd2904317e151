//! The enums that several APIs share, as the wire spells them.

use ::async_openai::types::chat::{ReasoningEffort, ServiceTier, StopConfiguration};
#[cfg(feature = "async-openai-responses")]
use ::async_openai::types::responses::ServiceTierResponses;

use crate::conventions::value;

/// The place of a choice or of a call, as the wire counts them.
pub(super) fn index(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

pub(super) fn effort(effort: &ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Xhigh => "xhigh",
        ReasoningEffort::Max => "max",
    }
}

pub(super) fn tier(tier: &ServiceTier) -> &'static str {
    match tier {
        ServiceTier::Auto => value::openai_request_service_tier::AUTO,
        ServiceTier::Default => value::openai_request_service_tier::DEFAULT,
        ServiceTier::Flex => "flex",
        ServiceTier::Scale => "scale",
        ServiceTier::Priority => "priority",
        ServiceTier::Fast => "fast",
    }
}

#[cfg(feature = "async-openai-responses")]
pub(super) fn tier_of_responses(tier: &ServiceTierResponses) -> &'static str {
    match tier {
        ServiceTierResponses::Auto => value::openai_request_service_tier::AUTO,
        ServiceTierResponses::Default => value::openai_request_service_tier::DEFAULT,
        ServiceTierResponses::Flex => "flex",
        ServiceTierResponses::Scale => "scale",
        ServiceTierResponses::Priority => "priority",
        ServiceTierResponses::Fast => "fast",
        ServiceTierResponses::Ultrafast => "ultrafast",
    }
}

/// A tier as requests record it: `auto` is what holds anyway.
pub(super) fn requested(tier: &'static str) -> Option<&'static str> {
    (tier != value::openai_request_service_tier::AUTO).then_some(tier)
}

pub(super) fn stop(stop: &StopConfiguration) -> &[String] {
    match stop {
        StopConfiguration::String(sequence) => std::slice::from_ref(sequence),
        StopConfiguration::StringArray(sequences) => sequences,
    }
}
