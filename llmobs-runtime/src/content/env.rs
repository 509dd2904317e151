//! What the environment says about content.

use std::sync::atomic::{AtomicBool, Ordering};

use super::ContentCapture;
use crate::environment::names::{
    ATTRIBUTE_VALUE_LENGTH_LIMIT as ANY_LIMIT, CAPTURE,
    LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT as LOG_LIMIT,
    SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT as SPAN_LIMIT,
};
use crate::environment::whole;

/// Whether a value of the variable is one that is understood.
pub(crate) fn is_known_mode(said: &str) -> bool {
    parse_mode(said).is_ok()
}

/// Where the environment wants content to go; `None` where it says nothing. What it says and nobody understands
/// captures nothing.
pub(super) fn mode(env: &impl Fn(&str) -> Option<String>) -> Option<ContentCapture> {
    static WARNED: AtomicBool = AtomicBool::new(false);
    let said = parse_mode(&env(CAPTURE)?);
    // The value is not shown: it might be a secret that stands in the wrong place.
    if said.is_err() && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            target: "llmobs",
            "{CAPTURE} has a value that is none of NO_CONTENT, SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, \
             true (as EVENT_ONLY) and false (as NO_CONTENT): no content is captured"
        );
    }
    said.unwrap_or(Some(ContentCapture::NoContent))
}

/// `true` is from a time when content went into one event per message and never onto spans, so that who still
/// sets it gets events.
fn parse_mode(said: &str) -> Result<Option<ContentCapture>, ()> {
    Ok(Some(match said.trim().to_ascii_lowercase().as_str() {
        "" => return Ok(None),
        "no_content" | "false" => ContentCapture::NoContent,
        "span_only" => ContentCapture::SpanOnly,
        "event_only" | "true" => ContentCapture::EventOnly,
        "span_and_event" => ContentCapture::SpanAndEvent,
        _ => return Err(()),
    }))
}

/// How long an attribute may be in all places where `mode` puts content; `None` where nobody limits it.
pub(super) fn limit(mode: ContentCapture, env: &impl Fn(&str) -> Option<String>) -> Option<usize> {
    static WARNED: AtomicBool = AtomicBool::new(false);
    let read = |name: &str| {
        let said = parse_limit(&env(name)?);
        if said.is_err() && !WARNED.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "llmobs", "{name} is not a number of characters: it is ignored");
        }
        said.unwrap_or_default()
    };
    let for_all = read(ANY_LIMIT);
    let of = |used: bool, name| if used { read(name).or(for_all) } else { None };
    let (spans, logs) = (of(mode.on_spans(), SPAN_LIMIT), of(mode.in_events(), LOG_LIMIT));
    spans.into_iter().chain(logs).min()
}

fn parse_limit(said: &str) -> Result<Option<usize>, ()> {
    if said.trim().is_empty() {
        return Ok(None);
    }
    whole(said).map(|most| Some(usize::try_from(most).unwrap_or(usize::MAX))).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::ContentCapture::{EventOnly, NoContent, SpanAndEvent, SpanOnly};
    use super::*;

    #[test]
    fn modes_are_read_in_any_case() {
        for (said, mode) in [
            ("NO_CONTENT", NoContent),
            ("span_only", SpanOnly),
            (" Event_Only\n", EventOnly),
            ("SPAN_AND_EVENT", SpanAndEvent),
            ("True", EventOnly),
            ("FALSE", NoContent),
        ] {
            assert_eq!(parse_mode(said), Ok(Some(mode)), "{said}");
        }
        assert_eq!(parse_mode("  "), Ok(None));
        for said in ["1", "yes", "SPAN", "span-only", "SPAN_ONLY,EVENT_ONLY"] {
            assert_eq!(parse_mode(said), Err(()), "{said}");
        }
        assert_eq!(mode(&|_| Some("1".to_owned())), Some(NoContent));
    }

    #[test]
    fn limits_are_read_as_the_specification_has_them() {
        assert_eq!(parse_limit("128"), Ok(Some(128)));
        assert_eq!(parse_limit("0"), Ok(Some(0)));
        assert_eq!(parse_limit(" "), Ok(None));
        assert_eq!(parse_limit(&"9".repeat(99)), Ok(Some(usize::MAX)));
        for said in ["-1", "1k", "1.5", "none"] {
            assert_eq!(parse_limit(said), Err(()), "{said}");
        }
    }

    #[test]
    fn the_limit_of_the_place_goes_before_the_general_one() {
        let env = |name: &str| {
            let value = match name {
                ANY_LIMIT => "50",
                SPAN_LIMIT => "70",
                LOG_LIMIT => "bad",
                _ => return None,
            };
            Some(value.to_owned())
        };
        assert_eq!(limit(SpanOnly, &env), Some(70));
        assert_eq!(limit(EventOnly, &env), Some(50));
        assert_eq!(limit(SpanAndEvent, &env), Some(50));
        assert_eq!(limit(NoContent, &env), None);
        assert_eq!(limit(SpanAndEvent, &|_| None), None);
    }
}
