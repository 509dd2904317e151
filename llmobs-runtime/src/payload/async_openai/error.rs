//! What an error of the client becomes in `error.type`: the provider's code, else the HTTP status.

use std::error::Error;

use ::async_openai::error::{ApiError, OpenAIError};

use crate::payload::Text;
use crate::payload::terms::is_identifier;

/// The client refused the request before it sent anything.
const INVALID_ARGUMENT: &str = "invalid_argument";
/// The service did not answer in time.
const TIMEOUT: &str = "timeout";

/// The `error.type` of an error of `async-openai`; `None` for any other error, and for one of the client's
/// that is better told by its source.
pub(crate) fn error_type(error: &(dyn Error + 'static)) -> Option<Text> {
    if let Some(error) = error.downcast_ref::<ApiError>() {
        return code(error).map(Text::copied);
    }
    match error.downcast_ref::<OpenAIError>()? {
        OpenAIError::ApiError(refused) => Some(
            code(&refused.api_error)
                .map_or_else(|| Text::copied(refused.status_code.as_str()), Text::copied),
        ),
        OpenAIError::Reqwest(failed) => match failed.status() {
            Some(status) => Some(Text::copied(status.as_str())),
            None => failed.is_timeout().then_some(Text::Static(TIMEOUT)),
        },
        OpenAIError::InvalidArgument(_) => Some(Text::Static(INVALID_ARGUMENT)),
        _ => None,
    }
}

fn code(error: &ApiError) -> Option<&str> {
    [&error.code, &error.r#type]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .find(|it| is_identifier(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: Option<&str>, class: Option<&str>) -> ApiError {
        ApiError {
            message: "429 reasons why".into(),
            code: code.map(Into::into),
            r#type: class.map(Into::into),
            ..ApiError::default()
        }
    }

    fn named(error: &(dyn Error + 'static)) -> Option<String> {
        error_type(error).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn an_error_of_the_api_is_named_by_its_code() {
        let both = api(Some("rate_limit_exceeded"), Some("requests"));
        assert_eq!(named(&both).as_deref(), Some("rate_limit_exceeded"));
        assert_eq!(named(&api(None, Some("server_error"))).as_deref(), Some("server_error"));
        assert_eq!(
            named(&api(Some("words of a user"), Some("server_error"))).as_deref(),
            Some("server_error")
        );
        assert_eq!(named(&api(None, None)), None);
    }

    #[test]
    fn other_errors_are_left_to_others() {
        let refused = OpenAIError::InvalidArgument("model: gpt-4o".into());
        assert_eq!(named(&refused).as_deref(), Some(INVALID_ARGUMENT));
        assert_eq!(named(&std::io::Error::other("429 ")), None);
    }
}
