//! What the service answers instead of an answer: a status and `OpenAI`'s error object.

use hyper::{
    Response, StatusCode,
    header::{HeaderValue, RETRY_AFTER},
};
use serde_json::json;

use super::pieces::Pieces;

pub(super) struct Refusal {
    status: StatusCode,
    message: &'static str,
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
    /// Seconds after which another attempt may succeed.
    retry_after: Option<u16>,
}

impl Refusal {
    /// `400`: the request is not what the endpoint reads. `param` names the part at fault.
    pub(super) fn invalid(param: Option<&'static str>, message: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message,
            kind: "invalid_request_error",
            param,
            code: None,
            retry_after: None,
        }
    }

    /// `400`: a number outside of what the option takes.
    pub(super) fn out_of_range(param: &'static str) -> Self {
        Self {
            code: Some("value_out_of_range"),
            ..Self::invalid(Some(param), "The value is outside of what this option takes.")
        }
    }

    /// `401`: neither a bearer token nor an `api-key`.
    pub(super) fn unauthenticated() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Some("invalid_api_key"),
            ..Self::invalid(None, "You did not provide an API key.")
        }
    }

    /// `404`: no such path.
    pub(super) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: Some("unknown_url"),
            ..Self::invalid(None, "There is nothing at this URL.")
        }
    }

    /// `405`: there is such a path, for `POST`.
    pub(super) fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: Some("method_not_supported"),
            ..Self::invalid(None, "This URL takes POST only.")
        }
    }

    /// `429`: too many requests, try again in a second.
    pub(super) fn rate_limit() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: "requests",
            code: Some("rate_limit_exceeded"),
            retry_after: Some(1),
            ..Self::invalid(None, "Rate limit reached for requests. Please try again in 1s.")
        }
    }

    pub(super) fn into_response(self) -> Response<Pieces> {
        let Self { status, message, kind, param, code, retry_after } = self;
        let error = json!({ "message": message, "type": kind, "param": param, "code": code });
        let mut response = super::json(&json!({ "error": error }));
        *response.status_mut() = status;
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
