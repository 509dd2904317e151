//! How much a span may hold, from the environment.

use opentelemetry_sdk::trace::SpanLimits;

use crate::environment::{names, whole};

/// The limits of the SDK's spans: 128 of each, unless a variable says otherwise; see
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits>. What is no
/// number is ignored.
pub(in crate::pipeline) fn from_env(variable: impl Fn(&str) -> Option<String>) -> SpanLimits {
    let number = |name: &str| Some(u32::try_from(whole(&variable(name)?)?).unwrap_or(u32::MAX));
    let all = number(names::ATTRIBUTE_COUNT_LIMIT);
    let defaults = SpanLimits::default();
    SpanLimits {
        max_attributes_per_span: number(names::SPAN_ATTRIBUTE_COUNT_LIMIT)
            .or(all)
            .unwrap_or(defaults.max_attributes_per_span),
        max_events_per_span: number(names::SPAN_EVENT_COUNT_LIMIT)
            .unwrap_or(defaults.max_events_per_span),
        max_links_per_span: number(names::SPAN_LINK_COUNT_LIMIT)
            .unwrap_or(defaults.max_links_per_span),
        max_attributes_per_event: number(names::EVENT_ATTRIBUTE_COUNT_LIMIT)
            .or(all)
            .unwrap_or(defaults.max_attributes_per_event),
        max_attributes_per_link: number(names::LINK_ATTRIBUTE_COUNT_LIMIT)
            .or(all)
            .unwrap_or(defaults.max_attributes_per_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> [u32; 5] {
        let limits = from_env(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        [
            limits.max_attributes_per_span,
            limits.max_events_per_span,
            limits.max_links_per_span,
            limits.max_attributes_per_event,
            limits.max_attributes_per_link,
        ]
    }

    #[test]
    fn each_variable_sets_its_limit_and_what_is_no_number_none() {
        let each = [
            (names::SPAN_ATTRIBUTE_COUNT_LIMIT, "7"),
            (names::SPAN_EVENT_COUNT_LIMIT, "8"),
            (names::SPAN_LINK_COUNT_LIMIT, "0"),
            (names::EVENT_ATTRIBUTE_COUNT_LIMIT, "9999999999"),
            (names::LINK_ATTRIBUTE_COUNT_LIMIT, "many"),
        ];
        assert_eq!(of(&each), [7, 8, 0, u32::MAX, 128]);
        assert_eq!(of(&[]), [128; 5]);
    }

    #[test]
    fn the_limit_for_all_attributes_holds_where_there_is_none_of_the_place() {
        let all = (names::ATTRIBUTE_COUNT_LIMIT, "5");
        assert_eq!(of(&[all]), [5, 128, 128, 5, 5]);
        let mixed = [all, (names::SPAN_ATTRIBUTE_COUNT_LIMIT, "6")];
        assert_eq!(of(&mixed), [6, 128, 128, 5, 5]);
    }
}
