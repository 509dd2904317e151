//! What raw JSON and the types of client crates have in common.

/// The finish reason in the place of a generation that ended without one, or badly.
pub(in crate::payload) const ERROR: &str = "error";

/// No identifier of an error is longer; what is longer is prose.
#[cfg(any(feature = "enable", feature = "async-openai-responses"))]
const IDENTIFIER_LIMIT: usize = 96;

/// Whether `text` can be the name of an error: a message, which may hold content or a key, is none.
#[cfg(any(feature = "enable", feature = "async-openai-responses"))]
pub(in crate::payload) fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= IDENTIFIER_LIMIT
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte))
}

/// The finish reason of a response of the Responses API, which has a status instead. The conventions
/// derive the one from the other; a generation that is still going on has no reason yet.
#[cfg(any(feature = "enable", feature = "async-openai-responses"))]
pub(in crate::payload) fn finish_reason<'a>(
    status: &str,
    incomplete: Option<&'a str>,
    waits_for_tools: impl FnOnce() -> bool,
) -> Option<&'a str> {
    match status {
        "completed" if waits_for_tools() => Some("tool_calls"),
        "completed" => Some("stop"),
        "incomplete" => match incomplete {
            Some("max_output_tokens") => Some("length"),
            Some(reason) if is_identifier(reason) => Some(reason),
            _ => Some(ERROR),
        },
        "failed" | "cancelled" => Some(ERROR),
        _ => None,
    }
}

/// How many 32-bit floats a base64 text holds, told by its length alone.
#[cfg(any(feature = "enable", feature = "async-openai"))]
pub(in crate::payload) fn floats_in_base64(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=').len();
    // Four digits are three bytes; a rest of two or three digits is one or two, of one digit a mistake.
    let bytes = digits / 4 * 3 + (digits % 4).saturating_sub(1);
    (bytes > 0 && bytes.is_multiple_of(4) && digits % 4 != 1).then_some(bytes / 4)
}

/// A finish reason for each choice, or nothing where no choice has one.
#[cfg(any(feature = "enable", feature = "async-openai"))]
pub(in crate::payload) fn aligned<'a>(
    reasons: impl Iterator<Item = Option<&'a str>> + Clone,
) -> Option<Vec<&'a str>> {
    let any = reasons.clone().any(|reason| reason.is_some());
    any.then(|| reasons.map(|reason| reason.unwrap_or(ERROR)).collect())
}

#[cfg(all(test, any(feature = "enable", feature = "async-openai-responses")))]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_base64_tells_the_dimensions() {
        // One, two and three floats: 4, 8 and 12 bytes.
        assert_eq!(floats_in_base64("AACAPw=="), Some(1));
        assert_eq!(floats_in_base64("AACAPwAAAEA="), Some(2));
        assert_eq!(floats_in_base64("AACAPwAAAEAAAEBA"), Some(3));
        assert_eq!(floats_in_base64("AACAPw"), Some(1));
        for wrong in ["", "=", "A", "AAAA", "AAAAA", "===="] {
            assert_eq!(floats_in_base64(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_status_becomes_a_finish_reason() {
        let reason = |status, incomplete, tools: bool| finish_reason(status, incomplete, || tools);
        assert_eq!(reason("completed", None, false), Some("stop"));
        assert_eq!(reason("completed", None, true), Some("tool_calls"));
        assert_eq!(reason("incomplete", Some("max_output_tokens"), true), Some("length"));
        assert_eq!(reason("incomplete", Some("content_filter"), false), Some("content_filter"));
        assert_eq!(reason("incomplete", Some("not an identifier"), false), Some(ERROR));
        assert_eq!(reason("incomplete", None, false), Some(ERROR));
        assert_eq!(reason("failed", None, false), Some(ERROR));
        assert_eq!(reason("cancelled", None, false), Some(ERROR));
        assert_eq!(reason("queued", None, false), None);
        assert_eq!(reason("in_progress", None, true), None);
    }

    #[test]
    fn reasons_stand_in_the_places_of_their_choices() {
        let list = [None, Some("stop")];
        assert_eq!(aligned(list.into_iter()), Some(vec![ERROR, "stop"]));
        assert_eq!(aligned([None, None].into_iter()), None);
        assert_eq!(aligned(std::iter::empty()), None);
    }

    #[test]
    fn prose_is_no_identifier() {
        assert!(is_identifier("context_length_exceeded") && is_identifier("a".repeat(96).as_str()));
        assert!(
            !is_identifier("You said no") && !is_identifier("") && !is_identifier(&"a".repeat(97))
        );
    }
}
