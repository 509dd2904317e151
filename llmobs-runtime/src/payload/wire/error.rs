//! Errors that a body reports, although it may have come with a successful status.

use std::borrow::Cow;

use serde_json::Value;

use super::read::{Object, count, is, text};
use crate::conventions::value;
use crate::payload::terms::is_identifier;

/// The class of the error that `body` reports, if it reports one.
pub(super) fn class(body: &Object) -> Option<Cow<'_, str>> {
    match body.get("error") {
        Some(Value::Object(error)) if !error.is_empty() => Some(classify(error)),
        // A bare message tells that the call failed, and nothing else that may be recorded.
        Some(Value::String(message)) if !message.is_empty() => {
            Some(Cow::Borrowed(value::error_type::OTHER))
        }
        _ if is(body, "object", "error") => Some(classify(body)),
        _ => gateway(body),
    }
}

/// The class of the error that an event of the type `error` reports: OpenAI's holds it among its own members,
/// Anthropic's in one of them.
pub(super) fn class_of_event(body: &Object) -> Cow<'_, str> {
    class(body)
        .or_else(|| identifier(body, "code"))
        .unwrap_or(Cow::Borrowed(value::error_type::OTHER))
}

/// `code` is the finer of the two, `type` the one that is always there.
fn classify(error: &Object) -> Cow<'_, str> {
    identifier(error, "code")
        .or_else(|| identifier(error, "type"))
        .unwrap_or(Cow::Borrowed(value::error_type::OTHER))
}

fn identifier<'a>(error: &'a Object, key: &str) -> Option<Cow<'a, str>> {
    if let Some(text) = text(error, key) {
        return is_identifier(text).then_some(Cow::Borrowed(text));
    }
    count(error, key).map(|code| Cow::Owned(code.to_string()))
}

/// What the gateway in front of Azure's services answers itself: `{"statusCode": 429, "message": "…"}`.
fn gateway(body: &Object) -> Option<Cow<'_, str>> {
    let status = count(body, "statusCode").filter(|status| (400..600).contains(status))?;
    text(body, "message").map(|_| Cow::Owned(status.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class_of(body: &Value) -> Option<String> {
        class(body.as_object()?).map(Cow::into_owned)
    }

    #[test]
    fn a_code_goes_before_a_type_and_a_number_becomes_text() {
        let body = json!({"error": {"code": "rate_limit_exceeded", "type": "requests"}});
        assert_eq!(class_of(&body).as_deref(), Some("rate_limit_exceeded"));
        let body = json!({"error": {"code": null, "type": "invalid_request_error"}});
        assert_eq!(class_of(&body).as_deref(), Some("invalid_request_error"));
        let body = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}});
        assert_eq!(class_of(&body).as_deref(), Some("429"));
        let body =
            json!({"object": "error", "message": "no", "type": "BadRequestError", "code": 400});
        assert_eq!(class_of(&body).as_deref(), Some("400"));
        let body = json!({"statusCode": 401, "message": "Access denied"});
        assert_eq!(class_of(&body).as_deref(), Some("401"));
    }

    #[test]
    fn a_message_is_never_an_error_type() {
        for body in [
            json!({"error": "user said: secret"}),
            json!({"error": {"code": "user said: secret", "message": "secret"}}),
            json!({"error": {"type": "s".repeat(1000)}}),
        ] {
            assert_eq!(class_of(&body).as_deref(), Some(value::error_type::OTHER), "{body}");
        }
    }

    #[test]
    fn no_error_is_no_error() {
        for body in [
            json!({"error": null}),
            json!({"error": {}}),
            json!({"error": ""}),
            json!({"statusCode": 200}),
            json!({}),
        ] {
            assert_eq!(class_of(&body), None, "{body}");
        }
    }
}
