//! How much a span may hold, from the variables that the SDK reads.

use opentelemetry_sdk::trace::SpanLimits;

/// The limits of the SDK's spans: 128 of each, unless a variable says otherwise; see
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits>. What is no
/// number is ignored, as the SDK does.
pub(in crate::pipeline) fn from_env(variable: impl Fn(&str) -> Option<String>) -> SpanLimits {
    let mut limits = SpanLimits::default();
    let number = |name: &str| variable(name)?.parse::<u32>().ok();
    if let Some(most) = number("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") {
        limits.max_attributes_per_span = most;
    }
    if let Some(most) = number("OTEL_SPAN_EVENT_COUNT_LIMIT") {
        limits.max_events_per_span = most;
    }
    if let Some(most) = number("OTEL_SPAN_LINK_COUNT_LIMIT") {
        limits.max_links_per_span = most;
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_sets_its_limit_and_what_is_no_number_none() {
        let limits = from_env(|name| match name {
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT" => Some("7".to_owned()),
            "OTEL_SPAN_EVENT_COUNT_LIMIT" => Some("8".to_owned()),
            "OTEL_SPAN_LINK_COUNT_LIMIT" => Some("many".to_owned()),
            _ => None,
        });
        assert_eq!(limits.max_attributes_per_span, 7);
        assert_eq!(limits.max_events_per_span, 8);
        assert_eq!(limits.max_links_per_span, 128);
    }
}
